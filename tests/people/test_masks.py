"""What lists show instead of a personal value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.base.seal import mask_id_number, mask_name, mask_phone
from hub.people.rules import mask_address


@pytest.mark.parametrize(
    ("name", "shown"), [("张三丰", "张*丰"), ("李四", "李*"), ("欧阳娜娜", "欧**娜"), ("王", "*"), ("", "*")]
)
def test_names_keep_their_ends(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812348000", "138****8000"), ("051683712345", "051*****2345"), ("83712345", "******45"), ("1", "1")],
)
def test_phones_keep_their_ends(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_an_id_number_keeps_four_at_each_end() -> None:
    assert mask_id_number("320311194301011234") == "3203**********1234"


@pytest.mark.parametrize(
    ("address", "estate", "shown"),
    [
        ("泉山区七里沟矿山西村3号楼2单元301", "矿山西村", "矿山西村***"),
        ("矿山西村3号楼2单元301", None, "矿山西村***"),
        ("矿山西村三号楼二单元", None, "矿山西村***"),
        ("金山花园 5-2-301", None, "金山花园***"),
        ("矿山西村", None, "矿山***"),
        ("3号楼301", None, "***"),
    ],
)
def test_an_address_shows_no_door(address: str, estate: str | None, shown: str) -> None:
    assert mask_address(address, estate) == shown


@given(st.text("矿山西村金花园路", min_size=1), st.integers(1, 99), st.integers(1, 9), st.integers(101, 3304))
def test_no_digit_of_a_door_survives(street: str, building: int, unit: int, room: int) -> None:
    shown = mask_address(f"{street}{building}号楼{unit}单元{room}室", None)
    assert not any(char.isdigit() for char in shown)
