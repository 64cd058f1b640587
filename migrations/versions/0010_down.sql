-- Whether a session may still act, as 0001 asked it.
create or replace function hub_live(membership uuid, client uuid, today date) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return exists (
               select from memberships m join users u on u.id = m.user_id
                where m.id = membership and m.ended_at is null and u.active
                  and m.valid_from_on <= today and (m.valid_to_on is null or m.valid_to_on >= today))
           and (client is null or exists (
               select from clients c
                where c.id = client and c.membership_id = membership and c.revoked_at is null));
end $$;
