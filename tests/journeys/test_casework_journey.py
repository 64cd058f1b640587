"""Casework: assessment, plan, goals, visits, and a closure that somebody else approves; and who still reads it then."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.base.limits import HANDOVER_DAYS
from hub.settings import Settings
from tests.journeys.beginnings import (
    consented,
    line_of,
    needing,
    organization_of,
    registered,
    triaged,
)
from tests.journeys.running import Hub, running, said

pytestmark = pytest.mark.anyio


@dataclasses.dataclass
class Casework:
    """A case and what hangs on it."""

    hub: Hub
    person: str
    needs: list[str]
    case: str
    goals: list[str] = dataclasses.field(default_factory=list)

    async def seen_by(self, name: str) -> Any:
        """The case as somebody reads it; None when it is not there for her."""
        return (await self.hub.ask(name, "CaseSeen", id=self.case))["node"]

    async def step(self, name: str, mutation: str, **values: Any) -> Any:
        """Do something with the case; its new state."""
        return (await self.hub.do(name, mutation, id=self.case, **values))["status"]

    async def refused(self, name: str, mutation: str, **values: Any) -> list[str]:
        """Try something with the case: why not. Nothing has changed."""
        before = await self.seen_by("mei")
        codes = await self.hub.refused(name, mutation, id=self.case, **values)
        assert await self.seen_by("mei") == before
        return codes


async def test_casework_of_a_partner(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        work = await an_is_in_charge(hub)
        await an_assesses_and_plans(work)
        await a_visit_does_not_close_it(work)
        await closure_waits_for_needs_and_goals(work)
        await closure_is_approved_when_no_visit_is_open(work)
        await the_handover_window_opens_and_shuts(work)


async def test_the_proposer_does_not_approve(world_database: Server, settings: Settings) -> None:
    """At the station, where the same role may propose and approve."""
    async with running(settings, world_database) as hub:
        person = await registered(hub, "郑国强", "19720514", 731)
        need = await needing(hub, person, "RESOURCES", "想申请残疾人补贴")
        referral = await triaged(hub, person, "RESOURCES", [need])
        case = (await hub.do("mei", "ReferralTake", id=referral))["case"]
        work = Casework(hub, person, [need], case["id"])
        assert case["kind"] == "CASEWORK"
        await work.step("mei", "CaseAssess")
        await work.step("mei", "CasePlan", goals=[{"title": "递交申请", "target": "受理"}])
        await work.step("mei", "CaseStart")
        (goal,) = (await work.seen_by("mei"))["goals"]
        await hub.do("mei", "GoalSettle", id=goal["id"], status="ACHIEVED")
        await hub.do("mei", "NeedSettle", id=need, status="MET")
        assert await work.step("mei", "CaseProposeClosure", summary="已受理") == "CLOSING"
        assert await work.refused("mei", "CaseClose") == ["FOUR_EYES"]
        assert (await blocked(work, "mei"))["caseClose"] == "NOT_THE_PROPOSER"
        assert (await blocked(work, "tao"))["caseClose"] is None
        await a_proposal_comes_to_nothing(work)
        assert await work.step("tao", "CaseClose") == "CLOSED"
        assert await work.refused("tao", "CaseReopen", reason="还有一次回访") == ["WRONG_STATE"]


async def a_proposal_comes_to_nothing(work: Casework) -> None:
    """Not approved by a colleague, then taken back by herself: the work goes on, and a later proposal starts anew."""
    hub = work.hub
    assert await work.refused("tao", "CaseReopen", reason=" ") == ["REQUIRED"]
    assert await forbidden(work, "zhao", "CaseReopen", reason="x")
    for name in ("tao", "mei"):
        reopened = await hub.do(name, "CaseReopen", id=work.case, reason="还有一次回访")
        told = {"status": "ACTIVE", "outcome": None, "summary": "已受理", "statusReason": "还有一次回访"}
        assert reopened == told
        assert await work.refused("tao", "CaseClose") == ["WRONG_STATE"]
        assert await work.refused(name, "CaseReopen", reason="x") == ["WRONG_STATE"]
        await hub.day_goes_by()
        kinds = [each["kind"] for each in (await hub.ask("mei", "Inbox"))["notices"]["nodes"]]
        assert kinds.count("case_reopened") == 1  # of her colleague's refusal, not of what she did herself
        assert await work.step("mei", "CaseProposeClosure", summary="已受理") == "CLOSING"


async def blocked(work: Casework, name: str) -> dict[str, str | None]:
    """What stands in somebody's way, by action."""
    return {each["action"]: each["blockedBy"] for each in (await work.seen_by(name))["availableActions"]}


