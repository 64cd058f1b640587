"""The everyday reads: what is asked, by whom, in our GraphQL. Other contestants ask for the same content in theirs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

from hub.bench.world import Facts

Who = Literal["manager", "accountant", "station"]

PERSON_AND_PLACE = "person { id name ageGroup } community { name }"
CASE = f"id reference kind status openedAt quantity delivered {PERSON_AND_PLACE}"
DELIVERY = "id reference status quantity unit happenedAt"


@dataclasses.dataclass(frozen=True)
class Read:
    """One question. `shown`: the path to the rows of its answer; `least`: how many a full world has."""

    key: str
    title: str
    who: Who
    text: str
    variables: Callable[[Facts], Mapping[str, Any]] = lambda _: {}
    shown: tuple[str, ...] = ()
    least: int = 0


REPORTED = """{
  total { visits { times persons households } caseServices { times persons households }
          promises { made kept late missed cancelled open } }
  byCommunity { community { name } visits { times persons households } caseServices { times persons households } }
  byService { serviceType { code } visits { times } caseServices { times persons } }
}"""


def _one_case(facts: Facts) -> Mapping[str, Any]:
    return {"id": facts.case_id}


def _year(facts: Facts) -> Mapping[str, Any]:
    return {"from": facts.year_from.isoformat(), "to": facts.today.isoformat()}


READS = (
    Read(
        "cases_page",
        "partner's page of the 50 cases that run longest with person, community and latest five deliveries",
        "manager",
        f"""query CasesPage {{ cases(last: 50) {{ nodes {{
  id reference kind status openedAt {PERSON_AND_PLACE}
  deliveries(first: 5, orderBy: HAPPENED_AT_DESC) {{ nodes {{ {DELIVERY} }} }}
}} }} }}""",
        shown=("cases", "nodes"),
        least=50,
    ),
    Read(
        "milestones_page",
        "finance's page of 50 milestones with agreement, partner, what became payable and was paid",
        "accountant",
        """query MilestonesPage { milestones(first: 50, orderBy: DUE_ON_DESC) { nodes {
  id code title kind status dueOn amount { amount } agreement { id reference title status } partner { id name }
  paymentRequests { id reference status payable { amount } dueOn payments { id status amount { amount } settledOn } }
} } }""",
        shown=("milestones", "nodes"),
        least=50,
    ),
    Read(
        "case_one",
        "one case by its id",
        "manager",
        f"""query CaseOne($id: ID!) {{ node(id: $id) {{ ... on Case {{ {CASE} }} }} }}""",
        _one_case,
        shown=("node",),
        least=1,
    ),
    Read(
        "station_report",
        "the station's report of its street over a year",
        "station",
        f"query StationReport($from: Date!, $to: Date!) {{ stationReport(from: $from, to: $to) {REPORTED} }}",
        _year,
        shown=("stationReport",),
        least=1,
    ),
    Read(
        "cases_wide",
        "the same of 100 cases with ten deliveries each: 1,000 rows",
        "manager",
        f"""query CasesWide {{ cases(last: 100) {{ nodes {{
  id reference kind status openedAt {PERSON_AND_PLACE}
  deliveries(first: 10, orderBy: HAPPENED_AT_DESC) {{ nodes {{ {DELIVERY} }} }}
}} }} }}""",
        shown=("cases", "nodes"),
        least=100,
    ),
)
