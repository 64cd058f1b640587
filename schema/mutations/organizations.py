"""Mutations on organizations, memberships, clients and conflict declarations."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.organizations import commands, memberships
from schema.mutation import Target, Version, mutation, name_of, uuid_of
from schema.types import enums
from schema.types.organizations import Client, ConflictDeclaration, Membership, Organization, Qualification


def _said(description: str) -> Any:
    return strawberry.field(description=description)


def _maybe(description: str) -> Any:
    return strawberry.field(default=None, description=description)


@strawberry.input(description="A new community or partner. 新组织")
class OrganizationRegisterInput:
    """What is registered."""

    kind: enums.OrganizationKind = _said("COMMUNITY or PARTNER. 组织类别")
    name: str = _said("Name. 名称")
    code: str = _said("NBS code of a community, social credit code of a partner. 代码")
    parent: strawberry.ID | None = _maybe("Street of a community (id of a Street). 上级组织")
    partner_type: enums.PartnerType | None = _maybe("Legal type of a partner. 社会组织类型")
    rating: enums.PartnerRating | None = _maybe("Rating of a partner. 等级评估")


@strawberry.input(description="A qualification of a partner. 资质")
class QualificationRecordInput:
    """A certificate and its validity."""

    partner: strawberry.ID = _said("Whose (id of a Partner). 社会组织")
    type: enums.QualificationType = _said("What it entitles to. 资质类型")
    number: str = _said("Number of the certificate. 证书编号")
    valid_from: date = _said("First day. 有效期起")
    valid_to: date | None = _maybe("Last day. 有效期止")


@strawberry.input(description="A declared interest in a partner. 利益冲突申报")
class ConflictDeclareInput:
    """Of the acting user."""

    partner: strawberry.ID = _said("About whom (id of a Partner). 社会组织")
    reason: str = _said("What the interest is. 说明")


@strawberry.input(description="A role at an organization for a user. 任职授予")
class MembershipGrantInput:
    """Who, where, as what."""

    organization: strawberry.ID = _said("Where (id of a Street, Community, Partner or Organization). 组织")
    sign_in_name: str = _said("Sign-in name, of an existing or a new user. 登录名")
    name: str | None = _maybe("Name, for a new user. 姓名")
    role: enums.Role = _said("Role. 角色")
    duty: enums.Duty | None = _maybe("Duty of a finance officer. 岗位")
    valid_from: date | None = _maybe("First day; today when nothing is said. 生效日")
    valid_to: date | None = _maybe("Last day. 截止日")


@strawberry.input(description="A machine client. 接口客户端")
class ClientRegisterInput:
    """Bound to one membership, with narrower scopes."""

    membership: strawberry.ID = _said("Under which it acts (id of a Membership). 任职")
    name: str = _said("What it is for. 名称")
    scopes: list[str] = _said(
        "Commands it may run, as mutation names in snake_case; empty: it only reads. 权限范围"
    )


@mutation(
    "Register a community or a partner. 登记组织", organization=(Organization, "The organization. 组织")
)
async def organization_register(tx: Transaction, input: OrganizationRegisterInput) -> Any:
    return await commands.organization_register(
        tx,
        kind=name_of(input.kind),
        name=input.name,
        code=input.code,
        parent_id=uuid_of("street", input.parent),
        partner_type=name_of(input.partner_type),
        partner_rating=name_of(input.rating),
    )


@mutation(
    "Record a qualification of a partner. 登记资质",
    target=("input", "partner"),
    qualification=(Qualification, "The qualification. 资质"),
)
async def qualification_record(tx: Transaction, input: QualificationRecordInput) -> Any:
    return await commands.qualification_record(
        tx,
        uuid_of("partner", input.partner),
        type=name_of(input.type),
        number=input.number,
        valid_from_on=input.valid_from,
        valid_to_on=input.valid_to,
    )


@mutation(
    "Declare an interest in a partner; from then on the user decides nothing about it. 申报利益冲突",
    target=("input", "partner"),
    conflict_declaration=(ConflictDeclaration, "The declaration. 申报"),
)
async def conflict_declare(tx: Transaction, input: ConflictDeclareInput) -> Any:
    return await commands.conflict_declare(tx, uuid_of("partner", input.partner), reason=input.reason)


@mutation(
    "Give a user a role at an organization. 授予任职",
    target=("input", "organization"),
    membership=(Membership, "The membership. 任职"),
)
async def membership_grant(tx: Transaction, input: MembershipGrantInput) -> Any:
    return await memberships.membership_grant(
        tx,
        _organization(input.organization),
        sign_in_name=input.sign_in_name,
        role=name_of(input.role),
        duty=name_of(input.duty),
        name=input.name,
        valid_from_on=input.valid_from,
        valid_to_on=input.valid_to,
    )


def _organization(value: str) -> Any:
    """An organization may be named under any of its types."""
    tag = value.partition("_")[0]
    known = tag if tag in ("street", "community", "partner") else "organization"
    return uuid_of(known, value)


@mutation(
    "End a membership; its access ends with the next request. 结束任职",
    membership=(Membership, "The membership. 任职"),
)
async def membership_end(
    tx: Transaction,
    id: Target,
    reason: Annotated[str, strawberry.argument(description="Why. 原因")],
    expected_version: Version = None,
) -> Any:
    return await memberships.membership_end(
        tx, uuid_of("membership", id), reason=reason, version=expected_version
    )


@mutation(
    "Register a machine client; its secret is shown once. 登记接口客户端",
    target=("input", "membership"),
    client=(Client, "The client. 客户端"),
    secret=(str, "Its secret, shown only now. 密钥"),
)
async def client_register(tx: Transaction, input: ClientRegisterInput) -> Any:
    client, secret = await memberships.client_register(
        tx,
        uuid_of("membership", input.membership),
        name=input.name,
        scopes=input.scopes,
    )
    return {"client": client, "secret": secret}


@mutation(
    "Revoke a machine client; its access ends with the next request. 吊销接口客户端",
    client=(Client, "The client. 客户端"),
)
async def client_revoke(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await memberships.client_revoke(tx, uuid_of("client", id), version=expected_version)
