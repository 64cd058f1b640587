"""Stage 3: a plan becomes one SQL statement whose single value is the JSON text of `data`.

Text is concatenated: adjacent literals are fused, every nullable piece is coalesced (`||` with NULL would empty the
page). A page is a sub-select limited before anything is joined to it, so joins touch only the rows shown. Every value
is a bind parameter; what stands in the text are names of tables and columns, GraphQL names and literals of our own.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from auth.roles import SCOPE_SETTINGS
from hub.tables import metadata
from schema.planner.describe import KIND_SQL, Kind, columns_of
from schema.planner.plan import (
    ActionPlan,
    ByFact,
    ById,
    ByIds,
    Condition,
    Identity,
    Item,
    Nested,
    Page,
    Part,
    Piece,
    QueuePlan,
    RowPlan,
    Scalar,
    Short,
    Text,
    ToOne,
)
from schema.planner.selection import Binding
from schema.planner.values import Param, cursor_id, cursor_key, fact, global_id, plain, setting, size

_PLACE = re.compile(r"\{(t|x|now|today|lang|name|" + "|".join(SCOPE_SETTINGS) + r")\}")
_FACT_TYPES = dict.fromkeys(SCOPE_SETTINGS, "uuid") | {
    "today": "date",
    "now": "timestamptz",
    "lang": "text",
    "name": "text",
}


@dataclasses.dataclass(frozen=True)
class Sql:
    """A piece of SQL that yields text; a plain `str` beside it is a literal of the reply."""

    text: str


Parts = list["str | Sql"]


def concat(parts: Iterable[str | Sql]) -> str:
    """One SQL text expression: literals quoted and fused, expressions joined with `||`."""
    fused: list[str] = []
    pending = ""
    for part in parts:
        if isinstance(part, str):
            pending += part
            continue
        if pending:
            fused.append(quote(pending))
            pending = ""
        fused.append(part.text)
    if pending or not fused:
        fused.append(quote(pending))
    return " || ".join(fused)


def quote(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


class Writer:
    """Writes one statement: hands out aliases and parameters, and notes which columns of an alias are used."""

    def __init__(self) -> None:
        self.params: list[Param] = []
        self._numbers: dict[Any, int] = {}
        self._alias = 0
        self._used: dict[str, dict[str, None]] = {}

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
        return _object((item.key, self.piece(item.piece, alias, joins)) for item in items)

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
                return [Sql(self.page(piece, alias))]
            case Short():
                return [Sql(self.short(piece, alias))]
            case QueuePlan():
                return self.queue(piece)
            case ByFact():
                return [Sql(self.single(piece.target, "{t}.id = {" + piece.fact + "}"))]
            case ById():
                place = self.bind(global_id(piece.place, piece.index, piece.target.type.tag))
                return [Sql(self.single(piece.target, "{t}.id = {x}", place))]
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
        alias, joins = self.alias(), []
        text = concat(self.object(target.items, alias, joins))
        where = f"{self.fill(link, alias, value)} AND {self._rows(target, alias)}"
        return f"coalesce((SELECT {text} FROM {target.type.table} {alias}{_joined(joins)} WHERE {where}), 'null')"

    def by_ids(self, piece: ByIds) -> Parts:
        """`nodes`: a list of single rows, in the order of the ids."""
        parts: Parts = ["["]
        for number, row in enumerate(piece.rows):
            parts.append("," if number else "")
            parts += ["null"] if row is None else self.piece(row, "", [])
        return [*parts, "]"]

    def short(self, piece: Short, alias: str) -> str:
        """A short list without pages, by id."""
        target, other, joins = piece.target, self.alias(), []
        text = concat(self.object(target.items, other, joins))
        source = self._source(piece.many, target, piece.link_rows, other, alias)
        return (
            f"(SELECT '[' || coalesce(string_agg({text}, ',' ORDER BY {other}.id), '') || ']'"
            f" FROM {source[0]}{_joined(joins)} WHERE {source[1]})"
        )

    def _source(self, many: Any, target: RowPlan, link_rows: str, alias: str, parent: str) -> tuple[str, str]:
        """FROM and WHERE of a to-many edge, before filters."""
        source, predicates = f"{target.type.table} {alias}", [self._rows(target, alias)]
        if many.link:
            table, near, far = many.link
            source += f" JOIN {table} {alias}l ON {alias}l.{far} = {alias}.id"
            predicates.insert(0, f"{alias}l.{near} = {self.use(parent, 'id')}")
            predicates.append(f"({self.fill(link_rows, alias + 'l')})")
        elif many.back:
            predicates.insert(0, f"{alias}.{many.back} = {self.use(parent, 'id')}")
        return source, " AND ".join(predicates)

    def queue(self, piece: QueuePlan) -> Parts:
        """The work queue: one small aggregate per line, even when nothing of it is shown."""
        parts: Parts = ["["]
        for number, entry in enumerate(piece.entries):
            alias = self.alias()
            due = KIND_SQL[Kind.INSTANT].replace("{x}", f"min({self.fill(entry.due, alias)})")
            values = {"count": "count(*)::text", "dueAt": f"coalesce({due}, 'null')"}
            items = ((key, [Sql(values[what]) if what in values else what]) for key, what in entry.items)
            text, where = concat(_object(items)), self.fill(entry.rows, alias)
            line = f"(SELECT {text} FROM {entry.table} {alias} WHERE {where} HAVING count(*) >= 0)"
            parts += ["," if number else "", Sql(line)]
        return [*parts, "]"]

    # ------------------------------------------------------------------------------------------------------ pages

    def page(self, page: Page, parent: str) -> str:
        """A connection as a scalar sub-select (correlated when it hangs on a row)."""
        outer, joins = self.alias(), []
        inner = f"{outer}i"
        pieces = [self._part(page, part, outer, joins) for part in page.parts]
        source, where = self._source(page.many, page.rows, page.link_rows, inner, parent)
        where = " AND ".join([where, *(self._condition(condition, inner) for condition in page.conditions)])
        text = self._assemble(page, pieces, outer, source, where)
        if not self._shows_rows(page):
            return f"(SELECT {text})"
        if not any(part.name == "pageInfo" for part in page.parts):
            limited = self._limited(page, source, where, inner, outer, "")
            return f"(SELECT {text} FROM ({limited}) {outer}{_joined(joins)})"
        limited = self._limited(page, source, where, inner, outer, " + 1")
        numbered = f"SELECT *, row_number() OVER (ORDER BY {self._order(page, inner)}) AS rn FROM ({limited}) {inner}"
        shown = f"{outer}.rn <= {self.bind(size(page.size, page.path))}"
        return (
            f"(WITH {outer}p AS MATERIALIZED ({numbered})"
            f" SELECT {text} FROM {outer}p {outer}{_joined(joins)} WHERE {shown})"
        )

    @staticmethod
    def _shows_rows(page: Page) -> bool:
        return any(part.name in ("edges", "nodes", "pageInfo") for part in page.parts)

    def _condition(self, condition: Condition, alias: str) -> str:
        if condition.value is None:
            return f"({self.fill(condition.template, alias)})"
        param = (
            global_id(condition.value, None, condition.tag, condition.cast)
            if condition.tag
            else plain(condition.value, condition.cast)
        )
        return f"({self.fill(condition.template, alias, self.bind(param))})"

    def _keys(self, page: Page) -> list[tuple[str, bool, str]]:
        """The order as (column, descending, cast), the id last; turned round when paging backwards."""
        sort = page.sort
        descending = sort.descending if sort else True
        keys = [(sort.column, descending, sort.cast)] if sort else []
        return [
            (column, down ^ page.backward, cast) for column, down, cast in [*keys, ("id", descending, "uuid")]
        ]

    def _order(self, page: Page, alias: str, *, shown: bool = False) -> str:
        """ORDER BY of the rows fetched, or (`shown`) of the rows of the answer, which always stand in forward order."""
        turned = shown and page.backward
        return ", ".join(
            f"{alias}.{column}{' DESC' if down ^ turned else ''}" for column, down, _ in self._keys(page)
        )

    def _limited(self, page: Page, source: str, where: str, inner: str, outer: str, more: str) -> str:
        """The rows of the page, only with the columns that are used; with `more` one row too many, to know of it."""
        keys = self._keys(page)
        for column, _, _ in keys:
            self.use(outer, column)
        columns = ", ".join(f"{inner}.{column}" for column in self._used[outer])
        if page.cursor is not None:
            where += f" AND {self._after(page, page.cursor, keys, inner)}"
        limit = self.bind(size(page.size, page.path)) + more
        return (
            f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {self._order(page, inner)} LIMIT {limit}"
        )

    def _after(self, page: Page, cursor: Binding, keys: list[tuple[str, bool, str]], inner: str) -> str:
        """Only rows after the cursor. PostgreSQL sorts nulls last, and first when descending; so does this."""
        cast = keys[0][2] if len(keys) == 2 else ""
        row_id, sort_id = self.bind(cursor_id(cursor, page.sort_name, cast, page.path)), f"{inner}.id"
        compare = "<" if keys[-1][1] else ">"
        if not cast:
            return f"{sort_id} {compare} {row_id}"
        value = self.bind(cursor_key(cursor, page.sort_name, cast, page.path))
        column, down, _ = keys[0]
        beyond = f"({inner}.{column}, {sort_id}) {compare} ({value}, {row_id})"
        if never_null(page.rows.type.table, column):
            return beyond
        null = f"{inner}.{column} IS NULL"
        if down:
            return f"CASE WHEN {value} IS NULL THEN NOT {null} OR {sort_id} < {row_id} ELSE {beyond} END"
        return f"CASE WHEN {value} IS NULL THEN {null} AND {sort_id} > {row_id} ELSE {null} OR {beyond} END"

    def _cursor(self, page: Page, alias: str) -> str:
        """base64url of the order's name, the sort value and the id; only values the viewer may read stand in it."""
        sort = page.sort
        key = "'null'"
        if sort:
            key = f"coalesce(to_json({self.use(alias, sort.column)}::text)::text, 'null')"
        array = f"'[\"{page.sort_name}\",' || {key} || ',\"' || {self.use(alias, 'id')} || '\"]'"
        return f"translate(encode(convert_to({array}, 'UTF8'), 'base64'), E'+/=\\n', '-_')"

    def _part(self, page: Page, part: Part, outer: str, joins: list[str]) -> Parts:
        """A piece of the connection that is read off its rows; the others are assembled later."""
        if part.row:
            return self.object(part.row.items, outer, joins)
        if part.name == "edges":
            pieces = ((inside.key, self._part(page, inside, outer, joins)) for inside in part.inside)
            return _object(pieces)
        if part.name == "cursor":
            return ['"', Sql(self._cursor(page, outer)), '"']
        if part.name == "pageInfo":
            self._cursor(page, outer)  # notes the columns that the cursors will need
        return [part.text]

    def _assemble(self, page: Page, pieces: list[Parts], outer: str, source: str, where: str) -> str:
        order = self._order(page, outer, shown=True)
        whole: list[tuple[str, Parts]] = []
        for part, piece in zip(page.parts, pieces, strict=True):
            if part.name in ("edges", "nodes"):
                rows = f"coalesce(string_agg({concat(piece)}, ',' ORDER BY {order}), '')"
                whole.append((part.key, ["[", Sql(rows), "]"]))
            elif part.name == "totalCount":
                whole.append((part.key, [Sql(f"(SELECT count(*) FROM {source} WHERE {where})")]))
            elif part.name == "pageInfo":
                whole.append((part.key, self._page_info(page, part, outer)))
            else:
                whole.append((part.key, piece))
        return concat(_object(whole))

    def _page_info(self, page: Page, part: Part, outer: str) -> Parts:
        rows, limit = f"{outer}p", self.bind(size(page.size, page.path))
        more = f"(SELECT count(*) > {limit} FROM {rows})::text"
        passed = "true" if page.cursor is not None else "false"
        cursor = f"'\"' || {self._cursor(page, rows + 'c')} || '\"'"
        first = f"coalesce((SELECT {cursor} FROM {rows} {rows}c WHERE rn = 1), 'null')"
        shown = f"(SELECT max(rn) FROM {rows} WHERE rn <= {limit})"
        last = f"coalesce((SELECT {cursor} FROM {rows} {rows}c WHERE rn = {shown}), 'null')"
        values: Mapping[str, str | Sql] = {
            "hasNextPage": passed if page.backward else Sql(more),
            "hasPreviousPage": Sql(more) if page.backward else passed,
            "startCursor": Sql(last if page.backward else first),
            "endCursor": Sql(first if page.backward else last),
        }
        return _object((each.key, [values.get(each.name, each.name)]) for each in part.inside)


def _object(pieces: Iterable[tuple[str, Parts]]) -> Parts:
    """A JSON object of keys and what is written under them."""
    parts: Parts = ["{"]
    for number, (key, piece) in enumerate(pieces):
        parts += [("," if number else "") + f'"{key}":', *piece]
    return [*parts, "}"]


def _joined(joins: list[str]) -> str:
    return "".join(f" {join}" for join in joins)


def never_null(table: str, column: str) -> bool:
    """Whether the table's own definition says that the column is never null."""
    return not metadata.tables[table].c[column].nullable


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
