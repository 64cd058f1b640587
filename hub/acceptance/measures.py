"""What was done under an agreement, measured now: the figures from which a claim arises, and the work it freezes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from hub.acceptance.claiming import LineMeasure, Measured, Stage, Unit
from hub.acceptance.tables import submission_deliveries
from hub.agreements.tables import agreement_lines, criteria
from hub.base.transaction import Transaction


@dataclasses.dataclass(frozen=True)
class Work:
    """A line with its units that count and that nobody has billed."""

    line: LineMeasure
    fresh: Sequence[Unit]


async def measure_lines(tx: Transaction, version_id: UUID) -> list[Work]:
    """Every line of a version, in order."""
    statement = select(agreement_lines).where(agreement_lines.c.version_id == version_id)
    lines = (await tx.execute(statement.order_by(agreement_lines.c.number))).all()
    return [await _measure(tx, line) for line in lines]


async def _measure(tx: Transaction, line: Row[Any]) -> Work:
    units = func.billable_units(line.id).table_valued(
        column("unit_id", UUID_TYPE(as_uuid=True)),
        column("quantity"),
        column("delivery_ids", ARRAY(UUID_TYPE(as_uuid=True))),
    )
    counted = (await tx.execute(select(units))).all()
    billed = set(
        (
            await tx.execute(
                select(submission_deliveries.c.unit_id)
                .where(submission_deliveries.c.line_id == line.id, submission_deliveries.c.live)
                .distinct()
            )
        ).scalars()
    )
    of_line = criteria.c.line_id == line.id, ~criteria.c.per_unit
    measured = LineMeasure(
        id=line.id,
        kind=line.kind,
        unit_price_fen=line.unit_price_fen,
        amount_cap_fen=line.amount_cap_fen,
        done=sum(unit.quantity for unit in counted),
        billed=sum(unit.quantity for unit in counted if unit.unit_id in billed),
        criteria=await measure_criteria(tx, *of_line),
    )
    fresh = [
        Unit(unit.unit_id, unit.quantity, unit.delivery_ids) for unit in counted if unit.unit_id not in billed
    ]
    return Work(measured, fresh)


async def measure_criteria(tx: Transaction, *where: Any, reports: int = 0) -> list[Measured]:
    """Criteria with what they measure; to REPORTS the reports among the documents of the claim are added."""
    statement = select(criteria, func.criterion_value(criteria.c.id).label("value")).where(*where)
    rows = (await tx.execute(statement.order_by(criteria.c.id))).all()
    return [
        Measured(row.id, row.metric, row.operator, row.target, _with_reports(row, reports)) for row in rows
    ]


def _with_reports(criterion: Row[Any], reports: int) -> int | None:
    return (criterion.value or 0) + reports if criterion.metric == "REPORTS" else criterion.value


async def stage_of(
    tx: Transaction, milestone: Row[Any], version: Row[Any], accepted_before_fen: int, reports: int
) -> Stage:
    """A milestone as its claim sees it."""
    limit = (await tx.execute(select(func.milestone_limit(milestone.id)))).scalar_one()
    return Stage(
        kind=milestone.kind,
        amount_fen=milestone.amount_fen,
        limit_fen=limit,
        by_share=milestone.share_bp is not None,
        shortfall_rule=version.shortfall_rule,
        ceiling_fen=version.ceiling_fen,
        accepted_before_fen=accepted_before_fen,
        criteria=await measure_criteria(tx, criteria.c.milestone_id == milestone.id, reports=reports),
    )
