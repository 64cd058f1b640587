"""What happens in the planted world: for each way of being in or out of somebody's scope at least one person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from hub import worker
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.cases import commands as cases
from hub.cases import commands_plan as plans
from hub.cases.tables import goals as goal_table
from hub.organizations import memberships
from hub.people import consents, needs
from hub.referrals import commands as referrals
from hub.referrals import commands_offers as offers
from hub.settings import Settings
from hub.visits import commands_ending as endings
from hub.visits.assigning import case_assign_worker
from hub.visits.commands import visit_cancel
from tests.policy.agreements import agree, end, stand
from tests.policy.author import Author
from tests.policy.deliveries import delivering, everything
from tests.policy.documents import evidence
from tests.policy.money import claimed, settled
from tests.policy.planted import CASEWORK, NOW, TODAY, Planted


async def build(server: Server, settings: Settings) -> Planted:
    """The world in an empty, migrated database, as it stands at NOW, notices and audit chain included."""
    engine = writer_engine(server)
    try:
        author = Author(server, engine, settings)
        await author.begin()
        for story in (
            stand,
            _long_ago,
            _without_agreement,
            _with_partners,
            _on_offer,
            _without_partners,
            _shared,
            _elsewhere,
            _lately,
            claimed,
            agree,
            evidence,
            _delivered,
            settled,
        ):
            await story(author)
        author.clock.instant = NOW
        async with worker.ready(settings, server, author.clock, author.ids) as running:
            await running.tick()
        return author.world
    finally:
        await engine.dispose()


async def _long_ago(author: Author) -> None:
    """Access that has ended: the case long closed, the consent withdrawn or over, the paper never brought."""
    author.day(-40)
    await author.served("ended", "wang", "p1", "an")
    await author.do(
        "wang", referrals.referral_acknowledge, author.world.referrals["ended"], words=author.mark()
    )
    author.day(-30)
    await author.triaged("withdrawn", "wang")
    await author.accept("withdrawn", "wang", "p1", "an")
    await author.promise("withdrawn", "an")
    await author.promise("withdrawn", "an", 240, "2")
    await author.record("withdrawn", "an")
    consent = author.world.consents["withdrawn"]
    await author.do("wang", consents.consent_withdraw, consent, reason=author.mark())
    author.day(-20)
    await author.refer("overdue", "wang", consent=False)
    await author.do("mei", referrals.referral_triage, author.world.referrals["overdue"])
    await author.consent("overdue", "wang", basis="VITAL_INTEREST", basis_note=author.mark())
    await author.accept("overdue", "wang", "p1", "an")
    author.day(-15)
    await author.refer("lapsed", "wang", consent=False)
    await author.do("mei", referrals.referral_triage, author.world.referrals["lapsed"])
    await author.consent("lapsed", "wang", "p1", to_on=TODAY - timedelta(days=1))
    await author.accept("lapsed", "wang", "p1", "an")
    await _moved(author, "moved", -14)


async def _moved(author: Author, key: str, day: int) -> None:
    """An's case goes over to Ou on that day: An reads for the handover window."""
    author.day(day)
    await author.triaged(key, "wang")
    case = await author.accept(key, "wang", "p1", "an")
    successor = author.world.viewers["ou"].membership_id
    await author.do("bo", case_assign_worker, case, worker_id=successor)


async def _without_agreement(author: Author) -> None:
    """Cases whose agreement was ended, is over for longer than a handover takes, or for a few days only."""
    author.day(-20)
    for key, agreement in (("stopped", "ended"), ("over", "over"), ("late", "late")):
        await author.triaged(key, "wang")
        await author.accept(key, "wang", "p1", "an", under=agreement)
        async with delivering(author) as given:
            await given.on_case(key, "an")
    author.day(-10)
    await end(author, "ended")


async def _delivered(author: Author) -> None:
    """Deliveries in every state, group work, call-backs, capacities and substitutions."""
    author.day(0)
    author.clock.instant = NOW
    async with delivering(author) as given:
        await everything(given)


async def _with_partners(author: Author) -> None:
    """Cases that partners work now."""
    author.day(-8)
    await author.triaged("active", "wang")
    await author.accept("active", "wang", "p1", "an")
    await author.promise("active", "an", 10 * 24)
    await author.triaged("unassigned", "wang")
    await author.accept("unassigned", "wang", "p1")
    await author.triaged("colleague", "li")
    await author.accept("colleague", "li", "p1", "ou")
    await author.promise("colleague", "ou", 2)
    await author.record("colleague", "ou", "NOT_HOME")
    await author.triaged("second", "wang")
    await author.accept("second", "wang", "p2", "lin")
    await author.promise("second", "lin", 2)
    await _left(author)
    await _casework(author, "child", "wang", "p1", "an")
    await _casework(author, "pupil", "li", "p2", "lin")
    await _casework(author, "orphan", "bei", "p3", "xia")
    await _casework(author, "ward", "cui", "p1", "ou")


