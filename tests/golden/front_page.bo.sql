-- $1 fact user
-- $2 fact name
-- $3 fact membership
-- $4 fact street
-- $5 fact partner
-- $6 fact today
-- $7 fact now
-- $8 setting partner
-- $9 setting today
-- $10 setting user
-- $11 setting street
-- $12 setting membership
-- $13 fact client
SELECT CASE
  WHEN set_config('hub.partner', $8::text, true) IS NOT NULL
  AND set_config('hub.today', $9::text, true) IS NOT NULL
  AND set_config('hub.user', $10::text, true) IS NOT NULL
  AND set_config('hub.street', $11::text, true) IS NOT NULL
  AND set_config('hub.membership', $12::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($3::uuid, $13::uuid, $6::date) THEN convert_to('{"viewer":{"user":{"id":'
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
  || ',"permissions":["acceptancePackMake","agreementAccept","agreementDecline","agreementSendBack","appealFile","bankAccountPropose","bankAccountRetire","capacitySet","caseAssignWorker","caseHandBack","clientRegister","clientRevoke","conflictDeclare","deliveryAttach","documentOpen","documentPrepare","invoiceHandIn","invoiceVoid","membershipEnd","membershipGrant","milestoneSubmit","noticeRead","offerAccept","offerDecline","qualificationRecord","seriesCancel","seriesClose","seriesEnrol","seriesOpen","sessionAssignWorker","sessionCancel","sessionPlan","submissionWithdraw","substitutionCancel","workerSubstitute"],"queue":['
  || (
  SELECT '{"kind":"OFFERS_TO_DECIDE","displayName":"Offers to decide","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t4.expires_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM offers t4
  WHERE (t4.partner_id = $5::uuid)
    AND (t4.status = 'OFFERED')
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"CASES_WITHOUT_WORKER","displayName":"Cases without a worker","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t5.opened_at + interval '2 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM cases t5
  WHERE ($5::uuid = any(t5.partner_ids) and t5.access_until >= $6::date)
    AND (t5.partner_id = $5::uuid and t5.status <> 'CLOSED' and (t5.lead_worker_id is null or t5.lead_worker_id = any((select memberships_over($6::date))::uuid[])))
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"VISITS_MISSED","displayName":"Missed visits","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t6.promised_to_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM visits t6
  WHERE (t6.partner_id = $5::uuid)
    AND (t6.status = 'PLANNED' and t6.promised_to_at < $7::timestamptz)
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"AGREEMENTS_TO_ACCEPT","displayName":"Agreements to sign","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t7.status_changed_at + interval '5 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM agreements t7
  WHERE (t7.partner_id = $5::uuid and t7.offered)
    AND (t7.status = 'APPROVED')
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"MILESTONES_DUE","displayName":"Milestones due","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min((t8.due_on + 1)::timestamptz), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM milestones t8
  WHERE (t8.partner_id = $5::uuid and t8.offered)
    AND (t8.in_force and t8.status in ('SCHEDULED', 'RETURNED', 'REJECTED') and (t8.due_on <= $6::date + 30 or t8.status <> 'SCHEDULED'))
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"INVOICES_WANTED","displayName":"Invoices wanted","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min((t9.due_on + 1)::timestamptz), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM payment_requests t9
  WHERE (t9.partner_id = $5::uuid)
    AND ((t9.status in ('CREATED', 'CONFIRMED', 'RETURNED') and t9.invoice_id is null or t9.status = 'RETURNED' and (select w.role from payment_waiting(t9.id) w) = 'PARTNER_MANAGER'))
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"ACCOUNTS_WANTED","displayName":"Accounts to be paid to wanted","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min((t10.due_on + 1)::timestamptz), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM payment_requests t10
  WHERE (t10.partner_id = $5::uuid)
    AND (t10.status in ('CONFIRMED', 'FAILED') and t10.invoice_id is not null and (select w.role from payment_waiting(t10.id) w) = 'PARTNER_MANAGER')
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"DELIVERIES_DISPUTED","displayName":"Disputed deliveries","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t11.disputed_at + interval '5 days'), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM deliveries t11
  WHERE (t11.partner_id = $5::uuid)
    AND (t11.status = 'DISPUTED')
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"SESSIONS_WITHOUT_WORKER","displayName":"Sessions whose worker has left","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t12.planned_from_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM group_sessions t12
  WHERE (t12.partner_id = $5::uuid)
    AND (t12.partner_id = $5::uuid and t12.status = 'PLANNED' and t12.worker_id = any((select memberships_over($6::date))::uuid[]))
  HAVING count(*) >= 0
)
  || ','
  || (
  SELECT '{"kind":"NOTICES_UNREAD","displayName":"Unread notices","count":'
    || count(*)::text
    || ',"dueAt":'
    || coalesce('"'
    || to_char(min(t13.due_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || '}'
  FROM notices t13
  WHERE (t13.recipient_id = $3::uuid)
    AND (t13.read_at is null)
  HAVING count(*) >= 0
)
  || ']}}', 'UTF8') END END
