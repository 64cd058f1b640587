"""What does not build: descriptions and policy rows that contradict each other or the tables. Asked once, at start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from auth.grants import Grant, all_grants, grant_for
from auth.roles import READ_ROLES
from hub.tables import metadata
from schema.planner.describe import (
    Amount,
    Column,
    Derived,
    Edge,
    Expression,
    Field,
    Struct,
    TypeInfo,
    columns_of,
)

Types = Mapping[str, TypeInfo]
ROOT = "Query"
_CALL = re.compile(r"[a-z_][a-z0-9_]*\(.*\)", re.DOTALL)


# ------------------------------------------------------------------------------------------------- objects inside a row


def part_faults(types: Types) -> list[str]:
    """Of the objects that are parts of a row (`Struct`) or computed from it (`Derived`), however deep they lie."""
    whole = [info for info in types.values() if info.table or info.name == ROOT]
    return list(dict.fromkeys(fault for info in whole for fault in _inside(types, info, info, ())))


def _inside(types: Types, base: TypeInfo | None, info: TypeInfo, above: tuple[str, ...]) -> Iterator[str]:
    """Faults of a type's parts. `base` is the type whose row they are made of, None within the rows of a function;
    `above` are the types on the way here."""
    for name, source in info.fields.items():
        where = f"{info.name}.{name}"
        if base is None and not _of_function(source):
            yield f"{where}: the rows of a function have columns, expressions and edges by a column, nothing else"
        if isinstance(source, Derived):
            yield from (f"{where}: {fault}" for fault in _call_faults(source, base))
        if isinstance(source, Struct | Derived):
            way = (*above, info.name)
            target = types.get(source.target)
            if target is None:
                yield f"{where}: {source.target} is no compiled type"
            elif target.table:
                yield f"{where}: {target.name} has rows of its own, which are reached by an edge"
            elif target.name in way:
                yield f"{where}: {target.name} contains itself"
            else:
                yield from _inside(types, None if isinstance(source, Derived) else base, target, way)


def _of_function(source: Field) -> bool:
    """Whether a field can be read of a function's row, which has no table, hence neither id nor links nor state."""
    if isinstance(source, Edge):
        return bool(source.via)
    return isinstance(source, Column | Expression | Amount | Struct | Derived)


def _call_faults(source: Derived, base: TypeInfo | None) -> Iterator[str]:
    if not _CALL.fullmatch(source.function):
        yield f"{source.function!r} is no call of a function"
    if base is None:
        return
    if not base.table:
        yield "hangs on no row, so nobody's grant would cover it"
        return
    for column in columns_of(source.function):
        if column not in metadata.tables[base.table].c:
            yield f"no column {column} in {base.table}"


# ----------------------------------------------------------------------------------------------------------- the policy


def policy_faults(types: Types) -> list[str]:
    """Of the policy's read rows against the types, and of types that nobody may read."""
    faults = [
        f"{info.name} has a table but no role may read it: no read row in auth/policy.py"
        for info in types.values()
        if info.table and not any(grant_for(info.name, role) for role in READ_ROLES)
    ]
    for grant in all_grants():
        info = types.get(grant.type_name)
        if info is None:
            faults.append(
                f"the policy names {grant.type_name}, which is no compiled type: one that no field leads to stands in"
                " NODES of schema/build.py"
            )
            continue
        faults += _grant_faults(grant, info)
    return faults


def _grant_faults(grant: Grant, info: TypeInfo) -> list[str]:
    where = f"{grant.role} on {grant.type_name}"
    named = (grant.fields - {"*"}) | grant.masked | grant.hidden
    faults = [f"{where}: no field {field}" for field in sorted(named - set(info.fields))]
    for name, source in info.fields.items():
        if not isinstance(source, Column):
            if name in grant.masked:
                faults.append(f"{where}: {name} is no column, so it has no masked form")
            continue
        if source.name not in metadata.tables[info.table].c:
            faults.append(f"{info.name}.{name}: no column {source.name} in {info.table}")
        if source.sealed and grant.shows(name) and name not in grant.masked:
            faults.append(f"{where}: {name} is sealed, so it can only be shown masked")
        if name in grant.masked and not (source.sealed or source.masked):
            faults.append(f"{where}: {name} has no masked form")
    return faults
