-- Services, what was left open: what a session takes of its line, heads where persons are bought, when a case of a line is
-- served, who stands in for whoever leads a session, and since when evidence proves.
--
-- Functions of 0005 are replaced whole; `0007_services_down.sql` puts them back. As before: what must see all rows is
-- SECURITY DEFINER with a pinned search path, and violations carry SQLSTATE 23514 and a constraint name, as a CHECK would.

-- -------------------------------------------------------------------------------------------------------- who leads it
-- A session may be led by a substitute, as a visit may be made by one.
alter table group_sessions
    add column stands_in_for_id uuid constraint fk_group_sessions_stands_in_for_id references memberships (id);

drop trigger group_sessions_immutable on group_sessions;
create trigger group_sessions_immutable before update on group_sessions
    for each row execute function keep_group_work('PLANNED', 'status worker_id stands_in_for_id held_at participant_count'
                                                             ' cancel_reason_code cancel_reason version');
alter table group_sessions enable always trigger group_sessions_immutable;

-- -------------------------------------------------------------------------------------------- when a case is served
-- Sessions of a line in which the person of a case was present; of each stands what was delivered in it.
create function sessions_attended(attending uuid, line uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select count(*)
      from attendances t
      join group_sessions s on s.id = t.session_id and s.line_id = line
      join deliveries d on d.session_id = s.id and d.status <> 'VOIDED'
     where t.case_id = attending
$$;

-- Whether a person has had what her offer named. Of a line that counts sessions or persons, being present in a session is
-- a unit as much as one that was given to her alone; of series it is the whole series, once it has ended. Casework never
-- is: it ends by its own closing.
create function case_served(served uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp
as $$
    select case l.unit
           when 'CASE' then false
           when 'SERIES' then exists (
               select from attendances t
                 join group_sessions s on s.id = t.session_id and s.line_id = l.id
                 join activity_series g on g.id = s.series_id and g.status = 'CLOSED'
                 join deliveries d on d.session_id = s.id and d.status <> 'VOIDED'
                where t.case_id = c.id)
           else c.delivered_count
                + case when l.unit in ('SESSION', 'PERSON') then sessions_attended(c.id, l.id) else 0 end >= c.quantity end
      from cases c join agreement_lines l on l.id = c.line_id
     where c.id = served
$$;

-- What is bought as casework is worked as casework: only that counts as 个案, and somebody else approves its end.
update cases c set kind = 'CASEWORK'
  from agreement_lines l
 where l.id = c.line_id and l.unit = 'CASE' and c.kind = 'SERVICE' and c.status <> 'CLOSED';

create function require_casework_of_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if exists (select from agreement_lines l where l.id = new.line_id and l.unit = 'CASE') then
        raise exception 'a line that buys casework has no other cases'
            using errcode = '23514', constraint = 'case_kind', table = tg_table_name;
    end if;
    return new;
end $$;

create trigger cases_of_casework before insert or update of kind on cases
    for each row when (new.line_id is not null and new.kind <> 'CASEWORK') execute function require_casework_of_line();

-- ---------------------------------------------------------------------------------------------------- what counts, anew
-- As in 0005, and: a session given to one person alone had one participant.
create or replace function line_units(line uuid)
    returns table (line_id uuid, community_id uuid, case_id uuid, series_id uuid, delivery_id uuid, reference text,
                   quantity bigint, verified boolean, final boolean,
                   follow_ups bigint, sessions bigint, attendances bigint, participants bigint)
    language sql stable security definer rows 100 set search_path = public, pg_temp
as $$
    select d.line_id, d.community_id, d.case_id, s.series_id, d.id, d.reference,
           d.quantity::bigint, d.status = 'VERIFIED', d.status = 'VERIFIED',
           null::bigint, null::bigint, null::bigint,
           coalesce(s.participant_count, case l.unit when 'SESSION' then 1 end)::bigint
      from deliveries d
      join agreement_lines l on l.id = d.line_id and l.unit not in ('CASE', 'SERIES')
      left join group_sessions s on s.id = d.session_id
     where d.line_id = line and d.status <> 'VOIDED'
    union all
    select c.line_id, c.community_id, c.id, null, null, c.reference,
           1, coalesce(v.follow_ups, 0) > 0, c.status = 'CLOSED',
           coalesce(v.follow_ups, 0), null, null, null
      from cases c
      join agreement_lines l on l.id = c.line_id and l.unit = 'CASE'
      left join lateral (select sum(d.quantity) filter (where d.status = 'VERIFIED') as follow_ups, count(*) as given
                           from deliveries d where d.case_id = c.id and d.status <> 'VOIDED') v on true
     where c.line_id = line and (c.status <> 'CLOSED' or v.given > 0)
    union all
    select g.line_id, g.community_id, null, g.id, null, g.reference,
           1, v.sessions > 0, g.status = 'CLOSED',
           null, v.sessions, v.attendances,
           case g.kind when 'ENROLLED' then (select count(*) from enrolments e where e.series_id = g.id) else v.most end
      from activity_series g
      join agreement_lines l on l.id = g.line_id and l.unit = 'SERIES'
     cross join lateral (select count(*) as sessions, coalesce(sum(s.participant_count), 0) as attendances,
                                coalesce(max(s.participant_count), 0)::bigint as most
                           from group_sessions s
                           join deliveries d on d.session_id = s.id and d.status = 'VERIFIED'
                          where s.series_id = g.id) v
     where g.line_id = line and g.status <> 'CANCELLED'
$$;

-- What is reserved on a line is asked of the cases of its offers: at a city's size that was a scan of all cases.
create index ix_cases_offer_id on cases (offer_id);

-- Whether a session has a record at all, a voided one included, is asked of every session in a report.
create index ix_deliveries_session on deliveries (session_id) where session_id is not null;

-- As in 0005, and: where sessions are bought, those planned are reserved; what nothing reserves is used when it is given.
create or replace function line_usage(line uuid)
    returns table (line_id uuid, quantity_cap bigint, used bigint, reserved bigint, remaining bigint,
                   done bigint, unverified bigint, unreachable bigint, owed bigint)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    with l as (select * from agreement_lines a where a.id = line),
    -- An offer reserves until it is refused or its case is closed; a person who was given more than offered uses more, and
    -- of persons bought she was counted in the sessions that she attended.
    taken as (
        select coalesce(sum(case when l.unit in ('VISIT', 'HOUR', 'PERSON', 'CASE')
                                 then case l.unit when 'CASE' then 1
                                      when 'PERSON' then greatest(o.quantity - coalesce(sessions_attended(c.id, l.id), 0),
                                                                  coalesce(c.delivered_count, 0))
                                      else greatest(o.quantity, coalesce(c.delivered_count, 0)) end
                            end), 0)::bigint as reserved
          from l join offers o on o.line_id = l.id
          left join cases c on c.offer_id = o.id
         where o.status = 'OFFERED' or (o.status = 'ACCEPTED' and c.status <> 'CLOSED')),
    -- Where sessions are bought, a planned one is as good as taken.
    planned as (
        select count(*) as reserved from l join group_sessions s on s.line_id = l.id
         where l.unit = 'SESSION' and s.status = 'PLANNED'),
    units as (
        select u.*, coalesce((select bool_and(reaches(unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances,
                                                                 u.participants), k.operator, k.target)
                                              is not false)
                                from criteria k where k.line_id = u.line_id and k.per_unit), true) as good
          from line_units(line) u),
    counted as (
        select coalesce(sum(u.quantity) filter (where u.verified and u.good), 0)::bigint as done,
               coalesce(sum(u.quantity) filter (where u.final and not u.good), 0)::bigint as unreachable,
               -- What an open case was given is inside its reservation, where there is one.
               coalesce(sum(u.quantity) filter (where c.id is null or c.status = 'CLOSED'
                                                      or l.unit not in ('VISIT', 'HOUR', 'PERSON', 'CASE')), 0)::bigint as used
          from units u cross join l left join cases c on c.id = u.case_id),
    waiting as (
        select coalesce(sum(d.quantity), 0)::bigint as unverified
          from deliveries d where d.line_id = line and d.status in ('RECORDED', 'FLAGGED', 'DISPUTED'))
    -- `greatest` passes over nulls: a line without a cap is asked for first.
    select l.id, l.quantity_cap::bigint, n.used, t.reserved + p.reserved,
           case when l.quantity_cap is not null then greatest(l.quantity_cap - n.used - t.reserved - p.reserved, 0) end,
           n.done, w.unverified, n.unreachable,
           case when l.quantity_cap is not null then greatest(l.quantity_cap - n.done - n.unreachable, 0) end
      from l, counted n, taken t, planned p, waiting w
$$;

-- As in 0005, and: a session given to one person alone is a session with one participant.
create or replace function work_value(metric text, version uuid, line uuid) returns bigint
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
    lines constant uuid[] := case when line is null
        then array(select l.id from agreement_lines l where l.version_id = version) else array[line] end;
begin
    case metric
    when 'QUANTITY' then
        return (select coalesce(sum(u.done), 0) from agreement_lines l cross join lateral line_usage(l.id) u
                 where l.id = any (lines) and (line is not null or l.kind = 'UNIT'));
    when 'FOLLOW_UPS' then
        return (select coalesce(sum(d.quantity), 0) from deliveries d join agreement_lines l on l.id = d.line_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and l.unit = 'CASE');
    when 'SESSIONS' then
        return (select count(*) from deliveries d
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and (d.session_id is not null or d.unit = 'SESSION'));
    when 'ATTENDANCES', 'PARTICIPANTS' then
        return (select coalesce(sum(coalesce(s.participant_count, 1)), 0)
                  from deliveries d left join group_sessions s on s.id = d.session_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and (d.session_id is not null or d.unit = 'SESSION'));
    when 'AVERAGE_PARTICIPANTS' then
        return (select coalesce(sum(coalesce(s.participant_count, 1)) / nullif(count(*), 0), 0)
                  from deliveries d left join group_sessions s on s.id = d.session_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and (d.session_id is not null or d.unit = 'SESSION'));
    when 'PERSONS' then
        -- Where persons are what is bought, heads are counted as recorded; elsewhere each person once.
        return (select coalesce(sum(d.quantity), 0) from deliveries d join agreement_lines l on l.id = d.line_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and l.unit = 'PERSON')
             + (select count(distinct w.person_id) from work_persons(lines) w where w.unit <> 'PERSON');
    when 'HOUSEHOLDS' then
        return (select count(distinct coalesce(p.household_id, p.id))
                  from work_persons(lines) w join persons p on p.id = w.person_id);
    when 'CASES_CLOSED' then
        return (select count(*) from cases c
                 where c.line_id = any (lines) and c.status = 'CLOSED' and c.outcome in ('COMPLETED', 'PARTLY_COMPLETED'));
    when 'REPORTS' then
        return (select coalesce(sum(d.quantity), 0) from deliveries d join agreement_lines l on l.id = d.line_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and l.unit = 'REPORT');
    else
        return null;
    end case;
end $$;

-- A block that states no figure (staff for a year, say) is paid whole: what was given of it is for a person to judge.
create function is_judged(line uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp
as $$
    select l.kind = 'BLOCK' and not exists (select from criteria c where c.line_id = l.id)
      from agreement_lines l where l.id = line
$$;

-- As in 0005, and: what a person judges has no value, nor has a quality that no unit can be measured by.
create or replace function milestone_progress(milestone uuid)
    returns table (ord bigint, milestone_id uuid, criterion_id uuid, line_id uuid, metric text, per_unit boolean,
                   target bigint, value bigint, met boolean)
    language sql stable security definer rows 10 set search_path = public, pg_temp
as $$
    with m as (select * from milestones s where s.id = milestone),
    asked as (
        select 0 as line_number, 0 as part, k.id as criterion_id, null::uuid as line_id, k.metric, false as per_unit,
               k.operator, k.target::bigint as target, work_value(k.metric, m.version_id, null) as value
          from m join criteria k on k.milestone_id = m.id
        union all
        select l.number, 0, null, l.id, 'QUANTITY', false, 'AT_LEAST', l.quantity_cap::bigint,
               case when not is_judged(l.id) then u.done end
          from m join agreement_lines l on l.version_id = m.version_id and m.kind in ('DELIVERY', 'FINAL')
         cross join lateral line_usage(l.id) u
         where l.quantity_cap is not null
        union all
        select l.number, 1, k.id, l.id, k.metric, true, 'AT_LEAST', count(u.line_id),
               case when count(u.line_id) = 0 or count(v.value) > 0
                    then count(*) filter (where reaches(v.value, k.operator, k.target)) end
          from m join agreement_lines l on l.version_id = m.version_id and m.kind in ('DELIVERY', 'FINAL')
          join criteria k on k.line_id = l.id and k.per_unit
          left join lateral line_units(l.id) u on true
         cross join lateral (select unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances, u.participants)
                                    as value) v
         group by l.number, l.id, k.id, k.metric
        union all
        select l.number, 2, k.id, l.id, k.metric, false, k.operator, k.target::bigint,
               work_value(k.metric, m.version_id, l.id)
          from m join agreement_lines l on l.version_id = m.version_id and m.kind in ('DELIVERY', 'FINAL')
          join criteria k on k.line_id = l.id and not k.per_unit)
    select row_number() over (order by a.line_number, a.part, a.criterion_id), milestone, a.criterion_id, a.line_id, a.metric,
           a.per_unit, a.target, a.value, reaches(a.value, a.operator, a.target)
      from asked a
     order by 1
$$;

-- Whether the units of a line say something about a figure of the whole.
create function figure_concerns(metric text, unit text) returns boolean
    language sql immutable set search_path = public, pg_temp
as $$
    select case when metric = 'FOLLOW_UPS' then unit = 'CASE'
                when metric in ('SESSIONS', 'ATTENDANCES', 'PARTICIPANTS', 'AVERAGE_PARTICIPANTS')
                then unit in ('SESSION', 'SERIES', 'PERSON')
                when metric = 'REPORTS' then unit = 'REPORT' else true end
$$;

-- As in 0005, and: a session planned of a line that buys sessions is to be delivered, a place in one is no unit; a quantity
-- lacks its units that were begun and do not count; a figure of the whole lacks what is recorded and not verified, cases not
-- closed, sessions that lower the average, and in one row what all of it comes short of.
create or replace function progress_missing(milestone uuid, criterion uuid, line uuid)
    returns table (ord bigint, reason text, community_id uuid, case_id uuid, series_id uuid, delivery_id uuid, reference text,
                   value bigint, target bigint, lacking bigint, due_on date)
    language sql stable security definer rows 20 set search_path = public, pg_temp
as $$
    with m as (select * from milestones s where s.id = milestone),
    k as (select * from criteria c where c.id = criterion and c.per_unit),
    -- A figure of the whole that is not reached, with the lines it is taken of.
    w as (select c.metric, c.operator, c.target::bigint as target, v.value,
                 array(select l.id from agreement_lines l
                        where l.version_id = c.version_id and l.id = coalesce(c.line_id, l.id) and figure_concerns(c.metric, l.unit)
                          and (c.line_id is not null or c.metric <> 'QUANTITY' or l.kind = 'UNIT')) as lines
            from criteria c cross join lateral (select work_value(c.metric, c.version_id, c.line_id) as value) v
           where c.id = criterion and not c.per_unit and not reaches(v.value, c.operator, c.target)),
    of_lines as (select line as id where criterion is null union all select unnest(w.lines) from w),
    found as (
        select -1 as part, 'NOT_REACHED' as reason, null::uuid as community_id, null::uuid as case_id, null::uuid as series_id,
               null::uuid as delivery_id, null as reference, w.value, w.target, abs(w.target - w.value) as lacking
          from w
        union all
        select 0, 'BELOW_QUALITY', u.community_id, u.case_id, u.series_id, u.delivery_id, u.reference,
               v.value, k.target, abs(k.target - v.value)
          from k cross join lateral line_units(k.line_id) u
         cross join lateral (select unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances, u.participants)
                                    as value) v
         where not reaches(v.value, k.operator, k.target)
        union all
        select 0, 'BELOW_QUALITY', u.community_id, u.case_id, u.series_id, u.delivery_id, u.reference, 0, u.quantity, u.quantity
          from line_units(line) u
         where criterion is null and (u.verified or u.follow_ups is not null or u.sessions > 0)
           and not (u.follow_ups = 0 and exists (select from cases c where c.id = u.case_id and c.delivered_count = 0))
           and exists (select from criteria q
                        where q.line_id = line and q.per_unit
                          and reaches(unit_value(q.metric, u.quantity, u.follow_ups, u.sessions, u.attendances, u.participants),
                                      q.operator, q.target) is false)
        union all
        select 0, 'BELOW_QUALITY', d.community_id, null, s.series_id, d.id, d.reference, s.participant_count, w.target,
               w.target - s.participant_count
          from w join deliveries d on d.line_id = any (w.lines) and d.status = 'VERIFIED'
          join group_sessions s on s.id = d.session_id
         where w.metric = 'AVERAGE_PARTICIPANTS' and w.operator <> 'AT_MOST' and s.participant_count < w.target
        union all
        select case d.status when 'DISPUTED' then 1 else 2 end, case d.status when 'DISPUTED' then 'DISPUTED' else 'TO_VERIFY' end,
               d.community_id, d.case_id, null, d.id, d.reference, 0, d.quantity, d.quantity
          from of_lines l join deliveries d on d.line_id = l.id and d.status in ('RECORDED', 'FLAGGED', 'DISPUTED')
         where not exists (select from w where w.metric = 'CASES_CLOSED' or w.operator = 'AT_MOST')
        union all
        select 3, 'TO_DELIVER', c.community_id, c.id, null, null, c.reference, c.delivered_count, c.quantity,
               c.quantity - c.delivered_count
          from cases c join agreement_lines l on l.id = c.line_id and l.unit in ('VISIT', 'HOUR', 'CASE', 'PERSON')
         where criterion is null and c.line_id = line and c.status <> 'CLOSED' and c.delivered_count < c.quantity
           and not (l.unit = 'PERSON' and case_served(c.id))
        union all
        select 3, 'TO_DELIVER', c.community_id, c.id, null, null, c.reference, 0, 1, 1
          from w join cases c on c.line_id = any (w.lines) and c.status <> 'CLOSED'
         where w.metric = 'CASES_CLOSED' and w.operator <> 'AT_MOST'
        union all
        select 3, 'TO_DELIVER', s.community_id, null, s.series_id, null, s.reference, 0, 1, 1
          from group_sessions s join agreement_lines l on l.id = s.line_id and l.unit = 'SESSION'
         where criterion is null and s.line_id = line and s.status = 'PLANNED'
        union all
        select 3, 'TO_DELIVER', g.community_id, null, g.id, null, g.reference, 0, 1, 1
          from activity_series g join agreement_lines l on l.id = g.line_id and l.unit = 'SERIES'
         where criterion is null and g.line_id = line and g.status = 'OPEN'
           and not exists (select from group_sessions s where s.series_id = g.id and s.status = 'HELD')
        union all
        select 4, 'OFFERED', o.community_id, null, null, null, null, 0, o.quantity, o.quantity
          from offers o join agreement_lines l on l.id = o.line_id and l.unit in ('VISIT', 'HOUR', 'PERSON', 'CASE')
         where criterion is null and o.line_id = line and o.status = 'OFFERED'
        union all
        select 5, 'NOT_OFFERED', null, null, null, null, null, u.used + u.reserved, u.quantity_cap, u.remaining
          from line_usage(line) u
         where criterion is null and u.remaining > 0 and not is_judged(line))
    select row_number() over (order by f.part, f.reference, f.lacking desc), f.reason, f.community_id, f.case_id, f.series_id,
           f.delivery_id, f.reference, f.value, f.target, f.lacking, m.due_on
      from found f, m
     order by 1
     limit 200
