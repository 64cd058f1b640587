"""What the hub finds odd, and which deliveries it draws for a call-back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from hub.base.limits import CALLBACK_DAYS, CALLBACK_SAMPLE_BP, SAME_MINUTE_BATCH
from hub.base.seal import Vault
from hub.deliveries import evidence
from hub.deliveries.rules import is_drawn
from tests import harness
from tests.deliveries.desk import Desk, bare
from tests.schema.asking import gid

pytestmark = pytest.mark.anyio


async def flags(desk: Desk, delivery: str) -> tuple[str, list[str]]:
    """State and oddness."""
    seen = await desk.see("mei", "Delivery", delivery)
    return seen["status"], seen["flags"]


async def test_the_same_service_twice_on_one_day_is_odd(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 9)
    desk.go_on(days=1)
    first = await desk.given(case)
    second = await desk.given(case, at=desk.now - timedelta(hours=1))
    assert await flags(desk, first) == ("RECORDED", [])
    assert await flags(desk, second) == ("FLAGGED", ["DUPLICATE"])
    assert (await desk.callback(first)) is None
    callback = await desk.callback(second)
    assert callback["status"] == "DUE"
    (row,) = await desk.rows("select cause, due_at from callbacks where delivery_id = $1", bare(second))
    assert (row["cause"], row["due_at"]) == ("FLAG", desk.now + timedelta(days=CALLBACK_DAYS))
    await desk.tick()
    assert await desk.told("delivery_flagged") == {"mei", "tao", "hua"}
    # Voided, it makes no other one odd.
    await desk.do("mei", "deliveryVoid", id=second, reason="重复登记")
    third = await desk.given(case, at=desk.now - timedelta(days=1, hours=-1))
    assert await flags(desk, third) == ("RECORDED", [])


async def test_two_places_at_one_time_are_odd(desk: Desk) -> None:
    one, other = await desk.case("COMPANIONSHIP", 9), await desk.case("SAFETY_CHECK", 9)
    third = await desk.case("VISITING", 9)
    at = desk.go_on(days=1) - timedelta(hours=5)
    await desk.given(one, at=at, lastedMinutes=60)
    assert await flags(desk, await desk.given(other, at=at + timedelta(minutes=59))) == (
        "FLAGGED",
        ["OVERLAP"],
    )
    # An hour later it is over; nobody said how long the safety check took, so half an hour is assumed.
    assert (await flags(desk, await desk.given(third, at=at + timedelta(minutes=60))))[0] == "FLAGGED"
    assert (await flags(desk, await desk.given(third, at=at + timedelta(minutes=89))))[1] == ["DUPLICATE"]
    before = at - timedelta(minutes=30)
    assert (await flags(desk, await desk.given(third, at=before)))[1] == ["DUPLICATE"]


async def test_one_place_at_one_time_is_not(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 9)
    desk.go_on(days=2)
    await desk.given(case, lastedMinutes=1440, at=desk.now - timedelta(hours=24))
    assert await flags(desk, await desk.given(case, at=desk.now - timedelta(hours=1))) == ("RECORDED", [])


async def test_another_worker_may_be_elsewhere(desk: Desk) -> None:
    one = await desk.case("COMPANIONSHIP", 9)
    other = await desk.case("SAFETY_CHECK", 9, worker="ou")
    desk.go_on(days=1)
    await desk.given(one)
    assert await flags(desk, await desk.given(other, "ou")) == ("RECORDED", [])


async def test_ten_within_one_minute_were_not_recorded_one_by_one(desk: Desk) -> None:
    case = await desk.case("COMPANIONSHIP", 20)
    desk.go_on(days=15)
    made = [
        await desk.given(case, at=desk.now - timedelta(days=number))
        for number in range(SAME_MINUTE_BATCH - 1)
    ]
    assert {(await flags(desk, one))[0] for one in made} == {"RECORDED"}
    made.append(await desk.given(case, at=desk.now - timedelta(days=SAME_MINUTE_BATCH)))
    assert [await flags(desk, one) for one in made] == [("FLAGGED", ["SAME_MINUTE"])] * SAME_MINUTE_BATCH
    assert {(await desk.callback(one))["status"] for one in made} == {"DUE"}
    assert await desk.events(made[0]) == ["delivery_record", "delivery_record"]
    await desk.tick()
    told = "select count(*) as n from notices where kind = 'delivery_flagged'"
    assert (await desk.rows(told))[0]["n"] == 3
    desk.go_on(minutes=1)
    assert await flags(desk, await desk.given(case, at=desk.now - timedelta(days=12))) == ("RECORDED", [])


async def test_ten_at_once_miss_none_of_each_other(desk: Desk) -> None:
    await harness.be_patient(desk.server, desk.hub.app.writer)
    case = await desk.case("COMPANIONSHIP", 20)
    desk.go_on(days=15)
    made = await asyncio.gather(
        *(desk.given(case, at=desk.now - timedelta(days=number)) for number in range(SAME_MINUTE_BATCH))
    )
    assert {(await flags(desk, one))[0] for one in made} == {"FLAGGED"}


async def test_a_file_proves_one_delivery_whenever_it_is_attached(desk: Desk) -> None:
    case = await desk.case("HOME_HAIRCUT", 9)
    desk.go_on(days=5)
    first = await desk.given(case, documents=[await desk.document(content="同一张照片")])
    copy, another = await desk.document(content="同一张照片"), await desk.document(content="另一张")
    second = await desk.given(case, at=desk.now - timedelta(days=1), documents=[copy])
    assert await flags(desk, second) == ("FLAGGED", ["EVIDENCE_REUSED"])
    third = await desk.given(case, at=desk.now - timedelta(days=2), documents=[another])
    again = await desk.document(content="同一张照片")
    attached = await desk.do("an", "deliveryAttach", id=third, documents=[again])
    assert (attached["status"], attached["flags"]) == ("FLAGGED", ["EVIDENCE_REUSED"])
    assert (await desk.callback(third))["status"] == "DUE"
    # What was verified by a person stays so, with the flag to be seen.
    await desk.do("mei", "deliveryVerify", id=first)
    more = await desk.document(content="另一张")
    attached = await desk.do("an", "deliveryAttach", id=first, documents=[more])
    assert (attached["status"], attached["flags"]) == ("VERIFIED", ["EVIDENCE_REUSED"])


async def test_another_partners_equal_file_counts_as_well(desk: Desk) -> None:
    case = await desk.case("HOME_HAIRCUT", 2)
    theirs = await desk.case("CARE", 2, partner="kangle")
    desk.go_on(days=1)
    await desk.given(theirs, "lin", documents=[await desk.document(content="同一张", who="lin")])
    own = await desk.given(case, documents=[await desk.document(content="同一张")])
    assert await flags(desk, own) == ("FLAGGED", ["EVIDENCE_REUSED"])


async def test_the_sample_is_drawn_by_the_hubs_secret_from_the_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 5_000)
    case = await desk.case("COMPANIONSHIP", 20)
    vault, drawn = Vault(desk.settings.secret), set[bool]()
    for day in range(19):
        desk.go_on(days=1)
        made = await desk.given(case)
        expected = is_drawn(vault.index("callback", str(bare(made))), 5_000)
        assert ((await desk.callback(made)) is not None) == expected, day
        drawn.add(expected)
    assert drawn == {True, False}
    rows = await desk.rows("select distinct cause from callbacks where drawn_at > $1", desk.world.now)
    assert [row["cause"] for row in rows] == ["SAMPLE"]


async def test_what_chance_draws_is_a_sample_even_if_it_is_odd(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)
    case = await desk.case("COMPANIONSHIP", 9)
    desk.go_on(days=1)
    await desk.given(case)
    odd = await desk.given(case, at=desk.now - timedelta(hours=2))
    (row,) = await desk.rows("select cause from callbacks where delivery_id = $1", bare(odd))
    assert row["cause"] == "SAMPLE"
    # Neither the partner nor the community sees which were drawn, nor does any event of the partner's tell.
    for who in ("an", "bo", "wang"):
        query = f'{{ node(id: "{odd}") {{ ... on Delivery {{ callback {{ id }} }} }} }}'
        answer = await desk.hub.ask(desk.world.viewers[who], query)
        assert [code for code, _ in answer.codes] == ["FORBIDDEN"]
    kinds = await desk.rows("select distinct subject_type from audit_events where action = 'delivery_record'")
    assert {row["subject_type"] for row in kinds} <= {"Delivery", "Case"}


def test_about_one_in_twenty_is_drawn() -> None:
    vault = Vault(bytes(range(32)))
    ids = [str(uuid4()) for _ in range(20_000)]
    drawn = [one for one in ids if is_drawn(vault.index("callback", one), CALLBACK_SAMPLE_BP)]
    assert 0.04 < len(drawn) / len(ids) < 0.06
    assert drawn == [one for one in ids if is_drawn(vault.index("callback", one), CALLBACK_SAMPLE_BP)]
    other = Vault(bytes(32))
    assert drawn != [one for one in ids if is_drawn(other.index("callback", one), CALLBACK_SAMPLE_BP)]


async def test_a_visit_of_the_world_can_be_odd_too(desk: Desk) -> None:
    """With a visit the moment is the visit's: two promised visits kept at one time are two places."""
    one, other = gid("visit", desk.world.visits["today"]), gid("visit", desk.world.visits["missed"])
    at = desk.now.isoformat()
    await desk.do("an", "deliveryRecord", i={"visit": one, "happenedAt": at})
    second = await desk.do("an", "deliveryRecord", i={"visit": other, "happenedAt": at})
    assert (second["status"], second["flags"]) == ("FLAGGED", ["OVERLAP"])
