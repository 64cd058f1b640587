-- $1 id agreement Var(name='id', path=())
-- $2 fact street
-- $3 size Const(value=3)
-- $4 size
-- $5 fact partner
-- $6 setting street
-- $7 setting user
-- $8 setting partner
-- $9 setting membership
-- $10 fact membership
-- $11 fact client
-- $12 fact today
SELECT CASE
  WHEN set_config('hub.street', $6::text, true) IS NOT NULL
  AND set_config('hub.user', $7::text, true) IS NOT NULL
  AND set_config('hub.partner', $8::text, true) IS NOT NULL
  AND set_config('hub.membership', $9::text, true) IS NOT NULL THEN CASE
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
    || ',"ceiling":'
    || CASE
    WHEN (t1.ceiling_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.ceiling_fen) * 0.01)::text)::text
    || ',"currency":"CNY"}' END
    || ',"encumbered":'
    || CASE
    WHEN (t1.encumbered_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.encumbered_fen) * 0.01)::text)::text
    || '}' END
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
      || ',"unitPrice":'
      || CASE
      WHEN (t2.unit_price_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t2.unit_price_fen) * 0.01)::text)::text
      || '}' END
      || ',"quantityCap":'
      || coalesce((t2.quantity_cap)::text, 'null')
      || '}', ',' ORDER BY t2.number, t2.id), '')
      || ']}'
    FROM (
      SELECT t2i.number, t2i.title, t2i.unit, t2i.unit_price_fen, t2i.quantity_cap, t2i.id
      FROM agreement_lines t2i
      WHERE t2i.version_id = t1.current_version_id
        AND (t2i.street_id = $2::uuid)
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
        AND (t3i.street_id = $2::uuid)
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
      || ',"amount":'
      || CASE
      WHEN (t3.amount_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t3.amount_fen) * 0.01)::text)::text
      || '}' END
      || ',"sharePercent":'
      || coalesce(to_json((t3.share_bp * 0.01)::text)::text, 'null')
      || '}', ',' ORDER BY t3.sequence, t3.id), '')
      || ']}'
    FROM (
      SELECT t3i.code, t3i.kind, t3i.due_on, t3i.amount_fen, t3i.share_bp, t3i.sequence, t3i.id
      FROM milestones t3i
      WHERE t3i.version_id = t1.current_version_id
        AND (t3i.street_id = $2::uuid)
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
    || ',"versions":'
    || (
    SELECT '['
      || coalesce(string_agg('{"number":'
      || coalesce((t5.number)::text, 'null')
      || ',"ceiling":'
      || CASE
      WHEN (t5.ceiling_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.ceiling_fen) * 0.01)::text)::text
      || '}' END
      || ',"approvedBy":'
      || CASE
      WHEN t6.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t6.display_name)::text
      || '}' END
      || ',"signedBy":'
      || CASE
      WHEN t7.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t7.display_name)::text
      || '}' END
      || '}', ',' ORDER BY t5.id), '')
      || ']'
    FROM agreement_versions t5
    LEFT JOIN memberships t6 ON t6.id = t5.approved_by_id
      AND ((($2::uuid is not null and (t6.street_id = $2::uuid or t6.partner_id is not null)) or ($5::uuid is not null and (t6.partner_id = $5::uuid or (t6.street_id is not null and t6.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    LEFT JOIN memberships t7 ON t7.id = t5.signed_by_id
      AND ((($2::uuid is not null and (t7.street_id = $2::uuid or t7.partner_id is not null)) or ($5::uuid is not null and (t7.partner_id = $5::uuid or (t7.street_id is not null and t7.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    WHERE t5.agreement_id = t1.id
      AND (t5.street_id = $2::uuid)
  )
    || '}'
  FROM agreements t1
  LEFT JOIN agreement_versions t4 ON t4.id = t1.current_version_id
    AND (t4.street_id = $2::uuid)
  WHERE t1.id = $1::uuid
    AND (t1.street_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
