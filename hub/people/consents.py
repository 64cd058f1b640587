"""Consents: who agreed that whom may know what, on which basis, until when; and whether one is in force."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select

from auth.gate import claim
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import one_of, optional
from hub.base.limits import MAX_TEXT_CHARS, VITAL_INTEREST_PAPER_DAYS
from hub.base.transaction import Transaction
from hub.organizations.tables import organizations
from hub.people.locks import lock_persons
from hub.people.rules import is_minor
from hub.people.standing import person_scope
from hub.people.states import CONSENT
from hub.people.tables import DATA_CATEGORIES, consents, guardians, persons

PURPOSE_SERVICE = "SERVICE"
"""The purpose that opens a person to a partner who is to serve her."""


@dataclasses.dataclass(frozen=True)
class _Terms:
    """What is agreed to, and by whom."""

    purpose: str
    data_categories: tuple[str, ...]
    given_by: str
    guardian_id: UUID | None
    basis: str
    basis_note: str | None
    from_on: date
    to_on: date | None


async def consent_give(
    tx: Transaction,
    person_id: UUID,
    *,
    grantee_id: UUID,
    purpose: str = PURPOSE_SERVICE,
    data_categories: Sequence[str] = ("CONTACT", "NEEDS"),
    given_by: str = "SELF",
    guardian_id: UUID | None = None,
    basis: str = "CONSENT",
    basis_note: str | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> Row[Any]:
    """Record a consent to a grantee: the street's own organization stands for every partner it contracts, but for those
    from whom she took a consent back after this one was recorded.

    VITAL_INTEREST (a danger that does not wait) needs a note, and the paper within VITAL_INTEREST_PAPER_DAYS; it opens
    nothing after that day. Raises Conflict GUARDIAN_MISSING when a minor's guardian must give it and does not.
    """
    person = await claim(tx, persons, person_id, "consent_give")
    await _require_grantee(tx, person, grantee_id)
    note = optional(basis_note, ("input", "basisNote"), MAX_TEXT_CHARS)
    categories = _categories(data_categories)
    begin = from_on or tx.today
    terms = _Terms(purpose, categories, given_by, guardian_id, basis, note, begin, to_on)
    _check_terms(terms)
    await _check_giver(tx, person, terms)
    paper_due_on = None
    if basis == "VITAL_INTEREST":
        paper_due_on = tx.today + timedelta(days=VITAL_INTEREST_PAPER_DAYS)
    row = await tx.insert(
        consents,
        **person_scope(person),
        grantee_id=grantee_id,
        **dataclasses.asdict(terms) | {"data_categories": list(categories)},
        paper_due_on=paper_due_on,
        recorded_by_id=tx.actor.membership_id,
        created_at=tx.now,
    )
    facts = {"granteeId": grantee_id, "purpose": purpose, "basis": basis, "givenBy": given_by}
    await tx.emit("consent_give", row, "Consent", facts=facts)
    return row


async def _require_grantee(tx: Transaction, person: Row[Any], grantee_id: UUID) -> None:
    """The person's own street, or a partner; a partner's worker records consents for her own partner only."""
    path = ("input", "granteeId")
    found = await tx.execute(select(organizations.c.kind).where(organizations.c.id == grantee_id))
    kind = found.scalar_one_or_none()
    if kind is None:
        raise NotFound(path=path)
    own_partner_only = tx.actor.partner_id is not None and grantee_id != tx.actor.partner_id
    if own_partner_only or (kind != "PARTNER" and grantee_id != person.street_id):
        raise Invalid("consent_grantee", path=path)


def _categories(given: Sequence[str]) -> tuple[str, ...]:
    path = ("input", "dataCategories")
    categories = tuple(dict.fromkeys(one_of(category, DATA_CATEGORIES, path) for category in given))
    if not categories:
        raise Invalid("required", code="REQUIRED", path=path)
    return categories


def _check_terms(terms: _Terms) -> None:
    if terms.to_on is not None and terms.to_on < terms.from_on:
        raise Invalid("period_reversed", path=("input", "toOn"))
    if terms.basis == "VITAL_INTEREST" and terms.basis_note is None:
        raise Invalid("vital_interest_note", code="REQUIRED", path=("input", "basisNote"))
    if (terms.given_by == "GUARDIAN") != (terms.guardian_id is not None):
        raise Invalid("guardian_with_giver", path=("input", "guardianId"))


async def _check_giver(tx: Transaction, person: Row[Any], terms: _Terms) -> None:
    """A minor's consent is her guardian's; a recorded vital interest may stand for it (I16)."""
    if terms.guardian_id is not None:
        await _require_guardian(tx, person, terms.guardian_id)
    elif is_minor(person.birth_on, tx.today) and terms.basis != "VITAL_INTEREST":
        raise Conflict("minor_needs_guardian", code="GUARDIAN_MISSING", path=("input", "guardianId"))


async def _require_guardian(tx: Transaction, person: Row[Any], guardian_id: UUID) -> None:
    path = ("input", "guardianId")
    found = await tx.execute(
        select(guardians).where(guardians.c.id == guardian_id, guardians.c.person_id == person.id)
    )
    guardian = found.one_or_none()
    if guardian is None:
        raise NotFound(path=path)
    if guardian.from_on > tx.today or (guardian.to_on is not None and guardian.to_on < tx.today):
        raise Conflict("guardian_not_in_force", code="GUARDIAN_MISSING", path=path)


async def consent_withdraw(
    tx: Transaction, consent_id: UUID, *, reason: str | None = None, version: int | None = None
) -> Row[Any]:
    """Withdraw a consent, no reason needed: what it opened is shut with the partner's next request (I15)."""
    await _lock_person(tx, consent_id)
    row = await claim(tx, consents, consent_id, "consent_withdraw", version=version)
    reason = optional(reason, ("input", "reason"), MAX_TEXT_CHARS)
    row = await CONSENT.move(tx, row, "consent_withdraw", withdrawn_at=tx.now, withdrawn_reason=reason)
    facts = {"granteeId": row.grantee_id, "purpose": row.purpose, "personId": row.person_id}
    await tx.emit("consent_withdraw", row, "Consent", facts=facts)
    return row


