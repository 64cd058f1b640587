-- $1 id agreement Var(name='id', path=())
-- $2 fact partner
-- $3 size Const(value=10)
-- $4 setting partner
-- $5 setting membership
-- $6 setting today
-- $7 setting user
-- $8 setting street
-- $9 fact membership
-- $10 fact client
-- $11 fact today
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL
  AND set_config('hub.today', $6::text, true) IS NOT NULL
  AND set_config('hub.user', $7::text, true) IS NOT NULL
  AND set_config('hub.street', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"lines":'
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
      || ',"usage":'
      || coalesce((
      SELECT '{"quantityCap":'
        || coalesce((t3.quantity_cap)::text, 'null')
        || ',"used":'
        || coalesce((t3.used)::text, 'null')
        || ',"reserved":'
        || coalesce((t3.reserved)::text, 'null')
        || ',"remaining":'
        || coalesce((t3.remaining)::text, 'null')
        || ',"done":'
        || coalesce((t3.done)::text, 'null')
        || ',"unverified":'
        || coalesce((t3.unverified)::text, 'null')
        || ',"notReachable":'
        || coalesce((t3.unreachable)::text, 'null')
        || ',"owed":'
        || coalesce((t3.owed)::text, 'null')
        || '}'
      FROM line_usage(t2.id) WITH ORDINALITY t3
      WHERE t3.ordinality = 1
    ), 'null')
      || '}', ',' ORDER BY t2.number, t2.id), '')
      || ']}'
    FROM (
      SELECT t2i.number, t2i.title, t2i.unit, t2i.id
      FROM agreement_lines t2i
      WHERE t2i.version_id = t1.current_version_id
        AND (t2i.partner_id = $2::uuid and t2i.was_in_force)
      ORDER BY t2i.number, t2i.id
      LIMIT $3::int
    ) t2
  )
    || '}'
  FROM agreements t1
  WHERE t1.id = $1::uuid
    AND (t1.partner_id = $2::uuid and t1.was_in_force)
), 'null')
  || '}', 'UTF8') END END
