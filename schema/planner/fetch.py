"""Stage 4: compile once per shape, then for every request bind the values, ask the database once, pass the bytes on.

A plan is kept under (document, operation, role, duty, scopes, language, shape of the variables). The shape is what the
plan was allowed to look at: which variables and input keys are present or null, booleans, enum values, paging
direction and the type tags of node ids; values are never part of it.
"""

# graphql-core's types are generic without arguments, so a strict checker calls whatever comes from them unknown.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Protocol

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_nullable_type,
)

from auth.roles import Viewer
from hub.base.errors import LimitExceeded
from hub.base.limits import DEFAULT_PAGE_SIZE, MAX_PLAN_NODES
from hub.reports.rules import check_period
from schema.planner.plan import Period, Plan, Weight
from schema.planner.sql import statement
from schema.planner.values import Moment, Param, page_size, parse_global_id


class Connection(Protocol):
    """What the planner needs of a database connection logged in as the viewer's role."""

    async def fetchval(self, query: str, *args: Any) -> Any: ...


@dataclasses.dataclass(frozen=True)
class Statement:
    """A compiled plan: its SQL, its parameters, the errors decided already and the weights to check."""

    sql: str
    params: tuple[Param, ...]
    errors: tuple[dict[str, object], ...]
    tail: bytes
    weights: tuple[Weight, ...]
    periods: tuple[Period, ...] = ()

    def values(
        self, variables: Mapping[str, Any], viewer: Viewer, moment: Moment, *, times: int = 1
    ) -> list[Any]:
        """The parameters of one request. Raises Invalid for a bad page size, cursor or period, LimitExceeded beyond the
        node budget, in which the statement counts as often as it will be sent."""
        for period in self.periods:
            check_period(period.start.read(variables), period.end.read(variables), period.path)
        total = sum(_nodes(weight, variables) for weight in self.weights)
        if total * times > MAX_PLAN_NODES:
            raise LimitExceeded("too_many_nodes", most=MAX_PLAN_NODES)
        return [param.read(variables, viewer, moment) for param in self.params]


def to_statement(plan: Plan, settings: tuple[str, ...]) -> Statement:
    """Write the plan's SQL."""
    sql, params = statement(plan.items, settings)
    tail = b"}"
    if plan.errors:
        tail = (
            b',"errors":' + json.dumps(plan.errors, ensure_ascii=False, separators=(",", ":")).encode() + b"}"
        )
    return Statement(sql, tuple(params), plan.errors, tail, plan.weights, plan.periods)


def _nodes(weight: Weight, variables: Mapping[str, Any]) -> int:
    value = weight.size.read(variables) if weight.size is not None else None
    size = DEFAULT_PAGE_SIZE if value is None else page_size(value, weight.path)
    return size * (1 + sum(_nodes(each, variables) for each in weight.inside))


Shape = Any


def shape_of(variables: Mapping[str, Any], types: Mapping[str, Any]) -> Shape:
    """What a plan may know of the variables; `types` are the variables' GraphQL input types."""
    return tuple((name, _shape(value, types.get(name))) for name, value in sorted(variables.items()))


def _shape(value: Any, type_: Any) -> Shape:
    if value is None:
        return None
    if isinstance(type_, GraphQLNonNull):
        type_ = get_nullable_type(type_)
    if isinstance(type_, GraphQLInputObjectType):
        return tuple((key, _shape(item, type_.fields[key].type)) for key, item in sorted(value.items()))
    if isinstance(type_, GraphQLEnumType):
        return value.name
    if isinstance(type_, GraphQLList):
        if _is_id(type_.of_type):
            return tuple(parse_global_id(item)[0] for item in value)
        return "list"
    if isinstance(value, bool):
        return value
    return parse_global_id(value)[0] if _is_id(type_) else "value"


def _is_id(type_: Any) -> bool:
    inner = get_nullable_type(type_) if type_ is not None else None
    return isinstance(inner, GraphQLScalarType) and inner.name == "ID"
