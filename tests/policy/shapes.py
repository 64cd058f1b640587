"""Where the answers of the oracle stand: the table of each type, and the columns and links behind its fields."""

from __future__ import annotations

TABLES = {
    "Agreement": ("agreements", "agreement"),
    "AgreementLine": ("agreement_lines", "agreement_line"),
    "AgreementVersion": ("agreement_versions", "agreement_version"),
    "Criterion": ("criteria", "criterion"),
    "Donation": ("donations", "donation"),
    "Fund": ("funds", "fund"),
    "Milestone": ("milestones", "milestone"),
    "ActivitySeries": ("activity_series", "series"),
    "Attendance": ("attendances", "attendance"),
    "AuditEvent": ("audit_events", "audit_event"),
    "Callback": ("callbacks", "callback"),
    "Capacity": ("capacities", "capacity"),
    "Case": ("cases", "case"),
    "CaseMember": ("case_members", "case_member"),
    "Client": ("clients", "client"),
    "Community": ("organizations", "community"),
    "ConflictDeclaration": ("conflict_declarations", "conflictdeclaration"),
    "Consent": ("consents", "consent"),
    "Delivery": ("deliveries", "delivery"),
    "Document": ("documents", "document"),
    "EligibilitySpell": ("eligibility_spells", "eligibility"),
    "Enrolment": ("enrolments", "enrolment"),
    "Goal": ("goals", "goal"),
    "GroupSession": ("group_sessions", "session"),
    "Guardian": ("guardians", "guardian"),
    "Household": ("households", "household"),
    "Membership": ("memberships", "membership"),
    "Need": ("needs", "need"),
    "Notice": ("notices", "notice"),
    "Offer": ("offers", "offer"),
    "OfferNeed": ("offer_needs", "offer_need"),
    "Organization": ("organizations", "organization"),
    "Partner": ("organizations", "partner"),
    "Person": ("persons", "person"),
    "Qualification": ("qualifications", "qualification"),
    "Referral": ("referrals", "referral"),
    "ServiceType": ("service_types", "service_type"),
    "Street": ("organizations", "street"),
    "Substitution": ("substitutions", "substitution"),
    "Visit": ("visits", "visit"),
    "VisitFindings": ("visit_findings", "visit_findings"),
    "Appeal": ("appeals", "appeal"),
    "Approval": ("approvals", "approval"),
    "BankAccount": ("bank_accounts", "bank_account"),
    "ClaimStep": ("claim_steps", "claim_step"),
    "Deduction": ("deductions", "deduction"),
    "Invoice": ("invoices", "invoice"),
    "Payment": ("payments", "payment"),
    "PaymentRequest": ("payment_requests", "payment_request"),
    "PaymentTrace": ("payments", "payment_trace"),
    "Review": ("reviews", "review"),
    "Submission": ("submissions", "submission"),
}
"""Type → its table and the tag of its ids."""

REPORTS = ("StationReport",)
"""Types over a table that are read for a period and have no id."""

LINKS = (
    *("case_needs", "referral_needs", "delivery_documents"),
    *("submission_deliveries", "submission_documents"),
)

COLUMNS = {
    ("Agreement", "statusSince"): "status_changed_at",
    ("AgreementVersion", "retentionPercent"): "retention_bp",
    ("Milestone", "sharePercent"): "share_bp",
    ("Agreement", "communities"): "community_ids",
    ("AgreementLine", "communities"): "community_ids",
    ("Fund", "communities"): "community_ids",
    ("Milestone", "dependsOn"): "depends_on_ids",
    ("Person", "birthDate"): "birth_on",
    ("Partner", "rating"): "partner_rating",
    ("ConflictDeclaration", "declaredBy"): "membership_id",
    ("CaseMember", "worker"): "membership_id",
    ("GroupSession", "participants"): "participant_count",
    ("Callback", "attempts"): "attempt_count",
    ("Submission", "statusSince"): "status_changed_at",
    ("PaymentRequest", "statusSince"): "status_changed_at",
    ("Deduction", "paymentRequest"): "request_id",
    ("Invoice", "paymentRequest"): "request_id",
    ("Payment", "paymentRequest"): "request_id",
    ("PaymentTrace", "paymentRequest"): "request_id",
    ("PaymentTrace", "payment"): "id",
    ("BankAccount", "last4"): "number_last4",
}
"""Fields whose column is called otherwise than the field."""

LISTED = {
    ("Agreement", "communities"),
    ("AgreementLine", "communities"),
    ("Fund", "communities"),
    ("Milestone", "dependsOn"),
}
"""Fields whose column is a list of ids."""

NEAR = {("Agreement", "lines"): "current_version_id", ("Agreement", "milestones"): "current_version_id"}
"""Fields that lead to rows by another column of this row than its id."""

BACK = {
    ("Agreement", "versions"): "agreement_id",
    ("Agreement", "lines"): "version_id",
    ("Agreement", "milestones"): "version_id",
    ("AgreementLine", "criteria"): "line_id",
    ("Milestone", "criteria"): "milestone_id",
    ("Fund", "donations"): "fund_id",
    ("Person", "eligibility"): "person_id",
    ("Person", "guardians"): "person_id",
    ("Person", "consents"): "person_id",
    ("Person", "needs"): "person_id",
    ("Household", "members"): "household_id",
    ("Offer", "needs"): "offer_id",
    ("Case", "members"): "case_id",
    ("Case", "goals"): "case_id",
    ("Case", "visits"): "case_id",
    ("Referral", "offers"): "referral_id",
    ("Referral", "case"): "referral_id",
    ("Visit", "findings"): "visit_id",
    ("Visit", "delivery"): "visit_id",
    ("Case", "deliveries"): "case_id",
    ("AgreementLine", "deliveries"): "line_id",
    ("Delivery", "callback"): "delivery_id",
    ("ActivitySeries", "sessions"): "series_id",
    ("ActivitySeries", "enrolments"): "series_id",
    ("GroupSession", "attendances"): "session_id",
    ("GroupSession", "delivery"): "session_id",
    ("Street", "communities"): "street_id",
    ("Partner", "qualifications"): "partner_id",
    ("Milestone", "submissions"): "milestone_id",
    ("Milestone", "paymentRequests"): "milestone_id",
    **{
        ("Submission", field): "submission_id"
        for field in ("steps", "reviews", "deductions", "appeals", "paymentRequests")
    },
    **{("PaymentRequest", field): "request_id" for field in ("deductions", "approvals", "payments")},
}
"""Fields that lead to rows which hold this row's id."""

NEWEST = {
    ("Referral", "case"),
    ("Visit", "findings"),
    ("Visit", "delivery"),
    ("GroupSession", "delivery"),
    ("Delivery", "callback"),
}
"""Of these only the newest row."""

THROUGH = {
    ("Referral", "needs"): ("referral_needs", "referral_id", "need_id"),
    ("Case", "needs"): ("case_needs", "case_id", "need_id"),
    ("Delivery", "documents"): ("delivery_documents", "delivery_id", "document_id"),
    ("Submission", "deliveries"): ("submission_deliveries", "submission_id", "delivery_id"),
    ("Submission", "documents"): ("submission_documents", "submission_id", "document_id"),
}
"""Fields that lead to rows by way of a table of links."""
