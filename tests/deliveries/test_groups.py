"""Group work over GraphQL and past it: series within their line, enrolment, sessions, who was there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.base.db import Server
from hub.base.errors import HubError
from hub.settings import Settings
from hub.worker import ready
from tests import harness
from tests.agreements.office import Office
from tests.deliveries.grouping import ENROLLABLE, ERRORS, Groups, bare, lines, under
from tests.keeping import Keeping
from tests.schema.asking import gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

Bought = tuple[str, dict[str, str]]
"""Id of the agreement, ids of its lines by title."""


async def bought(server: Server, world: World, settings: Settings) -> Bought:
    """The agreement, active, in a database that each test gets a copy of."""
    async with running(server, settings, world.now) as hub:
        office = Office(hub, world)
        await office.open_fund()
        agreement = await office.bring_to("agreementAccept", lines=lines(office.communities))
        async with ready(settings, server, hub.clock) as worker:
            await worker.tick()
        node = (await office.look("an", "status lines { nodes { id title } }", agreement))["data"]["node"]
    assert node["status"] == "ACTIVE"
    found = {one["title"]: one["id"] for one in node["lines"]["nodes"]}
    cases = [world.cases[one] for one in ENROLLABLE]
    await under(server, bare(agreement), bare(found["陪伴"]), cases)
    return agreement, found


@pytest.fixture
async def groups(
    world: World, settings: Settings, shared: harness.Shared, keeping: Keeping
) -> AsyncIterator[Groups]:
    async def build(server: Server) -> Bought:
        return await bought(server, world, shared.settings)

    source = await harness.world_template(shared)
    source, (agreement, found) = await harness.prepared(shared, "groups", source, build)
    async with keeping.borrowed(source) as server, running(server, settings, world.now) as hub:
        yield Groups(Office(hub, world), server, found, agreement)


async def test_a_group_from_its_opening_to_its_end(groups: Groups) -> None:
    series = await groups.open()
    payload = await groups.do("an", "seriesEnrol", id=series, cases=[groups.case(one) for one in ENROLLABLE])
    assert payload["userErrors"] == []
    assert {one["case"]["id"] for one in payload["series"]["enrolments"]} == {
        groups.case(one) for one in ENROLLABLE
    }
    first, second = await groups.plan(series, days=0), await groups.plan(series, days=7, title="第二次")
    assert (await groups.look(series, "planned held"))["planned"] == 2
    groups.clock.instant += timedelta(hours=1)
    held = await groups.hold(first, cases=[groups.case("missed")])
    assert (held.status, held.participant_count) == ("HELD", 1)
    node = await groups.look(
        series,
        "planned held sessions(orderBy: NUMBER_ASC) { nodes { number status attendances { case { id } } } }",
    )
    assert (node["planned"], node["held"]) == (1, 1)
    assert [(one["number"], one["status"], len(one["attendances"])) for one in node["sessions"]["nodes"]] == [
        (1, "HELD", 1),
        (2, "PLANNED", 0),
    ]
    assert await groups.refused("an", "seriesClose", id=series) == ("WRONG_STATE", [])
    assert await groups.refused("an", "seriesCancel", id=series) == ("WRONG_STATE", [])
    payload = await groups.do("an", "sessionCancel", id=second)
    assert payload["session"]["cancelReason"] == "人手不足"
    payload = await groups.do("bo", "seriesClose", id=series)
    assert (payload["userErrors"], payload["series"]["status"]) == ([], "CLOSED")
    for name, more in (
        ("seriesEnrol", {"cases": [groups.case("missed")]}),
        ("seriesClose", {}),
        ("seriesCancel", {}),
    ):
        assert (await groups.refused("an", name, id=series, **more))[0] == "WRONG_STATE", name


async def test_heads_are_counted_where_no_names_are_taken(groups: Groups) -> None:
    series = await groups.open(line=groups.lines["大型活动"], kind="HEAD_COUNT")
    cases = [groups.case("missed")]
    assert await groups.refused("an", "seriesEnrol", id=series, cases=cases) == ("CONFLICT", ["id"])
    session = await groups.plan(series, days=0)
    groups.clock.instant += timedelta(hours=1)
    refused: tuple[dict[str, Any], ...] = (
        {"cases": cases},
        {},
        {"heads": 0},
        {"heads": 100_001},
        {"heads": 3, "cases": cases},
    )
    for wrong in refused:
        with pytest.raises(HubError):
            await groups.hold(session, **wrong)
    assert (await groups.hold(session, heads=213)).participant_count == 213
    with pytest.raises(HubError):
        await groups.hold(session, heads=213)


async def test_of_the_enrolled_names_are_taken_and_no_strangers(groups: Groups) -> None:
    series = await groups.open()
    await groups.do("an", "seriesEnrol", id=series, cases=[groups.case("missed")])
    session = await groups.plan(series, days=0)
    groups.clock.instant += timedelta(hours=1)
    mine, stranger = groups.case("missed"), groups.case("today")
    wrong: dict[str, dict[str, Any]] = {
        "NOT_FOUND": {"cases": [mine, stranger]},
        "DUPLICATE": {"cases": [mine, mine]},
        "REQUIRED": {"cases": []},
        "INVALID": {"cases": [mine], "heads": 1},
    }
    for code, told in wrong.items():
        with pytest.raises(HubError) as caught:
            await groups.hold(session, **told)
        assert caught.value.code == code
    groups.clock.instant -= timedelta(hours=3)
    held = await groups.hold(session, cases=[mine])
    assert held.participant_count == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"line": "陪伴"}, ("CONFLICT", ["input", "line"])),
        ({"community": "新语"}, ("CONFLICT", ["input", "community"])),
        ({"line": "大型活动", "community": "三官庙"}, ("CONFLICT", ["input", "community"])),
        ({"title": "  "}, ("REQUIRED", ["input", "title"])),
    ],
)
async def test_what_no_line_buys_is_not_opened(
    groups: Groups, changes: dict[str, str], expected: tuple[str, list[str]]
) -> None:
    told: dict[str, Any] = dict(changes)
    if "line" in changes:
        told["line"] = groups.lines[changes["line"]]
    if "community" in changes:
        told["community"] = groups.office.place(changes["community"], "community")
    assert await groups.refused("an", "seriesOpen", i=groups.terms(**told)) == expected


async def test_a_line_that_is_not_ours_is_absent_and_one_not_in_force_opens_nothing(groups: Groups) -> None:
    absent = ("NOT_FOUND", ["input", "line"])
    for who, line in (
        ("lin", groups.lines["小组"]),
        ("an", gid("agreement_line", UUID(int=1))),
        ("an", "x_1"),
    ):
        assert await groups.refused(who, "seriesOpen", i=groups.terms(line=line)) == absent
    series = await groups.open()
    foreign = await groups.refused("kai", "seriesClose", id=series)
    assert foreign == ("NOT_FOUND", ["id"])
    assert await groups.do("mei", "seriesClose", id=series) is None
    async with harness.connect_as(groups.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "update agreements set status = 'CLOSING' where id = $1", bare(groups.agreement)
        )
    assert await groups.refused("an", "seriesOpen", i=groups.terms()) == ("WRONG_STATE", ["input", "line"])
    times = {"plannedFrom": groups.at(1), "plannedTo": groups.at(1)}
    assert await groups.refused("an", "sessionPlan", id=series, i=times) == ("WRONG_STATE", ["id"])


async def test_a_session_whose_worker_has_left_waits_for_the_manager(groups: Groups) -> None:
    """It is announced in the community; with her gone it was in nobody's queue."""

    async def waiting() -> int:
        query = "{ viewer { queue { kind count } } }"
        lines = (await groups.office.hub.ask(groups.world.viewers["bo"], query)).data["viewer"]["queue"]
        return next(one["count"] for one in lines if one["kind"] == "SESSIONS_WITHOUT_WORKER")

    await groups.plan(await groups.open(), "an")
    assert await waiting() == 0
    leaver = gid("membership", groups.world.memberships["an"])
    end = 'mutation($id: ID!) { membershipEnd(id: $id, reason: "x") { userErrors { code } } }'
    await groups.office.hub.do(groups.world.viewers["bo"], end, {"id": leaver})
    assert await waiting() == 1