$$;

-- As in 0005, and: a block (staff, say) is suggested after what is bought by the unit.
create or replace function partner_suggestions(referral uuid)
    returns table (ord bigint, partner_id uuid, line_id uuid, agreement_id uuid, remaining bigint, vacancy integer,
                   reason_code text)
    language plpgsql stable rows 10 security definer set search_path = public, pg_temp
as $$
begin
    return query
    with lines as (
        select l.id, l.partner_id, l.agreement_id, l.number, l.kind, u.remaining, c.vacancy_count as vacancy, d.declines,
               case when not is_qualified(l.partner_id, r.service_type_id, hub_today()) then 'NOT_QUALIFIED'
                    when u.remaining <= 0 then 'NO_QUANTITY'
                    when d.declines > 0 then 'DECLINED_BEFORE'
                    when c.vacancy_count = 0 then 'NO_VACANCY'
                    else 'SERVES_HERE' end as reason
          from referrals r
          join agreement_lines l on l.street_id = r.street_id and l.service_type_id = r.service_type_id
                                and r.community_id = any (l.community_ids)
          join agreements g on g.id = l.agreement_id and g.current_version_id = l.version_id and g.status = 'ACTIVE'
         cross join lateral line_usage(l.id) u
          left join capacities c on c.partner_id = l.partner_id and c.service_type_id = r.service_type_id
                                and c.community_id = r.community_id
         cross join lateral (select count(*) as declines from offers o
                              where o.referral_id = r.id and o.partner_id = l.partner_id and o.status = 'DECLINED') d
         where r.id = referral and r.street_id = nullif(current_setting('hub.street', true), '')::uuid)
    select row_number() over (
               order by s.declines > 0,
                        array_position(array['SERVES_HERE', 'NO_VACANCY', 'NO_QUANTITY', 'NOT_QUALIFIED'], s.reason),
                        s.kind = 'BLOCK', coalesce(s.vacancy, 0) > 0 desc, s.remaining desc nulls first, s.declines, s.partner_id, s.number),
           s.partner_id, s.id, s.agreement_id, s.remaining, s.vacancy, s.reason
      from lines s
     order by 1
     limit 50;
