"""Who says that it was done, or not; and what complete evidence says by itself after a week."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from hub.base.limits import DELIVERY_AUTO_VERIFY_DAYS, MAX_CALLBACK_ATTEMPTS
from hub.deliveries import evidence
from tests.deliveries.desk import Desk, bare
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio

DISPUTE = {"code": "NOT_DONE", "reason": "老人说没有来"}


async def proven(desk: Desk, case: str, **more: Any) -> str:
    """A delivery on a case with the photo that its service asks for, now."""
    return await desk.given(case, documents=[await desk.document()], **more)


@pytest.mark.parametrize(("who", "verification"), [("wang", "COMMUNITY"), ("mei", "STATION")])
async def test_community_and_station_verify(desk: Desk, who: str, verification: str) -> None:
    case = await desk.case("COMPANIONSHIP", 2)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    actions = "availableActions { action allowed blockedBy }"
    before = (await desk.see(who, "Delivery", delivery, actions))["availableActions"]
    assert {"action": "deliveryVerify", "allowed": True, "blockedBy": None} in before
    assert await desk.refused(who, "deliveryVerify", id=delivery, v=9) == ("STALE", ["expectedVersion"])
    verified = await desk.do(who, "deliveryVerify", id=delivery, v=1)
    assert (verified["status"], verified["verification"]) == ("VERIFIED", verification)
    seen = await desk.see("mei", "Delivery", delivery, "verifiedBy { id } verifiedAt")
    assert seen["verifiedBy"]["id"] == gid("membership", desk.world.memberships[who])
    assert await desk.refused(who, "deliveryVerify", id=delivery) == ("WRONG_STATE", [])
    assert await desk.events(delivery) == ["delivery_record", "delivery_verify"]


async def test_everybody_else_does_not(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 2)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    for who in ("an", "bo", "kai", "zhao", "qian", "sun", "shen", "root"):
        assert await desk.payload(who, "deliveryVerify", id=delivery) is None
        assert await desk.payload(who, "deliveryDispute", id=delivery, **DISPUTE) is None
        assert await desk.payload(who, "deliveryVoid", id=delivery, reason="x") is None
    assert await desk.payload("wang", "deliveryVoid", id=delivery, reason="x") is None
    assert await desk.refused("li", "deliveryVerify", id=delivery) == ("NOT_FOUND", ["id"])
    assert await desk.refused("li", "deliveryDispute", id=delivery, **DISPUTE) == ("NOT_FOUND", ["id"])
    assert await desk.status(delivery) == "RECORDED"


async def test_many_are_n_single_commands(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 9)
    own = await desk.case("CARE", 2, partner="kangle")
    made = []
    for _ in range(2):
        desk.go_on(days=1)
        made.append(await desk.given(case))
    theirs = await desk.given(own, "lin")
    await desk.do("mei", "deliveryVerify", id=made[1])
    ids = [made[0], made[1], theirs, gid("delivery", bare(case))]
    results = (await desk.payload("hua", "deliveryVerifyMany", ids=ids, k="all"))["results"]
    codes = [[error["code"] for error in one["userErrors"]] for one in results]
    assert codes == [[], ["WRONG_STATE"], ["CONFLICT_OF_INTEREST"], ["NOT_FOUND"]]
    assert results[0]["delivery"]["status"] == "VERIFIED"
    assert await desk.status(theirs) == "RECORDED"
    # Done again under the same key, each item answers as it did: what was done, once; what was refused, refused.
    again = (await desk.payload("hua", "deliveryVerifyMany", ids=ids, k="all"))["results"]
    assert again == results
    assert (await desk.events(made[0])).count("delivery_verify") == 1
    alone = 'mutation { deliveryVerifyMany(ids: ["x"]) { results { userErrors { code } } } }'
    body = (await desk.hub.ask(desk.world.viewers["an"], alone)).body
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_i5_nobody_with_a_stake_in_the_partner_judges_its_work(desk: Desk) -> None:
    """`hua` works at the station, and for partner 2; `guo` has declared a conflict about another one."""
    case = await desk.case("CARE", 4, partner="kangle")
    desk.go_on(days=1)
    delivery = await desk.given(case, "lin")
    for name, more in (
        ("deliveryVerify", {}),
        ("deliveryDispute", DISPUTE),
        ("deliveryVoid", {"reason": "登记有误"}),
    ):
        assert await desk.refused("hua", name, id=delivery, **more) == ("CONFLICT_OF_INTEREST", ["id"])
    odd = await desk.given(case, "lin", at=desk.now - timedelta(hours=1))
    callback = (await desk.callback(odd))["id"]
    refused = await desk.refused("hua", "callbackRecord", id=callback, outcome="CONFIRMED")
    assert refused == ("CONFLICT_OF_INTEREST", ["id"])
    declare = "mutation($i: ConflictDeclareInput!) { conflictDeclare(input: $i) { userErrors { code } } }"
    tie = {"partner": gid("partner", desk.world.organizations["kangle"]), "reason": "亲属任职"}
    await desk.hub.do(desk.world.viewers["wang"], declare, {"i": tie})
    assert await desk.refused("wang", "deliveryVerify", id=delivery) == ("CONFLICT_OF_INTEREST", ["id"])
    await desk.do("mei", "deliveryVerify", id=delivery)


async def test_i4_who_recorded_it_does_not_judge_it_under_a_second_membership(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 4)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    odd = await desk.given(case, at=desk.now - timedelta(hours=1))
    callback = (await desk.callback(odd))["id"]
    # The worker has left the partner, so nothing is left of I5; she works at the station now.
    an, tao = desk.world.viewers["an"], desk.world.viewers["tao"]
    await desk.plant("update memberships set user_id = $1 where id = $2", an.user_id, tao.membership_id)
    await desk.plant("update memberships set ended_at = $1 where id = $2", desk.now, an.membership_id)
    viewers = {**desk.world.viewers, "an@station": dataclasses.replace(tao, user_id=an.user_id)}
    desk.world = dataclasses.replace(desk.world, viewers=viewers)
    for name, more in (
        ("deliveryVerify", {}),
        ("deliveryDispute", DISPUTE),
        ("deliveryVoid", {"reason": "登记有误"}),
    ):
        assert await desk.refused("an@station", name, id=delivery, **more) == ("FOUR_EYES", ["id"])
    refused = await desk.refused("an@station", "callbackRecord", id=callback, outcome="CONFIRMED")
    assert refused == ("FOUR_EYES", ["id"])
    actions = "availableActions { action blockedBy }"
    seen = (await desk.see("an@station", "Delivery", delivery, actions))["availableActions"]
    assert {"action": "deliveryVerify", "blockedBy": "NOT_THE_DELIVERER"} in seen


async def test_a_dispute_has_its_reason_and_takes_back_what_verified(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 4)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    await desk.do("wang", "deliveryVerify", id=delivery)
    for given, code in (
        ({"code": "NOT_DONE", "reason": " "}, "REQUIRED"),
        ({"code": "CALLBACK_FAILED", "reason": "x"}, "INVALID"),
    ):
        assert (await desk.refused("mei", "deliveryDispute", id=delivery, **given))[0] == code
    disputed = await desk.do("mei", "deliveryDispute", id=delivery, **DISPUTE)
    assert (disputed["status"], disputed["verification"]) == ("DISPUTED", None)
    fields = "disputeReasonCode disputeReason verifiedAt"
    for who in ("an", "bo", "wang"):
        seen = await desk.see(who, "Delivery", delivery, fields)
        assert seen == {"disputeReasonCode": "NOT_DONE", "disputeReason": "老人说没有来", "verifiedAt": None}
    await desk.tick()
    assert await desk.told("delivery_disputed") == {"an", "bo"}
    (row,) = await desk.rows("select text_zh, text_en from notices where kind = 'delivery_disputed' limit 1")
    assert ("未提供服务" in row["text_zh"], "not done" in row["text_en"]) == (True, True)
    assert "老人" not in row["text_zh"]
    verified = await desk.do("mei", "deliveryVerify", id=delivery)
    assert verified["verification"] == "STATION"


async def test_voiding_frees_the_quantity_also_of_an_ended_case(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 2)
    at = desk.go_on(days=1)
    delivery = await desk.given(case, quantity=2)
    assert (await desk.see("mei", "Case", case, "status delivered")) == {"status": "CLOSED", "delivered": 2}
    assert (await desk.refused("mei", "deliveryVoid", id=delivery, reason=" "))[0] == "REQUIRED"
    voided = await desk.do("mei", "deliveryVoid", id=delivery, reason="时间登记有误")
    assert (voided["status"], voided["case"]) == ("VOIDED", {"id": case, "status": "CLOSED", "delivered": 0})
    seen = await desk.see("an", "Delivery", delivery, "voidReasonCode voidReason")
    assert seen == {"voidReasonCode": "ENTERED_IN_ERROR", "voidReason": "时间登记有误"}
    for name, more in (
        ("deliveryVerify", {}),
        ("deliveryDispute", DISPUTE),
        ("deliveryVoid", {"reason": "x"}),
    ):
        assert (await desk.refused("mei", name, id=delivery, **more))[0] == "WRONG_STATE"
    photo = await desk.document()
    assert (await desk.refused("an", "deliveryAttach", id=delivery, documents=[photo]))[0] == "WRONG_STATE"
    desk.go_on(days=1)
    again = await desk.given(case, at=at - timedelta(hours=1), quantity=2)
    assert (await desk.see("mei", "Delivery", again))["case"]["delivered"] == 2


async def test_a_verified_delivery_is_disputed_before_it_is_voided(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 2)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    await desk.do("mei", "deliveryVerify", id=delivery)
    assert (await desk.refused("mei", "deliveryVoid", id=delivery, reason="x"))[0] == "WRONG_STATE"
    await desk.do("wang", "deliveryDispute", id=delivery, **DISPUTE)
    await desk.do("mei", "deliveryVoid", id=delivery, reason="确未提供")


async def test_voiding_calls_the_call_back_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)
    case = await desk.case("COMPANIONSHIP", 2)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    await desk.do("mei", "deliveryVoid", id=delivery, reason="登记有误")
    callback = await desk.callback(delivery)
    assert callback["status"] == "CANCELLED"
    refused = await desk.refused("mei", "callbackRecord", id=callback["id"], outcome="CONFIRMED")
    assert refused[0] == "WRONG_STATE"


async def test_of_two_that_verify_at_once_one_does(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 2)
    desk.go_on(days=1)
    delivery = await desk.given(case)
    answers = await asyncio.gather(
        *(desk.payload(who, "deliveryVerify", id=delivery) for who in ("mei", "tao", "wang"))
    )
    codes = sorted(error["code"] for one in answers for error in one["userErrors"])
    assert codes == ["WRONG_STATE", "WRONG_STATE"]
    assert (await desk.events(delivery)).count("delivery_verify") == 1


# ------------------------------------------------------------------------------------------------------------- evidence
async def test_complete_evidence_undisputed_for_a_week_verifies(desk: Desk) -> None:
    case = await desk.case("HOME_HAIRCUT", 9)
    desk.go_on(days=1)
    whole = await proven(desk, case)
    bare_one = await desk.given(case, at=desk.now - timedelta(days=1))
    disputed = await proven(desk, await desk.case("VISITING", 3), at=desk.now)
    await desk.do("wang", "deliveryDispute", id=disputed, **DISPUTE)
    flagged = await proven(desk, await desk.case("SAFETY_CHECK", 3), at=desk.now)
    assert [await desk.status(one) for one in (whole, bare_one, disputed, flagged)] == [
        "RECORDED",
        "RECORDED",
        "DISPUTED",
        "FLAGGED",
    ]
    await desk.tick(days=DELIVERY_AUTO_VERIFY_DAYS, seconds=-1)
    assert await desk.status(whole) == "RECORDED"
    await desk.tick(seconds=1)
    assert [await desk.status(one) for one in (whole, bare_one, disputed, flagged)] == [
        "VERIFIED",
        "RECORDED",
        "DISPUTED",
        "FLAGGED",
    ]
    seen = await desk.see("mei", "Delivery", whole, "verification verifiedBy { id }")
    assert seen == {"verification": "EVIDENCE", "verifiedBy": None}
    assert await desk.events(whole) == ["delivery_record", "delivery_auto_verify"]
    # What comes late is looked at as long as what came at once.
    await desk.do("an", "deliveryAttach", id=bare_one, documents=[await desk.document("SIGN_IN_SHEET")])
    await desk.tick(days=3)
    await desk.do("an", "deliveryAttach", id=bare_one, documents=[await desk.document()])
    await desk.tick(days=DELIVERY_AUTO_VERIFY_DAYS, seconds=-1)
    assert await desk.status(bare_one) == "RECORDED"
    await desk.do("an", "deliveryAttach", id=bare_one, documents=[await desk.document()])
    await desk.tick(seconds=1)
    assert await desk.status(bare_one) == "VERIFIED"
    # Until it is billed, somebody may still doubt it.
    await desk.do("wang", "deliveryDispute", id=whole, **DISPUTE)


async def test_a_call_back_that_is_due_holds_it_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)
    case = await desk.case("HOME_HAIRCUT", 9)
    desk.go_on(days=3)
    confirmed, missed = await proven(desk, case), await proven(desk, case, at=desk.now - timedelta(days=1))
    await desk.tick(days=8)
    assert [await desk.status(one) for one in (confirmed, missed)] == ["RECORDED", "RECORDED"]
    calls = {one: (await desk.callback(one))["id"] for one in (confirmed, missed)}
    await desk.do("mei", "callbackRecord", id=calls[confirmed], outcome="CONFIRMED", note="来过，很满意")
    await desk.do("mei", "callbackRecord", id=calls[missed], outcome="NOT_REACHED")
    assert await desk.status(confirmed) == "RECORDED"
    await desk.tick()
    assert [await desk.status(one) for one in (confirmed, missed)] == ["VERIFIED", "RECORDED"]
    for _ in range(MAX_CALLBACK_ATTEMPTS - 1):
        await desk.tick(days=2)
        assert await desk.status(missed) == "RECORDED"
        await desk.do("tao", "callbackRecord", id=calls[missed], outcome="NOT_REACHED")
    await desk.tick()
    assert await desk.status(missed) == "VERIFIED"
