-- Reports anew: the work of a place is read once for all the figures that are asked for together, and counted in tens of
-- milliseconds where a street's year took most of a second. What is told, and of whom it is not, is as before.

drop function report_rows(uuid, date, date, timestamptz, integer, text);
drop function report_work(uuid, date, date, timestamptz);

-- Everything done in a place from the first day to the last, a row for all that one person had of a kind in the same way
-- (`times`), of which there are far fewer than occurrences:
--   VISIT         a completed visit of whatever kind, on the day somebody was at the door
--   CASE_SERVICE  service to one person on a case: a delivery that is not voided, or, where no agreement pays, a completed
--                 visit for service or follow-up. Given at the person's home it is a visit as well
--   ATTENDANCE    somebody at one session that was held (`occasion_id`); `unnamed` are heads counted without names
--   PROMISE       a promised visit, on the day it was promised for, with what became of it
-- A person without a household counts as one. Age is that of the last day. Its plan is one for any place and days, so it
-- expects a handful of rows: nothing here is joined but by an index.
create function report_work(place uuid, from_on date, to_on date, now_at timestamptz)
    returns table (measure text, outcome text, person_id uuid, home_id uuid, times bigint, unnamed bigint, occasion_id uuid,
                   community_id uuid, service_type_id uuid, partner_id uuid, age_group text)
    language sql stable security definer rows 5000 set search_path = public, pg_temp
as $$
    with o as (
        select g.street_id, case g.kind when 'COMMUNITY' then g.id end as only_id,
               from_on::timestamptz as since, (to_on + 1)::timestamptz as until
          from organizations g where g.id = place and g.kind in ('STREET', 'COMMUNITY')),
    facts as (
        select v.person_id, v.community_id, coalesce(v.service_type_id, c.service_type_id) as service_type_id, v.partner_id,
               v.status = 'COMPLETED' and v.kept_at >= o.since and v.kept_at < o.until as visited,
               v.status = 'COMPLETED' and v.kept_at >= o.since and v.kept_at < o.until
                   and v.kind in ('SERVICE', 'FOLLOW_UP') and v.case_id is not null and c.line_id is null as served,
               false as attended, v.promised_from_at >= o.since and v.promised_from_at < o.until as promised,
               case when v.status = 'CANCELLED' then 'CANCELLED' when v.kept_at > v.promised_to_at then 'LATE'
                    when v.kept_at is not null then 'KEPT' when v.promised_to_at < now_at then 'MISSED' else 'OPEN' end as outcome,
               count(*) as times, 0 as unnamed, null::uuid as occasion_id
          from o
          -- Said of the arguments, not of `o`, so that both indexes by time are used for the one or the other.
          join visits v on v.street_id = (select o.street_id from o)
                       and (v.status = 'COMPLETED' and v.kept_at >= from_on::timestamptz and v.kept_at < (to_on + 1)::timestamptz
                            or v.promised_from_at >= from_on::timestamptz and v.promised_from_at < (to_on + 1)::timestamptz)
          left join cases c on c.id = v.case_id
         where o.only_id is null or v.community_id = o.only_id
         group by 1, 2, 3, 4, 5, 6, 7, 8, 9
        union all
        select d.person_id, d.community_id, d.service_type_id, d.partner_id, false, true, false, false, null, count(*), 0, null
          from o join deliveries d on d.street_id = o.street_id and d.happened_at >= o.since and d.happened_at < o.until
         where d.case_id is not null and d.status <> 'VOIDED' and (o.only_id is null or d.community_id = o.only_id)
         group by 1, 2, 3, 4
        union all
        select a.person_id, s.community_id, g.service_type_id, s.partner_id, false, false, true, false, null,
               a.times, a.unnamed, s.id
          from o join group_sessions s on s.street_id = o.street_id and s.status = 'HELD'
                                      and s.held_at >= o.since and s.held_at < o.until
          join activity_series g on g.id = s.series_id
         cross join lateral (
               select t.person_id, 1 as times, 0 as unnamed from attendances t where t.session_id = s.id
               union all
               select null, 0, h.heads
                 from (select s.participant_count - count(*)::integer as heads
                         from attendances t where t.session_id = s.id) h
                where h.heads > 0) a
         where (o.only_id is null or s.community_id = o.only_id)
           -- A session whose record was voided was not held.
           and (not exists (select from deliveries d where d.session_id = s.id)
                or exists (select from deliveries d where d.session_id = s.id and d.status <> 'VOIDED'))),
    -- Materialized, so that a person is looked up once for a visit that is three things.
    known as materialized (
        select f.*, coalesce(p.household_id, p.id) as home_id,
               case when p.birth_on > to_on - interval '7 years' then 'AGE_0_6'
                    when p.birth_on > to_on - interval '18 years' then 'AGE_7_17'
                    when p.birth_on > to_on - interval '60 years' then 'AGE_18_59'
                    when p.birth_on > to_on - interval '70 years' then 'AGE_60_69'
                    when p.birth_on > to_on - interval '80 years' then 'AGE_70_79'
                    when p.birth_on is not null then 'AGE_80_PLUS' end as age_group
          from facts f left join persons p on p.id = f.person_id)
    select e.measure, e.outcome, k.person_id, k.home_id, k.times, k.unnamed, k.occasion_id, k.community_id, k.service_type_id,
           k.partner_id, k.age_group
      from known k
     cross join lateral (values ('VISIT', null, k.visited), ('CASE_SERVICE', null, k.served), ('ATTENDANCE', null, k.attended),
                                ('PROMISE', k.outcome, k.promised)) as e (measure, outcome, holds)
     where e.holds
