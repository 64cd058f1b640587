-- $1 fact district
-- $2 plain Const(value=(<PaymentStatus.SENT: 'SENT'>, <PaymentStatus.SETTLED: 'SETTLED'>))
-- $3 size Const(value=10)
-- $4 setting district
-- $5 setting membership
-- $6 fact membership
-- $7 fact client
-- $8 fact today
SELECT CASE
  WHEN set_config('hub.district', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($6::uuid, $7::uuid, $8::date) THEN convert_to('{"payments":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM payments t1i
    WHERE (t1i.district_id = $1::uuid)
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
    || ',"sentBy":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t3.display_name)::text
    || '}' END
    || ',"settledBy":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t4.display_name)::text
    || '}' END
    || '}', ',' ORDER BY t1.sent_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.amount_fen, t1i.bank_reference, t1i.sent_at, t1i.settled_on, t1i.account_id, t1i.sent_by_id, t1i.settled_by_id, t1i.id
    FROM payments t1i
    WHERE (t1i.district_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
    ORDER BY t1i.sent_at, t1i.id
    LIMIT $3::int
  ) t1
  LEFT JOIN bank_accounts t2 ON t2.id = t1.account_id
    AND (t2.district_id = $1::uuid)
  LEFT JOIN memberships t3 ON t3.id = t1.sent_by_id
    AND (t3.district_id = $1::uuid)
  LEFT JOIN memberships t4 ON t4.id = t1.settled_by_id
    AND (t4.district_id = $1::uuid)
)
  || '}', 'UTF8') END END
