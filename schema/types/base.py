"""What every type is built of: `Node`, connections, and the functions that say where a field comes from."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar, get_args

import strawberry

from schema.planner.describe import (
    Actions,
    Amount,
    Column,
    Derived,
    Edge,
    Expression,
    Field,
    Filter,
    Kind,
    Literal,
    Many,
    Queue,
    Sort,
    Struct,
    ViewerEdge,
)

T = TypeVar("T")


@strawberry.interface(description="An object with an id of its own, readable again by `node`. 对象")
class Node:
    """Everything that has an id."""

    id: strawberry.ID = strawberry.field(description="Opaque id, the same for ever. 标识")


@strawberry.type(description="Where a page lies in its list. 分页信息")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether more follows. 有下一页")
    has_previous_page: bool = strawberry.field(description="Whether something precedes this page. 有上一页")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row. 起始游标")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row. 结束游标")


@strawberry.type(name="Edge", description="A row of a page with its cursor. 列表项")
class ConnectionEdge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(description="Where this row stands in the list. 游标")
    node: T | None = strawberry.field(description="The row itself. 对象")


@strawberry.type(description="A page of a list within the viewer's rights. 列表")
class Connection(Generic[T]):
    """Relay's connection; a row outside the viewer's rights does not exist for it."""

    edges: list[ConnectionEdge[T]] = strawberry.field(description="The rows with their cursors. 列表项")
    nodes: list[T] = strawberry.field(description="The rows alone. 对象列表")
    page_info: PageInfo = strawberry.field(description="Where this page lies. 分页信息")
    total_count: int = strawberry.field(description="How many rows the filter finds in all. 总数")


@strawberry.type(description="Something that can be done with an object in its present state. 可用操作")
class AvailableAction:
    """One action of a state machine."""

    action: str | None = strawberry.field(description="Name of the mutation. 操作名")
    allowed: bool | None = strawberry.field(description="Whether the viewer can do it now. 是否可行")
    blocked_by: str | None = strawberry.field(
        description="What stands in the way: ROLE, NOT_YOURS, or the name of an unmet condition. 受阻原因"
    )


def _field(source: Field, description: str) -> Any:
    return strawberry.field(description=description, metadata={"source": source})


def prose(column: str, description: str, *, masked: str | None = None, sealed: bool = False) -> Any:
    """A text column; `masked` names the column that stands in for it under a mask."""
    return _field(Column(column, Kind.TEXT, masked=masked, sealed=sealed), description)


def word(column: str, description: str) -> Any:
    """An enum or a reference: text that never needs escaping."""
    return _field(Column(column, Kind.WORD), description)


def number(column: str, description: str) -> Any:
    """A whole number."""
    return _field(Column(column, Kind.NUMBER), description)


def yes_no(column: str, description: str) -> Any:
    """A boolean."""
    return _field(Column(column, Kind.YES_NO), description)


def day(column: str, description: str) -> Any:
    """A calendar day."""
    return _field(Column(column, Kind.DAY), description)


def instant(column: str, description: str) -> Any:
    """An instant, shown with the hub's offset."""
    return _field(Column(column, Kind.INSTANT), description)


def words(column: str, description: str) -> Any:
    """A list of texts."""
    return _field(Column(column, Kind.WORDS), description)


def computed(sql: str, kind: Kind, description: str) -> Any:
    """A named SQL expression over the row and the viewer's facts."""
    return _field(Expression(" ".join(sql.split()), kind), description)


@strawberry.type(description="An amount of money. 金额")
class Money:
    """An amount in a currency, never a float."""

    amount: Decimal = strawberry.field(description="Decimal number with two places, in yuan. 金额")
    currency: str = strawberry.field(description="ISO 4217 code. 币种")


def money(sql: str, description: str) -> Any:
    """An amount: a template that yields fen."""
    return _field(Amount(sql), description)


def edge(target: str, description: str, *, via: str = "", back: str = "") -> Any:
    """To one other row."""
    return _field(Edge(target, via, back), description)


def derived_for(target: Any, function: str, description: str, **arguments: tuple[Any, str]) -> Any:
    """One object that a function computes from the row and the field's arguments (name: type, description)."""
    return compiled(arguments, target | None, Derived(target.__name__, function, many=False), description)


def struct(target: str, description: str, *, absent_when: str = "") -> Any:
    """An object of the same row."""
    return _field(Struct(target, absent_when), description)


def derived(target: str, function: str, description: str, *, part: str = "") -> Any:
    """A short plain list that a function of the database computes from the row, for example
    `derived("MilestoneProgress", "milestone_progress({t}.id, {today})", "…")`. See `Derived` for what it must be."""
    return _field(Derived(target, function, part=part), description)


