-- $1 id case Var(name='id', path=())
-- $2 fact partner
-- $3 fact today
-- $4 setting partner
-- $5 setting today
-- $6 setting user
-- $7 setting street
-- $8 setting membership
-- $9 fact membership
-- $10 fact client
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.today', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($9::uuid, $10::uuid, $3::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"availableActions":'
    || CASE t1.status
    WHEN 'OPEN' THEN '['
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseAssess","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseHandBack","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseHandBack","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'ASSESSING' THEN '['
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ',{"action":"casePlan","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseHandBack","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseHandBack","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'PLANNED' THEN '['
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseStart","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseHandBack","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseHandBack","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'ACTIVE' THEN '['
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseProposeClosure","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseHandBack","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseHandBack","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'SUSPENDED' THEN '['
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'CLOSING' THEN '['
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseClose","allowed":false,"blockedBy":"ROLE"},{"action":"caseReopen","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.partner_id = $2::uuid and $2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date) IS NOT TRUE THEN '{"action":"caseHandBack","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseHandBack","allowed":true,"blockedBy":null}' END
    || ']'
    ELSE '[]' END
    || '}'
  FROM cases t1
  WHERE t1.id = $1::uuid
    AND ($2::uuid = any(t1.partner_ids) and t1.access_until >= $3::date)
), 'null')
  || '}', 'UTF8') END END
