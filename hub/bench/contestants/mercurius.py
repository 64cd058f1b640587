"""Mercurius with compiled queries and loaders written by hand: its GraphQL for the everyday reads.

The station's report is left out: written by hand it would be one fixed statement, which `by_hand` measures already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.bench.contestant import Contestant
from hub.bench.contestants import node, rows
from hub.bench.world import Facts

CASE = "id reference kind status openedAt person { id name ageGroup } community { name }"


def _cases(name: str, last: int, deliveries: int) -> str:
    return f"""query {name} {{ cases(last: {last}) {{ {CASE}
  deliveries(first: {deliveries}) {{ id reference status quantity unit happenedAt }}
}} }}"""


TEXTS = {
    "cases_page": _cases("CasesPage", 50, 5),
    "milestones_page": """query MilestonesPage { milestones(first: 50) {
  id code title kind status dueOn amount: amountFen agreement { id reference title status } partner { id name }
  paymentRequests {
    id reference status payable: payableFen dueOn payments { id status amount: amountFen settledOn }
  }
} }""",
    "case_one": f"query CaseOne($id: ID!) {{ node: case(id: $id) {{ {CASE} quantity delivered }} }}",
    "cases_wide": _cases("CasesWide", 100, 10),
}


def variables(key: str, ours: Mapping[str, Any], facts: Facts) -> Mapping[str, Any]:
    """Rows by their own ids; whose they are is in the where clauses."""
    return {"id": ours["id"].removeprefix("case_")} if key == "case_one" else ours


CONTESTANT = Contestant(
    "mercurius",
    "Mercurius with JIT and loaders written by hand, no row-level security",
    node.command("mercurius"),
    TEXTS,
    rows.shown,
    variables,
    node.PRODUCTION,
    node.missing,
)
