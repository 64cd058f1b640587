"""Submissions with what they freeze, the reviews of them, deductions and appeals. Amounts are fen."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import UUID

from hub.acceptance.states import APPEAL, DEDUCTION, SUBMISSION
from hub.agreements.tables import CRITERION_METRICS, MILESTONE_KINDS, who, whole_number
from hub.base.tables import at, fen, flag, metadata, one_of, pk, ref, scope_columns, text, version
from hub.fund.tables import id_list

CLAIM_RULES = ("DOCUMENTS", "SHARE", "UNITS", "ACTUAL")
"""How a stage's amount arises: whole on documents; its share less the shortfall; units times price; 据实结算."""

CLAIM_STEPS = (
    "STAGE_AMOUNT",
    "CRITERION",
    "SHORTFALL",
    "LINE_UNITS",
    "LINE_BLOCK",
    "ACTUAL_TOTAL",
    "CEILING",
    "ACCEPTED_BEFORE",
    "CARRIED",
    "STAGE_CAP",
    "CLAIM",
)
"""The lines of a derivation, in words of `hub/base/locale`; each carries its figures."""

REVIEW_DECISIONS = (
    "ACCEPT",
    "ACCEPT_IN_PART",
    "RETURN",
    "REJECT",
    "SECONDED",
    "OBJECTED",
    "PAYMENT_REJECTED",
)
"""What a review says. SECONDED and OBJECTED are the second reviewer's; PAYMENT_REJECTED takes an acceptance back."""

REVIEW_REASONS = (
    "EVIDENCE_MISSING",
    "EVIDENCE_DOUBTFUL",
    "QUANTITY_SHORT",
    "QUALITY_SHORT",
    "NOT_AGREED",
    "AMOUNT_WRONG",
    "OTHER",
)
DEDUCTION_KINDS = ("SHORTFALL", "PENALTY", "OTHER")
APPEAL_SUBJECTS = ("REVIEW", "DEDUCTION")

