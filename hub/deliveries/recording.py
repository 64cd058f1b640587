"""What a delivery is recorded on: a visit, a case or a session; locked, checked, and held where it was not yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy import text as sql

from hub.agreements.tables import agreement_lines, agreement_versions, agreements
from hub.base.errors import Conflict, Invalid
from hub.base.machine import Machine
from hub.base.transaction import Transaction
from hub.cases.tables import cases
from hub.deliveries.group_commands import hold_session
from hub.deliveries.rules import QUANTITY, UNRESERVED_UNITS, moment_of, require_left, require_within_case
from hub.deliveries.states import SESSION
from hub.deliveries.tables import attendances, deliveries
from hub.people.tables import persons
from hub.visits.recording import begin_work, settle_visit
from hub.visits.states import VISIT

# Made once: making a statement anew for each recording costs as much as sending it.
_PAID = select(cases.c.person_id, func.lock_line(cases.c.line_id)).where(cases.c.id == bindparam("case_id"))
# Materialized, so that the line is locked before the person is looked for.
_LINE = _PAID.cte("line").prefix_with("materialized")
LOCK_BEFORE_CASE = (
    select(persons.c.pseudonym)
    .join(_LINE, _LINE.c.person_id == persons.c.id)
    .with_for_update(of=persons, key_share=True)
)
OF_MOMENT = select(deliveries.c.reference).where(
    deliveries.c.case_id == bindparam("case_id"),
    deliveries.c.line_id == bindparam("line_id"),
    deliveries.c.happened_at == bindparam("happened_at"),
    deliveries.c.status != "VOIDED",
)
LINE_OF = (
    select(
        agreement_lines,
        agreements.c.reference.label("agreement"),
        agreements.c.status.label("agreement_status"),
        agreement_versions.c.effective_from_on,
        agreement_versions.c.ends_on,
    )
    .join(agreements, agreements.c.id == agreement_lines.c.agreement_id)
    .join(agreement_versions, agreement_versions.c.id == agreements.c.current_version_id)
    .where(agreement_lines.c.id == bindparam("line_id"))
)

HOLDABLE = {VISIT.name: ("PLANNED", "COMPLETED"), SESSION.name: ("PLANNED", "HELD")}
"""States of a visit and of a session in which something can have been delivered."""


@dataclasses.dataclass(frozen=True)
class Told:
    """What the worker says about the occasion itself: when, what she found, who was there."""

    happened_at: datetime | None
    text: str | None
    own_words: str | None
    case_ids: Sequence[UUID]
    head_count: int | None

    @property
    def of_visit(self) -> bool:
        """Whether something is said that belongs to a visit."""
        return self.text is not None or self.own_words is not None

    @property
    def of_session(self) -> bool:
        """Whether something is said that belongs to a session."""
        return bool(self.case_ids) or self.head_count is not None


@dataclasses.dataclass(frozen=True)
class Occasion:
    """One of the three: a visit on a case, a case without a visit, a session. Claimed and locked."""

    case: Row[Any] | None = None
    pseudonym: str | None = None
    """What the person of the case is called where her name is not."""
    visit: Row[Any] | None = None
    session: Row[Any] | None = None
    visit_facts: dict[str, object] | None = None
    """Facts of the event `visit_record`, when the visit was recorded along with the delivery."""

    @property
    def root(self) -> Row[Any]:
        """The row whose scope, partner and line the delivery repeats."""
        return self.session if self.case is None else self.case  # type: ignore[return-value]

    @property
    def held_at(self) -> datetime | None:
        """When it was held, if that had been recorded before."""
        if self.visit is not None:
            return self.visit.kept_at
        return None if self.session is None else self.session.held_at


async def lock_before_case(tx: Transaction, case_id: UUID) -> str | None:
    """Lock the line of a case with its agreement, then its person: in that order, and before the case itself.

    Returns the person's pseudonym; None when the case is out of sight. It tells nothing: whether the viewer may is what
    `claim` asks.
    """
    return (await tx.execute(LOCK_BEFORE_CASE, {"case_id": case_id})).scalar_one_or_none()


def require_purchased(tx: Transaction, case: Row[Any] | None, path: tuple[str, ...]) -> Row[Any]:
    """The case, when an agreement of the acting worker's partner pays for it. Raises Conflict."""
    if case is None or case.line_id is None:
        raise Conflict("case_without_line", path=path)
    if case.partner_id != tx.actor.partner_id:
        raise Conflict("delivery_by_helper", path=path, reference=case.reference)
    return case


def require_holdable(machine: Machine, row: Row[Any], path: tuple[str, ...]) -> None:
    """Raise Conflict WRONG_STATE for a visit that met nobody, or a session that was called off."""
    if row.status not in HOLDABLE[machine.name]:
        raise Conflict("wrong_state", code="WRONG_STATE", path=path, status=machine.said(row.status))


