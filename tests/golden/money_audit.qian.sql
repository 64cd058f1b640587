-- $1 fact street
-- $2 size Const(value=12)
-- $3 setting street
-- $4 setting user
-- $5 setting partner
-- $6 setting membership
-- $7 fact membership
-- $8 fact client
-- $9 fact today
SELECT CASE
  WHEN set_config('hub.street', $3::text, true) IS NOT NULL
  AND set_config('hub.user', $4::text, true) IS NOT NULL
  AND set_config('hub.partner', $5::text, true) IS NOT NULL
  AND set_config('hub.membership', $6::text, true) IS NOT NULL THEN CASE
  WHEN hub_live($7::uuid, $8::uuid, $9::date) THEN convert_to('{"auditEvents":'
  || (
  SELECT '{"nodes":['
    || coalesce(string_agg('{"occurredAt":'
    || coalesce('"'
    || to_char((t1.occurred_at), 'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM')
    || '"', 'null')
    || ',"action":'
    || coalesce('"'
    || (t1.action)
    || '"', 'null')
    || ',"actorRole":'
    || coalesce('"'
    || (t1.actor_role)
    || '"', 'null')
    || ',"actorName":'
    || to_json(t1.actor_name)::text
    || ',"subjectType":'
    || coalesce('"'
    || (t1.subject_type)
    || '"', 'null')
    || ',"subjectReference":'
    || coalesce(to_json(t1.subject_reference)::text, 'null')
    || '}', ',' ORDER BY t1.id DESC), '')
    || ']}'
  FROM (
    SELECT t1i.occurred_at, t1i.action, t1i.actor_role, t1i.actor_name, t1i.subject_type, t1i.subject_reference, t1i.id
    FROM audit_events t1i
    WHERE (t1i.street_id = $1::uuid and t1i.subject_type in ('Fund', 'Donation', 'Agreement', 'Submission', 'Deduction', 'Appeal', 'PaymentRequest', 'Invoice', 'BankAccount', 'Payment'))
    ORDER BY t1i.id DESC
    LIMIT $2::int
  ) t1
)
  || '}', 'UTF8') END END
