-- Takes back the report that reads the work once: its functions as 0007 made them.
drop function report_rows(uuid, date, date, timestamptz, integer);
drop type report_row;
drop function report_work(uuid, date, date, timestamptz);

-- Everything done in a place from the first day to the last, a row an occurrence:
--   VISIT         a completed visit of whatever kind, on the day somebody was at the door
--   CASE_SERVICE  service to one person on a case: a delivery that is not voided, or, where no agreement pays, a completed
--                 visit for service or follow-up. Given at the person's home it is a visit as well
--   ATTENDANCE    somebody at a session that was held; `unnamed` are heads counted without names
--   PROMISE       a promised visit, on the day it was promised for, with what became of it
-- A person without a household counts as one. Age is that of the last day.
create function report_work(place uuid, from_on date, to_on date, now_at timestamptz)
    returns table (measure text, outcome text, person_id uuid, home_id uuid, unnamed bigint, occasion_id uuid,
                   community_id uuid, service_type_id uuid, partner_id uuid, age_group text)
    language sql stable security definer rows 1000 set search_path = public, pg_temp
as $$
    with o as (
        select g.street_id, case g.kind when 'COMMUNITY' then g.id end as only_id,
               from_on::timestamptz as since, (to_on + 1)::timestamptz as until
          from organizations g where g.id = place and g.kind in ('STREET', 'COMMUNITY')),
    seen as (
        select v.id, v.person_id, v.community_id, coalesce(v.service_type_id, c.service_type_id) as service_type_id, v.partner_id,
               v.status = 'COMPLETED' and v.kept_at >= o.since and v.kept_at < o.until as came,
               v.promised_from_at >= o.since and v.promised_from_at < o.until as promised,
               v.kind in ('SERVICE', 'FOLLOW_UP') and v.case_id is not null and c.line_id is null as unpaid_service,
               case when v.status = 'CANCELLED' then 'CANCELLED' when v.kept_at > v.promised_to_at then 'LATE'
                    when v.kept_at is not null then 'KEPT' when v.promised_to_at < now_at then 'MISSED' else 'OPEN' end as outcome
          from o join visits v on v.street_id = o.street_id
                              and (v.status = 'COMPLETED' and v.kept_at >= o.since and v.kept_at < o.until
                                   or v.promised_from_at >= o.since and v.promised_from_at < o.until)
          left join cases c on c.id = v.case_id
         where o.only_id is null or v.community_id = o.only_id),
    done as (
        select e.measure, e.outcome, v.person_id, 0 as unnamed, v.id as occasion_id, v.community_id, v.service_type_id,
               v.partner_id
          from seen v
         cross join lateral (values ('VISIT', null, v.came), ('CASE_SERVICE', null, v.came and v.unpaid_service),
                                    ('PROMISE', v.outcome, v.promised)) as e (measure, outcome, holds)
         where e.holds
        union all
        select 'CASE_SERVICE', null, d.person_id, 0, d.id, d.community_id, d.service_type_id, d.partner_id
          from o join deliveries d on d.street_id = o.street_id and d.happened_at >= o.since and d.happened_at < o.until
         where d.case_id is not null and d.status <> 'VOIDED' and (o.only_id is null or d.community_id = o.only_id)
        union all
        select 'ATTENDANCE', null, a.person_id, coalesce(a.heads, 0), s.id, s.community_id, g.service_type_id, s.partner_id
          from o join group_sessions s on s.street_id = o.street_id and s.status = 'HELD'
                                      and s.held_at >= o.since and s.held_at < o.until
          join activity_series g on g.id = s.series_id
         cross join lateral (
               select t.person_id, null::integer as heads from attendances t where t.session_id = s.id
               union all
               select null, h.heads
                 from (select s.participant_count - count(*)::integer as heads
                         from attendances t where t.session_id = s.id) h
                where h.heads > 0) a
         where (o.only_id is null or s.community_id = o.only_id)
           -- A session whose record was voided was not held.
           and (not exists (select from deliveries d where d.session_id = s.id)
                or exists (select from deliveries d where d.session_id = s.id and d.status <> 'VOIDED')))
    select d.measure, d.outcome, d.person_id, coalesce(p.household_id, p.id), d.unnamed, d.occasion_id, d.community_id,
           d.service_type_id, d.partner_id,
           case when p.birth_on > to_on - interval '7 years' then 'AGE_0_6'
                when p.birth_on > to_on - interval '18 years' then 'AGE_7_17'
                when p.birth_on > to_on - interval '60 years' then 'AGE_18_59'
                when p.birth_on > to_on - interval '70 years' then 'AGE_60_69'
                when p.birth_on > to_on - interval '80 years' then 'AGE_70_79'
                when p.birth_on is not null then 'AGE_80_PLUS' end
      from done d left join persons p on p.id = d.person_id
