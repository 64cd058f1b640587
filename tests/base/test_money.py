"""Money never loses or makes a fen (T19)."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.base.errors import Invalid
from hub.base.limits import MAX_FEN
from hub.base.money import WHOLE_BP, basis_points_of, fen_of, positive_fen_of, shares, split, yuan

FEN = st.integers(0, MAX_FEN)
WEIGHTS = st.lists(st.integers(0, WHOLE_BP), min_size=1, max_size=12).filter(any)
AT = ("input", "amount")


def test_t19_a_tenth_of_a_yuan_in_three_instalments() -> None:
    instalments = split(fen_of(Decimal("0.1"), AT), [1, 1, 1])
    assert instalments == [4, 3, 3]
    assert yuan(sum(instalments)) == "0.10"
    assert [yuan(fen_of(Decimal("0.1"), AT) * 3), yuan(sum(split(30, [1, 1, 1])))] == ["0.30", "0.30"]


@given(total=FEN, weights=WEIGHTS)
def test_t19_parts_sum_to_the_whole_and_none_is_a_fen_off(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(total=FEN, cuts=st.lists(st.integers(1, WHOLE_BP - 1), unique=True, max_size=8))
def test_t19_shares_of_a_hundred_percent_sum_exactly(total: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), WHOLE_BP]
    points = [end - begin for begin, end in pairwise(edges)]
    assert sum(shares(total, points)) == total


@given(total=FEN, points=st.lists(st.integers(1, 1000), min_size=1, max_size=9))
def test_shares_below_a_hundred_percent_take_no_more_than_they_are(total: int, points: list[int]) -> None:
    taken = shares(total, points)
    assert sum(taken) <= -(-total * sum(points) // WHOLE_BP)
    assert all(abs(fen * WHOLE_BP - total * bp) < WHOLE_BP for fen, bp in zip(taken, points, strict=True))


def test_a_share_is_its_part_by_largest_remainder() -> None:
    assert shares(100, [3333, 3333, 3334]) == [33, 33, 34]
    assert shares(1, [5000, 5000]) == [1, 0]
    assert shares(105_000_000, [4000, 4000, 2000]) == [42_000_000, 42_000_000, 21_000_000]


@given(fen=st.integers(-MAX_FEN, MAX_FEN))
def test_what_is_written_is_read_again(fen: int) -> None:
    assert Decimal(yuan(fen)) * 100 == fen
    if fen >= 0:
        assert fen_of(Decimal(yuan(fen)), AT) == fen


@pytest.mark.parametrize(
    ("amount", "key", "code"),
    [
        ("0.001", "money_decimals", "INVALID"),
        ("NaN", "money_decimals", "INVALID"),
        ("Infinity", "money_decimals", "INVALID"),
        ("-0.01", "money_range", "OUT_OF_RANGE"),
        ("100000000000.01", "money_range", "OUT_OF_RANGE"),
        ("0.00", "money_zero", "OUT_OF_RANGE"),
    ],
)
def test_what_is_no_amount_is_refused(amount: str, key: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        positive_fen_of(Decimal(amount), AT)
    assert (caught.value.key, caught.value.code, caught.value.path) == (key, code, AT)


def test_percentages() -> None:
    assert [basis_points_of(Decimal(text), AT) for text in ("100", "33.33", "0.01")] == [10_000, 3333, 1]
    for text in ("0", "100.01", "33.333", "-1", "NaN"):
        with pytest.raises(Invalid) as caught:
            basis_points_of(Decimal(text), AT)
        assert (caught.value.key, caught.value.path) == ("percent_range", AT)


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_nothing_is_split_by_nothing(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="zero"):
        split(total, weights)
