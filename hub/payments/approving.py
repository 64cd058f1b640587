"""A request on its way to the bank: confirmed, checked against its match, approved; or sent back, or given up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.gate import claim
from hub.acceptance.hands import require_hand
from hub.acceptance.states import DEDUCTION
from hub.acceptance.submitting import withdraw_proposed
from hub.acceptance.tables import appeals, deductions, submissions
from hub.agreements.tables import agreements
from hub.base.errors import Conflict
from hub.base.inputs import optional
from hub.base.limits import MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.fund.ledger import fund_of, lock_money, take_back
from hub.payments.hands import state_step
from hub.payments.reviewing import undo_acceptance
from hub.payments.rules import reasons
from hub.payments.states import INVOICE, PAYMENT_REQUEST
from hub.payments.tables import bank_accounts, invoices, payment_requests

TARGET = ("id",)
ASPECTS = ("agreement", "acceptance", "invoice", "account", "fund")
IN_FORCE = ("ACTIVE", "SUSPENDED", "CLOSING")


async def take_up(
    tx: Transaction, request_id: UUID, command: str, version: int | None, side: str
) -> Row[Any]:
    """The request, with its money locked, claimed for a step that this person may take."""
    await lock_money(tx, "payment_requests", request_id)
    request = await claim(tx, payment_requests, request_id, command, version=version)
    PAYMENT_REQUEST.require(request, command)
    await require_hand(tx, request, request.submission_id, side)
    return request


async def require_match(tx: Transaction, request: Row[Any]) -> None:
    """Raise Conflict naming the first aspect of the match that is not OK (I22)."""
    asked = func.payment_match(request.id, tx.today).table_valued(*ASPECTS)
    found = (await tx.execute(select(asked))).one()
    for aspect in ASPECTS:
        result = getattr(found, aspect)
        if result != "OK":
            params = {"reference": request.reference, "reason": f"MatchResult.{result}"}
            raise Conflict("match_incomplete", path=TARGET, **params)


async def move(tx: Transaction, request: Row[Any], command: str, **changes: Any) -> Row[Any]:
    """Make the move, and note since when the request stands there: whoever it waits for has had it since then."""
    return await PAYMENT_REQUEST.move(tx, request, command, status_changed_at=tx.now, **changes)


async def payment_request_confirm(
    tx: Transaction, request_id: UUID, *, note: str | None = None, version: int | None = None
) -> Row[Any]:
    """The station confirms that what was accepted is to be paid. The reviewer may do it herself."""
    command = "payment_request_confirm"
    request = await take_up(tx, request_id, command, version, "REVIEW")
    await state_step(tx, request, "CONFIRM", note=optional(note, ("note",), MAX_TEXT_CHARS))
    request = await move(tx, request, command)
    await tx.emit(command, request, "PaymentRequest", facts={"round": request.round})
    return request


async def payment_request_check(
    tx: Transaction, request_id: UUID, *, note: str | None = None, version: int | None = None
) -> Row[Any]:
    """The accountant checks the match: agreement, acceptance, invoice, account and fund (I22). The account that is
    verified now is the one that will be paid to. After a failed payment this begins a new round with the corrected
    account."""
    command = "payment_request_check"
    request = await take_up(tx, request_id, command, version, "CHECK")
    await require_match(tx, request)
    account = await _verified_account(tx, request)
    if request.status == "FAILED" and account.id == request.account_id:
        raise Conflict("account_not_corrected", code="WRONG_STATE", path=TARGET)
    round_ = request.round + (request.status == "FAILED")
    await state_step(tx, request, "CHECK", round=round_, note=optional(note, ("note",), MAX_TEXT_CHARS))
    invoice = (await tx.execute(select(invoices).where(invoices.c.id == request.invoice_id))).one()
    if invoice.status == "HANDED_IN":
        await INVOICE.move(tx, invoice, command)
    request = await move(tx, request, command, account_id=account.id, round=round_)
    await tx.emit(command, request, "PaymentRequest", facts={"round": request.round})
    return request


async def _verified_account(tx: Transaction, request: Row[Any]) -> Row[Any]:
    statement = select(bank_accounts).where(
        bank_accounts.c.street_id == request.street_id,
        bank_accounts.c.partner_id == request.partner_id,
        bank_accounts.c.status == "VERIFIED",
    )
    return (await tx.execute(statement)).one()


async def payment_request_approve(
    tx: Transaction, request_id: UUID, *, note: str | None = None, version: int | None = None
) -> Row[Any]:
    """The director approves the payment."""
    command = "payment_request_approve"
    request = await take_up(tx, request_id, command, version, "APPROVE")
    await require_match(tx, request)
    await state_step(tx, request, "APPROVE", note=optional(note, ("note",), MAX_TEXT_CHARS))
    request = await move(tx, request, command)
    await tx.emit(command, request, "PaymentRequest", facts={"round": request.round})
    return request


async def payment_request_return(
    tx: Transaction, request_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Send a request back to be put right; once reopened it is confirmed, checked and approved anew."""
    return await _send_back(
        tx, request_id, "payment_request_return", "RETURN", reason_code, reason_text, version
    )


