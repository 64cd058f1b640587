"""What happens without a request: the notices of a referral's whole way, and the moves that time makes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import auth.policy  # noqa: F401 - rights and scopes are bound on import
import hub.cases.scopes
import hub.notices.scopes
import hub.organizations.scopes
import hub.people.scopes
import hub.visits.scopes  # noqa: F401
from auth.roles import Role, Viewer
from hub.base.audit import verify_chain
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.ids import Ids
from hub.base.limits import HANDOVER_DAYS
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.cases.commands import offer_accept
from hub.demo.clock import ClockRefused, set_clock
from hub.notices.commands import notice_read
from hub.people.consents import consent_give, consent_withdraw
from hub.people.needs import need_state
from hub.referrals.commands import referral_acknowledge, referral_return, referral_submit, referral_triage
from hub.referrals.commands_offers import offer_decline, referral_offer
from hub.settings import Settings
from hub.visits.assigning import case_assign_worker
from hub.visits.commands import visit_promise, visit_record
from hub.worker import Tick, Worker, ready, run
from tests import harness
from tests.base.rows import TODAY, Rows, rows_of

pytestmark = pytest.mark.anyio

MORNING = datetime(2026, 11, 24, 1, tzinfo=UTC)  # Tuesday, 9:00 in Xuzhou
FRIDAY = datetime(2026, 11, 27, 2, tzinfo=UTC)  # 10:00


class Street:
    """A cast that runs commands, one transaction each, on a clock that the test moves."""

    def __init__(self, rows: Rows, engine: AsyncEngine, worker: Worker, clock: FixedClock) -> None:
        self.rows, self.engine, self.worker, self.clock = rows, engine, worker, clock
        self.viewers: dict[str, Viewer] = {}

    async def begin(self) -> None:
        """The people of the story, and an old lady."""
        rows = self.rows
        self.one, self.two = await rows.partner(), await rows.partner()
        self.lines = {partner: await rows.line(partner) for partner in (self.one, self.two)}
        await self._member("wang", Role.COMMUNITY_WORKER, rows.community)
        await self._member("li", Role.COMMUNITY_WORKER, rows.other_community)
        await self._member(
            "mei", Role.STATION_WORKER, rows.street, street_id=rows.street, district_id=rows.district
        )
        await self._member("bo", Role.PARTNER_MANAGER, self.one)
        await self._member("an", Role.PARTNER_WORKER, self.one)
        await self._member("kai", Role.PARTNER_MANAGER, self.two)
        self.lady = await rows.person(lives_alone=True)

    async def _member(self, name: str, role: Role, organization: UUID, **scope: UUID) -> None:
        membership = await self.rows.member(organization, role, **scope)
        row = await self.rows.connection.fetchrow("select * from memberships where id = $1", membership)
        facts = ("user_id", "organization_id", "district_id", "street_id", "community_id", "partner_id")
        self.viewers[name] = Viewer(
            role=role, membership_id=membership, name=name, **{one: row[one] for one in facts}
        )

    def id(self, name: str) -> UUID:
        """The membership of somebody."""
        membership = self.viewers[name].membership_id
        assert membership is not None
        return membership

    async def do(self, name: str, command: Any, *args: Any, **values: Any) -> Any:
        """Run a command as somebody; a minute goes by."""
        async with transaction(self.engine, self.viewers[name], self.clock, Ids(), Vault(bytes(32))) as tx:
            row = await command(tx, *args, **values)
        self.clock.instant += timedelta(minutes=1)
        return row

    async def offer(self, referral: UUID, partner: UUID) -> None:
        """The station puts it to a partner, one unit of that partner's line."""
        line = {"line_id": self.lines[partner], "quantity": 1}
        await self.do("mei", referral_offer, referral, partner_id=partner, **line)

    async def delivered(self) -> None:
        """What the lines owe has been delivered, so that the visit is the last step; by hand, for the visit's sake."""
        await self.rows.connection.execute("update cases set delivered_count = quantity")

    async def told(self, name: str) -> list[str]:
        """The kinds of somebody's notices, oldest first."""
        query = "select kind from notices where recipient_id = $1 order by created_at, id"
        return [row[0] for row in await self.rows.connection.fetch(query, self.id(name))]

    async def text(self, name: str, kind: str) -> tuple[str, str, datetime | None]:
        """Somebody's newest notice of a kind, in both languages, and its due time."""
        query = "select text_zh, text_en, due_at from notices where recipient_id = $1 and kind = $2 order by id desc"
        return tuple(await self.rows.connection.fetchrow(query, self.id(name), kind))

    async def referred(self) -> Any:
        """A referral that the station has triaged."""
        await self.do("wang", consent_give, self.lady, grantee_id=self.rows.street)
        need = await self.do(
            "wang",
            need_state,
            self.lady,
            domain="CARE",
            bradshaw_type="NORMATIVE",
            statement="needs a haircut",
        )
        referral = await self.do(
            "wang",
            referral_submit,
            self.lady,
            service_type_code="HAIRCUT_HOME",
            urgency="SOON",
            reason="cannot leave the house",
            need_ids=[need.id],
        )
        return await self.do("mei", referral_triage, referral.id)

    async def accepted(self) -> tuple[Any, UUID]:
        """A referral whose offer partner one has accepted and given to An, and its case."""
        referral = await self.referred()
        await self.offer(referral.id, self.one)
        offer = await self.rows.value("select id from offers where status = 'OFFERED'")
        await self.do("bo", offer_accept, offer)
        case = await self.rows.value("select id from cases where referral_id = $1", referral.id)
        await self.do("bo", case_assign_worker, case, worker_id=self.id("an"))
        return referral, case

    async def kept(self, outcome: str, minutes: int) -> Any:
        """An promises Friday 10:00–10:30, comes so many minutes after 10 and records it."""
        referral, case = await self.accepted()
        window = {"promised_from": FRIDAY, "promised_to": FRIDAY + timedelta(minutes=30)}
        visit = await self.do("an", visit_promise, case_id=case, kind="SERVICE", **window)
        self.clock.instant = FRIDAY + timedelta(hours=1)
        kept_at = FRIDAY + timedelta(minutes=minutes)
        if outcome == "COMPLETED":
            await self.delivered()
        await self.do("an", visit_record, visit.id, outcome=outcome, kept_at=kept_at, own_words="真准时")
        return referral


