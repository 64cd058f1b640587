"""The worker: everything that happens without a request.

It hands the outbox to the notices, links the audit chain, and makes the moves that time makes: offers expire,
completed referrals close, consents end; once a day access that ran out is recomputed and old keys are thrown away.
Several workers may run: rows are shared, locks keep two from doing one thing twice, and a move that somebody else was
faster to make is no error.

A notification wakes it; without one it looks for itself, since what falls due notifies nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

import hub.scopes  # noqa: F401 - binds the row scopes that the commands claim in
from auth.roles import system_at
from hub.agreements.commands_ending import agreement_activate, agreement_auto_close
from hub.base import outbox
from hub.base.audit import link_chain
from hub.base.clock import Clock
from hub.base.clock_follow import CHANNEL as CLOCK_CHANNEL
from hub.base.clock_follow import read_offset
from hub.base.db import Server
from hub.base.engine import LOST, system_pool, writer_engine
from hub.base.errors import HubError
from hub.base.idempotency import forget
from hub.base.ids import Ids
from hub.base.limits import (
    AUTO_CLOSE_DAYS,
    DELIVERY_AUTO_VERIFY_DAYS,
    MAX_CALLBACK_ATTEMPTS,
    MAX_TRANSFER_SECONDS,
    MAX_WORKER_BACKOFF_SECONDS,
    TIMED_BATCH,
    WORKER_IDLE_SECONDS,
)
from hub.base.logs import set_up_logs
from hub.base.seal import Vault
from hub.base.transaction import Transaction, transaction
from hub.deliveries.commands_verifying import delivery_auto_verify
from hub.deliveries.substitution import substitution_end, substitution_start
from hub.documents.commands import document_expire
from hub.notices.handlers import notice_handlers
from hub.people.consents import consent_expire
from hub.referrals.commands import referral_auto_close
from hub.referrals.commands_agreements import agreement_close_term
from hub.referrals.commands_offers import offer_expire
from hub.settings import Settings

_log = structlog.get_logger("hub.worker")


@dataclasses.dataclass(frozen=True)
class Timed:
    """A move that time makes: the command, and the query ($1 now, $2 today, $3 limit) for what is due."""

    command: Callable[[Transaction, UUID], Awaitable[Any]]
    due: str


TIMED = (
    Timed(
        offer_expire,
        """select t.id, t.street_id, t.district_id from offers t
            where t.status = 'OFFERED' and t.expires_at <= $1 and $2::date is not null
            order by t.expires_at, t.id limit $3""",
    ),
    Timed(
        consent_expire,
        """select t.id, t.street_id, t.district_id from consents t
            where t.status = 'ACTIVE' and (t.to_on < $2 or t.paper_due_on < $2) and $1::timestamptz is not null
            order by t.id limit $3""",
    ),
    Timed(
        document_expire,
        # A file that was begun in time may still be on its way.
        f"""select t.id, t.street_id, t.district_id from documents t
             where t.status = 'PENDING'
               and t.upload_until_at <= $1::timestamptz - interval '{MAX_TRANSFER_SECONDS} seconds'
               and $2::date is not null
             order by t.upload_until_at, t.id limit $3""",  # noqa: S608 - a number of ours
    ),
    Timed(
        referral_auto_close,
        f"""select t.id, t.street_id, t.district_id from referrals t
             where t.status = 'COMPLETED' and t.completed_at <= $1::timestamptz - interval '{AUTO_CLOSE_DAYS} days'
               and $2::date is not null
             order by t.completed_at, t.id limit $3""",  # noqa: S608 - a number of ours
    ),
    Timed(
        agreement_activate,
        """select t.id, t.street_id, t.district_id from agreements t
             join agreement_versions v on v.id = t.current_version_id
            where t.status = 'PARTNER_ACCEPTED' and v.effective_from_on <= $2 and $1::timestamptz is not null
            order by t.id limit $3""",
    ),
    Timed(
        agreement_close_term,
        """select t.id, t.street_id, t.district_id from agreements t
             join agreement_versions v on v.id = t.current_version_id
            where t.status in ('ACTIVE', 'SUSPENDED') and v.ends_on < $2 and $1::timestamptz is not null
            order by t.id limit $3""",
    ),
    # Those that are over before those that begin, since the same colleague may stand in for her again; and those whose
    # substitute has left, before they could begin.
    Timed(
        substitution_end,
        """select t.id, t.street_id, t.district_id from substitutions t
            where t.status in ('PLANNED', 'ACTIVE') and $1::timestamptz is not null
              and (t.until_on < $2 or exists (
                      select from memberships m
                       where m.id = t.substitute_id and (m.ended_at is not null or m.valid_to_on < $2)))
            order by t.id limit $3""",
    ),
    Timed(
        substitution_start,
        """select t.id, t.street_id, t.district_id from substitutions t
            where t.status = 'PLANNED' and t.from_on <= $2 and t.until_on >= $2 and $1::timestamptz is not null
            order by t.id limit $3""",
    ),
    Timed(
        delivery_auto_verify,
        f"""select t.id, t.street_id, t.district_id from deliveries t
             where t.status = 'RECORDED' and t.evidence_complete and t.flags = '{{}}'
               and t.recorded_at <= $1::timestamptz - interval '{DELIVERY_AUTO_VERIFY_DAYS} days'
               and delivery_proven_at(t.id) <= $1::timestamptz - interval '{DELIVERY_AUTO_VERIFY_DAYS} days'
               and $2::date is not null
               and not exists (
                      select from callbacks c
                       where c.delivery_id = t.id and (c.status = 'DUE' or c.status = 'NOT_REACHED'
                                                       and c.attempt_count < {MAX_CALLBACK_ATTEMPTS}))
             order by t.recorded_at, t.id limit $3""",  # noqa: S608 - numbers of ours
    ),
    Timed(
        agreement_auto_close,
        """select t.id, t.street_id, t.district_id from agreements t
            where t.status = 'CLOSING' and t.payable_fen = 0 and not exists (
                      select from milestones m
                       where m.agreement_id = t.id and m.status not in ('SETTLED', 'WAIVED', 'CANCELLED'))
              and $1::timestamptz is not null and $2::date is not null
            order by t.id limit $3""",
    ),
)

# Who fell out of access overnight, and whom a consent given in advance lets in from today.
_STALE_ACCESS = """
select p.id from persons p where p.access_until < $1
union
select c.person_id from consents c
 where c.status = 'ACTIVE' and c.from_on between $1::date - 31 and $1 and c.created_at < c.from_on
 order by 1
