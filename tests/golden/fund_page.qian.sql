-- $1 plain Var(name='on', path=())
-- $2 fact today
-- $3 fact street
-- $4 size Const(value=2)
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
  WHEN hub_live($9::uuid, $10::uuid, $2::date) THEN convert_to('{"funds":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"name":'
    || to_json(t1.name)::text
    || ',"available":'
    || CASE
    WHEN (t1.available_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.available_fen) * 0.01)::text)::text
    || '}' END
    || ',"statement":'
    || coalesce((
    SELECT '{"opening":'
      || CASE
      WHEN (t2.opening_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.opening_fen) * 0.01)::text)::text
      || '}' END
      || ',"received":'
      || CASE
      WHEN (t2.received_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.received_fen) * 0.01)::text)::text
      || '}' END
      || ',"available":'
      || CASE
      WHEN (t2.available_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.available_fen) * 0.01)::text)::text
      || '}' END
      || ',"encumbered":'
      || CASE
      WHEN (t2.encumbered_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.encumbered_fen) * 0.01)::text)::text
      || '}' END
      || ',"payable":'
      || CASE
      WHEN (t2.payable_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.payable_fen) * 0.01)::text)::text
      || '}' END
      || ',"paid":'
      || CASE
      WHEN (t2.paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.paid_fen) * 0.01)::text)::text
      || '}' END
      || ',"lineCount":'
      || coalesce((t2.line_count)::text, 'null')
      || '}'
    FROM fund_statement(t1.id, $1::date) WITH ORDINALITY t2
    WHERE t2.ordinality = 1
  ), 'null')
    || ',"fallsDue":'
    || (
    SELECT '['
      || coalesce(string_agg('{"horizon":'
      || coalesce('"'
      || (t3.horizon)
      || '"', 'null')
      || ',"until":'
      || coalesce('"'
      || (t3.until_on)
      || '"', 'null')
      || ',"amount":'
      || CASE
      WHEN (t3.amount_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t3.amount_fen) * 0.01)::text)::text
      || '}' END
      || ',"count":'
      || coalesce((t3.item_count)::text, 'null')
      || ',"planned":'
      || CASE
      WHEN (t3.planned_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t3.planned_fen) * 0.01)::text)::text
      || '}' END
      || ',"payable":'
      || CASE
      WHEN (t3.payable_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t3.payable_fen) * 0.01)::text)::text
      || '}' END
      || '}', ',' ORDER BY t3.ordinality), '')
      || ']'
    FROM fund_falls_due(t1.id, $2::date) WITH ORDINALITY t3
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.name, t1i.available_fen, t1i.id
    FROM funds t1i
    WHERE (t1i.street_id = $3::uuid)
    ORDER BY t1i.id DESC
    LIMIT $4::int
  ) t1
)
  || '}', 'UTF8') END END