@pytest.fixture
async def street(database: Server, settings: Settings) -> AsyncIterator[Street]:
    clock = FixedClock(MORNING)
    engine = writer_engine(database)
    async with rows_of(database) as rows, ready(settings, database, clock) as worker:
        street = Street(rows, engine, worker, clock)
        await street.begin()
        yield street
    await engine.dispose()


async def test_every_step_of_a_referral_lands_in_the_referrers_notices(street: Street) -> None:
    await street.do("wang", consent_give, street.lady, grantee_id=street.rows.street)
    need = await street.do(
        "wang",
        need_state,
        street.lady,
        domain="CARE",
        bradshaw_type="FELT",
        statement="a haircut",
        stated_by="she",
    )
    asked = {"service_type_code": "HAIRCUT_HOME", "urgency": "URGENT", "reason": "r", "need_ids": [need.id]}
    referral = await street.do("wang", referral_submit, street.lady, **asked)
    await street.do("mei", referral_return, referral.id, reason_code="MISSING_DATA", reason_text="which day?")
    await street.do("wang", referral_submit, street.lady, **asked, referral_id=referral.id)
    await street.do("mei", referral_triage, referral.id)
    await street.offer(referral.id, street.two)
    offer = await street.rows.value("select id from offers where status = 'OFFERED'")
    await street.do("kai", offer_decline, offer, reason_code="NO_CAPACITY", reason_text="full")
    await street.offer(referral.id, street.one)
    offer = await street.rows.value("select id from offers where status = 'OFFERED'")
    await street.do("bo", offer_accept, offer)
    case = await street.rows.value("select id from cases")
    await street.do("bo", case_assign_worker, case, worker_id=street.id("an"))
    window = {"promised_from": FRIDAY, "promised_to": FRIDAY + timedelta(minutes=30)}
    visit = await street.do("an", visit_promise, case_id=case, kind="SERVICE", **window)
    street.clock.instant = FRIDAY + timedelta(minutes=20)
    kept_at = FRIDAY + timedelta(minutes=2)
    await street.delivered()
    await street.do("an", visit_record, visit.id, outcome="COMPLETED", kept_at=kept_at)
    await street.do("wang", referral_acknowledge, referral.id, words="very good")

    done = await street.worker.tick()
    assert (done.moved, done.put_off) == (0, 0)
    assert await street.worker.tick() == Tick()
    assert await street.told("wang") == [
        "referral_returned",
        "referral_triaged",
        "referral_offered",
        "offer_declined",
        "referral_offered",
        "offer_accepted",
        "worker_assigned",
        "visit_promised",
        "visit_kept",
        "referral_completed",
    ]
    assert await street.told("mei") == [
        "referral_submitted",
        "referral_submitted",
        "referral_to_place",
        "offer_accepted",
        "referral_acknowledged",
    ]
    assert await street.told("bo") == ["offer_received", "referral_acknowledged"]
    assert await street.told("kai") == ["offer_received"]
    assert await street.told("an") == ["case_assigned", "referral_acknowledged"]
    assert await street.told("li") == []
    assert await street.rows.value("select status from referrals where id = $1", referral.id) == "CLOSED"
    assert await verify_chain(street.rows.connection, street.rows.street) == []


