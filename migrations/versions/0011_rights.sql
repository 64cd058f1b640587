-- Last day on which a consent opens the person to the partner; null when none is in force. Given to the partner itself or
-- to her street, for SERVICE. What she takes back from a partner is not opened to it by a consent that she had given to
-- the street before: the newest of her words about it counts. A vital interest lasts until its paper is due, and no longer
-- once a consent was recorded after it: that one decides then, also when it has been withdrawn.
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
           and (c.grantee_id = partner or not exists (
                   select from consents w
                    where w.person_id = person and w.grantee_id = partner and w.purpose = 'SERVICE'
                      and w.basis = 'CONSENT' and w.status = 'WITHDRAWN' and w.withdrawn_at >= c.created_at))
           and (c.basis = 'CONSENT' or (c.paper_due_on >= today and not exists (
                   select from consents l
                    where l.person_id = person and l.grantee_id = c.grantee_id and l.purpose = 'SERVICE'
                      and l.basis = 'CONSENT' and l.from_on <= today
                      and (l.created_at, l.id) > (c.created_at, c.id)))));
end $$;

-- Who was let in by the function as it was.
select refresh_person_access(w.person_id)
  from (select distinct person_id from consents
         where status = 'WITHDRAWN' and basis = 'CONSENT' and purpose = 'SERVICE' order by 1) w;

-- Every membership that may not act today. There are few of them beside the rows that name one, of which each would ask
-- `hub_live`: 280 ms for the 9,000 open cases of a partner, and 13 this way.
create function memberships_over(today date) returns uuid[]
    language sql stable security definer set search_path = public, pg_temp
as $$
    select coalesce(array_agg(m.id), '{}')
      from memberships m join users u on u.id = m.user_id
     where m.ended_at is not null or not u.active or m.valid_from_on > today or m.valid_to_on < today
$$;

create index ix_idempotency_keys_created_at on idempotency_keys (created_at);

