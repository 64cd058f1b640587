-- Functions, triggers and views of the foundation, written by hand; executed by the owner after 0001_foundation.sql.
--
-- What must see all rows is SECURITY DEFINER with a pinned search path: row-level security is enabled, not forced, so the
-- owner sees every row and an invariant cannot be evaded by a narrow scope. Violations carry SQLSTATE 23514 and a
-- constraint name, as a CHECK would: conflict_of_interest, illegal_move, immutable, scope_mismatch.

-- ------------------------------------------------------------------------------------------------------------ the day
-- The hub's day: the transaction's own (`hub.today`), so that it agrees with the clock that can be moved.
create function hub_today() returns date
    language sql stable set search_path = public, pg_temp
as $$
    select coalesce(nullif(current_setting('hub.today', true), '')::date,
                    (current_timestamp at time zone 'Asia/Shanghai')::date)
$$;

-- Whether a session may still act: asked inside every read, so that an ended membership bites with the next request.
-- In plpgsql, since its plans are kept for the session; one primary-key look-up each.
create function hub_live(membership uuid, client uuid, today date) returns boolean
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

-- ------------------------------------------------------------------------------- access columns: who may read a person
-- Last day on which a consent opens the person to the partner; null when none is in force. Given to the partner itself or
-- to her street, for SERVICE. A vital interest lasts until its paper is due, and no longer once a consent was recorded
-- after it: that one decides then, also when it has been withdrawn.
create function consent_until(person uuid, partner uuid, street uuid, today date) returns date
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

-- Recompute who may read a person and what hangs on her, from the members of her cases and the consents in force today.
-- Arrays are sorted and rows written only when something changes. Only partners count: street and community need no
-- consent and are let in by their scope columns. Households stay empty: no partner reads them.
create function refresh_person_access(person uuid) returns void
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

create function refresh_access_of_changed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    person uuid;
begin
    for person in select distinct c.person_id from changed c order by 1 loop
        perform refresh_person_access(person);
    end loop;
    return null;
end $$;

-- After an update of more than the access columns: the refresh itself writes those.
create function refresh_access_of_altered() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    derived constant text[] := '{partner_ids,worker_ids,access_until}';
    person uuid;
begin
    for person in
        select distinct c.person_id from changed c join was w on w.id = c.id
         where to_jsonb(c) - derived is distinct from to_jsonb(w) - derived
         order by 1
    loop
        perform refresh_person_access(person);
    end loop;
    return null;
end $$;

create function refresh_access_of_member() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    person uuid;
begin
    for person in select distinct c.person_id from cases c where c.worker_ids @> array[new.id] order by 1 loop
        perform refresh_person_access(person);
    end loop;
    return null;
end $$;

create function refresh_access_of_row() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform refresh_person_access(new.person_id);
    return null;
end $$;

create trigger case_members_open_access after insert on case_members
    referencing new table as changed for each statement execute function refresh_access_of_changed();
create trigger case_members_change_access after update on case_members
    referencing old table as was new table as changed for each statement execute function refresh_access_of_altered();
create trigger case_members_shut_access after delete on case_members
    referencing old table as changed for each statement execute function refresh_access_of_changed();
create trigger consents_open_access after insert on consents
    referencing new table as changed for each statement execute function refresh_access_of_changed();
create trigger consents_change_access after update on consents
    referencing old table as was new table as changed for each statement execute function refresh_access_of_altered();
create trigger consents_shut_access after delete on consents
    referencing old table as changed for each statement execute function refresh_access_of_changed();
create trigger case_needs_open_access after insert on case_needs
    referencing new table as changed for each statement execute function refresh_access_of_changed();
create trigger case_needs_shut_access after delete on case_needs
    referencing old table as changed for each statement execute function refresh_access_of_changed();
create trigger needs_open_access_to_stater after insert on needs
    for each row when (new.partner_id is not null) execute function refresh_access_of_row();
create trigger memberships_shut_access after update of ended_at on memberships
    for each row when (old.ended_at is distinct from new.ended_at) execute function refresh_access_of_member();

-- A new row begins with the access of the row it hangs on (arguments: its table, the column that names it), or with none.
-- Whatever the statement says about these columns is overwritten. The lock makes a refresh that changes the parent at this
-- moment either wait and find the new row, or be waited for.
create function take_access() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    new.partner_ids := '{}';
    new.worker_ids := '{}';
    new.access_until := 'infinity';
    if tg_nargs = 2 and to_jsonb(new) ->> tg_argv[1] is not null then
        execute format('select partner_ids, worker_ids, access_until from %I where id = ($1).%I for no key update',
                       tg_argv[0], tg_argv[1])
           into new.partner_ids, new.worker_ids, new.access_until
          using new;
        new.partner_ids := coalesce(new.partner_ids, '{}'); -- no such parent: the foreign key says so
        new.worker_ids := coalesce(new.worker_ids, '{}');
        new.access_until := coalesce(new.access_until, 'infinity');
    end if;
    return new;
