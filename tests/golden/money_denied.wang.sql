-- $1 fact community
-- $2 size
-- $3 setting community
-- $4 setting user
-- $5 setting street
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.community', $3::text, true) IS NOT NULL
  AND set_config('hub.user', $4::text, true) IS NOT NULL
  AND set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
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
      AND ($1::uuid = any(t2.community_ids))
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.id
    FROM submissions t1i
    WHERE ($1::uuid = any(t1i.community_ids))
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
)
  || '}', 'UTF8') END END
