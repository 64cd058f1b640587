"""Stage 2, `availableActions`: from the state table and the policy to what each status allows this role."""

from __future__ import annotations

import json

from auth.gate import scope
from auth.grants import grant_for, may_do, right_for
from auth.roles import Viewer
from hub.base.machine import Machine, Move
from schema.planner.describe import TypeInfo
from schema.planner.plan import ActionPlan

Keys = tuple[tuple[str, str], ...]
"""Response key and field of an action's selection; a `__typename` stands as its literal."""


def actions_of(viewer: Viewer, info: TypeInfo, machine: Machine, keys: Keys) -> ActionPlan:
    """Every action of the row's status: allowed, or blocked by the role, the rows, or a condition of the move."""
    moves = [move for move in machine.moves if not (move.carried or move.system)]
    by_status = {
        status: tuple(_action(viewer, info, machine, move, keys) for move in moves if status in move.sources)
        for status in machine.states
    }
    return ActionPlan({status: entries for status, entries in by_status.items() if entries})


def _action(
    viewer: Viewer, info: TypeInfo, machine: Machine, move: Move, keys: Keys
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """One action: its text when allowed, and (predicate, text when it does not hold) in order."""
    name = camel(move.action)
    if not may_do(move.action, viewer):
        return _text(keys, name, "ROLE"), ()
    blocks: list[tuple[str, str]] = []
    right = right_for(move.action, viewer.role, viewer.duty)
    grant = grant_for(info.name, viewer.role)
    if right and grant and right.rows != grant.rows:
        blocks.append((scope(info.table, right.rows), _text(keys, name, "NOT_YOURS")))
    blocks += [(machine.conditions[need], _text(keys, name, need)) for need in move.needs]
    return _text(keys, name, None), tuple(blocks)


def camel(action: str) -> str:
    """`referral_triage` → `referralTriage`: the mutation of a command."""
    head, *rest = action.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _text(keys: Keys, action: str, blocked: str | None) -> str:
    values = {"action": action, "allowed": blocked is None, "blockedBy": blocked}
    shown = {key: values[name] if name in values else json.loads(name) for key, name in keys}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
