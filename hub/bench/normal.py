"""Answers of other servers as ours would have said them, outside of what is timed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def our_instant(text: str) -> str:
    """An instant in any ISO form as ours: milliseconds, and the offset of the hub's time zone."""
    return datetime.fromisoformat(text).astimezone(ZONE).isoformat(timespec="milliseconds")


def with_our_instants(value: Any) -> Any:
    """The same data with every field whose name ends in `At` as ours writes it."""
    return walked(value, lambda name, inner: our_instant(inner) if name.endswith("At") else inner)


def walked(value: Any, text_of: Callable[[str, str], str], name: str = "") -> Any:
    """The same data with every text replaced by what `text_of` says of its field's name and it."""
    if isinstance(value, Mapping):
        return {key: walked(inner, text_of, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [walked(inner, text_of, name) for inner in value]
    return text_of(name, value) if isinstance(value, str) else value
