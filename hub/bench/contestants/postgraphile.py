"""PostGraphile 5 on our own tables: its GraphQL for the everyday reads.

Fields go by our names through aliases, which cost nothing once an operation is planned. What ours decides by itself
is asked for: only the cases that the partner leads; oldest first, since a list has no `last`. The station's report is
left out: PostGraphile would pass on the same database functions, so that it would measure nothing of PostGraphile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.bench.contestant import Contestant
from hub.bench.contestants import node, rows
from hub.bench.world import Facts

CASE = """id: rowId reference kind status openedAt
  person: personByPersonId { id: rowId name ageGroup } community: organizationByCommunityId { name }"""


def _cases(name: str, first: int, deliveries: int) -> str:
    return f"""query {name}($partner: UUID!) {{
  cases: allCasesList(first: {first}, condition: {{partnerId: $partner}}, orderBy: [PRIMARY_KEY_ASC]) {{ {CASE}
    deliveries: deliveriesByCaseIdList(first: {deliveries}, orderBy: [HAPPENED_AT_DESC, PRIMARY_KEY_DESC]) {{
      id: rowId reference status quantity unit happenedAt
    }}
  }}
}}"""


TEXTS = {
    "cases_page": _cases("CasesPage", 50, 5),
    "milestones_page": """query MilestonesPage {
  milestones: allMilestonesList(first: 50, orderBy: [DUE_ON_DESC, PRIMARY_KEY_DESC]) {
    id: rowId code title kind status dueOn amount: amountFen
    agreement: agreementByAgreementId { id: rowId reference title status }
    partner: organizationByPartnerId { id: rowId name }
    paymentRequests: paymentRequestsByMilestoneIdList(orderBy: [PRIMARY_KEY_ASC]) {
      id: rowId reference status payable: payableFen dueOn
      payments: paymentsByRequestIdList(orderBy: [PRIMARY_KEY_ASC]) { id: rowId status amount: amountFen settledOn }
    }
  }
}""",
    "case_one": f"""query CaseOne($id: UUID!) {{
  node: caseByRowId(rowId: $id) {{ {CASE} quantity delivered: deliveredCount }}
}}""",
    "cases_wide": _cases("CasesWide", 100, 10),
}


def variables(key: str, ours: Mapping[str, Any], facts: Facts) -> Mapping[str, Any]:
    """Rows by their own ids; the list of cases by the partner who leads them."""
    match key:
        case "case_one":
            return {"id": ours["id"].removeprefix("case_")}
        case "cases_page" | "cases_wide":
            return {"partner": str(facts.asking["manager"].row["partner_id"])}
        case _:
            return ours


def _shown(key: str, data: Any) -> Any:
    """The last page of ours is newest first."""
    return rows.shown(key, {**data, "cases": data["cases"][::-1]} if "cases" in data else data)


CONTESTANT = Contestant(
    "postgraphile",
    "PostGraphile 5, row-level security on",
    node.command("postgraphile"),
    TEXTS,
    _shown,
    variables,
    node.PRODUCTION,
    node.missing,
)
