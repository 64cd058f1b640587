-- $1 fact today
-- $2 fact street
-- $3 plain Const(value=(<MilestoneStatus.SCHEDULED: 'SCHEDULED'>, <MilestoneStatus.SUBMITTED: 'SUBMITTED'>, <MilestoneStatus.ACCEPTED: 'ACCEPTED'>, <MilestoneStatus.PARTIALLY_ACCEPTED: 'PARTIALLY_ACCEPTED'>))
-- $4 size Const(value=20)
-- $5 setting street
-- $6 setting user
-- $7 setting partner
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
SELECT CASE
  WHEN set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.partner', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $1::date) THEN convert_to('{"milestones":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM milestones t1i
    WHERE (t1i.street_id = $2::uuid)
      AND (t1i.status = any($3::text[]))
  )
    || ',"nodes":['
    || coalesce(string_agg('{"code":'
    || to_json(t1.code)::text
    || ',"title":'
    || to_json(t1.title)::text
    || ',"kind":'
    || coalesce('"'
    || (t1.kind)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"dueOn":'
    || coalesce('"'
    || (t1.due_on)
    || '"', 'null')
    || ',"overdue":'
    || coalesce((t1.in_force and t1.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t1.due_on < $1::date)::text, 'null')
    || ',"dueSoon":'
    || coalesce((t1.in_force and t1.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and t1.due_on between $1::date and $1::date + 30)::text, 'null')
    || ',"amount":'
    || CASE
    WHEN (t1.amount_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.amount_fen) * 0.01)::text)::text
    || '}' END
    || ',"agreement":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t2.reference)
    || '"', 'null')
    || ',"title":'
    || to_json(t2.title)::text
    || '}' END
    || ',"partner":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || ',"progress":'
    || (
    SELECT '['
      || coalesce(string_agg('{"metric":'
      || coalesce('"'
      || (t4.metric)
      || '"', 'null')
      || ',"target":'
      || coalesce((t4.target)::text, 'null')
      || ',"value":'
      || coalesce((t4.value)::text, 'null')
      || ',"met":'
      || coalesce((t4.met)::text, 'null')
      || '}', ',' ORDER BY t4.ordinality), '')
      || ']'
    FROM milestone_progress(t1.id) WITH ORDINALITY t4
  )
    || ',"money":'
    || coalesce((
    SELECT '{"limit":'
      || CASE
      WHEN (t5.limit_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.limit_fen) * 0.01)::text)::text
      || '}' END
      || ',"accepted":'
      || CASE
      WHEN (t5.accepted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.accepted_fen) * 0.01)::text)::text
      || '}' END
      || ',"deducted":'
      || CASE
      WHEN (t5.deducted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.deducted_fen) * 0.01)::text)::text
      || '}' END
      || ',"requested":'
      || CASE
      WHEN (t5.requested_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.requested_fen) * 0.01)::text)::text
      || '}' END
      || ',"paid":'
      || CASE
      WHEN (t5.paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.paid_fen) * 0.01)::text)::text
      || '}' END
      || '}'
    FROM milestone_money(t1.id) WITH ORDINALITY t5
    WHERE t5.ordinality = 1
  ), 'null')
    || ',"paymentRequests":'
    || (
    SELECT '['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t6.reference)
      || '"', 'null')
      || ',"status":'
      || coalesce('"'
      || (t6.status)
      || '"', 'null')
      || ',"payable":'
      || CASE
      WHEN (t6.payable_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t6.payable_fen) * 0.01)::text)::text
      || '}' END
      || ',"dueOn":'
      || coalesce('"'
      || (t6.due_on)
      || '"', 'null')
      || ',"overdueDays":'
      || coalesce((case when t6.status not in ('PAID', 'REJECTED', 'REVERSED') then greatest(0, $1::date - t6.due_on) when t6.paid_on is not null then greatest(0, t6.paid_on - t6.due_on) else 0 end)::text, 'null')
      || ',"match":'
      || coalesce((
      SELECT '{"agreement":'
        || coalesce('"'
        || (t7.agreement)
        || '"', 'null')
        || ',"acceptance":'
        || coalesce('"'
        || (t7.acceptance)
        || '"', 'null')
        || ',"invoice":'
        || coalesce('"'
        || (t7.invoice)
        || '"', 'null')
        || ',"account":'
        || coalesce('"'
        || (t7.account)
        || '"', 'null')
        || ',"fund":'
        || coalesce('"'
        || (t7.fund)
        || '"', 'null')
        || '}'
      FROM payment_match(t6.id, $1::date) WITH ORDINALITY t7
      WHERE t7.ordinality = 1
    ), 'null')
      || ',"waitingFor":'
      || coalesce((
      SELECT '{"role":'
        || coalesce('"'
        || (t8.role)
        || '"', 'null')
        || ',"duty":'
        || coalesce('"'
        || (t8.duty)
        || '"', 'null')
        || ',"since":'
        || coalesce('"'
        || to_char((t8.since), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
        || '"', 'null')
        || '}'
      FROM payment_waiting(t6.id) WITH ORDINALITY t8
      WHERE t8.ordinality = 1
    ), 'null')
      || ',"payments":'
      || (
      SELECT '['
        || coalesce(string_agg('{"reference":'
        || coalesce('"'
        || (t9.reference)
        || '"', 'null')
        || ',"status":'
        || coalesce('"'
        || (t9.status)
        || '"', 'null')
        || ',"amount":'
        || CASE
        WHEN (t9.amount_fen) is null THEN 'null'
        ELSE '{"amount":'
        || to_json(((t9.amount_fen) * 0.01)::text)::text
        || '}' END
        || '}', ',' ORDER BY t9.id), '')
        || ']'
      FROM payments t9
      WHERE t9.request_id = t6.id
        AND (t9.street_id = $2::uuid)
    )
      || '}', ',' ORDER BY t6.id), '')
      || ']'
    FROM payment_requests t6
    WHERE t6.milestone_id = t1.id
      AND (t6.street_id = $2::uuid)
  )
    || '}', ',' ORDER BY t1.due_on, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.code, t1i.title, t1i.kind, t1i.status, t1i.due_on, t1i.in_force, t1i.amount_fen, t1i.agreement_id, t1i.partner_id, t1i.id
    FROM milestones t1i
    WHERE (t1i.street_id = $2::uuid)
      AND (t1i.status = any($3::text[]))
    ORDER BY t1i.due_on, t1i.id
    LIMIT $4::int
  ) t1
  LEFT JOIN agreements t2 ON t2.id = t1.agreement_id
    AND (t2.street_id = $2::uuid)
  LEFT JOIN organizations t3 ON t3.id = t1.partner_id
    AND (t3.kind = 'PARTNER')
    AND (true)
)
  || '}', 'UTF8') END END
