"""Stage 3: a plan becomes one SQL statement whose single value is the JSON text of `data`.

Text is concatenated: adjacent literals are fused, every nullable piece is coalesced (`||` with NULL would empty the
page). A page is a sub-select limited before anything is joined to it, so joins touch only the rows shown. Every value
is a bind parameter; what stands in the text are names of tables and columns, GraphQL names and literals of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from auth.roles import SCOPE_SETTINGS
from schema.planner.describe import KIND_SQL, Kind, columns_of
from schema.planner.pages import PageWriter
from schema.planner.plan import (
    ActionPlan,
    ByFact,
    ById,
    ByIds,
    ByPlace,
    FunctionRows,
    Identity,
    Item,
    Nested,
    Page,
    Piece,
    QueueEntry,
    QueuePlan,
    RowPlan,
    Scalar,
    Short,
    Text,
    ToOne,
)
from schema.planner.text import Parts, Sql, concat, joined, json_object, quote
from schema.planner.values import Param, fact, global_id, plain, setting

_PLACE = re.compile(r"\{(t|x|now|today|lang|name|" + "|".join(SCOPE_SETTINGS) + r")\}")
_FACT_TYPES = dict.fromkeys(SCOPE_SETTINGS, "uuid") | {
    "today": "date",
    "now": "timestamptz",
    "lang": "text",
    "name": "text",
}


class Writer:
    """Writes one statement: hands out aliases and parameters, and notes which columns of an alias are used."""

    def __init__(self) -> None:
        self.params: list[Param] = []
        self._numbers: dict[Any, int] = {}
        self._alias = 0
        self._used: dict[str, dict[str, None]] = {}
        self._calls: dict[tuple[str, str], str] = {}

    # ------------------------------------------------------------------------------------------------ small tools

    def alias(self) -> str:
        """A fresh alias."""
        self._alias += 1
        name = f"t{self._alias}"
        self._used[name] = {}
        return name

    def bind(self, param: Param) -> str:
        """The place of a parameter; equal parameters share one."""
        number = self._numbers.get(param)
        if number is None:
            self.params.append(param)
            number = self._numbers[param] = len(self.params)
        return f"${number}::{param.cast}"

    def use(self, alias: str, column: str) -> str:
        """A column of an alias, noted as used."""
        self._used.setdefault(alias, {})[column] = None
        return f"{alias}.{column}"

    def used(self, alias: str) -> list[str]:
        """The columns of an alias noted so far."""
        return list(self._used[alias])

    def fill(self, template: str, alias: str, value: str = "") -> str:
        """A template over a row: its alias, the viewer's facts and, as `{x}`, a value."""
        if alias in self._used:
            for column in columns_of(template):
                self.use(alias, column)

        def place(match: re.Match[str]) -> str:
            name = match.group(1)
            if name == "t":
                return alias
            return value if name == "x" else self.bind(fact(name, _FACT_TYPES[name]))

        return _PLACE.sub(place, template)

    # ----------------------------------------------------------------------------------------------------- pieces

    def object(self, items: Iterable[Item], alias: str, joins: list[str]) -> Parts:
        """A JSON object of a row: `{"key":value,…}`."""
        return json_object((item.key, self.piece(item.piece, alias, joins)) for item in items)

    def piece(self, piece: Piece, alias: str, joins: list[str]) -> Parts:
        """The text of one piece; what must be joined to the row for it is added to `joins`."""
        match piece:
            case Text():
                return [piece.json]
            case Identity():
                return [f'"{piece.tag}_', Sql(self.use(alias, "id")), '"']
            case Scalar():
                return [Sql(self.scalar(piece, alias))]
            case Nested():
                return self.nested(piece, alias, joins)
            case ActionPlan():
                return [Sql(self.actions(piece, alias))]
            case ToOne():
                return self.to_one(piece, alias, joins)
            case Page():
                return [Sql(PageWriter(self, piece, self.alias()).sql(alias))]
            case Short():
                return [Sql(self.short(piece, alias))]
            case FunctionRows():
                return [Sql(self.function_rows(piece, alias, joins))]
            case QueuePlan():
                return self.queue(piece)
            case ByFact():
                return [Sql(self.single(piece.target, "{t}.id = {" + piece.fact + "}"))]
            case ById():
                place = self.bind(global_id(piece.place, piece.index, piece.tag or piece.target.type.tag))
                return [Sql(self.single(piece.target, "{t}.id = {x}", place))]
            case ByPlace():
                return [Sql(self.by_place(piece))]
            case ByIds():
                return self.by_ids(piece)

    def scalar(self, piece: Scalar, alias: str) -> str:
        """A value as JSON text."""
        expression = self.fill(piece.template, alias)
        text = KIND_SQL[piece.kind].replace(
            "{x}", expression if piece.kind is Kind.TEXT else f"({expression})"
        )
        return text if piece.never_null and piece.kind is Kind.TEXT else f"coalesce({text}, 'null')"

    def nested(self, piece: Nested, alias: str, joins: list[str]) -> Parts:
        """An object of the same row, null under its condition."""
        inner = self.object(piece.items, alias, joins)
        if not piece.absent_when:
            return inner
        return [Sql(f"CASE WHEN {self.fill(piece.absent_when, alias)} THEN 'null' ELSE {concat(inner)} END")]

    def actions(self, piece: ActionPlan, alias: str) -> str:
        """The actions that the row's status knows, each allowed or with the first thing that blocks it."""
        whens: list[str] = []
        for status, entries in piece.by_status.items():
            parts: Parts = ["["]
            for number, (allowed, blocks) in enumerate(entries):
                parts.append("," if number else "")
                parts += self.action(allowed, blocks, alias)
            whens.append(f"WHEN {quote(status)} THEN {concat([*parts, ']'])}")
        if not whens:
            return "'[]'"
        return f"CASE {self.use(alias, 'status')} {' '.join(whens)} ELSE '[]' END"

    def action(self, allowed: str, blocks: tuple[tuple[str, str], ...], alias: str) -> Parts:
        """One action: literal where its role decides it, a CASE where the row does."""
        if not blocks:
            return [allowed]
        whens = [
            f"WHEN ({self.fill(condition, alias)}) IS NOT TRUE THEN {quote(text)}"
            for condition, text in blocks
        ]
        return [Sql(f"CASE {' '.join(whens)} ELSE {quote(allowed)} END")]

    def to_one(self, piece: ToOne, alias: str, joins: list[str]) -> Parts:
        """An edge as a LEFT JOIN that carries the target's own rows; null when there is none in scope."""
        target, other = piece.target, self.alias()
        inner_joins: list[str] = []
        inner = concat(self.object(target.items, other, inner_joins))
        self.use(other, "id")
        if piece.edge.back:
            joins.append(self._newest(target, other, f"{piece.edge.back} = {self.use(alias, 'id')}"))
        else:
            link = f"{other}.id = {self.use(alias, piece.edge.via)}"
            joins.append(f"LEFT JOIN {target.type.table} {other} ON {link} AND {self._rows(target, other)}")
        joins += inner_joins
        return [Sql(f"CASE WHEN {other}.id IS NULL THEN 'null' ELSE {inner} END")]

    def _newest(self, target: RowPlan, other: str, link: str) -> str:
        inside = f"{other}i"
        columns = ", ".join(f"{inside}.{column}" for column in self._used[other])
        return (
            f"LEFT JOIN LATERAL (SELECT {columns} FROM {target.type.table} {inside} WHERE {inside}.{link}"
            f" AND {self._rows(target, inside)} ORDER BY {inside}.id DESC LIMIT 1) {other} ON true"
        )

    def _rows(self, target: RowPlan, alias: str) -> str:
        predicates = [target.type.only, target.rows]
        return " AND ".join(f"({self.fill(predicate, alias)})" for predicate in predicates if predicate)

    def single(self, target: RowPlan, link: str, value: str = "") -> str:
        """One row by id, as a scalar sub-select."""
        alias = self.alias()
        joins: list[str] = []
        text = concat(self.object(target.items, alias, joins))
        where = f"{self.fill(link, alias, value)} AND {self._rows(target, alias)}"
        return (
            f"coalesce((SELECT {text} FROM {target.type.table} {alias}{joined(joins)} WHERE {where}), 'null')"
        )

    def by_place(self, piece: ByPlace) -> str:
        """One row, by the first id that the client names, else by the first place that the viewer has."""
        named = [self.bind(global_id(binding, None, tag)) for binding, tag in piece.places]
        own = [self.bind(fact(name, "uuid")) for name in piece.facts]
        return self.single(piece.target, "{t}.id = {x}", f"coalesce({', '.join([*named, *own])})")

    def by_ids(self, piece: ByIds) -> Parts:
        """`nodes`: a list of single rows, in the order of the ids."""
        parts: Parts = ["["]
        for number, row in enumerate(piece.rows):
            parts.append("," if number else "")
            parts += ["null"] if row is None else self.piece(row, "", [])
        return [*parts, "]"]

    def short(self, piece: Short, alias: str) -> str:
        """A short list without pages, by id."""
        target, other = piece.target, self.alias()
        joins: list[str] = []
        text = concat(self.object(target.items, other, joins))
        source = self.source(piece.many, target, piece.link_rows, other, alias)
        return (
            f"(SELECT '[' || coalesce(string_agg({text}, ',' ORDER BY {other}.id), '') || ']'"
            f" FROM {source[0]}{joined(joins)} WHERE {source[1]})"
        )

    def function_rows(self, piece: FunctionRows, alias: str, joins: list[str]) -> str:
        """The rows of a function of the row, in the function's order."""
        other = self.alias()
        inner_joins: list[str] = []
        text = concat(self.object(piece.items, other, inner_joins))
        call = piece.function
        for place, binding, cast in piece.arguments:
            call = call.replace(place, self.bind(plain(binding, cast)))
        call = self.fill(call, alias)
        if piece.part:
            call = f"unnest({self.shared(call, alias, joins)}.{piece.part})"
        source = f"{call} WITH ORDINALITY {other}{joined(inner_joins)}"
        if not piece.many:
            return f"coalesce((SELECT {text} FROM {source} WHERE {other}.ordinality = 1), 'null')"
        rows = f"string_agg({text}, ',' ORDER BY {other}.ordinality)"
        return f"(SELECT '[' || coalesce({rows}, '') || ']' FROM {source})"

    def shared(self, call: str, alias: str, joins: list[str]) -> str:
        """The alias of the one row of a call, which is joined to the row when the first field needs it."""
        if (alias, call) not in self._calls:
            other = self._calls[alias, call] = self.alias()
            joins.append(f"LEFT JOIN LATERAL {call} {other} ON true")
        return self._calls[alias, call]

    def source(self, many: Any, target: RowPlan, link_rows: str, alias: str, parent: str) -> tuple[str, str]:
        """FROM and WHERE of a to-many edge, before filters."""
        source, predicates = f"{target.type.table} {alias}", [self._rows(target, alias)]
        if many.link:
            table, near, far = many.link
            source += f" JOIN {table} {alias}l ON {alias}l.{far} = {alias}.id"
            predicates.insert(0, f"{alias}l.{near} = {self.use(parent, 'id')}")
            predicates.append(f"({self.fill(link_rows, alias + 'l')})")
        elif many.listed:
            predicates.insert(0, f"{alias}.id = any({self.use(parent, many.listed)})")
        elif many.back:
            predicates.insert(0, f"{alias}.{many.back} = {self.use(parent, many.near or 'id')}")
        return source, " AND ".join(predicates)

    def queue(self, piece: QueuePlan) -> Parts:
        """The work queue: one small aggregate per line, even when nothing of it is shown."""
        parts: Parts = ["["]
        for number, entry in enumerate(piece.entries):
            alias = self.alias()
            items = ((key, self._queued(entry, what, alias)) for key, what in entry.items)
            text, where = concat(json_object(items)), self.fill(entry.rows, alias)
            line = f"(SELECT {text} FROM {entry.table} {alias} WHERE {where} HAVING count(*) >= 0)"
            parts += ["," if number else "", Sql(line)]
        return [*parts, "]"]

    def _queued(self, entry: QueueEntry, what: str, alias: str) -> Parts:
        """One piece of a line: how much, by when, or a literal."""
        if what == "count":
            return [Sql("count(*)::text")]
        if what == "dueAt":
            due = KIND_SQL[Kind.INSTANT].replace("{x}", f"min({self.fill(entry.due, alias)})")
            return [Sql(f"coalesce({due}, 'null')")]
        return [what]


def statement(items: Iterable[Item], settings: Iterable[str]) -> tuple[str, list[Param]]:
    """The whole statement: the viewer's settings first, then liveness, then the page, in that order by nested CASEs.

    Its one value is the JSON text of `data`, or NULL when the membership, its user or the client is no longer live:
    then the session has ended.
    """
    writer = Writer()
    page = concat(writer.object(items, "", []))
    set_all = " AND ".join(
        f"set_config('hub.{name}', {writer.bind(setting(name))}, true) IS NOT NULL" for name in settings
    )
    facts = (fact("membership", "uuid"), fact("client", "uuid"), fact("today", "date"))
    live = f"hub_live({', '.join(writer.bind(each) for each in facts)})"
    return (
        f"SELECT CASE WHEN {set_all} THEN CASE WHEN {live} THEN convert_to({page}, 'UTF8') END END",
        writer.params,
    )
