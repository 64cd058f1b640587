"""The director's page per decision: what is bought, for how many, what is left in the fund, who checked. No names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.payments.desk import Desk
from tests.payments.test_trace import TO_A_SESSION

pytestmark = pytest.mark.anyio

AGREED = """decision { decided ceiling { amount } fund { id } availableBefore { amount } availableAfter { amount }
    people attendances lines { number title unit quantity amount { amount } people attendances }
    hands { step madeBy { displayName } madeAt } }"""
PAID = """decision { ceiling { amount } paidBefore { amount } stageLimit { amount } claimed { amount }
    accepted { amount } deducted { amount } payable { amount } heldBefore { amount } heldAfter { amount }
    available { amount } people households times submission { reference }
    lines { title unit unitPrice { amount } quantity deliveries people } hands { step madeBy { displayName } } }"""


async def page(desk: Desk, who: str, row: str, fields: str) -> Any:
    """The page as somebody sees it, amounts as they are written."""
    found = (await desk.look(who, row, fields))["decision"]
    return {key: plain(value) for key, value in found.items()}


def plain(value: Any) -> Any:
    """The amount of a Money."""
    return value["amount"] if isinstance(value, dict) and set(value) == {"amount"} else value


def names(desk: Desk, *logins: str) -> list[str]:
    """Display names of the cast."""
    return [desk.office.world.viewers[login].name for login in logins]


async def test_the_county_contract_on_one_page(desk: Desk) -> None:
    agreement = await desk.office.bring_to("agreementCertify")
    before = await page(desk, "zhao", agreement, AGREED)
    assert (before["decided"], before["ceiling"]) == (False, "1050000.00")
    assert (before["availableBefore"], before["availableAfter"]) == ("2000000.00", "950000.00")
    assert before["fund"] == {"id": desk.office.fund}
    assert [hand["step"] for hand in before["hands"]] == ["PREPARED", "PROPOSED", "CERTIFIED"]
    assert [hand["madeBy"]["displayName"] for hand in before["hands"]] == names(desk, "mei", "mei", "qian")
    assert all(hand["madeAt"] for hand in before["hands"])
    bought = {
        line["title"]: (line["quantity"], line["people"], line["attendances"]) for line in before["lines"]
    }
    # 7 large events of 200 people, 7 small of 25, 7 groups of 42 attendances; 7 cases; blocks are bought whole.
    assert before["attendances"] == 7 * 200 + 7 * 25 + 7 * 42
    assert before["people"] == 7
    assert bought["个案"] == (7, 7, None)
    assert bought["小型活动"] == (7, None, 175)
    assert bought["社工人员经费（14名社工×12个月）"] == (168, None, None)
    await desk.office.take("agreementApprove", agreement)
    after = await page(desk, "shen", agreement, AGREED)
    same = ("ceiling", "availableBefore", "availableAfter", "people", "attendances", "lines")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert after["decided"] is True
    assert after["hands"][-1]["step"] == "APPROVED"
    # What comes later does not change what was free when it was approved.
    await desk.tick(1)
    await desk.office.give("5000.00", "V-2")
    assert (await page(desk, "qian", agreement, AGREED))["availableBefore"] == "2000000.00"


async def test_money_that_is_not_there_shows_below_zero(desk: Desk) -> None:
    await desk.office.bring_to("agreementApprove")
    second = await desk.office.bring_to("agreementPropose")
    seen = await page(desk, "zhao", second, AGREED)
    assert (seen["availableBefore"], seen["availableAfter"]) == ("950000.00", "-100000.00")


async def test_a_payment_on_one_page(desk: Desk) -> None:
    await desk.open()
    first, _ = await desk.paid("M1")
    for people in (250, 260):
        await desk.work("大型活动", people=people)
    request = await desk.payable("M2")
    await desk.bring_to("paymentRequestCheck", request)
    seen = await page(desk, "zhao", request, PAID)
    assert {key: value for key, value in seen.items() if key not in ("lines", "hands", "submission")} == {
        "ceiling": "100000.00",
        "paidBefore": "30000.00",
        "stageLimit": "30000.00",
        **dict.fromkeys(("claimed", "accepted", "payable"), "8000.00"),
        "deducted": "0.00",
        "heldBefore": "1970000.00",
        "heldAfter": "1962000.00",
        "available": "1900000.00",
        # Heads without names: at least those of the larger session.
        "people": 260,
        "households": 0,
        "times": 510,
    }
    assert seen["lines"] == [
        {
            "title": "大型活动",
            "unit": "SESSION",
            "unitPrice": {"amount": "4000.00"},
            "quantity": 2,
            "deliveries": 2,
            "people": 260,
        }
    ]
    steps = [(hand["step"], hand["madeBy"]["displayName"]) for hand in seen["hands"]]
    assert steps == list(
        zip(
            ("SUBMITTED", "REVIEWED", "CONFIRM", "CHECK"),
            names(desk, "bo", "mei", "mei", "qian"),
            strict=True,
        )
    )
    documents = await page(desk, "zhao", first, PAID)
    assert (documents["lines"], documents["people"], documents["times"]) == ([], 0, 0)
    assert (documents["paidBefore"], documents["heldBefore"], documents["heldAfter"]) == (
        *("0.00", "2000000.00", "1970000.00"),
    )
    assert [hand["step"] for hand in documents["hands"]][-2:] == ["SEND", "SETTLE"]


async def test_outside_the_street_few_people_are_not_told(desk: Desk) -> None:
    await desk.open()
    await desk.paid("M1")
    await desk.work("陪伴", 5, people=4)
    request = await desk.accepted("M2")
    inside, outside = await page(desk, "zhao", request, PAID), await page(desk, "shen", request, PAID)
    assert (inside["people"], inside["times"], inside["lines"][0]["people"]) == (4, 4, 4)
    assert (outside["people"], outside["households"], outside["times"]) == (None, None, None)
    assert outside["lines"][0]["people"] is None


async def test_few_homes_among_many_heads_are_not_told_outside(desk: Desk) -> None:
    """Two who are known by name beside 248 heads: in how many homes they live is a figure about two people."""
    await desk.open()
    await desk.paid("M1")
    await desk.plant(TO_A_SESSION, await desk.work("大型活动"), list(desk.office.world.cases.values())[:2])
    request = await desk.accepted("M2")
    inside, outside = await page(desk, "zhao", request, PAID), await page(desk, "shen", request, PAID)
    assert (inside["people"], inside["times"]) == (248, 250)
    assert inside["households"] in (1, 2)
    assert (outside["people"], outside["households"], outside["times"]) == (248, None, 250)


@pytest.mark.parametrize("who", ["bo", "wang", "an"])
async def test_partners_and_communities_have_no_such_page(desk: Desk, who: str) -> None:
    await desk.open()
    request = await desk.accepted("M1")
    for row, kind in ((desk.agreement, "Agreement"), (request, "PaymentRequest")):
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ decision {{ ceiling {{ amount }} }} }} }} }}"
        viewer = desk.office.world.viewers[who]
        reply = await desk.office.hub.ask(viewer, query, {"id": row})
        refused = {"data": {"node": {"decision": None}}}
        if reply.body == {"data": {"node": None}}:
            assert kind == "PaymentRequest"
            assert who != "bo"
            continue
        assert {"data": reply.body["data"]} == refused
        assert reply.codes == [("FORBIDDEN", ["node", "decision"])]


async def test_pages_name_nobody_who_was_helped(desk: Desk) -> None:
    await desk.open()
    request = await desk.accepted("M1")
    people = [row[0] for row in await desk.run("select name from persons")]
    query = (
        f"query($a: ID!, $r: ID!) {{ a: node(id: $a) {{ ... on Agreement {{ {AGREED} }} }}"
        f" r: node(id: $r) {{ ... on PaymentRequest {{ {PAID} }} }} }}"
    )
    for who in ("mei", "zhao", "qian", "shen"):
        reply = await desk.office.hub.ask(
            desk.office.world.viewers[who], query, {"a": desk.agreement, "r": request}
        )
        assert "errors" not in reply.body
        assert not [name for name in people if name in reply.text]
