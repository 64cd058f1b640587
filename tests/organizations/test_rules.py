"""Codes of organizations and divisions; which role sits where; duties apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.roles import Duty, Role
from hub.base.errors import Conflict, Invalid
from hub.organizations.divisions import divisions
from hub.organizations.rules import (
    CREDIT_CODE_ALPHABET,
    ORGANIZATION_KIND_OF_ROLE,
    check_credit_code,
    check_division_code,
    check_duties_apart,
    check_duty,
    check_role_at,
    credit_check_character,
)
from hub.organizations.tables import ORGANIZATION_KINDS

bodies = st.text(CREDIT_CODE_ALPHABET, min_size=17, max_size=17)


@given(bodies, st.integers(0, 17), st.sampled_from(CREDIT_CODE_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_noticed(body: str, place: int, char: str) -> None:
    code = body + credit_check_character(body)
    assert check_credit_code(code.lower(), None) == code
    wrong = code[:place] + char + code[place + 1 :]
    if wrong != code:
        with pytest.raises(Invalid) as caught:
            check_credit_code(wrong, None)
        assert caught.value.key == "credit_code_check"


def test_the_standards_example_passes() -> None:
    assert check_credit_code("91350100M000100Y43", None) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "partner_type", "key"),
    [
        ("5232031100000001", None, "credit_code_length"),
        ("52320311000000I01X", None, "credit_code_character"),
        ("520000000000000000", None, "credit_code_check"),
    ],
)
def test_a_refusal_names_what_is_wrong(code: str, partner_type: str | None, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_credit_code(code, partner_type)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("start", "partner_type"), [("51", "SOCIAL_GROUP"), ("52", "SERVICE_INSTITUTION"), ("53", "FOUNDATION")]
)
def test_the_code_names_the_type(start: str, partner_type: str) -> None:
    body = start + "320311MJ0123456"
    code = body + credit_check_character(body)
    assert check_credit_code(code, partner_type) == code
    other = "FOUNDATION" if partner_type != "FOUNDATION" else "SOCIAL_GROUP"
    with pytest.raises(Invalid) as caught:
        check_credit_code(code, other)
    assert caught.value.key == "credit_code_type"


def test_division_codes_have_their_length_and_begin_with_the_parents() -> None:
    assert check_division_code("COMMUNITY", "320311002001", "320311002") == "320311002001"
    for kind, code, parent in (
        ("COMMUNITY", "320311002", "320311002"),
        ("STREET", "320311002001", "320311"),
        ("STREET", "32031100X", "320311"),
        ("STREET", "32031100²", "320311"),
        ("COMMUNITY", "320311003001", "320311002"),
    ):
        with pytest.raises(Invalid):
            check_division_code(kind, code, parent)


def test_the_packaged_divisions_are_those_of_xuzhou() -> None:
    found = divisions()
    by_kind = {
        kind: [one for one in found if one.kind == kind] for kind in ("DISTRICT", "STREET", "COMMUNITY")
    }
    assert {kind: len(ones) for kind, ones in by_kind.items()} == {
        "DISTRICT": 11,
        "STREET": 186,
        "COMMUNITY": 2812,
    }
    assert len({one.code for one in found}) == len(found)
    names = {one.code: one.name for one in found}
    assert names["320311"] == "泉山区"
    assert names["320311002"] == "七里沟街道"
    assert [names[f"32031100200{n}"] for n in (1, 2, 3)] == [
        "七里沟社区居委会",
        "三官庙社区居委会",
        "新语社区居委会",
    ]
    seen: set[str | None] = {None}
    for one in found:
        assert one.parent_code in seen
        seen.add(one.code)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_a_role_sits_at_one_kind_of_organization(role: Role) -> None:
    assert role in ORGANIZATION_KIND_OF_ROLE, "hub/organizations/rules.py says where a role sits"
    for kind in ORGANIZATION_KINDS:
        if kind == ORGANIZATION_KIND_OF_ROLE[role]:
            check_role_at(role, kind)
        else:
            with pytest.raises(Invalid):
                check_role_at(role, kind)


def test_system_sits_nowhere() -> None:
    for kind in ORGANIZATION_KINDS:
        with pytest.raises(Invalid):
            check_role_at(Role.SYSTEM, kind)


def test_a_finance_officer_has_one_duty_and_nobody_else_has_any() -> None:
    check_duty(Role.FINANCE_OFFICER, Duty.CASHIER)
    check_duty(Role.STATION_WORKER, None)
    for role, duty in ((Role.FINANCE_OFFICER, None), (Role.STATION_WORKER, Duty.CASHIER)):
        with pytest.raises(Invalid):
            check_duty(role, duty)


def test_accountant_and_cashier_are_two_people() -> None:
    check_duties_apart(Duty.CASHIER, ["CASHIER"])
    check_duties_apart(Duty.CASHIER, [])
    check_duties_apart(None, ["CASHIER", "ACCOUNTANT"])
    for held, duty in ((["ACCOUNTANT"], Duty.CASHIER), (["CASHIER"], Duty.ACCOUNTANT)):
        with pytest.raises(Conflict) as caught:
            check_duties_apart(duty, held)
        assert caught.value.code == "FOUR_EYES"
