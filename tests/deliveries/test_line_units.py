"""What the unit of a line means for a person's case and for the line: places in a group, series, casework, heads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.settings import Settings
from tests import harness
from tests.deliveries.lined import CAP, PEOPLE, Lined, bare, cap
from tests.keeping import Keeping
from tests.referrals.offering import bought
from tests.world import World

pytestmark = pytest.mark.anyio

SERVED = {"kind": "SERVICE", "status": "CLOSED", "outcome": "COMPLETED", "referral": {"status": "COMPLETED"}}


@pytest.fixture
async def desk(
    world: World, settings: Settings, shared: harness.Shared, keeping: Keeping
) -> AsyncIterator[Lined]:
    async with bought(Lined, shared, keeping, world, settings) as desk:
        yield desk


def state(case: dict[str, Any]) -> tuple[str, str]:
    """Of a case and of its referral."""
    return case["status"], case["referral"]["status"]


# ------------------------------------------------------------------------------------------------- a person's own part
async def test_a_place_in_a_group_is_served_by_being_there(desk: Lined) -> None:
    case = await desk.place_on("group")
    series = await desk.opened("group", "ENROLLED", case)
    session = await desk.planned(series)
    assert state(await desk.seen(case)) == ("OPEN", "ACCEPTED")
    desk.hub.clock.instant += timedelta(hours=1)
    delivery = await desk.held(session, attended=[case])
    found = await desk.seen(case)
    assert {key: found[key] for key in SERVED} == SERVED
    assert {need["status"] for need in found["needs"]["nodes"]} == {"MET"}
    await desk.tick()
    assert await desk.told("referral_completed", case) == {"wang"}
    assert await desk.told("session_to_verify", delivery["id"]) >= {"mei"}
    events = "select action, facts from audit_events where subject_id = $1 order by id"
    rows = await harness.run_sql(desk.server, events, bare(case))
    assert [row["action"] for row in rows][-2:] == ["delivery_record", "delivery_record"]
    # What was recorded by mistake is struck out; the case stays closed, the line has its session back.
    assert (await desk.usage("group"))["used"] == 1
    await desk.do("mei", "deliveryVoid", id=delivery["id"])
    assert (await desk.usage("group"))["used"] == 0
    assert state(await desk.seen(case)) == ("CLOSED", "COMPLETED")


async def test_a_promise_still_open_keeps_it_open_until_it_has_ended(desk: Lined) -> None:
    case = await desk.place_on("group")
    window = {"promisedFrom": desk.hub.clock.instant + timedelta(hours=9)}
    window["promisedTo"] = window["promisedFrom"]
    told = {key: at.isoformat() for key, at in window.items()}
    visit = (await desk.do("an", "visitPromise", i={"case": case, "kind": "FOLLOW_UP", **told}))["id"]
    series = await desk.opened("group", "ENROLLED", case)
    session = await desk.planned(series)
    desk.hub.clock.instant += timedelta(hours=1)
    await desk.held(session, attended=[case])
    assert state(await desk.seen(case)) == ("ACTIVE", "IN_PROGRESS")
    await desk.do("an", "visitCancel", id=visit)
    assert state(await desk.seen(case)) == ("CLOSED", "COMPLETED")


async def test_of_a_series_it_is_the_whole_series(desk: Lined) -> None:
    case = await desk.place_on("series")
    series = await desk.opened("series", "ENROLLED", case)
    sessions = [await desk.planned(series) for _ in range(CAP + 1)]  # what the line counts is the series
    desk.hub.clock.instant += timedelta(hours=1)
    made: dict[str, Any] = {}
    for session in sessions:
        made = await desk.held(session, attended=[case])
        assert state(await desk.seen(case)) == ("ACTIVE", "IN_PROGRESS")
    hers = AGAIN.replace(
        "d.case_id, d.person_id, d.person_pseudonym, d.session_id", "c.id, c.person_id, 'P', null"
    )
    on_case = hers.replace("where d.id", f"join cases c on c.id = '{bare(case)}' where d.id")
    await desk.hostile("delivery_beyond_offer", on_case, bare(made["id"]), 1, 0)
    assert await desk.no("an", "deliveryRecord", i=alone(desk, case)) == ("CONFLICT", ["input"])
    await desk.do("an", "seriesClose", id=series)
    assert {key: (await desk.seen(case))[key] for key in SERVED} == SERVED
    await desk.tick()
    assert await desk.told("referral_completed", case) == {"wang"}


async def test_a_session_given_to_one_person_alone(desk: Lined) -> None:
    case = await desk.place_on("group")
    desk.hub.clock.instant += timedelta(hours=1)
    delivery = await desk.do("an", "deliveryRecord", i=alone(desk, case))
    assert (delivery["quantity"], delivery["case"]["status"]) == (1, "CLOSED")
    assert await desk.usage("group") == {"used": 1, "reserved": 0, "remaining": 1, "unverified": 1}
    again = alone(desk, case) | {"happenedAt": (desk.hub.clock.instant - timedelta(minutes=9)).isoformat()}
    assert await desk.no("an", "deliveryRecord", i=again) == ("QUANTITY_EXCEEDED", ["input", "quantity"])


async def test_what_is_bought_as_casework_is_worked_as_casework(desk: Lined) -> None:
    case = await desk.place_on("case")
    desk.hub.clock.instant += timedelta(hours=1)
    await desk.do("an", "deliveryRecord", i=alone(desk, case))
    found = await desk.seen(case)
    assert (found["kind"], *state(found)) == ("CASEWORK", "OPEN", "IN_PROGRESS")
    assert (await desk.do("an", "caseAssess", id=case))["status"] == "ASSESSING"
    (row,) = await harness.run_sql(desk.server, "select case_served($1) as served", bare(case))
    assert row["served"] is False


CASE_AGAIN = """
insert into cases (id, reference, kind, person_id, district_id, street_id, community_id, partner_id, referral_id,
                   offer_id, agreement_id, line_id, quantity, service_type_id, lead_organization_id, opened_at)
