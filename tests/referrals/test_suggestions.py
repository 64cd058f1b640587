"""Whom a referral could be offered to: lines by service, community, what is left and capacity, and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests import harness
from tests.catalogue.test_capacity import said
from tests.referrals.offering import Desk
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio

SUGGESTED = """query($id: ID!) { node(id: $id) { ... on Referral { partnerSuggestions {
  fits reason remaining vacancy partner { id name } line { id title } } } } }"""


async def suggested(desk: Desk, referral: str = "declined") -> list[dict[str, Any]]:
    """What Mei is told."""
    asked = {"id": gid("referral", desk.world.referrals[referral])}
    answer = (await desk.hub.ask(desk.world.viewers["mei"], SUGGESTED, asked)).data
    return answer["node"]["partnerSuggestions"]


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str, int | None, int | None]]:
    """Line, reason, remaining and vacancy of each."""
    return [(row["line"]["title"], row["reason"], row["remaining"], row["vacancy"]) for row in rows]


async def test_best_first_and_who_declined_last(desk: Desk) -> None:
    rows = await suggested(desk)
    assert told(rows) == [
        ("上门理发", "SERVES_HERE", 296, None),
        ("visits", "SERVES_HERE", 2, None),
        ("case", "SERVES_HERE", 2, None),
        ("group", "SERVES_HERE", 2, None),
        ("block", "SERVES_HERE", None, None),
        ("上门理发", "DECLINED_BEFORE", 100, None),
    ]
    assert [row["fits"] for row in rows] == [True] * 5 + [False]
    assert rows[0]["partner"]["id"] == desk.place("nuanchao", "partner")
    assert rows[-1]["partner"]["id"] == desk.place("kangle", "partner")
    assert rows[0]["line"]["id"] == desk.world_line("nuanchao.HOME_HAIRCUT")


async def test_only_lines_of_this_service_in_this_community(desk: Desk) -> None:
    for referral, services in (("triaged", {"安全检查"}), ("submitted_li", {"送医陪护"})):
        assert {row["line"]["title"] for row in await suggested(desk, referral)} == services


async def test_what_a_partner_says_of_its_vacancy_counts(desk: Desk) -> None:
    here = {"serviceType": "SAFETY_CHECK", "community": desk.place("七里沟", "community")}
    order = ["nuanchao", "kangle"]
    assert [row["partner"]["id"] for row in await suggested(desk, "triaged")] == [
        desk.place(name, "partner") for name in order
    ]
    await said(desk, "kai", "kangle", 5, 3, **here)
    rows = await suggested(desk, "triaged")
    assert [row["partner"]["id"] for row in rows] == [desk.place(name, "partner") for name in reversed(order)]
    assert [(row["reason"], row["vacancy"]) for row in rows] == [("SERVES_HERE", 3), ("SERVES_HERE", None)]
    await said(desk, "kai", "kangle", 5, 0, **here)
    rows = await suggested(desk, "triaged")
    assert [(row["reason"], row["vacancy"], row["fits"]) for row in rows] == [
        ("SERVES_HERE", None, True),
        ("NO_VACANCY", 0, False),
    ]
    # Of another community it says nothing.
    await said(desk, "bo", "nuanchao", 1, 0, **{**here, "community": desk.place("三官庙", "community")})
    assert (await suggested(desk, "triaged"))[0]["vacancy"] is None


async def test_nothing_left_and_not_qualified_are_said(desk: Desk) -> None:
    await desk.offered("visits", 2)
    rows = {row["line"]["title"]: row for row in await suggested(desk) if row["reason"] != "SERVES_HERE"}
    assert (rows["visits"]["reason"], rows["visits"]["remaining"]) == ("NO_QUANTITY", 0)
    await harness.run_sql(
        desk.server,
        "update qualifications set valid_to_on = '2026-05-05' where partner_id = $1",
        desk.world.organizations["kangle"],
    )
    assert told(await suggested(desk, "triaged"))[-1] == ("安全检查", "NOT_QUALIFIED", 100, None)
    # Also where it declined before: that cannot be undone by asking again.
    assert told(await suggested(desk))[-1][1] == "NOT_QUALIFIED"


async def test_an_agreement_that_has_ended_is_not_suggested(desk: Desk) -> None:
    await desk.terminate()
    assert {row["line"]["title"] for row in await suggested(desk)} == {"上门理发"}


@pytest.mark.parametrize("who", ["wang", "zhao", "bo", "an", "shen"])
async def test_nobody_but_the_station_is_told(desk: Desk, who: str) -> None:
    asked = {"id": gid("referral", desk.world.referrals["today"])}
    answer = await desk.hub.ask(desk.world.viewers[who], SUGGESTED, asked)
    assert [code for code, _ in answer.codes] == ["FORBIDDEN"]


async def test_the_function_answers_the_viewers_street_only(desk: Desk) -> None:
    query = "select count(*) from partner_suggestions($1)"
    referral = desk.world.referrals["declined"]
    for street, found in ((desk.world.organizations["street"], 6), (desk.world.organizations["kangle"], 0)):
        async with harness.connect_as(desk.server, "read_station_worker") as connection:
            await connection.execute("select set_config('hub.street', $1, false)", str(street))
            await connection.execute("select set_config('hub.today', '2026-05-06', false)")
            assert await connection.fetchval(query, referral) == found
