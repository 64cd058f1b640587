"""What a unit is and when it counts: the measures of `0005_progress.sql`, on the shape of the county contract."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.base.db import Server
from tests.deliveries.measured import Works
from tests.harness import connect_as

pytestmark = pytest.mark.anyio


@pytest.fixture
async def works(database: Server) -> AsyncIterator[Works]:
    """Rows may be planted as they are: what is under test are the measures, not the guards."""
    async with connect_as(database, "admin") as connection:
        await connection.execute("set session_replication_role = replica")
        yield Works(connection)


def glance(**figures: int | None) -> dict[str, int | None]:
    """A line's figures, 0 where nothing is said."""
    names = ("quantity_cap", "used", "reserved", "remaining", "done", "unverified", "unreachable", "owed")
    return {**dict.fromkeys(names, 0), **figures}


async def test_an_offer_reserves_until_its_case_is_closed(works: Works) -> None:
    line = await works.line("VISIT", 12)
    assert await works.usage(line) == glance(quantity_cap=12, remaining=12, owed=12)
    await works.case(line, 3, offer="OFFERED")
    await works.case(line, 9, offer="EXPIRED")
    case = await works.case(line, 5)
    assert await works.usage(line) == glance(quantity_cap=12, reserved=8, remaining=4, owed=12)
    await works.give(line, "VISIT", 2, case_id=case)
    await works.give(line, "VISIT", case_id=case, status="RECORDED")
    await works.give(line, "VISIT", case_id=case, status="VOIDED")
    held = glance(quantity_cap=12, reserved=8, remaining=4, done=2, unverified=1, owed=10)
    assert await works.usage(line) == held
    await works.close(case)
    assert await works.usage(line) == {**held, "used": 3, "reserved": 3, "remaining": 6}


async def test_a_block_without_a_cap_has_nothing_left_over(works: Works) -> None:
    line = await works.line("PERSON", None, kind="BLOCK")
    case = await works.case(line, 4)
    await works.give(line, "PERSON", quantity=4, case_id=case)
    shown = glance(quantity_cap=None, reserved=4, remaining=None, done=4, owed=None)
    assert await works.usage(line) == shown


async def test_casework_counts_with_its_follow_ups_and_the_rows_say_what_is_lacking(works: Works) -> None:
    line = await works.line("CASE", 7, ("FOLLOW_UPS", 6, True))
    full, short, shut = [await works.case(line) for _ in range(3)]
    await works.give(line, "CASE", 6, case_id=full)
    await works.give(line, "CASE", 5, case_id=short)
    await works.give(line, "CASE", 1, case_id=short, status="RECORDED")
    await works.give(line, "CASE", 2, case_id=shut)
    await works.close(full)
    await works.close(shut)
    assert await works.usage(line) == glance(
        quantity_cap=7, used=2, reserved=1, remaining=4, done=1, unverified=1, unreachable=1, owed=5
    )
    milestone = await works.milestone("DELIVERY")
    assert await works.progress(milestone) == [
        ("QUANTITY", False, 7, 1, False),
        ("FOLLOW_UPS", True, 3, 1, False),
    ]
    assert sorted(await works.missing(milestone, 1)) == [
        ("BELOW_QUALITY", 2, 6, 4),
        ("BELOW_QUALITY", 5, 6, 1),
    ]
    # Of seven one is done: two were begun and do not count yet, four are left.
    assert await works.missing(milestone, 0) == [
        ("BELOW_QUALITY", 0, 1, 1),
        ("BELOW_QUALITY", 0, 1, 1),
        ("TO_VERIFY", 0, 1, 1),
        ("NOT_OFFERED", 3, 7, 4),
    ]


