-- $1 fact partner
-- $2 fact today
-- $3 size Const(value=5)
-- $4 plain Const(value=(<CaseStatus.OPEN: 'OPEN'>, <CaseStatus.ACTIVE: 'ACTIVE'>, <CaseStatus.CLOSING: 'CLOSING'>))
-- $5 size Const(value=50)
-- $6 setting partner
-- $7 setting today
-- $8 setting user
-- $9 setting street
-- $10 setting membership
-- $11 fact membership
-- $12 fact client
SELECT CASE
  WHEN set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.today', $7::text, true) IS NOT NULL
  AND set_config('hub.user', $8::text, true) IS NOT NULL
  AND set_config('hub.street', $9::text, true) IS NOT NULL
  AND set_config('hub.membership', $10::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($11::uuid, $12::uuid, $2::date) THEN convert_to('{"cases":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM cases t1i
    WHERE ($1::uuid = any(t1i.partner_ids) and t1i.access_until >= $2::date)
      AND (t1i.status = any($4::text[]))
      AND (t1i.partner_id = $1::uuid)
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
    || ',"nextPromiseAt":'
    || coalesce('"'
    || to_char((t1.next_promise_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"quantity":'
    || coalesce((t1.quantity)::text, 'null')
    || ',"delivered":'
    || coalesce((t1.delivered_count)::text, 'null')
    || ',"person":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || ',"phone":'
    || coalesce(to_json(t2.phone_masked)::text, 'null')
    || '}' END
    || ',"community":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || ',"deliveries":'
    || (
    SELECT '{"totalCount":'
      || (
      SELECT count(*)
      FROM deliveries t4i
      WHERE t4i.case_id = t1.id
        AND (t4i.partner_id = $1::uuid)
    )
      || ',"nodes":['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t4.reference)
      || '"', 'null')
      || ',"status":'
      || coalesce('"'
      || (t4.status)
      || '"', 'null')
      || ',"quantity":'
      || coalesce((t4.quantity)::text, 'null')
      || ',"unit":'
      || coalesce('"'
      || (t4.unit)
      || '"', 'null')
      || ',"happenedAt":'
      || coalesce('"'
      || to_char((t4.happened_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
      || '"', 'null')
      || ',"flags":'
      || coalesce(array_to_json((t4.flags))::text, 'null')
      || '}', ',' ORDER BY t4.happened_at DESC, t4.id DESC), '')
      || ']}'
    FROM (
      SELECT t4i.reference, t4i.status, t4i.quantity, t4i.unit, t4i.happened_at, t4i.flags, t4i.id
      FROM deliveries t4i
      WHERE t4i.case_id = t1.id
        AND (t4i.partner_id = $1::uuid)
      ORDER BY t4i.happened_at DESC, t4i.id DESC
      LIMIT $3::int
    ) t4
  )
    || '}', ',' ORDER BY t1.next_promise_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.next_promise_at, t1i.quantity, t1i.delivered_count, t1i.person_id, t1i.community_id, t1i.id
    FROM cases t1i
    WHERE ($1::uuid = any(t1i.partner_ids) and t1i.access_until >= $2::date)
      AND (t1i.status = any($4::text[]))
      AND (t1i.partner_id = $1::uuid)
    ORDER BY t1i.next_promise_at, t1i.id
    LIMIT $5::int
  ) t1
  LEFT JOIN persons t2 ON t2.id = t1.person_id
    AND ($1::uuid = any(t2.partner_ids) and t2.access_until >= $2::date)
  LEFT JOIN organizations t3 ON t3.id = t1.community_id
    AND (t3.kind = 'COMMUNITY')
    AND (true)
)
  || '}', 'UTF8') END END
