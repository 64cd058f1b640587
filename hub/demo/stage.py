"""The stage on which the demo world is played: one clock, one source of ids, and who acts.

Stories run beside each other, but never at the same time: a story waits for an instant (`until`), the earliest one
goes on, and the clock shows its instant. So the world's history is in time order and the same each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import heapq
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, event
from sqlalchemy.ext.asyncio import AsyncEngine

import auth.policy  # noqa: F401
import hub.scopes  # noqa: F401 - with the policy, who may do what: commands ask for it
from auth.roles import Duty, Role, Viewer
from hub import worker
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.documents.archive import Archive
from hub.settings import Settings

STEP = timedelta(seconds=40)
"""How long a command takes by the demo's clock: no two share an instant."""

Command = Callable[..., Awaitable[Any]]
Story = Callable[["Stage"], Coroutine[Any, Any, None]]


@dataclasses.dataclass
class Stage:
    """Everything that a story may use."""

    today: date
    clock: FixedClock
    chance: random.Random
    engine: AsyncEngine
    ids: Ids
    vault: Vault
    worker: worker.Worker
    archive: Archive
    viewers: dict[str, Viewer] = dataclasses.field(default_factory=dict)
    organizations: dict[str, UUID] = dataclasses.field(default_factory=dict)
    named: dict[str, dict[str, UUID]] = dataclasses.field(default_factory=dict)
    units: dict[str, str] = dataclasses.field(default_factory=dict)  # of agreement lines, by their names
    counters: dict[int, int] = dataclasses.field(default_factory=dict)  # of numbers that somebody else gives
    _waiting: list[tuple[datetime, int, asyncio.Future[None]]] = dataclasses.field(default_factory=list)
    _turn: int = 0
    _parked: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    # ---- acting ----

    async def do(self, who: str | Viewer, command: Command, *arguments: Any, **options: Any) -> Any:
        """Run one command in a transaction of its own; returns what it returns, and a moment passes."""
        viewer = self.viewers[who] if isinstance(who, str) else who
        async with transaction(self.engine, viewer, self.clock, self.ids, self.vault) as tx:
            done = await command(tx, *arguments, **options)
        self.clock.instant += STEP
        return done

    def worker_id(self, who: str) -> UUID:
        """The membership of somebody, as commands name a worker."""
        return self.named["memberships"][who]

    async def find(self, who: str, statement: Executable) -> Row[Any]:
        """The one row of a query, read as a member of the cast (commands answer with one object only)."""
        async with transaction(self.engine, self.viewers[who], self.clock, self.ids, self.vault) as tx:
            return (await tx.execute(statement)).one()

    async def find_all(self, who: str, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a query, read the same way."""
        async with transaction(self.engine, self.viewers[who], self.clock, self.ids, self.vault) as tx:
            return (await tx.execute(statement)).all()

    def enter(self, key: str, membership: Row[Any]) -> None:
        """A membership that was granted takes the stage."""
        viewer = Viewer(
            role=Role(membership.role),
            user_id=membership.user_id,
            membership_id=membership.id,
            organization_id=membership.organization_id,
            district_id=membership.district_id,
            street_id=membership.street_id,
            community_id=membership.community_id,
            partner_id=membership.partner_id,
            duty=None if membership.duty is None else Duty(membership.duty),
            name=membership.display_name,
        )
        self.viewers[key] = viewer
        self.name("memberships", key, membership.id)

    def name(self, kind: str, name: str, row_id: UUID) -> None:
        """Remember an id under a name, for tests and for later stories."""
        self.named.setdefault(kind, {})[name] = row_id

    # ---- time ----

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A time of day, `day` days after today (before it, when negative)."""
        return self.clock.at(self.today + timedelta(days=day), hour, minute)

    def office(self, day: int, hour: int, minute: int = 0) -> datetime:
        """The same on a working day: Saturday and Sunday become the Friday before."""
        return self.at(self.workday(day), hour, minute)

    def workday(self, day: int) -> int:
        """`day`, or the Friday before it when that is a Saturday or Sunday."""
        weekday = (self.today + timedelta(days=day)).weekday()
        return day - max(0, weekday - 4)

    async def until(self, instant: datetime) -> None:
        """Let the others go on until it is time. An instant that has passed is now."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turn += 1
        heapq.heappush(self._waiting, (instant, self._turn, turn))
        self._parked.set()
        await turn

    async def play(self, stories: list[Story]) -> None:
        """Play the stories to their end. The first error ends the play."""
        tasks: list[asyncio.Task[None]] = []
        try:
            for story in stories:
                tasks.append(await self._begin(story))  # noqa: PERF401 - those begun are cancelled if one fails
            while self._waiting:
                instant, _, turn = heapq.heappop(self._waiting)
                self.clock.instant = max(self.clock.instant, instant)
                self._parked.clear()
                turn.set_result(None)
                await self._parked.wait()
                _raise_errors(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, story: Story) -> asyncio.Task[None]:
        self._parked.clear()
        task = asyncio.get_running_loop().create_task(story(self))
        task.add_done_callback(lambda _: self._parked.set())
        await self._parked.wait()
        _raise_errors([task])
        return task

    async def tick(self) -> worker.Tick:
        """Let the worker do what is due: notices, the audit chain, what time moves."""
        return await self.worker.tick()


def _raise_errors(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


@contextlib.asynccontextmanager
async def opened(
    server: Server, settings: Settings, today: date | None, seed: int, *, begins: int
) -> AsyncIterator[Stage]:
    """A stage on a migrated, empty database, `begins` days from `today` (by default the real one)."""
    clock = FixedClock(datetime.now().astimezone(), settings.time_zone)
    day = today or clock.today()
    clock.instant = clock.at(day + timedelta(days=begins), 7)
    ids, vault = Ids(seed), Vault(settings.secret)
    engine = writer_engine(server)
    event.listen(engine.sync_engine, "connect", _commit_quickly)
    gc.disable()  # nothing to find but what each statement leaves behind: a fifth of the time
    try:
        async with worker.ready(settings, server, clock, ids) as running:
            archive = Archive(settings.documents, vault)
            yield Stage(day, clock, random.Random(seed), engine, ids, vault, running, archive)  # noqa: S311
    finally:
        gc.enable()
        await engine.dispose()


def _commit_quickly(connection: Any, _: Any) -> None:
    """Don't wait for the disk at each commit: the mark that the world is made is waited for, and comes last."""
    # Past the dialect, which would open a transaction for it and take the setting back with that.
    connection.run_async(lambda driver: driver.execute("set synchronous_commit = off"))
