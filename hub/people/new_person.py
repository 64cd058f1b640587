"""What is said about a person when she is registered, and its checks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from hub.base.errors import Invalid, LimitExceeded
from hub.base.inputs import optional, required
from hub.base.limits import MAX_EMERGENCY_CONTACTS, MAX_LINE_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS
from hub.people.rules import IdNumber, check_birth_date, check_estate, check_id_number, check_phone


@dataclasses.dataclass(frozen=True)
class EmergencyContact:
    """Whom to call when nobody opens."""

    name: str
    relation: str
    phone: str


@dataclasses.dataclass(frozen=True)
class NewEligibility:
    """A category of assistance and its period; `to_on` None: until further notice."""

    category: str
    from_on: date
    to_on: date | None = None


@dataclasses.dataclass(frozen=True)
class NewGuardian:
    """A guardian: a registered person, an organization, or somebody known by name only (exactly one of the three)."""

    relation: str
    name: str | None = None
    guardian_person_id: UUID | None = None
    guardian_organization_id: UUID | None = None
    phone: str | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclasses.dataclass(frozen=True)
class NewPerson:
    """A registration. Birth date and sex may be left out when the id number says them.

    `household_id` None makes a new household, of which she is the head unless another relation is given.
    """

    name: str
    id_number: str | None = None
    birth_on: date | None = None
    sex: str | None = None
    phone: str | None = None
    address: str | None = None
    estate: str | None = None
    door_notes: str | None = None
    lives_alone: bool = False
    disability_grade: str = "NONE"
    risk_class: str = "C"
    emergency_contacts: Sequence[EmergencyContact] = ()
    household_id: UUID | None = None
    household_relation: str | None = None
    registration_community_id: UUID | None = None
    eligibility: Sequence[NewEligibility] = ()
    guardian: NewGuardian | None = None


def checked(person: NewPerson, today: date) -> NewPerson:
    """The same person with every value in its normal form. Raises Invalid naming the first input that is wrong."""
    written = (person.id_number or "").strip()
    number = check_id_number(written, today) if written else None
    birth_on, sex = _agreed(person, number, today)
    estate = optional(person.estate, ("input", "estate"), MAX_LINE_CHARS)
    relation = person.household_relation or (None if person.household_id else "HEAD")
    if relation is None:
        raise Invalid("required", code="REQUIRED", path=("input", "householdRelation"))
    return dataclasses.replace(
        person,
        name=required(person.name, ("input", "name"), MAX_NAME_CHARS),
        id_number=number.number if number else None,
        birth_on=birth_on,
        sex=sex,
        phone=check_phone(phone) if (phone := (person.phone or "").strip()) else None,
        address=optional(person.address, ("input", "address"), MAX_LINE_CHARS),
        estate=check_estate(estate) if estate else None,
        door_notes=optional(person.door_notes, ("input", "doorNotes"), MAX_TEXT_CHARS),
        emergency_contacts=_contacts(person.emergency_contacts),
        household_relation=relation,
    )


def _agreed(person: NewPerson, number: IdNumber | None, today: date) -> tuple[date, str]:
    """Birth date and sex, from the id number where there is one. Raises Invalid when what was given differs."""
    if number is None:
        if person.birth_on is None:
            raise Invalid("required", code="REQUIRED", path=("input", "birthDate"))
        if person.sex is None:
            raise Invalid("required", code="REQUIRED", path=("input", "sex"))
        return check_birth_date(person.birth_on, today), person.sex
    if person.birth_on is not None and person.birth_on != number.birth_on:
        raise Invalid("id_number_birth_differs", path=("input", "birthDate"))
    if person.sex is not None and person.sex != number.sex:
        raise Invalid("id_number_sex_differs", path=("input", "sex"))
    return number.birth_on, number.sex


def _contacts(contacts: Sequence[EmergencyContact]) -> tuple[EmergencyContact, ...]:
    path = ("input", "emergencyContacts")
    if len(contacts) > MAX_EMERGENCY_CONTACTS:
        raise LimitExceeded("emergency_contacts_limit", path=path, limit=MAX_EMERGENCY_CONTACTS)
    return tuple(
        EmergencyContact(
            name=required(contact.name, (*path, str(place), "name"), MAX_NAME_CHARS),
            relation=required(contact.relation, (*path, str(place), "relation"), MAX_NAME_CHARS),
            phone=check_phone(contact.phone, (*path, str(place), "phone")),
        )
        for place, contact in enumerate(contacts)
    )
