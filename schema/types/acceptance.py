"""Claims of milestones, how their amounts arise, the reviews of them, deductions and appeals."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import (
    AvailableAction,
    Connection,
    Money,
    Node,
    actions,
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
from schema.types.filters_deliveries import DeliveryOrder, DeliveryWhere
from schema.types.refs import (
    AgreementLineRef,
    AgreementRef,
    CriterionRef,
    DeliveryRef,
    DocumentRef,
    MembershipRef,
    MilestoneRef,
    PartnerRef,
    PaymentRequestRef,
)


@describe("submissions")
@strawberry.type(description="A partner's claim that a milestone is met, with frozen evidence. 验收申请")
class Submission(Node):
    """The amount is computed by the stage's rule; `steps` say how."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.SubmissionStatus | None = word("status", "State. 状态")
    round: int | None = whole("round", "Which claim of the milestone it is, from 1. 第几次申请")
    agreement: AgreementRef | None = edge("Agreement", "Under which agreement. 服务协议", via="agreement_id")
    milestone: MilestoneRef | None = edge("Milestone", "Of which stage. 付款阶段", via="milestone_id")
    partner: PartnerRef | None = edge("Partner", "Whose claim it is. 社会组织", via="partner_id")
    rule: enums.ClaimRule | None = word("rule", "By which rule its amount arises. 金额规则")
    claimed: Money | None = money("{t}.claimed_fen", "What is claimed. 申请金额")
    accepted: Money | None = money("{t}.accepted_fen", "What is accepted of it. 验收金额")
    second_wanted: bool | None = yes_no(
        "second_wanted", "Whether an acceptance above the limit waits for the second reviewer. 待复核"
    )
    note: str | None = prose("note", "What the partner says to it. 说明")
    submitted_by: MembershipRef | None = edge("Membership", "Who handed it in. 提交人", via="submitted_by_id")
    submitted_at: datetime | None = instant("submitted_at", "When. 提交时间")
    status_since: datetime | None = instant("status_changed_at", "Since when it stands there. 状态起始时间")
    steps: list[ClaimStep] | None = short(
        "ClaimStep", "How the amount arises, step by step. 金额计算过程", back="submission_id"
    )
    deliveries: Connection[DeliveryRef] | None = many(
        Connection[DeliveryRef],
        "Delivery",
        "The work it bills, frozen. 结算的服务记录",
        where=DeliveryWhere,
        order=DeliveryOrder,
        link=("submission_deliveries", "submission_id", "delivery_id"),
    )
    documents: list[DocumentRef] | None = short(
        "Document",
        "What was handed in with it, frozen. 验收材料",
        link=("submission_documents", "submission_id", "document_id"),
    )
    reviews: list[Review] | None = short(
        "Review", "What was decided, oldest first. 验收意见", back="submission_id"
    )
    deductions: list[Deduction] | None = short("Deduction", "What is taken off. 扣减", back="submission_id")
    appeals: list[Appeal] | None = short("Appeal", "Appeals about it. 申诉", back="submission_id")
    payment_requests: list[PaymentRequestRef] | None = short(
        "PaymentRequest", "What became payable. 付款申请", back="submission_id"
    )
    available_actions: list[AvailableAction] | None = actions("Submission")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("claim_steps", tag="claim_step")
@strawberry.type(description="One step of how a claimed amount arises, with its figures. 金额计算步骤")
class ClaimStep(Node):
    """The figures as they were when the claim was handed in."""

    number: int | None = whole("number", "Its place. 序号")
    kind: enums.ClaimStepKind | None = word("kind", "What it says. 类别")
    line: AgreementLineRef | None = edge("AgreementLine", "About which line. 服务条目", via="line_id")
    criterion: CriterionRef | None = edge("Criterion", "About which criterion. 标准", via="criterion_id")
    metric: enums.CriterionMetric | None = word("metric", "Which figure. 指标")
    value: int | None = whole("value", "What it measured; null where the hub cannot. 实际值")
    target: int | None = whole("target", "What it should reach. 目标值")
    quantity: int | None = whole("quantity", "How many units. 数量")
    unit_price: Money | None = money("{t}.unit_price_fen", "Price of a unit. 单价")
    amount: Money | None = money("{t}.amount_fen", "What it comes to; below zero for what goes off. 金额")


