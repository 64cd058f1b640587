"""Where a partner is paid: proposed by it, verified by the accountant, slept on, then used; the number stays sealed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert

from auth.gate import claim
from hub.base.errors import Conflict, Denied, LimitExceeded, NotFound
from hub.base.inputs import one_of, required
from hub.base.ledgers import audit_events
from hub.base.limits import ACCOUNT_COOLING_DAYS, MAX_ACCOUNT_REVEALS_A_DAY, MAX_NAME_CHARS
from hub.base.transaction import Transaction
from hub.organizations.checks import require_no_stake
from hub.organizations.tables import organizations
from hub.payments.rules import account_number
from hub.payments.states import BANK_ACCOUNT
from hub.payments.tables import ACCOUNT_PURPOSES, bank_accounts, organization_keys

TARGET = ("id",)
NUMBER = ("input", "number")


async def bank_account_propose(
    tx: Transaction, partner_id: UUID, *, street_id: UUID, holder_name: str, bank_name: str, number: str
) -> Row[Any]:
    """The partner names the account to which a street shall pay it. It must be held in the partner's own name."""
    partner = await claim(tx, organizations, partner_id, "bank_account_propose", path=("input", "partner"))
    street = await _street(tx, street_id)
    await tx.enter_street(street.id)
    holder = required(holder_name, ("input", "holderName"), MAX_NAME_CHARS)
    if holder != partner.name:
        raise Conflict("account_holder", path=("input", "holderName"), partner=partner.name)
    digits = account_number(number, NUMBER)
    index = tx.vault.index("bank_account", digits)
    await _require_new(tx, partner, street, index)
    account_id = tx.new_id()
    account = await tx.insert_numbered(
        bank_accounts,
        "BA",
        id=account_id,
        district_id=street.district_id,
        street_id=street.id,
        partner_id=partner.id,
        holder_name=holder,
        bank_name=required(bank_name, ("input", "bankName"), MAX_NAME_CHARS),
        number_sealed=tx.vault.seal(await _key(tx, partner.id), partner.id, f"account:{account_id}", digits),
        number_last4=digits[-4:],
        number_index=index,
        proposed_by_id=tx.actor.membership_id,
        proposed_at=tx.now,
    )
    await tx.emit("bank_account_propose", account, "BankAccount", facts={"last4": account.number_last4})
    return account


async def _street(tx: Transaction, street_id: UUID) -> Row[Any]:
    wanted = organizations.c.id == street_id, organizations.c.kind == "STREET"
    street = (await tx.execute(select(organizations).where(*wanted))).one_or_none()
    if street is None:
        raise NotFound(path=("input", "street"))
    return street


async def _require_new(tx: Transaction, partner: Row[Any], street: Row[Any], index: bytes) -> None:
    same = select(bank_accounts.c.reference).where(
        bank_accounts.c.street_id == street.id,
        bank_accounts.c.partner_id == partner.id,
        bank_accounts.c.number_index == index,
        bank_accounts.c.status != "RETIRED",
    )
    reference = (await tx.execute(same)).scalar_one_or_none()
    if reference is not None:
        raise Conflict("account_there", code="DUPLICATE", path=NUMBER, reference=reference)


async def _key(tx: Transaction, organization_id: UUID) -> bytes:
    """The organization's data key, wrapped; made when it has none."""
    fresh = {
        "organization_id": organization_id,
        "wrapped_key": tx.vault.new_key(organization_id),
        "created_at": tx.now,
    }
    await tx.execute(insert(organization_keys).values(**fresh).on_conflict_do_nothing())
    key = select(organization_keys.c.wrapped_key).where(
        organization_keys.c.organization_id == organization_id
    )
    return (await tx.execute(key)).scalar_one()


async def bank_account_verify(tx: Transaction, account_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The accountant has compared the account with its papers. It is paid to after ACCOUNT_COOLING_DAYS; the one before
    it is retired at once, so that nothing goes to an account the partner has left."""
    command = "bank_account_verify"
    account = await claim(tx, bank_accounts, account_id, command, version=version)
    BANK_ACCOUNT.require(account, command)
    await require_no_stake(tx, account.partner_id, TARGET)
    if account.proposed_user_id == tx.actor.user_id:
        raise Conflict("account_by_proposer", code="FOUR_EYES", path=TARGET)
    earlier = select(bank_accounts).where(
        bank_accounts.c.street_id == account.street_id,
        bank_accounts.c.partner_id == account.partner_id,
        bank_accounts.c.status == "VERIFIED",
    )
    retired = (await tx.execute(earlier.with_for_update(key_share=True))).one_or_none()
    if retired is not None:
        await BANK_ACCOUNT.move(tx, retired, "bank_account_retire", retired_at=tx.now)
    account = await BANK_ACCOUNT.move(
        tx,
        account,
        command,
        verified_by_id=tx.actor.membership_id,
        verified_at=tx.now,
        usable_from_on=tx.today + timedelta(days=ACCOUNT_COOLING_DAYS),
    )
    facts = {"usableFrom": account.usable_from_on, "retiredId": None if retired is None else retired.id}
    await tx.emit(command, account, "BankAccount", facts=facts)
    return account


async def bank_account_retire(tx: Transaction, account_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Nothing is paid to it any more."""
    command = "bank_account_retire"
    account = await claim(tx, bank_accounts, account_id, command, version=version)
    account = await BANK_ACCOUNT.move(tx, account, command, retired_at=tx.now)
    await tx.emit(command, account, "BankAccount")
    return account


async def bank_account_reveal(tx: Transaction, account_id: UUID, *, purpose: str) -> dict[str, Any]:
    """The plain number, for the accountant or the cashier, for a stated purpose; one audit event.

    Raises LimitExceeded after MAX_ACCOUNT_REVEALS_A_DAY of the acting membership.
    """
    command = "bank_account_reveal"
    account = await claim(tx, bank_accounts, account_id, command)
    one_of(purpose, ACCOUNT_PURPOSES, ("purpose",))
    await _take_from_limit(tx, command)
    number = tx.vault.open(
        await _key(tx, account.partner_id), account.partner_id, f"account:{account.id}", account.number_sealed
    )
    # No outbox row: nothing happens outside, and a notice about it would be one more copy.
    await tx.emit(command, account, "BankAccount", purpose=purpose, tell=False)
    return {"account": account, "number": number}


async def _take_from_limit(tx: Transaction, command: str) -> None:
    """Count today's audit events of this membership, one reveal of it at a time."""
    membership_id = tx.actor.membership_id
    if membership_id is None:
        raise Denied("command_denied", command=command)
    await tx.execute(select(func.pg_advisory_xact_lock(membership_id.int & (2**63 - 1))))
    today = select(func.count()).where(
        audit_events.c.actor_membership_id == membership_id,
        audit_events.c.action == command,
        audit_events.c.occurred_at >= tx.clock.at(tx.today, 0),
    )
    if (await tx.execute(today)).scalar_one() >= MAX_ACCOUNT_REVEALS_A_DAY:
        raise LimitExceeded("account_reveal_limit", limit=MAX_ACCOUNT_REVEALS_A_DAY)