submissions = Table(
    "submissions",
    metadata,
    pk(),
    text("reference"),
    text("status", default="DRAFT"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    ref("agreement_id", "agreements", index=True),
    ref("version_id", "agreement_versions"),
    ref("milestone_id", "milestones"),
    text("milestone_kind"),
    whole_number("round"),
    text("rule"),
    fen("claimed_fen"),
    # What has been accepted of it: kept by trigger from the reviews and the appeals upheld.
    Column("accepted_fen", BigInteger, nullable=False, server_default="0"),
    # Whether an acceptance above the limit waits for the second reviewer: by trigger, too.
    flag("second_wanted"),
    text("note", null=True),
    *who("submitted"),
    at("status_changed_at"),
    version(),
    one_of("status", SUBMISSION.states),
    one_of("milestone_kind", MILESTONE_KINDS),
    one_of("rule", CLAIM_RULES),
    CheckConstraint("claimed_fen >= 0 and accepted_fen between 0 and claimed_fen", name="amounts"),
    CheckConstraint("submitted_by_id is not null and submitted_at is not null", name="submitted"),
    UniqueConstraint("reference"),
    UniqueConstraint("milestone_id", "round"),
    # One acceptance in force per milestone, and one claim that waits for it.
    Index(
        "uq_submissions_live",
        "milestone_id",
        unique=True,
        postgresql_where=sql("status in ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_ACCEPTED')"),
    ),
    Index("ix_submissions_street_status", "street_id", "status", "id"),
    Index("ix_submissions_partner", "partner_id", "id"),
    info={"update": "status status_changed_at version"},
)
"""A partner's claim that a milestone is met."""

claim_steps = Table(
    "claim_steps",
    metadata,
    pk(),
    ref("submission_id", "submissions"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    whole_number("number"),
    text("kind"),
    ref("line_id", "agreement_lines", null=True),
    ref("criterion_id", "criteria", null=True),
    text("metric", null=True),
    Column("value", BigInteger, nullable=True),
    Column("target", BigInteger, nullable=True),
    Column("quantity", BigInteger, nullable=True),
    fen("unit_price_fen", null=True),
    fen("amount_fen", null=True),
    one_of("kind", CLAIM_STEPS),
    one_of("metric", CRITERION_METRICS),
    UniqueConstraint("submission_id", "number"),
)
"""The derivation of a claimed amount, line by line, with the figures as they were: also its metric snapshot."""

submission_deliveries = Table(
    "submission_deliveries",
    metadata,
    pk(),
    ref("submission_id", "submissions", index=True),
    ref("delivery_id", "deliveries"),
    *scope_columns(),
    ref("partner_id", "organizations"),
    ref("line_id", "agreement_lines"),
    # The unit it is part of: itself, its case, its session or its series.
    Column("unit_id", UUID(as_uuid=True), nullable=False),
    # Whether the submission still bills it: kept by trigger.
    flag("live", default=True),
    UniqueConstraint("submission_id", "delivery_id"),
    Index("uq_submission_deliveries_live", "delivery_id", unique=True, postgresql_where=sql("live")),
    Index("ix_submission_deliveries_unit", "unit_id", postgresql_where=sql("live")),
)

submission_documents = Table(
    "submission_documents",
    metadata,
    pk(),
    ref("submission_id", "submissions"),
    ref("document_id", "documents", index=True),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    UniqueConstraint("submission_id", "document_id"),
)

reviews = Table(
    "reviews",
    metadata,
    pk(),
    ref("submission_id", "submissions"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    ref("milestone_id", "milestones"),
    whole_number("number"),
    text("decision"),
    fen("accepted_fen"),
    # An acceptance above the limit is none before somebody of a served community has seconded it.
    flag("awaits_second"),
    ref("seconds_id", "reviews", null=True),
    text("reason_code", null=True),
    text("comment", null=True),
    *who("reviewed"),
    one_of("decision", REVIEW_DECISIONS),
    one_of("reason_code", REVIEW_REASONS),
    CheckConstraint("reviewed_by_id is not null and reviewed_at is not null", name="reviewed"),
    CheckConstraint("accepted_fen >= 0", name="accepted"),
    CheckConstraint(
        "accepted_fen = 0 or decision in ('ACCEPT', 'ACCEPT_IN_PART', 'SECONDED')", name="accepts"
    ),
    CheckConstraint("(decision in ('SECONDED', 'OBJECTED')) = (seconds_id is not null)", name="seconds"),
    CheckConstraint(
        "decision not in ('ACCEPT_IN_PART', 'RETURN', 'REJECT', 'OBJECTED', 'PAYMENT_REJECTED')"
        " or (comment is not null and reason_code is not null)",
        name="reasons",
    ),
    CheckConstraint("not awaits_second or decision in ('ACCEPT', 'ACCEPT_IN_PART')", name="awaits"),
    UniqueConstraint("seconds_id"),
    UniqueConstraint("submission_id", "number"),
)
"""The decisions on a submission, one after another; none is ever changed."""

deductions = Table(
    "deductions",
    metadata,
    pk(),
    text("reference"),
    text("status", default="PROPOSED"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    ref("agreement_id", "agreements", index=True),
    ref("version_id", "agreement_versions"),
    ref("milestone_id", "milestones", index=True),
    ref("submission_id", "submissions", index=True),
    ref("delivery_id", "deliveries", null=True),
    text("kind"),
    fen("amount_fen"),
    text("rule"),
    text("reason"),
    # The payment that it lessens; payments lie to the right and are known by foreign-key name only.
    ref("request_id", "payment_requests", null=True, index=True),
    *who("proposed"),
    version(),
    one_of("status", DEDUCTION.states),
    one_of("kind", DEDUCTION_KINDS),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("proposed_by_id is not null and proposed_at is not null", name="proposed"),
    CheckConstraint("(status in ('APPLIED', 'LIFTED')) = (request_id is not null)", name="applied"),
    UniqueConstraint("reference"),
    # A billed delivery is deducted once, whatever an appeal makes of it; unless the deduction was given up.
    Index(
        "uq_deductions_delivery", "delivery_id", unique=True, postgresql_where=sql("status <> 'WITHDRAWN'")
    ),
    Index("ix_deductions_street_status", "street_id", "status", "id"),
    Index("ix_deductions_partner", "partner_id", "id"),
    info={"update": "status request_id version"},
)

appeals = Table(
    "appeals",
    metadata,
    pk(),
    text("reference"),
    text("status", default="FILED"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    ref("agreement_id", "agreements", index=True),
    ref("version_id", "agreement_versions"),
    ref("milestone_id", "milestones", index=True),
    ref("submission_id", "submissions", index=True),
    ref("deduction_id", "deductions", null=True),
    text("subject"),
    text("grounds"),
    *who("filed"),
    *who("decided"),
    text("decision", null=True),
    fen("awarded_fen", null=True),
    version(),
    one_of("status", APPEAL.states),
    one_of("subject", APPEAL_SUBJECTS),
    CheckConstraint("filed_by_id is not null and filed_at is not null", name="filed"),
    CheckConstraint("(subject = 'DEDUCTION') = (deduction_id is not null)", name="deduction"),
    CheckConstraint(
        "(status = 'FILED') = (decided_by_id is null) and (decided_by_id is null) = (decision is null)",
        name="decided",
    ),
    CheckConstraint("(status = 'UPHELD') = (awarded_fen is not null) and awarded_fen > 0", name="awarded"),
    UniqueConstraint("reference"),
    # Against one decision one appeal: what was denied is not asked again.
    Index("uq_appeals_review", "submission_id", unique=True, postgresql_where=sql("deduction_id is null")),
    Index(
        "uq_appeals_deduction", "deduction_id", unique=True, postgresql_where=sql("deduction_id is not null")
    ),
    Index("ix_appeals_street_status", "street_id", "status", "id"),
    Index("ix_appeals_partner", "partner_id", "id"),
    info={"update": "status decided_by_id decided_at decision awarded_fen version"},
)
