-- $1 id offer Var(name='id', path=())
-- $2 fact partner
-- $3 setting membership
-- $4 setting today
-- $5 setting user
-- $6 setting street
-- $7 setting partner
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.membership', $3::text, true) IS NOT NULL
  AND set_config('hub.today', $4::text, true) IS NOT NULL
  AND set_config('hub.user', $5::text, true) IS NOT NULL
  AND set_config('hub.street', $6::text, true) IS NOT NULL
  AND set_config('hub.partner', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"__typename":"Offer","id":"offer_'
    || t1.id
    || '","status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"note":'
    || coalesce(to_json(t1.note)::text, 'null')
    || '}'
  FROM offers t1
  WHERE t1.id = $1::uuid
    AND (t1.partner_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
