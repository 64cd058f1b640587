-- $1 id person Var(name='id', path=())
-- $2 fact today
-- $3 fact street
-- $4 setting street
-- $5 setting partner
-- $6 setting membership
-- $7 fact membership
-- $8 fact client
SELECT CASE
  WHEN set_config('hub.street', $4::text, true) IS NOT NULL
  AND set_config('hub.partner', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($7::uuid, $8::uuid, $2::date) THEN convert_to('{"node":'
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
    AND (t1.street_id = $3::uuid)
), 'null')
  || '}', 'UTF8') END END
