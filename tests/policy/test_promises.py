"""What the specification promises by number, lived through the API: T13, T14, T15, T18, I15, and I5 for Hua."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from hub.worker import ready
from tests import harness
from tests.policy.asking import Asker, asking
from tests.policy.planted import Planted
from tests.policy.unchanged import fingerprint

pytestmark = pytest.mark.anyio
ERRORS = "userErrors { code message path }"


@pytest.fixture
async def hub(planted_database: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_database, settings, planted) as asker:
        yield asker


async def do(hub: Asker, name: str, mutation: str, **variables: Any) -> dict[str, Any]:
    """The payload of a mutation of one field."""
    body = await hub.ask(name, mutation, **variables)
    assert "errors" not in body, body["errors"]
    (payload,) = body["data"].values()
    return payload


async def seen(hub: Asker, name: str, global_id: str) -> bool:
    """Whether the object is there for somebody."""
    reply = await hub.ask(name, "query($id: ID!) { node(id: $id) { id } }", id=global_id)
    assert reply["data"]["node"] in (None, {"id": global_id})
    return reply["data"]["node"] is not None


ADD_HELPER = f"""mutation($id: ID!, $partner: ID!, $worker: ID) {{
    caseAddHelper(id: $id, partner: $partner, worker: $worker) {{ case {{ leadOrganization {{ id }} }} {ERRORS} }} }}"""


async def test_t13_joining_as_a_helper_does_not_change_the_responsible_organization(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    case, places = f"case_{planted.cases['active']}", planted.places
    lead = {"id": f"organization_{places['p1']}"}
    worker = f"membership_{planted.viewers['xia'].membership_id}"
    assert not await seen(hub, "xia", case)
    payload = await do(hub, "mei", ADD_HELPER, id=case, partner=f"partner_{places['p3']}", worker=worker)
    assert payload == {"case": {"leadOrganization": lead}, "userErrors": []}
    query = "query($id: ID!) { node(id: $id) { ... on Case { leadOrganization { id } leadWorker { id } } } }"
    for name in ("mei", "wang", "bo", "an", "gao", "xia"):
        case_now = (await hub.ask(name, query, id=case))["data"]["node"]
        assert case_now["leadOrganization"] == lead, name
    # A helper's cases are not among those it leads, and it may not do what the lead does.
    lists = "{ led: cases { nodes { id } } helped: cases(where: {role: HELPER}) { nodes { id } } }"
    cases = (await hub.ask("gao", lists))["data"]
    assert {"id": case} not in cases["led"]["nodes"]
    assert cases["helped"]["nodes"] == [{"id": case}]
    before = await fingerprint(planted_database)
    assign = f"mutation($id: ID!, $w: ID!) {{ caseAssignWorker(id: $id, worker: $w) {{ case {{ id }} {ERRORS} }} }}"
    refused = await do(hub, "gao", assign, id=case, w=worker)
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert await fingerprint(planted_database) == before


async def test_t14_the_handover_window_opens_and_shuts(
    hub: Asker, planted: Planted, planted_database: Server, settings: Settings
) -> None:
    case, person = f"case_{planted.cases['active']}", f"person_{planted.persons['active']}"
    assign = f"mutation($id: ID!, $w: ID!) {{ caseAssignWorker(id: $id, worker: $w) {{ case {{ id }} {ERRORS} }} }}"
    assert (await seen(hub, "an", person), await seen(hub, "ou", person)) == (True, False)
    payload = await do(hub, "bo", assign, id=case, w=f"membership_{planted.viewers['ou'].membership_id}")
    assert payload["userErrors"] == []
    for days in (0, 7):  # open: both read, as DOMAIN §4 says, for seven days
        hub.clock.instant += timedelta(days=days)
        assert (await seen(hub, "an", case), await seen(hub, "ou", case)) == (True, True), days
        assert (await seen(hub, "an", person), await seen(hub, "ou", person)) == (True, True), days
    # The window lets read and do nothing that is the lead's; a promise she had given is her successor's to keep.
    propose = f"mutation($id: ID!) {{ caseAssess(id: $id) {{ case {{ id }} {ERRORS} }} }}"
    assert (await do(hub, "an", propose, id=case))["userErrors"][0]["code"] == "NOT_FOUND"
    hub.clock.instant += timedelta(days=1)
    assert (await seen(hub, "an", case), await seen(hub, "an", person)) == (False, False)
    async with ready(settings, planted_database, hub.clock) as worker:
        await worker.tick()  # the successor reads on once the night's work is done
    assert (await seen(hub, "an", case), await seen(hub, "ou", case)) == (False, True)
    visit = f"visit_{planted.visits['active']}"
    assert (await seen(hub, "an", visit), await seen(hub, "ou", visit)) == (False, True)


REGISTER = f"""mutation($i: PersonRegisterInput!) {{
    personRegister(input: $i) {{ person {{ id reference }} {ERRORS} }} }}"""


@pytest.mark.parametrize(
    ("name", "at", "knows"), [("li", "a2", False), ("wang", "a1", True), ("mei", "a2", True)]
)
async def test_t15_a_duplicate_id_number_names_the_conflict_and_reveals_nothing(
    hub: Asker, planted: Planted, planted_database: Server, name: str, at: str, knows: bool
) -> None:
    given = {
        "community": f"community_{planted.places[at]}",
        "name": "李四",
        "idNumber": planted.id_numbers["active"],
        "householdRelation": "HEAD",
    }
    rows = await harness.run_sql(
        planted_database,
        "select reference, name, pseudonym, id::text, household_id::text from persons where id = $1",
        planted.persons["active"],
    )
    other = dict(rows[0])
    before = await fingerprint(planted_database)
    reply = await hub.post(name, REGISTER, {"i": given})
    payload = reply.json()["data"]["personRegister"]
    assert payload["person"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("DUPLICATE", ["input", "idNumber"])
    assert (other["reference"] in reply.text) == knows  # only where she is among one's own
    assert not [value for key, value in other.items() if key != "reference" and value in reply.text]
    assert await fingerprint(planted_database) == before


async def test_t15_in_another_street_the_number_is_free(hub: Asker, planted: Planted) -> None:
    """Streets know nothing of each other: not even that somebody is registered there."""
    given = {
        "community": f"community_{planted.places['b1']}",
        "name": "李四",
        "idNumber": planted.id_numbers["active"],
        "householdRelation": "HEAD",
    }
    payload = await do(hub, "bei", REGISTER, i=given)
    assert payload["userErrors"] == []


FAIL = """
create function fail_audit() returns trigger language plpgsql as $$ begin raise exception 'no ink ZQsecret'; end $$;
create trigger fail before insert on audit_events for each row execute function fail_audit();
"""


async def test_t18_a_failing_audit_insert_aborts_the_mutation(
    hub: Asker, planted: Planted, planted_database: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    calls = _mutations(planted)
    async with harness.connect_as(planted_database, "admin") as connection:
        await connection.execute(FAIL)
    before = await fingerprint(planted_database)
    for name, mutation, variables in calls:
        reply = await hub.post(name, mutation, variables, plain=True)
        assert reply.status_code >= 500 or reply.json().get("errors"), (mutation, reply.text)
        assert [word for word in ("ink", "audit") if word in reply.text] == []
        assert not [secret for secret in planted.secrets if secret in reply.text], mutation
        assert await fingerprint(planted_database) == before, mutation
    logged = "".join(capfd.readouterr())
    assert logged.count("graphql_request_failed") == len(calls)
    assert "sqlstate=P0001" in logged  # what an operator needs is there, what was said about a person is not
    assert not [secret for secret in ("no ink", *planted.secrets, "13712345678") if secret in logged]


async def test_t18_control_the_same_mutations_are_done_when_the_audit_works(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    for name, mutation, variables in _mutations(planted):
        before = await fingerprint(planted_database)
        reply = await hub.post(name, mutation, variables, plain=True)
        (payload,) = reply.json()["data"].values()
        assert payload["userErrors"] == [], (mutation, payload)
        assert (await fingerprint(planted_database))["audit_events"] != before["audit_events"], mutation


def _mutations(planted: Planted) -> list[tuple[str, str, dict[str, Any]]]:
    """One call each of many commands, all of which would succeed."""
    places, world = planted.places, planted
    register = {
        "community": f"community_{places['a1']}",
        "name": "新人",
        "birthDate": "1950-01-01",
        "sex": "MALE",
    }
    need = {"person": f"person_{world.persons['active']}", "domain": "CARE", "bradshawType": "NORMATIVE"}
    consent = {"person": f"person_{world.persons['registered']}", "grantee": f"street_{places['a']}"}
    said = {"outcome": "COMPLETED", "keptAt": "2026-05-06T09:59:00+08:00", "findings": "好"}
    reason = 'reasonCode: OTHER, reason: "x"'
    returned, record = "$id: ID!", "$id: ID!, $i: VisitRecordInput!"
    stake = {"partner": f"partner_{places['p2']}", "reason": "x"}
    recorded = {"id": f"visit_{world.visits['bei@p1']}", "i": said}
    leaver = {"id": f"membership_{world.viewers['tao'].membership_id}"}
    again = {"id": f"referral_{world.referrals['submitted2']}"}
    done = [
        ("wang", "personRegister", "$i: PersonRegisterInput!", "input: $i", {"i": register}),
        ("wang", "needState", "$i: NeedStateInput!", "input: $i", {"i": need | {"statement": "x"}}),
        ("wang", "consentGive", "$i: ConsentGiveInput!", "input: $i", {"i": consent}),
        ("wang", "consentWithdraw", "$id: ID!", "id: $id", {"id": f"consent_{world.consents['second']}"}),
        ("mei", "referralTriage", "$id: ID!", "id: $id", {"id": f"referral_{world.referrals['submitted']}"}),
        ("mei", "referralReturn", returned, f"id: $id, {reason}", again),
        ("wang", "referralCancel", "$id: ID!", f"id: $id, {reason}", {"id": f"referral_{world.referrals['station']}"}),
        ("bo", "offerAccept", "$id: ID!", "id: $id", {"id": f"offer_{world.offers['pending@p1']}"}),
        ("kai", "offerDecline", "$id: ID!", f"id: $id, {reason}", {"id": f"offer_{world.offers['declined@p2']}"}),
        ("bo", "caseHandBack", "$id: ID!", f"id: $id, {reason}", {"id": f"case_{world.cases['unassigned']}"}),
        ("an", "visitRecord", record, "id: $id, input: $i", recorded),
        ("mei", "conflictDeclare", "$i: ConflictDeclareInput!", "input: $i", {"i": stake}),
        ("root_a", "membershipEnd", "$id: ID!", 'id: $id, reason: "x"', leaver),
        ("root_a", "clientRevoke", "$id: ID!", "id: $id", {"id": f"client_{world.clients['wang'][0]}"}),
    ]  # fmt: skip
    found = [(who, f"mutation({declared}) {{ {name}({given}) {{ {ERRORS} }} }}", values) for who, name, declared, given, values in done]  # fmt: skip  # noqa: E501
    reveal = "mutation($id: ID!) { personReveal(id: $id, fields: [PHONE], purpose: CONTACT) { person { phone } userErrors { code } } }"  # noqa: E501
    return [*found, ("wang", reveal, {"id": f"person_{world.persons['registered']}"})]


async def test_i15_after_consent_is_withdrawn_the_next_request_finds_the_person_gone(
    hub: Asker, planted: Planted
) -> None:
    ids = {
        "person": f"person_{planted.persons['active']}",
        "case": f"case_{planted.cases['active']}",
        "need": f"need_{planted.needs['active']}",
        "referral": f"referral_{planted.referrals['active']}",
        "consent": f"consent_{planted.consents['active']}",
    }
    visit = f"visit_{planted.visits['active']}"
    for name in ("an", "bo"):
        assert [kind for kind, one in ids.items() if not await seen(hub, name, one)] == []
    withdraw = f"mutation($id: ID!) {{ consentWithdraw(id: $id) {{ consent {{ status }} {ERRORS} }} }}"
    payload = await do(hub, "wang", withdraw, id=ids["consent"])
    assert payload == {"consent": {"status": "WITHDRAWN"}, "userErrors": []}
    for name in ("an", "bo"):
        assert [kind for kind, one in ids.items() if await seen(hub, name, one)] == []
        query = """query($id: ID!) { node(id: $id) { ... on Visit {
            personPseudonym status reference person { id } case { id } findings { id } } } }"""
        reply = await hub.post(name, query, {"id": visit})
        kept = reply.json()["data"]["node"]
        assert kept["personPseudonym"].startswith("R-")
        assert (kept["status"], bool(kept["reference"])) == ("PLANNED", True)
        assert (kept["person"], kept["case"], kept["findings"]) == (None, None, None)
    for name in ("wang", "mei"):
        assert [kind for kind, one in ids.items() if not await seen(hub, name, one)] == []


async def test_i15_nor_is_anything_told_by_commands_after_consent_is_withdrawn(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    withdraw = f"mutation($id: ID!) {{ consentWithdraw(id: $id) {{ {ERRORS} }} }}"
    await do(hub, "wang", withdraw, id=f"consent_{planted.consents['active']}")
    before = await fingerprint(planted_database)
    reveal = "mutation($id: ID!) { personReveal(id: $id, fields: [PHONE], purpose: CONTACT) { person { phone } userErrors { code } } }"  # noqa: E501
    payload = await do(hub, "an", reveal, id=f"person_{planted.persons['active']}")
    assert payload == {"person": None, "userErrors": [{"code": "NOT_FOUND"}]}
    hub.clock.instant += timedelta(days=1)
    opened = 'daySheetOpen(date: "2026-05-07") { entries { name address visit } userErrors { code } }'
    sheet = f"mutation {{ dayGone: {opened} }}"
    reply = await hub.post("an", sheet)
    assert reply.json()["data"]["dayGone"] == {"entries": [], "userErrors": []}
    assert await fingerprint(planted_database) == before


async def test_i15_after_the_membership_ends_the_next_request_is_401(hub: Asker, planted: Planted) -> None:
    query, end = (
        "{ viewer { user { id } } }",
        f'mutation($id: ID!) {{ membershipEnd(id: $id, reason: "x") {{ {ERRORS} }} }}',
    )
    for name, by in (("an", "bo"), ("tao", "root_a")):
        assert (await hub.post(name, query)).status_code == 200
        payload = await do(hub, by, end, id=f"membership_{planted.viewers[name].membership_id}")
        assert payload["userErrors"] == []
        for _ in range(2):
            reply = await hub.post(name, query)
            assert reply.status_code == 401
            assert "data" not in json.loads(reply.text)
        assert (
            await hub.post(name, 'mutation { noticeRead(id: "x") { userErrors { code } } }')
        ).status_code == 401


async def test_i15_a_mutation_is_refused_too_while_the_viewer_is_still_remembered(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    """The first request after the end is a mutation: who the viewer is was kept, whether she is live was not."""
    assert (await hub.post("mei", "{ viewer { user { id } } }")).status_code == 200
    end = f'mutation($id: ID!) {{ membershipEnd(id: $id, reason: "x") {{ {ERRORS} }} }}'
    await do(hub, "root_a", end, id=f"membership_{planted.viewers['mei'].membership_id}")
    before = await fingerprint(planted_database)
    triage = f"mutation($id: ID!) {{ referralTriage(id: $id) {{ {ERRORS} }} }}"
    reply = await hub.post("mei", triage, {"id": f"referral_{planted.referrals['submitted']}"})
    assert reply.status_code == 401
    assert await fingerprint(planted_database) == before


async def test_i15_after_the_client_is_revoked_the_next_request_is_401(hub: Asker, planted: Planted) -> None:
    query = "{ people(first: 1) { nodes { id } } }"
    name, other = [await hub.as_client(planted.clients[key]) for key in ("wang", "an")]
    assert (await hub.post(name, query)).status_code == 200
    revoke = f"mutation($id: ID!) {{ clientRevoke(id: $id) {{ {ERRORS} }} }}"
    assert (await do(hub, "root_a", revoke, id=f"client_{planted.clients['wang'][0]}"))["userErrors"] == []
    assert (await hub.post(name, query)).status_code == 401
    assert (await hub.post(other, query)).status_code == 200
    assert (await hub.post("wang", query)).status_code == 200  # her own session goes on


async def test_a_client_without_scopes_runs_no_command(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    name = await hub.as_client(planted.clients["wang"])
    before = await fingerprint(planted_database)
    cancel = (
        f'mutation($id: ID!) {{ referralCancel(id: $id, reasonCode: OTHER, reason: "x") {{ {ERRORS} }} }}'
    )
    reply = await hub.ask(name, cancel, id=f"referral_{planted.referrals['submitted']}")
    assert [error["extensions"]["code"] for error in reply["errors"]] == ["FORBIDDEN"]
    assert await fingerprint(planted_database) == before


OFFER = f"""mutation($id: ID!, $p: ID!, $line: ID!) {{
    referralOffer(id: $id, partner: $p, line: $line, quantity: 1) {{ referral {{ id }} {ERRORS} }} }}"""


async def test_i5_hua_of_the_station_may_not_offer_to_the_partner_that_employs_her(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    await do(
        hub,
        "mei",
        f"mutation($id: ID!) {{ referralTriage(id: $id) {{ {ERRORS} }} }}",
        id=f"referral_{planted.referrals['submitted']}",
    )
    referral = f"referral_{planted.referrals['submitted']}"
    before = await fingerprint(planted_database)
    line, other = (f"agreement_line_{planted.lines[f'a@{one}/HOME_HAIRCUT']}" for one in ("p1", "p2"))
    refused = await do(hub, "hua", OFFER, id=referral, p=f"partner_{planted.places['p2']}", line=other)
    assert refused["referral"] is None
    assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [
        ("CONFLICT_OF_INTEREST", ["partner"])
    ]
    refused = await do(
        hub, "tao", OFFER, id=referral, p=f"partner_{planted.places['p3']}", line=line
    )  # she has declared it
    assert [error["code"] for error in refused["userErrors"]] == ["CONFLICT_OF_INTEREST"]
    assert await fingerprint(planted_database) == before
    done = await do(hub, "hua", OFFER, id=referral, p=f"partner_{planted.places['p1']}", line=line)
    assert done == {"referral": {"id": referral}, "userErrors": []}