end $$;

create trigger households_take_access before insert on households for each row execute function take_access();
create trigger persons_take_access before insert on persons for each row execute function take_access();
create trigger needs_take_access before insert on needs for each row execute function take_access();
create trigger referrals_take_access before insert on referrals for each row execute function take_access();
create trigger referral_needs_take_access before insert on referral_needs
    for each row execute function take_access('referrals', 'referral_id');
create trigger cases_take_access before insert on cases for each row execute function take_access();
create trigger case_members_take_access before insert on case_members
    for each row execute function take_access('cases', 'case_id');
create trigger case_needs_take_access before insert on case_needs
    for each row execute function take_access('cases', 'case_id');
create trigger goals_take_access before insert on goals for each row execute function take_access('cases', 'case_id');
create trigger visit_findings_take_access before insert on visit_findings
    for each row execute function take_access('cases', 'case_id');
create trigger eligibility_spells_take_access before insert on eligibility_spells
    for each row execute function take_access('persons', 'person_id');
create trigger consents_take_access before insert on consents
    for each row execute function take_access('persons', 'person_id');

-- ------------------------------------------------------------------------------------------------- open counts of cases
-- Locked in the order of ids, then counted anew: the count sees what was committed while the lock was waited for.
create function count_open_of_cases(case_ids uuid[]) returns void
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

create function count_open_of_changed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform count_open_of_cases(array(select distinct c.case_id from changed c where c.case_id is not null));
    return null;
end $$;

create function count_open_of_settled() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform count_open_of_cases(array(
        select distinct c.case_id from changed c join was w on w.id = c.id
         where c.case_id is not null and c.status is distinct from w.status));
    return null;
end $$;

create function count_open_of_settled_needs() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform count_open_of_cases(array(
        select distinct l.case_id from changed c join was w on w.id = c.id join case_needs l on l.need_id = c.id
         where c.status is distinct from w.status));
    return null;
end $$;

create trigger visits_count_new after insert on visits
    referencing new table as changed for each statement execute function count_open_of_changed();
create trigger visits_count_settled after update on visits
    referencing old table as was new table as changed for each statement execute function count_open_of_settled();
create trigger goals_count_new after insert on goals
    referencing new table as changed for each statement execute function count_open_of_changed();
create trigger goals_count_settled after update on goals
    referencing old table as was new table as changed for each statement execute function count_open_of_settled();
create trigger case_needs_count_new after insert on case_needs
    referencing new table as changed for each statement execute function count_open_of_changed();
create trigger needs_count_settled after update on needs
    referencing old table as was new table as changed for each statement execute function count_open_of_settled_needs();

-- ------------------------------------------------------------------------------------------------------- immutable rows
-- I8: rights are revoked, and this holds for everybody else too, the owner among them (`enable always`: also where
-- ordinary triggers are switched off). A row is corrected by a new row.
create function refuse_change() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
begin
    raise exception '% of % is refused: its rows are history', tg_op, tg_table_name
        using errcode = '23514', constraint = 'immutable', table = tg_table_name;
end $$;

-- The findings of a visit change in nothing but who may read them.
create function refuse_change_but_access() returns trigger
    language plpgsql set search_path = public, pg_temp
as $$
declare
    derived constant text[] := '{partner_ids,worker_ids,access_until}';
begin
    if to_jsonb(new) - derived is distinct from to_jsonb(old) - derived then
        raise exception '% of % is refused: its rows are history', tg_op, tg_table_name
            using errcode = '23514', constraint = 'immutable', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger audit_events_immutable before update or delete or truncate on audit_events
    for each statement execute function refuse_change();
create trigger audit_chain_immutable before update or delete or truncate on audit_chain
    for each statement execute function refuse_change();
create trigger offer_needs_immutable before update or delete or truncate on offer_needs
    for each statement execute function refuse_change();
create trigger visit_findings_kept before delete or truncate on visit_findings
    for each statement execute function refuse_change();
create trigger visit_findings_immutable before update on visit_findings
    for each row execute function refuse_change_but_access();
-- A person's key is destroyed when the law asks for it, never replaced.
create trigger person_keys_immutable before update or truncate on person_keys
    for each statement execute function refuse_change();
