"""The demo's contracts and papers, without a database: the county contract to every figure that is known of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub.agreements.rules import CriterionTerms, LineTerms, line_amounts, milestone_amounts
from hub.base.money import fen_of
from hub.demo.contracts import PRICES, STAGES, Span, county_contract
from hub.demo.papers import page, picture
from hub.documents.media import media_type_of
from tests.agreements import county

SPAN = Span(date(2026, 5, 6), [UUID(int=1), UUID(int=2)])


def _told(line: LineTerms) -> dict[str, Any]:
    """A line of ours in the words of the fixture; what it leaves out is left out."""
    told = {
        "kind": line.kind,
        "communities": line.community_ids,
        "title": line.title,
        "serviceType": line.service_type_code,
        "unit": line.unit,
        "unitPrice": None if line.unit_price is None else str(line.unit_price),
        "quantityCap": line.quantity_cap,
        "amountCap": None if line.amount_cap is None else str(line.amount_cap),
        "criteria": [_criterion(one) for one in line.criteria],
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def _criterion(one: CriterionTerms) -> dict[str, Any]:
    assert one.operator == "AT_LEAST"
    return {"metric": one.metric, "target": one.target, "perUnit": one.per_unit}


def test_county_contract_has_every_figure_of_the_fixture() -> None:
    ours = county_contract(SPAN)
    lines = [_told(line) for line in ours.lines]
    groups = next(line for line in lines if line["title"] == "小组")

    assert str(ours.ceiling) == county.CEILING
    assert groups.pop("unit") == "SERIES"
    places: list[Any] = list(SPAN.communities)
    wanted = county.lines(places)
    for line in wanted:
        if line["title"] == "小组":
            line.pop("unit", None)
    assert lines == wanted
    assert [(m.kind, str(m.share_percent)) for m in ours.milestones] == [
        (m["kind"], m["sharePercent"]) for m in county.milestones()
    ]


def test_lines_of_the_county_contract_add_up_to_its_ceiling() -> None:
    ours = county_contract(SPAN)
    amounts = [line_amounts(line, ())["amount_cap_fen"] or 0 for line in ours.lines]

    assert sum(amounts) == fen_of(ours.ceiling, ()) == 105_000_000


@pytest.mark.parametrize("partner", PRICES)
def test_stages_of_the_other_contracts_come_to_their_ceiling(partner: str) -> None:
    ceiling = sum((Decimal(price) * count for price, count in PRICES[partner].values()), Decimal(0))
    stages = STAGES[partner](SPAN, ceiling)
    amounts = [fen for fen, _ in milestone_amounts(stages, fen_of(ceiling, ()))]

    assert sum(amounts) == fen_of(ceiling, ())
    assert all(amount > 0 for amount in amounts)
    assert all(SPAN.begins <= stage.due_on <= SPAN.ends + timedelta(days=30) for stage in stages)


def test_papers_are_what_they_say_and_all_different() -> None:
    pictures, pages = (
        {picture(number) for number in range(300)},
        {page(f"REPORT {number}") for number in range(9)},
    )

    assert len(pictures) == 300
    assert len(pages) == 9
    assert {media_type_of(one) for one in pictures} == {"image/png"}
    assert {media_type_of(one) for one in pages} == {"application/pdf"}
