"""Random documents that are valid for the schema: fragments, aliases, directives, arguments and variables of any shape.

Left out are cursors (see test_pages.py) and introspection, which is not the planner's.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from hypothesis import strategies as st

from tests.schema.interpreter import SCHEMA

CURSORS = {"cursor", "startCursor", "endCursor"}
DEEPEST = 5
COMMON = {
    "String": ["", "张", "1", "R-2026", "VISITING", "en", "zh-CN", "a\"b\\c'd"],
    "Int": [0, 1, 3, 5, -(2**31), 2**31 - 1],
    "Boolean": [True, False],
    "Decimal": ["0.01", "1050000.00", "0", "-5", "0.001"],
    "Date": ["1950-01-01", "2026-05-06", "0001-01-01", "9999-12-31"],
    "DateTime": ["2026-05-01T00:00:00+08:00", "2026-05-06T01:00:00.000Z", "2026-04-01T12:30:00.5-03:30"],
}
"""Values by scalar."""

DAYS = {"from": ["2026-03-01", "2026-05-06"], "to": ["2026-05-06", "2026-06-30"]}
"""A period ends no earlier than it begins."""

IDS: list[str] = []
"""Ids to ask for: filled from the world before anything is drawn."""


@dataclasses.dataclass
class Drawing:
    """One document being drawn."""

    draw: Any
    schema: GraphQLSchema = SCHEMA
    declared: dict[str, str] = dataclasses.field(default_factory=dict)
    variables: dict[str, Any] = dataclasses.field(default_factory=dict)
    fragments: list[str] = dataclasses.field(default_factory=list)
    aliases: int = 0

    def chance(self, one_in: int) -> bool:
        """True now and then."""
        return self.draw(st.integers(1, one_in)) == one_in

    def document(self, kind: str = "query") -> str:
        """The whole text; its variables are then in `variables`."""
        body = self.selections(getattr(self.schema, f"{kind}_type"), 0)
        return self.complete(body, kind)

    def complete(self, body: str, kind: str = "query") -> str:
        """A drawn body with the head and the fragments that it needs."""
        head = f"{kind}({', '.join(self.declared.values())})" if self.declared else kind
        return " ".join([f"{head} {body}", *self.fragments])

    def selections(self, type_: Any, depth: int) -> str:
        """A selection set on a type."""
        parts = [self.selection(type_, depth) for _ in range(self.draw(st.integers(1, 3)))]
        return f"{{ {' '.join(parts)} }}"

    def selection(self, type_: Any, depth: int) -> str:
        """A field, or a fragment of one kind or another."""
        kind = self.draw(st.sampled_from(["field"] * 8 + ["inline", "spread"]))
        if kind == "field" or depth == 0:
            return self.field(type_, depth)
        on = self.draw(st.sampled_from(self.conditions(type_)))
        inside = self.selections(on, depth)
        if kind == "inline":
            condition = f" on {on.name}" if on is not type_ or self.chance(2) else ""
            return f"...{condition}{self.directive()} {inside}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {on.name} {inside}")
        again = f" ...{name}" if self.chance(3) else ""
        return f"...{name}{self.directive()}{again}"

    def conditions(self, type_: Any) -> list[Any]:
        """The types that a fragment may name there."""
        if isinstance(type_, GraphQLInterfaceType):
            names = ("Case", "Person", "Referral", "Visit", "Offer", "Need", "Community")
            return [type_, *(self.schema.type_map[name] for name in names)]
        return [type_, *type_.interfaces]

    def directive(self) -> str:
        """Now and then `@skip` or `@include`, by a literal or a variable."""
        if not self.chance(6):
            return ""
        name, value = self.draw(st.sampled_from(["skip", "include"])), self.draw(st.booleans())
        text = self.variable("Boolean!", value) if self.chance(2) else json.dumps(value)
        return f" @{name}(if: {text})"

    def field(self, type_: Any, depth: int) -> str:
        """One field with its arguments and what is selected in it; arguments always come under an alias."""
        name = self.draw(st.sampled_from(["__typename", *self.usable(type_, depth)]))
        if name == "__typename":
            return f"__typename{self.directive()}"
        field = type_.fields[name]
        arguments = self.arguments(field.args)
        alias = ""
        if (arguments or self.chance(8)) and self.aliases < 25:
            self.aliases += 1
            alias = f"a{self.aliases}: "
        elif arguments:
            return "__typename"
        inner = get_named_type(field.type)
        inside = "" if is_leaf_type(inner) else " " + self.selections(inner, depth + 1)
        return f"{alias}{name}{arguments}{self.directive()}{inside}"

    def usable(self, type_: Any, depth: int) -> list[str]:
        """The fields to choose from: only leaves when it is deep enough."""
        return [
            name
            for name, field in type_.fields.items()
            if name not in CURSORS and (depth < DEEPEST or is_leaf_type(get_named_type(field.type)))
        ]

    def arguments(self, args: Any) -> str:
        """Arguments: one paging direction, a filter, an order, ids."""
        given: list[str] = []
        names = set(args) - {"first", "last", "after", "before"}
        if "first" in args and self.chance(2):
            names.add(self.draw(st.sampled_from(["first", "last"])))
        for name in sorted(names):
            required = isinstance(args[name].type, GraphQLNonNull)
            if required or self.chance(2):
                values = st.integers(1, 6) if name in ("first", "last") else None
                values = st.sampled_from(DAYS[name]) if name in DAYS and required else values
                given.append(f"{name}: {self.given(args[name].type, values)}")
        return f"({', '.join(given)})" if given else ""

    def given(self, type_: Any, values: Any = None) -> str:
        """A value as a literal or through a variable, or (where it may be) null or absent."""
        value = self.draw(values) if values is not None else self.value(type_)
        if not isinstance(type_, GraphQLNonNull) and self.chance(8):
            value = None
        if self.chance(2):
            return self.variable(str(type_), value)
        return self.literal(get_nullable_type(type_), value)

    def variable(self, type_: str, value: Any) -> str:
        """A new variable with this value; a null one may be left out."""
        name = f"v{len(self.declared)}"
        self.declared[name] = f"${name}: {type_}"
        if value is not None or self.chance(2):
            self.variables[name] = value
        return f"${name}"

    def value(self, type_: Any) -> Any:
        """A value of an input type, as JSON has it."""
        type_ = get_nullable_type(type_)
        if isinstance(type_, GraphQLList):
            return [self.value(type_.of_type) for _ in range(self.draw(st.integers(0, 2)))]
        if isinstance(type_, GraphQLInputObjectType):
            names = self.draw(st.lists(st.sampled_from(sorted(type_.fields)), max_size=2, unique=True))
            return {name: None if self.chance(8) else self.value(type_.fields[name].type) for name in names}
        if isinstance(type_, GraphQLEnumType):
            return self.draw(st.sampled_from(sorted(type_.values)))
        return self.draw(st.sampled_from(IDS if type_.name == "ID" else COMMON[type_.name]))

    def literal(self, type_: Any, value: Any) -> str:
        """The value in the language of documents; enums are bare words."""
        type_ = get_nullable_type(type_)
        if value is None or not isinstance(type_, GraphQLList | GraphQLInputObjectType | GraphQLEnumType):
            return json.dumps(value)
        if isinstance(type_, GraphQLList):
            return f"[{', '.join(self.literal(type_.of_type, each) for each in value)}]"
        if isinstance(type_, GraphQLInputObjectType):
            keys = (f"{key}: {self.literal(type_.fields[key].type, each)}" for key, each in value.items())
            return f"{{{', '.join(keys)}}}"
        return value


@st.composite
def documents(draw: Any) -> tuple[str, dict[str, Any]]:
    """A query and its variables."""
    drawing = Drawing(draw)
    return drawing.document(), drawing.variables


@st.composite
def mutations(draw: Any) -> tuple[str, dict[str, Any]]:
    """A mutation and its variables."""
    drawing = Drawing(draw)
    return drawing.document("mutation"), drawing.variables
