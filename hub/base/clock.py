"""The hub's one source of "now" and "today". Nothing else asks the system time for a fact of the domain.

In demo mode the clock can be moved forward, so that a journey can be lived on any day; token expiry keeps real time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """Real time plus an offset; calendar days are those of the hub's time zone."""

    def __init__(self, time_zone: str = "Asia/Shanghai", offset: timedelta = timedelta()) -> None:
        self.zone = ZoneInfo(time_zone)
        self.offset = offset

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def day(self, instant: datetime) -> date:
        """The calendar day of an instant in the hub's time zone."""
        return instant.astimezone(self.zone).date()

    def today(self) -> date:
        """The calendar day of the present instant."""
        return self.day(self.now())

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """The instant of a wall-clock time on a calendar day in the hub's time zone."""
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).astimezone(UTC)


class FixedClock(Clock):
    """A clock that stands still until it is set: for tests, and for the demo world that is made in its own past."""

    def __init__(self, instant: datetime, time_zone: str = "Asia/Shanghai") -> None:
        super().__init__(time_zone)
        self.instant = instant

    def now(self) -> datetime:
        return self.instant
