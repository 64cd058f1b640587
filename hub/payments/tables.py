"""Invoices, bank accounts, payment requests with their approvals, and payments. Amounts are fen."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Table, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import UUID

from hub.acceptance.tables import REVIEW_REASONS
from hub.agreements.tables import who, whole_number
from hub.base.tables import at, count, fen, metadata, on, one_of, pk, ref, scope_columns, text, version
from hub.fund.tables import currency, id_list
from hub.payments.states import BANK_ACCOUNT, INVOICE, PAYMENT, PAYMENT_REQUEST

INVOICE_KINDS = ("INVOICE", "FISCAL_RECEIPT")
"""发票 or 财政票据."""

REQUEST_KINDS = ("ORDINARY", "SUPPLEMENTARY")

APPROVAL_STEPS = (
    "CONFIRM",
    "CHECK",
    "APPROVE",
    "SEND",
    "SETTLE",
    "FAIL",
    "RETURN",
    "REOPEN",
    "REJECT",
    "REVERSE",
)

SIDES = ("PARTNER", "REVIEW", "CHECK", "APPROVE", "SEND", "SETTLE", "VERIFY_ACCOUNT", "AGREEMENT", "APPEAL")
"""The sides on which somebody has a hand in a claim and its payments (I4); confirming is on the side of the review."""

ACCOUNT_PURPOSES = ("VERIFICATION", "PAYMENT", "RECONCILIATION")
"""What the plain number of an account is asked for."""

PAYMENT_REASONS = (
    *REVIEW_REASONS,
    "INVOICE_WRONG",
    "ACCOUNT_WRONG",
    "BANK_REFUSED",
    "NO_MONEY",
    "PAID_IN_ERROR",
)
"""Why a request was returned or rejected, a payment failed or was reversed, an invoice refused."""

MATCH_RESULTS = (
    "OK",
    "AGREEMENT_NOT_IN_FORCE",
    "NOT_ACCEPTED",
    "AMOUNT_NOT_ACCEPTED",
    "SECOND_REVIEW_MISSING",
    "INVOICE_MISSING",
    "INVOICE_SELLER",
    "INVOICE_BUYER",
    "INVOICE_AMOUNT",
    "INVOICE_DOCUMENT",
    "ACCOUNT_MISSING",
    "ACCOUNT_COOLING",
    "ACCOUNT_RETIRED",
    "FUND_SHORT",
)
"""三单匹配: what each aspect of a match comes to (I22)."""

organization_keys = Table(
    "organization_keys",
    metadata,
    Column("organization_id", UUID(as_uuid=True), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    at("created_at"),
    # A partner's key serves every street it works for; what it opens is guarded where the sealed value stands.
    info={"rows": "true"},
)

bank_accounts = Table(
    "bank_accounts",
    metadata,
    pk(),
    text("reference"),
    text("status", default="PROPOSED"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    text("holder_name"),
    text("bank_name"),
    Column("number_sealed", LargeBinary, nullable=False),
    text("number_last4"),
    Column("number_index", LargeBinary, nullable=False),
    *who("proposed"),
    *who("verified"),
    # The first day on which it may be paid to: a changed account is slept on.
    on("usable_from_on", null=True),
    at("retired_at", null=True),
    version(),
    one_of("status", BANK_ACCOUNT.states),
    CheckConstraint("proposed_by_id is not null and proposed_at is not null", name="proposed"),
    CheckConstraint("number_last4 ~ '^[0-9]{4}$'", name="last4"),
    CheckConstraint(
        "status <> 'VERIFIED' or (verified_by_id is not null and usable_from_on is not null)", name="verified"
    ),
    CheckConstraint("(status = 'RETIRED') = (retired_at is not null)", name="retired"),
    UniqueConstraint("reference"),
    Index(
        "uq_bank_accounts_verified",
        "street_id",
        "partner_id",
        unique=True,
        postgresql_where=sql("status = 'VERIFIED'"),
    ),
    Index(
        "uq_bank_accounts_number",
        "street_id",
        "partner_id",
        "number_index",
        unique=True,
        postgresql_where=sql("status <> 'RETIRED'"),
    ),
    Index("ix_bank_accounts_partner", "partner_id", "id"),
    info={"update": "status verified_by_id verified_at usable_from_on retired_at version"},
)
"""Where a street pays a partner. Holder and bank are an organization's, not personal; the number is sealed."""

