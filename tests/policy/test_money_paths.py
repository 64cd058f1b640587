"""From a payment to the people it was for, and what a report counts: within the scope, and without a name.

T9 of the specification's twenty tests, for the two roots that are asked for with arguments.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from hub.base.db import Server
from hub.people.rules import age_group
from hub.settings import Settings
from schema.build import registry
from tests.policy.asking import PERSON, Asker, asking
from tests.policy.expected import Oracle, gap_references
from tests.policy.fields import FIELDS, shown
from tests.policy.planted import TODAY, Planted
from tests.policy.test_paths import NESTED, asked, portions, trees

pytestmark = pytest.mark.anyio

VIEWERS = ("wang", "mei", "zhao", "qian", "sun", "cen", "bo", "kai", "gao", "an", "shen", "shan", "root_a")
TRACE = {"paymentTrace": "PaymentTrace"}
PERIOD = 'from: "2026-04-01", to: "2026-05-06"'
WITHOUT_NAMES = {
    "TracePerson": {"pseudonym", "ageGroup"},
    "TraceNeed": {"domain", "bradshawType", "status", "goals", "goalsAchieved", "goalStatus"},
    "TraceCase": {"reference", "kind", "status", "person", "goals", "needs"},
    "TraceGoal": {"status", "dueOn", "selfReliance"},
}
"""All that is told of people and needs in a trace (DOMAIN §3)."""


@pytest.fixture(scope="module")
async def hub(
    planted_module: Server, settings: Settings, planted: Planted, truth: Oracle
) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        asker.allowed = {name: truth.marks(name) | gap_references(truth, name) for name in VIEWERS}
        yield asker


def denied(truth: Oracle, name: str, type_name: str) -> bool:
    return str(truth.planted.viewers[name].role) not in FIELDS[type_name]


# ----------------------------------------------------------------------------------------------------- payment traces


def test_t9_people_and_needs_in_a_trace_are_types_without_a_name() -> None:
    known = registry()
    for type_name, fields in WITHOUT_NAMES.items():
        assert set(known.object_type(type_name).fields) == fields
    sources = known.types["TraceDelivery"].fields.values()
    leads = {getattr(source, "target", None) for source in sources} - {None}
    assert leads == {"AgreementLine", "ServiceType", "Community", "TracePerson", "TraceCase", "TraceNeed"}
    inner = {getattr(source, "target", None) for source in known.types["TraceCase"].fields.values()} - {None}
    assert inner == {"TracePerson", "TraceGoal", "TraceNeed"}


@pytest.mark.parametrize("name", VIEWERS)
async def test_t9_no_path_from_a_payment_leads_to_a_person_outside_the_scope(
    hub: Asker, truth: Oracle, name: str
) -> None:
    inside = {str(one) for one in truth.visible(name, "Person")}
    seen = {str(one) for one in truth.visible(name, "PaymentTrace")}
    tree = trees(truth, roots=TRACE)["paymentTrace"]
    found, traced = set[str](), set[str]()
    for part in portions(truth, tree, "PaymentTrace", NESTED):
        query = f"query($id: ID!) {{ paymentTrace(paymentId: $id) {{ {asked(truth, part, 'PaymentTrace', NESTED)} }} }}"
        for row in truth.rows_of("PaymentTrace"):
            reply = await hub.post(name, query, {"id": f"payment_{row['id']}"})
            body = reply.json()
            assert (body["data"]["paymentTrace"] is None) == (str(row["id"]) not in seen)
            traced |= {str(row["id"])} if body["data"]["paymentTrace"] else set()
            found |= set(PERSON.findall(reply.text))
    assert found <= inside
    assert traced == seen
    assert bool(found) == bool(inside and seen)  # the paths lead somewhere


@pytest.mark.parametrize("name", VIEWERS)
async def test_a_trace_tells_of_the_work_it_paid_for_by_pseudonym(
    hub: Asker, truth: Oracle, planted: Planted, name: str
) -> None:
    query = """query($id: ID!) { paymentTrace(paymentId: $id) { deliveries { reference
        person { pseudonym ageGroup } needs { domain bradshawType status goals } } } }"""
    payment = planted.payments["a@p1/M2"]
    reply = await hub.ask(name, query, id=f"payment_{payment}")
    if payment not in truth.visible(name, "PaymentTrace"):
        assert reply["data"] == {"paymentTrace": None}
        assert bool(reply.get("errors")) == denied(truth, name, "PaymentTrace")
        return
    told = {row["reference"]: row for row in reply["data"]["paymentTrace"]["deliveries"]}
    bills = {row["delivery_id"] for row in truth.rows["submission_deliveries"]}
    rows = [row for row in truth.rows_of("Delivery") if row["id"] in bills]
    people = {row["id"]: row for row in truth.rows_of("Person")}
    assert {
        row["reference"]: {
            "pseudonym": people[row["person_id"]]["pseudonym"],
            "ageGroup": age_group(people[row["person_id"]]["birth_on"], TODAY),
        }
        for row in rows
    } == {reference: row["person"] for reference, row in told.items()}
    assert rows
    assert all(row["needs"] for row in told.values())


@pytest.mark.parametrize("name", ["mei", "qian", "bo", "shen", "an"])
async def test_t12_a_foreign_payment_is_traced_as_a_missing_one(hub: Asker, truth: Oracle, name: str) -> None:
    query = "query($id: ID!) { paymentTrace(paymentId: $id) { id } }"
    seen = truth.visible(name, "PaymentTrace")
    missing = await hub.post(name, query, {"id": f"payment_{uuid4()}"})
    for row in truth.rows_of("PaymentTrace"):
        if row["id"] not in seen:
            assert (await hub.post(name, query, {"id": f"payment_{row['id']}"})).content == missing.content


# ------------------------------------------------------------------------------------------------------------- reports


def reported(truth: Oracle, name: str, place: Any) -> bool:
    """Whether a report about a street or community is for this viewer: her own; the auditor has streets alone."""
    viewer = truth.planted.viewers[name]
    match str(viewer.role):
        case "COMMUNITY_WORKER":
            return place["id"] == viewer.community_id
        case "AUDITOR":
            return place["kind"] == "STREET" and place["district_id"] == viewer.district_id
        case _:
            return place["street_id"] == viewer.street_id


@pytest.mark.parametrize("name", VIEWERS)
async def test_reports_are_about_the_viewers_own_places(hub: Asker, truth: Oracle, name: str) -> None:
    for place in truth.rows["organizations"]:
        if place["kind"] not in ("STREET", "COMMUNITY"):
            continue
        kind = place["kind"].lower()
        query = (
            f"query($id: ID!) {{ stationReport({PERIOD}, {kind}: $id) {{ total {{ visits {{ times }} }} }} }}"
        )
        reply = await hub.ask(name, query, id=f"{kind}_{place['id']}")
        if denied(truth, name, "StationReport"):
            assert reply["data"] == {"stationReport": None}
            assert [one["extensions"]["code"] for one in reply["errors"]] == ["FORBIDDEN"]
            continue
        assert (reply["data"]["stationReport"] is not None) == reported(truth, name, place), dict(place)
        assert "errors" not in reply


@pytest.mark.parametrize("name", VIEWERS)
async def test_reports_show_what_their_readers_may_know(hub: Asker, truth: Oracle, name: str) -> None:
    if denied(truth, name, "StationReport"):
        return
    role, fields = str(truth.planted.viewers[name].role), registry().object_type("StationReport").fields
    place = next(one for one in truth.rows["organizations"] if reported(truth, name, one))
    kind = place["kind"].lower()
    for field in fields:
        query = f"query($id: ID!) {{ stationReport({PERIOD}, {kind}: $id) {{ {field} {{ __typename }} }} }}"
        reply = await hub.ask(name, query, id=f"{kind}_{place['id']}")
        assert ("errors" not in reply) == (shown("StationReport", role, field) == "plain"), field
