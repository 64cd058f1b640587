-- $1 fact today
-- $2 plain Const(value='七里沟')
-- $3 size
-- $4 setting street
-- $5 setting partner
-- $6 setting membership
-- $7 fact membership
-- $8 fact client
SELECT CASE
  WHEN set_config('hub.street', $4::text, true) IS NOT NULL
  AND set_config('hub.partner', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($7::uuid, $8::uuid, $1::date) THEN convert_to('{"streets":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"name":'
    || to_json(t1.name)::text
    || ',"staffingGaps":'
    || (
    SELECT '['
      || coalesce(string_agg('{"step":'
      || coalesce('"'
      || (t2.step)
      || '"', 'null')
      || '}', ',' ORDER BY t2.ordinality), '')
      || ']'
    FROM street_staffing_gaps(t1.id, $1::date) WITH ORDINALITY t2
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.name, t1i.id
    FROM organizations t1i
    WHERE (t1i.kind = 'STREET')
      AND (true)
      AND (position($2::text in t1i.name) > 0)
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
)
  || '}', 'UTF8') END END
