-- $1 fact partner
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"bankAccounts":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM bank_accounts t1i
    WHERE (t1i.partner_id = $1::uuid)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"holderName":'
    || to_json(t1.holder_name)::text
    || ',"bankName":'
    || to_json(t1.bank_name)::text
    || ',"last4":'
    || to_json(t1.number_last4)::text
    || ',"usableFrom":'
    || coalesce('"'
    || (t1.usable_from_on)
    || '"', 'null')
    || ',"partner":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"verifiedBy":null}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.holder_name, t1i.bank_name, t1i.number_last4, t1i.usable_from_on, t1i.partner_id, t1i.id
    FROM bank_accounts t1i
    WHERE (t1i.partner_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
)
  || '}', 'UTF8') END END
