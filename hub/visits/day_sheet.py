"""The day sheet: where the worker has to go today and tomorrow, with the plain values needed at the door (I13)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, literal, select
from sqlalchemy.dialects import postgresql

from auth.grants import command_rows
from auth.roles import Viewer
from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.people.opening import open_many
from hub.people.tables import persons
from hub.visits.rules import sheet_days
from hub.visits.tables import visits

OPENED = ("phone", "address", "emergency_contacts", "door_notes")


async def day_sheet_open(tx: Transaction, *, day: date) -> list[dict[str, Any]]:
    """The acting worker's own planned visits of `day` and the next, no later than tomorrow, in the order of promises.

    A partner's worker gets only persons she may see today: consent in force, still on the case. One audit event a
    person; it causes no notice. Raises Invalid when `day` is neither today nor tomorrow.
    """
    viewer: Viewer = tx.actor  # type: ignore[assignment]
    command_rows(
        "day_sheet_open", viewer
    )  # there is no one row to claim: the rows are the worker's own visits
    promised = await _own_visits(tx, *sheet_days(day, tx.today))
    by_street: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for visit in promised:
        by_street[visit.street_id].append(visit)
    entries: list[dict[str, Any]] = []
    for street_id, there in by_street.items():
        await tx.enter_street(street_id)
        entries += await _entries(tx, there)
    return sorted(entries, key=lambda entry: (entry["promised_from"], entry["visit_id"]))


async def _own_visits(tx: Transaction, first: date, last: date) -> list[Row[Any]]:
    statement = (
        select(visits, service_types.c.code.label("service_code"))
        .outerjoin(service_types, service_types.c.id == visits.c.service_type_id)
        .where(
            visits.c.worker_id == tx.actor.membership_id,
            visits.c.status == "PLANNED",
            visits.c.promised_from_at >= tx.clock.at(first, 0),
            visits.c.promised_from_at < tx.clock.at(last + timedelta(days=1), 0),
        )
    )
    return list((await tx.execute(statement)).all())


async def _entries(tx: Transaction, there: list[Row[Any]]) -> list[dict[str, Any]]:
    people = {person.id: person for person in await _visible(tx, {visit.person_id for visit in there})}
    plain = await open_many(tx, list(people), OPENED)
    for person_id in plain:
        here = [visit.reference for visit in there if visit.person_id == person_id]
        facts = {"visits": here, "fields": ["name", *OPENED]}
        await tx.emit("day_sheet_open", people[person_id], "Person", tell=False, facts=facts)
    return [
        _entry(visit, people[visit.person_id], plain[visit.person_id])
        for visit in there
        if visit.person_id in plain
    ]


async def _visible(tx: Transaction, person_ids: set[UUID]) -> list[Row[Any]]:
    """The persons that the worker may see: street and community their own, a partner by its access columns."""
    statement = select(persons).where(persons.c.id.in_(person_ids))
    if tx.actor.partner_id is not None:
        me = literal(tx.actor.membership_id, postgresql.UUID(as_uuid=True))
        statement = statement.where(me == any_(persons.c.worker_ids), persons.c.access_until >= tx.today)
    return list((await tx.execute(statement)).all())


def _entry(visit: Row[Any], person: Row[Any], plain: dict[str, Any]) -> dict[str, Any]:
    return {
        "visit_id": visit.id,
        "visit_reference": visit.reference,
        "person_id": person.id,
        "name": person.name,
        "lives_alone": person.lives_alone,
        "promised_from": visit.promised_from_at,
        "promised_to": visit.promised_to_at,
        "kind": visit.kind,
        "service_code": visit.service_code,
        **plain,
    }
