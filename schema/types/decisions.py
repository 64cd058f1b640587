"""One page per decision: what is bought, for how many, what is left in the fund, and who had a hand in it. No names."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from hub.reports.rules import LEAST_PUBLISHED_PEOPLE
from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import Money, derived, edge, instant, money, prose, word, yes_no
from schema.types.base import number as whole
from schema.types.refs import AgreementLineRef, FundRef, MembershipRef, ServiceTypeRef, SubmissionRef

LEAST = f"CASE WHEN {{street}} is null THEN {LEAST_PUBLISHED_PEOPLE} ELSE 1 END"
"""Whoever acts for no street reads from outside it."""


@describe()
@strawberry.type(description="What a line buys. 采购内容")
class DecisionLine:
    """In its units, and where it can be said in people."""

    line: AgreementLineRef | None = edge("AgreementLine", "Which line. 服务条目", via="line_id")
    number: int | None = whole("number", "Its number in the agreement. 序号")
    title: str | None = prose("title", "What it is. 名称")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    kind: enums.LineKind | None = word("kind", "By the unit or as a block. 计价方式")
    unit: enums.ServiceUnit | None = word("unit", "What is counted. 计量单位")
    unit_price: Money | None = money("{t}.unit_price_fen", "Price of one unit. 单价")
    quantity: int | None = whole("quantity", "How many at most. 数量上限")
    amount: Money | None = money("{t}.amount_fen", "How much money at most. 金额上限")
    people: int | None = whole("people", "For how many people, where they are bought by the unit. 服务人数")
    attendances: int | None = whole(
        "attendances", "How many must come at least, over all events or groups. 最低参与人次"
    )


@describe()
@strawberry.type(description="Somebody who had a hand in it. 经办记录")
class DecisionHand:
    """Which step, who, when."""

    step: enums.DecisionStep | None = word("step", "Which step. 步骤")
    made_by: MembershipRef | None = edge("Membership", "By whom. 经办人", via="made_by_id")
    made_at: datetime | None = instant("made_at", "When. 办理时间")


@describe()
@strawberry.type(description="The page on which an agreement is decided. 协议审批页")
class AgreementDecision:
    """Of the current version. What is free in the fund is that of now until it is decided, then that of then."""

    decided: bool | None = yes_no("decided", "Whether it is approved. 已审批")
    ceiling: Money | None = money("{t}.ceiling_fen", "The most it can cost. 协议总额")
    fund: FundRef | None = edge("Fund", "Which fund pays. 专项基金", via="fund_id")
    available_before: Money | None = money("{t}.before_fen", "Free in the fund without it. 审批前可用金额")
    available_after: Money | None = money(
        "{t}.after_fen", "Free in the fund with it; below zero: it is not there. 审批后可用金额"
    )
    people: int | None = whole("people", "For how many people, where they are bought by the unit. 服务人数")
    attendances: int | None = whole(
        "attendances", "How many must come at least, over all events and groups. 最低参与人次"
    )
    lines: list[DecisionLine] | None = derived(
        "DecisionLine", "decision_lines({t}.version_id)", "What is bought. 采购内容"
    )
    hands: list[DecisionHand] | None = derived(
        "DecisionHand", "agreement_hands({t}.version_id)", "Who prepared and checked it, in order. 经办记录"
    )


@describe()
@strawberry.type(description="What a claim bills on a line. 结算内容")
class PaymentDecisionLine:
    """From the frozen deliveries and the derivation of the amount."""

    line: AgreementLineRef | None = edge("AgreementLine", "Which line. 服务条目", via="line_id")
    title: str | None = prose("title", "What it is. 名称")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    kind: enums.LineKind | None = word("kind", "By the unit or as a block. 计价方式")
    unit: enums.ServiceUnit | None = word("unit", "What is counted. 计量单位")
    unit_price: Money | None = money("{t}.unit_price_fen", "Price of one unit. 单价")
    quantity: int | None = whole(
        "quantity", "How many units it bills; null where it bills by share. 结算数量"
    )
    deliveries: int | None = whole("delivery_count", "How many deliveries it stands on. 服务记录数")
    people: int | None = whole("people", "For how many people; null outside the street. 服务人数")


@describe()
@strawberry.type(description="The page on which a payment is decided. 付款审批页")
class PaymentDecision:
    """What was claimed, accepted and paid so far, and what the fund holds."""

    ceiling: Money | None = money("{t}.ceiling_fen", "The most the agreement can cost. 协议总额")
    paid_before: Money | None = money(
        "{t}.agreement_paid_fen", "Paid under it, without this payment. 协议此前已付金额"
    )
    stage_limit: Money | None = money(
        "{t}.stage_limit_fen", "The most the stage can be accepted for. 阶段上限"
    )
    claimed: Money | None = money("{t}.claimed_fen", "Claimed. 申请金额")
    accepted: Money | None = money("{t}.accepted_fen", "Accepted. 验收金额")
    deducted: Money | None = money("{t}.deducted_fen", "Taken off. 扣减金额")
    payable: Money | None = money("{t}.payable_fen", "To be paid. 应付金额")
    held_before: Money | None = money(
        "{t}.before_fen", "What the fund holds now, this payment not made. 付款前基金余额"
    )
    held_after: Money | None = money("{t}.after_fen", "The same with this payment made. 付款后基金余额")
    available: Money | None = money("{t}.available_fen", "Of it free to be promised. 其中可用金额")
    people: int | None = whole(
        "people",
        f"For how many people the billed work was; null below {LEAST_PUBLISHED_PEOPLE} outside the street. 人数",
    )
    households: int | None = whole(
        "homes",
        f"In how many households; null where fewer than {LEAST_PUBLISHED_PEOPLE} people are, outside the street. 户数",
    )
    times: int | None = whole(
        "times",
        f"How often; null where fewer than {LEAST_PUBLISHED_PEOPLE} people are, outside the street. 人次",
    )
    submission: SubmissionRef | None = edge(
        "Submission", "The claim, with how its amount arises. 验收申请", via="submission_id"
    )
    lines: list[PaymentDecisionLine] | None = derived(
        "PaymentDecisionLine",
        f"payment_decision_lines({{t}}.submission_id, {LEAST})",
        "What it bills, by line. 结算内容",
    )
    hands: list[DecisionHand] | None = derived(
        "DecisionHand",
        "payment_hands({t}.request_id)",
        "Who claimed, reviewed and checked it, in order. 经办记录",
    )