"""


@dataclasses.dataclass(frozen=True)
class Tick:
    """What one round did."""

    moved: int = 0  # objects moved by time
    refreshed: int = 0  # persons whose access was recomputed
    forgotten: int = 0  # idempotency keys that nobody will send again
    told: int = 0  # outbox rows done
    put_off: int = 0  # outbox rows to be tried again
    linked: int = 0  # audit events


class Worker:
    """One worker with its connections; `ready` makes it."""

    def __init__(self, engine: AsyncEngine, pool: Any, clock: Clock, ids: Ids, vault: Vault) -> None:
        self._engine = engine
        self._pool = pool
        self._clock = clock
        self._ids = ids
        self._vault = vault
        self._handlers = notice_handlers(clock.zone, ids)
        self._done_on: date | None = None

    async def tick(self) -> Tick:
        """Do everything that is due now, to the end. Tests call it once; the loop calls it again and again."""
        moved = sum([await self._move(timed) for timed in TIMED])
        async with self._pool.acquire() as connection:
            refreshed, forgotten = await self._daily(connection)
            drained = await outbox.drain(connection, self._handlers, self._clock.now())
            linked = await link_chain(connection)
        return Tick(moved, refreshed, forgotten, drained.done, drained.failed, linked)

    async def _move(self, timed: Timed) -> int:
        """Find what is due in all streets; move each in a transaction of its own, as SYSTEM of its street."""
        now, total = self._clock.now(), 0
        while True:
            async with self._pool.acquire() as connection:
                due = await connection.fetch(timed.due, now, self._clock.day(now), TIMED_BATCH)
            moved = sum([await self._move_one(timed, row) for row in due])
            total += moved
            if (
                moved == 0 or len(due) < TIMED_BATCH
            ):  # what is left now was refused, and is asked again next time
                return total

    async def _move_one(self, timed: Timed, row: Any) -> bool:
        actor = system_at(row["street_id"], row["district_id"])
        try:
            async with transaction(self._engine, actor, self._clock, self._ids, self._vault) as tx:
                await timed.command(tx, row["id"])
        except (HubError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            # Somebody was faster, or the row forbids it: the others go on, and this one is asked again next time.
            facts = {"command": timed.command.__name__, "row": str(row["id"]), "error": type(error).__name__}
            _log.info("timed_move_refused", **facts)
            return False
        return True

    async def _daily(self, connection: Any) -> tuple[int, int]:
        """What needs doing once a day: access refreshed, keys forgotten."""
        today = self._clock.today()
        if self._done_on == today:
            return 0, 0
        done = await self._refresh_access(connection, today), await forget(connection, self._clock.now())
        self._done_on = today
        return done

    async def _refresh_access(self, connection: Any, today: date) -> int:
        """Nothing but the date makes access run out unnoticed: changes of rows have triggers."""
        rows = await connection.fetch(_STALE_ACCESS, today)
        for row in rows:
            async with connection.transaction():
                await connection.execute("select set_config('hub.today', $1, true)", today.isoformat())
                await connection.execute("select refresh_person_access($1)", row["id"])
        return len(rows)


@contextlib.asynccontextmanager
async def ready(
    settings: Settings, server: Server, clock: Clock | None = None, ids: Ids | None = None
) -> AsyncIterator[Worker]:
    """A worker with its connections, for as long as the block lasts. Tests and the demo world bring their clock."""
    set_up_logs(settings.log_format)
    engine, pool = writer_engine(server), await system_pool(server)
    try:
        yield Worker(engine, pool, clock or Clock(settings.time_zone), ids or Ids(), Vault(settings.secret))
    finally:
        await engine.dispose()
        await pool.close()


async def run(settings: Settings, server: Server) -> None:
    """Work until cancelled. While the database is away, try again at growing intervals."""
    clock = Clock(settings.time_zone)
    wait = 1.0
    while True:
        began = time.monotonic()
        try:
            async with ready(settings, server, clock) as worker:
                await _work(worker, server, clock if settings.demo else None)
        except (*LOST, DBAPIError) as error:
            _log.warning("database_away", error=type(error).__name__, seconds=wait)
        if time.monotonic() - began > MAX_WORKER_BACKOFF_SECONDS:  # it had worked
            wait = 1.0
        await asyncio.sleep(wait)
        wait = min(wait * 2, MAX_WORKER_BACKOFF_SECONDS)


async def _work(worker: Worker, server: Server, demo_clock: Clock | None) -> None:
    """Tick whenever somebody notifies, and when nobody does for a while. Returns when the listener is lost.

    A demo's clock can be moved; its offset is read before each round, by whoever ticks, so that none is made too early.
    """
    listener = await asyncpg.connect(**server.connect_kwargs("system"))
    woken = asyncio.Event()

    def wake(*_: object) -> None:
        woken.set()

    try:
        listener.add_termination_listener(wake)
        for channel in () if server.pooled else (outbox.CHANNEL, CLOCK_CHANNEL):  # a pooler passes nothing on
            await listener.add_listener(channel, wake)
        while not listener.is_closed():
            woken.clear()
            if demo_clock is not None:
                await read_offset(demo_clock, listener)
            done = await worker.tick()
            if done.moved or done.put_off:
                _log.info("tick", **dataclasses.asdict(done))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), WORKER_IDLE_SECONDS)
    finally:
        listener.terminate()
