-- $1 id payment Var(name='id', path=())
-- $2 fact partner
-- $3 fact today
-- $4 setting partner
-- $5 setting today
-- $6 setting user
-- $7 setting street
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.today', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $3::date) THEN convert_to('{"paymentTrace":'
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
    || ',"approvals":null,"submission":'
    || CASE
    WHEN t7.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t7.reference)
    || '"', 'null')
    || ',"reviews":'
    || (
    SELECT '['
      || coalesce(string_agg('{"decision":'
      || coalesce('"'
      || (t8.decision)
      || '"', 'null')
      || ',"reviewedBy":null,"reviewedAt":'
      || coalesce('"'
      || to_char((t8.reviewed_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || '}', ',' ORDER BY t8.id), '')
      || ']'
    FROM reviews t8
    WHERE t8.submission_id = t7.id
      AND (t8.partner_id = $2::uuid)
  )
    || '}' END
    || '}' END
    || ',"deliveries":'
    || (
    SELECT '['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t9.reference)
      || '"', 'null')
      || ',"happenedOn":'
      || coalesce('"'
      || (t9.happened_on)
      || '"', 'null')
      || ',"quantity":'
      || coalesce((t9.quantity)::text, 'null')
      || ',"unit":'
      || coalesce('"'
      || (t9.unit)
      || '"', 'null')
      || ',"verification":'
      || coalesce('"'
      || (t9.verification)
      || '"', 'null')
      || ',"session":'
      || coalesce('"'
      || (t9.session)
      || '"', 'null')
      || ',"participants":'
      || coalesce((t9.participants)::text, 'null')
      || ',"line":'
      || CASE
      WHEN t10.id IS NULL THEN 'null'
      ELSE '{"title":'
      || to_json(t10.title)::text
      || '}' END
      || ',"serviceType":'
      || CASE
      WHEN t11.id IS NULL THEN 'null'
      ELSE '{"code":'
      || to_json(t11.code)::text
      || '}' END
      || ',"community":'
      || CASE
      WHEN t12.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t12.name)::text
      || '}' END
      || ',"person":'
      || coalesce((
      SELECT '{"pseudonym":'
        || coalesce('"'
        || (t13.pseudonym)
        || '"', 'null')
        || ',"ageGroup":'
        || coalesce('"'
        || (CASE
        WHEN t13.birth_on > $3::date - interval '7 years' THEN 'AGE_0_6'
        WHEN t13.birth_on > $3::date - interval '18 years' THEN 'AGE_7_17'
        WHEN t13.birth_on > $3::date - interval '60 years' THEN 'AGE_18_59'
        WHEN t13.birth_on > $3::date - interval '70 years' THEN 'AGE_60_69'
        WHEN t13.birth_on > $3::date - interval '80 years' THEN 'AGE_70_79'
        ELSE 'AGE_80_PLUS' END)
        || '"', 'null')
        || '}'
      FROM trace_person(t9.person_id) WITH ORDINALITY t13
      WHERE t13.ordinality = 1
    ), 'null')
      || ',"needs":'
      || (
      SELECT '['
        || coalesce(string_agg('{"domain":'
        || coalesce('"'
        || (t14.domain)
        || '"', 'null')
        || ',"bradshawType":'
        || coalesce('"'
        || (t14.bradshaw_type)
        || '"', 'null')
        || ',"status":'
        || coalesce('"'
        || (t14.status)
        || '"', 'null')
        || ',"goals":'
        || coalesce((t14.goal_count)::text, 'null')
        || ',"goalsAchieved":'
        || coalesce((t14.goals_achieved)::text, 'null')
        || ',"goalStatus":'
        || coalesce('"'
        || (t14.goal_status)
        || '"', 'null')
        || '}', ',' ORDER BY t14.ordinality), '')
        || ']'
      FROM trace_needs(t9.case_id) WITH ORDINALITY t14
    )
      || ',"cases":'
      || (
      SELECT '['
        || coalesce(string_agg('{"reference":'
        || coalesce('"'
        || (t15.reference)
        || '"', 'null')
        || ',"kind":'
        || coalesce('"'
        || (t15.kind)
        || '"', 'null')
        || ',"status":'
        || coalesce('"'
        || (t15.status)
        || '"', 'null')
        || ',"person":'
        || coalesce((
        SELECT '{"pseudonym":'
          || coalesce('"'
          || (t16.pseudonym)
          || '"', 'null')
          || '}'
        FROM trace_person(t15.person_id) WITH ORDINALITY t16
        WHERE t16.ordinality = 1
      ), 'null')
        || ',"goals":'
        || (
        SELECT '['
          || coalesce(string_agg('{"status":'
          || coalesce('"'
          || (t17.status)
          || '"', 'null')
          || ',"dueOn":'
          || coalesce('"'
          || (t17.due_on)
          || '"', 'null')
          || ',"selfReliance":'
          || coalesce((t17.self_reliance)::text, 'null')
          || '}', ',' ORDER BY t17.ordinality), '')
          || ']'
        FROM trace_goals(t15.case_id) WITH ORDINALITY t17
      )
        || ',"needs":'
        || (
        SELECT '['
          || coalesce(string_agg('{"domain":'
          || coalesce('"'
          || (t18.domain)
          || '"', 'null')
          || '}', ',' ORDER BY t18.ordinality), '')
          || ']'
        FROM trace_needs(t15.case_id) WITH ORDINALITY t18
      )
        || '}', ',' ORDER BY t15.ordinality), '')
        || ']'
      FROM trace_cases(t9.delivery_id) WITH ORDINALITY t15
    )
      || '}', ',' ORDER BY t9.ordinality), '')
      || ']'
    FROM trace_deliveries(t1.id) WITH ORDINALITY t9
    LEFT JOIN agreement_lines t10 ON t10.id = t9.line_id
      AND (t10.partner_id = $2::uuid and t10.offered)
    LEFT JOIN service_types t11 ON t11.id = t9.service_type_id
      AND (true)
    LEFT JOIN organizations t12 ON t12.id = t9.community_id
      AND (t12.kind = 'COMMUNITY')
      AND (true)
  )
    || '}'
  FROM payments t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
  LEFT JOIN agreements t3 ON t3.id = t1.agreement_id
    AND (t3.partner_id = $2::uuid and t3.offered)
  LEFT JOIN milestones t4 ON t4.id = t1.milestone_id
    AND (t4.partner_id = $2::uuid and t4.offered)
  LEFT JOIN payments t5 ON t5.id = t1.id
    AND (t5.partner_id = $2::uuid)
  LEFT JOIN payment_requests t6 ON t6.id = t1.request_id
    AND (t6.partner_id = $2::uuid)
  LEFT JOIN submissions t7 ON t7.id = t6.submission_id
    AND (t7.partner_id = $2::uuid)
  WHERE t1.id = $1::uuid
    AND (t1.partner_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