async def test_a_case_is_enrolled_once_and_only_where_it_belongs(groups: Groups) -> None:
    series = await groups.open()
    elsewhere = await groups.open(community=groups.office.place("三官庙", "community"))
    assert await groups.refused("an", "seriesEnrol", id=series, cases=[]) == ("REQUIRED", ["cases"])
    missed, today = groups.case("missed"), groups.case("today")
    assert (await groups.do("an", "seriesEnrol", id=series, cases=[missed]))["userErrors"] == []
    expected = {
        # enrolled before, or twice in one call
        (series, missed): ("DUPLICATE", ["cases", "0"]),
        (elsewhere, missed): ("CONFLICT", ["cases", "0"]),
        # under another agreement
        (series, groups.case("closing")): ("CONFLICT", ["cases", "0"]),
        # nobody's yet: absent for a worker
        (series, groups.case("accepted")): ("NOT_FOUND", ["cases", "0"]),
        # closed, and out of access, without consent
        (series, groups.case("consent_withdrawn")): ("NOT_FOUND", ["cases", "0"]),
        (series, gid("case", UUID(int=1))): ("NOT_FOUND", ["cases", "0"]),
    }
    for (target, case), answer in expected.items():
        assert await groups.refused("an", "seriesEnrol", id=target, cases=[case]) == answer, (target, case)
    assert await groups.refused("an", "seriesEnrol", id=series, cases=[today, today]) == (
        "DUPLICATE",
        ["cases", "1"],
    )
    # The manager sees that case, and then what is wrong with it.
    assert await groups.refused("bo", "seriesEnrol", id=series, cases=[groups.case("accepted")]) == (
        "CONFLICT",
        ["cases", "0"],
    )


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (-2, -1.9, ("OUT_OF_RANGE", ["input", "plannedFrom"])),
        (1, 0.9, ("INVALID", ["input", "plannedTo"])),
        (1, 1.6, ("OUT_OF_RANGE", ["input", "plannedTo"])),
        (365, 365, ("OUT_OF_RANGE", ["input", "plannedFrom"])),
        (400, 400, ("OUT_OF_RANGE", ["input", "plannedFrom"])),
    ],
)
async def test_a_session_lies_ahead_and_within_the_term(
    groups: Groups, begins: float, ends: float, expected: tuple[str, list[str]]
) -> None:
    series = await groups.open()
    times = {"plannedFrom": groups.at(begins), "plannedTo": groups.at(ends)}
    assert await groups.refused("an", "sessionPlan", id=series, i=times) == expected


