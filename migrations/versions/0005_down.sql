-- Takes back deliveries and all that came with them.
drop trigger offers_to_qualified_partners on offers;
drop trigger offers_within_line on offers;
drop trigger cases_under_active_agreement on cases;
drop trigger agreements_change_access on agreements;
drop function refuse_unqualified_partner();
drop function refuse_offer_beyond_line();
drop function refuse_case_without_agreement();
drop function refresh_access_of_agreement();
drop function partner_suggestions(uuid);
drop function is_qualified(uuid, uuid, date);
drop function lock_line(uuid);
drop table callbacks, delivery_documents, deliveries, attendances, group_sessions, enrolments, activity_series,
    substitutions, capacities, documents cascade;
-- With `deliveries` went the functions that take one of its rows.
drop function keep_delivery_hands();
drop function keep_callback_hands();
drop function refuse_delivery_outside_agreement();
drop function count_delivered();
drop function begin_without_evidence();
drop function keep_evidence();
drop function keep_delivery_record();
drop function delivery_flags(uuid, integer, integer);
drop function refuse_series_beyond_line();
drop function count_sessions();
drop function require_open_series();
drop function require_case_of_series();
drop function require_enrolment();
drop function require_participants();
drop function keep_group_work();
drop function keep_substitution();
drop trigger visits_keep_worker on visits;
drop function keep_document();
drop function partner_serves(uuid, uuid);
drop trigger offers_keep_agreement_of_line on offers;
drop trigger cases_keep_line_of_offer on cases;
drop trigger visits_keep_partner_of_substitute on visits;
alter table visits drop column stands_in_for_id;
alter table cases drop column agreement_id, drop column line_id, drop column quantity, drop column delivered_count,
    drop column next_promise_at;
alter table offers drop column agreement_id, drop column line_id, drop column quantity;
alter table service_types drop constraint ck_service_types_unit;
alter table service_types add constraint ck_service_types_unit
    check (unit in ('VISIT', 'HOUR', 'SESSION', 'CASE', 'PERSON', 'REPORT'));
alter table agreement_lines drop constraint ck_agreement_lines_unit;
alter table agreement_lines add constraint ck_agreement_lines_unit
    check (unit in ('VISIT', 'HOUR', 'SESSION', 'CASE', 'PERSON', 'REPORT'));

-- Counts of cases as they were before promises.
create or replace function count_open_of_cases(case_ids uuid[]) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if cardinality(case_ids) = 0 then
        return;
    end if;
    perform from cases c where c.id = any (case_ids) order by c.id for no key update;
    update cases c
       set open_visit_count = n.visits, open_need_count = n.needs, open_goal_count = n.goals
      from (select k.id,
                   (select count(*) from visits v where v.case_id = k.id and v.status = 'PLANNED') as visits,
                   (select count(*) from case_needs l join needs d on d.id = l.need_id
                     where l.case_id = k.id and d.status = 'OPEN') as needs,
                   (select count(*) from goals g where g.case_id = k.id and g.status = 'OPEN') as goals
              from cases k where k.id = any (case_ids)) n
     where c.id = n.id
       and (c.open_visit_count, c.open_need_count, c.open_goal_count) is distinct from (n.visits, n.needs, n.goals);
end $$;

-- The view as it was before.
create or replace view state_moves (table_name, source, target) as values
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
    ('cases', null, 'OPEN'),
    ('cases', 'ACTIVE', 'CLOSED'),
    ('cases', 'ACTIVE', 'CLOSING'),
    ('cases', 'ASSESSING', 'CLOSED'),
    ('cases', 'ASSESSING', 'PLANNED'),
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
    ('goals', null, 'OPEN'),
    ('goals', 'OPEN', 'ACHIEVED'),
    ('goals', 'OPEN', 'DROPPED'),
    ('goals', 'OPEN', 'NOT_ACHIEVED'),
    ('goals', 'OPEN', 'PARTLY_ACHIEVED'),
    ('milestones', null, 'SCHEDULED'),
    ('milestones', 'REJECTED', 'CANCELLED'),
    ('milestones', 'RETURNED', 'CANCELLED'),
    ('milestones', 'SCHEDULED', 'CANCELLED'),
    ('milestones', 'SUBMITTED', 'CANCELLED'),
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
    ('visits', null, 'PLANNED'),
    ('visits', 'PLANNED', 'AWAY'),
    ('visits', 'PLANNED', 'CANCELLED'),
    ('visits', 'PLANNED', 'COMPLETED'),
    ('visits', 'PLANNED', 'HOSPITALISED'),
    ('visits', 'PLANNED', 'NOT_HOME'),
    ('visits', 'PLANNED', 'REFUSED');

