"""The money itself: sent by the cashier, settled by the accountant from the bank's slip; failed, or reversed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from auth.gate import claim
from hub.acceptance.hands import require_hand
from hub.acceptance.tables import deductions, submissions
from hub.agreements.states import MILESTONE
from hub.agreements.tables import milestones
from hub.base.errors import Conflict, Invalid
from hub.base.transaction import Transaction
from hub.fund.ledger import fund_of, lock_money, pay, reverse
from hub.payments.approving import move, require_match, take_up
from hub.payments.hands import state_step
from hub.payments.requesting import REPEATED, settle_stage
from hub.payments.rules import bank_slip, reasons
from hub.payments.states import PAYMENT
from hub.payments.tables import bank_accounts, payment_requests, payments

TARGET = ("id",)


async def payment_send(tx: Transaction, request_id: UUID, *, version: int | None = None) -> dict[str, Any]:
    """The cashier sends the whole amount to the account that was checked. From FAILED: once more to the same one.

    Returns request and payment.
    """
    command = "payment_send"
    request = await take_up(tx, request_id, command, version, "SEND")
    await _require_same_account(tx, request)
    await require_match(tx, request)
    await state_step(tx, request, "SEND")
    payment = await tx.insert_numbered(
        payments,
        "PAY",
        request_id=request.id,
        account_id=request.account_id,
        amount_fen=request.payable_fen,
        sent_by_id=tx.actor.membership_id,
        sent_at=tx.now,
        **{name: request._mapping[name] for name in REPEATED if name != "version_id"},
    )
    request = await move(tx, request, command, status_reason_code=None, status_reason=None)
    await tx.emit(command, request, "PaymentRequest", facts={"paymentId": payment.id})
    return {"request": request, "payment": payment}


async def _require_same_account(tx: Transaction, request: Row[Any]) -> None:
    """What was approved was a payment to this account: when it was replaced, the request is checked anew."""
    status = select(bank_accounts.c.status).where(bank_accounts.c.id == request.account_id)
    if (await tx.execute(status)).scalar_one() != "VERIFIED":
        raise Conflict("account_replaced", code="WRONG_STATE", path=TARGET)


async def _claimed(
    tx: Transaction, payment_id: UUID, command: str, version: int | None
) -> tuple[Row[Any], Row[Any]]:
    """A payment and its request, money locked, for somebody who may say what became of it: never who sent it."""
    await lock_money(tx, "payments", payment_id)
    payment = await claim(tx, payments, payment_id, command, version=version)
    PAYMENT.require(payment, command)
    wanted = payment_requests.c.id == payment.request_id
    statement = select(payment_requests).where(wanted).with_for_update(key_share=True)
    request = (await tx.execute(statement)).one()
    await require_hand(tx, request, request.submission_id, "SETTLE")
    return payment, request


async def payment_settle(
    tx: Transaction, payment_id: UUID, *, bank_reference: str, settled_on: date, version: int | None = None
) -> Row[Any]:
    """The accountant books that the money arrived, under the bank's reference. Never the sender (I4)."""
    command = "payment_settle"
    payment, request = await _claimed(tx, payment_id, command, version)
    slip = bank_slip(bank_reference, ("bankReference",))
    if not tx.clock.day(payment.sent_at) <= settled_on <= tx.today:
        raise Invalid("settled_on_range", code="OUT_OF_RANGE", path=("settledOn",))
    await state_step(tx, request, "SETTLE")
    said = {"settled_by_id": tx.actor.membership_id, "settled_at": tx.now, "settled_on": settled_on}
    payment = await PAYMENT.move(tx, payment, command, bank_reference=slip, **said)
    request = await move(tx, request, command, paid_on=settled_on)
    await pay(tx, await fund_of(tx, request.fund_id), request)
    settled = await settle_stage(tx, request)
    facts = {"amountFen": payment.amount_fen, "requestId": request.id, "milestoneSettled": settled}
    await tx.emit(command, payment, "Payment", facts=facts)
    return payment


async def payment_fail(
    tx: Transaction, payment_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The bank returned the money. It is sent again, or checked and approved anew with a corrected account."""
    command = "payment_fail"
    payment, request = await _claimed(tx, payment_id, command, version)
    code, words = reasons(reason_code, reason_text)
    await state_step(tx, request, "FAIL", reason_code=code, note=words)
    said = {"failed_by_id": tx.actor.membership_id, "failed_at": tx.now, "reason_code": code, "reason": words}
    payment = await PAYMENT.move(tx, payment, command, **said)
    await move(tx, request, command, status_reason_code=code, status_reason=words)
    await tx.emit(command, payment, "Payment", facts={"reasonCode": code, "requestId": request.id})
    return payment


async def payment_reverse(
    tx: Transaction,
    payment_id: UUID,
    *,
    reason_code: str,
    reason_text: str,
    refund_reference: str | None = None,
    version: int | None = None,
) -> dict[str, Any]:
    """Undo a settled payment by compensating entries. The money is owed again, under a new request that begins anew.

    `refund_reference`: the bank's, of the money that came back; none where only the booking was wrong. A slip stands
    for one movement of money (I3). Returns the payment and the new request.
    """
    command = "payment_reverse"
    payment, request = await _claimed(tx, payment_id, command, version)
    code, words = reasons(reason_code, reason_text)
    slip = None if refund_reference is None else bank_slip(refund_reference, ("refundReference",))
    await state_step(tx, request, "REVERSE", reason_code=code, note=words)
    said = {
        "reversed_by_id": tx.actor.membership_id,
        "reversed_at": tx.now,
        "reason_code": code,
        "reason": words,
        "refund_reference": slip,
    }
    payment = await PAYMENT.move(tx, payment, command, **said)
    request = await move(tx, request, command, status_reason_code=code, status_reason=words)
    await reverse(tx, await fund_of(tx, request.fund_id), request)
    again = await _ask_again(tx, request)
    await _reopen_stage(tx, request)
    facts = {"reasonCode": code, "requestId": request.id, "newRequestId": again.id}
    await tx.emit(command, payment, "Payment", facts=facts)
    return {"payment": payment, "request": again}


async def _ask_again(tx: Transaction, request: Row[Any]) -> Row[Any]:
    """The same request anew; the ledger already owes it. An invoice counts once, so a new one has to be handed in."""
    repeated = (
        "fund_id",
        "submission_id",
        "kind",
        "appeal_id",
        "accepted_fen",
        "deducted_fen",
        "payable_fen",
    )
    again = await tx.insert_numbered(
        payment_requests,
        "PR",
        replaces_id=request.id,
        due_on=request.due_on,
        created_at=tx.now,
        status_changed_at=tx.now,
        **{name: request._mapping[name] for name in (*REPEATED, *repeated)},
    )
    # What lessens the amount goes along with it.
    lessening = deductions.c.request_id == request.id
    await tx.execute(update(deductions).where(lessening).values(request_id=again.id))
    return again


async def _reopen_stage(tx: Transaction, request: Row[Any]) -> None:
    """A milestone whose own payment was reversed is accepted, no longer settled."""
    if not (await tx.execute(select(func.stage_unpaid(request.milestone_id)))).scalar_one():
        return
    statement = select(milestones).where(milestones.c.id == request.milestone_id)
    stage = (await tx.execute(statement)).one()
    of_claim = select(submissions.c.status).where(submissions.c.id == request.submission_id)
    if stage.status == "SETTLED":
        await MILESTONE.move(tx, stage, "payment_reverse", to=(await tx.execute(of_claim)).scalar_one())