async def _left(author: Author) -> None:
    """A case whose worker has left the partner."""
    await author.admit("ex", "PARTNER_WORKER", "p1")
    await author.triaged("left", "wang")
    await author.accept("left", "wang", "p1", "ex")
    await author.do(
        "bo", memberships.membership_end, author.world.viewers["ex"].membership_id, reason=author.mark()
    )


async def _casework(author: Author, key: str, who: str, partner: str, by: str) -> None:
    """A child with a plan; the partner's worker has stated a need herself."""
    await author.triaged(key, who, service=CASEWORK, minor=True)
    case = await author.accept(key, who, partner, by)
    await author.do(by, plans.case_assess, case)
    planned = [{"title": author.mark(), "target": author.mark(), "baseline": author.mark()} for _ in "12"]
    await author.do(by, plans.case_plan, case, goals=planned)
    await author.do(by, plans.case_start, case)
    found = await author.find(by, select(goal_table.c.id).where(goal_table.c.case_id == case))
    await author.do(by, plans.goal_settle, found[0].id, status="ACHIEVED", outcome=author.mark())
    said = {"domain": "SKILLS", "bradshaw_type": "NORMATIVE", "statement": author.mark()}
    row = await author.do(by, needs.need_state, author.world.persons[key], **said)
    author.world.needs[f"{key}!"] = row.id


async def _on_offer(author: Author) -> None:
    """Offers that nobody has accepted, or somebody else has."""
    author.day(-2)
    await author.triaged("pending", "li")
    await author.offer("pending", "li", "p1")
    for key, then in (("declined", ""), ("second_choice", "an")):
        await author.triaged(key, "wang")
        offer = await author.offer(key, "wang", "p2" if then else "p1")
        said = {"reason_code": "NO_CAPACITY", "reason_text": author.mark()}
        await author.do("kai" if then else "bo", offers.offer_decline, offer, **said)
        if then:
            await author.accept(key, "wang", "p1", then)
        else:
            await author.offer(key, "wang", "p2")


async def _without_partners(author: Author) -> None:
    """People whom no partner has to do with."""
    author.day(-6)
    await author.person("registered", "wang")
    await author.refer("submitted", "wang")
    await author.triaged("waiting", "wang")
    await author.refer("submitted2", "li")
    await author.refer("returned", "li")
    said = {"reason_code": "MISSING_DATA", "reason_text": author.mark()}
    await author.do("mei", referrals.referral_return, author.world.referrals["returned"], **said)
    await author.refer("rejected", "wang")
    said = {"reason_code": "OUT_OF_SCOPE", "reason_text": author.mark()}
    await author.do("tao", referrals.referral_reject, author.world.referrals["rejected"], **said)
    for key, who, by in (("station", "wang", "mei"), ("community", "li", "li")):
        await author.triaged(key, who)
        await author.do(by, cases.referral_take, author.world.referrals[key])
        await author.find_case(key, who)
        await author.promise(key, by, 30)
    said = {"reason_code": "OTHER", "reason_text": author.mark()}
    await author.do("mei", visit_cancel, author.world.visits["station"], **said)


async def _shared(author: Author) -> None:
    """Cases with a helper, each partner once on each side."""
    author.day(-4)
    for key, lead, worker_name, helper, helping in (
        ("helped", "p1", "an", "p2", "lin"),
        ("helping", "p2", "lin", "p1", "an"),
    ):
        await author.triaged(key, "wang")
        case = await author.accept(key, "wang", lead, worker_name)
        places, viewers = author.world.places, author.world.viewers
        await author.do(
            "mei",
            cases.case_add_helper,
            case,
            partner_id=places[helper],
            worker_id=viewers[helping].membership_id,
        )


async def _elsewhere(author: Author) -> None:
    """Another street of the district, another district; partner 1 works there too."""
    author.day(-5)
    for who, partner, by in (
        ("bei", "p1", "an"),
        ("cui", "p1", "ou"),
        ("bei", "p3", "xia"),
        ("cui", "p3", "xia"),
    ):
        key = f"{who}@{partner}"
        await author.triaged(key, who)
        await author.accept(key, who, partner, by)
        await author.promise(key, by, 2)
        if partner == "p3":
            await author.record(key, by)
    for who in ("bei", "cui"):
        await author.refer(f"{who}@none", who)


async def _lately(author: Author) -> None:
    """Handed back, cancelled, closed or handed over within the window."""
    author.day(-3)
    await author.served("window", "wang", "p1", "an")
    await author.triaged("handed", "wang")
    case = await author.accept("handed", "wang", "p1", "an")
    said = {"reason_code": "STAFF_SHORTAGE", "reason_text": author.mark()}
    await author.do("bo", endings.case_hand_back, case, **said)
    author.world.cases["handed@p1"] = case
    await author.accept("handed", "wang", "p2", "lin")
    await author.triaged("cancelled", "wang")
    await author.accept("cancelled", "wang", "p1", "an")
    said = {"reason_code": "ENTERED_IN_ERROR", "reason_text": author.mark()}
    await author.do("wang", endings.referral_cancel, author.world.referrals["cancelled"], **said)
    await _moved(author, "moving", -1)
