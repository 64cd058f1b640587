"""Funds and the donations that fill them."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import (
    Connection,
    Money,
    Node,
    day,
    derived,
    derived_for,
    edge,
    instant,
    many,
    money,
    number,
    prose,
    short,
    word,
    words,
)
from schema.types.filters_agreements import DonationOrder
from schema.types.refs import CommunityRef, MembershipRef, OrganizationRef, StreetRef
from schema.types.statements import FundDue, FundStatement


@describe("funds")
@strawberry.type(description="Where the money of agreements comes from. 专项基金")
class Fund(Node):
    """The four figures follow the ledger; together they are what came in."""

    reference: str | None = word("reference", "Reference. 编号")
    name: str | None = prose("name", "Name. 名称")
    kind: enums.FundKind | None = word("kind", "Kind. 类别")
    channel: enums.FundChannel | None = word("channel", "By which way it is paid out. 支付渠道")
    holder: OrganizationRef | None = edge("Organization", "Who holds it. 资金持有方", via="holder_id")
    payer: OrganizationRef | None = edge("Organization", "Who pays out of it. 付款方", via="payer_id")
    street: StreetRef | None = edge("Street", "Which street uses it. 街道", via="street_id")
    purposes: list[str] | None = words(
        "purposes", "What it may buy: codes of services, or whole strands. 资金用途"
    )
    communities: list[CommunityRef] | None = short(
        "Community", "Where it may be spent. 适用社区", listed="community_ids"
    )
    available: Money | None = money("{t}.available_fen", "Free to be promised. 可用金额")
    encumbered: Money | None = money("{t}.encumbered_fen", "Promised by approved agreements. 已冻结金额")
    payable: Money | None = money("{t}.payable_fen", "Owed for accepted work. 应付金额")
    paid: Money | None = money("{t}.paid_fen", "Paid out. 已付金额")
    donations: Connection[Donation] | None = many(
        Connection["Donation"], "Donation", "What was given. 捐赠", order=DonationOrder, back="fund_id"
    )
    statement: FundStatement | None = derived_for(
        FundStatement,
        "fund_statement({t}.id, {arg.on.date})",
        "What it stood at on a day, from the ledger, with the lines of that year. 资金对账单",
        on=(date, "At the end of which day. 截止日"),
    )
    falls_due: list[FundDue] | None = derived(
        "FundDue",
        "fund_falls_due({t}.id, {today})",
        "What is overdue, and falls due within 30, 60 and 90 days. 到期应付",
    )
    created_at: datetime | None = instant("created_at", "When it was registered. 登记时间")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("donations")
@strawberry.type(description="Money given to a fund. 捐赠")
class Donation(Node):
    """A donation, known by the number of its outside voucher."""

    reference: str | None = word("reference", "Reference. 编号")
    fund: Fund | None = edge("Fund", "To which fund. 专项基金", via="fund_id")
    amount: Money | None = money("{t}.amount_fen", "How much. 金额")
    donor_kind: enums.DonorKind | None = word("donor_kind", "What kind of donor. 捐赠人类别")
    donor_name: str | None = prose("donor_name", "Who gave it. 捐赠人", masked="donor_name_masked")
    received_on: date | None = day("received_on", "When it came in. 到账日期")
    voucher_number: str | None = prose("voucher_number", "Number of the outside voucher. 凭证号")
    note: str | None = prose("note", "Note. 备注")
    recorded_by: MembershipRef | None = edge("Membership", "Who recorded it. 记录人", via="recorded_by_id")
    created_at: datetime | None = instant("created_at", "When it was recorded. 记录时间")
