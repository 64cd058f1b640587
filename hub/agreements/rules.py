"""Pure checks of what an agreement says, and how its amounts arise. No database, no clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from hub.agreements.tables import AGREEMENT_REASONS, CRITERION_METRICS, LINE_KINDS, MILESTONE_KINDS, OPERATORS
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, required
from hub.base.limits import (
    MAX_AGREEMENT_LINES,
    MAX_AGREEMENT_MILESTONES,
    MAX_CRITERIA,
    MAX_DUE_AFTER_TERM_DAYS,
    MAX_FEN,
    MAX_LINE_CHARS,
    MAX_QUANTITY,
    MAX_TERM_DAYS,
    MAX_TEXT_CHARS,
)
from hub.base.money import WHOLE_BP, basis_points_of, positive_fen_of, shares, yuan

Path = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class CriterionTerms:
    """A quality asked for: of each unit of a line (`per_unit`), or of a line or milestone as a whole."""

    metric: str
    target: int
    operator: str = "AT_LEAST"
    per_unit: bool = False


@dataclasses.dataclass(frozen=True)
class LineTerms:
    """A line as the drafter wrote it, in yuan. The amount cap of a UNIT line is price × quantity unless lower."""

    title: str
    service_type_code: str
    kind: str
    community_ids: Sequence[UUID]
    unit: str | None = None
    unit_price: Decimal | None = None
    quantity_cap: int | None = None
    amount_cap: Decimal | None = None
    criteria: Sequence[CriterionTerms] = ()


@dataclasses.dataclass(frozen=True)
class MilestoneTerms:
    """A milestone as the drafter wrote it: an amount in yuan or a percentage of the ceiling, never both."""

    code: str
    title: str
    kind: str
    due_on: date
    amount: Decimal | None = None
    share_percent: Decimal | None = None
    depends_on: Sequence[str] = ()
    criteria: Sequence[CriterionTerms] = ()


def reasons(code: str, text: str | None) -> tuple[str, str]:
    """Code and words of a send-back, decline, cancellation or termination: always both."""
    words = required(text, ("input", "reason"), MAX_TEXT_CHARS)
    return one_of(code, AGREEMENT_REASONS, ("input", "reasonCode")), words


def line_amounts(line: LineTerms, path: Path) -> dict[str, int | None]:
    """Price, quantity cap and amount cap of a line, in fen. Raises Invalid when its kind needs or forbids one."""
    one_of(line.kind, LINE_KINDS, (*path, "kind"))
    quantity = _quantity(line.quantity_cap, (*path, "quantityCap"))
    cap = None if line.amount_cap is None else positive_fen_of(line.amount_cap, (*path, "amountCap"))
    if line.kind == "BLOCK":
        if line.unit_price is not None:
            raise Invalid("block_without_price", path=(*path, "unitPrice"))
        if cap is None:
            raise Invalid("required", code="REQUIRED", path=(*path, "amountCap"))
        return {"unit_price_fen": None, "quantity_cap": quantity, "amount_cap_fen": cap}
    if line.unit_price is None or quantity is None:
        missing = "unitPrice" if line.unit_price is None else "quantityCap"
        raise Invalid("required", code="REQUIRED", path=(*path, missing))
    price = positive_fen_of(line.unit_price, (*path, "unitPrice"))
    whole = price * quantity
    if whole > MAX_FEN or (cap is not None and cap > whole):
        most = yuan(min(whole, MAX_FEN))
        raise Invalid("line_cap", code="OUT_OF_RANGE", path=(*path, "amountCap"), most=most)
    return {
        "unit_price_fen": price,
        "quantity_cap": quantity,
        "amount_cap_fen": whole if cap is None else cap,
    }


def _quantity(quantity: int | None, path: Path) -> int | None:
    if quantity is not None and not 0 < quantity <= MAX_QUANTITY:
        raise Invalid("quantity_range", code="OUT_OF_RANGE", path=path, most=MAX_QUANTITY)
    return quantity


def require_line_count(count: int) -> None:
    """Raise Invalid when an agreement buys nothing, or more than one agreement should."""
    path = ("input", "lines")
    if count == 0:
        raise Invalid("required", code="REQUIRED", path=path)
    if count > MAX_AGREEMENT_LINES:
        raise Invalid("too_many_lines", code="OUT_OF_RANGE", path=path, limit=MAX_AGREEMENT_LINES)


def require_within_ceiling(amounts_fen: Sequence[int], ceiling_fen: int, key: str, path: Path) -> None:
    """Raise Invalid under `key` when the amounts together go beyond the ceiling."""
    total = sum(amounts_fen)
    if total > ceiling_fen:
        params = {"total": yuan(total), "ceiling": yuan(ceiling_fen)}
        raise Invalid(key, code="OUT_OF_RANGE", path=path, **params)


def check_criteria(criteria: Sequence[CriterionTerms], path: Path, *, of_line: bool) -> None:
    """Raise Invalid for too many criteria, one stated twice (it would weigh twice in a shortfall), an impossible
    target, or one of a milestone that is asked of each unit."""
    if len(criteria) > MAX_CRITERIA:
        raise Invalid("too_many_criteria", code="OUT_OF_RANGE", path=(*path, "criteria"), limit=MAX_CRITERIA)
    stated: set[tuple[str, str, bool]] = set()
    for number, criterion in enumerate(criteria):
        here = (*path, "criteria", str(number))
        what = (criterion.metric, criterion.operator, criterion.per_unit)
        if what in stated:
            metric = f"CriterionMetric.{criterion.metric}"
            raise Invalid("criterion_twice", code="DUPLICATE", path=(*here, "metric"), metric=metric)
        stated.add(what)
        one_of(criterion.metric, CRITERION_METRICS, (*here, "metric"))
        one_of(criterion.operator, OPERATORS, (*here, "operator"))
        most = 100 if criterion.metric == "SATISFACTION_PERCENT" else MAX_QUANTITY
        if not 0 <= criterion.target <= most:
            raise Invalid("target_range", code="OUT_OF_RANGE", path=(*here, "target"), most=most)
        if criterion.per_unit and not of_line:
            raise Invalid("per_unit_of_milestone", path=(*here, "perUnit"))


def check_milestones(milestones: Sequence[MilestoneTerms], term: tuple[date, date]) -> None:
    """Raise Invalid unless the milestones have distinct codes, depend on earlier ones only and fit the term. A
    final one settles what all others left, so it comes last.

    They may fall due after the term, within a year: work is reported, assessed and accepted when it is over.
    """
    path = ("input", "milestones")
    if not milestones:
        raise Invalid("required", code="REQUIRED", path=path)
    if len(milestones) > MAX_AGREEMENT_MILESTONES:
        raise Invalid("too_many_milestones", code="OUT_OF_RANGE", path=path, limit=MAX_AGREEMENT_MILESTONES)
    earlier: list[str] = []
    for number, milestone in enumerate(milestones):
        here = (*path, str(number))
        one_of(milestone.kind, MILESTONE_KINDS, (*here, "kind"))
        code = required(milestone.code, (*here, "code"), MAX_LINE_CHARS)
        if code in earlier:
            raise Invalid("milestone_code_twice", code="DUPLICATE", path=(*here, "code"), name=code)
        for needed in milestone.depends_on:
            if needed not in earlier:
                raise Invalid("milestone_dependency", path=(*here, "dependsOn"), name=needed)
        if milestone.kind == "FINAL" and number < len(milestones) - 1:
            raise Invalid("final_last", path=(*here, "kind"))
        if milestone.due_on < term[0]:
            raise Invalid("milestone_before_term", code="OUT_OF_RANGE", path=(*here, "dueOn"), since=term[0])
        if (milestone.due_on - term[1]).days > MAX_DUE_AFTER_TERM_DAYS:
            params = {"until": term[1], "days": MAX_DUE_AFTER_TERM_DAYS}
            raise Invalid("milestone_after_term", code="OUT_OF_RANGE", path=(*here, "dueOn"), **params)
        check_criteria(milestone.criteria, here, of_line=False)
        earlier.append(code)


def milestone_amounts(milestones: Sequence[MilestoneTerms], ceiling_fen: int) -> list[tuple[int, int | None]]:
    """Amount in fen and share in basis points of each milestone, in order.

    Shares come out by largest remainder, so that shares of 100 % sum to the ceiling to the fen. Raises Invalid when one
    has neither amount nor share, or both; when the shares pass 100 %, or all together the ceiling (I1).
    """
    path = ("input", "milestones")
    points = [_share(milestone, (*path, str(number))) for number, milestone in enumerate(milestones)]
    given = [point for point in points if point is not None]
    if sum(given) > WHOLE_BP:
        raise Invalid("shares_above_whole", code="OUT_OF_RANGE", path=path)
    share_fen = iter(shares(ceiling_fen, given) if given else ())
    found: list[tuple[int, int | None]] = []
    for number, (milestone, point) in enumerate(zip(milestones, points, strict=True)):
        if milestone.amount is not None:
            found.append((positive_fen_of(milestone.amount, (*path, str(number), "amount")), None))
        else:
            found.append((next(share_fen), point))
    require_within_ceiling([fen for fen, _ in found], ceiling_fen, "milestones_above_ceiling", path)
    return found


def _share(milestone: MilestoneTerms, path: Path) -> int | None:
    if (milestone.amount is None) == (milestone.share_percent is None):
        raise Invalid("amount_or_share", path=path)
    if milestone.share_percent is None:
        return None
    return basis_points_of(milestone.share_percent, (*path, "sharePercent"))


def check_term(effective_from_on: date, ends_on: date, today: date) -> None:
    """Raise Invalid when the term ends before it begins, is over already, or takes longer than any agreement."""
    if ends_on < effective_from_on:
        raise Invalid("period_reversed", path=("input", "endsOn"))
    if ends_on < today:
        raise Invalid("term_over", code="OUT_OF_RANGE", path=("input", "endsOn"))
    if (ends_on - effective_from_on).days > MAX_TERM_DAYS:
        params = {"since": effective_from_on, "until": ends_on}
        raise Invalid("term_too_long", code="OUT_OF_RANGE", path=("input", "endsOn"), **params)


def check_within_fund(
    line: LineTerms, strand: str, purposes: Collection[str], fund_communities: Collection[UUID], path: Path
) -> None:
    """Raise Conflict when the fund may not buy this service, or not there (I2)."""
    if line.service_type_code not in purposes and strand not in purposes:
        raise Conflict("outside_purposes", path=(*path, "serviceType"), service=line.service_type_code)
    if not set(line.community_ids) <= set(fund_communities):
        raise Conflict("outside_fund_communities", path=(*path, "communities"))
