-- $1 fact street
-- $2 size Var(name='visits', path=())
-- $3 size Var(name='cases', path=())
-- $4 setting street
-- $5 setting partner
-- $6 setting membership
-- $7 fact membership
-- $8 fact client
-- $9 fact today
SELECT CASE
  WHEN set_config('hub.street', $4::text, true) IS NOT NULL
  AND set_config('hub.partner', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($7::uuid, $8::uuid, $9::date) THEN convert_to('{"cases":'
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
        AND (t4i.street_id = $1::uuid)
      ORDER BY t4i.promised_from_at DESC, t4i.id DESC
      LIMIT $2::int
    ) t4
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.person_id, t1i.community_id, t1i.id
    FROM cases t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
  LEFT JOIN persons t2 ON t2.id = t1.person_id
    AND (t2.street_id = $1::uuid)
  LEFT JOIN organizations t3 ON t3.id = t1.community_id
    AND (t3.kind = 'COMMUNITY')
    AND (true)
)
  || '}', 'UTF8') END END
