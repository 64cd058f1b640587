-- The consent function as 0001 had it.
create or replace function consent_until(person uuid, partner uuid, street uuid, today date) returns date
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return (
        select max(least(coalesce(c.to_on, 'infinity'), coalesce(c.paper_due_on, 'infinity')))
          from consents c
         where c.person_id = person and c.grantee_id in (partner, street)
           and c.purpose = 'SERVICE' and c.status = 'ACTIVE'
           and c.from_on <= today and (c.to_on is null or c.to_on >= today)
           and (c.basis = 'CONSENT' or (c.paper_due_on >= today and not exists (
                   select from consents l
                    where l.person_id = person and l.grantee_id = c.grantee_id and l.purpose = 'SERVICE'
                      and l.basis = 'CONSENT' and l.from_on <= today
                      and (l.created_at, l.id) > (c.created_at, c.id)))));
end $$;

drop function audit_links(uuid, bigint, integer);
drop function memberships_over(date);

drop index ix_idempotency_keys_created_at;
