"""The ledger's few movements, each one transfer with its entries. Whoever moves money calls these.

The database keeps the balances from the entries and refuses what they cannot bear (I2). Locks are taken in the order
fund → agreement → milestone: a command that will move an agreement's money calls `lock_fund_of` first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from hub.base.transaction import Transaction
from hub.fund.tables import ACCOUNT_KINDS, accounts, entries, funds, transfers

FUND_SCOPE = ("district_id", "street_id")


def fund_scope(row: Row[Any]) -> dict[str, Any]:
    """The scope columns of a fund, for rows that hang on it."""
    return {name: row._mapping[name] for name in FUND_SCOPE}


async def lock_fund_of(tx: Transaction, agreement_id: UUID) -> None:
    """Lock the fund of an agreement before the agreement itself is claimed; nothing is told about either.

    A function of the database does it, since before `claim` the writer may not see the row.
    """
    await tx.execute(select(func.lock_fund_of_agreement(agreement_id)))


async def fund_of(tx: Transaction, fund_id: UUID) -> Row[Any]:
    """The fund that a claimed row names, locked."""
    statement = select(funds).where(funds.c.id == fund_id).with_for_update(key_share=True)
    return (await tx.execute(statement)).one()


async def open_accounts(tx: Transaction, fund: Row[Any]) -> None:
    """The five accounts of a new fund."""
    await tx.insert_many(
        accounts, [{"fund_id": fund.id, "kind": kind, **fund_scope(fund)} for kind in ACCOUNT_KINDS]
    )


async def receive(tx: Transaction, fund: Row[Any], donation: Row[Any]) -> None:
    """Money came in."""
    moved = {"SOURCE": -donation.amount_fen, "AVAILABLE": donation.amount_fen}
    await _transfer(tx, fund, moved, stage="POSTED", reason="DONATION", donation_id=donation.id)


async def encumber(
    tx: Transaction, fund: Row[Any], agreement_id: UUID, amounts: Mapping[UUID | None, int]
) -> None:
    """Reserve money for an agreement: one pending transfer a milestone, None for what no milestone claims.

    The database refuses it (`ck_funds_available`) when the money is not there.
    """
    for milestone_id, amount_fen in amounts.items():
        if amount_fen:
            moved = {"AVAILABLE": -amount_fen, "ENCUMBERED": amount_fen}
            facts = {"agreement_id": agreement_id, "milestone_id": milestone_id}
            await _transfer(tx, fund, moved, stage="PENDING", reason="ENCUMBRANCE", **facts)


async def release(tx: Transaction, fund: Row[Any], agreement_id: UUID) -> int:
    """Void every pending transfer of the agreement that nothing has resolved. Returns how much was released, in fen."""
    later = transfers.alias("later")
    resolved = select(later.c.id).where(later.c.pending_id == transfers.c.id)
    unresolved = (
        select(transfers)
        .where(transfers.c.agreement_id == agreement_id, transfers.c.stage == "PENDING", ~resolved.exists())
        .order_by(transfers.c.id)
    )
    released = 0
    for pending in (await tx.execute(unresolved)).all():
        moved = {"ENCUMBERED": -pending.amount_fen, "AVAILABLE": pending.amount_fen}
        facts = {"agreement_id": agreement_id, "milestone_id": pending.milestone_id}
        await _transfer(tx, fund, moved, stage="VOIDED", reason="RELEASE", pending_id=pending.id, **facts)
        released += pending.amount_fen
    return released


async def _transfer(tx: Transaction, fund: Row[Any], moved: Mapping[str, int], **facts: Any) -> None:
    """One transfer and its entries; `moved` says by account kind who gains and who gives."""
    known = await tx.execute(select(accounts.c.kind, accounts.c.id).where(accounts.c.fund_id == fund.id))
    account_ids = {row.kind: row.id for row in known}
    transfer = await tx.insert(
        transfers,
        fund_id=fund.id,
        amount_fen=sum(amount for amount in moved.values() if amount > 0),
        entry_count=len(moved),
        made_by_id=tx.actor.membership_id,
        made_at=tx.now,
        **fund_scope(fund),
        **facts,
    )
    common = {"transfer_id": transfer.id, "fund_id": fund.id, **fund_scope(fund)}
    sides = [
        {"account_id": account_ids[kind], "amount_fen": amount, **common} for kind, amount in moved.items()
    ]
    await tx.insert_many(entries, sides)
