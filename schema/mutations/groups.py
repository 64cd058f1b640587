"""Mutations on group work: series and their sessions."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.deliveries import group_commands
from schema.mutation import Target, Version, mutation, name_of, uuid_of, uuids_of
from schema.mutations.referrals import Reason, Words
from schema.types import enums
from schema.types.groups import ActivitySeries, GroupSession

SERIES = (ActivitySeries, "The series. 系列活动")
SESSION = (GroupSession, "The session. 场次")


@strawberry.input(description="Group work to be opened. 系列活动")
class SeriesOpenInput:
    """Of one line, in one community that it serves."""

    line: strawberry.ID = strawberry.field(
        description="Which line it counts for (id of an AgreementLine). 服务条目"
    )
    community: strawberry.ID = strawberry.field(description="In which community (id of a Community). 社区")
    title: str = strawberry.field(description="Title. 名称")
    kind: enums.SeriesKind = strawberry.field(
        description="Whether names are taken or heads counted. 参与方式"
    )


@strawberry.input(description="A session to be planned. 场次")
class SessionPlanInput:
    """Within the agreement's term; one held within the last day may still be entered."""

    planned_from: datetime = strawberry.field(description="Planned from. 计划开始")
    planned_to: datetime = strawberry.field(description="Planned until. 计划结束")
    title: str | None = strawberry.field(default=None, description="Title. 名称")
    worker: strawberry.ID | None = strawberry.field(
        default=None,
        description="Who leads it (id of a Membership); a worker who names nobody does. 带领人",
    )


@mutation("Open group work of a line. 开设系列活动", target=("input", "line"), series=SERIES)
async def series_open(tx: Transaction, input: SeriesOpenInput) -> Any:
    return await group_commands.series_open(
        tx,
        line_id=uuid_of("agreement_line", input.line),
        community_id=uuid_of("community", input.community),
        title=input.title,
        kind=name_of(input.kind),
    )


@mutation("Enrol people in a series, by their cases. 系列活动报名", series=SERIES)
async def series_enrol(
    tx: Transaction,
    id: Target,
    cases: Annotated[list[strawberry.ID], strawberry.argument(description="Ids of their Cases. 服务单")],
    expected_version: Version = None,
) -> Any:
    return await group_commands.series_enrol(
        tx, uuid_of("series", id), case_ids=uuids_of("case", cases), version=expected_version
    )


@mutation("Close a series of which nothing is planned any more. 结束系列活动", series=SERIES)
async def series_close(tx: Transaction, id: Target, expected_version: Version = None) -> Any:
    return await group_commands.series_close(tx, uuid_of("series", id), version=expected_version)


@mutation("Cancel a series of which nothing was held. 取消系列活动", series=SERIES)
async def series_cancel(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await group_commands.series_cancel(
        tx,
        uuid_of("series", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )


@mutation("Plan the next session of a series. 安排场次", session=SESSION)
async def session_plan(
    tx: Transaction, id: Target, input: SessionPlanInput, expected_version: Version = None
) -> Any:
    return await group_commands.session_plan(
        tx,
        uuid_of("series", id),
        planned_from=input.planned_from,
        planned_to=input.planned_to,
        title=input.title,
        worker_id=uuid_of("membership", input.worker),
        version=expected_version,
    )


@mutation("Give a planned session to another worker. 更换带领人", session=SESSION)
async def session_assign_worker(
    tx: Transaction,
    id: Target,
    worker: Annotated[strawberry.ID, strawberry.argument(description="Who (id of a Membership). 带领人")],
    expected_version: Version = None,
) -> Any:
    return await group_commands.session_assign_worker(
        tx, uuid_of("session", id), worker_id=uuid_of("membership", worker), version=expected_version
    )


@mutation("Cancel a planned session. 取消场次", session=SESSION)
async def session_cancel(
    tx: Transaction, id: Target, reason_code: Reason, reason: Words, expected_version: Version = None
) -> Any:
    return await group_commands.session_cancel(
        tx,
        uuid_of("session", id),
        reason_code=name_of(reason_code),
        reason_text=reason,
        version=expected_version,
    )