async def test_the_words_name_promise_and_arrival_and_no_person(street: Street) -> None:
    referral = await street.kept("COMPLETED", 2)
    await street.worker.tick()
    partner = str(street.one)[:8]
    zh, en, _ = await street.text("wang", "visit_kept")
    assert (
        zh
        == f"转介 {referral.reference}（上门理发）：约定11月27日（周五）10:00–10:30，10:02 到达，守约完成。"
    )
    assert en == (
        f"Referral {referral.reference} (Home haircut): promised Friday 27 November 10:00–10:30, came 10:02."
        " The promise was kept."
    )
    _, en, _ = await street.text("wang", "visit_promised")
    assert en == (
        f"Referral {referral.reference} (Home haircut): {partner} promised to come on"
        " Friday 27 November 10:00–10:30."
    )
    texts = await street.rows.value("select string_agg(text_zh || text_en, ' ') from notices")
    assert not any(word in texts for word in ("张三丰", "张*丰", "真准时", "cannot leave the house"))
    assert (await street.text("wang", "referral_completed"))[2] == FRIDAY + timedelta(hours=1, days=14)


async def test_nobody_home_goes_to_station_and_referrer_with_a_due_time(street: Street) -> None:
    await street.kept("NOT_HOME", 40)
    await street.worker.tick()
    for name in ("wang", "mei"):
        assert (await street.told(name))[-1] == "nobody_home"
        assert (await street.text(name, "nobody_home"))[2] == FRIDAY + timedelta(hours=5)


async def test_a_late_visit_says_so(street: Street) -> None:
    await street.kept("COMPLETED", 45)
    await street.worker.tick()
    assert "visit_late" in await street.told("wang")
    assert "came only 10:45" in (await street.text("wang", "visit_late"))[1]


async def test_handling_an_event_twice_makes_no_second_notice(street: Street) -> None:
    await street.referred()
    await street.worker.tick()
    before = await street.rows.value("select count(*) from notices")
    await street.rows.connection.execute("update outbox set done_at = null")
    assert (await street.worker.tick()).told > 0
    assert await street.rows.value("select count(*) from notices") == before


async def test_when_the_referrer_has_left_her_community_is_told(street: Street) -> None:
    referral = await street.referred()
    successor = await street.rows.member(street.rows.community, "COMMUNITY_WORKER")
    await street.rows.connection.execute(
        "update memberships set ended_at = $2 where id = $1", street.id("wang"), MORNING
    )
    await street.offer(referral.id, street.one)
    await street.worker.tick()
    assert await street.told("wang") == []
    kinds = "select array_agg(kind order by id) from notices where recipient_id = $1"
    assert await street.rows.value(kinds, successor) == ["referral_triaged", "referral_offered"]


async def test_an_offer_expires_and_the_referral_is_placed_anew(street: Street) -> None:
    referral = await street.referred()
    await street.offer(referral.id, street.one)
    assert (await street.worker.tick()).moved == 0
    street.clock.instant += timedelta(hours=72)
    assert (await street.worker.tick()).moved == 1
    statuses = "select o.status, r.status from offers o join referrals r on r.id = o.referral_id"
    assert tuple(await street.rows.connection.fetchrow(statuses)) == ("EXPIRED", "TRIAGED")
    assert (await street.told("mei"))[-1] == "referral_to_place"
    assert await street.told("bo") == ["offer_received", "offer_gone"]
    assert await street.rows.value("select actor_role from audit_events order by xid desc") == "SYSTEM"