create or replace view state_moves (table_name, source, target) as values
    ('activity_series', null, 'OPEN'),
    ('activity_series', 'OPEN', 'CANCELLED'),
    ('activity_series', 'OPEN', 'CLOSED'),
    ('agreements', null, 'DRAFT'),
    ('agreements', 'ACTIVE', 'CLOSING'),
    ('agreements', 'ACTIVE', 'TERMINATED'),
    ('agreements', 'APPROVED', 'CANCELLED'),
    ('agreements', 'APPROVED', 'DECLINED'),
    ('agreements', 'APPROVED', 'DRAFT'),
    ('agreements', 'APPROVED', 'PARTNER_ACCEPTED'),
    ('agreements', 'APPROVED', 'RETURNED'),
    ('agreements', 'CERTIFIED', 'APPROVED'),
    ('agreements', 'CERTIFIED', 'CANCELLED'),
    ('agreements', 'CERTIFIED', 'DRAFT'),
    ('agreements', 'CERTIFIED', 'RETURNED'),
    ('agreements', 'CLOSING', 'CLOSED'),
    ('agreements', 'CLOSING', 'TERMINATED'),
    ('agreements', 'DRAFT', 'CANCELLED'),
    ('agreements', 'DRAFT', 'IN_REVIEW'),
    ('agreements', 'IN_REVIEW', 'CANCELLED'),
    ('agreements', 'IN_REVIEW', 'CERTIFIED'),
    ('agreements', 'IN_REVIEW', 'DRAFT'),
    ('agreements', 'IN_REVIEW', 'RETURNED'),
    ('agreements', 'PARTNER_ACCEPTED', 'ACTIVE'),
    ('agreements', 'PARTNER_ACCEPTED', 'CANCELLED'),
    ('agreements', 'RETURNED', 'CANCELLED'),
    ('agreements', 'RETURNED', 'DRAFT'),
    ('agreements', 'SUSPENDED', 'CLOSING'),
    ('agreements', 'SUSPENDED', 'TERMINATED'),
    ('appeals', null, 'FILED'),
    ('appeals', 'FILED', 'DENIED'),
    ('appeals', 'FILED', 'UPHELD'),
    ('bank_accounts', null, 'PROPOSED'),
    ('bank_accounts', 'PROPOSED', 'RETIRED'),
    ('bank_accounts', 'PROPOSED', 'VERIFIED'),
    ('bank_accounts', 'VERIFIED', 'RETIRED'),
    ('callbacks', null, 'DUE'),
    ('callbacks', 'DUE', 'CANCELLED'),
    ('callbacks', 'DUE', 'CONFIRMED'),
    ('callbacks', 'DUE', 'FAILED'),
    ('callbacks', 'DUE', 'NOT_REACHED'),
    ('callbacks', 'NOT_REACHED', 'CANCELLED'),
    ('callbacks', 'NOT_REACHED', 'CONFIRMED'),
    ('callbacks', 'NOT_REACHED', 'FAILED'),
    ('cases', null, 'OPEN'),
    ('cases', 'ACTIVE', 'CLOSED'),
    ('cases', 'ACTIVE', 'CLOSING'),
    ('cases', 'ASSESSING', 'CLOSED'),
    ('cases', 'ASSESSING', 'PLANNED'),
    ('cases', 'CLOSING', 'ACTIVE'),
    ('cases', 'CLOSING', 'CLOSED'),
    ('cases', 'OPEN', 'ACTIVE'),
    ('cases', 'OPEN', 'ASSESSING'),
    ('cases', 'OPEN', 'CLOSED'),
    ('cases', 'PLANNED', 'ACTIVE'),
    ('cases', 'PLANNED', 'CLOSED'),
    ('cases', 'SUSPENDED', 'CLOSED'),
    ('consents', null, 'ACTIVE'),
    ('consents', 'ACTIVE', 'EXPIRED'),
    ('consents', 'ACTIVE', 'WITHDRAWN'),
    ('deductions', null, 'PROPOSED'),
    ('deductions', 'APPLIED', 'LIFTED'),
    ('deductions', 'APPLIED', 'PROPOSED'),
    ('deductions', 'APPLIED', 'WITHDRAWN'),
    ('deductions', 'PROPOSED', 'APPLIED'),
    ('deductions', 'PROPOSED', 'WITHDRAWN'),
    ('deliveries', null, 'RECORDED'),
    ('deliveries', 'DISPUTED', 'VERIFIED'),
    ('deliveries', 'DISPUTED', 'VOIDED'),
    ('deliveries', 'FLAGGED', 'DISPUTED'),
    ('deliveries', 'FLAGGED', 'VERIFIED'),
    ('deliveries', 'FLAGGED', 'VOIDED'),
    ('deliveries', 'RECORDED', 'DISPUTED'),
    ('deliveries', 'RECORDED', 'FLAGGED'),
    ('deliveries', 'RECORDED', 'VERIFIED'),
    ('deliveries', 'RECORDED', 'VOIDED'),
    ('deliveries', 'VERIFIED', 'DISPUTED'),
    ('documents', null, 'PENDING'),
    ('documents', 'PENDING', 'EXPIRED'),
    ('documents', 'PENDING', 'STORED'),
    ('goals', null, 'OPEN'),
    ('goals', 'OPEN', 'ACHIEVED'),
    ('goals', 'OPEN', 'DROPPED'),
    ('goals', 'OPEN', 'NOT_ACHIEVED'),
    ('goals', 'OPEN', 'PARTLY_ACHIEVED'),
    ('group_sessions', null, 'PLANNED'),
    ('group_sessions', 'PLANNED', 'CANCELLED'),
    ('group_sessions', 'PLANNED', 'HELD'),
    ('invoices', null, 'HANDED_IN'),
    ('invoices', 'HANDED_IN', 'MATCHED'),
    ('invoices', 'HANDED_IN', 'REFUSED'),
    ('invoices', 'HANDED_IN', 'VOIDED'),
    ('invoices', 'MATCHED', 'REFUSED'),
    ('invoices', 'MATCHED', 'VOIDED'),
    ('milestones', null, 'SCHEDULED'),
    ('milestones', 'ACCEPTED', 'CANCELLED'),
    ('milestones', 'ACCEPTED', 'RETURNED'),
    ('milestones', 'ACCEPTED', 'SETTLED'),
    ('milestones', 'PARTIALLY_ACCEPTED', 'CANCELLED'),
    ('milestones', 'PARTIALLY_ACCEPTED', 'RETURNED'),
    ('milestones', 'PARTIALLY_ACCEPTED', 'SETTLED'),
    ('milestones', 'REJECTED', 'ACCEPTED'),
    ('milestones', 'REJECTED', 'CANCELLED'),
    ('milestones', 'REJECTED', 'PARTIALLY_ACCEPTED'),
    ('milestones', 'REJECTED', 'SUBMITTED'),
    ('milestones', 'RETURNED', 'CANCELLED'),
    ('milestones', 'RETURNED', 'SUBMITTED'),
    ('milestones', 'SCHEDULED', 'CANCELLED'),
    ('milestones', 'SCHEDULED', 'SUBMITTED'),
    ('milestones', 'SETTLED', 'ACCEPTED'),
    ('milestones', 'SETTLED', 'PARTIALLY_ACCEPTED'),
    ('milestones', 'SUBMITTED', 'ACCEPTED'),
    ('milestones', 'SUBMITTED', 'PARTIALLY_ACCEPTED'),
    ('milestones', 'SUBMITTED', 'REJECTED'),
    ('milestones', 'SUBMITTED', 'RETURNED'),
    ('milestones', 'SUBMITTED', 'SCHEDULED'),
    ('needs', null, 'OPEN'),
    ('needs', 'OPEN', 'MET'),
    ('needs', 'OPEN', 'NOT_MET'),
    ('needs', 'OPEN', 'PARTLY_MET'),
    ('needs', 'OPEN', 'WITHDRAWN'),
    ('offers', null, 'OFFERED'),
    ('offers', 'OFFERED', 'ACCEPTED'),
    ('offers', 'OFFERED', 'DECLINED'),
    ('offers', 'OFFERED', 'EXPIRED'),
    ('offers', 'OFFERED', 'WITHDRAWN'),
    ('payment_requests', null, 'CREATED'),
    ('payment_requests', 'APPROVED', 'REJECTED'),
    ('payment_requests', 'APPROVED', 'RETURNED'),
    ('payment_requests', 'APPROVED', 'SENT'),
    ('payment_requests', 'CHECKED', 'APPROVED'),
    ('payment_requests', 'CHECKED', 'REJECTED'),
    ('payment_requests', 'CHECKED', 'RETURNED'),
    ('payment_requests', 'CONFIRMED', 'CHECKED'),
    ('payment_requests', 'CONFIRMED', 'REJECTED'),
    ('payment_requests', 'CONFIRMED', 'RETURNED'),
    ('payment_requests', 'CREATED', 'CONFIRMED'),
    ('payment_requests', 'CREATED', 'REJECTED'),
    ('payment_requests', 'CREATED', 'RETURNED'),
    ('payment_requests', 'FAILED', 'CHECKED'),
    ('payment_requests', 'FAILED', 'SENT'),
    ('payment_requests', 'PAID', 'REVERSED'),
    ('payment_requests', 'RETURNED', 'CREATED'),
    ('payment_requests', 'RETURNED', 'REJECTED'),
    ('payment_requests', 'SENT', 'FAILED'),
    ('payment_requests', 'SENT', 'PAID'),
    ('payments', null, 'SENT'),
    ('payments', 'SENT', 'FAILED'),
    ('payments', 'SENT', 'SETTLED'),
    ('payments', 'SETTLED', 'REVERSED'),
    ('referrals', null, 'DRAFT'),
    ('referrals', 'ACCEPTED', 'CANCELLED'),
    ('referrals', 'ACCEPTED', 'IN_PROGRESS'),
    ('referrals', 'ACCEPTED', 'TRIAGED'),
    ('referrals', 'COMPLETED', 'CLOSED'),
    ('referrals', 'DRAFT', 'CANCELLED'),
    ('referrals', 'DRAFT', 'SUBMITTED'),
    ('referrals', 'IN_PROGRESS', 'CANCELLED'),
    ('referrals', 'IN_PROGRESS', 'COMPLETED'),
    ('referrals', 'IN_PROGRESS', 'TRIAGED'),
    ('referrals', 'OFFERED', 'ACCEPTED'),
    ('referrals', 'OFFERED', 'CANCELLED'),
    ('referrals', 'OFFERED', 'TRIAGED'),
    ('referrals', 'ON_HOLD', 'CANCELLED'),
    ('referrals', 'RETURNED', 'CANCELLED'),
    ('referrals', 'RETURNED', 'SUBMITTED'),
    ('referrals', 'SUBMITTED', 'CANCELLED'),
    ('referrals', 'SUBMITTED', 'REJECTED'),
    ('referrals', 'SUBMITTED', 'RETURNED'),
    ('referrals', 'SUBMITTED', 'TRIAGED'),
    ('referrals', 'TAKEN', 'CANCELLED'),
    ('referrals', 'TAKEN', 'IN_PROGRESS'),
    ('referrals', 'TAKEN', 'TRIAGED'),
    ('referrals', 'TRIAGED', 'CANCELLED'),
    ('referrals', 'TRIAGED', 'OFFERED'),
    ('referrals', 'TRIAGED', 'TAKEN'),
    ('submissions', null, 'DRAFT'),
    ('submissions', 'ACCEPTED', 'RETURNED'),
    ('submissions', 'DRAFT', 'SUBMITTED'),
    ('submissions', 'PARTIALLY_ACCEPTED', 'RETURNED'),
    ('submissions', 'REJECTED', 'ACCEPTED'),
    ('submissions', 'REJECTED', 'PARTIALLY_ACCEPTED'),
    ('submissions', 'SUBMITTED', 'ACCEPTED'),
    ('submissions', 'SUBMITTED', 'PARTIALLY_ACCEPTED'),
    ('submissions', 'SUBMITTED', 'REJECTED'),
    ('submissions', 'SUBMITTED', 'RETURNED'),
    ('submissions', 'SUBMITTED', 'WITHDRAWN'),
    ('substitutions', null, 'PLANNED'),
    ('substitutions', 'ACTIVE', 'CANCELLED'),
    ('substitutions', 'ACTIVE', 'ENDED'),
    ('substitutions', 'PLANNED', 'ACTIVE'),
    ('substitutions', 'PLANNED', 'CANCELLED'),
    ('substitutions', 'PLANNED', 'ENDED'),
    ('visits', null, 'PLANNED'),
    ('visits', 'PLANNED', 'AWAY'),
    ('visits', 'PLANNED', 'CANCELLED'),
    ('visits', 'PLANNED', 'COMPLETED'),
    ('visits', 'PLANNED', 'HOSPITALISED'),
    ('visits', 'PLANNED', 'NOT_HOME'),
    ('visits', 'PLANNED', 'REFUSED');

-- The links of a street's audit chain with their events, for who has claimed the street to verify it: nobody who writes
-- may read the chain itself.
create function audit_links(chain uuid, after bigint, most integer)
    returns table (place bigint, link bytea, event audit_events)
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return query
    select c.position, c.hash, e
      from audit_chain c join audit_events e on e.id = c.event_id
     where c.chain_id = chain and c.position > after
       and chain = nullif(current_setting('hub.street', true), '')::uuid
     order by c.position
     limit most;
end $$;
