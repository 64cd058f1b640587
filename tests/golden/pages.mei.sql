-- $1 fact street
-- $2 size Const(value=2)
-- $3 cursor_id ID Var(name='after', path=())
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
  WITH t1p AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY t1i.id DESC) AS rn
    FROM (
      SELECT t1i.id, t1i.reference
      FROM cases t1i
      WHERE (t1i.street_id = $1::uuid)
        AND t1i.id < $3::uuid
      ORDER BY t1i.id DESC
      LIMIT $2::int + 1
    ) t1i
  ) SELECT '{"edges":['
    || coalesce(string_agg('{"cursor":"'
    || translate(encode(convert_to('["ID",'
    || 'null'
    || ',"'
    || t1.id
    || '"]', 'UTF8'), 'base64'), E'+/=\n', '-_')
    || '","node":{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || '}}', ',' ORDER BY t1.id DESC), '')
    || '],"pageInfo":{"hasNextPage":'
    || (
    SELECT count(*) > $2::int
    FROM t1p
  )::text
    || ',"hasPreviousPage":true,"startCursor":'
    || coalesce((
    SELECT '"'
      || translate(encode(convert_to('["ID",'
      || 'null'
      || ',"'
      || t1pc.id
      || '"]', 'UTF8'), 'base64'), E'+/=\n', '-_')
      || '"'
    FROM t1p t1pc
    WHERE rn = 1
  ), 'null')
    || ',"endCursor":'
    || coalesce((
    SELECT '"'
      || translate(encode(convert_to('["ID",'
      || 'null'
      || ',"'
      || t1pc.id
      || '"]', 'UTF8'), 'base64'), E'+/=\n', '-_')
      || '"'
    FROM t1p t1pc
    WHERE rn = (
      SELECT max(rn)
      FROM t1p
      WHERE rn <= $2::int
    )
  ), 'null')
    || '}}'
  FROM t1p t1
  WHERE t1.rn <= $2::int
)
  || '}', 'UTF8') END END
