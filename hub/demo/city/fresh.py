"""What no two copies may share: people's names and sealed values, the names of staff, partners' accounts.

Nobody bears the id numbers: their first six digits are codes that no district has.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from hub.base.seal import Vault, mask_name
from hub.demo.residents import GIVEN_NAMES, SURNAMES
from hub.people.new_person import EmergencyContact, NewPerson
from hub.people.rules import age_on, id_check_character
from hub.people.sealing import sealed_columns

UNUSED_CODES = range(320330, 320371)
"""District codes that are not given to anyone; a street has fewer communities than these."""

STAFF_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
STAFF_NAMES = "敏静磊洋艳勇杰娟涛明超霞平刚桂辉玲丹莉强"

PERSON_COLUMNS = (
    "name",
    "name_masked",
    "id_number_sealed",
    "id_number_masked",
    "id_number_index",
    "phone_sealed",
    "phone_masked",
    "phone_index",
    "address_sealed",
    "address_masked",
    "door_notes_sealed",
    "emergency_contacts_sealed",
)
"""Columns of a person that are made anew, as her key is."""


@dataclasses.dataclass(frozen=True)
class Original:
    """The person of the template whose copies get a life of their own: what stays."""

    birth_on: date
    sex: str
    estate: str
    lives_alone: bool
    has_id_number: bool
    serial: int
    """The three digits before the check character."""


def person(vault: Vault, original: Original, person_id: UUID, place: int, today: date) -> Mapping[str, Any]:
    """New values of PERSON_COLUMNS, and the `wrapped_key`, for a copy in the `place`th community of its street."""
    chance = random.Random(person_id.int)  # noqa: S311 - made up, and the same each time
    key = vault.new_key(person_id)
    new = _new_person(original, chance, place, today)
    columns = sealed_columns(vault, key, person_id, new)
    return {"name": new.name, "name_masked": mask_name(new.name), "wrapped_key": key, **columns}


def _new_person(original: Original, chance: random.Random, place: int, today: date) -> NewPerson:
    age = age_on(original.birth_on, today)
    surname = chance.choice(SURNAMES)
    first, second = GIVEN_NAMES["CHILD" if age < 18 else "OLD" if age >= 60 else "ADULT", original.sex]
    body = f"{UNUSED_CODES[place]}{original.birth_on:%Y%m%d}{original.serial:03d}"
    contacts = (EmergencyContact(surname + chance.choice("一二三四五六"), "女儿", _phone(chance)),)
    door = f"{chance.randint(1, 30)}号楼{chance.randint(1, 4)}单元{chance.randint(1, 6)}0{chance.randint(1, 4)}室"
    return NewPerson(
        name=surname + chance.choice(first) + chance.choice(second),
        id_number=body + id_check_character(body) if original.has_id_number else None,
        phone=_phone(chance) if age >= 15 else None,
        address=f"{original.estate}{door}",
        estate=original.estate,
        lives_alone=original.lives_alone,
        emergency_contacts=contacts if original.lives_alone and age >= 65 else (),
    )


def _phone(chance: random.Random) -> str:
    return f"1390000{chance.randint(0, 9999):04d}"


def staff_name(original: str, number: int) -> str:
    """The name of the `number`th person who holds this post somewhere in the city."""
    chance = random.Random(f"{original}:{number}")  # noqa: S311 - made up, and the same each time
    return chance.choice(STAFF_SURNAMES) + "".join(chance.sample(STAFF_NAMES, chance.choice((1, 2))))


def bank_account(vault: Vault, key: bytes, partner_id: UUID, account_id: UUID) -> Mapping[str, Any]:
    """A number for a partner's account at a street, sealed under the partner's key."""
    chance = random.Random(account_id.int)  # noqa: S311 - made up, and the same each time
    digits = f"62220311{chance.randrange(10**11):011d}"
    return {
        "number_sealed": vault.seal(key, partner_id, f"account:{account_id}", digits),
        "number_last4": digits[-4:],
        "number_index": vault.index("bank_account", digits),
    }