async def payment_request_reopen(
    tx: Transaction, request_id: UUID, *, version: int | None = None
) -> Row[Any]:
    """The station begins a new round with a returned request."""
    command = "payment_request_reopen"
    request = await take_up(tx, request_id, command, version, "REVIEW")
    await state_step(tx, request, "REOPEN")
    changes = {"round": request.round + 1, "account_id": None}
    request = await move(tx, request, command, status_reason_code=None, status_reason=None, **changes)
    await tx.emit(command, request, "PaymentRequest", facts={"round": request.round})
    return request


async def payment_request_reject(
    tx: Transaction, request_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Give a request up before anything was sent. Claim and milestone go back to the partner, the deliveries can be
    billed again, the money is reserved again; when the agreement has ended meanwhile it goes back to the fund."""
    command = "payment_request_reject"
    await lock_money(tx, "payment_requests", request_id)
    request = await claim(tx, payment_requests, request_id, command, version=version)
    PAYMENT_REQUEST.require(request, command)
    await require_hand(tx, request, request.submission_id, "REJECT")
    code, words = reasons(reason_code, reason_text)
    await _require_rejectable(tx, request)
    await state_step(tx, request, "REJECT", reason_code=code, note=words)
    said = {"status_reason_code": code, "status_reason": words}
    request = await move(tx, request, command, **said)
    in_force = await _is_in_force(tx, request)
    await _free_deductions(tx, request, command)
    if request.invoice_id is not None:
        invoice = (await tx.execute(select(invoices).where(invoices.c.id == request.invoice_id))).one()
        await INVOICE.move(tx, invoice, command, given_up_at=tx.now)
    await take_back(tx, await fund_of(tx, request.fund_id), request, keep=in_force)
    submission = (
        await tx.execute(select(submissions).where(submissions.c.id == request.submission_id))
    ).one()
    await withdraw_proposed(tx, submission, command)
    to = "RETURNED" if in_force else "CANCELLED"
    await undo_acceptance(tx, submission, code, words, to)
    facts = {"reasonCode": code, "submissionId": submission.id, "carried": {"Milestone": to}}
    await tx.emit(command, request, "PaymentRequest", facts=facts)
    return request


async def _require_rejectable(tx: Transaction, request: Row[Any]) -> None:
    """What an appeal awarded is not rejected, nor what it was awarded on top of; an open appeal is decided first."""
    others = select(payment_requests.c.reference).where(
        payment_requests.c.milestone_id == request.milestone_id,
        payment_requests.c.kind == "SUPPLEMENTARY",
        payment_requests.c.status.not_in(("REJECTED", "REVERSED")),
    )
    reference = (await tx.execute(others.limit(1))).scalar_one_or_none()
    if reference is not None:
        raise Conflict("awarded_on_appeal", code="WRONG_STATE", path=TARGET, reference=reference)
    waiting = select(appeals.c.reference).where(
        appeals.c.milestone_id == request.milestone_id, appeals.c.status == "FILED"
    )
    reference = (await tx.execute(waiting.limit(1))).scalar_one_or_none()
    if reference is not None:
        raise Conflict("appeal_undecided", code="WRONG_STATE", path=TARGET, reference=reference)


async def _is_in_force(tx: Transaction, request: Row[Any]) -> bool:
    status = select(agreements.c.status).where(agreements.c.id == request.agreement_id)
    return (await tx.execute(status)).scalar_one() in IN_FORCE


async def _free_deductions(tx: Transaction, request: Row[Any], command: str) -> None:
    """What was taken off this claim goes with it; what was about work billed by another one waits for the next
    payment."""
    applied = select(deductions).where(
        deductions.c.request_id == request.id, deductions.c.status == "APPLIED"
    )
    for each in (await tx.execute(applied)).all():
        to = "WITHDRAWN" if each.submission_id == request.submission_id else "PROPOSED"
        await DEDUCTION.move(tx, each, command, to=to, request_id=None)


async def _send_back(
    tx: Transaction, request_id: UUID, command: str, step: str, code: str, text: str, version: int | None
) -> Row[Any]:
    request = await take_up(tx, request_id, command, version, step)
    reason_code, words = reasons(code, text)
    await state_step(tx, request, step, reason_code=reason_code, note=words)
    said = {"status_reason_code": reason_code, "status_reason": words}
    was = request.status
    request = await move(tx, request, command, **said)
    facts = {"reasonCode": reason_code, "was": was, "round": request.round}
    await tx.emit(command, request, "PaymentRequest", facts=facts)
    return request
