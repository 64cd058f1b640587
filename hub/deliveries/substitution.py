"""Somebody stands in for a worker who is ill: her visits and sessions of these days go over, and come back unless done.

One substitution is of one street, since that is where cases and promises lie. While it lasts the substitute is a helper
on the worker's open cases there, so that consent and dates decide what she sees, as for any member; who is in charge
does not change. `hub.visits` owns the arrangement; its commands stand here, since they move sessions too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, and_, exists, or_, select, union, update

from auth.gate import claim
from auth.tables import memberships
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import optional
from hub.base.limits import MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.cases.opening import add_member
from hub.cases.tables import case_members, cases
from hub.cases.workers import live_worker, worker_of
from hub.deliveries.tables import group_sessions
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
KINDS = (
    (visits, visits.c.promised_from_at, "Visit"),
    (group_sessions, group_sessions.c.planned_from_at, "GroupSession"),
)
"""What goes over: its table, when it begins, and as what it is told. Each has a worker and whom she stands in for."""
OF = {"caseId": "case_id", "seriesId": "series_id"}


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
    """SYSTEM ends it the day after its last one; the substitute's access has ended by its date.

    Or at once, when the substitute has left: nobody keeps the promises then, so who arranged it hears of it.
    """
    row = await claim(tx, substitutions, substitution_id, "substitution_end")
    SUBSTITUTION.require(row, "substitution_end")
    left = tx.today <= row.until_on
    if left and not await _has_left(tx, row.substitute_id):
        raise Conflict("substitution_not_due", code="WRONG_STATE")
    if left:
        await _shut_out(tx, row)
    returned = await _give_back(tx, row, "substitution_end")
    row = await SUBSTITUTION.move(tx, row, "substitution_end")
    facts = _facts(row, {**returned, "substituteLeft": left})
    await tx.emit("substitution_end", row, "Substitution", facts=facts)
    return row


async def _has_left(tx: Transaction, membership_id: UUID) -> bool:
    try:
        await live_worker(tx, membership_id)
    except Invalid:
        return True
    return False


async def substitution_cancel(
    tx: Transaction, substitution_id: UUID, *, version: int | None = None
) -> Row[Any]:
    """The worker is back early, or it was arranged wrongly: at once everything is hers again, and the access ends."""
    row = await claim(tx, substitutions, substitution_id, "substitution_cancel", version=version)
    SUBSTITUTION.require(row, "substitution_cancel")
    await _shut_out(tx, row)
    returned = await _give_back(tx, row, "substitution_cancel")
    row = await SUBSTITUTION.move(tx, row, "substitution_cancel")
    await tx.emit("substitution_cancel", row, "Substitution", facts=_facts(row, returned))
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
    if await _has_left(tx, worker.id):
        raise Conflict("substitution_of_none", code="WRONG_STATE", path=WORKER)


async def _street_of_work(tx: Transaction, worker: Row[Any], street_id: UUID | None) -> Row[Any]:
    """The street: the one named, if she has open work there (what others do for her included), else the only one."""
    led = select(cases.c.street_id).where(cases.c.lead_worker_id == worker.id, cases.c.status != "CLOSED")
    planned = [
        select(table.c.street_id).where(table.c.worker_id == worker.id, table.c.status == "PLANNED")
        for table, _, _ in KINDS
    ]
    given = select(substitutions.c.street_id).where(
        substitutions.c.worker_id == worker.id, substitutions.c.status.in_(LIVE)
    )
    streets = set((await tx.execute(union(led, *planned, given))).scalars())
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
    """Let the substitute in on the worker's open cases, and give her what is planned for these days.

    Locks go from visits and sessions over persons to cases, as recording one takes them.
    """
    planned = [
        await _lock(tx, table, _planned(row, table, row.worker_id), *_in_days(tx, row, begins))
        for table, begins, _ in KINDS
    ]
    promised, sessions = planned
    led = and_(cases.c.lead_worker_id == row.worker_id, cases.c.street_id == row.street_id)
    work = await _lock_work(tx, promised, led)
    joined = [case for case in work if await _let_in(tx, row, case, command)]
    stands_in = {"worker_id": row.substitute_id, "stands_in_for_id": row.worker_id}
    for place, given in enumerate(planned):
        await _give(tx, row, place, given, command, **stands_in)
    row = await SUBSTITUTION.move(tx, row, command)
    return row, {"cases": len(joined), "visits": len(promised), "sessions": len(sessions)}


def _planned(row: Row[Any], table: Table, worker_id: UUID) -> ColumnElement[bool]:
    """What that worker has still to do in the street."""
    return and_(
        table.c.worker_id == worker_id, table.c.status == "PLANNED", table.c.street_id == row.street_id
    )


def _in_days(tx: Transaction, row: Row[Any], begins: ColumnElement[Any]) -> Sequence[ColumnElement[bool]]:
    """Planned for one of the substitution's days."""
    begin, end = tx.clock.at(row.from_on, 0), tx.clock.at(row.until_on + timedelta(days=1), 0)
    return begins >= begin, begins < end


