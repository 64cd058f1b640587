"""Taking off what was not done as agreed: proposed by the station, in effect with the payment that it lessens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from hub.acceptance.hands import require_hand
from hub.acceptance.states import DEDUCTION, SUBMISSION
from hub.acceptance.submitting import of_stage
from hub.acceptance.tables import DEDUCTION_KINDS, deductions, submission_deliveries, submissions
from hub.agreements.states import ACCEPTED
from hub.base.errors import Conflict, NotFound
from hub.base.inputs import one_of, required
from hub.base.limits import MAX_TEXT_CHARS
from hub.base.money import positive_fen_of, yuan
from hub.base.transaction import Transaction
from hub.fund.ledger import lock_money
from hub.organizations.checks import require_no_stake

TARGET = ("id",)
DELIVERY = ("input", "delivery")


async def deduction_propose(
    tx: Transaction,
    submission_id: UUID,
    *,
    kind: str,
    amount: Decimal,
    rule: str,
    reason: str,
    delivery_id: UUID | None = None,
) -> Row[Any]:
    """Propose to take something off, naming the rule of the agreement. It takes effect with the accepting review.

    About one billed delivery it may also be proposed after the review: it then lessens the agreement's next payment
    (I7: a billed delivery is never voided).
    """
    await lock_money(tx, "submissions", submission_id)
    submission = await claim(tx, submissions, submission_id, "deduction_propose")
    await require_hand(tx, submission, submission.id, "REVIEW")
    if delivery_id is not None:
        await _require_billed(tx, submission, delivery_id)
    elif submission.status != "SUBMITTED":
        SUBMISSION.require(submission, "submission_review")
    fen = positive_fen_of(amount, ("input", "amount"))
    if fen > submission.claimed_fen:
        most = yuan(submission.claimed_fen)
        raise Conflict("deduction_above_claim", code="OUT_OF_RANGE", path=("input", "amount"), most=most)
    deduction = await tx.insert_numbered(
        deductions,
        "DE",
        milestone_id=submission.milestone_id,
        submission_id=submission.id,
        delivery_id=delivery_id,
        kind=one_of(kind, DEDUCTION_KINDS, ("input", "kind")),
        amount_fen=fen,
        rule=required(rule, ("input", "rule"), MAX_TEXT_CHARS),
        reason=required(reason, ("input", "reason"), MAX_TEXT_CHARS),
        proposed_by_id=tx.actor.membership_id,
        proposed_at=tx.now,
        **of_stage(submission),
    )
    facts = {"amountFen": fen, "kind": kind, "submissionId": submission.id, "deliveryId": delivery_id}
    await tx.emit("deduction_propose", deduction, "Deduction", facts=facts)
    return deduction


async def _require_billed(tx: Transaction, submission: Row[Any], delivery_id: UUID) -> None:
    """The delivery must be part of the claim, which must be open or accepted, and not be deducted already."""
    billed = select(submission_deliveries.c.id).where(
        submission_deliveries.c.submission_id == submission.id,
        submission_deliveries.c.delivery_id == delivery_id,
        submission_deliveries.c.live,
    )
    if (await tx.execute(billed)).first() is None:
        raise NotFound(path=DELIVERY)
    if submission.status not in ("SUBMITTED", *ACCEPTED):
        SUBMISSION.require(submission, "submission_review")
    earlier = select(deductions.c.reference).where(
        deductions.c.delivery_id == delivery_id, deductions.c.status != "WITHDRAWN"
    )
    if (reference := (await tx.execute(earlier)).scalar_one_or_none()) is not None:
        raise Conflict("delivery_deducted", code="DUPLICATE", path=DELIVERY, reference=reference)


async def deduction_withdraw(tx: Transaction, deduction_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Give a proposed deduction up before it has taken effect."""
    deduction = await claim(tx, deductions, deduction_id, "deduction_withdraw", version=version)
    DEDUCTION.require(deduction, "deduction_withdraw")
    await require_no_stake(tx, deduction.partner_id, TARGET)
    deduction = await DEDUCTION.move(tx, deduction, "deduction_withdraw")
    await tx.emit("deduction_withdraw", deduction, "Deduction")
    return deduction
