"""Every enum of the API by its name: the values stored in the tables, the GraphQL enums and their labels are these.

One list, so that no capability's enum lacks a label in `hub/base/locale` or a description in the schema (tested).
"""

from __future__ import annotations

from collections.abc import Mapping

from auth.roles import READ_ROLES, Duty, Role
from hub.acceptance.states import APPEAL, DEDUCTION, SUBMISSION
from hub.acceptance.tables import (
    APPEAL_SUBJECTS,
    CLAIM_RULES,
    CLAIM_STEPS,
    DEDUCTION_KINDS,
    REVIEW_DECISIONS,
    REVIEW_REASONS,
)
from hub.agreements.states import AGREEMENT, MILESTONE
from hub.agreements.tables import (
    AGREEMENT_REASONS,
    CRITERION_METRICS,
    LINE_KINDS,
    MILESTONE_KINDS,
    OPERATORS,
    PROCUREMENT_METHODS,
    REMAINDER_RULES,
    SHORTFALL_RULES,
)
from hub.cases.states import CASE, GOAL
from hub.cases.tables import CASE_OUTCOMES, MEMBER_ROLES
from hub.catalogue.tables import CASE_KINDS, EVIDENCE_POLICIES, OFFICIAL_CATEGORIES, SERVICE_UNITS, STRANDS
from hub.deliveries.states import CALLBACK, CALLBACK_OUTCOMES, DELIVERY, SERIES, SESSION
from hub.deliveries.tables import (
    CALLBACK_CAUSES,
    DELIVERY_FLAGS,
    DISPUTE_REASONS,
    SERIES_KINDS,
    VERIFICATIONS,
)
from hub.documents.states import DOCUMENT
from hub.documents.tables import DOCUMENT_KINDS, PAPER_KINDS
from hub.fund.tables import (
    ACCOUNT_KINDS,
    DONOR_KINDS,
    FUND_CHANNELS,
    FUND_KINDS,
    TRANSFER_REASONS,
    TRANSFER_STAGES,
)
from hub.notices.tables import AUDIT_FAULTS
from hub.organizations.tables import (
    ORGANIZATION_KINDS,
    ORGANIZATION_STATUSES,
    PARTNER_RATINGS,
    PARTNER_TYPES,
    QUALIFICATION_TYPES,
)
from hub.payments.states import BANK_ACCOUNT, INVOICE, PAYMENT, PAYMENT_REQUEST
from hub.payments.tables import (
    ACCOUNT_PURPOSES,
    APPROVAL_STEPS,
    INVOICE_KINDS,
    MATCH_RESULTS,
    PAYMENT_REASONS,
    REQUEST_KINDS,
    SIDES,
)
from hub.people.states import CONSENT, NEED
from hub.people.tables import (
    AGE_GROUPS,
    BRADSHAW_TYPES,
    COMPARATOR_COHORTS,
    COMPARATOR_METRICS,
    CONSENT_BASES,
    CONSENT_GIVERS,
    CONSENT_PURPOSES,
    DATA_CATEGORIES,
    DISABILITY_GRADES,
    ELIGIBILITY_CATEGORIES,
    HOUSEHOLD_RELATIONS,
    NEED_DOMAINS,
    PERSON_STATUSES,
    REVEAL_FIELDS,
    REVEAL_PURPOSES,
    RISK_CLASSES,
    SEXES,
)
from hub.referrals.states import OFFER, REFERRAL
from hub.referrals.tables import REASON_CODES, URGENCIES
from hub.reports.rules import DECISION_STEPS, DUE_HORIZONS
from hub.visits.states import SUBSTITUTION, VISIT, VISIT_OUTCOMES
from hub.visits.tables import VISIT_KINDS

USER_ERROR_CODES = (
    "INVALID",
    "NOT_FOUND",
    "FORBIDDEN",
    "CONFLICT",
    "STALE",
    "WRONG_STATE",
    "DUPLICATE",
    "REQUIRED",
    "TOO_LONG",
    "OUT_OF_RANGE",
    "CONSENT_MISSING",
    "GUARDIAN_MISSING",
    "NOT_QUALIFIED",
    "CONFLICT_OF_INTEREST",
    "FOUR_EYES",
    "QUANTITY_EXCEEDED",
    "IDEMPOTENCY_MISMATCH",
    "LIMIT_EXCEEDED",
    "UNAVAILABLE",
    "EXPIRED",
)
"""Codes of `userErrors`: one list for the whole API."""

