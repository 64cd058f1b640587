"""What a field of a compiled type can be, and the table a type reads. The types in `schema/types` say each once.

Templates use `{t}` for the row's alias and the viewer's facts of `auth/gate.py`, plus `{now}` (timestamptz), `{today}`
(date) and `{lang}` (text).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auth.roles import Viewer


class Kind(Enum):
    """What a column's value is, and by `KIND_SQL` how it is written as JSON text."""

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"
    YES_NO = "yes or no"
    DAY = "day"
    INSTANT = "instant"
    WORDS = "words"
    JSON = "json"


KIND_SQL: Mapping[Kind, str] = {
    Kind.TEXT: "to_json({x})::text",
    # Enums and references: letters, digits, dashes and underscores, never in need of escaping.
    Kind.WORD: "'\"' || {x} || '\"'",
    Kind.NUMBER: "{x}::text",
    Kind.YES_NO: "{x}::text",
    Kind.DAY: "'\"' || {x} || '\"'",
    Kind.INSTANT: "'\"' || to_char({x}, 'YYYY-MM-DD\"T\"HH24:MI:SS.MSTZH:TZM') || '\"'",
    Kind.WORDS: "array_to_json({x})::text",
    Kind.JSON: "{x}",
}
"""The SQL that writes a value as JSON text; `{x}` is the expression of the value."""

_COLUMN = re.compile(r"\{t\}\.(\w+)")


_ARGUMENT = re.compile(r"\{arg\.(\w+)\.(\w+)\}")


def arguments_of(template: str) -> list[tuple[str, str, str]]:
    """The arguments that a function is called with: the place in the template, the argument's name, its SQL type."""
    return list(dict.fromkeys((found[0], found[1], found[2]) for found in _ARGUMENT.finditer(template)))


def columns_of(template: str) -> list[str]:
    """The columns of the row that a template reads."""
    return list(dict.fromkeys(_COLUMN.findall(template)))


@dataclasses.dataclass(frozen=True)
class Column:
    """A column; with `masked` the column shown under a mask of the policy. `sealed` values exist only masked."""

    name: str
    kind: Kind
    masked: str | None = None
    sealed: bool = False


@dataclasses.dataclass(frozen=True)
class Expression:
    """A named SQL expression over the row and the viewer's facts."""

    sql: str
    kind: Kind


@dataclasses.dataclass(frozen=True)
class Amount:
    """A `Money` object of the row: a template that yields fen. Its grant is this field's; null without an amount."""

    sql: str


@dataclasses.dataclass(frozen=True)
class GlobalId:
    """The opaque id of the row: the type's tag and its uuid."""


@dataclasses.dataclass(frozen=True)
class Edge:
    """To one: `via` is a column of this row that holds the target's id; with `back`, a column of the target that holds
    this row's id (the newest such row is meant)."""

    target: str
    via: str = ""
    back: str = ""


@dataclasses.dataclass(frozen=True)
class Many:
    """To many: `back` is the target's column that holds this row's id (with `near`, the value of that column of this
    row), `listed` a column of this row that holds the targets' ids as an array, or `link` a table between the two as
    (table, column of this row's id, column of the target's id). `plain` is a short list instead of a connection."""

    target: str
    back: str = ""
    near: str = ""
    listed: str = ""
    link: tuple[str, str, str] | None = None
    plain: bool = False


@dataclasses.dataclass(frozen=True)
class Struct:
    """A nested object of the same row: its fields are columns and expressions of this table, its grant is this field's.

    `absent_when` is a predicate under which the object is null.
    """

    target: str
    absent_when: str = ""


