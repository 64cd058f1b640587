-- $1 fact today
-- $2 fact partner
-- $3 plain Const(value=True)
-- $4 size
-- $5 size
-- $6 setting partner
-- $7 setting membership
-- $8 setting today
-- $9 setting user
-- $10 setting street
-- $11 fact membership
-- $12 fact client
SELECT CASE
  WHEN set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL
  AND set_config('hub.today', $8::text, true) IS NOT NULL
  AND set_config('hub.user', $9::text, true) IS NOT NULL
  AND set_config('hub.street', $10::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($11::uuid, $12::uuid, $1::date) THEN convert_to('{"overdue":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM milestones t1i
    WHERE (t1i.partner_id = $2::uuid and t1i.was_in_force)
      AND ((t1i.in_force and t1i.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t1i.due_on < $1::date) = $3::boolean)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"code":'
    || to_json(t1.code)::text
    || ',"dueOn":'
    || coalesce('"'
    || (t1.due_on)
    || '"', 'null')
    || ',"overdue":'
    || coalesce((t1.in_force and t1.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t1.due_on < $1::date)::text, 'null')
    || ',"dueSoon":'
    || coalesce((t1.in_force and t1.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t1.due_on between $1::date and $1::date + 30)::text, 'null')
    || ',"amount":null}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.code, t1i.due_on, t1i.in_force, t1i.status, t1i.id
    FROM milestones t1i
    WHERE (t1i.partner_id = $2::uuid and t1i.was_in_force)
      AND ((t1i.in_force and t1i.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t1i.due_on < $1::date) = $3::boolean)
    ORDER BY t1i.id DESC
    LIMIT $4::int
  ) t1
)
  || ',"soon":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM milestones t2i
    WHERE (t2i.partner_id = $2::uuid and t2i.was_in_force)
      AND ((t2i.in_force and t2i.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t2i.due_on between $1::date and $1::date + 30) = $3::boolean)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"code":'
    || to_json(t2.code)::text
    || ',"dueOn":'
    || coalesce('"'
    || (t2.due_on)
    || '"', 'null')
    || ',"overdue":'
    || coalesce((t2.in_force and t2.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t2.due_on < $1::date)::text, 'null')
    || ',"dueSoon":'
    || coalesce((t2.in_force and t2.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t2.due_on between $1::date and $1::date + 30)::text, 'null')
    || ',"amount":null,"agreement":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || '}' END
    || '}', ',' ORDER BY t2.due_on, t2.id), '')
    || ']}'
  FROM (
    SELECT t2i.code, t2i.due_on, t2i.in_force, t2i.status, t2i.agreement_id, t2i.id
    FROM milestones t2i
    WHERE (t2i.partner_id = $2::uuid and t2i.was_in_force)
      AND ((t2i.in_force and t2i.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t2i.due_on between $1::date and $1::date + 30) = $3::boolean)
    ORDER BY t2i.due_on, t2i.id
    LIMIT $5::int
  ) t2
  LEFT JOIN agreements t3 ON t3.id = t2.agreement_id
    AND (t3.partner_id = $2::uuid and t3.was_in_force)
)
  || '}', 'UTF8') END END
