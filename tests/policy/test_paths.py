"""Every way to a person, every filter and every order: nothing from outside the scope, whatever is asked.

T9, T10 and T11 of the specification's twenty tests. The queries are made from the schema, so that a field or filter
that is added later is tried as well; `Asker` searches every byte of every reply.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from hub.base.db import Server
from hub.settings import Settings
from tests.policy.asking import PERSON, Asker, asking
from tests.policy.expected import TABLES, Oracle, gap_references, written
from tests.policy.fields import FIELDS
from tests.policy.planted import Planted
from tests.policy.test_agreement import ROOTS
from tests.schema.gaps import GAPS

pytestmark = pytest.mark.anyio

VIEWERS = ("wang", "li", "mei", "zhao", "qian", "bo", "an", "shen", "root_a")
DEEPEST, AT_LENGTH = 6, 8
"""Steps from a root to a person, in the core suite and in the full one. Longer paths use the same edges again."""

FIRST, NESTED = 40, 3
"""Rows of a root's page, and of a page inside a row."""

MOST = 5_000
"""Rows one query may ask for at the worst, well within the hub's own bound."""


@pytest.fixture(scope="module")
async def hub(
    planted_module: Server, settings: Settings, planted: Planted, truth: Oracle
) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        asker.allowed = {name: truth.marks(name) | gap_references(truth, name) for name in VIEWERS}
        yield asker


def steps_of(truth: Oracle, type_name: str) -> dict[str, str]:
    """The fields of a type that lead on, and where to: to rows, or to an object inside a row, which may have edges of
    its own (the parts of a row, and what a function computes from it)."""
    found = {field: truth.target(type_name, field) for field in truth.fields_of(type_name)}
    return {
        field: target
        for field, target in found.items()
        if isinstance(truth.schema.type_map[target], GraphQLObjectType)
    }


def paths(
    truth: Oracle, deepest: int = DEEPEST, roots: Mapping[str, str] = ROOTS
) -> Iterator[tuple[str, ...]]:
    """Every path of fields from a root to Person that visits no type twice on the way."""
    waiting = [((root,), type_name, (type_name,)) for root, type_name in roots.items()]
    while waiting:
        path, type_name, been = waiting.pop()
        if type_name == "Person":
            yield path
        if len(path) < deepest:
            for field, target in steps_of(truth, type_name).items():
                if target == "Person" or target not in been:
                    waiting.append(((*path, field), target, (*been, target)))  # pyright: ignore[reportArgumentType]


def asked(truth: Oracle, tree: dict[str, Any], type_name: str, size: int) -> str:
    """A selection along a tree of fields: the ids on the way, and of each person what tells who she is."""
    own = {"Person": "id name pseudonym", "ProgressGap": "reference"}
    parts = own.get(type_name, "id" if type_name in TABLES else "").split()
    for field, below in tree.items():
        inside = asked(truth, below, truth.target(type_name, field), NESTED)
        parts.append(f"{field}{_page(truth, type_name, field, inside, size)}")
    return " ".join(parts)


def _page(truth: Oracle, type_name: str, field: str, inside: str, size: int) -> str:
    named = get_named_type(truth.fields_of(type_name)[field].type)
    if not named.name.endswith("Connection"):
        return f"{truth.arguments(type_name, field)} {{ {inside} }}"
    anything = ", where: {role: ANY}" if named.name == "CaseConnection" else ""
    return f"(first: {size}{anything}) {{ nodes {{ {inside} }} }}"


def trees(
    truth: Oracle, deepest: int = DEEPEST, roots: Mapping[str, str] = ROOTS
) -> dict[str, dict[str, Any]]:
    """The paths of each root, joined where they begin alike."""
    found: dict[str, dict[str, Any]] = {}
    for root, *rest in paths(truth, deepest, roots):
        below = found.setdefault(root, {})
        for field in rest:
            below = below.setdefault(field, {})
    return found


def portions(truth: Oracle, tree: dict[str, Any], type_name: str, rows: int) -> Iterator[dict[str, Any]]:
    """The tree, or parts of it that are small enough to be asked at once."""
    if _rows(truth, tree, type_name, rows) <= MOST:
        yield tree
        return
    for field, below in tree.items():
        target = truth.target(type_name, field)
        for part in portions(truth, below, target, rows * _width(truth, type_name, field)):
            yield {field: part}


