-- $1 fact street
-- $2 plain Const(value=(<CaseStatus.OPEN: 'OPEN'>,))
-- $3 size Const(value=1)
-- $4 plain Const(value=(<CaseStatus.CLOSED: 'CLOSED'>,))
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
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"open":'
  || (
  SELECT '{"edges":['
    || coalesce(string_agg('{"node":{"id":"case_'
    || t1.id
    || '","person":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || '}}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.id, t1i.person_id
    FROM cases t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
  LEFT JOIN persons t2 ON t2.id = t1.person_id
    AND (t2.street_id = $1::uuid)
)
  || ',"closed":'
  || (
  SELECT '{"edges":['
    || coalesce(string_agg('{"node":{"id":"case_'
    || t3.id
    || '","person":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t4.name)::text
    || ',"community":'
    || CASE
    WHEN t5.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t5.name)::text
    || '}' END
    || '}' END
    || '},"cursor":"'
    || translate(encode(convert_to('["ID",'
    || 'null'
    || ',"'
    || t3.id
    || '"]', 'UTF8'), 'base64'), E'+/=\n', '-_')
    || '","again":{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || '}}', ',' ORDER BY t3.id DESC), '')
    || '],"twice":['
    || coalesce(string_agg('{"kind":'
    || coalesce('"'
    || (t3.kind)
    || '"', 'null')
    || '}', ',' ORDER BY t3.id DESC), '')
    || '],"total":'
    || (
    SELECT count(*)
    FROM cases t3i
    WHERE (t3i.street_id = $1::uuid)
      AND (t3i.status = any($4::text[]))
  )
    || '}'
  FROM (
    SELECT t3i.id, t3i.person_id, t3i.reference, t3i.kind
    FROM cases t3i
    WHERE (t3i.street_id = $1::uuid)
      AND (t3i.status = any($4::text[]))
    ORDER BY t3i.id DESC
    LIMIT $5::int
  ) t3
  LEFT JOIN persons t4 ON t4.id = t3.person_id
    AND (t4.street_id = $1::uuid)
  LEFT JOIN organizations t5 ON t5.id = t4.community_id
    AND (t5.kind = 'COMMUNITY')
    AND (true)
)
  || '}', 'UTF8') END END
