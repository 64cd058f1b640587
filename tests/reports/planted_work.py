"""Plants visits, services and sessions past every trigger, in a month in which the world has none; asks for reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg

from tests.schema.asking import Answer, Hub, gid
from tests.world import World

ZONE = ZoneInfo("Asia/Shanghai")

FIGURES = """visits { times persons households } caseServices { times persons households }
    attendances { sessions times persons households unnamed }"""
PROMISES = "promises { made kept late missed cancelled open }"
TOTAL = f"total {{ {FIGURES} {PROMISES} paragraph }}"
REPORT = """query($from: Date!, $to: Date!, $street: ID, $community: ID) {
    stationReport(from: $from, to: $to, street: $street, community: $community) { %s } }"""


class Work:
    """People and what was done for them."""

    def __init__(self, hub: Hub, world: World, connection: asyncpg.Connection, year: int) -> None:
        self.hub, self.world, self.connection, self.year = hub, world, connection, year

    @property
    def january(self) -> tuple[str, str]:
        """The period of the test."""
        return f"{self.year}-01-01", f"{self.year}-01-31"

    def at(self, day: int, hour: int = 10, minute: int = 0) -> datetime:
        """An instant of that January, in the hub's time zone."""
        return datetime(self.year, 1, day, hour, minute, tzinfo=ZONE)

    async def run(self, query: str, *values: Any) -> list[Any]:
        """One statement of the administrator's."""
        return await self.connection.fetch(query, *values)

    async def put(self, table: str, **values: Any) -> UUID:
        """Insert one row; its id."""
        row = {"id": uuid4(), **values}
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        query = f"insert into {table} ({', '.join(row)}) values ({places})"
        await self.connection.execute(query, *row.values())
        return row["id"]

    def scope(self, community: str) -> dict[str, UUID]:
        """District, street and community."""
        places = self.world.organizations
        found = {"district_id": places["district"], "street_id": places["street"]}
        return {**found, "community_id": places[community]}

    async def service(self, code: str) -> UUID:
        """The id of a service type."""
        return (await self.run("select id from service_types where code = $1", code))[0][0]

    async def person(
        self, community: str = "七里沟", household: UUID | None = None, *, age: int = 85
    ) -> UUID:
        """Somebody, born on 31 January so many years before."""
        key = uuid4()
        return await self.put(
            "persons",
            id=key,
            reference=f"P-{key.hex[:8]}",
            pseudonym=key.hex[:8],
            name="某",
            name_masked="某",
            household_id=household,
            birth_on=date(self.year - age, 1, 31),
            sex="FEMALE",
            created_at=self.world.now,
            **self.scope(community),
        )

    async def visit(
        self,
        person: UUID,
        day: int = 5,
        *,
        community: str = "七里沟",
        service: str | None = "VISITING",
        partner: str | None = None,
        **changes: Any,
    ) -> UUID:
        """A visit promised for 10:00–10:30 of a day, and kept at 10:10 unless said otherwise."""
        at = self.at(day)
        row = {
            "kind": "CONDOLENCE",
            "status": "COMPLETED",
            "promised_from_at": at,
            "promised_to_at": at + timedelta(minutes=30),
            "kept_at": at + timedelta(minutes=10),
            **changes,
        }
        organization = partner or "street"
        return await self.put(
            "visits",
            reference=f"B-{uuid4().hex[:8]}",
            person_id=person,
            person_pseudonym="P",
            service_type_id=service and await self.service(service),
            organization_id=self.world.organizations[organization],
            partner_id=self.world.organizations[partner] if partner else None,
            worker_id=self.world.memberships["an" if partner else "mei"],
            created_at=at,
            **{**self.scope(community), **row},
        )

    async def case(self, person: UUID, *, community: str = "七里沟", line: UUID | None = None) -> UUID:
        """A case of the station, or on a line."""
        key = uuid4()
        return await self.put(
            "cases",
            id=key,
            reference=f"C-{key.hex[:8]}",
            kind="SERVICE",
            status="ACTIVE",
            person_id=person,
            referral_id=uuid4(),
            line_id=line,
            service_type_id=await self.service("HOME_HAIRCUT"),
            lead_organization_id=self.world.organizations["street"],
            opened_at=self.world.now,
            **self.scope(community),
        )

    async def delivery(self, person: UUID | None, day: int = 6, **changes: Any) -> UUID:
        """A haircut by partner 1, or (`session_id`) the record of a session."""
        line = self.world.lines["nuanchao.HOME_HAIRCUT"]
        at = self.at(day, 11) + timedelta(seconds=uuid4().int % 3000)
        row = {
            "status": "VERIFIED",
            "verification": "STATION",
            "verified_at": at,
            "case_id": uuid4() if person else None,
            "happened_at": at,
            "happened_on": at.date(),
            **changes,
        }
        community = row.pop("community", "七里沟")
        return await self.put(
            "deliveries",
            reference=f"S-{uuid4().hex[:8]}",
            person_id=person,
            person_pseudonym="P" if person else None,
            partner_id=self.world.organizations["nuanchao"],
            agreement_id=self.world.agreements["nuanchao"],
            line_id=line,
            service_type_id=await self.service("HOME_HAIRCUT"),
            unit="VISIT",
            quantity=1,
            worker_id=self.world.memberships["an"],
            recorded_by_id=self.world.memberships["an"],
            recorded_at=at,
            **{**self.scope(community), **row},
        )

    async def session(
        self,
        heads: int,
        people: tuple[UUID, ...] = (),
        day: int = 7,
        *,
        community: str = "七里沟",
        **changes: Any,
    ) -> UUID:
        """A session held with so many heads, of whom these are known by name."""
        at, key = self.at(day, 14), uuid4()
        common = {
            **self.scope(community),
            "partner_id": self.world.organizations["nuanchao"],
        }
        paid = {
            **common,
            "agreement_id": self.world.agreements["nuanchao"],
            "line_id": self.world.lines["nuanchao.HOME_HAIRCUT"],
        }
        series = await self.put(
            "activity_series",
            reference=f"G-{key.hex[:8]}",
            title="小组",
            kind="ENROLLED",
            service_type_id=await self.service("INTEGRATION"),
            opened_by_id=self.world.memberships["an"],
            opened_at=at,
            **paid,
        )
        await self.put(
            "group_sessions",
            id=key,
            reference=f"T-{key.hex[:8]}",
            series_id=series,
            number=1,
            status="HELD",
            worker_id=self.world.memberships["an"],
            planned_from_at=at,
            planned_to_at=at,
            participant_count=heads,
            created_at=at,
            **{**paid, "held_at": at, **changes},
        )
        for person in people:
            await self.put(
                "attendances",
                session_id=key,
                case_id=uuid4(),
                person_id=person,
                person_pseudonym="P",
                **common,
            )
        return key

    async def household(self) -> UUID:
        """People who live together."""
        key = uuid4()
        return await self.put(
            "households",
            id=key,
            reference=f"H-{key.hex[:8]}",
            created_at=self.world.now,
            **self.scope("七里沟"),
        )

    async def ask(self, who: str, fields: str, **variables: Any) -> Answer:
        """The report of January, or of other days."""
        first, last = variables.pop("days", self.january)
        return await self.hub.ask(
            self.world.viewers[who], REPORT % fields, {"from": first, "to": last, **variables}
        )

    async def report(self, who: str, fields: str, **variables: Any) -> Any:
        """The same, without any error."""
        return (await self.ask(who, fields, **variables)).data["stationReport"]

    def place(self, name: str) -> str:
        """The global id of the street or a community."""
        return gid("street" if name == "street" else "community", self.world.organizations[name])
