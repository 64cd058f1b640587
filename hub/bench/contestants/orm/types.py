"""The GraphQL types of the everyday reads, in Strawberry."""

# pyright: reportInvalidTypeForm=false
from __future__ import annotations

import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import strawberry

from hub.bench.contestants.orm import models
from hub.bench.contestants.orm.loaders import Loaders
from hub.people.rules import age_group

Row = TypeVar("Row")
Info = strawberry.Info[Any, Any]
Hidden = strawberry.Private[UUID]


def _loaders(info: Info) -> Loaders:
    return info.context["loaders"]


@strawberry.type
class Connection(Generic[Row]):
    """A page."""

    nodes: list[Row]


@strawberry.type
class Money:
    """An amount in yuan."""

    amount: str


def money(fen: int) -> Money:
    """Fen as an amount."""
    return Money(amount=f"{fen // 100}.{fen % 100:02d}")


@strawberry.type
class Person:
    """A recipient of help."""

    id: strawberry.ID
    name: str
    age_group: str


@strawberry.type
class Organization:
    """A community or partner."""

    id: strawberry.ID
    name: str


@strawberry.type
class Delivery:
    """Purchased service given."""

    id: strawberry.ID
    reference: str
    status: str
    quantity: int
    unit: str
    happened_at: datetime.datetime


@strawberry.type
class Case:
    """Who is in charge and who does the work."""

    id: strawberry.ID
    reference: str
    kind: str
    status: str
    opened_at: datetime.datetime
    quantity: int | None
    delivered: int
    row_id: Hidden
    person_id: Hidden
    community_id: Hidden

    @strawberry.field
    async def person(self, info: Info) -> Person | None:
        """For whom."""
        loaders = _loaders(info)
        row = await loaders.person.load(self.person_id)
        if row is None:
            return None
        return Person(
            id=strawberry.ID(f"person_{row.id}"),
            name=row.name,
            age_group=age_group(row.birth_on, loaders.today),
        )

    @strawberry.field
    async def community(self, info: Info) -> Organization | None:
        """In which community."""
        return _organization(await _loaders(info).organization.load(self.community_id), "COMMUNITY")

    @strawberry.field
    async def deliveries(self, info: Info, first: int = 20) -> Connection[Delivery]:
        """The latest deliveries."""
        rows = await _loaders(info).deliveries.load((self.row_id, first))
        return Connection(nodes=[_delivery(row) for row in rows])


@strawberry.type
class Payment:
    """Money that moved."""

    id: strawberry.ID
    status: str
    amount: Money
    settled_on: datetime.date | None


@strawberry.type
class PaymentRequest:
    """What accepted work makes payable."""

    id: strawberry.ID
    reference: str
    status: str
    payable: Money
    due_on: datetime.date | None
    row_id: Hidden

    @strawberry.field
    async def payments(self, info: Info) -> list[Payment]:
        """Money sent for it."""
        rows = await _loaders(info).payments.load(self.row_id)
        return [
            Payment(
                id=strawberry.ID(f"payment_{row.id}"),
                status=row.status,
                amount=money(row.amount_fen),
                settled_on=row.settled_on,
            )
            for row in rows
        ]


@strawberry.type
class Agreement:
    """A contract."""

    id: strawberry.ID
    reference: str
    title: str
    status: str


@strawberry.type
class Milestone:
    """A stage of an agreement."""

    id: strawberry.ID
    code: str
    title: str
    kind: str
    status: str
    due_on: datetime.date | None
    amount: Money | None
    row_id: Hidden
    agreement_id: Hidden
    partner_id: Hidden

    @strawberry.field
    async def agreement(self, info: Info) -> Agreement | None:
        """Of which agreement."""
        row = await _loaders(info).agreement.load(self.agreement_id)
        if row is None:
            return None
        global_id = strawberry.ID(f"agreement_{row.id}")
        return Agreement(id=global_id, reference=row.reference, title=row.title, status=row.status)

    @strawberry.field
    async def partner(self, info: Info) -> Organization | None:
        """Whose stage it is."""
        return _organization(await _loaders(info).organization.load(self.partner_id), "PARTNER")

    @strawberry.field
    async def payment_requests(self, info: Info) -> list[PaymentRequest]:
        """What became payable."""
        return [_request(row) for row in await _loaders(info).requests.load(self.row_id)]


@strawberry.type
class Query:
    """Everything that is read here."""

    @strawberry.field
    async def cases(self, info: Info, last: int = 20) -> Connection[Case]:
        """The partner's cases."""
        return Connection(nodes=[_case(row) for row in await _loaders(info).cases(last)])

    @strawberry.field
    async def milestones(self, info: Info, first: int = 20) -> Connection[Milestone]:
        """The street's milestones."""
        return Connection(nodes=[_milestone(row) for row in await _loaders(info).milestones(first)])

    @strawberry.field
    async def node(self, info: Info, id: strawberry.ID) -> Case | None:
        """One case."""
        row = await _loaders(info).case(UUID(str(id).removeprefix("case_")))
        return None if row is None else _case(row)


def _organization(row: models.Organization | None, kind: str) -> Organization | None:
    if row is None or row.kind != kind:
        return None
    return Organization(id=strawberry.ID(f"{kind.lower()}_{row.id}"), name=row.name)


def _delivery(row: models.Delivery) -> Delivery:
    return Delivery(
        id=strawberry.ID(f"delivery_{row.id}"),
        reference=row.reference,
        status=row.status,
        quantity=row.quantity,
        unit=row.unit,
        happened_at=row.happened_at,
    )


def _case(row: models.Case) -> Case:
    return Case(
        id=strawberry.ID(f"case_{row.id}"),
        reference=row.reference,
        kind=row.kind,
        status=row.status,
        opened_at=row.opened_at,
        quantity=row.quantity,
        delivered=row.delivered_count,
        row_id=row.id,
        person_id=row.person_id,
        community_id=row.community_id,
    )


def _request(row: models.PaymentRequest) -> PaymentRequest:
    return PaymentRequest(
        id=strawberry.ID(f"payment_request_{row.id}"),
        reference=row.reference,
        status=row.status,
        payable=money(row.payable_fen),
        due_on=row.due_on,
        row_id=row.id,
    )


def _milestone(row: models.Milestone) -> Milestone:
    return Milestone(
        id=strawberry.ID(f"milestone_{row.id}"),
        code=row.code,
        title=row.title,
        kind=row.kind,
        status=row.status,
        due_on=row.due_on,
        amount=None if row.amount_fen is None else money(row.amount_fen),
        row_id=row.id,
        agreement_id=row.agreement_id,
        partner_id=row.partner_id,
    )
