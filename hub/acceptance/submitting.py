"""Claiming a stage: what was done is measured, the amount derived, the evidence frozen; and taking the claim back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.gate import claim
from hub.acceptance.claiming import Derivation, Unit, derive, units_claimed
from hub.acceptance.measures import measure_lines, stage_of
from hub.acceptance.states import DEDUCTION, SUBMISSION
from hub.acceptance.tables import (
    appeals,
    claim_steps,
    deductions,
    submission_deliveries,
    submission_documents,
    submissions,
)
from hub.agreements.states import ACCEPTED, MILESTONE
from hub.agreements.tables import agreement_versions, agreements, milestones
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import optional
from hub.base.limits import MAX_SUBMISSION_DOCUMENTS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.deliveries.tables import deliveries
from hub.documents.tables import documents
from hub.fund.ledger import lock_money

DOCUMENTS = ("input", "documents")
OF_STAGE = ("district_id", "street_id", "partner_id", "community_ids", "agreement_id", "version_id")
"""The columns that whatever concerns a milestone repeats from it."""

BILLABLE = ("ACTIVE", "CLOSING")
ON_PAPER = ("FIRST_STAGE", "REPORTING", "ASSESSMENT")
"""Stages that are accepted on documents, so that none may be missing."""


def of_stage(row: Row[Any]) -> dict[str, Any]:
    """Those columns of a row that has them."""
    return {name: row._mapping[name] for name in OF_STAGE}


async def milestone_submit(
    tx: Transaction,
    milestone_id: UUID,
    *,
    document_ids: Sequence[UUID] = (),
    note: str | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Claim that a milestone is met. The amount is computed by the stage's rule and stored with its derivation; the
    work that counts and was not billed before is frozen with it (I7).

    Raises Conflict when the agreement is not in force, an earlier stage is open, or nothing can be claimed.
    """
    await lock_money(tx, "milestones", milestone_id)
    stage = await claim(tx, milestones, milestone_id, "milestone_submit", version=version)
    MILESTONE.require(stage, "milestone_submit")
    terms = await _require_turn(tx, stage)
    papers = await _documents(tx, stage, document_ids)
    before = await _accepted_before(tx, stage)
    # One report handed in three times is one report.
    reports = len({paper.sha256 for paper in papers if paper.kind == "REPORT"})
    work = await measure_lines(tx, stage.version_id)
    measured = await stage_of(tx, stage, terms, before, reports)
    derived = derive(measured, [each.line for each in work])
    if derived.claimed_fen == 0 and derived.rule != "ACTUAL":
        raise Conflict("nothing_to_claim", code="WRONG_STATE", milestone=stage.code)
    said = optional(note, ("input", "note"), MAX_TEXT_CHARS)
    draft = await _write(tx, stage, derived, said)
    fresh = [(each.line, each.fresh) for each in work]
    billed = units_claimed(derived, fresh) if derived.rule == "UNITS" else [u for _, us in fresh for u in us]
    count = await _freeze(tx, draft, billed, papers)
    submission = await SUBMISSION.move(tx, draft, "milestone_submit")
    await MILESTONE.move(tx, stage, "milestone_submit")
    facts = {"claimedFen": submission.claimed_fen, "deliveries": count, "milestone": stage.code}
    await tx.emit("milestone_submit", submission, "Submission", facts=facts)
    return submission


async def _require_turn(tx: Transaction, stage: Row[Any]) -> Row[Any]:
    """The version's row. The agreement must be in force with it and every stage before this one accepted (I6)."""
    agreement = (await tx.execute(select(agreements).where(agreements.c.id == stage.agreement_id))).one()
    if agreement.status not in BILLABLE or agreement.current_version_id != stage.version_id:
        status = f"AgreementStatus.{agreement.status}"
        raise Conflict("agreement_not_billable", code="WRONG_STATE", status=status)
    others = select(milestones).where(
        milestones.c.version_id == stage.version_id, milestones.c.id != stage.id
    )
    for other in (await tx.execute(others.order_by(milestones.c.sequence))).all():
        done = (*ACCEPTED, "SETTLED", "WAIVED")
        if other.id in stage.depends_on_ids and other.status not in done:
            raise Conflict("milestone_before_parent", code="WRONG_STATE", milestone=other.code)
        if stage.kind == "FINAL" and other.status in ("SUBMITTED", *ACCEPTED):
            # What it leaves over is only known then.
            raise Conflict("final_before_settled", code="WRONG_STATE", milestone=other.code)
        if (
            stage.kind != "FINAL"
            and other.kind == "FINAL"
            and other.status in (*ACCEPTED, "SUBMITTED", "SETTLED")
        ):
            await _require_reversed(tx, stage, other)
    if stage.kind == "FINAL":
        await _require_no_appeal(tx, stage)
    version = select(agreement_versions).where(agreement_versions.c.id == stage.version_id)
    return (await tx.execute(version)).one()


async def _require_reversed(tx: Transaction, stage: Row[Any], final: Row[Any]) -> None:
    """The final stage settles all that was done: what it counted is not claimed beside it. A stage that was paid before
    it, and whose payment was reversed, may be claimed anew; the database tells by its requests."""
    if not (await tx.execute(select(func.stage_reversed(stage.id)))).scalar_one():
        raise Conflict("claimed_after_final", code="WRONG_STATE", milestone=final.code)


