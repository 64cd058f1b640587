"""The scalars beyond GraphQL's own: calendar days, instants with an offset."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

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


DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,4})?")


def _decimal(text: object) -> Decimal:
    """A decimal number. A JSON number is refused: on its way it may have been a float, and lost a fen."""
    if not isinstance(text, str) or not DECIMAL.fullmatch(text):
        raise ValueError('a decimal number is a text, for example "1050000.00"')
    return Decimal(text)


SCALARS = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='A decimal number as text, for example "1050000.00". 小数',
        serialize=str,
        parse_value=_decimal,
    ),
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
