"""Streets, communities, partners and who works there."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import Connection, Node, day, derived, edge, instant, many, prose, word, words
from schema.types.filters import CommunityWhere, OrganizationOrder
from schema.types.refs import CommunityRef, MembershipRef, OrganizationRef, PartnerRef, StreetRef


@describe("organizations")
@strawberry.type(description="Any organization: district, street, community, partner or charity. 组织")
class Organization(Node):
    """An organization, whatever its kind."""

    kind: enums.OrganizationKind | None = word("kind", "What kind of organization it is. 组织类别")
    name: str | None = prose("name", "Name. 名称")
    code: str | None = prose("code", "NBS division code, or unified social credit code. 代码")
    status: enums.OrganizationStatus | None = word("status", "State. 状态")
    parent: OrganizationRef | None = edge(
        "Organization", "The organization above it. 上级组织", via="parent_id"
    )


@describe("organizations", only="{t}.kind = 'STREET'")
@strawberry.type(description="A sub-district office, the tenant of the hub. 街道")
class Street(Node):
    """A street."""

    name: str | None = prose("name", "Name. 名称")
    code: str | None = prose("code", "NBS code, 9 digits. 区划代码")
    status: enums.OrganizationStatus | None = word("status", "State. 状态")
    district: OrganizationRef | None = edge("Organization", "Its district. 区县", via="district_id")
    communities: Connection[CommunityRef] | None = many(
        Connection[CommunityRef],
        "Community",
        "Its communities. 社区",
        where=CommunityWhere,
        order=OrganizationOrder,
        back="street_id",
    )
    staffing_gaps: list[StaffingGap] | None = derived(
        "StaffingGap",
        "street_staffing_gaps({t}.id, {today})",
        "Steps of a payment that nobody can take today. 岗位缺口",
    )


@describe()
@strawberry.type(description="A step of a payment for which a street has no eligible person. 岗位缺口")
class StaffingGap:
    """Nobody in the post, or only people whom another step needs as well."""

    step: enums.Side | None = word("step", "Which step. 步骤")


@describe("organizations", only="{t}.kind = 'COMMUNITY'")
@strawberry.type(description="A residents' committee of a street. 社区")
class Community(Node):
    """A community."""

    name: str | None = prose("name", "Name. 名称")
    code: str | None = prose("code", "NBS code, 12 digits. 区划代码")
    status: enums.OrganizationStatus | None = word("status", "State. 状态")
    street: StreetRef | None = edge("Street", "Its street. 所属街道", via="street_id")


@describe("organizations", only="{t}.kind = 'PARTNER'")
@strawberry.type(description="A contracted social organization. 社会组织")
class Partner(Node):
    """A partner."""

    name: str | None = prose("name", "Name. 名称")
    code: str | None = prose("code", "Unified social credit code. 统一社会信用代码")
    status: enums.OrganizationStatus | None = word("status", "State. 状态")
    partner_type: enums.PartnerType | None = word("partner_type", "Legal type. 类型")
    rating: enums.PartnerRating | None = word("partner_rating", "Rating. 等级评估")
    qualifications: Connection[Qualification] | None = many(
        Connection["Qualification"], "Qualification", "Its qualifications. 资质", back="partner_id"
    )


@describe("qualifications")
@strawberry.type(description="What entitles a partner to a kind of service, and until when. 资质")
class Qualification(Node):
    """A qualification; an expired one blocks new offers."""

    type: enums.QualificationType | None = word("type", "What it entitles to. 资质类型")
    number: str | None = prose("number", "Number of the certificate. 证书编号")
    valid_from: date | None = day("valid_from_on", "First day of validity. 有效期起")
    valid_to: date | None = day("valid_to_on", "Last day of validity. 有效期止")
    partner: PartnerRef | None = edge("Partner", "Whose it is. 社会组织", via="partner_id")


@describe("memberships")
@strawberry.type(description="A person's role at an organization. 任职")
class Membership(Node):
    """Who works where, as what."""

    role: enums.Role | None = word("role", "Role. 角色")
    duty: enums.Duty | None = word("duty", "Duty of a finance officer. 岗位")
    display_name: str | None = prose("display_name", "Name shown to colleagues. 姓名")
    organization: OrganizationRef | None = edge("Organization", "Where. 所在组织", via="organization_id")
    valid_from: date | None = day("valid_from_on", "First day. 生效日")
    valid_to: date | None = day("valid_to_on", "Last day. 截止日")
    ended_at: datetime | None = instant("ended_at", "When it was ended. 结束时间")


@describe("conflict_declarations")
@strawberry.type(description="A declared interest of a member of staff in a partner. 利益冲突申报")
class ConflictDeclaration(Node):
    """Who must not decide about which partner."""

    partner: PartnerRef | None = edge("Partner", "About this partner. 社会组织", via="partner_id")
    declared_by: MembershipRef | None = edge("Membership", "Who declared it. 申报人", via="membership_id")
    reason: str | None = prose("reason", "What the interest is. 说明")
    declared_at: datetime | None = instant("declared_at", "When. 申报时间")


@describe("clients")
@strawberry.type(description="A machine client bound to one membership. 接口客户端")
class Client(Node):
    """An API client; it counts as its responsible user in every four-eyes rule."""

    name: str | None = prose("name", "What it is for. 名称")
    scopes: list[str] | None = words("scopes", "Commands it may run. 权限范围")
    membership: MembershipRef | None = edge(
        "Membership", "Under which membership it acts. 任职", via="membership_id"
    )
    created_at: datetime | None = instant("created_at", "When it was registered. 登记时间")
    revoked_at: datetime | None = instant("revoked_at", "When it was revoked. 吊销时间")
