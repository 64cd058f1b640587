"""Ways out of an agreement, and what time does with it. Whatever ends it gives back the money that was not spent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from auth.gate import claim
from auth.roles import Role
from hub.agreements.commands import move, version_of
from hub.agreements.drafting import cancel_milestones
from hub.agreements.rules import reasons
from hub.agreements.states import AGREEMENT, MILESTONE_FINAL
from hub.agreements.tables import agreements, milestones
from hub.base.errors import Conflict
from hub.base.transaction import Transaction
from hub.fund.ledger import fund_of, lock_fund_of, release


async def agreement_send_back(
    tx: Transaction, agreement_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Ask for other terms. Accountant and director return it (RETURNED); sent back by the partner it is a draft again.

    An approved one gives its money back: what comes next is a new version, which has to be approved anew.
    """
    await lock_fund_of(tx, agreement_id)
    agreement = await claim(tx, agreements, agreement_id, "agreement_send_back", version=version)
    AGREEMENT.require(agreement, "agreement_send_back")
    by_partner = tx.actor.role is Role.PARTNER_MANAGER
    if agreement.status == "APPROVED" and not by_partner:  # the street waits for the partner
        raise Conflict("wrong_state", code="WRONG_STATE", status=f"AgreementStatus.{agreement.status}")
    code, words = reasons(reason_code, reason_text)
    released = await _release(tx, agreement)
    to = "DRAFT" if by_partner else "RETURNED"
    said = {"status_reason_code": code, "status_reason": words}
    agreement = await move(tx, agreement, "agreement_send_back", to=to, **said)
    facts = {"reasonCode": code, "releasedFen": released, "byPartner": by_partner}
    await tx.emit("agreement_send_back", agreement, "Agreement", facts=facts)
    return agreement


async def agreement_decline(
    tx: Transaction, agreement_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The partner does not want it."""
    return await end_agreement(tx, agreement_id, "agreement_decline", reason_code, reason_text, version)


async def agreement_cancel(
    tx: Transaction, agreement_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """The street gives it up before it is in force."""
    return await end_agreement(tx, agreement_id, "agreement_cancel", reason_code, reason_text, version)


async def end_agreement(
    tx: Transaction, agreement_id: UUID, command: str, reason_code: str, reason_text: str, version: int | None
) -> Row[Any]:
    """What every way out before the term's end has in common, and all of it but for the offers: those are withdrawn by
    `agreement_terminate`, which stands where offers do (`hub.referrals`)."""
    await lock_fund_of(tx, agreement_id)
    agreement = await claim(tx, agreements, agreement_id, command, version=version)
    AGREEMENT.require(agreement, command)
    code, words = reasons(reason_code, reason_text)
    await _require_decided(tx, agreement)
    cancelled = await cancel_milestones(tx, agreement.id, command)
    released = await _release(tx, agreement)
    was = agreement.status
    said = {"status_reason_code": code, "status_reason": words, "ended_at": tx.now}
    agreement = await move(tx, agreement, command, **said)
    facts = {"reasonCode": code, "releasedFen": released, "milestones": cancelled, "was": was}
    await tx.emit(command, agreement, "Agreement", facts=facts)
    return agreement


async def _require_decided(tx: Transaction, agreement: Row[Any]) -> None:
    """What the partner has handed in, and whatever it appealed against, is decided before the agreement ends, since an
    acceptance stays payable."""
    waiting = select(milestones.c.code).where(
        milestones.c.agreement_id == agreement.id, milestones.c.status == "SUBMITTED"
    )
    code = (await tx.execute(waiting.order_by(milestones.c.sequence).limit(1))).scalar_one_or_none()
    if code is not None:
        raise Conflict("milestone_undecided", code="WRONG_STATE", milestone=code)
    waiting = (await tx.execute(select(func.appeal_waiting(agreement.id)))).scalar_one()
    if waiting is not None:
        raise Conflict("appeal_undecided", code="WRONG_STATE", reference=waiting)


async def _release(tx: Transaction, agreement: Row[Any]) -> int:
    if agreement.encumbered_fen == 0:
        return 0
    return await release(tx, await fund_of(tx, agreement.fund_id), agreement.id)


async def agreement_activate(tx: Transaction, agreement_id: UUID) -> Row[Any]:
    """SYSTEM puts a signed agreement into force on its first day, or at once when that has passed."""
    agreement = await claim(tx, agreements, agreement_id, "agreement_activate")
    AGREEMENT.require(agreement, "agreement_activate")
    if tx.today < (await version_of(tx, agreement)).effective_from_on:
        raise Conflict("agreement_not_due", code="WRONG_STATE")
    agreement = await move(tx, agreement, "agreement_activate", activated_at=tx.now)
    await tx.emit("agreement_activate", agreement, "Agreement")
    return agreement


async def close_term(tx: Transaction, agreement_id: UUID) -> Row[Any]:
    """The term is over, for `agreement_close_term`, which stands where offers do. What was done can still be billed."""
    agreement = await claim(tx, agreements, agreement_id, "agreement_close_term")
    AGREEMENT.require(agreement, "agreement_close_term")
    if tx.today <= (await version_of(tx, agreement)).ends_on:
        raise Conflict("agreement_not_due", code="WRONG_STATE")
    agreement = await move(tx, agreement, "agreement_close_term")
    await tx.emit("agreement_close_term", agreement, "Agreement")
    return agreement


async def agreement_auto_close(tx: Transaction, agreement_id: UUID) -> Row[Any]:
    """SYSTEM closes an agreement whose term is over once every milestone is final and nothing is open or payable.

    What no milestone claimed goes back to the fund.
    """
    await lock_fund_of(tx, agreement_id)
    agreement = await claim(tx, agreements, agreement_id, "agreement_auto_close")
    AGREEMENT.require(agreement, "agreement_auto_close")
    unsettled = select(milestones.c.id).where(
        milestones.c.agreement_id == agreement.id, milestones.c.status.not_in(MILESTONE_FINAL)
    )
    open_ = agreement.payable_fen or (await tx.execute(unsettled.limit(1))).first() is not None
    if open_ or (await tx.execute(select(func.appeal_waiting(agreement.id)))).scalar_one() is not None:
        raise Conflict("agreement_not_due", code="WRONG_STATE")
    released = await _release(tx, agreement)
    agreement = await move(tx, agreement, "agreement_auto_close", ended_at=tx.now)
    await tx.emit("agreement_auto_close", agreement, "Agreement", facts={"releasedFen": released})
    return agreement
