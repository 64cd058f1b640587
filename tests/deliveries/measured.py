"""Plants lines and work as rows, past every guard: measures apart from the commands that feed them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

BEGAN = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)


class Works:
    """One version of an agreement with its lines, in a database whose triggers and foreign keys look away."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.version, self.agreement, self.place = uuid4(), uuid4(), uuid4()
        self.moments = 0

    @property
    def common(self) -> dict[str, Any]:
        """Scope and agreement of every row."""
        return {**self.scope, "partner_id": self.place, "agreement_id": self.agreement}

    @property
    def scope(self) -> dict[str, Any]:
        """District, street and community."""
        return dict.fromkeys(("district_id", "street_id", "community_id"), self.place)

    async def put(self, table: str, **values: Any) -> UUID:
        """Insert one row; its id."""
        row = {"id": uuid4(), **values}
        names = ", ".join(row)
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        await self.connection.execute(f"insert into {table} ({names}) values ({places})", *row.values())
        return row["id"]

    async def line(
        self, unit: str, cap: int | None, *criteria: tuple[str, int, bool], kind: str = "UNIT"
    ) -> UUID:
        """A line; each criterion as (metric, at least, per unit)."""
        common = {k: v for k, v in self.common.items() if k != "community_id"}
        line = await self.put(
            "agreement_lines",
            version_id=self.version,
            number=await self.connection.fetchval("select count(*)::int + 1 from agreement_lines"),
            title=unit,
            service_type_id=self.place,
            kind=kind,
            unit=unit,
            unit_price_fen=100 if kind == "UNIT" else None,
            quantity_cap=cap,
            amount_cap_fen=100,
            **common,
        )
        for metric, target, per_unit in criteria:
            await self.criterion(metric, target, line_id=line, per_unit=per_unit)
        return line

    async def criterion(self, metric: str, target: int, **of: Any) -> UUID:
        """A minimum, of a line or a milestone."""
        common = {k: v for k, v in self.common.items() if k != "community_id"}
        return await self.put(
            "criteria", version_id=self.version, metric=metric, target=target, **of, **common
        )

    async def milestone(self, kind: str, *criteria: tuple[str, int]) -> UUID:
        """A milestone with its own criteria."""
        common = {k: v for k, v in self.common.items() if k != "community_id"}
        milestone = await self.put(
            "milestones",
            version_id=self.version,
            sequence=await self.connection.fetchval("select count(*)::int + 1 from milestones"),
            code=str(uuid4()),
            title=kind,
            kind=kind,
            due_on=datetime(2026, 6, 30, tzinfo=UTC).date(),
            amount_fen=100,
            **common,
        )
        for metric, target in criteria:
            await self.criterion(metric, target, milestone_id=milestone)
        return milestone

    async def case(
        self, line: UUID, quantity: int = 1, *, status: str = "ACTIVE", offer: str = "ACCEPTED"
    ) -> UUID:
        """A case on the line, or with `offer` OFFERED only the offer that may become one."""
        offer_id = await self.put(
            "offers",
            referral_id=uuid4(),
            service_type_id=self.place,
            urgency="SOON",
            age_group="AGE_70_79",
            expires_at=BEGAN,
            offered_by_id=self.place,
            offered_at=BEGAN,
            status=offer,
            line_id=line,
            quantity=quantity,
            **self.common,
        )
        if offer != "ACCEPTED":
            return offer_id
        return await self.put(
            "cases",
            reference=f"C-{uuid4().hex[:8]}",
            kind="SERVICE",
            status=status,
            person_id=uuid4(),
            referral_id=uuid4(),
            offer_id=offer_id,
            service_type_id=self.place,
            lead_organization_id=self.place,
            opened_at=BEGAN,
            closed_at=BEGAN if status == "CLOSED" else None,
            outcome="COMPLETED" if status == "CLOSED" else None,
            line_id=line,
            quantity=quantity,
            **self.common,
        )

    async def close(self, case: UUID) -> None:
        """End a case."""
        await self.connection.execute(
            "update cases set status = 'CLOSED', closed_at = $2, outcome = 'COMPLETED' where id = $1",
            case,
            BEGAN,
        )

    async def give(
        self, line: UUID, unit: str, times: int = 1, *, status: str = "VERIFIED", quantity: int = 1, **of: Any
    ) -> list[UUID]:
        """Deliveries on a case or in a session, each at a moment of its own."""
        given: list[UUID] = []
        if "case_id" in of:
            person = await self.connection.fetchval(
                "select person_id from cases where id = $1", of["case_id"]
            )
            of |= {"person_id": person, "person_pseudonym": "P"}
        for _ in range(times):
            self.moments += 1
            at = BEGAN + timedelta(hours=self.moments)
            facts = {
                "verification": "STATION" if status == "VERIFIED" else None,
                "verified_at": at if status == "VERIFIED" else None,
                "dispute_reason_code": "OTHER" if status == "DISPUTED" else None,
                "void_reason_code": "OTHER" if status == "VOIDED" else None,
            }
            given.append(
                await self.put(
                    "deliveries",
                    reference=f"S-{uuid4().hex[:8]}",
                    status=status,
                    line_id=line,
                    service_type_id=self.place,
                    unit=unit,
                    quantity=quantity,
                    worker_id=self.place,
                    happened_at=at,
                    happened_on=at.date(),
                    recorded_by_id=self.place,
                    recorded_at=at,
                    **facts,
                    **of,
                    **self.common,
                )
            )
            if "case_id" in of and status != "VOIDED":
                await self.connection.execute(
                    "update cases set delivered_count = delivered_count + $2 where id = $1",
                    of["case_id"],
                    quantity,
                )
        return given

    async def series(self, line: UUID, *, status: str = "OPEN") -> UUID:
        """Group work with a head-count."""
        return await self.put(
            "activity_series",
            reference=f"G-{uuid4().hex[:8]}",
            title="小组",
            kind="HEAD_COUNT",
            status=status,
            line_id=line,
            service_type_id=self.place,
            opened_by_id=self.place,
            opened_at=BEGAN,
            **self.common,
        )

    async def hold(
        self,
        line: UUID,
        unit: str,
        series: UUID,
        participants: int,
        *,
        status: str = "VERIFIED",
        quantity: int = 1,
    ) -> UUID:
        """A session that was held, with its delivery."""
        self.moments += 1
        session = await self.put(
            "group_sessions",
            reference=f"T-{uuid4().hex[:8]}",
            series_id=series,
            number=self.moments,
            status="HELD",
            line_id=line,
            worker_id=self.place,
            planned_from_at=BEGAN,
            planned_to_at=BEGAN,
            held_at=BEGAN,
            participant_count=participants,
            created_at=BEGAN,
            **self.common,
        )
        await self.give(line, unit, status=status, quantity=quantity, session_id=session)
        return session

    async def plan(self, line: UUID, series: UUID) -> UUID:
        """A session that is still ahead."""
        self.moments += 1
        return await self.put(
            "group_sessions",
            reference=f"T-{uuid4().hex[:8]}",
            series_id=series,
            number=self.moments,
            line_id=line,
            worker_id=self.place,
            planned_from_at=BEGAN,
            planned_to_at=BEGAN,
            created_at=BEGAN,
            **self.common,
        )

    async def person(self, person: UUID, household: UUID | None) -> None:
        """The person of a case, maybe living with others."""
        await self.put(
            "persons",
            id=person,
            reference=f"P-{person.hex[:8]}",
            pseudonym=person.hex[:8],
            name="某",
            name_masked="某",
            household_id=household,
            birth_on=date(1940, 1, 1),
            sex="FEMALE",
            created_at=BEGAN,
            **self.scope,
        )

    async def household(self) -> UUID:
        """People who live together."""
        return await self.put("households", reference=f"H-{uuid4().hex[:8]}", created_at=BEGAN, **self.scope)

    async def usage(self, line: UUID) -> dict[str, int | None]:
        """The line at a glance."""
        row = await self.connection.fetchrow("select * from line_usage($1)", line)
        assert row is not None
        return {name: value for name, value in row.items() if name != "line_id"}

    async def progress(self, milestone: UUID) -> list[tuple[str, bool, int | None, int | None, bool | None]]:
        """Metric, per unit, target, value and whether met, in order."""
        rows = await self.connection.fetch("select * from milestone_progress($1) order by ord", milestone)
        return [(row["metric"], row["per_unit"], row["target"], row["value"], row["met"]) for row in rows]

    async def missing(self, milestone: UUID, place: int) -> list[tuple[str, int, int, int]]:
        """Reason, value, target and what is lacking, of the row of progress at that place."""
        rows = await self.connection.fetch("select * from milestone_progress($1) order by ord", milestone)
        row = rows[place]
        gaps = await self.connection.fetch(
            "select * from progress_missing($1, $2, $3) order by ord",
            milestone,
            row["criterion_id"],
            row["line_id"],
        )
        return [(gap["reason"], gap["value"], gap["target"], gap["lacking"]) for gap in gaps]