CASE_ROLES = ("LEAD", "HELPER", "ANY")
"""The part a partner has in a case, as a filter."""

GAP_REASONS = (
    "NOT_REACHED",
    "BELOW_QUALITY",
    "DISPUTED",
    "TO_VERIFY",
    "TO_DELIVER",
    "OFFERED",
    "NOT_OFFERED",
)
"""Why a milestone is not reached yet, as `progress_missing` says it (`0007_services.sql`)."""

CASE_PROMISES = ("MISSED", "TODAY", "THIS_WEEK", "NONE")
"""How the promised visits of a case stand, as a filter."""

SUGGESTION_REASONS = ("SERVES_HERE", "NO_VACANCY", "NO_QUANTITY", "NOT_QUALIFIED", "DECLINED_BEFORE")
"""Why a line is, or is not, where a referral could be offered (`partner_suggestions`)."""

QUEUE_KINDS = (
    "REFERRALS_TO_TRIAGE",
    "REFERRALS_TO_PLACE",
    "REFERRALS_RETURNED",
    "REFERRALS_TO_ACKNOWLEDGE",
    "OFFERS_TO_DECIDE",
    "CASES_WITHOUT_WORKER",
    "CASES_WITHOUT_PROMISE",
    "CASES_TO_CLOSE",
    "VISITS_PROMISED",
    "VISITS_MISSED",
    "AGREEMENTS_RETURNED",
    "AGREEMENTS_TO_CERTIFY",
    "AGREEMENTS_TO_APPROVE",
    "AGREEMENTS_TO_ACCEPT",
    "MILESTONES_DUE",
    "SUBMISSIONS_TO_REVIEW",
    "SUBMISSIONS_TO_SECOND",
    "APPEALS_TO_DECIDE",
    "INVOICES_WANTED",
    "ACCOUNTS_WANTED",
    "PAYMENTS_TO_CONFIRM",
    "PAYMENTS_RETURNED",
    "PAYMENTS_TO_CHECK",
    "PAYMENTS_TO_APPROVE",
    "PAYMENTS_TO_SEND",
    "PAYMENTS_TO_SETTLE",
    "PAYMENTS_FAILED",
    "ACCOUNTS_TO_VERIFY",
    "DELIVERIES_TO_VERIFY",
    "DELIVERIES_DISPUTED",
    "DELIVERIES_WITHOUT_EVIDENCE",
    "CALLBACKS_DUE",
    "SESSIONS_WITHOUT_WORKER",
    "SESSIONS_PLANNED",
    "NOTICES_UNREAD",
)
"""The lines of the work queue; what each counts stands in `schema/planner/queue.py`."""