async def an_is_in_charge(hub: Hub) -> Casework:
    """A man out of work wants to learn something; partner 1 takes him on."""
    person = await registered(hub, "孟德山", "19740921", 733)
    await consented(hub, person)
    needs = [
        await needing(hub, person, "SKILLS", "想学修电动车"),
        await needing(hub, person, "RESOURCES", "不知道哪里有培训补贴"),
    ]
    referral = await triaged(hub, person, "SKILLS", needs)
    partner = await organization_of(hub, "bo", "partner")
    given = {"partner": partner, "line": await line_of(hub, referral, partner), "quantity": 1}
    offers = (await hub.do("mei", "ReferralOffer", id=referral, **given))["offers"]["nodes"]
    case = (await hub.do("bo", "OfferAccept", id=offers[0]["id"]))["referral"]["case"]
    assert (case["kind"], case["status"]) == ("CASEWORK", "OPEN")
    an = (await hub.ask("an", "WhoAmI"))["viewer"]["membership"]["id"]
    await hub.do("bo", "CaseAssignWorker", id=case["id"], worker=an)
    await hub.day_goes_by()
    return Casework(hub, person, needs, case["id"])


async def an_assesses_and_plans(work: Casework) -> None:
    """In this order, and by whoever leads: her manager and the station are not in charge of it."""
    goals = [
        {"title": "学会修理电动车", "baseline": "不会", "target": "独立更换轮胎", "selfReliance": True},
        {"title": "申请培训补贴", "target": "领到补贴"},
    ]
    assert await work.refused("an", "CasePlan", goals=goals) == ["WRONG_STATE"]
    assert await work.refused("mei", "CaseAssess") == ["NOT_FOUND"]
    assert await forbidden(work, "bo", "CaseAssess")
    assessed = await work.hub.do("an", "CaseAssess", id=work.case)
    assert assessed == {"status": "ASSESSING", "referral": {"status": "IN_PROGRESS"}}
    assert await work.refused("an", "CasePlan", goals=[]) == ["REQUIRED"]
    planned = await work.hub.do("an", "CasePlan", id=work.case, goals=goals)
    assert planned["status"] == "PLANNED"
    assert [(goal["title"], goal["selfReliance"], goal["status"]) for goal in planned["goals"]] == [
        ("学会修理电动车", True, "OPEN"),
        ("申请培训补贴", False, "OPEN"),
    ]
    work.goals = [goal["id"] for goal in planned["goals"]]
    assert await work.step("an", "CaseStart") == "ACTIVE"


async def forbidden(work: Casework, name: str, mutation: str, **values: Any) -> bool:
    """Whether the role may not do it at all: a top-level error, and null."""
    body = (await work.hub.post(name, mutation, {"id": work.case, **values})).json()
    return [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"] and set(
        body["data"].values()
    ) == {None}


async def promised(work: Casework, hour: int) -> dict[str, Any]:
    """A visit tomorrow."""
    clock = work.hub.clock
    begin = clock.at(clock.today() + timedelta(days=1), hour).astimezone(clock.zone)
    window = {"promisedFrom": said(begin), "promisedTo": said(begin + timedelta(hours=1))}
    return await work.hub.do("an", "VisitPromise", input={"case": work.case, "kind": "FOLLOW_UP", **window})


