"""Filtering and sorting tell what they use: each key asks for the grant of a field, and reads no more than that field.

Made from the schema: every input type of every connection, at a root where there is one, else inside its parent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, get_named_type

from auth.grants import all_grants
from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from tests.policy.asking import Asker, asking
from tests.policy.expected import Oracle
from tests.policy.fields import FIELDS
from tests.policy.planted import Planted
from tests.policy.test_agreement import ROOTS

pytestmark = pytest.mark.anyio

VIEWERS = ("wang", "zhao", "qian", "bo", "an", "shen", "root_a")
KINDS = {"where": "filters", "orderBy": "sorts"}
PLAIN_VALUES = {
    "Boolean": "true",
    "Int": "1",
    "Date": '"2026-01-01"',
    "DateTime": '"2026-01-01T00:00:00Z"',
}

SAME = {
    # Whether a promise is open is what the earliest of them tells.
    ("Case", "open_visit_count"): "nextPromiseAt",
    # Whose case it is: the partner in the lead is the organization that leads.
    ("Case", "partner_id"): "leadOrganization",
    ("Visit", "partner_id"): "organization",
}
"""Columns that tell nothing beyond a field."""


@dataclasses.dataclass(frozen=True)
class Key:
    """One key of an input: where it is used, on rows of which type, and the field whose grant it asks for."""

    root: str
    inside: str
    type_name: str
    argument: str
    input_name: str
    key: str
    field: str

    def query(self) -> str:
        """A page filtered or sorted by it."""
        given = (
            self.key if self.argument == "orderBy" else f"{{{self.key}: {_value(self.input_name, self.key)}}}"
        )
        page = f"({self.argument}: {given}, first: 30) {{ totalCount nodes {{ id }} }}"
        if self.inside:
            return f"{{ {self.root}(first: 5) {{ nodes {{ {self.inside}{page} }} }} }}"
        return f"{{ {self.root}{page} }}"

    def pages(self, data: Any) -> list[Any]:
        """The pages in a reply: one at a root, one in each row."""
        return [row[self.inside] for row in data[self.root]["nodes"]] if self.inside else [data[self.root]]


def keys() -> list[Key]:
    """Every key of every input, once."""
    found: dict[tuple[str, str], Key] = {}
    for root, inside, type_name, arguments in _connections():
        for argument, kind in KINDS.items():
            if argument in arguments:
                name = get_named_type(arguments[argument].type).name
                for key, one in getattr(registry(), kind)[name].items():
                    made = Key(root, inside, type_name, argument, name, key, one.field)
                    found.setdefault((name, key), made)
    return list(found.values())


def _connections() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(root, field inside its rows or "", type of the rows, arguments): roots first."""
    query = registry().schema.query_type
    assert query is not None
    for root, type_name in ROOTS.items():
        yield root, "", type_name, query.fields[root].args
    for root, parent in ROOTS.items():
        for field, definition in registry().object_type(parent).fields.items():
            named = get_named_type(definition.type)
            if isinstance(named, GraphQLObjectType) and named.name.endswith("Connection"):
                yield root, field, get_named_type(named.fields["nodes"].type).name, definition.args


def _value(input_name: str, key: str) -> str:
    """A literal of the type that a filter expects."""
    input_type = registry().schema.type_map[input_name]
    assert isinstance(input_type, GraphQLInputObjectType)
    named = get_named_type(input_type.fields[key].type)
    return (
        next(iter(named.values))
        if isinstance(named, GraphQLEnumType)
        else PLAIN_VALUES.get(named.name, '"x"')
    )


@pytest.fixture(scope="module")
async def hub(
    planted_module: Server, settings: Settings, planted: Planted, truth: Oracle
) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        asker.allowed = {name: truth.marks(name) for name in VIEWERS}
        yield asker


@pytest.mark.parametrize("name", VIEWERS)
async def test_filters_and_orders_name_only_what_the_viewer_reads_in_plain(
    hub: Asker, truth: Oracle, name: str
) -> None:
    viewer = truth.planted.viewers[name]
    for key in keys():
        way = (ROOTS[key.root], key.type_name)
        if any(str(viewer.role) not in FIELDS[one] for one in way):
            continue
        reply = await hub.ask(name, key.query())
        may = truth.how(viewer, key.type_name, key.field) == "plain"
        assert [page is not None for page in key.pages(reply["data"])].count(may) >= 1, key
        assert ("errors" not in reply) == may, (key, reply)


def test_every_input_of_a_connection_is_tried() -> None:
    known = registry()
    declared = {name for table in (known.filters, known.sorts) for name, entries in table.items() if entries}
    assert {key.input_name for key in keys()} == declared


def test_every_filter_and_order_reads_the_column_that_its_field_shows() -> None:
    """Otherwise its grant would be asked of one field and tell about another."""
    known = registry()
    for key in keys():
        one: Any = getattr(known, KINDS[key.argument])[key.input_name][key.key]
        texts = (
            [one.sql, *(one.choices or {}).values()] if key.argument == "where" else [f"{{t}}.{one.column}"]
        )
        used = {column for text in texts for column in _columns(text)}
        shown = {column for field in _no_less_shown(key) for column in _shown(key.type_name, field)}
        same = {column for (of, column), field in SAME.items() if of == key.type_name and field == key.field}
        assert used <= shown | same, (key, used, shown)


def _no_less_shown(key: Key) -> list[str]:
    """The field, and every other that is read in plain by whoever reads this one so."""
    grants = [grant for grant in all_grants() if grant.type_name == key.type_name]
    readers = [grant for grant in grants if grant.shows(key.field) and key.field not in grant.masked]
    fields = registry().types[key.type_name].fields
    return [one for one in fields if all(grant.shows(one) and one not in grant.masked for grant in readers)]


def _shown(type_name: str, field: str) -> set[str]:
    source: Any = registry().types[type_name].fields[field]
    parts = (getattr(source, part, None) for part in ("name", "via", "listed"))
    named: set[str] = {part for part in parts if part}
    return named | set(_columns(getattr(source, "sql", "") or ""))


def _columns(text: str) -> list[str]:
    return [
        part.split(".")[1].strip("() ,") for part in text.replace("(", " ").split() if part.startswith("{t}.")
    ]
