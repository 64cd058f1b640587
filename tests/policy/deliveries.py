"""Deliveries, group work, call-backs, capacities and substitutions of the planted world, made row by row.

As the owner of the tables and not by commands, so that every state and every free text is there: each carries a mark.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests import harness
from tests.policy.agreements import GROUP
from tests.policy.author import Author
from tests.policy.making import Maker, Row, scope
from tests.policy.planted import CASEWORK, COMMUNITIES, MANAGER_OF, OFFICES, SERVICE

GIVEN = (
    *(("active", "an"), ("active", "an"), ("active", "an"), ("child", "an"), ("colleague", "ou")),
    *(("second", "lin"), ("pupil", "lin"), ("helped", "an"), ("helping", "lin"), ("moved", "an")),
    *(("moved", "ou"), ("withdrawn", "an"), ("overdue", "an"), ("lapsed", "an"), ("left", "ex")),
    *(("handed@p1", "an"), ("handed", "lin"), ("bei@p1", "an"), ("bei@p3", "xia"), ("bei@p3", "yan")),
    *(("cui@p1", "ou"), ("cui@p3", "xia"), ("orphan", "xia"), ("ward", "ou"), ("window2", "an")),
)
"""Case and worker of a delivery each. The states come in turn."""

STATES = ("RECORDED", "FLAGGED", "VERIFIED", "DISPUTED", "VOIDED")
CALLED = ("DUE", "CONFIRMED", "NOT_REACHED", "FAILED", "")
SERIES = (
    *(("a1", "p1", "an", "ou", "active withdrawn stopped"), ("a2", "p1", "ou", "an", "colleague")),
    *(("a1", "p2", "lin", "hua@p2", "second helping handed"), ("b1", "p3", "xia", "yan", "bei@p3")),
    *(("c1", "p1", "ou", "an", "cui@p1 ward"), ("c1", "p3", "yan", "xia", "cui@p3")),
)
"""Community, partner, who leads the sessions held, who the planned ones, and the cases of the enrolled."""

ABSENT = (
    *(
        ("p1", "a", "an", "ou"),
        ("p1", "c", "ou", "an"),
        ("p2", "a", "lin", "hua@p2"),
        ("p3", "b", "xia", "yan"),
    ),
    ("a", "a", "mei", "tao"),
)
"""Organization, street, who is away and who stands in."""


class Giver:
    """Writes rows with a mark in every text."""

    def __init__(self, author: Author, make: Maker) -> None:
        self.author, self.make, self.world = author, make, author.world
        self._moment = author.clock.now() - timedelta(hours=30)

    def member(self, name: str) -> UUID:
        """The membership of somebody."""
        found = self.world.viewers[name].membership_id
        assert found
        return found

    def moment(self) -> datetime:
        """A new one, some minutes after the one before."""
        self._moment += timedelta(minutes=17)
        return self._moment

    async def row(self, table: str, row_id: UUID) -> Row:
        """A row as it is now."""
        return dict(await self.make.connection.fetchrow(f"select * from {table} where id = $1", row_id))  # type: ignore[arg-type]

    # ---- deliveries ----

    async def on_case(self, key: str, who: str, state: str = "RECORDED", called: str = "") -> Row:
        """A delivery on a case, with its visit where there was one that is free."""
        case = await self.row("cases", self.world.cases[key])
        person = await self.row("persons", case["person_id"])
        visit = await self.make.connection.fetchrow(
            "select v.id, v.kept_at from visits v where v.case_id = $1 and v.status = 'COMPLETED'"
            " and v.worker_id = $2 and not exists (select from deliveries d where d.visit_id = v.id)",
            *(case["id"], self.member(who)),
        )
        whom = {"case_id": case["id"], "person_id": person["id"], "person_pseudonym": person["pseudonym"]}
        when = visit["kept_at"] if visit else self.moment()
        return await self.give(case, who, when, state, called, visit_id=visit and visit["id"], **whom)

    async def give(self, hung: Row, who: str, when: datetime, state: str, called: str, **ids: Any) -> Row:
        """A delivery, what became of it, and the call-back about it."""
        line = await self.row("agreement_lines", hung["line_id"])
        of = {**scope(hung, "community_id", "partner_id", "agreement_id", "line_id"), **ids}
        what = {"service_type_id": line["service_type_id"], "unit": line["unit"], "happened_on": when.date()}
        told = {"worker_id": self.member(who), "recorded_by_id": self.member(who), "recorded_at": when}
        reference = f"D-{self.author.mark()}"
        row = await self.make.insert(
            "deliveries", reference=reference, happened_at=when, **of, **what, **told
        )
        self.world.deliveries[f"{who} {len(self.world.deliveries)}"] = row["id"]
        if called:
            await self.call(row, called)
        await self._to(row, state)
        return row

    async def _to(self, row: Row, state: str) -> None:
        station = self.member(OFFICES[self.street(row)][0])
        by = {"_by_id": station, "_at": self.author.clock.now()}
        said: dict[str, Any] = {}
        if state == "FLAGGED":
            said = {"flags": ["DUPLICATE"]}
        elif state == "VERIFIED":
            said = {"verification": "STATION", **{f"verified{part}": one for part, one in by.items()}}
        elif state in ("DISPUTED", "VOIDED"):
            step, code = {"DISPUTED": ("dispute", "POOR_QUALITY"), "VOIDED": ("void", "OTHER")}[state]
            said = {f"{state.lower()}{part}": one for part, one in by.items()}
            said |= {f"{step}_reason_code": code, f"{step}_reason": self.author.mark()}
        if state != "RECORDED":
            await self.make.move("deliveries", row, state, **said)

    async def call(self, row: Row, status: str) -> None:
        """The station has drawn it, and maybe called."""
        now = self.author.clock.now()
        drawn = {"cause": "SAMPLE", "drawn_at": now, "due_at": now + timedelta(days=5)}
        call = await self.make.insert(
            "callbacks", delivery_id=row["id"], **drawn, **scope(row, "community_id")
        )
        self.world.callbacks[str(row["id"])] = call["id"]
        if status != "DUE":
            by = {
                "called_by_id": self.member(OFFICES[self.street(row)][0]),
                "called_at": now,
                "attempt_count": 1,
            }
            await self.make.move("callbacks", call, status, note=self.author.mark(), **by)

    def street(self, row: Row) -> str:
        """The key of a row's street."""
        return next(key for key in OFFICES if self.world.places[key] == row["street_id"])

    async def prove(self, key: str, who: str) -> None:
        """A file of the partner's, attached to a delivery of that worker's that stands, in the same street."""
        file = await self.row("documents", self.world.documents[key])
        row = await self.make.connection.fetchrow(
            "select * from deliveries where worker_id = $1 and street_id = $2 and status <> 'VOIDED' order by id",
            *(self.member(who), file["street_id"]),
        )
        assert row is not None
        of = {"delivery_id": row["id"], "document_id": file["id"], **scope(row, "community_id", "partner_id")}
        await self.make.insert("delivery_documents", attached_at=self.author.clock.now(), **of)

    # ---- group work ----

    async def series(self, at: str, partner: str, leads: str, plans: str, enrolled: str) -> None:
        """A series with one session held, one planned by a colleague, one cancelled."""
        line = await self.row("agreement_lines", self.world.lines[f"{at[0]}@{partner}/{GROUP}"])
        of = {
            **scope(line, "partner_id", "agreement_id"),
            "line_id": line["id"],
            "community_id": self.world.places[at],
        }
        opened = {"opened_by_id": self.member(leads), "opened_at": self.author.clock.now()}
        named = {"reference": f"G-{self.author.mark()}", "title": self.author.mark(), "kind": "ENROLLED"}
        service = {"service_type_id": line["service_type_id"]}
        series = await self.make.insert("activity_series", **named, **opened, **service, **of)
        self.world.series[f"{at}@{partner}"] = series["id"]
        there = [one for one in [await self._enrol(series, leads, key) for key in enrolled.split()] if one]
        held = await self._session(series, 1, leads)
        for who in there:
            own = {"session_id": held["id"], **scope(series, "community_id", "partner_id")}
            await self.make.insert("attendances", **who, **own)
        heads = {"held_at": held["planned_from_at"], "participant_count": len(there)}
        await self.make.move("group_sessions", held, "HELD", **heads)
        await self.give(held, leads, held["planned_from_at"], "RECORDED", "DUE", session_id=held["id"])
        await self._session(series, 2, plans)
        off = await self._session(series, 3, leads)
        await self.make.move("group_sessions", off, "CANCELLED", cancel_reason=self.author.mark())

    async def _enrol(self, series: Row, who: str, key: str) -> dict[str, Any] | None:
        """Somebody whose case belongs to what the series is for; others the database refuses."""
        case = await self.row("cases", self.world.cases[key])
        person = await self.row("persons", case["person_id"])
        whom = {"case_id": case["id"], "person_id": person["id"], "person_pseudonym": person["pseudonym"]}
        by = {"enrolled_by_id": self.member(who), "enrolled_at": self.author.clock.now()}
        of = {"series_id": series["id"], **scope(series, "community_id", "partner_id")}
        async with self.make.attempt():
            self.world.enrolments[key] = (await self.make.insert("enrolments", **whom, **by, **of))["id"]
            return whom
        return None

    async def _session(self, series: Row, number: int, who: str) -> Row:
        begin = self.moment()
        named = {"reference": f"M-{self.author.mark()}", "title": self.author.mark(), "number": number}
        when = {"planned_from_at": begin, "planned_to_at": begin + timedelta(hours=1), "created_at": begin}
        of = scope(series, "community_id", "partner_id", "agreement_id", "line_id")
        ids = {"series_id": series["id"], "worker_id": self.member(who)}
        row = await self.make.insert("group_sessions", **named, **when, **ids, **of)
        self.world.sessions[f"{who} {len(self.world.sessions)}"] = row["id"]
        return row

    # ---- beside ----

    async def capacity(self, partner: str, at: str, service: str) -> None:
        """What a partner says it can take on."""
        places = self.world.places
        of = scope(await self.row("organizations", places[at]))
        ids = {"partner_id": places[partner], "community_id": places[at]}
        said = {"capacity_count": 9, "vacancy_count": 4, "note": self.author.mark()}
        by = {"set_by_id": self.member(MANAGER_OF[partner]), "set_at": self.author.clock.now()}
        found = await self.make.connection.fetchval("select id from service_types where code = $1", service)
        row = await self.make.insert("capacities", service_type_id=found, **ids, **said, **by, **of)
        self.world.capacities[f"{partner}@{at}"] = row["id"]

    async def substitution(self, organization: str, street: str, away: str, stands_in: str) -> None:
        """Somebody is ill."""
        places, today = self.world.places, self.author.clock.now().date()
        of = scope(await self.row("organizations", places[street]))
        partner = places[organization] if organization in MANAGER_OF else None
        who = {"organization_id": places[organization], "partner_id": partner, "reason": self.author.mark()}
        ids = {"worker_id": self.member(away), "substitute_id": self.member(stands_in)}
        by = {
            "arranged_by_id": self.member(MANAGER_OF.get(organization, away)),
            "created_at": self.author.clock.now(),
        }
        dates = {"from_on": today + timedelta(days=2), "until_on": today + timedelta(days=4)}
        row = await self.make.insert("substitutions", **who, **ids, **by, **dates, **of)
        self.world.substitutions[away] = row["id"]


@contextlib.asynccontextmanager
async def delivering(author: Author) -> AsyncIterator[Giver]:
    """A session of the owner's on the author's day."""
    async with harness.connect_as(author.server, "owner") as connection:
        today = author.clock.now().astimezone(author.clock.zone).date().isoformat()
        await connection.execute("select set_config('hub.today', $1, false)", today)
        yield Giver(author, Maker(connection, len(author.world.deliveries)))


async def everything(given: Giver) -> None:
    """Everything but what had to be there earlier."""
    for number, (key, who) in enumerate(GIVEN):
        if key in given.world.cases:
            turn = number % len(STATES), (number + number // len(STATES)) % len(CALLED)
            await given.on_case(key, who, STATES[turn[0]], CALLED[turn[1]])
    for one in SERIES:
        await given.series(*one)
    for key, who in (("active", "an"), ("manager", "ou"), ("helped", "lin")):
        await given.prove(key, who)
    for partner in MANAGER_OF:
        for at in COMMUNITIES:
            await given.capacity(partner, at, SERVICE if at.endswith("1") else CASEWORK)
    for one in ABSENT:
        await given.substitution(*one)
