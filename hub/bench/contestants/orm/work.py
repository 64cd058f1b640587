"""A unit of work: one session, one transaction, who acts and when; and what every command leaves behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from hub.base.clock import Clock
from hub.base.errors import Denied
from hub.base.ids import Ids
from hub.base.ledgers import reference_numbers
from hub.bench.contestants.orm.written import AuditEvent, Outbox

SCOPE = ("district_id", "street_id", "community_id")


class Work:
    """What a command works with. Changes are written when the session flushes, at the latest with its commit."""

    def __init__(self, session: AsyncSession, member: Mapping[str, Any], clock: Clock, ids: Ids) -> None:
        self.session = session
        self.member = member
        self.clock = clock
        self.ids = ids
        self.now: datetime = clock.now()
        self.today = clock.day(self.now)

    async def begin(self) -> None:
        """Tell the database's triggers who acts, and refuse whose membership has ended."""
        settings = {
            "membership": self.member["id"],
            "user": self.member["user_id"],
            "now": self.now.isoformat(),
        }
        told = (func.set_config(f"hub.{name}", value, True) for name, value in settings.items())
        live = func.hub_live(UUID(self.member["id"]), None, self.today)
        if not (await self.session.execute(select(live, *told))).one()[0]:
            raise Denied("command_denied")

    def id(self, name: str) -> UUID:
        """An id of the acting membership's row."""
        return UUID(self.member[name])

    def add(self, kind: Any, /, **values: Any) -> Any:
        """A new row with an id of its own."""
        row = kind(id=self.ids.new(self.now), **values)
        self.session.add(row)
        return row

    async def reference(self, prefix: str) -> str:
        """The next human reference."""
        number = await self.session.scalar(reference_numbers.next_value())
        return f"{prefix}-{self.today.year}-{number:05d}"

    async def emit(self, action: str, subject: Any, subject_type: str, facts: Mapping[str, Any]) -> None:
        """The audit event, its outbox row, and the word to whoever waits for one."""
        detail = json.loads(json.dumps(facts, default=str))
        street = subject.street_id
        event = self.add(
            AuditEvent,
            occurred_at=self.now,
            action=action,
            subject_type=subject_type,
            subject_id=subject.id,
            subject_reference=subject.reference,
            district_id=subject.district_id,
            street_id=street,
            community_id=getattr(subject, "community_id", None),
            partner_id=subject.partner_id,
            actor_user_id=self.id("user_id"),
            actor_membership_id=self.id("id"),
            actor_organization_id=self.id("organization_id"),
            actor_role=self.member["role"],
            actor_name=self.member["display_name"],
            facts=detail,
        )
        await self.session.flush()  # no relationship tells the session that the outbox row comes second
        payload = {"subjectType": subject_type, "subjectId": str(subject.id), "facts": detail}
        times = {"created_at": self.now, "available_at": self.now}
        self.add(Outbox, event_id=event.id, street_id=street, topic=action, payload=payload, **times)
        await self.session.execute(text("notify hub_outbox"))


@asynccontextmanager
async def work(
    sessions: async_sessionmaker[AsyncSession], member: Mapping[str, Any], clock: Clock, ids: Ids
) -> AsyncIterator[Work]:
    """One command: commits at the end of the block, rolls back when it raises."""
    async with sessions.begin() as session:
        done = Work(session, member, clock, ids)
        await done.begin()
        yield done


def of(row: Any, *names: str) -> dict[str, Any]:
    """Some columns of a row, for another that repeats them."""
    return {name: getattr(row, name) for name in names}
