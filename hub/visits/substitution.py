"""Somebody stands in for a worker who is ill: her promises of these days go over, and come back with nothing lost.

One substitution is of one street, since that is where cases and promises lie. While it lasts the substitute is a helper
on the worker's open cases there, so that consent and dates decide what she sees, as for any member; who is in charge
does not change. Sessions of a series have a worker of their own: `session_assign_worker` gives them to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, union, update

from auth.gate import claim
from auth.tables import memberships
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import optional
from hub.base.limits import MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.cases.opening import add_member
from hub.cases.tables import case_members, cases
from hub.cases.workers import live_worker, worker_of
from hub.organizations.tables import organizations
from hub.people.locks import lock_persons
from hub.people.tables import persons
from hub.visits.rules import require_substitution
from hub.visits.states import SUBSTITUTION
from hub.visits.tables import substitutions, visits

WORKER = ("input", "workerId")
SUBSTITUTE = ("input", "substituteId")
STREET = ("input", "streetId")
LIVE = ("PLANNED", "ACTIVE")


async def worker_substitute(
    tx: Transaction,
    worker_id: UUID,
    *,
    substitute_id: UUID,
    from_on: date,
    until_on: date,
    street_id: UUID | None = None,
    reason: str | None = None,
) -> Row[Any]:
    """A colleague stands in for the worker from one day until another; from today on it begins at once.

    `street_id` may be left out where the worker has open work in one street only. Raises NotFound for a worker who is
    no colleague, Conflict DUPLICATE when somebody stands in for her on one of these days already.
    """
    worker = await claim(tx, memberships, worker_id, "worker_substitute", path=WORKER)
    substitute = await _substitute_for(tx, worker, substitute_id)
    require_substitution(from_on, until_on, tx.today)
    street = await _street_of_work(tx, worker, street_id)
    await tx.enter_street(street.id)
    await _require_free(tx, worker, substitute, street.id, (from_on, until_on))
    row = await tx.insert(
        substitutions,
        district_id=street.district_id,
        street_id=street.id,
        organization_id=worker.organization_id,
        partner_id=worker.partner_id,
        worker_id=worker.id,
        substitute_id=substitute.id,
        from_on=from_on,
        until_on=until_on,
        reason=optional(reason, ("input", "reason"), MAX_TEXT_CHARS),
        arranged_by_id=tx.actor.membership_id,
        created_at=tx.now,
    )
    carried: dict[str, object] = {}
    if from_on <= tx.today:
        row, carried = await _begin(tx, row, "worker_substitute")
    await tx.emit("worker_substitute", row, "Substitution", facts=_facts(row, carried))
    return row


async def substitution_start(tx: Transaction, substitution_id: UUID) -> Row[Any]:
    """SYSTEM begins it on its first day, provided that the substitute still works there."""
    row = await claim(tx, substitutions, substitution_id, "substitution_start")
    SUBSTITUTION.require(row, "substitution_start")
    if not row.from_on <= tx.today <= row.until_on:
        raise Conflict("substitution_not_due", code="WRONG_STATE")
    await live_worker(tx, row.substitute_id)
    row, carried = await _begin(tx, row, "substitution_start")
    await tx.emit("substitution_start", row, "Substitution", facts=_facts(row, carried))
    return row


async def substitution_end(tx: Transaction, substitution_id: UUID) -> Row[Any]:
    """SYSTEM ends it the day after its last one. The substitute's access has ended by its date."""
    row = await claim(tx, substitutions, substitution_id, "substitution_end")
    SUBSTITUTION.require(row, "substitution_end")
    if tx.today <= row.until_on:
        raise Conflict("substitution_not_due", code="WRONG_STATE")
    returned = await _give_back(tx, row, "substitution_end")
    row = await SUBSTITUTION.move(tx, row, "substitution_end")
    await tx.emit("substitution_end", row, "Substitution", facts=_facts(row, {"visits": returned}))
    return row


async def substitution_cancel(
    tx: Transaction, substitution_id: UUID, *, version: int | None = None
) -> Row[Any]:
    """The worker is back early, or it was arranged wrongly: at once everything is hers again, and the access ends."""
    row = await claim(tx, substitutions, substitution_id, "substitution_cancel", version=version)
    SUBSTITUTION.require(row, "substitution_cancel")
    helped = cases.c.id.in_(select(case_members.c.case_id).where(_joined(row)))
    await _lock_work(tx, await _lock_visits(tx, _of(row)), helped)
    await _send_out(tx, row)
    returned = await _give_back(tx, row, "substitution_cancel")
    row = await SUBSTITUTION.move(tx, row, "substitution_cancel")
    await tx.emit("substitution_cancel", row, "Substitution", facts=_facts(row, {"visits": returned}))
    return row


