-- $1 fact today
-- $2 fact partner
-- $3 size Const(value=10)
-- $4 setting partner
-- $5 setting today
-- $6 setting user
-- $7 setting street
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.today', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $1::date) THEN convert_to('{"paymentRequests":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM payment_requests t1i
    WHERE (t1i.partner_id = $2::uuid)
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
    || ',"round":'
    || coalesce((t1.round)::text, 'null')
    || ',"dueOn":'
    || coalesce('"'
    || (t1.due_on)
    || '"', 'null')
    || ',"paidOn":'
    || coalesce('"'
    || (t1.paid_on)
    || '"', 'null')
    || ',"overdueDays":'
    || coalesce((case when t1.status not in ('PAID', 'REJECTED', 'REVERSED') then greatest(0, $1::date - t1.due_on) when t1.paid_on is not null then greatest(0, t1.paid_on - t1.due_on) else 0 end)::text, 'null')
    || ',"statusSince":'
    || coalesce('"'
    || to_char((t1.status_changed_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"accepted":'
    || CASE
    WHEN (t1.accepted_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.accepted_fen) * 0.01)::text)::text
    || '}' END
    || ',"deducted":'
    || CASE
    WHEN (t1.deducted_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.deducted_fen) * 0.01)::text)::text
    || '}' END
    || ',"payable":'
    || CASE
    WHEN (t1.payable_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.payable_fen) * 0.01)::text)::text
    || '}' END
    || ',"waitingFor":'
    || coalesce((
    SELECT '{"role":'
      || coalesce('"'
      || (t2.role)
      || '"', 'null')
      || ',"duty":'
      || coalesce('"'
      || (t2.duty)
      || '"', 'null')
      || ',"since":'
      || coalesce('"'
      || to_char((t2.since), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || '}'
    FROM payment_waiting(t1.id) WITH ORDINALITY t2
    WHERE t2.ordinality = 1
  ), 'null')
    || ',"match":'
    || coalesce((
    SELECT '{"agreement":'
      || coalesce('"'
      || (t3.agreement)
      || '"', 'null')
      || ',"acceptance":'
      || coalesce('"'
      || (t3.acceptance)
      || '"', 'null')
      || ',"invoice":'
      || coalesce('"'
      || (t3.invoice)
      || '"', 'null')
      || ',"account":'
      || coalesce('"'
      || (t3.account)
      || '"', 'null')
      || ',"fund":'
      || coalesce('"'
      || (t3.fund)
      || '"', 'null')
      || '}'
    FROM payment_match(t1.id, $1::date) WITH ORDINALITY t3
    WHERE t3.ordinality = 1
  ), 'null')
    || ',"approvals":null}', ',' ORDER BY t1.due_on, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.kind, t1i.round, t1i.due_on, t1i.paid_on, t1i.status_changed_at, t1i.accepted_fen, t1i.deducted_fen, t1i.payable_fen, t1i.id
    FROM payment_requests t1i
    WHERE (t1i.partner_id = $2::uuid)
    ORDER BY t1i.due_on, t1i.id
    LIMIT $3::int
  ) t1
)
  || '}', 'UTF8') END END
