"""Registering a fund and recording what is given to it. Both are the accountant's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import one_of, one_spelling, optional, required
from hub.base.limits import MAX_DONATION_AGE_DAYS, MAX_LINE_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS
from hub.base.money import positive_fen_of
from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.fund.ledger import fund_scope, open_accounts, receive
from hub.fund.rules import donor, known_purposes
from hub.fund.tables import FUND_CHANNELS, FUND_KINDS, donations, funds
from hub.organizations.places import communities_of
from hub.organizations.tables import organizations

HOLDER_KINDS = ("STREET", "DISTRICT", "CHARITY", "PARTNER")
"""Whoever can hold or pay out a fund: the street itself, a charity federation, a foundation."""


async def fund_register(
    tx: Transaction,
    street_id: UUID,
    *,
    name: str,
    kind: str,
    channel: str,
    purposes: Sequence[str],
    community_ids: Sequence[UUID],
    holder_id: UUID | None = None,
    payer_id: UUID | None = None,
) -> Row[Any]:
    """Register a fund of the street: what it may buy, in which communities, who holds it and who pays it out.

    `purposes` are codes of services or whole strands. Holder and payer are the street unless named.
    """
    street = await claim(tx, organizations, street_id, "fund_register", path=("input", "street"))
    codes = set((await tx.execute(select(service_types.c.code))).scalars())
    fund = await tx.insert_numbered(
        funds,
        "F",
        district_id=street.district_id,
        street_id=street.id,
        name=required(name, ("input", "name"), MAX_NAME_CHARS),
        kind=one_of(kind, FUND_KINDS, ("input", "kind")),
        channel=one_of(channel, FUND_CHANNELS, ("input", "channel")),
        purposes=known_purposes(purposes, codes, ("input", "purposes")),
        community_ids=await communities_of(tx, street.id, community_ids, ("input", "communities")),
        holder_id=await _holder(tx, street, holder_id, ("input", "holder")),
        payer_id=await _holder(tx, street, payer_id, ("input", "payer")),
        registered_by_id=tx.actor.membership_id,
        created_at=tx.now,
    )
    await open_accounts(tx, fund)
    await tx.emit("fund_register", fund, "Fund", facts={"kind": fund.kind, "purposes": fund.purposes})
    return fund


async def _holder(tx: Transaction, street: Row[Any], holder_id: UUID | None, path: tuple[str, ...]) -> UUID:
    if holder_id is None:
        return street.id
    found = await tx.execute(select(organizations.c.kind).where(organizations.c.id == holder_id))
    kind = found.scalar_one_or_none()
    if kind is None:
        raise NotFound(path=path)
    if kind not in HOLDER_KINDS or (kind == "STREET" and holder_id != street.id):
        raise Invalid("fund_holder", path=path)
    return holder_id


async def donation_record(
    tx: Transaction,
    fund_id: UUID,
    *,
    amount: Decimal,
    voucher_number: str,
    received_on: date,
    donor_kind: str = "ORGANIZATION",
    donor_name: str | None = None,
    note: str | None = None,
) -> Row[Any]:
    """Record money that came into the fund, under the number of its outside voucher; each voucher counts once."""
    fund = await claim(tx, funds, fund_id, "donation_record", path=("input", "fund"))
    voucher = one_spelling(voucher_number, ("input", "voucherNumber"), MAX_LINE_CHARS)
    if received_on > tx.today:
        raise Invalid("received_in_future", code="OUT_OF_RANGE", path=("input", "receivedOn"))
    if (since := tx.today - timedelta(days=MAX_DONATION_AGE_DAYS)) > received_on:
        raise Invalid("received_long_ago", code="OUT_OF_RANGE", path=("input", "receivedOn"), since=since)
    # As typed as well: vouchers recorded before they had one spelling are stored that way.
    taken = select(donations.c.reference).where(
        donations.c.street_id == fund.street_id,
        donations.c.voucher_number.in_((voucher, voucher_number.strip())),
    )
    if (earlier := (await tx.execute(taken.limit(1))).scalar_one_or_none()) is not None:
        path = ("input", "voucherNumber")
        raise Conflict("voucher_used", code="DUPLICATE", path=path, reference=earlier)
    donation = await tx.insert_numbered(
        donations,
        "D",
        fund_id=fund.id,
        amount_fen=positive_fen_of(amount, ("input", "amount")),
        voucher_number=voucher,
        received_on=received_on,
        note=optional(note, ("input", "note"), MAX_TEXT_CHARS),
        recorded_by_id=tx.actor.membership_id,
        created_at=tx.now,
        **donor(donor_kind, donor_name),
        **fund_scope(fund),
    )
    await receive(tx, fund, donation)
    facts = {"fundId": fund.id, "amountFen": donation.amount_fen}
    await tx.emit("donation_record", donation, "Donation", facts=facts)
    return donation
