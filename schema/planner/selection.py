"""Stage 1: a document's operation and its variables become one merged tree of selected fields.

Fragments are merged by runtime type, aliases kept as response keys, `@skip`/`@include` decided. Argument values stay
*bindings*: a constant of the document, or a place in the variables that is read anew for every request.
"""

# graphql-core's types are generic without arguments, so a strict checker calls whatever comes from them unknown.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    value_from_ast,
)
from graphql.pyutils import Undefined

from hub.base.errors import Invalid

MISSING = Undefined


@dataclasses.dataclass(frozen=True)
class Const:
    """A value written in the document; lists are kept as tuples, so that equal places share a parameter."""

    value: Any

    def read(self, variables: Mapping[str, Any]) -> Any:
        return list(self.value) if isinstance(self.value, tuple) else self.value


@dataclasses.dataclass(frozen=True)
class Var:
    """A place in the variables: the variable's name, then keys of input objects and indices of lists."""

    name: str
    path: tuple[str | int, ...] = ()

    def read(self, variables: Mapping[str, Any]) -> Any:
        value = variables[self.name]
        for key in self.path:
            value = value[key]
        return value


@dataclasses.dataclass(frozen=True)
class Several:
    """A list literal of the document with variables or objects in it."""

    items: tuple[Bound, ...]

    def read(self, variables: Mapping[str, Any]) -> Any:
        return [read(item, variables) for item in self.items]


Binding = Const | Var | Several
Bound = Binding | dict[str, "Bound"]


def read(bound: Bound, variables: Mapping[str, Any]) -> Any:
    """The value of a binding, input objects included."""
    if isinstance(bound, dict):
        return {name: read(inner, variables) for name, inner in bound.items()}
    return bound.read(variables)


@dataclasses.dataclass
class Selected:
    """One response key: the field, its arguments, and every selection set written under it, merged on demand."""

    key: str
    name: str
    args: dict[str, Bound]
    sets: list[SelectionSetNode]


@dataclasses.dataclass(frozen=True)
class Document:
    """What the walk needs of a prepared document."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def select(self, type_: GraphQLObjectType, sets: list[SelectionSetNode]) -> list[Selected]:
        """The fields selected on an object of this type, in order of first appearance, merged by response key."""
        found: dict[str, Selected] = {}
        spread: set[str] = set()
        for selection_set in sets:
            for node in self.fields(type_, selection_set, spread):
                key = node.alias.value if node.alias else node.name.value
                selected = found.get(key)
                if selected is None:
                    selected = found[key] = Selected(key, node.name.value, self._args(type_, node), [])
                if node.selection_set:
                    selected.sets.append(node.selection_set)
        return list(found.values())

    def fields(
        self, type_: GraphQLObjectType, selection_set: SelectionSetNode, spread: set[str]
    ) -> Iterator[FieldNode]:
        """Every field node that applies to the type, fragments expanded, skipped ones left out.

        `spread` remembers the fragments expanded already on this object: a second time adds nothing, and fragments that
        spread each other in a lattice would otherwise be walked along every one of 2^n ways.
        """
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, type_):
                    yield from self.fields(type_, node.selection_set, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, type_):
                    yield from self.fields(type_, fragment.selection_set, spread)

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        if condition == type_.name:
            return True
        abstract = self.schema.type_map[condition]
        return isinstance(abstract, GraphQLInterfaceType) and abstract in type_.interfaces

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                arguments: Any = directive.arguments
                value = arguments[0].value
                on = self._variable(value, required=True) if isinstance(value, VariableNode) else value.value
                if on is (directive.name.value == "skip"):
                    return False
        return True

    def _args(self, type_: GraphQLObjectType, node: FieldNode) -> dict[str, Bound]:
        field = type_.fields.get(node.name.value)
        if field is None:  # __typename and the introspection roots, which graphql-core answers
            return {}
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        return self._bind_all(given, field.args)

    def _bind_all(
        self, given: Mapping[str, ValueNode], wanted: Mapping[str, GraphQLArgument | GraphQLInputField]
    ) -> dict[str, Bound]:
        """The bindings of arguments, or of the keys of an input object, by name; absent ones are left out."""
        bound = {
            name: self.bind(given.get(name), each.type, each.default_value) for name, each in wanted.items()
        }
        return {name: value for name, value in bound.items() if value is not MISSING}

    def bind(self, node: ValueNode | None, type_: GraphQLInputType, default: Any = MISSING) -> Any:
        """The binding of a value; MISSING when the client gives none and there is no default.

        Raises Invalid for a null variable where null is not allowed: validation lets a nullable variable with a default
        pass there.
        """
        if node is None or (isinstance(node, VariableNode) and node.name.value not in self.variables):
            return MISSING if default is MISSING else Const(default)
        if isinstance(node, VariableNode):
            return _spread(
                Var(node.name.value), self._variable(node, required=isinstance(type_, GraphQLNonNull))
            )
        inner: Any = get_nullable_type(type_)
        if isinstance(node, ObjectValueNode) and isinstance(inner, GraphQLInputObjectType):
            return self._bind_all({field.name.value: field.value for field in node.fields}, inner.fields)
        if isinstance(inner, GraphQLList) and not isinstance(node, NullValueNode):
            nodes = node.values if isinstance(node, ListValueNode) else (node,)
            items = tuple(self.bind(each, inner.of_type, None) for each in nodes)
            if all(isinstance(item, Const) for item in items):
                return Const(tuple(item.value for item in items))
            return Several(items)
        return Const(value_from_ast(node, type_))

    def _variable(self, node: VariableNode, *, required: bool) -> Any:
        value = self.variables.get(node.name.value)
        if value is None and required:
            raise Invalid("variable_null", code="REQUIRED", name=node.name.value)
        return value


def _spread(place: Var, value: Any) -> Bound:
    """A variable of an input object type becomes a dict of places, so that its present keys are known to the plan."""
    if isinstance(value, dict):
        items: dict[str, Any] = value
        return {key: _spread(Var(place.name, (*place.path, key)), item) for key, item in items.items()}
    return place
