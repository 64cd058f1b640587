"""Whom a referral could be offered to."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import computed, edge, number, word
from schema.types.refs import AgreementLineRef, PartnerRef


@describe()
@strawberry.type(description="A line that a referral could be offered on, and why, or why not. 派单推荐")
class PartnerSuggestion:
    """Best first; partners that declined it once come last."""

    partner: PartnerRef | None = edge("Partner", "Which partner. 社会组织", via="partner_id")
    line: AgreementLineRef | None = edge(
        "AgreementLine", "Which line of its agreement would pay. 服务条目", via="line_id"
    )
    remaining: int | None = number(
        "remaining", "How much of the line can still be offered; null when it has no cap. 剩余数量"
    )
    vacancy: int | None = number(
        "vacancy", "How many more people the partner says it would take; null when it has not said. 空余名额"
    )
    fits: bool | None = computed(
        "{t}.reason_code = 'SERVES_HERE'", Kind.YES_NO, "Whether nothing speaks against it. 是否合适"
    )
    reason: enums.SuggestionReason | None = word("reason_code", "Why, or why not. 理由")