def derived_one(target: str, function: str, description: str, *, part: str = "") -> Any:
    """One such object: the function's first row, null when it has none."""
    return _field(Derived(target, function, many=False, part=part), description)


def short(
    target: str,
    description: str,
    *,
    back: str = "",
    near: str = "",
    listed: str = "",
    link: tuple[str, str, str] | None = None,
) -> Any:
    """A short plain list."""
    return _field(Many(target, back, near, listed, link, plain=True), description)


def actions(machine: str) -> Any:
    """`availableActions` of a state machine."""
    return _field(Actions(machine), "What can be done now, and what stands in the way. 可用操作")


def queue() -> Any:
    """The viewer's work queue."""
    return _field(Queue(), "What waits for the viewer, with due times; complete. 待办")


def literal(value: Any, description: str) -> Any:
    """Known at plan time."""
    return _field(Literal(value), description)


def of_viewer(target: str, fact: str, description: str) -> Any:
    """The row whose id is a fact of the viewer."""
    return _field(ViewerEdge(target, fact), description)


_PAGE_ARGUMENTS = {
    "first": (int | None, "How many rows from the start, 1 to 100; 20 when nothing is said. 前若干条"),
    "after": (str | None, "Only rows after this cursor. 游标之后"),
    "last": (int | None, "How many rows from the end, 1 to 100. 后若干条"),
    "before": (str | None, "Only rows before this cursor. 游标之前"),
}


def many(
    connection: Any,
    target: str,
    description: str,
    *,
    where: Any = None,
    order: Any = None,
    back: str = "",
    near: str = "",
    link: tuple[str, str, str] | None = None,
) -> Any:
    """A connection: Relay's arguments, and `where` and `orderBy` where the target has them."""
    arguments = dict(_PAGE_ARGUMENTS)
    if where is not None:
        arguments["where"] = (where | None, "Which rows; null or absent means no filter. 筛选")
    if order is not None:
        arguments["order_by"] = (order | None, "In which order; newest first when nothing is said. 排序")

    return compiled(arguments, connection | None, Many(target, back, near, link=link), description)


def compiled(arguments: Mapping[str, tuple[Any, str]], result: Any, source: Field, description: str) -> Any:
    """A compiled field with arguments: Strawberry reads them off the signature of a resolver that never runs."""

    def resolver() -> Any:
        raise AssertionError("compiled fields are never resolved")

    signature = _signature(arguments, result)
    resolver.__signature__ = signature  # type: ignore[attr-defined]
    annotations = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    resolver.__annotations__ = annotations | {"return": result}
    return strawberry.field(resolver=resolver, description=description, metadata={"source": source})


def _signature(arguments: Mapping[str, tuple[Any, str]], result: Any) -> inspect.Signature:
    required = inspect.Parameter.empty
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=strawberry.UNSET if type(None) in get_args(type_) else required,
            # An argument may be called as a word of Python is: `from_` is `from`.
            annotation=Annotated[
                type_,
                strawberry.argument(
                    description=description, name=name.removesuffix("_") if name.endswith("_") else None
                ),
            ],
        )
        for name, (type_, description) in arguments.items()
    ]
    return inspect.Signature(parameters, return_annotation=result)


def only(field: str, sql: str, description: str, *, cast: str = "text", id_type: str | None = None) -> Any:
    """A key of a `where` input: the field whose grant it needs and a predicate with `{x}` for the value."""
    return strawberry.field(
        default=strawberry.UNSET,
        description=description,
        metadata={"filter": Filter(field, sql, cast, id_type)},
    )


def choice(field: str, choices: Mapping[str, str], description: str, default: Mapping[str, str]) -> Any:
    """A key of a `where` input whose values select predicates."""
    return strawberry.field(
        default=strawberry.UNSET,
        description=description,
        metadata={"filter": Filter(field, choices=choices, default=default)},
    )


_WAYS = {"ASC": "升序", "DESC": "降序"}


def order(type_name: str, description: str, /, **fields: tuple[str, str, str]) -> Any:
    """An `orderBy` enum: for each field (GraphQL field, column, SQL type) its two directions."""
    values: dict[str, Any] = {}
    for key, (field, column, cast) in fields.items():
        for direction in ("ASC", "DESC"):
            sort = Sort(field, column, cast, direction == "DESC")
            values[f"{key.upper()}_{direction}"] = strawberry.enum_value(
                sort,
                description=f"By {field}, {direction.lower()}ending. 按 {field} {_WAYS[direction]}",
            )
    made: Any = enum.Enum(type_name, values)
    return strawberry.enum(made, description=description)
