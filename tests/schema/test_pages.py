"""Pages: both directions, every order, cursors, and what is refused about them."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest

from hub.base.words import message
from schema.build import registry
from tests.schema.asking import Hub
from tests.world import World

pytestmark = pytest.mark.anyio

PAGE = "totalCount nodes { id } edges { cursor node { id } }"
INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


def roots() -> list[tuple[str, str | None]]:
    """Every root connection with each of its orders, and with none."""
    query = registry().object_type("Query")
    found: list[tuple[str, str | None]] = []
    for name, field in query.fields.items():
        if "first" in field.args:
            orders: Any = field.args.get("orderBy")
            found.append((name, None))
            found += [(name, value) for value in (orders.type.values if orders else ())]
    return found


def fake(*parts: object) -> str:
    """A cursor as a forger would write it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


async def page(hub: Hub, who: Any, root: str, order: str | None, **arguments: Any) -> dict[str, Any]:
    """One page of a root connection."""
    given = ", ".join(
        [f"{name}: {json.dumps(value)}" for name, value in arguments.items()]
        + ([f"orderBy: {order}"] if order else [])
    )
    return (await hub.ask(who, f"{{ {root}({given}) {{ {PAGE} {INFO} }} }}")).data[root]


@pytest.mark.parametrize(("root", "order"), roots())
async def test_every_order_pages_forwards_and_backwards(
    reading: Hub, world: World, root: str, order: str | None
) -> None:
    who = world.viewers[{"clients": "root", "memberships": "root", "donations": "qian"}.get(root, "mei")]
    whole = await page(reading, who, root, order, first=100)
    ids = [node["id"] for node in whole["nodes"]]
    assert ids == [edge["node"]["id"] for edge in whole["edges"]]
    assert len(set(ids)) == len(ids)
    assert whole["totalCount"] >= len(ids)
    if order:
        opposite = order.replace("_ASC", "_X").replace("_DESC", "_ASC").replace("_X", "_DESC")
        reverse = await page(reading, who, root, opposite, last=100)
        assert [node["id"] for node in reverse["nodes"]] == ids[::-1]
    few = max(2, len(ids) // 4)
    for size, backward in ((few, False), (few + 1, True)) if whole["totalCount"] <= 100 else ():
        assert await walked(reading, who, root, order, size, backward) == ids


async def walked(hub: Hub, who: Any, root: str, order: str | None, size: int, backward: bool) -> list[str]:
    """The ids met by walking page after page."""
    found: list[str] = []
    cursor: str | None = None
    for number in itertools.count():
        place = {} if cursor is None else {"before" if backward else "after": cursor}
        shown = await page(hub, who, root, order, **{"last" if backward else "first": size}, **place)
        ids = [node["id"] for node in shown["nodes"]]
        info = shown["pageInfo"]
        assert len(ids) <= size
        assert info["startCursor"] == (shown["edges"][0]["cursor"] if ids else None)
        assert info["endCursor"] == (shown["edges"][-1]["cursor"] if ids else None)
        assert info["hasNextPage" if backward else "hasPreviousPage"] is (number > 0)
        found = ids + found if backward else found + ids
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        cursor = info["startCursor" if backward else "endCursor"]
    raise AssertionError


@pytest.mark.parametrize(
    "arguments", ["first: 0", "first: -1", "first: 101", "last: 0", "last: 101", "first: 2147483647"]
)
async def test_sizes_outside_1_to_100_are_refused(reading: Hub, world: World, arguments: str) -> None:
    for query in (
        f"{{ cases({arguments}) {{ totalCount }} }}",
        f"{{ cases {{ nodes {{ visits({arguments}) {{ nodes {{ id }} }} }} }} }}",
    ):
        answer = await reading.ask(world.viewers["mei"], query)
        path = ["cases"] if query.startswith("{ cases(") else ["cases", "nodes", "visits"]
        assert answer.codes == [("OUT_OF_RANGE", path)]


async def test_a_size_beyond_int_is_refused_by_its_type(reading: Hub, world: World) -> None:
    literal = await reading.ask(world.viewers["mei"], "{ cases(first: 2147483648) { totalCount } }")
    assert literal.codes == [("GRAPHQL_VALIDATION_FAILED", None)]
    query = "query($n: Int) { cases(first: $n) { totalCount } }"
    for size in (2147483648, 1.5, "1", True):
        answer = await reading.ask(world.viewers["mei"], query, {"n": size})
        assert answer.codes == [("BAD_USER_INPUT", None)]


@pytest.mark.parametrize(
    "arguments",
    ["first: 1, last: 1", 'first: 1, before: "x"', 'after: "x", last: 1', 'after: "x", before: "x"'],
)
async def test_both_directions_at_once_are_refused(reading: Hub, world: World, arguments: str) -> None:
    answer = await reading.ask(world.viewers["mei"], f"{{ cases({arguments}) {{ totalCount }} }}")
    assert answer.codes == [("INVALID", ["cases"])]


async def test_null_arguments_are_absent_ones(reading: Hub, world: World) -> None:
    query = """query($none: Int, $text: String, $where: CaseWhere, $order: CaseOrder) {
      plain: cases { nodes { id } }
      nulls: cases(first: null, after: null, last: null, before: null, where: null, orderBy: null) { nodes { id } }
      variables: cases(first: $none, after: $text, where: $where, orderBy: $order) { nodes { id } }
      inside: cases(where: { status: null, community: null }) { nodes { id } }
    }"""
    for variables in ({}, {"none": None, "text": None, "where": None, "order": None}):
        data = (await reading.ask(world.viewers["mei"], query, variables)).data
        assert data["plain"] == data["nulls"] == data["variables"] == data["inside"]
        assert len(data["plain"]["nodes"]) == len(world.cases)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "=",
        "W10",
        fake(),
        fake("ID", None),
        fake("ID", None, 5),
        fake("ID", None, "019dfacc-8280-7000-8d1d-eb29809f46bdx"),
        fake("ID", "2026-05-06", "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_DESC", None, "019dfacc-8280-7000-8d1d-eb29809f46bd") + "!",
        fake("REFERENCE_ASC", "C", "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_ASC", "2026-05-06 09:00:00+08", "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_DESC", "yesterday", "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_DESC", "2026-05-06 09:00:00", "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_DESC", "0001-01-01 00:00:00+08", "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_DESC", 7, "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        fake("OPENED_AT_DESC", {"a": 1}, "019dfacc-8280-7000-8d1d-eb29809f46bd"),
        "W" * 60_000,
        base64.urlsafe_b64encode(b"[" * 20_000).decode(),
        base64.urlsafe_b64encode(b"9" * 20_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe[\x00").decode(),
    ],
)
async def test_a_cursor_that_is_none_gets_one_constant_error(reading: Hub, world: World, cursor: str) -> None:
    query = "query($c: String) { cases(after: $c, orderBy: OPENED_AT_DESC) { nodes { id } } }"
    answer = await reading.ask(world.viewers["mei"], query, {"c": cursor})
    assert answer.status == 200
    assert answer.body == {
        "data": None,
        "errors": [
            {
                "message": message("error.cursor", "en"),
                "path": ["cases"],
                "extensions": {"code": "INVALID"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("root", "order", "key"),
    [
        ("people", "NAME_ASC", "a\0b"),
        ("people", "NAME_ASC", "\ud800"),
        ("people", "BIRTH_DATE_ASC", "2026-13-01"),
        ("needs", "SEVERITY_ASC", "2147483648"),
        ("needs", "SEVERITY_ASC", "9" * 5000),
        ("needs", "SEVERITY_ASC", "1.5"),
    ],
)
async def test_a_forged_sort_value_never_reaches_the_database(
    reading: Hub, world: World, root: str, order: str, key: str
) -> None:
    cursor = fake(order, key, "019dfacc-8280-7000-8d1d-eb29809f46bd")
    query = f"query($c: String) {{ {root}(before: $c, orderBy: {order}) {{ nodes {{ id }} }} }}"
    answer = await reading.ask(world.viewers["mei"], query, {"c": cursor})
    assert answer.codes == [("INVALID", [root])]


async def test_rows_without_a_sort_value_are_paged_too(reading: Hub, world: World) -> None:
    """PostgreSQL's own order: null comes last, and first when descending; nothing is lost and nothing twice."""
    query = "{ a: visits(first: 100, orderBy: PROMISED_FROM_ASC) { nodes { p: promisedFrom } }"
    query += " d: visits(first: 1, orderBy: PROMISED_FROM_DESC) { nodes { p: promisedFrom } } }"
    data = (await reading.ask(world.viewers["mei"], query)).data
    *places, last = [node["p"] for node in data["a"]["nodes"]]
    assert last is data["d"]["nodes"][0]["p"] is None
    assert places == sorted(places)


async def test_an_empty_page_has_no_cursors(reading: Hub, world: World) -> None:
    query = f'{{ cases(where: {{ reference: "none" }}) {{ {PAGE} {INFO} }} }}'
    shown = (await reading.ask(world.viewers["mei"], query)).data["cases"]
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert shown == {"totalCount": 0, "nodes": [], "edges": [], "pageInfo": info}


async def test_the_node_budget_counts_variables_and_depth(reading: Hub, world: World) -> None:
    query = """query($a: Int, $b: Int) {
      cases(first: $a) { nodes { visits(first: $b) { nodes { id } } needs(first: 1) { nodes { id } } } }
    }"""
    within = await reading.ask(world.viewers["mei"], query, {"a": 100, "b": 98})  # 100 * (1 + 98 + 1)
    assert within.codes == []
    beyond = await reading.ask(world.viewers["mei"], query, {"a": 100, "b": 99})
    assert beyond.codes == [("LIMIT_EXCEEDED", None)]
