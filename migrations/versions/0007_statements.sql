-- What a fund stood at on a day, what falls due, and the page that a director decides on. Read like the reports: whoever
-- asks has found the fund, agreement or request within her own rows first.

-- A fund at the end of a day, from the ledger's entries alone. `opening` is what lay in it when the year of that day began.
create function fund_statement(fund uuid, at_end_of date)
    returns table (fund_id uuid, on_day date, year_on date, opening_fen bigint, received_fen bigint, available_fen bigint,
                   encumbered_fen bigint, payable_fen bigint, paid_fen bigint, received_this_year_fen bigint,
                   paid_this_year_fen bigint, line_count bigint)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    -- The first and the last day of the calendar come as infinite ones.
    with d as (select n.on_day, date_trunc('year', n.on_day::timestamp)::date as year_on
                 from (select least(greatest(at_end_of, '0001-01-01'), '9999-12-31') as on_day) n),
    moved as (
        select a.kind, e.amount_fen, t.id, t.made_at >= d.year_on::timestamptz as this_year
          from d join transfers t on t.fund_id = fund and t.made_at < (d.on_day + 1)::timestamptz
          join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id)
    select fund, d.on_day, d.year_on,
           coalesce(sum(-m.amount_fen) filter (where m.kind in ('SOURCE', 'PAID') and not m.this_year), 0)::bigint,
           coalesce(sum(-m.amount_fen) filter (where m.kind = 'SOURCE'), 0)::bigint,
           coalesce(sum(m.amount_fen) filter (where m.kind = 'AVAILABLE'), 0)::bigint,
           coalesce(sum(m.amount_fen) filter (where m.kind = 'ENCUMBERED'), 0)::bigint,
           coalesce(sum(m.amount_fen) filter (where m.kind = 'PAYABLE'), 0)::bigint,
           coalesce(sum(m.amount_fen) filter (where m.kind = 'PAID'), 0)::bigint,
           coalesce(sum(-m.amount_fen) filter (where m.kind = 'SOURCE' and m.this_year), 0)::bigint,
           coalesce(sum(m.amount_fen) filter (where m.kind = 'PAID' and m.this_year), 0)::bigint,
           count(distinct m.id) filter (where m.this_year)
      from d left join moved m on true
     group by d.on_day, d.year_on
$$;

-- Its lines: the transfers of that year up to that day, newest first, and what each did to the four figures. At most 500.
create function fund_statement_lines(fund uuid, year_on date, at_end_of date)
    returns table (made_at timestamptz, made_by_id uuid, stage text, reason text, amount_fen bigint, available_fen bigint,
                   encumbered_fen bigint, payable_fen bigint, paid_fen bigint, donation_id uuid, agreement_id uuid,
                   milestone_id uuid, request_id uuid)
    language sql stable security definer rows 50 set search_path = public, pg_temp
as $$
    select t.made_at, t.made_by_id, t.stage, t.reason, t.amount_fen,
           coalesce(sum(e.amount_fen) filter (where a.kind = 'AVAILABLE'), 0)::bigint,
           coalesce(sum(e.amount_fen) filter (where a.kind = 'ENCUMBERED'), 0)::bigint,
           coalesce(sum(e.amount_fen) filter (where a.kind = 'PAYABLE'), 0)::bigint,
           coalesce(sum(e.amount_fen) filter (where a.kind = 'PAID'), 0)::bigint,
           t.donation_id, t.agreement_id, t.milestone_id, t.request_id
      from transfers t join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id
     where t.fund_id = fund and t.made_at >= year_on::timestamptz and t.made_at < (at_end_of + 1)::timestamptz
     group by t.id
     order by t.made_at desc, t.id desc
     limit 500
$$;

-- What falls due of a fund: overdue, and from today within 30, 60 and 90 days, each including the one before. Nothing is
-- counted twice: a stage counts with what it can be accepted for, at its own day, until there is a request, and then the
-- request counts with what is payable, at the day by which the street has to pay.
create function fund_falls_due(fund uuid, today date)
    returns table (horizon text, until_on date, amount_fen bigint, item_count bigint, planned_fen bigint,
                   planned_count bigint, payable_fen bigint, payable_count bigint)
    language sql stable security definer rows 4 set search_path = public, pg_temp
