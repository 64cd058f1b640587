"""`capacitySet`: what a partner says it can do, and who may say it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests import harness
from tests.agreements.office import Office
from tests.referrals.offering import ACCEPT, Desk

pytestmark = pytest.mark.anyio

SET = (
    "mutation($i: CapacitySetInput!, $v: Int) { capacitySet(input: $i, expectedVersion: $v) {"
    " capacity { id capacity vacancy note version partner { id } community { name } serviceType { code } }"
    " userErrors { code message path } } }"
)
ALL = "{ capacities { nodes { id capacity vacancy note setAt } } }"


async def said(
    office: Office,
    who: str,
    partner: str,
    capacity: int,
    vacancy: int,
    version: Any = None,
    **terms: Any,
) -> Any:
    """The payload of somebody saying it, by default of haircuts in 七里沟."""
    of = {"serviceType": "HOME_HAIRCUT", "community": office.place("七里沟", "community"), **terms}
    given = {"partner": office.place(partner, "partner"), "capacity": capacity, "vacancy": vacancy, **of}
    return await office.payload(who, SET, {"i": given, "v": version})


async def test_said_and_said_anew(desk: Desk) -> None:
    first = (await said(desk, "bo", "nuanchao", 20, 5, note=" 周末除外 "))["capacity"]
    assert first == {
        "id": first["id"],
        "capacity": 20,
        "vacancy": 5,
        "note": "周末除外",
        "version": 1,
        "partner": {"id": desk.place("nuanchao", "partner")},
        "community": {"name": first["community"]["name"]},
        "serviceType": {"code": "HOME_HAIRCUT"},
    }
    again = (await said(desk, "bo", "nuanchao", 10, 0, version=1))["capacity"]
    assert (again["id"], again["capacity"], again["vacancy"], again["version"]) == (first["id"], 10, 0, 2)
    assert again["note"] is None
    other = await said(desk, "bo", "nuanchao", 3, 3, community=desk.place("三官庙", "community"))
    assert other["capacity"]["id"] != first["id"]
    for who in ("bo", "kai", "mei", "wang", "qian"):
        nodes = (await desk.hub.ask(desk.world.viewers[who], ALL)).data["capacities"]["nodes"]
        assert sorted((node["capacity"], node["vacancy"]) for node in nodes) == [(3, 3), (10, 0)]


async def test_what_is_refused(desk: Desk) -> None:
    unknown = "community_00000000-0000-7000-8000-000000000000"
    refused = (
        ({"capacity": -1, "vacancy": 0}, "OUT_OF_RANGE", "capacity"),
        ({"capacity": 1_000_001, "vacancy": 0}, "OUT_OF_RANGE", "capacity"),
        ({"capacity": 3, "vacancy": 4}, "OUT_OF_RANGE", "vacancy"),
        ({"capacity": 3, "vacancy": -1}, "OUT_OF_RANGE", "vacancy"),
        ({"capacity": 3, "vacancy": 3, "serviceType": "NO_SUCH"}, "INVALID", "serviceType"),
        ({"capacity": 3, "vacancy": 3, "community": unknown}, "NOT_FOUND", "community"),
        (
            {"capacity": 3, "vacancy": 3, "community": desk.place("street", "community")},
            "NOT_FOUND",
            "community",
        ),
        ({"capacity": 3, "vacancy": 3, "note": "长" * 5000}, "TOO_LONG", "note"),
    )
    for terms, code, field in refused:
        (error,) = (await said(desk, "bo", "nuanchao", **terms))["userErrors"]
        assert (error["code"], error["path"]) == (code, ["input", field]), terms
    (error,) = (await said(desk, "bo", "nuanchao", 3, 3, version=1))["userErrors"]
    assert (error["code"], error["path"]) == ("STALE", ["expectedVersion"])
    assert await harness.run_sql(desk.server, "select 1 from capacities") == []


async def test_only_the_partners_own_manager_says_it(desk: Desk) -> None:
    payload = await said(desk, "kai", "nuanchao", 3, 3)
    assert [(error["code"], error["path"]) for error in payload["userErrors"]] == [
        ("NOT_FOUND", ["input", "partner"])
    ]
    for who in ("an", "mei", "wang", "zhao", "root"):
        assert await said(desk, who, "nuanchao", 3, 3) is None


async def test_two_who_say_it_at_once_come_one_after_the_other(desk: Desk) -> None:
    answers = await asyncio.gather(*(said(desk, "bo", "nuanchao", number, 0) for number in (1, 2, 3)))
    assert sorted(answer["capacity"]["version"] for answer in answers) == [1, 2, 3]
    assert len(await harness.run_sql(desk.server, "select 1 from capacities")) == 1


async def test_accepting_an_offer_leaves_the_vacancy_to_the_partner(desk: Desk) -> None:
    await said(desk, "bo", "nuanchao", 1, 0)
    offer = await desk.offered("visits")
    assert (await desk.payload("bo", ACCEPT, {"id": offer}))["userErrors"] == []
    nodes = (await desk.hub.ask(desk.world.viewers["bo"], ALL)).data["capacities"]["nodes"]
    assert [(node["capacity"], node["vacancy"]) for node in nodes] == [(1, 0)]


async def test_it_is_audited_for_the_community(desk: Desk) -> None:
    await said(desk, "bo", "nuanchao", 4, 2)
    query = "select facts, partner_id, community_id from audit_events where action = 'capacity_set'"
    (event,) = await harness.run_sql(desk.server, query)
    ids = desk.world.organizations
    assert (event["partner_id"], event["community_id"]) == (ids["nuanchao"], ids["七里沟"])
    assert '"vacancy": 2' in event["facts"]
