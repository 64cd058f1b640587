"""The machinery around commands: keys, versions, retries, many at once, and what a payload shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.base.words import message
from tests import harness
from tests.schema.asking import Answer, Hub, gid
from tests.world import World

pytestmark = pytest.mark.anyio

TRIAGE = """mutation($id: ID!, $key: String, $note: String, $version: Int) {
  referralTriage(id: $id, idempotencyKey: $key, note: $note, expectedVersion: $version) {
    referral { id status version } userErrors { code message path }
  }
}"""


async def audited(hub: Hub, action: str) -> int:
    """How often the command is in the audit trail."""
    query = "select count(*) from audit_events where action = $1"
    return (await harness.run_sql(hub.app.server, query, action))[0][0]


def outcome(answer: Answer) -> tuple[Any, list[tuple[str, list[str]]]]:
    """What the one payload shows first, and its user errors as code and path."""
    (payload,) = answer.data.values()
    shown = next(value for key, value in payload.items() if key != "userErrors")
    return shown, [(error["code"], error["path"]) for error in payload["userErrors"]]


@pytest.fixture
def referral(world: World) -> str:
    """A SUBMITTED referral of 七里沟."""
    return gid("referral", world.referrals["submitted"])


async def test_a_replay_answers_with_the_selection_of_now(writing: Hub, world: World, referral: str) -> None:
    mei, before = world.viewers["mei"], await audited(writing, "referral_triage")
    first, errors = outcome(await writing.ask(mei, TRIAGE, {"id": referral, "key": "k"}))
    assert (first["status"], errors) == ("TRIAGED", [])
    other = """mutation($id: ID!) { again: referralTriage(id: $id, idempotencyKey: "k") {
      referral { ...F } userErrors { code } } }
    fragment F on Referral { urgency person { id } }"""
    shown, errors = outcome(await writing.ask(mei, other, {"id": referral}))
    person = {"id": gid("person", world.persons["submitted"])}
    assert (shown["person"], errors) == (person, [])
    assert await audited(writing, "referral_triage") == before + 1


async def test_a_key_stands_for_one_request_of_one_member(writing: Hub, world: World, referral: str) -> None:
    mei, tao = world.viewers["mei"], world.viewers["tao"]
    asked = {"id": referral, "key": "k", "note": "a"}
    assert outcome(await writing.ask(mei, TRIAGE, asked))[1] == []
    mismatch = [("IDEMPOTENCY_MISMATCH", ["idempotencyKey"])]
    assert outcome(await writing.ask(mei, TRIAGE, {**asked, "note": "b"})) == (None, mismatch)
    elsewhere = {**asked, "id": gid("referral", world.referrals["submitted_li"])}
    assert outcome(await writing.ask(mei, TRIAGE, elsewhere)) == (None, mismatch)
    assert outcome(await writing.ask(tao, TRIAGE, elsewhere))[1] == []


async def test_a_literal_and_a_variable_are_one_request(writing: Hub, world: World) -> None:
    """Defaults of an input object count as given either way."""
    wang, person = world.viewers["wang"], gid("person", world.persons["bystander"])
    fields = 'domain: CARE, bradshawType: NORMATIVE, statement: "s"'
    shows = "{ need { id } userErrors { code path } }"
    literal = f"input: {{ person: $p, {fields} }}"
    by_literal = f'mutation($p: ID!) {{ needState(idempotencyKey: "k", {literal}) {shows} }}'
    by_variable = f'mutation($i: NeedStateInput!) {{ needState(idempotencyKey: "k", input: $i) {shows} }}'
    given = {"person": person, "domain": "CARE", "bradshawType": "NORMATIVE", "statement": "s"}
    first = outcome(await writing.ask(wang, by_literal, {"p": person}))
    assert first[1] == []
    assert outcome(await writing.ask(wang, by_variable, {"i": given})) == first


async def test_a_failed_attempt_leaves_its_key_free(writing: Hub, world: World, referral: str) -> None:
    mei = world.viewers["mei"]
    stale = await writing.ask(mei, TRIAGE, {"id": referral, "key": "k", "version": 99})
    assert outcome(stale) == (None, [("STALE", ["expectedVersion"])])
    assert outcome(await writing.ask(mei, TRIAGE, {"id": referral, "key": "k", "version": 2}))[1] == []


async def test_concurrent_twins_are_done_once(writing: Hub, world: World, referral: str) -> None:
    mei, before = world.viewers["mei"], await audited(writing, "referral_triage")
    asked = {"id": referral, "key": "k"}
    answers = await asyncio.gather(*(writing.ask(mei, TRIAGE, asked) for _ in range(4)))
    assert len({answer.text for answer in answers}) == 1
    assert outcome(answers[0])[1] == []
    assert await audited(writing, "referral_triage") == before + 1


async def test_concurrent_strangers_lose(writing: Hub, world: World, referral: str) -> None:
    """The same command twice without a key: one does it, the other finds it done."""
    answers = await asyncio.gather(
        *(writing.ask(world.viewers[who], TRIAGE, {"id": referral}) for who in ("mei", "tao"))
    )
    assert sorted(outcome(answer)[1] for answer in answers) == [[], [("WRONG_STATE", [])]]


async def test_a_deadlock_is_tried_again(writing: Hub, world: World) -> None:
    """The command holds the offer and waits for its referral, which another holds who then wants the offer.

    PostgreSQL ends whoever has waited for a second, which is the command; the other goes on.
    """
    offer, referral = world.offers["offered"], world.referrals["offered"]
    before = await audited(writing, "offer_accept")
    query = "mutation($id: ID!) { offerAccept(id: $id) { offer { status } userErrors { code path } } }"
    async with harness.connect_as(writing.app.server, "admin") as other:
        async with other.transaction():
            await other.execute("select from referrals where id = $1 for update", referral)
            asked = writing.ask(world.viewers["bo"], query, {"id": gid("offer", offer)})
            command = asyncio.create_task(asked)
            await _waiting(writing, 1)
            await other.execute("select from offers where id = $1 for update", offer)
        assert outcome(await command) == ({"status": "ACCEPTED"}, [])
    assert await audited(writing, "offer_accept") == before + 2  # the offer and the case it opens


async def _waiting(hub: Hub, sessions: int) -> None:
    """Until so many sessions of this database wait for a lock."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    for _ in range(100):
        if (await harness.run_sql(hub.app.server, query))[0][0] >= sessions:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


