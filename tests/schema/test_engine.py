"""Plans and their cache; and what a client reads when the database does not answer."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from schema.planner.fetch import Statement
from tests import harness
from tests.schema.asking import Hub, gid
from tests.world import World

pytestmark = pytest.mark.anyio

CASES = """query($status: [CaseStatus!], $full: Boolean!, $order: CaseOrder, $first: Int, $last: Int, $text: String) {
  cases(where: { status: $status, reference: $text }, orderBy: $order, first: $first, last: $last) {
    nodes { id kind @include(if: $full) }
  }
}"""


def planned(
    hub: Hub, world: World, query: str, variables: dict[str, Any], who: str = "mei", **viewer: Any
) -> Statement:
    """The statement that this request would send."""
    prepared = hub.app.endpoint._documents.prepare(query, None)
    return hub.app.engine.compiled(prepared, variables, dataclasses.replace(world.viewers[who], **viewer))


async def test_a_plan_is_kept_for_each_shape_of_the_variables(reading: Hub, world: World) -> None:
    base = {"full": True, "status": ["OPEN"], "first": 3}
    kept = planned(reading, world, CASES, base)
    for same in (
        {**base, "status": ["CLOSED", "OPEN"], "first": 99},
        {**base, "status": []},
        {**base, "unknown": 1},
    ):
        assert planned(reading, world, CASES, same) is kept
    others = [
        {**base, "full": False},
        {"full": True, "first": 3},
        {**base, "order": "OPENED_AT_ASC"},
        {**base, "order": "OPENED_AT_DESC"},
        {"full": True, "status": ["OPEN"], "last": 3},
        {**base, "text": "x"},
    ]
    assert len({planned(reading, world, CASES, each).sql for each in others} | {kept.sql}) == 7


async def test_a_plan_is_kept_for_each_kind_of_viewer(reading: Hub, world: World) -> None:
    base = {"full": True}
    kept = planned(reading, world, CASES, base)
    assert planned(reading, world, CASES, base, who="tao") is kept
    assert planned(reading, world, CASES, base, who="wang") is not kept
    assert planned(reading, world, CASES, base, language="en") is not kept
    assert planned(reading, world, CASES, base, scopes=frozenset(("case_close",))) is not kept


async def test_a_value_is_in_no_plan(reading: Hub, world: World) -> None:
    """Neither of a variable nor of the document: only names of ours and GraphQL names."""
    case, marker = gid("case", world.cases["today"]), "zzmarkerzz"
    query = f"""query($text: String, $id: ID!) {{
      cases(where: {{ reference: $text, community: "{marker}" }}, first: 77) {{ totalCount nodes {{ id }} }}
      people(where: {{ nameContains: "{marker}", bornFrom: "1912-12-12" }}) {{ totalCount }}
      node(id: $id) {{ id }}
    }}"""
    statement = planned(reading, world, query, {"text": marker, "id": case})
    uuid = case.removeprefix("case_")
    assert [each for each in (marker, "77", "1912", uuid) if each in statement.sql] == []
    viewer = world.viewers["mei"]
    facts = (viewer.membership_id, viewer.user_id, viewer.street_id, viewer.name)
    assert [each for each in facts if str(each) in statement.sql] == []


async def test_the_types_inside_node_ids_are_part_of_the_shape(reading: Hub, world: World) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    cases = [gid("case", world.cases[name]) for name in ("today", "missed")]
    visit = gid("visit", world.visits["today"])
    kept = planned(reading, world, query, {"ids": cases})
    assert planned(reading, world, query, {"ids": cases[::-1]}) is kept
    assert planned(reading, world, query, {"ids": [*cases, visit]}) is not kept
    assert planned(reading, world, query, {"ids": [cases[0], visit]}) is not kept


async def test_a_read_that_takes_too_long_is_refused_in_words(unconnected: Hub, world: World) -> None:
    database = unconnected.app.server
    role = database.role("read_station_worker")
    async with harness.connect_as(database, "admin") as connection:
        await connection.execute(
            f'alter role "{role}" in database "{database.database}" set statement_timeout = 1'
        )
    everything = (
        "{ auditEvents(first: 100) { totalCount nodes { action } } people(first: 100) { nodes { id } } }"
    )
    answer = await unconnected.ask(world.viewers["mei"], everything)
    assert (answer.status, answer.codes) == (200, [("LIMIT_EXCEEDED", None)])
    assert answer.body["data"] is None


async def test_a_table_that_is_being_changed_is_worth_another_try(unconnected: Hub, world: World) -> None:
    database = unconnected.app.server
    role = database.role("read_station_worker")
    async with harness.connect_as(database, "admin") as connection:
        await connection.execute(
            f'alter role "{role}" in database "{database.database}" set lock_timeout = 50'
        )
        async with connection.transaction():
            await connection.execute("lock table cases in access exclusive mode")
            answer = await unconnected.ask(world.viewers["mei"], "{ cases { totalCount } }")
    assert (answer.status, answer.codes) == (503, [("UNAVAILABLE", None)])
    assert (await unconnected.ask(world.viewers["mei"], "{ cases { totalCount } }")).status == 200


async def test_a_membership_that_has_ended_ends_the_session(writing: Hub, world: World) -> None:
    query = "{ viewer { user { id } } }"
    assert (await writing.ask(world.viewers["an"], query)).status == 200
    async with harness.connect_as(writing.app.server, "admin") as connection:
        await connection.execute(
            "update memberships set ended_at = now() where id = $1", world.memberships["an"]
        )
    answer = await writing.ask(world.viewers["an"], query)
    assert (answer.status, answer.codes) == (401, [("UNAUTHENTICATED", None)])


async def test_days_and_cursors_do_not_depend_on_the_servers_taste(writing: Hub, world: World) -> None:
    database = writing.app.server
    async with harness.connect_as(database, "admin") as connection:
        await connection.execute(f"alter database \"{database.database}\" set datestyle = 'German, DMY'")
    query = """query($after: String) { people(first: 1, after: $after, orderBy: BIRTH_DATE_ASC) {
      nodes { birthDate } pageInfo { endCursor } } }"""
    first = (await writing.ask(world.viewers["mei"], query)).data["people"]
    after = {"after": first["pageInfo"]["endCursor"]}
    second = (await writing.ask(world.viewers["mei"], query, after)).data["people"]
    days = [shown["nodes"][0]["birthDate"] for shown in (first, second)]
    assert days == sorted(date.fromisoformat(day).isoformat() for day in days)
