-- $1 id offer Var(name='id', path=())
-- $2 fact partner
-- $3 setting partner
-- $4 setting membership
-- $5 setting today
-- $6 setting user
-- $7 setting street
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.partner', $3::text, true) IS NOT NULL
  AND set_config('hub.membership', $4::text, true) IS NOT NULL
  AND set_config('hub.today', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL THEN CASE
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