@dataclasses.dataclass(frozen=True)
class Derived:
    """Objects that a function of the database computes from the row, for what must be worked out over rows that the
    viewer may not read herself: the finance officer sees how many units are missing, not the people behind them.

    `function` is the call as a template, `milestone_progress({t}.id, {today})`; where the row is itself one of a
    function's, `{t}.…` are that function's columns. `{arg.on.date}` is the value of the argument `on` of this field, or
    of the root field it lies under (`ForPeriod`), as that SQL type; null when the client gives none. Its grant is this
    field's, and the whole object's: the row it hangs on has passed the policy, so only edges inside are governed, and
    one to a row out of scope is null.

    The function returns a TABLE (of which no column is called `ordinality`), is STABLE, SECURITY DEFINER and the
    owner's, not overloaded, never raises, and says with ROWS how many to expect (at PostgreSQL's guess of 1,000 an edge
    inside may be joined by reading a whole table). Its rows keep its order, so it says ORDER BY; `many` of them are a
    plain list, which it must bound itself: there is no page around them, and the node budget counts none of them, as
    with any plain list. Without `many` the first row is meant, null when there is none.

    With `part` the function returns one row, and that column of it is an array of a composite type: the objects of this
    field. Fields of a row that call it alike share one call, so what they are worked out from is read once.
    """

    target: str
    function: str
    many: bool = True
    part: str = ""

    @property
    def name(self) -> str:
        """The function's name, as a role is granted it."""
        return self.function.partition("(")[0]


@dataclasses.dataclass(frozen=True)
class Literal:
    """Known at plan time: a function from the viewer (role, duty and scopes only) and the arguments to a JSON value."""

    value: Callable[[Viewer, Mapping[str, Any]], Any]


@dataclasses.dataclass(frozen=True)
class Actions:
    """`availableActions` of a row with a state machine, named by `machine`."""

    machine: str


@dataclasses.dataclass(frozen=True)
class Queue:
    """The viewer's work queue: one entry per kind that the role has."""


@dataclasses.dataclass(frozen=True)
class ViewerEdge:
    """From the viewer itself to the row whose id is the viewer's fact of that name."""

    target: str
    fact: str


@dataclasses.dataclass(frozen=True)
class NodeById:
    """`node(id:)`, or with `many` `nodes(ids:)`: the type comes from the tag inside the id."""

    many: bool = False


@dataclasses.dataclass(frozen=True)
class OneById:
    """The row of `target` that an argument names by a global id of `id_type`: the same rows, seen otherwise."""

    target: str
    argument: str
    id_type: str


@dataclasses.dataclass(frozen=True)
class ForPeriod:
    """One row of `target`, seen over a period that the root field's arguments give.

    Which row: the first of `places` (argument → type of its id) that the client names, else the viewer's own place by
    the first of `facts` that she has. The row must lie in her rows of `target`, as any row by id. `start` and `end` are
    the arguments that bound the period; `hub.reports.rules` says which will do. Functions below read the arguments.
    Such a target has no id: the same row is something else over another period.
    """

    target: str
    places: Mapping[str, str]
    facts: tuple[str, ...]
    start: str
    end: str


Field = (
    Column
    | Expression
    | Amount
    | GlobalId
    | Edge
    | Many
    | Struct
    | Derived
    | Literal
    | Actions
    | Queue
    | ViewerEdge
    | NodeById
    | OneById
    | ForPeriod
)


@dataclasses.dataclass(frozen=True)
class Filter:
    """One key of a `where` input: `field` is the field whose grant it needs, `sql` a predicate with `{x}`.

    `cast` is the SQL type of the value, `id_type` the type whose global id is expected. `choices` maps enum values to
    predicates instead; `default` names, by role, the choice that holds when the client says nothing.
    """

    field: str
    sql: str = ""
    cast: str = "text"
    id_type: str | None = None
    choices: Mapping[str, str] | None = None
    default: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])


@dataclasses.dataclass(frozen=True)
class Sort:
    """One value of an `orderBy` enum: a field, its column and SQL type, and the direction. The id always comes last."""

    field: str
    column: str
    cast: str
    descending: bool


@dataclasses.dataclass
class TypeInfo:
    """A compiled object type: where its rows live and what its fields are."""

    name: str
    table: str = ""
    tag: str = ""
    only: str = ""
    fields: dict[str, Field] = dataclasses.field(default_factory=lambda: dict[str, Field]())


def describe(table: str = "", *, tag: str = "", only: str = "") -> Callable[[type], type]:
    """Class decorator: this Strawberry type is compiled, from `table`; `only` narrows it to a kind of row."""

    def mark(cls: type) -> type:
        cls.__compiled__ = TypeInfo(  # type: ignore[attr-defined]
            name=cls.__name__, table=table, tag=tag or cls.__name__.lower(), only=only
        )
        return cls

    return mark