async def test_who_leads_a_session(groups: Groups) -> None:
    series, ids = await groups.open(who="bo"), groups.world.memberships
    times = {"plannedFrom": groups.at(1), "plannedTo": groups.at(1)}
    here = ["input", "worker"]
    assert await groups.refused("bo", "sessionPlan", id=series, i=times) == ("REQUIRED", here)
    for name in ("lin", "bo", "mei"):
        worker = gid("membership", ids[name])
        assert await groups.refused("bo", "sessionPlan", id=series, i={**times, "worker": worker}) == (
            "INVALID",
            here,
        )
    session = await groups.plan(series, "bo", worker=gid("membership", ids["ou"]))
    assert await groups.refused("an", "sessionCancel", id=session) == ("NOT_FOUND", ["id"])
    assert (
        await groups.do("ou", "sessionAssignWorker", id=session, worker=gid("membership", ids["an"])) is None
    )
    same = await groups.refused("bo", "sessionAssignWorker", id=session, worker=gid("membership", ids["ou"]))
    assert same == ("DUPLICATE", ["worker"])
    payload = await groups.do("bo", "sessionAssignWorker", id=session, worker=gid("membership", ids["an"]))
    assert payload["userErrors"] == []
    assert (payload["session"]["worker"]["id"], payload["session"]["status"]) == (
        gid("membership", ids["an"]),
        "PLANNED",
    )
    assert (await groups.do("an", "sessionCancel", id=session))["session"]["status"] == "CANCELLED"
    late = await groups.refused("bo", "sessionAssignWorker", id=session, worker=gid("membership", ids["ou"]))
    assert late[0] == "WRONG_STATE"
    assert await groups.plan(series, "an") != session


async def test_i17_a_cancelled_series_frees_its_place_and_takes_its_sessions_along(groups: Groups) -> None:
    opened = [await groups.open() for _ in range(7)]
    assert await groups.refused("an", "seriesOpen", i=groups.terms()) == (
        "QUANTITY_EXCEEDED",
        ["input", "line"],
    )
    await groups.plan(opened[0])
    payload = await groups.do("an", "seriesCancel", id=opened[0])
    assert (payload["series"]["status"], payload["series"]["cancelReason"]) == ("CANCELLED", "场地不可用")
    node = await groups.look(opened[0], "planned held sessions { nodes { status cancelReason } }")
    assert node == {
        "planned": 0,
        "held": 0,
        "sessions": {"nodes": [{"status": "CANCELLED", "cancelReason": "场地不可用"}]},
    }
    await groups.open()
    assert (await groups.refused("an", "seriesOpen", i=groups.terms()))[0] == "QUANTITY_EXCEEDED"
    # A line that buys sessions has room for any number of series.
    for _ in range(2):
        await groups.open(line=groups.lines["大型活动"], kind="HEAD_COUNT")