# ------------------------------------------------------------------------------------------------------------ arranging
async def _substitute_for(tx: Transaction, worker: Row[Any], substitute_id: UUID) -> Row[Any]:
    """Another social worker of the same organization, locked: she must not be arranged away at the same moment."""
    await _require_present(tx, worker)
    try:
        found = await worker_of(tx, substitute_id, worker.organization_id)
    except Invalid:
        found = None
    if found is None or found.user_id == worker.user_id:
        raise Invalid("substitute_not_assignable", path=SUBSTITUTE)
    locked = select(memberships.c.id).where(memberships.c.id == found.id).with_for_update(key_share=True)
    await tx.execute(locked)
    return found


async def _require_present(tx: Transaction, worker: Row[Any]) -> None:
    """Whoever has left does not come back: her cases go to somebody for good."""
    try:
        await live_worker(tx, worker.id)
    except Invalid:
        raise Conflict("substitution_of_none", code="WRONG_STATE", path=WORKER) from None


async def _street_of_work(tx: Transaction, worker: Row[Any], street_id: UUID | None) -> Row[Any]:
    """The street: the one named, if she has open work there (what others do for her included), else the only one."""
    led = select(cases.c.street_id).where(cases.c.lead_worker_id == worker.id, cases.c.status != "CLOSED")
    promised = select(visits.c.street_id).where(visits.c.worker_id == worker.id, visits.c.status == "PLANNED")
    given = select(substitutions.c.street_id).where(
        substitutions.c.worker_id == worker.id, substitutions.c.status.in_(LIVE)
    )
    streets = set((await tx.execute(union(led, promised, given))).scalars())
    if not streets or (street_id is not None and street_id not in streets):
        raise Conflict("substitution_without_work", path=WORKER if street_id is None else STREET)
    if street_id is None and len(streets) > 1:
        raise Invalid("substitution_street", code="REQUIRED", path=STREET, count=len(streets))
    chosen = next(iter(streets)) if street_id is None else street_id
    return (await tx.execute(select(organizations).where(organizations.c.id == chosen))).one()


async def _require_free(
    tx: Transaction, worker: Row[Any], substitute: Row[Any], street_id: UUID, days: tuple[date, date]
) -> None:
    """Nobody stands in for the worker there on these days, she for nobody, and the substitute is not away herself."""
    table = substitutions.c
    statement = select(substitutions).where(
        table.status.in_(LIVE), table.from_on <= days[1], table.until_on >= days[0]
    )
    for other in (await tx.execute(statement)).all():
        if other.worker_id == worker.id and other.street_id == street_id:
            dates = {"since": other.from_on, "until": other.until_on}
            raise Conflict("substitution_overlaps", code="DUPLICATE", path=("input", "fromOn"), **dates)
        if other.worker_id == substitute.id:
            raise Conflict("substitute_away", path=SUBSTITUTE)
        if other.substitute_id == worker.id:
            raise Conflict("worker_stands_in", path=WORKER)


# ----------------------------------------------------------------------------------------------------- giving over
async def _begin(tx: Transaction, row: Row[Any], command: str) -> tuple[Row[Any], dict[str, object]]:
    """Let the substitute in on the worker's open cases, and give her the promises of these days.

    Locks go from visits over persons to cases, as recording a visit takes them.
    """
    mine = visits.c.worker_id == row.worker_id, visits.c.status == "PLANNED", *_in_days(tx, row)
    promised = await _lock_visits(tx, and_(*mine))
    led = and_(cases.c.lead_worker_id == row.worker_id, cases.c.street_id == row.street_id)
    work = await _lock_work(tx, promised, led)
    joined = [case for case in work if await _let_in(tx, row, case, command)]
    stands_in = {"worker_id": row.substitute_id, "stands_in_for_id": row.worker_id}
    await _give(tx, row, promised, command, **stands_in)
    row = await SUBSTITUTION.move(tx, row, command)
    return row, {"cases": len(joined), "visits": len(promised)}


def _in_days(tx: Transaction, row: Row[Any]) -> Sequence[ColumnElement[bool]]:
    """Promised for one of the substitution's days, in its street."""
    begin, end = tx.clock.at(row.from_on, 0), tx.clock.at(row.until_on + timedelta(days=1), 0)
    return (
        visits.c.street_id == row.street_id,
        visits.c.promised_from_at >= begin,
        visits.c.promised_from_at < end,
    )