async def test_events_count_by_their_participants(works: Works) -> None:
    large = await works.line("SESSION", 7, ("PARTICIPANTS", 200, True))
    small = await works.line("SESSION", 7, ("AVERAGE_PARTICIPANTS", 25, False))
    events = await works.series(large)
    for participants in (210, 199):
        await works.hold(large, "SESSION", events, participants)
    await works.hold(large, "SESSION", events, 300, status="RECORDED")
    gatherings = await works.series(small)
    for participants in (20, 29):
        await works.hold(small, "SESSION", gatherings, participants)
    assert await works.usage(large) == glance(
        quantity_cap=7, used=3, remaining=4, done=1, unverified=1, unreachable=1, owed=5
    )
    milestone = await works.milestone(
        "FINAL", ("QUANTITY", 14), ("ATTENDANCES", 400), ("SATISFACTION_PERCENT", 90)
    )
    shown = await works.progress(milestone)
    assert sorted(shown[:3]) == [
        ("ATTENDANCES", False, 400, 458, True),
        ("QUANTITY", False, 14, 3, False),
        ("SATISFACTION_PERCENT", False, 90, None, None),
    ]
    assert shown[3:] == [
        ("QUANTITY", False, 7, 1, False),
        ("PARTICIPANTS", True, 3, 2, False),
        ("QUANTITY", False, 7, 2, False),
        ("AVERAGE_PARTICIPANTS", False, 25, 24, False),
    ]


async def test_a_figure_of_the_whole_is_explained_by_its_rows_and_its_rest(works: Works) -> None:
    small = await works.line("SESSION", 7, ("AVERAGE_PARTICIPANTS", 25, False), ("SESSIONS", 2, False))
    gatherings = await works.series(small)
    for participants in (20, 29):
        await works.hold(small, "SESSION", gatherings, participants)
    await works.hold(small, "SESSION", gatherings, 31, status="DISPUTED")
    milestone = await works.milestone(
        "FINAL", ("QUANTITY", 14), ("CASES_CLOSED", 2), ("SATISFACTION_PERCENT", 90)
    )
    casework = await works.line("CASE", 7)
    await works.case(casework)
    shown = await works.progress(milestone)
    missing = {row[0]: await works.missing(milestone, place) for place, row in enumerate(shown) if not row[1]}
    waiting = ("DISPUTED", 0, 1, 1)
    assert missing["AVERAGE_PARTICIPANTS"] == [
        ("NOT_REACHED", 24, 25, 1),
        ("BELOW_QUALITY", 20, 25, 5),
        waiting,
    ]
    assert missing["SESSIONS"] == []
    whole = await works.missing(milestone, [row[2:4] for row in shown].index((14, 2)))
    assert whole == [("NOT_REACHED", 2, 14, 12), waiting]
    assert missing["CASES_CLOSED"] == [("NOT_REACHED", 0, 2, 2), ("TO_DELIVER", 0, 1, 1)]
    assert missing["SATISFACTION_PERCENT"] == []


async def test_a_block_that_states_no_figure_is_judged_by_a_person(works: Works) -> None:
    staff = await works.line("PERSON", 168, kind="BLOCK")
    await works.line("PERSON", 350, ("PERSONS", 350, False), kind="BLOCK")
    case = await works.case(staff)
    await works.give(staff, "PERSON", quantity=1, case_id=case)
    milestone = await works.milestone("DELIVERY")
    assert await works.progress(milestone) == [
        ("QUANTITY", False, 168, None, None),
        ("QUANTITY", False, 350, 0, False),
        ("PERSONS", False, 350, 0, False),
    ]
    assert await works.missing(milestone, 0) == []
    assert await works.missing(milestone, 1) == [("NOT_OFFERED", 0, 350, 350)]
    assert (await works.usage(staff))["done"] == 1


async def test_what_no_unit_can_be_measured_by_has_no_value(works: Works) -> None:
    line = await works.line("VISIT", 12, ("FOLLOW_UPS", 6, True))
    case = await works.case(line)
    await works.give(line, "VISIT", 2, case_id=case)
    milestone = await works.milestone("DELIVERY")
    assert await works.progress(milestone) == [
        ("QUANTITY", False, 12, 2, False),
        ("FOLLOW_UPS", True, 2, None, None),
    ]
    assert await works.missing(milestone, 1) == []