ENUMS: Mapping[str, tuple[str, ...]] = {
    "Role": tuple(str(role) for role in (*READ_ROLES, Role.SYSTEM)),
    "Duty": tuple(str(duty) for duty in Duty),
    "UserErrorCode": USER_ERROR_CODES,
    # organizations
    "OrganizationKind": ORGANIZATION_KINDS,
    "OrganizationStatus": ORGANIZATION_STATUSES,
    "PartnerType": PARTNER_TYPES,
    "PartnerRating": PARTNER_RATINGS,
    "QualificationType": QUALIFICATION_TYPES,
    # documents
    "DocumentKind": DOCUMENT_KINDS,
    "PaperKind": PAPER_KINDS,
    "DocumentStatus": DOCUMENT.states,
    # people
    "Sex": SEXES,
    "AgeGroup": AGE_GROUPS,
    "DisabilityGrade": DISABILITY_GRADES,
    "RiskClass": RISK_CLASSES,
    "PersonStatus": PERSON_STATUSES,
    "HouseholdRelation": HOUSEHOLD_RELATIONS,
    "EligibilityCategory": ELIGIBILITY_CATEGORIES,
    "ConsentPurpose": CONSENT_PURPOSES,
    "ConsentGiver": CONSENT_GIVERS,
    "ConsentBasis": CONSENT_BASES,
    "ConsentStatus": CONSENT.states,
    "DataCategory": DATA_CATEGORIES,
    "RevealField": REVEAL_FIELDS,
    "RevealPurpose": REVEAL_PURPOSES,
    "NeedDomain": NEED_DOMAINS,
    "BradshawType": BRADSHAW_TYPES,
    "ComparatorMetric": COMPARATOR_METRICS,
    "ComparatorCohort": COMPARATOR_COHORTS,
    "NeedStatus": NEED.states,
    # catalogue
    "Strand": STRANDS,
    "OfficialCategory": OFFICIAL_CATEGORIES,
    "ServiceUnit": SERVICE_UNITS,
    "EvidencePolicy": EVIDENCE_POLICIES,
    "CaseKind": CASE_KINDS,
    # funds
    "FundKind": FUND_KINDS,
    "FundChannel": FUND_CHANNELS,
    "DonorKind": DONOR_KINDS,
    "AccountKind": ACCOUNT_KINDS,
    "TransferStage": TRANSFER_STAGES,
    "TransferReason": TRANSFER_REASONS,
    # agreements
    "AgreementStatus": AGREEMENT.states,
    "AgreementReason": AGREEMENT_REASONS,
    "ProcurementMethod": PROCUREMENT_METHODS,
    "ShortfallRule": SHORTFALL_RULES,
    "RemainderRule": REMAINDER_RULES,
    "LineKind": LINE_KINDS,
    "CriterionMetric": CRITERION_METRICS,
    "Operator": OPERATORS,
    "MilestoneKind": MILESTONE_KINDS,
    "MilestoneStatus": MILESTONE.states,
    # referrals
    "ReferralStatus": REFERRAL.states,
    "OfferStatus": OFFER.states,
    "Urgency": URGENCIES,
    "ReasonCode": REASON_CODES,
    # cases
    "CaseStatus": CASE.states,
    "CaseOutcome": CASE_OUTCOMES,
    "MemberRole": MEMBER_ROLES,
    "GoalStatus": GOAL.states,
    # visits
    "VisitStatus": VISIT.states,
    "VisitOutcome": VISIT_OUTCOMES,
    "VisitKind": VISIT_KINDS,
    "AuditFaultKind": AUDIT_FAULTS,
    "SubstitutionStatus": SUBSTITUTION.states,
    # deliveries
    "DeliveryStatus": DELIVERY.states,
    "DeliveryFlag": DELIVERY_FLAGS,
    "Verification": VERIFICATIONS,
    "DisputeReason": DISPUTE_REASONS,
    "CallbackStatus": CALLBACK.states,
    "CallbackOutcome": CALLBACK_OUTCOMES,
    "CallbackCause": CALLBACK_CAUSES,
    "SeriesKind": SERIES_KINDS,
    "SeriesStatus": SERIES.states,
    "SessionStatus": SESSION.states,
    "GapReason": GAP_REASONS,
    # acceptance
    "SubmissionStatus": SUBMISSION.states,
    "ClaimRule": CLAIM_RULES,
    "ClaimStepKind": CLAIM_STEPS,
    "ReviewDecision": REVIEW_DECISIONS,
    "ReviewReason": REVIEW_REASONS,
    "DeductionStatus": DEDUCTION.states,
    "DeductionKind": DEDUCTION_KINDS,
    "AppealStatus": APPEAL.states,
    "AppealSubject": APPEAL_SUBJECTS,
    # payments
    "InvoiceStatus": INVOICE.states,
    "InvoiceKind": INVOICE_KINDS,
    "BankAccountStatus": BANK_ACCOUNT.states,
    "AccountPurpose": ACCOUNT_PURPOSES,
    "PaymentRequestStatus": PAYMENT_REQUEST.states,
    "PaymentRequestKind": REQUEST_KINDS,
    "PaymentReason": PAYMENT_REASONS,
    "PaymentStatus": PAYMENT.states,
    "ApprovalStep": APPROVAL_STEPS,
    "MatchResult": MATCH_RESULTS,
    "Side": SIDES,
    # reports
    "DueHorizon": DUE_HORIZONS,
    "DecisionStep": DECISION_STEPS,
    # reading
    "CaseRole": CASE_ROLES,
    "CasePromise": CASE_PROMISES,
    "SuggestionReason": SUGGESTION_REASONS,
    "QueueKind": QUEUE_KINDS,
}
