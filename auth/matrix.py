"""The policy as tables for people: `auth/MATRIX.md`, written by `hub policy matrix --write` and checked for drift."""

from __future__ import annotations

from collections.abc import Iterable

import auth.policy  # noqa: F401  # pyright: ignore[reportUnusedImport] - its rows are what is shown
from auth.grants import Grant, Right, all_grants, all_rights
from auth.roles import Role

HEAD = """# Who may see and do what

Generated from `auth/policy.py` by `hub policy matrix --write`; do not edit. No row is no access. A row outside its
scope does not exist for the role. What a scope means stands in `auth/gate.py` and in `hub/<capability>/scopes.py`.

"""


def render() -> str:
    """The whole page."""
    grants, rights = all_grants(), all_rights()
    types = dict.fromkeys(grant.type_name for grant in grants)
    parts = [HEAD, "## What can be read\n"]
    parts += [_type(name, [grant for grant in grants if grant.type_name == name]) for name in types]
    parts += ["\n## What can be done\n", _commands(rights)]
    return "".join(parts)


def _type(name: str, grants: Iterable[Grant]) -> str:
    rows = [
        (_said(grant.role), grant.rows, _fields(grant), " ".join(sorted(grant.masked))) for grant in grants
    ]
    return f"\n### {name}\n\n{_table(('role', 'rows', 'fields', 'masked'), rows)}"


def _fields(grant: Grant) -> str:
    if "*" not in grant.fields:
        return " ".join(sorted(grant.fields))
    hidden = " ".join(sorted(grant.hidden))
    return f"all but {hidden}" if hidden else "all"


def _commands(rights: Iterable[Right]) -> str:
    """One row a command, one column a role, the scope of the target where they meet."""
    by_command: dict[str, dict[Role, list[str]]] = {}
    for right in rights:
        said = right.duty.lower() if right.duty else "by link" if right.by_link else ""
        scope = f"{right.rows} ({said})" if said else right.rows
        by_command.setdefault(right.command, {}).setdefault(right.role, []).append(scope)
    roles = [role for role in Role if any(role in row for row in by_command.values())]
    rows = [
        (command, *(", ".join(row.get(role, ())) for role in roles)) for command, row in by_command.items()
    ]
    return "\n" + _table(("command", *map(_said, roles)), rows)


def _said(role: Role) -> str:
    return role.value.replace("_", " ").lower()


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
