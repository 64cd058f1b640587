"""Accepting a claim in the manner of an ORM: the same checks, locks, rows and ledger entries as `hub.payments`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from hub.acceptance.states import SUBMISSION
from hub.base.errors import Conflict, NotFound
from hub.bench.contestants.orm.deliveries import require_no_stake
from hub.bench.contestants.orm.work import Work, of
from hub.bench.contestants.orm.written import (
    Account,
    Agreement,
    Deduction,
    Entry,
    Fund,
    Milestone,
    PaymentRequest,
    Review,
    Submission,
    Transfer,
    Version,
)
from hub.payments.requesting import REPEATED

FUND = ("district_id", "street_id")


async def accept(work: Work, submission_id: UUID) -> Any:
    """Accept a claim whole; what is payable of it becomes a payment request. Returns that."""
    session = work.session
    await session.execute(select(func.lock_money("submissions", submission_id)))
    own = select(Submission).where(
        Submission.id == submission_id, Submission.street_id == work.id("street_id")
    )
    submission = await session.scalar(own.with_for_update(key_share=True))
    if submission is None:
        raise NotFound(path=("id",))
    SUBMISSION.require(submission, "submission_review")
    await require_no_stake(work, submission.partner_id)
    taken = await session.scalar(select(func.side_taken(submission.id, work.id("user_id"), "REVIEW")))
    if taken is not None:
        raise Conflict("both_sides", code="FOUR_EYES", path=("id",))
    review = await _review(work, submission)
    if review.awaits_second:
        raise Conflict("no_second_wanted")  # nothing measured here is above the limit
    milestone = await session.get_one(Milestone, submission.milestone_id)
    for row in (submission, milestone):
        row.status = "ACCEPTED"
        row.version += 1
    submission.status_changed_at = work.now
    request = await _request(work, submission)
    facts = {
        "decision": "ACCEPT",
        "acceptedFen": submission.claimed_fen,
        "awaitsSecond": False,
        "milestone": milestone.code,
        "carried": {"Milestone": "ACCEPTED"},
        "requestId": request.id,
        "payableFen": request.payable_fen,
        "dueOn": request.due_on,
    }
    await work.emit("submission_review", submission, "Submission", facts)
    return request


async def _review(work: Work, submission: Any) -> Any:
    earlier = select(func.count()).select_from(Review).where(Review.submission_id == submission.id)
    review = work.add(
        Review,
        submission_id=submission.id,
        number=(await work.session.scalar(earlier) or 0) + 1,
        decision="ACCEPT",
        accepted_fen=submission.claimed_fen,
        reviewed_by_id=work.id("id"),
        reviewed_at=work.now,
        **of(submission, "district_id", "street_id", "partner_id", "community_ids", "milestone_id"),
    )
    await work.session.flush()
    await work.session.refresh(review, ["awaits_second"])
    return review


async def _request(work: Work, submission: Any) -> Any:
    session = work.session
    proposed = select(Deduction).where(
        Deduction.agreement_id == submission.agreement_id, Deduction.status == "PROPOSED"
    )
    rows = await session.scalars(proposed.order_by(Deduction.id).with_for_update(key_share=True))
    if rows.all():
        raise Conflict("deductions_above_accepted")  # nothing measured here is deducted from
    agreement = await session.get_one(Agreement, submission.agreement_id)
    version = await session.get_one(Version, submission.version_id)
    request = work.add(
        PaymentRequest,
        reference=await work.reference("PR"),
        status="CREATED",
        kind="ORDINARY",
        fund_id=agreement.fund_id,
        submission_id=submission.id,
        accepted_fen=submission.claimed_fen,
        deducted_fen=0,
        payable_fen=submission.claimed_fen,
        due_on=work.today + timedelta(days=version.payment_days),
        created_at=work.now,
        status_changed_at=work.now,
        **of(submission, *REPEATED),
    )
    await session.flush()
    await _make_payable(work, request, submission, version, agreement)
    return request


async def _make_payable(work: Work, request: Any, submission: Any, version: Any, agreement: Any) -> None:
    session = work.session
    locked = select(Fund).where(Fund.id == request.fund_id).with_for_update(key_share=True)
    fund = (await session.scalars(locked)).one()
    if version.remainder_rule == "CARRY_TO_FINAL" and agreement.status in ("ACTIVE", "SUSPENDED", "CLOSING"):
        final = select(Milestone.id).where(
            Milestone.version_id == version.id,
            Milestone.kind == "FINAL",
            Milestone.id != submission.milestone_id,
        )
        await session.scalar(final.order_by(Milestone.sequence.desc()).limit(1))
    later = aliased(Transfer)
    unresolved = select(Transfer).where(
        Transfer.milestone_id == request.milestone_id,
        Transfer.stage == "PENDING",
        ~exists().where(later.pending_id == Transfer.id),
    )
    pending = (await session.scalars(unresolved.order_by(Transfer.id))).all()
    if sum(each.amount_fen for each in pending) != request.payable_fen:
        raise Conflict("wrong_state")  # what is claimed here is what was reserved
    accounts = {
        row.kind: row.id for row in await session.scalars(select(Account).where(Account.fund_id == fund.id))
    }
    for each in pending:
        await _post(work, fund, request, each, accounts)


async def _post(work: Work, fund: Any, request: Any, pending: Any, accounts: dict[str, UUID]) -> None:
    common = {"fund_id": fund.id, **of(fund, *FUND)}
    transfer = work.add(
        Transfer,
        stage="POSTED",
        reason="ACCEPTANCE",
        request_id=request.id,
        pending_id=pending.id,
        amount_fen=pending.amount_fen,
        entry_count=2,
        made_by_id=work.id("id"),
        made_at=work.now,
        **of(request, "agreement_id", "milestone_id"),
        **common,
    )
    await work.session.flush()  # no relationship tells the session that the entries come second
    for kind, amount in (("ENCUMBERED", -pending.amount_fen), ("PAYABLE", pending.amount_fen)):
        work.add(Entry, transfer_id=transfer.id, account_id=accounts[kind], amount_fen=amount, **common)