invoices = Table(
    "invoices",
    metadata,
    pk(),
    text("status", default="HANDED_IN"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    ref("request_id", "payment_requests"),
    text("number"),
    text("kind"),
    ref("seller_id", "organizations"),
    ref("buyer_id", "organizations"),
    fen("amount_fen"),
    currency(),
    on("issued_on"),
    ref("document_id", "documents"),
    text("reason_code", null=True),
    text("reason", null=True),
    *who("handed_in"),
    at("given_up_at", null=True),
    version(),
    one_of("status", INVOICE.states),
    one_of("kind", INVOICE_KINDS),
    one_of("currency", ("CNY",)),
    one_of("reason_code", PAYMENT_REASONS),
    CheckConstraint("handed_in_by_id is not null and handed_in_at is not null", name="handed_in"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("number ~ '^[0-9A-Z-]{4,40}$'", name="number"),
    CheckConstraint("status <> 'REFUSED' or reason_code is not null", name="refused"),
    CheckConstraint("(status in ('REFUSED', 'VOIDED')) = (given_up_at is not null)", name="given_up"),
    # A number counts once in the whole hub, and a request has one invoice at a time.
    Index(
        "uq_invoices_number",
        "number",
        unique=True,
        postgresql_where=sql("status in ('HANDED_IN', 'MATCHED')"),
    ),
    Index(
        "uq_invoices_request",
        "request_id",
        unique=True,
        postgresql_where=sql("status in ('HANDED_IN', 'MATCHED')"),
    ),
    Index("ix_invoices_street", "street_id", "id"),
    Index("ix_invoices_partner", "partner_id", "id"),
    info={"update": "status reason_code reason given_up_at version"},
)

payment_requests = Table(
    "payment_requests",
    metadata,
    pk(),
    text("reference"),
    text("status", default="CREATED"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    ref("fund_id", "funds", index=True),
    ref("agreement_id", "agreements", index=True),
    ref("version_id", "agreement_versions"),
    ref("milestone_id", "milestones", index=True),
    ref("submission_id", "submissions", index=True),
    text("kind", default="ORDINARY"),
    ref("appeal_id", "appeals", null=True),
    ref("replaces_id", "payment_requests", null=True),
    fen("accepted_fen"),
    fen("deducted_fen"),
    fen("payable_fen"),
    currency(),
    on("due_on"),
    on("paid_on", null=True),
    # Rounds of approval: a returned request, and one with a corrected account, is approved anew.
    count("round", 1),
    ref("invoice_id", "invoices", null=True),
    ref("account_id", "bank_accounts", null=True),
    # Who has had a hand in it, by trigger from reviews and approvals: what `availableActions` is blocked by (I4).
    id_list("reviewer_user_ids"),
    id_list("checker_user_ids"),
    id_list("approver_user_ids"),
    id_list("sender_user_ids"),
    text("status_reason_code", null=True),
    text("status_reason", null=True),
    at("created_at"),
    at("status_changed_at"),
    version(),
    one_of("status", PAYMENT_REQUEST.states),
    one_of("kind", REQUEST_KINDS),
    one_of("currency", ("CNY",)),
    one_of("status_reason_code", PAYMENT_REASONS),
    CheckConstraint("payable_fen > 0 and deducted_fen >= 0", name="payable"),
    CheckConstraint("payable_fen = accepted_fen - deducted_fen", name="difference"),
    CheckConstraint("(kind = 'SUPPLEMENTARY') = (appeal_id is not null)", name="supplementary"),
    CheckConstraint("(status in ('PAID', 'REVERSED')) = (paid_on is not null)", name="paid"),
    UniqueConstraint("reference"),
    UniqueConstraint("replaces_id"),
    Index(
        "uq_payment_requests_live",
        "milestone_id",
        unique=True,
        postgresql_where=sql("kind = 'ORDINARY' and status not in ('REJECTED', 'REVERSED')"),
    ),
    Index(
        "uq_payment_requests_appeal",
        "appeal_id",
        unique=True,
        postgresql_where=sql("appeal_id is not null and status not in ('REJECTED', 'REVERSED')"),
    ),
    Index("ix_payment_requests_street_status", "street_id", "status", "id"),
    Index("ix_payment_requests_street_due", "street_id", "due_on", "id"),
    Index("ix_payment_requests_partner", "partner_id", "id"),
    info={
        "update": "status round invoice_id account_id paid_on status_reason_code status_reason status_changed_at"
        " version"
    },
)
"""What an accepting review, or an upheld appeal, makes payable."""

approvals = Table(
    "approvals",
    metadata,
    pk(),
    ref("request_id", "payment_requests"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    text("step"),
    whole_number("round"),
    *who("made"),
    text("reason_code", null=True),
    text("note", null=True),
    one_of("step", APPROVAL_STEPS),
    one_of("reason_code", PAYMENT_REASONS),
    CheckConstraint("made_by_id is not null and made_at is not null", name="made"),
    CheckConstraint(
        "step not in ('RETURN', 'REJECT', 'FAIL', 'REVERSE') or (reason_code is not null and note is not null)",
        name="reasons",
    ),
    Index("ix_approvals_request", "request_id", "id"),
)
"""Every step anybody took on a request; insert-only."""

payments = Table(
    "payments",
    metadata,
    pk(),
    text("reference"),
    text("status", default="SENT"),
    *scope_columns(community=False),
    ref("partner_id", "organizations"),
    ref("agreement_id", "agreements"),
    ref("milestone_id", "milestones", index=True),
    ref("request_id", "payment_requests", index=True),
    ref("account_id", "bank_accounts"),
    fen("amount_fen"),
    currency(),
    text("bank_reference", null=True),
    *who("sent"),
    *who("settled"),
    on("settled_on", null=True),
    *who("failed"),
    *who("reversed"),
    text("reason_code", null=True),
    text("reason", null=True),
    text("refund_reference", null=True),
    version(),
    one_of("status", PAYMENT.states),
    one_of("currency", ("CNY",)),
    one_of("reason_code", PAYMENT_REASONS),
    CheckConstraint("sent_by_id is not null and sent_at is not null", name="sent"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint(
        "(status in ('SETTLED', 'REVERSED')) = (settled_by_id is not null and bank_reference is not null"
        " and settled_on is not null)",
        name="settled",
    ),
    CheckConstraint("status not in ('FAILED', 'REVERSED') or reason_code is not null", name="reasons"),
    CheckConstraint("refund_reference is null or status = 'REVERSED'", name="refunded"),
    UniqueConstraint("reference"),
    UniqueConstraint("bank_reference"),
    UniqueConstraint("refund_reference"),
    Index(
        "uq_payments_live", "request_id", unique=True, postgresql_where=sql("status in ('SENT', 'SETTLED')")
    ),
    Index("ix_payments_street", "street_id", "id"),
    Index("ix_payments_partner", "partner_id", "id"),
    info={
        "update": "status bank_reference settled_by_id settled_at settled_on failed_by_id failed_at reversed_by_id"
        " reversed_at reason_code reason refund_reference version"
    },
)
"""Money on its way, or arrived. The account it went to never changes (its row is frozen)."""