$$;

-- Without a search path of its own, so that it is written into the statements that call it: a report calls it some thousand
-- times.
create or replace function published(value bigint, hidden boolean) returns bigint
    language sql immutable
as $$ select case when hidden is not true then coalesce(value, 0) end $$;

-- What was done in a place, or in a part of it. `*_times` are 人次, `*_persons` 人数, `*_homes` 户数; null is what may not be
-- told, 0 is none.
create type report_row as (
    service_type_id uuid, community_id uuid, partner_id uuid, age_group text,
    visit_times bigint, visit_persons bigint, visit_homes bigint,
    service_times bigint, service_persons bigint, service_homes bigint,
    session_count bigint, attendance_times bigint, attendance_persons bigint, attendance_homes bigint, unnamed_count bigint,
    promised bigint, kept bigint, late bigint, missed bigint, cancelled bigint, open bigint,
    paragraph text);

-- What was done in a place, whole and by each dimension, in one row: whoever asks for two of them pays for the work once. A
-- figure about fewer than `minimum` people is hidden, and where it could be computed from the whole (it is the only hidden one
-- of its kind in the dimension, or those hidden are together fewer than `minimum` people) the next smallest with it. Promises
-- are then told of the whole only.
create function report_rows(place uuid, from_on date, to_on date, now_at timestamptz, minimum integer)
    returns table (total report_row[], by_community report_row[], by_service report_row[], by_partner report_row[],
                   by_age_group report_row[])
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    with done as materialized (select w.* from report_work(place, from_on, to_on, now_at) w),
    -- Those at a session whose names were taken are a figure of their own: beside many heads they may be few.
    work as materialized (
        select d.* from done d
        union all
        select 'NAMED', d.outcome, d.person_id, d.home_id, d.times, 0, d.occasion_id, d.community_id, d.service_type_id,
               d.partner_id, d.age_group
          from done d where d.measure = 'ATTENDANCE' and d.person_id is not null),
    cells as materialized (
        select case grouping(w.community_id, w.service_type_id, w.partner_id, w.age_group)
                    when 7 then 'COMMUNITY' when 11 then 'SERVICE' when 13 then 'PARTNER' when 14 then 'AGE_GROUP'
                    else 'TOTAL' end as dimension,
               coalesce(w.community_id::text, w.service_type_id::text, w.partner_id::text, w.age_group, '') as part,
               w.measure, w.outcome, (sum(w.times) + sum(w.unnamed))::bigint as times,
               count(distinct w.person_id) as persons, count(distinct w.home_id) as homes,
               count(distinct w.occasion_id) as occasions, sum(w.unnamed)::bigint as unnamed,
               -- At least so many people: heads without names may be those of one session twice.
               greatest(count(distinct w.person_id), max(w.unnamed)) as people, max(w.unnamed) as heads,
               -- Inside the street no figure is small, and nobody asks who is behind it.
               array_agg(distinct w.person_id) filter (where minimum > 1) as behind
          from work w
         group by w.measure, w.outcome,
                  grouping sets ((), (w.community_id), (w.service_type_id), (w.partner_id), (w.age_group))),
    ranked as (
        select c.*, count(*) filter (where c.people < minimum) over (partition by c.dimension, c.measure) as small_count,
               row_number() over (partition by c.dimension, c.measure, c.people < minimum
                                  order by c.people, c.times, c.part, c.outcome) as place_no
          from cells c),
    -- Who is behind all the small figures of a kind together.
    behind as (
        select c.dimension, c.measure, greatest(count(distinct b.person_id), max(c.heads)) as people
          from cells c left join unnest(c.behind) as b (person_id) on true
         where c.people < minimum
         group by c.dimension, c.measure),
    shown as materialized (
        select r.*, r.people < minimum or (r.place_no = 1 and r.small_count > 0 and (r.small_count = 1 or b.people < minimum))
                    or (r.measure = 'PROMISE' and r.dimension <> 'TOTAL' and minimum > 1) as hidden
          from ranked r left join behind b on b.dimension = r.dimension and b.measure = r.measure),
    parts as (
        select 'TOTAL' as dimension, '' as part
        union
        select 'COMMUNITY', g.id::text from organizations o join organizations g on g.id = o.id or g.parent_id = o.id
         where o.id = place and g.kind = 'COMMUNITY'
        union
        select c.dimension, c.part from cells c),
    -- All promises of a part: of the whole they are told when they are about enough people.
    promises as (
        select c.dimension, c.part, sum(c.times)::bigint as times,
               case c.dimension when 'TOTAL'
                    then (select count(distinct w.person_id) from work w where w.measure = 'PROMISE') < minimum
                    else minimum > 1 end as hidden
          from cells c where c.measure = 'PROMISE' group by c.dimension, c.part),
    figures as (
        select p.dimension, p.part,
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
          left join shown v on (v.dimension, v.part, v.measure) = (p.dimension, p.part, 'VISIT')
          left join shown s on (s.dimension, s.part, s.measure) = (p.dimension, p.part, 'CASE_SERVICE')
          left join shown a on (a.dimension, a.part, a.measure) = (p.dimension, p.part, 'ATTENDANCE')
          left join shown n on (n.dimension, n.part, n.measure) = (p.dimension, p.part, 'NAMED')
          left join promises m on (m.dimension, m.part) = (p.dimension, p.part)
          left join shown k on (k.dimension, k.part, k.measure, k.outcome) = (p.dimension, p.part, 'PROMISE', 'KEPT')
          left join shown l on (l.dimension, l.part, l.measure, l.outcome) = (p.dimension, p.part, 'PROMISE', 'LATE')
          left join shown x on (x.dimension, x.part, x.measure, x.outcome) = (p.dimension, p.part, 'PROMISE', 'MISSED')
          left join shown c on (c.dimension, c.part, c.measure, c.outcome) = (p.dimension, p.part, 'PROMISE', 'CANCELLED')
          left join shown q on (q.dimension, q.part, q.measure, q.outcome) = (p.dimension, p.part, 'PROMISE', 'OPEN')),
    -- The three services given most often: not told outside, where each would be a figure of its own.
    most as (
        select b.dimension, b.part, string_agg(concat(b.name_zh, ' ', b.times, ' 人次'), '、' order by b.place_no) as words
          from (select case grouping(w.community_id) when 1 then 'TOTAL' else 'COMMUNITY' end as dimension,
                       coalesce(w.community_id::text, '') as part, y.name_zh, sum(w.times) + sum(w.unnamed) as times,
                       row_number() over (partition by grouping(w.community_id), w.community_id
                                          order by sum(w.times) + sum(w.unnamed) desc, y.code) as place_no
                  from work w join service_types y on y.id = w.service_type_id
                 where minimum = 1 and w.measure in ('CASE_SERVICE', 'ATTENDANCE')
                 group by y.code, y.name_zh, grouping sets ((), (w.community_id))) b
         where b.place_no <= 3
         group by b.dimension, b.part),
    rows as (
        select f.dimension,
               row_number() over (order by f.part = '', t.code, g.code, array_position(
                    '{AGE_0_6,AGE_7_17,AGE_18_59,AGE_60_69,AGE_70_79,AGE_80_PLUS}'::text[], f.part)) as place_no,
               row(t.id, case when g.kind = 'COMMUNITY' then g.id end, case when g.kind = 'PARTNER' then g.id end,
                   case when f.dimension = 'AGE_GROUP' then nullif(f.part, '') end,
                   f.visit_times, f.visit_persons, f.visit_homes, f.service_times, f.service_persons, f.service_homes,
                   f.session_count, f.attendance_times, f.attendance_persons, f.attendance_homes, f.unnamed_count,
                   f.promised, case when f.promises_hidden is not true then f.kept end,
                   case when f.promises_hidden is not true then f.late end,
                   case when f.promises_hidden is not true then f.missed end,
                   case when f.promises_hidden is not true then f.cancelled end,
                   case when f.promises_hidden is not true then f.open end,
                   case when f.dimension in ('TOTAL', 'COMMUNITY') then concat(
                       -- 七里沟社区居委会 is spoken of as 七里沟社区.
                       (select regexp_replace(regexp_replace(n.name, '(社区)?(居民委员会|居委会)$', '社区'),
                                              '村?(村民委员会|村委会)$', '村')
                          from organizations n where n.id = coalesce(g.id, place)), '：',
                       period_words(from_on, to_on),
                       figure_words('走访慰问', f.visit_times, f.visit_persons, f.visit_homes, null),
                       '，', figure_words('个案服务', f.service_times, f.service_persons, f.service_homes, null),
                       case when f.attendance_times is distinct from 0 then concat('，', figure_words(
                            '小组和社区活动', f.attendance_times, f.attendance_persons, f.attendance_homes,
                            f.session_count)) end,
                       case when f.promised > 0 and f.promises_hidden is not true then concat('；约定上门 ', f.promised, ' 次',
                            '，按时到访 ' || f.kept || ' 次', '，迟到 ' || nullif(f.late, 0) || ' 次',
                            '，失约 ' || nullif(f.missed, 0) || ' 次') end,
                       case when minimum = 1 then '；主要服务：' || u.words end, '。') end)::report_row as told
          from figures f
          left join service_types t on t.id = case f.dimension when 'SERVICE' then nullif(f.part, '') end::uuid
          left join organizations g
            on g.id = case when f.dimension in ('COMMUNITY', 'PARTNER') then nullif(f.part, '') end::uuid
          left join most u on u.dimension = f.dimension and u.part = f.part)
    select array_agg(r.told order by r.place_no) filter (where r.dimension = 'TOTAL'),
           array_agg(r.told order by r.place_no) filter (where r.dimension = 'COMMUNITY'),
           array_agg(r.told order by r.place_no) filter (where r.dimension = 'SERVICE'),
           array_agg(r.told order by r.place_no) filter (where r.dimension = 'PARTNER'),
           array_agg(r.told order by r.place_no) filter (where r.dimension = 'AGE_GROUP')
      from rows r
$$;
