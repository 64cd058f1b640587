"""What an acceptance pack is about, read once: the claim, how its amount arose, its work line by line, its evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, false, select

from auth.gate import within
from auth.grants import grant_for, may_do
from auth.roles import Viewer
from auth.tables import memberships
from hub.acceptance.tables import (
    claim_steps,
    reviews,
    submission_deliveries,
    submission_documents,
)
from hub.agreements.tables import agreement_lines, agreement_versions, agreements, criteria, milestones
from hub.base.errors import LimitExceeded
from hub.base.limits import MAX_PAPER_ROWS
from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.deliveries.tables import deliveries, delivery_documents, group_sessions
from hub.documents.tables import documents
from hub.organizations.tables import organizations


@dataclasses.dataclass(frozen=True)
class Evidence:
    """A document of the claim itself (`line_id` None), or of deliveries on a line."""

    number: int
    id: UUID
    street_id: UUID
    reference: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    captured_at: Any
    openable: bool
    line_id: UUID | None
    proves: Sequence[str]  # references of deliveries


@dataclasses.dataclass(frozen=True)
class Pack:
    """Everything that the paper and the ZIP say. `shown` are the fields of Delivery that the viewer reads."""

    submission: Row[Any]
    agreement: Row[Any]
    version: Row[Any]
    milestone: Row[Any]
    street: Row[Any]
    partner: Row[Any]
    submitted_by: str | None
    steps: Sequence[Row[Any]]
    reviews: Sequence[Row[Any]]
    lines: Sequence[Row[Any]]
    criteria: Sequence[Row[Any]]
    records: Sequence[Row[Any]]
    evidence: Sequence[Evidence]
    shown: frozenset[str]
    names_reviewer: bool


async def gather(tx: Transaction, submission: Row[Any]) -> Pack:
    """Read a claim that has been found within the viewer's rows. Raises LimitExceeded beyond MAX_PAPER_ROWS records."""
    viewer: Viewer = tx.actor  # type: ignore[assignment]
    delivery, review = grant_for("Delivery", viewer.role), grant_for("Review", viewer.role)
    fields = ("worker", "personPseudonym", "verifiedBy", "session")
    records = await _records(tx, submission)
    return Pack(
        submission=submission,
        agreement=await _one(tx, agreements, submission.agreement_id),
        version=await _one(tx, agreement_versions, submission.version_id),
        milestone=await _one(tx, milestones, submission.milestone_id),
        street=await _one(tx, organizations, submission.street_id),
        partner=await _one(tx, organizations, submission.partner_id),
        submitted_by=(await _one(tx, memberships, submission.submitted_by_id)).display_name,
        steps=await _hanging(tx, select(claim_steps), claim_steps, submission, claim_steps.c.number),
        reviews=await _reviews(tx, submission),
        lines=await _of_version(tx, agreement_lines, submission, agreement_lines.c.number),
        criteria=await _of_version(tx, criteria, submission, criteria.c.id),
        records=records,
        evidence=await _evidence(tx, submission, records),
        shown=frozenset(name for name in fields if delivery is not None and delivery.shows(name)),
        names_reviewer=review is not None and review.shows("reviewedBy"),
    )


async def _one(tx: Transaction, table: Any, row_id: UUID) -> Row[Any]:
    return (await tx.execute(select(table).where(table.c.id == row_id))).one()


async def _hanging(
    tx: Transaction, wanted: Any, table: Any, submission: Row[Any], order: Any
) -> Sequence[Row[Any]]:
    return (await tx.execute(wanted.where(table.c.submission_id == submission.id).order_by(order))).all()


async def _of_version(tx: Transaction, table: Any, submission: Row[Any], order: Any) -> Sequence[Row[Any]]:
    wanted = select(table).where(table.c.version_id == submission.version_id)
    return (await tx.execute(wanted.order_by(order))).all()


async def _reviews(tx: Transaction, submission: Row[Any]) -> Sequence[Row[Any]]:
    wanted = select(reviews, memberships.c.display_name, memberships.c.role, memberships.c.duty)
    joined = wanted.join(memberships, memberships.c.id == reviews.c.reviewed_by_id)
    return await _hanging(tx, joined, reviews, submission, reviews.c.number)


