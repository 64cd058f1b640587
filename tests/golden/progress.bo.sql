-- $1 id milestone Var(name='id', path=())
-- $2 fact partner
-- $3 fact community
-- $4 setting partner
-- $5 setting today
-- $6 setting user
-- $7 setting street
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
-- $11 fact today
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.today', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"code":'
    || to_json(t1.code)::text
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"dueOn":'
    || coalesce('"'
    || (t1.due_on)
    || '"', 'null')
    || ',"progress":'
    || (
    SELECT '['
      || coalesce(string_agg('{"metric":'
      || coalesce('"'
      || (t2.metric)
      || '"', 'null')
      || ',"perUnit":'
      || coalesce((t2.per_unit)::text, 'null')
      || ',"target":'
      || coalesce((t2.target)::text, 'null')
      || ',"value":'
      || coalesce((t2.value)::text, 'null')
      || ',"met":'
      || coalesce((t2.met)::text, 'null')
      || ',"line":'
      || CASE
      WHEN t3.id IS NULL THEN 'null'
      ELSE '{"title":'
      || to_json(t3.title)::text
      || '}' END
      || ',"missing":'
      || (
      SELECT '['
        || coalesce(string_agg('{"reason":'
        || coalesce('"'
        || (t4.reason)
        || '"', 'null')
        || ',"reference":'
        || coalesce(to_json(CASE
        WHEN $3::uuid is null or t4.community_id = $3::uuid THEN t4.reference END)::text, 'null')
        || ',"lacking":'
        || coalesce((t4.lacking)::text, 'null')
        || ',"dueOn":'
        || coalesce('"'
        || (t4.due_on)
        || '"', 'null')
        || ',"community":'
        || CASE
        WHEN t5.id IS NULL THEN 'null'
        ELSE '{"name":'
        || to_json(t5.name)::text
        || '}' END
        || ',"delivery":'
        || CASE
        WHEN t6.id IS NULL THEN 'null'
        ELSE '{"reference":'
        || coalesce('"'
        || (t6.reference)
        || '"', 'null')
        || '}' END
        || '}', ',' ORDER BY t4.ordinality), '')
        || ']'
      FROM progress_missing(t2.milestone_id, t2.criterion_id, t2.line_id) WITH ORDINALITY t4
      LEFT JOIN organizations t5 ON t5.id = t4.community_id
        AND (t5.kind = 'COMMUNITY')
        AND (true)
      LEFT JOIN deliveries t6 ON t6.id = t4.delivery_id
        AND (t6.partner_id = $2::uuid)
    )
      || '}', ',' ORDER BY t2.ordinality), '')
      || ']'
    FROM milestone_progress(t1.id) WITH ORDINALITY t2
    LEFT JOIN agreement_lines t3 ON t3.id = t2.line_id
      AND (t3.partner_id = $2::uuid and t3.offered)
  )
    || '}'
  FROM milestones t1
  WHERE t1.id = $1::uuid
    AND (t1.partner_id = $2::uuid and t1.offered)
), 'null')
  || '}', 'UTF8') END END