select gen_random_uuid(), 'C-x', 'SERVICE', person_id, district_id, street_id, community_id, partner_id, referral_id,
       offer_id, agreement_id, line_id, quantity, service_type_id, lead_organization_id, opened_at
  from cases where id = $1
"""


async def test_hostile_no_other_case_on_a_line_for_casework(desk: Lined) -> None:
    case = await desk.place_on("case")
    await desk.hostile("case_kind", CASE_AGAIN, bare(case))


def alone(desk: Lined, case: str) -> dict[str, Any]:
    """A delivery on a case, now."""
    return {"case": case, "happenedAt": desk.hub.clock.instant.isoformat()}


# -------------------------------------------------------------------------------------------------------- what is left
async def test_i17_no_more_sessions_are_planned_than_the_line_has(desk: Lined) -> None:
    case = await desk.place_on("group")
    one, other = await desk.opened("group"), await desk.opened("group")
    first, second = await desk.planned(one), await desk.planned(other)
    assert await desk.usage("group") == {"used": 0, "reserved": 2, "remaining": 0, "unverified": 0}
    times = {
        "plannedFrom": desk.hub.clock.instant.isoformat(),
        "plannedTo": desk.hub.clock.instant.isoformat(),
    }
    payload = await desk.say("an", "sessionPlan", id=one, i=times)
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("QUANTITY_EXCEEDED", ["id"])
    assert desk.reference in error["message"]
    desk.hub.clock.instant += timedelta(hours=1)
    await desk.held(first, headCount=30)
    assert await desk.usage("group") == {"used": 1, "reserved": 1, "remaining": 0, "unverified": 1}
    full = ("QUANTITY_EXCEEDED", ["input", "quantity"])
    assert await desk.no("an", "deliveryRecord", i=alone(desk, case)) == full
    await desk.do("an", "sessionCancel", id=second)
    await desk.do("an", "deliveryRecord", i=alone(desk, case))
    assert (await desk.no("an", "sessionPlan", id=one, i=times))[0] == "QUANTITY_EXCEEDED"


async def test_i17_of_two_that_plan_the_last_session_one_does(desk: Lined) -> None:
    series = [await desk.opened("group") for _ in range(3)]
    await desk.planned(series[0])
    times = {
        "plannedFrom": desk.hub.clock.instant.isoformat(),
        "plannedTo": desk.hub.clock.instant.isoformat(),
    }
    answers = await asyncio.gather(*(desk.say("an", "sessionPlan", id=one, i=times) for one in series))
    codes = [error["code"] for one in answers for error in one["userErrors"]]
    assert codes == ["QUANTITY_EXCEEDED", "QUANTITY_EXCEEDED"]


async def test_i17_what_no_offer_reserves_is_counted_when_it_is_given(desk: Lined) -> None:
    """A report is nobody's share of anything: two cases on the line of one report do not make two."""
    case = await desk.place_on("report")
    assert (await desk.usage("report"))["reserved"] == 0
    await cap(desk.server, bare(desk.lines["report"]), 1)
    await plant(desk, "update cases set quantity = 2 where id = $1", bare(case))
    desk.hub.clock.instant += timedelta(hours=1)
    await desk.do("an", "deliveryRecord", i=alone(desk, case))
    assert await desk.usage("report") == {"used": 1, "reserved": 0, "remaining": 0, "unverified": 1}
    desk.hub.clock.instant += timedelta(hours=1)
    assert await desk.no("an", "deliveryRecord", i=alone(desk, case)) == (
        "QUANTITY_EXCEEDED",
        ["input", "quantity"],
    )


