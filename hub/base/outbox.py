"""The outbox: effects outside the transaction, done later, at least once.

A command leaves a row in its own transaction (`Transaction.emit`); the worker hands it to the handler of its topic, in
a transaction that also marks the row done. Several workers share the rows without waiting for each other. A handler
that fails is asked again later, so handlers must be idempotent.
"""

# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import structlog

from hub.base.errors import HubError
from hub.base.limits import MAX_OUTBOX_RETRY_SECONDS, OUTBOX_BATCH, OUTBOX_RETRY_SECONDS

Connection = Any
"""An asyncpg connection (or a pool's proxy for one), logged in as the hub's SYSTEM role."""

CHANNEL = "hub_outbox"
"""Notified by every transaction that leaves a row: a hint, since a notification can be lost with its listener."""

_DUE = """
select o.id, o.event_id, o.street_id, o.topic, o.payload, o.created_at, o.attempts, e.actor_membership_id
  from outbox o
  join audit_events e on e.id = o.event_id
 where o.done_at is null and o.available_at <= $1
 order by o.available_at, o.id
 limit $2
   for update of o skip locked
"""

_DONE = (
    "update outbox set done_at = $2, attempts = attempts + 1, last_error = null where id = any ($1::uuid[])"
)

_FAILED = "update outbox set attempts = attempts + 1, available_at = $2, last_error = $3 where id = $1"

_log = structlog.get_logger("hub.outbox")


@dataclasses.dataclass(frozen=True)
class Event:
    """What happened, as a handler is told: ids and facts, no personal value."""

    id: UUID  # of the audit event
    topic: str  # the command's name
    street_id: UUID | None
    subject_type: str
    subject_id: UUID
    facts: Mapping[str, Any]
    occurred_at: datetime
    actor_membership_id: UUID | None


Handler = Callable[[Connection, Event], Awaitable[None]]
"""Does what an event asks for, on the connection and in the transaction it is given."""

HANDLER_ERRORS = (
    HubError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What one event can cause in a handler: it is put off and the others go on. A lost connection is not among them."""


@dataclasses.dataclass(frozen=True)
class Drained:
    """How many rows were done and how many put off."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(self.done + other.done, self.failed + other.failed)


async def drain(connection: Connection, handlers: Mapping[str, Handler], now: datetime) -> Drained:
    """Hand every row that is due to its handler, batch by batch. A topic without a handler is simply done."""
    total = Drained()
    while True:
        batch = await _drain_batch(connection, handlers, now)
        total += batch
        if batch.done + batch.failed < OUTBOX_BATCH:
            return total


async def _drain_batch(connection: Connection, handlers: Mapping[str, Handler], now: datetime) -> Drained:
    done: list[UUID] = []
    async with connection.transaction():
        rows = await connection.fetch(_DUE, now, OUTBOX_BATCH)
        for row in rows:
            error = await _handle(connection, handlers.get(row["topic"]), _event(row))
            if error is None:
                done.append(row["id"])
            else:
                await _put_off(connection, row, error, now)
        await connection.execute(_DONE, done, now)
    return Drained(len(done), len(rows) - len(done))


async def _handle(connection: Connection, handler: Handler | None, event: Event) -> str | None:
    """Run the handler within a savepoint. Returns the class of its error, whose words might quote a value."""
    if handler is None:
        return None
    try:
        async with connection.transaction():
            await handler(connection, event)
    except HANDLER_ERRORS as error:
        if connection.is_closed():
            raise
        return type(error).__name__
    return None


async def _put_off(connection: Connection, row: Mapping[str, Any], error: str, now: datetime) -> None:
    seconds = min(OUTBOX_RETRY_SECONDS * 2 ** min(row["attempts"], 20), MAX_OUTBOX_RETRY_SECONDS)
    await connection.execute(_FAILED, row["id"], now + timedelta(seconds=seconds), error)
    _log.warning("outbox_row_put_off", topic=row["topic"], row=str(row["id"]), error=error, seconds=seconds)


def _event(row: Mapping[str, Any]) -> Event:
    payload = row["payload"]
    told: Mapping[str, Any] = json.loads(payload) if isinstance(payload, str) else payload
    return Event(
        id=row["event_id"],
        topic=row["topic"],
        street_id=row["street_id"],
        subject_type=told["subjectType"],
        subject_id=UUID(told["subjectId"]),
        facts=told["facts"],
        occurred_at=row["created_at"],
        actor_membership_id=row["actor_membership_id"],
    )
