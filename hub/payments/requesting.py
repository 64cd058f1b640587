"""What an acceptance makes payable: the request, the deductions that lessen it, and the money in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from hub.acceptance.states import DEDUCTION
from hub.acceptance.submitting import milestone_of
from hub.acceptance.tables import appeals, deductions, submissions
from hub.agreements.states import MILESTONE
from hub.agreements.tables import agreement_versions, agreements, milestones
from hub.base.errors import Conflict
from hub.base.money import yuan
from hub.base.transaction import Transaction
from hub.fund.ledger import encumber, fund_of, make_payable, release_stage
from hub.fund.tables import funds
from hub.payments.tables import payment_requests

PAYING = (
    select(funds, agreement_versions.c.payment_days)
    .join_from(agreement_versions, agreements, agreements.c.id == agreement_versions.c.agreement_id)
    .join(funds, funds.c.id == agreements.c.fund_id)
    .where(agreement_versions.c.id == bindparam("version"))
    .with_for_update(key_share=True, of=funds)
)
"""The fund that pays for what is accepted under a version, locked, and within how many days; made once."""


async def request_payment(
    tx: Transaction, submission: Row[Any], accepted_fen: int, command: str
) -> Row[Any] | None:
    """What an accepting review makes payable, less deductions. None when that is nothing: the stage is settled."""
    taken_off = await _deductions(tx, submission, accepted_fen)
    deducted = sum(each.amount_fen for each in taken_off)
    if accepted_fen == 0:
        await settle_stage(tx, submission)
        return None
    request = await create_request(
        tx, submission, accepted_fen=accepted_fen, deducted_fen=deducted, kind="ORDINARY"
    )
    for each in taken_off:
        await DEDUCTION.move(tx, each, command, to="APPLIED", request_id=request.id)
    return request


async def create_request(tx: Transaction, submission: Row[Any], **said: Any) -> Row[Any]:
    """A new payment request of an accepted claim, owed within the agreement's payment days."""
    fund = (await tx.execute(PAYING, {"version": submission.version_id})).one()
    request = await tx.insert_numbered(
        payment_requests,
        "PR",
        fund_id=fund.id,
        submission_id=submission.id,
        payable_fen=said["accepted_fen"] - said["deducted_fen"],
        due_on=tx.today + timedelta(days=fund.payment_days),
        created_at=tx.now,
        status_changed_at=tx.now,
        **{name: submission._mapping[name] for name in REPEATED},
        **said,
    )
    await make_payable(tx, fund, request, await carried_to(tx, request))
    return request


REPEATED = ("district_id", "street_id", "partner_id", "agreement_id", "version_id", "milestone_id")


async def _deductions(tx: Transaction, submission: Row[Any], accepted_fen: int) -> Sequence[Row[Any]]:
    """Those proposed for this claim; then, as far as they fit, those about deliveries billed earlier."""
    proposed = select(deductions).where(
        deductions.c.agreement_id == submission.agreement_id, deductions.c.status == "PROPOSED"
    )
    rows = (await tx.execute(proposed.order_by(deductions.c.id).with_for_update(key_share=True))).all()
    own = [row for row in rows if row.submission_id == submission.id]
    total = sum(row.amount_fen for row in own)
    if own and total >= accepted_fen:
        params = {"deducted": yuan(total), "accepted": yuan(accepted_fen)}
        raise Conflict("deductions_above_accepted", path=("id",), **params)
    fitting = []
    for row in rows:
        fits = total + row.amount_fen < accepted_fen
        if row.submission_id != submission.id and fits and await _is_accepted(tx, row):
            fitting.append(row)
            total += row.amount_fen
    return [*own, *fitting]


async def _is_accepted(tx: Transaction, deduction: Row[Any]) -> bool:
    accepted = select(submissions.c.accepted_fen).where(submissions.c.id == deduction.submission_id)
    return (await tx.execute(accepted)).scalar_one() > 0


async def settle_stage(tx: Transaction, row: Row[Any]) -> bool:
    """Everything payable of a milestone has been paid: it is settled, and what it leaves over goes as agreed.

    While an appeal is open the rest waits for it. Returns whether the milestone is settled now.
    """
    stage = await milestone_of(tx, row)
    if (await tx.execute(select(func.stage_unpaid(stage.id)))).scalar_one():
        return False
    if stage.status != "SETTLED":
        await MILESTONE.move(tx, stage, "payment_settle")
    waiting = select(func.count()).where(appeals.c.milestone_id == stage.id, appeals.c.status == "FILED")
    if not (await tx.execute(waiting)).scalar_one():
        await _give_up_rest(tx, row, stage)
    return True


async def _give_up_rest(tx: Transaction, row: Row[Any], stage: Row[Any]) -> None:
    fund_id = select(agreements.c.fund_id).where(agreements.c.id == row.agreement_id)
    fund = await fund_of(tx, (await tx.execute(fund_id)).scalar_one())
    freed = await release_stage(tx, fund, stage.id)
    final_id = await carried_to(tx, row)
    if freed and final_id is not None:
        accepted = (await tx.execute(select(func.milestone_accepted(stage.id)))).scalar_one()
        rest = min(freed, stage.amount_fen - accepted)
        await encumber(tx, fund, row.agreement_id, {final_id: max(0, rest)})


async def carried_to(tx: Transaction, row: Row[Any]) -> UUID | None:
    """The final milestone, when the agreement carries remainders to it, it is open, and it is not the row's own."""
    statement = (
        select(milestones.c.id)
        .join(agreement_versions, agreement_versions.c.id == milestones.c.version_id)
        .join(agreements, agreements.c.id == milestones.c.agreement_id)
        .where(
            milestones.c.version_id == row.version_id,
            milestones.c.kind == "FINAL",
            milestones.c.id != row.milestone_id,
            milestones.c.status.in_(("SCHEDULED", "RETURNED", "REJECTED", "SUBMITTED")),
            agreement_versions.c.remainder_rule == "CARRY_TO_FINAL",
            agreements.c.status.in_(("ACTIVE", "SUSPENDED", "CLOSING")),
        )
        .order_by(milestones.c.sequence.desc())
    )
    return (await tx.execute(statement.limit(1))).scalar_one_or_none()
