"""Referrals and offers."""

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
    derived,
    edge,
    instant,
    many,
    number,
    prose,
    short,
    word,
)
from schema.types.filters import NeedOrder, NeedWhere, OfferOrder, OfferWhere
from schema.types.refs import (
    AgreementLineRef,
    AgreementRef,
    CaseRef,
    CommunityRef,
    MembershipRef,
    NeedRef,
    OfferRef,
    PartnerRef,
    PartnerSuggestionRef,
    PersonRef,
    ReferralRef,
    ServiceTypeRef,
)


@describe("referrals")
@strawberry.type(description="A community's request that somebody help a person with one service. 转介")
class Referral(Node):
    """Declining, returning or handing back never loses it; the referrer always sees the reason."""

    reference: str | None = word("reference", "Reference. 编号")
    status: enums.ReferralStatus | None = word("status", "State. 状态")
    urgency: enums.Urgency | None = word("urgency", "Urgency. 紧急程度")
    reason: str | None = prose("reason", "Why help is asked for, in words. 转介事由")
    person: PersonRef | None = edge("Person", "For whom. 居民", via="person_id")
    needs: Connection[NeedRef] | None = many(
        Connection[NeedRef],
        "Need",
        "Which needs. 需求",
        where=NeedWhere,
        order=NeedOrder,
        link=("referral_needs", "referral_id", "need_id"),
    )
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    community: CommunityRef | None = edge("Community", "Who refers. 转介社区", via="community_id")
    offers: Connection[OfferRef] | None = many(
        Connection[OfferRef],
        "Offer",
        "Offers made on it. 派单",
        where=OfferWhere,
        order=OfferOrder,
        back="referral_id",
    )
    partner_suggestions: list[PartnerSuggestionRef] | None = derived(
        "PartnerSuggestion",
        "partner_suggestions({t}.id)",
        "Whom it could be offered to, and on which line; at most 50, best first. 派单推荐",
    )
    case: CaseRef | None = edge("Case", "The newest case opened on it. 服务单", back="referral_id")
    submitted_at: datetime | None = instant("submitted_at", "When it was submitted. 提交时间")
    submitted_by: MembershipRef | None = edge("Membership", "Who submitted it. 提交人", via="submitted_by_id")
    status_reason_code: enums.ReasonCode | None = word(
        "status_reason_code", "Reason of the last return, rejection or hand-back. 原因代码"
    )
    status_reason: str | None = prose("status_reason", "The same in words. 原因说明")
    completed_at: datetime | None = instant("completed_at", "When the help was given. 完成时间")
    closed_at: datetime | None = instant("closed_at", "When it was closed. 关闭时间")
    acknowledged_by: MembershipRef | None = edge(
        "Membership", "Who acknowledged it. 确认人", via="acknowledged_by_id"
    )
    acknowledgement: str | None = prose("acknowledgement", "What the referrer said. 确认说明")
    available_actions: list[AvailableAction] | None = actions("Referral")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("offers")
@strawberry.type(description="A referral put to one partner. 派单")
class Offer(Node):
    """Shows only what was copied when it was made, so that no path to the person opens before acceptance."""

    status: enums.OfferStatus | None = word("status", "State. 状态")
    partner: PartnerRef | None = edge("Partner", "To whom. 社会组织", via="partner_id")
    referral: ReferralRef | None = edge(
        "Referral", "The referral; for the partner only once accepted. 转介", via="referral_id"
    )
    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service. 服务项目", via="service_type_id"
    )
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    urgency: enums.Urgency | None = word("urgency", "Urgency. 紧急程度")
    age_group: enums.AgeGroup | None = word("age_group", "Age group of the person. 年龄段")
    estate: str | None = prose("estate", "Housing estate. 小区")
    needs: list[OfferNeed] | None = short("OfferNeed", "The needs, as facts. 需求", back="offer_id")
    agreement: AgreementRef | None = edge(
        "Agreement",
        "Under which agreement; null for offers older than agreements. 服务协议",
        via="agreement_id",
    )
    line: AgreementLineRef | None = edge("AgreementLine", "Which line pays for it. 服务条目", via="line_id")
    quantity: int | None = number("quantity", "How much of the line it reserves. 数量")
    note: str | None = prose("note", "What the station adds. 备注")
    expires_at: datetime | None = instant("expires_at", "Until when it stands. 有效期至")
    offered_at: datetime | None = instant("offered_at", "When it was made. 派单时间")
    decided_at: datetime | None = instant("decided_at", "When it was decided. 处理时间")
    offered_by: MembershipRef | None = edge("Membership", "Who made it. 派单人", via="offered_by_id")
    decided_by: MembershipRef | None = edge("Membership", "Who decided it. 处理人", via="decided_by_id")
    decline_reason_code: enums.ReasonCode | None = word(
        "decline_reason_code", "Why it was declined. 拒绝原因代码"
    )
    decline_reason: str | None = prose("decline_reason", "The same in words. 拒绝原因")
    available_actions: list[AvailableAction] | None = actions("Offer")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("offer_needs", tag="offer_need")
@strawberry.type(description="A need as an offer shows it: facts without a person. 派单需求")
class OfferNeed(Node):
    """Copied when the offer was made."""

    domain: enums.NeedDomain | None = word("domain", "Domain. 领域")
    bradshaw_type: enums.BradshawType | None = word("bradshaw_type", "Type after Bradshaw. 需求类型")
    severity: int | None = number("severity", "Severity, 1 to 5. 严重程度")
