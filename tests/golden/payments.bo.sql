-- $1 fact partner
-- $2 plain Const(value=(<PaymentStatus.SENT: 'SENT'>, <PaymentStatus.SETTLED: 'SETTLED'>))
-- $3 size Const(value=10)
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
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"payments":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM payments t1i
    WHERE (t1i.partner_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
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
    || ',"amount":'
    || CASE
    WHEN (t1.amount_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.amount_fen) * 0.01)::text)::text
    || ',"currency":"CNY"}' END
    || ',"bankReference":'
    || coalesce(to_json(t1.bank_reference)::text, 'null')
    || ',"sentAt":'
    || coalesce('"'
    || to_char((t1.sent_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"settledOn":'
    || coalesce('"'
    || (t1.settled_on)
    || '"', 'null')
    || ',"account":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"last4":'
    || to_json(t2.number_last4)::text
    || ',"bankName":'
    || to_json(t2.bank_name)::text
    || '}' END
    || ',"sentBy":null,"settledBy":null}', ',' ORDER BY t1.sent_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.amount_fen, t1i.bank_reference, t1i.sent_at, t1i.settled_on, t1i.account_id, t1i.id
    FROM payments t1i
    WHERE (t1i.partner_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
    ORDER BY t1i.sent_at, t1i.id
    LIMIT $3::int
  ) t1
  LEFT JOIN bank_accounts t2 ON t2.id = t1.account_id
    AND (t2.partner_id = $1::uuid)
)
  || '}', 'UTF8') END END