async def _require_no_appeal(tx: Transaction, stage: Row[Any]) -> None:
    open_ones = select(appeals.c.reference).where(
        appeals.c.version_id == stage.version_id, appeals.c.status == "FILED"
    )
    reference = (await tx.execute(open_ones.limit(1))).scalar_one_or_none()
    if reference is not None:
        raise Conflict("final_before_appeal", code="WRONG_STATE", reference=reference)


async def _documents(tx: Transaction, stage: Row[Any], document_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    wanted = list(dict.fromkeys(document_ids))
    if len(wanted) > MAX_SUBMISSION_DOCUMENTS:
        raise Invalid("too_many_papers", code="OUT_OF_RANGE", path=DOCUMENTS, limit=MAX_SUBMISSION_DOCUMENTS)
    if not wanted and stage.kind in ON_PAPER:
        raise Invalid("documents_wanted", code="REQUIRED", path=DOCUMENTS)
    statement = select(documents).where(
        documents.c.id.in_(wanted),
        documents.c.partner_id == stage.partner_id,
        documents.c.street_id == stage.street_id,
        documents.c.status == "STORED",
    )
    found = (await tx.execute(statement)).all()
    if len(found) < len(wanted):
        raise NotFound(path=DOCUMENTS)
    return found


async def _accepted_before(tx: Transaction, stage: Row[Any]) -> int:
    """What other stages of the version were accepted for, in fen, deductions not taken off."""
    total = select(func.coalesce(func.sum(submissions.c.accepted_fen), 0)).where(
        submissions.c.version_id == stage.version_id, submissions.c.milestone_id != stage.id
    )
    return int((await tx.execute(total)).scalar_one())


async def _write(tx: Transaction, stage: Row[Any], derived: Derivation, note: str | None) -> Row[Any]:
    earlier = select(func.count()).where(submissions.c.milestone_id == stage.id)
    draft = await tx.insert_numbered(
        submissions,
        "S",
        milestone_id=stage.id,
        milestone_kind=stage.kind,
        round=(await tx.execute(earlier)).scalar_one() + 1,
        rule=derived.rule,
        claimed_fen=derived.claimed_fen,
        note=note,
        submitted_by_id=tx.actor.membership_id,
        submitted_at=tx.now,
        status_changed_at=tx.now,
        **of_stage(stage),
    )
    hanging = {name: draft._mapping[name] for name in OF_STAGE[:4]}
    blank = dict.fromkeys(
        ("line_id", "criterion_id", "metric", "value", "target", "quantity", "unit_price_fen", "amount_fen")
    )
    steps = [
        {**blank, **step, "submission_id": draft.id, "number": number, **hanging}
        for number, step in enumerate(derived.steps, 1)
    ]
    await tx.insert_many(claim_steps, steps)
    return draft


async def _freeze(
    tx: Transaction, draft: Row[Any], billed: Sequence[Unit], papers: Sequence[Row[Any]]
) -> int:
    """Attach documents, and the work that counts: none to a stage on paper, to a unit stage what its claim pays."""
    scope = {name: draft._mapping[name] for name in OF_STAGE[:3]}
    await tx.insert_many(
        submission_documents,
        [{"submission_id": draft.id, "document_id": paper.id, **scope} for paper in papers],
    )
    if draft.milestone_kind in ON_PAPER:
        return 0
    units = {delivery: unit.id for unit in billed for delivery in unit.delivery_ids}
    rows = (
        await tx.execute(select(deliveries).where(deliveries.c.id.in_(units)).order_by(deliveries.c.id))
    ).all()
    bound = [
        {
            "submission_id": draft.id,
            "delivery_id": row.id,
            "community_id": row.community_id,
            "line_id": row.line_id,
            "unit_id": units[row.id],
            **scope,
        }
        for row in rows
    ]
    await tx.insert_many(submission_deliveries, bound)
    return len(bound)


async def submission_withdraw(
    tx: Transaction, submission_id: UUID, *, version: int | None = None
) -> Row[Any]:
    """Take a claim back before it is decided. Its milestone can be claimed anew, its deliveries are free (T17)."""
    await lock_money(tx, "submissions", submission_id)
    submission = await claim(tx, submissions, submission_id, "submission_withdraw", version=version)
    SUBMISSION.require(submission, "submission_withdraw")
    submission = await SUBMISSION.move(tx, submission, "submission_withdraw", status_changed_at=tx.now)
    await withdraw_proposed(tx, submission, "submission_withdraw")
    await MILESTONE.move(tx, await milestone_of(tx, submission), "submission_withdraw")
    await tx.emit("submission_withdraw", submission, "Submission")
    return submission


async def milestone_of(tx: Transaction, row: Row[Any]) -> Row[Any]:
    """The milestone that a claimed row concerns."""
    return (await tx.execute(select(milestones).where(milestones.c.id == row.milestone_id))).one()


async def withdraw_proposed(tx: Transaction, submission: Row[Any], command: str) -> None:
    """A claim went back to the partner: what was proposed to be taken off it is not taken off another one."""
    proposed = select(deductions).where(
        deductions.c.submission_id == submission.id, deductions.c.status == "PROPOSED"
    )
    for each in (await tx.execute(proposed.with_for_update(key_share=True))).all():
        await DEDUCTION.move(tx, each, command, to="WITHDRAWN")
