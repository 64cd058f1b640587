-- $1 fact partner
-- $2 fact lang
-- $3 fact today
-- $4 plain Const(value=(<OfferStatus.OFFERED: 'OFFERED'>,))
-- $5 size Const(value=1)
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
  WHEN hub_live($11::uuid, $12::uuid, $3::date) THEN convert_to('{"offers":'
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
    || ',"ageGroup":'
    || coalesce('"'
    || (t1.age_group)
    || '"', 'null')
    || ',"estate":'
    || coalesce(to_json(t1.estate)::text, 'null')
    || ',"note":'
    || coalesce(to_json(t1.note)::text, 'null')
    || ',"expiresAt":'
    || coalesce('"'
    || to_char((t1.expires_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"needs":'
    || (
    SELECT '['
      || coalesce(string_agg('{"domain":'
      || coalesce('"'
      || (t2.domain)
      || '"', 'null')
      || ',"bradshawType":'
      || coalesce('"'
      || (t2.bradshaw_type)
      || '"', 'null')
      || ',"severity":'
      || coalesce((t2.severity)::text, 'null')
      || '}', ',' ORDER BY t2.id), '')
      || ']'
    FROM offer_needs t2
    WHERE t2.offer_id = t1.id
      AND (t2.partner_id = $1::uuid)
  )
    || ',"serviceType":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || coalesce(to_json(CASE
    WHEN $2::text = 'en' THEN t3.name_en
    ELSE t3.name_zh END)::text, 'null')
    || '}' END
    || ',"partner":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t4.name)::text
    || '}' END
    || ',"referral":'
    || CASE
    WHEN t5.id IS NULL THEN 'null'
    ELSE '{"id":"referral_'
    || t5.id
    || '","person":'
    || CASE
    WHEN t6.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t6.name)::text
    || '}' END
    || '}' END
    || ',"availableActions":'
    || CASE t1.status
    WHEN 'OFFERED' THEN '[{"action":"offerAccept","allowed":true,"blockedBy":null},{"action":"offerDecline","allowed":true,"blockedBy":null},{"action":"offerWithdraw","allowed":false,"blockedBy":"ROLE"}]'
    ELSE '[]' END
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.status, t1i.urgency, t1i.age_group, t1i.estate, t1i.note, t1i.expires_at, t1i.id, t1i.service_type_id, t1i.partner_id, t1i.referral_id
    FROM offers t1i
    WHERE (t1i.partner_id = $1::uuid)
      AND (t1i.status = any($4::text[]))
    ORDER BY t1i.id DESC
    LIMIT $5::int
  ) t1
  LEFT JOIN service_types t3 ON t3.id = t1.service_type_id
    AND (true)
  LEFT JOIN organizations t4 ON t4.id = t1.partner_id
    AND (t4.kind = 'PARTNER')
    AND (true)
  LEFT JOIN referrals t5 ON t5.id = t1.referral_id
    AND ($1::uuid = any(t5.partner_ids) and t5.access_until >= $3::date)
  LEFT JOIN persons t6 ON t6.id = t5.person_id
    AND ($1::uuid = any(t6.partner_ids) and t6.access_until >= $3::date)
)
  || '}', 'UTF8') END END
