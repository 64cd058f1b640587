-- Puts back what `0007_services.sql` replaced, as it was in 0005.
drop trigger deliveries_within_line on deliveries;
drop trigger group_sessions_within_line on group_sessions;
drop trigger cases_of_casework on cases;
drop index ix_cases_offer_id;
drop index ix_deliveries_session;

drop trigger group_sessions_immutable on group_sessions;
create trigger group_sessions_immutable before update on group_sessions
    for each row execute function keep_group_work('PLANNED', 'status worker_id held_at participant_count cancel_reason_code'
                                                             ' cancel_reason version');
alter table group_sessions enable always trigger group_sessions_immutable;
alter table group_sessions drop column stands_in_for_id;

create or replace function line_units(line uuid)
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

create or replace function line_usage(line uuid)
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

create or replace function progress_missing(milestone uuid, criterion uuid, line uuid)
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

drop function figure_concerns(text, text);
drop function is_judged(uuid);

create or replace function partner_suggestions(referral uuid)
    returns table (ord bigint, partner_id uuid, line_id uuid, agreement_id uuid, remaining bigint, vacancy integer,
                   reason_code text)
    language plpgsql stable rows 10 security definer set search_path = public, pg_temp
as $$
begin
    return query
    with lines as (
        select l.id, l.partner_id, l.agreement_id, l.number, u.remaining, c.vacancy_count as vacancy, d.declines,
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
                        coalesce(s.vacancy, 0) > 0 desc, s.remaining desc nulls first, s.declines, s.partner_id, s.number),
           s.partner_id, s.id, s.agreement_id, s.remaining, s.vacancy, s.reason
      from lines s
     order by 1
     limit 50;
end $$;

create or replace function refuse_series_beyond_line() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    line agreement_lines%rowtype;
begin
    perform lock_line(new.line_id);
    select * into line from agreement_lines l where l.id = new.line_id;
    if line.unit not in ('SESSION', 'SERIES') or not new.community_id = any (line.community_ids)
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
    if (new.case_id is not null and new.unit in ('SESSION', 'SERIES'))
       or (new.quantity > 1 and new.unit in ('SESSION', 'SERIES', 'CASE'))
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
    if tg_op = 'INSERT' and new.unit <> 'CASE' and total > of_case.quantity then
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

drop function refuse_delivery_beyond_line();
drop function refuse_session_beyond_line();
drop function require_casework_of_line();
drop function delivery_proven_at(uuid);
drop function case_served(uuid);
drop function sessions_attended(uuid, uuid);
