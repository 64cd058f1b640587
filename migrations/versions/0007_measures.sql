-- What of a line can be billed: its units of sufficient quality with the deliveries that make them up.
--
-- The seam with `0005_progress.sql`, which says what a unit is and when it counts. A claim asks these two and nothing else:
-- `billable_units` for what is priced and frozen, `criterion_value` for what a shortfall follows from.

-- A unit that is verified and as good as each unit must be, so the same ones that `line_usage` counts as `done`. Its id is
-- that of its delivery, case or series.
create function billable_units(line uuid) returns table (unit_id uuid, quantity bigint, delivery_ids uuid[])
    language sql stable security definer rows 50 set search_path = public, pg_temp
as $$
    select n.unit_id, n.quantity,
           array(select d.id from deliveries d left join group_sessions s on s.id = d.session_id
                  where d.line_id = line and d.status = 'VERIFIED'
                    and n.unit_id = case when n.delivery_id is not null then d.id when n.case_id is not null then d.case_id
                                         else s.series_id end
                  order by d.happened_at, d.id)
      from (select coalesce(u.delivery_id, u.case_id, u.series_id) as unit_id, u.*
              from line_units(line) u
             where u.verified
               and not exists (select from criteria k
                                where k.line_id = line and k.per_unit
                                  and reaches(unit_value(k.metric, u.quantity, u.follow_ups, u.sessions, u.attendances,
                                                         u.participants), k.operator, k.target) is false)) n
     order by n.unit_id
$$;

-- What a criterion of a line, or of a milestone over all lines, measures today; null for what the hub cannot measure.
create function criterion_value(criterion uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
as $$
    select work_value(c.metric, c.version_id, c.line_id) from criteria c where c.id = criterion
$$;
