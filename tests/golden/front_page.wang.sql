-- $1 fact user
-- $2 fact name
-- $3 fact membership
-- $4 fact street
-- $5 fact partner
-- $6 fact community
-- $7 fact today
-- $8 fact now
-- $9 setting community
-- $10 setting user
-- $11 setting street
-- $12 setting partner
-- $13 setting membership
-- $14 fact client
SELECT CASE
  WHEN set_config('hub.community', $9::text, true) IS NOT NULL
  AND set_config('hub.user', $10::text, true) IS NOT NULL
  AND set_config('hub.street', $11::text, true) IS NOT NULL
  AND set_config('hub.partner', $12::text, true) IS NOT NULL
  AND set_config('hub.membership', $13::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($3::uuid, $14::uuid, $7::date) THEN convert_to('{"viewer":{"user":{"id":'
  || coalesce('"'
  || ('user_'
  || $1::uuid)
  || '"', 'null')
  || ',"name":'
  || coalesce(to_json($2::text)::text, 'null')
  || '},"membership":'
  || coalesce((
  SELECT '{"id":"membership_'
    || t1.id
    || '","role":'
    || coalesce('"'
    || (t1.role)
    || '"', 'null')
    || ',"displayName":'
    || to_json(t1.display_name)::text
    || ',"organization":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || ',"kind":'
    || coalesce('"'
    || (t2.kind)
    || '"', 'null')
    || ',"parent":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t3.name)::text
    || '}' END
    || '}' END
    || '}'
  FROM memberships t1
  LEFT JOIN organizations t2 ON t2.id = t1.organization_id
    AND (true)
  LEFT JOIN organizations t3 ON t3.id = t2.parent_id
    AND (true)
  WHERE t1.id = $3::uuid
    AND ((($4::uuid is not null and (t1.street_id = $4::uuid or t1.partner_id is not null)) or ($5::uuid is not null and (t1.partner_id = $5::uuid or (t1.street_id is not null and t1.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
), 'null')
  || ',"permissions":["caseAssess","caseAssignWorker","caseHandBack","casePlan","caseProposeClosure","caseReopen","caseStart","conflictDeclare","consentGive","consentWithdraw","daySheetOpen","deliveryDispute","deliveryVerify","documentOpen","documentPrepare","eligibilityRecord","goalSettle","guardianRecord","needSettle","needState","noticeRead","personRegister","personReveal","referralAcknowledge","referralCancel","referralSubmit","referralTake","submissionSecond","visitCancel","visitPromise","visitRecord"],"queue":['
  || (
  SELECT '{"kind":"REFERRALS_RETURNED","displayName":"Returned referrals","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t4.submitted_at + interval '2 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM referrals t4
  WHERE (t4.community_id = $6::uuid)
    AND (t4.status = 'RETURNED')
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"REFERRALS_TO_ACKNOWLEDGE","displayName":"Referrals to acknowledge","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t5.completed_at + interval '14 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM referrals t5
  WHERE (t5.community_id = $6::uuid)
    AND (t5.status = 'COMPLETED')
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"CASES_WITHOUT_WORKER","displayName":"Cases without a worker","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t6.opened_at + interval '2 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM cases t6
  WHERE (t6.community_id = $6::uuid)
    AND (t6.lead_organization_id = $6::uuid and t6.status <> 'CLOSED' and (t6.lead_worker_id is null or t6.lead_worker_id = any((select memberships_over($7::date))::uuid[])))
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"CASES_WITHOUT_PROMISE","displayName":"Cases without a promised visit","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t7.opened_at + interval '3 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM cases t7
  WHERE (t7.community_id = $6::uuid)
    AND (t7.lead_worker_id = $3::uuid and t7.status in ('OPEN', 'ASSESSING', 'PLANNED', 'ACTIVE') and t7.open_visit_count = 0)
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"VISITS_PROMISED","displayName":"Promised visits","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t8.promised_from_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM visits t8
  WHERE (t8.community_id = $6::uuid)
    AND (t8.worker_id = $3::uuid and t8.status = 'PLANNED' and t8.promised_to_at >= $8::timestamptz)
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"VISITS_MISSED","displayName":"Missed visits","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t9.promised_to_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM visits t9
  WHERE (t9.community_id = $6::uuid)
    AND (t9.status = 'PLANNED' and t9.promised_to_at < $8::timestamptz)
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"SUBMISSIONS_TO_SECOND","displayName":"Acceptances to second","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t10.status_changed_at + interval '5 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM submissions t10
  WHERE ($6::uuid = any(t10.community_ids))
    AND (t10.status = 'SUBMITTED' and t10.second_wanted)
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"DELIVERIES_TO_VERIFY","displayName":"Deliveries to verify","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t11.recorded_at + interval '7 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM deliveries t11
  WHERE (t11.community_id = $6::uuid)
    AND (t11.status in ('RECORDED', 'FLAGGED'))
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"NOTICES_UNREAD","displayName":"Unread notices","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t12.due_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM notices t12
  WHERE (t12.recipient_id = $3::uuid)
    AND (t12.read_at is null)
  HAVING count(*) >= 0
)
  || ']}}', 'UTF8') END END
