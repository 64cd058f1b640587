"""The stories: each takes one referral to where it stands today. Named for where that is.

Together they reach every state that the present commands lead to. Days are counted from the day of the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from hub.cases.commands import case_add_helper
from hub.demo.steps import MANAGERS, Matter
from hub.demo.words import OWN_WORDS
from hub.people.consents import consent_withdraw
from hub.people.needs import need_settle
from hub.referrals.commands import referral_reject, referral_return
from hub.referrals.commands_offers import offer_decline, offer_withdraw
from hub.visits.commands import visit_cancel, visit_promise, visit_record
from hub.visits.commands_ending import case_hand_back, referral_cancel

Plot = Callable[[Matter], Awaitable[None]]


async def submitted(m: Matter) -> None:
    """Waits for the station."""
    await m.ask()


async def returned(m: Matter) -> None:
    """Went back to the community for missing data."""
    await m.ask()
    await m.office(1, 9, 0)
    await m.do(
        m.handler,
        referral_return,
        m.referral_id,
        reason_code="MISSING_DATA",
        reason_text="请补充楼栋门牌和方便上门的时间。",
    )


async def rejected(m: Matter) -> None:
    """The station said no."""
    await m.ask()
    await m.office(1, 10, 0)
    await m.do(
        m.handler,
        referral_reject,
        m.referral_id,
        reason_code="NOT_ELIGIBLE",
        reason_text="已享受同类服务，本期不重复安排。",
    )
    await m.do(
        m.resident.worker,
        need_settle,
        m.needs[0].id,
        status="WITHDRAWN",
        outcome="与本人沟通，暂不需要。",
    )


async def triaged(m: Matter) -> None:
    """To be placed."""
    await m.ask()
    await m.triage()


async def taken(m: Matter) -> None:
    """The station serves the person itself."""
    await m.ask()
    await m.triage()
    await m.take(m.handler)


async def taken_by_community(m: Matter) -> None:
    """The community serves the person itself, and came already once."""
    await m.ask()
    await m.triage()
    m.worker = m.resident.worker
    await m.take(m.worker)
    await m.promise(4, 15, kind="FOLLOW_UP")
    await m.record(words=OWN_WORDS[2])


async def offered(m: Matter) -> None:
    """Before a partner, which has not answered yet."""
    await m.ask()
    await m.triage()
    await m.offer(days=10)


async def declined(m: Matter) -> None:
    """A partner said no; the station has to place it anew."""
    await m.ask()
    await m.triage()
    await m.offer()
    await m.office(2, 11, 30)
    await m.do(
        MANAGERS[m.partner],
        offer_decline,
        m.offer_id,
        reason_code="NO_CAPACITY",
        reason_text="本月上门人员已排满。",
    )


async def expired(m: Matter) -> None:
    """A partner did not answer in time; SYSTEM ends the offer."""
    await m.ask()
    await m.triage()
    await m.offer(days=2)
    await m.office(6, 9, 0)


async def offer_withdrawn(m: Matter) -> None:
    """The station took the offer back."""
    await m.ask()
    await m.triage()
    await m.offer()
    await m.office(2, 9, 0)
    await m.do(m.handler, offer_withdraw, m.offer_id)


async def accepted(m: Matter) -> None:
    """A partner has it; nobody is assigned yet."""
    await m.up_to("accept")


async def assigned(m: Matter) -> None:
    """A worker has it; nothing is promised yet."""
    await m.up_to("assign")


async def missed(m: Matter) -> None:
    """Somebody promised to come and did not."""
    await m.up_to("promise")


async def kept(m: Matter) -> None:
    """Came on time; the community has not acknowledged yet."""
    await m.up_to("record", words=OWN_WORDS[m.start % len(OWN_WORDS)])


async def acknowledged(m: Matter) -> None:
    """The whole usual path."""
    await m.up_to("acknowledge", words=OWN_WORDS[m.start % len(OWN_WORDS)])


async def late(m: Matter) -> None:
    """Came, but 25 minutes after the promised time was over."""
    await m.up_to("acknowledge", late=55, words="等了好一会儿，不过剪得不错。")


async def auto_closed(m: Matter) -> None:
    """Nobody acknowledged; SYSTEM closes it after its days."""
    await m.up_to("record")


async def returned_then_served(m: Matter) -> None:
    """Returned once, handed in again, declined by one partner, served by another."""
    partner, m.partner = m.partner, "kangle"
    await returned(m)
    await m.office(1, 15, 0)
    await m.submit(f"{m.request.reason}（已补充：上午方便，请先打电话。）")
    await m.triage()
    await m.offer(day=2)
    await m.office(3, 9, 0)
    await m.do(
        "kai", offer_decline, m.offer_id, reason_code="TOO_FAR", reason_text="本中心暂无人员在该片区。"
    )
    m.partner = partner
    await m.offer(day=3)
    await m.accept(day=4)
    await m.assign(day=4)
    await m.promise(8, said=5)
    await m.record(text="理发完成，顺带检查了门锁。", words=OWN_WORDS[0])
    await m.acknowledge(9, "老人说：你们真准时来了。")


async def not_home(m: Matter) -> None:
    """Nobody opened the first time; the second promise was kept."""
    await m.up_to("promise")
    await m.record("NOT_HOME", late=5, text="敲门十分钟无人应答，邻居说早上见过。")
    await m.promise(8, 10, said=6)
    await m.record(text="老人上次去了菜场，一切都好。", words=OWN_WORDS[2])
    await m.acknowledge(10)


async def nobody_home(m: Matter) -> None:
    """Nobody opened, and nobody promised anew."""
    await m.up_to("promise")
    await m.record("NOT_HOME", late=3, text="敲门无人应答，已留便条。")


async def refused(m: Matter) -> None:
    """The person did not want it any more."""
    await m.up_to("promise")
    await m.record("REFUSED", late=1, text="本人表示暂时不需要。")


async def away(m: Matter) -> None:
    """Away with her son, in hospital the second time; the third promise was called off."""
    await m.up_to("promise")
    await m.record("AWAY", late=4, text="邻居说去儿子家住几天。")
    await m.promise(9, 10, said=7)
    await m.record("HOSPITALISED", late=6, text="因肺炎住院，预计两周。")
    await m.promise(15, 10, said=11)
    await m.office(12, 16, 0)
    await m.do(
        m.worker,
        visit_cancel,
        m.visit.id,
        reason_code="OTHER",
        reason_text="本人仍在住院，出院后再约。",
    )


async def handed_back(m: Matter) -> None:
    """The partner gave it back; the station has to place it anew."""
    await m.up_to("promise", visit_day=6)
    await m.office(4, 14, 0)
    await m.do(
        MANAGERS[m.partner],
        case_hand_back,
        m.case_id,
        reason_code="STAFF_SHORTAGE",
        reason_text="负责社工离职，暂无人接替。",
    )


async def cancelled(m: Matter) -> None:
    """The community took it back at once."""
    await m.ask()
    await m.office(0, 15, 0)
    await _cancel(m, "ENTERED_IN_ERROR", "重复录入。")


async def cancelled_with_offer(m: Matter) -> None:
    """Taken back while a partner had the offer."""
    await m.ask()
    await m.triage()
    await m.offer()
    await m.office(2, 9, 0)
    await _cancel(m, "NO_LONGER_NEEDED", "家属已自行安排。")


async def cancelled_with_case(m: Matter) -> None:
    """Taken back while a visit was promised."""
    await m.up_to("promise", visit_day=7)
    await m.office(4, 9, 0)
    await _cancel(m, "PERSON_REFUSED", "本人改变主意。")


async def _cancel(m: Matter, code: str, words: str) -> None:
    await m.do(m.resident.worker, referral_cancel, m.referral_id, reason_code=code, reason_text=words)


async def helped(m: Matter) -> None:
    """A second partner helps on the case that the first one leads (T13), and another worker took it over (T14)."""
    await m.up_to("assign")
    await m.office(3, 9, 0)
    await m.do(
        m.handler,
        case_add_helper,
        m.case_id,
        partner_id=m.stage.organizations["kangle"],
        worker_id=m.stage.worker_id("lin"),
    )
    await m.assign("ou", day=3)
    await m.promise(1 - m.start, 16, said=3)


def promised(day: int, hour: int, minute: int = 0) -> Plot:
    """The story of a visit that is still to come, `day` days from today."""

    async def story(m: Matter) -> None:
        await m.up_to("assign")
        await m.promise(day - m.start, hour, minute)

    return story


async def consent_withdrawn(m: Matter) -> None:
    """The consent was withdrawn while the case was open: the partner sees the person no more."""
    await _two_visits(m)
    consent_id = m.stage.named["consents"][m.name]
    await m.office(8, 10, 0)
    await m.do(m.resident.worker, consent_withdraw, consent_id, reason="本人不愿再让外单位上门。")


async def _two_visits(m: Matter) -> None:
    """One visit kept and one still promised: the case stays open."""
    m.quantity = 2
    await m.up_to("promise")
    first = m.visit
    await m.promise(12, 10, said=3)
    m.visit, second = first, m.visit
    await m.record(text="聊了一个小时，情绪平稳。", words=OWN_WORDS[4])
    m.visit = second


async def consent_expired(m: Matter) -> None:
    """The consent was given until a day that has passed; SYSTEM says so."""
    await _two_visits(m)


async def station_called_back(m: Matter) -> None:
    """After a late visit the station asked how it was: a visit of its own, on the case."""
    await m.up_to("record", late=70, words="来晚了一个多小时。")
    await m.office(6, 9, 0)
    begin = m.stage.at(m.start + 7, 14)
    visit = await m.do(
        m.handler,
        visit_promise,
        person_id=m.resident.id,
        kind="FOLLOW_UP",
        promised_from=begin,
        promised_to=begin + timedelta(minutes=60),
    )
    await m.stage.until(begin + timedelta(minutes=50))
    await m.do(
        m.handler,
        visit_record,
        visit.id,
        outcome="COMPLETED",
        kept_at=begin + timedelta(minutes=10),
        text="回访：服务质量满意，对迟到有意见。",
    )
    await m.acknowledge(8, "已回访。")
