"""Money: whole fen inside, decimal yuan outside, never a float; and splitting it so that the parts sum exactly.

Amounts are integers of fen (1/100 yuan). What people and the API write is yuan with at most two decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hub.base.errors import Invalid
from hub.base.limits import MAX_FEN

CURRENCY = "CNY"
"""The one currency so far; tables that name one hold it by CHECK."""

WHOLE_BP = 10_000
"""Basis points of a whole: 100 %."""


def fen_of(amount: Decimal, path: Sequence[str]) -> int:
    """Fen of an amount in yuan. Raises Invalid for parts of a fen, OUT_OF_RANGE below 0 or above `MAX_FEN`."""
    fen = _hundredfold(amount)
    if fen is None:
        raise Invalid("money_decimals", path=path)
    if not 0 <= fen <= MAX_FEN:
        raise Invalid("money_range", code="OUT_OF_RANGE", path=path, most=yuan(MAX_FEN))
    return fen


def positive_fen_of(amount: Decimal, path: Sequence[str]) -> int:
    """The same, of an amount that is something. Raises Invalid OUT_OF_RANGE for zero as well."""
    fen = fen_of(amount, path)
    if fen == 0:
        raise Invalid("money_zero", code="OUT_OF_RANGE", path=path)
    return fen


def basis_points_of(percent: Decimal, path: Sequence[str]) -> int:
    """Basis points of a percentage above 0 and up to 100, with at most two decimals. Raises Invalid."""
    points = _hundredfold(percent)
    if points is None or not 0 < points <= WHOLE_BP:
        raise Invalid("percent_range", code="OUT_OF_RANGE", path=path)
    return points


def _hundredfold(amount: Decimal) -> int | None:
    """A hundred times the amount, exactly; None when that is not a whole number."""
    if not amount.is_finite():
        return None
    numerator, denominator = amount.as_integer_ratio()
    hundredfold, rest = divmod(numerator * 100, denominator)
    return None if rest else hundredfold


def yuan(fen: int) -> str:
    """An amount as the API writes it: `1050000.00`, `-0.10`."""
    sign, rest = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{rest // 100}.{rest % 100:02d}"


def split(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by weights so that the parts sum to it exactly: largest remainder, the earlier part first.

    Each part differs from its exact share by less than one fen. Raises ValueError for an amount or a weight below
    zero, and when there is no weight at all: programming errors.
    """
    whole = sum(weights)
    if total_fen < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("an amount and weights of at least zero, not all of them zero")
    parts = [total_fen * weight // whole for weight in weights]
    rests = [total_fen * weight % whole for weight in weights]
    left = total_fen - sum(parts)
    for place in sorted(range(len(weights)), key=lambda one: (-rests[one], one))[:left]:
        parts[place] += 1
    return parts


def shares(total_fen: int, shares_bp: Sequence[int]) -> list[int]:
    """What each share (basis points) of an amount comes to; shares of 100 % together sum to the amount exactly.

    Whatever the shares leave over is a part of its own in the division, so it takes no fen from them.
    """
    rest = WHOLE_BP - sum(shares_bp)
    if rest < 0:
        raise ValueError("shares of more than 100 %")
    return split(total_fen, [*shares_bp, rest])[:-1]
