-- $1 fact street
-- $2 size Const(value=2)
-- $3 cursor_id timestamptz PROMISED_FROM_ASC Var(name='before', path=())
-- $4 cursor_key timestamptz PROMISED_FROM_ASC Var(name='before', path=())
-- $5 setting street
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"visits":'
  || (
  WITH t1p AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY t1i.promised_from_at DESC, t1i.id DESC) AS rn
    FROM (
      SELECT t1i.reference, t1i.promised_from_at, t1i.id
      FROM visits t1i
      WHERE (t1i.street_id = $1::uuid)
        AND CASE
        WHEN $4::timestamptz IS NULL THEN NOT t1i.promised_from_at IS NULL OR t1i.id < $3::uuid
        ELSE (t1i.promised_from_at, t1i.id) < ($4::timestamptz, $3::uuid) END
      ORDER BY t1i.promised_from_at DESC, t1i.id DESC
      LIMIT $2::int + 1
    ) t1i
  ) SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"promisedFrom":'
    || coalesce('"'
    || to_char((t1.promised_from_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}', ',' ORDER BY t1.promised_from_at, t1.id), '')
    || '],"pageInfo":{"hasNextPage":true,"hasPreviousPage":'
    || (
    SELECT count(*) > $2::int
    FROM t1p
  )::text
    || '},"totalCount":'
    || (
    SELECT count(*)
    FROM visits t1i
    WHERE (t1i.street_id = $1::uuid)
  )
    || '}'
  FROM t1p t1
  WHERE t1.rn <= $2::int
)
  || '}', 'UTF8') END END
