-- $1 fact street
-- $2 fact partner
-- $3 size Const(value=10)
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
  WHEN hub_live($8::uuid, $9::uuid, $10::date) THEN convert_to('{"invoices":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM invoices t1i
    WHERE (t1i.street_id = $1::uuid)
  )
    || ',"nodes":['
    || coalesce(string_agg('{"number":'
    || to_json(t1.number)::text
    || ',"kind":'
    || coalesce('"'
    || (t1.kind)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"amount":'
    || CASE
    WHEN (t1.amount_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.amount_fen) * 0.01)::text)::text
    || '}' END
    || ',"issuedOn":'
    || coalesce('"'
    || (t1.issued_on)
    || '"', 'null')
    || ',"seller":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"buyer":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || ',"paymentRequest":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t4.reference)
    || '"', 'null')
    || ',"payable":'
    || CASE
    WHEN (t4.payable_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t4.payable_fen) * 0.01)::text)::text
    || '}' END
    || '}' END
    || ',"handedInBy":'
    || CASE
    WHEN t5.id IS NULL THEN 'null'
    ELSE '{"displayName":'
    || to_json(t5.display_name)::text
    || '}' END
    || ',"handedInAt":'
    || coalesce('"'
    || to_char((t1.handed_in_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}', ',' ORDER BY t1.issued_on, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.number, t1i.kind, t1i.status, t1i.amount_fen, t1i.issued_on, t1i.seller_id, t1i.buyer_id, t1i.request_id, t1i.handed_in_by_id, t1i.handed_in_at, t1i.id
    FROM invoices t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.issued_on, t1i.id
    LIMIT $3::int
  ) t1
  LEFT JOIN organizations t2 ON t2.id = t1.seller_id
    AND (true)
  LEFT JOIN organizations t3 ON t3.id = t1.buyer_id
    AND (true)
  LEFT JOIN payment_requests t4 ON t4.id = t1.request_id
    AND (t4.street_id = $1::uuid)
  LEFT JOIN memberships t5 ON t5.id = t1.handed_in_by_id
    AND ((($1::uuid is not null and (t5.street_id = $1::uuid or t5.partner_id is not null)) or ($2::uuid is not null and (t5.partner_id = $2::uuid or (t5.street_id is not null and t5.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
)
  || '}', 'UTF8') END END
