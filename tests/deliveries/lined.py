"""An agreement with a line of every unit for one service, and a person who is offered a place on one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.referrals.offering import ACCEPT, Desk
from tests.schema.asking import gid

ERRORS = "userErrors { code message path }"
MUTATIONS = {
    "caseAssignWorker": "mutation($id: ID!, $worker: ID!) { caseAssignWorker(id: $id, worker: $worker)"
    f" {{ case {{ id }} {ERRORS} }} }}",
    "caseAssess": f"mutation($id: ID!) {{ caseAssess(id: $id) {{ case {{ status }} {ERRORS} }} }}",
    "visitPromise": f"mutation($i: VisitPromiseInput!) {{ visitPromise(input: $i) {{ visit {{ id }} {ERRORS} }} }}",
    "visitCancel": 'mutation($id: ID!) { visitCancel(id: $id, reasonCode: OTHER, reason: "多约了一次")'
    f" {{ visit {{ id }} {ERRORS} }} }}",
    "seriesOpen": f"mutation($i: SeriesOpenInput!) {{ seriesOpen(input: $i) {{ series {{ id }} {ERRORS} }} }}",
    "seriesEnrol": "mutation($id: ID!, $cases: [ID!]!) { seriesEnrol(id: $id, cases: $cases)"
    f" {{ series {{ id }} {ERRORS} }} }}",
    "seriesClose": f"mutation($id: ID!) {{ seriesClose(id: $id) {{ series {{ status }} {ERRORS} }} }}",
    "seriesCancel": 'mutation($id: ID!) { seriesCancel(id: $id, reasonCode: NO_CAPACITY, reason: "场地不可用")'
    f" {{ series {{ status }} {ERRORS} }} }}",
    "sessionPlan": "mutation($id: ID!, $i: SessionPlanInput!) { sessionPlan(id: $id, input: $i)"
    f" {{ session {{ id reference }} {ERRORS} }} }}",
    "sessionAssignWorker": "mutation($id: ID!, $worker: ID!) { sessionAssignWorker(id: $id, worker: $worker)"
    f" {{ session {{ id }} {ERRORS} }} }}",
    "sessionCancel": 'mutation($id: ID!) { sessionCancel(id: $id, reasonCode: STAFF_SHORTAGE, reason: "人手不足")'
    f" {{ session {{ id }} {ERRORS} }} }}",
    "deliveryRecord": "mutation($i: DeliveryRecordInput!) { deliveryRecord(input: $i)"
    f" {{ delivery {{ id status quantity session {{ participants }} case {{ status }} }} {ERRORS} }} }}",
    "deliveryVoid": 'mutation($id: ID!) { deliveryVoid(id: $id, reasonCode: ENTERED_IN_ERROR, reason: "登记有误")'
    f" {{ delivery {{ status }} {ERRORS} }} }}",
}
CASE = "kind status outcome referral { status } needs { nodes { status } }"
CAP = 2
"""How much there is of every line but `people`."""

PEOPLE = 10


class Lined(Desk):
    """The desk, whose small agreement has a line `group` (sessions), `series`, `case`, `report` and `people`."""

    async def buy(self) -> None:
        here, _ = self.communities
        unit = {"serviceType": "HOME_HAIRCUT", "kind": "UNIT", "unitPrice": "50.00", "communities": [here]}
        units = {
            "visits": "VISIT",
            "group": "SESSION",
            "series": "SERIES",
            "case": "CASE",
            "report": "REPORT",
        }
        lines = [{**unit, "title": title, "quantityCap": CAP, "unit": name} for title, name in units.items()]
        lines.append({**unit, "title": "people", "quantityCap": PEOPLE, "unit": "PERSON"})
        self.agreement = await self.bring_to("agreementAccept", lines=lines)
        await self.tick()
        body = await self.look("mei", "status reference lines { nodes { id title } }", self.agreement)
        node = body["data"]["node"]
        assert node["status"] == "ACTIVE"
        self.reference = node["reference"]
        self.lines = {line["title"]: line["id"] for line in node["lines"]["nodes"]}

    async def say(self, who: str, name: str, **variables: Any) -> Any:
        """The payload of a mutation, whatever became of it."""
        return await self.payload(who, MUTATIONS[name], variables)

    async def do(self, who: str, name: str, **variables: Any) -> Any:
        """The object of a mutation that must succeed."""
        payload = await self.say(who, name, **variables)
        assert payload["userErrors"] == [], (name, payload)
        return next(value for key, value in payload.items() if key != "userErrors")

    async def no(self, who: str, name: str, **variables: Any) -> tuple[str, list[str]]:
        """Code and path of the one reason."""
        (error,) = (await self.say(who, name, **variables))["userErrors"]
        assert error["message"]
        return error["code"], error["path"]

    def who(self, name: str) -> str:
        """The id of a membership."""
        return gid("membership", self.world.memberships[name])

    async def place_on(self, line: str) -> str:
        """A case of `an` on the line; its id."""
        offer = await self.offered(line)
        accepted = await self.payload("bo", ACCEPT, {"id": offer})
        case = accepted["offer"]["referral"]["case"]["id"]
        await self.do("bo", "caseAssignWorker", id=case, worker=self.who("an"))
        return case

    async def seen(self, case: str) -> Any:
        """A case as the station sees it."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on Case {{ {CASE} }} }} }}"
        return (await self.hub.ask(self.world.viewers["mei"], query, {"id": case})).data["node"]

    async def opened(self, line: str, kind: str = "HEAD_COUNT", *cases: str) -> str:
        """A series of the line, with these cases enrolled; its id."""
        terms = {"line": self.lines[line], "community": self.communities[0], "title": "小组", "kind": kind}
        series = (await self.do("an", "seriesOpen", i=terms))["id"]
        if cases:
            await self.do("an", "seriesEnrol", id=series, cases=list(cases))
        return series

    async def planned(self, series: str, who: str = "an", **more: Any) -> str:
        """A session of now; its id."""
        now = self.hub.clock.instant.isoformat()
        times = {"plannedFrom": now, "plannedTo": now}
        return (await self.do(who, "sessionPlan", id=series, i={**times, **more}))["id"]

    async def held(self, session: str, **told: Any) -> Any:
        """A session recorded now; its delivery."""
        at = self.hub.clock.instant.isoformat()
        return await self.do("an", "deliveryRecord", i={"session": session, "happenedAt": at, **told})

    async def usage(self, line: str) -> dict[str, Any]:
        """The line at a glance."""
        row = "select used, reserved, remaining, unverified from line_usage($1)"
        return dict((await harness.run_sql(self.server, row, bare(self.lines[line])))[0])

    async def told(self, kind: str, about: str | None = None) -> set[str]:
        """Who has a notice of this kind (about that object)."""
        query = (
            "select u.sign_in_name as who from notices n join memberships m on m.id = n.recipient_id"
            " join users u on u.id = m.user_id where n.kind = $1 and ($2::uuid is null or n.subject_id = $2)"
        )
        rows = await harness.run_sql(self.server, query, kind, None if about is None else bare(about))
        return {row["who"] for row in rows}

    async def hostile(self, constraint: str, statement: str, *values: Any) -> None:
        """Refused to the writer under that name, in a transaction of `an`."""
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
            await self._written(statement, *values)
        assert vars(caught.value)["constraint_name"] == constraint

    async def _written(self, statement: str, *values: Any) -> None:
        viewer = self.world.viewers["an"]
        facts = {name: viewer.setting(name) for name in ("partner", "user", "membership")}
        facts["street"] = str(self.world.organizations["street"])
        facts["today"] = self.hub.clock.today().isoformat()
        async with harness.connect_as(self.server, "writer") as connection, connection.transaction():
            for name, value in facts.items():
                await connection.execute("select set_config($1, $2, true)", f"hub.{name}", value)
            await connection.execute(statement, *values)


async def cap(server: Server, line: UUID, quantity: int) -> None:
    """Let a line have so many, against its being history, in a database that is thrown away."""
    await harness.run_sql(server, "alter table agreement_lines disable trigger all")
    less = "update agreement_lines set quantity_cap = $2::int, amount_cap_fen = unit_price_fen * $2::int where id = $1"
    await harness.run_sql(server, less, line, quantity)


def bare(global_id: str) -> UUID:
    """The uuid inside a global id."""
    return UUID(global_id.rpartition("_")[2])
