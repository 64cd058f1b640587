-- $1 fact street
-- $2 fact partner
-- $3 size Const(value=10)
-- $4 setting street
-- $5 setting partner
-- $6 setting membership
-- $7 fact membership
-- $8 fact client
-- $9 fact today
SELECT CASE
  WHEN set_config('hub.street', $4::text, true) IS NOT NULL
  AND set_config('hub.partner', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($7::uuid, $8::uuid, $9::date) THEN convert_to('{"deductions":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM deductions t1i
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
    || ',"kind":'
    || coalesce('"'
    || (t1.kind)
    || '"', 'null')
    || ',"amount":'
    || CASE
    WHEN (t1.amount_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.amount_fen) * 0.01)::text)::text
    || '}' END
    || ',"rule":'
    || to_json(t1.rule)::text
    || ',"reason":'
    || to_json(t1.reason)::text
    || ',"submission":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t2.reference)
    || '"', 'null')
    || '}' END
    || ',"paymentRequest":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t3.reference)
    || '"', 'null')
    || '}' END
    || ',"proposedBy":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t4.display_name)::text
    || '}' END
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.kind, t1i.amount_fen, t1i.rule, t1i.reason, t1i.submission_id, t1i.request_id, t1i.proposed_by_id, t1i.id
    FROM deductions t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.id DESC
    LIMIT $3::int
  ) t1
  LEFT JOIN submissions t2 ON t2.id = t1.submission_id
    AND (t2.street_id = $1::uuid)
  LEFT JOIN payment_requests t3 ON t3.id = t1.request_id
    AND (t3.street_id = $1::uuid)
  LEFT JOIN memberships t4 ON t4.id = t1.proposed_by_id
    AND ((($1::uuid is not null and (t4.street_id = $1::uuid or t4.partner_id is not null)) or ($2::uuid is not null and (t4.partner_id = $2::uuid or (t4.street_id is not null and t4.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
)
  || '}', 'UTF8') END END
