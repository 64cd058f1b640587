-- $1 fact street
-- $2 size Const(value=2)
-- $3 size
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"funds":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"name":'
    || to_json(t1.name)::text
    || ',"kind":'
    || coalesce('"'
    || (t1.kind)
    || '"', 'null')
    || ',"purposes":'
    || coalesce(array_to_json((t1.purposes))::text, 'null')
    || ',"communities":'
    || (
    SELECT '['
      || coalesce(string_agg('{"name":'
      || to_json(t2.name)::text
      || '}', ',' ORDER BY t2.id), '')
      || ']'
    FROM organizations t2
    WHERE t2.id = any(t1.community_ids)
      AND (t2.kind = 'COMMUNITY')
      AND (true)
  )
    || ',"available":'
    || CASE
    WHEN (t1.available_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.available_fen) * 0.01)::text)::text
    || '}' END
    || ',"encumbered":'
    || CASE
    WHEN (t1.encumbered_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.encumbered_fen) * 0.01)::text)::text
    || '}' END
    || ',"payable":'
    || CASE
    WHEN (t1.payable_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.payable_fen) * 0.01)::text)::text
    || '}' END
    || ',"paid":'
    || CASE
    WHEN (t1.paid_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.paid_fen) * 0.01)::text)::text
    || '}' END
    || ',"donations":'
    || (
    SELECT '{"totalCount":'
      || (
      SELECT count(*)
      FROM donations t3i
      WHERE t3i.fund_id = t1.id
        AND (t3i.street_id = $1::uuid)
    )
      || ',"nodes":['
      || coalesce(string_agg('{"amount":'
      || CASE
      WHEN (t3.amount_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t3.amount_fen) * 0.01)::text)::text
      || ',"currency":"CNY"}' END
      || ',"donorKind":'
      || coalesce('"'
      || (t3.donor_kind)
      || '"', 'null')
      || ',"donorName":'
      || coalesce(to_json(t3.donor_name)::text, 'null')
      || ',"receivedOn":'
      || coalesce('"'
      || (t3.received_on)
      || '"', 'null')
      || '}', ',' ORDER BY t3.id DESC), '')
      || ']}'
    FROM (
      SELECT t3i.amount_fen, t3i.donor_kind, t3i.donor_name, t3i.received_on, t3i.id
      FROM donations t3i
      WHERE t3i.fund_id = t1.id
        AND (t3i.street_id = $1::uuid)
      ORDER BY t3i.id DESC
      LIMIT $2::int
    ) t3
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.name, t1i.kind, t1i.purposes, t1i.community_ids, t1i.available_fen, t1i.encumbered_fen, t1i.payable_fen, t1i.paid_fen, t1i.id
    FROM funds t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
)
  || '}', 'UTF8') END END
