"""How papers say things: in Chinese, whatever the language of whoever asks, since they are filed by Chinese offices."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.base.capitals import in_capitals
from hub.base.words import FALLBACK, label

NONE = "—"
_NUMERALS = "零一二三四五六七八九"


def said(enum: str, value: str | None) -> str:
    """The label of an enum's value: `CaseStatus`, `OPEN`."""
    return NONE if value is None else label(f"{enum}.{value}", FALLBACK)


def figures(fen: int | None) -> str:
    """`1,050,000.00`; a dash for what has no amount."""
    if fen is None:
        return NONE
    sign, rest = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{rest // 100:,}.{rest % 100:02d}"


def amount(fen: int | None) -> str:
    """`1,050,000.00 元`."""
    return NONE if fen is None else f"{figures(fen)} 元"


def both(fen: int) -> str:
    """In figures and in 人民币大写, one below the other."""
    return f"{amount(fen)}\n{in_capitals(fen)}"


def day(value: date | None) -> str:
    """`2026-05-06`."""
    return NONE if value is None else value.isoformat()


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """`2026-05-06 09:30`."""
    return NONE if value is None else value.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def person(name: str | None, role: str | None = None, duty: str | None = None) -> str:
    """`钱会计（财务·会计）`."""
    if name is None:
        return NONE
    posts = [said("Role", role)] if role else []
    posts += [said("Duty", duty)] if duty else []
    return f"{name}（{'·'.join(posts)}）" if posts else name


def numeral(number: int) -> str:
    """一, 二 … 十一 … 九十九."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMERALS[ones]
    return f"{'' if tens == 1 else _NUMERALS[tens]}十{_NUMERALS[ones] if ones else ''}"


def size(count: int) -> str:
    """`3.4 MB`."""
    return f"{count / 1024:,.1f} KB" if count < 1024**2 else f"{count / 1024**2:,.1f} MB"
