"""The catalogue of services."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import Node, computed, edge, instant, number, prose, word, yes_no
from schema.types.refs import CommunityRef, PartnerRef


@describe("service_types", tag="service_type")
@strawberry.type(description="An entry of the service catalogue. 服务项目")
class ServiceType(Node):
    """What can be asked for, in which unit, with which evidence."""

    code: str | None = prose("code", "Code in the catalogue, the same in every language. 代码")
    display_name: str | None = computed(
        "CASE WHEN {lang} = 'en' THEN {t}.name_en ELSE {t}.name_zh END",
        Kind.TEXT,
        "Name in the viewer's language. 名称",
    )
    strand: enums.Strand | None = word("strand", "Strand. 服务类别")
    official_category: enums.OfficialCategory | None = word(
        "official_category", "Category of the official list. 官方类别"
    )
    unit: enums.ServiceUnit | None = word("unit", "Unit it is counted in. 计量单位")
    evidence_policy: enums.EvidencePolicy | None = word(
        "evidence_policy", "Evidence a delivery must carry. 佐证要求"
    )
    case_kind: enums.CaseKind | None = word("case_kind", "Kind of case it opens. 服务单类型")
    qualification_type: enums.QualificationType | None = word(
        "qualification_type", "Qualification a partner needs. 所需资质"
    )
    min_age: int | None = number("min_age", "Youngest age served, in years. 最小年龄")
    max_age: int | None = number("max_age", "Oldest age served, in years. 最大年龄")
    active: bool | None = yes_no("active", "Whether it can be asked for now. 是否启用")


@describe("capacities")
@strawberry.type(
    description="How many people a partner can serve, and how many more it would take now. 服务能力"
)
class Capacity(Node):
    """Of one service in one community, as the partner says it."""

    partner: PartnerRef | None = edge("Partner", "Whose. 社会组织", via="partner_id")
    service_type: ServiceType | None = edge("ServiceType", "Which service. 服务项目", via="service_type_id")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    capacity: int | None = number("capacity_count", "How many people in all. 服务能力")
    vacancy: int | None = number("vacancy_count", "How many more now. 空余名额")
    note: str | None = prose("note", "What the partner adds. 备注")
    set_at: datetime | None = instant("set_at", "When it was said last. 更新时间")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")
