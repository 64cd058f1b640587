"""The second journey's hands: who did it, who has a stake in it, and who has no part in it do not judge it.

Hua works at the station, and besides for partner 2. Kai's partner 2 has an agreement of its own here, and no part in
what partner 1 was given.
"""

from __future__ import annotations

from typing import Any

import pytest

from hub.base.db import Server
from hub.deliveries import evidence
from hub.settings import Settings
from tests.journeys.beginnings import organization_of
from tests.journeys.purchasing import Purchase, accepted, drafted, offer, referred
from tests.journeys.running import said
from tests.journeys.summer import TITLE, WISH, bought, in_force, ladies_are_taken

pytestmark = pytest.mark.anyio

STAKE = (
    "You work for this partner or have declared a conflict about it, so you cannot do this. Ask a colleague."
)
OWN = "You gave or recorded this service, under whatever role, so somebody else has to judge it. Ask a colleague."
NOTHING = "Nothing was found: it may be gone, or it is not among what you handle. Please check the number."
UNKNOWN = "00000000-0000-7000-8000-000000000000"
CLIENTS = {"何秀兰": ("19410305", 142), "尹桂花": ("19420815", 144)}
"""Two ladies whom partner 2 serves: when born, serial of the id number."""


@pytest.fixture(autouse=True)
def _everything_is_called_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there is a call-back for Hua to leave alone."""
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)


async def test_hands_of_the_second_journey(world_database: Server, settings: Settings) -> None:
    async with bought(settings, world_database) as purchase:
        await ladies_are_taken(purchase)
        await hua_has_two_memberships(purchase)
        await hua_drafts_nothing_for_her_employer(purchase)
        await partner_2_serves_two_ladies(purchase)
        await hua_does_not_verify_what_her_colleague_did(purchase)
        await hua_does_not_verify_what_she_did_herself(purchase)
        await somebody_else_verifies_both(purchase)
        await an_works_at_the_station_besides_and_judges_nothing_of_hers(purchase)
        await kai_finds_no_case_of_partner_1(purchase)


async def hua_has_two_memberships(purchase: Purchase) -> None:
    """A request that names none of them is told which there are."""
    answer = (await purchase.hub.post("hua", "WhoAmI", {})).json()
    for one in answer["errors"][0]["extensions"]["memberships"]:
        purchase.ids[f"hua as {one['role']}"] = one["id"]


def as_hua(purchase: Purchase, role: str) -> None:
    """From now on she acts as one of the two."""
    purchase.hub.act_as("hua", purchase.ids[f"hua as {role}"])


def bought_from_partner_2(communities: list[str], last: str) -> dict[str, Any]:
    """Haircuts, paid when they are done."""
    line = {"kind": "UNIT", "title": "康乐理发", "serviceType": "HOME_HAIRCUT", "communities": communities}
    stage = {"code": "K1", "title": "服务款", "kind": "DELIVERY", "dueOn": last, "sharePercent": "100"}
    return {"lines": [{**line, "unitPrice": "40.00", "quantityCap": 10}], "milestones": [stage]}


async def hua_drafts_nothing_for_her_employer(purchase: Purchase) -> None:
    hub = purchase.hub
    terms = bought_from_partner_2([await organization_of(hub, "wang", "community")], purchase.due)
    draft = {
        "fund": purchase.ids["fund"],
        "partner": await organization_of(hub, "kai", "partner"),
        "title": "康乐理发协议",
        "ceiling": "400.00",
        "effectiveFrom": hub.clock.today().isoformat(),
        "endsOn": purchase.due,
        **terms,
    }
    as_hua(purchase, "STATION_WORKER")
    refused = await purchase.refused("hua", "AgreementDraft", input=draft)
    assert refused == ("CONFLICT_OF_INTEREST", ["input", "partner"], STAKE)
    await in_force(purchase, await drafted(purchase, "mei", "kai", "康乐理发协议", "400.00", terms), "kai")


async def partner_2_serves_two_ladies(purchase: Purchase) -> None:
    """Lin cuts one lady's hair, and Hua, who works there too, the other one's."""
    hub = purchase.hub
    lin = (await hub.ask("lin", "WhoAmI"))["viewer"]["membership"]["id"]
    workers = {"lin": lin, "hua": purchase.ids["hua as PARTNER_WORKER"]}
    as_hua(purchase, "PARTNER_WORKER")
    for place, ((worker, membership), (name, (born, serial))) in enumerate(
        zip(workers.items(), CLIENTS.items(), strict=True)
    ):
        _, referral = await referred(purchase, name, born, serial, WISH)
        await accepted(
            purchase, "kai", membership, await offer(purchase, "kai", referral, "康乐理发", 3), name
        )
        begin = hub.move_to(purchase.day(0), 10 + place)
        hub.move_to(purchase.day(0), 10 + place, 30)
        told = {"case": purchase.ids[name], "happenedAt": begin}
        purchase.keep(f"by {worker}", await hub.do(worker, "Delivered", input=told))


async def callback_about(purchase: Purchase, delivery: str) -> str:
    """The id of the call-back about a delivery."""
    due = (await purchase.hub.ask("mei", "CallbacksDue"))["callbacks"]["nodes"]
    return next(one["id"] for one in due if one["delivery"]["id"] == purchase.ids[delivery])


async def hua_does_not_verify_what_her_colleague_did(purchase: Purchase) -> None:
    """I5: nor call about it, nor doubt it, nor strike it out. She reads it as the station does, and who may instead."""
    as_hua(purchase, "STATION_WORKER")
    delivery, callback = purchase.ids["by lin"], await callback_about(purchase, "by lin")
    refused = await purchase.refused("hua", "DeliveryVerify", id=delivery)
    assert refused == ("CONFLICT_OF_INTEREST", ["id"], STAKE)
    for mutation, more in (
        ("DeliveryVoid", {"id": delivery, "reason": "登记有误"}),
        ("CallbackRecord", {"id": callback, "outcome": "CONFIRMED"}),
    ):
        assert await purchase.refused("hua", mutation, **more) == ("CONFLICT_OF_INTEREST", ["id"], STAKE)
    (batch,) = await many(purchase, "hua", delivery)
    assert batch == ["CONFLICT_OF_INTEREST"]


async def many(purchase: Purchase, who: str, *deliveries: str) -> list[list[str]]:
    """The codes of each result of verifying many at once: a batch is no way round."""
    answer = await purchase.hub.post(who, "DeliveryVerifyMany", {"ids": deliveries})
    results = answer.json()["data"]["deliveryVerifyMany"]["results"]
    return [[error["code"] for error in one["userErrors"]] for one in results]


async def hua_does_not_verify_what_she_did_herself(purchase: Purchase) -> None:
    """I4, under whatever membership: as the partner's worker she may not at all, as the station's not this one."""
    delivery = purchase.ids["by hua"]
    assert await purchase.refused("hua", "DeliveryVerify", id=delivery) == ("FOUR_EYES", ["id"], OWN)
    seen = (await purchase.hub.ask("hua", "DeliverySeen", id=delivery))["node"]
    actions = {one["action"]: one["blockedBy"] for one in seen["availableActions"]}
    assert (seen["status"], actions["deliveryVerify"]) == ("RECORDED", "NOT_THE_DELIVERER")
    as_hua(purchase, "PARTNER_WORKER")
    data, told = await purchase.forbidden("hua", "DeliveryVerify", id=delivery)
    assert (data, told[0][0]) == ({"deliveryVerify": None}, "FORBIDDEN")


async def somebody_else_verifies_both(purchase: Purchase) -> None:
    assert await many(purchase, "mei", purchase.ids["by lin"], purchase.ids["by hua"]) == [[], []]


async def an_works_at_the_station_besides_and_judges_nothing_of_hers(purchase: Purchase) -> None:
    """Where the grant came after the work: the user of the record counts, not the membership of today."""
    hub = purchase.hub
    at = hub.move_to(purchase.day(0), 15)
    purchase.keep(
        "by an", await hub.do("an", "Delivered", input={"case": purchase.ids["秦桂兰"], "happenedAt": at})
    )
    street = (await hub.ask("mei", "WhoAmI"))["viewer"]["membership"]["organization"]["id"]
    grant = {"organization": street, "signInName": "an", "role": "STATION_WORKER"}
    station = (await hub.do("root", "MembershipGrant", input=grant))["id"]
    hub.act_as("an", station)
    assert await purchase.refused("an", "DeliveryVerify", id=purchase.ids["by an"]) == (
        "FOUR_EYES",
        ["id"],
        OWN,
    )
    assert await many(purchase, "an", purchase.ids["by an"], purchase.ids["by lin"]) == [
        ["FOUR_EYES"],
        ["WRONG_STATE"],
    ]
    hub.act_as("an", purchase.ids["an"])


async def kai_finds_no_case_of_partner_1(purchase: Purchase) -> None:
    """I14: to read it, to list it, to do something with it is answered like an id that never was, byte for byte."""
    hub, case = purchase.hub, purchase.ids["秦桂兰"]
    lin = (await hub.ask("lin", "WhoAmI"))["viewer"]["membership"]["id"]
    assert (await hub.ask("bo", "CaseFound", id=case))["node"]["person"] == {"name": "秦桂兰"}
    for who in ("kai", "lin"):
        foreign = await hub.post(who, "CaseFound", {"id": case})
        missing = await hub.post(who, "CaseFound", {"id": f"case_{UNKNOWN}"})
        assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
        assert foreign.json() == {"data": {"node": None}}
        everything_of_hers = [
            case,
            *(purchase.ids[what] for what in ("秦桂兰 herself", "by an", TITLE, "上门理发")),
        ]
        assert await hub.ask(who, "Exists", ids=everything_of_hers) == {"nodes": [None] * 5}
    assert await purchase.refused("kai", "CaseAssignWorker", id=case, worker=lin) == (
        "NOT_FOUND",
        ["id"],
        NOTHING,
    )
    tried = [
        await hub.post("kai", "CaseAssignWorker", {"id": one, "worker": lin})
        for one in (case, f"case_{UNKNOWN}")
    ]
    assert tried[0].content == tried[1].content
    told = {"case": case, "happenedAt": said(hub.clock.instant)}
    assert (await purchase.refused("lin", "Delivered", input=told))[::2] == ("NOT_FOUND", NOTHING)
    page = (await hub.ask("kai", "CasesPage"))["cases"]["nodes"]
    assert page
    assert case not in [one["id"] for one in page]
