-- $1 setting street
-- $2 setting user
-- $3 setting partner
-- $4 setting membership
-- $5 fact membership
-- $6 fact client
-- $7 fact today
SELECT CASE
  WHEN set_config('hub.street', $1::text, true) IS NOT NULL
  AND set_config('hub.user', $2::text, true) IS NOT NULL
  AND set_config('hub.partner', $3::text, true) IS NOT NULL
  AND set_config('hub.membership', $4::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($5::uuid, $6::uuid, $7::date) THEN convert_to('{"cases":null,"sorted":null,"filtered":null,"clients":null}', 'UTF8') END END