STUMBLE = """
create function stumble() returns trigger language plpgsql as $$
begin
    if nextval('stumbles') <= current_setting('stumble.times')::int then
        raise exception 'stumbled' using errcode = current_setting('stumble.state'), constraint = 'stumbled';
    end if;
    return new;
end $$;
create sequence stumbles;
grant usage on sequence stumbles to public;
create trigger stumble before update on referrals for each row execute function stumble();
"""


async def test_what_the_database_refuses(writing: Hub, world: World, referral: str) -> None:
    """A lost race is tried again, five times in all; the rest is said in the words that fit."""
    database = writing.app.server
    async with harness.connect_as(database, "admin") as connection:
        await connection.execute(STUMBLE)
        for state, times, expected in STUMBLES:
            name = database.database
            await connection.execute("alter sequence stumbles restart")
            await connection.execute(f"alter database {name} set stumble.state = '{state}'")
            await connection.execute(f"alter database {name} set stumble.times = '{times}'")
            await writing.app.writer.dispose()
            answer = await writing.ask(world.viewers["mei"], TRIAGE, {"id": referral})
            if expected == "UNAVAILABLE":
                assert answer.codes == [("UNAVAILABLE", ["referralTriage"])]
                assert answer.body["data"] == {"referralTriage": None}
            else:
                assert outcome(answer)[1] == expected


STUMBLES: list[tuple[str, int, Any]] = [
    ("40001", 5, "UNAVAILABLE"),
    ("57014", 1, "UNAVAILABLE"),
    ("55P03", 1, "UNAVAILABLE"),
    ("23514", 1, [("CONFLICT", [])]),
    ("22003", 1, [("INVALID", [])]),
    ("40P01", 4, []),
]
"""SQLSTATE, how often it is raised before the command gets through, and what the client reads."""


