"""The station's decision on a claim, the second reviewer's above the limit, and what an acceptance sets off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.gate import claim
from hub.acceptance.hands import require_hand
from hub.acceptance.states import SUBMISSION
from hub.acceptance.submitting import milestone_of, withdraw_proposed
from hub.acceptance.tables import REVIEW_DECISIONS, REVIEW_REASONS, reviews, submissions
from hub.agreements.states import MILESTONE
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, optional, required
from hub.base.limits import MAX_TEXT_CHARS, SECOND_REVIEW_ABOVE_FEN
from hub.base.money import positive_fen_of, yuan
from hub.base.transaction import Transaction
from hub.fund.ledger import lock_money
from hub.payments.requesting import request_payment

DECISIONS = REVIEW_DECISIONS[:4]
ENDS = {"RETURN": "RETURNED", "REJECT": "REJECTED"}


async def submission_review(
    tx: Transaction,
    submission_id: UUID,
    *,
    decision: str,
    accepted: Decimal | None = None,
    reason_code: str | None = None,
    comment: str | None = None,
    version: int | None = None,
) -> dict[str, Any]:
    """Accept, accept in part (`accepted` yuan), return or reject a claim. An acceptance writes the payment request
    in the same transaction, unless it is above the limit: then it waits for the second reviewer.

    Returns the submission, and the request where there is one.
    """
    await lock_money(tx, "submissions", submission_id)
    submission = await claim(tx, submissions, submission_id, "submission_review", version=version)
    SUBMISSION.require(submission, "submission_review")
    await require_hand(tx, submission, submission.id, "REVIEW")
    fen = _accepted(submission, one_of(decision, DECISIONS, ("input", "decision")), accepted)
    said = _reasons(decision, reason_code, comment)
    review = await _state(tx, submission, decision=decision, accepted_fen=fen, **said)
    facts: dict[str, Any] = {"decision": decision, "acceptedFen": fen, "awaitsSecond": review.awaits_second}
    if review.awaits_second:
        submission = await _reload(tx, submission)
        await tx.emit("submission_review", submission, "Submission", facts=facts)
        return {"submission": submission, "request": None}
    return await _decide(tx, submission, decision, fen, "submission_review", facts)


async def submission_second(
    tx: Transaction,
    submission_id: UUID,
    *,
    confirmed: bool,
    reason_code: str | None = None,
    comment: str | None = None,
    version: int | None = None,
) -> dict[str, Any]:
    """Confirm an acceptance above the limit, for a community that is served; or object, with the reason: then the
    station decides anew."""
    await lock_money(tx, "submissions", submission_id)
    submission = await claim(tx, submissions, submission_id, "submission_second", version=version)
    SUBMISSION.require(submission, "submission_second")
    if not submission.second_wanted:
        raise Conflict("no_second_wanted", code="WRONG_STATE", limit=yuan(SECOND_REVIEW_ABOVE_FEN))
    await require_hand(tx, submission, submission.id, "REVIEW")
    first = await _last(tx, submission)
    if first is None or first.reviewed_user_id == tx.actor.user_id:
        raise Conflict("second_by_first", code="FOUR_EYES", path=("id",))
    decision = "SECONDED" if confirmed else "OBJECTED"
    said = _reasons(decision, reason_code, comment)
    fen = first.accepted_fen if confirmed else 0
    await _state(tx, submission, decision=decision, accepted_fen=fen, seconds_id=first.id, **said)
    facts: dict[str, Any] = {"confirmed": confirmed, "acceptedFen": fen}
    if not confirmed:
        submission = await _reload(tx, submission)
        await tx.emit("submission_second", submission, "Submission", facts=facts)
        return {"submission": submission, "request": None}
    return await _decide(tx, submission, first.decision, fen, "submission_second", facts)


def _accepted(submission: Row[Any], decision: str, accepted: Decimal | None) -> int:
    path = ("input", "accepted")
    if decision != "ACCEPT_IN_PART":
        if accepted is not None:
            raise Invalid("accepted_not_asked", path=path)
        return submission.claimed_fen if decision == "ACCEPT" else 0
    if accepted is None:
        raise Invalid("required", code="REQUIRED", path=path)
    fen = positive_fen_of(accepted, path)
    if fen >= submission.claimed_fen:
        most = yuan(submission.claimed_fen)
        raise Invalid("accepted_above_claim", code="OUT_OF_RANGE", path=path, most=most)
    return fen


def _reasons(decision: str, code: str | None, comment: str | None) -> dict[str, str | None]:
    """An acceptance may say something; anything else says why."""
    if decision in ("ACCEPT", "SECONDED"):
        return {"reason_code": None, "comment": optional(comment, ("input", "comment"), MAX_TEXT_CHARS)}
    words = required(comment, ("input", "comment"), MAX_TEXT_CHARS)
    if code is None:
        raise Invalid("required", code="REQUIRED", path=("input", "reasonCode"))
    return {"reason_code": one_of(code, REVIEW_REASONS, ("input", "reasonCode")), "comment": words}


async def _decide(
    tx: Transaction, submission: Row[Any], decision: str, fen: int, command: str, facts: dict[str, Any]
) -> dict[str, Any]:
    """Carry the decision out: states of claim and milestone, and the request of an acceptance."""
    to = ENDS.get(decision) or ("ACCEPTED" if fen == submission.claimed_fen else "PARTIALLY_ACCEPTED")
    submission = await SUBMISSION.move(tx, submission, command, to=to, status_changed_at=tx.now)
    stage = await milestone_of(tx, submission)
    await MILESTONE.move(tx, stage, command, to=to)
    request = None
    if decision in ENDS:
        await withdraw_proposed(tx, submission, command)
    else:
        request = await request_payment(tx, submission, fen, command)
    facts |= {"milestone": stage.code, "carried": {"Milestone": to}}
    if request is not None:
        facts |= {"requestId": request.id, "payableFen": request.payable_fen, "dueOn": request.due_on}
    await tx.emit(command, submission, "Submission", facts=facts)
    return {"submission": submission, "request": request}


async def _state(tx: Transaction, submission: Row[Any], **said: Any) -> Row[Any]:
    earlier = select(func.count()).where(reviews.c.submission_id == submission.id)
    scope = ("district_id", "street_id", "partner_id", "community_ids", "milestone_id")
    return await tx.insert(
        reviews,
        submission_id=submission.id,
        number=(await tx.execute(earlier)).scalar_one() + 1,
        reviewed_by_id=tx.actor.membership_id,
        reviewed_at=tx.now,
        **{name: submission._mapping[name] for name in scope},
        **said,
    )


async def _last(tx: Transaction, submission: Row[Any]) -> Row[Any] | None:
    latest = select(reviews).where(reviews.c.submission_id == submission.id).order_by(reviews.c.number.desc())
    return (await tx.execute(latest.limit(1))).one_or_none()


async def _reload(tx: Transaction, submission: Row[Any]) -> Row[Any]:
    """The submission as the database now has it: whether it waits for a second reviewer is kept there."""
    return (await tx.execute(select(submissions).where(submissions.c.id == submission.id))).one()


async def undo_acceptance(tx: Transaction, submission: Row[Any], code: str, words: str, to: str) -> Row[Any]:
    """The payment of an accepted claim was rejected: by a new review claim and milestone go back to the partner."""
    known = code if code in REVIEW_REASONS else "OTHER"
    await _state(
        tx, submission, decision="PAYMENT_REJECTED", accepted_fen=0, reason_code=known, comment=words
    )
    command = "payment_request_reject"
    submission = await SUBMISSION.move(tx, submission, command, status_changed_at=tx.now)
    await MILESTONE.move(tx, await milestone_of(tx, submission), command, to=to)
    return submission
