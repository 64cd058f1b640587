-- What was done against what was bought. Read by fields of milestones and lines, and asked by the guards of offers, series
-- and claims: this file is the one place that says what a unit is and when it counts.
--
-- The functions see all rows (SECURITY DEFINER), since finance has to know how many without knowing who. Whoever calls
-- them has found the milestone or line within her own rows first; what they return names no person.

-- One row a unit of the line, begun or done. A unit of VISIT, HOUR, PERSON, SESSION and REPORT lines is a delivery (with
-- its quantity), of CASE lines a case, of SERIES lines a series. Figures count verified work only; `verified` says whether
-- there is any, `final` whether nothing can be added to it any more. `participants` of a delivery are those of its session.
create function line_units(line uuid)
    returns table (line_id uuid, community_id uuid, case_id uuid, series_id uuid, delivery_id uuid, reference text,
                   quantity bigint, verified boolean, final boolean,
                   follow_ups bigint, sessions bigint, attendances bigint, participants bigint)
    language sql stable security definer rows 100 set search_path = public, pg_temp
as $$
    select d.line_id, d.community_id, d.case_id, s.series_id, d.id, d.reference,
           d.quantity::bigint, d.status = 'VERIFIED', d.status = 'VERIFIED',
           null::bigint, null::bigint, null::bigint, s.participant_count::bigint
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

-- What one figure of a unit is; null where the hub has none of that kind, so that a person has to judge it.
create function unit_value(metric text, quantity bigint, follow_ups bigint, sessions bigint, attendances bigint,
                           participants bigint) returns bigint
    language sql immutable set search_path = public, pg_temp
as $$
    select case metric
        when 'QUANTITY' then quantity
        when 'FOLLOW_UPS' then follow_ups
        when 'SESSIONS' then sessions
        when 'ATTENDANCES' then attendances
        when 'PARTICIPANTS' then participants
        when 'AVERAGE_PARTICIPANTS' then coalesce(attendances / nullif(sessions, 0), participants)
    end
$$;

create function reaches(value bigint, operator text, target bigint) returns boolean
    language sql immutable set search_path = public, pg_temp
as $$
    select case operator when 'AT_LEAST' then value >= target when 'AT_MOST' then value <= target else value = target end
$$;

-- A line at a glance, in its units. `used` and `reserved` are what offers and series may no longer take; `done` is
-- verified and of the quality that each unit must have, hence payable; `unreachable` was given and is final, but falls
-- short of that quality; `owed` is what is still to come. Without a cap there is no `remaining` and no `owed`.
create function line_usage(line uuid)
    returns table (line_id uuid, quantity_cap bigint, used bigint, reserved bigint, remaining bigint,
                   done bigint, unverified bigint, unreachable bigint, owed bigint)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    with l as (select * from agreement_lines a where a.id = line),
    -- An offer reserves until it is refused or its case is closed; a person who was given more than offered uses more.
    taken as (
        select coalesce(sum(case when l.unit in ('VISIT', 'HOUR', 'PERSON', 'CASE')
                                 then case l.unit when 'CASE' then 1 else greatest(o.quantity, coalesce(c.delivered_count, 0)) end
                            end), 0)::bigint as reserved
          from l join offers o on o.line_id = l.id
          left join cases c on c.offer_id = o.id
         where o.status = 'OFFERED' or (o.status = 'ACCEPTED' and c.status <> 'CLOSED')),
    units as (
        select u.*, coalesce((select bool_and(reaches(unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances,
                                                                 u.participants), k.operator, k.target)
                                              is not false)
                                from criteria k where k.line_id = u.line_id and k.per_unit), true) as good
          from line_units(line) u),
    counted as (
        select coalesce(sum(u.quantity) filter (where u.verified and u.good), 0)::bigint as done,
               coalesce(sum(u.quantity) filter (where u.final and not u.good), 0)::bigint as unreachable,
               -- What an open case was given is inside its reservation.
               coalesce(sum(u.quantity) filter (where c.id is null or c.status = 'CLOSED'), 0)::bigint as used
          from units u left join cases c on c.id = u.case_id),
    waiting as (
        select coalesce(sum(d.quantity), 0)::bigint as unverified
          from deliveries d where d.line_id = line and d.status in ('RECORDED', 'FLAGGED', 'DISPUTED'))
    -- `greatest` passes over nulls: a line without a cap is asked for first.
    select l.id, l.quantity_cap::bigint, n.used, t.reserved,
           case when l.quantity_cap is not null then greatest(l.quantity_cap - n.used - t.reserved, 0) end,
           n.done, w.unverified, n.unreachable,
           case when l.quantity_cap is not null then greatest(l.quantity_cap - n.done - n.unreachable, 0) end
      from l, counted n, taken t, waiting w
$$;

