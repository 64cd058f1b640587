"""Mutations on funds."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from hub.base.transaction import Transaction
from hub.fund import commands
from schema.mutation import mutation, name_of, uuid_of, uuids_of
from schema.types import enums
from schema.types.fund import Donation, Fund


@strawberry.input(description="A fund. 专项基金")
class FundRegisterInput:
    """What it may buy, where, and who holds it."""

    street: strawberry.ID = strawberry.field(description="Which street uses it (id of a Street). 街道")
    name: str = strawberry.field(description="Name. 名称")
    kind: enums.FundKind = strawberry.field(description="Kind. 类别")
    channel: enums.FundChannel = strawberry.field(description="By which way it is paid out. 支付渠道")
    purposes: list[str] = strawberry.field(
        description="What it may buy: codes of services, or whole strands. 资金用途"
    )
    communities: list[strawberry.ID] = strawberry.field(
        description="Where it may be spent (ids of Communities). 适用社区"
    )
    holder: strawberry.ID | None = strawberry.field(
        default=None, description="Who holds it (id of an Organization); the street unless named. 资金持有方"
    )
    payer: strawberry.ID | None = strawberry.field(
        default=None,
        description="Who pays out of it (id of an Organization); the street unless named. 付款方",
    )


@mutation("Register a fund. 登记基金", target=("input", "street"), fund=(Fund, "The fund. 专项基金"))
async def fund_register(tx: Transaction, input: FundRegisterInput) -> Any:
    return await commands.fund_register(
        tx,
        uuid_of("street", input.street),
        name=input.name,
        kind=name_of(input.kind),
        channel=name_of(input.channel),
        purposes=input.purposes,
        community_ids=uuids_of("community", input.communities),
        holder_id=uuid_of("organization", input.holder),
        payer_id=uuid_of("organization", input.payer),
    )


@strawberry.input(description="Money that came in. 捐赠")
class DonationRecordInput:
    """Under the number of its outside voucher, which counts once."""

    fund: strawberry.ID = strawberry.field(description="To which fund (id of a Fund). 专项基金")
    amount: Decimal = strawberry.field(description="How much, in yuan. 金额（元）")
    voucher_number: str = strawberry.field(description="Number of the outside voucher. 凭证号")
    received_on: date = strawberry.field(description="When it came in. 到账日期")
    donor_kind: enums.DonorKind | None = strawberry.field(
        default=None, description="What kind of donor; ORGANIZATION when nothing is said. 捐赠人类别"
    )
    donor_name: str | None = strawberry.field(
        default=None, description="Who gave it; none for an anonymous gift. 捐赠人"
    )
    note: str | None = strawberry.field(default=None, description="Note. 备注")


@mutation("Record a donation. 登记捐赠", target=("input", "fund"), donation=(Donation, "The donation. 捐赠"))
async def donation_record(tx: Transaction, input: DonationRecordInput) -> Any:
    return await commands.donation_record(
        tx,
        uuid_of("fund", input.fund),
        amount=input.amount,
        voucher_number=input.voucher_number,
        received_on=input.received_on,
        donor_kind=name_of(input.donor_kind) or "ORGANIZATION",
        donor_name=input.donor_name,
        note=input.note,
    )