async def test_a_completed_referral_closes_by_itself(street: Street) -> None:
    referral = await street.kept("COMPLETED", 2)
    street.clock.instant += timedelta(days=13)
    assert (await street.worker.tick()).moved == 0
    street.clock.instant += timedelta(days=1)
    assert (await street.worker.tick()).moved == 1
    assert await street.rows.value("select status from referrals where id = $1", referral.id) == "CLOSED"
    assert (await street.told("wang"))[-1] == "referral_closed"


async def test_t14_the_worker_reopens_what_a_handover_window_had_shut(street: Street) -> None:
    _, case = await street.accepted()
    await street.worker.tick()
    successor = await street.rows.member(street.one, "PARTNER_WORKER")
    await street.do("bo", case_assign_worker, case, worker_id=successor)
    last_day = TODAY + timedelta(days=7)
    both = {street.id("an"), successor}
    assert await street.rows.access("cases", case) == ({street.one}, both, last_day)
    street.clock.instant += timedelta(days=8)
    assert (await street.worker.tick()).refreshed == 1
    term_and_window = date(2026, 12, 31) + timedelta(days=HANDOVER_DAYS)
    assert await street.rows.access("cases", case) == ({street.one}, {successor}, term_and_window)


async def test_a_consent_that_is_over_expires_and_tells_who_lost_access(street: Street) -> None:
    _, case = await street.accepted()
    await street.rows.connection.execute("update consents set to_on = $1", TODAY)
    street.clock.instant += timedelta(days=1)
    assert (await street.worker.tick()).moved == 1
    assert await street.rows.access("cases", case) == (set(), set(), date.max)
    assert (await street.told("bo"))[-1] == "access_ended"
    assert (await street.told("an"))[-1] == "access_ended"
    assert (await street.told("mei"))[-1] == "consent_expired"
    assert (
        await street.rows.value("select reference from cases") in (await street.text("bo", "access_ended"))[1]
    )


async def test_a_withdrawal_tells_partner_and_station(street: Street) -> None:
    await street.accepted()
    consent = await street.rows.value("select id from consents")
    await street.do("wang", consent_withdraw, consent)
    await street.worker.tick()
    assert [(await street.told(name))[-1] for name in ("bo", "an", "mei")] == [
        "access_ended",
        "access_ended",
        "consent_withdrawn",
    ]
    assert "consent_withdrawn" not in await street.told("kai")


async def test_a_notice_is_read_once_and_only_by_its_recipient(street: Street) -> None:
    await street.referred()
    await street.worker.tick()
    notice = await street.rows.value("select id from notices where recipient_id = $1", street.id("wang"))
    read = await street.do("wang", notice_read, notice)
    assert read.read_at is not None
    assert (await street.do("wang", notice_read, notice)).read_at == read.read_at
    with pytest.raises(Exception, match="NOT_FOUND"):
        await street.do("li", notice_read, notice)


async def test_the_worker_runs_by_itself_follows_the_clock_and_stops(
    database: Server, settings: Settings
) -> None:
    server = database
    demo = settings.model_copy(update={"demo": True})
    with pytest.raises(ClockRefused):
        await set_clock(server, datetime.now(UTC))
    await harness.run_sql(database, "insert into demo_clock values (1, 0)")
    working = asyncio.create_task(run(demo, server))
    real = datetime.now(UTC)
    try:
        async with rows_of(database) as rows:
            referral = await rows.referral(await rows.person())
            offer = await rows.offer(referral, await rows.partner(), expires_at=real + timedelta(days=3))
            for status in ("SUBMITTED", "TRIAGED", "OFFERED"):
                await rows.connection.execute("update referrals set status = $1", status)
            await set_clock(server, real + timedelta(days=4))
            with pytest.raises(ClockRefused):
                await set_clock(server, real + timedelta(days=1))
            told = "select count(*) from outbox where done_at is not null and topic = 'offer_expire'"
            async with asyncio.timeout(10):
                while not await rows.value(told):
                    await asyncio.sleep(0.05)
            assert await rows.value("select status from offers where id = $1", offer) == "EXPIRED"
            # The database throws everybody out, as it does when it restarts; the worker comes back by itself.
            await rows.connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            event = await rows.event()
            payload = json.dumps({"subjectType": "Test", "subjectId": str(event), "facts": {}})
            left = {"payload": payload, "created_at": real, "available_at": real}
            await rows.add("outbox", event_id=event, topic="offer_expire", **left)
            async with asyncio.timeout(10):
                while await rows.value(told) < 2:
                    await asyncio.sleep(0.05)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
