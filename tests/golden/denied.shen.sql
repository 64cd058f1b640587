-- $1 fact district
-- $2 size Const(value=1)
-- $3 size Const(value=1)
-- $4 setting district
-- $5 setting membership
-- $6 fact membership
-- $7 fact client
-- $8 fact today
SELECT CASE
  WHEN set_config('hub.district', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($6::uuid, $7::uuid, $8::date) THEN convert_to('{"cases":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"summary":null,"visits":'
    || (
    SELECT '{"nodes":['
      || coalesce(string_agg('{"status":'
      || coalesce('"'
      || (t2.status)
      || '"', 'null')
      || ',"findings":null}', ',' ORDER BY t2.id DESC), '')
      || ']}'
    FROM (
      SELECT t2i.status, t2i.id
      FROM visits t2i
      WHERE t2i.case_id = t1.id
        AND (t2i.district_id = $1::uuid)
      ORDER BY t2i.id DESC
      LIMIT $2::int
    ) t2
  )
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.id
    FROM cases t1i
    WHERE (t1i.district_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
)
  || ',"sorted":null,"filtered":null,"clients":null}', 'UTF8') END END
