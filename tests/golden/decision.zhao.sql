-- $1 id payment_request Var(name='request', path=())
-- $2 fact street
-- $3 fact partner
-- $4 id agreement Var(name='agreement', path=())
-- $5 setting street
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"request":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"decision":'
    || coalesce((
    SELECT '{"ceiling":'
      || CASE
      WHEN (t2.ceiling_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.ceiling_fen) * 0.01)::text)::text
      || '}' END
      || ',"paidBefore":'
      || CASE
      WHEN (t2.agreement_paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.agreement_paid_fen) * 0.01)::text)::text
      || '}' END
      || ',"claimed":'
      || CASE
      WHEN (t2.claimed_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.claimed_fen) * 0.01)::text)::text
      || '}' END
      || ',"accepted":'
      || CASE
      WHEN (t2.accepted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.accepted_fen) * 0.01)::text)::text
      || '}' END
      || ',"deducted":'
      || CASE
      WHEN (t2.deducted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.deducted_fen) * 0.01)::text)::text
      || '}' END
      || ',"payable":'
      || CASE
      WHEN (t2.payable_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.payable_fen) * 0.01)::text)::text
      || '}' END
      || ',"heldBefore":'
      || CASE
      WHEN (t2.before_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.before_fen) * 0.01)::text)::text
      || '}' END
      || ',"heldAfter":'
      || CASE
      WHEN (t2.after_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.after_fen) * 0.01)::text)::text
      || '}' END
      || ',"people":'
      || coalesce((t2.people)::text, 'null')
      || ',"households":'
      || coalesce((t2.homes)::text, 'null')
      || ',"times":'
      || coalesce((t2.times)::text, 'null')
      || ',"lines":'
      || (
      SELECT '['
        || coalesce(string_agg('{"title":'
        || coalesce(to_json(t3.title)::text, 'null')
        || ',"unit":'
        || coalesce('"'
        || (t3.unit)
        || '"', 'null')
        || ',"quantity":'
        || coalesce((t3.quantity)::text, 'null')
        || ',"deliveries":'
        || coalesce((t3.delivery_count)::text, 'null')
        || ',"people":'
        || coalesce((t3.people)::text, 'null')
        || '}', ',' ORDER BY t3.ordinality), '')
        || ']'
      FROM payment_decision_lines(t2.submission_id, CASE
        WHEN $2::uuid is null THEN 5
        ELSE 1 END) WITH ORDINALITY t3
    )
      || ',"hands":'
      || (
      SELECT '['
        || coalesce(string_agg('{"step":'
        || coalesce('"'
        || (t4.step)
        || '"', 'null')
        || ',"madeBy":'
        || CASE
        WHEN t5.id IS NULL THEN 'null'
        ELSE '{"displayName":'
        || to_json(t5.display_name)::text
        || '}' END
        || ',"madeAt":'
        || coalesce('"'
        || to_char((t4.made_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
        || '"', 'null')
        || '}', ',' ORDER BY t4.ordinality), '')
        || ']'
      FROM payment_hands(t2.request_id) WITH ORDINALITY t4
      LEFT JOIN memberships t5 ON t5.id = t4.made_by_id
        AND ((($2::uuid is not null and (t5.street_id = $2::uuid or t5.partner_id is not null)) or ($3::uuid is not null and (t5.partner_id = $3::uuid or (t5.street_id is not null and t5.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    )
      || '}'
    FROM payment_decision(t1.id, CASE
      WHEN $2::uuid is null THEN 5
      ELSE 1 END) WITH ORDINALITY t2
    WHERE t2.ordinality = 1
  ), 'null')
    || '}'
  FROM payment_requests t1
  WHERE t1.id = $1::uuid
    AND (t1.street_id = $2::uuid)
), 'null')
  || ',"agreement":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t6.reference)
    || '"', 'null')
    || ',"decision":'
    || coalesce((
    SELECT '{"decided":'
      || coalesce((t7.decided)::text, 'null')
      || ',"ceiling":'
      || CASE
      WHEN (t7.ceiling_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.ceiling_fen) * 0.01)::text)::text
      || '}' END
      || ',"availableBefore":'
      || CASE
      WHEN (t7.before_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.before_fen) * 0.01)::text)::text
      || '}' END
      || ',"availableAfter":'
      || CASE
      WHEN (t7.after_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.after_fen) * 0.01)::text)::text
      || '}' END
      || ',"people":'
      || coalesce((t7.people)::text, 'null')
      || ',"attendances":'
      || coalesce((t7.attendances)::text, 'null')
      || ',"lines":'
      || (
      SELECT '['
        || coalesce(string_agg('{"number":'
        || coalesce((t8.number)::text, 'null')
        || ',"title":'
        || coalesce(to_json(t8.title)::text, 'null')
        || ',"unit":'
        || coalesce('"'
        || (t8.unit)
        || '"', 'null')
        || ',"quantity":'
        || coalesce((t8.quantity)::text, 'null')
        || ',"amount":'
        || CASE
        WHEN (t8.amount_fen) is null THEN 'null'
        ELSE '{"amount":'
        || to_json(((t8.amount_fen) * 0.01)::text)::text
        || '}' END
        || ',"people":'
        || coalesce((t8.people)::text, 'null')
        || '}', ',' ORDER BY t8.ordinality), '')
        || ']'
      FROM decision_lines(t7.version_id) WITH ORDINALITY t8
    )
      || ',"hands":'
      || (
      SELECT '['
        || coalesce(string_agg('{"step":'
        || coalesce('"'
        || (t9.step)
        || '"', 'null')
        || ',"madeBy":'
        || CASE
        WHEN t10.id IS NULL THEN 'null'
        ELSE '{"displayName":'
        || to_json(t10.display_name)::text
        || '}' END
        || '}', ',' ORDER BY t9.ordinality), '')
        || ']'
      FROM agreement_hands(t7.version_id) WITH ORDINALITY t9
      LEFT JOIN memberships t10 ON t10.id = t9.made_by_id
        AND ((($2::uuid is not null and (t10.street_id = $2::uuid or t10.partner_id is not null)) or ($3::uuid is not null and (t10.partner_id = $3::uuid or (t10.street_id is not null and t10.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    )
      || '}'
    FROM agreement_decision(t6.id) WITH ORDINALITY t7
    WHERE t7.ordinality = 1
  ), 'null')
    || '}'
  FROM agreements t6
  WHERE t6.id = $4::uuid
    AND (t6.street_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
