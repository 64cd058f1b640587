"""What can be filtered and sorted by. Each key names the field whose grant it needs: filtering by a value tells it."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from hub.organizations.scopes import has_left
from schema.types import enums
from schema.types.base import choice, only, order

_IN = "= any({x})"
_BY_NEWEST = "newest first when nothing is said"


@strawberry.input(description="Which streets. 街道筛选")
class StreetWhere:
    """Filter of streets."""

    code: str | None = only("code", "{t}.code = {x}", "NBS code, 9 digits. 区划代码")
    name_contains: str | None = only("name", "position({x} in {t}.name) > 0", "Part of the name. 名称包含")


@strawberry.input(description="Which communities. 社区筛选")
class CommunityWhere:
    """Filter of communities."""

    code: str | None = only("code", "{t}.code = {x}", "NBS code, 12 digits. 区划代码")
    street: strawberry.ID | None = only(
        "street", "{t}.street_id = {x}", "Of this street. 所属街道", cast="uuid", id_type="Street"
    )
    name_contains: str | None = only("name", "position({x} in {t}.name) > 0", "Part of the name. 名称包含")


@strawberry.input(description="Which partners. 社会组织筛选")
class PartnerWhere:
    """Filter of partners."""

    code: str | None = only("code", "{t}.code = {x}", "Unified social credit code. 统一社会信用代码")
    status: enums.OrganizationStatus | None = only("status", "{t}.status = {x}", "State. 状态")
    name_contains: str | None = only("name", "position({x} in {t}.name) > 0", "Part of the name. 名称包含")


@strawberry.input(description="Which people. 居民筛选")
class PersonWhere:
    """Filter of people."""

    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "Of this community. 所属社区", cast="uuid", id_type="Community"
    )
    status: list[enums.PersonStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    risk_class: enums.RiskClass | None = only(
        "riskClass", "{t}.risk_class = {x}", "Of this risk class. 风险等级"
    )
    lives_alone: bool | None = only(
        "livesAlone", "{t}.lives_alone = {x}", "Whether living alone. 独居", cast="boolean"
    )
    name_contains: str | None = only("name", "position({x} in {t}.name) > 0", "Part of the name. 姓名包含")
    born_from: date | None = only(
        "birthDate", "{t}.birth_on >= {x}", "Born on or after. 出生不早于", cast="date"
    )
    born_to: date | None = only(
        "birthDate", "{t}.birth_on <= {x}", "Born on or before. 出生不晚于", cast="date"
    )


@strawberry.input(description="Which needs. 需求筛选")
class NeedWhere:
    """Filter of needs."""

    status: list[enums.NeedStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    domain: enums.NeedDomain | None = only("domain", "{t}.domain = {x}", "Of this domain. 领域")
    bradshaw_type: enums.BradshawType | None = only(
        "bradshawType", "{t}.bradshaw_type = {x}", "Of this type. 需求类型"
    )
    severity_from: int | None = only(
        "severity", "{t}.severity >= {x}", "At least this severe. 严重程度不低于", cast="int"
    )


@strawberry.input(description="Which service types. 服务项目筛选")
class ServiceTypeWhere:
    """Filter of the catalogue."""

    code: str | None = only("code", "{t}.code = {x}", "Code in the catalogue. 代码")
    strand: enums.Strand | None = only("strand", "{t}.strand = {x}", "Of this strand. 服务类别")
    active: bool | None = only("active", "{t}.active = {x}", "Whether offered now. 是否启用", cast="boolean")


@strawberry.input(description="Which referrals. 转介筛选")
class ReferralWhere:
    """Filter of referrals."""

    status: list[enums.ReferralStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    urgency: enums.Urgency | None = only("urgency", "{t}.urgency = {x}", "Of this urgency. 紧急程度")
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "Of this community. 所属社区", cast="uuid", id_type="Community"
    )
    service_type: strawberry.ID | None = only(
        "serviceType",
        "{t}.service_type_id = {x}",
        "For this service. 服务项目",
        cast="uuid",
        id_type="ServiceType",
    )
    submitted_from: datetime | None = only(
        "submittedAt", "{t}.submitted_at >= {x}", "Submitted at or after. 提交不早于", cast="timestamptz"
    )
    submitted_to: datetime | None = only(
        "submittedAt", "{t}.submitted_at < {x}", "Submitted before. 提交早于", cast="timestamptz"
    )


@strawberry.input(description="Which offers. 派单筛选")
class OfferWhere:
    """Filter of offers."""

    status: list[enums.OfferStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    service_type: strawberry.ID | None = only(
        "serviceType",
        "{t}.service_type_id = {x}",
        "For this service. 服务项目",
        cast="uuid",
        id_type="ServiceType",
    )
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "To this partner. 社会组织", cast="uuid", id_type="Partner"
    )


@strawberry.input(description="Which cases. 服务单筛选")
class CaseWhere:
    """Filter of cases."""

    status: list[enums.CaseStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    kind: enums.CaseKind | None = only("kind", "{t}.kind = {x}", "Of this kind. 类型")
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "Of this community. 所属社区", cast="uuid", id_type="Community"
    )
    service_type: strawberry.ID | None = only(
        "serviceType",
        "{t}.service_type_id = {x}",
        "For this service. 服务项目",
        cast="uuid",
        id_type="ServiceType",
    )
    lead_organization: strawberry.ID | None = only(
        "leadOrganization",
        "{t}.lead_organization_id = {x}",
        "Led by this organization. 主责机构",
        cast="uuid",
        id_type="Organization",
    )
    without_worker: bool | None = only(
        "leadWorker",
        f"({{t}}.lead_worker_id is null or {{t}}.status <> 'CLOSED' and {has_left('{t}.lead_worker_id')}) = {{x}}",
        "Whether nobody is assigned, or who was has left. 未分派或原社工已离岗",
        cast="boolean",
    )
    promise: enums.CasePromise | None = choice(
        "nextPromiseAt",
        {
            "MISSED": "{t}.next_promise_at < {now}",
            "TODAY": "{t}.next_promise_at < ({today} + 1)::timestamptz",
            "THIS_WEEK": "{t}.next_promise_at < ({today} + 8 - extract(isodow from {today})::int)::timestamptz",
            "NONE": "{t}.status <> 'CLOSED' and {t}.open_visit_count = 0",
        },
        "How its promised visits stand; what is due today or this week includes what was missed. 约定情况",
        {},
    )
    opened_from: datetime | None = only(
        "openedAt", "{t}.opened_at >= {x}", "Opened at or after. 开案不早于", cast="timestamptz"
    )
    opened_to: datetime | None = only(
        "openedAt", "{t}.opened_at < {x}", "Opened before. 开案早于", cast="timestamptz"
    )
    role: enums.CaseRole | None = choice(
        "leadOrganization",
        {
            "LEAD": "{t}.partner_id = {partner}",
            "HELPER": "{t}.partner_id is distinct from {partner}",
            "ANY": "true",
        },
        "The part of the viewer's partner; a partner sees the cases it leads when nothing is said. 本机构角色",
        {"PARTNER_MANAGER": "LEAD", "PARTNER_WORKER": "LEAD"},
    )


@strawberry.input(description="Which visits. 走访筛选")
class VisitWhere:
    """Filter of visits."""

    status: list[enums.VisitStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    kind: enums.VisitKind | None = only("kind", "{t}.kind = {x}", "Of this kind. 类型")
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "In this community. 所属社区", cast="uuid", id_type="Community"
    )
    missed: bool | None = only(
        "missed",
        "({t}.status = 'PLANNED' and {t}.promised_to_at < {now}) = {x}",
        "Whether the promise was missed. 失约",
        cast="boolean",
    )
    promised_from: datetime | None = only(
        "promisedFrom", "{t}.promised_from_at >= {x}", "Promised at or after. 约定不早于", cast="timestamptz"
    )
    promised_to: datetime | None = only(
        "promisedFrom", "{t}.promised_from_at < {x}", "Promised before. 约定早于", cast="timestamptz"
    )
    kept_from: datetime | None = only(
        "keptAt", "{t}.kept_at >= {x}", "Kept at or after. 到访不早于", cast="timestamptz"
    )
    kept_to: datetime | None = only(
        "keptAt", "{t}.kept_at < {x}", "Kept before. 到访早于", cast="timestamptz"
    )


@strawberry.input(description="Which notices. 通知筛选")
class NoticeWhere:
    """Filter of notices."""

    unread: bool | None = only(
        "readAt", "({t}.read_at is null) = {x}", "Whether unread. 未读", cast="boolean"
    )
    kind: str | None = only("kind", "{t}.kind = {x}", "Of this kind. 类型")


@strawberry.input(description="Which audit events. 审计筛选")
class AuditEventWhere:
    """Filter of audit events."""

    action: str | None = only("action", "{t}.action = {x}", "Of this command. 操作")
    subject_reference: str | None = only(
        "subjectReference", "{t}.subject_reference = {x}", "About the object of this reference. 对象编号"
    )
    occurred_from: datetime | None = only(
        "occurredAt", "{t}.occurred_at >= {x}", "At or after. 不早于", cast="timestamptz"
    )
    occurred_to: datetime | None = only(
        "occurredAt", "{t}.occurred_at < {x}", "Before. 早于", cast="timestamptz"
    )


OrganizationOrder = order(
    "OrganizationOrder",
    f"Order of organizations; {_BY_NEWEST}. 组织排序",
    name=("name", "name", "text"),
    code=("code", "code", "text"),
)
PersonOrder = order(
    "PersonOrder",
    f"Order of people; {_BY_NEWEST}. 居民排序",
    name=("name", "name", "text"),
    birth_date=("birthDate", "birth_on", "date"),
    reference=("reference", "reference", "text"),
)
NeedOrder = order(
    "NeedOrder",
    f"Order of needs; {_BY_NEWEST}. 需求排序",
    severity=("severity", "severity", "int"),
    created_at=("createdAt", "created_at", "timestamptz"),
)
ServiceTypeOrder = order(
    "ServiceTypeOrder", "Order of the catalogue. 服务项目排序", code=("code", "code", "text")
)
ReferralOrder = order(
    "ReferralOrder",
    f"Order of referrals; {_BY_NEWEST}. 转介排序",
    submitted_at=("submittedAt", "submitted_at", "timestamptz"),
    reference=("reference", "reference", "text"),
    urgency=("urgency", "urgency", "text"),
    status=("status", "status", "text"),
)
OfferOrder = order(
    "OfferOrder",
    f"Order of offers; {_BY_NEWEST}. 派单排序",
    expires_at=("expiresAt", "expires_at", "timestamptz"),
)
CaseOrder = order(
    "CaseOrder",
    f"Order of cases; {_BY_NEWEST}. 服务单排序",
    next_promise=("nextPromiseAt", "next_promise_at", "timestamptz"),
    opened_at=("openedAt", "opened_at", "timestamptz"),
    reference=("reference", "reference", "text"),
    status=("status", "status", "text"),
)
VisitOrder = order(
    "VisitOrder",
    f"Order of visits; {_BY_NEWEST}. 走访排序",
    promised_from=("promisedFrom", "promised_from_at", "timestamptz"),
    created_at=("createdAt", "created_at", "timestamptz"),
    reference=("reference", "reference", "text"),
)
AuditEventOrder = order(
    "AuditEventOrder",
    f"Order of audit events; {_BY_NEWEST}. 审计排序",
    occurred_at=("occurredAt", "occurred_at", "timestamptz"),
)
