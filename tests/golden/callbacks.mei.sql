-- $1 fact street
-- $2 fact partner
-- $3 plain Const(value=(<CallbackStatus.DUE: 'DUE'>, <CallbackStatus.NOT_REACHED: 'NOT_REACHED'>))
-- $4 size
-- $5 size Const(value=1)
-- $6 setting street
-- $7 setting partner
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
-- $11 fact today
SELECT CASE
  WHEN set_config('hub.street', $6::text, true) IS NOT NULL
  AND set_config('hub.partner', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"callbacks":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM callbacks t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($3::text[]))
  )
    || ',"nodes":['
    || coalesce(string_agg('{"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"cause":'
    || coalesce('"'
    || (t1.cause)
    || '"', 'null')
    || ',"dueAt":'
    || coalesce('"'
    || to_char((t1.due_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"attempts":'
    || coalesce((t1.attempt_count)::text, 'null')
    || ',"note":'
    || coalesce(to_json(t1.note)::text, 'null')
    || ',"calledBy":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t2.display_name)::text
    || '}' END
    || ',"delivery":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || '}' END
    || '}', ',' ORDER BY t1.due_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.status, t1i.cause, t1i.due_at, t1i.attempt_count, t1i.note, t1i.called_by_id, t1i.delivery_id, t1i.id
    FROM callbacks t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($3::text[]))
    ORDER BY t1i.due_at, t1i.id
    LIMIT $4::int
  ) t1
  LEFT JOIN memberships t2 ON t2.id = t1.called_by_id
    AND ((($1::uuid is not null and (t2.street_id = $1::uuid or t2.partner_id is not null)) or ($2::uuid is not null and (t2.partner_id = $2::uuid or (t2.street_id is not null and t2.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
  LEFT JOIN deliveries t3 ON t3.id = t1.delivery_id
    AND (t3.street_id = $1::uuid)
)
  || ',"deliveries":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t4.reference)
    || '"', 'null')
    || ',"callback":'
    || CASE
    WHEN t5.id IS NULL THEN 'null'
    ELSE '{"status":'
    || coalesce('"'
    || (t5.status)
    || '"', 'null')
    || '}' END
    || ',"verifiedBy":'
    || CASE
    WHEN t6.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t6.display_name)::text
    || '}' END
    || '}', ',' ORDER BY t4.reference DESC, t4.id DESC), '')
    || ']}'
  FROM (
    SELECT t4i.reference, t4i.id, t4i.verified_by_id
    FROM deliveries t4i
    WHERE (t4i.street_id = $1::uuid)
    ORDER BY t4i.reference DESC, t4i.id DESC
    LIMIT $5::int
  ) t4
  LEFT JOIN LATERAL (
    SELECT t5i.status, t5i.id
    FROM callbacks t5i
    WHERE t5i.delivery_id = t4.id
      AND (t5i.street_id = $1::uuid)
    ORDER BY t5i.id DESC
    LIMIT 1
  ) t5 ON true
  LEFT JOIN memberships t6 ON t6.id = t4.verified_by_id
    AND ((($1::uuid is not null and (t6.street_id = $1::uuid or t6.partner_id is not null)) or ($2::uuid is not null and (t6.partner_id = $2::uuid or (t6.street_id is not null and t6.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
)
  || '}', 'UTF8') END END
