"""Stage 3, connections: a page is a sub-select, limited before anything is joined to it, with Relay's skeleton around.

With `pageInfo` it fetches one row more than it shows, to know if there is more. `hasPreviousPage` of a forward page
(and `hasNextPage` of a backward one) says whether a cursor was given: something lies on that side of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from schema.planner.plan import Condition, Page, Part
from schema.planner.selection import Binding
from schema.planner.text import Parts, Sql, concat, joined, json_object, never_null
from schema.planner.values import cursor_id, cursor_key, global_id, plain, size

if TYPE_CHECKING:
    from schema.planner.sql import Writer

ROWS = {"edges", "nodes"}
Key = tuple[str, bool, str]
"""One column of an order: its name, whether it descends, and its SQL type."""


@dataclasses.dataclass(frozen=True)
class PageWriter:
    """Writes one connection. `outer` is the alias of the rows shown; `<outer>i` of the table, `<outer>p` of the rows
    fetched."""

    writer: Writer
    page: Page
    outer: str

    def sql(self, parent: str) -> str:
        """A scalar sub-select, correlated when it hangs on a row of `parent`."""
        asked = {part.name for part in self.page.parts}
        joins: list[str] = []
        pieces = [self._part(part, joins) for part in self.page.parts]
        if not asked & {*ROWS, "pageInfo", "totalCount"}:
            return concat(self._assembled(pieces, "", ""))
        page = self.page
        source, where = self.writer.source(page.many, page.rows, page.link_rows, f"{self.outer}i", parent)
        where = " AND ".join([where, *(self._condition(condition) for condition in page.conditions)])
        text = concat(self._assembled(pieces, source, where))
        shown = joined(joins) if asked & ROWS else None
        if "pageInfo" in asked:
            return self._with_info(text, source, where, shown)
        if shown is None:
            return f"(SELECT {text})"
        return f"(SELECT {text} FROM ({self._limited(source, where, '')}) {self.outer}{shown})"

    def _with_info(self, text: str, source: str, where: str, shown: str | None) -> str:
        """The rows and one more, numbered. `shown` are the joins of the rows shown, None when no row itself is."""
        outer, inner = self.outer, f"{self.outer}i"
        limited = self._limited(source, where, " + 1")
        numbered = (
            f"SELECT *, row_number() OVER (ORDER BY {self._order(inner)}) AS rn FROM ({limited}) {inner}"
        )
        rows = "" if shown is None else f" FROM {outer}p {outer}{shown} WHERE {outer}.rn <= {self._size()}"
        return f"(WITH {outer}p AS MATERIALIZED ({numbered}) SELECT {text}{rows})"

    def _size(self) -> str:
        return self.writer.bind(size(self.page.size, self.page.path))

    def _condition(self, condition: Condition) -> str:
        value = ""
        if condition.value is not None and condition.tag:
            value = self.writer.bind(global_id(condition.value, None, condition.tag, condition.cast))
        elif condition.value is not None:
            value = self.writer.bind(plain(condition.value, condition.cast))
        return f"({self.writer.fill(condition.template, f'{self.outer}i', value)})"

    # ------------------------------------------------------------------------------------------------------- order

    def _keys(self) -> list[Key]:
        """The order, the id last; turned round when paging backwards."""
        sort, backward = self.page.sort, self.page.backward
        descending = sort.descending if sort else True
        keys: list[Key] = [(sort.column, descending ^ backward, sort.cast)] if sort else []
        return [*keys, ("id", descending ^ backward, "uuid")]

    def _order(self, alias: str, *, shown: bool = False) -> str:
        """ORDER BY of the rows fetched, or (`shown`) of the rows of the answer, which always stand in forward order."""
        turned = shown and self.page.backward
        return ", ".join(
            f"{alias}.{column}{' DESC' if down ^ turned else ''}" for column, down, _ in self._keys()
        )

    def _limited(self, source: str, where: str, more: str) -> str:
        """The rows of the page, only with the columns that are used."""
        inner = f"{self.outer}i"
        for column, _, _ in self._keys():
            self.writer.use(self.outer, column)
        columns = ", ".join(f"{inner}.{column}" for column in self.writer.used(self.outer))
        if self.page.cursor is not None:
            where += f" AND {self._after(self.page.cursor, inner)}"
        return f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {self._order(inner)} LIMIT {self._size()}{more}"

    def _after(self, cursor: Binding, inner: str) -> str:
        """Only rows after the cursor. PostgreSQL sorts nulls last, and first when descending; so does this."""
        page, keys = self.page, self._keys()
        cast = keys[0][2] if page.sort else ""
        row_id = self.writer.bind(cursor_id(cursor, page.sort_name, cast, page.path))
        compare, sort_id = "<" if keys[-1][1] else ">", f"{inner}.id"
        if not page.sort:
            return f"{sort_id} {compare} {row_id}"
        value = self.writer.bind(cursor_key(cursor, page.sort_name, cast, page.path))
        column, down, _ = keys[0]
        beyond = f"({inner}.{column}, {sort_id}) {compare} ({value}, {row_id})"
        if never_null(page.rows.type.table, column):
            return beyond
        null = f"{inner}.{column} IS NULL"
        if down:
            return f"CASE WHEN {value} IS NULL THEN NOT {null} OR {sort_id} < {row_id} ELSE {beyond} END"
        return f"CASE WHEN {value} IS NULL THEN {null} AND {sort_id} > {row_id} ELSE {null} OR {beyond} END"

    def _cursor(self, alias: str) -> str:
        """base64url of the order's name, the sort value and the id; only values the viewer may read stand in it."""
        key = "'null'"
        if self.page.sort:
            key = f"coalesce(to_json({self.writer.use(alias, self.page.sort.column)}::text)::text, 'null')"
        row_id = self.writer.use(alias, "id")
        array = f"'[\"{self.page.sort_name}\",' || {key} || ',\"' || {row_id} || '\"]'"
        return f"translate(encode(convert_to({array}, 'UTF8'), 'base64'), E'+/=\\n', '-_')"

    # ---------------------------------------------------------------------------------------------------- skeleton

    def _part(self, part: Part, joins: list[str]) -> Parts:
        """A piece of the connection that is read off its rows; the others are assembled later."""
        if part.row:
            return self.writer.object(part.row.items, self.outer, joins)
        if part.name == "edges":
            return json_object((inside.key, self._part(inside, joins)) for inside in part.inside)
        if part.name == "cursor":
            return ['"', Sql(self._cursor(self.outer)), '"']
        if part.name == "pageInfo":
            self._cursor(self.outer)  # notes the columns that the cursors will need
        return [part.text]

    def _assembled(self, pieces: list[Parts], source: str, where: str) -> Parts:
        order = self._order(self.outer, shown=True)
        whole: list[tuple[str, Parts]] = []
        for part, piece in zip(self.page.parts, pieces, strict=True):
            if part.name in ROWS:
                rows = f"coalesce(string_agg({concat(piece)}, ',' ORDER BY {order}), '')"
                whole.append((part.key, ["[", Sql(rows), "]"]))
            elif part.name == "totalCount":
                whole.append((part.key, [Sql(f"(SELECT count(*) FROM {source} WHERE {where})")]))
            elif part.name == "pageInfo":
                whole.append((part.key, self._info(part)))
            else:
                whole.append((part.key, piece))
        return json_object(whole)

    def _info(self, part: Part) -> Parts:
        rows, backward, limit = f"{self.outer}p", self.page.backward, self._size()
        more = Sql(f"(SELECT count(*) > {limit} FROM {rows})::text")
        passed = "true" if self.page.cursor is not None else "false"
        cursor = f"'\"' || {self._cursor(rows + 'c')} || '\"'"
        first = Sql(f"coalesce((SELECT {cursor} FROM {rows} {rows}c WHERE rn = 1), 'null')")
        shown = f"(SELECT max(rn) FROM {rows} WHERE rn <= {limit})"
        last = Sql(f"coalesce((SELECT {cursor} FROM {rows} {rows}c WHERE rn = {shown}), 'null')")
        values: Mapping[str, str | Sql] = {
            "hasNextPage": passed if backward else more,
            "hasPreviousPage": more if backward else passed,
            "startCursor": last if backward else first,
            "endCursor": first if backward else last,
        }
        return json_object((each.key, [values.get(each.name, each.name)]) for each in part.inside)