async def _lock(tx: Transaction, table: Table, *which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    statement = select(table).where(*which).order_by(table.c.id).with_for_update(key_share=True)
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
    tx: Transaction,
    row: Row[Any],
    place: int,
    given: Sequence[Row[Any]],
    command: str,
    **worker: UUID | None,
) -> None:
    """Change who goes, one by one (of the kind at that place in `KINDS`), each with an event of its own."""
    if not given:
        return
    table, _, type_name = KINDS[place]
    changed = (
        update(table)
        .where(table.c.id.in_([one.id for one in given]))
        .values(version=table.c.version + 1, **worker)
        .returning(*table.c)
    )
    for one in (await tx.execute(changed)).all():
        facts = {"substitutionId": row.id, "workerId": one.worker_id}
        facts |= {name: one._mapping[column] for name, column in OF.items() if column in one._mapping}
        await tx.emit(command, one, type_name, tell=False, facts=facts)


# -------------------------------------------------------------------------------------------------------- giving back
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


async def _shut_out(tx: Transaction, row: Row[Any]) -> None:
    """The substitute's last day on these cases was yesterday. Everything that may change is locked before."""
    helped = cases.c.id.in_(select(case_members.c.case_id).where(_joined(row)))
    promised, _ = [await _lock(tx, table, _planned(row, table, row.substitute_id)) for table, _, _ in KINDS]
    await _lock_work(tx, promised, helped)
    yesterday = tx.today - timedelta(days=1)
    member = case_members.c
    leaving = update(case_members).where(_joined(row), member.until_on > yesterday)
    await tx.execute(leaving.values(until_on=yesterday, version=member.version + 1))


async def _give_back(tx: Transaction, row: Row[Any], command: str) -> dict[str, object]:
    """What was moved and not done goes back to the worker, and what the substitute promised on the worker's cases
    herself and can no longer keep. Returns how many visits and sessions."""
    member = case_members.c
    still_on = exists().where(
        member.case_id == visits.c.case_id,
        member.membership_id == row.substitute_id,
        or_(member.until_on.is_(None), member.until_on >= tx.today),
    )
    led = exists().where(cases.c.id == visits.c.case_id, cases.c.lead_worker_id == row.worker_id)
    back: list[Sequence[Row[Any]]] = []
    for table, begins, _ in KINDS:
        moved = and_(table.c.stands_in_for_id == row.worker_id, *_in_days(tx, row, begins))
        meant = or_(moved, and_(led, ~still_on)) if table is visits else moved
        back.append(await _lock(tx, table, _planned(row, table, row.substitute_id), meant))
    for place, given in enumerate(back):
        await _give(tx, row, place, given, command, worker_id=row.worker_id, stands_in_for_id=None)
    return {"visits": len(back[0]), "sessions": len(back[1])}


def _facts(row: Row[Any], carried: dict[str, object]) -> dict[str, object]:
    return {
        "workerId": row.worker_id,
        "substituteId": row.substitute_id,
        "from": row.from_on,
        "until": row.until_on,
        **carried,
    }
