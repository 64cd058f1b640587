"""What a draft, a fund and a gift may say, and what they may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agreements.county import least
from tests.agreements.office import DONATE, DRAFT, REGISTER, Office
from tests.agreements.test_journey import FULL, counted

pytestmark = pytest.mark.anyio


def changed(terms: dict[str, Any], line: int, **changes: Any) -> dict[str, Any]:
    """The contract with one line changed."""
    lines = [dict(one) for one in terms["lines"]]
    lines[line].update(changes)
    return {**terms, "lines": lines}


async def test_what_a_draft_may_not_say(office: Office) -> None:
    terms = office.terms()
    stages = terms["milestones"]
    outside = [office.place("新语", "community")]
    cases: list[tuple[dict[str, Any], str, list[str]]] = [
        (changed(terms, 1, serviceType="SAFETY_CHECK"), "CONFLICT", ["input", "lines", "1", "serviceType"]),
        (changed(terms, 1, communities=outside), "CONFLICT", ["input", "lines", "1", "communities"]),
        (changed(terms, 1, unitPrice=None), "REQUIRED", ["input", "lines", "1", "unitPrice"]),
        (changed(terms, 0, unitPrice="1.00"), "INVALID", ["input", "lines", "0", "unitPrice"]),
        (changed(terms, 1, amountCap="28000.01"), "OUT_OF_RANGE", ["input", "lines", "1", "amountCap"]),
        (changed(terms, 1, unitPrice="0.001"), "INVALID", ["input", "lines", "1", "unitPrice"]),
        ({**terms, "ceiling": "1049999.99"}, "OUT_OF_RANGE", ["input", "lines"]),
        ({**terms, "lines": []}, "REQUIRED", ["input", "lines"]),
        ({**terms, "endsOn": "2026-05-05"}, "INVALID", ["input", "endsOn"]),
        ({**terms, "effectiveFrom": "0001-01-01"}, "OUT_OF_RANGE", ["input", "endsOn"]),
        ({**terms, "endsOn": "9999-12-31"}, "OUT_OF_RANGE", ["input", "endsOn"]),
        (
            {**terms, "milestones": [{**stages[0], "dueOn": "9999-12-31"}]},
            "OUT_OF_RANGE",
            ["input", "milestones", "0", "dueOn"],
        ),
        (
            changed(terms, 3, criteria=[least("FOLLOW_UPS", 6), least("FOLLOW_UPS", 5)]),
            "DUPLICATE",
            ["input", "lines", "3", "criteria", "1", "metric"],
        ),
        (
            {**terms, "milestones": [*stages[:2], {**stages[0]}, stages[2]]},
            "DUPLICATE",
            ["input", "milestones", "2", "code"],
        ),
        ({**terms, "milestones": [stages[1]]}, "INVALID", ["input", "milestones", "0", "dependsOn"]),
        (
            {**terms, "milestones": [{**stages[0], "code": "M4", "sharePercent": "0.01"}, *stages]},
            "OUT_OF_RANGE",
            ["input", "milestones"],
        ),
        (
            {
                **terms,
                "milestones": [{**stages[0], "code": "M4", "sharePercent": None, "amount": "0.01"}, *stages],
            },
            "OUT_OF_RANGE",
            ["input", "milestones"],
        ),
        (
            {**terms, "milestones": [*stages, {**stages[0], "code": "M4"}]},
            "INVALID",
            ["input", "milestones", "2", "kind"],
        ),
        (
            {**terms, "milestones": [{**stages[0], "amount": "1.00"}]},
            "INVALID",
            ["input", "milestones", "0"],
        ),
    ]
    before = await counted(office, "mei")
    for given, code, path in cases:
        assert await office.refused("mei", DRAFT, {"i": given}) == [(code, path)]
    assert await counted(office, "mei") == before


async def test_money_is_text_and_never_a_float(office: Office) -> None:
    body = (
        await office.hub.ask(office.world.viewers["mei"], DRAFT, {"i": office.terms(ceiling=1050000.5)})
    ).body
    assert [one["extensions"]["code"] for one in body["errors"]] == ["BAD_USER_INPUT"]


async def test_a_donation_counts_once(office: Office) -> None:
    payload = await office.give("5.00", "V-1")
    assert [one["code"] for one in payload["userErrors"]] == ["DUPLICATE"]
    assert await office.balance() == FULL
    gift = {"fund": office.fund, "amount": "0.10", "voucherNumber": "V-9", "receivedOn": "2026-05-05"}
    gift |= {"donorKind": "PERSON", "donorName": "张三丰"}
    for day in ("2026-05-07", "0001-01-01"):
        wrong = {"i": {**gift, "receivedOn": day}}
        assert await office.refused("qian", DONATE, wrong) == [("OUT_OF_RANGE", ["input", "receivedOn"])]
    first = await office.payload("qian", DONATE, {"i": gift, "k": "once"})
    again = await office.payload("qian", DONATE, {"i": gift, "k": "once"})
    assert first == again
    assert (await office.balance())["available"] == "2000000.10"
    names = "{ donations { nodes { donorName amount { amount } } } }"
    for who, name in (("zhao", "张三丰"), ("shen", "张*丰")):
        nodes = (await office.hub.ask(office.world.viewers[who], names)).data["donations"]["nodes"]
        assert nodes[0] == {"donorName": name, "amount": {"amount": "0.10"}}


async def test_a_voucher_typed_otherwise_is_the_same_voucher(office: Office) -> None:
    for spelling in ("Ｖ－１", "v-1", " V -\u200b1 "):
        payload = await office.give("5.00", spelling)
        assert [one["code"] for one in payload["userErrors"]] == ["DUPLICATE"], spelling
    assert await office.balance() == FULL


async def test_what_a_fund_may_not_say(office: Office) -> None:
    terms = {
        "street": office.place("street", "street"),
        "name": "x",
        "kind": "FISCAL",
        "channel": "TREASURY",
        "purposes": ["PURCHASED"],
        "communities": office.communities,
    }
    cases = [
        ({**terms, "purposes": []}, "REQUIRED", "purposes"),
        ({**terms, "purposes": ["NOTHING"]}, "INVALID", "purposes"),
        ({**terms, "communities": []}, "REQUIRED", "communities"),
        ({**terms, "holder": office.place("七里沟", "organization")}, "INVALID", "holder"),
    ]
    for given, code, field in cases:
        assert await office.refused("qian", REGISTER, {"i": given}) == [(code, ["input", field])]
    for who in ("mei", "zhao", "sun", "bo"):
        assert await office.payload(who, REGISTER, {"i": terms}) is None
