"""What a member does with a notice: read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, update

from auth.gate import claim
from hub.base.transaction import Transaction
from hub.notices.tables import notices


async def notice_read(tx: Transaction, notice_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Mark a notice of the acting membership as read; a second time changes nothing."""
    row = await claim(tx, notices, notice_id, "notice_read", version=version)
    if row.read_at is not None:
        return row
    marked = await tx.execute(
        update(notices)
        .where(notices.c.id == row.id, notices.c.read_at.is_(None))
        .values(read_at=tx.now, version=notices.c.version + 1)
        .returning(*notices.c)
    )
    row = marked.one()
    # Nobody else is told: the audit trail is enough.
    await tx.emit("notice_read", row, "Notice", tell=False)
    return row
