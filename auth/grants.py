"""The policy as frozen look-ups: which rows, which fields, which masks, which commands; and why.

`auth/policy.py` calls `read` and `do` while it loads; `schema/build.py` seals the tables against the schema, so that a
type or field without an answer for every role does not build.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from auth.roles import READ_ROLES, Duty, Role, Viewer
from hub.base.errors import Denied


@dataclasses.dataclass(frozen=True)
class Grant:
    """One `read` row: the rows and fields of a type that a role sees."""

    type_name: str
    role: Role
    rows: str
    fields: frozenset[str]
    masked: frozenset[str]
    hidden: frozenset[str]

    def shows(self, field: str) -> bool:
        """Whether the field is within the grant (masked or plain)."""
        return ("*" in self.fields or field in self.fields) and field not in self.hidden


@dataclasses.dataclass(frozen=True)
class Right:
    """One `do` row: a command, a role (and duty), and the scope its target must lie in."""

    command: str
    role: Role
    rows: str
    duty: Duty | None = None
    by_link: bool = False  # exercised by whoever holds a signed link, not by a mutation


_reads: dict[tuple[str, Role], Grant] = {}
_rights: dict[tuple[str, Role, Duty | None], Right] = {}


def read(type_name: str, role: Role, rows: str, fields: str, *, mask: str = "", hide: str = "") -> None:
    """Add a read row of the policy. Raises ValueError for a second row of the same type and role."""
    if (type_name, role) in _reads:
        raise ValueError(f"two read rows for {type_name} and {role}")
    grant = Grant(
        type_name, role, rows, frozenset(fields.split()), frozenset(mask.split()), frozenset(hide.split())
    )
    _reads[type_name, role] = grant


def do(command: str, role: Role, rows: str, *, duty: Duty | None = None, by_link: bool = False) -> None:
    """Add a command row of the policy. Raises ValueError for a second row of the same command, role and duty."""
    if (command, role, duty) in _rights:
        raise ValueError(f"two command rows for {command} and {role}")
    _rights[command, role, duty] = Right(command, role, rows, duty, by_link)


def grant_for(type_name: str, role: Role) -> Grant | None:
    """The one read row for a type and a role, or None: no access."""
    return _reads.get((type_name, role))


def all_grants() -> tuple[Grant, ...]:
    """Every read row, in the order of the policy page."""
    return tuple(_reads.values())


def all_rights() -> tuple[Right, ...]:
    """Every command row, in the order of the policy page."""
    return tuple(_rights.values())


def right_for(command: str, role: Role, duty: Duty | None = None) -> Right | None:
    """The command row for a role: one for its duty if there is one, else the one for the role alone."""
    return _rights.get((command, role, duty)) or _rights.get((command, role, None))


def command_rows(command: str, viewer: Viewer) -> str:
    """The scope in which the viewer may run the command. Raises Denied when the role has no row for it."""
    right = right_for(command, viewer.role, viewer.duty)
    if right is None or (viewer.scopes is not None and command not in viewer.scopes):
        raise Denied("command_denied", command=command)
    return right.rows


def may_do(command: str, viewer: Viewer) -> bool:
    """Whether the viewer's role has a row for the command at all; the target's rows are asked by `claim`."""
    right = right_for(command, viewer.role, viewer.duty)
    return right is not None and (viewer.scopes is None or command in viewer.scopes)


def explain(role: str, type_field: str, known: Mapping[str, Collection[str]] | None = None) -> str:
    """One sentence: may this role read this field, of which rows, plain or masked, and why not.

    `known` are the types of the schema with their fields, which lie above this package; without it any name passes
    as one. Raises ValueError, in words for whoever asked, when role, type or field is unknown.
    """
    who = _role(role)
    type_name, dot, field = type_field.partition(".")
    if not (type_name and dot and field):
        raise ValueError("name a field as Type.field, for example Person.phone")
    if known is not None:
        _require_known(type_name, field, known)
    grant = grant_for(type_name, who)
    if grant is None:
        why = f"the policy has no read row for {type_name} and {who} (default deny)"
        return f"{who} may not read {type_name}.{field}: {why}."
    rows = f"rows in scope {grant.rows!r}"
    if not grant.shows(field):
        why = (
            "its read row hides the field"
            if field in grant.hidden
            else "its read row does not list the field"
        )
        return f"{who} may not read {type_name}.{field}: {why}; it reads other fields of {rows}."
    form = "masked" if field in grant.masked else "in plain"
    return (
        f"{who} reads {type_name}.{field} {form}, of {rows}: read({type_name!r}, {who}, …) in auth/policy.py."
    )


def _role(name: str) -> Role:
    try:
        return Role(name.strip().upper())
    except ValueError:
        listed = ", ".join(role.lower() for role in READ_ROLES)
        raise ValueError(f"there is no role {name!r}; the roles are {listed}") from None


def _require_known(type_name: str, field: str, known: Mapping[str, Collection[str]]) -> None:
    if type_name not in known:
        raise ValueError(f"there is no type {type_name!r}; the types are {', '.join(sorted(known))}")
    if field not in known[type_name]:
        fields = ", ".join(sorted(known[type_name]))
        raise ValueError(f"{type_name} has no field {field!r}; its fields are {fields}")
