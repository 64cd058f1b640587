-- $1 fact community
-- $2 fact street
-- $3 fact partner
-- $4 plain Const(value=(<SessionStatus.HELD: 'HELD'>, <SessionStatus.PLANNED: 'PLANNED'>))
-- $5 size
-- $6 setting community
-- $7 setting user
-- $8 setting street
-- $9 setting partner
-- $10 setting membership
-- $11 fact membership
-- $12 fact client
-- $13 fact today
SELECT CASE
  WHEN set_config('hub.community', $6::text, true) IS NOT NULL
  AND set_config('hub.user', $7::text, true) IS NOT NULL
  AND set_config('hub.street', $8::text, true) IS NOT NULL
  AND set_config('hub.partner', $9::text, true) IS NOT NULL
  AND set_config('hub.membership', $10::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($11::uuid, $12::uuid, $13::date) THEN convert_to('{"sessions":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"number":'
    || coalesce((t1.number)::text, 'null')
    || ',"title":'
    || coalesce(to_json(t1.title)::text, 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"plannedFrom":'
    || coalesce('"'
    || to_char((t1.planned_from_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"heldAt":'
    || coalesce('"'
    || to_char((t1.held_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"participants":'
    || coalesce((t1.participant_count)::text, 'null')
    || ',"series":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"title":'
    || to_json(t2.title)::text
    || ',"held":'
    || coalesce((t2.held_count)::text, 'null')
    || ',"planned":'
    || coalesce((t2.planned_count)::text, 'null')
    || '}' END
    || ',"worker":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t3.display_name)::text
    || '}' END
    || ',"attendances":'
    || (
    SELECT '['
      || coalesce(string_agg('{"personPseudonym":'
      || coalesce('"'
      || (t4.person_pseudonym)
      || '"', 'null')
      || ',"person":'
      || CASE
      WHEN t5.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t5.name)::text
      || '}' END
      || ',"case":'
      || CASE
      WHEN t6.id IS NULL THEN 'null'
      ELSE '{"reference":'
      || coalesce('"'
      || (t6.reference)
      || '"', 'null')
      || '}' END
      || '}', ',' ORDER BY t4.id), '')
      || ']'
    FROM attendances t4
    LEFT JOIN persons t5 ON t5.id = t4.person_id
      AND (t5.community_id = $1::uuid)
    LEFT JOIN cases t6 ON t6.id = t4.case_id
      AND (t6.community_id = $1::uuid)
    WHERE t4.session_id = t1.id
      AND (t4.community_id = $1::uuid)
  )
    || ',"delivery":'
    || CASE
    WHEN t7.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t7.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t7.status)
    || '"', 'null')
    || ',"unit":'
    || coalesce('"'
    || (t7.unit)
    || '"', 'null')
    || ',"line":'
    || CASE
    WHEN t8.id IS NULL THEN 'null'
    ELSE '{"title":'
    || to_json(t8.title)::text
    || ',"unitPrice":null}' END
    || '}' END
    || '}', ',' ORDER BY t1.planned_from_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.number, t1i.title, t1i.status, t1i.planned_from_at, t1i.held_at, t1i.participant_count, t1i.series_id, t1i.worker_id, t1i.id
    FROM group_sessions t1i
    WHERE (t1i.community_id = $1::uuid)
      AND (t1i.status = any($4::text[]))
    ORDER BY t1i.planned_from_at, t1i.id
    LIMIT $5::int
  ) t1
  LEFT JOIN activity_series t2 ON t2.id = t1.series_id
    AND (t2.community_id = $1::uuid)
  LEFT JOIN memberships t3 ON t3.id = t1.worker_id
    AND ((($2::uuid is not null and (t3.street_id = $2::uuid or t3.partner_id is not null)) or ($3::uuid is not null and (t3.partner_id = $3::uuid or (t3.street_id is not null and t3.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
  LEFT JOIN LATERAL (
    SELECT t7i.reference, t7i.status, t7i.unit, t7i.line_id, t7i.id
    FROM deliveries t7i
    WHERE t7i.session_id = t1.id
      AND (t7i.community_id = $1::uuid)
    ORDER BY t7i.id DESC
    LIMIT 1
  ) t7 ON true
  LEFT JOIN agreement_lines t8 ON t8.id = t7.line_id
    AND ($1::uuid = any(t8.community_ids) and t8.was_in_force)
)
  || '}', 'UTF8') END END
