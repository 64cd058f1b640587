"""What a community asks for, and what the station answers before anybody works on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select

from auth.gate import claim
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import one_of, optional, required
from hub.base.limits import MAX_OWN_WORDS_CHARS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.catalogue.tables import service_types
from hub.people.rules import age_on
from hub.people.tables import needs, persons
from hub.referrals.checks import require_living
from hub.referrals.rules import auto_close_from, reasons, require_age, require_need_count
from hub.referrals.states import REFERRAL, UNDER_WAY
from hub.referrals.tables import URGENCIES, referral_needs, referrals

SCOPE = ("district_id", "street_id", "community_id")


def scope_of(row: Row[Any]) -> dict[str, Any]:
    """The scope columns of a row, for rows that hang on it."""
    return {name: row._mapping[name] for name in SCOPE}


async def referral_submit(
    tx: Transaction,
    person_id: UUID,
    *,
    service_type_code: str,
    urgency: str,
    reason: str,
    need_ids: Sequence[UUID],
    referral_id: UUID | None = None,
    version: int | None = None,
) -> Row[Any]:
    """Ask that somebody help the person with one service; or hand in a RETURNED referral anew, with corrected data."""
    person = await claim(tx, persons, person_id, "referral_submit", path=("input", "personId"))
    returned = None if referral_id is None else await _returned(tx, person, referral_id, version)
    require_living(person)
    service = await _service_for(tx, person, service_type_code)
    wanted = await _open_needs(tx, person, need_ids)
    await _refuse_asked(tx, person, service, wanted, returned)
    asked = {
        "service_type_id": service.id,
        "urgency": one_of(urgency, URGENCIES, ("input", "urgency")),
        "reason": required(reason, ("input", "reason"), MAX_TEXT_CHARS),
        "submitted_by_id": tx.actor.membership_id,
    }
    draft = returned if returned is not None else await _draft(tx, person, asked)
    referral = await REFERRAL.move(tx, draft, "referral_submit", submitted_at=tx.now, **asked)
    if returned is not None:
        await tx.execute(delete(referral_needs).where(referral_needs.c.referral_id == referral.id))
    await _add_needs(tx, referral, wanted)
    facts = {"service": service.code, "urgency": urgency, "needs": len(wanted), "again": returned is not None}
    await tx.emit("referral_submit", referral, "Referral", facts=facts)
    return referral


async def _returned(tx: Transaction, person: Row[Any], referral_id: UUID, version: int | None) -> Row[Any]:
    path = ("input", "referralId")
    referral = await claim(tx, referrals, referral_id, "referral_submit", version=version, path=path)
    if referral.person_id != person.id:
        raise NotFound(path=path)
    REFERRAL.require(referral, "referral_submit")
    return referral


async def _draft(tx: Transaction, person: Row[Any], asked: dict[str, Any]) -> Row[Any]:
    place = scope_of(person)
    return await tx.insert_numbered(referrals, "R", person_id=person.id, created_at=tx.now, **place, **asked)


async def _service_for(tx: Transaction, person: Row[Any], code: str) -> Row[Any]:
    statement = select(service_types).where(service_types.c.code == code, service_types.c.active)
    service = (await tx.execute(statement)).one_or_none()
    if service is None:
        raise Invalid("service_unknown", path=("input", "serviceTypeCode"))
    require_age(age_on(person.birth_on, tx.today), service.min_age, service.max_age)
    return service


async def _open_needs(tx: Transaction, person: Row[Any], need_ids: Sequence[UUID]) -> list[UUID]:
    """The ids without repetition. Somebody else's need and a missing one are the same answer (I14)."""
    wanted = list(dict.fromkeys(need_ids))
    require_need_count(len(wanted))
    statement = select(needs.c.id, needs.c.status).where(
        needs.c.person_id == person.id, needs.c.id.in_(wanted)
    )
    status = {row.id: row.status for row in await tx.execute(statement)}
    if len(status) < len(wanted):
        raise NotFound(path=("input", "needIds"))
    for need_id in wanted:
        if status[need_id] != "OPEN":
            label = f"NeedStatus.{status[need_id]}"
            raise Conflict("need_not_open", code="WRONG_STATE", path=("input", "needIds"), status=label)
    return wanted


