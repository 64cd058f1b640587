"""A DataLoader for every edge, made anew for each request; each batch is one SELECT within the viewer's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from hub.bench.contestants.orm.models import (
    Agreement,
    Case,
    Delivery,
    Milestone,
    Organization,
    Payment,
    PaymentRequest,
    Person,
)

Sessions = async_sessionmaker[AsyncSession]


class Loaders:
    """The loaders of one request, and the two roots that need the viewer as well."""

    def __init__(self, sessions: Sessions, today: date, partner: UUID | None, street: UUID | None) -> None:
        self._sessions = sessions
        self.today = today
        self._partner = partner
        self._street = street
        self.person = DataLoader(self._persons)
        self.organization = DataLoader(self._organizations)
        self.agreement = DataLoader(self._agreements)
        self.deliveries = DataLoader(self._deliveries)
        self.requests = DataLoader(self._requests)
        self.payments = DataLoader(self._payments)

    # ---- roots ----

    def _own_cases(self) -> Select[Any]:
        return select(Case).where(
            Case.partner_ids.any(self._partner),  # pyright: ignore[reportArgumentType]
            Case.access_until >= self.today,
        )

    async def cases(self, last: int) -> Sequence[Case]:
        """The last page of the partner's cases, newest first."""
        led = self._own_cases().where(Case.partner_id == self._partner)
        return (await self._all(led.order_by(Case.id).limit(last)))[::-1]

    async def case(self, case_id: UUID) -> Case | None:
        """One case, if it is the partner's."""
        found = await self._all(self._own_cases().where(Case.id == case_id))
        return found[0] if found else None

    async def milestones(self, first: int) -> Sequence[Milestone]:
        """A page of the street's milestones, latest first."""
        own = select(Milestone).where(Milestone.street_id == self._street)
        return await self._all(own.order_by(Milestone.due_on.desc(), Milestone.id.desc()).limit(first))

    # ---- edges ----

    async def _persons(self, ids: list[UUID]) -> list[Person | None]:
        own = select(Person).where(
            Person.id.in_(ids),
            Person.partner_ids.any(self._partner),  # pyright: ignore[reportArgumentType]
            Person.access_until >= self.today,
        )
        return _in_order(ids, await self._all(own))

    async def _organizations(self, ids: list[UUID]) -> list[Organization | None]:
        return _in_order(ids, await self._all(select(Organization).where(Organization.id.in_(ids))))

    async def _agreements(self, ids: list[UUID]) -> list[Agreement | None]:
        own = select(Agreement).where(Agreement.id.in_(ids), Agreement.street_id == self._street)
        return _in_order(ids, await self._all(own))

    async def _deliveries(self, keys: list[tuple[UUID, int]]) -> list[Sequence[Delivery]]:
        order = (Delivery.happened_at.desc(), Delivery.id.desc())
        place = func.row_number().over(partition_by=Delivery.case_id, order_by=order).label("place")
        ids, first = [case_id for case_id, _ in keys], keys[0][1]
        of_cases = select(Delivery, place).where(
            Delivery.case_id.in_(ids), Delivery.partner_id == self._partner
        )
        numbered = of_cases.subquery()
        latest = aliased(Delivery, numbered)
        rows = await self._all(
            select(latest).where(numbered.c.place <= first).order_by(numbered.c.case_id, numbered.c.place)
        )
        return _grouped(ids, rows, "case_id")

    async def _requests(self, ids: list[UUID]) -> list[Sequence[PaymentRequest]]:
        own = select(PaymentRequest).where(
            PaymentRequest.milestone_id.in_(ids), PaymentRequest.street_id == self._street
        )
        return _grouped(ids, await self._all(own.order_by(PaymentRequest.id)), "milestone_id")

    async def _payments(self, ids: list[UUID]) -> list[Sequence[Payment]]:
        own = select(Payment).where(Payment.request_id.in_(ids), Payment.street_id == self._street)
        return _grouped(ids, await self._all(own.order_by(Payment.id)), "request_id")

    async def _all(self, statement: Select[Any]) -> Sequence[Any]:
        async with self._sessions() as session:
            return (await session.scalars(statement)).all()


def _in_order(ids: Iterable[UUID], rows: Iterable[Any]) -> list[Any]:
    by_id = {row.id: row for row in rows}
    return [by_id.get(row_id) for row_id in ids]


def _grouped(ids: Iterable[UUID], rows: Iterable[Any], column: str) -> list[Sequence[Any]]:
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return [groups[row_id] for row_id in ids]
