"""Everything somebody can read, by every list and one step from each of its rows: to prove that a thing is not there.

The queries are made from the schema, so a list or field that is added later is combed as well.
"""

from __future__ import annotations

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.planner.registry import Registry
from tests.journeys.running import Hub, text_of

PAGE = 50
NEAR = 20


def lists(registry: Registry) -> dict[str, GraphQLObjectType]:
    """The connections of the root, by field: the type of their rows."""
    query = registry.schema.query_type
    assert query is not None
    found = {name: rows_of(field) for name, field in query.fields.items()}
    return {name: rows for name, rows in found.items() if rows is not None}


def rows_of(field: GraphQLField) -> GraphQLObjectType | None:
    """The type of the rows when the field is a connection."""
    named = get_named_type(field.type)
    if not isinstance(named, GraphQLObjectType) or not named.name.endswith("Connection"):
        return None
    rows = get_named_type(named.fields["nodes"].type)
    assert isinstance(rows, GraphQLObjectType)
    return rows


async def comb(hub: Hub, name: str, registry: Registry) -> str:
    """The text of everything in every list, with what each row leads to. Denied fields are null and no matter."""
    texts: list[str] = []
    for field, rows in lists(registry).items():
        query = (
            f"query($after: String) {{ {field}(first: {PAGE}, after: $after) "
            f"{{ nodes {{ {_step(rows, deeper=True)} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        )
        after: str | None = None
        while True:
            answer = await hub.post(name, query, {"after": after})
            assert answer.status_code == 200, answer.text
            texts.append(text_of(answer))
            page = answer.json()["data"][field]
            if page is None or not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
    return "\n".join(texts)


def _step(rows: GraphQLNamedType, *, deeper: bool) -> str:
    """The leaves of a type; with `deeper`, also the leaves of everything it leads to."""
    assert isinstance(rows, GraphQLObjectType)
    parts: list[str] = []
    for name, field in rows.fields.items():
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        target = get_named_type(field.type)
        near = rows_of(field)
        if is_leaf_type(target):
            parts.append(name)
        elif not deeper:
            continue
        elif near is not None:
            parts.append(f"{name}(first: {NEAR}) {{ nodes {{ {_step(near, deeper=False)} }} }}")
        else:
            # What consists of nothing but parts of its own (sums of money) is named down to their leaves.
            inside = _step(target, deeper=False) or _step(target, deeper=True)
            parts.append(f"{name} {{ {inside} }}")
    return " ".join(parts)
