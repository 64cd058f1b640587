"""Group work: series, their sessions, who is enrolled and who was there."""

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
    Node,
    actions,
    edge,
    instant,
    many,
    prose,
    short,
    word,
)
from schema.types.base import number as whole
from schema.types.filters_deliveries import GroupSessionOrder, GroupSessionWhere
from schema.types.refs import (
    AgreementLineRef,
    AgreementRef,
    CaseRef,
    CommunityRef,
    DeliveryRef,
    MembershipRef,
    PartnerRef,
    PersonRef,
    ServiceTypeRef,
)


@describe("activity_series", tag="series")
@strawberry.type(description="Group work of one line in one community. 系列活动")
class ActivitySeries(Node):
    """With enrolled people, or open to all with a head-count."""

    reference: str | None = word("reference", "Reference. 编号")
    title: str | None = prose("title", "Title. 名称")
    kind: enums.SeriesKind | None = word("kind", "Whether names are taken or heads counted. 参与方式")
    status: enums.SeriesStatus | None = word("status", "State. 状态")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    partner: PartnerRef | None = edge("Partner", "By whom. 社会组织", via="partner_id")
    agreement: AgreementRef | None = edge("Agreement", "Under which agreement. 服务协议", via="agreement_id")
    line: AgreementLineRef | None = edge("AgreementLine", "Which line it counts for. 服务条目", via="line_id")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    planned: int | None = whole("planned_count", "Sessions still planned. 待开展场次")
    held: int | None = whole("held_count", "Sessions held. 已开展场次")
    sessions: Connection[GroupSession] | None = many(
        Connection["GroupSession"],
        "GroupSession",
        "Its sessions. 场次",
        where=GroupSessionWhere,
        order=GroupSessionOrder,
        back="series_id",
    )
    enrolments: list[Enrolment] | None = short("Enrolment", "Who is enrolled. 报名名单", back="series_id")
    opened_at: datetime | None = instant("opened_at", "When it was opened. 开设时间")
    closed_at: datetime | None = instant("closed_at", "When it ended. 结束时间")
    cancel_reason: str | None = prose("cancel_reason", "Why it was cancelled. 取消原因")
    available_actions: list[AvailableAction] | None = actions("ActivitySeries")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("group_sessions", tag="session")
@strawberry.type(description="One meeting of a series. 场次")
class GroupSession(Node):
    """Held with attendance of the enrolled, or with a head-count and a sign-in sheet."""

    reference: str | None = word("reference", "Reference. 编号")
    series: ActivitySeries | None = edge("ActivitySeries", "Of which series. 系列活动", via="series_id")
    number: int | None = whole("number", "Its place in the series. 序号")
    title: str | None = prose("title", "Title. 名称")
    status: enums.SessionStatus | None = word("status", "State. 状态")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    partner: PartnerRef | None = edge("Partner", "By whom. 社会组织", via="partner_id")
    line: AgreementLineRef | None = edge("AgreementLine", "Which line it counts for. 服务条目", via="line_id")
    worker: MembershipRef | None = edge("Membership", "Who leads it. 带领人", via="worker_id")
    stands_in_for: MembershipRef | None = edge(
        "Membership", "Whose session it was, when a substitute leads. 代替谁", via="stands_in_for_id"
    )
    planned_from: datetime | None = instant("planned_from_at", "Planned from. 计划开始")
    planned_to: datetime | None = instant("planned_to_at", "Planned until. 计划结束")
    held_at: datetime | None = instant("held_at", "When it began. 开展时间")
    participants: int | None = whole("participant_count", "How many were there. 参与人次")
    attendances: list[Attendance] | None = short(
        "Attendance", "Who of the enrolled was there. 签到名单", back="session_id"
    )
    delivery: DeliveryRef | None = edge("Delivery", "Its delivery. 服务记录", back="session_id")
    cancel_reason: str | None = prose("cancel_reason", "Why it was cancelled. 取消原因")
    available_actions: list[AvailableAction] | None = actions("GroupSession")
    version: int | None = whole("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("enrolments")
@strawberry.type(description="A person enrolled in a series, on her case. 报名")
class Enrolment(Node):
    """Person and case follow consent; the record stays, under a pseudonym."""

    case: CaseRef | None = edge("Case", "On which case. 服务单", via="case_id")
    person: PersonRef | None = edge(
        "Person", "Whom; null once the viewer's access has ended. 居民", via="person_id"
    )
    person_pseudonym: str | None = word("person_pseudonym", "Stable name that tells nothing. 化名")
    enrolled_at: datetime | None = instant("enrolled_at", "Since when. 报名时间")


@describe("attendances")
@strawberry.type(description="An enrolled person was there. 签到")
class Attendance(Node):
    """Person and case follow consent; the record stays, under a pseudonym."""

    case: CaseRef | None = edge("Case", "On which case. 服务单", via="case_id")
    person: PersonRef | None = edge(
        "Person", "Whom; null once the viewer's access has ended. 居民", via="person_id"
    )
    person_pseudonym: str | None = word("person_pseudonym", "Stable name that tells nothing. 化名")