as $$
    with due as (
        select m.due_on, milestone_limit(m.id) as planned_fen, null::bigint as payable_fen
          from agreements g join milestones m on m.agreement_id = g.id and m.in_force
         where g.fund_id = fund and m.status in ('SCHEDULED', 'SUBMITTED', 'RETURNED', 'REJECTED')
           and not exists (select from payment_requests q
                            where q.milestone_id = m.id and q.status not in ('REJECTED', 'REVERSED'))
        union all
        select q.due_on, null, q.payable_fen
          from payment_requests q
         where q.fund_id = fund and q.status not in ('PAID', 'REJECTED', 'REVERSED'))
    select h.horizon, h.until_on, coalesce(sum(coalesce(d.planned_fen, d.payable_fen)), 0)::bigint, count(d.due_on),
           coalesce(sum(d.planned_fen), 0)::bigint, count(d.planned_fen), coalesce(sum(d.payable_fen), 0)::bigint,
           count(d.payable_fen)
      from (values (1, 'OVERDUE', null::date, today - 1), (2, 'DAYS_30', today, today + 30), (3, 'DAYS_60', today, today + 60),
                   (4, 'DAYS_90', today, today + 90)) as h (number, horizon, since_on, until_on)
      left join due d on d.due_on <= h.until_on and (h.since_on is null or d.due_on >= h.since_on)
     group by h.number, h.horizon, h.until_on
     order by h.number
$$;

-- What a line buys: `people` where persons are bought by the unit, `attendances` where each event or group must reach a number.
create function decision_lines(version uuid)
    returns table (line_id uuid, number integer, title text, service_type_id uuid, kind text, unit text, unit_price_fen bigint,
                   quantity bigint, amount_fen bigint, people bigint, attendances bigint)
    language sql stable security definer rows 10 set search_path = public, pg_temp
as $$
    select l.id, l.number, l.title, l.service_type_id, l.kind, l.unit, l.unit_price_fen, l.quantity_cap::bigint,
           l.amount_cap_fen,
           case when l.kind = 'UNIT' and l.unit in ('PERSON', 'CASE') then l.quantity_cap::bigint end,
           case when l.kind = 'UNIT' and l.unit in ('SESSION', 'SERIES') then (
                select max(case when c.per_unit or c.metric = 'AVERAGE_PARTICIPANTS' then l.quantity_cap::bigint else 1 end
                           * c.target)
                  from criteria c
                 where c.line_id = l.id and c.operator <> 'AT_MOST'
                   and c.metric in ('PARTICIPANTS', 'AVERAGE_PARTICIPANTS', 'ATTENDANCES')) end
      from agreement_lines l where l.version_id = version
     order by l.number
$$;

-- The page on which an agreement is decided. What is free in the fund is that of today until it is decided, then that of the
-- moment it was approved.
create function agreement_decision(agreement uuid)
    returns table (agreement_id uuid, version_id uuid, fund_id uuid, decided boolean, ceiling_fen bigint, before_fen bigint,
                   after_fen bigint, people bigint, attendances bigint)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    select g.id, v.id, g.fund_id, v.approved_at is not null, v.ceiling_fen, b.before_fen, b.before_fen - v.ceiling_fen,
           p.people, p.attendances
      from agreements g
      join agreement_versions v on v.id = g.current_version_id
      join funds f on f.id = g.fund_id
     cross join lateral (
           select case when v.approved_at is null then f.available_fen else (
                  select coalesce(sum(e.amount_fen), 0)::bigint
                    from transfers t join entries e on e.transfer_id = t.id
                    join accounts a on a.id = e.account_id and a.kind = 'AVAILABLE'
                   where t.fund_id = f.id
                     and (t.made_at < v.approved_at or (t.made_at = v.approved_at and t.agreement_id is distinct from g.id)))
                  end as before_fen) b
     cross join lateral (select sum(l.people)::bigint as people, sum(l.attendances)::bigint as attendances
                           from decision_lines(v.id) l) p
     where g.id = agreement
$$;

create function agreement_hands(version uuid)
    returns table (step text, made_by_id uuid, made_at timestamptz)
    language sql stable security definer rows 5 set search_path = public, pg_temp
as $$
    select h.step, h.made_by_id, h.made_at
      from agreement_versions v
     cross join lateral (values (1, 'PREPARED', v.prepared_by_id, v.prepared_at), (2, 'PROPOSED', v.proposed_by_id, v.proposed_at),
                                (3, 'CERTIFIED', v.certified_by_id, v.certified_at),
                                (4, 'APPROVED', v.approved_by_id, v.approved_at),
                                (5, 'SIGNED', v.signed_by_id, v.signed_at)) as h (number, step, made_by_id, made_at)
     where v.id = version and h.made_by_id is not null
     order by h.number
$$;

-- Whom the deliveries of a claim were given to: the person of each, or who was at the session; heads without names.
create function billed_people(submission uuid) returns table (line_id uuid, person_id uuid, unnamed bigint)
    language sql stable security definer rows 100 set search_path = public, pg_temp
