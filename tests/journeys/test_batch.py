"""Barber day: thirty elders referred at once, which are thirty single commands with thirty results (I10)."""

from __future__ import annotations

from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.journeys.beginnings import needing, registered, wished
from tests.journeys.running import Hub, running

pytestmark = pytest.mark.anyio

ELDERS = 30
KEY = "barber-day"


async def test_thirty_elders_for_barber_day_at_once(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        inputs = [await an_elder(hub, number) for number in range(ELDERS)]
        await nobody_else_can(hub, inputs)
        await one_mistake_is_one_result(hub, inputs)
        before = await submitted(hub)
        done = await everybody(hub, inputs)
        assert await submitted(hub) == before + ELDERS
        assert await everybody(hub, inputs) == done, "sent again, it is answered again"
        assert await submitted(hub) == before + ELDERS
        await the_station_hears_of_each(hub, done)


async def an_elder(hub: Hub, number: int) -> dict[str, Any]:
    """Somebody over 80 who wants her hair cut."""
    person = await registered(
        hub, f"卞{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'一二三四'[number // 10]}", "19440601", 800 + number
    )
    need = await needing(hub, person, "DAILY_LIVING", "想理发")
    return wished(person, "HOME_HAIRCUT", [need])


async def submitted(hub: Hub) -> int:
    """How many referrals Wang's community has in all."""
    return (await hub.ask("wang", "{ referrals { totalCount } }"))["referrals"]["totalCount"]


async def results(hub: Hub, name: str, inputs: list[dict[str, Any]], key: str | None = None) -> list[Any]:
    """What became of each input."""
    answer = await hub.post(name, "ReferralSubmitMany", {"inputs": inputs, "key": key})
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]["referralSubmitMany"]["results"]


async def nobody_else_can(hub: Hub, inputs: list[dict[str, Any]]) -> None:
    """Li's people these are not; for the station it is not to ask."""
    refused = await results(hub, "li", inputs)
    assert [[error["code"] for error in each["userErrors"]] for each in refused] == [["NOT_FOUND"]] * ELDERS
    answer = (await hub.post("mei", "ReferralSubmitMany", {"inputs": inputs})).json()
    assert answer["data"] == {"referralSubmitMany": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def one_mistake_is_one_result(hub: Hub, inputs: list[dict[str, Any]]) -> None:
    """The second names somebody else's need: it is refused, and nothing of that happens to its neighbours."""
    before = await submitted(hub)
    neighbour = await an_elder(hub, ELDERS)
    mixed = [{**inputs[0], "serviceType": "NO_SUCH"}, {**inputs[1], "needs": inputs[0]["needs"]}, neighbour]
    done = await results(hub, "wang", mixed)
    assert [[error["code"] for error in each["userErrors"]] for each in done] == [
        ["INVALID"],
        ["NOT_FOUND"],
        [],
    ]
    assert [each["referral"] is None for each in done] == [True, True, False]
    assert await submitted(hub) == before + 1


async def everybody(hub: Hub, inputs: list[dict[str, Any]]) -> list[Any]:
    """All of them, under one key: each result shows its referral, in the order of the inputs."""
    done = await results(hub, "wang", inputs, KEY)
    assert [each["userErrors"] for each in done] == [[]] * ELDERS
    assert [each["referral"]["person"]["id"] for each in done] == [each["person"] for each in inputs]
    assert {each["referral"]["status"] for each in done} == {"SUBMITTED"}
    assert len({each["referral"]["reference"] for each in done}) == ELDERS
    return done


async def the_station_hears_of_each(hub: Hub, done: list[Any]) -> None:
    """One notice a referral, and one event in the audit."""
    await hub.day_goes_by()
    references = {each["referral"]["reference"] for each in done}
    inbox = (await hub.ask("mei", "{ notices(first: 100) { nodes { kind subjectReference } } }"))["notices"][
        "nodes"
    ]
    ours = [each["subjectReference"] for each in inbox if each["kind"] == "referral_submitted"]
    assert sorted(one for one in ours if one in references) == sorted(references)
    trail = await hub.ask(
        "mei",
        '{ auditEvents(first: 100, where: {action: "referral_submit"}) { nodes { subjectReference } } }',
    )
    events = [each["subjectReference"] for each in trail["auditEvents"]["nodes"]]
    assert sorted(one for one in events if one in references) == sorted(references)