async def plant(desk: Lined, statement: str, *values: Any) -> None:
    """Past every trigger, as the administrator."""
    async with harness.connect_as(desk.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(statement, *values)


PLAN = """
insert into group_sessions (id, reference, series_id, number, district_id, street_id, community_id, partner_id,
                            agreement_id, line_id, worker_id, planned_from_at, planned_to_at, created_at)
select gen_random_uuid(), 'GS-x-' || n, s.id, 90 + n, s.district_id, s.street_id, s.community_id, s.partner_id,
       s.agreement_id, s.line_id, s.opened_by_id, '2026-05-07', '2026-05-07', '2026-05-06'
  from activity_series s, generate_series(1, $2::int) n where s.id = $1
"""
AGAIN = """
insert into deliveries (id, reference, district_id, street_id, community_id, partner_id, agreement_id, line_id,
                        service_type_id, case_id, person_id, person_pseudonym, session_id, unit, quantity, worker_id,
                        happened_at, happened_on, recorded_by_id, recorded_at)
select gen_random_uuid(), 'SR-x', d.district_id, d.street_id, d.community_id, d.partner_id, d.agreement_id, d.line_id,
       d.service_type_id, d.case_id, d.person_id, d.person_pseudonym, d.session_id, d.unit, $2, d.worker_id,
       d.happened_at - make_interval(mins => $3), d.happened_on, d.recorded_by_id, d.recorded_at
  from deliveries d where d.id = $1
"""


async def test_i17_hostile_the_line_holds_against_its_writer(desk: Lined) -> None:
    case = await desk.place_on("group")
    series = await desk.opened("group")
    await desk.hostile("line_quantity", PLAN, bare(series), CAP + 1)
    await desk.planned(series)
    await desk.hostile("line_quantity", PLAN, bare(series), CAP)
    desk.hub.clock.instant += timedelta(hours=1)
    delivery = await desk.do("an", "deliveryRecord", i=alone(desk, case))
    # One given, one planned: nothing is left, also of a case that could have more.
    await plant(desk, "update cases set kind = 'CASEWORK' where id = $1", bare(case))
    await desk.hostile("delivery_beyond_offer", AGAIN, bare(delivery["id"]), 2, 5)
    # The case has ended, so that the count of the case asks first; both say no.
    await desk.hostile("delivery_beyond_offer", AGAIN, bare(delivery["id"]), 1, 5)
    await plant(
        desk,
        "update cases set status = 'ACTIVE', closed_at = null, outcome = null where id = $1",
        bare(case),
    )
    await desk.hostile("line_quantity", AGAIN, bare(delivery["id"]), 1, 5)
    people = await desk.opened("people")
    await cap(desk.server, bare(desk.lines["people"]), 1)
    session = await desk.planned(people)
    desk.hub.clock.instant += timedelta(hours=1)
    await desk.held(session, headCount=1)
    await desk.hostile("line_quantity", PLAN, bare(people), 1)


# --------------------------------------------------------------------------------------------------------------- heads
async def test_persons_are_counted_in_sessions_up_to_what_the_line_has(desk: Lined) -> None:
    series = await desk.opened("people")
    first, second = await desk.planned(series), await desk.planned(series)
    desk.hub.clock.instant += timedelta(hours=1)
    made = await desk.held(first, headCount=PEOPLE - 3)
    assert (made["quantity"], made["session"]["participants"]) == (PEOPLE - 3, PEOPLE - 3)
    assert await desk.usage("people") == {"used": 7, "reserved": 0, "remaining": 3, "unverified": 7}
    at = {"session": second, "happenedAt": desk.hub.clock.instant.isoformat()}
    payload = await desk.say("an", "deliveryRecord", i={**at, "headCount": 8})
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("QUANTITY_EXCEEDED", ["input", "quantity"])
    assert "3" in error["message"]
    more = {**at, "headCount": 2, "quantity": 3}
    assert await desk.no("an", "deliveryRecord", i=more) == ("OUT_OF_RANGE", ["input", "quantity"])
    # Eight came, three of them are bought: the session keeps its eight.
    made = await desk.held(second, headCount=8, quantity=3)
    assert (made["quantity"], made["session"]["participants"]) == (3, 8)
    times = {
        "plannedFrom": desk.hub.clock.instant.isoformat(),
        "plannedTo": desk.hub.clock.instant.isoformat(),
    }
    assert await desk.no("an", "sessionPlan", id=series, i=times) == ("QUANTITY_EXCEEDED", ["id"])
    await desk.do("mei", "deliveryVoid", id=made["id"])
    await desk.hostile("delivery_beyond_offer", AGAIN, bare(made["id"]), 9, 0)
    await desk.hostile("line_quantity", AGAIN, bare(made["id"]), 4, 0)


async def test_whoever_has_an_offer_of_her_own_is_counted_once(desk: Lined) -> None:
    case = await desk.place_on("people")
    await cap(desk.server, bare(desk.lines["people"]), 1)
    assert await desk.usage("people") == {"used": 0, "reserved": 1, "remaining": 0, "unverified": 0}
    series = await desk.opened("people", "ENROLLED", case)
    # Planned before she was offered the last place, say.
    await plant(desk, PLAN, bare(series), 1)
    (row,) = await harness.run_sql(
        desk.server, "select id from group_sessions where series_id = $1", bare(series)
    )
    desk.hub.clock.instant += timedelta(days=2)
    made = await desk.held(f"session_{row['id']}", attended=[case])
    assert made["quantity"] == 1
    assert {key: (await desk.seen(case))[key] for key in SERVED} == SERVED
    assert await desk.usage("people") == {"used": 1, "reserved": 0, "remaining": 0, "unverified": 1}


# ------------------------------------------------------------------------------------------------------------- notices
async def test_who_leads_a_session_hears_of_it_and_of_its_end(desk: Lined) -> None:
    series = await desk.opened("series")
    own = await desk.planned(series)
    hers = await desk.planned(series, "bo", worker=desk.who("ou"))
    await desk.tick()
    assert await desk.told("session_to_lead") == {"ou"}
    await desk.do("bo", "sessionAssignWorker", id=hers, worker=desk.who("an"))
    await desk.tick()
    assert await desk.told("session_to_lead", hers) == {"ou", "an"}
    assert await desk.told("session_given_over", hers) == {"ou"}
    await desk.do("bo", "sessionCancel", id=own)
    await desk.do("bo", "seriesCancel", id=series)
    await desk.tick()
    assert await desk.told("session_cancelled", own) == {"an"}
    assert await desk.told("session_cancelled", hers) == {"an"}
    query = "select text_zh, subject_reference, due_at from notices where kind = 'session_to_lead' limit 1"
    (row,) = await harness.run_sql(desk.server, query)
    assert row["subject_reference"] in row["text_zh"]
    assert row["subject_reference"].startswith("GS-")
    assert row["due_at"] is not None
    inbox = '{ notices(where: { kind: "session_given_over" }) { nodes { subject } } }'
    data = (await desk.hub.ask(desk.world.viewers["ou"], inbox)).data
    assert data["notices"]["nodes"] == [{"subject": hers}]
