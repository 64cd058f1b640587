"""The second wall: row-level security and column privileges, derived from the same policy as the planner's predicates.

`wall_sql()` is the text of a policy migration; a test applies it afresh and compares the catalogue with the migrated
database. Rules that were measured: tables belong to a role that cannot log in, RLS is enabled and not forced; one
policy per role and command; direct comparisons with settings wrapped in a sub-select; an unset setting matches no row.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Iterator

from sqlalchemy import Table

from auth.gate import facts_used, render, scope
from auth.grants import Grant, grant_for, right_for
from auth.roles import READ_ROLES, SCOPE_SETTINGS, Duty, Role
from hub.tables import metadata
from schema.build import registry
from schema.planner.describe import (
    Actions,
    Amount,
    Column,
    Derived,
    Edge,
    Expression,
    Field,
    Many,
    Struct,
    TypeInfo,
    columns_of,
)
from schema.planner.queue import QUEUE
from schema.planner.registry import Registry, named
from schema.system_rights import SYSTEM_RIGHTS

Columns = dict[str, set[str]]
SETTINGS = {
    name: f"(select nullif(current_setting('hub.{name}', true), '')::uuid)" for name in SCOPE_SETTINGS
} | {"today": "(select nullif(current_setting('hub.today', true), '')::date)"}


def login(role: Role) -> str:
    """The database login a role reads as, with the prefix left open."""
    return f"{{prefix}}_read_{role.lower()}"


def settings_of(role: Role) -> tuple[str, ...]:
    """The viewer's facts that the row filters of a role need, so that a read sets no more than these."""
    reg = registry()
    templates = [template for _, template in _row_filters(reg, role)]
    facts = dict.fromkeys(name for template in templates for name in facts_used(template))
    return tuple(facts) or ("membership",)


# ------------------------------------------------------------------------------------------------------------ reads


def _granted(reg: Registry, role: Role) -> Iterator[tuple[TypeInfo, Grant]]:
    for info in reg.types.values():
        grant = grant_for(info.name, role) if info.table else None
        if grant is not None:
            yield info, grant


def _shown(info: TypeInfo, grant: Grant) -> Iterator[tuple[str, Field]]:
    for name, source in info.fields.items():
        if grant.shows(name):
            yield name, source


def _row_filters(reg: Registry, role: Role) -> list[tuple[str, str]]:
    """(table, predicate) of everything a role may see: the types it is granted, and the link tables between them."""
    found: list[tuple[str, str]] = []
    for info, grant in _granted(reg, role):
        rows = scope(info.table, grant.rows)
        found.append((info.table, f"({info.only}) and ({rows})" if info.only else rows))
        for _, source in _shown(info, grant):
            if isinstance(source, Many) and source.link:
                target = grant_for(source.target, role)
                if target:
                    found.append((source.link[0], scope(source.link[0], target.rows)))
    return list(dict.fromkeys(found))


@dataclasses.dataclass
class _Reads:
    """What the reads of a role can touch: columns by table, and functions."""

    reg: Registry
    role: Role
    columns: Columns = dataclasses.field(default_factory=Columns)
    functions: set[str] = dataclasses.field(default_factory=set[str])

    def of(self, table: str) -> set[str]:
        """The columns of a table, to be added to."""
        return self.columns.setdefault(table, {"id"})

    def note(self, own: set[str], info: TypeInfo, name: str, source: Field, grant: Grant) -> None:
        """Note what a field reads. `own` are the columns of the rows that it is a field of."""
        match source:
            case Column():
                own.add(source.masked if name in grant.masked and source.masked else source.name)
            case Expression() | Amount():
                own.update(columns_of(source.sql))
            case Edge() | Many():
                self.note_edge(own, source)
            case Struct():
                own.update(columns_of(source.absent_when))
                self.note_part(own, info, source.target, grant)
            case Derived():
                own.update(columns_of(source.function))
                self.functions.add(source.name)
                # The columns of its rows are the function's: no table's, and nobody's to grant.
                self.note_part(set(), info, source.target, grant)
            case Actions():
                own.update(_action_columns(self.reg, self.role, info, source))
            case _:
                pass

    def note_part(self, own: set[str], info: TypeInfo, target: str, grant: Grant) -> None:
        """Note what an object inside a row reads: the whole of it, since its grant is that of its field."""
        for name, source in self.reg.types[target].fields.items():
            self.note(own, info, name, source, grant)

    def note_edge(self, own: set[str], source: Edge | Many) -> None:
        """Note the ends of an edge, if the role may see what it leads to."""
        if grant_for(source.target, self.role) is None:
            return
        if isinstance(source, Edge) and source.via:
            own.add(source.via)
        if isinstance(source, Many):
            own.update(name for name in (source.near, source.listed) if name)
        if source.back:
            self.of(self.reg.types[source.target].table).add(source.back)
        if isinstance(source, Many) and source.link:
            self.of(source.link[0]).update(source.link[1:])