end $$;

-- ------------------------------------------------------------------------------------------------------ within the line
-- As in 0005, and: where persons are bought, their heads may be counted in sessions.
create or replace function refuse_series_beyond_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    line agreement_lines%rowtype;
begin
    perform lock_line(new.line_id);
    select * into line from agreement_lines l where l.id = new.line_id;
    if line.unit not in ('SESSION', 'SERIES', 'PERSON') or not new.community_id = any (line.community_ids)
       or not exists (select from agreements g
                       where g.id = line.agreement_id and g.status = 'ACTIVE' and g.current_version_id = line.version_id)
    then
        raise exception 'the line does not buy group work here, or not now'
            using errcode = '23514', constraint = 'series_outside_line', table = tg_table_name;
    end if;
    if line.unit = 'SERIES' and line.quantity_cap is not null and (select u.remaining from line_usage(line.id) u) < 1 then
        raise exception 'all series of the line are taken'
            using errcode = '23514', constraint = 'line_quantity', table = tg_table_name;
    end if;
    new.planned_count := 0;
    new.held_count := 0;
    return new;
end $$;

-- I17: no session is planned that the line has not left. The line is locked, then its use summed anew; this one is in it.
create function refuse_session_beyond_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform lock_line(new.line_id);
    if exists (select from agreement_lines l cross join lateral line_usage(l.id) u
                where l.id = new.line_id
                  and case l.unit when 'SESSION' then u.used + u.reserved > u.quantity_cap
                                  when 'PERSON' then u.used + u.reserved >= u.quantity_cap end)
    then
        raise exception 'the line has no session left to plan'
            using errcode = '23514', constraint = 'line_quantity', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger group_sessions_within_line after insert on group_sessions
    for each row execute function refuse_session_beyond_line();

