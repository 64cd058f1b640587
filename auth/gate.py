"""From a scope's name to a row predicate, and `claim`: the one way to a row that will change.

A scope is one SQL template over a table alias and the viewer's facts. The same text is rendered three times: with bind
parameters by the planner, with bind parameters here for writes, and with transaction-local settings for row-level
security; so the three cannot disagree. `hub/*/scopes.py` bind the scopes that are peculiar to a table.

Places in a template: `{t}` the row's alias; `{district} {street} {community} {partner} {user} {membership}` uuid facts
of the viewer (null when absent, so they match nothing); `{today}` a date.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, Text, TextClause, bindparam, cast, func, select
from sqlalchemy import text as sql

import auth.policy  # noqa: F401  # pyright: ignore[reportUnusedImport] - no right exists before it
from auth.grants import command_rows
from auth.roles import SCOPE_SETTINGS, Viewer
from hub.base.errors import Conflict, NotFound
from hub.base.transaction import Transaction

COMMON: Mapping[str, str] = {
    "all": "true",
    "own_district": "{t}.district_id = {district}",
    "own_street": "{t}.street_id = {street}",
    "own_community": "{t}.community_id = {community}",
    "own_partner": "{t}.partner_id = {partner}",
    "on_our_case": "{partner} = any({t}.partner_ids) and {t}.access_until >= {today}",
    "on_my_case": "{membership} = any({t}.worker_ids) and {t}.access_until >= {today}",
}

_bound: dict[tuple[str, str], str] = {}


def bind(table: str, **scopes: str) -> None:
    """Bind scope names to predicates for one table; a second binding of a name is a programming error."""
    for name, template in scopes.items():
        if (table, name) in _bound:
            raise ValueError(f"scope {name} of {table} is bound twice")
        _bound[table, name] = template


def scope(table: str, name: str) -> str:
    """The template of a scope. Raises LookupError when no capability has bound it."""
    template = _bound.get((table, name)) or COMMON.get(name)
    if template is None:
        raise LookupError(
            f"no scope {name} for {table}: hub/<capability>/scopes.py binds it, hub/scopes.py imports it"
        )
    return template


def render(template: str, alias: str, facts: Mapping[str, str]) -> str:
    """The predicate in parentheses, its places filled by SQL: `facts` maps a fact's name to an expression."""
    return f"({template.format(t=alias, **facts)})"


def facts_used(template: str) -> list[str]:
    """The viewer's facts that a template names, in order of appearance."""
    names = [field for _, field, _, _ in string.Formatter().parse(template) if field and field != "t"]
    return list(dict.fromkeys(names))


_BIND_FACTS = {name: f"cast(:hub_{name} as uuid)" for name in SCOPE_SETTINGS} | {
    "today": "cast(:hub_today as date)"
}


def bind_values(viewer: Viewer, tx: Transaction, template: str) -> dict[str, object]:
    """Parameters for a template rendered for SQLAlchemy."""
    values: dict[str, object] = {}
    for name in facts_used(template):
        values[f"hub_{name}"] = tx.today if name == "today" else (viewer.setting(name) or None)
    return values


def within(tx: Transaction, table: Table, command: str) -> TextClause:
    """The rows of `table` in which the viewer may do `command`, as a predicate. Raises Denied for none at all."""
    viewer: Viewer = tx.actor  # type: ignore[assignment]
    template = scope(table.name, command_rows(command, viewer))
    return sql(render(template, table.name, _BIND_FACTS)).bindparams(**bind_values(viewer, tx, template))


@functools.cache
def _claiming(table: Table, template: str, *, locked: bool) -> Select[Any]:
    """The statement of `claim`, made once. Its last column makes the row's street the one that may be written to, from
    the next statement on: asked for with the row, it costs no round trip."""
    predicate = sql(render(template, table.name, _BIND_FACTS))
    statement = select(table).where(table.c.id == bindparam("row_id"), predicate)
    if "street_id" in table.c:
        street = func.coalesce(cast(table.c.street_id, Text), func.current_setting("hub.street"))
        statement = statement.add_columns(func.set_config("hub.street", street, True).label("hub_entered"))
    return statement.with_for_update(key_share=True) if locked else statement


async def claim(
    tx: Transaction,
    table: Table,
    row_id: UUID,
    command: str,
    *,
    version: int | None = None,
    path: tuple[str, ...] = ("id",),
    locked: bool = True,
) -> Row[Any]:
    """Find the row inside the rows in which the viewer may do `command`, and lock it until the transaction ends.

    The lock is FOR NO KEY UPDATE: it leaves alone those who only insert rows that point here. A command that changes
    nothing and takes its time leaves the row unlocked. From then on the transaction may write to the row's street.

    Raises Denied when the role may not do it at all, NotFound when the row is absent or outside (one answer for both,
    I14), Conflict STALE when `version` is given and is not the row's.
    """
    viewer: Viewer = tx.actor  # type: ignore[assignment]
    template = scope(table.name, command_rows(command, viewer))
    values = {"row_id": row_id, **bind_values(viewer, tx, template)}
    row = (await tx.execute(_claiming(table, template, locked=locked), values)).one_or_none()
    if row is None:
        raise NotFound(path=path)
    if version is not None and row.version != version:
        raise Conflict("stale", code="STALE", path=("expectedVersion",), current=row.version)
    return row
