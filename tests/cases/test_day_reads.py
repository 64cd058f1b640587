"""The partner's everyday query: fifty cases with person, community and latest deliveries, by how promises stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

DAY = """query($where: CaseWhere, $order: CaseOrder) {
  cases(first: 50, where: $where, orderBy: $order) {
    nodes {
      id reference status nextPromiseAt delivered quantity
      person { name }
      community { name }
      deliveries(first: 5, orderBy: HAPPENED_AT_DESC) { nodes { id status happenedAt quantity unit flags } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
PROMISE = """mutation($i: VisitPromiseInput!) {
  visitPromise(input: $i) { visit { id } userErrors { code path } } }"""
ASSIGN = """mutation($id: ID!, $worker: ID!) {
  caseAssignWorker(id: $id, worker: $worker) { case { id } userErrors { code } } }"""
CANCEL = """mutation($id: ID!) {
  visitCancel(id: $id, reasonCode: OTHER, reason: "改期") { visit { status } userErrors { code } } }"""


class Day:
    """The world on its Wednesday morning."""

    def __init__(self, hub: Hub, world: World, server: Server) -> None:
        self.hub, self.world, self.server = hub, world, server

    async def cases(self, who: str = "an", order: str | None = None, **where: Any) -> list[dict[str, Any]]:
        """The page of cases; it must be one statement."""
        self.hub.statements.sent.clear()
        answer = await self.hub.ask(self.world.viewers[who], DAY, {"where": where or None, "order": order})
        assert len(self.hub.statements.sent) == 1
        return answer.data["cases"]["nodes"]

    async def found(self, who: str = "an", **where: Any) -> set[str]:
        """The names of the cases found."""
        names = {gid("case", row): name for name, row in self.world.cases.items()}
        return {names[node["id"]] for node in await self.cases(who, **where)}

    async def promise(self, case: str, days: int) -> str:
        """A promise of An for ten o'clock; the id of the visit."""
        at = self.world.clock().at(self.world.today + timedelta(days=days), 10)
        window = {"promisedFrom": at.isoformat(), "promisedTo": (at + timedelta(minutes=30)).isoformat()}
        told = {"case": gid("case", self.world.cases[case]), "kind": "SERVICE"}
        payload = await self.hub.do(self.world.viewers["an"], PROMISE, {"i": {**told, **window}})
        return payload["visit"]["id"]

    async def assign(self, case: str) -> None:
        """The manager gives the case to An."""
        told = {
            "id": gid("case", self.world.cases[case]),
            "worker": gid("membership", self.world.memberships["an"]),
        }
        await self.hub.do(self.world.viewers["bo"], ASSIGN, told)

    async def next_promise(self, case: str) -> datetime | None:
        """Until when the earliest open promise of a case stands."""
        query = "select next_promise_at from cases where id = $1"
        return (await harness.run_sql(self.server, query, self.world.cases[case]))[0][0]


@pytest.fixture
async def day(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Day]:
    async with running(world_database, settings, world.now) as hub:
        yield Day(hub, world, world_database)


@pytest.mark.parametrize("who", ["bo", "an"])
async def test_the_page_of_fifty_is_one_statement(day: Day, who: str) -> None:
    nodes = {node["id"]: node for node in await day.cases(who)}
    node = nodes[gid("case", day.world.cases["today"])]
    assert node["person"]["name"]
    assert node["community"]["name"]
    assert node["nextPromiseAt"] == "2026-05-06T09:30:00.000+08:00"
    given = [one["deliveries"]["nodes"] for one in nodes.values()]
    assert all(len(one) <= 5 for one in given)
    for one in given:
        assert one == sorted(one, key=lambda each: each["happenedAt"], reverse=True)


async def test_cases_by_how_their_promises_stand(day: Day) -> None:
    # Wednesday, 9:00. One promise stands until 9:30, one was not kept on Monday, a colleague has one for tomorrow.
    assert await day.found(promise="MISSED") == {"missed"}
    assert await day.found(promise="TODAY") == {"missed", "today"}
    assert await day.found(promise="THIS_WEEK") == {"missed", "today", "helped"}
    nothing = await day.found(promise="NONE")
    assert not nothing & {"missed", "today", "kept"}
    assert {"closing"} <= nothing
    assert await day.found("bo", promise="NONE", withoutWorker=True) == {"accepted"}
    await day.assign("accepted")
    assert await day.found("bo", withoutWorker=True) == set()
    assert {"closing", "accepted"} <= await day.found(promise="NONE")
    await day.promise("accepted", 4)
    assert await day.found(promise="THIS_WEEK") == {"missed", "today", "helped", "accepted"}
    assert "accepted" not in await day.found(promise="NONE")
    assert await day.found(promise="TODAY") == {"missed", "today"}
    day.hub.clock.instant += timedelta(hours=1)
    assert await day.found(promise="MISSED") == {"missed", "today"}


LEAVE = """mutation($id: ID!) {
  membershipEnd(id: $id, reason: "离职") { membership { id } userErrors { code } } }"""
QUEUE = "{ viewer { queue { kind count } } }"


async def test_the_cases_of_who_has_left_want_somebody(day: Day) -> None:
    """Her promises stand; with her gone they were in nobody's queue."""
    hers = await day.found("bo", status=["OPEN", "ACTIVE", "CLOSING"]) & await day.found("an")
    assert hers
    leaver = {"id": gid("membership", day.world.memberships["an"])}
    await day.hub.do(day.world.viewers["bo"], LEAVE, leaver)
    found = await day.found("bo", withoutWorker=True)
    assert {"accepted", "missed", "today"} <= found
    assert not found & {"helped", "closed"}
    lines = (await day.hub.ask(day.world.viewers["bo"], QUEUE)).data["viewer"]["queue"]
    assert {"kind": "CASES_WITHOUT_WORKER", "count": len(found)} in lines


async def test_what_was_promised_goes_over_with_the_case(day: Day) -> None:
    """The leaver's visits stayed hers: nobody could keep, record or cancel them, and the case could not close."""
    case, visits = (
        gid("case", day.world.cases["today"]),
        "{ visits(where: {status: [PLANNED]}) { nodes { id } } }",
    )
    hers = (await day.hub.ask(day.world.viewers["an"], visits)).data["visits"]["nodes"]
    ou, taking = day.world.viewers["ou"], gid("membership", day.world.memberships["ou"])
    leaver = {"id": gid("membership", day.world.memberships["an"])}
    await day.hub.do(day.world.viewers["bo"], LEAVE, leaver)
    await day.hub.do(day.world.viewers["bo"], ASSIGN, {"id": case, "worker": taking})
    seen = """query($id: ID!) { node(id: $id) { ... on Case {
      visits(where: {status: [PLANNED]}) { nodes { id worker { id } standsInFor { id } } } } } }"""
    found = (await day.hub.ask(ou, seen, {"id": case})).data["node"]["visits"]["nodes"]
    assert [(one["worker"]["id"], one["standsInFor"]) for one in found] == [(taking, None)]
    assert found[0]["id"] in [one["id"] for one in hers]
    told = (
        "select subject_id from audit_events where action = 'case_assign_worker' and subject_type = 'Visit'"
    )
    moved = await harness.run_sql(day.server, f"{told} order by occurred_at desc limit 1")
    assert [gid("visit", row["subject_id"]) for row in moved] == [found[0]["id"]]
    cancelled = await day.hub.do(ou, CANCEL, {"id": found[0]["id"]})
    assert cancelled["visit"]["status"] == "CANCELLED"


@pytest.mark.parametrize("who", ["mei", "wang"])
async def test_street_and_community_too_see_which_of_theirs_nobody_works(day: Day, who: str) -> None:
    lines = (await day.hub.ask(day.world.viewers[who], QUEUE)).data["viewer"]["queue"]
    assert {"kind": "CASES_WITHOUT_WORKER", "count": 0} in lines


async def test_next_week_is_not_this_week(day: Day) -> None:
    await day.assign("accepted")
    await day.promise("accepted", 5)  # Monday
    assert await day.found(promise="THIS_WEEK") == {"missed", "today", "helped"}


async def test_a_missed_promise_hides_none_of_today(day: Day) -> None:
    day.hub.clock.instant -= timedelta(minutes=30)
    await day.promise("missed", 0)
    assert await day.found(promise="TODAY") == {"missed", "today"}


async def test_filters_go_together(day: Day) -> None:
    world = day.world
    here = gid("community", world.organizations["七里沟"])
    elsewhere = gid("community", world.organizations["三官庙"])
    assert await day.found(promise="TODAY", community=here, status=["ACTIVE"]) == {"missed", "today"}
    assert await day.found(promise="TODAY", community=elsewhere) == set()
    assert await day.found(promise="TODAY", status=["CLOSED"]) == set()
    query = '{ serviceTypes(where: { code: "HOME_HAIRCUT" }) { nodes { id } } }'
    service = (await day.hub.ask(world.viewers["an"], query)).data["serviceTypes"]["nodes"][0]["id"]
    assert await day.found(promise="TODAY", serviceType=service) == {"today"}
    assert await day.found("bo", withoutWorker=True) == {"accepted"}


async def test_cases_in_the_order_of_what_falls_due(day: Day) -> None:
    await day.assign("accepted")
    await day.promise("accepted", 1)
    nodes = await day.cases("bo", "NEXT_PROMISE_ASC", promise="THIS_WEEK")
    due = [node["nextPromiseAt"] for node in nodes]
    assert due == sorted(due)
    assert len(due) >= 3
    # Whatever has no promise comes last, and first when turned round.
    assert (await day.cases("bo", "NEXT_PROMISE_ASC"))[-1]["nextPromiseAt"] is None
    assert (await day.cases("bo", "NEXT_PROMISE_DESC"))[0]["nextPromiseAt"] is None


async def test_the_next_promise_follows_the_visits(day: Day) -> None:
    await day.assign("accepted")
    clock, today = day.world.clock(), day.world.today
    assert await day.next_promise("accepted") is None
    later, sooner = await day.promise("accepted", 3), await day.promise("accepted", 2)
    assert await day.next_promise("accepted") == clock.at(today + timedelta(days=2), 10, 30)
    for visit, expected in ((sooner, clock.at(today + timedelta(days=3), 10, 30)), (later, None)):
        payload = await day.hub.do(day.world.viewers["an"], CANCEL, {"id": visit})
        assert payload["visit"]["status"] == "CANCELLED"
        assert await day.next_promise("accepted") == expected
