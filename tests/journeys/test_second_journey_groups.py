"""The second journey's casework and group work, and the sentence it is all for: what the stage of payment lacks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.journeys.beginnings import organization_of
from tests.journeys.purchasing import Purchase, accepted, offer, referred, stored
from tests.journeys.running import said
from tests.journeys.summer import bought, given, progress, usage

pytestmark = pytest.mark.anyio

WORKLESS = {"孟德山": ("19740921", 733), "许建设": ("19780105", 735)}
"""Two men out of work: when born, serial of the id number."""


async def test_group_work_of_the_second_journey(world_database: Server, settings: Settings) -> None:
    async with bought(settings, world_database) as purchase:
        await two_men_take_the_casework(purchase)
        await two_cases_lack_one_follow_up_each(purchase)
        await a_group_is_opened_and_takes_the_series(purchase)
        await who_was_there_is_told_by_name(purchase)
        await heads_are_counted_at_the_gathering(purchase)
        await the_group_lacks_a_session_and_two_attendances(purchase)
        await with_the_rest_done_nothing_is_missing(purchase)


async def two_men_take_the_casework(purchase: Purchase) -> None:
    """Two cases were bought; a third man has to wait."""
    purchase.ids["an"] = (await purchase.hub.ask("an", "WhoAmI"))["viewer"]["membership"]["id"]
    wish = ("RESOURCES", "RESOURCES", "想找份工作")
    for name, (born, serial) in WORKLESS.items():
        _, referral = await referred(purchase, name, born, serial, wish)
        await accepted(
            purchase, "bo", purchase.ids["an"], await offer(purchase, "bo", referral, "个案", 1), name
        )
    _, referral = await referred(purchase, "冯志远", "19800430", 737, wish)
    refused = await purchase.refused(
        "mei", "ReferralOffer", **await offer(purchase, "bo", referral, "个案", 1)
    )
    assert refused[:2] == ("QUANTITY_EXCEEDED", ["quantity"])


async def verified(purchase: Purchase, *deliveries: str) -> None:
    """Mei says that they were done."""
    answer = await purchase.hub.post(
        "mei", "DeliveryVerifyMany", {"ids": [purchase.ids[one] for one in deliveries]}
    )
    results = answer.json()["data"]["deliveryVerifyMany"]["results"]
    assert [one["userErrors"] for one in results] == [[]] * len(deliveries)


async def two_cases_lack_one_follow_up_each(purchase: Purchase) -> None:
    """ "Two cases lack one follow-up each: C-…, C-…, before that day." A unit counts when it has its quality."""
    for number, name in enumerate(WORKLESS):
        await given(purchase, f"{name} 1", name, 10 + number)
    assert (await progress(purchase, "个案", "FOLLOW_UPS"))["value"] == 0
    await verified(purchase, *(f"{name} 1" for name in WORKLESS))
    lacking = [("BELOW_QUALITY", purchase.references[name], 1) for name in WORKLESS]
    for who in ("bo", "an", "mei", "qian"):
        found = await progress(purchase, "个案", "FOLLOW_UPS", who)
        assert found == {"value": 0, "target": 2, "met": False, "missing": lacking}
    assert await usage(purchase, "个案", "done", "owed", "notReachable") == {
        "done": 0,
        "owed": 2,
        "notReachable": 0,
    }


async def a_group_is_opened_and_takes_the_series(purchase: Purchase) -> None:
    """One series was bought. Who is enrolled is on a case under the same agreement."""
    hub, cases = purchase.hub, [purchase.ids[name] for name in WORKLESS]
    community = await organization_of(hub, "wang", "community")
    group = {
        "line": purchase.ids["小组"],
        "community": community,
        "title": "求职互助小组",
        "kind": "ENROLLED",
    }
    purchase.keep("group", await hub.do("an", "SeriesOpen", input=group))
    refused = await purchase.refused("an", "SeriesOpen", input=group)
    assert refused[:2] == ("QUANTITY_EXCEEDED", ["input", "line"])
    enrolled = await hub.do("an", "SeriesEnrol", id=purchase.ids["group"], cases=cases)
    assert [one["case"]["id"] for one in enrolled["enrolments"]] == cases
    again = await purchase.refused("an", "SeriesEnrol", id=purchase.ids["group"], cases=cases[:1])
    assert again[:2] == ("DUPLICATE", ["cases", "0"])


async def planned(purchase: Purchase, series: str, hour: int) -> str:
    """A session of two hours tomorrow, led by An; its id. The clock shows tomorrow when it is over."""
    begin = purchase.day(1).replace(hour=hour)
    times = {"plannedFrom": said(begin), "plannedTo": said(begin + timedelta(hours=2))}
    session = await purchase.hub.do("an", "SessionPlan", id=purchase.ids[series], input=times)
    assert session["status"] == "PLANNED"
    purchase.hub.move_to(begin, hour + 2, 10)
    return session["id"]


async def held(purchase: Purchase, what: str, series: str, hour: int, **there: Any) -> dict[str, Any]:
    """A session tomorrow, held as planned, with its sign-in sheet; sent twice, it is held once."""
    session = await planned(purchase, series, hour)
    sheet = await stored(purchase, "an", "SIGN_IN_SHEET", what)
    told = {
        "session": session,
        "happenedAt": said(purchase.day(0).replace(hour=hour)),
        "documents": [sheet],
        **there,
    }
    sent = {"input": told, "key": what}
    delivery = purchase.keep(what, await purchase.hub.do("an", "SessionDelivered", **sent))
    assert await purchase.hub.do("an", "SessionDelivered", **sent) == delivery
    refused = await purchase.refused("an", "SessionDelivered", **{**sent, "key": f"{what} again"})
    assert refused[:2] == ("DUPLICATE", ["input", "session"])
    return delivery


async def who_was_there_is_told_by_name(purchase: Purchase) -> None:
    cases = [purchase.ids[name] for name in WORKLESS]
    delivery = await held(purchase, "evening 1", "group", 18, attended=cases)
    assert (delivery["status"], delivery["evidenceComplete"], delivery["unit"]) == (
        "RECORDED",
        True,
        "SERIES",
    )
    session = delivery["session"]
    assert (session["status"], session["participants"]) == ("HELD", 2)
    assert [one["case"]["id"] for one in session["attendances"]] == cases
    seen = (await purchase.hub.ask("wang", "SeriesSeen", id=purchase.ids["group"]))["node"]
    there = seen["sessions"]["nodes"][0]["attendances"]
    assert sorted(one["person"]["name"] for one in there) == sorted(WORKLESS)


async def heads_are_counted_at_the_gathering(purchase: Purchase) -> None:
    """Where heads are counted nobody is named, and where names are taken no number is told."""
    hub = purchase.hub
    community = await organization_of(hub, "wang", "community")
    event = {
        "line": purchase.ids["社区活动"],
        "community": community,
        "title": "邻里端午",
        "kind": "HEAD_COUNT",
    }
    purchase.keep("event", await hub.do("bo", "SeriesOpen", input=event))
    session = await planned(purchase, "event", 9)
    told = {"session": session, "happenedAt": said(purchase.day(0).replace(hour=9))}
    named = {**told, "attended": [purchase.ids["孟德山"]]}
    assert (await purchase.refused("an", "SessionDelivered", input=named))[1] == ["input", "attended"]
    assert (await purchase.refused("an", "SessionDelivered", input=told))[:2] == (
        "REQUIRED",
        ["input", "headCount"],
    )
    delivery = purchase.keep(
        "gathering", await hub.do("an", "SessionDelivered", input={**told, "headCount": 46})
    )
    assert delivery["session"]["participants"] == 46
    assert (delivery["session"]["attendances"], delivery["evidenceComplete"]) == ([], False)
    await verified(purchase, "gathering")
    assert await usage(purchase, "社区活动", "quantityCap", "done") == {"quantityCap": None, "done": 1}


async def the_group_lacks_a_session_and_two_attendances(purchase: Purchase) -> None:
    await verified(purchase, "evening 1")
    group = purchase.references["group"]
    sessions = await progress(purchase, "小组", "SESSIONS")
    assert sessions == {"value": 0, "target": 1, "met": False, "missing": [("BELOW_QUALITY", group, 1)]}
    attendances = await progress(purchase, "小组", "ATTENDANCES")
    assert attendances == {"value": 0, "target": 1, "met": False, "missing": [("BELOW_QUALITY", group, 2)]}
    assert await usage(purchase, "小组", "done", "owed", "remaining") == {
        "done": 0,
        "owed": 1,
        "remaining": 0,
    }


async def with_the_rest_done_nothing_is_missing(purchase: Purchase) -> None:
    cases = [purchase.ids[name] for name in WORKLESS]
    await held(purchase, "evening 2", "group", 18, attended=cases)
    purchase.hub.move_to(purchase.day(1), 9)
    for number, name in enumerate(WORKLESS):
        await given(purchase, f"{name} 2", name, 10 + number)
    await verified(purchase, "evening 2", *(f"{name} 2" for name in WORKLESS))
    for line, metric, target in (
        ("个案", "FOLLOW_UPS", 2),
        ("小组", "SESSIONS", 1),
        ("小组", "ATTENDANCES", 1),
    ):
        done = {"value": target, "target": target, "met": True, "missing": []}
        assert await progress(purchase, line, metric) == done
    for line, owed in (("个案", 2), ("小组", 1)):
        assert await usage(purchase, line, "done", "owed") == {"done": owed, "owed": 0}
    persons = await progress(purchase, None, "PERSONS")
    assert (persons["value"], persons["met"]) == (2, True)
