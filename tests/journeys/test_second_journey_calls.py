"""The second journey's call-backs: one that passes, one that returns its batch; what counts without anybody's word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.base.limits import DELIVERY_AUTO_VERIFY_DAYS
from hub.deliveries import evidence
from hub.settings import Settings
from tests.journeys.beginnings import organization_of
from tests.journeys.purchasing import Purchase, accepted, offer, referred, stored
from tests.journeys.running import said, text_of
from tests.journeys.summer import WISH, bought, given, ladies_are_taken, progress, usage

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _only_what_is_odd_is_called_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random sample would draw somebody else in every run."""
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 0)


async def test_call_backs_of_the_second_journey(world_database: Server, settings: Settings) -> None:
    async with bought(settings, world_database) as purchase:
        await ladies_are_taken(purchase)
        await a_call_passes(purchase)
        await a_call_fails_and_returns_the_batch(purchase)
        await the_partner_is_told_how_many_and_not_which(purchase)
        await mei_strikes_out_the_mistake_and_verifies_the_rest(purchase)
        await what_is_handed_back_can_be_offered_again(purchase)
        await no_more_is_given_than_was_offered(purchase)
        await a_photo_that_nobody_doubts_is_proof_after_a_week(purchase)


async def called(purchase: Purchase, delivery: str) -> dict[str, Any]:
    """The call-back that is due about a delivery, as the station's list shows it."""
    due = (await purchase.hub.ask("mei", "CallbacksDue"))["callbacks"]["nodes"]
    (found,) = [one for one in due if one["delivery"]["id"] == purchase.ids[delivery]]
    return found


async def status(purchase: Purchase, *deliveries: str) -> list[str]:
    """The states of deliveries, as the station sees them."""
    seen = [
        (await purchase.hub.ask("mei", "DeliverySeen", id=purchase.ids[one]))["node"] for one in deliveries
    ]
    return [one["status"] for one in seen]


async def a_call_passes(purchase: Purchase) -> None:
    """Two ladies at one time are odd. The second one says that they sat side by side; then it may be verified."""
    await given(purchase, "first", "秦桂兰", 10, lastedMinutes=60)
    await given(purchase, "second", "孟秀英", 10, 30)
    callback = await called(purchase, "second")
    assert (callback["cause"], callback["delivery"]["flags"]) == ("FLAG", ["OVERLAP"])
    due = (await purchase.hub.ask("mei", "CallbacksDue"))["callbacks"]["nodes"]
    assert purchase.ids["first"] not in [one["delivery"]["id"] for one in due]
    told = {"outcome": "CONFIRMED", "note": "两人同住一楼，一起理的发"}
    passed = await purchase.hub.do("mei", "CallbackRecord", id=callback["id"], **told)
    assert passed == {"status": "CONFIRMED", "attempts": 1, "delivery": {"status": "FLAGGED"}}
    verified = await purchase.hub.do("mei", "DeliveryVerify", id=purchase.ids["second"])
    assert verified["status"] == "VERIFIED"
    again = await purchase.refused("mei", "CallbackRecord", id=callback["id"], outcome="FAILED")
    assert again[0] == "WRONG_STATE"


async def a_call_fails_and_returns_the_batch(purchase: Purchase) -> None:
    """Twice the same lady on one day: she remembers one. All that An recorded on the line that day comes back."""
    purchase.hub.move_to(purchase.day(1), 8)
    await given(purchase, "kept", "秦桂兰", 9)
    await given(purchase, "once", "周玉珍", 10)
    twice = await given(purchase, "twice", "周玉珍", 11)
    assert (twice["status"], twice["flags"]) == ("FLAGGED", ["DUPLICATE"])
    await purchase.hub.do("wang", "DeliveryVerify", id=purchase.ids["kept"])
    assert (await progress(purchase, "上门理发", "QUANTITY"))["value"] == 2
    callback = await called(purchase, "twice")
    told = {"outcome": "FAILED", "note": "只来过一次"}
    failed = await purchase.hub.do("mei", "CallbackRecord", id=callback["id"], **told)
    assert failed == {"status": "FAILED", "attempts": 1, "delivery": {"status": "DISPUTED"}}
    assert await status(purchase, "kept", "once", "twice") == ["DISPUTED"] * 3
    assert await status(purchase, "first", "second") == ["RECORDED", "VERIFIED"]
    of = purchase.references
    found = await progress(purchase, "上门理发", "QUANTITY")
    assert found["value"] == 1
    assert [gap for gap in found["missing"] if gap[0] != "TO_DELIVER"] == [
        *(("DISPUTED", reference, 1) for reference in sorted((of["kept"], of["once"], of["twice"]))),
        ("TO_VERIFY", of["first"], 1),
    ]


async def the_partner_is_told_how_many_and_not_which(purchase: Purchase) -> None:
    """Whom the station calls about stays its own: neither call nor words reach the partner."""
    await purchase.hub.day_goes_by()
    notices = (await purchase.hub.ask("bo", "Told"))["notices"]["nodes"]
    (told,) = [one["text"] for one in notices if one["kind"] == "deliveries_returned"]
    assert "3 records" in told
    for who in ("bo", "an"):
        data, refusals = await purchase.forbidden(who, "CallbackOf", id=purchase.ids["kept"])
        assert [(code, path) for code, path, _ in refusals] == [("FORBIDDEN", ["node", "callback"])]
        assert data["node"] == {
            "disputeReasonCode": "CALLBACK_FAILED",
            "disputeReason": None,
            "callback": None,
        }
        seen = await purchase.hub.post(who, "CallbacksDue", {})
        assert "只来过一次" not in text_of(seen)
        assert purchase.ids["twice"] not in text_of(seen)


