-- $1 id referral Var(name='id', path=())
-- $2 fact street
-- $3 setting street
-- $4 setting partner
-- $5 setting membership
-- $6 fact membership
-- $7 fact client
-- $8 fact today
SELECT CASE
  WHEN set_config('hub.street', $3::text, true) IS NOT NULL
  AND set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($6::uuid, $7::uuid, $8::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"serviceType":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"code":'
    || to_json(t2.code)::text
    || '}' END
    || ',"community":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || ',"partnerSuggestions":'
    || (
    SELECT '['
      || coalesce(string_agg('{"partner":'
      || CASE
      WHEN t5.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t5.name)::text
      || '}' END
      || ',"line":'
      || CASE
      WHEN t6.id IS NULL THEN 'null'
      ELSE '{"title":'
      || to_json(t6.title)::text
      || '}' END
      || ',"remaining":'
      || coalesce((t4.remaining)::text, 'null')
      || ',"vacancy":'
      || coalesce((t4.vacancy)::text, 'null')
      || ',"fits":'
      || coalesce((t4.reason_code = 'SERVES_HERE')::text, 'null')
      || ',"reason":'
      || coalesce('"'
      || (t4.reason_code)
      || '"', 'null')
      || '}', ',' ORDER BY t4.ordinality), '')
      || ']'
    FROM partner_suggestions(t1.id) WITH ORDINALITY t4
    LEFT JOIN organizations t5 ON t5.id = t4.partner_id
      AND (t5.kind = 'PARTNER')
      AND (true)
    LEFT JOIN agreement_lines t6 ON t6.id = t4.line_id
      AND (t6.street_id = $2::uuid)
  )
    || '}'
  FROM referrals t1
  LEFT JOIN service_types t2 ON t2.id = t1.service_type_id
    AND (true)
  LEFT JOIN organizations t3 ON t3.id = t1.community_id
    AND (t3.kind = 'COMMUNITY')
    AND (true)
  WHERE t1.id = $1::uuid
    AND (t1.street_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
