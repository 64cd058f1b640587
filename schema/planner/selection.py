"""Stage 1: a document's operation and its variables become one merged tree of selected fields.

Fragments are merged by runtime type, aliases kept as response keys, `@skip`/`@include` decided. Argument values stay
*bindings*: a constant of the document, or a place in the variables that is read anew for every request.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    value_from_ast,
)
from graphql.pyutils import Undefined

MISSING = Undefined


@dataclasses.dataclass(frozen=True)
class Const:
    """A value written in the document."""

    value: Any

    def read(self, variables: Mapping[str, Any]) -> Any:
        return self.value


@dataclasses.dataclass(frozen=True)
class Var:
    """A place in the variables: the variable's name, then keys of input objects."""

    name: str
    path: tuple[str, ...] = ()

    def read(self, variables: Mapping[str, Any]) -> Any:
        value = variables[self.name]
        for key in self.path:
            value = value[key]
        return value


@dataclasses.dataclass(frozen=True)
class Several:
    """A list literal of the document with variables in it."""

    items: tuple[Binding, ...]

    def read(self, variables: Mapping[str, Any]) -> Any:
        return [item.read(variables) for item in self.items]


Binding = Const | Var | Several
Bound = Binding | dict[str, "Bound"]


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
        for selection_set in sets:
            for node in self.fields(type_, selection_set):
                key = node.alias.value if node.alias else node.name.value
                selected = found.get(key)
                if selected is None:
                    selected = found[key] = Selected(key, node.name.value, self._args(type_, node), [])
                if node.selection_set:
                    selected.sets.append(node.selection_set)
        return list(found.values())

    def fields(self, type_: GraphQLObjectType, selection_set: SelectionSetNode) -> Iterator[FieldNode]:
        """Every field node that applies to the type, fragments expanded, skipped ones left out."""
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, type_):
                    yield from self.fields(type_, node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, type_):
                    yield from self.fields(type_, fragment.selection_set)

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        if condition == type_.name:
            return True
        abstract = self.schema.type_map[condition]
        return isinstance(abstract, GraphQLInterfaceType) and abstract in type_.interfaces

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                value = directive.arguments[0].value
                on = self.variables.get(value.name.value) if isinstance(value, VariableNode) else value.value
                if bool(on) is (directive.name.value == "skip"):
                    return False
        return True

    def _args(self, type_: GraphQLObjectType, node: FieldNode) -> dict[str, Bound]:
        field = type_.fields.get(node.name.value)
        if field is None:  # __typename and the introspection roots, which graphql-core answers
            return {}
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        bound = {
            name: self.bind(given.get(name), arg.type, arg.default_value) for name, arg in field.args.items()
        }
        return {name: value for name, value in bound.items() if value is not MISSING}

    def bind(self, node: ValueNode | None, type_: GraphQLInputType, default: Any = MISSING) -> Any:
        """The binding of an argument's value; MISSING when the client gives none and there is no default."""
        if node is None:
            return MISSING if default is MISSING else Const(default)
        if isinstance(node, VariableNode):
            name = node.name.value
            if name not in self.variables:
                return MISSING if default is MISSING else Const(default)
            return _spread(Var(name), self.variables[name])
        inner = get_nullable_type(type_)
        if isinstance(node, ObjectValueNode) and isinstance(inner, GraphQLInputObjectType):
            fields = {field.name.value: inner.fields[field.name.value].type for field in node.fields}
            values = {
                field.name.value: self.bind(field.value, fields[field.name.value]) for field in node.fields
            }
            return {name: value for name, value in values.items() if value is not MISSING}
        if isinstance(node, ListValueNode) and any(isinstance(item, VariableNode) for item in node.values):
            element: Any = get_named_type(inner)
            return Several(tuple(self.bind(item, element) for item in node.values))
        return Const(value_from_ast(node, type_))


def _spread(place: Var, value: Any) -> Bound:
    """A variable of an input object type becomes a dict of places, so that its present keys are known to the plan."""
    if isinstance(value, dict):
        return {key: _spread(Var(place.name, (*place.path, key)), item) for key, item in value.items()}
    return place
