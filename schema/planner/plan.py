"""Stage 2 data: what a plan is made of. Values of a request are never part of it, only where to read them.

A `RowPlan` cannot be constructed without `rows`, so a statement without a row filter cannot be written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from schema.planner.describe import Edge, Kind, Many, Sort, TypeInfo
from schema.planner.selection import Binding


@dataclasses.dataclass(frozen=True)
class Text:
    """JSON known at plan time."""

    json: str


@dataclasses.dataclass(frozen=True)
class Scalar:
    """One value: a template over the row, and how it is written. `never_null` saves a coalesce."""

    template: str
    kind: Kind
    never_null: bool = False


@dataclasses.dataclass(frozen=True)
class Identity:
    """The global id of the row."""

    tag: str


@dataclasses.dataclass(frozen=True)
class ActionPlan:
    """`availableActions`: by status, the entries; each the text when allowed and what blocks it, in order."""

    by_status: Mapping[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]]


@dataclasses.dataclass(frozen=True)
class QueueEntry:
    """One line of the work queue: its rows, the predicate, when the oldest is due, and the items of the answer."""

    table: str
    rows: str
    due: str
    items: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class QueuePlan:
    """The whole work queue of a role; each item is a response key and `kind`, `count`, `dueAt` or a literal."""

    entries: tuple[QueueEntry, ...]


@dataclasses.dataclass(frozen=True)
class Nested:
    """An object made of the same row."""

    items: tuple[Item, ...]
    absent_when: str = ""


@dataclasses.dataclass(frozen=True)
class RowPlan:
    """Rows of one type: its table, the predicate of the viewer's rows, and what is read of each."""

    type: TypeInfo
    rows: str
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError(f"a plan for {self.type.name} has no rows")


@dataclasses.dataclass(frozen=True)
class ToOne:
    """An edge to at most one row."""

    edge: Edge
    target: RowPlan


@dataclasses.dataclass(frozen=True)
class ByFact:
    """The row whose id is a fact of the viewer."""

    fact: str
    target: RowPlan


@dataclasses.dataclass(frozen=True)
class ById:
    """The row with the given global id; `place` is None for the one id of a mutation's payload. `tag` is that of the id
    where it is not the target's own."""

    place: Binding
    index: int | None
    target: RowPlan
    tag: str = ""


@dataclasses.dataclass(frozen=True)
class ByPlace:
    """The row that the first of some ids names (with the tag each must have), else the first of the viewer's facts."""

    places: tuple[tuple[Binding, str], ...]
    facts: tuple[str, ...]
    target: RowPlan


@dataclasses.dataclass(frozen=True)
class ByIds:
    """`nodes(ids:)`: one lookup per id, in order; None stands for an id of no type the viewer can read."""

    rows: tuple[ById | None, ...]


@dataclasses.dataclass(frozen=True)
class Condition:
    """A filter: a predicate with `{x}`, where its value comes from, its SQL type and, for ids, the type expected."""

    template: str
    value: Binding | None = None
    cast: str = "text"
    tag: str | None = None


@dataclasses.dataclass(frozen=True)
class Part:
    """A piece of a connection: `edges`, `nodes`, `pageInfo` or `totalCount`, or a literal, under its response key.

    `row` is the plan of `nodes`, or of a `node` inside `edges`; `inside` the pieces of `edges` and `pageInfo`.
    """

    key: str
    name: str
    row: RowPlan | None = None
    inside: tuple[Part, ...] = ()
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Page:
    """A connection: whose rows, which of them, in which order, how many, and the pieces asked for."""

    many: Many
    rows: RowPlan
    link_rows: str
    conditions: tuple[Condition, ...]
    sort: Sort | None
    sort_name: str
    size: Binding | None
    cursor: Binding | None
    backward: bool
    parts: tuple[Part, ...]
    path: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Short:
    """A short plain list."""

    many: Many
    target: RowPlan
    link_rows: str


@dataclasses.dataclass(frozen=True)
class FunctionRows:
    """The rows of a function of the row, and what is read of each: a list, or (not `many`) the first of them. With
    `part` they are those in an array that the function's one row has as that column.

    There is no predicate of rows: whoever has the row they are computed from may have them.
    """

    function: str
    many: bool
    part: str
    items: tuple[Item, ...]
    arguments: tuple[tuple[str, Binding, str], ...] = ()
    """Places of the client's values in the call: the place, where to read it, its SQL type."""


Piece = (
    Text
    | Scalar
    | Identity
    | ActionPlan
    | QueuePlan
    | Nested
    | ToOne
    | ByFact
    | ById
    | ByPlace
    | ByIds
    | Page
    | Short
    | FunctionRows
)


@dataclasses.dataclass(frozen=True)
class Item:
    """A response key and what is written under it."""

    key: str
    piece: Piece


@dataclasses.dataclass(frozen=True)
class Weight:
    """How many nodes a page may bring: its size, and the pages inside each of its rows."""

    size: Binding | None
    path: tuple[str, ...]
    inside: tuple[Weight, ...]


@dataclasses.dataclass(frozen=True)
class Period:
    """The days that bound a report, checked anew for every request; `path` is the field they are arguments of."""

    start: Binding
    end: Binding
    path: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Plan:
    """A whole operation: the items of `data`, the errors decided already, and the weights to check per request."""

    items: tuple[Item, ...]
    errors: tuple[dict[str, object], ...]
    weights: tuple[Weight, ...]
    cacheable: bool = True
    periods: tuple[Period, ...] = ()
