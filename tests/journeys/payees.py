"""What is paid for: a story that remembers its objects, and the partner's work for somebody on a line."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from tests.journeys.beginnings import needing, organization_of, triaged
from tests.journeys.money import Money
from tests.journeys.running import Hub, said


@dataclasses.dataclass
class Story:
    """The money, and what the story has so far."""

    money: Money
    partner: str
    name: str = "秦玉兰"
    """The lady's: it must not be in any answer about money."""

    ids: dict[str, str] = dataclasses.field(default_factory=dict)
    references: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def hub(self) -> Hub:
        """The running hub."""
        return self.money.hub

    def keep(self, what: str, found: dict[str, Any]) -> dict[str, Any]:
        """Remember an object's id and reference."""
        self.ids[what] = found["id"]
        self.references[what] = found.get("reference", "")
        return found


async def served(
    money: Money, person: str, domain: str, service: str, title: str, quantity: int
) -> dict[str, Any]:
    """What `an` did for somebody on a line of the agreement, from the need to the delivery: tomorrow at ten."""
    hub = money.hub
    need = await needing(hub, person, domain, f"想要{title}")
    case = await _taken_on(money, person, service, title, need, quantity)
    return await _delivered(hub, case, quantity)


async def coached(money: Money, person: str) -> dict[str, Any]:
    """The same in casework: one goal, which she reached with one follow-up. The station has closed it."""
    hub = money.hub
    need = await needing(hub, person, "INTEGRATION", "想和外地的孙女视频")
    case = await _taken_on(money, person, "INTEGRATION", "个案", need, 1)
    await hub.do("an", "CaseAssess", id=case)
    goal = {"title": "学会视频通话", "target": "独立拨打", "selfReliance": True}
    (planned,) = (await hub.do("an", "CasePlan", id=case, goals=[goal]))["goals"]
    await hub.do("an", "CaseStart", id=case)
    now = said(hub.clock.instant.astimezone(hub.clock.zone))
    delivery = await hub.do("an", "DeliveryRecord", input={"case": case, "happenedAt": now})
    await hub.do("an", "GoalSettle", id=planned["id"], status="ACHIEVED")
    await hub.do("an", "NeedSettle", id=need, status="MET")
    await hub.do("an", "CaseProposeClosure", id=case, summary="已能独立拨打")
    assert (await hub.do("mei", "CaseClose", id=case))["status"] == "CLOSED"
    return delivery


async def _taken_on(money: Money, person: str, service: str, title: str, need: str, quantity: int) -> str:
    """The case of a need on a line of the agreement, given to `an`."""
    hub = money.hub
    referral = await triaged(hub, person, service, [need])
    partner = await organization_of(hub, "bo", "partner")
    line = {"partner": partner, "line": money.lines[title], "quantity": quantity}
    (offer,) = (await hub.do("mei", "ReferralOffer", id=referral, **line))["offers"]["nodes"]
    case = (await hub.do("bo", "OfferAccept", id=offer["id"]))["referral"]["case"]["id"]
    an = (await hub.ask("an", "WhoAmI"))["viewer"]["membership"]["id"]
    await hub.do("bo", "CaseAssignWorker", id=case, worker=an)
    return case


async def _delivered(hub: Hub, case: str, quantity: int) -> dict[str, Any]:
    ten = hub.clock.at(hub.clock.today() + timedelta(days=1), 10).astimezone(hub.clock.zone)
    window = {"promisedFrom": said(ten), "promisedTo": said(ten + timedelta(minutes=30))}
    visit = await hub.do("an", "VisitPromise", input={"case": case, "kind": "SERVICE", **window})
    kept_at = hub.move_to(ten, 10, 2)
    hub.move_to(ten, 15)
    done = {
        "visit": visit["id"],
        "happenedAt": kept_at,
        "quantity": quantity,
        "lastedMinutes": 30 if quantity == 1 else 60 * quantity,
        "findings": "精神很好",
    }
    return await hub.do("an", "DeliveryRecord", input=done)