async def test_the_role_is_asked_before_the_row(writing: Hub, world: World, referral: str) -> None:
    foreign = gid("referral", world.referrals["submitted_li"])
    texts = {
        (await writing.ask(world.viewers["wang"], TRIAGE, {"id": each})).text
        for each in (referral, foreign, "referral_x", "", gid("case", world.cases["today"]))
    }
    assert len(texts) == 1
    answer = await writing.ask(world.viewers["wang"], TRIAGE, {"id": referral})
    assert answer.codes == [("FORBIDDEN", ["referralTriage"])]
    cancel = """mutation($id: ID!) { referralCancel(id: $id, reasonCode: OTHER, reason: "r") {
      referral { id } userErrors { code message path } } }"""
    texts = {
        (await writing.ask(world.viewers["wang"], cancel, {"id": each})).text
        for each in (foreign, "referral_x", "", gid("case", world.cases["today"]))
    }
    assert len(texts) == 1
    answer = await writing.ask(world.viewers["wang"], cancel, {"id": foreign})
    assert outcome(answer) == (None, [("NOT_FOUND", ["id"])])


async def test_fields_run_one_after_another(writing: Hub, world: World, referral: str) -> None:
    query = """mutation($id: ID!) {
      kind: __typename
      first: referralReturn(id: $id, reasonCode: MISSING_DATA, reason: "r") { ...R userErrors { code } }
      second: referralTriage(id: $id) { __typename userErrors { code path __typename } }
      third: referralReject(id: $id, reasonCode: OTHER, reason: "r") { referral { status } errors: userErrors { code } }
    }
    fragment R on ReferralReturnPayload { referral { status now: version } __typename }"""
    data = (await writing.ask(world.viewers["mei"], query, {"id": referral})).data
    assert list(data) == ["kind", "first", "second", "third"]
    returned = {"status": "RETURNED", "now": 3}
    assert data["first"] == {
        "referral": returned,
        "__typename": "ReferralReturnPayload",
        "userErrors": [],
    }
    error = {"code": "WRONG_STATE", "path": [], "__typename": "UserError"}
    assert data["second"] == {"__typename": "ReferralTriagePayload", "userErrors": [error]}
    assert data["third"] == {"referral": None, "errors": [{"code": "WRONG_STATE"}]}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_user_errors_speak_the_viewers_language(writing: Hub, world: World, language: str) -> None:
    returned = gid("referral", world.referrals["returned"])
    answer = await writing.ask(world.viewers["mei"], TRIAGE, {"id": returned}, language=language)
    (error,) = answer.data["referralTriage"]["userErrors"]
    assert error["message"] == message("error.wrong_state", language, status="ReferralStatus.RETURNED")


@pytest.mark.parametrize(
    ("selection", "code"),
    [
        ("needs(first: 0) { nodes { id } }", "OUT_OF_RANGE"),
        ("needs(first: 1, last: 1) { nodes { id } }", "INVALID"),
        ('needs(after: "x") { nodes { id } }', "INVALID"),
        ("needs(first: 100) { nodes { person { needs(first: 100) { nodes { id } } } } }", "LIMIT_EXCEEDED"),
    ],
)
async def test_a_selection_that_cannot_be_answered_leaves_nothing_done(
    writing: Hub, world: World, referral: str, selection: str, code: str
) -> None:
    query = f"mutation($id: ID!) {{ referralTriage(id: $id) {{ referral {{ {selection} }} userErrors {{ code }} }} }}"
    answer = await writing.ask(world.viewers["mei"], query, {"id": referral})
    assert [each for each, _ in answer.codes] == [code]
    assert answer.body["data"] == {"referralTriage": None}
    assert outcome(await writing.ask(world.viewers["mei"], TRIAGE, {"id": referral}))[1] == []


