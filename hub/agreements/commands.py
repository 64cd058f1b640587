"""From a draft to a signed agreement: what the station writes, the accountant certifies and the director approves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from auth.gate import claim
from hub.agreements.drafting import Terms, check_terms, title_of, write_version
from hub.agreements.states import AGREEMENT
from hub.agreements.tables import agreement_lines, agreement_versions, agreements, milestones
from hub.base.errors import Conflict, NotFound
from hub.base.inputs import required
from hub.base.limits import MAX_LINE_CHARS
from hub.base.money import yuan
from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.fund.ledger import encumber, fund_of, fund_scope, lock_fund_of
from hub.fund.tables import funds
from hub.organizations.checks import require_no_stake, require_partner
from hub.organizations.tables import organizations

PARTNER = ("input", "partner")
TARGET = ("id",)


async def agreement_draft(
    tx: Transaction,
    fund_id: UUID,
    *,
    partner_id: UUID,
    terms: Terms,
    agreement_id: UUID | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Write an agreement down, or write a draft or a returned one anew with `agreement_id`.

    A version that was approved before the partner sent it back stays as it is; the next number is written instead, for
    the same partner.
    """
    fund = await claim(tx, funds, fund_id, "agreement_draft", path=("input", "fund"))
    earlier = None
    if agreement_id is not None:
        earlier = await claim(
            tx, agreements, agreement_id, "agreement_draft", version=version, path=("agreementId",)
        )
        AGREEMENT.require(earlier, "agreement_draft")
    partner = await _partner(tx, partner_id)
    await require_no_stake(tx, partner.id, PARTNER)
    title = title_of(terms)
    checked = await check_terms(tx, fund, terms)
    said: dict[str, Any] = {
        "title": title,
        "partner_id": partner.id,
        "fund_id": fund.id,
        "community_ids": checked.community_ids,
        "ceiling_fen": checked.header["ceiling_fen"],
    }
    if earlier is not None:
        await _require_same_partner(tx, earlier, partner)
    if earlier is None:
        facts = {"created_at": tx.now, "status_changed_at": tx.now, **fund_scope(fund)}
        draft = await tx.insert_numbered(agreements, "A", **facts, **said)
    else:
        draft = await move(tx, earlier, "agreement_draft", **said)
    agreement = await write_version(tx, draft, terms, checked)
    told = {"ceilingFen": agreement.ceiling_fen, "lines": len(terms.lines), "partnerId": partner.id}
    await tx.emit("agreement_draft", agreement, "Agreement", facts=told)
    return agreement


async def _partner(tx: Transaction, partner_id: UUID) -> Row[Any]:
    wanted = organizations.c.id == partner_id, organizations.c.kind == "PARTNER"
    partner = (await tx.execute(select(organizations).where(*wanted))).one_or_none()
    if partner is None:
        raise NotFound(path=PARTNER)
    return partner


async def _require_same_partner(tx: Transaction, agreement: Row[Any], partner: Row[Any]) -> None:
    """Raise Conflict when the agreement was put to another partner before: that one goes on seeing it."""
    put = select(agreement_versions.c.id).where(
        agreement_versions.c.agreement_id == agreement.id, agreement_versions.c.approved_by_id.is_not(None)
    )
    if partner.id != agreement.partner_id and (await tx.execute(put.limit(1))).first() is not None:
        raise Conflict("agreement_partner_settled", code="WRONG_STATE", path=PARTNER)


async def agreement_propose(tx: Transaction, agreement_id: UUID, *, version: int | None = None) -> Row[Any]:
    """Put a draft into review. The partner must be registered and qualified today for everything the lines buy."""
    agreement = await claim(tx, agreements, agreement_id, "agreement_propose", version=version)
    AGREEMENT.require(agreement, "agreement_propose")
    current = await version_of(tx, agreement)
    if current.approved_by_id is not None:
        raise Conflict("version_sent_back", code="WRONG_STATE", path=TARGET)
    await require_qualified(tx, agreement)
    await require_no_stake(tx, agreement.partner_id, TARGET)
    await state_on_version(tx, current, proposed_by_id=tx.actor.membership_id, proposed_at=tx.now)
    agreement = await move(tx, agreement, "agreement_propose")
    await tx.emit("agreement_propose", agreement, "Agreement", facts={"version": current.number})
    return agreement


