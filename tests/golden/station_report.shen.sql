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
    FROM unnest(t3.total) WITH ORDINALITY t2
    WHERE t2.ordinality = 1
  ), 'null')
    || ',"byCommunity":'
    || (
    SELECT '['
      || coalesce(string_agg('{"community":'
      || CASE
      WHEN t5.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t5.name)::text
      || '}' END
      || ',"paragraph":'
      || coalesce(to_json(t4.paragraph)::text, 'null')
      || ',"visits":{"times":'
      || coalesce((t4.visit_times)::text, 'null')
      || ',"persons":'
      || coalesce((t4.visit_persons)::text, 'null')
      || '}}', ',' ORDER BY t4.ordinality), '')
      || ']'
    FROM unnest(t3.by_community) WITH ORDINALITY t4
    LEFT JOIN organizations t5 ON t5.id = t4.community_id
      AND (t5.kind = 'COMMUNITY')
      AND (true)
  )
    || ',"byService":'
    || (
    SELECT '['
      || coalesce(string_agg('{"serviceType":'
      || CASE
      WHEN t7.id IS NULL THEN 'null'
      ELSE '{"code":'
      || to_json(t7.code)::text
      || '}' END
      || ',"caseServices":{"times":'
      || coalesce((t6.service_times)::text, 'null')
      || ',"persons":'
      || coalesce((t6.service_persons)::text, 'null')
      || '}}', ',' ORDER BY t6.ordinality), '')
      || ']'
    FROM unnest(t3.by_service) WITH ORDINALITY t6
    LEFT JOIN service_types t7 ON t7.id = t6.service_type_id
      AND (true)
  )
    || ',"money":'
    || coalesce((
    SELECT '{"encumbered":'
      || CASE
      WHEN (t8.encumbered_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t8.encumbered_fen) * 0.01)::text)::text
      || '}' END
      || ',"accepted":'
      || CASE
      WHEN (t8.accepted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t8.accepted_fen) * 0.01)::text)::text
      || '}' END
      || ',"deducted":'
      || CASE
      WHEN (t8.deducted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t8.deducted_fen) * 0.01)::text)::text
      || '}' END
      || ',"requested":'
      || CASE
      WHEN (t8.requested_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t8.requested_fen) * 0.01)::text)::text
      || '}' END
      || ',"paid":'
      || CASE
      WHEN (t8.paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t8.paid_fen) * 0.01)::text)::text
      || '}' END
      || '}'
    FROM report_money(t1.id, $4::date, $5::date, true) WITH ORDINALITY t8
    WHERE t8.ordinality = 1
  ), 'null')
    || ',"moneyByStage":'
    || (
    SELECT '['
      || coalesce(string_agg('{"stage":'
      || coalesce('"'
      || (t9.stage)
      || '"', 'null')
      || ',"paid":'
      || CASE
      WHEN (t9.paid_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t9.paid_fen) * 0.01)::text)::text
      || '}' END
      || '}', ',' ORDER BY t9.ordinality), '')
      || ']'
    FROM report_money(t1.id, $4::date, $5::date, false) WITH ORDINALITY t9
  )
    || '}'
  FROM organizations t1
  LEFT JOIN LATERAL report_rows(t1.id, $4::date, $5::date, $6::timestamptz, CASE
    WHEN $3::uuid is null THEN 5
    ELSE 1 END) t3 ON true
  WHERE t1.id = coalesce($1::uuid, $2::uuid, $3::uuid)
    AND (t1.kind in ('STREET', 'COMMUNITY'))
    AND ((t1.kind = 'STREET' and t1.district_id = $7::uuid))
), 'null')
  || '}', 'UTF8') END END
