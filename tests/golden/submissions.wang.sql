-- $1 fact community
-- $2 fact street
-- $3 fact partner
-- $4 size Const(value=20)
-- $5 setting community
-- $6 setting user
-- $7 setting street
-- $8 setting partner
-- $9 setting membership
-- $10 fact membership
-- $11 fact client
-- $12 fact today
SELECT CASE
  WHEN set_config('hub.community', $5::text, true) IS NOT NULL
  AND set_config('hub.user', $6::text, true) IS NOT NULL
  AND set_config('hub.street', $7::text, true) IS NOT NULL
  AND set_config('hub.partner', $8::text, true) IS NOT NULL
  AND set_config('hub.membership', $9::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($10::uuid, $11::uuid, $12::date) THEN convert_to('{"submissions":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM submissions t1i
    WHERE ($1::uuid = any(t1i.community_ids))
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
    || ',"round":'
    || coalesce((t1.round)::text, 'null')
    || ',"rule":'
    || coalesce('"'
    || (t1.rule)
    || '"', 'null')
    || ',"note":'
    || coalesce(to_json(t1.note)::text, 'null')
    || ',"submittedAt":'
    || coalesce('"'
    || to_char((t1.submitted_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"secondWanted":'
    || coalesce((t1.second_wanted)::text, 'null')
    || ',"claimed":null,"accepted":null,"partner":'
    || CASE
    WHEN t2.id IS NULL THEN 'null'
    ELSE '{"name":'
    || to_json(t2.name)::text
    || '}' END
    || ',"milestone":'
    || CASE
    WHEN t3.id IS NULL THEN 'null'
    ELSE '{"code":'
    || to_json(t3.code)::text
    || ',"title":'
    || to_json(t3.title)::text
    || '}' END
    || ',"agreement":'
    || CASE
    WHEN t4.id IS NULL THEN 'null'
    ELSE '{"reference":'
    || coalesce('"'
    || (t4.reference)
    || '"', 'null')
    || '}' END
    || ',"reviews":'
    || (
    SELECT '['
      || coalesce(string_agg('{"number":'
      || coalesce((t5.number)::text, 'null')
      || ',"decision":'
      || coalesce('"'
      || (t5.decision)
      || '"', 'null')
      || ',"accepted":null,"reasonCode":'
      || coalesce('"'
      || (t5.reason_code)
      || '"', 'null')
      || ',"comment":'
      || coalesce(to_json(t5.comment)::text, 'null')
      || ',"reviewedBy":'
      || CASE
      WHEN t6.id IS NULL THEN 'null'
      ELSE '{"displayName":'
      || to_json(t6.display_name)::text
      || '}' END
      || '}', ',' ORDER BY t5.id), '')
      || ']'
    FROM reviews t5
    LEFT JOIN memberships t6 ON t6.id = t5.reviewed_by_id
      AND ((($2::uuid is not null and (t6.street_id = $2::uuid or t6.partner_id is not null)) or ($3::uuid is not null and (t6.partner_id = $3::uuid or (t6.street_id is not null and t6.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    WHERE t5.submission_id = t1.id
      AND ($1::uuid = any(t5.community_ids))
  )
    || ',"deductions":null,"availableActions":'
    || CASE t1.status
    WHEN 'SUBMITTED' THEN '[{"action":"submissionWithdraw","allowed":false,"blockedBy":"ROLE"},{"action":"submissionReview","allowed":false,"blockedBy":"ROLE"},'
    || CASE
    WHEN (t1.second_wanted) IS NOT TRUE THEN '{"action":"submissionSecond","allowed":false,"blockedBy":"SECOND_REVIEW_WANTED"}'
    ELSE '{"action":"submissionSecond","allowed":true,"blockedBy":null}' END
    || ']'
    ELSE '[]' END
    || '}', ',' ORDER BY t1.submitted_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.round, t1i.rule, t1i.note, t1i.submitted_at, t1i.second_wanted, t1i.partner_id, t1i.milestone_id, t1i.agreement_id, t1i.id
    FROM submissions t1i
    WHERE ($1::uuid = any(t1i.community_ids))
    ORDER BY t1i.submitted_at, t1i.id
    LIMIT $4::int
  ) t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
  LEFT JOIN milestones t3 ON t3.id = t1.milestone_id
    AND ($1::uuid = any(t3.community_ids) and t3.was_in_force)
  LEFT JOIN agreements t4 ON t4.id = t1.agreement_id
    AND ($1::uuid = any(t4.community_ids) and t4.was_in_force)
)
  || '}', 'UTF8') END END
