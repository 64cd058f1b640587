"""Call-backs: what came of the call, and what becomes of the batch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.base.limits import CALLBACK_RETRY_DAYS, MAX_CALLBACK_ATTEMPTS
from hub.deliveries import evidence
from tests.deliveries.desk import Desk, bare

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _everything_is_drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)


async def waiting(desk: Desk, who: str = "mei") -> int:
    """Call-backs in somebody's queue."""
    query = "{ viewer { queue { kind count } } }"
    lines = (await desk.hub.ask(desk.world.viewers[who], query)).data["viewer"]["queue"]
    return next((one["count"] for one in lines if one["kind"] == "CALLBACKS_DUE"), 0)


async def test_nobody_reached_is_tried_again_some_days_later(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 9)
    desk.go_on(days=1)
    before = await waiting(desk)
    callback = (await desk.callback(await desk.given(case)))["id"]
    assert await waiting(desk) == before + 1
    for attempt in range(1, MAX_CALLBACK_ATTEMPTS + 1):
        assert await waiting(desk) == before + 1
        done = await desk.do(
            "mei", "callbackRecord", id=callback, outcome="NOT_REACHED", note=f"第{attempt}次"
        )
        assert (done["status"], done["attempts"], done["note"]) == ("NOT_REACHED", attempt, f"第{attempt}次")
        (row,) = await desk.rows("select due_at from callbacks where id = $1", bare(callback))
        assert row["due_at"] == desk.now + timedelta(days=CALLBACK_RETRY_DAYS)
        desk.go_on(days=2)
    # It waits for nobody any more, though a later call may still tell.
    assert await waiting(desk) == before
    assert (await desk.do("tao", "callbackRecord", id=callback, outcome="CONFIRMED"))["attempts"] == 4
    refused = await desk.refused("tao", "callbackRecord", id=callback, outcome="FAILED")
    assert refused[0] == "WRONG_STATE"


async def test_only_the_station_calls(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 9)
    desk.go_on(days=1)
    callback = (await desk.callback(await desk.given(case)))["id"]
    for who in ("wang", "an", "bo", "zhao", "qian", "shen", "root"):
        assert await desk.payload(who, "callbackRecord", id=callback, outcome="CONFIRMED") is None
    unknown = "callback_00000000-0000-7000-8000-000000000000"
    assert await desk.refused("mei", "callbackRecord", id=unknown, outcome="FAILED") == ("NOT_FOUND", ["id"])


async def test_a_failed_call_returns_the_batch(desk: Desk) -> None:
    """The batch is what stands of one worker on one line, recorded on one day."""
    case, other = await desk.case("COMPANIONSHIP", 20), await desk.case("CARE", 2)
    colleagues = await desk.case("COMPANIONSHIP", 2, worker="ou")
    desk.go_on(days=9)
    yesterday = await desk.given(case)
    day = desk.hub.clock.at(desk.hub.clock.today() + timedelta(days=1), 0, 5)
    desk.hub.clock.instant = day
    made = {}
    for number, name in enumerate(("recorded", "verified", "disputed", "voided", "called")):
        desk.go_on(hours=1)
        made[name] = await desk.given(case, at=desk.now - timedelta(days=number, hours=4))
    not_of_it = [yesterday, await desk.given(other), await desk.given(colleagues, "ou")]
    await desk.do("wang", "deliveryVerify", id=made["verified"])
    await desk.do("mei", "deliveryVoid", id=made["voided"], reason="登记有误")
    said = {"code": "POOR_QUALITY", "reason": "时间不够"}
    await desk.do("mei", "deliveryDispute", id=made["disputed"], **said)
    called = (await desk.callback(made["called"]))["id"]
    failed = await desk.do("mei", "callbackRecord", id=called, outcome="FAILED", note="本人说没有人来过")
    assert failed["status"] == "FAILED"
    fields = "status disputeReasonCode disputeReason verification"
    seen = {name: await desk.see("an", "Delivery", one, fields) for name, one in made.items()}
    returned = {
        "status": "DISPUTED",
        "disputeReasonCode": "CALLBACK_FAILED",
        "disputeReason": None,
        "verification": None,
    }
    assert {name for name, one in seen.items() if one == returned} == {"recorded", "verified", "called"}
    assert seen["disputed"]["disputeReasonCode"] == "POOR_QUALITY"
    assert seen["voided"]["status"] == "VOIDED"
    assert {await desk.status(one) for one in not_of_it} == {"RECORDED"}
    for name in ("recorded", "verified", "called"):
        assert (await desk.events(made[name])).count("callback_record") == 1
    await desk.tick()
    assert await desk.told("deliveries_returned") == {"bo"}
    (notice,) = await desk.rows("select text_en, subject_id from notices where kind = 'deliveries_returned'")
    assert "3 records" in notice["text_en"]
    assert notice["subject_id"] == bare(made["recorded"])
    # Each of them may be verified by somebody who has made sure.
    await desk.do("mei", "deliveryVerify", id=made["recorded"])


async def test_a_batch_ends_at_midnight_of_the_hub(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 20)
    desk.hub.clock.instant = desk.hub.clock.at(desk.hub.clock.today() + timedelta(days=2), 23, 59)
    before = await desk.given(case)
    desk.go_on(minutes=2)
    after = await desk.given(case)
    callback = (await desk.callback(before))["id"]
    await desk.do("mei", "callbackRecord", id=callback, outcome="FAILED")
    assert [await desk.status(one) for one in (before, after)] == ["DISPUTED", "RECORDED"]
