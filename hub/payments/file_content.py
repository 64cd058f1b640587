"""What a payment file is about, read once: from the agreement to the bank's slip."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, column, func, select

from auth.tables import memberships
from hub.acceptance.tables import appeals, deductions, reviews, submissions
from hub.agreements.tables import agreement_versions, agreements, milestones
from hub.base.transaction import Transaction
from hub.documents.tables import documents
from hub.fund.tables import funds
from hub.organizations.tables import organizations
from hub.payments.tables import approvals, bank_accounts, invoices, payment_requests, payments

MATCHED = ("agreement", "acceptance", "invoice", "account", "fund")


@dataclasses.dataclass(frozen=True)
class PaymentFile:
    """Everything that the paper says. `people` are memberships, `places` organizations, by id."""

    request: Row[Any]
    replaces: str | None
    fund: Row[Any]
    agreement: Row[Any]
    version: Row[Any]
    milestone: Row[Any]
    submission: Row[Any]
    reviews: Sequence[Row[Any]]
    deductions: Sequence[Row[Any]]
    appeal: Row[Any] | None
    invoice: Row[Any] | None
    paper: Row[Any] | None
    account: Row[Any] | None
    match: Row[Any]
    approvals: Sequence[Row[Any]]
    payments: Sequence[Row[Any]]
    people: Mapping[UUID, Row[Any]]
    places: Mapping[UUID, Row[Any]]


async def gather(tx: Transaction, request: Row[Any]) -> PaymentFile:
    """Read a request that has been found within the viewer's rows."""
    version = await _one(tx, agreement_versions, request.version_id)
    fund = await _one(tx, funds, request.fund_id)
    invoice = await _maybe(tx, invoices, request.invoice_id)
    account = await _maybe(tx, bank_accounts, request.account_id)
    appeal = await _maybe(tx, appeals, request.appeal_id)
    decided = await _of(tx, reviews, reviews.c.submission_id == request.submission_id, reviews.c.number)
    taken = await _of(tx, approvals, approvals.c.request_id == request.id, approvals.c.id)
    sent = await _of(tx, payments, payments.c.request_id == request.id, payments.c.id)
    replaced = await _maybe(tx, payment_requests, request.replaces_id)
    hands = [
        *(version.certified_by_id, version.approved_by_id, version.signed_by_id),
        *(row.reviewed_by_id for row in decided),
        *(row.made_by_id for row in taken),
        *(by for row in sent for by in (row.sent_by_id, row.settled_by_id)),
        *((account.verified_by_id,) if account else ()),
        *((appeal.decided_by_id,) if appeal else ()),
    ]
    places = [request.street_id, request.partner_id, fund.payer_id, fund.holder_id]
    places += [invoice.seller_id, invoice.buyer_id] if invoice else []
    return PaymentFile(
        request=request,
        replaces=replaced.reference if replaced else None,
        fund=fund,
        agreement=await _one(tx, agreements, request.agreement_id),
        version=version,
        milestone=await _one(tx, milestones, request.milestone_id),
        submission=await _one(tx, submissions, request.submission_id),
        reviews=decided,
        deductions=await _of(tx, deductions, deductions.c.request_id == request.id, deductions.c.id),
        appeal=appeal,
        invoice=invoice,
        paper=await _maybe(tx, documents, invoice.document_id) if invoice else None,
        account=account,
        match=await _match(tx, request),
        approvals=taken,
        payments=sent,
        people=await _by_id(tx, memberships, hands),
        places=await _by_id(tx, organizations, places),
    )


async def _one(tx: Transaction, table: Any, row_id: UUID) -> Row[Any]:
    return (await tx.execute(select(table).where(table.c.id == row_id))).one()


async def _maybe(tx: Transaction, table: Any, row_id: UUID | None) -> Row[Any] | None:
    return None if row_id is None else await _one(tx, table, row_id)


async def _of(tx: Transaction, table: Any, wanted: Any, order: Any) -> Sequence[Row[Any]]:
    return (await tx.execute(select(table).where(wanted).order_by(order))).all()


async def _by_id(tx: Transaction, table: Any, ids: Sequence[UUID | None]) -> Mapping[UUID, Row[Any]]:
    wanted = select(table).where(table.c.id.in_({one for one in ids if one is not None}))
    return {row.id: row for row in (await tx.execute(wanted)).all()}


async def _match(tx: Transaction, request: Row[Any]) -> Row[Any]:
    """三单匹配 as it is today."""
    matched = func.payment_match(request.id, tx.today).table_valued(*(column(name) for name in MATCHED))
    return (await tx.execute(select(matched))).one()
