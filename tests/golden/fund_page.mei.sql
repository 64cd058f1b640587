-- $1 fact street
-- $2 size Const(value=2)
-- $3 setting street
-- $4 setting partner
-- $5 setting membership
-- $6 fact membership
-- $7 fact client
-- $8 fact today
SELECT CASE
  WHEN set_config('hub.street', $3::text, true) IS NOT NULL
  AND set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($6::uuid, $7::uuid, $8::date) THEN convert_to('{"funds":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"name":'
    || to_json(t1.name)::text
    || ',"available":'
    || CASE
    WHEN (t1.available_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.available_fen) * 0.01)::text)::text
    || '}' END
    || ',"statement":null,"fallsDue":null}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.name, t1i.available_fen, t1i.id
    FROM funds t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
)
  || '}', 'UTF8') END END
