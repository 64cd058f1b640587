-- $1 fact partner
-- $2 size Const(value=10)
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"deductions":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM deductions t1i
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
    || ',"kind":'
    || coalesce('"'
    || (t1.kind)
    || '"', 'null')
    || ',"amount":'
    || CASE
    WHEN (t1.amount_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.amount_fen) * 0.01)::text)::text
    || '}' END
    || ',"rule":'
    || to_json(t1.rule)::text
    || ',"reason":'
    || to_json(t1.reason)::text
    || ',"submission":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t2.reference)
    || '"', 'null')
    || '}' END
    || ',"paymentRequest":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || '}' END
    || ',"proposedBy":null}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.kind, t1i.amount_fen, t1i.rule, t1i.reason, t1i.submission_id, t1i.request_id, t1i.id
    FROM deductions t1i
    WHERE (t1i.partner_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
  LEFT JOIN submissions t2 ON t2.id = t1.submission_id
    AND (t2.partner_id = $1::uuid)
  LEFT JOIN payment_requests t3 ON t3.id = t1.request_id
    AND (t3.partner_id = $1::uuid)
)
  || '}', 'UTF8') END END
