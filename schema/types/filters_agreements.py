"""What funds, agreements and milestones can be filtered and sorted by."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date

import strawberry

from hub.base.limits import DUE_SOON_DAYS
from schema.types import enums
from schema.types.base import only, order

_IN = "= any({x})"
_OPEN = "({t}.in_force and {t}.status in ('SCHEDULED', 'RETURNED', 'REJECTED')"


@strawberry.input(description="Which agreements. 协议筛选")
class AgreementWhere:
    """Filter of agreements."""

    status: list[enums.AgreementStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "With this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    fund: strawberry.ID | None = only(
        "fund", "{t}.fund_id = {x}", "Paid by this fund. 专项基金", cast="uuid", id_type="Fund"
    )
    community: strawberry.ID | None = only(
        "communities",
        "{x} = any({t}.community_ids)",
        "That serve this community. 服务社区",
        cast="uuid",
        id_type="Community",
    )


@strawberry.input(description="Which milestones. 付款阶段筛选")
class MilestoneWhere:
    """Filter of milestones."""

    status: list[enums.MilestoneStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    kind: list[enums.MilestoneKind] | None = only(
        "kind", "{t}.kind " + _IN, "Of one of these kinds. 类别", cast="text[]"
    )
    agreement: strawberry.ID | None = only(
        "agreement", "{t}.agreement_id = {x}", "Of this agreement. 服务协议", cast="uuid", id_type="Agreement"
    )
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "Of this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    due_from: date | None = only("dueOn", "{t}.due_on >= {x}", "Due on or after. 到期不早于", cast="date")
    due_to: date | None = only("dueOn", "{t}.due_on <= {x}", "Due on or before. 到期不晚于", cast="date")
    overdue: bool | None = only(
        "overdue", f"{_OPEN} and {{t}}.due_on < {{today}}) = {{x}}", "Whether overdue. 已逾期", cast="boolean"
    )
    due_soon: bool | None = only(
        "dueSoon",
        f"{_OPEN} and {{t}}.due_on between {{today}} and {{today}} + {DUE_SOON_DAYS}) = {{x}}",
        "Whether due soon. 即将到期",
        cast="boolean",
    )
    due_within_days: int | None = only(
        "dueOn",
        f"{_OPEN} and {{t}}.due_on - {{today}} between 0 and {{x}})",
        "Not accepted yet, and due from today on within so many days. 几日内到期",
        cast="int",
    )
    payable: bool | None = only(
        "status",
        "({t}.status in ('ACCEPTED', 'PARTIALLY_ACCEPTED')) = {x}",
        "Whether accepted, and not settled yet. 待付款",
        cast="boolean",
    )


@strawberry.input(description="Which funds. 基金筛选")
class FundWhere:
    """Filter of funds."""

    kind: enums.FundKind | None = only("kind", "{t}.kind = {x}", "Of this kind. 类别")
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    purpose: str | None = only(
        "purposes", "{x} = any({t}.purposes)", "That may buy this (code of a service, or strand). 资金用途"
    )


AgreementOrder = order(
    "AgreementOrder",
    "Order of agreements; newest first when nothing is said. 协议排序",
    reference=("reference", "reference", "text"),
    status=("status", "status", "text"),
    created_at=("createdAt", "created_at", "timestamptz"),
)
AgreementLineOrder = order(
    "AgreementLineOrder", "Order of lines. 服务条目排序", number=("number", "number", "int")
)
MilestoneOrder = order(
    "MilestoneOrder",
    "Order of milestones; newest first when nothing is said. 付款阶段排序",
    due_on=("dueOn", "due_on", "date"),
    sequence=("sequence", "sequence", "int"),
)
FundOrder = order(
    "FundOrder",
    "Order of funds; newest first when nothing is said. 基金排序",
    reference=("reference", "reference", "text"),
)
DonationOrder = order(
    "DonationOrder",
    "Order of donations; newest first when nothing is said. 捐赠排序",
    received_on=("receivedOn", "received_on", "date"),
)
