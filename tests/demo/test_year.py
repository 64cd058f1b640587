"""The whole demo world, made once for this module: a year of visits and deliveries, and where its money stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.acceptance.states import APPEAL, DEDUCTION, SUBMISSION
from hub.agreements.states import AGREEMENT, MILESTONE
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.machine import Machine
from hub.base.seal import Vault
from hub.cases.states import CASE, GOAL
from hub.deliveries.states import DELIVERY
from hub.demo import cast
from hub.demo.load import load_demo
from hub.demo.programme import ENTRIES
from hub.demo.year_county import CASEWORK
from hub.demo.year_home import COURSES
from hub.documents.archive import Archive
from hub.payments.states import BANK_ACCOUNT, INVOICE, PAYMENT, PAYMENT_REQUEST
from hub.people.states import CONSENT, NEED
from hub.referrals.states import OFFER, REFERRAL
from hub.settings import Settings
from hub.verify import disagreements
from hub.visits.states import VISIT
from tests import harness
from tests.journeys.running import running
from tests.world import SEED, TODAY

pytestmark = [pytest.mark.full, pytest.mark.anyio]

UNREACHED = {
    REFERRAL.name: {"DRAFT", "ON_HOLD"},  # a draft is submitted in the transaction that makes it
    CASE.name: {"SUSPENDED"},
    SUBMISSION.name: {"DRAFT"},
    MILESTONE.name: {
        "RETURNED",
        "REJECTED",
        "WAIVED",
        "CANCELLED",
    },  # returned and rejected ones were claimed anew
    AGREEMENT.name: {
        *("DRAFT", "PARTNER_ACCEPTED", "SUSPENDED", "CLOSING", "CLOSED"),
        *("DECLINED", "CANCELLED", "TERMINATED"),
    },
}
"""States that nothing is left in: no present command leads there, or the demo's stories go on from them."""

MACHINES = (
    *(REFERRAL, OFFER, CASE, GOAL, CONSENT, NEED, VISIT, DELIVERY, AGREEMENT, MILESTONE),
    *(SUBMISSION, DEDUCTION, APPEAL, INVOICE, BANK_ACCOUNT, PAYMENT_REQUEST, PAYMENT),
)

YEAR = """query Year($from: DateTime!, $to: DateTime!) {
  visits(first: 1, where: {promisedFrom: $from, promisedTo: $to}) { totalCount }
  deliveries(first: 1, where: {happenedFrom: $from, happenedTo: $to}) { totalCount }
}"""
TODAY_AT_NINE = datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=UTC)
QUEUE = "{ viewer { queue { kind count } } }"
WAITING = {
    "qian": {"PAYMENTS_TO_CHECK", "PAYMENTS_TO_SETTLE", "ACCOUNTS_TO_VERIFY", "AGREEMENTS_TO_CERTIFY"},
    "sun": {"PAYMENTS_TO_SEND"},
    "zhao": {"PAYMENTS_TO_APPROVE", "AGREEMENTS_TO_APPROVE", "APPEALS_TO_DECIDE"},
    "bo": {"INVOICES_WANTED", "MILESTONES_DUE", "AGREEMENTS_TO_ACCEPT", "OFFERS_TO_DECIDE"},
    "mei": {"SUBMISSIONS_TO_REVIEW", "PAYMENTS_TO_CONFIRM", "PAYMENTS_RETURNED", "REFERRALS_TO_TRIAGE"},
}
"""Who finds what in the queue on the morning of the world's day."""


@pytest.fixture(scope="module")
async def year(module_database: Server, settings: Settings) -> Server:
    """The demo world on a Wednesday in May."""
    await load_demo(module_database, settings, TODAY, SEED, "demo")
    return module_database


async def _number(server: Server, query: str) -> int:
    return int((await harness.run_sql(server, f"select ({query}) as n"))[0]["n"])


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
async def test_every_reachable_state_is_there(year: Server, machine: Machine) -> None:
    rows = await harness.run_sql(year, f"select distinct status from {machine.table}")

    assert {row["status"] for row in rows} == set(machine.states) - UNREACHED.get(machine.name, set())


async def test_people_and_referrals_are_as_many_as_the_programme_says(year: Server) -> None:
    assert await _number(year, "select count(*) from persons") >= 1200
    told = len(ENTRIES) + len(CASEWORK) + len(COURSES)
    assert await _number(year, "select count(*) from referrals") == told


