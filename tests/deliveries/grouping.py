"""An agreement that buys group work, and everybody who has to do with it, over GraphQL and past it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from auth.gate import claim
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.deliveries.group_commands import hold_session
from hub.deliveries.tables import group_sessions
from tests import harness
from tests.agreements.county import least
from tests.agreements.office import Office
from tests.schema.asking import gid

ERRORS = "userErrors { code path message }"
SERIES = "id reference status planned held version enrolments { case { id } personPseudonym }"
SESSION = "id number status participants version worker { id } series { planned held }"
MUTATIONS = {
    "seriesOpen": f"mutation($i: SeriesOpenInput!) {{ seriesOpen(input: $i) {{ series {{ {SERIES} }} {ERRORS} }} }}",
    "seriesEnrol": "mutation($id: ID!, $cases: [ID!]!) { seriesEnrol(id: $id, cases: $cases)"
    f" {{ series {{ {SERIES} }} {ERRORS} }} }}",
    "seriesClose": f"mutation($id: ID!) {{ seriesClose(id: $id) {{ series {{ {SERIES} }} {ERRORS} }} }}",
    "seriesCancel": 'mutation($id: ID!) { seriesCancel(id: $id, reasonCode: NO_CAPACITY, reason: "场地不可用")'
    f" {{ series {{ {SERIES} cancelReason }} {ERRORS} }} }}",
    "sessionPlan": "mutation($id: ID!, $i: SessionPlanInput!) { sessionPlan(id: $id, input: $i)"
    f" {{ session {{ {SESSION} }} {ERRORS} }} }}",
    "sessionAssignWorker": "mutation($id: ID!, $worker: ID!) { sessionAssignWorker(id: $id, worker: $worker)"
    f" {{ session {{ {SESSION} }} {ERRORS} }} }}",
    "sessionCancel": 'mutation($id: ID!) { sessionCancel(id: $id, reasonCode: STAFF_SHORTAGE, reason: "人手不足")'
    f" {{ session {{ {SESSION} cancelReason }} {ERRORS} }} }}",
}
ENROLLABLE = ("today", "missed")
"""Cases of the world that `an` works in 七里沟; the tests put them under the agreement."""


def lines(communities: list[str]) -> list[dict[str, Any]]:
    """Seven groups, sessions as a block, and visits, which are no group work."""
    unit = {"kind": "UNIT", "communities": communities}
    return [
        {
            **unit,
            "title": "小组",
            "serviceType": "SKILLS",
            "unit": "SERIES",
            "unitPrice": "1000.00",
            "quantityCap": 7,
            "criteria": [least("SESSIONS", 6), least("ATTENDANCES", 42)],
        },
        {
            "kind": "BLOCK",
            "communities": communities[:1],
            "title": "大型活动",
            "serviceType": "INTEGRATION",
            "unit": "SESSION",
            "amountCap": "5000.00",
        },
        {
            **unit,
            "title": "陪伴",
            "serviceType": "COMPANIONSHIP",
            "unit": "VISIT",
            "unitPrice": "50.00",
            "quantityCap": 100,
        },
    ]


class Groups:
    """An active agreement that buys group work, and everybody who has to do with it."""

    def __init__(self, office: Office, server: Server, lines: dict[str, str], agreement: str) -> None:
        self.office, self.server, self.lines, self.agreement = office, server, lines, agreement
        self.world, self.clock = office.world, office.hub.clock

    async def do(self, who: str, name: str, **variables: Any) -> Any:
        """The payload of a mutation, whatever became of it."""
        return await self.office.payload(who, MUTATIONS[name], variables)

    async def refused(self, who: str, name: str, **variables: Any) -> tuple[str, list[str]]:
        """Code and path of the one reason."""
        (error,) = (await self.do(who, name, **variables))["userErrors"]
        return error["code"], error["path"]

    def terms(self, **changes: Any) -> dict[str, Any]:
        """A group of the first line."""
        community = self.office.place("七里沟", "community")
        return {
            "line": self.lines["小组"],
            "community": community,
            "title": "亲子小组",
            "kind": "ENROLLED",
        } | changes

    async def open(self, who: str = "an", **changes: Any) -> str:
        """A new series; its id."""
        payload = await self.do(who, "seriesOpen", i=self.terms(**changes))
        assert payload["userErrors"] == []
        return payload["series"]["id"]

    def at(self, days: float = 1) -> str:
        """An instant so many days from now."""
        return (self.clock.instant + timedelta(days=days)).isoformat()

    async def plan(self, series: str, who: str = "an", days: float = 1, **changes: Any) -> str:
        """A planned session of two hours; its id."""
        times = {"plannedFrom": self.at(days), "plannedTo": self.at(days + 1 / 12)}
        payload = await self.do(who, "sessionPlan", id=series, i={**times, **changes})
        assert payload["userErrors"] == []
        return payload["session"]["id"]

    def case(self, name: str) -> str:
        """The id of a case of the world."""
        return gid("case", self.world.cases[name])

    async def hold(self, session: str, *, cases: list[str] | None = None, heads: int | None = None) -> Any:
        """Hold a session now, as `an`, by the function that recording a delivery calls."""
        engine = writer_engine(self.server)
        try:
            async with transaction(
                engine, self.world.viewers["an"], self.clock, Ids(), Vault(bytes(32))
            ) as tx:
                row = await claim(tx, group_sessions, bare(session), "session_cancel")
                ids = [bare(case) for case in cases or []]
                row = await hold_session(tx, row, held_at=tx.now, case_ids=ids, head_count=heads)
                await tx.emit("delivery_record", row, "GroupSession", tell=False)
            return row
        finally:
            await engine.dispose()

    async def look(self, series: str, fields: str = SERIES, who: str = "bo") -> Any:
        """A series as somebody sees it."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on ActivitySeries {{ {fields} }} }} }}"
        return (await self.office.hub.ask(self.world.viewers[who], query, {"id": series})).data["node"]

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[asyncpg.Connection]:
        """The writer's login with the settings of a transaction of `an` in the street."""
        viewer = self.world.viewers["an"]
        async with harness.connect_as(self.server, "writer") as connection, connection.transaction():
            for fact in ("district", "community", "partner", "user", "membership"):
                await connection.execute(
                    "select set_config($1, $2, true)", f"hub.{fact}", viewer.setting(fact)
                )
            street = str(self.world.organizations["street"])
            await connection.execute("select set_config('hub.street', $1, true)", street)
            await connection.execute("select set_config('hub.today', $1, true)", self.world.today.isoformat())
            yield connection

    async def hostile(self, constraint: str, statement: str, *values: Any) -> None:
        """Refused to the writer under that name."""
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            async with self.writing() as connection:
                await connection.execute(statement, *values)
        assert vars(caught.value)["constraint_name"] == constraint


def bare(global_id: str) -> UUID:
    return UUID(global_id.rpartition("_")[2])


async def under(server: Server, agreement: UUID, line: UUID, cases: list[UUID]) -> None:
    """Put cases under the agreement, past every trigger: how they come there is not what is tested here."""
    async with harness.connect_as(server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        statement = "update cases set agreement_id = $1, line_id = $2, quantity = 1 where id = any ($3)"
        await connection.execute(statement, agreement, line, cases)
