"""A fund at the end of a day with its lines, and what falls due of it."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import Money, day, derived, edge, instant, money, number, word
from schema.types.refs import (
    AgreementRef,
    DonationRef,
    MembershipRef,
    MilestoneRef,
    PaymentRequestRef,
)


@describe()
@strawberry.type(description="A movement of the ledger, and what it did to the four figures. 台账明细")
class FundStatementLine:
    """Gains are above zero, what was given up below."""

    made_at: datetime | None = instant("made_at", "When it was booked. 记账时间")
    made_by: MembershipRef | None = edge("Membership", "Who booked it. 记账人", via="made_by_id")
    reason: enums.TransferReason | None = word("reason", "Why. 事由")
    stage: enums.TransferStage | None = word("stage", "How far it is. 记账状态")
    amount: Money | None = money("{t}.amount_fen", "How much moved. 金额")
    available: Money | None = money("{t}.available_fen", "What it did to the available. 可用金额变动")
    encumbered: Money | None = money("{t}.encumbered_fen", "To the encumbered. 冻结金额变动")
    payable: Money | None = money("{t}.payable_fen", "To the payable. 应付金额变动")
    paid: Money | None = money("{t}.paid_fen", "To the paid. 已付金额变动")
    donation: DonationRef | None = edge("Donation", "Of which donation. 捐赠", via="donation_id")
    agreement: AgreementRef | None = edge("Agreement", "For which agreement. 服务协议", via="agreement_id")
    milestone: MilestoneRef | None = edge("Milestone", "For which stage. 付款阶段", via="milestone_id")
    payment_request: PaymentRequestRef | None = edge(
        "PaymentRequest", "For which request. 付款申请", via="request_id"
    )


@describe()
@strawberry.type(
    description="A fund at the end of a day, from the ledger alone: received = available + encumbered + payable +"
    " paid; opening + receivedThisYear - paidThisYear = available + encumbered + payable. 资金对账单"
)
class FundStatement:
    """The four figures are those since the fund began; opening and lines are of the day's calendar year."""

    on: date | None = day("on_day", "At the end of which day. 截止日")
    year_from: date | None = day("year_on", "From when the lines are. 明细起始日")
    opening: Money | None = money("{t}.opening_fen", "What lay in it when that year began. 年初余额")
    received: Money | None = money("{t}.received_fen", "Received in all. 累计收入")
    available: Money | None = money("{t}.available_fen", "Free to be promised. 可用金额")
    encumbered: Money | None = money("{t}.encumbered_fen", "Promised by approved agreements. 已冻结金额")
    payable: Money | None = money("{t}.payable_fen", "Owed for accepted work. 应付金额")
    paid: Money | None = money("{t}.paid_fen", "Paid out in all. 累计支出")
    received_this_year: Money | None = money(
        "{t}.received_this_year_fen", "Received since the year began. 本年收入"
    )
    paid_this_year: Money | None = money("{t}.paid_this_year_fen", "Paid out since the year began. 本年支出")
    line_count: int | None = number("line_count", "How many lines there are. 明细条数")
    lines: list[FundStatementLine] | None = derived(
        "FundStatementLine",
        "fund_statement_lines({t}.fund_id, {t}.year_on, {t}.on_day)",
        "Movements of that year up to that day, newest first; at most 500. 台账明细",
    )


@describe()
@strawberry.type(
    description="What falls due of a fund: a stage at its day until there is a request, then the request at the day by"
    " which the street has to pay. Nothing counts twice. 到期应付"
)
class FundDue:
    """OVERDUE before today; the others from today on, each including the one before."""

    horizon: enums.DueHorizon | None = word("horizon", "By when. 到期区间")
    until: date | None = day("until_on", "Up to which day. 截止日")
    amount: Money | None = money("{t}.amount_fen", "How much in all. 合计金额")
    count: int | None = number("item_count", "How many items in all. 合计笔数")
    planned: Money | None = money("{t}.planned_fen", "Stages not accepted yet, at most. 计划付款金额")
    planned_count: int | None = number("planned_count", "How many stages. 计划付款笔数")
    payable: Money | None = money("{t}.payable_fen", "Requests not paid yet. 应付金额")
    payable_count: int | None = number("payable_count", "How many requests. 应付笔数")