def _rows(truth: Oracle, tree: dict[str, Any], type_name: str, rows: int) -> int:
    """How many rows a selection along the tree may bring."""
    return rows + sum(
        _rows(truth, below, truth.target(type_name, field), rows * _width(truth, type_name, field))
        for field, below in tree.items()
    )


def _width(truth: Oracle, type_name: str, field: str) -> int:
    named = get_named_type(truth.fields_of(type_name)[field].type)
    return NESTED if named.name.endswith("Connection") else 1


@pytest.mark.parametrize("name", VIEWERS)
async def test_t9_no_path_leads_to_a_person_outside_the_scope(hub: Asker, truth: Oracle, name: str) -> None:
    await no_path_leads_outside(hub, truth, name, DEEPEST)


@pytest.mark.full
@pytest.mark.parametrize("name", VIEWERS)
async def test_t9_nor_does_a_longer_one(hub: Asker, truth: Oracle, name: str) -> None:
    await no_path_leads_outside(hub, truth, name, AT_LENGTH)


async def no_path_leads_outside(hub: Asker, truth: Oracle, name: str, deepest: int) -> None:
    """Ask along every path, and look at every person that comes back."""
    inside = {str(one) for one in truth.visible(name, "Person")}
    found: set[str] = set()
    for root, whole in trees(truth, deepest).items():
        for part in portions(truth, whole, ROOTS[root], FIRST):
            wanted = asked(truth, part, ROOTS[root], NESTED)
            anything = ", where: {role: ANY}" if root == "cases" else ""
            reply = await hub.post(name, f"{{ {root}(first: {FIRST}{anything}) {{ nodes {{ {wanted} }} }} }}")
            assert reply.status_code == 200, reply.text
            body = reply.json()
            assert body["data"] is not None, body
            found |= set(PERSON.findall(reply.text))
    assert found <= inside
    assert bool(found) == bool(inside)  # the paths lead somewhere
    denied = str(truth.planted.viewers[name].role) not in FIELDS["Person"]
    assert not (denied and found)


async def test_t9_the_paths_are_many_and_end_at_a_person(truth: Oracle) -> None:
    everything = list(paths(truth))
    assert len(everything) > 450
    roots = {path[0] for path in everything}
    assert (
        roots
        == set(trees(truth))
        >= {"people", "visits", "offers", "needs", "cases", "deliveries", "sessions"}
    )
    parts = [
        part for root, tree in trees(truth).items() for part in portions(truth, tree, ROOTS[root], FIRST)
    ]
    assert sum(map(_leaves, parts)) == sum(map(_leaves, trees(truth).values()))  # no path is lost with them


def _leaves(tree: dict[str, Any]) -> int:
    return sum(_leaves(below) if below else 1 for below in tree.values())


async def test_t9_the_paths_lead_through_objects_inside_a_row(truth: Oracle) -> None:
    """To the rows that a function names, and through what it names of those."""
    wider = dataclasses.replace(truth, schema=GAPS.schema)
    assert steps_of(wider, "Gap").keys() >= {"detail", "case", "person", "units", "firstUnit"}
    everything = set(paths(wider))
    assert ("cases", "gaps", "person") in everything
    assert ("cases", "firstGap", "units", "visit", "person") in everything
    tree = {"gaps": {"units": {"visit": {"person": {}}}, "person": {}}}
    assert asked(wider, tree, "Case", 3) == (
        "id gaps { units { visit { id person { id name pseudonym } } } person { id name pseudonym } }"
    )


@pytest.mark.parametrize("name", ["wang", "mei", "an"])
async def test_t10_an_id_number_occurs_in_no_reply_but_that_of_reveal(
    hub: Asker, planted: Planted, name: str
) -> None:
    numbers = [*planted.id_numbers.values()]
    assert len(set(numbers)) == len(planted.persons)
    person = planted.persons["active"]
    query = """mutation($id: ID!, $fields: [RevealField!]!) {
        personReveal(id: $id, fields: $fields, purpose: VERIFICATION) {
            person { phone address idNumber } userErrors { code } } }"""
    variables = {"id": f"person_{person}", "fields": ["ID_NUMBER", "PHONE"]}
    reply = await hub.post(name, query, variables, plain=True)
    shown = [number for number in numbers if number in reply.text]
    assert shown == ([] if name == "an" else [planted.id_numbers["active"]])
    assert (planted.phones["active"] in reply.text) == (name != "an")
    # A telephone is what a partner's worker may reveal on an open case; the number never.
    reply = await hub.post(name, query, {**variables, "fields": ["PHONE"]}, plain=True)
    assert reply.json()["data"]["personReveal"]["person"] == {
        "phone": planted.phones["active"],
        "address": None,
        "idNumber": None,
    }
    # Its masked form is what everybody else gets, also inside errors and variables that come back.
    await hub.post(name, "{ people(first: 40) { nodes { id idNumber phone address } } }")
    await hub.post(name, "query($x: ID!) { node(id: $x) { id } }", {"x": "person_x"})


