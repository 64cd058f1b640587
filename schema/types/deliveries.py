"""Deliveries and the call-backs about them."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import (
    AvailableAction,
    Node,
    actions,
    edge,
    instant,
    number,
    prose,
    short,
    word,
    words,
    yes_no,
)
from schema.types.refs import (
    AgreementLineRef,
    AgreementRef,
    CaseRef,
    CommunityRef,
    DocumentRef,
    GroupSessionRef,
    MembershipRef,
    PartnerRef,
    PersonRef,
    ServiceTypeRef,
    VisitRef,
)


@describe("deliveries")
@strawberry.type(description="Purchased service given, to a person or in a session. 服务记录")
class Delivery(Node):
    """The record stays with the partner, under a pseudonym; person and case follow consent."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.DeliveryStatus | None = word("status", "State. 状态")
    person: PersonRef | None = edge(
        "Person",
        "To whom; null for a session, and once the viewer's access has ended. 居民",
        via="person_id",
    )
    person_pseudonym: str | None = word("person_pseudonym", "Stable name that tells nothing. 化名")
    case: CaseRef | None = edge("Case", "On which case. 服务单", via="case_id")
    session: GroupSessionRef | None = edge("GroupSession", "In which session. 场次", via="session_id")
    visit: VisitRef | None = edge("Visit", "On which visit. 走访", via="visit_id")
    agreement: AgreementRef | None = edge("Agreement", "Under which agreement. 服务协议", via="agreement_id")
    line: AgreementLineRef | None = edge("AgreementLine", "Which line it counts for. 服务条目", via="line_id")
    partner: PartnerRef | None = edge("Partner", "By whom. 社会组织", via="partner_id")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    quantity: int | None = number("quantity", "How much. 数量")
    unit: enums.ServiceUnit | None = word("unit", "Of what. 计量单位")
    worker: MembershipRef | None = edge("Membership", "Who gave it. 服务人员", via="worker_id")
    happened_at: datetime | None = instant("happened_at", "When it began. 服务时间")
    lasted_minutes: int | None = number("lasted_minutes", "How long, in minutes. 时长（分钟）")
    recorded_by: MembershipRef | None = edge("Membership", "Who recorded it. 记录人", via="recorded_by_id")
    recorded_at: datetime | None = instant("recorded_at", "When it was recorded. 记录时间")
    verification: enums.Verification | None = word("verification", "What says that it was done. 核实方式")
    verified_by: MembershipRef | None = edge("Membership", "Who verified it. 核实人", via="verified_by_id")
    verified_at: datetime | None = instant("verified_at", "When it was verified. 核实时间")
    flags: list[enums.DeliveryFlag] | None = words("flags", "What the hub finds odd about it. 异常标记")
    evidence_complete: bool | None = yes_no(
        "evidence_complete", "Whether it carries what its service asks for. 佐证齐全"
    )
    dispute_reason_code: enums.DisputeReason | None = word(
        "dispute_reason_code", "Why it was disputed last. 异议原因"
    )
    dispute_reason: str | None = prose("dispute_reason", "The same in words. 异议说明")
    disputed_at: datetime | None = instant("disputed_at", "When it was disputed last. 异议时间")
    void_reason_code: enums.ReasonCode | None = word("void_reason_code", "Why it was voided. 作废原因")
    void_reason: str | None = prose("void_reason", "The same in words. 作废说明")
    documents: list[DocumentRef] | None = short(
        "Document",
        "Its evidence. 佐证材料",
        link=("delivery_documents", "delivery_id", "document_id"),
    )
    callback: Callback | None = edge(
        "Callback", "The call-back about it, where one was drawn. 回访", back="delivery_id"
    )
    available_actions: list[AvailableAction] | None = actions("Delivery")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("callbacks")
@strawberry.type(description="The station asks the person whether it was done as recorded. 回访")
class Callback(Node):
    """Drawn at random, and for everything flagged; the partner does not learn which."""

    delivery: Delivery | None = edge("Delivery", "About which delivery. 服务记录", via="delivery_id")
    status: enums.CallbackStatus | None = word("status", "State. 状态")
    cause: enums.CallbackCause | None = word("cause", "Why it was drawn. 抽取原因")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    due_at: datetime | None = instant("due_at", "By when. 期限")
    called_by: MembershipRef | None = edge("Membership", "Who called last. 回访人", via="called_by_id")
    called_at: datetime | None = instant("called_at", "When. 回访时间")
    attempts: int | None = number("attempt_count", "How many calls were made. 回访次数")
    note: str | None = prose("note", "What was said. 回访记录")
    available_actions: list[AvailableAction] | None = actions("Callback")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")
