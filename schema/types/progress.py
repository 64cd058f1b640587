"""What was done against what was bought: the progress of a milestone, and a line at a glance."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import computed, day, derived, edge, number, word, yes_no
from schema.types.refs import (
    ActivitySeriesRef,
    AgreementLineRef,
    CaseRef,
    CommunityRef,
    CriterionRef,
    DeliveryRef,
)


@describe()
@strawberry.type(description="A line at a glance, in its units. 服务条目进度")
class LineUsage:
    """Counts only; read live from verified work."""

    quantity_cap: int | None = number("quantity_cap", "How many can be had at most. 数量上限")
    used: int | None = number("used", "Taken up for good. 已占用")
    reserved: int | None = number("reserved", "Offered or accepted, not finished. 已预留")
    remaining: int | None = number("remaining", "Can still be offered. 剩余可派")
    done: int | None = number("done", "Verified, and of the quality each unit must have. 已完成")
    unverified: int | None = number("unverified", "Recorded, not verified yet. 待核实")
    not_reachable: int | None = number(
        "unreachable", "Finished, but below the quality asked for: it will not count. 无法达标"
    )
    owed: int | None = number("owed", "Still owed. 尚欠")


@describe()
@strawberry.type(description="One thing a milestone asks for, and how far it is. 验收进度")
class MilestoneProgress:
    """Measured live from verified work. A figure the hub cannot measure has no value: a person judges it."""

    criterion: CriterionRef | None = edge(
        "Criterion", "The criterion; null for the quantity of a line. 标准", via="criterion_id"
    )
    line: AgreementLineRef | None = edge(
        "AgreementLine", "Of which line; null for the whole agreement. 服务条目", via="line_id"
    )
    metric: enums.CriterionMetric | None = word("metric", "Which figure. 指标")
    per_unit: bool | None = yes_no(
        "per_unit", "Whether each unit must reach it: then units are counted. 逐单位要求"
    )
    target: int | None = number("target", "What it must reach; per unit, how many units were begun. 目标值")
    value: int | None = number("value", "What it is; per unit, how many units reach it. 当前值")
    met: bool | None = yes_no("met", "Whether it is reached. 已达标")
    missing: list[ProgressGap] | None = derived(
        "ProgressGap",
        "progress_missing({t}.milestone_id, {t}.criterion_id, {t}.line_id)",
        "What is missing, down to the rows; at most 200. 缺口明细",
    )


@describe()
@strawberry.type(description="One thing that is missing, and where. 缺口")
class ProgressGap:
    """The figure as a whole, a unit below its quality, a delivery to verify, work to be given, or the rest."""

    reason: enums.GapReason | None = word("reason", "What kind of gap. 缺口类型")
    # Where another community's row is meant, a community learns that there is one, not which.
    reference: str | None = computed(
        "CASE WHEN {community} is null or {t}.community_id = {community} THEN {t}.reference END",
        Kind.TEXT,
        "Reference of the case, series or delivery. 编号",
    )
    case: CaseRef | None = edge("Case", "Which case. 服务单", via="case_id")
    series: ActivitySeriesRef | None = edge("ActivitySeries", "Which series. 系列活动", via="series_id")
    delivery: DeliveryRef | None = edge("Delivery", "Which delivery. 服务记录", via="delivery_id")
    community: CommunityRef | None = edge("Community", "In which community. 社区", via="community_id")
    value: int | None = number("value", "What there is. 当前值")
    target: int | None = number("target", "What there must be. 目标值")
    lacking: int | None = number("lacking", "How much is missing. 缺少")
    due_on: date | None = day("due_on", "By when: the milestone's day. 期限")
