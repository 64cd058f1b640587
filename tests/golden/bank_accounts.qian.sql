-- $1 fact street
-- $2 fact partner
-- $3 size
-- $4 setting street
-- $5 setting user
-- $6 setting partner
-- $7 setting membership
-- $8 fact membership
-- $9 fact client
-- $10 fact today
SELECT CASE
  WHEN set_config('hub.street', $4::text, true) IS NOT NULL
  AND set_config('hub.user', $5::text, true) IS NOT NULL
  AND set_config('hub.partner', $6::text, true) IS NOT NULL
  AND set_config('hub.membership', $7::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"bankAccounts":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM bank_accounts t1i
    WHERE (t1i.street_id = $1::uuid)
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
    || ',"holderName":'
    || to_json(t1.holder_name)::text
    || ',"bankName":'
    || to_json(t1.bank_name)::text
    || ',"last4":'
    || to_json(t1.number_last4)::text
    || ',"usableFrom":'
    || coalesce('"'
    || (t1.usable_from_on)
    || '"', 'null')
    || ',"partner":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"verifiedBy":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t3.display_name)::text
    || '}' END
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.holder_name, t1i.bank_name, t1i.number_last4, t1i.usable_from_on, t1i.partner_id, t1i.verified_by_id, t1i.id
    FROM bank_accounts t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
  LEFT JOIN memberships t3 ON t3.id = t1.verified_by_id
    AND ((($1::uuid is not null and (t3.street_id = $1::uuid or t3.partner_id is not null)) or ($2::uuid is not null and (t3.partner_id = $2::uuid or (t3.street_id is not null and t3.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
)
  || '}', 'UTF8') END END