async def test_i17_two_series_on_the_last_place(groups: Groups) -> None:
    for _ in range(6):
        await groups.open()
    answers = await asyncio.gather(
        *(groups.do(who, "seriesOpen", i=groups.terms()) for who in ("an", "bo", "ou"))
    )
    codes = [error["code"] for one in answers for error in one["userErrors"]]
    assert codes == ["QUANTITY_EXCEEDED", "QUANTITY_EXCEEDED"]


OPEN = """
insert into activity_series (id, reference, title, kind, district_id, street_id, community_id, partner_id, agreement_id,
                             line_id, service_type_id, held_count, opened_by_id, opened_at)
select gen_random_uuid(), 'G-x-' || n, 'x', 'ENROLLED', l.district_id, l.street_id, $2, l.partner_id, l.agreement_id,
       l.id, l.service_type_id, 5, $3, '2026-05-06'
  from agreement_lines l, generate_series(1, $4::int) n where l.id = $1
"""


async def test_i17_hostile_the_line_holds_against_its_writer(groups: Groups) -> None:
    line, place, an = (
        bare(groups.lines["小组"]),
        groups.world.organizations["七里沟"],
        groups.world.memberships["an"],
    )
    await groups.hostile("line_quantity", OPEN, line, place, an, 8)
    async with groups.writing() as connection:
        await connection.execute(OPEN, line, place, an, 7)
    rows = await harness.run_sql(
        groups.server, "select held_count from activity_series where line_id = $1", line
    )
    assert [row["held_count"] for row in rows] == [0] * 7
    await groups.hostile("line_quantity", OPEN.replace("G-x-", "G-y-"), line, place, an, 1)
    elsewhere = groups.world.organizations["新语"]
    await groups.hostile("series_outside_line", OPEN, bare(groups.lines["大型活动"]), elsewhere, an, 1)
    await groups.hostile("series_outside_line", OPEN, bare(groups.lines["陪伴"]), place, an, 1)
    # The right to lock a line is no right to change it.
    await groups.hostile("immutable", "update agreement_lines set title = 'x' where id = $1", line)


async def test_i17_hostile_two_writers_on_the_last_place(groups: Groups) -> None:
    line, place, an = (
        bare(groups.lines["小组"]),
        groups.world.organizations["七里沟"],
        groups.world.memberships["an"],
    )
    for _ in range(6):
        await groups.open()

    async def add(mark: str) -> None:
        async with groups.writing() as connection:
            await connection.execute(OPEN.replace("G-x-", mark), line, place, an, 1)
            await asyncio.sleep(0.2)

    done = await asyncio.gather(add("G-y-"), add("G-z-"), return_exceptions=True)
    assert [vars(one)["constraint_name"] for one in done if one is not None] == ["line_quantity"]


ATTEND = """
insert into attendances (id, session_id, district_id, street_id, community_id, partner_id, case_id, person_id,
                         person_pseudonym)
select gen_random_uuid(), g.id, g.district_id, g.street_id, g.community_id, g.partner_id, c.id, c.person_id, p.pseudonym
  from group_sessions g, cases c join persons p on p.id = c.person_id where g.id = $1 and c.id = $2
"""
ENROL = """
insert into enrolments (id, series_id, district_id, street_id, community_id, partner_id, case_id, person_id,
                        person_pseudonym, enrolled_by_id, enrolled_at)
select gen_random_uuid(), s.id, s.district_id, s.street_id, s.community_id, s.partner_id, c.id, c.person_id,
       p.pseudonym, s.opened_by_id, s.opened_at
  from activity_series s, cases c join persons p on p.id = c.person_id where s.id = $1 and c.id = $2
"""
PLAN = """
insert into group_sessions (id, reference, series_id, number, district_id, street_id, community_id, partner_id,
                            agreement_id, line_id, worker_id, planned_from_at, planned_to_at, created_at)
select gen_random_uuid(), 'S-x', s.id, 99, s.district_id, s.street_id, s.community_id, s.partner_id, s.agreement_id,
       s.line_id, s.opened_by_id, '2026-05-07', '2026-05-07', '2026-05-06' from activity_series s where s.id = $1
"""


