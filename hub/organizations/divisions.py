"""The real divisions of Xuzhou: districts, streets and communities with their statistical codes.

The rows lie in `data/` with their source and licence. Importing again changes only what the data changed.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from hub.base.transaction import Transaction
from hub.organizations.founding import require_operator
from hub.organizations.rules import check_division_code
from hub.organizations.tables import organizations

FILES = {"DISTRICT": "districts.csv", "STREET": "streets.csv", "COMMUNITY": "communities.csv"}
PARENT_COLUMN = {"DISTRICT": None, "STREET": "areaCode", "COMMUNITY": "streetCode"}


@dataclasses.dataclass(frozen=True)
class Division:
    """One row of the data: its kind, statistical code and name, and its parent's code."""

    kind: str
    code: str
    name: str
    parent_code: str | None


@dataclasses.dataclass(frozen=True)
class Imported:
    """How many organizations an import added and renamed."""

    added: int = 0
    renamed: int = 0


def divisions() -> tuple[Division, ...]:
    """All packaged divisions: parents before their children, each checked for the form of its code."""
    return tuple(division for kind in FILES for division in _read(kind))


def _read(kind: str) -> Iterable[Division]:
    parent_column = PARENT_COLUMN[kind]
    file = resources.files("hub.organizations").joinpath("data", FILES[kind])
    for line in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        parent = line[parent_column] if parent_column else None
        yield Division(kind, check_division_code(kind, line["code"], parent), line["name"], parent)


async def divisions_import(tx: Transaction) -> Imported:
    """Register every packaged division that is missing and correct names that changed.

    Idempotent. One audit event for each district that something was changed in; no street owns it. Run as
    `hub.organizations.founding.OPERATOR`.
    """
    require_operator(tx, "divisions_import")
    known = {row.code: row for row in (await tx.execute(_known())).all()}
    ids = {code: row.id for code, row in known.items()}
    by_district: dict[str, list[Division]] = {}
    for division in divisions():
        by_district.setdefault(division.code[:6], []).append(division)
    total = Imported()
    for group in by_district.values():
        done = Imported(await _add(tx, group, ids), await _rename(tx, group, known))
        if done != Imported():
            await _tell(tx, ids[group[0].code], done)
        total = Imported(total.added + done.added, total.renamed + done.renamed)
    return total


def _known() -> Any:
    table = organizations
    return select(table.c.id, table.c.code, table.c.name).where(table.c.kind.in_(FILES))


async def _add(tx: Transaction, group: list[Division], ids: dict[str, UUID]) -> int:
    """Insert the divisions without an id, the district first; `ids` learns theirs."""
    missing = [division for division in group if division.code not in ids]
    for division in missing:
        ids[division.code] = tx.new_id()
    if missing:
        await tx.execute(insert(organizations), [_row(tx, division, ids) for division in missing])
    return len(missing)


def _row(tx: Transaction, division: Division, ids: Mapping[str, UUID]) -> dict[str, object]:
    """A district's district and a street's street are themselves, so that one column finds the whole branch."""
    code = division.code
    return {
        "id": ids[code],
        "kind": division.kind,
        "name": division.name,
        "code": code,
        "parent_id": ids[division.parent_code] if division.parent_code else None,
        "district_id": ids[code[:6]],
        "street_id": ids[code[:9]] if len(code) >= 9 else None,
        "created_at": tx.now,
    }


async def _rename(tx: Transaction, group: list[Division], known: Mapping[str, Row[Any]]) -> int:
    table = organizations
    changed = [d for d in group if d.code in known and known[d.code].name != d.name]
    for division in changed:
        row_id = known[division.code].id
        await tx.execute(
            update(table).where(table.c.id == row_id).values(name=division.name, version=table.c.version + 1)
        )
    return len(changed)


async def _tell(tx: Transaction, district_id: UUID, done: Imported) -> None:
    district = await tx.execute(select(organizations).where(organizations.c.id == district_id))
    facts = dataclasses.asdict(done)
    await tx.emit("divisions_import", district.one(), "Organization", facts=facts)
