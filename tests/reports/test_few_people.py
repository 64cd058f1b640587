"""I21: outside the street nothing is told about fewer than five people, nor what that could be computed from."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from tests.reports.planted_work import FIGURES, PROMISES, TOTAL, Work

pytestmark = pytest.mark.anyio

HIDDEN = {"times": None, "persons": None, "households": None}
AGES = (85, 75, 65, 12)
PARTS = {
    "byCommunity": "community { name }",
    "byService": "serviceType { code }",
    "byPartner": "partner { name }",
    "byAgeGroup": "ageGroup",
}
EVERYTHING = TOTAL + "".join(f" {root} {{ {part} {FIGURES} {PROMISES} }}" for root, part in PARTS.items())


def named(row: dict[str, Any]) -> Any:
    """What a row is about."""
    part = next(iter(row.values()))
    return next(iter(part.values())) if isinstance(part, dict) else part


async def visited(work: Work, community: str, people: int, **changes: Any) -> None:
    """So many people, each visited once."""
    for _ in range(people):
        await work.visit(await work.person(community), community=community, **changes)


async def outside(work: Work, fields: str, who: str = "shen") -> Any:
    """The report as the auditor has it."""
    return await work.report(who, fields, street=work.place("street"))


async def test_a_cell_of_four_is_hidden_and_the_next_with_it(work: Work) -> None:
    for community, people in (("七里沟", 4), ("三官庙", 9), ("新语", 7)):
        await visited(work, community, people)
    fields = f"{TOTAL} byCommunity {{ community {{ name }} {FIGURES} {PROMISES} paragraph }}"
    report = await outside(work, fields)
    assert report["total"]["visits"] == {"times": 20, "persons": 20, "households": 20}
    shown = {row["community"]["name"]: row for row in report["byCommunity"]}
    assert shown["七里沟社区居委会"]["visits"] == HIDDEN
    assert shown["新语社区居委会"]["visits"] == HIDDEN  # 20 less 9 less 7 would tell the four
    assert shown["三官庙社区居委会"]["visits"] == {"times": 9, "persons": 9, "households": 9}
    assert {row["promises"]["made"] for row in shown.values()} == {None}
    assert shown["七里沟社区居委会"]["paragraph"] == (
        f"七里沟社区：{work.year}年1月走访慰问（人数较少，不予公布），个案服务 0 人次。"
    )
    inside = await work.report("zhao", fields)
    times = {row["community"]["name"]: row["visits"]["times"] for row in inside["byCommunity"]}
    assert times == {"七里沟社区居委会": 4, "三官庙社区居委会": 9, "新语社区居委会": 7}


async def test_five_may_be_told(work: Work) -> None:
    await visited(work, "七里沟", 5)
    await visited(work, "三官庙", 6)
    report = await outside(work, f"byCommunity {{ {FIGURES} paragraph }}")
    assert [row["visits"]["times"] for row in report["byCommunity"]] == [5, 6, 0]
    assert "走访慰问 5 人次（5 人、5 户）" in report["byCommunity"][0]["paragraph"]


async def test_two_small_cells_hide_each_other_when_together_they_are_many(work: Work) -> None:
    for community, people in (("七里沟", 3), ("三官庙", 2), ("新语", 8)):
        await visited(work, community, people)
    report = await outside(work, f"byCommunity {{ {FIGURES} }}")
    assert [row["visits"]["times"] for row in report["byCommunity"]] == [None, None, 8]


async def test_two_small_cells_of_the_same_people_do_not(work: Work) -> None:
    people = [await work.person() for _ in range(3)]
    for person, service in itertools.product(people, ("VISITING", "SAFETY_CHECK")):
        await work.visit(person, service=service)
    await visited(work, "七里沟", 8, service="COMPANIONSHIP")
    report = await outside(work, f"byService {{ {FIGURES} }}")
    assert [row["visits"] for row in report["byService"]] == [HIDDEN] * 3


async def test_a_street_with_four_people_tells_nothing(work: Work) -> None:
    await visited(work, "七里沟", 4)
    total = (await outside(work, TOTAL))["total"]
    assert total["visits"] == HIDDEN
    assert set(total["promises"].values()) == {None}
    assert "4" not in total["paragraph"].partition("月")[2]  # the year may have one


async def test_few_broken_promises_are_not_told(work: Work) -> None:
    await visited(work, "七里沟", 9)
    await visited(work, "七里沟", 7, day=6, status="CANCELLED", kept_at=None)
    await visited(work, "七里沟", 2, day=7, status="PLANNED", kept_at=None)
    fields = f"total {{ {PROMISES} paragraph }}"
    total = (await outside(work, fields))["total"]
    assert total["promises"] == {
        "made": 18,
        "kept": 9,
        "late": 0,
        "missed": None,
        "cancelled": None,
        "open": 0,
    }
    assert "失约" not in total["paragraph"]
    inside = (await work.report("mei", fields))["total"]["promises"]
    assert (inside["missed"], inside["cancelled"]) == (2, 7)


async def test_few_names_among_many_heads_are_not_told(work: Work) -> None:
    people = tuple([await work.person() for _ in range(4)])
    await work.session(30, people)
    attendances = (await outside(work, TOTAL))["total"]["attendances"]
    # Heads less unnamed would tell the four.
    assert attendances == {"sessions": 1, "times": 30, "persons": None, "households": None, "unnamed": None}


async def test_the_auditor_has_no_single_community(work: Work) -> None:
    await visited(work, "七里沟", 9)
    reply = await work.ask("shen", TOTAL, community=work.place("七里沟"))
    assert reply.body == {"data": {"stationReport": None}}


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_hidden_can_be_computed_from_the_whole(work: Work, seed: int) -> None:
    """Of drawn work: what a breakdown hides of a figure is hidden of two parts or more that are five people together,
    or it is all there is; and no part shown is about fewer than five."""
    draw = random.Random(seed)  # noqa: S311
    for _ in range(draw.randint(10, 24)):
        community = draw.choice(["七里沟", "七里沟", "三官庙", "新语"])
        person = await work.person(community, age=draw.choice(AGES))
        for _ in range(draw.randint(1, 2)):
            await work.visit(
                person,
                draw.randint(1, 28),
                community=community,
                service=draw.choice(["VISITING", "VISITING", "SAFETY_CHECK", None]),
                partner=draw.choice([None, None, "nuanchao"]),
            )
        if draw.random() < 0.5:
            await work.delivery(person, community=community)
    inside, seen = await work.report("mei", EVERYTHING), await outside(work, EVERYTHING)
    for root, measure in itertools.product(PARTS, ("visits", "caseServices")):
        truth = {named(row): row[measure] for row in inside[root]}
        shown = {named(row): row[measure] for row in seen[root]}
        assert set(truth) == set(shown)
        hidden = [part for part, figures in shown.items() if figures == HIDDEN]
        for part, figures in shown.items():
            assert figures == HIDDEN or figures == truth[part]
            assert figures == HIDDEN or figures["persons"] == 0 or figures["persons"] >= 5
        whole = seen["total"][measure]
        if hidden and whole != HIDDEN:
            assert len(hidden) > 1 or all(truth[part]["times"] == 0 for part in truth if part not in hidden)
            assert sum(truth[part]["persons"] for part in hidden) >= 5
