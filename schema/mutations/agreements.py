"""Mutations on agreements."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from hub.agreements import commands, commands_ending
from hub.agreements.drafting import Terms
from hub.agreements.rules import CriterionTerms, LineTerms, MilestoneTerms
from hub.base.transaction import Transaction
from hub.referrals import commands_agreements
from schema.mutation import Target, Version, mutation, name_of, uuid_of, uuids_of
from schema.types import enums
from schema.types.agreements import Agreement

SHOWN = (Agreement, "The agreement. 服务协议")
Reason = Annotated[enums.AgreementReason, strawberry.argument(description="Why, as a code. 原因代码")]
Words = Annotated[str, strawberry.argument(description="Why, in words. 原因说明")]


@strawberry.input(description="A figure and what it must reach. 标准")
class CriterionInput:
    """Of each unit of a line, or of a line or milestone as a whole."""

    metric: enums.CriterionMetric = strawberry.field(description="Which figure. 指标")
    target: int = strawberry.field(description="What it must reach. 目标值")
    operator: enums.Operator | None = strawberry.field(
        default=None, description="How it is compared; AT_LEAST when nothing is said. 比较方式"
    )
    per_unit: bool = strawberry.field(
        default=False, description="Whether each unit of the line must reach it. 是否逐单位要求"
    )


@strawberry.input(description="One thing that is bought. 服务条目")
class AgreementLineInput:
    """UNIT needs a price and a quantity, BLOCK an amount."""

    title: str = strawberry.field(description="What it is. 名称")
    service_type: str = strawberry.field(description="Code of the service type. 服务项目代码")
    kind: enums.LineKind = strawberry.field(description="By the unit or as a block. 计价方式")
    communities: list[strawberry.ID] = strawberry.field(
        description="Which communities it serves (ids of Communities). 服务社区"
    )
    unit: enums.ServiceUnit | None = strawberry.field(
        default=None, description="What is counted; the service's unit when nothing is said. 计量单位"
    )
    unit_price: Decimal | None = strawberry.field(
        default=None, description="Price of a unit, in yuan. 单价（元）"
    )
    quantity_cap: int | None = strawberry.field(default=None, description="How many at most. 数量上限")
    amount_cap: Decimal | None = strawberry.field(
        default=None,
        description="How much at most, in yuan; price times quantity unless lower. 金额上限（元）",
    )
    criteria: list[CriterionInput] | None = strawberry.field(
        default=None, description="Minimum quality. 质量标准"
    )


@strawberry.input(description="A stage of payment. 付款阶段")
class MilestoneInput:
    """An amount or a share of the ceiling, never both; in the order of the list."""

    code: str = strawberry.field(description="Code, once in the agreement. 代码")
    title: str = strawberry.field(description="Title. 名称")
    kind: enums.MilestoneKind = strawberry.field(description="Kind. 类别")
    due_on: date = strawberry.field(description="When it is due. 到期日")
    amount: Decimal | None = strawberry.field(default=None, description="Amount, in yuan. 金额（元）")
    share_percent: Decimal | None = strawberry.field(
        default=None, description="Share of the ceiling, in percent. 比例（%）"
    )
    depends_on: list[str] | None = strawberry.field(
        default=None, description="Codes of earlier stages that come first. 前置阶段代码"
    )
    criteria: list[CriterionInput] | None = strawberry.field(
        default=None, description="What is asked for. 验收标准"
    )


@strawberry.input(description="What an agreement says. 服务协议")
class AgreementDraftInput:
    """Fund, partner, term, lines and milestones."""

    fund: strawberry.ID = strawberry.field(description="Which fund pays (id of a Fund). 专项基金")
    partner: strawberry.ID = strawberry.field(description="With whom (id of a Partner). 社会组织")
    title: str = strawberry.field(description="Title. 名称")
    ceiling: Decimal = strawberry.field(description="The most it can cost, in yuan. 协议总额（元）")
    effective_from: date = strawberry.field(description="First day. 生效日")
    ends_on: date = strawberry.field(description="Last day. 截止日")
    lines: list[AgreementLineInput] = strawberry.field(description="What is bought. 服务条目")
    milestones: list[MilestoneInput] = strawberry.field(
        description="The stages of payment, in order. 付款阶段"
    )
    retention_percent: Decimal | None = strawberry.field(
        default=None,
        description="Held back of each payment, in percent; nothing unless said. 质保金比例（%）",
    )
    payment_days: int = strawberry.field(
        default=30, description="Days from acceptance to payment. 付款期限（天）"
    )
    shortfall_rule: enums.ShortfallRule | None = strawberry.field(
        default=None, description="PROPORTIONAL when nothing is said. 未完成扣减规则"
    )
    remainder_rule: enums.RemainderRule | None = strawberry.field(
        default=None, description="CARRY_TO_FINAL when nothing is said. 余额处理规则"
    )
    procurement_method: enums.ProcurementMethod | None = strawberry.field(
        default=None, description="How the partner was chosen. 采购方式"
    )
    procurement_rationale: str | None = strawberry.field(
        default=None, description="Why in this way. 采购理由"
    )


def _criteria(given: Sequence[CriterionInput] | None) -> list[CriterionTerms]:
    return [
        CriterionTerms(
            metric=name_of(one.metric),
            target=one.target,
            operator=name_of(one.operator) or "AT_LEAST",
            per_unit=one.per_unit,
        )
        for one in given or ()
    ]


def _line(given: AgreementLineInput) -> LineTerms:
    return LineTerms(
        title=given.title,
        service_type_code=given.service_type,
        kind=name_of(given.kind),
        community_ids=uuids_of("community", given.communities),
        unit=name_of(given.unit),
        unit_price=given.unit_price,
        quantity_cap=given.quantity_cap,
        amount_cap=given.amount_cap,
        criteria=_criteria(given.criteria),
    )


def _milestone(given: MilestoneInput) -> MilestoneTerms:
    return MilestoneTerms(
        code=given.code,
        title=given.title,
        kind=name_of(given.kind),
        due_on=given.due_on,
        amount=given.amount,
        share_percent=given.share_percent,
        depends_on=given.depends_on or (),
        criteria=_criteria(given.criteria),
    )


@mutation(
    "Write an agreement down, or a draft or a returned one anew with `id`. 起草协议",
    target=("input", "fund"),
    agreement=SHOWN,
)
async def agreement_draft(
    tx: Transaction,
    input: AgreementDraftInput,
    id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="A draft or returned agreement to write anew. 待修改的协议"),
    ] = None,
    expected_version: Version = None,
) -> Any:
    terms = Terms(
        title=input.title,
        ceiling=input.ceiling,
        effective_from_on=input.effective_from,
        ends_on=input.ends_on,
        lines=[_line(line) for line in input.lines],
        milestones=[_milestone(milestone) for milestone in input.milestones],
        retention_percent=input.retention_percent,
        payment_days=input.payment_days,
        shortfall_rule=name_of(input.shortfall_rule) or "PROPORTIONAL",
        remainder_rule=name_of(input.remainder_rule) or "CARRY_TO_FINAL",
        procurement_method=name_of(input.procurement_method),
        procurement_rationale=input.procurement_rationale,
    )
    return await commands.agreement_draft(
        tx,
        uuid_of("fund", input.fund),
        partner_id=uuid_of("partner", input.partner),
        terms=terms,
        agreement_id=uuid_of("agreement", id),
        version=expected_version,
    )


@mutation("Put a draft into review. 送审协议", agreement=SHOWN)
async def agreement_propose(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands.agreement_propose(tx, uuid_of("agreement", id), version=expected_version)


@mutation("State that the money is there. 资金审核", agreement=SHOWN)
async def agreement_certify(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands.agreement_certify(tx, uuid_of("agreement", id), version=expected_version)


@mutation("Approve an agreement; encumbers the fund. 审批协议", agreement=SHOWN)
async def agreement_approve(
    tx: Transaction,
    id: Target,
    decision_reference: Annotated[
        str, strawberry.argument(description="Reference of the leadership's decision. 决策文号")
    ],
    expected_version: Version = None,
) -> Any:
    return await commands.agreement_approve(
        tx, uuid_of("agreement", id), decision_reference=decision_reference, version=expected_version
    )


@mutation("Sign an approved agreement for the partner. 签署协议", agreement=SHOWN)
async def agreement_accept(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands.agreement_accept(tx, uuid_of("agreement", id), version=expected_version)


@mutation("Ask for other terms. 退回协议", agreement=SHOWN)
async def agreement_send_back(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await commands_ending.agreement_send_back(tx, uuid_of("agreement", id), **said)


@mutation("Decline an approved agreement for the partner. 谢绝协议", agreement=SHOWN)
async def agreement_decline(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await commands_ending.agreement_decline(tx, uuid_of("agreement", id), **said)


@mutation("Give an agreement up before it is in force. 撤销协议", agreement=SHOWN)
async def agreement_cancel(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await commands_ending.agreement_cancel(tx, uuid_of("agreement", id), **said)


@mutation("End an agreement in force; what was not accepted goes back to the fund. 终止协议", agreement=SHOWN)
async def agreement_terminate(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    said = {"reason_code": name_of(reason_code), "reason_text": reason, "version": expected_version}
    return await commands_agreements.agreement_terminate(tx, uuid_of("agreement", id), **said)
