"""人民币大写 by the rules of the payment and settlement measures, whose own examples are here."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.base.capitals import DIGITS, in_capitals
from hub.base.limits import MAX_FEN

SAID = {
    0: "零元整",
    5: "伍分",
    50: "伍角整",
    1005: "壹拾元零伍分",
    10000010: "壹拾万元壹角整",
    105000000: "壹佰零伍万元整",
    140950: "壹仟肆佰零玖元伍角整",
    600714: "陆仟零柒元壹角肆分",
    168032: "壹仟陆佰捌拾元叁角贰分",
    10700053: "壹拾万柒仟元伍角叁分",
    1640902: "壹万陆仟肆佰零玖元零贰分",
    32504: "叁佰贰拾伍元零肆分",
    1000100: "壹万零壹元整",
    100000000: "壹佰万元整",
    10000000100: "壹亿零壹元整",
    10005000000: "壹亿零伍万元整",
    MAX_FEN: "壹仟亿元整",
}


@pytest.mark.parametrize(("fen", "said"), SAID.items())
def test_amounts_in_capitals(fen: int, said: str) -> None:
    assert in_capitals(fen) == f"人民币{said}"


@pytest.mark.parametrize("fen", [-1, MAX_FEN + 1])
def test_nothing_is_written_beyond_what_can_be_paid(fen: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        in_capitals(fen)


PLACES = {"仟": 1000, "佰": 100, "拾": 10}


def read(said: str) -> int:
    """Fen of an amount in capitals: a small reader of its own."""
    found = re.fullmatch(r"人民币(?:(.+)元)?零?(?:(.)角)?(?:(.)分)?整?", said)
    assert found, said
    yuan, jiao, single = found.groups()
    return whole(yuan or "零") * 100 + DIGITS.index(jiao or "零") * 10 + DIGITS.index(single or "零")


def whole(said: str) -> int:
    for unit, factor in (("亿", 10**8), ("万", 10**4)):
        if unit in said:
            high, low = said.split(unit, 1)
            return whole(high) * factor + (whole(low) if low else 0)
    total, digit = 0, 0
    for sign in said:
        if sign in PLACES:
            total, digit = total + digit * PLACES[sign], 0
        else:
            digit = DIGITS.index(sign)
    return total + digit


@given(st.integers(1, MAX_FEN))
def test_what_is_written_reads_back(fen: int) -> None:
    said = in_capitals(fen)
    assert read(said) == fen
    assert "零零" not in said
    assert said.endswith("分" if fen % 10 else "整")
