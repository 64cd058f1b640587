-- $1 id person Var(name='ids', path=())[0]
-- $2 fact partner
-- $3 fact today
-- $4 id person Var(name='ids', path=())[1]
-- $5 id visit Var(name='ids', path=())[3]
-- $6 fact street
-- $7 id referral Var(name='ids', path=())[4]
-- $8 setting partner
-- $9 setting today
-- $10 setting user
-- $11 setting street
-- $12 setting membership
-- $13 fact membership
-- $14 fact client
SELECT CASE
  WHEN set_config('hub.partner', $8::text, true) IS NOT NULL
  AND set_config('hub.today', $9::text, true) IS NOT NULL
  AND set_config('hub.user', $10::text, true) IS NOT NULL
  AND set_config('hub.street', $11::text, true) IS NOT NULL
  AND set_config('hub.membership', $12::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($13::uuid, $14::uuid, $3::date) THEN convert_to('{"nodes":['
  || coalesce((
  SELECT '{"__typename":"Person","id":"person_'
    || t1.id
    || '","name":'
    || to_json(t1.name)::text
    || ',"phone":'
    || coalesce(to_json(t1.phone_masked)::text, 'null')
    || ',"address":'
    || coalesce(to_json(t1.address_masked)::text, 'null')
    || ',"eligibility":'
    || (
    SELECT '['
      || coalesce(string_agg('{"category":'
      || coalesce('"'
      || (t2.category)
      || '"', 'null')
      || ',"fromOn":'
      || coalesce('"'
      || (t2.from_on)
      || '"', 'null')
      || '}', ',' ORDER BY t2.id), '')
      || ']'
    FROM eligibility_spells t2
    WHERE t2.person_id = t1.id
      AND ($2::uuid = any(t2.partner_ids) and t2.access_until >= $3::date)
  )
    || '}'
  FROM persons t1
  WHERE t1.id = $1::uuid
    AND ($2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date)
), 'null')
  || ','
  || coalesce((
  SELECT '{"__typename":"Person","id":"person_'
    || t3.id
    || '","name":'
    || to_json(t3.name)::text
    || ',"phone":'
    || coalesce(to_json(t3.phone_masked)::text, 'null')
    || ',"address":'
    || coalesce(to_json(t3.address_masked)::text, 'null')
    || ',"eligibility":'
    || (
    SELECT '['
      || coalesce(string_agg('{"category":'
      || coalesce('"'
      || (t4.category)
      || '"', 'null')
      || ',"fromOn":'
      || coalesce('"'
      || (t4.from_on)
      || '"', 'null')
      || '}', ',' ORDER BY t4.id), '')
      || ']'
    FROM eligibility_spells t4
    WHERE t4.person_id = t3.id
      AND ($2::uuid = any(t4.partner_ids) and t4.access_until >= $3::date)
  )
    || '}'
  FROM persons t3
  WHERE t3.id = $4::uuid
    AND ($2::uuid = any(t3.partner_ids) and t3.access_until >= $3::date)
), 'null')
  || ',null,'
  || coalesce((
  SELECT '{"__typename":"Visit","id":"visit_'
    || t5.id
    || '","status":'
    || coalesce('"'
    || (t5.status)
    || '"', 'null')
    || ',"worker":'
    || CASE
    WHEN t6.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t6.display_name)::text
    || '}' END
    || '}'
  FROM visits t5
  LEFT JOIN memberships t6 ON t6.id = t5.worker_id
    AND ((($6::uuid is not null and (t6.street_id = $6::uuid or t6.partner_id is not null)) or ($2::uuid is not null and (t6.partner_id = $2::uuid or (t6.street_id is not null and t6.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
  WHERE t5.id = $5::uuid
    AND (t5.partner_id = $2::uuid)
), 'null')
  || ','
  || coalesce((
  SELECT '{"__typename":"Referral","id":"referral_'
    || t7.id
    || '"}'
  FROM referrals t7
  WHERE t7.id = $7::uuid
    AND ($2::uuid = any(t7.partner_ids) and t7.access_until >= $3::date)
), 'null')
  || ']}', 'UTF8') END END
