"""Checks of id numbers, telephone numbers, ages and addresses: pure, each naming precisely what is wrong."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from hub.base.errors import Invalid
from hub.base.limits import MAX_AGE_YEARS

ID_NUMBER_CHARS = 18
ID_NUMBER_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_NUMBER_CHECKS = "10X98765432"
"""GB 11643-1999: weights of the first 17 digits, and the check character for each remainder of 11."""

PROVINCES = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23"),
        *("31", "32", "33", "34", "35", "36", "37"),
        *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54"),
        *("61", "62", "63", "64", "65", "71", "81", "82", "83"),
    )
)
"""GB/T 2260: the first two digits; 81 to 83 are residence permits of Hong Kong, Macau and Taiwan compatriots."""

ADULT_AGE = 18

AGE_GROUP_BOUNDS = (
    (7, "AGE_0_6"),
    (18, "AGE_7_17"),
    (60, "AGE_18_59"),
    (70, "AGE_60_69"),
    (80, "AGE_70_79"),
)

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0(?:10|2\d)[2-8]\d{7}|0[3-9]\d{2}[2-8]\d{6,7}")
HOUSE_NUMBER = re.compile(
    r"(?:[0-9A-Za-z]+(?:[-#][0-9A-Za-z]+)*|[一二三四五六七八九十百零〇]+)\s*(?:号(?!院)|幢|栋|座|单元|室|楼|#)"
)
"""Where an address becomes a door: `3号楼`, `5-2-301室`, `二单元`."""


@dataclasses.dataclass(frozen=True)
class IdNumber:
    """A checked id number and what it says of its holder."""

    number: str
    birth_on: date
    sex: str


def check_id_number(value: str, today: date, path: Sequence[str] = ("input", "idNumber")) -> IdNumber:
    """The number in its normal form (18 characters, X in capitals), with birth date and sex.

    Raises Invalid naming the first thing that is wrong. The check character is never told: it would help to make up
    a number.
    """
    number = _compact(value).upper()
    if len(number) == 15:
        raise Invalid("id_number_old", path=path)
    if len(number) != ID_NUMBER_CHARS:
        raise Invalid("id_number_length", path=path, length=len(number))
    for place, char in enumerate(number, 1):
        if not (char.isascii() and char.isdigit()) and not (place == ID_NUMBER_CHARS and char == "X"):
            raise Invalid("id_number_character", path=path, place=place)
    if number[:2] not in PROVINCES:
        raise Invalid("id_number_region", path=path)
    birth_on = _birth_date(number[6:14])
    if birth_on is None or birth_on > today or age_on(birth_on, today) > MAX_AGE_YEARS:
        raise Invalid("id_number_birth_date", path=path)
    if number[-1] != id_check_character(number[:-1]):
        raise Invalid("id_number_check", path=path)
    return IdNumber(number, birth_on, "MALE" if int(number[16]) % 2 else "FEMALE")


def id_check_character(body: str) -> str:
    """The 18th character of an id number with these 17 digits (GB 11643, mod 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, ID_NUMBER_WEIGHTS, strict=True))
    return ID_NUMBER_CHECKS[total % 11]


def _birth_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def check_birth_date(birth_on: date, today: date, path: Sequence[str] = ("input", "birthDate")) -> date:
    """The date. Raises Invalid when it lies in the future or further back than anybody has lived."""
    if birth_on > today:
        raise Invalid("birth_date_future", path=path)
    if age_on(birth_on, today) > MAX_AGE_YEARS:
        raise Invalid("birth_date_too_early", path=path, years=MAX_AGE_YEARS)
    return birth_on


def check_phone(value: str, path: Sequence[str] = ("input", "phone")) -> str:
    """A mainland mobile number, or a landline number with its area code, as digits alone.

    Raises Invalid otherwise. Blanks, hyphens, brackets and a leading +86 are taken off.
    """
    digits = re.sub(r"[-().]", "", _compact(value))
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if not (MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits)):
        key = "phone_area_code" if re.fullmatch(r"[2-8]\d{6,7}", digits) else "phone_form"
        raise Invalid(key, path=path)
    return digits


def _compact(value: str) -> str:
    """Without blanks, full-width digits and letters as plain ones."""
    return "".join(unicodedata.normalize("NFKC", value).split())


def check_estate(value: str, path: Sequence[str] = ("input", "estate")) -> str:
    """The name of an estate. Raises Invalid when it names a door: partners read the estate before they accept."""
    if HOUSE_NUMBER.search(unicodedata.normalize("NFKC", value)):
        raise Invalid("estate_with_house_number", path=path)
    return value


def mask_address(address: str, estate: str | None) -> str:
    """What lists show of an address: the estate, or the part before the first house number, and `***`."""
    shown = estate
    if shown is None:
        text = unicodedata.normalize("NFKC", address)
        door = HOUSE_NUMBER.search(text) or re.search(r"\d", text)
        # Without a recognisable door the whole address may be one: show its first half at most.
        shown = text[: door.start()] if door else text[: len(text) // 2]
    return f"{shown.strip()}***"


def age_on(birth_on: date, day: date) -> int:
    """Full years of age on a day; someone born on 29 February is a year older on 1 March."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def age_group(birth_on: date, day: date) -> str:
    """The group of `hub.people.tables.AGE_GROUPS` that someone belongs to on a day."""
    age = age_on(birth_on, day)
    return next((group for bound, group in AGE_GROUP_BOUNDS if age < bound), "AGE_80_PLUS")


def is_minor(birth_on: date, day: date) -> bool:
    """Whether a guardian decides for her on that day (Civil Code, art. 17: under 18)."""
    return age_on(birth_on, day) < ADULT_AGE
