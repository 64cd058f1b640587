-- Which needs of which people a payment bought: for readers who may know no name. Rows of the payment's claim.
--
-- People and needs come out as pseudonyms and kinds only. The functions are asked for a payment that has passed the policy.

create function trace_deliveries(payment uuid)
    returns table (delivery_id uuid, reference text, line_id uuid, service_type_id uuid, community_id uuid, quantity integer,
                   unit text, happened_on date, verification text, case_id uuid, person_id uuid, session text,
                   participants integer)
    language sql stable security definer rows 50 set search_path = public, pg_temp
as $$
    select d.id, d.reference, d.line_id, d.service_type_id, d.community_id, d.quantity, d.unit, d.happened_on, d.verification,
           d.case_id, d.person_id, s.reference, s.participant_count
      from payments p
      join payment_requests q on q.id = p.request_id
      join submission_deliveries b on b.submission_id = q.submission_id
      join deliveries d on d.id = b.delivery_id
      left join group_sessions s on s.id = d.session_id
     where p.id = payment
     order by d.happened_at, d.id
$$;

create function trace_person(person uuid)
    returns table (pseudonym text, birth_on date)
    language sql stable security definer rows 1 set search_path = public, pg_temp
as $$
    select p.pseudonym, p.birth_on from persons p where p.id = person
$$;

-- Under which cases a delivery was given: that of its person, or of everybody enrolled who was at the session.
create function trace_cases(delivery uuid)
    returns table (case_id uuid, reference text, kind text, status text, person_id uuid)
    language sql stable security definer rows 3 set search_path = public, pg_temp
as $$
    select c.id, c.reference, c.kind, c.status, c.person_id
      from (select d.case_id from deliveries d where d.id = delivery and d.case_id is not null
            union
            select a.case_id from deliveries d join attendances a on a.session_id = d.session_id where d.id = delivery) w
      join cases c on c.id = w.case_id
     order by c.reference
$$;

create function trace_goals(of_case uuid)
    returns table (status text, due_on date, self_reliance boolean)
    language sql stable security definer rows 3 set search_path = public, pg_temp
as $$
    select g.status, g.due_on, g.self_reliance from goals g where g.case_id = of_case order by g.created_at, g.id
$$;

create function trace_needs(of_case uuid)
    returns table (domain text, bradshaw_type text, status text, goal_count bigint, goals_achieved bigint, goal_status text)
    language sql stable security definer rows 3 set search_path = public, pg_temp
as $$
    select n.domain, n.bradshaw_type, n.status, g.every, g.achieved, g.last
      from case_needs c
      join needs n on n.id = c.need_id
     cross join lateral (
           select count(*) as every, count(*) filter (where o.status = 'ACHIEVED') as achieved,
                  (array_agg(o.status order by o.created_at desc, o.id desc))[1] as last
             from goals o where o.case_id = c.case_id) g
     where c.case_id = of_case
     order by n.created_at, n.id
$$;
