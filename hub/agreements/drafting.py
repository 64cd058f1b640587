"""Writing down what an agreement says: its version, lines, criteria and milestones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from hub.agreements.rules import (
    CriterionTerms,
    LineTerms,
    MilestoneTerms,
    check_criteria,
    check_milestones,
    check_term,
    check_within_fund,
    line_amounts,
    milestone_amounts,
    require_line_count,
    require_within_ceiling,
)
from hub.agreements.states import MILESTONE
from hub.agreements.tables import (
    PROCUREMENT_METHODS,
    REMAINDER_RULES,
    SHORTFALL_RULES,
    agreement_lines,
    agreement_versions,
    agreements,
    criteria,
    milestones,
)
from hub.base.errors import Invalid
from hub.base.inputs import one_of, optional, required
from hub.base.limits import MAX_LINE_CHARS, MAX_NAME_CHARS, MAX_PAYMENT_DAYS, MAX_TEXT_CHARS
from hub.base.money import basis_points_of, positive_fen_of
from hub.base.transaction import Transaction
from hub.catalogue.tables import SERVICE_UNITS, service_types
from hub.organizations.places import communities_of

HANGING = ("district_id", "street_id", "partner_id")


@dataclasses.dataclass(frozen=True)
class Terms:
    """Everything an agreement says, as the drafter wrote it; amounts in yuan, percentages of 100."""

    title: str
    ceiling: Decimal
    effective_from_on: date
    ends_on: date
    lines: Sequence[LineTerms]
    milestones: Sequence[MilestoneTerms]
    retention_percent: Decimal | None = None
    payment_days: int = 30
    shortfall_rule: str = "PROPORTIONAL"
    remainder_rule: str = "CARRY_TO_FINAL"
    procurement_method: str | None = None
    procurement_rationale: str | None = None


@dataclasses.dataclass(frozen=True)
class Checked:
    """Terms that hold by themselves and within the fund, ready to be stored."""

    header: dict[str, Any]
    lines: list[dict[str, Any]]
    milestones: list[tuple[int, int | None]]
    community_ids: list[UUID]


async def check_terms(tx: Transaction, fund: Row[Any], terms: Terms) -> Checked:
    """Everything that can be wrong with the terms themselves. Raises Invalid, NotFound or Conflict naming the place."""
    header = _header(tx, terms)
    ceiling_fen = header["ceiling_fen"]
    require_line_count(len(terms.lines))
    services = {row.code: row for row in (await tx.execute(select(service_types))).all() if row.active}
    lines = [await _line(tx, fund, services, line, place) for place, line in enumerate(terms.lines)]
    caps = [line["amount_cap_fen"] for line in lines]
    require_within_ceiling(caps, ceiling_fen, "lines_above_ceiling", ("input", "lines"))
    check_milestones(terms.milestones, (terms.effective_from_on, terms.ends_on))
    amounts = milestone_amounts(terms.milestones, ceiling_fen)
    served = sorted({community for line in lines for community in line["community_ids"]})
    return Checked(header, lines, amounts, served)


def _header(tx: Transaction, terms: Terms) -> dict[str, Any]:
    check_term(terms.effective_from_on, terms.ends_on, tx.today)
    if not 1 <= terms.payment_days <= MAX_PAYMENT_DAYS:
        raise Invalid(
            "payment_days_range", code="OUT_OF_RANGE", path=("input", "paymentDays"), most=MAX_PAYMENT_DAYS
        )
    retention = terms.retention_percent
    method = terms.procurement_method
    if method is not None:
        one_of(method, PROCUREMENT_METHODS, ("input", "procurementMethod"))
    return {
        "ceiling_fen": positive_fen_of(terms.ceiling, ("input", "ceiling")),
        "retention_bp": basis_points_of(retention, ("input", "retentionPercent")) if retention else 0,
        "payment_days": terms.payment_days,
        "shortfall_rule": one_of(terms.shortfall_rule, SHORTFALL_RULES, ("input", "shortfallRule")),
        "remainder_rule": one_of(terms.remainder_rule, REMAINDER_RULES, ("input", "remainderRule")),
        "procurement_method": method,
        "procurement_rationale": optional(
            terms.procurement_rationale, ("input", "procurementRationale"), MAX_TEXT_CHARS
        ),
        "effective_from_on": terms.effective_from_on,
        "ends_on": terms.ends_on,
    }


async def _line(
    tx: Transaction, fund: Row[Any], services: dict[str, Row[Any]], line: LineTerms, place: int
) -> dict[str, Any]:
    path = ("input", "lines", str(place))
    service = services.get(line.service_type_code)
    if service is None:
        raise Invalid("service_unknown", path=(*path, "serviceType"))
    amounts = line_amounts(line, path)
    community_ids = await communities_of(tx, fund.street_id, line.community_ids, (*path, "communities"))
    check_within_fund(line, service.strand, fund.purposes, fund.community_ids, path)
    check_criteria(line.criteria, path, of_line=True)
    return {
        "number": place + 1,
        "title": required(line.title, (*path, "title"), MAX_LINE_CHARS),
        "service_type_id": service.id,
        "kind": line.kind,
        "unit": one_of(line.unit or service.unit, SERVICE_UNITS, (*path, "unit")),
        "community_ids": community_ids,
        **amounts,
    }


def title_of(terms: Terms) -> str:
    """The title, bounded."""
    return required(terms.title, ("input", "title"), MAX_NAME_CHARS)


async def write_version(tx: Transaction, agreement: Row[Any], terms: Terms, checked: Checked) -> Row[Any]:
    """Store the terms as the agreement's current version. Returns the agreement.

    A version that was never approved is written over; an approved one stays as it is, and the next number is written.
    """
    current = await _current(tx, agreement)
    if current is not None and current.approved_by_id is None:
        for table in (criteria, milestones, agreement_lines):
            await tx.execute(delete(table).where(table.c.version_id == current.id))
        written = await _rewritten(tx, agreement, current, checked)
    else:
        written = await _added(tx, agreement, current, checked)
    await _write_lines(tx, agreement, written, terms, checked)
    await _write_milestones(tx, agreement, written, terms, checked)
    statement = (
        update(agreements)
        .where(agreements.c.id == agreement.id)
        .values(current_version_id=written.id)
        .returning(*agreements.c)
    )
    return (await tx.execute(statement)).one()


async def _current(tx: Transaction, agreement: Row[Any]) -> Row[Any] | None:
    if agreement.current_version_id is None:
        return None
    wanted = agreement_versions.c.id == agreement.current_version_id
    return (await tx.execute(select(agreement_versions).where(wanted))).one()


def _prepared(tx: Transaction, agreement: Row[Any], checked: Checked) -> dict[str, Any]:
    """The header, and that it is new: whatever was stated about an earlier wording no longer holds."""
    taken_back = {f"{step}_{what}": None for step in ("proposed", "certified") for what in ("by_id", "at")}
    return {
        **checked.header,
        **taken_back,
        "partner_id": agreement.partner_id,
        "community_ids": checked.community_ids,
        "prepared_by_id": tx.actor.membership_id,
        "prepared_at": tx.now,
    }


async def _rewritten(tx: Transaction, agreement: Row[Any], current: Row[Any], checked: Checked) -> Row[Any]:
    statement = (
        update(agreement_versions)
        .where(agreement_versions.c.id == current.id)
        .values(**_prepared(tx, agreement, checked))
        .returning(*agreement_versions.c)
    )
    return (await tx.execute(statement)).one()


async def _added(
    tx: Transaction, agreement: Row[Any], current: Row[Any] | None, checked: Checked
) -> Row[Any]:
    if current is not None:
        await cancel_milestones(tx, agreement.id, "agreement_draft")
    return await tx.insert(
        agreement_versions,
        agreement_id=agreement.id,
        number=1 if current is None else current.number + 1,
        created_at=tx.now,
        **_prepared(tx, agreement, checked),
        **_hanging(agreement, with_partner=False),
    )


def _hanging(agreement: Row[Any], *, with_partner: bool = True) -> dict[str, Any]:
    """The scope columns of what hangs on an agreement."""
    return {name: agreement._mapping[name] for name in (HANGING if with_partner else HANGING[:2])}


async def _write_lines(
    tx: Transaction, agreement: Row[Any], version: Row[Any], terms: Terms, checked: Checked
) -> None:
    common = {"agreement_id": agreement.id, "version_id": version.id, **_hanging(agreement)}
    for line, written in zip(terms.lines, checked.lines, strict=True):
        row = await tx.insert(agreement_lines, **written, **common)
        await _write_criteria(
            tx, line.criteria, {"line_id": row.id, "community_ids": row.community_ids, **common}
        )


async def _write_milestones(
    tx: Transaction, agreement: Row[Any], version: Row[Any], terms: Terms, checked: Checked
) -> None:
    common = {"agreement_id": agreement.id, "version_id": version.id, **_hanging(agreement)}
    common["community_ids"] = checked.community_ids
    by_code: dict[str, UUID] = {}
    for place, (milestone, (amount_fen, share_bp)) in enumerate(
        zip(terms.milestones, checked.milestones, strict=True)
    ):
        path = ("input", "milestones", str(place))
        row = await tx.insert(
            milestones,
            sequence=place + 1,
            code=required(milestone.code, (*path, "code"), MAX_LINE_CHARS),
            title=required(milestone.title, (*path, "title"), MAX_LINE_CHARS),
            kind=milestone.kind,
            due_on=milestone.due_on,
            amount_fen=amount_fen,
            share_bp=share_bp,
            depends_on_ids=[by_code[code] for code in dict.fromkeys(milestone.depends_on)],
            **common,
        )
        by_code[row.code] = row.id
        await _write_criteria(tx, milestone.criteria, {"milestone_id": row.id, **common})


async def _write_criteria(tx: Transaction, wanted: Sequence[CriterionTerms], common: dict[str, Any]) -> None:
    await tx.insert_many(criteria, [{**dataclasses.asdict(one), **common} for one in wanted])


async def cancel_milestones(tx: Transaction, agreement_id: UUID, command: str) -> int:
    """Carry every open milestone of the agreement to CANCELLED. Returns how many."""
    sources = MILESTONE.find(command).sources
    open_ones = select(milestones).where(
        milestones.c.agreement_id == agreement_id, milestones.c.status.in_(sources)
    )
    rows = (await tx.execute(open_ones.order_by(milestones.c.id).with_for_update(key_share=True))).all()
    for row in rows:
        await MILESTONE.move(tx, row, command)
    return len(rows)