alter table audit_events enable always trigger audit_events_immutable;
alter table audit_chain enable always trigger audit_chain_immutable;
alter table offer_needs enable always trigger offer_needs_immutable;
alter table visit_findings enable always trigger visit_findings_kept;
alter table visit_findings enable always trigger visit_findings_immutable;
alter table person_keys enable always trigger person_keys_immutable;

-- Every audit event waits in audit_unlinked until the worker has linked it into its chain.
create function await_link() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    insert into audit_unlinked (event_id) values (new.id);
    return null;
end $$;

create trigger audit_events_await_link after insert on audit_events for each row execute function await_link();
alter table audit_events enable always trigger audit_events_await_link;

-- ------------------------------------------------------------------------------------------------------ conflict of interest
-- I5: nobody puts an offer to a partner she works for or has declared a conflict about; nor is such an offer accepted,
-- when the tie arose after it was made. A membership that begins later counts from the day it is granted.
create function refuse_conflict_of_interest() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    offerer uuid;
begin
    select m.user_id into offerer from memberships m where m.id = new.offered_by_id;
    if exists (select from memberships m
                where m.user_id = offerer and m.partner_id = new.partner_id and m.ended_at is null
                  and (m.valid_to_on is null or m.valid_to_on >= hub_today()))
       or exists (select from conflict_declarations d where d.user_id = offerer and d.partner_id = new.partner_id)
    then
        raise exception 'whoever offers has a stake in the partner'
            using errcode = '23514', constraint = 'conflict_of_interest', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger offers_made_without_stake before insert on offers
    for each row execute function refuse_conflict_of_interest();
create trigger offers_accepted_without_stake before update of status on offers
    for each row when (new.status = 'ACCEPTED' and old.status <> 'ACCEPTED') execute function refuse_conflict_of_interest();

-- ------------------------------------------------------------------------------------------------------- state machines
-- Drafted by `python -m migrations.draft_moves`; a test compares it with the state tables in the code.
create view state_moves (table_name, source, target) as values
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

create function refuse_illegal_move() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    before text := case when tg_op = 'UPDATE' then old.status end;
begin
    if not exists (select from state_moves m
                    where m.table_name = tg_table_name and m.target = new.status and m.source is not distinct from before)
    then
        raise exception 'no move of % leads from % to %', tg_table_name, coalesce(before, 'nothing'), new.status
            using errcode = '23514', constraint = 'illegal_move', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger cases_begin before insert on cases for each row execute function refuse_illegal_move();
create trigger cases_move before update of status on cases
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger consents_begin before insert on consents for each row execute function refuse_illegal_move();
create trigger consents_move before update of status on consents
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger goals_begin before insert on goals for each row execute function refuse_illegal_move();
create trigger goals_move before update of status on goals
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger needs_begin before insert on needs for each row execute function refuse_illegal_move();
create trigger needs_move before update of status on needs
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger offers_begin before insert on offers for each row execute function refuse_illegal_move();
create trigger offers_move before update of status on offers
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger referrals_begin before insert on referrals for each row execute function refuse_illegal_move();
create trigger referrals_move before update of status on referrals
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();
create trigger visits_begin before insert on visits for each row execute function refuse_illegal_move();
create trigger visits_move before update of status on visits
    for each row when (old.status is distinct from new.status) execute function refuse_illegal_move();

-- -------------------------------------------------------------------------------------------------- scope columns agree
-- A row repeats scope columns so that a filter needs no join; here they are held to the row it hangs on. Arguments: that
-- row's table, the column that names it, the columns that must be equal.
create function keep_scope() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    differs text;
    broken boolean;
begin
    select string_agg(format('p.%1$I is distinct from ($1).%1$I', name), ' or ') into differs
      from unnest(string_to_array(tg_argv[2], ' ')) as name;
    execute format('select exists (select from %I p where p.id = ($1).%I and (%s))', tg_argv[0], tg_argv[1], differs)
       into broken
      using new;
    if broken then
        raise exception '% and the row of % it hangs on differ in one of: %', tg_table_name, tg_argv[0], tg_argv[2]
            using errcode = '23514', constraint = 'scope_mismatch', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger persons_keep_scope_of_household before insert or update of household_id on persons
    for each row when (new.household_id is not null)
    execute function keep_scope('households', 'household_id', 'district_id street_id');
create trigger eligibility_spells_keep_scope before insert on eligibility_spells
    for each row execute function keep_scope('persons', 'person_id', 'district_id street_id community_id');
create trigger guardians_keep_scope before insert on guardians
    for each row execute function keep_scope('persons', 'person_id', 'district_id street_id community_id');
create trigger consents_keep_scope before insert on consents
    for each row execute function keep_scope('persons', 'person_id', 'district_id street_id community_id');
create trigger needs_keep_scope before insert on needs
    for each row execute function keep_scope('persons', 'person_id', 'district_id street_id community_id');
