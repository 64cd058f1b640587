"""Agreements and what they are made of. Amounts are fen; shares and retention are basis points (1/100 %)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import UUID

from hub.agreements.states import AGREEMENT, MILESTONE
from hub.base.tables import at, count, fen, flag, metadata, on, one_of, pk, ref, scope_columns, text, version
from hub.catalogue.tables import SERVICE_UNITS
from hub.fund.tables import balance, currency, id_list

PROCUREMENT_METHODS = ("OPEN", "SELECTIVE", "LIMITED", "DIRECT")
"""OCDS `tender.procurementMethod`."""

SHORTFALL_RULES = ("NONE", "PROPORTIONAL")
"""What a share stage loses for work that was not done: nothing, or as much as was missing."""

REMAINDER_RULES = ("CARRY_TO_FINAL", "LAPSE")
"""What becomes of a stage's unaccepted remainder."""

AGREEMENT_REASONS = (
    "TERMS_WRONG",
    "MISSING_DATA",
    "PRICE",
    "NO_MONEY",
    "NO_CAPACITY",
    "NOT_QUALIFIED",
    "BREACH",
    "NO_LONGER_NEEDED",
    "ENTERED_IN_ERROR",
    "OTHER",
)
"""Why an agreement was sent back, declined, cancelled or terminated."""

LINE_KINDS = ("UNIT", "BLOCK")
CRITERION_METRICS = (
    "QUANTITY",
    "PARTICIPANTS",
    "AVERAGE_PARTICIPANTS",
    "SESSIONS",
    "ATTENDANCES",
    "FOLLOW_UPS",
    "PERSONS",
    "HOUSEHOLDS",
    "CASES_CLOSED",
    "SATISFACTION_PERCENT",
    "REPORTS",
)
OPERATORS = ("AT_LEAST", "AT_MOST", "EXACTLY")
MILESTONE_KINDS = ("FIRST_STAGE", "DELIVERY", "REPORTING", "ASSESSMENT", "FINAL")


def whole_number(name: str, *, null: bool = False) -> Column[Any]:
    """A whole number that has no default."""
    return Column(name, Integer, nullable=null)


def who(step: str) -> list[Column[Any]]:
    """Who took a step, as which user (set by trigger from the membership, so it cannot be said wrongly), and when."""
    return [
        ref(f"{step}_by_id", "memberships", null=True),
        ref(f"{step}_user_id", "users", null=True),
        at(f"{step}_at", null=True),
    ]


def seen() -> list[Column[Any]]:
    """Who may know of the row: its partner once it was offered, whom it serves once in force. Kept by trigger."""
    return [flag("offered"), flag("was_in_force")]