async def kept(work: Casework, visit: dict[str, Any]) -> Any:
    """The visit, made on time."""
    clock = work.hub.clock
    begin = clock.at(clock.today() + timedelta(days=1), 9).astimezone(clock.zone)
    kept_at = work.hub.move_to(begin, 9, 5)
    work.hub.move_to(begin, 10)
    done = {"outcome": "COMPLETED", "keptAt": kept_at}
    return (await work.hub.do("an", "VisitRecord", id=visit["id"], input=done))["case"]


async def a_visit_does_not_close_it(work: Casework) -> None:
    """Only a SERVICE is done when the promised visit is."""
    visit = await promised(work, 9)
    assert await kept(work, visit) == {"status": "ACTIVE", "visits": {"totalCount": 1}}
    await work.hub.day_goes_by()


async def closure_waits_for_needs_and_goals(work: Casework) -> None:
    hub = work.hub
    proposal = {"summary": "已能独立修车，补贴到账"}
    assert await work.refused("an", "CaseProposeClosure", **proposal) == ["WRONG_STATE"]
    await hub.do("an", "GoalSettle", id=work.goals[0], status="ACHIEVED", outcome="独立更换三次")
    for short in ("PARTLY_ACHIEVED", "NOT_ACHIEVED", "DROPPED"):
        assert await hub.refused("an", "GoalSettle", id=work.goals[1], status=short, outcome=" ") == [
            "REQUIRED"
        ]
    await hub.do("an", "GoalSettle", id=work.goals[1], status="PARTLY_ACHIEVED", outcome="领到一半")
    await hub.do("an", "NeedSettle", id=work.needs[0], status="MET")
    assert await work.refused("an", "CaseProposeClosure", **proposal) == ["WRONG_STATE"]
    unsaid = {"id": work.needs[1], "status": "PARTLY_MET"}
    assert await hub.refused("an", "NeedSettle", **unsaid) == ["REQUIRED"]
    await hub.do("an", "NeedSettle", **unsaid, outcome="其余下季度发放")
    work_left = await promised(work, 9)
    assert await work.step("an", "CaseProposeClosure", **proposal) == "CLOSING"
    assert await work.refused("mei", "CaseClose") == ["WRONG_STATE"]
    assert await forbidden(work, "bo", "CaseReopen", reason="x")
    assert (await hub.do("an", "CaseReopen", id=work.case, reason="先完成已约的走访"))["status"] == "ACTIVE"
    assert await work.step("an", "CaseProposeClosure", **proposal) == "CLOSING"
    await kept(work, work_left)


async def closure_is_approved_when_no_visit_is_open(work: Casework) -> None:
    """By the station; whoever proposed it cannot, and partner 2's worker at the station could but is not asked."""
    assert await forbidden(work, "an", "CaseClose")
    assert await forbidden(work, "bo", "CaseClose")
    closed = await work.hub.do("mei", "CaseClose", id=work.case)
    assert closed == {"status": "CLOSED", "outcome": "COMPLETED", "referral": {"status": "COMPLETED"}}
    assert await work.refused("mei", "CaseClose") == ["WRONG_STATE"]
    await work.hub.day_goes_by()
    kinds = {each["kind"] for each in (await work.hub.ask("an", "Inbox"))["notices"]["nodes"]}
    assert "case_closed" in kinds


async def the_handover_window_opens_and_shuts(work: Casework) -> None:
    """T14: seven days to hand over, and not one more; for the station nothing ends."""
    hub = work.hub
    last_day = hub.clock.today() + timedelta(days=HANDOVER_DAYS)
    seen = await work.seen_by("an")
    assert seen["person"] == {"name": "孟德山"}
    assert {member["untilOn"] for member in seen["members"]} == {last_day.isoformat()}
    midnight = hub.clock.at(last_day, 0).astimezone(hub.clock.zone)
    hub.move_to(midnight, 23, 59)
    assert (await work.seen_by("an"))["person"] == {"name": "孟德山"}
    hub.move_to(midnight + timedelta(days=1), 0, 1)
    for name in ("an", "bo"):
        assert await work.seen_by(name) is None
        assert await hub.ask(name, "PersonSeen", id=work.person) == {"node": None}
    assert (await work.seen_by("mei"))["status"] == "CLOSED"
