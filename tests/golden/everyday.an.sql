-- $1 fact membership
-- $2 fact today
-- $3 size Var(name='visits', path=())
-- $4 fact partner
-- $5 size Var(name='cases', path=())
-- $6 setting partner
-- $7 setting membership
-- $8 setting today
-- $9 setting user
-- $10 setting street
-- $11 fact client
SELECT CASE
  WHEN set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL
  AND set_config('hub.today', $8::text, true) IS NOT NULL
  AND set_config('hub.user', $9::text, true) IS NOT NULL
  AND set_config('hub.street', $10::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($1::uuid, $11::uuid, $2::date) THEN convert_to('{"cases":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"person":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"community":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || ',"visits":'
    || (
    SELECT '{"nodes":['
      || coalesce(string_agg('{"status":'
      || coalesce('"'
      || (t4.status)
      || '"', 'null')
      || ',"promisedFrom":'
      || coalesce('"'
      || to_char((t4.promised_from_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || ',"keptAt":'
      || coalesce('"'
      || to_char((t4.kept_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || '}', ',' ORDER BY t4.promised_from_at DESC, t4.id DESC), '')
      || ']}'
    FROM (
      SELECT t4i.status, t4i.promised_from_at, t4i.kept_at, t4i.id
      FROM visits t4i
      WHERE t4i.case_id = t1.id
        AND (t4i.worker_id = $1::uuid)
      ORDER BY t4i.promised_from_at DESC, t4i.id DESC
      LIMIT $3::int
    ) t4
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.person_id, t1i.community_id, t1i.id
    FROM cases t1i
    WHERE ($1::uuid = any(t1i.worker_ids) and t1i.access_until >= $2::date)
      AND (t1i.partner_id = $4::uuid)
    ORDER BY t1i.id DESC
    LIMIT $5::int
  ) t1
  LEFT JOIN persons t2 ON t2.id = t1.person_id
    AND ($1::uuid = any(t2.worker_ids) and t2.access_until >= $2::date)
  LEFT JOIN organizations t3 ON t3.id = t1.community_id
    AND (t3.kind = 'COMMUNITY')
    AND (true)
)
  || '}', 'UTF8') END END
