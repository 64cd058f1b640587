-- $1 fact street
-- $2 plain Var(name='where', path=('status',))
-- $3 plain Var(name='where', path=('livesAlone',))
-- $4 size Const(value=2)
-- $5 plain Const(value='')
-- $6 plain Const(value=datetime.date(1940, 1, 1))
-- $7 plain Const(value=datetime.date(1941, 12, 31))
-- $8 fact now
-- $9 plain Const(value=<VisitKind.SERVICE: 'SERVICE'>)
-- $10 plain Const(value=True)
-- $11 size Const(value=1)
-- $12 setting street
-- $13 setting partner
-- $14 setting membership
-- $15 fact membership
-- $16 fact client
-- $17 fact today
SELECT CASE
  WHEN set_config('hub.street', $12::text, true) IS NOT NULL
  AND set_config('hub.partner', $13::text, true) IS NOT NULL
  AND set_config('hub.membership', $14::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($15::uuid, $16::uuid, $17::date) THEN convert_to('{"people":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM persons t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
      AND (t1i.lives_alone = $3::boolean)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"name":'
    || to_json(t1.name)::text
    || ',"livesAlone":'
    || coalesce((t1.lives_alone)::text, 'null')
    || '}', ',' ORDER BY t1.name, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.name, t1i.lives_alone, t1i.id
    FROM persons t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
      AND (t1i.lives_alone = $3::boolean)
    ORDER BY t1i.name, t1i.id
    LIMIT $4::int
  ) t1
)
  || ',"born":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM persons t2i
    WHERE (t2i.street_id = $1::uuid)
      AND (position($5::text in t2i.name) > 0)
      AND (t2i.birth_on >= $6::date)
      AND (t2i.birth_on <= $7::date)
  )
    || '}'
)
  || ',"visits":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM visits t3i
    WHERE (t3i.street_id = $1::uuid)
      AND (t3i.kind = $9::text)
      AND ((t3i.status = 'PLANNED' and t3i.promised_to_at < $8::timestamptz) = $10::boolean)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || ',"missed":'
    || coalesce((t3.status = 'PLANNED' and t3.promised_to_at < $8::timestamptz)::text, 'null')
    || '}', ',' ORDER BY t3.id DESC), '')
    || ']}'
  FROM (
    SELECT t3i.reference, t3i.status, t3i.promised_to_at, t3i.id
    FROM visits t3i
    WHERE (t3i.street_id = $1::uuid)
      AND (t3i.kind = $9::text)
      AND ((t3i.status = 'PLANNED' and t3i.promised_to_at < $8::timestamptz) = $10::boolean)
    ORDER BY t3i.id DESC
    LIMIT $11::int
  ) t3
)
  || '}', 'UTF8') END END