-- As in 0005, and: a visit is one unit; a session of a line that counts sessions may be given to one person alone; heads
-- are no more than were there.
create or replace function refuse_delivery_outside_agreement() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform lock_line(new.line_id);
    if not exists (select from agreements g
                     join agreement_versions v on v.id = g.current_version_id
                     join agreement_lines l on l.id = new.line_id and l.agreement_id = g.id
                    where g.id = new.agreement_id and g.status in ('ACTIVE', 'CLOSING')
                      and new.happened_on = new.happened_at::date
                      and new.happened_on between v.effective_from_on and v.ends_on
                      and new.community_id = any (l.community_ids))
    then
        raise exception 'the delivery is not within an agreement in force'
            using errcode = '23514', constraint = 'delivery_outside_agreement', table = tg_table_name;
    end if;
    if (new.case_id is not null and new.unit = 'SERIES')
       or (new.session_id is not null and new.unit not in ('SESSION', 'SERIES', 'PERSON'))
       or (new.quantity > 1 and new.unit in ('VISIT', 'SESSION', 'SERIES', 'CASE'))
       or (new.quantity > 1 and new.session_id is not null
           and new.quantity > (select s.participant_count from group_sessions s where s.id = new.session_id))
    then
        raise exception 'a unit of this line is not delivered so'
            using errcode = '23514', constraint = 'delivery_beyond_offer', table = tg_table_name;
    end if;
    if (new.visit_id is not null and not exists (
            select from visits v where v.id = new.visit_id and v.status = 'COMPLETED' and v.kept_at = new.happened_at))
       or (new.session_id is not null and not exists (
            select from group_sessions s where s.id = new.session_id and s.status = 'HELD' and s.held_at = new.happened_at))
    then
        raise exception 'the visit or session was not held at that moment'
            using errcode = '23514', constraint = 'delivery_not_held', table = tg_table_name;
    end if;
    return new;
