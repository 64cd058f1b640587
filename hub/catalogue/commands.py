"""Loading the packaged catalogue."""

from __future__ import annotations

import dataclasses
import tomllib
from importlib import resources
from typing import Any

from sqlalchemy import Row, select, update

from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.organizations.founding import require_operator

LABELS = ("name_zh", "name_en")
"""What may change in an entry that exists; the rest is the meaning of its code."""


class CatalogueChanged(Exception):
    """The packaged data give a known code another meaning: a mistake in the data, which needs a new code instead."""


@dataclasses.dataclass(frozen=True)
class CatalogueEntry:
    """One entry of `data/services.toml`."""

    code: str
    name_zh: str
    name_en: str
    strand: str
    official_category: str
    unit: str
    evidence_policy: str
    case_kind: str
    qualification_type: str
    min_age: int | None = None
    max_age: int | None = None


def packaged_services() -> tuple[CatalogueEntry, ...]:
    """The packaged entries in the order of the file."""
    text = resources.files("hub.catalogue").joinpath("data", "services.toml").read_text(encoding="utf-8")
    return tuple(CatalogueEntry(code=code, **entry) for code, entry in tomllib.loads(text).items())


async def catalogue_load(tx: Transaction) -> int:
    """Add the packaged entries that are missing and correct names that changed; returns how many were touched.

    Idempotent; one audit event an entry, of no street. Run as `hub.organizations.founding.OPERATOR`.
    """
    require_operator(tx, "catalogue_load")
    known = {row.code: row for row in (await tx.execute(select(service_types))).all()}
    touched = 0
    for service in packaged_services():
        row = known.get(service.code)
        changed = await _renamed(tx, row, service) if row else await _added(tx, service)
        if changed is not None:
            await tx.emit("catalogue_load", changed, "ServiceType", facts={"code": service.code})
            touched += 1
    return touched


async def _added(tx: Transaction, service: CatalogueEntry) -> Row[Any]:
    return await tx.insert(service_types, **dataclasses.asdict(service))


async def _renamed(tx: Transaction, row: Row[Any], service: CatalogueEntry) -> Row[Any] | None:
    """The row with its new names, None when nothing differs. Raises CatalogueChanged when more than a name does."""
    differing = {
        name: value for name, value in dataclasses.asdict(service).items() if row._mapping[name] != value
    }
    if not differing:
        return None
    if not set(differing) <= set(LABELS):
        raise CatalogueChanged(f"{service.code}: {sorted(set(differing) - set(LABELS))}")
    statement = (
        update(service_types)
        .where(service_types.c.id == row.id)
        .values(**differing, version=service_types.c.version + 1)
        .returning(*service_types.c)
    )
    return (await tx.execute(statement)).one()
