"""Mutations on notices and on the audit trail."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.notices import auditing, commands
from schema.mutation import Target, Version, mutation, uuid_of
from schema.types import enums
from schema.types.notices import Notice


@strawberry.type(description="Something wrong with a chain of audit events. 审计链异常")
class AuditFault:
    """One link that is not what was written."""

    kind: enums.AuditFaultKind | None = strawberry.field(description="What is wrong. 异常类型")
    position: int | None = strawberry.field(description="Where in the chain. 位置")
    event: strawberry.ID | None = strawberry.field(description="Id of the AuditEvent. 审计事件")


@strawberry.type(description="A chain of audit events as far as it was verified. 审计链核验结果")
class AuditChain:
    """Position and hash are to be kept: given next time, they show that nothing before them has changed."""

    whole: bool | None = strawberry.field(description="Whether nothing is wrong. 是否完整")
    faults: list[AuditFault] | None = strawberry.field(description="What is wrong, in order. 异常")
    position: int | None = strawberry.field(description="Position of the last link verified. 最后位置")
    head: str | None = strawberry.field(description="Its hash, hexadecimal. 最后哈希值")
    more: bool | None = strawberry.field(description="Whether there may be more after it. 是否还有后续")


@mutation("Mark a notice as read. 标为已读", notice=(Notice, "The notice. 通知"))
async def notice_read(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands.notice_read(tx, uuid_of("notice", id), version=expected_version)


@mutation(
    "Verify a street's audit chain, from its beginning or from a head that was kept; audited. 核验审计链",
    target=("street",),
    idempotent=False,
    audit_chain=(AuditChain, "How far it was verified, and what is wrong. 核验结果"),
)
async def audit_chain_verify(
    tx: Transaction,
    street: Annotated[strawberry.ID, strawberry.argument(description="Whose chain (id of a Street). 街道")],
    after: Annotated[int, strawberry.argument(description="Position kept earlier; 0: all. 起始位置")] = 0,
    head: Annotated[
        str | None, strawberry.argument(description="The hash kept with it. 保存的哈希值")
    ] = None,
) -> Any:
    done = await auditing.audit_chain_verify(tx, uuid_of("street", street), after=after, head=head)
    faults = [
        {"kind": each.kind.upper(), "position": each.position, "event": f"audit_event_{each.event_id}"}
        for each in done.problems
    ]
    last = {"position": done.head.position, "head": done.head.hash.hex(), "more": done.more}
    return {"auditChain": {"whole": not faults, "faults": faults, **last}}
