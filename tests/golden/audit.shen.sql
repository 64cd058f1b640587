-- $1 fact district
-- $2 size Const(value=2)
-- $3 setting district
-- $4 setting membership
-- $5 fact membership
-- $6 fact client
-- $7 fact today
SELECT CASE
  WHEN set_config('hub.district', $3::text, true) IS NOT NULL
  AND set_config('hub.membership', $4::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($5::uuid, $6::uuid, $7::date) THEN convert_to('{"auditEvents":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM audit_events t1i
    WHERE (t1i.district_id = $1::uuid)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"occurredAt":'
    || coalesce('"'
    || to_char((t1.occurred_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"action":'
    || coalesce('"'
    || (t1.action)
    || '"', 'null')
    || ',"actorRole":'
    || coalesce('"'
    || (t1.actor_role)
    || '"', 'null')
    || ',"actorName":'
    || to_json(t1.actor_name)::text
    || ',"subjectReference":'
    || coalesce(to_json(t1.subject_reference)::text, 'null')
    || '}', ',' ORDER BY t1.occurred_at DESC, t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.occurred_at, t1i.action, t1i.actor_role, t1i.actor_name, t1i.subject_reference, t1i.id
    FROM audit_events t1i
    WHERE (t1i.district_id = $1::uuid)
    ORDER BY t1i.occurred_at DESC, t1i.id DESC
    LIMIT $2::int
  ) t1
)
  || '}', 'UTF8') END END
