"""A person's standing: the categories of assistance she is eligible for, and who decides for her."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from auth.gate import claim
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.inputs import optional, required
from hub.base.limits import MAX_NAME_CHARS
from hub.base.seal import mask_phone
from hub.base.transaction import Transaction
from hub.organizations.tables import organizations
from hub.people.new_person import NewEligibility, NewGuardian
from hub.people.opening import wrapped_key
from hub.people.rules import check_phone, is_minor
from hub.people.sealing import guardian_phone_column
from hub.people.tables import eligibility_spells, guardians, persons


def person_scope(person: Row[Any]) -> dict[str, UUID]:
    """The scope columns of a row that hangs on a person."""
    return {
        "person_id": person.id,
        "district_id": person.district_id,
        "street_id": person.street_id,
        "community_id": person.community_id,
    }


async def eligibility_record(
    tx: Transaction, person_id: UUID, *, category: str, from_on: date, to_on: date | None = None
) -> Row[Any]:
    """Record a period in which the person is eligible in a category. Periods of one category do not overlap."""
    person = await claim(tx, persons, person_id, "eligibility_record")
    row = await add_eligibility(
        tx, person, NewEligibility(category, from_on, to_on), ("input", "eligibility")
    )
    await tx.emit("eligibility_record", row, "EligibilitySpell", facts={"category": category})
    return row


async def add_eligibility(
    tx: Transaction, person: Row[Any], spell: NewEligibility, path: Sequence[str]
) -> Row[Any]:
    """Insert a spell of a claimed person; `path` leads to it in the input.

    Raises Invalid when it ends before it begins or begins before the person was born, and Conflict DUPLICATE when it
    overlaps one of the same category.
    """
    if spell.to_on is not None and spell.to_on < spell.from_on:
        raise Invalid("period_reversed", path=(*path, "toOn"))
    if spell.from_on < person.birth_on:
        raise Invalid("eligibility_before_birth", code="OUT_OF_RANGE", path=(*path, "fromOn"))
    table = eligibility_spells
    overlapping = select(table.c.from_on).where(
        table.c.person_id == person.id,
        table.c.category == spell.category,
        or_(table.c.to_on.is_(None), table.c.to_on >= spell.from_on),
        table.c.from_on <= (spell.to_on or date.max),
    )
    if (other := (await tx.execute(overlapping)).scalars().first()) is not None:
        category = f"EligibilityCategory.{spell.category}"
        path = (*path, "fromOn")
        raise Conflict("eligibility_overlap", code="DUPLICATE", path=path, category=category, since=other)
    return await tx.insert(
        table,
        **person_scope(person),
        category=spell.category,
        from_on=spell.from_on,
        to_on=spell.to_on,
        created_at=tx.now,
    )


async def guardian_record(
    tx: Transaction,
    person_id: UUID,
    *,
    relation: str,
    name: str | None = None,
    guardian_person_id: UUID | None = None,
    guardian_organization_id: UUID | None = None,
    phone: str | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> Row[Any]:
    """Record who decides for a person: a registered adult, an organization, or somebody by name."""
    person = await claim(tx, persons, person_id, "guardian_record")
    guardian = NewGuardian(
        relation, name, guardian_person_id, guardian_organization_id, phone, from_on, to_on
    )
    row = await add_guardian(tx, person, guardian)
    await tx.emit("guardian_record", row, "Guardian")
    return row


async def add_guardian(tx: Transaction, person: Row[Any], guardian: NewGuardian) -> Row[Any]:
    """Insert a guardian of a claimed person; her number is sealed under the key of the person she guards."""
    name = optional(guardian.name, ("input", "guardian", "name"), MAX_NAME_CHARS)
    who = (name, guardian.guardian_person_id, guardian.guardian_organization_id)
    if sum(one is not None for one in who) != 1:
        raise Invalid("guardian_exactly_one", path=("input", "guardian", "name"))
    from_on = guardian.from_on or tx.today
    if guardian.to_on is not None and guardian.to_on < from_on:
        raise Invalid("period_reversed", path=("input", "guardian", "toOn"))
    await _require_known(tx, person, guardian)
    guardian_id = tx.new_id()
    return await tx.insert(
        guardians,
        id=guardian_id,
        **person_scope(person),
        guardian_person_id=guardian.guardian_person_id,
        guardian_organization_id=guardian.guardian_organization_id,
        name=name,
        relation=required(guardian.relation, ("input", "guardian", "relation"), MAX_NAME_CHARS),
        **await _phone(tx, person, guardian_id, guardian.phone),
        from_on=from_on,
        to_on=guardian.to_on,
        created_at=tx.now,
    )


async def _require_known(tx: Transaction, person: Row[Any], guardian: NewGuardian) -> None:
    """A guardian who is a person is an adult whom the viewer may read, and somebody else.

    Elsewhere in the street is as absent as nowhere: whether such an id exists is nobody's business (I14).
    """
    if guardian.guardian_person_id is not None:
        path = ("input", "guardian", "guardianPersonId")
        mine = persons.c.street_id == person.street_id
        if tx.actor.community_id is not None:
            mine = persons.c.community_id == tx.actor.community_id
        found = await tx.execute(
            select(persons.c.id, persons.c.birth_on).where(persons.c.id == guardian.guardian_person_id, mine)
        )
        other = found.one_or_none()
        if other is None:
            raise NotFound(path=path)
        if other.id == person.id or is_minor(other.birth_on, tx.today):
            raise Invalid("guardian_not_adult", path=path)
    if guardian.guardian_organization_id is not None:
        same = organizations.c.id == guardian.guardian_organization_id
        if (await tx.execute(select(organizations.c.id).where(same))).one_or_none() is None:
            raise NotFound(path=("input", "guardian", "guardianOrganizationId"))


async def _phone(
    tx: Transaction, person: Row[Any], guardian_id: UUID, value: str | None
) -> dict[str, object]:
    if not (value or "").strip():
        return {}
    phone = check_phone(str(value), ("input", "guardian", "phone"))
    key = await wrapped_key(tx, person.id)
    sealed = tx.vault.seal(key, person.id, guardian_phone_column(guardian_id), phone)
    return {"phone_sealed": sealed, "phone_masked": mask_phone(phone)}