agreements = Table(
    "agreements",
    metadata,
    pk(),
    text("reference"),
    text("title"),
    text("status", default="DRAFT"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    ref("fund_id", "funds", index=True),
    Column(
        "current_version_id",
        UUID(as_uuid=True),
        ForeignKey("agreement_versions.id", use_alter=True, name="fk_agreements_current_version_id"),
        nullable=True,
    ),
    id_list("community_ids"),
    id_list("drafter_user_ids"),
    fen("ceiling_fen"),
    balance("encumbered_fen"),
    balance("payable_fen"),
    balance("paid_fen"),
    text("status_reason_code", null=True),
    text("status_reason", null=True),
    at("created_at"),
    at("status_changed_at"),
    at("activated_at", null=True),
    at("ended_at", null=True),
    *seen(),
    version(),
    one_of("status", AGREEMENT.states),
    one_of("status_reason_code", AGREEMENT_REASONS),
    CheckConstraint("ceiling_fen > 0", name="ceiling"),
    CheckConstraint("encumbered_fen >= 0 and payable_fen >= 0 and paid_fen >= 0", name="money"),
    UniqueConstraint("reference"),
    Index("ix_agreements_street_status", "street_id", "status", "id"),
    Index("ix_agreements_partner", "partner_id", "id"),
    info={
        "update": "title status partner_id fund_id current_version_id community_ids ceiling_fen status_reason_code"
        " status_reason status_changed_at activated_at ended_at version"
    },
)

agreement_versions = Table(
    "agreement_versions",
    metadata,
    pk(),
    ref("agreement_id", "agreements"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    whole_number("number"),
    fen("ceiling_fen"),
    currency(),
    count("retention_bp"),
    count("payment_days", 30),
    text("shortfall_rule", default="PROPORTIONAL"),
    text("remainder_rule", default="CARRY_TO_FINAL"),
    text("procurement_method", null=True),
    text("procurement_rationale", null=True),
    on("effective_from_on"),
    on("ends_on"),
    *who("prepared"),
    *who("proposed"),
    *who("certified"),
    *who("approved"),
    *who("signed"),
    text("decision_reference", null=True),
    at("created_at"),
    *seen(),
    one_of("currency", ("CNY",)),
    one_of("shortfall_rule", SHORTFALL_RULES),
    one_of("remainder_rule", REMAINDER_RULES),
    one_of("procurement_method", PROCUREMENT_METHODS),
    CheckConstraint("ceiling_fen > 0", name="ceiling"),
    CheckConstraint("retention_bp between 0 and 10000", name="retention"),
    CheckConstraint("effective_from_on <= ends_on", name="term"),
    CheckConstraint("(approved_by_id is null) = (decision_reference is null)", name="decision"),
    # The steps in their order: nobody approves what was not certified, nobody signs what was not approved.
    CheckConstraint(
        "(certified_by_id is null or proposed_by_id is not null)"
        " and (approved_by_id is null or certified_by_id is not null)"
        " and (signed_by_id is null or approved_by_id is not null)",
        name="steps",
    ),
    UniqueConstraint("agreement_id", "number"),
    info={
        "update": "partner_id community_ids ceiling_fen retention_bp payment_days shortfall_rule remainder_rule"
        " procurement_method procurement_rationale effective_from_on ends_on decision_reference prepared_by_id"
        " prepared_at proposed_by_id proposed_at certified_by_id certified_at approved_by_id approved_at"
        " signed_by_id signed_at"
    },
)

agreement_lines = Table(
    "agreement_lines",
    metadata,
    pk(),
    ref("agreement_id", "agreements"),
    ref("version_id", "agreement_versions"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    whole_number("number"),
    text("title"),
    ref("service_type_id", "service_types"),
    text("kind"),
    text("unit"),
    fen("unit_price_fen", null=True),
    whole_number("quantity_cap", null=True),
    fen("amount_cap_fen"),
    id_list("community_ids"),
    *seen(),
    one_of("kind", LINE_KINDS),
    one_of("unit", SERVICE_UNITS),
    CheckConstraint(
        "kind = 'BLOCK' or coalesce("
        "unit_price_fen > 0 and quantity_cap > 0 and amount_cap_fen <= unit_price_fen * quantity_cap, false)",
        name="unit_terms",
    ),
    CheckConstraint("kind = 'UNIT' or unit_price_fen is null", name="block_terms"),
    CheckConstraint("amount_cap_fen > 0 and quantity_cap > 0", name="caps"),
    UniqueConstraint("version_id", "number"),
    # No command changes a line; taking units from one locks it, which needs the right to change some column.
    info={"update": "title", "delete": True},
)

criteria = Table(
    "criteria",
    metadata,
    pk(),
    ref("agreement_id", "agreements"),
    ref("version_id", "agreement_versions", index=True),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    ref("line_id", "agreement_lines", null=True, index=True),
    ref("milestone_id", "milestones", null=True, index=True),
    text("metric"),
    text("operator", default="AT_LEAST"),
    whole_number("target"),
    flag("per_unit"),
    *seen(),
    one_of("metric", CRITERION_METRICS),
    one_of("operator", OPERATORS),
    CheckConstraint("target >= 0", name="target"),
    CheckConstraint("num_nonnulls(line_id, milestone_id) = 1", name="of_one"),
    CheckConstraint("line_id is not null or not per_unit", name="per_unit"),
    info={"delete": True},
)
"""Minimum quality of a line's units (`per_unit`: each of them), or what a milestone asks for."""

milestones = Table(
    "milestones",
    metadata,
    pk(),
    ref("agreement_id", "agreements"),
    ref("version_id", "agreement_versions"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    id_list("community_ids"),
    whole_number("sequence"),
    text("code"),
    text("title"),
    text("kind"),
    text("status", default="SCHEDULED"),
    on("due_on"),
    fen("amount_fen"),
    whole_number("share_bp", null=True),
    id_list("depends_on_ids"),
    # Whether the agreement is in force with this version: kept by trigger, since only then anything is due.
    flag("in_force"),
    *seen(),
    version(),
    one_of("kind", MILESTONE_KINDS),
    one_of("status", MILESTONE.states),
    CheckConstraint("amount_fen >= 0", name="amount"),
    CheckConstraint("share_bp between 1 and 10000", name="share"),
    UniqueConstraint("version_id", "sequence"),
    UniqueConstraint("version_id", "code"),
    Index("ix_milestones_agreement", "agreement_id", "sequence"),
    Index("ix_milestones_street_due", "street_id", "due_on", "id"),
    Index("ix_milestones_partner_due", "partner_id", "due_on", "id"),
    info={"update": "status version", "delete": True},
)
