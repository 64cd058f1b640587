"""The list of payment requests and payments of a street in a period, as a workbook for the accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, or_, select

from auth.gate import claim
from auth.tables import memberships
from hub.agreements.tables import agreements, milestones
from hub.base.errors import Invalid, LimitExceeded, NotFound
from hub.base.limits import MAX_LIST_DAYS, MAX_PAPER_ROWS
from hub.base.paper import Sheet, SheetColumn, Workbook
from hub.base.paper_text import said
from hub.base.transaction import Transaction
from hub.documents.papers import keep_paper, made_by, print_paper, require_papers_left
from hub.fund.tables import funds
from hub.organizations.tables import organizations
from hub.payments.tables import bank_accounts, invoices, payment_requests, payments

COMMAND = "payment_list_make"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OVER = ("PAID", "REJECTED", "REVERSED")

REQUEST_COLUMNS = (
    SheetColumn("付款申请", 18),
    SheetColumn("状态", 10),
    SheetColumn("类别", 10),
    SheetColumn("收款机构", 28),
    SheetColumn("服务协议", 18),
    SheetColumn("付款阶段", 16),
    SheetColumn("专项基金", 24),
    SheetColumn("验收金额", 15, "amount"),
    SheetColumn("扣减金额", 15, "amount"),
    SheetColumn("应付金额", 15, "amount"),
    # The two that can be added up: what was rejected or reversed stands in the list, but nobody owes it.
    SheetColumn("待付金额", 15, "amount"),
    SheetColumn("已支付金额", 15, "amount"),
    SheetColumn("生成日期", 12, "date"),
    SheetColumn("应付日期", 12, "date"),
    SheetColumn("到账日期", 12, "date"),
    SheetColumn("逾期天数", 9, "number"),
    SheetColumn("票据号码", 22),
)
PAYMENT_COLUMNS = (
    SheetColumn("付款编号", 18),
    SheetColumn("状态", 10),
    SheetColumn("付款申请", 18),
    SheetColumn("收款机构", 28),
    SheetColumn("服务协议", 18),
    SheetColumn("专项基金", 24),
    SheetColumn("付款金额", 15, "amount"),
    SheetColumn("已到账金额", 15, "amount"),
    SheetColumn("付款日期", 12, "date"),
    SheetColumn("到账日期", 12, "date"),
    SheetColumn("银行流水号", 24),
    SheetColumn("退款流水号", 24),
    SheetColumn("开户行", 26),
    SheetColumn("账号后四位", 11),
    SheetColumn("票据号码", 22),
    SheetColumn("出纳", 12),
    SheetColumn("入账会计", 12),
    SheetColumn("失败或冲销原因", 24),
)


async def payment_list_make(tx: Transaction, from_on: date, to_on: date) -> Row[Any]:
    """Make the list of the viewer's street: requests made in the period, and payments sent or settled in it.

    Both days count. Returns the paper. Raises Invalid for a period that ends before it begins or is longer than
    MAX_LIST_DAYS, LimitExceeded beyond MAX_PAPER_ROWS of either.
    """
    _require_period(from_on, to_on)
    if tx.actor.street_id is None:
        raise NotFound
    street = await claim(tx, organizations, tx.actor.street_id, COMMAND, locked=False)
    await require_papers_left(tx)
    period = tx.clock.at(from_on, 0), tx.clock.at(to_on + timedelta(days=1), 0)
    asked = await _rows(
        tx, _requests().where(_within(payment_requests.c.created_at, *period)), payment_requests
    )
    arrived = payments.c.settled_on.between(from_on, to_on)
    sent = await _rows(tx, _payments().where(or_(_within(payments.c.sent_at, *period), arrived)), payments)
    days = f"（{from_on.isoformat()} 至 {to_on.isoformat()}）"
    requested = [_request(tx, row) for row in asked]
    paid = [_payment(tx, row) for row in sent]
    sheets = [
        Sheet("付款申请", f"付款申请清单{days}", REQUEST_COLUMNS, requested),
        Sheet("付款", f"付款清单{days}", PAYMENT_COLUMNS, paid),
    ]
    drawn = await print_paper(tx, Workbook("付款清单", street.name, made_by(tx), sheets))
    name = f"付款清单-{from_on.isoformat()}-{to_on.isoformat()}"
    paper = await keep_paper(tx, street, "PAYMENT_LIST", name, MEDIA_TYPE, lambda out: _write(out, drawn))
    facts = {
        "from": from_on,
        "to": to_on,
        "requests": len(asked),
        "payments": len(sent),
        "sha256": paper.sha256,
    }
    await tx.emit(COMMAND, street, "Organization", tell=False, facts=facts)
    return paper


def _write(out: Any, data: bytes) -> None:
    out.write(data)


def _require_period(from_on: date, to_on: date) -> None:
    if to_on < from_on:
        raise Invalid("period_reversed", code="OUT_OF_RANGE", path=("to",))
    if (to_on - from_on).days >= MAX_LIST_DAYS:
        raise Invalid("list_period_length", code="OUT_OF_RANGE", path=("to",), most=MAX_LIST_DAYS)


def _within(instant: Any, begin: datetime, end: datetime) -> Any:
    return (instant >= begin) & (instant < end)


async def _rows(tx: Transaction, wanted: Select[Any], table: Any) -> Sequence[Row[Any]]:
    ordered = wanted.where(table.c.street_id == tx.actor.street_id).order_by(table.c.id)
    rows = (await tx.execute(ordered.limit(MAX_PAPER_ROWS + 1))).all()
    if len(rows) > MAX_PAPER_ROWS:
        raise LimitExceeded("list_too_long", path=("to",), most=MAX_PAPER_ROWS)
    return rows


def _requests() -> Select[Any]:
    return (
        select(
            payment_requests,
            organizations.c.name.label("partner"),
            agreements.c.reference.label("agreement"),
            milestones.c.code,
            milestones.c.title,
            funds.c.name.label("fund"),
            invoices.c.number.label("invoice"),
        )
        .join(organizations, organizations.c.id == payment_requests.c.partner_id)
        .join(agreements, agreements.c.id == payment_requests.c.agreement_id)
        .join(milestones, milestones.c.id == payment_requests.c.milestone_id)
        .join(funds, funds.c.id == payment_requests.c.fund_id)
        .outerjoin(invoices, invoices.c.id == payment_requests.c.invoice_id)
    )


def _request(tx: Transaction, row: Row[Any]) -> list[str | int | None]:
    until = row.paid_on or (None if row.status in OVER else tx.today)
    return [
        row.reference,
        said("PaymentRequestStatus", row.status),
        said("PaymentRequestKind", row.kind),
        row.partner,
        row.agreement,
        f"{row.code} {row.title}",
        row.fund,
        row.accepted_fen,
        row.deducted_fen,
        row.payable_fen,
        0 if row.status in OVER else row.payable_fen,
        row.payable_fen if row.status == "PAID" else 0,
        tx.clock.day(row.created_at).isoformat(),
        row.due_on.isoformat(),
        row.paid_on and row.paid_on.isoformat(),
        max(0, (until - row.due_on).days) if until else 0,
        row.invoice,
    ]


def _payments() -> Select[Any]:
    sender, settler = memberships.alias("sender"), memberships.alias("settler")
    return (
        select(
            payments,
            payment_requests.c.reference.label("request"),
            organizations.c.name.label("partner"),
            agreements.c.reference.label("agreement"),
            funds.c.name.label("fund"),
            bank_accounts.c.bank_name,
            bank_accounts.c.number_last4,
            invoices.c.number.label("invoice"),
            sender.c.display_name.label("sender"),
            settler.c.display_name.label("settler"),
        )
        .join(payment_requests, payment_requests.c.id == payments.c.request_id)
        .join(organizations, organizations.c.id == payments.c.partner_id)
        .join(agreements, agreements.c.id == payments.c.agreement_id)
        .join(funds, funds.c.id == payment_requests.c.fund_id)
        .join(bank_accounts, bank_accounts.c.id == payments.c.account_id)
        .outerjoin(invoices, invoices.c.id == payment_requests.c.invoice_id)
        .join(sender, sender.c.id == payments.c.sent_by_id)
        .outerjoin(settler, settler.c.id == payments.c.settled_by_id)
    )


def _payment(tx: Transaction, row: Row[Any]) -> list[str | int | None]:
    return [
        row.reference,
        said("PaymentStatus", row.status),
        row.request,
        row.partner,
        row.agreement,
        row.fund,
        row.amount_fen,
        row.amount_fen if row.status == "SETTLED" else 0,
        tx.clock.day(row.sent_at).isoformat(),
        row.settled_on and row.settled_on.isoformat(),
        row.bank_reference,
        row.refund_reference,
        row.bank_name,
        row.number_last4,
        row.invoice,
        row.sender,
        row.settler,
        said("PaymentReason", row.reason_code) if row.reason_code else None,
    ]
