-- $1 fact lang
-- $2 fact today
-- $3 fact street
-- $4 size Const(value=2)
-- $5 setting street
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
SELECT CASE
  WHEN set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $2::date) THEN convert_to('{"referrals":'
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
    || ',"serviceType":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"code":'
    || to_json(t2.code)::text
    || ',"displayName":'
    || coalesce(to_json(CASE
    WHEN $1::text = 'en' THEN t2.name_en
    ELSE t2.name_zh END)::text, 'null')
    || '}' END
    || ',"person":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"ageGroup":'
    || coalesce('"'
    || (CASE
    WHEN t3.birth_on > $2::date - interval '7 years' THEN 'AGE_0_6'
    WHEN t3.birth_on > $2::date - interval '18 years' THEN 'AGE_7_17'
    WHEN t3.birth_on > $2::date - interval '60 years' THEN 'AGE_18_59'
    WHEN t3.birth_on > $2::date - interval '70 years' THEN 'AGE_60_69'
    WHEN t3.birth_on > $2::date - interval '80 years' THEN 'AGE_70_79'
    ELSE 'AGE_80_PLUS' END)
    || '"', 'null')
    || '}' END
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.status, t1i.urgency, t1i.service_type_id, t1i.person_id, t1i.id
    FROM referrals t1i
    WHERE (t1i.street_id = $3::uuid)
    ORDER BY t1i.id DESC
    LIMIT $4::int
  ) t1
  LEFT JOIN service_types t2 ON t2.id = t1.service_type_id
    AND (true)
  LEFT JOIN persons t3 ON t3.id = t1.person_id
    AND (t3.street_id = $3::uuid)
)
  || '}', 'UTF8') END END
