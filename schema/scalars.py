"""The scalars beyond GraphQL's own: calendar days, instants with an offset."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.values import instant


def _instant(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError("an instant is a text, for example 2026-05-08T10:00:00+08:00")
    return instant(text)


def _day(text: object) -> date:
    found = date.fromisoformat(text) if isinstance(text, str) else None
    if found is None or found.isoformat() != text:  # Python also reads 20260508 and 2026-W19-5
        raise ValueError("a day is written 2026-05-08")
    return found


SCALARS = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant with its offset, for example 2026-05-08T10:02:00.000+08:00. 时间",
        serialize=lambda value: value.isoformat(timespec="milliseconds"),
        parse_value=_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day, for example 2026-05-08. 日期",
        serialize=lambda value: value.isoformat(),
        parse_value=_day,
    ),
}