as $$
    select b.line_id, d.person_id, 0::bigint
      from submission_deliveries b join deliveries d on d.id = b.delivery_id
     where b.submission_id = submission and d.person_id is not null
    union all
    select b.line_id, a.person_id, 0
      from submission_deliveries b join deliveries d on d.id = b.delivery_id join attendances a on a.session_id = d.session_id
     where b.submission_id = submission
    union all
    select b.line_id, null, s.participant_count - (select count(*) from attendances a where a.session_id = s.id)
      from submission_deliveries b join deliveries d on d.id = b.delivery_id join group_sessions s on s.id = d.session_id
     where b.submission_id = submission and s.participant_count > (select count(*) from attendances a where a.session_id = s.id)
$$;

-- The page on which a payment is decided: what the claim bills, for how many people, and what the fund holds with and
-- without it. People are counted from the frozen deliveries; fewer than `minimum` are not told (I21), nor in how many homes so
-- few live whose names are known, beside however many heads.
create function payment_decision(request uuid, minimum integer)
    returns table (request_id uuid, submission_id uuid, version_id uuid, ceiling_fen bigint, stage_limit_fen bigint,
                   claimed_fen bigint, accepted_fen bigint, deducted_fen bigint, payable_fen bigint, agreement_paid_fen bigint,
                   before_fen bigint, after_fen bigint, available_fen bigint, people bigint, homes bigint, times bigint)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    select q.id, q.submission_id, q.version_id, v.ceiling_fen, milestone_limit(q.milestone_id), s.claimed_fen, q.accepted_fen,
           q.deducted_fen, q.payable_fen, g.paid_fen - case when q.status = 'PAID' then q.payable_fen else 0 end,
           held.fen, held.fen - case when q.status in ('REJECTED', 'REVERSED') then 0 else q.payable_fen end,
           f.available_fen,
           case when w.people = 0 or w.people >= minimum then w.people end, case when (w.people = 0 or w.people >= minimum) and (w.named = 0 or w.named >= minimum) then w.homes end,
           case when w.people = 0 or w.people >= minimum then w.times end
      from payment_requests q
      join agreements g on g.id = q.agreement_id
      join agreement_versions v on v.id = q.version_id
      join submissions s on s.id = q.submission_id
      join funds f on f.id = q.fund_id
     cross join lateral (select f.available_fen + f.encumbered_fen + f.payable_fen
                                + case when q.status = 'PAID' then q.payable_fen else 0 end as fen) held
     cross join lateral (
           select greatest(count(distinct p.id), max(r.unnamed), 0) as people, count(distinct p.id) as named,
                  count(distinct coalesce(p.household_id, p.id)) as homes,
                  coalesce(count(r.person_id) + sum(r.unnamed), 0)::bigint as times
             from billed_people(q.submission_id) r left join persons p on p.id = r.person_id) w
     where q.id = request
$$;

-- What a claim bills on each line. People by line are told inside the street only.
create function payment_decision_lines(submission uuid, minimum integer)
    returns table (line_id uuid, number integer, title text, service_type_id uuid, kind text, unit text, unit_price_fen bigint,
                   quantity bigint, delivery_count bigint, people bigint)
    language sql stable security definer rows 10 set search_path = public, pg_temp
as $$
    select l.id, l.number, l.title, l.service_type_id, l.kind, l.unit, l.unit_price_fen, k.quantity, b.delivery_count,
           case when minimum = 1 then (select greatest(count(distinct r.person_id), max(r.unnamed), 0)
                                       from billed_people(submission) r where r.line_id = l.id) end
      from (select d.line_id, count(*) as delivery_count from submission_deliveries d
             where d.submission_id = submission group by d.line_id) b
      join agreement_lines l on l.id = b.line_id
      left join lateral (select sum(c.quantity)::bigint as quantity from claim_steps c
                          where c.submission_id = submission and c.line_id = l.id and c.kind = 'LINE_UNITS') k on true
     order by l.number
$$;

-- Everybody who has had a hand in a payment, in the order of what they did.
create function payment_hands(request uuid)
    returns table (step text, made_by_id uuid, made_at timestamptz)
    language sql stable security definer rows 10 set search_path = public, pg_temp
as $$
    select h.step, h.made_by_id, h.made_at
      from payment_requests q
     cross join lateral (
           select 'SUBMITTED' as step, s.submitted_by_id as made_by_id, s.submitted_at as made_at, s.id
             from submissions s where s.id = q.submission_id
           union all
           select case r.decision when 'SECONDED' then 'SECONDED' when 'OBJECTED' then 'OBJECTED' else 'REVIEWED' end,
                  r.reviewed_by_id, r.reviewed_at, r.id
             from reviews r where r.submission_id = q.submission_id and r.decision <> 'PAYMENT_REJECTED'
           union all
           select a.step, a.made_by_id, a.made_at, a.id from approvals a where a.request_id = q.id) h
     where q.id = request
     order by h.made_at, h.id
     limit 100
$$;
