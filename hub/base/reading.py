"""A few connections to read with, lent out at the price of a list: one statement, one value.

asyncpg's own pool does more than a read needs (a proxy, a shield and a reset for each loan) and costs twice what the
statement itself costs on our side (measured: 86 µs of processor time against 28). What is kept of it: connections are
opened when they are needed, at most so many, and closed when they have been idle for long.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# (asyncpg says little about its types)

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

IDLE_SECONDS = 300.0
CLOSE_SECONDS = 5.0

Connect = Callable[[], Awaitable[Any]]


class ReadConnections:
    """At most `size` connections made by `connect`. A statement waits for its turn when all are lent, first come first
    served; whoever gives up waiting leaves the line."""

    def __init__(self, connect: Connect, size: int) -> None:
        self._connect = connect
        self._idle: list[tuple[Any, float]] = []  # the one used last is lent first, so that the others may go
        self._free = size  # how many more may be opened
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    async def fetchval(self, query: str, *values: Any) -> Any:
        """The one value of the statement. Raises what asyncpg raises."""
        connection = self._idle_one() or await self._borrow()
        try:
            found = await connection.fetchval(query, *values)
        except asyncpg.PostgresError:
            self._give_back(connection)  # it was answered, if only by an error
            raise
        except BaseException:
            # Given up or broken in the middle: what the server still sends belongs to nobody.
            connection.terminate()
            self._give_back(connection)
            raise
        self._give_back(connection)
        return found

    async def close(self) -> None:
        """Close what is idle now, and what is lent as soon as it comes back."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            await connection.close(timeout=CLOSE_SECONDS)

    def _idle_one(self) -> Any:
        """The idle connection that was used last and that the server has not closed meanwhile."""
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._free += 1
        return None

    async def _borrow(self) -> Any:
        """A connection when none is idle: a new one, or the next that is given back."""
        if self._free:
            self._free -= 1
        else:
            turn: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                lent = await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._pass_on(turn.result())  # it came in the same moment
                raise
            if lent is not None:  # else the place of one that is gone
                return lent
        try:
            return await self._connect()
        except BaseException:
            self._pass_on(None)
            raise

    def _give_back(self, connection: Any) -> None:
        if self._closed:
            connection.terminate()
        self._pass_on(None if connection.is_closed() else connection)

    def _pass_on(self, connection: Any) -> None:
        """To whoever waits longest, else to the idle ones. None: a connection less, and a place for a new one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._free += 1
            return
        loop = asyncio.get_running_loop()
        self._idle.append((connection, loop.time()))
        if self._sweeping is None:
            self._sweeping = loop.call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Let go of what nobody has needed for long, and look again later as long as there is something."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - IDLE_SECONDS
        kept = [(connection, since) for connection, since in self._idle if since > oldest]
        for connection, since in self._idle:
            if since <= oldest:
                connection.terminate()
                self._free += 1
        self._idle = kept
        self._sweeping = loop.call_later(IDLE_SECONDS, self._sweep) if kept else None
