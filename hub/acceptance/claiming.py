"""How a stage's amount arises (DOMAIN §5): pure arithmetic in whole fen, with every step of the derivation.

Shares of work are exact fractions and only the result is rounded, down to the fen: nobody is paid for a part of a fen
that was not done.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

WHOLE = Fraction(1)


@dataclasses.dataclass(frozen=True)
class Measured:
    """A criterion and what it measures today; `value` is None for what the hub cannot measure."""

    id: UUID
    metric: str
    operator: str
    target: int
    value: int | None

    @property
    def met(self) -> Fraction | None:
        """How far it is met, from 0 to 1. Only a minimum can be met in part."""
        if self.value is None:
            return None
        if self.operator == "AT_LEAST":
            return WHOLE if self.target <= self.value else Fraction(self.value, self.target)
        held = self.value <= self.target if self.operator == "AT_MOST" else self.value == self.target
        return WHOLE if held else Fraction(0)


@dataclasses.dataclass(frozen=True)
class LineMeasure:
    """A line of the agreement: its units that meet their minimum quality, and how many were billed before."""

    id: UUID
    kind: str
    unit_price_fen: int | None
    amount_cap_fen: int
    done: int
    billed: int
    criteria: Sequence[Measured] = ()


@dataclasses.dataclass(frozen=True)
class Unit:
    """A unit of a line that meets its minimum quality, with the deliveries it is made of."""

    id: UUID
    quantity: int
    delivery_ids: Sequence[UUID] = ()


@dataclasses.dataclass(frozen=True)
class Stage:
    """A milestone and what its version says. `limit_fen` holds what earlier stages carried to it."""

    kind: str
    amount_fen: int
    limit_fen: int
    by_share: bool
    shortfall_rule: str
    ceiling_fen: int
    accepted_before_fen: int = 0
    criteria: Sequence[Measured] = ()


@dataclasses.dataclass(frozen=True)
class Derivation:
    """The rule that applied, the steps in order (columns of `claim_steps`), and the amount they come to."""

    rule: str
    steps: Sequence[dict[str, Any]]
    claimed_fen: int


def rule_of(stage: Stage) -> str:
    """Which of CLAIM_RULES a stage follows."""
    if stage.kind == "FIRST_STAGE":
        return "DOCUMENTS"
    if stage.kind == "FINAL":
        return "ACTUAL"
    return "UNITS" if stage.kind == "DELIVERY" and not stage.by_share else "SHARE"


def derive(stage: Stage, lines: Sequence[LineMeasure]) -> Derivation:
    """The claimed amount of a stage and its derivation."""
    rule = rule_of(stage)
    steps: list[dict[str, Any]] = []
    if rule == "DOCUMENTS":
        amount = stage.amount_fen
        steps.append({"kind": "STAGE_AMOUNT", "amount_fen": amount})
    elif rule == "SHARE":
        steps.append({"kind": "STAGE_AMOUNT", "amount_fen": stage.amount_fen})
        amount = _less_shortfall(steps, stage.amount_fen, stage.criteria, stage.shortfall_rule)
    elif rule == "UNITS":
        amount = sum(_new_units(steps, line, stage.shortfall_rule) for line in lines if line.kind == "UNIT")
        amount = _capped(steps, "STAGE_CAP", amount, stage.limit_fen)
    else:
        amount = _by_actual_quantity(steps, stage, lines)
    steps.append({"kind": "CLAIM", "amount_fen": amount})
    return Derivation(rule, steps, amount)


def units_claimed(derived: Derivation, lines: Iterable[tuple[LineMeasure, Sequence[Unit]]]) -> list[Unit]:
    """The units for which a unit stage pays: in order, as many as its caps reach. What lies beyond is billed later.

    A unit that a cap divides is billed with the part that is paid.
    """
    paid = _paid_by_line(derived.steps)
    left, claimed = derived.claimed_fen, list[Unit]()
    for line, units in lines:
        whole, pays = paid.get(line.id, (0, 0))
        share, covered = min(left, pays), 0
        left -= share
        for unit in units:
            if covered * pays >= share * whole:
                break
            covered += unit.quantity * (line.unit_price_fen or 0)
            claimed.append(unit)
    return claimed


def _paid_by_line(steps: Sequence[dict[str, Any]]) -> dict[UUID, tuple[int, int]]:
    """Of each line what its units come to, and what of that is paid after its shortfall."""
    paid: dict[UUID, tuple[int, int]] = {}
    line: UUID | None = None
    for step in steps:
        if step["kind"] == "LINE_UNITS":
            line = step["line_id"]
            paid[step["line_id"]] = (step["amount_fen"], step["amount_fen"])
        elif step["kind"] == "SHORTFALL" and line is not None:
            whole, _ = paid[line]
            paid[line] = (whole, whole + step["amount_fen"])
    return paid


def _by_actual_quantity(steps: list[dict[str, Any]], stage: Stage, lines: Iterable[LineMeasure]) -> int:
    """据实结算: all that was done, within the ceiling, less what was accepted before."""
    total = sum(_whole_line(steps, line, stage.shortfall_rule) for line in lines)
    steps.append({"kind": "ACTUAL_TOTAL", "amount_fen": total})
    total = _capped(steps, "CEILING", total, stage.ceiling_fen)
    if stage.accepted_before_fen:
        steps.append({"kind": "ACCEPTED_BEFORE", "amount_fen": -stage.accepted_before_fen})
    if stage.limit_fen > stage.amount_fen:
        steps.append({"kind": "CARRIED", "amount_fen": stage.limit_fen - stage.amount_fen})
    return _capped(steps, "STAGE_CAP", max(0, total - stage.accepted_before_fen), stage.limit_fen)


def _new_units(steps: list[dict[str, Any]], line: LineMeasure, shortfall_rule: str) -> int:
    """Units of a line that were not billed before, at its price, within what its cap leaves."""
    price = line.unit_price_fen or 0
    quantity = line.done - line.billed
    amount = max(0, min(quantity * price, line.amount_cap_fen - line.billed * price))
    steps.append(_line_step("LINE_UNITS", line, amount, quantity=quantity, unit_price_fen=price))
    return _less_shortfall(steps, amount, line.criteria, shortfall_rule)


def _whole_line(steps: list[dict[str, Any]], line: LineMeasure, shortfall_rule: str) -> int:
    """Everything done on a line: units at their price; a block is a lump sum that its criteria lessen."""
    if line.kind == "UNIT":
        price = line.unit_price_fen or 0
        amount = min(line.done * price, line.amount_cap_fen)
        steps.append(_line_step("LINE_UNITS", line, amount, quantity=line.done, unit_price_fen=price))
    else:
        amount = line.amount_cap_fen
        steps.append(_line_step("LINE_BLOCK", line, amount))
    return _less_shortfall(steps, amount, line.criteria, shortfall_rule)


def _line_step(kind: str, line: LineMeasure, amount: int, **figures: int) -> dict[str, Any]:
    return {"kind": kind, "line_id": line.id, "amount_fen": amount, **figures}


def _less_shortfall(
    steps: list[dict[str, Any]], amount: int, criteria: Sequence[Measured], shortfall_rule: str
) -> int:
    """As much as was met of the criteria, on the mean of them, under PROPORTIONAL; all of it under NONE."""
    for one in criteria:
        figures = {"criterion_id": one.id, "metric": one.metric, "value": one.value, "target": one.target}
        steps.append({"kind": "CRITERION", **figures})
    ratios = [one.met for one in criteria if one.met is not None]
    if shortfall_rule == "NONE" or not ratios:
        return amount
    kept = int(amount * sum(ratios, Fraction(0)) / len(ratios))
    if kept < amount:
        steps.append({"kind": "SHORTFALL", "amount_fen": kept - amount})
    return kept


def _capped(steps: list[dict[str, Any]], kind: str, amount: int, most: int) -> int:
    if amount > most:
        steps.append({"kind": kind, "amount_fen": most})
    return min(amount, most)
