"""The rows of the everyday reads as mapped classes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Model(DeclarativeBase):
    """Base of the mapped classes."""

    type_annotation_map = {datetime: DateTime(timezone=True), list[UUID]: ARRAY(Uuid)}  # noqa: RUF012 - SQLAlchemy's way


class Case(Model):
    """A case."""

    __tablename__ = "cases"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    opened_at: Mapped[datetime]
    quantity: Mapped[int | None]
    delivered_count: Mapped[int]
    person_id: Mapped[UUID]
    community_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    partner_ids: Mapped[list[UUID]]
    access_until: Mapped[date]


class Person(Model):
    """A recipient of help."""

    __tablename__ = "persons"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    birth_on: Mapped[date]
    partner_ids: Mapped[list[UUID]]
    access_until: Mapped[date]


class Organization(Model):
    """A community or partner."""

    __tablename__ = "organizations"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]


class Delivery(Model):
    """Purchased service given."""

    __tablename__ = "deliveries"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    status: Mapped[str]
    quantity: Mapped[int]
    unit: Mapped[str]
    happened_at: Mapped[datetime]
    case_id: Mapped[UUID | None]
    partner_id: Mapped[UUID]


class Milestone(Model):
    """A stage of an agreement."""

    __tablename__ = "milestones"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    due_on: Mapped[date | None]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    agreement_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    street_id: Mapped[UUID]


class Agreement(Model):
    """A contract."""

    __tablename__ = "agreements"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    title: Mapped[str]
    status: Mapped[str]
    street_id: Mapped[UUID]


class PaymentRequest(Model):
    """What accepted work makes payable."""

    __tablename__ = "payment_requests"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    status: Mapped[str]
    payable_fen: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date | None]
    milestone_id: Mapped[UUID]
    street_id: Mapped[UUID]


class Payment(Model):
    """Money that moved."""

    __tablename__ = "payments"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    settled_on: Mapped[date | None]
    request_id: Mapped[UUID]
    street_id: Mapped[UUID]
