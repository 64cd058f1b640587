"""From a payment back to the needs it answered: people and needs under types of their own, which know no name."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import (
    Money,
    Node,
    computed,
    day,
    derived,
    derived_one,
    edge,
    money,
    number,
    word,
    yes_no,
)
from schema.types.payments import Payment, PaymentRequest
from schema.types.people import AGE_GROUP
from schema.types.refs import (
    AgreementLineRef,
    AgreementRef,
    CommunityRef,
    MilestoneRef,
    PartnerRef,
    ServiceTypeRef,
)


@describe("payments", tag="payment_trace")
@strawberry.type(
    description="Which needs of which people a payment bought, and who accepted the work. 付款溯源"
)
class PaymentTrace(Node):
    """Payment, request with its approvals, review, claim, work, goals and needs."""

    payment: Payment | None = edge("Payment", "The payment. 付款", via="id")
    payment_request: PaymentRequest | None = edge(
        "PaymentRequest", "The request, with every approval. 付款申请", via="request_id"
    )
    agreement: AgreementRef | None = edge("Agreement", "Under which agreement. 服务协议", via="agreement_id")
    milestone: MilestoneRef | None = edge("Milestone", "For which stage. 付款阶段", via="milestone_id")
    partner: PartnerRef | None = edge("Partner", "Who was paid. 社会组织", via="partner_id")
    amount: Money | None = money("{t}.amount_fen", "How much. 金额")
    deliveries: list[TraceDelivery] | None = derived(
        "TraceDelivery", "trace_deliveries({t}.id)", "The work it paid for. 服务记录"
    )


@describe()
@strawberry.type(description="Work that a payment paid for. 溯源服务记录")
class TraceDelivery:
    """To a person, under a pseudonym, or to a session."""

    reference: str | None = word("reference", "Reference. 编号")
    line: AgreementLineRef | None = edge("AgreementLine", "On which line. 服务条目", via="line_id")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    quantity: int | None = number("quantity", "How much. 数量")
    unit: enums.ServiceUnit | None = word("unit", "Of what. 计量单位")
    happened_on: date | None = day("happened_on", "When. 服务日期")
    verification: enums.Verification | None = word("verification", "What says that it was done. 核实方式")
    session: str | None = word("session", "Reference of the session, if it was one. 场次编号")
    participants: int | None = number("participants", "How many were there. 参与人数")
    person: TracePerson | None = derived_one(
        "TracePerson", "trace_person({t}.person_id)", "To whom; null for a session. 服务对象"
    )
    cases: list[TraceCase] | None = derived(
        "TraceCase",
        "trace_cases({t}.delivery_id)",
        "Under which cases; of a session those of all who were there. 服务单",
    )
    needs: list[TraceNeed] | None = derived(
        "TraceNeed", "trace_needs({t}.case_id)", "Which needs it answered. 需求"
    )


@describe()
@strawberry.type(description="A case under which work was done, without a name. 溯源服务单")
class TraceCase:
    """Whose, to what end, and for which needs."""

    reference: str | None = word("reference", "Reference. 编号")
    kind: enums.CaseKind | None = word("kind", "Kind. 类型")
    status: enums.CaseStatus | None = word("status", "State. 状态")
    person: TracePerson | None = derived_one("TracePerson", "trace_person({t}.person_id)", "Whose. 服务对象")
    goals: list[TraceGoal] | None = derived(
        "TraceGoal", "trace_goals({t}.case_id)", "What was to be reached. 目标"
    )
    needs: list[TraceNeed] | None = derived(
        "TraceNeed", "trace_needs({t}.case_id)", "Which needs it answers. 需求"
    )


@describe()
@strawberry.type(description="A goal of a case, without words. 溯源目标")
class TraceGoal:
    """What became of it."""

    status: enums.GoalStatus | None = word("status", "State. 状态")
    due_on: date | None = day("due_on", "By when. 期限")
    self_reliance: bool | None = yes_no(
        "self_reliance", "Whether it is about standing on one's own feet. 自立目标"
    )


@describe()
@strawberry.type(description="Somebody who was helped, without a name. 溯源对象")
class TracePerson:
    """A pseudonym and an age group."""

    pseudonym: str | None = word("pseudonym", "Stable name that tells nothing. 化名")
    age_group: enums.AgeGroup | None = computed(AGE_GROUP, Kind.WORD, "Age group today. 年龄段")


@describe()
@strawberry.type(description="A need that was answered, without words. 溯源需求")
class TraceNeed:
    """Its kind and what became of it."""

    domain: enums.NeedDomain | None = word("domain", "Domain. 领域")
    bradshaw_type: enums.BradshawType | None = word("bradshaw_type", "Type after Bradshaw. 需求类型")
    status: enums.NeedStatus | None = word("status", "What became of it. 需求状态")
    goals: int | None = number("goal_count", "How many goals the case had. 目标数")
    goals_achieved: int | None = number("goals_achieved", "How many were achieved. 达成目标数")
    goal_status: enums.GoalStatus | None = word("goal_status", "State of the last goal. 目标状态")
