-- $1 fact user
-- $2 fact name
-- $3 fact membership
-- $4 fact district
-- $5 setting district
-- $6 setting membership
-- $7 fact client
-- $8 fact today
SELECT CASE
  WHEN set_config('hub.district', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($3::uuid, $7::uuid, $8::date) THEN convert_to('{"viewer":{"user":{"id":'
  || coalesce('"'
  || ('user_'
  || $1::uuid)
  || '"', 'null')
  || ',"name":'
  || coalesce(to_json($2::text)::text, 'null')
  || '},"membership":'
  || coalesce((
  SELECT '{"id":"membership_'
    || t1.id
    || '","role":'
    || coalesce('"'
    || (t1.role)
    || '"', 'null')
    || ',"displayName":'
    || to_json(t1.display_name)::text
    || ',"organization":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || ',"kind":'
    || coalesce('"'
    || (t2.kind)
    || '"', 'null')
    || ',"parent":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || '}' END
    || '}'
  FROM memberships t1
  LEFT JOIN organizations t2 ON t2.id = t1.organization_id
    AND (true)
  LEFT JOIN organizations t3 ON t3.id = t2.parent_id
    AND (true)
  WHERE t1.id = $3::uuid
    AND (t1.district_id = $4::uuid)
), 'null')
  || ',"permissions":["auditChainVerify","noticeRead","paymentFileMake"],"queue":['
  || (
  SELECT '{"kind":"NOTICES_UNREAD","displayName":"Unread notices","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t4.due_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM notices t4
  WHERE (t4.recipient_id = $3::uuid)
    AND (t4.read_at is null)
  HAVING count(*) >= 0
)
  || ']}}', 'UTF8') END END
