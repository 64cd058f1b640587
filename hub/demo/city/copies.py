"""One copy of the template's rows: what stands in each slot of its stencils."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from hub.base.seal import Vault
from hub.demo.city import fresh
from hub.demo.city.binary import Slot, field, uuid_array
from hub.demo.city.places import Community, District, Street, numbered, with_number
from hub.demo.city.template import Level, Place
from hub.organizations.rules import credit_check_character

CITY, TEMPLATE_STREET, TEMPLATE_COMMUNITY = "徐州", "七里沟街道", "七里沟"


@dataclasses.dataclass
class Common:
    """What all copies share."""

    vault: Vault
    today: date
    originals: Mapping[bytes, fresh.Original]
    template_workers: tuple[bytes, bytes]
    """User and membership of the template community's worker, from whom every other community's are made."""

    last_number: int = 0
    """Of the human references."""

    keys: dict[bytes, bytes] = dataclasses.field(default_factory=dict)
    """Partner → its wrapped key, which the district's copy and those of its streets share."""


class Copy(dict[Slot, bytes]):
    """The values of the slots of one copy; each is made once, so that rows which refer to each other still do."""

    def __init__(
        self,
        common: Common,
        level: Level,
        district: District,
        street: Street | None = None,
        community: Community | None = None,
    ) -> None:
        super().__init__()
        self.common = common
        self.level = level
        self.district = district
        self.street = street
        self.community = community
        self.numbers = {
            Level.DISTRICT: district.number,
            Level.STREET: street.number if street else 0,
            Level.COMMUNITY: community.number if community else 0,
        }
        self.code = (community or street or district).code
        self._people: dict[bytes, Mapping[str, Any]] = {}

    def __missing__(self, slot: Slot) -> bytes:
        value: bytes = getattr(self, f"_{slot.kind}")(slot.of)
        self[slot] = value
        return value

    # ---- ids ----

    def _number(self, of: tuple[Level, bytes]) -> bytes:
        level, number = of
        return numbered(number, self.numbers[level])

    def _id(self, of: tuple[Level, bytes]) -> bytes:
        level, row_id = of
        return with_number(row_id, self.numbers[level])

    def _place(self, place: Place) -> bytes:
        if place.kind == "district":
            return self.district.id.bytes
        if place.kind == "street":
            return self._own_street.id.bytes
        found = self._community(place)
        if place.kind == "community":
            return found.id.bytes
        if found.worker is not None:
            return (found.worker.user_id if place.kind == "worker_user" else found.worker.membership_id).bytes
        user, membership = self.common.template_workers
        return with_number(user if place.kind == "worker_user" else membership, found.number)

    @property
    def _own_street(self) -> Street:
        assert self.street is not None  # noqa: S101 - a district's rows name no street
        return self.street

    def _community(self, place: Place) -> Community:
        """Of a community's copy its own; of a street's, the first ones in turn."""
        communities = self._own_street.communities
        return self.community or communities[place.community % len(communities)]

    def _communities(self, _: None) -> bytes:
        return field(uuid_array([one.id.bytes for one in self._own_street.communities]))

    # ---- texts ----

    def _reference(self, text: str) -> bytes:
        self.common.last_number += 1
        prefix, year, _ = text.split("-")
        return _text(f"{prefix}-{year}-{self.common.last_number:05d}")

    def _pseudonym(self, of: tuple[Level, bytes]) -> bytes:
        return _text(self.common.vault.pseudonym(UUID(bytes=self._id(of))))

    def _coded(self, text: str) -> bytes:
        """Something that is unique in the hub: with the code of the place behind it."""
        return _text(f"{text}-{self.code}")

    def _named(self, text: str) -> bytes:
        if self.street is not None:
            text = text.replace(TEMPLATE_STREET, self.street.name)
        place = self.community or self.street or self.district
        return _text(text.replace(TEMPLATE_COMMUNITY, place.name).replace(CITY, self.district.name))

    def _staff(self, text: str) -> bytes:
        return _text(fresh.staff_name(text, self.numbers[self.level]))

    def _credit_code(self, code: str) -> bytes:
        body = f"{code[:7]}9{self.district.number:02d}{code[10:17]}"
        return _text(body + credit_check_character(body))

    # ---- sealed values ----

    def _person(self, of: tuple[str, Level, bytes, Place]) -> bytes:
        column, level, original, lives_in = of
        person_id = self._id((level, original))
        if person_id not in self._people:
            place = self._own_street.communities.index(self._community(lives_in))
            made = self.common.originals[original]
            self._people[person_id] = fresh.person(
                self.common.vault, made, UUID(bytes=person_id), place, self.common.today
            )
        return _value(self._people[person_id][column])

    def _partner_key(self, of: tuple[Level, bytes]) -> bytes:
        return field(self._key(self._id(of)))

    def _key(self, partner_id: bytes) -> bytes:
        if partner_id not in self.common.keys:
            self.common.keys[partner_id] = self.common.vault.new_key(UUID(bytes=partner_id))
        return self.common.keys[partner_id]

    def _account(self, of: tuple[str, tuple[Level, bytes], tuple[Level, bytes]]) -> bytes:
        column, account, partner = of
        partner_id = self._id(partner)
        made = fresh.bank_account(
            self.common.vault,
            self._key(partner_id),
            UUID(bytes=partner_id),
            UUID(bytes=self._id(account)),
        )
        return _value(made[column])


def _text(value: str) -> bytes:
    return field(value.encode())


def _value(value: str | bytes | None) -> bytes:
    return field(value.encode() if isinstance(value, str) else value)
