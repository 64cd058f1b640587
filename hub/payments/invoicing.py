"""The partner's invoice for a request: handed in, refused by the accountant, or taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from auth.gate import claim
from hub.acceptance.hands import require_hand
from hub.agreements.tables import agreement_versions, agreements
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import one_of
from hub.base.money import positive_fen_of
from hub.base.transaction import Transaction
from hub.documents.tables import documents
from hub.fund.ledger import lock_money
from hub.fund.tables import funds
from hub.organizations.tables import organizations
from hub.payments.rules import invoice_number, reasons
from hub.payments.states import INVOICE
from hub.payments.tables import INVOICE_KINDS, invoices, payment_requests

REQUEST = ("input", "request")
OPEN = ("CREATED", "CONFIRMED", "RETURNED")


async def invoice_hand_in(
    tx: Transaction,
    request_id: UUID,
    *,
    number: str,
    kind: str,
    amount: Decimal,
    issued_on: date,
    document_id: UUID,
    buyer_id: UUID | None = None,
    seller_id: UUID | None = None,
) -> Row[Any]:
    """Hand in the invoice of a request: as it is written on the paper, so that the match can say what differs.

    Seller is the partner and buyer the fund's payer unless others are named. Raises Conflict naming the earlier request
    when the number was used before, anywhere in the hub.
    """
    await lock_money(tx, "payment_requests", request_id)
    request = await claim(tx, payment_requests, request_id, "invoice_hand_in", path=REQUEST)
    if request.status not in OPEN:
        status = f"PaymentRequestStatus.{request.status}"
        raise Conflict("wrong_state", code="WRONG_STATE", path=REQUEST, status=status)
    path = ("input", "number")
    written = invoice_number(number, path)
    used_for = (await tx.execute(select(func.invoice_used_for(written)))).scalar_one_or_none()
    if used_for is not None:
        raise Conflict("invoice_used", code="DUPLICATE", path=path, number=written, reference=used_for)
    if request.invoice_id is not None:
        raise Conflict("invoice_there", code="WRONG_STATE", path=REQUEST)
    await _require_issued(tx, request, issued_on)
    payer = select(funds.c.payer_id).where(funds.c.id == request.fund_id)
    invoice = await tx.insert(
        invoices,
        request_id=request.id,
        number=written,
        kind=one_of(kind, INVOICE_KINDS, ("input", "kind")),
        amount_fen=positive_fen_of(amount, ("input", "amount")),
        issued_on=issued_on,
        document_id=await _document(tx, request, document_id),
        seller_id=await _organization(tx, seller_id, "seller") or request.partner_id,
        buyer_id=await _organization(tx, buyer_id, "buyer") or (await tx.execute(payer)).scalar_one(),
        handed_in_by_id=tx.actor.membership_id,
        handed_in_at=tx.now,
        **{name: request._mapping[name] for name in ("district_id", "street_id", "partner_id")},
    )
    await _name_invoice(tx, request, invoice.id)
    facts = {"requestId": request.id, "amountFen": invoice.amount_fen, "number": written}
    await tx.emit("invoice_hand_in", invoice, "Invoice", facts=facts)
    return invoice


async def _require_issued(tx: Transaction, request: Row[Any], issued_on: date) -> None:
    """Raise Invalid when the paper is dated in the future, or before there was an agreement to invoice: its first day,
    or the day on which it was drafted if that was earlier."""
    path = ("input", "issuedOn")
    if issued_on > tx.today:
        raise Invalid("issued_in_future", code="OUT_OF_RANGE", path=path)
    wanted = (
        select(
            agreements.c.reference,
            agreements.c.created_at,
            func.min(agreement_versions.c.effective_from_on).label("first"),
        )
        .join(agreement_versions, agreement_versions.c.agreement_id == agreements.c.id)
        .where(agreements.c.id == request.agreement_id)
        .group_by(agreements.c.id)
    )
    agreement = (await tx.execute(wanted)).one()
    since = min(agreement.first, tx.clock.day(agreement.created_at))
    if issued_on < since:
        raise Invalid(
            "issued_long_ago", code="OUT_OF_RANGE", path=path, reference=agreement.reference, since=since
        )


async def _document(tx: Transaction, request: Row[Any], document_id: UUID) -> UUID:
    wanted = select(documents.c.id).where(
        documents.c.id == document_id,
        documents.c.partner_id == request.partner_id,
        documents.c.street_id == request.street_id,
        documents.c.status == "STORED",
    )
    found = (await tx.execute(wanted)).scalar_one_or_none()
    if found is None:
        raise NotFound(path=("input", "document"))
    return found


async def _organization(tx: Transaction, organization_id: UUID | None, name: str) -> UUID | None:
    if organization_id is None:
        return None
    found = await tx.execute(select(organizations.c.id).where(organizations.c.id == organization_id))
    if found.scalar_one_or_none() is None:
        raise NotFound(path=("input", name))
    return organization_id


async def _name_invoice(tx: Transaction, request: Row[Any], invoice_id: UUID | None) -> None:
    """Which invoice the request stands on; its version grows, since whoever saw it before saw another."""
    values = {"invoice_id": invoice_id, "version": payment_requests.c.version + 1}
    await tx.execute(update(payment_requests).where(payment_requests.c.id == request.id).values(**values))


async def invoice_refuse(
    tx: Transaction, invoice_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The accountant refuses an invoice before its request is checked; the partner hands in another."""
    code, words = reasons(reason_code, reason_text)
    said = {"reason_code": code, "reason": words}
    return await _give_up(tx, invoice_id, "invoice_refuse", version, **said)


async def invoice_void(tx: Transaction, invoice_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The partner takes an invoice back, to hand in a right one."""
    return await _give_up(tx, invoice_id, "invoice_void", version)


async def _give_up(
    tx: Transaction, invoice_id: UUID, command: str, version: int | None, **said: str
) -> Row[Any]:
    await lock_money(tx, "invoices", invoice_id)
    invoice = await claim(tx, invoices, invoice_id, command, version=version)
    INVOICE.require(invoice, command)
    wanted = select(payment_requests).where(payment_requests.c.id == invoice.request_id)
    request = (await tx.execute(wanted.with_for_update(key_share=True))).one()
    if command == "invoice_refuse":
        await require_hand(tx, request, request.submission_id, "CHECK")
    if request.status not in OPEN:
        status = f"PaymentRequestStatus.{request.status}"
        raise Conflict("wrong_state", code="WRONG_STATE", status=status)
    invoice = await INVOICE.move(tx, invoice, command, given_up_at=tx.now, **said)
    await _name_invoice(tx, request, None)
    facts = {"requestId": request.id, "reasonCode": said.get("reason_code")}
    await tx.emit(command, invoice, "Invoice", facts=facts)
    return invoice