async def test_books_agree(year: Server) -> None:
    assert await disagreements(year) == []
    assert await _number(year, "select sum(amount_fen) from entries") == 0


async def test_year_has_over_300_visits_and_260_deliveries_and_queues_are_full(
    year: Server, settings: Settings
) -> None:
    clock = FixedClock(TODAY_AT_NINE, settings.time_zone)
    begins, ends = clock.at(TODAY - timedelta(days=365), 0), clock.at(TODAY, 0)
    async with running(settings, year) as hub:
        period = {"from": begins.isoformat(), "to": ends.isoformat()}
        counted = await hub.ask("mei", YEAR, **period)
        queues: dict[str, Any] = {name: await hub.ask(name, QUEUE) for name in WAITING}

    assert counted["visits"]["totalCount"] > 300
    assert counted["deliveries"]["totalCount"] > 260
    found = {
        name: {line["kind"] for line in answer["viewer"]["queue"] if line["count"]}
        for name, answer in queues.items()
    }
    assert {name: kinds - found[name] for name, kinds in WAITING.items()} == {name: set() for name in WAITING}


async def test_county_contract_is_at_work(year: Server) -> None:
    lines = await harness.run_sql(
        year,
        "select l.title, u.quantity_cap, u.done, u.unreachable, u.owed from agreements a"
        " join agreement_lines l on l.version_id = a.current_version_id cross join lateral line_usage(l.id) u"
        " where a.title = '社会工作服务项目' and a.status = 'ACTIVE'",
    )
    done = {line["title"]: (line["done"], line["unreachable"]) for line in lines}

    assert done["大型活动"] == (5, 1)  # one had too few people
    assert done["小型活动"] == (6, 0)
    assert done["个案"][0] == 5  # of two that go on, each lacks one follow-up
    assert done["小组"][0] >= 3
    assert (
        await _number(year, "select ceiling_fen from agreements where title = '社会工作服务项目'")
        == 105_000_000
    )


async def test_two_cases_of_the_county_contract_lack_one_follow_up_each(year: Server) -> None:
    lacking = await harness.run_sql(
        year,
        "select p.reason, p.value, p.target, p.lacking from agreements a join milestones m on m.agreement_id = a.id"
        " join criteria k on k.version_id = a.current_version_id and k.metric = 'FOLLOW_UPS'"
        " cross join lateral progress_missing(m.id, k.id, k.line_id) p"
        " where a.title = '社会工作服务项目' and m.code = 'M3'",
    )

    assert [tuple(row) for row in lacking] == [("BELOW_QUALITY", 5, 6, 1)] * 2


async def test_courses_are_promised_on_weekdays_by_day(year: Server) -> None:
    odd = await harness.run_sql(
        year,
        "select v.reference from visits v join memberships m on m.id = v.worker_id"
        " cross join lateral (select v.promised_from_at at time zone 'Asia/Shanghai' as at) w"
        " where m.display_name = any ($1)"
        " and (extract(isodow from w.at) > 5 or extract(hour from w.at) not between 8 and 18)",
        [post.name for post in cast.YEAR],
    )

    assert [row["reference"] for row in odd] == []


async def test_evidence_lies_in_the_archive(year: Server, settings: Settings) -> None:
    rows = await harness.run_sql(
        year, "select id, street_id, sha256, size_bytes from documents where status = 'STORED'"
    )
    archive = Archive(settings.documents, Vault(settings.secret))

    assert len(rows) > 100
    for row in rows:
        place = archive.place(row["street_id"], row["sha256"], row["id"])
        assert sum(map(len, archive.read(place, row["id"]))) == row["size_bytes"]


async def test_county_payment_was_confirmed_by_a_community_and_appealed(year: Server) -> None:
    rows = await harness.run_sql(
        year,
        "select q.kind, q.status, q.payable_fen from payment_requests q"
        " join agreements a on a.id = q.agreement_id join milestones m on m.id = q.milestone_id"
        " where a.title = '社会工作服务项目' and m.code = 'M2' order by q.id",
    )

    assert [tuple(row) for row in rows] == [
        ("ORDINARY", "PAID", 39_800_000),
        ("SUPPLEMENTARY", "CHECKED", 1_200_000),
    ]
    assert await _number(year, "select count(*) from reviews where decision = 'SECONDED'") == 2
