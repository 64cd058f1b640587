"""Stage 2, the arguments of a page: `where` and `orderBy` become predicates and an order.

Filtering or sorting by a value would tell it, so each key needs the grant of the field it looks at, in plain.
"""

from __future__ import annotations

from typing import Any

from auth.grants import Grant
from auth.roles import Viewer
from schema.planner.describe import Filter, Sort
from schema.planner.plan import Condition
from schema.planner.registry import Registry, named
from schema.planner.selection import Bound, Document, Selected


class Refused(Exception):
    """A field the viewer may not use here; becomes a literal null and an error at the field that asked."""


def sort_of(
    registry: Registry, document: Document, grant: Grant, field: Any, selected: Selected
) -> tuple[str, Sort | None]:
    """The order asked for, by name. Raises Refused when its field is not readable in plain."""
    bound = selected.args.get("orderBy")
    value = None if bound is None or isinstance(bound, dict) else bound.read(document.variables)
    if value is None:
        return "ID", None
    sort = registry.sorts[named(field.args["orderBy"].type)][value.name]
    _require_plain(grant, sort.field)
    return value.name, sort


def conditions_of(
    registry: Registry, document: Document, viewer: Viewer, grant: Grant, field: Any, selected: Selected
) -> tuple[Condition, ...]:
    """The filters asked for, and those that hold when nothing is asked. Raises Refused."""
    if "where" not in field.args:
        return ()
    given = selected.args.get("where")
    where: dict[str, Bound] = given if isinstance(given, dict) else {}
    found: list[Condition] = []
    for name, each in registry.filters[named(field.args["where"].type)].items():
        bound = where.get(name)
        value = None if bound is None or isinstance(bound, dict) else bound.read(document.variables)
        if value is not None:
            _require_plain(grant, each.field)
            found.append(_condition(registry, each, bound, value))
        elif each.choices and (choice := each.default.get(str(viewer.role))):
            found.append(Condition(each.choices[choice]))
    return tuple(found)


def _condition(registry: Registry, each: Filter, bound: Any, value: Any) -> Condition:
    """One filter. A choice selects SQL, so its value is part of the plan's shape."""
    if each.choices is not None:
        return Condition(each.choices[value.name])
    tag = registry.types[each.id_type].tag if each.id_type else None
    return Condition(each.sql, bound, each.cast, tag)


def _require_plain(grant: Grant, field: str) -> None:
    if not grant.shows(field) or field in grant.masked:
        raise Refused
