"""What the planner knows of the schema: each compiled type's table, fields, filters and orders, read off Strawberry's
definitions once at start. A compiled type with a field that says neither column nor edge does not build.
"""

# graphql-core's types are generic without arguments, so a strict checker calls whatever comes from them unknown.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, get_named_type

from hub.base.machine import Machine
from schema.planner.describe import Field, Filter, GlobalId, Sort, TypeInfo
from schema.planner.faults import part_faults, policy_faults

SKELETON = ("Connection", "Edge")


@dataclasses.dataclass(frozen=True)
class Registry:
    """Frozen look-ups of everything compiled."""

    schema: GraphQLSchema
    types: Mapping[str, TypeInfo]
    tags: Mapping[str, TypeInfo]
    sorts: Mapping[str, Mapping[str, Sort]]
    filters: Mapping[str, Mapping[str, Filter]]
    machines: Mapping[str, Machine]

    def object_type(self, name: str) -> GraphQLObjectType:
        """The schema's type of that name."""
        found = self.schema.type_map[name]
        if not isinstance(found, GraphQLObjectType):
            raise LookupError(f"{name} is not an object type")
        return found


def build_registry(schema: GraphQLSchema, machines: tuple[Machine, ...]) -> Registry:
    """Read the schema. Raises ValueError with every fault found: a field without a description of its source, an
    object inside a row that cannot be made, a policy row that names no type or field, a sealed value granted without a
    mask."""
    types: dict[str, TypeInfo] = {}
    faults: list[str] = []
    for name, type_ in schema.type_map.items():
        definition = (
            type_.extensions.get("strawberry-definition") if isinstance(type_, GraphQLObjectType) else None
        )
        compiled: TypeInfo | None = getattr(getattr(definition, "origin", None), "__compiled__", None)
        if compiled is None or compiled.name != name or not isinstance(type_, GraphQLObjectType):
            continue
        fields = {field: _source(type_, field) for field in type_.fields}
        faults += [
            f"{name}.{field} says neither column nor edge" for field, source in fields.items() if not source
        ]
        types[name] = dataclasses.replace(compiled, fields={k: v for k, v in fields.items() if v})
    faults += [*part_faults(types), *policy_faults(types)]
    if faults:
        raise ValueError("the schema does not build:\n  " + "\n  ".join(faults))
    return Registry(
        schema=schema,
        types=types,
        # What has no id of its own is not found by one.
        tags={info.tag: info for info in types.values() if info.table and "id" in info.fields},
        sorts={
            n: _sorts(t) for n, t in schema.type_map.items() if isinstance(t, GraphQLEnumType) and _sorts(t)
        },
        filters={n: _filters(t) for n, t in schema.type_map.items() if isinstance(t, GraphQLInputObjectType)},
        machines={machine.name: machine for machine in machines},
    )


def _metadata(element: Any) -> Mapping[str, Any]:
    definition = element.extensions.get("strawberry-definition")
    return getattr(definition, "metadata", None) or {}


def _source(type_: GraphQLObjectType, field: str) -> Field | None:
    if field == "id":
        return _metadata(type_.fields[field]).get("source") or GlobalId()
    return _metadata(type_.fields[field]).get("source")


def _filters(type_: GraphQLInputObjectType) -> dict[str, Filter]:
    found = {name: _metadata(field).get("filter") for name, field in type_.fields.items()}
    return {name: value for name, value in found.items() if value is not None}


def _sorts(type_: GraphQLEnumType) -> dict[str, Sort]:
    values = {name: getattr(value.value, "value", value.value) for name, value in type_.values.items()}
    return {name: value for name, value in values.items() if isinstance(value, Sort)}


def named(type_: Any) -> str:
    """The name inside lists and non-nulls."""
    return get_named_type(type_).name
