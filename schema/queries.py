"""The root of every query: what the viewer is, and the lists of everything within the viewer's rights."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from auth.grants import all_rights
from auth.roles import Viewer as ActingViewer
from hub.base.limits import MAX_REPORT_DAYS
from hub.base.words import FALLBACK, LANGUAGES, labels
from schema.planner.actions import camel
from schema.planner.describe import ForPeriod, Literal, NodeById, OneById, describe
from schema.types import filters, filters_agreements, filters_deliveries, filters_payments
from schema.types.acceptance import Appeal, Deduction, Submission
from schema.types.agreements import Agreement, Milestone
from schema.types.base import Connection, Node, compiled, literal, many, of_viewer, queue, struct
from schema.types.cases import Case
from schema.types.catalogue import Capacity, ServiceType
from schema.types.deliveries import Callback, Delivery
from schema.types.fund import Donation, Fund
from schema.types.groups import ActivitySeries, GroupSession
from schema.types.notices import AuditEvent, Notice
from schema.types.organizations import (
    Client,
    Community,
    ConflictDeclaration,
    Membership,
    Partner,
    Street,
)
from schema.types.payments import BankAccount, Invoice, Payment, PaymentRequest
from schema.types.people import Household, Need, Person
from schema.types.referrals import Offer, Referral
from schema.types.refs import MembershipRef
from schema.types.reports import StationReport
from schema.types.trace import PaymentTrace
from schema.types.viewer import EnumLabels, QueueItem, User
from schema.types.visits import Substitution, Visit


def _permissions(viewer: ActingViewer, _: Mapping[str, Any]) -> list[str]:
    rights = (
        right for right in all_rights() if right.role is viewer.role and right.duty in (None, viewer.duty)
    )
    allowed = (right for right in rights if viewer.scopes is None or right.command in viewer.scopes)
    names = {right.command for right in allowed if not right.by_link}
    return sorted(camel(name) for name in names)


def _labels(viewer: ActingViewer, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    asked = arguments.get("lang") or viewer.language
    spoken = labels(asked if asked in LANGUAGES else FALLBACK)
    return [
        {"name": name, "values": [{"value": value, "label": text} for value, text in entries.items()]}
        for name, entries in sorted(spoken.items())
    ]


@describe()
@strawberry.type(description="Who is asking, under which membership. 当前用户")
class Viewer:
    """The front page: who I am, what I may do, what waits for me."""

    user: User | None = struct("User", "The signed-in user. 用户")
    membership: MembershipRef | None = of_viewer(
        "Membership", "membership", "The acting membership. 当前任职"
    )
    permissions: list[str] | None = literal(
        _permissions, "Names of the mutations the role may call. 可用操作"
    )
    queue: list[QueueItem] | None = queue()


@describe()
@strawberry.type(description="Everything that can be read. 查询")
class Query:
    """One field, one kind of thing; each is compiled to SQL."""

    viewer: Viewer = struct("Viewer", "Who is asking. 当前用户")
    node: Node | None = compiled(
        {"id": (strawberry.ID, "Global id. 标识")},
        Node | None,
        NodeById(),
        "The object with this id, null when there is none in the viewer's rights. 按标识读取",
    )
    nodes: list[Node | None] = compiled(
        {"ids": (list[strawberry.ID], "Global ids. 标识")},
        list[Node | None],
        NodeById(many=True),
        "The objects with these ids, in order; at most 100. 按标识批量读取",
    )
    streets: Connection[Street] | None = many(
        Connection[Street],
        "Street",
        "Streets. 街道",
        where=filters.StreetWhere,
        order=filters.OrganizationOrder,
    )
    communities: Connection[Community] | None = many(
        Connection[Community],
        "Community",
        "Communities. 社区",
        where=filters.CommunityWhere,
        order=filters.OrganizationOrder,
    )
    partners: Connection[Partner] | None = many(
        Connection[Partner],
        "Partner",
        "Partners. 社会组织",
        where=filters.PartnerWhere,
        order=filters.OrganizationOrder,
    )
    memberships: Connection[Membership] | None = many(
        Connection[Membership], "Membership", "Who works where. 任职"
    )
    conflict_declarations: Connection[ConflictDeclaration] | None = many(
        Connection[ConflictDeclaration], "ConflictDeclaration", "Declared conflicts of interest. 利益冲突申报"
    )
    clients: Connection[Client] | None = many(Connection[Client], "Client", "Machine clients. 接口客户端")
    people: Connection[Person] | None = many(
        Connection[Person], "Person", "People. 居民", where=filters.PersonWhere, order=filters.PersonOrder
    )
    households: Connection[Household] | None = many(Connection[Household], "Household", "Households. 家庭")
    service_types: Connection[ServiceType] | None = many(
        Connection[ServiceType],
        "ServiceType",
        "The service catalogue. 服务项目",
        where=filters.ServiceTypeWhere,
        order=filters.ServiceTypeOrder,
    )
    needs: Connection[Need] | None = many(
        Connection[Need], "Need", "Needs. 需求", where=filters.NeedWhere, order=filters.NeedOrder
    )
    referrals: Connection[Referral] | None = many(
        Connection[Referral],
        "Referral",
        "Referrals. 转介",
        where=filters.ReferralWhere,
        order=filters.ReferralOrder,
    )
    offers: Connection[Offer] | None = many(
        Connection[Offer], "Offer", "Offers. 派单", where=filters.OfferWhere, order=filters.OfferOrder
    )
    cases: Connection[Case] | None = many(
        Connection[Case], "Case", "Cases. 服务单", where=filters.CaseWhere, order=filters.CaseOrder
    )
    visits: Connection[Visit] | None = many(
        Connection[Visit], "Visit", "Visits. 走访", where=filters.VisitWhere, order=filters.VisitOrder
    )
    agreements: Connection[Agreement] | None = many(
        Connection[Agreement],
        "Agreement",
        "Agreements. 服务协议",
        where=filters_agreements.AgreementWhere,
        order=filters_agreements.AgreementOrder,
    )
    milestones: Connection[Milestone] | None = many(
        Connection[Milestone],
        "Milestone",
        "Stages of payment, of every version. 付款阶段",
        where=filters_agreements.MilestoneWhere,
        order=filters_agreements.MilestoneOrder,
    )
    funds: Connection[Fund] | None = many(
        Connection[Fund],
        "Fund",
        "Funds. 专项基金",
        where=filters_agreements.FundWhere,
        order=filters_agreements.FundOrder,
    )
    donations: Connection[Donation] | None = many(
        Connection[Donation], "Donation", "Donations. 捐赠", order=filters_agreements.DonationOrder
    )
    deliveries: Connection[Delivery] | None = many(
        Connection[Delivery],
        "Delivery",
        "Deliveries. 服务记录",
        where=filters_deliveries.DeliveryWhere,
        order=filters_deliveries.DeliveryOrder,
    )
    callbacks: Connection[Callback] | None = many(
        Connection[Callback],
        "Callback",
        "Call-backs of the station. 回访",
        where=filters_deliveries.CallbackWhere,
        order=filters_deliveries.CallbackOrder,
    )
    activity_series: Connection[ActivitySeries] | None = many(
        Connection[ActivitySeries],
        "ActivitySeries",
        "Group work. 系列活动",
        where=filters_deliveries.ActivitySeriesWhere,
        order=filters_deliveries.ActivitySeriesOrder,
    )
    sessions: Connection[GroupSession] | None = many(
        Connection[GroupSession],
        "GroupSession",
        "Sessions of group work. 场次",
        where=filters_deliveries.GroupSessionWhere,
        order=filters_deliveries.GroupSessionOrder,
    )
    capacities: Connection[Capacity] | None = many(
        Connection[Capacity],
        "Capacity",
        "What partners can take on. 服务能力",
        where=filters_deliveries.CapacityWhere,
    )
    substitutions: Connection[Substitution] | None = many(
        Connection[Substitution], "Substitution", "Who stands in for whom. 代班"
    )
    submissions: Connection[Submission] | None = many(
        Connection[Submission],
        "Submission",
        "Claims of milestones. 验收申请",
        where=filters_payments.SubmissionWhere,
        order=filters_payments.SubmissionOrder,
    )
    payment_requests: Connection[PaymentRequest] | None = many(
        Connection[PaymentRequest],
        "PaymentRequest",
        "What accepted work makes payable. 付款申请",
        where=filters_payments.PaymentRequestWhere,
        order=filters_payments.PaymentRequestOrder,
    )
    invoices: Connection[Invoice] | None = many(
        Connection[Invoice],
        "Invoice",
        "Invoices. 票据",
        where=filters_payments.InvoiceWhere,
        order=filters_payments.InvoiceOrder,
    )
    payments: Connection[Payment] | None = many(
        Connection[Payment],
        "Payment",
        "Payments. 付款",
        where=filters_payments.PaymentWhere,
        order=filters_payments.PaymentOrder,
    )
    payment_trace: PaymentTrace | None = compiled(
        {"payment_id": (strawberry.ID, "Of which payment (id of a Payment). 付款")},
        PaymentTrace | None,
        OneById("PaymentTrace", "paymentId", "Payment"),
        "Which needs of which people a payment bought, who accepted the work. 付款溯源",
    )
    station_report: StationReport | None = compiled(
        {
            "from_": (date, "First day. 起始日"),
            "to": (date, f"Last day; at most {MAX_REPORT_DAYS} days in all. 截止日"),
            "street": (
                strawberry.ID | None,
                "Which street (id of a Street); the viewer's own when nothing is said. 街道",
            ),
            "community": (
                strawberry.ID | None,
                "One community alone (id of a Community); a community worker's is her own. 社区",
            ),
        },
        StationReport | None,
        ForPeriod(
            "StationReport",
            {"community": "Community", "street": "Street"},
            ("community", "street"),
            "from",
            "to",
        ),
        "What a street or a community did in a period, in figures and as paragraphs. 社工站报表",
    )
    bank_accounts: Connection[BankAccount] | None = many(
        Connection[BankAccount], "BankAccount", "Where partners are paid. 收款账户"
    )
    deductions: Connection[Deduction] | None = many(
        Connection[Deduction], "Deduction", "What is taken off claims. 扣减"
    )
    appeals: Connection[Appeal] | None = many(Connection[Appeal], "Appeal", "Appeals. 申诉")
    notices: Connection[Notice] | None = many(
        Connection[Notice], "Notice", "The viewer's inbox. 通知", where=filters.NoticeWhere
    )
    audit_events: Connection[AuditEvent] | None = many(
        Connection[AuditEvent],
        "AuditEvent",
        "The audit trail. 审计记录",
        where=filters.AuditEventWhere,
        order=filters.AuditEventOrder,
    )
    labels: list[EnumLabels] | None = compiled(
        {"lang": (str | None, "zh-CN or en; the viewer's language when nothing is said. 语言")},
        list[EnumLabels] | None,
        Literal(_labels),
        "Every enum label. 枚举标签",
    )
