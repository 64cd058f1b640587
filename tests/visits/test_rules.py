"""Pure rules of visits: what a promise is, when it may be said to be kept, which days a day sheet opens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.base.errors import Invalid
from hub.visits.rules import is_late, require_kept, require_promise, sheet_days

NOW = datetime(2023, 5, 4, 2, 0, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("start", "end"),
    [(NOW, NOW), (NOW + DAY, NOW + DAY + 12 * HOUR), (NOW + 366 * DAY, NOW + 366 * DAY + HOUR)],
)
def test_a_promise_is_a_window_ahead(start: datetime, end: datetime) -> None:
    require_promise(start, end, NOW)


@pytest.mark.parametrize(
    ("start", "end", "key", "field"),
    [
        (NOW - SECOND, NOW + HOUR, "promise_past", "promisedFrom"),
        (NOW + 366 * DAY + SECOND, NOW + 367 * DAY, "promise_too_far", "promisedFrom"),
        (NOW + HOUR, NOW + HOUR - SECOND, "promise_reversed", "promisedTo"),
        (NOW, NOW + 12 * HOUR + SECOND, "promise_too_wide", "promisedTo"),
    ],
)
def test_what_is_no_promise(start: datetime, end: datetime, key: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        require_promise(start, end, NOW)
    assert (caught.value.key, caught.value.path) == (key, ("input", field))


@pytest.mark.parametrize("kept_at", [NOW, NOW - HOUR, NOW - DAY])
def test_a_visit_was_kept_up_to_now(kept_at: datetime) -> None:
    require_kept(kept_at, created_at=NOW, now=NOW)


@pytest.mark.parametrize(
    ("kept_at", "key"), [(NOW + SECOND, "kept_in_future"), (NOW - DAY - SECOND, "kept_before_made")]
)
def test_a_visit_is_not_kept_before_it_was_thought_of(kept_at: datetime, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        require_kept(kept_at, created_at=NOW, now=NOW)
    assert (caught.value.code, caught.value.key, caught.value.path) == (
        "OUT_OF_RANGE",
        key,
        ("input", "keptAt"),
    )


def test_late_is_after_the_end_of_the_window() -> None:
    assert is_late(NOW + SECOND, NOW)
    assert not is_late(NOW, NOW)
    assert not is_late(NOW, None)


def test_the_day_sheet_opens_today_and_tomorrow_only() -> None:
    today, tomorrow = date(2023, 5, 4), date(2023, 5, 5)
    assert sheet_days(today, today) == (today, tomorrow)
    assert sheet_days(tomorrow, today) == (tomorrow, tomorrow)
    for other in (date(2023, 5, 3), date(2023, 5, 6)):
        with pytest.raises(Invalid) as caught:
            sheet_days(other, today)
        assert (caught.value.code, caught.value.path) == ("OUT_OF_RANGE", ("day",))
