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
    || ',"approvals":'
    || (
    SELECT '['
      || coalesce(string_agg('{"step":'
      || coalesce('"'
      || (t4.step)
      || '"', 'null')
      || ',"round":'
      || coalesce((t4.round)::text, 'null')
      || ',"note":'
      || coalesce(to_json(t4.note)::text, 'null')
      || ',"madeAt":'
      || coalesce('"'
      || to_char((t4.made_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || ',"madeBy":'
      || CASE
      WHEN t5.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t5.display_name)::text
      || ',"role":'
      || coalesce('"'
      || (t5.role)
      || '"', 'null')
      || '}' END
      || '}', ',' ORDER BY t4.id), '')
      || ']'
    FROM approvals t4
    LEFT JOIN memberships t5 ON t5.id = t4.made_by_id
      AND ((($2::uuid is not null and (t5.street_id = $2::uuid or t5.partner_id is not null)) or ($3::uuid is not null and (t5.partner_id = $3::uuid or (t5.street_id is not null and t5.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    WHERE t4.request_id = t1.id
      AND (t4.street_id = $2::uuid)
  )
    || '}', ',' ORDER BY t1.due_on, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.kind, t1i.round, t1i.due_on, t1i.paid_on, t1i.status_changed_at, t1i.accepted_fen, t1i.deducted_fen, t1i.payable_fen, t1i.id
    FROM payment_requests t1i
    WHERE (t1i.street_id = $2::uuid)
    ORDER BY t1i.due_on, t1i.id
    LIMIT $4::int
  ) t1
)
  || '}', 'UTF8') END END
