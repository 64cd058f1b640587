"""Appeals: filed by the partner against a decision that went against it, decided by a leader who neither reviewed nor
approved. Upheld, an appeal makes something payable."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from auth.gate import claim
from hub.acceptance.hands import require_hand
from hub.acceptance.states import APPEAL, DEDUCTION, SUBMISSION
from hub.acceptance.submitting import milestone_of, of_stage
from hub.acceptance.tables import APPEAL_SUBJECTS, appeals, deductions, submissions
from hub.agreements.states import ACCEPTED, MILESTONE
from hub.agreements.tables import agreement_versions, milestones
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import required
from hub.base.limits import APPEAL_DAYS, MAX_TEXT_CHARS
from hub.base.money import positive_fen_of, yuan
from hub.base.transaction import Transaction
from hub.fund.ledger import lock_money
from hub.payments.requesting import create_request, settle_stage
from hub.payments.tables import payment_requests

AWARDED = ("input", "awarded")


async def appeal_file(
    tx: Transaction, submission_id: UUID, *, grounds: str, deduction_id: UUID | None = None
) -> Row[Any]:
    """Appeal against a rejection or part acceptance, or with `deduction_id` against a deduction that took effect.

    Within APPEAL_DAYS of the decision (of a deduction: of the request that it lessened), once, and not when the stage
    has been claimed anew, the final one has settled it, or the agreement was ended.
    """
    await lock_money(tx, "submissions", submission_id)
    submission = await claim(tx, submissions, submission_id, "appeal_file")
    since = await _since(tx, submission, deduction_id)
    if tx.clock.day(since).toordinal() + APPEAL_DAYS < tx.today.toordinal():
        raise Conflict("appeal_late", code="EXPIRED", days=APPEAL_DAYS)
    await _require_last_word(tx, submission, deduction_id)
    appeal = await tx.insert_numbered(
        appeals,
        "AP",
        milestone_id=submission.milestone_id,
        submission_id=submission.id,
        deduction_id=deduction_id,
        subject=APPEAL_SUBJECTS[deduction_id is not None],
        grounds=required(grounds, ("input", "grounds"), MAX_TEXT_CHARS),
        filed_by_id=tx.actor.membership_id,
        filed_at=tx.now,
        **of_stage(submission),
    )
    facts = {"submissionId": submission.id, "deductionId": deduction_id}
    await tx.emit("appeal_file", appeal, "Appeal", facts=facts)
    return appeal


async def _since(tx: Transaction, submission: Row[Any], deduction_id: UUID | None) -> datetime:
    """When the decision was made that is appealed against. Raises Conflict when there is none."""
    if deduction_id is None:
        if submission.status not in ("REJECTED", "PARTIALLY_ACCEPTED"):
            status = f"SubmissionStatus.{submission.status}"
            raise Conflict("nothing_to_appeal", code="WRONG_STATE", status=status)
        return submission.status_changed_at
    wanted = deductions.c.id == deduction_id, deductions.c.submission_id == submission.id
    found = (await tx.execute(select(deductions).where(*wanted))).one_or_none()
    if found is None:
        raise NotFound(path=("input", "deduction"))
    DEDUCTION.require(found, "appeal_decide")
    lessened = select(payment_requests.c.created_at).where(payment_requests.c.id == found.request_id)
    return (await tx.execute(lessened)).scalar_one()


async def _require_last_word(tx: Transaction, submission: Row[Any], deduction_id: UUID | None) -> None:
    same = appeals.c.deduction_id == deduction_id if deduction_id else appeals.c.deduction_id.is_(None)
    earlier = select(appeals.c.reference).where(appeals.c.submission_id == submission.id, same)
    if (reference := (await tx.execute(earlier)).scalar_one_or_none()) is not None:
        raise Conflict("appeal_twice", code="DUPLICATE", reference=reference)
    await _require_not_overtaken(tx, submission)


async def _require_not_overtaken(tx: Transaction, submission: Row[Any]) -> None:
    """Raise Conflict when a later claim, of the stage or of the final one, has taken the place of this one."""
    later = select(func.count()).where(
        submissions.c.milestone_id == submission.milestone_id, submissions.c.round > submission.round
    )
    if (await tx.execute(later)).scalar_one():
        raise Conflict("appeal_overtaken", code="WRONG_STATE")
    if submission.status != "REJECTED":
        return
    stage = await milestone_of(tx, submission)
    settling = select(milestones.c.id).where(
        milestones.c.version_id == stage.version_id,
        milestones.c.kind == "FINAL",
        milestones.c.id != stage.id,
        milestones.c.status.in_(("SUBMITTED", *ACCEPTED, "SETTLED")),
    )
    if stage.status != "REJECTED" or (await tx.execute(settling.limit(1))).first() is not None:
        raise Conflict("appeal_overtaken", code="WRONG_STATE")


async def appeal_decide(
    tx: Transaction,
    appeal_id: UUID,
    *,
    upheld: bool,
    decision: str,
    awarded: Decimal | None = None,
    version: int | None = None,
) -> dict[str, Any]:
    """Uphold or deny an appeal. Against a review the award (`awarded`, yuan) is accepted on top; against a deduction
    the deduction is lifted whole. What is upheld is requested: for a rejected claim as its payment, else
    supplementary.

    Returns the appeal, and the request where there is one.
    """
    command = "appeal_decide"
    await lock_money(tx, "appeals", appeal_id)
    appeal = await claim(tx, appeals, appeal_id, command, version=version)
    APPEAL.require(appeal, command)
    submission = await _payable(tx, appeal)
    for concerned in {appeal.submission_id, submission.id}:
        await require_hand(tx, appeal, concerned, "APPEAL")
    words = required(decision, ("input", "decision"), MAX_TEXT_CHARS)
    fen = await _award(tx, appeal, submission, awarded) if upheld else None
    if not upheld and awarded is not None:
        raise Invalid("accepted_not_asked", path=AWARDED)
    to = "UPHELD" if upheld else "DENIED"
    said = {
        "decided_by_id": tx.actor.membership_id,
        "decided_at": tx.now,
        "decision": words,
        "awarded_fen": fen,
    }
    appeal = await APPEAL.move(tx, appeal, command, to=to, **said)
    request = None if fen is None else await _carry_out(tx, appeal, submission, fen)
    if request is None and (await milestone_of(tx, appeal)).status == "SETTLED":
        await settle_stage(tx, appeal)  # what had waited for the decision goes as agreed
    facts = {"upheld": upheld, "awardedFen": fen, "requestId": request.id if request else None}
    await tx.emit(command, appeal, "Appeal", facts=facts)
    return {"appeal": appeal, "request": request}


async def _payable(tx: Transaction, appeal: Row[Any]) -> Row[Any]:
    """The claim for which an upheld appeal makes something payable: that of the payment which the deduction lessened,
    else its own."""
    wanted = appeal.submission_id
    if appeal.deduction_id is not None:
        lessened = (
            select(payment_requests.c.submission_id)
            .join(deductions, deductions.c.request_id == payment_requests.c.id)
            .where(deductions.c.id == appeal.deduction_id)
        )
        wanted = (await tx.execute(lessened)).scalar_one()
    return (await tx.execute(select(submissions).where(submissions.c.id == wanted))).one()


async def _award(tx: Transaction, appeal: Row[Any], submission: Row[Any], awarded: Decimal | None) -> int:
    """What the decision is worth, in fen: never more than was claimed and not accepted, nor than what
    of it the final stage has left."""
    if appeal.subject == "DEDUCTION":
        if awarded is not None:
            raise Invalid("accepted_not_asked", path=AWARDED)
        amount = select(deductions.c.amount_fen).where(deductions.c.id == appeal.deduction_id)
        return (await tx.execute(amount)).scalar_one()
    if awarded is None:
        raise Invalid("required", code="REQUIRED", path=AWARDED)
    fen = positive_fen_of(awarded, AWARDED)
    most = submission.claimed_fen - submission.accepted_fen
    if fen > most:
        raise Conflict("award_above_claim", code="OUT_OF_RANGE", path=AWARDED, most=yuan(most))
    room = await _left_by_final(tx, submission)
    if room is not None and fen > room:
        raise Conflict("award_carried", code="OUT_OF_RANGE", path=AWARDED, most=yuan(room))
    return fen


async def _left_by_final(tx: Transaction, submission: Row[Any]) -> int | None:
    """How much the final stage, which remainders were carried to, may still be accepted for; None without one."""
    final = (
        select(func.milestone_limit(milestones.c.id) - func.milestone_accepted(milestones.c.id))
        .join(agreement_versions, agreement_versions.c.id == milestones.c.version_id)
        .where(
            milestones.c.version_id == submission.version_id,
            milestones.c.kind == "FINAL",
            milestones.c.id != submission.milestone_id,
            milestones.c.status.in_((*ACCEPTED, "SETTLED")),
            agreement_versions.c.remainder_rule == "CARRY_TO_FINAL",
        )
        .order_by(milestones.c.sequence.desc())
    )
    return (await tx.execute(final.limit(1))).scalar_one_or_none()


async def _carry_out(tx: Transaction, appeal: Row[Any], submission: Row[Any], fen: int) -> Row[Any]:
    command = "appeal_decide"
    if appeal.subject == "DEDUCTION":
        wanted = select(deductions).where(deductions.c.id == appeal.deduction_id)
        await DEDUCTION.move(tx, (await tx.execute(wanted)).one(), command)
    elif submission.status == "REJECTED":
        await _require_not_overtaken(tx, submission)
        to = "ACCEPTED" if fen == submission.claimed_fen else "PARTIALLY_ACCEPTED"
        submission = await SUBMISSION.move(tx, submission, command, to=to, status_changed_at=tx.now)
        await MILESTONE.move(tx, await milestone_of(tx, submission), command, to=to)
    else:
        # What is accepted follows by trigger.
        changed = update(submissions).where(submissions.c.id == submission.id)
        await tx.execute(changed.values(version=submissions.c.version + 1))
    kind = "SUPPLEMENTARY"
    return await create_request(
        tx, submission, accepted_fen=fen, deducted_fen=0, kind=kind, appeal_id=appeal.id
    )
