-- $1 fact street
-- $2 plain Var(name='from', path=())
-- $3 plain Var(name='to', path=())
-- $4 size Const(value=3)
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"deliveries":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM deliveries t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.happened_at >= $2::timestamptz)
      AND (t1i.happened_at < $3::timestamptz)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"quantity":'
    || coalesce((t1.quantity)::text, 'null')
    || ',"unit":'
    || coalesce('"'
    || (t1.unit)
    || '"', 'null')
    || ',"happenedAt":'
    || coalesce('"'
    || to_char((t1.happened_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"verification":'
    || coalesce('"'
    || (t1.verification)
    || '"', 'null')
    || ',"personPseudonym":null,"person":null,"line":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"title":'
    || to_json(t2.title)::text
    || '}' END
    || '}', ',' ORDER BY t1.happened_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.quantity, t1i.unit, t1i.happened_at, t1i.verification, t1i.line_id, t1i.id
    FROM deliveries t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.happened_at >= $2::timestamptz)
      AND (t1i.happened_at < $3::timestamptz)
    ORDER BY t1i.happened_at, t1i.id
    LIMIT $4::int
  ) t1
  LEFT JOIN agreement_lines t2 ON t2.id = t1.line_id
    AND (t2.street_id = $1::uuid)
)
  || '}', 'UTF8') END END
