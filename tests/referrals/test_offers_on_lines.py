"""Offers name an agreement line and a quantity, over GraphQL: what they reserve, and every way to be refused."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from hub.base.limits import MAX_QUANTITY
from tests import harness
from tests.agreements.test_hostile import bare, plant, refused, writing, written
from tests.referrals.offering import ACCEPT, DECLINE, UNKNOWN, Desk
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio


async def test_an_offer_names_and_reserves_what_it_needs(desk: Desk) -> None:
    payload = await desk.offer("visits", 2)
    assert payload["userErrors"] == []
    assert payload["referral"]["status"] == "OFFERED"
    (offer,) = payload["referral"]["offers"]["nodes"]
    named = {"quantity": 2, "line": {"id": desk.lines["visits"]}, "agreement": {"id": desk.agreement}}
    assert offer == {"id": offer["id"], "status": "OFFERED", **named}
    assert await desk.left("visits") == 0
    accepted = (await desk.payload("bo", ACCEPT, {"id": offer["id"]}))["offer"]
    case = accepted["referral"]["case"]
    assert case == {"id": case["id"], "status": "OPEN", "delivered": 0, **named}
    assert await desk.left("visits") == 0


async def test_declining_gives_back_what_was_reserved(desk: Desk) -> None:
    offer = await desk.offered("visits", 2)
    assert (await desk.payload("bo", DECLINE, {"id": offer}))["userErrors"] == []
    assert await desk.left("visits") == 2
    await desk.offered("visits", 1)
    assert await desk.left("visits") == 1


@pytest.mark.parametrize(
    ("line", "quantity", "path"), [(None, None, "line"), ("visits", None, "quantity"), (None, 1, "line")]
)
async def test_line_and_quantity_are_required_by_rule(
    desk: Desk, line: str | None, quantity: int | None, path: str
) -> None:
    (error,) = (await desk.offer(line, quantity))["userErrors"]
    assert (error["code"], error["path"]) == ("REQUIRED", [path])
    assert "agreement line and the quantity" in error["message"]


async def test_what_was_asked_before_is_asked_first(desk: Desk) -> None:
    assert await desk.refusal(None, None, partner="kangle", who="hua") == (
        "CONFLICT_OF_INTEREST",
        ["partner"],
    )
    assert await desk.refusal(None, None, partner="qingmiao") == ("REQUIRED", ["line"])


async def test_a_line_of_somebody_else_is_like_one_that_never_was(desk: Desk) -> None:
    other = desk.world_line("kangle.HOME_HAIRCUT")
    answers = [await desk.offer(line) for line in (other, UNKNOWN, "nonsense", desk.agreement)]
    assert {str(answer) for answer in answers} == {str(answers[0])}
    (error,) = answers[0]["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["line"])


async def test_the_line_buys_this_service_for_this_community(desk: Desk) -> None:
    assert await desk.refusal(desk.world_line("nuanchao.SAFETY_CHECK")) == ("CONFLICT", ["line"])
    assert await desk.refusal("elsewhere") == ("CONFLICT", ["line"])


async def test_a_line_of_an_earlier_wording_is_refused(desk: Desk) -> None:
    """Planted: a second wording arises only before an agreement is in force, until there are amendments."""
    async with harness.connect_as(desk.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        other = "update agreements set current_version_id = gen_random_uuid() where id = $1"
        await connection.execute(other, desk.agreement.rpartition("_")[2])
    assert await desk.refusal("visits") == ("WRONG_STATE", ["line"])


async def test_the_agreement_must_be_active(desk: Desk) -> None:
    await desk.terminate()
    (error,) = (await desk.offer("visits"))["userErrors"]
    assert (error["code"], error["path"]) == ("WRONG_STATE", ["line"])
    assert desk.reference in error["message"]
    assert "Terminated" in error["message"]


async def test_i17_more_than_is_left_is_refused_with_the_figures(desk: Desk) -> None:
    (error,) = (await desk.offer("visits", 3))["userErrors"]
    assert (error["code"], error["path"]) == ("QUANTITY_EXCEEDED", ["quantity"])
    assert f"“visits” of {desk.reference} has 2 left" in error["message"]
    assert await desk.left("visits") == 2


@pytest.mark.parametrize(("line", "most"), [("case", 1), ("group", 1), ("block", MAX_QUANTITY)])
async def test_quantities_by_kind_of_line(desk: Desk, line: str, most: int) -> None:
    for quantity in (0, -1, most + 1):
        assert await desk.refusal(line, quantity) == ("OUT_OF_RANGE", ["quantity"])
    before = await desk.left(line)
    await desk.offered(line, most)
    reserved = {"case": 1, "group": 0, "block": None}[line]
    assert await desk.left(line) == (None if before is None or reserved is None else before - reserved)


async def test_i17_two_offers_of_the_last_units_at_the_same_moment(desk: Desk) -> None:
    """Over GraphQL, on two referrals: one wins, the other is told how many are left."""
    await harness.run_sql(
        desk.server,
        "update referrals set service_type_id = (select service_type_id from referrals where id = $1) where id = $2",
        desk.world.referrals["declined"],
        desk.world.referrals["triaged"],
    )
    answers = await asyncio.gather(desk.offer("visits", 2), desk.offer("visits", 2, referral="triaged"))
    errors = [error for answer in answers for error in answer["userErrors"]]
    assert [(error["code"], error["path"]) for error in errors] == [("QUANTITY_EXCEEDED", ["quantity"])]
    assert "has 0 left" in errors[0]["message"]
    assert await desk.left("visits") == 0


OFFERS = """
insert into offers (id, referral_id, partner_id, district_id, street_id, community_id, service_type_id, urgency,
                    age_group, expires_at, offered_by_id, offered_at, agreement_id, line_id, quantity)
