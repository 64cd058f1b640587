"""Mutations on deliveries and call-backs."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from hub.base.limits import MAX_BATCH
from hub.base.transaction import Transaction
from hub.deliveries import commands, commands_calling, commands_verifying
from schema.mutation import Target, Version, mutation, mutation_of_many, name_of, uuid_of, uuids_of
from schema.mutations.referrals import Reason
from schema.types import enums
from schema.types.deliveries import Callback, Delivery

SHOWN = (Delivery, "The delivery. 服务记录")
Why = Annotated[str, strawberry.argument(description="Why, in words; the partner sees them. 原因说明")]


@strawberry.input(description="What was delivered. 服务记录")
class DeliveryRecordInput:
    """On a visit, on a case without one, or in a session: exactly one of them. One call, safe to be sent twice."""

    visit: strawberry.ID | None = strawberry.field(
        default=None, description="On which visit (id of a Visit); a planned one is recorded with it. 走访"
    )
    case: strawberry.ID | None = strawberry.field(
        default=None, description="Or on which case, without a visit (id of a Case). 服务单"
    )
    session: strawberry.ID | None = strawberry.field(
        default=None, description="Or in which session (id of a GroupSession); a planned one is held. 场次"
    )
    happened_at: datetime | None = strawberry.field(
        default=None, description="When it began; known of a visit or session that was recorded. 服务时间"
    )
    quantity: int | None = strawberry.field(
        default=None,
        description="How much, in the unit of the line: one, but of persons in a session all who were there. 数量",
    )
    lasted_minutes: int | None = strawberry.field(
        default=None, description="How long, in minutes. 时长（分钟）"
    )
    findings: str | None = strawberry.field(
        default=None, description="What the worker found, on a planned visit. 发现"
    )
    own_words: str | None = strawberry.field(
        default=None, description="What the person said on it, in her own words. 本人原话"
    )
    attended: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Who of the enrolled was there (ids of their Cases). 签到服务单"
    )
    head_count: int | None = strawberry.field(
        default=None, description="How many were there, where heads are counted. 参与人数"
    )
    documents: list[strawberry.ID] | None = strawberry.field(
        default=None, description="What proves it (ids of stored Documents). 佐证材料"
    )


@mutation(
    "Record what was delivered, with its visit or session; flags what is odd. 记录服务",
    target=("input",),
    delivery=SHOWN,
)
async def delivery_record(tx: Transaction, input: DeliveryRecordInput) -> Any:
    return await commands.delivery_record(
        tx,
        visit_id=uuid_of("visit", input.visit),
        case_id=uuid_of("case", input.case),
        session_id=uuid_of("session", input.session),
        happened_at=input.happened_at,
        quantity=input.quantity,
        lasted_minutes=input.lasted_minutes,
        text=input.findings,
        own_words=input.own_words,
        case_ids=uuids_of("case", input.attended or []),
        head_count=input.head_count,
        document_ids=uuids_of("document", input.documents or []),
    )


@mutation("Attach evidence to a delivery. 补充佐证", delivery=SHOWN)
async def delivery_attach(
    tx: Transaction,
    id: Target,
    documents: Annotated[
        list[strawberry.ID],
        strawberry.argument(description="What proves it (ids of stored Documents). 佐证材料"),
    ],
    expected_version: Version = None,
) -> Any:
    return await commands.delivery_attach(
        tx,
        uuid_of("delivery", id),
        document_ids=uuids_of("document", documents),
        version=expected_version,
    )


@mutation("Say that it was done as recorded. 核实服务", delivery=SHOWN)
async def delivery_verify(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await commands_verifying.delivery_verify(tx, uuid_of("delivery", id), version=expected_version)


delivery_verify_many = mutation_of_many(
    "Verify many deliveries: n single commands, n results. 批量核实服务",
    "deliveryVerify",
    {
        "ids": Annotated[
            list[strawberry.ID], strawberry.argument(description="Ids of the deliveries. 服务记录列表")
        ]
    },
    MAX_BATCH,
    each="id",
)


@mutation("Doubt a delivery, and say why. 提出异议", delivery=SHOWN)
async def delivery_dispute(
    tx: Transaction,
    id: Target,
    reason_code: Annotated[enums.DisputeReason, strawberry.argument(description="Why, as a code. 原因代码")],
    reason: Why,
    expected_version: Version = None,
) -> Any:
    return await commands_verifying.delivery_dispute(
        tx,
        uuid_of("delivery", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation("Strike out a delivery recorded by mistake; frees its quantity. 作废服务记录", delivery=SHOWN)
async def delivery_void(
    tx: Transaction, id: Target, reason_code: Reason, reason: Why, expected_version: Version = None
) -> Any:
    return await commands_verifying.delivery_void(
        tx,
        uuid_of("delivery", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation(
    "Say what came of a call-back; a failed one returns the worker's whole batch of the day. 记录回访",
    callback=(Callback, "The call-back. 回访"),
)
async def callback_record(
    tx: Transaction,
    id: Target,
    outcome: Annotated[
        enums.CallbackOutcome, strawberry.argument(description="What came of the call. 回访结果")
    ],
    note: Annotated[str | None, strawberry.argument(description="What was said. 回访记录")] = None,
    expected_version: Version = None,
) -> Any:
    return await commands_calling.callback_record(
        tx, uuid_of("callback", id), outcome=name_of(outcome), note=note, version=expected_version
    )
