"""What claims, payment requests, invoices and payments can be filtered and sorted by."""

# pyright: reportInvalidTypeForm=false
from __future__ import annotations

from datetime import date

import strawberry

from schema.types import enums
from schema.types.base import only, order

_IN = "= any({x})"
_UNPAID = "{t}.status not in ('PAID', 'REJECTED', 'REVERSED')"


@strawberry.input(description="Which claims. 验收申请筛选")
class SubmissionWhere:
    """Filter of claims."""

    status: list[enums.SubmissionStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    agreement: strawberry.ID | None = only(
        "agreement",
        "{t}.agreement_id = {x}",
        "Under this agreement. 服务协议",
        cast="uuid",
        id_type="Agreement",
    )
    milestone: strawberry.ID | None = only(
        "milestone", "{t}.milestone_id = {x}", "Of this stage. 付款阶段", cast="uuid", id_type="Milestone"
    )
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "Of this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    second_wanted: bool | None = only(
        "secondWanted",
        "{t}.second_wanted = {x}",
        "Whether it waits for the second reviewer. 待复核",
        cast="boolean",
    )


@strawberry.input(description="Which payment requests. 付款申请筛选")
class PaymentRequestWhere:
    """Filter of payment requests."""

    status: list[enums.PaymentRequestStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    kind: enums.PaymentRequestKind | None = only("kind", "{t}.kind = {x}", "Of this kind. 类别")
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    agreement: strawberry.ID | None = only(
        "agreement",
        "{t}.agreement_id = {x}",
        "Under this agreement. 服务协议",
        cast="uuid",
        id_type="Agreement",
    )
    milestone: strawberry.ID | None = only(
        "milestone", "{t}.milestone_id = {x}", "For this stage. 付款阶段", cast="uuid", id_type="Milestone"
    )
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "Of this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    fund: strawberry.ID | None = only(
        "fund", "{t}.fund_id = {x}", "Out of this fund. 专项基金", cast="uuid", id_type="Fund"
    )
    due_from: date | None = only("dueOn", "{t}.due_on >= {x}", "Due on or after. 应付不早于", cast="date")
    due_to: date | None = only("dueOn", "{t}.due_on <= {x}", "Due on or before. 应付不晚于", cast="date")
    overdue: bool | None = only(
        "overdueDays",
        f"({_UNPAID} and {{t}}.due_on < {{today}}) = {{x}}",
        "Whether unpaid past its date. 已逾期",
        cast="boolean",
    )


@strawberry.input(description="Which invoices. 票据筛选")
class InvoiceWhere:
    """Filter of invoices."""

    status: list[enums.InvoiceStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    number: str | None = only("number", "{t}.number = {x}", "With this number. 票据号码")
    payment_request: strawberry.ID | None = only(
        "paymentRequest",
        "{t}.request_id = {x}",
        "For this request. 付款申请",
        cast="uuid",
        id_type="PaymentRequest",
    )


@strawberry.input(description="Which payments. 付款筛选")
class PaymentWhere:
    """Filter of payments."""

    status: list[enums.PaymentStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "To this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    agreement: strawberry.ID | None = only(
        "agreement",
        "{t}.agreement_id = {x}",
        "Under this agreement. 服务协议",
        cast="uuid",
        id_type="Agreement",
    )
    settled_from: date | None = only(
        "settledOn", "{t}.settled_on >= {x}", "Arrived on or after. 到账不早于", cast="date"
    )
    settled_to: date | None = only(
        "settledOn", "{t}.settled_on <= {x}", "Arrived on or before. 到账不晚于", cast="date"
    )


SubmissionOrder = order(
    "SubmissionOrder",
    "Order of claims; newest first when nothing is said. 验收申请排序",
    submitted_at=("submittedAt", "submitted_at", "timestamptz"),
)
PaymentRequestOrder = order(
    "PaymentRequestOrder",
    "Order of payment requests; newest first when nothing is said. 付款申请排序",
    due_on=("dueOn", "due_on", "date"),
    status_since=("statusSince", "status_changed_at", "timestamptz"),
)
InvoiceOrder = order(
    "InvoiceOrder",
    "Order of invoices; newest first when nothing is said. 票据排序",
    issued_on=("issuedOn", "issued_on", "date"),
)
PaymentOrder = order(
    "PaymentOrder",
    "Order of payments; newest first when nothing is said. 付款排序",
    sent_at=("sentAt", "sent_at", "timestamptz"),
)