async def mei_strikes_out_the_mistake_and_verifies_the_rest(purchase: Purchase) -> None:
    hub, ids = purchase.hub, purchase.ids
    voided = await hub.do("mei", "DeliveryVoid", id=ids["twice"], reason="重复登记，本人确认只理发一次")
    assert voided == {"status": "VOIDED"}
    answer = await hub.post("mei", "DeliveryVerifyMany", {"ids": [ids["kept"], ids["once"], ids["twice"]]})
    results = answer.json()["data"]["deliveryVerifyMany"]["results"]
    assert [one["delivery"] and one["delivery"]["status"] for one in results] == [
        "VERIFIED",
        "VERIFIED",
        None,
    ]
    assert [error["code"] for error in results[2]["userErrors"]] == ["WRONG_STATE"]
    found = await progress(purchase, "上门理发", "QUANTITY")
    assert found["value"] == 3
    assert ("TO_DELIVER", purchase.references["周玉珍"], 2) in found["missing"]


async def what_is_handed_back_can_be_offered_again(purchase: Purchase) -> None:
    """Case end gives the rest back to the line, so that a fourth lady can have it: two haircuts, and not a third."""
    hub = purchase.hub
    before = await usage(purchase, "上门理发", "used", "reserved", "remaining")
    assert before == {"used": 0, "reserved": 12, "remaining": 0}
    await hub.do("bo", "CaseHandBack", id=purchase.ids["周玉珍"])
    after = await usage(purchase, "上门理发", "used", "reserved", "remaining")
    assert after == {"used": 1, "reserved": 9, "remaining": 2}
    _, referral = await referred(purchase, "吴凤英", "19450317", 128, WISH)
    code, path, words = await purchase.refused(
        "mei", "ReferralOffer", **await offer(purchase, "bo", referral, "上门理发", 3)
    )
    assert (code, path) == ("QUANTITY_EXCEEDED", ["quantity"])
    assert "has 2 left" in words
    offering = await offer(purchase, "bo", referral, "上门理发", 2)
    await accepted(purchase, "bo", purchase.ids["an"], offering, "吴凤英")
    glance = await usage(purchase, "上门理发", "reserved", "remaining", "done", "owed")
    assert glance == {"reserved": 11, "remaining": 0, "done": 3, "owed": 9}


async def no_more_is_given_than_was_offered(purchase: Purchase) -> None:
    """With her second haircut the fourth lady's case is closed; a third one is nobody's to record."""
    purchase.hub.move_to(purchase.day(1), 8)
    await given(purchase, "fourth.1", "吴凤英", 9)
    assert (await given(purchase, "fourth.2", "吴凤英", 14))["case"]["status"] == "CLOSED"
    told = {"case": purchase.ids["吴凤英"], "happenedAt": said(purchase.day(0).replace(hour=14, minute=10))}
    code, path, words = await purchase.refused("an", "Delivered", input=told)
    assert (code, path) == ("QUANTITY_EXCEEDED", ["input", "quantity"])
    assert purchase.references["吴凤英"] in words
    assert (await purchase.refused("an", "Delivered", input={**told, "quantity": 0}))[0] == "OUT_OF_RANGE"


async def a_photo_that_nobody_doubts_is_proof_after_a_week(purchase: Purchase) -> None:
    """SYSTEM verifies what is complete and odd in nothing; the one without a photo waits for somebody's word."""
    hub = purchase.hub
    hub.move_to(purchase.day(1), 9)
    await given(purchase, "proven", "孟秀英", 9, 30)
    proof = await stored(purchase, "an", "PHOTO", "孟秀英 6月")
    attached = await hub.do("an", "DeliveryAttach", id=purchase.ids["proven"], documents=[proof])
    assert attached == {"evidenceComplete": True, "documents": [{"id": proof}]}
    await given(purchase, "unproven", "秦桂兰", 11)
    clock = hub.clock
    for days, proven in ((DELIVERY_AUTO_VERIFY_DAYS - 1, "RECORDED"), (1, "VERIFIED")):
        clock.instant += timedelta(days=days)
        await hub.day_goes_by()
        assert await status(purchase, "proven", "unproven") == [proven, "RECORDED"]
    seen = (await hub.ask("bo", "DeliverySeen", id=purchase.ids["proven"]))["node"]
    assert (seen["verification"], seen["documents"]) == ("EVIDENCE", [{"id": proof}])
    link = (await hub.do("wang", "DocumentOpen", id=proof))["url"]
    assert (await hub.get(link)).content.startswith(b"\xff\xd8")
    community = await organization_of(hub, "li", "community")
    assert community != await organization_of(hub, "wang", "community")
    assert (await purchase.refused("li", "DocumentOpen", id=proof))[0] == "NOT_FOUND"
