"""What becomes of billed work that turns out wrong: it is never edited (I7), and whoever tries reads the way out."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.agreements.office import ERRORS
from tests.payments.desk import Desk

pytestmark = pytest.mark.anyio

WHY = 'reasonCode: OTHER, reason: "未到场"'
DISPUTE = f"mutation($id: ID!) {{ deliveryDispute(id: $id, {WHY}) {{ delivery {{ status }} {ERRORS} }} }}"
VOID = f"mutation($id: ID!) {{ deliveryVoid(id: $id, {WHY}) {{ delivery {{ status }} {ERRORS} }} }}"
ATTACH = (
    "mutation($id: ID!, $d: [ID!]!) { deliveryAttach(id: $id, documents: $d)"
    f" {{ delivery {{ status }} {ERRORS} }} }}"
)
CALLED = (
    f"mutation($id: ID!) {{ callbackRecord(id: $id, outcome: FAILED) {{ callback {{ status }} {ERRORS} }} }}"
)


async def billed(desk: Desk) -> UUID:
    """A delivery that M2 has billed."""
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    await desk.accepted("M2")
    return delivery


async def test_billed_work_is_not_edited_and_the_way_out_is_told(desk: Desk) -> None:
    delivery = f"delivery_{await billed(desk)}"
    (claim,) = await desk.run("select reference from submissions where milestone_kind = 'DELIVERY'")
    for who, mutation, more in (
        ("mei", DISPUTE, {}),
        ("mei", VOID, {}),
        ("an", ATTACH, {"d": [await desk.document("PHOTO")]}),
    ):
        payload = await desk.payload(who, mutation, id=delivery, **more)
        (error,) = payload["userErrors"]
        assert error["code"] == "WRONG_STATE", mutation
        assert claim["reference"] in error["message"], error
        assert "deduction" in error["message"], error


async def test_a_failed_call_returns_what_is_not_billed_yet(desk: Desk) -> None:
    first = await billed(desk)
    second = await desk.work("大型活动")
    callback = await desk.plant(
        """insert into callbacks (id, delivery_id, status, cause, district_id, street_id, community_id, drawn_at,
                                  due_at)
           select gen_random_uuid(), d.id, 'DUE', 'SAMPLE', d.district_id, d.street_id, d.community_id, now(), now()
             from deliveries d where d.id = $1 returning id""",
        first,
    )
    await desk.done("mei", CALLED, id=f"callback_{callback}")
    states = {row["id"]: row["status"] for row in await desk.run("select id, status from deliveries")}
    assert (states[first], states[second]) == ("VERIFIED", "DISPUTED")
    rows = await desk.run(
        "select facts from audit_events where action = 'callback_record' and subject_type = 'Callback'"
    )
    (reference,) = await desk.run("select reference from deliveries where id = $1", first)
    assert reference["reference"] in str(rows[0]["facts"]), "the station is told which it may only deduct"
