-- $1 id person Var(name='id', path=())
-- $2 fact today
-- $3 fact community
-- $4 setting community
-- $5 setting user
-- $6 setting street
-- $7 setting partner
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
SELECT CASE
  WHEN set_config('hub.community', $4::text, true) IS NOT NULL
  AND set_config('hub.user', $5::text, true) IS NOT NULL
  AND set_config('hub.street', $6::text, true) IS NOT NULL
  AND set_config('hub.partner', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $2::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"name":'
    || to_json(t1.name)::text
    || ',"phone":'
    || coalesce(to_json(t1.phone_masked)::text, 'null')
    || ',"address":'
    || coalesce(to_json(t1.address_masked)::text, 'null')
    || ',"birthDate":'
    || coalesce('"'
    || (t1.birth_on)
    || '"', 'null')
    || ',"idNumber":'
    || coalesce(to_json(t1.id_number_masked)::text, 'null')
    || ',"ageGroup":'
    || coalesce('"'
    || (CASE
    WHEN t1.birth_on > $2::date - interval '7 years' THEN 'AGE_0_6'
    WHEN t1.birth_on > $2::date - interval '18 years' THEN 'AGE_7_17'
    WHEN t1.birth_on > $2::date - interval '60 years' THEN 'AGE_18_59'
    WHEN t1.birth_on > $2::date - interval '70 years' THEN 'AGE_60_69'
    WHEN t1.birth_on > $2::date - interval '80 years' THEN 'AGE_70_79'
    ELSE 'AGE_80_PLUS' END)
    || '"', 'null')
    || ',"household":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t2.reference)
    || '"', 'null')
    || '}' END
    || '}'
  FROM persons t1
  LEFT JOIN households t2 ON t2.id = t1.household_id
    AND (t2.community_id = $3::uuid)
  WHERE t1.id = $1::uuid
    AND (t1.community_id = $3::uuid)
), 'null')
  || '}', 'UTF8') END END
