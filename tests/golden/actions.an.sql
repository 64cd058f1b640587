-- $1 id case Var(name='id', path=())
-- $2 fact membership
-- $3 fact today
-- $4 setting partner
-- $5 setting membership
-- $6 setting today
-- $7 setting user
-- $8 setting street
-- $9 fact client
SELECT CASE
  WHEN set_config('hub.partner', $4::text, true) IS NOT NULL
  AND set_config('hub.membership', $5::text, true) IS NOT NULL
  AND set_config('hub.today', $6::text, true) IS NOT NULL
  AND set_config('hub.user', $7::text, true) IS NOT NULL
  AND set_config('hub.street', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($2::uuid, $9::uuid, $3::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"availableActions":'
    || CASE t1.status
    WHEN 'OPEN' THEN '[{"action":"caseAssignWorker","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.lead_worker_id = $2::uuid and (t1.partner_id is null or ($2::uuid = any(t1.worker_ids) and t1.access_until >= $3::date))) IS NOT TRUE THEN '{"action":"caseAssess","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"caseAssess","allowed":false,"blockedBy":"CASEWORK"}'
    ELSE '{"action":"caseAssess","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'ASSESSING' THEN '[{"action":"caseAssignWorker","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.lead_worker_id = $2::uuid and (t1.partner_id is null or ($2::uuid = any(t1.worker_ids) and t1.access_until >= $3::date))) IS NOT TRUE THEN '{"action":"casePlan","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"casePlan","allowed":false,"blockedBy":"CASEWORK"}'
    ELSE '{"action":"casePlan","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'PLANNED' THEN '[{"action":"caseAssignWorker","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.lead_worker_id = $2::uuid and (t1.partner_id is null or ($2::uuid = any(t1.worker_ids) and t1.access_until >= $3::date))) IS NOT TRUE THEN '{"action":"caseStart","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"caseStart","allowed":false,"blockedBy":"CASEWORK"}'
    ELSE '{"action":"caseStart","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'ACTIVE' THEN '[{"action":"caseAssignWorker","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.lead_worker_id = $2::uuid and (t1.partner_id is null or ($2::uuid = any(t1.worker_ids) and t1.access_until >= $3::date))) IS NOT TRUE THEN '{"action":"caseProposeClosure","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"caseProposeClosure","allowed":false,"blockedBy":"CASEWORK"}'
    WHEN (t1.open_need_count + t1.open_goal_count = 0) IS NOT TRUE THEN '{"action":"caseProposeClosure","allowed":false,"blockedBy":"NEEDS_AND_GOALS_FINAL"}'
    ELSE '{"action":"caseProposeClosure","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'SUSPENDED' THEN '[{"action":"caseAssignWorker","allowed":false,"blockedBy":"ROLE"}]'
    WHEN 'CLOSING' THEN '[{"action":"caseAssignWorker","allowed":false,"blockedBy":"ROLE"},{"action":"caseClose","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.lead_worker_id = $2::uuid and (t1.partner_id is null or ($2::uuid = any(t1.worker_ids) and t1.access_until >= $3::date))) IS NOT TRUE THEN '{"action":"caseReopen","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseReopen","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":false,"blockedBy":"ROLE"}]'
    ELSE '[]' END
    || '}'
  FROM cases t1
  WHERE t1.id = $1::uuid
    AND ($2::uuid = any(t1.worker_ids) and t1.access_until >= $3::date)
), 'null')
  || '}', 'UTF8') END END