async def _records(tx: Transaction, submission: Row[Any]) -> Sequence[Row[Any]]:
    worker, verifier = memberships.alias("worker"), memberships.alias("verifier")
    wanted = (
        select(
            deliveries,
            service_types.c.name_zh.label("service"),
            worker.c.display_name.label("worker_name"),
            verifier.c.display_name.label("verifier_name"),
            group_sessions.c.reference.label("session_reference"),
            group_sessions.c.participant_count,
            submission_deliveries.c.unit_id,
        )
        .join(submission_deliveries, submission_deliveries.c.delivery_id == deliveries.c.id)
        .join(agreement_lines, agreement_lines.c.id == deliveries.c.line_id)
        .join(service_types, service_types.c.id == deliveries.c.service_type_id)
        .join(worker, worker.c.id == deliveries.c.worker_id)
        .outerjoin(verifier, verifier.c.id == deliveries.c.verified_by_id)
        .outerjoin(group_sessions, group_sessions.c.id == deliveries.c.session_id)
        .where(submission_deliveries.c.submission_id == submission.id)
        .order_by(agreement_lines.c.number, deliveries.c.happened_at, deliveries.c.id)
    )
    rows = (await tx.execute(wanted.limit(MAX_PAPER_ROWS + 1))).all()
    if len(rows) > MAX_PAPER_ROWS:
        raise LimitExceeded("pack_too_long", path=("id",), most=MAX_PAPER_ROWS)
    return rows


async def _evidence(tx: Transaction, submission: Row[Any], records: Sequence[Row[Any]]) -> Sequence[Evidence]:
    """Documents of the claim first, then those of its deliveries in the order of the records, each once."""
    viewer: Viewer = tx.actor  # type: ignore[assignment]
    command = "document_open"
    openable = within(tx, documents, command) if may_do(command, viewer) else false()
    of_claim = (
        select(documents)
        .join(submission_documents, submission_documents.c.document_id == documents.c.id)
        .where(submission_documents.c.submission_id == submission.id)
        .order_by(documents.c.reference)
    )
    # What was attached after the claim was handed in is no part of what it froze.
    of_work = (
        select(documents, delivery_documents.c.delivery_id)
        .join(delivery_documents, delivery_documents.c.document_id == documents.c.id)
        .join(submission_deliveries, submission_deliveries.c.delivery_id == delivery_documents.c.delivery_id)
        .where(
            submission_deliveries.c.submission_id == submission.id,
            delivery_documents.c.attached_at <= submission.submitted_at,
            documents.c.status == "STORED",
        )
        .order_by(documents.c.reference)
    )
    claimed = (await tx.execute(of_claim)).all()
    working = (await tx.execute(of_work)).all()
    ids = {row.id for row in (*claimed, *working)}
    allowed = select(documents.c.id).where(documents.c.id.in_(ids), openable)
    return _numbered(claimed, working, records, set((await tx.execute(allowed)).scalars()))


def _numbered(
    claimed: Sequence[Row[Any]], working: Sequence[Row[Any]], records: Sequence[Row[Any]], allowed: set[UUID]
) -> list[Evidence]:
    order = {record.id: place for place, record in enumerate(records)}
    found: dict[UUID, tuple[Row[Any], UUID | None, list[str]]] = {row.id: (row, None, []) for row in claimed}
    for row in sorted(working, key=lambda row: order[row.delivery_id]):
        record = records[order[row.delivery_id]]
        found.setdefault(row.id, (row, record.line_id, []))[2].append(record.reference)
    return [
        Evidence(
            number=number,
            openable=row.id in allowed,
            line_id=line_id,
            proves=proves,
            **{name: row._mapping[name] for name in REPEATED},
        )
        for number, (row, line_id, proves) in enumerate(found.values(), 1)
    ]


REPEATED = ("id", "street_id", "reference", "kind", "media_type", "size_bytes", "sha256", "captured_at")
