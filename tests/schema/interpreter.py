"""What a query should answer, worked out the slow way: graphql-core executes it, field by field, over rows that the
administrator reads. Slow, simple, and nothing of it shared with the planner but the descriptions of the fields, the
policy, and the text of a predicate.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from graphql import GraphQLResolveInfo, GraphQLSchema, build_schema, execute, parse, print_schema

from auth.gate import scope
from auth.grants import Grant, grant_for, may_do, right_for
from auth.roles import SCOPE_SETTINGS, Viewer
from hub.base.money import CURRENCY, yuan
from hub.base.transaction import SETTINGS
from hub.base.words import label
from schema.build import registry
from schema.planner.actions import camel
from schema.planner.describe import (
    Actions,
    Amount,
    Column,
    Derived,
    Edge,
    Expression,
    Filter,
    ForPeriod,
    GlobalId,
    Literal,
    Many,
    NodeById,
    Queue,
    Struct,
    TypeInfo,
    ViewerEdge,
    arguments_of,
    columns_of,
)
from schema.planner.queue import QUEUE
from schema.planner.registry import Registry

REGISTRY = registry()


def plain_schema(registry: Registry) -> GraphQLSchema:
    """The same schema without anything behind it, so that graphql-core can execute it."""
    return build_schema(print_schema(registry.schema))


SCHEMA = plain_schema(REGISTRY)
ZONE = ZoneInfo("Asia/Shanghai")
ID = re.compile(r"([a-z_]+)_([0-9a-f-]{36})")


ENTER = "select " + ", ".join(
    f"set_config('hub.{name}', ${place}, true)" for place, name in enumerate(SETTINGS, start=1)
)
"""The viewer's facts, until the transaction ends."""

CALL = ""
"""Where the row of a function keeps the call that it came from, with its arguments: no column is called so."""

GIVEN = " "
"""Where a row seen over a period keeps the arguments of its root field."""


@dataclasses.dataclass(frozen=True)
class Object:
    """A row as a type shows it."""

    type: str
    row: Mapping[str, Any]


