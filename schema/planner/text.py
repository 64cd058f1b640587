"""Stage 3, the letters: pieces of a reply's text, and how they become one SQL expression."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from hub.tables import metadata


@dataclasses.dataclass(frozen=True)
class Sql:
    """A piece of SQL that yields text; a plain `str` beside it is a literal of the reply."""

    text: str


Parts = list["str | Sql"]


def concat(parts: Iterable[str | Sql]) -> str:
    """One SQL text expression: literals quoted and fused, expressions joined with `||`."""
    fused: list[str] = []
    pending = ""
    for part in parts:
        if isinstance(part, str):
            pending += part
            continue
        if pending:
            fused.append(quote(pending))
            pending = ""
        fused.append(part.text)
    if pending or not fused:
        fused.append(quote(pending))
    return " || ".join(fused)


def quote(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def json_object(pieces: Iterable[tuple[str, Parts]]) -> Parts:
    """A JSON object of keys and what is written under them."""
    parts: Parts = ["{"]
    for number, (key, piece) in enumerate(pieces):
        parts += [("," if number else "") + f'"{key}":', *piece]
    return [*parts, "}"]


def joined(joins: list[str]) -> str:
    """The joins as they follow FROM."""
    return "".join(f" {join}" for join in joins)


def never_null(table: str, column: str) -> bool:
    """Whether the table's own definition says that the column is never null."""
    return not metadata.tables[table].c[column].nullable