async def _refuse_asked(
    tx: Transaction, person: Row[Any], service: Row[Any], need_ids: Sequence[UUID], returned: Row[Any] | None
) -> None:
    """One need is asked one service for once at a time; the claimed person keeps others from asking meanwhile."""
    statement = (
        select(referrals.c.reference)
        .join(referral_needs, referral_needs.c.referral_id == referrals.c.id)
        .where(
            referrals.c.person_id == person.id,
            referrals.c.service_type_id == service.id,
            referrals.c.status.in_(UNDER_WAY),
            referral_needs.c.need_id.in_(need_ids),
        )
        .order_by(referrals.c.id)
        .limit(1)
    )
    if returned is not None:
        statement = statement.where(referrals.c.id != returned.id)
    if (asked := (await tx.execute(statement)).scalar_one_or_none()) is not None:
        raise Conflict("need_asked_for", code="DUPLICATE", path=("input", "needIds"), reference=asked)


async def _add_needs(tx: Transaction, referral: Row[Any], need_ids: Sequence[UUID]) -> None:
    common = {"referral_id": referral.id, "person_id": referral.person_id, **scope_of(referral)}
    await tx.insert_many(referral_needs, [{"need_id": need_id, **common} for need_id in need_ids])


async def referral_triage(
    tx: Transaction, referral_id: UUID, *, note: str | None = None, version: int | None = None
) -> Row[Any]:
    """The station accepts that this is to be done; by whom is the next question."""
    referral = await claim(tx, referrals, referral_id, "referral_triage", version=version)
    noted = optional(note, ("input", "note"), MAX_TEXT_CHARS)
    by = tx.actor.membership_id
    referral = await REFERRAL.move(tx, referral, "referral_triage", handled_by_id=by, triage_note=noted)
    await tx.emit("referral_triage", referral, "Referral")
    return referral


async def referral_return(
    tx: Transaction, referral_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Give it back to the community to correct; it comes again through `referral_submit`."""
    return await _refuse(tx, referral_id, "referral_return", reason_code, reason_text, version)


async def referral_reject(
    tx: Transaction, referral_id: UUID, *, reason_code: str, reason_text: str, version: int | None = None
) -> Row[Any]:
    """Say no for good, and why."""
    return await _refuse(tx, referral_id, "referral_reject", reason_code, reason_text, version)


async def _refuse(
    tx: Transaction, referral_id: UUID, command: str, reason_code: str, reason_text: str, version: int | None
) -> Row[Any]:
    referral = await claim(tx, referrals, referral_id, command, version=version)
    code, words = reasons(reason_code, reason_text)
    why = {"status_reason_code": code, "status_reason": words, "handled_by_id": tx.actor.membership_id}
    referral = await REFERRAL.move(tx, referral, command, **why)
    await tx.emit(command, referral, "Referral", facts={"reasonCode": code})
    return referral


async def referral_acknowledge(
    tx: Transaction, referral_id: UUID, *, words: str | None = None, version: int | None = None
) -> Row[Any]:
    """The community has seen what came of it; with that it is closed."""
    referral = await claim(tx, referrals, referral_id, "referral_acknowledge", version=version)
    said = {
        "acknowledgement": optional(words, ("input", "words"), MAX_OWN_WORDS_CHARS),
        "acknowledged_by_id": tx.actor.membership_id,
    }
    referral = await REFERRAL.move(tx, referral, "referral_acknowledge", closed_at=tx.now, **said)
    await tx.emit("referral_acknowledge", referral, "Referral")
    return referral


async def referral_auto_close(tx: Transaction, referral_id: UUID) -> Row[Any]:
    """SYSTEM closes a completed referral that nobody acknowledged in time."""
    referral = await claim(tx, referrals, referral_id, "referral_auto_close")
    REFERRAL.require(referral, "referral_auto_close")
    if tx.now < auto_close_from(referral.completed_at):
        raise Conflict("referral_not_due", code="WRONG_STATE")
    referral = await REFERRAL.move(tx, referral, "referral_auto_close", closed_at=tx.now)
    await tx.emit("referral_auto_close", referral, "Referral")
    return referral
