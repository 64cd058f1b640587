"""The ledger's few movements, each one transfer with its entries. Whoever moves money calls these.

The database keeps the balances from the entries and refuses what they cannot bear (I2). Locks are taken in the order
fund → agreement → milestone: a command that will move an agreement's money calls `lock_fund_of` first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Row, Select, Text, Uuid, and_, bindparam, func, insert, select

from hub.base.transaction import Transaction
from hub.fund.tables import ACCOUNT_KINDS, accounts, entries, funds, transfers

FUND_SCOPE = ("district_id", "street_id")


def _pending_of(name: str) -> Select[Any]:
    """Pending transfers of a `target` that nothing has resolved, oldest first."""
    later = transfers.alias("later")
    resolved = select(later.c.id).where(later.c.pending_id == transfers.c.id)
    mine = transfers.c[name] == bindparam("target")
    return (
        select(transfers)
        .where(mine, transfers.c.stage == "PENDING", ~resolved.exists())
        .order_by(transfers.c.id)
    )


PENDING_OF_AGREEMENT = _pending_of("agreement_id")
PENDING_OF_MILESTONE = _pending_of("milestone_id")
TRANSFERRED = insert(transfers)
_SIDE = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("transfer_ids", type_=ARRAY(Uuid)),
        bindparam("kinds", type_=ARRAY(Text)),
        bindparam("amounts_fen", type_=ARRAY(BigInteger)),
    )
    .table_valued("id", "transfer_id", "kind", "amount_fen", name="side")
    .render_derived()
)
ENTERED = insert(entries).from_select(
    ["id", "transfer_id", "account_id", "fund_id", *FUND_SCOPE, "amount_fen"],
    select(
        _SIDE.c.id,
        _SIDE.c.transfer_id,
        accounts.c.id,
        accounts.c.fund_id,
        *(accounts.c[name] for name in FUND_SCOPE),
        _SIDE.c.amount_fen,
    ).join_from(
        _SIDE, accounts, and_(accounts.c.kind == _SIDE.c.kind, accounts.c.fund_id == bindparam("fund"))
    ),
)
"""Entries however many, each on the account of its kind, in one statement: so the fund, which others wait for, is
written once. All of these are made once, for making one costs as much as a round trip."""


def fund_scope(row: Row[Any]) -> dict[str, Any]:
    """The scope columns of a fund, for rows that hang on it."""
    return {name: row._mapping[name] for name in FUND_SCOPE}


async def lock_fund_of(tx: Transaction, agreement_id: UUID) -> None:
    """Lock the fund of an agreement before the agreement itself is claimed; nothing is told about either.

    A function of the database does it, since before `claim` the writer may not see the row.
    """
    await tx.execute(select(func.lock_fund_of_agreement(agreement_id)))


async def lock_money(tx: Transaction, kind: str, target_id: UUID) -> None:
    """Lock fund, agreement, milestone and claim, in this order, of the object that is about to be claimed.

    `kind` is its table: milestones, submissions, payment_requests, payments, appeals, invoices or deliveries.
    """
    await tx.execute(select(func.lock_money(kind, target_id)))


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
    facts = {"stage": "POSTED", "reason": "DONATION", "donation_id": donation.id}
    await _transfer(tx, fund, [(facts, {"SOURCE": -donation.amount_fen, "AVAILABLE": donation.amount_fen})])


async def encumber(
    tx: Transaction, fund: Row[Any], agreement_id: UUID, amounts: Mapping[UUID | None, int]
) -> None:
    """Reserve money for an agreement: one pending transfer a milestone, None for what no milestone claims.

    The database refuses it (`ck_funds_available`) when the money is not there.
    """
    facts = {"stage": "PENDING", "reason": "ENCUMBRANCE", "agreement_id": agreement_id}
    transferred = [
        ({**facts, "milestone_id": milestone_id}, {"AVAILABLE": -amount_fen, "ENCUMBERED": amount_fen})
        for milestone_id, amount_fen in amounts.items()
        if amount_fen
    ]
    await _transfer(tx, fund, transferred)


async def release(tx: Transaction, fund: Row[Any], agreement_id: UUID) -> int:
    """Void every pending transfer of the agreement that nothing has resolved. Returns how much was released, in fen."""
    return await _void(tx, fund, await _pending(tx, PENDING_OF_AGREEMENT, agreement_id))


async def release_stage(tx: Transaction, fund: Row[Any], milestone_id: UUID) -> int:
    """Void what is still pending for one milestone. Returns how much was released, in fen."""
    return await _void(tx, fund, await _pending(tx, PENDING_OF_MILESTONE, milestone_id))


async def make_payable(tx: Transaction, fund: Row[Any], request: Row[Any], final_id: UUID | None) -> None:
    """Accepted work is owed: its amount goes from pending to payable, the rest stays pending for its milestone.

    What is no longer pending there is drawn from the milestone it was carried to (`final_id`), then from what is
    available; the database refuses it (`ck_funds_available`) when the money is not there.
    """
    pending = await _pending(tx, PENDING_OF_MILESTONE, request.milestone_id)
    missing = request.payable_fen - sum(each.amount_fen for each in pending)
    if missing > 0:
        freed = await release_stage(tx, fund, final_id) if final_id else 0
        wanted = {request.milestone_id: missing, final_id: max(0, freed - missing)}
        await encumber(tx, fund, request.agreement_id, wanted)
        pending = await _pending(tx, PENDING_OF_MILESTONE, request.milestone_id)
    left = request.payable_fen
    for each in pending:
        taken = min(left, each.amount_fen)
        if taken:
            await _post(tx, fund, request, each, taken)
            left -= taken


async def _post(tx: Transaction, fund: Row[Any], request: Row[Any], pending: Row[Any], taken: int) -> None:
    """Resolve one pending transfer whole; what it held beyond `taken` is reserved anew."""
    rest = pending.amount_fen - taken
    moved = {"ENCUMBERED": -pending.amount_fen, "PAYABLE": taken} | ({"AVAILABLE": rest} if rest else {})
    facts = {**_posted(request, "ACCEPTANCE"), "pending_id": pending.id}
    await _transfer(tx, fund, [(facts, moved)])
    await encumber(tx, fund, request.agreement_id, {request.milestone_id: rest})


async def take_back(tx: Transaction, fund: Row[Any], request: Row[Any], *, keep: bool) -> None:
    """An acceptance is undone: what was payable is available again, and with `keep` reserved for its milestone."""
    amount = request.payable_fen
    moved = {"PAYABLE": -amount, "AVAILABLE": amount}
    await _transfer(tx, fund, [(_posted(request, "RETURN"), moved)])
    if keep:
        await encumber(tx, fund, request.agreement_id, {request.milestone_id: amount})


async def pay(tx: Transaction, fund: Row[Any], request: Row[Any]) -> None:
    """The money has arrived."""
    moved = {"PAYABLE": -request.payable_fen, "PAID": request.payable_fen}
    await _transfer(tx, fund, [(_posted(request, "PAYMENT"), moved)])


async def reverse(tx: Transaction, fund: Row[Any], request: Row[Any]) -> None:
    """A payment is undone by compensating entries: the money is owed again."""
    moved = {"PAID": -request.payable_fen, "PAYABLE": request.payable_fen}
    await _transfer(tx, fund, [(_posted(request, "REVERSAL"), moved)])


def _posted(request: Row[Any], reason: str) -> dict[str, Any]:
    return {
        "stage": "POSTED",
        "reason": reason,
        "request_id": request.id,
        "agreement_id": request.agreement_id,
        "milestone_id": request.milestone_id,
    }


async def _pending(tx: Transaction, statement: Select[Any], target_id: UUID) -> Sequence[Row[Any]]:
    return (await tx.execute(statement, {"target": target_id})).all()


async def _void(tx: Transaction, fund: Row[Any], pending: Sequence[Row[Any]]) -> int:
    facts = {"stage": "VOIDED", "reason": "RELEASE"}
    transferred = [
        (
            {
                **facts,
                "agreement_id": row.agreement_id,
                "milestone_id": row.milestone_id,
                "pending_id": row.id,
            },
            {"ENCUMBERED": -row.amount_fen, "AVAILABLE": row.amount_fen},
        )
        for row in pending
    ]
    await _transfer(tx, fund, transferred)
    return sum(row.amount_fen for row in pending)


async def _transfer(
    tx: Transaction, fund: Row[Any], transferred: Sequence[tuple[Mapping[str, Any], Mapping[str, int]]]
) -> None:
    """Transfers and their entries: of each its facts, and by account kind who gains and who gives.

    The database refuses a transfer whose entries are not all there, or do not balance.
    """
    if not transferred:
        return
    made = {"fund_id": fund.id, "made_by_id": tx.actor.membership_id, "made_at": tx.now, **fund_scope(fund)}
    heads: list[dict[str, Any]] = []
    sides: list[tuple[UUID, UUID, str, int]] = []
    for facts, moved in transferred:
        amount_fen = sum(amount for amount in moved.values() if amount > 0)
        head = {"id": tx.new_id(), "amount_fen": amount_fen, "entry_count": len(moved), **made, **facts}
        heads.append(head)
        sides += [(tx.new_id(), head["id"], kind, amount) for kind, amount in moved.items()]
    await tx.execute(TRANSFERRED, heads)
    columns = [list(column) for column in zip(*sides, strict=True)]
    names = ("ids", "transfer_ids", "kinds", "amounts_fen")
    await tx.execute(ENTERED, {"fund": fund.id, **dict(zip(names, columns, strict=True))})