async def test_hostile_who_was_there_cannot_be_made_up(groups: Groups) -> None:
    series, ids = await groups.open(), groups.world.cases
    await groups.do("an", "seriesEnrol", id=series, cases=[groups.case("missed")])
    session = bare(await groups.plan(series, days=0))
    await groups.hostile("not_enrolled", ATTEND, session, ids["today"])
    hold = "update group_sessions set status = 'HELD', held_at = '2026-05-06', participant_count = $2 where id = $1"
    await groups.hostile("participants", hold, session, 42)
    await groups.hostile("participants", hold, session, 0)
    groups.clock.instant += timedelta(hours=1)
    await groups.hold(f"session_{session}", cases=[groups.case("missed")])
    more = "update group_sessions set participant_count = 42 where id = $1"
    await groups.hostile("immutable", more, session)
    await groups.hostile("not_enrolled", ATTEND, session, ids["missed"])
    await groups.hostile("scope_mismatch", ENROL, bare(series), ids["closing"])


async def test_hostile_what_a_series_says_does_not_change_and_what_is_over_stays_over(groups: Groups) -> None:
    series = bare(await groups.open())
    heads = bare(await groups.open(line=groups.lines["大型活动"], kind="HEAD_COUNT"))
    await groups.hostile("series_ended", ENROL, heads, groups.world.cases["missed"])
    retitle = "update activity_series set title = 'y' where id = $1"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with groups.writing() as connection:
            await connection.execute(retitle, series)
    for name in ("admin", "owner"):
        for statement in (
            retitle,
            "delete from activity_series where id = $1",
            "delete from group_sessions where id = $1",
        ):
            with pytest.raises(asyncpg.CheckViolationError) as caught:
                await harness.run_sql(groups.server, statement, series, name=name)
            assert vars(caught.value)["constraint_name"] == "immutable"
    assert (await groups.do("an", "seriesClose", id=f"series_{series}"))["userErrors"] == []
    await groups.hostile("series_ended", PLAN, series)
    await groups.hostile("series_ended", ENROL, series, groups.world.cases["missed"])
    reopen = "update activity_series set status = 'OPEN', closed_at = null where id = $1"
    await groups.hostile("immutable", reopen, series)


async def test_a_session_recorded_as_a_delivery_is_held(groups: Groups) -> None:
    series = await groups.open()
    await groups.do("an", "seriesEnrol", id=series, cases=[groups.case(one) for one in ENROLLABLE])
    session = await groups.plan(series, days=0)
    groups.clock.instant += timedelta(hours=2)
    record = (
        "mutation($i: DeliveryRecordInput!) { deliveryRecord(input: $i)"
        f" {{ delivery {{ unit quantity session {{ status participants }} }} {ERRORS} }} }}"
    )
    told: dict[str, Any] = {"session": session, "happenedAt": groups.at(-0.05)}
    stranger = {**told, "attended": [groups.case("closing")]}
    payload = await groups.office.payload("an", record, {"i": stranger})
    assert [(one["code"], one["path"]) for one in payload["userErrors"]] == [
        ("NOT_FOUND", ["input", "attended", "0"])
    ]
    payload = await groups.office.payload("an", record, {"i": {**told, "attended": [groups.case("missed")]}})
    assert payload["userErrors"] == []
    assert payload["delivery"]["session"] == {"status": "HELD", "participants": 1}
    assert (await groups.look(series, "held planned")) == {"held": 1, "planned": 0}


async def test_what_was_done_is_in_the_audit_and_nobody_elses(groups: Groups) -> None:
    series = await groups.open()
    session = await groups.plan(series)
    await groups.do("an", "sessionCancel", id=session)
    query = (
        "select action, actor_name, subject_type from audit_events where subject_id = any ($1) order by id"
    )
    rows = await harness.run_sql(groups.server, query, [bare(series), bare(session)])
    assert [(row["action"], row["subject_type"]) for row in rows] == [
        ("series_open", "ActivitySeries"),
        ("session_plan", "GroupSession"),
        ("session_cancel", "GroupSession"),
    ]
    seen = {
        who: await groups.look(series, "title", who)
        for who in ("an", "ou", "wang", "li", "kai", "lin", "mei")
    }
    there = {"title": "亲子小组"}
    assert seen == {
        "an": there,
        "ou": there,
        "wang": there,
        "li": None,
        "kai": None,
        "lin": None,
        "mei": there,
    }
