"""Stage 2: the selection, the policy and the descriptions become a plan.

Here every decision about rights is made: a field outside the grant, a filter or an order over a field that is not
readable or only masked, becomes a literal null and one error with its path, before any SQL exists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from graphql import SelectionSetNode

from auth.gate import scope
from auth.grants import Grant, grant_for
from auth.roles import Viewer
from hub.base.errors import LimitExceeded
from hub.base.limits import MAX_NODE_IDS, MAX_PLAN_FIELDS
from hub.base.money import CURRENCY
from hub.base.words import label, message
from schema.planner.actions import actions_of
from schema.planner.arguments import Refused
from schema.planner.connections import PageCompiler
from schema.planner.describe import (
    Actions,
    Amount,
    Column,
    Derived,
    Edge,
    Expression,
    Field,
    ForPeriod,
    GlobalId,
    Kind,
    Literal,
    Many,
    NodeById,
    OneById,
    Queue,
    Struct,
    TypeInfo,
    ViewerEdge,
    arguments_of,
)
from schema.planner.plan import (
    ByFact,
    ById,
    ByIds,
    ByPlace,
    FunctionRows,
    Identity,
    Item,
    Nested,
    Period,
    Piece,
    Plan,
    QueueEntry,
    QueuePlan,
    RowPlan,
    Scalar,
    Short,
    Text,
    ToOne,
    Weight,
)
from schema.planner.queue import QUEUE
from schema.planner.registry import Registry, named
from schema.planner.selection import MISSING, Binding, Bound, Const, Document, Selected
from schema.planner.text import never_null
from schema.planner.values import parse_global_id

Path = tuple[str, ...]
NULL = Text("null")


class Compiler:
    """Compiles one operation for one viewer. Reads of the viewer only role, duty, scopes and language."""

    def __init__(self, registry: Registry, document: Document, viewer: Viewer) -> None:
        self.registry = registry
        self.document = document
        self.viewer = viewer
        self.errors: list[dict[str, object]] = []
        self.count = 0
        self.cacheable = True
        self.periods: list[Period] = []
        self.given: Mapping[str, Bound] = {}

    def operation(self, selection_set: SelectionSetNode, literal: Mapping[str, str]) -> Plan:
        """A whole query. `literal` holds JSON of root fields answered elsewhere (introspection), by response key."""
        query = self.registry.types["Query"]
        items: list[Item] = []
        weights: list[Weight] = []
        for selected in self.document.select(self.registry.object_type("Query"), [selection_set]):
            if selected.key in literal:
                items.append(Item(selected.key, Text(literal[selected.key])))
            else:
                items.append(self.item(query, None, selected, (), weights))
        return Plan(tuple(items), tuple(self.errors), tuple(weights), self.cacheable, tuple(self.periods))

    def payload(self, type_name: str, sets: list[SelectionSetNode], place: Binding, path: Path) -> Plan:
        """The object of a mutation's payload, read by its global id."""
        weights: list[Weight] = []
        row = self.row(type_name, sets, path, weights)
        piece: Piece = ById(place, None, row) if row else NULL
        return Plan((Item("object", piece),), tuple(self.errors), tuple(weights), self.cacheable)

    # ------------------------------------------------------------------------------------------------------- rows

    def row(
        self, type_name: str, sets: list[SelectionSetNode], path: Path, weights: list[Weight]
    ) -> RowPlan | None:
        """The plan of rows of a type, or None when the role has no grant for it."""
        info, grant = self.registry.types[type_name], grant_for(type_name, self.viewer.role)
        if grant is None:
            return None
        return RowPlan(info, scope(info.table, grant.rows), self.items(info, grant, sets, path, weights))

    def items(
        self,
        info: TypeInfo,
        grant: Grant | None,
        sets: list[SelectionSetNode],
        path: Path,
        weights: list[Weight],
    ) -> tuple[Item, ...]:
        """What is read of each row."""
        selected = self.document.select(self.registry.object_type(info.name), sets)
        return tuple(self.item(info, grant, each, path, weights) for each in selected)

    def item(
        self, info: TypeInfo, grant: Grant | None, selected: Selected, path: Path, weights: list[Weight]
    ) -> Item:
        """One field, or a literal null with its error. Raises LimitExceeded when the whole tree grows too large."""
        here = (*path, selected.key)
        self.count += 1
        if self.count > MAX_PLAN_FIELDS:
            raise LimitExceeded("too_many_fields", most=MAX_PLAN_FIELDS)
        if selected.name == "__typename":
            return Item(selected.key, Text(json.dumps(info.name)))
        noted = len(self.errors)
        try:
            if grant is not None and not grant.shows(selected.name) and selected.name != "id":
                raise Refused
            piece = self.field(info, grant, selected, here, weights)
        except Refused:
            del self.errors[noted:]  # what lies below a null has no error of its own
            self.refuse(here)
            piece = NULL
        return Item(selected.key, piece)

    def refuse(self, path: Path) -> None:
        """Note one FORBIDDEN error; the path has response keys and no list indices, since the rows are not known."""
        text = message("error.field_denied", self.viewer.language)
        self.errors.append({"message": text, "path": list(path), "extensions": {"code": "FORBIDDEN"}})

    def field(
        self, info: TypeInfo, grant: Grant | None, selected: Selected, path: Path, weights: list[Weight]
    ) -> Piece:
        """The piece for one field, by what the type says it is."""
        source: Field = info.fields[selected.name]
        match source:
            case GlobalId():
                return Identity(info.tag)
            case Column():
                return self.column(info, grant, selected.name, source)
            case Expression():
                return Scalar(source.sql, source.kind)
            case Amount():
                return self.amount(source, selected)
            case Edge():
                return ToOne(source, self.target(source.target, selected, path, weights))
            case Struct():
                target = self.registry.types[source.target]
                return Nested(self.items(target, None, selected.sets, path, weights), source.absent_when)
            case Derived():
                target = self.registry.types[source.target]
                items = self.items(target, None, selected.sets, path, weights)
                arguments = self.arguments(source, selected)
                return FunctionRows(source.function, source.many, source.part, items, arguments)
            case Many(plain=True):
                row = self.target(source.target, selected, path, weights)
                return Short(source, row, self.link_rows(source))
            case Many():
                return PageCompiler(self, source, selected, path).page(info, weights)
            case Actions():
                machine = self.registry.machines[source.machine]
                return actions_of(self.viewer, info, machine, self.keys("AvailableAction", selected))
            case Queue():
                return self.queue(selected)
            case Literal():
                return self.literal(source, info, selected)
            case ViewerEdge():
                return ByFact(source.fact, self.target(source.target, selected, path, weights))
            case NodeById():
                return self.nodes(source, selected, path, weights)
            case OneById():
                bound: Any = selected.args[source.argument]
                row = self.target(source.target, selected, path, weights)
                return ById(bound, None, row, self.registry.types[source.id_type].tag)
            case ForPeriod():
                return self.for_period(source, selected, path, weights)

    def arguments(self, source: Derived, selected: Selected) -> tuple[tuple[str, Binding, str], ...]:
        """Where a function's arguments are read: the field's own first, then those of the root field above it."""
        given = {**self.given, **selected.args}
        found: list[tuple[str, Binding, str]] = []
        for place, name, cast_ in arguments_of(source.function):
            bound = given.get(name, Const(None))
            if isinstance(bound, dict):
                raise LookupError(f"{name} of {selected.name} is no single value")
            found.append((place, bound, cast_))
        return tuple(found)

    def for_period(self, source: ForPeriod, selected: Selected, path: Path, weights: list[Weight]) -> ByPlace:
        """One row over a period. Raises Refused when the role has no grant for it."""
        args: dict[str, Any] = {**selected.args}  # single values, every one of them
        named_here = [
            (args[name], self.registry.types[type_name].tag)
            for name, type_name in source.places.items()
            if name in args and args[name].read(self.document.variables) is not None
        ]
        above, self.given = self.given, selected.args
        row = self.target(source.target, selected, path, weights)
        self.given = above
        self.periods.append(Period(args[source.start], args[source.end], path))
        return ByPlace(tuple(named_here), source.facts, row)

    def target(self, type_name: str, selected: Selected, path: Path, weights: list[Weight]) -> RowPlan:
        """The rows at the end of an edge. Raises Refused when the role has no grant for their type."""
        row = self.row(type_name, selected.sets, path, weights)
        if row is None:
            raise Refused
        return row

    def column(self, info: TypeInfo, grant: Grant | None, name: str, source: Column) -> Scalar:
        """A column, or its masked form."""
        masked = grant is not None and name in grant.masked
        column = source.masked if masked and source.masked else source.name
        return Scalar(f"{{t}}.{column}", source.kind, bool(info.table) and never_null(info.table, column))

    def amount(self, source: Amount, selected: Selected) -> Nested:
        """`Money { amount currency }` of an amount of the row; null where there is none."""
        pieces: Mapping[str, Piece] = {
            "amount": Scalar(f"(({source.sql}) * 0.01)::text", Kind.TEXT, True),
            "currency": Text(json.dumps(CURRENCY)),
        }
        items = (Item(key, pieces.get(name) or Text(name)) for key, name in self.keys("Money", selected))
        return Nested(tuple(items), f"({source.sql}) is null")

    def link_rows(self, many: Many) -> str:
        """The rows of a link table: in the same scope as the rows it leads to."""
        grant = grant_for(many.target, self.viewer.role)
        return scope(many.link[0], grant.rows) if many.link and grant else ""

    def keys(self, type_name: str, selected: Selected) -> tuple[tuple[str, str], ...]:
        """Response key and field of a flat object; `__typename` as its literal."""
        chosen = self.document.select(self.registry.object_type(type_name), selected.sets)
        return tuple(
            (each.key, json.dumps(type_name) if each.name == "__typename" else each.name) for each in chosen
        )

    # ----------------------------------------------------------------------------------------------- special fields

    def nodes(self, source: NodeById, selected: Selected, path: Path, weights: list[Weight]) -> Piece:
        """`node` and `nodes`: the types are known from the tags inside the ids, which are part of the plan's shape."""
        bound: Any = selected.args["ids" if source.many else "id"]
        value = bound.read(self.document.variables)
        if not source.many:
            return self.by_id(bound, value, None, selected, path, weights) or NULL
        if len(value) > MAX_NODE_IDS:
            raise LimitExceeded("too_many_ids", path=path, most=MAX_NODE_IDS)
        rows = (self.by_id(bound, each, index, selected, path, weights) for index, each in enumerate(value))
        return ByIds(tuple(rows))

    def by_id(
        self,
        bound: Binding,
        value: str,
        index: int | None,
        selected: Selected,
        path: Path,
        weights: list[Weight],
    ) -> ById | None:
        """One id; None when it names no type that the viewer may read, like an id that does not exist."""
        info = self.registry.tags.get(parse_global_id(value)[0])
        row = self.row(info.name, selected.sets, path, weights) if info else None
        return ById(bound, index, row) if row else None

    def queue(self, selected: Selected) -> QueuePlan:
        """The role's lines of work, each counted within the rows it may read."""
        keys = self.keys("QueueItem", selected)
        entries: list[QueueEntry] = []
        for line in QUEUE:
            grant = grant_for(line.type_name, self.viewer.role)
            if (
                grant is None
                or self.viewer.role not in line.roles
                or line.duty not in (None, self.viewer.duty)
            ):
                continue
            info = self.registry.types[line.type_name]
            rows = f"({scope(info.table, grant.rows)}) AND ({line.sql})"
            names = {"kind": json.dumps(line.kind), "displayName": self.queue_name(line.kind)}
            items = tuple((key, names.get(name, name)) for key, name in keys)
            entries.append(QueueEntry(info.table, rows, line.due, items))
        return QueuePlan(tuple(entries))

    def queue_name(self, kind: str) -> str:
        """The label of a line of work in the viewer's language, as JSON."""
        return json.dumps(label(f"QueueKind.{kind}", self.viewer.language), ensure_ascii=False)

    def literal(self, source: Literal, info: TypeInfo, selected: Selected) -> Text:
        """A value known at plan time, written in the shape of the selection."""
        values = {name: self.read_now(bound) for name, bound in selected.args.items()}
        field = self.registry.object_type(info.name).fields[selected.name]
        return Text(dump(self.shape(named(field.type), source.value(self.viewer, values), selected.sets)))

    def read_now(self, bound: Bound) -> Any:
        """The value of an argument that decides the plan itself; a plan that read a variable is not kept."""
        if isinstance(bound, Const):
            return bound.value
        self.cacheable = False
        return None if bound is MISSING or isinstance(bound, dict) else bound.read(self.document.variables)

    def shape(self, type_name: str, value: Any, sets: list[SelectionSetNode]) -> Any:
        """A Python value in the shape of the selection."""
        if isinstance(value, list | tuple):
            return [self.shape(type_name, each, sets) for each in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        type_ = self.registry.object_type(type_name)
        chosen = self.document.select(type_, sets)
        return {
            each.key: type_name
            if each.name == "__typename"
            else self.shape(named(type_.fields[each.name].type), value[each.name], each.sets)
            for each in chosen
        }


def dump(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
