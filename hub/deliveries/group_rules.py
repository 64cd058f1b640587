"""Pure checks of group work: which lines buy it, when a session can be, who was there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from hub.base.errors import Conflict, Invalid, LimitExceeded
from hub.base.limits import (
    KEPT_BEFORE_MADE_HOURS,
    MAX_BATCH,
    MAX_HEAD_COUNT,
    MAX_PROMISE_DAYS,
    MAX_SERIES_PERSONS,
    MAX_SESSION_HOURS,
)
from hub.deliveries.rules import HAPPENED, SESSION_UNITS

CASES = ("input", "caseIds")
ATTENDED = ("input", "attended")
HEADS = ("input", "headCount")


def require_group_line(line: Row[Any], community_id: UUID) -> None:
    """Raise Conflict unless the line buys sessions, series or persons, and there."""
    if line.unit not in SESSION_UNITS:
        unit = f"ServiceUnit.{line.unit}"
        raise Conflict("line_not_for_groups", path=("input", "lineId"), line=line.title, unit=unit)
    if community_id not in line.community_ids:
        raise Conflict("series_other_community", path=("input", "communityId"), line=line.title)


def require_session_left(line: Row[Any], reference: str, remaining: int | None) -> None:
    """Raise Conflict QUANTITY_EXCEEDED when the line has no session, or no person, left (I17).

    A series is counted when it is opened, not by its sessions. What has no cap has no end.
    """
    if line.unit == "SERIES" or remaining is None or remaining > 0:
        return
    params = {"line": line.title, "reference": reference, "unit": f"ServiceUnit.{line.unit}"}
    raise Conflict("session_line_full", code="QUANTITY_EXCEEDED", path=("id",), **params)


def require_session_time(planned_from: datetime, planned_to: datetime, now: datetime) -> None:
    """Raise Invalid unless the session is ahead of us, or was held within the last day and is entered now."""
    path = ("input", "plannedFrom")
    if planned_from < now - timedelta(hours=KEPT_BEFORE_MADE_HOURS):
        raise Invalid("session_past", code="OUT_OF_RANGE", path=path, hours=KEPT_BEFORE_MADE_HOURS)
    if planned_from > now + timedelta(days=MAX_PROMISE_DAYS):
        raise Invalid("session_too_far", code="OUT_OF_RANGE", path=path, days=MAX_PROMISE_DAYS)
    if planned_to < planned_from:
        raise Invalid("session_reversed", path=("input", "plannedTo"))
    if planned_to > planned_from + timedelta(hours=MAX_SESSION_HOURS):
        hours = MAX_SESSION_HOURS
        raise Invalid("session_too_long", code="OUT_OF_RANGE", path=("input", "plannedTo"), hours=hours)


def require_in_term(first: date, last: date, effective_from_on: date, ends_on: date) -> None:
    """Raise Invalid when a session lies outside the agreement's term: nobody would pay for it."""
    if not effective_from_on <= first <= last <= ends_on:
        term = {"since": effective_from_on, "until": ends_on}
        raise Invalid("session_outside_term", code="OUT_OF_RANGE", path=("input", "plannedFrom"), **term)


def require_held_time(held_at: datetime, created_at: datetime, now: datetime) -> None:
    """Raise Invalid when a session is said to have begun in the future, or long before anybody planned it."""
    if held_at > now:
        raise Invalid("kept_in_future", code="OUT_OF_RANGE", path=HAPPENED)
    if held_at < created_at - timedelta(hours=KEPT_BEFORE_MADE_HOURS):
        hours = KEPT_BEFORE_MADE_HOURS
        raise Invalid("held_before_planned", code="OUT_OF_RANGE", path=HAPPENED, hours=hours)


def require_enrollable(enrolled: int, case_ids: Sequence[UUID]) -> None:
    """Raise when nobody is to be enrolled, too many at once, or more than a group holds."""
    if not case_ids:
        raise Invalid("required", code="REQUIRED", path=CASES)
    if len(case_ids) > MAX_BATCH:
        raise LimitExceeded("batch_too_large", path=CASES, most=MAX_BATCH)
    if enrolled + len(case_ids) > MAX_SERIES_PERSONS:
        most = MAX_SERIES_PERSONS
        raise Conflict("series_full", code="LIMIT_EXCEEDED", path=CASES, most=most, enrolled=enrolled)


def require_head_count(head_count: int | None, case_ids: Sequence[UUID]) -> int:
    """How many were there, of a series whose heads are counted. Raises Invalid when names are given, or no number."""
    if case_ids:
        raise Invalid("series_takes_no_names", path=ATTENDED)
    if head_count is None:
        raise Invalid("head_count_required", code="REQUIRED", path=HEADS)
    if not 1 <= head_count <= MAX_HEAD_COUNT:
        raise Invalid("head_count_range", code="OUT_OF_RANGE", path=HEADS, most=MAX_HEAD_COUNT)
    return head_count


def require_names(head_count: int | None, case_ids: Sequence[UUID]) -> None:
    """Of a series of enrolled people: raise Invalid when a number is given, nobody was there, or somebody twice."""
    if head_count is not None:
        raise Invalid("series_counts_no_heads", path=HEADS)
    if not case_ids:
        raise Invalid("attendance_required", code="REQUIRED", path=ATTENDED)
    if len(set(case_ids)) < len(case_ids):
        raise Invalid("attendance_twice", code="DUPLICATE", path=ATTENDED)
