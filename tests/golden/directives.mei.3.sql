-- $1 fact street
-- $2 plain Var(name='status', path=())
-- $3 size Const(value=2)
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
  WHEN hub_live($7::uuid, $8::uuid, $9::date) THEN convert_to('{"referrals":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"urgency":'
    || coalesce('"'
    || (t1.urgency)
    || '"', 'null')
    || '}', ',' ORDER BY t1.urgency DESC, t1.id DESC), '')
    || '],"totalCount":'
    || (
    SELECT count(*)
    FROM referrals t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
  )
    || '}'
  FROM (
    SELECT t1i.status, t1i.urgency, t1i.id
    FROM referrals t1i
    WHERE (t1i.street_id = $1::uuid)
      AND (t1i.status = any($2::text[]))
    ORDER BY t1i.urgency DESC, t1i.id DESC
    LIMIT $3::int
  ) t1
)
  || '}', 'UTF8') END END
