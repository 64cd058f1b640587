"""Pure rules of deliveries: when, how much, and until when a call-back holds something up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.base.errors import Conflict, HubError, Invalid
from hub.base.limits import MAX_CALLBACK_ATTEMPTS
from hub.deliveries.rules import (
    auto_verify_from,
    dispute_reasons,
    heads_of,
    holds_up,
    moment_of,
    require_left,
    require_unit,
    require_within_case,
)

NOW = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)


def row(**values: Any) -> Any:
    return SimpleNamespace(**values)


def test_the_moment_is_that_of_the_visit() -> None:
    assert moment_of(NOW, None, NOW, ZONE) == NOW
    assert moment_of(None, NOW, NOW, ZONE) == NOW
    assert moment_of(NOW + timedelta(seconds=59), NOW, NOW, ZONE) == NOW
    for told, held_at, code in (
        (None, None, "REQUIRED"),
        (NOW + SECOND, None, "OUT_OF_RANGE"),
        (NOW + timedelta(minutes=1), NOW, "INVALID"),
    ):
        with pytest.raises(Invalid) as caught:
            moment_of(told, held_at, NOW, ZONE)
        assert (caught.value.code, caught.value.path) == (code, ("input", "happenedAt"))


@pytest.mark.parametrize(
    ("unit", "quantity", "in_session"),
    [
        *(("HOUR", 5, False), ("CASE", 1, False), ("VISIT", 1, False), ("REPORT", 1, False)),
        *(("SESSION", 1, True), ("SESSION", 1, False), ("SERIES", 1, True), ("PERSON", 40, True)),
    ],
)
def test_a_unit_given_in_its_way(unit: str, quantity: int, in_session: bool) -> None:
    require_unit(row(unit=unit), quantity, in_session=in_session)


@pytest.mark.parametrize(
    ("unit", "quantity", "in_session", "code"),
    [
        ("CASE", 2, False, "OUT_OF_RANGE"),
        ("SESSION", 2, True, "OUT_OF_RANGE"),
        ("SESSION", 2, False, "OUT_OF_RANGE"),
        ("VISIT", 2, False, "OUT_OF_RANGE"),
        ("SERIES", 1, False, "CONFLICT"),
        ("HOUR", 0, False, "OUT_OF_RANGE"),
        ("HOUR", 1_000_001, False, "OUT_OF_RANGE"),
    ],
)
def test_a_unit_not_given_so(unit: str, quantity: int, in_session: bool, code: str) -> None:
    with pytest.raises(HubError) as caught:
        require_unit(row(unit=unit), quantity, in_session=in_session)
    assert caught.value.code == code


def test_follow_ups_are_not_counted_out() -> None:
    case = row(reference="C-1", quantity=12, delivered_count=11)
    require_left(case, row(unit="HOUR"), 1)
    casework, service = [
        row(reference="C-2", quantity=1, delivered_count=9, kind=one) for one in ("CASEWORK", "SERVICE")
    ]
    require_left(casework, row(unit="CASE"), 1)
    require_left(casework, row(unit="SESSION"), 1)
    with pytest.raises(Conflict):
        require_left(service, row(unit="SESSION"), 1)
    with pytest.raises(Conflict) as caught:
        require_left(case, row(unit="HOUR"), 2)
    assert (caught.value.code, caught.value.params["left"]) == ("QUANTITY_EXCEEDED", 1)


def test_persons_in_a_session_are_as_many_as_were_there() -> None:
    people, sessions = row(unit="PERSON"), row(unit="SESSION")
    assert [heads_of(people, 42, told) for told in (None, 40, 42)] == [42, 40, 42]
    assert [heads_of(sessions, 42, None), heads_of(people, None, None), heads_of(people, None, 3)] == [
        1,
        1,
        3,
    ]
    with pytest.raises(Invalid) as caught:
        heads_of(people, 42, 43)
    assert (caught.value.code, caught.value.params["participants"]) == ("OUT_OF_RANGE", 42)


def test_within_the_days_of_the_case() -> None:
    case = row(reference="C-1", opened_at=NOW, closed_at=NOW + timedelta(days=3))
    require_within_case(case, NOW - timedelta(hours=8), ZONE)  # earlier, on the same day of the hub
    require_within_case(case, case.closed_at, ZONE)
    for moment in (NOW - timedelta(hours=10), case.closed_at + SECOND):
        with pytest.raises(Invalid) as caught:
            require_within_case(case, moment, ZONE)
        assert caught.value.code == "OUT_OF_RANGE"


def test_a_call_back_holds_up_until_it_was_tried_often_enough() -> None:
    assert not holds_up(None)
    assert holds_up(row(status="DUE", attempt_count=0))
    assert holds_up(row(status="NOT_REACHED", attempt_count=MAX_CALLBACK_ATTEMPTS - 1))
    assert not holds_up(row(status="NOT_REACHED", attempt_count=MAX_CALLBACK_ATTEMPTS))
    assert not holds_up(row(status="CONFIRMED", attempt_count=1))
    assert not holds_up(row(status="CANCELLED", attempt_count=0))


def test_evidence_counts_after_a_week() -> None:
    assert auto_verify_from(NOW) == NOW + timedelta(days=7)


def test_a_person_gives_reason_and_words() -> None:
    assert dispute_reasons("NOT_DONE", " 没来 ") == ("NOT_DONE", "没来")
    for code, words in (("CALLBACK_FAILED", "x"), ("NOT_DONE", " "), ("NOTHING", "x")):
        with pytest.raises(Invalid):
            dispute_reasons(code, words)
