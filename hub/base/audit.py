"""The audit chain: every audit event, in commit order, hashed onto the one before it; one chain per street.

Events are written by the commands in their own transactions, where no order between two of them is known yet. The
worker links an event once every transaction that began before its own has ended: only then nothing can slip in before
it. Changing, removing or inserting an event later breaks the hashes from there on. What a chain alone cannot show is
that its newest end was cut off together with the events: for that, somebody else has to keep a head (`heads`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from hub.base.canonical import canonical
from hub.base.limits import AUDIT_BATCH

Connection = Any
"""An asyncpg connection (or a pool's proxy for one), logged in as the hub's SYSTEM role."""

GLOBAL_CHAIN = UUID(int=0)
"""Chain of events that belong to no street: the import of divisions, a partner's own affairs."""

START = bytes(32)
"""What the first event of a chain is hashed onto."""

LINKER_LOCK = 0x68756211
"""Advisory lock of whoever links: two at once would give one position to two events."""

# An event of an earlier cluster (the database was dumped and restored) has a number that no transaction of this one has
# reached: it is older than all of ours.
_PENDING = """
select e.*, e.xid >= pg_snapshot_xmax(s.now)::text::bigint as restored
  from audit_unlinked u
  join audit_events e on e.id = u.event_id
 cross join (select pg_current_snapshot() as now) s
 where e.xid < pg_snapshot_xmin(s.now)::text::bigint
    or e.xid >= pg_snapshot_xmax(s.now)::text::bigint
 order by restored desc, e.xid, e.id
 limit $1
"""

_HEADS = """
select distinct on (chain_id) chain_id, position, hash from audit_chain
 where chain_id = any ($1::uuid[]) order by chain_id, position desc
"""

_LINK = """
insert into audit_chain (chain_id, position, event_id, hash)
select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[])
"""

_LINKED = """
select c.position, c.hash as link, e.* from audit_chain c join audit_events e on e.id = c.event_id
 where c.chain_id = $1 and c.position > $2 order by c.position limit $3
"""

_CHAINS = """
select chain_id from audit_chain union select coalesce(street_id, $1) from audit_events order by 1
"""

_NEITHER = """
select e.id from audit_events e
 where e.street_id is not distinct from $1
   and not exists (select from audit_chain c where c.event_id = e.id)
   and not exists (select from audit_unlinked u where u.event_id = e.id)
 order by e.id
"""


@dataclasses.dataclass(frozen=True)
class Head:
    """The newest link of a chain: whoever keeps it elsewhere can tell later that nothing before it was changed."""

    chain_id: UUID
    position: int
    hash: bytes


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is wrong with a chain, and where.

    gap: a position is missing before this one. hash: the event, or one before it, is not what was linked. street: the
    event belongs to another chain. unlinked: the event is in no chain and does not wait for one.
    """

    kind: Literal["gap", "hash", "street", "unlinked"]
    event_id: UUID
    position: int | None = None


async def link_chain(connection: Connection) -> int:
    """Link all events that may be linked by now. Returns how many; 0 also when another process is linking."""
    total = 0
    while True:
        async with connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LINKER_LOCK):
                return total
            # After the lock, in a statement of its own: the snapshot must not be older than the lock.
            events = await connection.fetch(_PENDING, AUDIT_BATCH)
            await _link(connection, events)
        total += len(events)
        if len(events) < AUDIT_BATCH:
            return total


async def _link(connection: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    if not events:
        return
    last = {head.chain_id: head for head in await heads(connection, {chain_of(event) for event in events})}
    links: list[Head] = []
    for event in events:
        chain_id = chain_of(event)
        before = last.get(chain_id, Head(chain_id, 0, START))
        last[chain_id] = Head(chain_id, before.position + 1, digest(before.hash, event))
        links.append(last[chain_id])
    ids = [event["id"] for event in events]
    positions, hashes = [link.position for link in links], [link.hash for link in links]
    await connection.execute(_LINK, [link.chain_id for link in links], positions, ids, hashes)
    await connection.execute("delete from audit_unlinked where event_id = any ($1::uuid[])", ids)


async def heads(connection: Connection, chain_ids: Iterable[UUID]) -> list[Head]:
    """The newest links of these chains; a chain without one is left out."""
    return [Head(**row) for row in await connection.fetch(_HEADS, list(chain_ids))]


async def chains(connection: Connection) -> list[UUID]:
    """Every chain that has links or events; the global one is that of events without a street."""
    return [row[0] for row in await connection.fetch(_CHAINS, GLOBAL_CHAIN)]


async def verify_chain(connection: Connection, chain_id: UUID) -> list[Problem]:
    """Everything that is wrong with a chain, in its order; empty when it is whole.

    After a broken link the stored hash is taken as given, so that each change is reported once, where it was made.
    """
    problems: list[Problem] = []
    before = Head(chain_id, 0, START)
    while rows := await connection.fetch(_LINKED, chain_id, before.position, AUDIT_BATCH):
        found, before = check_links(before, rows)
        problems += found
    street_id = None if chain_id == GLOBAL_CHAIN else chain_id
    unlinked = await connection.fetch(_NEITHER, street_id)
    return problems + [Problem("unlinked", row["id"]) for row in unlinked]


def check_links(before: Head, rows: Iterable[Mapping[str, Any]]) -> tuple[list[Problem], Head]:
    """What is wrong with the links that follow `before`, and the last of them.

    A row is an event with its `position` and `link`.
    """
    problems: list[Problem] = []
    for row in rows:
        problems += _checked(before, row)
        before = Head(before.chain_id, row["position"], row["link"])
    return problems, before


def _checked(before: Head, row: Mapping[str, Any]) -> list[Problem]:
    position, event_id = row["position"], row["id"]
    event = {name: value for name, value in row.items() if name not in ("position", "link")}
    problems: list[Problem] = []
    if position != before.position + 1:
        problems.append(Problem("gap", event_id, position))
    if chain_of(event) != before.chain_id:
        problems.append(Problem("street", event_id, position))
    if digest(before.hash, event) != row["link"]:
        problems.append(Problem("hash", event_id, position))
    return problems


def chain_of(event: Mapping[str, Any]) -> UUID:
    """The chain an event belongs to: its street's, else the global one."""
    return event["street_id"] or GLOBAL_CHAIN


def digest(before: bytes, event: Mapping[str, Any]) -> bytes:
    """The hash of an event after `before` (SHA-256).

    Columns without a value are left out, so that a column added to the table later does not break old links.
    """
    told = {name: value for name, value in event.items() if value is not None and name != "restored"}
    if isinstance(told.get("facts"), str):  # a connection without a codec for jsonb
        told["facts"] = json.loads(told["facts"])
    return hashlib.sha256(before + canonical(told)).digest()
