"""Agreements, their versions, lines and criteria, and the milestones by which they are paid."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from hub.base.limits import DUE_SOON_DAYS
from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import (
    AvailableAction,
    Connection,
    Money,
    Node,
    actions,
    computed,
    day,
    derived,
    derived_one,
    edge,
    instant,
    many,
    money,
    prose,
    short,
    word,
    yes_no,
)
from schema.types.base import number as whole
from schema.types.decisions import AgreementDecision
from schema.types.filters_agreements import AgreementLineOrder, MilestoneOrder, MilestoneWhere
from schema.types.filters_deliveries import DeliveryOrder, DeliveryWhere
from schema.types.refs import (
    CommunityRef,
    DeliveryRef,
    FundRef,
    LineUsageRef,
    MembershipRef,
    MilestoneProgressRef,
    PartnerRef,
    PaymentRequestRef,
    ServiceTypeRef,
    StreetRef,
    SubmissionRef,
)

OPEN = "{t}.in_force and {t}.status in ('SCHEDULED', 'RETURNED', 'REJECTED')"
OVERDUE = f"{OPEN} and {{t}}.due_on < {{today}}"
DUE_SOON = f"{OPEN} and {{t}}.due_on between {{today}} and {{today}} + {DUE_SOON_DAYS}"


@describe("agreements")
@strawberry.type(description="What the street buys from a partner, and how it pays. 服务协议")
class Agreement(Node):
    """Lines and milestones are those of the current version."""

    reference: str | None = word("reference", "Reference. 编号")
    title: str | None = prose("title", "Title. 名称")
    status: enums.AgreementStatus | None = word("status", "State. 状态")
    partner: PartnerRef | None = edge("Partner", "With whom. 社会组织", via="partner_id")
    street: StreetRef | None = edge("Street", "For which street. 街道", via="street_id")
    fund: FundRef | None = edge("Fund", "Which fund pays. 专项基金", via="fund_id")
    communities: list[CommunityRef] | None = short(
        "Community", "Which communities it serves. 服务社区", listed="community_ids"
    )
    current_version: AgreementVersion | None = edge(
        "AgreementVersion", "The version that counts. 当前版本", via="current_version_id"
    )
    versions: list[AgreementVersion] | None = short(
        "AgreementVersion", "All versions, oldest first. 全部版本", back="agreement_id"
    )
    lines: Connection[AgreementLine] | None = many(
        Connection["AgreementLine"],
        "AgreementLine",
        "What is bought. 服务条目",
        order=AgreementLineOrder,
        back="version_id",
        near="current_version_id",
    )
    milestones: Connection[Milestone] | None = many(
        Connection["Milestone"],
        "Milestone",
        "The stages by which it is paid. 付款阶段",
        where=MilestoneWhere,
        order=MilestoneOrder,
        back="version_id",
        near="current_version_id",
    )
    ceiling: Money | None = money("{t}.ceiling_fen", "The most it can cost. 协议总额")
    encumbered: Money | None = money(
        "{t}.encumbered_fen", "Reserved in the fund, not accepted yet. 已冻结金额"
    )
    payable: Money | None = money("{t}.payable_fen", "Accepted, not paid yet. 应付金额")
    paid: Money | None = money("{t}.paid_fen", "Paid. 已付金额")
    decision: AgreementDecision | None = derived_one(
        "AgreementDecision",
        "agreement_decision({t}.id)",
        "The page on which it is decided: what is bought, for how many, what is left in the fund, who checked."
        " 协议审批页",
    )
    status_reason_code: enums.AgreementReason | None = word(
        "status_reason_code", "Why it was sent back, declined or ended. 原因代码"
    )
    status_reason: str | None = prose("status_reason", "The same in words. 原因说明")
    status_since: datetime | None = instant("status_changed_at", "Since when it stands there. 状态起始时间")
    created_at: datetime | None = instant("created_at", "When it was drafted first. 起草时间")
    activated_at: datetime | None = instant("activated_at", "When it came into force. 生效时间")
    ended_at: datetime | None = instant("ended_at", "When it ended. 结束时间")
    available_actions: list[AvailableAction] | None = actions("Agreement")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("agreement_versions", tag="agreement_version")
@strawberry.type(description="One wording of an agreement; once approved it never changes. 协议版本")
class AgreementVersion(Node):
    """What was agreed, and who prepared, certified, approved and signed it."""

    number: int | None = whole("number", "Number, from 1. 版本号")
    ceiling: Money | None = money("{t}.ceiling_fen", "The most it can cost. 协议总额")
    retention_percent: Decimal | None = computed(
        "({t}.retention_bp * 0.01)::text", Kind.TEXT, "Held back of each payment, in percent. 质保金比例"
    )
    payment_days: int | None = whole("payment_days", "Days from acceptance to payment. 付款期限（天）")
    shortfall_rule: enums.ShortfallRule | None = word(
        "shortfall_rule", "What a share stage loses for missing work. 未完成扣减规则"
    )
    remainder_rule: enums.RemainderRule | None = word(
        "remainder_rule", "What becomes of an unaccepted remainder. 余额处理规则"
    )
    procurement_method: enums.ProcurementMethod | None = word(
        "procurement_method", "How the partner was chosen. 采购方式"
    )
    procurement_rationale: str | None = prose("procurement_rationale", "Why in this way. 采购理由")
    effective_from: date | None = day("effective_from_on", "First day. 生效日")
    ends_on: date | None = day("ends_on", "Last day. 截止日")
    decision_reference: str | None = prose(
        "decision_reference", "Reference of the leadership's decision. 决策文号"
    )
    prepared_by: MembershipRef | None = edge("Membership", "Who wrote it. 起草人", via="prepared_by_id")
    prepared_at: datetime | None = instant("prepared_at", "When. 起草时间")
    proposed_by: MembershipRef | None = edge("Membership", "Who proposed it. 送审人", via="proposed_by_id")
    proposed_at: datetime | None = instant("proposed_at", "When. 送审时间")
    certified_by: MembershipRef | None = edge(
        "Membership", "Which accountant stated that the money is there. 资金审核人", via="certified_by_id"
    )
    certified_at: datetime | None = instant("certified_at", "When. 资金审核时间")
    approved_by: MembershipRef | None = edge("Membership", "Who approved it. 审批人", via="approved_by_id")
    approved_at: datetime | None = instant("approved_at", "When. 审批时间")
    signed_by: MembershipRef | None = edge(
        "Membership", "Who signed for the partner. 签署人", via="signed_by_id"
    )
    signed_at: datetime | None = instant("signed_at", "When. 签署时间")


@describe("agreement_lines", tag="agreement_line")
@strawberry.type(description="One thing that is bought, by the unit or as a block. 服务条目")
class AgreementLine(Node):
    """UNIT: price times quantity, capped. BLOCK: one amount for the whole."""

    agreement: Agreement | None = edge("Agreement", "Of which agreement. 服务协议", via="agreement_id")
    number: int | None = whole("number", "Number in the agreement. 序号")
    title: str | None = prose("title", "What it is. 名称")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service of the catalogue. 服务项目", via="service_type_id"
    )
    kind: enums.LineKind | None = word("kind", "By the unit or as a block. 计价方式")
    unit: enums.ServiceUnit | None = word("unit", "What is counted. 计量单位")
    unit_price: Money | None = money("{t}.unit_price_fen", "Price of one unit. 单价")
    quantity_cap: int | None = whole("quantity_cap", "How many at most. 数量上限")
    amount_cap: Money | None = money("{t}.amount_cap_fen", "How much money at most. 金额上限")
    communities: list[CommunityRef] | None = short(
        "Community", "Which communities it serves. 服务社区", listed="community_ids"
    )
    criteria: list[Criterion] | None = short("Criterion", "Minimum quality. 质量标准", back="line_id")
    deliveries: Connection[DeliveryRef] | None = many(
        Connection[DeliveryRef],
        "Delivery",
        "What was delivered on it. 服务记录",
        where=DeliveryWhere,
        order=DeliveryOrder,
        back="line_id",
    )
    usage: LineUsageRef | None = derived_one(
        "LineUsage", "line_usage({t}.id)", "What is done, still owed, and out of reach. 完成情况"
    )


@describe("criteria")
@strawberry.type(description="What is asked for: a figure and what it must reach. 标准")
class Criterion(Node):
    """Of each unit of a line, or of a line or milestone as a whole."""

    metric: enums.CriterionMetric | None = word("metric", "Which figure. 指标")
    operator: enums.Operator | None = word("operator", "How it is compared. 比较方式")
    target: int | None = whole("target", "What it must reach. 目标值")
    per_unit: bool | None = yes_no("per_unit", "Whether each unit must reach it. 是否逐单位要求")


@describe()
@strawberry.type(description="What a stage of payment has come to. 付款阶段资金")
class MilestoneMoney:
    """Paid never passes accepted less deducted."""

    limit: Money | None = money("{t}.limit_fen", "The most it can be accepted for. 可验收上限")
    accepted: Money | None = money("{t}.accepted_fen", "Accepted. 已验收")
    deducted: Money | None = money("{t}.deducted_fen", "Taken off. 已扣减")
    requested: Money | None = money("{t}.requested_fen", "Requested or paid. 已申请付款")
    paid: Money | None = money("{t}.paid_fen", "Paid. 已支付")


@describe("milestones")
@strawberry.type(description="A stage of the agreement: when, how much, on which criteria. 付款阶段")
class Milestone(Node):
    """Due soon and overdue are derived, and only while the agreement is in force."""

    sequence: int | None = whole("sequence", "Its place among the stages. 序号")
    code: str | None = prose("code", "Code in the agreement. 代码")
    title: str | None = prose("title", "Title. 名称")
    kind: enums.MilestoneKind | None = word("kind", "Kind. 类别")
    status: enums.MilestoneStatus | None = word("status", "State. 状态")
    due_on: date | None = day("due_on", "When it is due. 到期日")
    amount: Money | None = money("{t}.amount_fen", "How much it pays at most. 金额")
    share_percent: Decimal | None = computed(
        "({t}.share_bp * 0.01)::text", Kind.TEXT, "Its share of the ceiling, where it is one. 比例"
    )
    overdue: bool | None = computed(OVERDUE, Kind.YES_NO, "Whether its day has passed. 已逾期")
    due_soon: bool | None = computed(
        DUE_SOON, Kind.YES_NO, f"Whether it is due within {DUE_SOON_DAYS} days. 即将到期"
    )
    agreement: Agreement | None = edge("Agreement", "Of which agreement. 服务协议", via="agreement_id")
    partner: PartnerRef | None = edge("Partner", "Whose stage it is. 社会组织", via="partner_id")
    depends_on: list[Milestone] | None = short(
        "Milestone", "Which stages come before it. 前置阶段", listed="depends_on_ids"
    )
    criteria: list[Criterion] | None = short("Criterion", "What is asked for. 验收标准", back="milestone_id")
    progress: list[MilestoneProgressRef] | None = derived(
        "MilestoneProgress",
        "milestone_progress({t}.id)",
        "How far it is, explained down to the rows. 验收进度",
    )
    money: MilestoneMoney | None = derived_one(
        "MilestoneMoney", "milestone_money({t}.id)", "What was accepted of it, requested and paid. 资金情况"
    )
    submissions: list[SubmissionRef] | None = short(
        "Submission", "Claims of it, oldest first. 验收申请", back="milestone_id"
    )
    payment_requests: list[PaymentRequestRef] | None = short(
        "PaymentRequest", "What became payable, oldest first. 付款申请", back="milestone_id"
    )
    available_actions: list[AvailableAction] | None = actions("Milestone")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")