@describe("reviews")
@strawberry.type(description="A decision on a claim; never changed. 验收意见")
class Review(Node):
    """The station decides, above the limit somebody of a served community seconds it."""

    number: int | None = whole("number", "Its place among them. 序号")
    submission: Submission | None = edge("Submission", "On which claim. 验收申请", via="submission_id")
    decision: enums.ReviewDecision | None = word("decision", "What it says. 结论")
    accepted: Money | None = money("{t}.accepted_fen", "What it accepts. 验收金额")
    awaits_second: bool | None = yes_no(
        "awaits_second", "Whether it counts only once it is seconded. 需要复核"
    )
    reason_code: enums.ReviewReason | None = word("reason_code", "Why, as a code. 原因代码")
    comment: str | None = prose("comment", "In words. 意见")
    reviewed_by: MembershipRef | None = edge("Membership", "By whom. 验收人", via="reviewed_by_id")
    reviewed_at: datetime | None = instant("reviewed_at", "When. 验收时间")


@describe("deductions")
@strawberry.type(description="Something taken off a claim, under a rule of the agreement. 扣减")
class Deduction(Node):
    """It takes effect with the payment that it lessens."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.DeductionStatus | None = word("status", "State. 状态")
    kind: enums.DeductionKind | None = word("kind", "Kind. 类别")
    amount: Money | None = money("{t}.amount_fen", "How much. 金额")
    rule: str | None = prose("rule", "Under which rule of the agreement. 扣减依据")
    reason: str | None = prose("reason", "Why. 扣减理由")
    submission: Submission | None = edge("Submission", "Of which claim. 验收申请", via="submission_id")
    milestone: MilestoneRef | None = edge("Milestone", "Of which stage. 付款阶段", via="milestone_id")
    delivery: DeliveryRef | None = edge(
        "Delivery", "About which delivery, if about one. 服务记录", via="delivery_id"
    )
    payment_request: PaymentRequestRef | None = edge(
        "PaymentRequest", "Which payment it lessens. 付款申请", via="request_id"
    )
    proposed_by: MembershipRef | None = edge("Membership", "Who proposed it. 提出人", via="proposed_by_id")
    proposed_at: datetime | None = instant("proposed_at", "When. 提出时间")
    available_actions: list[AvailableAction] | None = actions("Deduction")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("appeals")
@strawberry.type(description="The partner's appeal against a decision. 申诉")
class Appeal(Node):
    """Decided by a leader who neither reviewed nor approved."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.AppealStatus | None = word("status", "State. 状态")
    subject: enums.AppealSubject | None = word("subject", "Against what. 申诉事项")
    partner: PartnerRef | None = edge("Partner", "Whose it is. 社会组织", via="partner_id")
    submission: Submission | None = edge("Submission", "About which claim. 验收申请", via="submission_id")
    milestone: MilestoneRef | None = edge("Milestone", "About which stage. 付款阶段", via="milestone_id")
    deduction: Deduction | None = edge("Deduction", "About which deduction. 扣减", via="deduction_id")
    grounds: str | None = prose("grounds", "Why. 申诉理由")
    filed_by: MembershipRef | None = edge("Membership", "Who filed it. 提出人", via="filed_by_id")
    filed_at: datetime | None = instant("filed_at", "When. 提出时间")
    decided_by: MembershipRef | None = edge("Membership", "Who decided it. 裁定人", via="decided_by_id")
    decided_at: datetime | None = instant("decided_at", "When. 裁定时间")
    decision: str | None = prose("decision", "The decision in words. 裁定意见")
    awarded: Money | None = money("{t}.awarded_fen", "What was awarded. 支持金额")
    available_actions: list[AvailableAction] | None = actions("Appeal")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")
