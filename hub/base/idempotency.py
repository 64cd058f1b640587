"""Idempotency keys: a mutation sent twice is done once.

The key is inserted first, in the command's own transaction. So a concurrent twin waits on the unique index until the
first has ended, and a failed attempt leaves nothing behind: its key is free again. Only successes are stored: what was
made, not what was answered; a replay reads that back with the client's present rights and selection. A key is known for
KEEP_IDEMPOTENCY_DAYS, then the worker throws it away.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.base.canonical import canonical
from hub.base.errors import Conflict, Invalid
from hub.base.ledgers import idempotency_keys
from hub.base.limits import IDEMPOTENCY_BATCH, KEEP_IDEMPOTENCY_DAYS, MAX_IDEMPOTENCY_KEY_CHARS
from hub.base.transaction import Transaction

PATH = ("idempotencyKey",)

_FORGET = """
with old as (select principal_id, key from idempotency_keys where created_at < $1 order by created_at limit $2),
     gone as (delete from idempotency_keys k using old where (k.principal_id, k.key) = (old.principal_id, old.key)
              returning k.created_at)
select count(*) from gone
"""


@dataclasses.dataclass(frozen=True)
class Replay:
    """The command has been done before under this key; `result` is what `store` was given then."""

    command: str
    result: Mapping[str, Any]


async def once(
    tx: Transaction, principal_id: UUID, key: str, command: str, request: Mapping[str, object]
) -> Replay | None:
    """Take the key. None: do the command, then `store` its result. A Replay: do nothing, answer from it.

    `principal_id` is the acting membership. Raises Invalid for a key that is none, Conflict IDEMPOTENCY_MISMATCH when
    it stands for another command or request. Of the request only a keyed hash is kept: it may hold personal values.
    """
    if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_CHARS or not key.isprintable():
        raise Invalid("idempotency_key", path=PATH)
    spelled = canonical({"command": command, "request": request}).decode()
    request_hash = tx.vault.index("idempotency", spelled)
    statement = insert(idempotency_keys).values(
        principal_id=principal_id,
        key=key,
        command=command,
        request_hash=request_hash,
        result={},
        created_at=tx.now,
    )
    # Not through tx.execute: a replay changes nothing, so it owes no audit event.
    taken = await tx.connection.execute(statement.on_conflict_do_nothing().returning(idempotency_keys.c.key))
    if taken.one_or_none() is not None:
        return None
    earlier = await _earlier(tx, principal_id, key)
    if earlier.command != command or earlier.request_hash != request_hash:
        raise Conflict("idempotency_mismatch", code="IDEMPOTENCY_MISMATCH", path=PATH)
    return Replay(earlier.command, earlier.result)


async def _earlier(tx: Transaction, principal_id: UUID, key: str) -> Row[Any]:
    mine = idempotency_keys.c.principal_id == principal_id, idempotency_keys.c.key == key
    return (await tx.connection.execute(select(idempotency_keys).where(*mine))).one()


async def store(tx: Transaction, principal_id: UUID, key: str, result: Mapping[str, object]) -> None:
    """Keep what the command made: object type, ids, versions. Called in the transaction that took the key."""
    mine = idempotency_keys.c.principal_id == principal_id, idempotency_keys.c.key == key
    await tx.connection.execute(update(idempotency_keys).where(*mine).values(result=dict(result)))


async def forget(connection: Any, now: datetime) -> int:
    """Throw away the keys that are older than KEEP_IDEMPOTENCY_DAYS, batch by batch. Returns how many.

    `connection` is an asyncpg connection of SYSTEM's.
    """
    total, before = 0, now - timedelta(days=KEEP_IDEMPOTENCY_DAYS)
    while gone := await connection.fetchval(_FORGET, before, IDEMPOTENCY_BATCH):
        total += gone
    return total
