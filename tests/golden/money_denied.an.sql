-- $1 fact partner
-- $2 size
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"payments":null,"paymentRequests":null,"invoices":null,"bankAccounts":null,"submissions":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"claimed":null,"steps":'
    || (
    SELECT '['
      || coalesce(string_agg('{"kind":'
      || coalesce('"'
      || (t2.kind)
      || '"', 'null')
      || ',"quantity":'
      || coalesce((t2.quantity)::text, 'null')
      || ',"amount":null}', ',' ORDER BY t2.id), '')
      || ']'
    FROM claim_steps t2
    WHERE t2.submission_id = t1.id
      AND (t2.partner_id = $1::uuid)
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.id
    FROM submissions t1i
    WHERE (t1i.partner_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
)
  || '}', 'UTF8') END END