$$;

-- A figure as it may be told: nothing of what is hidden, 0 of what there is none of.
create or replace function published(value bigint, hidden boolean) returns bigint
    language sql immutable set search_path = public, pg_temp
as $$ select case when hidden is not true then coalesce(value, 0) end $$;

-- What was done in a place, whole (`TOTAL`) or by SERVICE, COMMUNITY, PARTNER or AGE_GROUP. `*_times` are 人次, `*_persons` 人数,
-- `*_homes` 户数; null is what may not be told, 0 is none. A figure about fewer than `minimum` people is hidden, and where it
-- could be computed from the whole (it is the only hidden one of its kind, or those hidden are together fewer than
-- `minimum` people) the next smallest with it. Promises are then told of the whole only.
create function report_rows(place uuid, from_on date, to_on date, now_at timestamptz, minimum integer, dimension text)
    returns table (part text, service_type_id uuid, community_id uuid, partner_id uuid, age_group text,
                   visit_times bigint, visit_persons bigint, visit_homes bigint,
                   service_times bigint, service_persons bigint, service_homes bigint,
                   session_count bigint, attendance_times bigint, attendance_persons bigint, attendance_homes bigint,
                   unnamed_count bigint, promised bigint, kept bigint, late bigint, missed bigint, cancelled bigint, open bigint,
                   paragraph text)
    language sql stable security definer rows 20 set search_path = public, pg_temp