async def test_a_session_for_one_person_is_a_session_with_one_participant(works: Works) -> None:
    line = await works.line("SESSION", 7, ("PARTICIPANTS", 2, True), ("AVERAGE_PARTICIPANTS", 4, False))
    case = await works.case(line)
    await works.give(line, "SESSION", 2, case_id=case)
    events = await works.series(line)
    await works.hold(line, "SESSION", events, 9)
    # The place that her offer names is no unit; what she was given is, also while her case is open.
    assert await works.usage(line) == glance(
        quantity_cap=7, used=3, remaining=4, done=1, unreachable=2, owed=4
    )
    milestone = await works.milestone("FINAL", ("SESSIONS", 3), ("ATTENDANCES", 11))
    shown = await works.progress(milestone)
    assert sorted(shown[:2]) == [("ATTENDANCES", False, 11, 11, True), ("SESSIONS", False, 3, 3, True)]
    assert ("AVERAGE_PARTICIPANTS", False, 4, 3, False) in shown
    assert ("PARTICIPANTS", True, 3, 1, False) in shown


async def test_a_planned_session_is_reserved_and_named(works: Works) -> None:
    line = await works.line("SESSION", 7)
    events = await works.series(line)
    await works.plan(line, events)
    await works.hold(line, "SESSION", events, 9)
    await works.case(line)
    assert await works.usage(line) == glance(quantity_cap=7, used=1, reserved=1, remaining=5, done=1, owed=6)
    milestone = await works.milestone("DELIVERY")
    assert await works.missing(milestone, 0) == [("TO_DELIVER", 0, 1, 1), ("NOT_OFFERED", 2, 7, 5)]


async def test_a_group_counts_with_its_sessions_and_attendances(works: Works) -> None:
    line = await works.line("SERIES", 7, ("SESSIONS", 6, True), ("ATTENDANCES", 42, True))
    done, thin, _ = (
        await works.series(line),
        await works.series(line),
        await works.series(line, status="CANCELLED"),
    )
    for _ in range(6):
        await works.hold(line, "SERIES", done, 7)
        await works.hold(line, "SERIES", thin, 6)
    assert await works.usage(line) == glance(quantity_cap=7, used=2, remaining=5, done=1, owed=6)
    milestone = await works.milestone("DELIVERY")
    rows = await works.progress(milestone)
    assert rows[0] == ("QUANTITY", False, 7, 1, False)
    assert sorted(rows[1:]) == [("ATTENDANCES", True, 2, 1, False), ("SESSIONS", True, 2, 2, True)]
    place = rows.index(("ATTENDANCES", True, 2, 1, False))
    assert await works.missing(milestone, place) == [("BELOW_QUALITY", 36, 42, 6)]
    assert await works.missing(milestone, 0) == [("BELOW_QUALITY", 0, 1, 1), ("NOT_OFFERED", 2, 7, 5)]


async def test_a_series_of_which_nothing_was_held_is_to_be_delivered(works: Works) -> None:
    line = await works.line("SERIES", 7)
    await works.series(line)
    milestone = await works.milestone("DELIVERY")
    assert await works.missing(milestone, 0) == [("TO_DELIVER", 0, 1, 1), ("NOT_OFFERED", 1, 7, 6)]


async def test_a_first_stage_asks_only_what_it_says(works: Works) -> None:
    await works.line("VISIT", 12)
    assert await works.progress(await works.milestone("FIRST_STAGE")) == []
    assert await works.progress(await works.milestone("REPORTING", ("REPORTS", 1))) == [
        ("REPORTS", False, 1, 0, False)
    ]


async def test_persons_and_households_are_told_apart(works: Works) -> None:
    line = await works.line("VISIT", 12)
    people = await works.line("PERSON", 350, ("PERSONS", 350, False), kind="BLOCK")
    household = await works.household()
    for number in range(3):
        case = await works.case(line)
        await works.give(line, "VISIT", 2, case_id=case)
        person = await works.connection.fetchrow("select person_id from cases where id = $1", case)
        assert person is not None
        await works.person(person["person_id"], household if number < 2 else None)
    gatherings = await works.series(people)
    await works.hold(people, "PERSON", gatherings, 40, quantity=40)
    milestone = await works.milestone("REPORTING", ("PERSONS", 40), ("HOUSEHOLDS", 3))
    assert sorted(await works.progress(milestone)) == [
        ("HOUSEHOLDS", False, 3, 2, False),
        ("PERSONS", False, 40, 43, True),
    ]
