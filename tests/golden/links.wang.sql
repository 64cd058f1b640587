-- $1 id referral Var(name='id', path=())
-- $2 fact community
-- $3 size Const(value=1)
-- $4 size Const(value=1)
-- $5 setting community
-- $6 setting user
-- $7 setting street
-- $8 setting partner
-- $9 setting membership
-- $10 fact membership
-- $11 fact client
-- $12 fact today
SELECT CASE
  WHEN set_config('hub.community', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.partner', $8::text, true) IS NOT NULL
  AND set_config('hub.membership', $9::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($10::uuid, $11::uuid, $12::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"needs":'
    || (
    SELECT '{"totalCount":'
      || (
      SELECT count(*)
      FROM needs t2i
      JOIN referral_needs t2il ON t2il.need_id = t2i.id
      WHERE t2il.referral_id = t1.id
        AND (t2i.community_id = $2::uuid)
        AND (t2il.community_id = $2::uuid)
    )
      || ',"nodes":['
      || coalesce(string_agg('{"statement":'
      || to_json(t2.statement)::text
      || ',"comparator":'
      || CASE
      WHEN t2.comparator_metric is null THEN 'null'
      ELSE '{"metric":'
      || coalesce('"'
      || (t2.comparator_metric)
      || '"', 'null')
      || ',"value":'
      || coalesce(to_json(t2.comparator_value)::text, 'null')
      || ',"cohortValue":'
      || coalesce(to_json(t2.comparator_cohort_value)::text, 'null')
      || '}' END
      || '}', ',' ORDER BY t2.severity DESC, t2.id DESC), '')
      || ']}'
    FROM (
      SELECT t2i.statement, t2i.comparator_metric, t2i.comparator_value, t2i.comparator_cohort_value, t2i.severity, t2i.id
      FROM needs t2i
      JOIN referral_needs t2il ON t2il.need_id = t2i.id
      WHERE t2il.referral_id = t1.id
        AND (t2i.community_id = $2::uuid)
        AND (t2il.community_id = $2::uuid)
      ORDER BY t2i.severity DESC, t2i.id DESC
      LIMIT $3::int
    ) t2
  )
    || ',"case":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || ',"outcome":'
    || coalesce('"'
    || (t3.outcome)
    || '"', 'null')
    || '}' END
    || ',"offers":'
    || (
    SELECT '{"nodes":['
      || coalesce(string_agg('{"status":'
      || coalesce('"'
      || (t4.status)
      || '"', 'null')
      || ',"partner":'
      || CASE
      WHEN t5.id IS NULL THEN 'null'
      ELSE '{"name":'
      || to_json(t5.name)::text
      || '}' END
      || '}', ',' ORDER BY t4.id DESC), '')
      || ']}'
    FROM (
      SELECT t4i.status, t4i.partner_id, t4i.id
      FROM offers t4i
      WHERE t4i.referral_id = t1.id
        AND (t4i.community_id = $2::uuid)
      ORDER BY t4i.id
      LIMIT $4::int
    ) t4
    LEFT JOIN organizations t5 ON t5.id = t4.partner_id
      AND (t5.kind = 'PARTNER')
      AND (true)
  )
    || '}'
  FROM referrals t1
  LEFT JOIN LATERAL (
    SELECT t3i.reference, t3i.outcome, t3i.id
    FROM cases t3i
    WHERE t3i.referral_id = t1.id
      AND (t3i.community_id = $2::uuid)
    ORDER BY t3i.id DESC
    LIMIT 1
  ) t3 ON true
  WHERE t1.id = $1::uuid
    AND (t1.community_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
