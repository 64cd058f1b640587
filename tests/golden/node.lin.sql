-- $1 id case Var(name='id', path=())
-- $2 fact street
-- $3 fact partner
-- $4 fact membership
-- $5 fact today
-- $6 setting partner
-- $7 setting membership
-- $8 setting today
-- $9 setting user
-- $10 setting street
-- $11 fact client
SELECT CASE
  WHEN set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL
  AND set_config('hub.today', $8::text, true) IS NOT NULL
  AND set_config('hub.user', $9::text, true) IS NOT NULL
  AND set_config('hub.street', $10::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($4::uuid, $11::uuid, $5::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"__typename":"Case","id":"case_'
    || t1.id
    || '","reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"members":'
    || (
    SELECT '['
      || coalesce(string_agg('{"role":'
      || coalesce('"'
      || (t2.role)
      || '"', 'null')
      || ',"organization":'
      || CASE
      WHEN t3.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t3.name)::text
      || '}' END
      || ',"worker":'
      || CASE
      WHEN t4.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t4.display_name)::text
      || '}' END
      || '}', ',' ORDER BY t2.id), '')
      || ']'
    FROM case_members t2
    LEFT JOIN organizations t3 ON t3.id = t2.organization_id
      AND (true)
    LEFT JOIN memberships t4 ON t4.id = t2.membership_id
      AND ((($2::uuid is not null and (t4.street_id = $2::uuid or t4.partner_id is not null)) or ($3::uuid is not null and (t4.partner_id = $3::uuid or (t4.street_id is not null and t4.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    WHERE t2.case_id = t1.id
      AND ($4::uuid = any(t2.worker_ids) and t2.access_until >= $5::date)
  )
    || '}'
  FROM cases t1
  WHERE t1.id = $1::uuid
    AND ($4::uuid = any(t1.worker_ids) and t1.access_until >= $5::date)
), 'null')
  || '}', 'UTF8') END END