async def consent_expire(tx: Transaction, consent_id: UUID) -> Row[Any]:
    """SYSTEM's move when the period is over, or the paper of a vital interest did not come in time."""
    await _lock_person(tx, consent_id)
    row = await claim(tx, consents, consent_id, "consent_expire")
    over = row.to_on is not None and row.to_on < tx.today
    overdue = row.paper_due_on is not None and row.paper_due_on < tx.today
    if not (over or overdue):
        raise Conflict("consent_not_over", code="WRONG_STATE", path=("id",))
    row = await CONSENT.move(tx, row, "consent_expire")
    facts = {"granteeId": row.grantee_id, "purpose": row.purpose, "paperMissing": overdue and not over}
    await tx.emit("consent_expire", row, "Consent", facts=facts)
    return row


async def _lock_person(tx: Transaction, consent_id: UUID) -> None:
    """The person before her consent, as accepting an offer locks them; else the two could wait for each other."""
    await lock_persons(tx, persons.c.id.in_(select(consents.c.person_id).where(consents.c.id == consent_id)))


def _in_force(today: date) -> ColumnElement[bool]:
    """ACTIVE for SERVICE today; a vital interest no longer than its paper may take."""
    table = consents.c
    return and_(
        table.status == "ACTIVE",
        table.purpose == PURPOSE_SERVICE,
        table.from_on <= today,
        or_(table.to_on.is_(None), table.to_on >= today),
        or_(table.paper_due_on.is_(None), table.paper_due_on >= today),
    )


def _not_taken_back(partner_id: UUID) -> ColumnElement[bool]:
    """The street's consent does not reach a partner from whom the person took hers back since (`consent_until`)."""
    given, taken = consents.c, consents.alias("taken").c
    taken_back = select(taken.id).where(
        taken.person_id == given.person_id,
        taken.grantee_id == partner_id,
        taken.purpose == PURPOSE_SERVICE,
        taken.basis == "CONSENT",
        taken.status == "WITHDRAWN",
        taken.withdrawn_at >= given.created_at,
    )
    return or_(given.grantee_id == partner_id, ~taken_back.exists())


async def _consents_to(tx: Transaction, person: Row[Any], partner_id: UUID) -> Sequence[Row[Any]]:
    """Those in force to the partner, and to the street as far as they reach it."""
    statement = select(consents.c.given_by, consents.c.basis).where(
        consents.c.person_id == person.id,
        consents.c.grantee_id.in_((partner_id, person.street_id)),
        _in_force(tx.today),
        _not_taken_back(partner_id),
    )
    return (await tx.execute(statement)).all()


async def require_consent(
    tx: Transaction, person: Row[Any], partner_id: UUID, *, path: Sequence[str] = ("id",)
) -> None:
    """Raise Conflict unless the person's consent opens her to the partner today.

    GUARDIAN_MISSING for a minor without a guardian's consent or a recorded vital interest (I16), else CONSENT_MISSING.
    """
    given = await _consents_to(tx, person, partner_id)
    if is_minor(person.birth_on, tx.today):
        if not any(row.given_by == "GUARDIAN" or row.basis == "VITAL_INTEREST" for row in given):
            raise Conflict("guardian_consent_missing", code="GUARDIAN_MISSING", path=path)
    elif not given:
        raise Conflict("consent_missing", code="CONSENT_MISSING", path=path)
