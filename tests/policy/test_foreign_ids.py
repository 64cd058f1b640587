"""T12: an id outside the scope and an id that does not exist are answered by the same bytes, everywhere an id goes in.

Every argument of type ID of every mutation is tried, for every role that may call it; the other arguments are such that
the one tried decides. Nothing may have changed afterwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest

from auth.grants import right_for
from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from schema.mutation import MUTATIONS
from tests.policy.asking import Asker, asking
from tests.policy.expected import TABLES, Oracle
from tests.policy.filling import Filler, document, places
from tests.policy.planted import Planted
from tests.policy.unchanged import fingerprint

pytestmark = pytest.mark.anyio

VIEWERS = ("li", "mei", "zhao", "qian", "bo", "an", "shen", "root_a")


@pytest.fixture(scope="module")
async def hub(planted_module: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        yield asker


def calls() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every mutation with every place for an id."""
    for mutation in registry().object_type("Mutation").fields:
        for path, type_name in places(mutation):
            yield mutation, path, type_name


def outside(truth: Oracle, name: str, type_name: str) -> list[str]:
    """Ids of that type that the viewer may not see: of another street or district where there are any."""
    seen, tag = truth.visible(name, type_name), TABLES[type_name][1]
    mine = truth.planted.viewers[name].street_id
    rows = [row for row in truth.rows_of(type_name) if row["id"] not in seen]
    rows.sort(key=lambda row: (row.get("street_id") == mine, row["id"]))
    return [f"{tag}_{rows[0]['id']}", f"{tag}_{rows[-1]['id']}"] if rows else []


@pytest.mark.parametrize("name", VIEWERS)
async def test_t12_mutations_answer_a_foreign_id_as_a_missing_one(
    hub: Asker, truth: Oracle, planted: Planted, planted_module: Server, name: str
) -> None:
    before = await fingerprint(planted_module)
    viewer, filler, tried = planted.viewers[name], Filler(truth, name), 0
    for mutation, path, type_name in calls():
        tag = TABLES[type_name][1]
        if not _may(viewer, mutation):
            continue  # said before any id is looked at: see the tests of denials
        missing = await hub.post(
            name, *document(mutation, filler.arguments(mutation, path, f"{tag}_{uuid4()}"))
        )
        assert missing.status_code == 200, missing.text
        junk = await hub.post(name, *document(mutation, filler.arguments(mutation, path, "nothing")))
        assert junk.content == missing.content, (mutation, path)
        for foreign in outside(truth, name, type_name):
            reply = await hub.post(name, *document(mutation, filler.arguments(mutation, path, foreign)))
            assert reply.content == missing.content, (mutation, path, foreign)
            tried += 1
        _refused(missing.json(), mutation, path)
    assert tried >= {"shen": 1, "root_a": 4, "zhao": 4, "qian": 4}.get(name, 20)
    assert await fingerprint(planted_module) == before


def _may(viewer: Any, mutation: str) -> bool:
    single = MUTATIONS[MUTATIONS[mutation].each or mutation]
    return right_for(single.command.__name__, viewer.role, viewer.duty) is not None


def _refused(body: dict[str, Any], mutation: str, path: tuple[str, ...]) -> None:
    """What is not there is not there, and the answer names the argument."""
    payload = body["data"][mutation]
    (error,) = payload["results"][0]["userErrors"] if "results" in payload else payload["userErrors"]
    assert error["code"] in ("NOT_FOUND", "INVALID"), (mutation, path, error)
    if (mutation, path[-1], error["path"]) == ("visitPromise", "person", ["input", "case"]):
        return  # a partner promises on a case only, whoever the person is
    shown = [part for part in error["path"] if not part.isdigit()]
    assert tuple(shown) == path or path[0] in ("inputs", "ids"), (mutation, path, error)


@pytest.mark.parametrize("name", [*VIEWERS, "ban"])
async def test_t12_node_and_nodes_answer_a_foreign_id_as_a_missing_one(
    hub: Asker, truth: Oracle, name: str
) -> None:
    one = "query($id: ID!) { node(id: $id) { __typename id } }"
    several = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    missing = [f"{tag}_{uuid4()}" for _, tag in TABLES.values()]
    foreign = [found for type_name in TABLES for found in outside(truth, name, type_name)]
    empty = await hub.post(name, one, {"id": missing[0]})
    assert empty.text == '{"data":{"node":null}}'
    for found in foreign:
        assert (await hub.post(name, one, {"id": found})).content == empty.content, found
    wanted = [*missing, *foreign]
    for start in range(0, len(wanted), 50):
        some = wanted[start : start + 50]
        reply = await hub.post(name, several, {"ids": some})
        assert reply.json() == {"data": {"nodes": [None] * len(some)}}


async def test_t12_the_wrong_tag_on_a_right_id_is_nothing(hub: Asker, planted: Planted) -> None:
    person = planted.persons["active"]
    for tag in ("person", "case", "referral", "junk", ""):
        reply = await hub.ask("wang", "query($id: ID!) { node(id: $id) { id } }", id=f"{tag}_{person}")
        assert reply == {"data": {"node": {"id": f"person_{person}"} if tag == "person" else None}}
