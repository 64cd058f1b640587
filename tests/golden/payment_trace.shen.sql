-- $1 id payment Var(name='id', path=())
-- $2 fact district
-- $3 fact today
-- $4 setting district
-- $5 setting membership
-- $6 fact membership
-- $7 fact client
SELECT CASE
  WHEN set_config('hub.district', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($6::uuid, $7::uuid, $3::date) THEN convert_to('{"paymentTrace":'
  || coalesce((
  SELECT '{"amount":'
    || CASE
    WHEN (t1.amount_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.amount_fen) * 0.01)::text)::text
    || ',"currency":"CNY"}' END
    || ',"partner":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"agreement":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || ',"ceiling":'
    || CASE
    WHEN (t3.ceiling_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t3.ceiling_fen) * 0.01)::text)::text
    || '}' END
    || '}' END
    || ',"milestone":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"code":'
    || to_json(t4.code)::text
    || ',"title":'
    || to_json(t4.title)::text
    || '}' END
    || ',"payment":'
    || CASE
    WHEN t5.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t5.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t5.status)
    || '"', 'null')
    || ',"sentAt":'
    || coalesce('"'
    || to_char((t5.sent_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"settledOn":'
    || coalesce('"'
    || (t5.settled_on)
    || '"', 'null')
    || '}' END
    || ',"paymentRequest":'
    || CASE
    WHEN t6.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t6.reference)
    || '"', 'null')
    || ',"payable":'
    || CASE
    WHEN (t6.payable_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t6.payable_fen) * 0.01)::text)::text
    || '}' END
    || ',"approvals":'
    || (
    SELECT '['
      || coalesce(string_agg('{"step":'
      || coalesce('"'
      || (t7.step)
      || '"', 'null')
      || ',"madeBy":'
      || CASE
      WHEN t8.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t8.display_name)::text
      || '}' END
      || ',"madeAt":'
      || coalesce('"'
      || to_char((t7.made_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || '}', ',' ORDER BY t7.id), '')
      || ']'
    FROM approvals t7
    LEFT JOIN memberships t8 ON t8.id = t7.made_by_id
      AND (t8.district_id = $2::uuid)
    WHERE t7.request_id = t6.id
      AND (t7.district_id = $2::uuid)
  )
    || ',"submission":'
    || CASE
    WHEN t9.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t9.reference)
    || '"', 'null')
    || ',"reviews":'
    || (
    SELECT '['
      || coalesce(string_agg('{"decision":'
      || coalesce('"'
      || (t10.decision)
      || '"', 'null')
      || ',"reviewedBy":'
      || CASE
      WHEN t11.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t11.display_name)::text
      || '}' END
      || ',"reviewedAt":'
      || coalesce('"'
      || to_char((t10.reviewed_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || '}', ',' ORDER BY t10.id), '')
      || ']'
    FROM reviews t10
    LEFT JOIN memberships t11 ON t11.id = t10.reviewed_by_id
      AND (t11.district_id = $2::uuid)
    WHERE t10.submission_id = t9.id
      AND (t10.district_id = $2::uuid)
  )
    || '}' END
    || '}' END
    || ',"deliveries":'
    || (
    SELECT '['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t12.reference)
      || '"', 'null')
      || ',"happenedOn":'
      || coalesce('"'
      || (t12.happened_on)
      || '"', 'null')
      || ',"quantity":'
      || coalesce((t12.quantity)::text, 'null')
      || ',"unit":'
      || coalesce('"'
      || (t12.unit)
      || '"', 'null')
      || ',"verification":'
      || coalesce('"'
      || (t12.verification)
      || '"', 'null')
      || ',"session":'
      || coalesce('"'
      || (t12.session)
      || '"', 'null')
      || ',"participants":'
      || coalesce((t12.participants)::text, 'null')
      || ',"line":'
      || CASE
      WHEN t13.id IS NULL THEN 'null'
      ELSE '{"title":'
      || to_json(t13.title)::text
      || '}' END
      || ',"serviceType":'
      || CASE
      WHEN t14.id IS NULL THEN 'null'
      ELSE '{"code":'
      || to_json(t14.code)::text
      || '}' END
      || ',"community":'
      || CASE
      WHEN t15.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t15.name)::text
      || '}' END
      || ',"person":'
      || coalesce((
      SELECT '{"pseudonym":'
        || coalesce('"'
        || (t16.pseudonym)
        || '"', 'null')
        || ',"ageGroup":'
        || coalesce('"'
        || (CASE
        WHEN t16.birth_on > $3::date - interval '7 years' THEN 'AGE_0_6'
        WHEN t16.birth_on > $3::date - interval '18 years' THEN 'AGE_7_17'
        WHEN t16.birth_on > $3::date - interval '60 years' THEN 'AGE_18_59'
        WHEN t16.birth_on > $3::date - interval '70 years' THEN 'AGE_60_69'
        WHEN t16.birth_on > $3::date - interval '80 years' THEN 'AGE_70_79'
        ELSE 'AGE_80_PLUS' END)
        || '"', 'null')
        || '}'
      FROM trace_person(t12.person_id) WITH ORDINALITY t16
      WHERE t16.ordinality = 1
    ), 'null')
      || ',"needs":'
      || (
      SELECT '['
        || coalesce(string_agg('{"domain":'
        || coalesce('"'
        || (t17.domain)
        || '"', 'null')
        || ',"bradshawType":'
        || coalesce('"'
        || (t17.bradshaw_type)
        || '"', 'null')
        || ',"status":'
        || coalesce('"'
        || (t17.status)
        || '"', 'null')
        || ',"goals":'
        || coalesce((t17.goal_count)::text, 'null')
        || ',"goalsAchieved":'
        || coalesce((t17.goals_achieved)::text, 'null')
        || ',"goalStatus":'
        || coalesce('"'
        || (t17.goal_status)
        || '"', 'null')
        || '}', ',' ORDER BY t17.ordinality), '')
        || ']'
      FROM trace_needs(t12.case_id) WITH ORDINALITY t17
    )
      || ',"cases":'
      || (
      SELECT '['
        || coalesce(string_agg('{"reference":'
        || coalesce('"'
        || (t18.reference)
        || '"', 'null')
        || ',"kind":'
        || coalesce('"'
        || (t18.kind)
        || '"', 'null')
        || ',"status":'
        || coalesce('"'
        || (t18.status)
        || '"', 'null')
        || ',"person":'
        || coalesce((
        SELECT '{"pseudonym":'
          || coalesce('"'
          || (t19.pseudonym)
          || '"', 'null')
          || '}'
        FROM trace_person(t18.person_id) WITH ORDINALITY t19
        WHERE t19.ordinality = 1
      ), 'null')
        || ',"goals":'
        || (
        SELECT '['
          || coalesce(string_agg('{"status":'
          || coalesce('"'
          || (t20.status)
          || '"', 'null')
          || ',"dueOn":'
          || coalesce('"'
          || (t20.due_on)
          || '"', 'null')
          || ',"selfReliance":'
          || coalesce((t20.self_reliance)::text, 'null')
          || '}', ',' ORDER BY t20.ordinality), '')
          || ']'
        FROM trace_goals(t18.case_id) WITH ORDINALITY t20
      )
        || ',"needs":'
        || (
        SELECT '['
          || coalesce(string_agg('{"domain":'
          || coalesce('"'
          || (t21.domain)
          || '"', 'null')
          || '}', ',' ORDER BY t21.ordinality), '')
          || ']'
        FROM trace_needs(t18.case_id) WITH ORDINALITY t21
      )
        || '}', ',' ORDER BY t18.ordinality), '')
        || ']'
      FROM trace_cases(t12.delivery_id) WITH ORDINALITY t18
    )
      || '}', ',' ORDER BY t12.ordinality), '')
      || ']'
    FROM trace_deliveries(t1.id) WITH ORDINALITY t12
    LEFT JOIN agreement_lines t13 ON t13.id = t12.line_id
      AND (t13.district_id = $2::uuid)
    LEFT JOIN service_types t14 ON t14.id = t12.service_type_id
      AND (true)
    LEFT JOIN organizations t15 ON t15.id = t12.community_id
      AND (t15.kind = 'COMMUNITY')
      AND (true)
  )
    || '}'
  FROM payments t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
  LEFT JOIN agreements t3 ON t3.id = t1.agreement_id
    AND (t3.district_id = $2::uuid)
  LEFT JOIN milestones t4 ON t4.id = t1.milestone_id
    AND (t4.district_id = $2::uuid)
  LEFT JOIN payments t5 ON t5.id = t1.id
    AND (t5.district_id = $2::uuid)
  LEFT JOIN payment_requests t6 ON t6.id = t1.request_id
    AND (t6.district_id = $2::uuid)
  LEFT JOIN submissions t9 ON t9.id = t6.submission_id
    AND (t9.district_id = $2::uuid)
  WHERE t1.id = $1::uuid
    AND (t1.district_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
