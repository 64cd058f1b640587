-- $1 fact today
-- $2 fact street
-- $3 fact partner
-- $4 size Const(value=10)
-- $5 setting street
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
SELECT CASE
  WHEN set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $1::date) THEN convert_to('{"paymentRequests":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM payment_requests t1i
    WHERE (t1i.street_id = $2::uuid)
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
    || CASE
    WHEN t1.status in ('PAID', 'REJECTED', 'REVERSED') THEN 'null'
    ELSE '{"role":'
    || coalesce('"'
    || (case when t1.status = 'CREATED' then 'STATION_WORKER' when t1.status = 'RETURNED' and t1.status_reason_code like 'INVOICE%' then 'PARTNER_MANAGER' when t1.status = 'RETURNED' then 'STATION_WORKER' when t1.status = 'CONFIRMED' and t1.invoice_id is null then 'PARTNER_MANAGER' when t1.status = 'CHECKED' then 'STREET_DIRECTOR' else 'FINANCE_OFFICER' end)
    || '"', 'null')
    || ',"duty":'
    || coalesce('"'
    || (case when t1.status = 'CONFIRMED' and t1.invoice_id is not null then 'ACCOUNTANT' when t1.status = 'FAILED' and t1.status_reason_code = 'ACCOUNT_WRONG' then 'ACCOUNTANT' when t1.status in ('APPROVED', 'FAILED') then 'CASHIER' when t1.status = 'SENT' then 'ACCOUNTANT' end)
    || '"', 'null')
    || ',"since":'
    || coalesce('"'
    || to_char((t1.status_changed_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}' END
    || ',"match":'
    || coalesce((
    SELECT '{"agreement":'
      || coalesce('"'
      || (t2.agreement)
      || '"', 'null')
      || ',"acceptance":'
      || coalesce('"'
      || (t2.acceptance)
      || '"', 'null')
      || ',"invoice":'
      || coalesce('"'
      || (t2.invoice)
      || '"', 'null')
      || ',"account":'
      || coalesce('"'
      || (t2.account)
      || '"', 'null')
      || ',"fund":'
      || coalesce('"'
      || (t2.fund)
      || '"', 'null')
      || '}'
    FROM payment_match(t1.id, $1::date) WITH ORDINALITY t2
    WHERE t2.ordinality = 1
  ), 'null')
    || ',"approvals":'
    || (
    SELECT '['
      || coalesce(string_agg('{"step":'
      || coalesce('"'
      || (t3.step)
      || '"', 'null')
      || ',"round":'
      || coalesce((t3.round)::text, 'null')
      || ',"note":'
      || coalesce(to_json(t3.note)::text, 'null')
      || ',"madeAt":'
      || coalesce('"'
      || to_char((t3.made_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || ',"madeBy":'
      || CASE
      WHEN t4.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t4.display_name)::text
      || ',"role":'
      || coalesce('"'
      || (t4.role)
      || '"', 'null')
      || '}' END
      || '}', ',' ORDER BY t3.id), '')
      || ']'
    FROM approvals t3
    LEFT JOIN memberships t4 ON t4.id = t3.made_by_id
      AND ((($2::uuid is not null and (t4.street_id = $2::uuid or t4.partner_id is not null)) or ($3::uuid is not null and (t4.partner_id = $3::uuid or (t4.street_id is not null and t4.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    WHERE t3.request_id = t1.id
      AND (t3.street_id = $2::uuid)
  )
    || '}', ',' ORDER BY t1.due_on, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.kind, t1i.round, t1i.due_on, t1i.paid_on, t1i.status_changed_at, t1i.accepted_fen, t1i.deducted_fen, t1i.payable_fen, t1i.status_reason_code, t1i.invoice_id, t1i.id
    FROM payment_requests t1i
    WHERE (t1i.street_id = $2::uuid)
    ORDER BY t1i.due_on, t1i.id
    LIMIT $4::int
  ) t1
)
  || '}', 'UTF8') END END
