"""The scalars beyond GraphQL's own: calendar days, instants with an offset."""

from __future__ import annotations

from datetime import date, datetime

import strawberry


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset, for example 2026-05-08T10:00:00+08:00")
    return instant


def _day(text: str) -> date:
    if not isinstance(text, str) or len(text) != 10:
        raise ValueError("a day is written 2026-05-08")
    return date.fromisoformat(text)


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
