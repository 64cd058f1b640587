"""The communities register their residents in the first days of the demo's history."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.demo.residents import Household, Member, Register
from hub.demo.stage import Stage
from hub.people.new_person import NewGuardian, NewPerson
from hub.people.registering import person_register
from hub.people.rules import age_on
from hub.people.tables import guardians

REGISTRARS = {"七里沟": "wang", "三官庙": "li", "新语": "ning"}
"""Community → its worker."""


@dataclasses.dataclass(frozen=True)
class Resident:
    """A registered person as the stories look for one. `kin` are the others of her household."""

    row: Row[Any]
    community: str
    age: int
    alone: bool
    eligible: bool
    kin: int

    @property
    def id(self) -> UUID:
        """Her id."""
        return self.row.id

    @property
    def worker(self) -> str:
        """The community worker who looks after her."""
        return REGISTRARS[self.community]

    @property
    def minor(self) -> bool:
        """Whether a guardian decides for her, through the whole history."""
        return self.age < 18


class Residents:
    """Everybody registered, and who of them is in a story already."""

    def __init__(self) -> None:
        self.everybody: list[Resident] = []
        self._taken: set[UUID] = set()

    def pick(
        self, community: str, youngest: int = 60, oldest: int = 120, *, alone: bool | None = None
    ) -> Resident:
        """The first one of this community and age who is in no story yet. Raises LookupError when there is none."""
        for resident in self.everybody:
            fits = resident.community == community and youngest <= resident.age <= oldest
            if fits and resident.id not in self._taken and alone in (None, resident.alone):
                self._taken.add(resident.id)
                return resident
        raise LookupError(f"nobody aged {youngest} to {oldest} is left in {community}")

    def pick_household(self, community: str) -> list[Resident]:
        """The first household of this community of whom nobody is in a story yet. Raises LookupError without one."""
        for first in self.everybody:
            if first.community == community and first.id not in self._taken:
                members = [one for one in self.everybody if one.row.household_id == first.row.household_id]
                if self._taken.isdisjoint(one.id for one in members):
                    self._taken.update(one.id for one in members)
                    return members
        raise LookupError(f"no household is left in {community}")


async def register_people(stage: Stage, residents: Residents, people: int, first_day: int, days: int) -> None:
    """Register about `people` residents from `first_day` on, evenly over `days` days."""
    households = list(Register(stage.chance, stage.today).households(people))
    a_day = -(-len(households) // days)
    for place, household in enumerate(households):
        if place % a_day == 0:
            await stage.until(stage.at(first_day + place // a_day, 8, 30))
        await _register(stage, residents, household)


async def _register(stage: Stage, residents: Residents, household: Household) -> None:
    head: Row[Any] | None = None
    who = REGISTRARS[household.community]
    community_id = stage.organizations[household.community]
    for member in household.members:
        new = _new_person(household, member, head, stage.today)
        row = await stage.do(who, person_register, community_id, new)
        head = head or row
        residents.everybody.append(
            Resident(
                row,
                household.community,
                age_on(row.birth_on, stage.today),
                alone=row.lives_alone,
                eligible=bool(member.eligibility),
                kin=len(household.members) - 1,
            )
        )


def _new_person(household: Household, member: Member, head: Row[Any] | None, today: date) -> NewPerson:
    guardian = None
    if member.guarded and head is not None:
        relation = "祖母" if member.relation == "GRANDCHILD" else "父母"
        guardian = NewGuardian(relation, guardian_person_id=head.id, from_on=today - timedelta(days=400))
    return NewPerson(
        name=member.name,
        id_number=member.id_number,
        phone=member.phone,
        address=household.address,
        estate=household.estate,
        door_notes=member.door_notes,
        lives_alone=len(household.members) == 1,
        disability_grade=member.disability_grade,
        risk_class=member.risk_class,
        emergency_contacts=member.contacts,
        household_id=None if head is None else head.household_id,
        household_relation=member.relation,
        eligibility=member.eligibility,
        guardian=guardian,
    )


async def guardian_of(stage: Stage, resident: Resident) -> UUID | None:
    """The id of a minor's guardian; None for an adult."""
    if not resident.minor:
        return None
    return (
        await stage.find(
            resident.worker, select(guardians.c.id).where(guardians.c.person_id == resident.id).limit(1)
        )
    ).id
