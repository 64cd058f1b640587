"""Recording what was delivered: on a visit, on a case, in a session; and every refusal."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests import harness
from tests.deliveries.desk import Desk, bare
from tests.deliveries.lined import cap
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio


async def test_a_planned_visit_is_recorded_with_its_delivery_and_closes_the_case(desk: Desk) -> None:
    visit, case = gid("visit", desk.world.visits["today"]), gid("case", desk.world.cases["today"])
    at = desk.go_on(minutes=10).isoformat()
    said = {"visit": visit, "happenedAt": at, "findings": "家中整洁", "ownWords": "你们真准时来了"}
    delivery = await desk.do("an", "deliveryRecord", i=said)
    assert (delivery["status"], delivery["quantity"], delivery["flags"]) == ("RECORDED", 1, [])
    assert delivery["case"] == {"id": case, "status": "CLOSED", "delivered": 1}
    seen = await desk.see(
        "wang",
        "Visit",
        visit,
        "status findings { text ownWords } delivery { id } case { referral { status } }",
    )
    assert seen == {
        "status": "COMPLETED",
        "findings": {"text": "家中整洁", "ownWords": "你们真准时来了"},
        "delivery": {"id": delivery["id"]},
        "case": {"referral": {"status": "COMPLETED"}},
    }
    assert (await desk.events(visit))[-1] == "visit_record"
    assert (await desk.events(case))[-1] == "delivery_record"
    assert await desk.events(delivery["id"]) == ["delivery_record"]
    needs = "select d.status from needs d join case_needs l on l.need_id = d.id where l.case_id = $1"
    assert {row["status"] for row in await desk.rows(needs, bare(case))} == {"MET"}
    await desk.tick()
    for kind in ("visit_kept", "referral_completed"):
        assert "wang" in await desk.told(kind)
    assert await desk.told("delivery_flagged") == set()


async def test_sent_twice_under_one_key_it_is_done_once(desk: Desk) -> None:
    visit = gid("visit", desk.world.visits["today"])
    said = {"visit": visit, "happenedAt": desk.now.isoformat()}
    first = await desk.payload("an", "deliveryRecord", i=said, k="one")
    assert await desk.payload("an", "deliveryRecord", i=said, k="one") == first
    assert first["userErrors"] == []
    (error,) = (await desk.payload("an", "deliveryRecord", i={"visit": visit}, k="two"))["userErrors"]
    assert (error["code"], error["path"]) == ("DUPLICATE", ["input", "visit"])
    assert first["delivery"]["reference"] in error["message"]
    count = await desk.rows("select count(*) as n from deliveries where visit_id = $1", bare(visit))
    assert count[0]["n"] == 1


async def test_a_recorded_visit_gets_its_delivery_and_only_then_the_case_closes(desk: Desk) -> None:
    visit, case = gid("visit", desk.world.visits["today"]), gid("case", desk.world.cases["today"])
    kept = desk.now
    await desk.do("an", "visitRecord", id=visit, i={"outcome": "COMPLETED", "keptAt": kept.isoformat()})
    assert (await desk.see("mei", "Case", case, "status"))["status"] == "ACTIVE"
    desk.go_on(hours=1)
    said = {"visit": visit}
    for more, path in (
        ({"happenedAt": desk.now.isoformat()}, "happenedAt"),
        ({"findings": "又想起来"}, "findings"),
        ({"ownWords": "好"}, "ownWords"),
        ({"headCount": 3}, "headCount"),
    ):
        assert await desk.refused("an", "deliveryRecord", i={**said, **more}) == ("INVALID", ["input", path])
    delivery = await desk.do("an", "deliveryRecord", i={**said, "happenedAt": kept.isoformat()})
    assert delivery["case"]["status"] == "CLOSED"
    assert (await desk.events(visit)).count("visit_record") == 1
    row = await desk.rows("select happened_at from deliveries where id = $1", bare(delivery["id"]))
    assert row[0]["happened_at"] == kept


async def test_without_a_visit_work_begins_with_the_first_delivery(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 12)
    assert (await desk.see("mei", "Case", case, "status referral { status }")) == {
        "status": "OPEN",
        "referral": {"status": "ACCEPTED"},
    }
    desk.go_on(hours=2)
    await desk.given(case, quantity=5, lastedMinutes=300)
    assert (await desk.see("mei", "Case", case, "status delivered referral { status }")) == {
        "status": "ACTIVE",
        "delivered": 5,
        "referral": {"status": "IN_PROGRESS"},
    }


async def test_a_thirteenth_unit_of_twelve_is_refused(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 12)
    desk.go_on(days=1)
    at = desk.now.isoformat()
    over = {"case": case, "happenedAt": at, "quantity": 13}
    assert await desk.refused("an", "deliveryRecord", i=over) == ("QUANTITY_EXCEEDED", ["input", "quantity"])
    await desk.given(case, quantity=11)
    desk.go_on(days=1)
    two = {"case": case, "happenedAt": desk.now.isoformat(), "quantity": 2}
    (error,) = (await desk.payload("an", "deliveryRecord", i=two))["userErrors"]
    assert (error["code"], "1 are left" in error["message"]) == ("QUANTITY_EXCEEDED", True)
    await desk.given(case)
    seen = await desk.see("mei", "Case", case, "status delivered outcome referral { status }")
    assert seen == {
        "status": "CLOSED",
        "delivered": 12,
        "outcome": "COMPLETED",
        "referral": {"status": "COMPLETED"},
    }
    late = {"case": case, "happenedAt": (desk.now - timedelta(hours=1)).isoformat()}
    assert await desk.refused("an", "deliveryRecord", i=late) == (
        "QUANTITY_EXCEEDED",
        ["input", "quantity"],
    )


async def test_a_promise_that_stands_keeps_the_case_open(desk: Desk) -> None:
    case = await desk.case("HOME_HAIRCUT", 1)
    visit = await desk.visit(case, days=2)
    desk.go_on(hours=1)
    await desk.given(case)
    assert (await desk.see("mei", "Case", case, "status"))["status"] == "ACTIVE"
    desk.go_on(days=2)
    kept = {"outcome": "NOT_HOME", "keptAt": desk.now.isoformat()}
    recorded = await desk.do("an", "visitRecord", id=visit, i=kept)
    assert recorded["case"]["status"] == "CLOSED"


async def test_follow_ups_of_casework_are_one_each_and_close_nothing(desk: Desk) -> None:
    case = await desk.case("RESOURCES", 1)
    desk.go_on(days=1)
    two = {"case": case, "happenedAt": desk.now.isoformat(), "quantity": 2}
    assert await desk.refused("an", "deliveryRecord", i=two) == ("OUT_OF_RANGE", ["input", "quantity"])
    for _ in range(3):
        desk.go_on(days=1)
        await desk.given(case)
    seen = await desk.see("mei", "Case", case, "status delivered deliveries { totalCount }")
    assert (seen["delivered"], seen["deliveries"]) == (3, {"totalCount": 3})
    assert seen["status"] != "CLOSED"


async def test_sessions_are_given_to_one_person_alone_as_long_as_the_line_has_them(desk: Desk) -> None:
    """Rehabilitation is casework by the session: it gets what it needs, and the line counts every one of them."""
    case = await desk.case("REHABILITATION", 1, partner="kangle")
    line = desk.world.lines["kangle.REHABILITATION"]
    await cap(desk.server, line, 2)
    for number in (1, 2):
        desk.go_on(days=1)
        await desk.given(case, "lin")
        shown = await desk.see("mei", "Case", case, "status delivered referral { status }")
        assert shown == {"status": "OPEN", "delivered": number, "referral": {"status": "IN_PROGRESS"}}
    (row,) = await desk.rows("select used, remaining, unverified from line_usage($1)", line)
    assert tuple(row) == (2, 0, 2)
    desk.go_on(days=1)
    third = {"case": case, "happenedAt": desk.now.isoformat()}
    assert await desk.refused("lin", "deliveryRecord", i=third) == (
        "QUANTITY_EXCEEDED",
        ["input", "quantity"],
    )


@pytest.mark.parametrize("on", ["case", "visit"])
async def test_one_visit_is_one_unit(desk: Desk, on: str) -> None:
    case = await desk.case("HOME_HAIRCUT", 3)
    target = case if on == "case" else await desk.visit(case, hours=1)
    desk.go_on(hours=2)
    two = {on: target, "happenedAt": desk.now.isoformat(), "quantity": 2}
    assert await desk.refused("an", "deliveryRecord", i=two) == ("OUT_OF_RANGE", ["input", "quantity"])
    made = await desk.do("an", "deliveryRecord", i={**two, "quantity": 1})
    assert made["reference"].startswith("SR-")


async def test_a_session_is_held_with_its_delivery_and_delivered_once(desk: Desk) -> None:
    line = gid("agreement_line", desk.world.lines["nuanchao.SKILLS"])
    community = gid("community", desk.world.organizations["七里沟"])
    opened = {"line": line, "community": community, "title": "手机课", "kind": "HEAD_COUNT"}
    an, hub = desk.world.viewers["an"], desk.hub
    made = "mutation($i: SeriesOpenInput!) { seriesOpen(input: $i) { series { id } userErrors { code } } }"
    series = (await hub.do(an, made, {"i": opened}))["series"]["id"]
    times = {"plannedFrom": desk.now.isoformat(), "plannedTo": (desk.now + timedelta(hours=2)).isoformat()}
    planned = (
        "mutation($id: ID!, $i: SessionPlanInput!) { sessionPlan(id: $id, input: $i)"
        " { session { id } userErrors { code } } }"
    )
    session = (await hub.do(an, planned, {"id": series, "i": times}))["session"]["id"]
    desk.go_on(hours=1)
    told = {"session": session, "happenedAt": (desk.now - timedelta(hours=1)).isoformat()}
    assert await desk.refused("an", "deliveryRecord", i={**told, "headCount": 20, "quantity": 2}) == (
        "OUT_OF_RANGE",
        ["input", "quantity"],
    )
    assert (await desk.refused("an", "deliveryRecord", i=told))[0] == "REQUIRED"
    assert await desk.refused("an", "deliveryRecord", i={**told, "attended": [], "findings": "x"}) == (
        "INVALID",
        ["input", "findings"],
    )
    delivery = (await desk.do("an", "deliveryRecord", i={**told, "headCount": 20}))["id"]
    fields = "unit quantity person { id } session { status participants delivery { id } }"
    assert await desk.see("an", "Delivery", delivery, fields) == {
        "unit": "SESSION",
        "quantity": 1,
        "person": None,
        "session": {"status": "HELD", "participants": 20, "delivery": {"id": delivery}},
    }
    assert await desk.refused("an", "deliveryRecord", i={"session": session}) == (
        "DUPLICATE",
        ["input", "session"],
    )
    # A mistake is voided and the session, which was held, delivered anew; who was there is not told again.
    await desk.do("mei", "deliveryVoid", id=delivery, reason="登记有误")
    assert await desk.refused("an", "deliveryRecord", i={"session": session, "headCount": 21}) == (
        "INVALID",
        ["input", "headCount"],
    )
    again = await desk.do("an", "deliveryRecord", i={"session": session})
    assert (await desk.see("an", "GroupSession", session, "delivery { id }"))["delivery"]["id"] == again["id"]


async def test_one_moment_of_a_case_is_delivered_once(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 5)
    desk.go_on(hours=2)
    await desk.given(case)
    again = {"case": case, "happenedAt": desk.now.isoformat()}
    assert await desk.refused("an", "deliveryRecord", i=again) == ("DUPLICATE", ["input", "happenedAt"])


async def test_a_delivery_is_recorded_in_few_statements(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 12)
    desk.go_on(hours=2)
    await desk.given(case)
    at = desk.go_on(days=1, hours=1)  # the same service on the same day would be odd
    with harness.statements() as sent:
        await desk.given(case, at=at)
    counted = [each for each in sent if "callbacks" not in each]  # which are drawn by lot
    assert len(counted) <= 10, "\n".join(counted)


async def test_what_may_not_be_said(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 5)
    visit = gid("visit", desk.world.visits["today"])
    at = desk.now.isoformat()
    ahead, before, long_ago = (
        {"happenedAt": (desk.now + timedelta(**away)).isoformat()}
        for away in ({"minutes": 1}, {"days": -1}, {"days": -9})
    )
    one = {"case": case, "happenedAt": at}
    for given, code, path in (
        ({"happenedAt": at}, "INVALID", ["input"]),
        ({**one, "visit": visit}, "INVALID", ["input"]),
        ({"case": case}, "REQUIRED", ["input", "happenedAt"]),
        ({"case": case, **ahead}, "OUT_OF_RANGE", ["input", "happenedAt"]),
        ({"case": case, **before}, "OUT_OF_RANGE", ["input", "happenedAt"]),
        ({"visit": visit, **long_ago}, "OUT_OF_RANGE", ["input", "happenedAt"]),
        ({**one, "quantity": 0}, "OUT_OF_RANGE", ["input", "quantity"]),
        ({**one, "lastedMinutes": 0}, "OUT_OF_RANGE", ["input", "lastedMinutes"]),
        ({**one, "lastedMinutes": 1441}, "OUT_OF_RANGE", ["input", "lastedMinutes"]),
        ({**one, "findings": "x"}, "INVALID", ["input", "findings"]),
        ({**one, "attended": [case]}, "INVALID", ["input", "attended"]),
    ):
        assert await desk.refused("an", "deliveryRecord", i=given) == (code, path), given
    assert (await desk.see("mei", "Case", case, "deliveries { totalCount }"))["deliveries"]["totalCount"] == 0


async def test_only_ones_own_visits_and_cases(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 5, worker="ou")
    visit = await desk.visit(case, "ou", hours=1)
    at = desk.go_on(hours=1).isoformat()
    unknown = "00000000-0000-7000-8000-000000000000"
    for given, path in (
        ({"visit": visit}, "visit"),
        ({"visit": f"visit_{unknown}"}, "visit"),
        ({"case": case}, "case"),
        ({"case": visit}, "case"),
        ({"case": f"case_{unknown}"}, "case"),
        ({"session": f"session_{unknown}"}, "session"),
    ):
        refused = await desk.refused("an", "deliveryRecord", i={**given, "happenedAt": at})
        assert refused == ("NOT_FOUND", ["input", path])
    for who in ("wang", "mei", "zhao", "qian", "bo", "shen", "root"):
        assert await desk.payload(who, "deliveryRecord", i={"case": case, "happenedAt": at}) is None


async def test_nobody_met_nothing_delivered(desk: Desk) -> None:
    visit = gid("visit", desk.world.visits["today"])
    at = desk.now.isoformat()
    await desk.do("an", "visitRecord", id=visit, i={"outcome": "NOT_HOME", "keptAt": at})
    assert await desk.refused("an", "deliveryRecord", i={"visit": visit}) == (
        "WRONG_STATE",
        ["input", "visit"],
    )


async def test_a_case_from_before_agreements_is_paid_by_none(desk: Desk) -> None:
    visit, case = gid("visit", desk.world.visits["today"]), desk.world.cases["today"]
    await desk.plant(
        "update cases set agreement_id = null, line_id = null, quantity = null where id = $1", case
    )
    said = {"visit": visit, "happenedAt": desk.now.isoformat()}
    (error,) = (await desk.payload("an", "deliveryRecord", i=said))["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "visit"])
    assert "before there was an agreement" in error["message"]


async def test_who_helps_on_a_case_is_not_paid_for_it(desk: Desk) -> None:
    case = gid("case", desk.world.cases["helped"])
    visit = await desk.visit(case, "lin", hours=1)
    at = desk.go_on(hours=1).isoformat()
    for given in ({"visit": visit}, {"case": case}):
        refused = await desk.refused("lin", "deliveryRecord", i={**given, "happenedAt": at})
        assert refused == ("CONFLICT", ["input", *given])


async def test_only_within_the_term_of_an_agreement_that_is_not_suspended(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 5)
    desk.go_on(hours=1)
    one = {"case": case, "happenedAt": desk.now.isoformat()}
    agreement = desk.world.agreements["nuanchao"]
    await desk.plant("update agreements set status = 'SUSPENDED' where id = $1", agreement)
    (error,) = (await desk.payload("an", "deliveryRecord", i=one))["userErrors"]
    assert (error["code"], "Suspended" in error["message"]) == ("WRONG_STATE", True)
    await desk.plant("update agreements set status = 'CLOSING' where id = $1", agreement)
    await desk.given(case)
    (row,) = await desk.rows(
        "select v.ends_on from agreement_versions v join agreements a on a.current_version_id = v.id"
        " where a.id = $1",
        agreement,
    )
    desk.hub.clock.instant = desk.hub.clock.at(row["ends_on"], 23)
    await desk.given(case)
    last = desk.now
    desk.go_on(hours=2)
    after = {"case": case, "happenedAt": desk.now.isoformat()}
    assert await desk.refused("an", "deliveryRecord", i=after) == ("OUT_OF_RANGE", ["input", "happenedAt"])
    await desk.given(case, at=last - timedelta(hours=3))


async def test_what_was_done_before_a_case_ended_is_recorded_while_the_line_has_it(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 3)
    done = desk.go_on(hours=1)
    desk.go_on(hours=1)
    await desk.do("bo", "caseHandBack", id=case)
    later = {"case": case, "happenedAt": desk.go_on(minutes=5).isoformat()}
    assert await desk.refused("an", "deliveryRecord", i=later) == ("OUT_OF_RANGE", ["input", "happenedAt"])
    line = desk.world.lines["nuanchao.COMPANIONSHIP"]
    (row,) = await desk.rows("select remaining from line_usage($1)", line)
    others = "update offers set quantity = quantity + $2 where id = $1"
    await desk.plant(others, desk.world.offers["consent_withdrawn"], row["remaining"] - 1)
    two = {"case": case, "happenedAt": done.isoformat(), "quantity": 2}
    assert await desk.refused("an", "deliveryRecord", i=two) == ("QUANTITY_EXCEEDED", ["input", "quantity"])
    await desk.given(case, at=done)
    assert (await desk.see("mei", "Case", case, "status outcome delivered")) == {
        "status": "CLOSED",
        "outcome": "HANDED_BACK",
        "delivered": 1,
    }


async def test_evidence_is_stored_of_the_same_partner_and_new(desk: Desk) -> None:
    case = await desk.case("HOME_HAIRCUT", 3)
    desk.go_on(hours=1)
    sheet, photo = await desk.document("SIGN_IN_SHEET"), await desk.document()
    foreign, pending = await desk.document(who="lin"), await desk.document(status="PENDING")
    one = {"case": case, "happenedAt": desk.now.isoformat()}
    for wanted, code in ((foreign, "NOT_FOUND"), (case, "NOT_FOUND"), (pending, "WRONG_STATE")):
        refused = await desk.refused("an", "deliveryRecord", i={**one, "documents": [wanted]})
        assert refused == (code, ["input", "documents"])
    delivery = await desk.do("an", "deliveryRecord", i={**one, "documents": [sheet]})
    assert delivery["evidenceComplete"] is False
    refused = await desk.refused("an", "deliveryAttach", id=delivery["id"], documents=[sheet])
    assert refused == ("DUPLICATE", ["documents"])
    assert await desk.refused("an", "deliveryAttach", id=delivery["id"], documents=[]) == (
        "REQUIRED",
        ["documents"],
    )
    many = [await desk.document() for _ in range(21)]
    assert (await desk.refused("an", "deliveryAttach", id=delivery["id"], documents=many))[
        0
    ] == "OUT_OF_RANGE"
    assert (await desk.refused("kai", "deliveryAttach", id=delivery["id"], documents=[photo]))[
        0
    ] == "NOT_FOUND"
    attached = await desk.do("bo", "deliveryAttach", id=delivery["id"], documents=[photo])
    assert (attached["evidenceComplete"], attached["status"]) == (True, "RECORDED")
    seen = await desk.see("wang", "Delivery", delivery["id"], "documents { kind }")
    assert sorted(one["kind"] for one in seen["documents"]) == ["PHOTO", "SIGN_IN_SHEET"]
    await desk.do("mei", "deliveryVerify", id=delivery["id"])
    await desk.do("an", "deliveryAttach", id=delivery["id"], documents=many[:1])
    assert await desk.status(delivery["id"]) == "VERIFIED"


async def test_of_two_that_record_one_visit_at_once_one_does(desk: Desk) -> None:
    visit = gid("visit", desk.world.visits["today"])
    said = {"visit": visit, "happenedAt": desk.now.isoformat()}
    answers = await asyncio.gather(*(desk.payload("an", "deliveryRecord", i=said) for _ in range(3)))
    codes = sorted(error["code"] for one in answers for error in one["userErrors"])
    assert codes == ["DUPLICATE", "DUPLICATE"]
    count = await desk.rows("select count(*) as n from deliveries where visit_id = $1", bare(visit))
    assert count[0]["n"] == 1


async def test_of_two_that_record_the_last_unit_at_once_one_does(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 1)
    desk.go_on(hours=3)
    moments = [(desk.now - timedelta(minutes=40 * number)).isoformat() for number in (0, 1)]
    answers = await asyncio.gather(
        *(desk.payload("an", "deliveryRecord", i={"case": case, "happenedAt": at}) for at in moments)
    )
    assert sorted(error["code"] for one in answers for error in one["userErrors"]) == ["QUANTITY_EXCEEDED"]
    assert (await desk.see("mei", "Case", case, "delivered"))["delivered"] == 1
