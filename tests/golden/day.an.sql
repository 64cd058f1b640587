-- $1 fact membership
-- $2 fact today
-- $3 plain Const(value=(<VisitStatus.COMPLETED: 'COMPLETED'>,))
-- $4 size Const(value=1)
-- $5 plain Var(name='from', path=())
-- $6 plain Var(name='to', path=())
-- $7 size
-- $8 setting partner
-- $9 setting membership
-- $10 setting today
-- $11 setting user
-- $12 setting street
-- $13 fact client
SELECT CASE
  WHEN set_config('hub.partner', $8::text, true) IS NOT NULL
  AND set_config('hub.membership', $9::text, true) IS NOT NULL
  AND set_config('hub.today', $10::text, true) IS NOT NULL
  AND set_config('hub.user', $11::text, true) IS NOT NULL
  AND set_config('hub.street', $12::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($1::uuid, $13::uuid, $2::date) THEN convert_to('{"visits":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"kind":'
    || coalesce('"'
    || (t1.kind)
    || '"', 'null')
    || ',"promisedFrom":'
    || coalesce('"'
    || to_char((t1.promised_from_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"promisedTo":'
    || coalesce('"'
    || to_char((t1.promised_to_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"person":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || ',"address":'
    || coalesce(to_json(t2.address_masked)::text, 'null')
    || '}' END
    || ',"case":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"visits":'
    || (
    SELECT '{"nodes":['
      || coalesce(string_agg('{"keptAt":'
      || coalesce('"'
      || to_char((t4.kept_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || ',"findings":'
      || CASE
      WHEN t5.id IS NULL THEN 'null'
      ELSE '{"text":'
      || coalesce(to_json(t5.text)::text, 'null')
      || ',"ownWords":'
      || coalesce(to_json(t5.own_words)::text, 'null')
      || '}' END
      || '}', ',' ORDER BY t4.id DESC), '')
      || ']}'
    FROM (
      SELECT t4i.kept_at, t4i.id
      FROM visits t4i
      WHERE t4i.case_id = t3.id
        AND (t4i.worker_id = $1::uuid)
        AND (t4i.status = any($3::text[]))
      ORDER BY t4i.id DESC
      LIMIT $4::int
    ) t4
    LEFT JOIN LATERAL (
      SELECT t5i.text, t5i.own_words, t5i.id
      FROM visit_findings t5i
      WHERE t5i.visit_id = t4.id
        AND ($1::uuid = any(t5i.worker_ids) and t5i.access_until >= $2::date)
      ORDER BY t5i.id DESC
      LIMIT 1
    ) t5 ON true
  )
    || '}' END
    || '}', ',' ORDER BY t1.promised_from_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.kind, t1i.promised_from_at, t1i.promised_to_at, t1i.person_id, t1i.case_id, t1i.id
    FROM visits t1i
    WHERE (t1i.worker_id = $1::uuid)
      AND (t1i.promised_from_at >= $5::timestamptz)
      AND (t1i.promised_from_at < $6::timestamptz)
    ORDER BY t1i.promised_from_at, t1i.id
    LIMIT $7::int
  ) t1
  LEFT JOIN persons t2 ON t2.id = t1.person_id
    AND ($1::uuid = any(t2.worker_ids) and t2.access_until >= $2::date)
  LEFT JOIN cases t3 ON t3.id = t1.case_id
    AND ($1::uuid = any(t3.worker_ids) and t3.access_until >= $2::date)
)
  || '}', 'UTF8') END END
