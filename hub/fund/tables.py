"""Funds, donations and the ledger. Balances are kept by triggers (`0003_functions.sql`), never by commands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, CHAR, UUID

from hub.base.tables import at, fen, metadata, on, one_of, pk, ref, scope_columns, text, version

FUND_KINDS = ("CHARITY", "FISCAL", "RESTRICTED_DONATION")
FUND_CHANNELS = ("TREASURY", "BANK", "HOLDER")
DONOR_KINDS = ("ORGANIZATION", "PERSON", "ANONYMOUS")
ACCOUNT_KINDS = ("SOURCE", "AVAILABLE", "ENCUMBERED", "PAYABLE", "PAID")
"""Five accounts a fund; SOURCE stands for whoever gave the money and is the only one below zero."""

TRANSFER_STAGES = ("PENDING", "POSTED", "VOIDED")
TRANSFER_REASONS = (
    "DONATION",
    "ENCUMBRANCE",
    "RELEASE",
    "ACCEPTANCE",
    "RETURN",
    "PAYMENT",
    "REVERSAL",
)
"""Money came in, was reserved, given back; accepted work became payable, and no longer; it was paid, and came back."""


def currency() -> Column[Any]:
    """The currency of the row's amounts: CNY, so far."""
    return Column("currency", CHAR(3), nullable=False, server_default="CNY")


def balance(name: str) -> Column[Any]:
    """An amount in fen that a trigger keeps from the ledger's entries."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def id_list(name: str) -> Column[Any]:
    """Ids of other rows: many-to-many visibility as an array is index-friendly under row-level security."""
    return Column(name, ARRAY(UUID(as_uuid=True)), nullable=False, server_default=sql("'{}'::uuid[]"))


funds = Table(
    "funds",
    metadata,
    pk(),
    text("reference"),
    *scope_columns(community=False),
    text("name"),
    text("kind"),
    ref("holder_id", "organizations"),
    ref("payer_id", "organizations"),
    text("channel"),
    Column("purposes", ARRAY(Text), nullable=False),
    id_list("community_ids"),
    currency(),
    balance("available_fen"),
    balance("encumbered_fen"),
    balance("payable_fen"),
    balance("paid_fen"),
    ref("registered_by_id", "memberships"),
    at("created_at"),
    version(),
    one_of("kind", FUND_KINDS),
    one_of("channel", FUND_CHANNELS),
    one_of("currency", ("CNY",)),
    CheckConstraint("cardinality(purposes) > 0 and cardinality(community_ids) > 0", name="purposes"),
    # I2: with these four the money never goes further than it came in.
    CheckConstraint("available_fen >= 0", name="available"),
    CheckConstraint("encumbered_fen >= 0", name="encumbered"),
    CheckConstraint("payable_fen >= 0", name="payable"),
    CheckConstraint("paid_fen >= 0", name="paid"),
    UniqueConstraint("reference"),
    Index("ix_funds_street", "street_id", "id"),
    # Its terms never change and its figures follow the ledger; a row that can be locked needs one column all the same.
    info={"update": "version"},
)

donations = Table(
    "donations",
    metadata,
    pk(),
    text("reference"),
    ref("fund_id", "funds", index=True),
    *scope_columns(community=False),
    text("donor_kind"),
    text("donor_name", null=True),
    text("donor_name_masked", null=True),
    fen("amount_fen"),
    on("received_on"),
    text("voucher_number"),
    text("note", null=True),
    ref("recorded_by_id", "memberships"),
    at("created_at"),
    one_of("donor_kind", DONOR_KINDS),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("(donor_kind = 'ANONYMOUS') = (donor_name is null)", name="donor_name"),
    UniqueConstraint("reference"),
    # The same money is not recorded twice.
    UniqueConstraint("street_id", "voucher_number"),
)

accounts = Table(
    "accounts",
    metadata,
    pk(),
    ref("fund_id", "funds"),
    *scope_columns(community=False),
    text("kind"),
    one_of("kind", ACCOUNT_KINDS),
    UniqueConstraint("fund_id", "kind"),
)

transfers = Table(
    "transfers",
    metadata,
    pk(),
    ref("fund_id", "funds", index=True),
    *scope_columns(community=False),
    text("stage"),
    text("reason"),
    fen("amount_fen"),
    Column("entry_count", Integer, nullable=False),
    ref("pending_id", "transfers", null=True),
    ref("donation_id", "donations", null=True),
    # Agreements and payments lie to the right in the order of imports: known by foreign-key name only.
    ref("agreement_id", "agreements", null=True),
    ref("milestone_id", "milestones", null=True),
    ref("request_id", "payment_requests", null=True, index=True),
    ref("made_by_id", "memberships", null=True),
    at("made_at"),
    one_of("stage", TRANSFER_STAGES),
    one_of("reason", TRANSFER_REASONS),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint(
        "case stage when 'PENDING' then pending_id is null when 'VOIDED' then pending_id is not null"
        " else true end",
        name="pending",
    ),
    CheckConstraint("stage <> 'PENDING' or agreement_id is not null", name="encumbers"),
    CheckConstraint("(reason = 'DONATION') = (donation_id is not null)", name="donation"),
    CheckConstraint(
        "(reason in ('ACCEPTANCE', 'RETURN', 'PAYMENT', 'REVERSAL')) = (request_id is not null)",
        name="request",
    ),
    # A pending transfer is resolved once, a donation entered once.
    UniqueConstraint("pending_id"),
    UniqueConstraint("donation_id"),
    Index("ix_transfers_agreement", "agreement_id", "id"),
)

entries = Table(
    "entries",
    metadata,
    pk(),
    ref("transfer_id", "transfers", index=True),
    ref("account_id", "accounts", index=True),
    ref("fund_id", "funds"),
    *scope_columns(community=False),
    Column("amount_fen", BigInteger, nullable=False),
    CheckConstraint("amount_fen <> 0", name="amount"),
)
"""One side of a transfer: an account gains (above zero) or gives (below zero)."""
