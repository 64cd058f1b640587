-- $1 id case Var(name='id', path=())
-- $2 fact street
-- $3 fact membership
-- $4 fact today
-- $5 fact user
-- $6 setting street
-- $7 setting partner
-- $8 setting membership
-- $9 fact client
SELECT CASE
  WHEN set_config('hub.street', $6::text, true) IS NOT NULL
  AND set_config('hub.partner', $7::text, true) IS NOT NULL
  AND set_config('hub.membership', $8::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($3::uuid, $9::uuid, $4::date) THEN convert_to('{"node":'
  || coalesce((
  SELECT '{"status":'
    || coalesce('"'
    || (t1.status)
    || '"', 'null')
    || ',"availableActions":'
    || CASE t1.status
    WHEN 'OPEN' THEN '['
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ','
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssess","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"caseAssess","allowed":false,"blockedBy":"CASEWORK"}'
    ELSE '{"action":"caseAssess","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":true,"blockedBy":null}]'
    WHEN 'ASSESSING' THEN '['
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ','
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"casePlan","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"casePlan","allowed":false,"blockedBy":"CASEWORK"}'
    ELSE '{"action":"casePlan","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":true,"blockedBy":null}]'
    WHEN 'PLANNED' THEN '['
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ','
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseStart","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"caseStart","allowed":false,"blockedBy":"CASEWORK"}'
    ELSE '{"action":"caseStart","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":true,"blockedBy":null}]'
    WHEN 'ACTIVE' THEN '['
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ','
    || CASE
    WHEN (t1.lead_worker_id = $3::uuid and (t1.partner_id is null or ($3::uuid = any(t1.worker_ids) and t1.access_until >= $4::date))) IS NOT TRUE THEN '{"action":"caseProposeClosure","allowed":false,"blockedBy":"NOT_YOURS"}'
    WHEN (t1.kind = 'CASEWORK') IS NOT TRUE THEN '{"action":"caseProposeClosure","allowed":false,"blockedBy":"CASEWORK"}'
    WHEN (t1.open_need_count + t1.open_goal_count = 0) IS NOT TRUE THEN '{"action":"caseProposeClosure","allowed":false,"blockedBy":"NEEDS_AND_GOALS_FINAL"}'
    ELSE '{"action":"caseProposeClosure","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseHandBack","allowed":true,"blockedBy":null}]'
    WHEN 'SUSPENDED' THEN '['
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ']'
    WHEN 'CLOSING' THEN '['
    || CASE
    WHEN (t1.lead_organization_id = $2::uuid) IS NOT TRUE THEN '{"action":"caseAssignWorker","allowed":false,"blockedBy":"NOT_YOURS"}'
    ELSE '{"action":"caseAssignWorker","allowed":true,"blockedBy":null}' END
    || ','
    || CASE
    WHEN (t1.open_need_count + t1.open_goal_count = 0) IS NOT TRUE THEN '{"action":"caseClose","allowed":false,"blockedBy":"NEEDS_AND_GOALS_FINAL"}'
    WHEN (t1.open_visit_count = 0) IS NOT TRUE THEN '{"action":"caseClose","allowed":false,"blockedBy":"NO_OPEN_VISITS"}'
    WHEN (t1.closure_proposed_user_id is distinct from $5::uuid) IS NOT TRUE THEN '{"action":"caseClose","allowed":false,"blockedBy":"NOT_THE_PROPOSER"}'
    ELSE '{"action":"caseClose","allowed":true,"blockedBy":null}' END
    || ',{"action":"caseReopen","allowed":true,"blockedBy":null},{"action":"caseHandBack","allowed":true,"blockedBy":null}]'
    ELSE '[]' END
    || '}'
  FROM cases t1
  WHERE t1.id = $1::uuid
    AND (t1.street_id = $2::uuid)
), 'null')
  || '}', 'UTF8') END END
