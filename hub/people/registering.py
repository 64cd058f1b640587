"""Registering a person with her household, and what is known of her from the first day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from auth.gate import claim
from auth.roles import Role
from hub.base.errors import Conflict, Invalid, NotFound
from hub.base.seal import mask_name
from hub.base.transaction import Transaction
from hub.organizations.tables import organizations
from hub.people.new_person import NewPerson, checked
from hub.people.sealing import new_person_key, sealed_columns
from hub.people.standing import add_eligibility, add_guardian
from hub.people.tables import households, persons


async def person_register(tx: Transaction, community_id: UUID, person: NewPerson) -> Row[Any]:
    """Register a person who lives in this community; her personal values are sealed from here on.

    Raises Conflict DUPLICATE when the id number is already registered in the street (T15).
    """
    community = await claim(tx, organizations, community_id, "person_register", path=("input", "communityId"))
    if community.kind != "COMMUNITY":
        raise Invalid("not_a_community", path=("input", "communityId"))
    person = checked(person, tx.today)
    await _refuse_duplicate(tx, community, person.id_number)
    household = await _household(tx, community, person.household_id)
    row = await _insert(tx, community, household, person)
    for index, spell in enumerate(person.eligibility):
        await add_eligibility(tx, row, spell, ("input", "eligibility", str(index)))
    if person.guardian is not None:
        await add_guardian(tx, row, person.guardian)
    facts = {
        "household": household.reference,
        "eligibility": [spell.category for spell in person.eligibility],
        "guardian": person.guardian is not None,
    }
    await tx.emit("person_register", row, "Person", facts=facts)
    return row


async def _refuse_duplicate(tx: Transaction, community: Row[Any], id_number: str | None) -> None:
    """The conflict is named, the other person is not: outside the viewer's own rows not even a reference (T15)."""
    if id_number is None:
        return
    index = tx.vault.index("id_number", id_number)
    found = await tx.execute(
        select(persons.c.reference, persons.c.community_id).where(
            persons.c.street_id == community.street_id, persons.c.id_number_index == index
        )
    )
    other = found.one_or_none()
    if other is None:
        return
    path = ("input", "idNumber")
    if tx.actor.role is Role.STATION_WORKER or other.community_id == tx.actor.community_id:
        raise Conflict("person_duplicate_known", code="DUPLICATE", path=path, reference=other.reference)
    raise Conflict("person_duplicate", code="DUPLICATE", path=path)


async def _household(tx: Transaction, community: Row[Any], household_id: UUID | None) -> Row[Any]:
    """The household she joins, which lives in the same community, or a new one."""
    if household_id is None:
        return await tx.insert_numbered(households, "H", created_at=tx.now, **_scope(community))
    found = await tx.execute(
        select(households).where(households.c.id == household_id, households.c.community_id == community.id)
    )
    household = found.one_or_none()
    if household is None:
        raise NotFound(path=("input", "householdId"))
    return household


async def _insert(tx: Transaction, community: Row[Any], household: Row[Any], person: NewPerson) -> Row[Any]:
    person_id = tx.new_id()
    key = await new_person_key(tx, person_id, community.street_id)
    return await tx.insert_numbered(
        persons,
        "P",
        id=person_id,
        pseudonym=tx.vault.pseudonym(person_id),
        **_scope(community),
        registration_community_id=await _registration(tx, person.registration_community_id),
        household_id=household.id,
        household_relation=person.household_relation,
        name=person.name,
        name_masked=mask_name(person.name),
        **sealed_columns(tx.vault, key, person_id, person),
        estate=person.estate,
        birth_on=person.birth_on,
        sex=person.sex,
        lives_alone=person.lives_alone,
        disability_grade=person.disability_grade,
        risk_class=person.risk_class,
        created_at=tx.now,
    )


async def _registration(tx: Transaction, community_id: UUID | None) -> UUID | None:
    """The community of her household register (户籍), which may lie in another street."""
    if community_id is None:
        return None
    found = await tx.execute(select(organizations.c.kind).where(organizations.c.id == community_id))
    if found.scalar_one_or_none() != "COMMUNITY":
        raise NotFound(path=("input", "registrationCommunityId"))
    return community_id


def _scope(community: Row[Any]) -> dict[str, UUID]:
    return {
        "district_id": community.district_id,
        "street_id": community.street_id,
        "community_id": community.id,
    }