class Interpreter:
    """Answers documents for one viewer at one instant."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        viewer: Viewer,
        now: datetime,
        registry: Registry = REGISTRY,
        schema: GraphQLSchema = SCHEMA,
    ) -> None:
        self.connection = connection
        self.registry = registry
        self.schema = schema
        self.viewer = viewer
        self.now = now
        self.denied: set[tuple[str, ...]] = set()
        self._kept: dict[Any, Any] = {}
        self._lock = asyncio.Lock()

    async def answer(self, query: str, variables: Mapping[str, Any]) -> str:
        """`data` as JSON; `denied` then holds the paths of the fields met that the viewer may not read."""
        self.denied = set()
        result: Any = execute(
            self.schema,
            parse(query),
            variable_values=dict(variables),
            field_resolver=self.resolve,
            type_resolver=lambda found, *_: found.type,
        )
        result = await result if hasattr(result, "__await__") else result
        assert not result.errors, result.errors
        return json.dumps(result.data, ensure_ascii=False)

    # ------------------------------------------------------------------------------------------------------ fields

    async def resolve(self, source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
        """One field of one object."""
        found = self.registry.types.get(info.parent_type.name)
        if found is None:  # the skeleton of a connection, a queue item, a label …
            return source[info.field_name]
        grant = grant_for(found.name, self.viewer.role) if found.table else None
        if grant and info.field_name != "id" and not grant.shows(info.field_name):
            return self.deny(info)
        row = source.row if source else {}
        return await self.value(found, grant, info, row, args)

    def deny(self, info: GraphQLResolveInfo) -> None:
        """Note the field, by its path without list indices."""
        self.denied.add(tuple(key for key in info.path.as_list() if isinstance(key, str)))

    async def value(
        self, found: TypeInfo, grant: Grant | None, info: GraphQLResolveInfo, row: Any, args: dict[str, Any]
    ) -> Any:
        """The value of a field, by what its type says it is."""
        source = found.fields[info.field_name]
        match source:
            case GlobalId():
                return f"{found.tag}_{row['id']}"
            case Column():
                masked = grant is not None and info.field_name in grant.masked
                return _shown(row[source.masked if masked and source.masked else source.name])
            case Expression():
                return _shown(await self.expression(found, source.sql, row))
            case Amount():
                fen = await self.expression(found, source.sql, row)
                return None if fen is None else {"amount": yuan(fen), "currency": CURRENCY}
            case Struct():
                gone = source.absent_when and await self.expression(found, source.absent_when, row)
                return None if gone else Object(source.target, row)
            case Derived():
                rows = await self.derived(source, row, {**row.get(GIVEN, {}), **args})
                return rows if source.many else next(iter(rows), None)
            case Literal():
                return source.value(self.viewer, args)
            case Actions():
                return await self.actions(found, source, row)
            case Queue():
                return await self.queue()
            case NodeById():
                ids = args["ids"] if source.many else [args["id"]]
                nodes = [await self.node(each) for each in ids]
                return nodes if source.many else nodes[0]
        if grant_for(source.target, self.viewer.role) is None:
            return self.deny(info)
        match source:
            case ViewerEdge():
                return await self.row(source.target, getattr(self.viewer, f"{source.fact}_id"))
            case ForPeriod():
                return await self.for_period(source, args)
            case Edge():
                return await self.edge(source, row)
            case Many():
                return await self.many(source, found, info, row, args)

    async def node(self, global_id: str) -> Object | None:
        """The object of a global id, None for anything else."""
        match = ID.fullmatch(global_id)
        info = self.registry.tags.get(match[1]) if match else None
        if match is None or info is None or grant_for(info.name, self.viewer.role) is None:
            return None
        return await self.row(info.name, UUID(match[2]))

    async def for_period(self, source: ForPeriod, args: dict[str, Any]) -> Object | None:
        """The row of the first place that was named, else of the viewer's own, with what was asked of it."""
        named = next((name for name in source.places if args.get(name) is not None), None)
        if named:
            match = ID.fullmatch(args[named])
            right = match is not None and match[1] == self.registry.types[source.places[named]].tag
            place = UUID(match[2]) if match and right else None
        else:
            own = (getattr(self.viewer, f"{name}_id") for name in source.facts)
            place = next((each for each in own if each), None)
        found = await self.row(source.target, place)
        return found and Object(source.target, {**found.row, GIVEN: args})

    async def edge(self, source: Edge, row: Any) -> Object | None:
        """To one: by a column here, or the newest of those that point here."""
        if source.via:
            return await self.row(source.target, row[source.via])
        rows = (await self.rows(source.target)).values()
        pointing = [each for each in rows if each[source.back] == row["id"]]
        newest = max(pointing, key=lambda each: each["id"], default=None)
        return Object(source.target, newest) if newest else None

    async def many(
        self, source: Many, found: TypeInfo, info: GraphQLResolveInfo, row: Any, args: dict[str, Any]
    ) -> Any:
        """To many: a plain list, or a connection as a dict."""
        rows = await self.rows(source.target)
        if source.link:
            linked = await self.linked(source, row["id"])
            rows = {key: each for key, each in rows.items() if key in linked}
        elif source.listed:
            rows = {key: each for key, each in rows.items() if key in row[source.listed]}
        elif source.back:
            near = row[source.near or "id"]
            rows = {key: each for key, each in rows.items() if each[source.back] == near}
        if source.plain:
            return [Object(source.target, rows[key]) for key in sorted(rows)]
        ordered = await self.ordered(source, found, info, rows, args)
        if ordered is None:
            return self.deny(info)
        size = args.get("first") or 20
        page = ordered[-args["last"] :] if args.get("last") else ordered[:size]
        objects = [Object(source.target, rows[key]) for key in page]
        more = len(ordered) > len(page)
        backward = bool(args.get("last"))
        return {
            "nodes": objects,
            "edges": [{"node": each} for each in objects],
            "totalCount": len(ordered),
            "pageInfo": {"hasNextPage": more and not backward, "hasPreviousPage": more and backward},
        }

    async def ordered(
        self, source: Many, found: TypeInfo, info: GraphQLResolveInfo, rows: Any, args: dict[str, Any]
    ) -> list[UUID] | None:
        """The ids that the filter leaves, in the order asked for; None when either names what may not be seen."""
        grant = grant_for(source.target, self.viewer.role)
        assert grant
        target = self.registry.types[source.target]
        field = self.registry.object_type(found.name).fields[info.field_name]
        by, order = "id desc", args.get("orderBy")
        if order:
            sort = self.registry.sorts[field.args["orderBy"].type.name][order]  # type: ignore[union-attr]
            if not grant.shows(sort.field) or sort.field in grant.masked:
                return None
            down = " desc" if sort.descending else ""
            by = f"{sort.column}{down}, id{down}"
        ids = [each["id"] for each in await self.ask(f"select id from {target.table} order by {by}")]
        where = args.get("where") or {}
        filters = self.registry.filters[field.args["where"].type.name] if "where" in field.args else {}  # type: ignore[union-attr]
        for name, each in filters.items():
            value = where.get(name)
            if value is not None and (not grant.shows(each.field) or each.field in grant.masked):
                return None
            kept = await self.filtered(target, each, value)
            ids = [key for key in ids if kept is None or key in kept]
        return [key for key in ids if key in rows]

    # -------------------------------------------------------------------------------------------------------- rows

    async def filtered(self, target: TypeInfo, each: Filter, value: Any) -> set[UUID] | None:
        """The ids that one filter leaves; None when it says nothing."""
        if value is None:
            value = each.default.get(str(self.viewer.role))
            if value is None:
                return None
        if each.choices:
            return await self.ids(target.table, each.choices[value])
        if each.id_type:
            match = ID.fullmatch(value)
            right = match is not None and match[1] == self.registry.types[each.id_type].tag
            value = match[2] if match and right else str(UUID(int=0))
        given = "$1::text[]" if isinstance(value, list) else f"$1::text::{each.cast}"
        text = (
            value if isinstance(value, list) else str(value).lower() if value in (True, False) else str(value)
        )
        return await self.ids(target.table, each.sql.replace("{x}", given), text)

    async def rows(self, type_name: str) -> Mapping[UUID, Any]:
        """The rows of a type that the viewer may see, by id."""
        info, grant = self.registry.types[type_name], grant_for(type_name, self.viewer.role)
        if grant is None:
            return {}
        predicate = f"({info.only or 'true'}) and ({scope(info.table, grant.rows)})"
        return {
            each["id"]: each for each in await self.ask(f"select t.* from {info.table} t where {predicate}")
        }

    async def row(self, type_name: str, row_id: UUID | None) -> Object | None:
        """One row of a type."""
        found = (await self.rows(type_name)).get(row_id) if row_id else None
        return Object(type_name, found) if found else None

    async def derived(self, source: Derived, row: Any, args: dict[str, Any]) -> list[Object]:
        """The rows of a function of a row, each with the call that brings it forth again."""
        columns = columns_of(source.function)
        function = source.function
        for place, name, cast in arguments_of(function):
            value = args.get(name)
            function = function.replace(place, "null" if value is None else f"{cast} '{value}'")
        call = re.sub(r"\{t\}\.(\w+)", lambda match: f"${columns.index(match[1]) + 1}", function)
        if source.part:
            call = f"unnest((select f.{source.part} from {call} f))"
        call, values = f"{call} with ordinality", [row[column] for column in columns]
        rows = await self.ask(f"select t.* from {call} t order by t.ordinality", *values)
        return [Object(source.target, {**each, CALL: (call, values)}) for each in rows]

    async def linked(self, source: Many, row_id: UUID) -> set[UUID]:
        """The far ends of a link table, of the links that the viewer may see."""
        table, near, far = source.link or ("", "", "")
        grant = grant_for(source.target, self.viewer.role)
        assert grant
        query = f"select t.{far} as id from {table} t where t.{near} = $1 and ({scope(table, grant.rows)})"
        return {each["id"] for each in await self.ask(query, row_id)}

    async def ids(self, table: str, predicate: str, *values: Any) -> set[UUID]:
        """The ids of the rows for which a predicate holds."""
        rows = await self.ask(f"select t.id from {table} t where {predicate}", *values)
        return {each["id"] for each in rows}

    async def expression(self, info: TypeInfo, sql: str, row: Any) -> Any:
        """The value of an expression over one row, or over none."""
        if row and CALL in row:
            call, values = row[CALL]
            of_row = f"select ({sql}) as value from {call} t where t.ordinality = ${len(values) + 1}"
            return (await self.ask(of_row, *values, row["ordinality"]))[0]["value"]
        source = f" from {info.table} t where t.id = $1" if "{t}" in sql and row else ""
        if source and not info.table:  # a part of a row: its table is the one that has such columns
            source = f" from {_table_of(sql)} t where t.id = $1"
        rows = await self.ask(f"select ({sql}) as value{source}", *([row["id"]] if source else []))
        return rows[0]["value"]

    async def actions(self, info: TypeInfo, source: Actions, row: Any) -> list[dict[str, Any]]:
        """Every action of the row's status, with what stands in its way."""
        machine, grant = self.registry.machines[source.machine], grant_for(info.name, self.viewer.role)
        found: list[dict[str, Any]] = []
        for move in machine.moves:
            if move.carried or move.system or row["status"] not in move.sources:
                continue
            right = right_for(move.action, self.viewer.role, self.viewer.duty)
            blocked = None if right and may_do(move.action, self.viewer) else "ROLE"
            if right and grant and blocked is None:
                if row["id"] not in await self.ids(info.table, scope(info.table, right.rows)):
                    blocked = "NOT_YOURS"
                for need in move.needs:
                    held = await self.ids(info.table, machine.conditions[need])
                    blocked = blocked or (None if row["id"] in held else need)
            found.append({"action": camel(move.action), "allowed": blocked is None, "blockedBy": blocked})
        return found

    async def queue(self) -> list[dict[str, Any]]:
        """The lines of work of the role."""
        found: list[dict[str, Any]] = []
        for line in QUEUE:
            if self.viewer.role not in line.roles or grant_for(line.type_name, self.viewer.role) is None:
                continue
            if line.duty not in (None, self.viewer.duty):
                continue
            rows = await self.rows(line.type_name)
            table = self.registry.types[line.type_name].table
            query = f"select t.id, {line.due} as due from {table} t where {line.sql}"
            due = [each["due"] for each in await self.ask(query) if each["id"] in rows]
            name = label(f"QueueKind.{line.kind}", self.viewer.language)
            first = _shown(min((each for each in due if each), default=None))
            found.append({"kind": line.kind, "displayName": name, "count": len(due), "dueAt": first})
        return found

    async def ask(self, query: str, *values: Any) -> list[Any]:
        """One statement of the administrator's, its places filled with the viewer's facts; remembered."""
        key = (query, json.dumps(values, default=str))
        async with self._lock:
            if key not in self._kept:
                # Some functions ask by themselves who is there, and on which day.
                async with self.connection.transaction():
                    await self.connection.execute(ENTER, *self.settings())
                    self._kept[key] = await self.connection.fetch(self.filled(query), *values)
            return self._kept[key]

    def settings(self) -> list[str]:
        """The values for ENTER."""
        day = self.now.astimezone(ZONE).date()
        return [*map(self.viewer.setting, SCOPE_SETTINGS), day.isoformat(), self.now.isoformat()]

    def filled(self, query: str) -> str:
        """The places of the templates as literals."""
        facts: dict[str, str] = {"t": "t", "now": f"timestamptz '{self.now.isoformat()}'"}
        facts |= {"today": f"date '{self.now.astimezone(ZONE).date()}'", "lang": f"'{self.viewer.language}'"}
        facts["name"] = "'" + self.viewer.name.replace("'", "''") + "'"
        for name in ("district", "street", "community", "partner", "user", "membership"):
            value = getattr(self.viewer, f"{name}_id")
            facts[name] = f"uuid '{value}'" if value else "null::uuid"
        return re.sub(r"\{(\w+)\}", lambda match: facts[match[1]], query)


def _table_of(sql: str) -> str:
    """The table whose rows a struct is part of, told by its columns."""
    assert "comparator" in sql, sql
    return "needs"


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="milliseconds")
    return value.isoformat() if isinstance(value, date) else value
