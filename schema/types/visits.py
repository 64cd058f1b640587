"""Visits and their findings."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import (
    AvailableAction,
    Node,
    actions,
    computed,
    day,
    edge,
    instant,
    number,
    prose,
    word,
)
from schema.types.refs import (
    CaseRef,
    CommunityRef,
    DeliveryRef,
    MembershipRef,
    OrganizationRef,
    PersonRef,
    ServiceTypeRef,
    StreetRef,
)


@describe("visits")
@strawberry.type(description="Somebody goes to the person's home at a promised time. 走访")
class Visit(Node):
    """The record stays with the partner that made it; person, case and findings follow consent."""

    reference: str | None = word("reference", "Reference. 编号")
    kind: enums.VisitKind | None = word("kind", "What it is for. 走访类型")
    status: enums.VisitStatus | None = word("status", "State. 状态")
    promised_from: datetime | None = instant("promised_from_at", "Promised from. 约定开始")
    promised_to: datetime | None = instant("promised_to_at", "Promised until. 约定结束")
    kept_at: datetime | None = instant("kept_at", "When somebody was at the door. 到访时间")
    kept: bool | None = computed(
        "{t}.kept_at is not null and {t}.kept_at <= {t}.promised_to_at",
        Kind.YES_NO,
        "Whether the promise was kept. 守约",
    )
    late: bool | None = computed(
        "{t}.kept_at is not null and {t}.kept_at > {t}.promised_to_at",
        Kind.YES_NO,
        "Whether somebody came late. 迟到",
    )
    missed: bool | None = computed(
        "{t}.status = 'PLANNED' and {t}.promised_to_at < {now}", Kind.YES_NO, "Whether nobody came. 失约"
    )
    outcome: enums.VisitOutcome | None = computed(
        "CASE WHEN {t}.status not in ('PLANNED', 'CANCELLED') THEN {t}.status END",
        Kind.WORD,
        "What happened at the door. 走访结果",
    )
    findings: VisitFindings | None = edge(
        "VisitFindings", "What was found and said. 走访发现", back="visit_id"
    )
    person: PersonRef | None = edge(
        "Person", "Whom; null once the viewer's access has ended. 居民", via="person_id"
    )
    person_pseudonym: str | None = word("person_pseudonym", "Stable name that tells nothing. 化名")
    case: CaseRef | None = edge(
        "Case", "For which case; null once the viewer's access has ended. 服务单", via="case_id"
    )
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    organization: OrganizationRef | None = edge("Organization", "Who goes. 走访机构", via="organization_id")
    worker: MembershipRef | None = edge("Membership", "Which worker. 走访人", via="worker_id")
    stands_in_for: MembershipRef | None = edge(
        "Membership", "Whose promise it was, when a substitute goes. 代替谁", via="stands_in_for_id"
    )
    delivery: DeliveryRef | None = edge("Delivery", "What was delivered on it. 服务记录", back="visit_id")
    recorded_by: MembershipRef | None = edge("Membership", "Who recorded it. 记录人", via="recorded_by_id")
    recorded_at: datetime | None = instant("recorded_at", "When it was recorded. 记录时间")
    cancel_reason: str | None = prose("cancel_reason", "Why it was cancelled. 取消原因")
    created_at: datetime | None = instant("created_at", "When it was promised. 创建时间")
    available_actions: list[AvailableAction] | None = actions("Visit")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("visit_findings", tag="visit_findings")
@strawberry.type(description="What was found and said on a visit. 走访发现")
class VisitFindings(Node):
    """Gated by consent, unlike the record of the visit itself."""

    text: str | None = prose("text", "What the worker found. 发现")
    own_words: str | None = prose("own_words", "What the person said, in her own words. 本人原话")


@describe("substitutions")
@strawberry.type(description="Somebody stands in for a worker who is ill. 代班")
class Substitution(Node):
    """From a day until a day; the promises of these days go over, and come back with nothing lost."""

    worker: MembershipRef | None = edge("Membership", "Who is away. 缺勤社工", via="worker_id")
    substitute: MembershipRef | None = edge("Membership", "Who stands in. 代班社工", via="substitute_id")
    organization: OrganizationRef | None = edge(
        "Organization", "Of which organization. 机构", via="organization_id"
    )
    street: StreetRef | None = edge("Street", "In which street. 街道", via="street_id")
    from_on: date | None = day("from_on", "First day. 开始日期")
    until_on: date | None = day("until_on", "Last day. 结束日期")
    status: enums.SubstitutionStatus | None = word("status", "State. 状态")
    reason: str | None = prose("reason", "Why. 事由")
    arranged_by: MembershipRef | None = edge("Membership", "Who arranged it. 安排人", via="arranged_by_id")
    available_actions: list[AvailableAction] | None = actions("Substitution")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")
