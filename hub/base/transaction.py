"""One command, one transaction: the only place that begins and commits a write.

The first statement sets the transaction-local scope that row-level security reads. Every change is audited in the same
transaction (I18): a transaction that wrote and emitted nothing is refused at commit.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Delete, Executable, Insert, Result, Row, Table, TextClause, Update, insert
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.dml import ReturningInsert

from hub.base.clock import Clock
from hub.base.ids import Ids
from hub.base.ledgers import audit_events, outbox
from hub.base.seal import Vault


class Actor(Protocol):
    """What a transaction must know of the viewer; `auth.roles.Viewer` is one."""

    @property
    def role(self) -> Any: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def membership_id(self) -> UUID | None: ...
    @property
    def organization_id(self) -> UUID | None: ...
    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def community_id(self) -> UUID | None: ...
    @property
    def street_id(self) -> UUID | None: ...
    @property
    def district_id(self) -> UUID | None: ...
    @property
    def client_id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...
    def setting(self, name: str) -> str: ...


@functools.cache
def _setting(names: tuple[str, ...]) -> TextClause:
    """One statement that sets these settings until the transaction ends; kept, since every command begins with it."""
    return sql(
        "select " + ", ".join(f"set_config('hub.{name}', cast(:{name} as text), true)" for name in names)
    )


EVENT, TOLD, NOTIFY = insert(audit_events), insert(outbox), sql("notify hub_outbox")
NEXT_NUMBER = sql("select nextval('reference_numbers')")
"""Kept, since making a statement anew costs more than sending it."""


@functools.cache
def _inserting(table: Table) -> ReturningInsert[Any]:
    """The insert into a table that returns the whole row; kept for the same reason."""
    return insert(table).returning(*table.c)


SETTINGS = ("district", "street", "community", "partner", "user", "membership")


class Transaction:
    """A running command: its connection, who acts, and when. Commands never see anything else of the outside."""

    def __init__(
        self,
        connection: AsyncConnection,
        actor: Actor,
        clock: Clock,
        ids: Ids,
        vault: Vault,
        papers: Any = None,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.clock = clock
        self.ids = ids
        self.vault = vault
        self.papers = papers
        self.now: datetime = clock.now()
        self.today: date = clock.day(self.now)
        self._wrote = False
        self._emitted = 0

    async def begin(self) -> None:
        """Set the scope that row-level security reads; gone when the transaction ends."""
        values = {name: self.actor.setting(name) for name in SETTINGS}
        values |= {"today": self.today.isoformat(), "now": self.now.isoformat()}
        await self._set(values)

    async def enter_street(self, street_id: UUID | None) -> None:
        """From here on the transaction may write rows of this street, the street of the row just claimed."""
        await self._set({"street": "" if street_id is None else str(street_id)})

    async def _set(self, values: dict[str, str]) -> None:
        await self.connection.execute(_setting(tuple(values)), values)

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        """Run one statement; remembers whether it wrote."""
        if isinstance(statement, (Insert, Update, Delete)):
            self._wrote = True
        return await self.connection.execute(statement, parameters)

    async def insert(self, table: Table, **values: object) -> Row[Any]:
        """Insert one row, with a new id where none is given, and return it whole."""
        if "id" in table.c and "id" not in values:
            values["id"] = self.new_id()
        return (await self.execute(_inserting(table), values)).one()

    async def insert_many(self, table: Table, rows: Sequence[dict[str, object]]) -> None:
        """Insert several rows in one statement; each gets a new id."""
        if rows:
            await self.execute(insert(table), [{"id": self.new_id(), **row} for row in rows])

    def new_id(self) -> UUID:
        """A new id of this instant."""
        return self.ids.new(self.now)

    async def reference(self, prefix: str) -> str:
        """The next human reference: `C-2026-00142`. Numbers may have gaps, never repeats."""
        number = (await self.connection.execute(NEXT_NUMBER)).scalar_one()
        return f"{prefix}-{self.today.year}-{number:05d}"

    async def emit(
        self,
        action: str,
        subject: Row[Any],
        subject_type: str,
        *,
        purpose: str | None = None,
        tell: bool = True,
        facts: dict[str, object] | None = None,
    ) -> UUID:
        """Write the audit event and, unless `tell` is False, its outbox row. `facts` hold no personal value.

        Returns the event's id.
        """
        event_id = self.new_id()
        row = subject._mapping  # pyright: ignore[reportPrivateUsage] - public by its documentation
        detail = json.loads(json.dumps(facts or {}, default=str))
        said: dict[str, object] = {
            "id": event_id,
            "occurred_at": self.now,
            "action": action,
            "subject_type": subject_type,
            "subject_id": row["id"],
            "subject_reference": row.get("reference"),
            "district_id": row.get("district_id") or self.actor.district_id,
            "street_id": row.get("street_id") or self.actor.street_id,
            "community_id": row.get("community_id"),
            "partner_id": row.get("partner_id") or self.actor.partner_id,
            "actor_user_id": self.actor.user_id,
            "actor_membership_id": self.actor.membership_id,
            "actor_organization_id": self.actor.organization_id,
            "actor_role": str(self.actor.role),
            "actor_name": self.actor.name,
            "client_id": self.actor.client_id,
            "purpose": purpose,
            "facts": detail,
        }
        await self.connection.execute(EVENT, said)
        if tell:
            await self._tell(event_id, action, subject_type, row, detail)
        self._emitted += 1
        return event_id

    async def _tell(self, event_id: UUID, action: str, subject_type: str, row: Any, detail: object) -> None:
        payload = {"subjectType": subject_type, "subjectId": str(row["id"]), "facts": detail}
        said: dict[str, object] = {
            "id": self.new_id(),
            "event_id": event_id,
            "street_id": row.get("street_id") or self.actor.street_id,
            "topic": action,
            "payload": payload,
            "created_at": self.now,
            "available_at": self.now,
        }
        await self.connection.execute(TOLD, said)
        await self.connection.execute(NOTIFY)

    def seal_off(self) -> None:
        """Refuse to commit a change that left no audit event (I18)."""
        if self._wrote and not self._emitted:
            raise RuntimeError("a command wrote without an audit event")


@contextlib.asynccontextmanager
async def transaction(
    engine: AsyncEngine, actor: Actor, clock: Clock, ids: Ids, vault: Vault, papers: Any = None
) -> AsyncGenerator[Transaction, None]:
    """Open a transaction as `hub_writer` for one command; commits when the block ends without an error.

    `papers` (`hub.documents.papers.Papers`) is where files are made and kept, in a process that makes any.
    """
    async with engine.begin() as connection:
        tx = Transaction(connection, actor, clock, ids, vault, papers)
        await tx.begin()
        yield tx
        tx.seal_off()