select gen_random_uuid(), r.id, l.partner_id, r.district_id, {street}, r.community_id, r.service_type_id, 'ROUTINE',
       'AGE_80_PLUS', '2026-05-07', $3, '2026-05-06', l.agreement_id, l.id, $4
  from referrals r, agreement_lines l where r.id = $1 and l.id = $2
"""
OUTSIDE = "(select id from organizations where kind = 'STREET' and id <> r.street_id order by id limit 1)"


async def test_i17_hostile_what_is_reserved_outside_the_writers_street_counts_too(desk: Desk) -> None:
    """Past Python, as the writer for Mei, who cannot see the offer that holds one of the line's two."""
    line, mei = bare(desk.lines["visits"]), desk.world.memberships["mei"]
    free, taken = desk.world.referrals["declined"], desk.world.referrals["triaged"]
    await plant(desk.server, OFFERS.format(street=OUTSIDE), taken, line, mei, 1)
    async with writing(desk.server, desk) as connection:
        assert await connection.fetchval("select count(*) from offers where line_id = $1", line) == 0
    mine = OFFERS.format(street="r.street_id")
    await refused(desk.server, desk, "line_quantity", (mine, free, line, mei, 2))
    # What says that the partner is qualified is no row of any street.
    await plant(desk.server, "update qualifications set valid_to_on = '2026-05-05'")
    await refused(desk.server, desk, "partner_qualified", (mine, free, line, mei, 1))
    await plant(desk.server, "update qualifications set valid_to_on = null")
    await written(desk.server, desk, (mine, free, line, mei, 1))
    assert await desk.left("visits") == 0


