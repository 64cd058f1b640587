"""Mutations on what partners can do."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from typing import Any

import strawberry

from hub.base.transaction import Transaction
from hub.catalogue import capacity as commands
from schema.mutation import Version, mutation, uuid_of
from schema.types.catalogue import Capacity


@strawberry.input(description="How many people a partner can serve now. 服务能力")
class CapacitySetInput:
    """With one service in one community; said again, it replaces what was said."""

    partner: strawberry.ID = strawberry.field(description="Whose (id of a Partner): one's own. 社会组织")
    service_type: str = strawberry.field(description="Code of the service type. 服务项目代码")
    community: strawberry.ID = strawberry.field(description="In which community (id of a Community). 社区")
    capacity: int = strawberry.field(description="How many people in all. 服务能力")
    vacancy: int = strawberry.field(description="How many more now, at most the capacity. 空余名额")
    note: str | None = strawberry.field(
        default=None, description="What the station should know besides. 备注"
    )


@mutation(
    "Say how many people one's organization can serve with a service in a community. 登记服务能力",
    target=("input", "partner"),
    capacity=(Capacity, "The capacity. 服务能力"),
)
async def capacity_set(tx: Transaction, input: CapacitySetInput, expected_version: Version = None) -> Any:
    return await commands.capacity_set(
        tx,
        uuid_of("partner", input.partner),
        service_type_code=input.service_type,
        community_id=uuid_of("community", input.community),
        capacity=input.capacity,
        vacancy=input.vacancy,
        note=input.note,
        version=expected_version,
    )