-- Access as it was before: it knew no agreements.
create or replace function refresh_person_access(person uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    today constant date := hub_today();
begin
    -- One at a time per person. Each statement below sees what others had committed when this lock was ours; without it,
    -- a member joining and a consent being withdrawn at the same moment would not see each other.
    perform from persons p where p.id = person for no key update;
    if not exists (select from cases c where c.person_id = person) then
        return; -- nothing has ever been opened
    end if;

    update cases c
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (with granted as (
                select k.id as case_id, m.organization_id as partner_id, m.membership_id as worker_id,
                       max(least(coalesce(m.until_on, 'infinity'), s.until_on)) as until_on
                  from cases k
                  join case_members m on m.case_id = k.id and (m.until_on is null or m.until_on >= today)
                  join organizations o on o.id = m.organization_id and o.kind = 'PARTNER'
                  left join memberships w on w.id = m.membership_id
                 cross join lateral (select consent_until(person, o.id, k.street_id, today) as until_on) s
                 where k.person_id = person and s.until_on is not null and w.ended_at is null
                 group by k.id, m.organization_id, m.membership_id)
            select k.id,
                   coalesce(array_agg(distinct g.partner_id) filter (where g.partner_id is not null), '{}') as partner_ids,
                   coalesce(array_agg(distinct g.worker_id) filter (where g.worker_id is not null), '{}') as worker_ids,
                   coalesce(min(g.until_on), 'infinity') as access_until
              from cases k left join granted g on g.case_id = k.id
             where k.person_id = person
             group by k.id) a
     where c.id = a.id
       and (c.partner_ids, c.worker_ids, c.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);

    -- What hangs on one case is as visible as the case.
    update case_members t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c
     where c.person_id = person and t.case_id = c.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);
    update case_needs t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c
     where c.person_id = person and t.case_id = c.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);
    update goals t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c
     where c.person_id = person and t.case_id = c.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);
    update visit_findings t set partner_ids = c.partner_ids, worker_ids = c.worker_ids, access_until = c.access_until
      from cases c join visits v on v.case_id = c.id
     where c.person_id = person and t.visit_id = v.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (c.partner_ids, c.worker_ids, c.access_until);

    -- A referral is visible through its cases (it may have been handed back and accepted by another), so are its needs.
    update referrals t
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (select r.id,
                   array(select distinct unnest(c.partner_ids) from cases c where c.referral_id = r.id order by 1) as partner_ids,
                   array(select distinct unnest(c.worker_ids) from cases c where c.referral_id = r.id order by 1) as worker_ids,
                   coalesce((select min(c.access_until) from cases c where c.referral_id = r.id), 'infinity') as access_until
              from referrals r where r.person_id = person) a
     where t.id = a.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);
    update referral_needs t set partner_ids = r.partner_ids, worker_ids = r.worker_ids, access_until = r.access_until
      from referrals r
     where r.person_id = person and t.referral_id = r.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (r.partner_ids, r.worker_ids, r.access_until);

    update persons t
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (select array(select distinct unnest(c.partner_ids) from cases c where c.person_id = person order by 1) as partner_ids,
                   array(select distinct unnest(c.worker_ids) from cases c where c.person_id = person order by 1) as worker_ids,
                   coalesce((select min(c.access_until) from cases c where c.person_id = person), 'infinity') as access_until) a
     where t.id = person
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);
    update eligibility_spells t set partner_ids = p.partner_ids, worker_ids = p.worker_ids, access_until = p.access_until
      from persons p
     where p.id = person and t.person_id = p.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (p.partner_ids, p.worker_ids, p.access_until);
    update consents t set partner_ids = p.partner_ids, worker_ids = p.worker_ids, access_until = p.access_until
      from persons p
     where p.id = person and t.person_id = p.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (p.partner_ids, p.worker_ids, p.access_until);

    -- A need is visible through the cases that answer it, and to the partner whose worker stated it while it is on a case.
    update needs t
       set partner_ids = a.partner_ids, worker_ids = a.worker_ids, access_until = a.access_until
      from (select n.id,
                   array(select unnest(c.partner_ids) from case_needs l join cases c on c.id = l.case_id where l.need_id = n.id
                         union
                         select n.partner_id where n.partner_id = any (p.partner_ids)
                         order by 1) as partner_ids,
                   array(select unnest(c.worker_ids) from case_needs l join cases c on c.id = l.case_id where l.need_id = n.id
                         union
                         select m.id from memberships m where m.id = any (p.worker_ids) and m.partner_id = n.partner_id
                         order by 1) as worker_ids,
                   least((select min(c.access_until) from case_needs l join cases c on c.id = l.case_id where l.need_id = n.id),
                         (select min(c.access_until) from cases c
                           where c.person_id = person and n.partner_id = any (c.partner_ids)),
                         'infinity') as access_until
              from needs n join persons p on p.id = n.person_id
             where n.person_id = person) a
     where t.id = a.id
       and (t.partner_ids, t.worker_ids, t.access_until) is distinct from (a.partner_ids, a.worker_ids, a.access_until);
end $$;
