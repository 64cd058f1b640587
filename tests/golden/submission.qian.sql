-- $1 id submission Var(name='id', path=())
-- $2 fact street
-- $3 size Const(value=10)
-- $4 setting street
-- $5 setting user
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.street', $4::text, true) IS NOT NULL
  AND set_config('hub.user', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"claimed":'
    || CASE
    WHEN (t1.claimed_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.claimed_fen) * 0.01)::text)::text
    || ',"currency":"CNY"}' END
    || ',"steps":'
    || (
    SELECT '['
      || coalesce(string_agg('{"number":'
      || coalesce((t2.number)::text, 'null')
      || ',"kind":'
      || coalesce('"'
      || (t2.kind)
      || '"', 'null')
      || ',"line":'
      || CASE
      WHEN t3.id IS NULL THEN 'null'
      ELSE '{"title":'
      || to_json(t3.title)::text
      || '}' END
      || ',"metric":'
      || coalesce('"'
      || (t2.metric)
      || '"', 'null')
      || ',"value":'
      || coalesce((t2.value)::text, 'null')
      || ',"target":'
      || coalesce((t2.target)::text, 'null')
      || ',"quantity":'
      || coalesce((t2.quantity)::text, 'null')
      || ',"unitPrice":'
      || CASE
      WHEN (t2.unit_price_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.unit_price_fen) * 0.01)::text)::text
      || '}' END
      || ',"amount":'
      || CASE
      WHEN (t2.amount_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.amount_fen) * 0.01)::text)::text
      || '}' END
      || '}', ',' ORDER BY t2.id), '')
      || ']'
    FROM claim_steps t2
    LEFT JOIN agreement_lines t3 ON t3.id = t2.line_id
      AND (t3.street_id = $2::uuid)
    WHERE t2.submission_id = t1.id
      AND (t2.street_id = $2::uuid)
  )
    || ',"deliveries":'
    || (
    SELECT '{"totalCount":'
      || (
      SELECT count(*)
      FROM deliveries t4i
      JOIN submission_deliveries t4il ON t4il.delivery_id = t4i.id
      WHERE t4il.submission_id = t1.id
        AND (t4i.street_id = $2::uuid)
        AND (t4il.street_id = $2::uuid)
    )
      || ',"nodes":['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t4.reference)
      || '"', 'null')
      || ',"quantity":'
      || coalesce((t4.quantity)::text, 'null')
      || ',"unit":'
      || coalesce('"'
      || (t4.unit)
      || '"', 'null')
      || ',"status":'
      || coalesce('"'
      || (t4.status)
      || '"', 'null')
      || ',"personPseudonym":'
      || coalesce('"'
      || (t4.person_pseudonym)
      || '"', 'null')
      || ',"person":null}', ',' ORDER BY t4.id DESC), '')
      || ']}'
    FROM (
      SELECT t4i.reference, t4i.quantity, t4i.unit, t4i.status, t4i.person_pseudonym, t4i.id
      FROM deliveries t4i
      JOIN submission_deliveries t4il ON t4il.delivery_id = t4i.id
      WHERE t4il.submission_id = t1.id
        AND (t4i.street_id = $2::uuid)
        AND (t4il.street_id = $2::uuid)
      ORDER BY t4i.id DESC
      LIMIT $3::int
    ) t4
  )
    || ',"paymentRequests":'
    || (
    SELECT '['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t5.reference)
      || '"', 'null')
      || ',"status":'
      || coalesce('"'
      || (t5.status)
      || '"', 'null')
      || ',"payable":'
      || CASE
      WHEN (t5.payable_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.payable_fen) * 0.01)::text)::text
      || '}' END
      || '}', ',' ORDER BY t5.id), '')
      || ']'
    FROM payment_requests t5
    WHERE t5.submission_id = t1.id
      AND (t5.street_id = $2::uuid)
  )
    || '}'
  FROM submissions t1
  WHERE t1.id = $1::uuid
    AND (t1.street_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