end $$;

-- I17: what no offer has reserved is on the line when it is recorded. A session that was planned gives up its own place.
create function refuse_delivery_beyond_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    if exists (select from line_usage(new.line_id) u
                where case when new.unit = 'SESSION' and new.session_id is not null then u.used > u.quantity_cap
                           else u.used + u.reserved > u.quantity_cap end)
    then
        raise exception 'nothing is left of the line'
            using errcode = '23514', constraint = 'line_quantity', table = tg_table_name;
    end if;
    return null;
end $$;

create trigger deliveries_within_line after insert on deliveries
    for each row when (new.unit in ('SESSION', 'REPORT') or (new.unit = 'PERSON' and new.session_id is not null))
    execute function refuse_delivery_beyond_line();

-- As in 0005, and: of casework on a line that counts sessions a person may be given as many as the line has.
create or replace function count_delivered() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    total bigint;
    of_case cases%rowtype;
begin
    select * into of_case from cases c where c.id = new.case_id for no key update;
    select coalesce(sum(d.quantity), 0) into total
      from deliveries d where d.case_id = new.case_id and d.status <> 'VOIDED';
    if tg_op = 'INSERT' and total > of_case.quantity
       and new.unit <> 'CASE' and not (new.unit = 'SESSION' and of_case.kind = 'CASEWORK')
    then
        raise exception '% were offered, not %', of_case.quantity, total
            using errcode = '23514', constraint = 'delivery_beyond_offer', table = tg_table_name;
    end if;
    update cases c set delivered_count = total where c.id = new.case_id and c.delivered_count <> total;
    if tg_op = 'INSERT' and of_case.status = 'CLOSED'
       and exists (select from line_usage(new.line_id) u where u.used + u.reserved > u.quantity_cap)
    then
        raise exception 'nothing is left of the line'
            using errcode = '23514', constraint = 'delivery_beyond_offer', table = tg_table_name;
    end if;
    return null;