@pytest.mark.parametrize("name", ["wang", "li"])
@pytest.mark.parametrize("where", ["{}", "null", "{status: []}", "{status: null}", "{community: null}"])
async def test_t11_an_empty_filter_shows_no_other_communitys_referrals(
    hub: Asker, truth: Oracle, name: str, where: str
) -> None:
    reply = await hub.ask(
        name, f"{{ referrals(first: 100, where: {where}) {{ totalCount nodes {{ id }} }} }}"
    )
    mine = {f"referral_{one}" for one in truth.visible(name, "Referral")}
    expected = set() if where == "{status: []}" else mine
    assert {row["id"] for row in reply["data"]["referrals"]["nodes"]} == expected
    assert reply["data"]["referrals"]["totalCount"] == len(expected)


async def test_t11_nor_does_an_empty_filter_given_as_a_variable(hub: Asker, truth: Oracle) -> None:
    query = (
        "query($where: ReferralWhere) { referrals(first: 100, where: $where) { totalCount nodes { id } } }"
    )
    mine = len(truth.visible("wang", "Referral"))
    for where, expected in (({}, mine), (None, mine), ({"status": []}, 0), ({"status": None}, mine)):
        reply = await hub.ask("wang", query, where=where)
        assert reply["data"]["referrals"]["totalCount"] == expected, where


@pytest.mark.parametrize("name", ["wang", "bo"])
async def test_t11_the_others_community_as_a_filter_finds_nothing_of_it(
    hub: Asker, truth: Oracle, planted: Planted, name: str
) -> None:
    for root in ("people", "referrals", "cases", "visits"):
        target = f"community_{planted.places['a2']}"
        query = f"query($c: ID!) {{ {root}(first: 100, where: {{community: $c}}) {{ totalCount nodes {{ id }} }} }}"
        if name == "bo" and root == "people":
            query = query.replace("community: $c", "community: $c, status: [LIVING]")
        reply = await hub.ask(name, query, c=target)
        seen = [
            row
            for row in truth.visible(name, ROOTS[root]).values()
            if row["community_id"] == planted.places["a2"]
        ]
        leading = [
            row
            for row in seen
            if root != "cases" or name != "bo" or row["partner_id"] == planted.places["p1"]
        ]
        assert reply["data"][root]["totalCount"] == len(leading), root


@pytest.mark.parametrize("name", ["an", "wang", "shen"])
async def test_cursors_hold_nothing_but_what_is_read(hub: Asker, truth: Oracle, name: str) -> None:
    """A cursor of somebody else's page, or made by hand, pages through the viewer's own rows only."""
    own = {f"case_{one}" for one in truth.visible(name, "Case")}
    query = (
        "query($a: String) { cases(first: 5, after: $a, where: {role: ANY}, orderBy: REFERENCE_ASC)"
        " { totalCount edges { cursor node { id } } } }"
    )
    theirs = await hub.ask("mei", query)
    for edge in theirs["data"]["cases"]["edges"]:
        reply = await hub.ask(name, query, a=edge["cursor"])
        page = reply["data"]["cases"]
        assert {row["node"]["id"] for row in page["edges"]} <= own
        assert page["totalCount"] == len(own)


async def test_a_page_of_everything_has_unique_rows_in_either_direction(hub: Asker, truth: Oracle) -> None:
    for name, root in itertools.product(("mei", "bo"), ("referrals", "cases")):
        anything = ", where: {role: ANY}" if root == "cases" else ""
        forward = await hub.ask(name, f"{{ {root}(first: 100{anything}) {{ nodes {{ id reference }} }} }}")
        backward = await hub.ask(name, f"{{ {root}(last: 100{anything}) {{ nodes {{ id reference }} }} }}")
        assert forward["data"] == backward["data"]
        rows = truth.visible(name, ROOTS[root]).values()
        references = {written(row["reference"]) for row in rows}
        assert {row["reference"] for row in forward["data"][root]["nodes"]} == references