def _reads(reg: Registry, role: Role) -> _Reads:
    """The columns and functions that a role's reads can touch."""
    reads = _Reads(reg, role)
    for table, template in _row_filters(reg, role):
        reads.of(table).update(columns_of(template))
    for info, grant in _granted(reg, role):
        own = reads.of(info.table)
        for name, source in _shown(info, grant):
            reads.note(own, info, name, source, grant)
        own.update(_filter_columns(reg, info.name, grant))
    for line in QUEUE:
        info = reg.types[line.type_name]
        if role in line.roles and grant_for(line.type_name, role):
            reads.of(info.table).update(columns_of(line.sql), columns_of(line.due))
    return reads


def _action_columns(reg: Registry, role: Role, info: TypeInfo, source: Actions) -> set[str]:
    machine, found = reg.machines[source.machine], {"status"}
    for move in machine.moves:
        if move.carried or move.system:
            continue
        rights = {right_for(move.action, role, duty) for duty in (None, *Duty)}
        for right in filter(None, rights):
            templates = [scope(info.table, right.rows), *(machine.conditions[need] for need in move.needs)]
            found.update(column for template in templates for column in columns_of(template))
    return found


def _filter_columns(reg: Registry, type_name: str, grant: Grant) -> set[str]:
    found: set[str] = set()
    for info in reg.types.values():
        for name, source in info.fields.items():
            if not (isinstance(source, Many) and source.target == type_name) or source.plain:
                continue
            args = reg.object_type(info.name).fields[name].args
            if "where" in args:
                for each in reg.filters[named(args["where"].type)].values():
                    if _usable(grant, each.field):
                        templates = [each.sql, *(each.choices or {}).values()]
                        found.update(column for template in templates for column in columns_of(template))
            if "orderBy" in args:
                sorts = reg.sorts[named(args["orderBy"].type)].values()
                found.update(sort.column for sort in sorts if _usable(grant, sort.field))
    return found


def _usable(grant: Grant, field: str) -> bool:
    return grant.shows(field) and field not in grant.masked


def read_wall(reg: Registry, role: Role) -> Iterator[str]:
    """The wall of one role's reads, a statement a line."""
    who = login(role)
    yield f"-- {role}: reads"
    reads = _reads(reg, role)
    predicates: dict[str, list[str]] = {}
    for table, template in _row_filters(reg, role):
        predicates.setdefault(table, []).append(render(template, table, SETTINGS))
    for table in sorted(reads.columns):
        yield f"grant select ({', '.join(sorted(reads.columns[table]))}) on {table} to {who};"
        using = " or ".join(f"({each})" for each in dict.fromkeys(predicates[table]))
        yield f"create policy read_{role.lower()} on {table} for select to {who} using ({using});"
    yield f"grant execute on function hub_live(uuid, uuid, date) to {who};"
    yield f"grant execute on function memberships_over(date) to {who};"
    # Nobody else runs them: `migrations/roles.py` takes from PUBLIC what PostgreSQL gives it with every new function.
    for function in sorted(reads.functions):
        yield f"grant execute on function {function} to {who};"


# ----------------------------------------------------------------------------------------------------------- writes


def _writer_rows(table: Table) -> tuple[str, str]:
    """USING and WITH CHECK of the writer: the street entered by `claim`; before that, the partner's own rows."""
    if "rows" in table.info:
        return table.info["rows"], table.info.get("check", table.info["rows"])
    street = "street_id = {street}"
    if "partner_ids" in table.c:
        return f"{street} or {{partner}} = any(partner_ids)", street
    if "partner_id" in table.c:
        return f"{street} or partner_id = {{partner}}", street
    return street, street


