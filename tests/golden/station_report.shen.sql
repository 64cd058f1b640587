-- $1 id street Var(name='street', path=())
-- $2 fact community
-- $3 fact street
-- $4 plain Var(name='from', path=())
-- $5 plain Var(name='to', path=())
-- $6 fact now
-- $7 fact district
-- $8 setting district
-- $9 setting membership
-- $10 fact membership
-- $11 fact client
-- $12 fact today
SELECT CASE
  WHEN set_config('hub.district', $8::text, true) IS NOT NULL
  AND set_config('hub.membership', $9::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($10::uuid, $11::uuid, $12::date) THEN convert_to('{"stationReport":'
  || coalesce((
  SELECT '{"total":'
    || coalesce((
    SELECT '{"visits":{"times":'
      || coalesce((t2.visit_times)::text, 'null')
      || ',"persons":'
      || coalesce((t2.visit_persons)::text, 'null')
      || ',"households":'
      || coalesce((t2.visit_homes)::text, 'null')
      || '},"caseServices":{"times":'
      || coalesce((t2.service_times)::text, 'null')
      || ',"persons":'
      || coalesce((t2.service_persons)::text, 'null')
      || ',"households":'
      || coalesce((t2.service_homes)::text, 'null')
      || '},"attendances":{"sessions":'
      || coalesce((t2.session_count)::text, 'null')
      || ',"times":'
      || coalesce((t2.attendance_times)::text, 'null')
      || ',"persons":'
      || coalesce((t2.attendance_persons)::text, 'null')
      || '},"promises":{"made":'
      || coalesce((t2.promised)::text, 'null')
      || ',"kept":'
      || coalesce((t2.kept)::text, 'null')
      || ',"late":'
      || coalesce((t2.late)::text, 'null')
      || ',"missed":'
      || coalesce((t2.missed)::text, 'null')
      || '}}'
    FROM report_rows(t1.id, $4::date, $5::date, $6::timestamptz, CASE
      WHEN $3::uuid is null THEN 5
      ELSE 1 END, 'TOTAL') WITH ORDINALITY t2
    WHERE t2.ordinality = 1
  ), 'null')
    || ',"byCommunity":'
    || (
    SELECT '['
      || coalesce(string_agg('{"community":'
      || CASE
      WHEN t4.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t4.name)::text
      || '}' END
      || ',"paragraph":'
      || coalesce(to_json(t3.paragraph)::text, 'null')
      || ',"visits":{"times":'
      || coalesce((t3.visit_times)::text, 'null')
      || ',"persons":'
      || coalesce((t3.visit_persons)::text, 'null')
      || '}}', ',' ORDER BY t3.ordinality), '')
      || ']'
    FROM report_rows(t1.id, $4::date, $5::date, $6::timestamptz, CASE
      WHEN $3::uuid is null THEN 5
      ELSE 1 END, 'COMMUNITY') WITH ORDINALITY t3
    LEFT JOIN organizations t4 ON t4.id = t3.community_id
      AND (t4.kind = 'COMMUNITY')
      AND (true)
  )
    || ',"byService":'
    || (
    SELECT '['
      || coalesce(string_agg('{"serviceType":'
      || CASE
      WHEN t6.id IS NULL THEN 'null'
      ELSE '{"code":'
      || to_json(t6.code)::text
      || '}' END
      || ',"caseServices":{"times":'
      || coalesce((t5.service_times)::text, 'null')
      || ',"persons":'
      || coalesce((t5.service_persons)::text, 'null')
      || '}}', ',' ORDER BY t5.ordinality), '')
      || ']'
    FROM report_rows(t1.id, $4::date, $5::date, $6::timestamptz, CASE
      WHEN $3::uuid is null THEN 5
      ELSE 1 END, 'SERVICE') WITH ORDINALITY t5
    LEFT JOIN service_types t6 ON t6.id = t5.service_type_id
      AND (true)
  )
    || ',"money":'
    || coalesce((
    SELECT '{"encumbered":'
      || CASE
      WHEN (t7.encumbered_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.encumbered_fen) * 0.01)::text)::text
      || '}' END
      || ',"accepted":'
      || CASE
      WHEN (t7.accepted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.accepted_fen) * 0.01)::text)::text
      || '}' END
      || ',"deducted":'
      || CASE
      WHEN (t7.deducted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.deducted_fen) * 0.01)::text)::text
      || '}' END
      || ',"requested":'
      || CASE
      WHEN (t7.requested_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.requested_fen) * 0.01)::text)::text
      || '}' END
      || ',"paid":'
      || CASE
      WHEN (t7.paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.paid_fen) * 0.01)::text)::text
      || '}' END
      || '}'
    FROM report_money(t1.id, $4::date, $5::date, true) WITH ORDINALITY t7
    WHERE t7.ordinality = 1
  ), 'null')
    || ',"moneyByStage":'
    || (
    SELECT '['
      || coalesce(string_agg('{"stage":'
      || coalesce('"'
      || (t8.stage)
      || '"', 'null')
      || ',"paid":'
      || CASE
      WHEN (t8.paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t8.paid_fen) * 0.01)::text)::text
      || '}' END
      || '}', ',' ORDER BY t8.ordinality), '')
      || ']'
    FROM report_money(t1.id, $4::date, $5::date, false) WITH ORDINALITY t8
  )
    || '}'
  FROM organizations t1
  WHERE t1.id = coalesce($1::uuid, $2::uuid, $3::uuid)
    AND (t1.kind in ('STREET', 'COMMUNITY'))
    AND ((t1.kind = 'STREET' and t1.district_id = $7::uuid))
), 'null')
  || '}', 'UTF8') END END
