"""What bounds a report: its period, and how few people a figure may be about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hub.base.errors import Invalid
from hub.base.limits import MAX_REPORT_DAYS
from hub.payments.tables import APPROVAL_STEPS

LEAST_PUBLISHED_PEOPLE = 5
"""Outside the street no figure is about fewer people (I21). Inside, where the people are known, each one counts."""

DUE_HORIZONS = ("OVERDUE", "DAYS_30", "DAYS_60", "DAYS_90")
"""What falls due: before today, and from today on within so many days, each including the one before."""

DECISION_STEPS = (
    "PREPARED",
    "PROPOSED",
    "CERTIFIED",
    "APPROVED",
    "SIGNED",
    "SUBMITTED",
    "REVIEWED",
    "SECONDED",
    "OBJECTED",
    *APPROVAL_STEPS,
)
"""Who had a hand in a decision: the steps of an agreement's version, of a claim, and of a payment request."""


def check_period(start: date, end: date, path: Sequence[str] = ()) -> None:
    """Raise Invalid when a period ends before it begins, or OUT_OF_RANGE when it is longer than a report may cover.

    Both days belong to it. `path` is that of the field whose arguments they are.
    """
    if end < start:
        raise Invalid("period_reversed", path=path)
    days = (end - start).days + 1
    if days > MAX_REPORT_DAYS:
        raise Invalid("period_long", code="OUT_OF_RANGE", path=path, days=days, most=MAX_REPORT_DAYS)
