"""Who is locked before what: a person before everything that opens or shuts her."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from hub.base.transaction import Transaction
from hub.people.tables import persons


async def lock_persons(tx: Transaction, which: ColumnElement[bool]) -> None:
    """Hold what opens and shuts persons (consents, case members) until the transaction ends.

    A person is locked before her cases, as withdrawing a consent does it, else the two could wait for each other. FOR
    NO KEY UPDATE: rows that only refer to her do not wait.
    """
    await tx.execute(select(persons.c.id).where(which).order_by(persons.c.id).with_for_update(key_share=True))