def _write_wall() -> Iterator[str]:
    who = "{prefix}_writer"
    yield "-- writes: inserts, and updates of single columns where a command exists; nothing else, on nothing else"
    for table in _tables():
        if table.info.get("rows") == "false":
            continue  # SYSTEM's own bookkeeping: no command touches it
        yield f"grant select, insert on {table.name} to {who};"
        if table.info.get("update"):
            yield f"grant update ({', '.join(table.info['update'].split())}) on {table.name} to {who};"
        if table.info.get("delete"):
            yield f"grant delete on {table.name} to {who};"
        using, check = (render(rows, table.name, SETTINGS) for rows in _writer_rows(table))
        yield f"create policy write on {table.name} for all to {who} using ({using}) with check ({check});"


def _system_wall() -> Iterator[str]:
    who = "{prefix}_system"
    yield "-- SYSTEM's own look-ups and bookkeeping, across streets; it writes no status"
    for right in SYSTEM_RIGHTS:
        yield f"grant {right.privileges} on {right.table} to {who};"
        yield f"create policy system on {right.table} for all to {who} using (true) with check (true);"


def _tables() -> Iterable[Table]:
    return sorted(metadata.tables.values(), key=lambda table: table.name)


def wall_sql() -> str:
    """The whole wall as SQL, with `{prefix}` for the prefix of role names."""
    reg = registry()
    lines = [
        "-- Generated from auth/policy.py by `python -m schema.walls`; a policy change makes a new revision."
    ]
    lines += [f"alter table {table.name} enable row level security;" for table in _tables()]
    for role in READ_ROLES:
        lines += read_wall(reg, role)
    lines += _write_wall()
    lines += _system_wall()
    lines += EXECUTE
    return "\n".join(lines) + "\n"


EXECUTE = [
    "grant execute on function hub_live(uuid, uuid, date) to {prefix}_writer, {prefix}_system;",
    "grant execute on function refresh_person_access(uuid) to {prefix}_system;",
    "grant execute on function lock_fund_of_agreement(uuid) to {prefix}_writer;",
    "grant execute on function partner_serves(uuid, uuid) to {prefix}_writer;",
    "grant execute on function lock_line(uuid) to {prefix}_writer;",
    "grant execute on function line_usage(uuid) to {prefix}_writer;",
    "grant execute on function delivery_flags(uuid, integer, integer) to {prefix}_writer;",
    "grant execute on function case_served(uuid) to {prefix}_writer;",
    "grant execute on function delivery_proven_at(uuid) to {prefix}_writer, {prefix}_system;",
    "grant execute on function lock_money(text, uuid) to {prefix}_writer;",
    "grant execute on function audit_links(uuid, bigint, integer) to {prefix}_writer;",
    "grant execute on function billable_units(uuid) to {prefix}_writer;",
    "grant execute on function criterion_value(uuid) to {prefix}_writer;",
    "grant execute on function milestone_limit(uuid) to {prefix}_writer;",
    "grant execute on function milestone_accepted(uuid) to {prefix}_writer;",
    "grant execute on function side_taken(uuid, uuid, text) to {prefix}_writer;",
    "grant execute on function payment_match(uuid, date) to {prefix}_writer;",
    "grant execute on function invoice_used_for(text) to {prefix}_writer;",
    "grant execute on function billed_by(uuid) to {prefix}_writer;",
    "grant execute on function stage_reversed(uuid) to {prefix}_writer;",
    "grant execute on function stage_unpaid(uuid) to {prefix}_writer;",
    "grant execute on function appeal_waiting(uuid) to {prefix}_writer;",
    "grant execute on function street_of_payment_request(uuid) to {prefix}_writer;",
    "grant usage on sequence reference_numbers to {prefix}_writer;",
    "grant select on comparator_visits_90d to {prefix}_writer;",
]
"""Functions and sequences that writes and SYSTEM use."""


if __name__ == "__main__":
    sys.stdout.write(wall_sql())
