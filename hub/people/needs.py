"""Needs: what is missing, who says so (Bradshaw), how much, compared with whom; and how it ended."""

from __future__ import annotations

import dataclasses
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy import text as sql

from auth.gate import claim
from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, optional, required
from hub.base.limits import MAX_LINE_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS
from hub.base.transaction import Transaction
from hub.people.standing import person_scope
from hub.people.states import NEED, NEED_FINAL
from hub.people.tables import needs, persons

COMPARATOR_VIEWS = {"VISITS_90D": "comparator_visits_90d"}
"""Metrics the hub computes from its own data: views (person_id, cohort, value, cohort_value), one row a person.

Views, because visits lie to the right of people in the order of imports.
"""

SEVERITIES = range(1, 6)
NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")


@dataclasses.dataclass(frozen=True)
class Comparator:
    """Her value beside her cohort's, as decimal text. All three None: the hub computes them."""

    metric: str = "VISITS_90D"
    cohort: str | None = None
    value: str | None = None
    cohort_value: str | None = None


async def need_state(
    tx: Transaction,
    person_id: UUID,
    *,
    domain: str,
    bradshaw_type: str,
    statement: str,
    severity: int = 3,
    stated_by: str | None = None,
    comparator: Comparator | None = None,
) -> Row[Any]:
    """State a need. FELT and EXPRESSED name who stated it; COMPARATIVE has a comparator, given or computed."""
    person = await claim(tx, persons, person_id, "need_state")
    if severity not in SEVERITIES:
        raise Invalid("severity_range", code="OUT_OF_RANGE", path=("input", "severity"))
    stated_by = optional(stated_by, ("input", "statedBy"), MAX_NAME_CHARS)
    if bradshaw_type in ("FELT", "EXPRESSED") and stated_by is None:
        raise Invalid("need_stated_by", code="REQUIRED", path=("input", "statedBy"))
    row = await tx.insert(
        needs,
        **person_scope(person),
        domain=domain,
        bradshaw_type=bradshaw_type,
        severity=severity,
        statement=required(statement, ("input", "statement"), MAX_TEXT_CHARS),
        stated_by=stated_by,
        **await _comparator(tx, person, bradshaw_type, comparator),
        recorded_by_id=tx.actor.membership_id,
        partner_id=tx.actor.partner_id,
        created_at=tx.now,
    )
    await tx.emit("need_state", row, "Need", facts={"domain": domain, "bradshawType": bradshaw_type})
    return row


async def _comparator(
    tx: Transaction, person: Row[Any], bradshaw_type: str, given: Comparator | None
) -> dict[str, str]:
    """The comparator columns. Raises Invalid when a comparative need lacks one, or another need has one."""
    path = ("input", "comparator")
    if bradshaw_type != "COMPARATIVE":
        if given is not None:
            raise Invalid("comparator_not_comparative", path=path)
        return {}
    if given is None:
        raise Invalid("comparator_required", code="REQUIRED", path=path)
    stated = (given.cohort, given.value, given.cohort_value)
    if all(part is None for part in stated):
        given = await _computed(tx, person, given.metric)
    elif any(part is None for part in stated):
        raise Invalid("comparator_whole", code="REQUIRED", path=path)
    return {
        "comparator_metric": one_of(given.metric, tuple(COMPARATOR_VIEWS), (*path, "metric")),
        "comparator_cohort": required(given.cohort, (*path, "cohort"), MAX_LINE_CHARS),
        "comparator_value": decimal_text(given.value, (*path, "value")),
        "comparator_cohort_value": decimal_text(given.cohort_value, (*path, "cohortValue")),
    }


async def _computed(tx: Transaction, person: Row[Any], metric: str) -> Comparator:
    path = ("input", "comparator", "metric")
    view = COMPARATOR_VIEWS[one_of(metric, tuple(COMPARATOR_VIEWS), path)]
    query = sql(f"select cohort, value, cohort_value from {view} where person_id = :person")  # noqa: S608
    found = (await tx.execute(query, {"person": person.id})).one_or_none()
    if found is None or found.value is None or found.cohort_value is None:
        raise Conflict("comparator_unavailable", path=path, metric=f"ComparatorMetric.{metric}")
    return Comparator(
        metric, found.cohort, rounded(Decimal(found.value)), rounded(Decimal(found.cohort_value))
    )


def decimal_text(value: str | None, path: tuple[str, ...]) -> str:
    """A stated number as decimal text: `2`, `1.5`. Raises Invalid when it is none."""
    text = required(value, path, MAX_LINE_CHARS)
    if NUMBER.fullmatch(text) is None:
        raise Invalid("not_a_number", path=path)
    return rounded(Decimal(text))


def rounded(value: Decimal) -> str:
    """With at most two decimals and no needless zeros."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}".rstrip("0").rstrip(".")


async def need_settle(
    tx: Transaction, need_id: UUID, *, status: str, outcome: str | None = None, version: int | None = None
) -> Row[Any]:
    """Say how a need ended: MET, PARTLY_MET, NOT_MET or WITHDRAWN; whatever is not simply met says why."""
    row = await claim(tx, needs, need_id, "need_settle", version=version)
    one_of(status, NEED_FINAL, ("input", "status"))
    outcome = optional(outcome, ("input", "outcome"), MAX_TEXT_CHARS)
    if status != "MET" and outcome is None:
        raise Invalid("need_outcome", code="REQUIRED", path=("input", "outcome"))
    row = await NEED.move(tx, row, "need_settle", to=status, outcome=outcome, settled_at=tx.now)
    await tx.emit("need_settle", row, "Need", facts={"status": status, "domain": row.domain})
    return row