async def test_what_the_hub_had_not_asked_the_database_still_refuses(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        """The question is left out."""

    monkeypatch.setattr("hub.referrals.lines._require_left", nothing)
    (error,) = (await desk.offer("visits", 3))["userErrors"]
    assert (error["code"], error["path"]) == ("QUANTITY_EXCEEDED", [])
    monkeypatch.setattr("hub.referrals.commands_offers.require_fit", nothing)
    await harness.run_sql(desk.server, "update qualifications set valid_to_on = '2026-05-05'")
    (error,) = (await desk.offer("visits"))["userErrors"]
    assert error["code"] == "NOT_QUALIFIED"
    monkeypatch.setattr("hub.referrals.lines.require_active", lambda *_: None)
    await harness.run_sql(desk.server, "update qualifications set valid_to_on = null")
    await desk.terminate()
    (error,) = (await desk.offer("visits"))["userErrors"]
    assert error["code"] == "WRONG_STATE"


async def test_accepting_asks_again_whether_the_agreement_is_active(desk: Desk) -> None:
    offer = await desk.offered("visits")
    async with harness.connect_as(desk.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        agreement = desk.agreement.rpartition("_")[2]
        await connection.execute("update agreements set status = 'SUSPENDED' where id = $1", agreement)
    (error,) = (await desk.payload("bo", ACCEPT, {"id": offer}))["userErrors"]
    assert (error["code"], error["path"]) == ("WRONG_STATE", ["id"])
    assert desk.reference in error["message"]


async def _after_the_end(desk: Desk, offer: str, action: str) -> None:
    """The offer is withdrawn, its referral the station's again, and everybody concerned has been told once."""
    status = "query($id: ID!) { node(id: $id) { ... on Offer { status referral { status } } } }"
    node = (await desk.hub.ask(desk.world.viewers["mei"], status, {"id": offer})).data["node"]
    assert node == {"status": "WITHDRAWN", "referral": {"status": "TRIAGED"}}
    (error,) = (await desk.payload("bo", ACCEPT, {"id": offer}))["userErrors"]
    assert error["code"] == "WRONG_STATE"
    bare = offer.rpartition("_")[2]
    events = "select action from audit_events where subject_id = $1 order by id"
    assert [row["action"] for row in await harness.run_sql(desk.server, events, bare)] == [action]
    told = (
        "select n.kind, m.role, count(*) as n, bool_or(n.due_at is not null) as due from notices n"
        " join memberships m on m.id = n.recipient_id"
        " where n.subject_id = $1 and n.kind <> 'offer_received' group by 1, 2"
    )
    rows = await harness.run_sql(desk.server, told, bare)
    assert {(row["kind"], row["role"], row["due"]) for row in rows} == {
        ("offer_withdrawn", "COMMUNITY_WORKER", False),
        ("offer_gone", "PARTNER_MANAGER", False),
        ("referral_to_place", "STATION_WORKER", True),
    }


async def test_with_an_agreement_terminated_its_offers_are_withdrawn(desk: Desk) -> None:
    offer = await desk.offered("visits", 2)
    other = gid("offer", desk.world.offers["offered"])
    await desk.terminate()
    await desk.tick()
    await _after_the_end(desk, offer, "agreement_terminate")
    # One under another agreement still stands.
    status = "query($id: ID!) { node(id: $id) { ... on Offer { status } } }"
    assert (await desk.hub.ask(desk.world.viewers["mei"], status, {"id": other})).data["node"] == {
        "status": "OFFERED"
    }
    kinds = "select count(*) as n from notices where kind = 'agreement_terminated' and subject_type <> 'Agreement'"
    assert (await harness.run_sql(desk.server, kinds))[0]["n"] == 0


async def test_with_the_term_over_its_offers_are_withdrawn_by_system(desk: Desk) -> None:
    term = await desk.look("mei", "currentVersion { endsOn }", desk.agreement)
    ends_on = date.fromisoformat(term["data"]["node"]["currentVersion"]["endsOn"])
    desk.hub.clock.instant += timedelta(days=(ends_on - desk.hub.clock.today()).days)
    offer = await desk.offered("visits")
    await desk.tick(1)
    assert (await desk.look("mei", "status", desk.agreement))["data"]["node"]["status"] == "CLOSING"
    await _after_the_end(desk, offer, "agreement_close_term")


async def test_an_offer_that_is_accepted_meanwhile_is_not_withdrawn(desk: Desk) -> None:
    """Two at once: either the case is open when the agreement ends, or nobody accepts what was withdrawn."""
    offer = await desk.offered("visits")
    accepted, _ = await asyncio.gather(desk.payload("bo", ACCEPT, {"id": offer}), desk.terminate())
    bare = offer.rpartition("_")[2]
    rows = await harness.run_sql(desk.server, "select status from offers where id = $1", bare)
    assert rows[0]["status"] == ("WITHDRAWN" if accepted["userErrors"] else "ACCEPTED")


async def test_an_offer_from_before_agreements_is_accepted_and_its_case_names_no_line(desk: Desk) -> None:
    offer = desk.world.offers["offered"]
    async with harness.connect_as(desk.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        none = "update offers set agreement_id = null, line_id = null, quantity = null where id = $1"
        await connection.execute(none, offer)
    payload = await desk.payload("bo", ACCEPT, {"id": gid("offer", offer)})
    assert payload["userErrors"] == []
    case = payload["offer"]["referral"]["case"]
    assert (case["status"], case["line"], case["agreement"], case["quantity"]) == ("OPEN", None, None, None)


async def test_the_audit_knows_the_line(desk: Desk) -> None:
    await desk.offered("visits", 2)
    query = "select facts from audit_events where action = 'referral_offer' order by id desc limit 1"
    facts = (await harness.run_sql(desk.server, query))[0]["facts"]
    assert desk.lines["visits"].rpartition("_")[2] in facts
    assert '"quantity": 2' in facts
