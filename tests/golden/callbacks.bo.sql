-- $1 fact partner
-- $2 size Const(value=1)
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"callbacks":null,"deliveries":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"callback":null,"verifiedBy":null}', ',' ORDER BY t1.reference DESC, t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.id
    FROM deliveries t1i
    WHERE (t1i.partner_id = $1::uuid)
    ORDER BY t1i.reference DESC, t1i.id DESC
    LIMIT $2::int
  ) t1
)
  || '}', 'UTF8') END END
