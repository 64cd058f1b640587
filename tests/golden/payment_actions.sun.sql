-- $1 fact user
-- $2 fact street
-- $3 plain Const(value=(<PaymentRequestStatus.CREATED: 'CREATED'>, <PaymentRequestStatus.CONFIRMED: 'CONFIRMED'>, <PaymentRequestStatus.CHECKED: 'CHECKED'>, <PaymentRequestStatus.APPROVED: 'APPROVED'>))
-- $4 size
-- $5 setting street
-- $6 setting user
-- $7 setting partner
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
-- $11 fact today
SELECT CASE
  WHEN set_config('hub.street', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.partner', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $11::date) THEN convert_to('{"paymentRequests":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"reference":'
    || coalesce('"'
    || (t1.reference)
    || '"', 'null')
    || ',"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"availableActions":'
    || CASE t1.status
    WHEN 'CREATED' THEN '[{"action":"paymentRequestConfirm","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReturn","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReject","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'CONFIRMED' THEN '[{"action":"paymentRequestCheck","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReturn","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReject","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'CHECKED' THEN '[{"action":"paymentRequestApprove","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReturn","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReject","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'APPROVED' THEN '['
    || CASE
    WHEN ($1::uuid <> all (t1.reviewer_user_ids)) IS NOT TRUE THEN '{"action":"paymentSend","allowed":false,"blockedBy":"OTHER_HANDS_THAN_REVIEW"}'
    WHEN ($1::uuid <> all (t1.checker_user_ids)) IS NOT TRUE THEN '{"action":"paymentSend","allowed":false,"blockedBy":"OTHER_HANDS_THAN_CHECK"}'
    WHEN ($1::uuid <> all (t1.approver_user_ids)) IS NOT TRUE THEN '{"action":"paymentSend","allowed":false,"blockedBy":"OTHER_HANDS_THAN_APPROVAL"}'
    ELSE '{"action":"paymentSend","allowed":true,"blockedBy":null}' END
    || ',{"action":"paymentRequestReturn","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReject","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'FAILED' THEN '[{"action":"paymentRequestCheck","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN ($1::uuid <> all (t1.reviewer_user_ids)) IS NOT TRUE THEN '{"action":"paymentSend","allowed":false,"blockedBy":"OTHER_HANDS_THAN_REVIEW"}'
    WHEN ($1::uuid <> all (t1.checker_user_ids)) IS NOT TRUE THEN '{"action":"paymentSend","allowed":false,"blockedBy":"OTHER_HANDS_THAN_CHECK"}'
    WHEN ($1::uuid <> all (t1.approver_user_ids)) IS NOT TRUE THEN '{"action":"paymentSend","allowed":false,"blockedBy":"OTHER_HANDS_THAN_APPROVAL"}'
    ELSE '{"action":"paymentSend","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'RETURNED' THEN '[{"action":"paymentRequestReopen","allowed":false,"blockedBy":"ROLE"},{"action":"paymentRequestReject","allowed":false,"blockedBy":"ROLE"}]'
    ELSE '[]' END
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.reviewer_user_ids, t1i.checker_user_ids, t1i.approver_user_ids, t1i.id
    FROM payment_requests t1i
    WHERE (t1i.street_id = $2::uuid)
      AND (t1i.status = any($3::text[]))
    ORDER BY t1i.id DESC
    LIMIT $4::int
  ) t1
)
  || '}', 'UTF8') END END