create trigger referrals_keep_scope before insert on referrals
    for each row execute function keep_scope('persons', 'person_id', 'district_id street_id community_id');
create trigger referral_needs_keep_scope before insert on referral_needs
    for each row execute function keep_scope('referrals', 'referral_id', 'district_id street_id community_id person_id');
create trigger referral_needs_keep_person before insert on referral_needs
    for each row execute function keep_scope('needs', 'need_id', 'person_id');
create trigger offers_keep_scope before insert on offers
    for each row execute function keep_scope('referrals', 'referral_id', 'district_id street_id community_id');
create trigger offer_needs_keep_scope before insert on offer_needs
    for each row execute function keep_scope('offers', 'offer_id', 'district_id street_id community_id partner_id');
create trigger cases_keep_scope before insert on cases
    for each row execute function keep_scope('referrals', 'referral_id', 'district_id street_id community_id person_id');
create trigger cases_keep_partner before insert on cases
    for each row when (new.offer_id is not null)
    execute function keep_scope('offers', 'offer_id', 'partner_id referral_id');
create trigger case_members_keep_scope before insert on case_members
    for each row execute function keep_scope('cases', 'case_id', 'district_id street_id community_id person_id');
create trigger case_members_keep_organization before insert on case_members
    for each row when (new.membership_id is not null)
    execute function keep_scope('memberships', 'membership_id', 'organization_id');
create trigger case_needs_keep_scope before insert on case_needs
    for each row execute function keep_scope('cases', 'case_id', 'district_id street_id community_id person_id');
create trigger case_needs_keep_person before insert on case_needs
    for each row execute function keep_scope('needs', 'need_id', 'person_id');
create trigger goals_keep_scope before insert on goals
    for each row execute function keep_scope('cases', 'case_id', 'district_id street_id community_id person_id');
create trigger visits_keep_scope_of_person before insert on visits
    for each row execute function keep_scope('persons', 'person_id', 'district_id street_id community_id');
create trigger visits_keep_person_of_case before insert on visits
    for each row when (new.case_id is not null)
    execute function keep_scope('cases', 'case_id', 'street_id person_id');
create trigger visits_keep_partner_of_worker before insert on visits
    for each row execute function keep_scope('memberships', 'worker_id', 'organization_id partner_id');
create trigger visit_findings_keep_scope before insert on visit_findings
    for each row execute function keep_scope('visits', 'visit_id', 'district_id street_id community_id person_id case_id');

-- ----------------------------------------------------------------------------------------------------------- comparators
-- Completed visits to a person in the 90 days up to today, beside the mean of her cohort: living people of the same
-- community, living alone or not as she does, of the same age band; she is one of them. Laterals, so that a filter on
-- person_id costs one cohort. Its rows are those of whoever asks.
create view comparator_visits_90d with (security_invoker = true) as
select p.id as person_id,
       p.street_id,
       p.community_id,
       (case when p.lives_alone then 'ALONE_' else 'TOGETHER_' end) || band.name as cohort,
       own.visits as value,
       round(cohort.visits::numeric / nullif(cohort.people, 0), 2) as cohort_value
  from persons p
 cross join (select coalesce(nullif(current_setting('hub.today', true), '')::date,
                             (current_timestamp at time zone 'Asia/Shanghai')::date) as today) d
 cross join lateral (select (d.today - 89)::timestamp at time zone 'Asia/Shanghai' as first_at,
                            (d.today + 1)::timestamp at time zone 'Asia/Shanghai' as end_at) w
 cross join lateral (
       select b.name, (d.today - b.from_years)::date as born_until_on, (d.today - b.until_years)::date as born_after_on
         from (values ('60_PLUS', interval '60 years', interval '200 years'),
                      ('18_59', interval '18 years', interval '60 years'),
                      ('0_17', interval '0 years', interval '18 years')) as b (name, from_years, until_years)
        where p.birth_on <= (d.today - b.from_years)::date and p.birth_on > (d.today - b.until_years)::date) band
 cross join lateral (
       select count(*) as visits from visits v
        where v.person_id = p.id and v.status = 'COMPLETED' and v.kept_at >= w.first_at and v.kept_at < w.end_at) own
 cross join lateral (
       select count(distinct q.id) as people, count(v.id) as visits
         from persons q
         left join visits v on v.person_id = q.id and v.status = 'COMPLETED'
                           and v.kept_at >= w.first_at and v.kept_at < w.end_at
        where q.community_id = p.community_id and q.lives_alone = p.lives_alone and q.status = 'LIVING'
          and q.birth_on <= band.born_until_on and q.birth_on > band.born_after_on) cohort;
