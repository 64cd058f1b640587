"""DDL of today's tables as text: `python -m migrations.draft > migrations/versions/0001_foundation.sql`.

A developer's tool. A revision keeps the text, not the call, since a migration must do tomorrow what it does
today. Tables named on the command line are drafted alone, for the revision that adds them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from sqlalchemy import MetaData, Table
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.schema import (
    AddConstraint,
    CreateIndex,
    CreateSequence,
    CreateTable,
    ExecutableDDLElement,
    sort_tables_and_constraints,
)

from hub.tables import metadata

DIALECT = asyncpg.dialect()
"""Its parameter style is not `%s`, so percent signs in CHECK constraints are not doubled."""


def draft_ddl(tables: MetaData = metadata, only: Sequence[str] = ()) -> str:
    """CREATE statements for all tables, indexes and sequences, in an order that works, the same every time."""
    return "\n".join(f"{_compiled(element)};\n" for element in _elements(tables, only))


def _elements(tables: MetaData, only: Sequence[str]) -> Iterator[ExecutableDDLElement]:
    if not only:
        for sequence in sorted(tables._sequences.values(), key=lambda sequence: sequence.name):
            yield CreateSequence(sequence)
    chosen = [table for table in tables.tables.values() if not only or table.name in only]
    in_order = sort_tables_and_constraints(sorted(chosen, key=lambda table: table.name))
    for table, foreign_keys in in_order:
        if table is None:  # last: foreign keys that go round in a circle
            yield from (AddConstraint(foreign_key) for foreign_key in foreign_keys)
        else:
            yield CreateTable(table, include_foreign_key_constraints=list(foreign_keys))
            yield from _indexes(table)


def _indexes(table: Table) -> Iterator[ExecutableDDLElement]:
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield CreateIndex(index)


def _compiled(element: ExecutableDDLElement) -> str:
    text = str(element.compile(dialect=DIALECT)).strip()
    return "\n".join(line.rstrip().replace("\t", "    ") for line in text.splitlines())


if __name__ == "__main__":
    sys.stdout.write(draft_ddl(only=sys.argv[1:]))
