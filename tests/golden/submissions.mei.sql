-- $1 fact street
-- $2 fact partner
-- $3 size Const(value=20)
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
  WHEN hub_live($7::uuid, $8::uuid, $9::date) THEN convert_to('{"submissions":'
  || (
  SELECT '{"totalCount":'
    || (
    SELECT count(*)
    FROM submissions t1i
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
    || ',"claimed":'
    || CASE
    WHEN (t1.claimed_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.claimed_fen) * 0.01)::text)::text
    || '}' END
    || ',"accepted":'
    || CASE
    WHEN (t1.accepted_fen) is null THEN 'null'
    ELSE '{"amount":'
    || to_json(((t1.accepted_fen) * 0.01)::text)::text
    || '}' END
    || ',"partner":'
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
      || ',"accepted":'
      || CASE
      WHEN (t5.accepted_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t5.accepted_fen) * 0.01)::text)::text
      || '}' END
      || ',"reasonCode":'
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
      AND ((($1::uuid is not null and (t6.street_id = $1::uuid or t6.partner_id is not null)) or ($2::uuid is not null and (t6.partner_id = $2::uuid or (t6.street_id is not null and t6.role in ('COMMUNITY_WORKER', 'STATION_WORKER'))))))
    WHERE t5.submission_id = t1.id
      AND (t5.street_id = $1::uuid)
  )
    || ',"deductions":'
    || (
    SELECT '['
      || coalesce(string_agg('{"reference":'
      || coalesce('"'
      || (t7.reference)
      || '"', 'null')
      || ',"status":'
      || coalesce('"'
      || (t7.status)
      || '"', 'null')
      || ',"amount":'
      || CASE
      WHEN (t7.amount_fen) is null THEN 'null'
      ELSE '{"amount":'
      || to_json(((t7.amount_fen) * 0.01)::text)::text
      || '}' END
      || ',"rule":'
      || to_json(t7.rule)::text
      || '}', ',' ORDER BY t7.id), '')
      || ']'
    FROM deductions t7
    WHERE t7.submission_id = t1.id
      AND (t7.street_id = $1::uuid)
  )
    || ',"availableActions":'
    || CASE t1.status
    WHEN 'SUBMITTED' THEN '[{"action":"submissionWithdraw","allowed":false,"blockedBy":"ROLE"},{"action":"submissionReview","allowed":true,"blockedBy":null},{"action":"submissionSecond","allowed":false,"blockedBy":"ROLE"}]'
    ELSE '[]' END
    || '}', ',' ORDER BY t1.submitted_at, t1.id), '')
    || ']}'
  FROM (
    SELECT t1i.reference, t1i.status, t1i.round, t1i.rule, t1i.note, t1i.submitted_at, t1i.second_wanted, t1i.claimed_fen, t1i.accepted_fen, t1i.partner_id, t1i.milestone_id, t1i.agreement_id, t1i.id
    FROM submissions t1i
    WHERE (t1i.street_id = $1::uuid)
    ORDER BY t1i.submitted_at, t1i.id
    LIMIT $3::int
  ) t1
  LEFT JOIN organizations t2 ON t2.id = t1.partner_id
    AND (t2.kind = 'PARTNER')
    AND (true)
  LEFT JOIN milestones t3 ON t3.id = t1.milestone_id
    AND (t3.street_id = $1::uuid)
  LEFT JOIN agreements t4 ON t4.id = t1.agreement_id
    AND (t4.street_id = $1::uuid)
)
  || '}', 'UTF8') END END