end $$;

-- ------------------------------------------------------------------------------------------------------------- evidence
-- The instant from which nothing of its evidence has been missing; null while it is. Never before it was recorded.
create function delivery_proven_at(proven uuid) returns timestamptz
    language sql stable security definer set search_path = public, pg_temp
as $$
    select case when s.evidence_policy = 'NONE' then d.recorded_at
                else greatest(d.recorded_at, (select min(e.attached_at)
                                                from delivery_documents e
                                                join documents c on c.id = e.document_id and c.kind = s.evidence_policy
                                               where e.delivery_id = d.id)) end
      from deliveries d join service_types s on s.id = d.service_type_id
     where d.id = proven and d.evidence_complete
$$;

-- As in 0005, and: the 7 undisputed days (DELIVERY_AUTO_VERIFY_DAYS) count from when the evidence was complete.
create or replace function require_proof(delivery deliveries, was text) returns void
    language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    if delivery.verification = 'EVIDENCE' then
        if delivery.verified_by_id is not null or nullif(current_setting('hub.membership', true), '') is not null then
            raise exception 'only SYSTEM verifies by evidence'
                using errcode = '23514', constraint = 'wrong_hands', table = 'deliveries';
        end if;
        if was is distinct from 'RECORDED' or not delivery.evidence_complete or delivery.flags <> '{}'
           or delivery.verified_at < delivery_proven_at(delivery.id) + interval '7 days'
           or exists (select from callbacks c
                       where c.delivery_id = delivery.id
                         and (c.status = 'DUE' or (c.status = 'NOT_REACHED' and c.attempt_count < 3)))
        then
            raise exception 'its evidence does not verify it'
                using errcode = '23514', constraint = 'delivery_unproven', table = 'deliveries';
        end if;
    elsif not exists (select from memberships m
                       where m.id = delivery.verified_by_id
                         and (delivery.verification, m.role) in (('COMMUNITY', 'COMMUNITY_WORKER'),
                                                                 ('STATION', 'STATION_WORKER')))
    then
        raise exception 'nobody of that kind verified it'
            using errcode = '23514', constraint = 'wrong_hands', table = 'deliveries';
    end if;
end $$;
