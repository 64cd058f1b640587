-- $1 id person Var(name='id', path=())
-- $2 fact today
-- $3 fact district
-- $4 setting district
-- $5 setting membership
-- $6 fact membership
-- $7 fact client
SELECT CASE
  WHEN set_config('hub.district', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($6::uuid, $7::uuid, $2::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"name":'
    || to_json(t1.name_masked)::text
    || ',"phone":null,"address":null,"birthDate":null,"idNumber":null,"ageGroup":'
    || coalesce('"'
    || (CASE
    WHEN t1.birth_on > $2::date - interval '7 years' THEN 'AGE_0_6'
    WHEN t1.birth_on > $2::date - interval '18 years' THEN 'AGE_7_17'
    WHEN t1.birth_on > $2::date - interval '60 years' THEN 'AGE_18_59'
    WHEN t1.birth_on > $2::date - interval '70 years' THEN 'AGE_60_69'
    WHEN t1.birth_on > $2::date - interval '80 years' THEN 'AGE_70_79'
    ELSE 'AGE_80_PLUS' END)
    || '"', 'null')
    || ',"household":null}'
  FROM persons t1
  WHERE t1.id = $1::uuid
    AND (t1.district_id = $3::uuid)
), 'null')
  || '}', 'UTF8') END END