as $$
    with done as materialized (select w.* from report_work(place, from_on, to_on, now_at) w),
    -- Those at a session whose names were taken are a figure of their own: beside many heads they may be few.
    work as materialized (
        select w.*, case dimension when 'SERVICE' then coalesce(w.service_type_id::text, '')
                                   when 'COMMUNITY' then w.community_id::text
                                   when 'PARTNER' then coalesce(w.partner_id::text, '')
                                   when 'AGE_GROUP' then coalesce(w.age_group, '') else '' end as part
          from (select * from done
                union all
                select 'NAMED', d.outcome, d.person_id, d.home_id, 0, d.occasion_id, d.community_id, d.service_type_id,
                       d.partner_id, d.age_group
                  from done d where d.measure = 'ATTENDANCE' and d.person_id is not null) w),
    cells as (
        select w.part, w.measure, w.outcome, (count(*) filter (where w.unnamed = 0) + sum(w.unnamed))::bigint as times,
               count(distinct w.person_id) as persons, count(distinct w.home_id) as homes,
               count(distinct w.occasion_id) as occasions, sum(w.unnamed)::bigint as unnamed,
               -- At least so many people: heads without names may be those of one session twice.
               greatest(count(distinct w.person_id), max(w.unnamed)) as people
          from work w group by w.part, w.measure, w.outcome),
    ranked as (
        select c.*, count(*) filter (where c.people < minimum) over (partition by c.measure) as small_count,
               row_number() over (partition by c.measure, c.people < minimum order by c.people, c.times, c.part, c.outcome) as place_no
          from cells c),
    -- Who is behind all the small figures of a kind together.
    behind as (
        select w.measure, greatest(count(distinct w.person_id), max(w.unnamed)) as people
          from work w join cells c on c.part = w.part and c.measure = w.measure and c.outcome is not distinct from w.outcome
         where c.people < minimum
         group by w.measure),
    shown as materialized (
        select r.*, r.people < minimum or (r.place_no = 1 and r.small_count > 0 and (r.small_count = 1 or b.people < minimum))
                    or (r.measure = 'PROMISE' and dimension <> 'TOTAL' and minimum > 1) as hidden
          from ranked r left join behind b on b.measure = r.measure),
    -- All promises of a part: told when they are about enough people.
    promises as (
        select w.part, count(*) as times,
               count(distinct w.person_id) < minimum or (dimension <> 'TOTAL' and minimum > 1) as hidden
          from work w where w.measure = 'PROMISE' group by w.part),
    parts as (
        select '' as part where dimension = 'TOTAL'
        union
        select g.id::text from organizations o join organizations g on g.id = o.id or g.parent_id = o.id
         where dimension = 'COMMUNITY' and o.id = place and g.kind = 'COMMUNITY'
        union
        select w.part from work w),
    figures as (
        select p.part,
               published(v.times, v.hidden) as visit_times, published(v.persons, v.hidden) as visit_persons,
               published(v.homes, v.hidden) as visit_homes,
               published(s.times, s.hidden) as service_times, published(s.persons, s.hidden) as service_persons,
               published(s.homes, s.hidden) as service_homes,
               published(a.occasions, a.hidden) as session_count, published(a.times, a.hidden) as attendance_times,
               published(n.persons, a.hidden or n.hidden) as attendance_persons,
               published(n.homes, a.hidden or n.hidden) as attendance_homes,
               -- The rest of the attendances is that of those who are known by name.
               published(a.unnamed, a.hidden or n.hidden) as unnamed_count,
               published(m.times, m.hidden) as promised,
               published(k.times, k.hidden) as kept, published(l.times, l.hidden) as late,
               published(x.times, x.hidden) as missed, published(c.times, c.hidden) as cancelled,
               published(q.times, q.hidden) as open,
               -- Of a part whose promises are not told, the outcomes that it has none of are not told either.
               m.hidden as promises_hidden
          from parts p
          left join shown v on v.part = p.part and v.measure = 'VISIT'
          left join shown s on s.part = p.part and s.measure = 'CASE_SERVICE'
          left join shown a on a.part = p.part and a.measure = 'ATTENDANCE'
          left join shown n on n.part = p.part and n.measure = 'NAMED'
          left join promises m on m.part = p.part
          left join shown k on k.part = p.part and k.measure = 'PROMISE' and k.outcome = 'KEPT'
          left join shown l on l.part = p.part and l.measure = 'PROMISE' and l.outcome = 'LATE'
          left join shown x on x.part = p.part and x.measure = 'PROMISE' and x.outcome = 'MISSED'
          left join shown c on c.part = p.part and c.measure = 'PROMISE' and c.outcome = 'CANCELLED'
          left join shown q on q.part = p.part and q.measure = 'PROMISE' and q.outcome = 'OPEN')
    select f.part, t.id, case when g.kind = 'COMMUNITY' then g.id end, case when g.kind = 'PARTNER' then g.id end,
           case when dimension = 'AGE_GROUP' then nullif(f.part, '') end,
           f.visit_times, f.visit_persons, f.visit_homes, f.service_times, f.service_persons, f.service_homes,
           f.session_count, f.attendance_times, f.attendance_persons, f.attendance_homes, f.unnamed_count,
           f.promised, case when f.promises_hidden is not true then f.kept end,
           case when f.promises_hidden is not true then f.late end, case when f.promises_hidden is not true then f.missed end,
           case when f.promises_hidden is not true then f.cancelled end, case when f.promises_hidden is not true then f.open end,
           case when dimension in ('TOTAL', 'COMMUNITY') then concat(
               -- 七里沟社区居委会 is spoken of as 七里沟社区.
               regexp_replace(regexp_replace(n.name, '(社区)?(居民委员会|居委会)$', '社区'), '村?(村民委员会|村委会)$', '村'), '：',
               period_words(from_on, to_on),
               figure_words('走访慰问', f.visit_times, f.visit_persons, f.visit_homes, null),
               '，', figure_words('个案服务', f.service_times, f.service_persons, f.service_homes, null),
               case when f.attendance_times is distinct from 0 then concat('，', figure_words(
                    '小组和社区活动', f.attendance_times, f.attendance_persons, f.attendance_homes, f.session_count)) end,
               case when f.promised > 0 and f.promises_hidden is not true then concat('；约定上门 ', f.promised, ' 次',
                    '，按时到访 ' || f.kept || ' 次', '，迟到 ' || nullif(f.late, 0) || ' 次',
                    '，失约 ' || nullif(f.missed, 0) || ' 次') end,
               case when minimum = 1 then '；主要服务：' || u.words end, '。') end
      from figures f
      left join service_types t on dimension = 'SERVICE' and t.id::text = f.part
      left join organizations g on dimension in ('COMMUNITY', 'PARTNER') and g.id::text = f.part
      left join organizations n on n.id = coalesce(g.id, place)
      -- The three services given most often: not told outside, where each would be a figure of its own.
      left join lateral (
           select string_agg(concat(b.name_zh, ' ', b.times, ' 人次'), '、' order by b.times desc, b.code) as words
             from (select y.code, y.name_zh, count(*) filter (where w.unnamed = 0) + sum(w.unnamed) as times
                     from work w join service_types y on y.id = w.service_type_id
                    where w.part = f.part and w.measure in ('CASE_SERVICE', 'ATTENDANCE')
                    group by y.code, y.name_zh order by 3 desc, 1 limit 3) b) u
             on dimension in ('TOTAL', 'COMMUNITY') and minimum = 1
     order by f.part = '', t.code, g.code,
              array_position('{AGE_0_6,AGE_7_17,AGE_18_59,AGE_60_69,AGE_70_79,AGE_80_PLUS}'::text[], f.part)
$$;