-- A figure over a whole line, or (line null) over all lines of a version, from verified work. Null: not the hub's to say.
create function work_value(metric text, version uuid, line uuid) returns bigint
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
                 where d.line_id = any (lines) and d.status = 'VERIFIED' and d.session_id is not null);
    when 'ATTENDANCES', 'PARTICIPANTS' then
        return (select coalesce(sum(s.participant_count), 0) from deliveries d join group_sessions s on s.id = d.session_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED');
    when 'AVERAGE_PARTICIPANTS' then
        return (select coalesce(sum(s.participant_count) / nullif(count(*), 0), 0)
                  from deliveries d join group_sessions s on s.id = d.session_id
                 where d.line_id = any (lines) and d.status = 'VERIFIED');
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

-- Who was served by verified work of these lines, on a case or in a session.
create function work_persons(lines uuid[]) returns table (person_id uuid, unit text)
    language sql stable security definer set search_path = public, pg_temp
as $$
    select d.person_id, d.unit from deliveries d
     where d.line_id = any (lines) and d.status = 'VERIFIED' and d.person_id is not null
    union
    select t.person_id, d.unit from deliveries d join attendances t on t.session_id = d.session_id
     where d.line_id = any (lines) and d.status = 'VERIFIED'
$$;

-- The progress of a milestone, row by row: what it asks for itself, and (stages that pay for deliveries) what each line
-- has reached: its quantity, the quality of its units, its figures as a whole. Of a quality that each unit must have,
-- `value` is how many units reach it and `target` how many were begun.
create function milestone_progress(milestone uuid)
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
        select l.number, 0, null, l.id, 'QUANTITY', false, 'AT_LEAST', l.quantity_cap::bigint, u.done
          from m join agreement_lines l on l.version_id = m.version_id and m.kind in ('DELIVERY', 'FINAL')
         cross join lateral line_usage(l.id) u
         where l.quantity_cap is not null
        union all
        select l.number, 1, k.id, l.id, k.metric, true, 'AT_LEAST', count(u.line_id),
               count(*) filter (where reaches(unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances,
                                                         u.participants), k.operator, k.target))
          from m join agreement_lines l on l.version_id = m.version_id and m.kind in ('DELIVERY', 'FINAL')
          join criteria k on k.line_id = l.id and k.per_unit
          left join lateral line_units(l.id) u on true
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

-- What a row of progress lacks, down to the rows: cases and series below the quality asked for, deliveries to verify,
-- work accepted but not given, offers unanswered, and the rest that was never offered. At most 200 rows.
create function progress_missing(milestone uuid, criterion uuid, line uuid)
    returns table (ord bigint, reason text, community_id uuid, case_id uuid, series_id uuid, delivery_id uuid, reference text,
                   value bigint, target bigint, lacking bigint, due_on date)
    language sql stable security definer rows 20 set search_path = public, pg_temp
as $$
    with m as (select * from milestones s where s.id = milestone),
    k as (select * from criteria c where c.id = criterion and c.per_unit),
    found as (
        select 0 as part, 'BELOW_QUALITY' as reason, u.community_id, u.case_id, u.series_id, u.delivery_id, u.reference,
               v.value, k.target::bigint as target, abs(k.target - v.value) as lacking
          from k cross join lateral line_units(k.line_id) u
         cross join lateral (select unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances, u.participants)
                                    as value) v
         where not reaches(v.value, k.operator, k.target)
        union all
        select case d.status when 'DISPUTED' then 1 else 2 end, case d.status when 'DISPUTED' then 'DISPUTED' else 'TO_VERIFY' end,
               d.community_id, d.case_id, null, d.id, d.reference, 0, d.quantity, d.quantity
          from deliveries d
         where criterion is null and d.line_id = line and d.status in ('RECORDED', 'FLAGGED', 'DISPUTED')
        union all
        select 3, 'TO_DELIVER', c.community_id, c.id, null, null, c.reference, c.delivered_count, c.quantity,
               c.quantity - c.delivered_count
          from cases c join agreement_lines l on l.id = c.line_id
         where criterion is null and c.line_id = line and c.status <> 'CLOSED' and c.delivered_count < c.quantity
        union all
        select 4, 'OFFERED', o.community_id, null, null, null, null, 0, o.quantity, o.quantity
          from offers o join agreement_lines l on l.id = o.line_id and l.unit in ('VISIT', 'HOUR', 'PERSON', 'CASE')
         where criterion is null and o.line_id = line and o.status = 'OFFERED'
        union all
        select 5, 'NOT_OFFERED', null, null, null, null, null, u.used + u.reserved, u.quantity_cap, u.remaining
          from line_usage(line) u
         where criterion is null and u.remaining > 0)
    select row_number() over (order by f.part, f.reference, f.lacking desc), f.reason, f.community_id, f.case_id, f.series_id,
           f.delivery_id, f.reference, f.value, f.target, f.lacking, m.due_on
      from found f, m
     order by 1
     limit 200
$$;
