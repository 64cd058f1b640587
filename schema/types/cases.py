"""Cases, their members and goals."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import (
    AvailableAction,
    Connection,
    Node,
    actions,
    day,
    edge,
    instant,
    many,
    number,
    prose,
    short,
    word,
    yes_no,
)
from schema.types.filters import NeedOrder, NeedWhere, VisitOrder, VisitWhere
from schema.types.filters_deliveries import DeliveryOrder, DeliveryWhere
from schema.types.refs import (
    AgreementLineRef,
    AgreementRef,
    CommunityRef,
    DeliveryRef,
    MembershipRef,
    NeedRef,
    OrganizationRef,
    PersonRef,
    ReferralRef,
    ServiceTypeRef,
    VisitRef,
)


@describe("cases")
@strawberry.type(description="Who is in charge and who does the work. 服务单 / 个案")
class Case(Node):
    """SERVICE is done when the promised service is done; CASEWORK has assessment, plan, goals and closure."""

    reference: str | None = word("reference", "Reference. 编号")
    kind: enums.CaseKind | None = word("kind", "Kind. 类型")
    status: enums.CaseStatus | None = word("status", "State. 状态")
    person: PersonRef | None = edge("Person", "For whom. 居民", via="person_id")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    lead_organization: OrganizationRef | None = edge(
        "Organization", "Who is in charge. 主责机构", via="lead_organization_id"
    )
    lead_worker: MembershipRef | None = edge(
        "Membership", "Who does the work. 主责社工", via="lead_worker_id"
    )
    community_contact: MembershipRef | None = edge(
        "Membership", "Contact at the community. 社区联系人", via="community_contact_id"
    )
    members: list[CaseMember] | None = short("CaseMember", "Who takes part. 参与方", back="case_id")
    needs: Connection[NeedRef] | None = many(
        Connection[NeedRef],
        "Need",
        "Which needs it answers. 需求",
        where=NeedWhere,
        order=NeedOrder,
        link=("case_needs", "case_id", "need_id"),
    )
    goals: list[Goal] | None = short("Goal", "What is to be reached. 目标", back="case_id")
    visits: Connection[VisitRef] | None = many(
        Connection[VisitRef], "Visit", "Visits. 走访", where=VisitWhere, order=VisitOrder, back="case_id"
    )
    referral: ReferralRef | None = edge("Referral", "Where it comes from. 转介", via="referral_id")
    agreement: AgreementRef | None = edge(
        "Agreement", "Under which agreement, where one pays. 服务协议", via="agreement_id"
    )
    line: AgreementLineRef | None = edge("AgreementLine", "Which line pays. 服务条目", via="line_id")
    quantity: int | None = number("quantity", "How much of the line is hers. 约定数量")
    delivered: int | None = number("delivered_count", "How much she has had, voided ones apart. 已服务数量")
    deliveries: Connection[DeliveryRef] | None = many(
        Connection[DeliveryRef],
        "Delivery",
        "What was delivered. 服务记录",
        where=DeliveryWhere,
        order=DeliveryOrder,
        back="case_id",
    )
    next_promise_at: datetime | None = instant(
        "next_promise_at", "Until when the earliest open promise of a visit stands. 最近约定时间"
    )
    opened_at: datetime | None = instant("opened_at", "When it was opened. 开案时间")
    closed_at: datetime | None = instant("closed_at", "When it ended. 结案时间")
    outcome: enums.CaseOutcome | None = word("outcome", "How it ended. 服务结果")
    summary: str | None = prose("summary", "Closing words. 结案小结")
    status_reason_code: enums.ReasonCode | None = word(
        "status_reason_code", "Why it was handed back or cancelled. 原因代码"
    )
    status_reason: str | None = prose("status_reason", "The same in words. 原因说明")
    available_actions: list[AvailableAction] | None = actions("Case")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("case_members", tag="case_member")
@strawberry.type(description="An organization or worker that takes part in a case. 参与方")
class CaseMember(Node):
    """The lead, or a helper; joining as a helper never changes who is in charge."""

    organization: OrganizationRef | None = edge(
        "Organization", "Which organization. 机构", via="organization_id"
    )
    worker: MembershipRef | None = edge(
        "Membership", "Which worker, where one is named. 社工", via="membership_id"
    )
    role: enums.MemberRole | None = word("role", "Part. 角色")
    from_at: datetime | None = instant("from_at", "Since when. 起始时间")
    until_on: date | None = day("until_on", "Last day of access, the handover window included. 截止日")


@describe("goals")
@strawberry.type(description="What casework is to reach. 目标")
class Goal(Node):
    """A goal of the plan; the recipient's growth is one."""

    title: str | None = prose("title", "The goal. 目标")
    baseline: str | None = prose("baseline", "Where it starts. 基线")
    target: str | None = prose("target", "Where it should end. 预期")
    due_on: date | None = day("due_on", "By when. 期限")
    self_reliance: bool | None = yes_no(
        "self_reliance", "Whether it is about standing on one's own feet. 自立目标"
    )
    status: enums.GoalStatus | None = word("status", "State. 状态")
    outcome: str | None = prose("outcome", "What was reached. 结果")
    settled_at: datetime | None = instant("settled_at", "When it was settled. 了结时间")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")
