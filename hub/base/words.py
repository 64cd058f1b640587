"""Every word the hub says to people, in every language it speaks: labels of enum values, errors, notices.

The words stand in `locale/<language>.toml`, one table a subject: `[CaseStatus] OPEN = "…"` is the label
`CaseStatus.OPEN`, `[error] stale = "…"` the message `error.stale`. Chinese comes first: it is the fallback. Codes never
change with the language, words do.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources
from typing import Any

LANGUAGES = ("zh-CN", "en")
FALLBACK = "zh-CN"

NOT_LABELS = frozenset(("error", "notice"))
"""Tables of the files that hold sentences; every other table holds the labels of one enum."""

_LABEL_KEY = re.compile(r"[A-Z][A-Za-z]+\.[A-Z][A-Z0-9_]*")


@functools.cache
def words(language: str) -> Mapping[str, str]:
    """All words of a language by key; those of the fallback for a language the hub does not speak."""
    spoken = language if language in LANGUAGES else FALLBACK
    file = resources.files("hub.base").joinpath("locale", f"{spoken}.toml")
    tables: dict[str, dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {f"{table}.{name}": text for table, entries in tables.items() for name, text in entries.items()}


def label(key: str, language: str) -> str:
    """The label of an enum value, `CaseStatus.OPEN`. Raises LookupError when there is none: a mistake in the code."""
    return _found(key, language)


def _found(key: str, language: str) -> str:
    try:
        return words(language)[key]
    except KeyError:
        table, _, name = key.partition(".")
        raise KeyError(f"no {name} in table [{table}] of hub/base/locale/{language}.toml") from None


def labels(language: str) -> dict[str, dict[str, str]]:
    """All labels: enum name → value → label, for the query `labels`."""
    found: dict[str, dict[str, str]] = {}
    for key, text in words(language).items():
        enum, _, value = key.partition(".")
        if enum not in NOT_LABELS:
            found.setdefault(enum, {})[value] = text
    return found


def message(key: str, language: str, **params: object) -> str:
    """The sentence `error.<key>` or `notice.<kind>` with its places filled.

    A parameter that is the key of a label is translated, a date is written as people of the language write it. Raises
    LookupError for an unknown key or a missing parameter: a mistake in the code.
    """
    template = _found(key, language)
    return template.format_map({name: _said(value, language) for name, value in params.items()})


def _said(value: Any, language: str) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日" if language != "en" else value.isoformat()
    text = str(value)
    return words(language).get(text, text) if _LABEL_KEY.fullmatch(text) else text
