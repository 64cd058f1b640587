"""What deliveries, call-backs and group work can be filtered and sorted by."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.types import enums
from schema.types.base import only, order

_IN = "= any({x})"


@strawberry.input(description="Which deliveries. 服务记录筛选")
class DeliveryWhere:
    """Filter of deliveries."""

    status: list[enums.DeliveryStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    reference: str | None = only("reference", "{t}.reference = {x}", "With this reference. 编号")
    agreement: strawberry.ID | None = only(
        "agreement",
        "{t}.agreement_id = {x}",
        "Under this agreement. 服务协议",
        cast="uuid",
        id_type="Agreement",
    )
    line: strawberry.ID | None = only(
        "line", "{t}.line_id = {x}", "Of this line. 服务条目", cast="uuid", id_type="AgreementLine"
    )
    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "By this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "In this community. 社区", cast="uuid", id_type="Community"
    )
    worker: strawberry.ID | None = only(
        "worker", "{t}.worker_id = {x}", "By this worker. 服务人员", cast="uuid", id_type="Membership"
    )
    flagged: bool | None = only(
        "flags", "(cardinality({t}.flags) > 0) = {x}", "Whether the hub finds it odd. 有异常", cast="boolean"
    )
    evidence_complete: bool | None = only(
        "evidenceComplete",
        "{t}.evidence_complete = {x}",
        "Whether its evidence is complete. 佐证齐全",
        cast="boolean",
    )
    in_session: bool | None = only(
        "session",
        "({t}.session_id is not null) = {x}",
        "Whether given in a session. 集体服务",
        cast="boolean",
    )
    happened_from: datetime | None = only(
        "happenedAt", "{t}.happened_at >= {x}", "Given at or after. 服务时间不早于", cast="timestamptz"
    )
    happened_to: datetime | None = only(
        "happenedAt", "{t}.happened_at < {x}", "Given before. 服务时间早于", cast="timestamptz"
    )


@strawberry.input(description="Which call-backs. 回访筛选")
class CallbackWhere:
    """Filter of call-backs."""

    status: list[enums.CallbackStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    cause: enums.CallbackCause | None = only("cause", "{t}.cause = {x}", "Drawn for this. 抽取原因")
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "In this community. 社区", cast="uuid", id_type="Community"
    )


@strawberry.input(description="Which series. 系列活动筛选")
class ActivitySeriesWhere:
    """Filter of series."""

    status: list[enums.SeriesStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    line: strawberry.ID | None = only(
        "line", "{t}.line_id = {x}", "Of this line. 服务条目", cast="uuid", id_type="AgreementLine"
    )
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "In this community. 社区", cast="uuid", id_type="Community"
    )


@strawberry.input(description="Which sessions. 场次筛选")
class GroupSessionWhere:
    """Filter of sessions."""

    status: list[enums.SessionStatus] | None = only(
        "status", "{t}.status " + _IN, "In one of these states. 状态", cast="text[]"
    )
    line: strawberry.ID | None = only(
        "line", "{t}.line_id = {x}", "Of this line. 服务条目", cast="uuid", id_type="AgreementLine"
    )
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "In this community. 社区", cast="uuid", id_type="Community"
    )
    planned_from: datetime | None = only(
        "plannedFrom", "{t}.planned_from_at >= {x}", "Planned at or after. 计划不早于", cast="timestamptz"
    )
    planned_to: datetime | None = only(
        "plannedFrom", "{t}.planned_from_at < {x}", "Planned before. 计划早于", cast="timestamptz"
    )


@strawberry.input(description="Which capacities. 服务能力筛选")
class CapacityWhere:
    """Filter of capacities."""

    partner: strawberry.ID | None = only(
        "partner", "{t}.partner_id = {x}", "Of this partner. 社会组织", cast="uuid", id_type="Partner"
    )
    community: strawberry.ID | None = only(
        "community", "{t}.community_id = {x}", "In this community. 社区", cast="uuid", id_type="Community"
    )
    service_type: strawberry.ID | None = only(
        "serviceType",
        "{t}.service_type_id = {x}",
        "Of this service. 服务项目",
        cast="uuid",
        id_type="ServiceType",
    )
    vacant: bool | None = only(
        "vacancy", "({t}.vacancy_count > 0) = {x}", "Whether it would take more now. 有空余", cast="boolean"
    )


DeliveryOrder = order(
    "DeliveryOrder",
    "Order of deliveries; newest first when nothing is said. 服务记录排序",
    happened_at=("happenedAt", "happened_at", "timestamptz"),
    recorded_at=("recordedAt", "recorded_at", "timestamptz"),
    reference=("reference", "reference", "text"),
)
CallbackOrder = order(
    "CallbackOrder",
    "Order of call-backs; newest first when nothing is said. 回访排序",
    due_at=("dueAt", "due_at", "timestamptz"),
)
ActivitySeriesOrder = order(
    "ActivitySeriesOrder",
    "Order of series; newest first when nothing is said. 系列活动排序",
    reference=("reference", "reference", "text"),
)
GroupSessionOrder = order(
    "GroupSessionOrder",
    "Order of sessions; newest first when nothing is said. 场次排序",
    number=("number", "number", "int"),
    planned_from=("plannedFrom", "planned_from_at", "timestamptz"),
)
