"""Who says that it was done: communities confirm week by week, the station calls back, doubts and strikes out.

What was recorded in the last days waits still, beside one doubt, one flag and the call-backs that are due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from hub.deliveries.commands import delivery_attach, delivery_record
from hub.deliveries.commands_calling import callback_record
from hub.deliveries.commands_verifying import delivery_dispute, delivery_verify, delivery_void
from hub.deliveries.tables import callbacks, deliveries, delivery_documents
from hub.demo.registering import REGISTRARS
from hub.demo.stage import Stage, Story

LAST = -9
"""What was recorded from this day on nobody has looked at yet."""

SETTLING = timedelta(days=2)
"""How long a community lets a record lie before it confirms it."""

DOUBTED = -76
"""A community doubts a record in the week that begins on this day."""

COUNTED_TWICE = -179
"""The day of the visit that is counted twice: the fourth one of a course of care."""

CALLS = (("CONFIRMED", "本人确认服务到位。"), ("CONFIRMED", "满意。"), ("NOT_REACHED", "两次无人接听。"))
"""What comes of calls, in turn."""


def checking(first: int) -> list[Story]:
    """The checks of the whole year, from `first` days from today on."""
    return [_confirmations(first), _calls(first), _counted_twice, _doubted, _photo_used_again]


def _confirmations(first: int) -> Story:
    """Each Thursday the communities confirm what has no complete evidence; the rest proves itself in time."""

    async def story(stage: Stage) -> None:
        for day in _weekdays(stage, first, 3):
            await stage.until(stage.at(day, 16, 30))
            for community, who in REGISTRARS.items():
                here = deliveries.c.community_id == stage.organizations[community]
                await _verify(stage, who, here, deliveries.c.session_id.is_(None))
            await _verify(stage, "tao", deliveries.c.session_id.is_not(None))

    return story


async def _verify(stage: Stage, who: str, *which: ColumnElement[bool]) -> None:
    """Confirm whatever of it was recorded some days ago and does not prove itself."""
    settled = deliveries.c.recorded_at < stage.clock.now() - SETTLING
    waiting = select(deliveries.c.id).where(
        deliveries.c.status == "RECORDED", settled, ~deliveries.c.evidence_complete, *which
    )
    for row in await stage.find_all(who, waiting.order_by(deliveries.c.id)):
        await stage.do(who, delivery_verify, row.id)


def _weekdays(stage: Stage, first: int, weekday: int) -> list[int]:
    """The days with that weekday (Monday 0) from `first` to LAST."""
    return [day for day in range(first, LAST) if (stage.today + timedelta(days=day)).weekday() == weekday]


def _calls(first: int) -> Story:
    """Every second Tuesday the station calls those whom the hub has drawn; whom it does not reach it calls again."""

    async def story(stage: Stage) -> None:
        made = 0
        for day in _weekdays(stage, first, 1)[::2]:
            await stage.until(stage.at(day, 10, 15))
            for row in await _due(stage):
                outcome, note = CALLS[made % len(CALLS)]
                await stage.do("mei", callback_record, row.id, outcome=outcome, note=note)
                if outcome == "CONFIRMED" and row.status == "FLAGGED":
                    await stage.do("mei", delivery_verify, row.delivery_id)
                made += 1

    return story


async def _due(stage: Stage) -> Sequence[Row[Any]]:
    """The call-backs to make, but for the one with a story of its own."""
    due = (
        select(callbacks.c.id, callbacks.c.delivery_id, deliveries.c.status)
        .join(deliveries, deliveries.c.id == callbacks.c.delivery_id)
        .where(callbacks.c.status.in_(("DUE", "NOT_REACHED")))
        .order_by(callbacks.c.id)
    )
    own = stage.named["deliveries"].get("counted_twice")
    return [row for row in await stage.find_all("mei", due) if row.delivery_id != own]


async def _counted_twice(stage: Stage) -> None:
    """The carer enters one afternoon twice; the call-back fails, both come back, one stands, one is struck out."""
    day = stage.workday(COUNTED_TWICE)
    await stage.until(stage.at(day, 20, 30))
    kept = await stage.find(
        "mei", select(deliveries).where(deliveries.c.id == stage.named["deliveries"]["care_2.4"])
    )
    given = {"happened_at": kept.happened_at + timedelta(hours=3), "quantity": 2, "lasted_minutes": 120}
    twice = await stage.do("rong", delivery_record, case_id=kept.case_id, **given)
    stage.name("deliveries", "counted_twice", twice.id)
    await stage.until(stage.office(day + 3, 10, 40))
    about = select(callbacks.c.id).where(callbacks.c.delivery_id == twice.id)
    call = await stage.find("tao", about)
    await stage.do("tao", callback_record, call.id, outcome="FAILED", note="家属说当天只来过一次。")
    await stage.until(stage.office(day + 5, 14, 10))
    text = "与机构核对，同一次服务重复录入。"
    await stage.do("mei", delivery_void, twice.id, reason_code="ENTERED_IN_ERROR", reason_text=text)
    await stage.do("mei", delivery_verify, kept.id)


async def _doubted(stage: Stage) -> None:
    """In spring a doubt that the station clears; this week one that nobody has cleared yet."""
    thursday = _weekdays(stage, DOUBTED, 3)[0]  # before the communities confirm what the week has brought
    row, who = await _newest(stage, thursday)
    text = "老人说没见过这位师傅，请核实。"
    await stage.do(who, delivery_dispute, row.id, reason_code="WRONG_PERSON", reason_text=text)
    await stage.until(stage.office(thursday + 4, 15, 0))
    await stage.do("tao", delivery_verify, row.id)
    row, who = await _newest(stage, -2)
    text = "家属反映只待了十分钟，没有做完。"
    await stage.do(who, delivery_dispute, row.id, reason_code="NOT_AS_RECORDED", reason_text=text)
    stage.name("deliveries", "disputed", row.id)


async def _newest(stage: Stage, day: int) -> tuple[Row[Any], str]:
    """On that day the newest record at somebody's home that nobody has looked at, and her community's worker."""
    await stage.until(stage.office(day, 9, 50))
    unseen = select(deliveries).where(deliveries.c.status == "RECORDED", deliveries.c.visit_id.is_not(None))
    row = await stage.find("mei", unseen.order_by(deliveries.c.id.desc()).limit(1))
    places = {stage.organizations[name]: who for name, who in REGISTRARS.items()}
    return row, places[row.community_id]


async def _photo_used_again(stage: Stage) -> None:
    """A photo that proved an earlier visit is attached to another one: it is flagged, and somebody has to call."""
    await stage.until(stage.office(-1, 17, 10))
    ours = deliveries.c.partner_id == stage.organizations["nuanchao"]
    bare = select(deliveries.c.id).where(
        ours,
        deliveries.c.status == "RECORDED",
        deliveries.c.visit_id.is_not(None),
        ~deliveries.c.evidence_complete,
    )
    row = await stage.find("mei", bare.order_by(deliveries.c.id.desc()).limit(1))
    shown = select(delivery_documents.c.document_id).join(
        deliveries, deliveries.c.id == delivery_documents.c.delivery_id
    )
    old = await stage.find(
        "mei",
        shown.where(ours, deliveries.c.visit_id.is_not(None)).order_by(delivery_documents.c.id).limit(1),
    )
    await stage.do("bo", delivery_attach, row.id, document_ids=[old.document_id])
    stage.name("deliveries", "photo_used_again", row.id)
