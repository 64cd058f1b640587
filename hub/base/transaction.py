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

from sqlalchemy import (
    Delete,
    Executable,
    Insert,
    Result,
    Row,
    ScalarSelect,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
)
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


SCOPE = ("district", "street", "community", "partner", "user", "membership")
SETTINGS = (*SCOPE, "today", "now")

# Statements that many commands send are made once: making one anew costs more than sending it. What can go together
# goes together, since each statement is a round trip, which costs more than what most of them do.
BEGIN = sql(
    "select hub_live(cast(:membership as uuid), :client, :day)"
    + "".join(f", set_config('hub.{name}', cast(:hub_{name} as text), true)" for name in SETTINGS)
)
ENTER_STREET = sql("select set_config('hub.street', cast(:street as text), true)")
EVENT = insert(audit_events).values(
    {
        column.name: bindparam(column.name, type_=column.type)
        for column in audit_events.c
        if column.name != "xid"
    }
)
TOLD = insert(outbox).values(
    {
        column.name: bindparam(f"told_{column.name}", type_=column.type)
        for column in outbox.c
        if column.name not in ("done_at", "attempts", "last_error")
    }
)
EVENT_TOLD = select(func.pg_notify("hub_outbox", "")).add_cte(EVENT.cte("event"), TOLD.cte("told"))
"""The event, what the outbox tells of it, and the notice that there is something."""


@functools.cache
def _inserting(table: Table, prefix: str | None) -> ReturningInsert[Any]:
    """The insert into a table that returns the whole row; with a prefix, the row gets the next human reference."""
    made = insert(table).returning(*table.c)
    return made if prefix is None else made.values(reference=_next_reference(prefix))


def _next_reference(prefix: str) -> ScalarSelect[str]:
    """At least five digits after the prefix."""
    number = func.nextval("reference_numbers").column_valued("number")
    digits = cast(number, Text)
    padded = func.lpad(digits, func.greatest(5, func.length(digits)), "0")
    return select(literal(prefix, Text) + padded).scalar_subquery()


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
        self.live = False
        """Whether the actor's membership, its user and the client were live when the transaction began (I15)."""
        self._wrote = False
        self._emitted = 0

    async def begin(self) -> None:
        """Set the scope that row-level security reads, gone when the transaction ends, and ask who is `live`."""
        actor = self.actor
        values: dict[str, object] = {f"hub_{name}": actor.setting(name) for name in SCOPE}
        values |= {"hub_today": self.today.isoformat(), "hub_now": self.now.isoformat(), "day": self.today}
        values |= {"membership": actor.membership_id, "client": actor.client_id}
        self.live = (await self.connection.execute(BEGIN, values)).scalar_one()

    async def enter_street(self, street_id: UUID | None) -> None:
        """From here on the transaction may write rows of this street, the street of the row just claimed."""
        street = "" if street_id is None else str(street_id)
        await self.connection.execute(ENTER_STREET, {"street": street})

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        """Run one statement; remembers whether it wrote."""
        if isinstance(statement, (Insert, Update, Delete)):
            self._wrote = True
        return await self.connection.execute(statement, parameters)

    async def insert(self, table: Table, **values: object) -> Row[Any]:
        """Insert one row, with a new id where none is given, and return it whole."""
        return await self._insert(table, None, values)

    async def insert_numbered(self, table: Table, letters: str, **values: object) -> Row[Any]:
        """The same for a row that gets the next human reference: `C-2026-00142` for the letter `C`.

        Numbers may have gaps, never repeats.
        """
        return await self._insert(table, f"{letters}-{self.today.year}-", values)

    async def _insert(self, table: Table, prefix: str | None, values: dict[str, object]) -> Row[Any]:
        if "id" in table.c and "id" not in values:
            values["id"] = self.new_id()
        return (await self.execute(_inserting(table, prefix), values)).one()

    async def insert_many(self, table: Table, rows: Sequence[dict[str, object]]) -> None:
        """Insert several rows in one statement; each gets a new id."""
        if rows:
            await self.execute(insert(table), [{"id": self.new_id(), **row} for row in rows])

    def new_id(self) -> UUID:
        """A new id of this instant."""
        return self.ids.new(self.now)

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
        if tell:
            await self.connection.execute(
                EVENT_TOLD, said | self._told(event_id, action, subject_type, row, detail)
            )
        else:
            await self.connection.execute(EVENT, said)
        self._emitted += 1
        return event_id

    def _told(
        self, event_id: UUID, action: str, subject_type: str, row: Any, detail: object
    ) -> dict[str, object]:
        """The row of the outbox, as `EVENT_TOLD` takes it."""
        return {
            "told_id": self.new_id(),
            "told_event_id": event_id,
            "told_street_id": row.get("street_id") or self.actor.street_id,
            "told_topic": action,
            "told_payload": {"subjectType": subject_type, "subjectId": str(row["id"]), "facts": detail},
            "told_created_at": self.now,
            "told_available_at": self.now,
        }

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