async def require_first(tx: Transaction, occasion: Occasion, path: tuple[str, ...]) -> None:
    """Raise Conflict DUPLICATE, naming the earlier record, when the visit or session was delivered already."""
    if occasion.visit is not None:
        same = deliveries.c.visit_id == occasion.visit.id
    elif occasion.session is not None:
        same = deliveries.c.session_id == occasion.session.id
    else:
        return
    earlier = select(deliveries.c.reference).where(same, deliveries.c.status != "VOIDED")
    reference = (await tx.execute(earlier)).scalar_one_or_none()
    if reference is not None:
        raise Conflict("delivery_twice", code="DUPLICATE", path=path, reference=reference)


async def require_moment_free(tx: Transaction, case: Row[Any], happened_at: datetime) -> None:
    """The same for a moment of a case."""
    moment = {"case_id": case.id, "line_id": case.line_id, "happened_at": happened_at}
    reference = (await tx.execute(OF_MOMENT, moment)).scalar_one_or_none()
    if reference is not None:
        path = ("input", "happenedAt")
        raise Conflict("delivery_twice", code="DUPLICATE", path=path, reference=reference)


async def line_of(tx: Transaction, line_id: UUID) -> Row[Any]:
    """The line, with reference and state of its agreement and the term in force; `lock_line` has been called."""
    return (await tx.execute(LINE_OF, {"line_id": line_id})).one()


async def require_owed(
    tx: Transaction, case: Row[Any], line: Row[Any], happened_at: datetime, quantity: int
) -> None:
    """Raise unless the case, and where it has ended the line, still has that much for a moment like this one."""
    require_within_case(case, happened_at, tx.clock.zone)
    require_left(case, line, quantity)
    unreserved = line.unit in UNRESERVED_UNITS
    if case.status != "CLOSED" and not unreserved:
        return
    remaining = await line_left(tx, line.id)
    # Of casework that was paid for already, another follow-up takes nothing more.
    counted = line.unit != "CASE" or case.delivered_count == 0
    if counted and remaining is not None and quantity > remaining:
        if unreserved:
            raise line_full(line, remaining)
        params = {"reference": case.reference, "left": remaining}
        raise Conflict("delivery_line_used_up", code="QUANTITY_EXCEEDED", path=QUANTITY, **params)


async def line_left(tx: Transaction, line_id: UUID) -> int | None:
    """What offers, sessions and deliveries may still take of a line that is locked; None where it has no cap."""
    left = await tx.execute(sql("select remaining from line_usage(:line)"), {"line": line_id})
    return left.scalar_one()


def line_full(line: Row[Any], left: int) -> Conflict:
    """No more of it was agreed, or it is promised to others."""
    params = {"line": line.title, "reference": line.agreement, "left": left}
    return Conflict("delivery_line_full", code="QUANTITY_EXCEEDED", path=QUANTITY, **params)


async def require_heads_left(tx: Transaction, line: Row[Any], session: Row[Any], heads: int) -> None:
    """Raise Conflict QUANTITY_EXCEEDED when a line that buys persons has not so many left.

    Whoever of them has an offer of her own on this line is counted here instead of there: what it reserves is hers.
    """
    remaining = await line_left(tx, line.id)
    if line.unit != "PERSON" or remaining is None:
        return
    offered = (
        select(func.count())
        .select_from(attendances.join(cases, cases.c.id == attendances.c.case_id))
        .where(attendances.c.session_id == session.id, cases.c.line_id == line.id, cases.c.status != "CLOSED")
    )
    left = remaining + (await tx.execute(offered)).scalar_one()
    if heads > left:
        raise line_full(line, left)


async def hold(tx: Transaction, occasion: Occasion, told: Told, happened_at: datetime) -> Occasion:
    """Record the visit or hold the session, where that was not done before; work begun without a promise begins now."""
    if occasion.visit is not None and occasion.visit.status == "PLANNED":
        said = {"text": told.text, "own_words": told.own_words}
        visit, facts = await settle_visit(
            tx, occasion.visit, outcome="COMPLETED", kept_at=happened_at, **said
        )
        return dataclasses.replace(occasion, visit=visit, visit_facts=facts)
    if occasion.session is not None and occasion.session.status == "PLANNED":
        there = {"case_ids": told.case_ids, "head_count": told.head_count}
        session = await hold_session(tx, occasion.session, held_at=happened_at, **there)
        return dataclasses.replace(occasion, session=session)
    if occasion.case is not None and occasion.visit is None:
        await begin_work(tx, occasion.case, occasion.case.lead_organization_id)
    return occasion


def happened(tx: Transaction, occasion: Occasion, told: Told) -> datetime:
    """When it happened. Raises Invalid, also for words that have no place: a record made before is not told anew."""
    held_at = occasion.held_at
    if told.of_visit and (occasion.visit is None or held_at is not None):
        raise Invalid("delivery_words", path=("input", "text" if told.text else "ownWords"))
    if told.of_session and (occasion.session is None or held_at is not None):
        raise Invalid("delivery_attendance", path=("input", "caseIds" if told.case_ids else "headCount"))
    return moment_of(told.happened_at, held_at, tx.now, tx.clock.zone)
