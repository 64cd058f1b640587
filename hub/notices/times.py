"""Times in sentences, as people say them: the weekday first, since a promise is about a day of the week."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def said(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """`11月27日（周五）10:00`, `Friday 27 November 10:00`."""
    local = instant.astimezone(zone)
    if language == "en":
        day = f"{_DAYS_EN[local.weekday()]} {local.day} {_MONTHS_EN[local.month - 1]} "
    else:
        day = f"{local.month}月{local.day}日（周{_DAYS_ZH[local.weekday()]}）"
    return f"{day}{local:%H:%M}"


def said_window(begin: datetime, end: datetime, zone: ZoneInfo, language: str) -> str:
    """`Friday 27 November 10:00–10:30`; the day again when the window ends on another."""
    if begin == end:
        return said(begin, zone, language)
    return f"{said(begin, zone, language)}–{said_beside(end, begin, zone, language)}"


def said_beside(instant: datetime, other: datetime, zone: ZoneInfo, language: str) -> str:
    """The time alone when `other`, said just before, is on the same day."""
    local = instant.astimezone(zone)
    if local.date() == other.astimezone(zone).date():
        return f"{local:%H:%M}"
    return said(instant, zone, language)
