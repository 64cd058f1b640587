-- $1 id agreement Var(name='id', path=())
-- $2 fact partner
-- $3 size Const(value=3)
-- $4 size
-- $5 setting partner
-- $6 setting membership
-- $7 setting today
-- $8 setting user
-- $9 setting street
-- $10 fact membership
-- $11 fact client
-- $12 fact today
SELECT CASE
  WHEN set_config('hub.partner', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL
  AND set_config('hub.today', $7::text, true) IS NOT NULL
  AND set_config('hub.user', $8::text, true) IS NOT NULL
  AND set_config('hub.street', $9::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($10::uuid, $11::uuid, $12::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"ceiling":null,"encumbered":null,"lines":'
    || (
    SELECT '{"nodes":['
      || coalesce(string_agg('{"number":'
      || coalesce((t2.number)::text, 'null')
      || ',"title":'
      || to_json(t2.title)::text
      || ',"unit":'
      || coalesce('"'
      || (t2.unit)
      || '"', 'null')
      || ',"unitPrice":null,"quantityCap":'
      || coalesce((t2.quantity_cap)::text, 'null')
      || '}', ',' ORDER BY t2.number, t2.id), '')
      || ']}'
    FROM (
      SELECT t2i.number, t2i.title, t2i.unit, t2i.quantity_cap, t2i.id
      FROM agreement_lines t2i
      WHERE t2i.version_id = t1.current_version_id
        AND (t2i.partner_id = $2::uuid and t2i.was_in_force)
      ORDER BY t2i.number, t2i.id
      LIMIT $3::int
    ) t2
  )
    || ',"milestones":'
    || (
    SELECT '{"totalCount":'
      || (
      SELECT count(*)
      FROM milestones t3i
      WHERE t3i.version_id = t1.current_version_id
        AND (t3i.partner_id = $2::uuid and t3i.was_in_force)
    )
      || ',"nodes":['
      || coalesce(string_agg('{"code":'
      || to_json(t3.code)::text
      || ',"kind":'
      || coalesce('"'
      || (t3.kind)
      || '"', 'null')
      || ',"dueOn":'
      || coalesce('"'
      || (t3.due_on)
      || '"', 'null')
      || ',"amount":null,"sharePercent":null}', ',' ORDER BY t3.sequence, t3.id), '')
      || ']}'
    FROM (
      SELECT t3i.code, t3i.kind, t3i.due_on, t3i.sequence, t3i.id
      FROM milestones t3i
      WHERE t3i.version_id = t1.current_version_id
        AND (t3i.partner_id = $2::uuid and t3i.was_in_force)
      ORDER BY t3i.sequence, t3i.id
      LIMIT $4::int
    ) t3
  )
    || ',"currentVersion":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"number":'
    || coalesce((t4.number)::text, 'null')
    || ',"effectiveFrom":'
    || coalesce('"'
    || (t4.effective_from_on)
    || '"', 'null')
    || ',"endsOn":'
    || coalesce('"'
    || (t4.ends_on)
    || '"', 'null')
    || '}' END
    || ',"versions":null}'
  FROM agreements t1
  LEFT JOIN agreement_versions t4 ON t4.id = t1.current_version_id
    AND (t4.partner_id = $2::uuid and t4.was_in_force)
  WHERE t1.id = $1::uuid
    AND (t1.partner_id = $2::uuid and t1.was_in_force)
), 'null')
  || '}', 'UTF8') END END