async def _lock_visits(tx: Transaction, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    statement = select(visits).where(which).order_by(visits.c.id).with_for_update(key_share=True)
    return (await tx.execute(statement)).all()


async def _lock_work(
    tx: Transaction, promised: Sequence[Row[Any]], which: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """The open cases of these visits and those meant besides, locked after their persons."""
    listed = {visit.case_id for visit in promised} - {None}
    chosen = or_(which, cases.c.id.in_(listed)), cases.c.status != "CLOSED"
    await lock_persons(tx, persons.c.id.in_(select(cases.c.person_id).where(*chosen)))
    statement = select(cases).where(*chosen).order_by(cases.c.id).with_for_update(key_share=True)
    return (await tx.execute(statement)).all()


async def _let_in(tx: Transaction, row: Row[Any], case: Row[Any], command: str) -> bool:
    """Make the substitute a helper on the case, no longer than the worker is on it herself. False when she is on it."""
    until_on = await _days_left(tx, case.id, row.worker_id, row.until_on)
    if until_on is None:
        return False
    reached = await _days_left(tx, case.id, row.substitute_id, until_on)
    if reached is not None and reached >= until_on:
        return False
    await add_member(
        tx, case, row.organization_id, "HELPER", membership_id=row.substitute_id, until_on=until_on
    )
    facts = {"substitutionId": row.id, "workerId": row.substitute_id, "untilOn": until_on}
    await tx.emit(command, case, "Case", tell=False, facts=facts)
    return True


async def _days_left(tx: Transaction, case_id: UUID, membership_id: UUID, most: date) -> date | None:
    """The last day, up to `most`, on which that worker is on the case; None when she is not."""
    statement = select(case_members.c.until_on).where(
        case_members.c.case_id == case_id,
        case_members.c.membership_id == membership_id,
        or_(case_members.c.until_on.is_(None), case_members.c.until_on >= tx.today),
    )
    found = [min(until_on or most, most) for until_on in (await tx.execute(statement)).scalars()]
    return max(found, default=None)


async def _give(
    tx: Transaction, row: Row[Any], given: Sequence[Row[Any]], command: str, **worker: UUID | None
) -> None:
    """Change who goes, visit by visit, each with an event of its own."""
    if not given:
        return
    changed = (
        update(visits)
        .where(visits.c.id.in_([visit.id for visit in given]))
        .values(version=visits.c.version + 1, **worker)
        .returning(visits)
    )
    for visit in (await tx.execute(changed)).all():
        facts = {"substitutionId": row.id, "caseId": visit.case_id, "workerId": visit.worker_id}
        await tx.emit(command, visit, "Visit", tell=False, facts=facts)


# -------------------------------------------------------------------------------------------------------- giving back
def _of(row: Row[Any]) -> ColumnElement[bool]:
    """What the substitute has still to do in the street."""
    return and_(
        visits.c.worker_id == row.substitute_id,
        visits.c.status == "PLANNED",
        visits.c.street_id == row.street_id,
    )


def _joined(row: Row[Any]) -> ColumnElement[bool]:
    """As whom the substitute was let in: nothing else makes a colleague of the lead worker a helper until that day."""
    member = case_members.c
    return and_(
        member.membership_id == row.substitute_id,
        member.street_id == row.street_id,
        member.role == "HELPER",
        member.from_at >= row.created_at,
        member.until_on <= row.until_on,
    )


async def _send_out(tx: Transaction, row: Row[Any]) -> None:
    """Her last day on these cases was yesterday."""
    yesterday = tx.today - timedelta(days=1)
    member = case_members.c
    leaving = update(case_members).where(_joined(row), member.until_on > yesterday)
    await tx.execute(leaving.values(until_on=yesterday, version=member.version + 1))


async def _give_back(tx: Transaction, row: Row[Any], command: str) -> int:
    """What was moved and not done goes back to the worker, and what the substitute promised on the worker's cases
    herself and can no longer keep. Returns how many visits."""
    moved = and_(visits.c.stands_in_for_id == row.worker_id, *_in_days(tx, row))
    member = case_members.c
    still_on = exists().where(
        member.case_id == visits.c.case_id,
        member.membership_id == row.substitute_id,
        or_(member.until_on.is_(None), member.until_on >= tx.today),
    )
    led = exists().where(cases.c.id == visits.c.case_id, cases.c.lead_worker_id == row.worker_id)
    back = await _lock_visits(tx, and_(_of(row), or_(moved, and_(led, ~still_on))))
    await _give(tx, row, back, command, worker_id=row.worker_id, stands_in_for_id=None)
    return len(back)


def _facts(row: Row[Any], carried: dict[str, object]) -> dict[str, object]:
    return {
        "workerId": row.worker_id,
        "substituteId": row.substitute_id,
        "from": row.from_on,
        "until": row.until_on,
        **carried,
    }
