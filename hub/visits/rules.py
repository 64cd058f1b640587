"""Pure checks of promises and of what is recorded about them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hub.base.errors import Invalid
from hub.base.limits import (
    KEPT_BEFORE_MADE_HOURS,
    MAX_PROMISE_DAYS,
    MAX_PROMISE_HOURS,
    MAX_SUBSTITUTION_DAYS,
)


def require_promise(promised_from: datetime, promised_to: datetime, now: datetime) -> None:
    """Raise Invalid unless the promise is a window that begins from now on and is short enough to wait for."""
    if promised_from < now:
        raise Invalid("promise_past", code="OUT_OF_RANGE", path=("input", "promisedFrom"))
    if promised_from > now + timedelta(days=MAX_PROMISE_DAYS):
        raise Invalid(
            "promise_too_far", code="OUT_OF_RANGE", path=("input", "promisedFrom"), days=MAX_PROMISE_DAYS
        )
    if promised_to < promised_from:
        raise Invalid("promise_reversed", path=("input", "promisedTo"))
    if promised_to > promised_from + timedelta(hours=MAX_PROMISE_HOURS):
        raise Invalid(
            "promise_too_wide", code="OUT_OF_RANGE", path=("input", "promisedTo"), hours=MAX_PROMISE_HOURS
        )


def require_kept(kept_at: datetime, created_at: datetime, now: datetime) -> None:
    """Raise Invalid when a visit is said to have happened in the future, or long before anybody entered it."""
    if kept_at > now:
        raise Invalid("kept_in_future", code="OUT_OF_RANGE", path=("input", "keptAt"))
    if kept_at < created_at - timedelta(hours=KEPT_BEFORE_MADE_HOURS):
        hours = KEPT_BEFORE_MADE_HOURS
        raise Invalid("kept_before_made", code="OUT_OF_RANGE", path=("input", "keptAt"), hours=hours)


def is_late(kept_at: datetime, promised_to_at: datetime | None) -> bool:
    """Whether somebody came after the end of the promised window."""
    return promised_to_at is not None and kept_at > promised_to_at


def sheet_days(day: date, today: date) -> tuple[date, date]:
    """First and last day of the day sheet for `day`: that day and the next, as far as they are today or tomorrow.

    Raises Invalid OUT_OF_RANGE for another day: plain values are opened for those who set out, not to browse.
    """
    tomorrow = today + timedelta(days=1)
    if day not in (today, tomorrow):
        raise Invalid("day_sheet_day", code="OUT_OF_RANGE", path=("day",))
    return day, tomorrow


def require_substitution(from_on: date, until_on: date, today: date) -> None:
    """Raise Invalid unless somebody stands in from today on at the earliest, and not too long (both days count)."""
    if from_on < today:
        raise Invalid("substitution_past", code="OUT_OF_RANGE", path=("input", "fromOn"))
    if (from_on - today).days > MAX_PROMISE_DAYS:
        days = MAX_PROMISE_DAYS
        raise Invalid("substitution_too_far", code="OUT_OF_RANGE", path=("input", "fromOn"), days=days)
    if until_on < from_on:
        raise Invalid("period_reversed", path=("input", "untilOn"))
    if (until_on - from_on).days >= MAX_SUBSTITUTION_DAYS:
        days = MAX_SUBSTITUTION_DAYS
        raise Invalid("substitution_too_long", code="OUT_OF_RANGE", path=("input", "untilOn"), days=days)
