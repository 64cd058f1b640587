-- $1 plain Const(value=True)
-- $2 size
-- $3 setting partner
-- $4 setting today
-- $5 setting user
-- $6 setting street
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.partner', $3::text, true) IS NOT NULL
  AND set_config('hub.today', $4::text, true) IS NOT NULL
  AND set_config('hub.user', $5::text, true) IS NOT NULL
  AND set_config('hub.street', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"capacities":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM capacities t1i
    WHERE (true)
      AND ((t1i.vacancy_count > 0) = $1::boolean)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"partner":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"community":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || ',"serviceType":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"code":'
    || to_json(t4.code)::text
    || '}' END
    || ',"capacity":'
    || coalesce((t1.capacity_count)::text, 'null')
    || ',"vacancy":'
    || coalesce((t1.vacancy_count)::text, 'null')
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.partner_id, t1i.community_id, t1i.service_type_id, t1i.capacity_count, t1i.vacancy_count, t1i.id
    FROM capacities t1i
    WHERE (true)
      AND ((t1i.vacancy_count > 0) = $1::boolean)
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
  LEFT JOIN organizations t3 ON t3.id = t1.community_id
    AND (t3.kind = 'COMMUNITY')
    AND (true)
  LEFT JOIN service_types t4 ON t4.id = t1.service_type_id
    AND (true)
)
  || '}', 'UTF8') END END
