"""Communities of a street, as lists of ids that other rows carry."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from hub.base.errors import Invalid, NotFound
from hub.base.transaction import Transaction
from hub.organizations.tables import organizations


async def communities_of(
    tx: Transaction, street_id: UUID, community_ids: Sequence[UUID], path: tuple[str, ...]
) -> list[UUID]:
    """The ids, sorted and without repetitions. Raises Invalid for none, NotFound unless all are of the street."""
    wanted = sorted(set(community_ids))
    if not wanted:
        raise Invalid("required", code="REQUIRED", path=path)
    ours = select(organizations.c.id).where(
        organizations.c.id.in_(wanted),
        organizations.c.kind == "COMMUNITY",
        organizations.c.street_id == street_id,
    )
    if len((await tx.execute(ours)).all()) != len(wanted):
        raise NotFound(path=path)
    return wanted