async def test_a_payload_shows_what_the_viewer_may_read(writing: Hub, world: World) -> None:
    """Not whoever made the offer; and nothing once the viewer's own membership has ended: it is done all the same."""
    accept = """mutation($id: ID!, $who: Boolean!) { offerAccept(id: $id) {
      offer { status offeredBy @include(if: $who) { id } } userErrors { code } } }"""
    offer, bo = gid("offer", world.offers["offered"]), world.viewers["bo"]
    answer = await writing.ask(bo, accept, {"id": offer, "who": True})
    assert answer.codes == [("FORBIDDEN", ["offerAccept", "offer", "offeredBy"])]
    shown = {"offer": {"status": "ACCEPTED", "offeredBy": None}, "userErrors": []}
    assert answer.body["data"]["offerAccept"] == shown
    end = """mutation($id: ID!) { membershipEnd(id: $id, reason: "leaves") {
      membership { id } userErrors { code path } } }"""
    member = {"id": gid("membership", world.memberships["bo"])}
    assert outcome(await writing.ask(bo, end, member)) == (None, [])
    assert (await writing.ask(bo, "{ viewer { permissions } }")).status == 401


SUBMIT_MANY = """mutation($one: ReferralSubmitInput!, $person: ID!, $need: ID!, $key: String) {
  referralSubmitMany(idempotencyKey: $key, inputs: [
    $one
    { person: "person_x", serviceType: "VISITING", reason: "r", needs: [] }
    { person: $person, serviceType: "VISITING", reason: "r", needs: [$need] }
    { person: $person, serviceType: "NOTHING", reason: "r", needs: [$need] }
  ]) { __typename results { referral { status person { id } } userErrors { code path } } }
}"""


async def test_many_succeed_or_fail_each_by_itself(writing: Hub, world: World) -> None:
    wang, person = world.viewers["wang"], gid("person", world.persons["bystander"])
    state = """mutation($p: ID!) {
      needState(input: { person: $p, domain: CARE, bradshawType: NORMATIVE, statement: "s" }) {
        need { id } userErrors { code }
      }
    }"""
    need = outcome(await writing.ask(wang, state, {"p": person}))[0]["id"]
    one = {"person": person, "serviceType": "ESCORT", "reason": "r", "needs": [need]}
    variables = {"one": one, "person": person, "need": need, "key": "k"}
    before = await audited(writing, "referral_submit")
    answer = await writing.ask(wang, SUBMIT_MANY, variables)
    made = {"referral": {"status": "SUBMITTED", "person": {"id": person}}, "userErrors": []}
    results = answer.data["referralSubmitMany"]["results"]
    assert [results[0], results[2]] == [made, made]
    assert [result["userErrors"][0]["code"] for result in (results[1], results[3])] == [
        "NOT_FOUND",
        "INVALID",
    ]
    assert (await writing.ask(wang, SUBMIT_MANY, variables)).data == answer.data
    assert await audited(writing, "referral_submit") == before + 2


async def test_many_are_bounded(writing: Hub, world: World) -> None:
    query = """mutation($inputs: [ReferralSubmitInput!]!) { referralSubmitMany(inputs: $inputs) {
      results { referral { needs(first: 100) { nodes { id } } } userErrors { code } } } }"""
    person = gid("person", world.persons["bystander"])
    one = {"person": person, "serviceType": "VISITING", "reason": "r", "needs": []}
    for count, codes in [
        (101, [("LIMIT_EXCEEDED", ["referralSubmitMany"])]),
        (100, []),
        (0, []),
    ]:
        answer = await writing.ask(world.viewers["wang"], query, {"inputs": [one] * count})
        assert answer.codes == codes
    wide = query.replace("nodes { id }", "nodes { person { needs { totalCount } } } edges { node { id } }")
    answer = await writing.ask(world.viewers["wang"], wide, {"inputs": [one] * 100})
    assert answer.codes == [("LIMIT_EXCEEDED", ["referralSubmitMany"])]


async def test_extreme_values_are_refused_in_words(writing: Hub, world: World) -> None:
    query = "mutation($i: VisitPromiseInput!) { visitPromise(input: $i) { visit { id } userErrors { code path } } }"
    for first, last in [
        ("9999-12-31T23:00:00+08:00", "9999-12-31T23:30:00+08:00"),
        ("0001-01-02T00:00:00+08:00", "9999-12-31T23:30:00+08:00"),
        ("0001-01-02T00:00:00Z", "0001-01-02T00:10:00Z"),
    ]:
        given = {"case": gid("case", world.cases["today"]), "kind": "SERVICE"}
        given |= {"promisedFrom": first, "promisedTo": last}
        answer = await writing.ask(world.viewers["an"], query, {"i": given})
        assert outcome(answer)[0] is None
