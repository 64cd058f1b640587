"""The schema as clients see it: described in two languages, nullable where it must be."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    is_specified_scalar_type,
)

from hub.tables import metadata
from schema.build import registry
from schema.planner.describe import Column, Kind

SCHEMA = registry().schema
TYPES = {
    name: type_
    for name, type_ in SCHEMA.type_map.items()
    if not name.startswith("__") and not is_specified_scalar_type(type_)
}


def elements() -> Iterator[tuple[str, str | None]]:
    """Every element of the schema and its description."""
    for name, type_ in TYPES.items():
        yield name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{value}", each.description) for value, each in type_.values.items())
        elif isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", each.description) for field, each in type_.fields.items())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field, each in type_.fields.items():
                yield f"{name}.{field}", each.description
                yield from ((f"{name}.{field}({arg})", it.description) for arg, it in each.args.items())


def test_every_element_is_described_in_english_and_chinese() -> None:
    """English, then the 中文 term; before what the policy adds."""
    bare = []
    for name, description in elements():
        said = (description or "").split(" Visible to: ")[0]
        if not re.search(r"[A-Za-z0-9].* \S*[\u4e00-\u9fff][^.]*$", said):
            bare.append((name, description))
    assert bare == []


def test_every_field_of_a_row_says_who_sees_it() -> None:
    silent = [
        f"{name}.{field}"
        for name, info in registry().types.items()
        if info.table
        for field, each in registry().object_type(name).fields.items()
        if "Visible to: " not in (each.description or "")
    ]
    assert silent == []


SKELETON = {"edges", "nodes", "pageInfo", "totalCount"}
PAGE_INFO = {"hasNextPage", "hasPreviousPage"}


def may_be_non_null(type_: str, field: str) -> bool:
    """ids, the viewer, the list of `nodes`, the skeleton inside a connection, `userErrors`, money. Whatever else, the
    rights of a role may take away."""
    return (
        field == "id"
        or (type_ == "Query" and field in ("viewer", "nodes"))
        or (type_.endswith("Connection") and field in SKELETON)
        or (type_.endswith("Edge") and field == "cursor")
        or (type_ == "PageInfo" and field in PAGE_INFO)
        or (type_.endswith("Payload") and field == "userErrors")
        or type_ in ("UserError", "Money")
    )


def test_only_what_is_always_there_is_non_null() -> None:
    wrong = [
        f"{name}.{field}"
        for name, type_ in TYPES.items()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for field, each in type_.fields.items()
        if isinstance(each.type, GraphQLNonNull) is not may_be_non_null(name, field)
    ]
    assert wrong == []


def words() -> list[tuple[str, str]]:
    """The columns written into JSON without escaping."""
    found = {
        (info.table, source.name)
        for info in registry().types.values()
        for source in info.fields.values()
        if isinstance(source, Column) and source.kind is Kind.WORD and info.table
    }
    return sorted(found)


@pytest.mark.parametrize(("table", "column"), words())
def test_a_column_that_is_not_escaped_never_needs_it(table: str, column: str) -> None:
    """It has a CHECK that lists its values, or is one of those that only our own code writes."""
    ours = {"reference", "pseudonym", "person_pseudonym"}
    texts = {("notices", "kind"), ("notices", "subject_type"), ("audit_events", "action")}
    texts |= {("audit_events", "actor_role"), ("audit_events", "subject_type"), ("service_types", "code")}
    checks = [str(getattr(each, "sqltext", "")) for each in metadata.tables[table].constraints]
    listed = any(check.startswith(f"{column} IN (") for check in checks)
    assert listed or column in ours or (table, column) in texts


def test_every_order_ends_in_a_column_of_the_table() -> None:
    """An order names a field, whose column it sorts by: so what it tells is what the field tells."""
    wrong = []
    for info in registry().types.values():
        for field in registry().object_type(info.name).fields.values():
            target = registry().types.get(str(field.type).removesuffix("Connection"))
            order = field.args.get("orderBy")
            if target is None or order is None:
                continue
            for name, sort in registry().sorts[str(order.type)].items():
                source = target.fields[sort.field]
                column = metadata.tables[target.table].c.get(sort.column)
                if not isinstance(source, Column) or source.name != sort.column or column is None:
                    wrong.append(name)
    assert wrong == []
