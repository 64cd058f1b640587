"""What a street and its communities did in a period: counts, money by stage, and paragraphs ready to be sent up."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

import strawberry

from hub.reports.rules import LEAST_PUBLISHED_PEOPLE
from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import Money, derived, derived_one, edge, money, number, prose, struct, word
from schema.types.refs import CommunityRef, FundRef, PartnerRef, ServiceTypeRef, StreetRef

_PERIOD = "{t}.id, {arg.from.date}, {arg.to.date}"
_LEAST = f"CASE WHEN {{street}} is null THEN {LEAST_PUBLISHED_PEOPLE} ELSE 1 END"
"""Whoever acts for no street reads from outside it."""

HIDDEN = f"null where fewer than {LEAST_PUBLISHED_PEOPLE} people could be told from it outside the street"

_ROWS = f"report_rows({_PERIOD}, {{now}}, {_LEAST})"
"""The figures of every breakdown in one row, each an array."""


def _money(whole: bool) -> str:
    return f"report_money({_PERIOD}, {str(whole).lower()})"


@describe()
@strawberry.type(description="Completed visits, of every kind. 走访慰问")
class VisitFigures:
    """By the day on which somebody was at the door: `visits(where: {status: COMPLETED, keptFrom, keptTo})`."""

    times: int | None = number("visit_times", f"How many visits; {HIDDEN}. 人次")
    persons: int | None = number("visit_persons", f"How many people; {HIDDEN}. 人数")
    households: int | None = number(
        "visit_homes", f"How many households; a person without one counts as one; {HIDDEN}. 户数"
    )


@describe()
@strawberry.type(
    description="Services given to one person on a case: deliveries that are not voided and, where no agreement"
    " pays, completed visits for service or follow-up. Given at home, one is a visit as well. 个案服务"
)
class CaseServiceFigures:
    """By the day of the service."""

    times: int | None = number("service_times", f"How many services; {HIDDEN}. 人次")
    persons: int | None = number("service_persons", f"How many people; {HIDDEN}. 人数")
    households: int | None = number(
        "service_homes", f"How many households; a person without one counts as one; {HIDDEN}. 户数"
    )


@describe()
@strawberry.type(description="Who came to sessions of group work that were held. 小组和社区活动")
class AttendanceFigures:
    """By the day of the session; one whose record was voided does not count."""

    sessions: int | None = number("session_count", f"How many sessions; {HIDDEN}. 场次")
    times: int | None = number(
        "attendance_times", f"How many attendances, heads without names included; {HIDDEN}. 人次"
    )
    persons: int | None = number(
        "attendance_persons", f"How many people, of those whose names were taken; {HIDDEN}. 人数"
    )
    households: int | None = number(
        "attendance_homes",
        f"How many households, of those whose names were taken; a person without one counts as one; {HIDDEN}. 户数",
    )
    unnamed: int | None = number(
        "unnamed_count", f"Of the attendances, heads counted without names; {HIDDEN}. 仅计人头"
    )


@describe()
@strawberry.type(
    description="Promises to come, by the day promised; together the outcomes are all that was promised. 约定"
)
class PromiseFigures:
    """Outside the street they are told of the whole only."""

    made: int | None = number("promised", f"How many were promised; {HIDDEN}. 约定次数")
    kept: int | None = number("kept", f"Somebody came in time; {HIDDEN}. 守约")
    late: int | None = number("late", f"Somebody came late; {HIDDEN}. 迟到")
    missed: int | None = number("missed", f"Nobody came; {HIDDEN}. 失约")
    cancelled: int | None = number("cancelled", f"Called off; {HIDDEN}. 取消")
    open: int | None = number("open", f"Still to come; {HIDDEN}. 未到期")


VISITS = "Visits. 走访慰问"
CASE_SERVICES = "Individual services. 个案服务"
ATTENDANCES = "Group attendances. 小组和社区活动"
PROMISES = "Promises. 约定"


@describe()
@strawberry.type(description="Everything together. 合计")
class ReportTotal:
    """Of the street or of the one community."""

    visits: VisitFigures | None = struct("VisitFigures", VISITS)
    case_services: CaseServiceFigures | None = struct("CaseServiceFigures", CASE_SERVICES)
    attendances: AttendanceFigures | None = struct("AttendanceFigures", ATTENDANCES)
    promises: PromiseFigures | None = struct("PromiseFigures", PROMISES)
    paragraph: str | None = prose("paragraph", "The same figures as a paragraph in Chinese. 文字小结")


@describe()
@strawberry.type(description="What was done in a community. 分社区统计")
class ReportedCommunity:
    """Every community of the street has its row, with or without work."""

    community: CommunityRef | None = edge("Community", "Where. 社区", via="community_id")
    visits: VisitFigures | None = struct("VisitFigures", VISITS)
    case_services: CaseServiceFigures | None = struct("CaseServiceFigures", CASE_SERVICES)
    attendances: AttendanceFigures | None = struct("AttendanceFigures", ATTENDANCES)
    promises: PromiseFigures | None = struct("PromiseFigures", PROMISES)
    paragraph: str | None = prose(
        "paragraph", "The same figures as a paragraph in Chinese, ready for the monthly report. 文字小结"
    )


@describe()
@strawberry.type(description="What was done of a service. 分服务项目统计")
class ReportedServiceType:
    """One row has no service: visits that are for none."""

    service_type: ServiceTypeRef | None = edge(
        "ServiceType", "Which service; null for visits without one. 服务项目", via="service_type_id"
    )
    visits: VisitFigures | None = struct("VisitFigures", VISITS)
    case_services: CaseServiceFigures | None = struct("CaseServiceFigures", CASE_SERVICES)
    attendances: AttendanceFigures | None = struct("AttendanceFigures", ATTENDANCES)
    promises: PromiseFigures | None = struct("PromiseFigures", PROMISES)


@describe()
@strawberry.type(description="What was done by a partner. 分社会组织统计")
class ReportedPartner:
    """One row has no partner: the street's and communities' own people."""

    partner: PartnerRef | None = edge(
        "Partner", "By whom; null for the street's and communities' own people. 社会组织", via="partner_id"
    )
    visits: VisitFigures | None = struct("VisitFigures", VISITS)
    case_services: CaseServiceFigures | None = struct("CaseServiceFigures", CASE_SERVICES)
    attendances: AttendanceFigures | None = struct("AttendanceFigures", ATTENDANCES)
    promises: PromiseFigures | None = struct("PromiseFigures", PROMISES)


@describe()
@strawberry.type(description="What was done for an age group. 分年龄段统计")
class ReportedAgeGroup:
    """One row has no age group: heads counted without names."""

    age_group: enums.AgeGroup | None = word(
        "age_group", "Age on the last day; null for heads without names. 年龄段"
    )
    visits: VisitFigures | None = struct("VisitFigures", VISITS)
    case_services: CaseServiceFigures | None = struct("CaseServiceFigures", CASE_SERVICES)
    attendances: AttendanceFigures | None = struct("AttendanceFigures", ATTENDANCES)
    promises: PromiseFigures | None = struct("PromiseFigures", PROMISES)


@describe()
@strawberry.type(description="Money that moved in the period, by fund and kind of stage. 分阶段资金")
class ReportMoney:
    """Reserved and paid follow the ledger; the rest, the requests made in the period that stand."""

    fund: FundRef | None = edge("Fund", "Out of which fund; null in the sum. 专项基金", via="fund_id")
    stage: enums.MilestoneKind | None = word(
        "stage", "Which kind of stage; null in the sum, and for what no stage claims. 付款阶段类别"
    )
    encumbered: Money | None = money("{t}.encumbered_fen", "Reserved, less what was given back. 冻结金额")
    accepted: Money | None = money("{t}.accepted_fen", "Accepted. 验收金额")
    deducted: Money | None = money("{t}.deducted_fen", "Taken off. 扣减金额")
    requested: Money | None = money("{t}.requested_fen", "Requested. 申请付款金额")
    paid: Money | None = money("{t}.paid_fen", "Paid, less what came back. 已付金额")


@describe(
    "organizations",
    tag="station_report",
    only="{t}.kind in ('STREET', 'COMMUNITY')",
)
@strawberry.type(
    description="What a street, or one of its communities, did in a period: occurrences, people and households told"
    f" apart. Outside the street no figure is about fewer than {LEAST_PUBLISHED_PEOPLE} people. 社工站报表"
)
class StationReport:
    """It has no id: the same place is another report over another period."""

    street: StreetRef | None = edge("Street", "Of which street. 街道", via="street_id")
    community: CommunityRef | None = edge(
        "Community", "Of which community alone; null for the whole street. 社区", via="id"
    )
    total: ReportTotal | None = derived_one("ReportTotal", _ROWS, "Everything together. 合计", part="total")
    by_community: list[ReportedCommunity] | None = derived(
        "ReportedCommunity", _ROWS, "By community, each with its paragraph. 分社区统计", part="by_community"
    )
    by_service: list[ReportedServiceType] | None = derived(
        "ReportedServiceType", _ROWS, "By service. 分服务项目统计", part="by_service"
    )
    by_partner: list[ReportedPartner] | None = derived(
        "ReportedPartner", _ROWS, "By who did it. 分社会组织统计", part="by_partner"
    )
    by_age_group: list[ReportedAgeGroup] | None = derived(
        "ReportedAgeGroup", _ROWS, "By age. 分年龄段统计", part="by_age_group"
    )
    money: ReportMoney | None = derived_one(
        "ReportMoney", _money(True), "Money that moved; null for a community alone. 资金合计"
    )
    money_by_stage: list[ReportMoney] | None = derived(
        "ReportMoney", _money(False), "The same by fund and kind of stage. 分阶段资金"
    )