async def agreement_certify(tx: Transaction, agreement_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The accountant states that the money is there. Nothing is reserved yet; approval asks again and reserves."""
    await lock_fund_of(tx, agreement_id)
    agreement = await claim(tx, agreements, agreement_id, "agreement_certify", version=version)
    AGREEMENT.require(agreement, "agreement_certify")
    await require_no_stake(tx, agreement.partner_id, TARGET)
    fund = await fund_of(tx, agreement.fund_id)
    require_money(fund, agreement.ceiling_fen)
    current = await version_of(tx, agreement)
    await state_on_version(tx, current, certified_by_id=tx.actor.membership_id, certified_at=tx.now)
    agreement = await move(tx, agreement, "agreement_certify")
    facts = {"version": current.number, "availableFen": fund.available_fen}
    await tx.emit("agreement_certify", agreement, "Agreement", facts=facts)
    return agreement


async def agreement_approve(
    tx: Transaction, agreement_id: UUID, *, decision_reference: str, version: int | None = None
) -> Row[Any]:
    """The director approves under the reference of the leadership's decision; the fund is encumbered with it.

    Refused to whoever drafted or proposed the agreement, under any membership (I4).
    """
    await lock_fund_of(tx, agreement_id)
    agreement = await claim(tx, agreements, agreement_id, "agreement_approve", version=version)
    AGREEMENT.require(agreement, "agreement_approve")
    if tx.actor.user_id in agreement.drafter_user_ids:
        raise Conflict("approver_drafted", code="FOUR_EYES", path=TARGET)
    decision = required(decision_reference, ("decisionReference",), MAX_LINE_CHARS)
    await require_no_stake(tx, agreement.partner_id, TARGET)
    await require_qualified(tx, agreement)
    fund = await fund_of(tx, agreement.fund_id)
    require_money(fund, agreement.ceiling_fen)
    current = await version_of(tx, agreement)
    approval = {
        "approved_by_id": tx.actor.membership_id,
        "approved_at": tx.now,
        "decision_reference": decision,
    }
    await state_on_version(tx, current, **approval)
    await encumber(tx, fund, agreement.id, await _stages(tx, current))
    agreement = await move(tx, agreement, "agreement_approve", status_reason_code=None, status_reason=None)
    facts = {"version": current.number, "encumberedFen": agreement.encumbered_fen}
    await tx.emit("agreement_approve", agreement, "Agreement", facts=facts)
    return agreement


async def _stages(tx: Transaction, current: Row[Any]) -> dict[UUID | None, int]:
    """What is reserved for which milestone, in fen; under None what no milestone claims of the ceiling."""
    stages = select(milestones.c.id, milestones.c.amount_fen).where(milestones.c.version_id == current.id)
    amounts: dict[UUID | None, int] = {
        row.id: row.amount_fen for row in await tx.execute(stages.order_by(milestones.c.sequence))
    }
    amounts[None] = current.ceiling_fen - sum(amounts.values())
    return amounts


async def agreement_accept(tx: Transaction, agreement_id: UUID, *, version: int | None = None) -> Row[Any]:
    """The partner signs. It must still be registered and qualified; SYSTEM puts the agreement into force."""
    agreement = await claim(tx, agreements, agreement_id, "agreement_accept", version=version)
    AGREEMENT.require(agreement, "agreement_accept")
    await require_qualified(tx, agreement)
    current = await version_of(tx, agreement)
    await state_on_version(tx, current, signed_by_id=tx.actor.membership_id, signed_at=tx.now)
    agreement = await move(tx, agreement, "agreement_accept")
    facts = {"version": current.number, "effectiveFrom": current.effective_from_on}
    await tx.emit("agreement_accept", agreement, "Agreement", facts=facts)
    return agreement


async def move(tx: Transaction, agreement: Row[Any], command: str, **changes: Any) -> Row[Any]:
    """Make the move, and note since when the agreement stands there: queues count from it."""
    return await AGREEMENT.move(tx, agreement, command, status_changed_at=tx.now, **changes)


async def version_of(tx: Transaction, agreement: Row[Any]) -> Row[Any]:
    """The current version of a claimed agreement."""
    wanted = agreement_versions.c.id == agreement.current_version_id
    return (await tx.execute(select(agreement_versions).where(wanted))).one()


async def state_on_version(tx: Transaction, current: Row[Any], **stated: Any) -> None:
    """Write on the version who took a step; the database says as which user, and refuses who may not (I4, I5)."""
    await tx.execute(update(agreement_versions).where(agreement_versions.c.id == current.id).values(**stated))


def require_money(fund: Row[Any], amount_fen: int) -> None:
    """Raise Conflict when less than that is available in the fund."""
    if fund.available_fen < amount_fen:
        params = {"fund": fund.name, "available": yuan(fund.available_fen), "needed": yuan(amount_fen)}
        raise Conflict("fund_short", path=TARGET, **params)


async def require_qualified(tx: Transaction, agreement: Row[Any]) -> None:
    """The partner must be active, registered and, today, qualified for the service of every line (I17)."""
    needed = (
        select(service_types.c.qualification_type)
        .join(agreement_lines, agreement_lines.c.service_type_id == service_types.c.id)
        .where(agreement_lines.c.version_id == agreement.current_version_id)
        .distinct()
    )
    wanted = sorted((await tx.execute(needed)).scalars())
    await require_partner(tx, agreement.partner_id, *wanted, path=TARGET)
