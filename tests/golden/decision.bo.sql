-- $1 id payment_request Var(name='request', path=())
-- $2 fact partner
-- $3 id agreement Var(name='agreement', path=())
-- $4 setting partner
-- $5 setting today
-- $6 setting user
-- $7 setting street
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
-- $11 fact today
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.today', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"request":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"decision":null}'
  FROM payment_requests t1
  WHERE t1.id = $1::uuid
    AND (t1.partner_id = $2::uuid)
), 'null')
  || ',"agreement":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t2.reference)
    || '"', 'null')
    || ',"decision":null}'
  FROM agreements t2
  WHERE t2.id = $3::uuid
    AND (t2.partner_id = $2::uuid and t2.offered)
), 'null')
  || '}', 'UTF8') END END
