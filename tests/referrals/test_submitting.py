"""A need is asked one service for once at a time; what was asked for and is over may be asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

ERRORS = "userErrors { code path message }"
STATE = (
    'mutation($p: ID!) { needState(input: { person: $p, domain: CARE, bradshawType: NORMATIVE, statement: "s" })'
    f" {{ need {{ id }} {ERRORS} }} }}"
)
SUBMIT = (
    "mutation($i: ReferralSubmitInput!, $id: ID) { referralSubmit(input: $i, id: $id)"
    f" {{ referral {{ id reference }} {ERRORS} }} }}"
)
RETURN = (
    'mutation($id: ID!) { referralReturn(id: $id, reasonCode: MISSING_DATA, reason: "缺少电话")'
    f" {{ {ERRORS} }} }}"
)
CANCEL = (
    'mutation($id: ID!) { referralCancel(id: $id, reasonCode: ENTERED_IN_ERROR, reason: "重复")'
    f" {{ {ERRORS} }} }}"
)


class Asking:
    """The worker of a community and a resident about whom nothing is asked for yet."""

    def __init__(self, hub: Hub, world: World) -> None:
        self.hub, self.world = hub, world
        self.person = gid("person", world.persons["bystander"])

    async def do(self, mutation: str, by: str = "wang", **variables: Any) -> dict[str, Any]:
        (payload,) = (await self.hub.ask(self.world.viewers[by], mutation, variables)).data.values()
        return payload

    async def need(self) -> str:
        return (await self.do(STATE, p=self.person))["need"]["id"]

    async def submit(
        self, *needs: str, service: str = "ESCORT", returned: str | None = None
    ) -> dict[str, Any]:
        asked = {"person": self.person, "serviceType": service, "reason": "r", "needs": needs}
        return await self.do(SUBMIT, i=asked, id=returned)


@pytest.fixture
async def asking(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Asking]:
    async with running(world_database, settings, world.now) as hub:
        yield Asking(hub, world)


def refused(payload: dict[str, Any]) -> tuple[str, list[str]]:
    (error,) = payload["userErrors"]
    return error["code"], error["path"]


async def test_what_is_asked_for_already_is_named(asking: Asking) -> None:
    care, other = await asking.need(), await asking.need()
    first = (await asking.submit(care))["referral"]

    again = await asking.submit(other, care)

    assert refused(again) == ("DUPLICATE", ["input", "needs"])
    assert first["reference"] in again["userErrors"][0]["message"]
    for payload in (await asking.submit(other), await asking.submit(care, service="VISITING")):
        assert payload["userErrors"] == [], "another need, and another service"


async def test_of_several_sent_at_once_one_is_submitted(asking: Asking) -> None:
    care = await asking.need()

    done = await asyncio.gather(*(asking.submit(care) for _ in range(6)))

    assert sorted(payload["referral"] is None for payload in done) == [False, *[True] * 5]
    assert {refused(payload)[0] for payload in done if payload["referral"] is None} == {"DUPLICATE"}


async def test_what_came_back_is_handed_in_again_and_what_is_over_asked_for_anew(asking: Asking) -> None:
    care = await asking.need()
    first = (await asking.submit(care))["referral"]
    assert (await asking.do(RETURN, "mei", id=first["id"]))["userErrors"] == []
    assert refused(await asking.submit(care)) == ("DUPLICATE", ["input", "needs"]), (
        "it waits for its correction"
    )

    assert (await asking.submit(care, returned=first["id"]))["referral"] == first
    assert (await asking.do(CANCEL, id=first["id"]))["userErrors"] == []

    assert (await asking.submit(care))["userErrors"] == []
