"""The station's report: 人次, 人数 and 户数 told apart; figures, paragraphs and lists agree; each role its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.reports.planted_work import FIGURES, PROMISES, TOTAL, Work
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio

BY = {
    "byCommunity": ("community", "name"),
    "byService": ("serviceType", "code"),
    "byPartner": ("partner", "name"),
}
SPRING = ("2026-03-01", "2026-05-06")
"""All that happened in the world of the tests."""

NONE = {"times": 0, "persons": 0, "households": 0}


def figures(times: int, persons: int, households: int) -> dict[str, int]:
    """One measure as it is answered."""
    return {"times": times, "persons": persons, "households": households}


async def by(work: Work, who: str, root: str, measure: str, **asked: Any) -> dict[str | None, Any]:
    """One measure of a breakdown, by the name of each part."""
    inner = "ageGroup" if root == "byAgeGroup" else f"{BY[root][0]} {{ {BY[root][1]} }}"
    report = await work.report(who, f"{root} {{ {inner} {FIGURES} {PROMISES} }}", **asked)
    found: dict[str | None, Any] = {}
    for row in report[root]:
        part = row["ageGroup"] if root == "byAgeGroup" else row[BY[root][0]] and row[BY[root][0]][BY[root][1]]
        assert part not in found
        found[part] = row[measure]
    return found


# ------------------------------------------------------------------------------------------------------ what is counted


async def test_one_person_visited_three_times_is_three_visits_to_one_person_in_one_household(
    work: Work,
) -> None:
    person = await work.person()
    for day in (3, 4, 5):
        await work.visit(person, day)
    report = await work.report(
        "mei", f"street {{ name }} community {{ name }} {TOTAL} byCommunity {{ paragraph }}"
    )
    assert report["street"] == {"name": "七里沟街道"}
    assert report["community"] is None
    assert report["total"]["visits"] == figures(3, 1, 1)
    assert report["total"]["caseServices"] == NONE
    assert report["total"]["attendances"] == {**NONE, "sessions": 0, "unnamed": 0}
    assert report["total"]["promises"] == {
        "made": 3,
        "kept": 3,
        "late": 0,
        "missed": 0,
        "cancelled": 0,
        "open": 0,
    }
    assert report["total"]["paragraph"] == (
        f"七里沟街道：{work.year}年1月走访慰问 3 人次（1 人、1 户），个案服务 0 人次；约定上门 3 次，按时到访 3 次。"
    )
    assert report["byCommunity"] == [
        {
            "paragraph": f"七里沟社区：{work.year}年1月走访慰问 3 人次（1 人、1 户），个案服务 0 人次；"
            "约定上门 3 次，按时到访 3 次。"
        },
        {"paragraph": f"三官庙社区：{work.year}年1月走访慰问 0 人次，个案服务 0 人次。"},
        {"paragraph": f"新语社区：{work.year}年1月走访慰问 0 人次，个案服务 0 人次。"},
    ]


async def test_a_household_counts_once_and_whoever_has_none_as_her_own(work: Work) -> None:
    home = await work.household()
    for person in (await work.person(household=home), await work.person(household=home), await work.person()):
        await work.visit(person)
    assert (await work.report("mei", TOTAL))["total"]["visits"] == figures(3, 3, 2)


async def test_only_completed_visits_of_the_period_count_and_promises_by_what_became_of_them(
    work: Work,
) -> None:
    person = await work.person()
    at = work.at(31, 23, 59)  # the last minute of January in the hub's time zone
    await work.visit(person, kept_at=at, promised_from_at=at, promised_to_at=at)
    after = at + timedelta(minutes=1)
    await work.visit(person, kept_at=after, promised_from_at=after, promised_to_at=after)
    await work.visit(person, 8, status="NOT_HOME")
    await work.visit(person, 9, kept_at=work.at(9, 11))
    await work.visit(person, 10, status="PLANNED", kept_at=None)
    await work.visit(person, 11, status="CANCELLED", kept_at=None)
    await work.visit(person, 12, promised_from_at=None, promised_to_at=None)
    total = (await work.report("mei", TOTAL))["total"]
    assert total["visits"] == figures(3, 1, 1)
    expected = {"made": 5, "kept": 2, "late": 1, "missed": 1, "cancelled": 1, "open": 0}
    assert total["promises"] == expected
    assert "约定上门 5 次，按时到访 2 次，迟到 1 次，失约 1 次" in total["paragraph"]


async def test_case_services_are_deliveries_and_what_the_station_gives_without_an_agreement(
    work: Work,
) -> None:
    person, other = await work.person(), await work.person()
    own, paid = (
        await work.case(person),
        await work.case(other, line=work.world.lines["nuanchao.HOME_HAIRCUT"]),
    )
    await work.visit(person, 5, case_id=own, kind="SERVICE", service=None)
    await work.visit(person, 6, case_id=own, kind="FOLLOW_UP")
    await work.visit(person, 7, case_id=own, kind="CONDOLENCE")
    await work.visit(
        other, 8, case_id=paid, kind="SERVICE", partner="nuanchao"
    )  # its delivery is what counts
    await work.delivery(other, 8, case_id=paid)
    await work.delivery(other, 9, case_id=paid)
    await work.delivery(other, 10, case_id=paid, status="VOIDED", void_reason_code="OTHER")
    total = (await work.report("mei", TOTAL))["total"]
    assert total["visits"] == figures(4, 2, 2)
    assert total["caseServices"] == figures(4, 2, 2)
    assert await by(work, "mei", "byPartner", "caseServices") == {
        "徐州暖巢社会工作服务中心": figures(2, 1, 1),
        None: figures(2, 1, 1),
    }
    # A visit that names no service is for that of its case.
    assert await by(work, "mei", "byService", "caseServices") == {
        "HOME_HAIRCUT": figures(3, 2, 2),
        "VISITING": figures(1, 1, 1),
    }


async def test_attendances_are_names_and_heads_and_a_voided_session_was_none(work: Work) -> None:
    people = (await work.person(), await work.person(age=10))
    named = await work.session(2, people)
    await work.delivery(None, 7, session_id=named)
    await work.session(25, people[:1], 8)
    void = await work.session(40, (), 9)
    await work.delivery(None, 9, session_id=void, status="VOIDED", void_reason_code="OTHER")
    report = await work.report("mei", TOTAL)
    assert report["total"]["attendances"] == {**figures(27, 2, 2), "sessions": 2, "unnamed": 24}
    assert "小组和社区活动 2 场、27 人次（2 人、2 户）" in report["total"]["paragraph"]
    ages = await by(work, "mei", "byAgeGroup", "attendances")
    assert {age: (one["times"], one["persons"]) for age, one in ages.items()} == {
        "AGE_7_17": (1, 1),
        "AGE_80_PLUS": (2, 1),
        None: (24, 0),
    }


async def test_age_is_that_of_the_last_day(work: Work) -> None:
    await work.visit(await work.person(age=80))
    assert list(await by(work, "mei", "byAgeGroup", "visits")) == ["AGE_80_PLUS"]
    assert list(
        await by(work, "mei", "byAgeGroup", "visits", days=(work.january[0], f"{work.year}-01-30"))
    ) == ["AGE_70_79"]


async def test_figures_paragraphs_and_lists_say_the_same(work: Work) -> None:
    report = await work.report(
        "mei",
        f"{TOTAL} byCommunity {{ community {{ id }} {FIGURES} {PROMISES} paragraph }}",
        days=SPRING,
    )
    lists = """query($c: ID, $from: DateTime, $to: DateTime) {
      all: visits(where: {status: [COMPLETED], keptFrom: $from, keptTo: $to, community: $c}) { totalCount }
      promised: visits(where: {promisedFrom: $from, promisedTo: $to, community: $c}) { totalCount }
      given: deliveries(where: {happenedFrom: $from, happenedTo: $to, community: $c}) { totalCount } }"""
    span = {"from": "2026-03-01T00:00:00+08:00", "to": "2026-05-07T00:00:00+08:00"}
    for row in [{"community": None, **report["total"]}, *report["byCommunity"]]:
        community = row["community"] and row["community"]["id"]
        counted = (await work.hub.ask(work.world.viewers["mei"], lists, {**span, "c": community})).data
        assert row["visits"]["times"] == counted["all"]["totalCount"]
        assert row["promises"]["made"] == counted["promised"]["totalCount"]
        assert row["caseServices"]["times"] == counted["given"]["totalCount"]
        made, *outcomes = row["promises"].values()
        assert made == sum(outcomes)
        times, persons, households = row["visits"].values()
        assert f"走访慰问 {times} 人次（{persons} 人、{households} 户）" in row["paragraph"]
    assert report["total"]["visits"] == figures(13, 10, 9)
    for measure in ("visits", "caseServices", "attendances", "promises"):
        parts = [row[measure] for row in report["byCommunity"]]
        additive = "made" if measure == "promises" else "times"
        assert sum(part[additive] for part in parts) == report["total"][measure][additive]
    for root in (*BY, "byAgeGroup"):
        visits = await by(work, "mei", root, "visits", days=SPRING)
        assert sum(one["times"] for one in visits.values()) == 13, root


async def drawn(work: Work) -> None:
    """Work of every kind, of several services and partners, for people of several ages who come up in several parts."""
    people = [await work.person(place, age=age) for place in ("七里沟", "三官庙") for age in (85, 64, 12)]
    ends = ({}, {"status": "CANCELLED", "kept_at": None}, {"status": "PLANNED", "kept_at": None})
    for number, person in enumerate(people * 4):
        await work.visit(
            person,
            3 + number % 9,
            community="三官庙" if number % 6 > 2 else "七里沟",
            service=("VISITING", None, "SAFETY_CHECK")[number % 4 % 3],
            partner="nuanchao" if number % 5 == 0 else None,
            **({"kept_at": work.at(20)} if number == 7 else ends[number % 7 % 3]),
        )
        await work.delivery(person, community="三官庙" if number % 6 > 2 else "七里沟")
    await work.session(9, tuple(people[:4]), 11)
    await work.session(3, tuple(people[2:5]), 12)


async def test_the_parts_of_every_dimension_add_up_to_the_whole(work: Work) -> None:
    """Occurrences add up; of people and households each part has some, and none more than the whole."""
    await drawn(work)
    named = {root: f"{key} {{ {name} }}" for root, (key, name) in BY.items()} | {"byAgeGroup": "ageGroup"}
    parts = " ".join(f"{root} {{ {part} {FIGURES} {PROMISES} }}" for root, part in named.items())
    report = await work.report("mei", f"{TOTAL} {parts}")
    total = report["total"]
    assert total["visits"] == figures(total["promises"]["kept"] + total["promises"]["late"], 6, 6)
    assert total["caseServices"] == figures(24, 6, 6)
    assert total["attendances"] == {**figures(12, 5, 5), "sessions": 2, "unnamed": 5}
    assert all(total["promises"][outcome] for outcome in ("made", "kept", "late", "missed", "cancelled"))
    for root in named:
        rows = report[root]
        assert len(rows) > 1
        for measure in ("visits", "caseServices", "attendances", "promises"):
            for figure, whole in total[measure].items():
                told = [row[measure][figure] for row in rows]
                if figure not in ("persons", "households", "sessions"):
                    assert sum(told) == whole, (root, measure, figure)
                else:
                    assert max(told) <= whole <= sum(told), (root, measure, figure)


async def test_what_lies_before_after_or_elsewhere_does_not_count(work: Work) -> None:
    """One of each kind in the month and in the community; as many again one minute outside, and in other places."""
    elsewhere: dict[str, Any] = {"street_id": uuid4(), "community_id": uuid4()}
    before, after = work.at(1, 0) - timedelta(minutes=1), work.at(31, 23, 59) + timedelta(minutes=1)

    async def one(community: str = "七里沟", at: Any = None, **changes: Any) -> None:
        person = await work.person(community)
        when = {"promised_from_at": at, "promised_to_at": at, "kept_at": at} if at else {}
        await work.visit(person, community=community, **when, **changes)
        await work.delivery(person, community=community, **({"happened_at": at} if at else {}), **changes)
        await work.session(1, (person,), community=community, **({"held_at": at} if at else {}), **changes)

    await one()
    for at in (before, after):
        await one(at=at)
    await one(**elsewhere)
    await one("三官庙")
    for asked, times in (({}, 2), ({"community": work.place("七里沟")}, 1)):
        report = await work.report("mei", f"{TOTAL} byService {{ {FIGURES} {PROMISES} }}", **asked)
        total = report["total"]
        assert total["visits"] == total["caseServices"] == figures(times, times, times), asked
        assert total["attendances"] == {**figures(times, times, times), "sessions": times, "unnamed": 0}
        assert total["promises"]["made"] == total["promises"]["kept"] == times
        for measure in ("visits", "caseServices", "attendances"):
            assert sum(row[measure]["times"] for row in report["byService"]) == times


async def test_it_is_one_statement_that_reads_the_work_once(work: Work) -> None:
    await work.visit(await work.person())
    work.hub.statements.sent.clear()
    parts = f"byCommunity {{ {FIGURES} paragraph }} byService {{ {FIGURES} }} byAgeGroup {{ ageGroup }}"
    everything = f"{TOTAL} {parts} money {{ paid {{ amount }} }}"
    await work.report("mei", everything)
    ((_, sql, _),) = work.hub.statements.sent
    assert sql.count("report_rows(") == 1


# ------------------------------------------------------------------------------------------------------------- periods


@pytest.mark.parametrize(
    ("days", "code", "said"),
    [
        (("2026-02-01", "2026-01-31"), "INVALID", "结束日期早于开始日期，请核对。"),
        (
            ("2025-01-01", "2026-02-05"),
            "OUT_OF_RANGE",
            "统计期间有401天，最多400天。请缩短起止日期，或分几次查询。",
        ),
    ],
)
async def test_a_period_that_will_not_do_is_refused(
    work: Work, days: tuple[str, str], code: str, said: str
) -> None:
    query = f'{{ stationReport(from: "{days[0]}", to: "{days[1]}") {{ {TOTAL} }} }}'
    reply = await work.hub.ask(work.world.viewers["mei"], query, language="zh-CN")
    assert reply.codes == [(code, ["stationReport"])]
    assert reply.body["errors"][0]["message"] == said
    assert (await work.ask("mei", TOTAL, days=days)).codes == [(code, ["stationReport"])]


async def test_four_hundred_days_and_one_day_will_do(work: Work) -> None:
    await work.visit(await work.person(), 5)
    total = (await work.report("mei", TOTAL, days=(f"{work.year}-01-05", f"{work.year}-01-05")))["total"]
    assert total["visits"] == figures(1, 1, 1)
    first = date(work.year, 1, 31) - timedelta(days=399)
    total = (await work.report("mei", TOTAL, days=(first.isoformat(), work.january[1])))["total"]
    assert total["visits"]["times"] >= 1


@pytest.mark.parametrize("days", [("0001-01-01", "0001-12-31"), ("9999-01-01", "9999-12-31")])
async def test_any_year_will_do(work: Work, days: tuple[str, str]) -> None:
    total = (await work.report("mei", TOTAL, days=days))["total"]
    assert (
        total["paragraph"] == f"七里沟街道：{int(days[0][:4])}年1月至12月走访慰问 0 人次，个案服务 0 人次。"
    )


WORDS = {
    ("9999-12-31", "9999-12-31"): "9999年12月31日",
    ("0001-01-01", "0001-01-01"): "1年1月1日",
    ("2026-06-01", "2026-06-30"): "2026年6月",
    ("2026-04-01", "2026-06-30"): "2026年4月至6月",
    ("2025-12-01", "2026-01-31"): "2025年12月至2026年1月",
    ("2026-06-01", "2026-06-15"): "2026年6月1日至6月15日",
    ("2025-12-31", "2026-01-01"): "2025年12月31日至2026年1月1日",
    ("2026-06-01", "2026-06-01"): "2026年6月1日",
    ("2024-02-01", "2024-02-29"): "2024年2月",
}


async def test_a_period_in_words(work: Work) -> None:
    said = {
        (first, last): (
            await work.run("select period_words($1, $2)", date.fromisoformat(first), date.fromisoformat(last))
        )[0][0]
        for first, last in WORDS
    }
    assert said == WORDS


# --------------------------------------------------------------------------------------------------------- whose report


async def test_a_community_worker_has_her_own_community_and_no_money(work: Work) -> None:
    for community in ("七里沟", "三官庙"):
        await work.visit(await work.person(community), community=community)
    asked = f"community {{ name }} {TOTAL} byCommunity {{ community {{ name }} paragraph }}"
    report = await work.report("wang", asked)
    assert report["community"] == {"name": "七里沟社区居委会"}
    assert report["total"]["visits"] == figures(1, 1, 1)
    assert [row["community"]["name"] for row in report["byCommunity"]] == ["七里沟社区居委会"]
    assert report == await work.report("mei", asked, community=work.place("七里沟"))
    refused = await work.ask("wang", "money { paid { amount } } moneyByStage { stage } total { paragraph }")
    assert refused.codes == [
        ("FORBIDDEN", ["stationReport", "money"]),
        ("FORBIDDEN", ["stationReport", "moneyByStage"]),
    ]
    assert refused.body["data"]["stationReport"]["money"] is None


async def test_what_lies_elsewhere_is_as_absent_as_what_there_is_not(work: Work) -> None:
    elsewhere = (
        await work.run(
            "select id from organizations where kind = 'STREET' and id <> $1 order by code limit 1",
            work.world.organizations["street"],
        )
    )[0][0]
    for who, asked in (
        ("wang", {"community": work.place("三官庙")}),
        ("wang", {"street": work.place("street")}),
        ("mei", {"street": gid("street", elsewhere)}),
        ("mei", {"street": gid("street", uuid4())}),
        ("mei", {"community": work.place("street")}),
        ("mei", {"street": gid("street", work.world.organizations["nuanchao"])}),
        ("shen", {"community": work.place("七里沟")}),
        ("shen", {}),
    ):
        reply = await work.ask(who, TOTAL, **asked)
        assert reply.body == {"data": {"stationReport": None}}, (who, asked)


@pytest.mark.parametrize("who", ["bo", "an"])
async def test_partners_have_none(work: Work, who: str) -> None:
    for asked in ({}, {"street": work.place("street")}, {"community": work.place("七里沟")}):
        reply = await work.ask(who, TOTAL, **asked)
        assert reply.body["data"] == {"stationReport": None}
        assert reply.codes == [("FORBIDDEN", ["stationReport"])]


async def test_finance_has_counts_and_money_and_neither_ages_nor_places(work: Work) -> None:
    await work.visit(await work.person())
    asked = f"{TOTAL} byService {{ {FIGURES} }} byPartner {{ {FIGURES} }} money {{ encumbered {{ amount }} }}"
    assert await work.report("qian", asked) == await work.report("zhao", asked)
    refused = await work.ask("qian", "byCommunity { paragraph } byAgeGroup { ageGroup }")
    assert refused.codes == [
        ("FORBIDDEN", ["stationReport", "byCommunity"]),
        ("FORBIDDEN", ["stationReport", "byAgeGroup"]),
    ]


async def test_a_report_is_found_by_no_id(work: Work) -> None:
    row = gid("station_report", work.world.organizations["street"])
    reply = await work.hub.ask(
        work.world.viewers["mei"], "query($id: ID!) { node(id: $id) { id } }", {"id": row}
    )
    assert reply.body == {"data": {"node": None}}
