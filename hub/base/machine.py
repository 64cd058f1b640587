"""State machines as tables: the only code that writes a status column.

From the same rows come the CHECK constraint, the one UPDATE with its row count checked, the GraphQL enum,
`availableActions`, the diagram in the docs and a test over every (state × action) pair.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Table, bindparam, update
from sqlalchemy.sql.dml import ReturningUpdate

from hub.base.errors import Conflict
from hub.base.tables import metadata

if TYPE_CHECKING:
    from hub.base.transaction import Transaction


@dataclasses.dataclass(frozen=True)
class Move:
    """One row of a state table.

    action: the command's name, the same everywhere (policy, GraphQL, audit).
    sources, targets: states; several targets mean that the caller names one (`to=`).
    carried: the move belongs to a command on another object and is not offered on this one.
    system: made by SYSTEM, on time alone.
    needs: names of conditions (SQL over the row, see `Machine.conditions`) that `availableActions` reports as blocking;
        the command checks the same fact and explains it.
    """

    action: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    carried: bool = False
    system: bool = False
    needs: tuple[str, ...] = ()


@functools.cache
def _moving(table: Table, sources: tuple[str, ...], names: tuple[str, ...]) -> ReturningUpdate[Any]:
    """The UPDATE that writes these columns on a row in one of these states; made once, since that costs much of it."""
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return (
        update(table)
        .where(table.c.id == bindparam("row_id"), table.c.status.in_(sources))
        .values(version=table.c.version + 1, **values)
        .returning(*table.c)
    )


@dataclasses.dataclass(frozen=True)
class Machine:
    """All states of one object and every move between them. The list of states is complete from the start."""

    name: str
    table: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]
    conditions: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    called: str = ""
    """What the enum of its states is called after, if not the object's name: `Session` of `SessionStatus`."""

    def __post_init__(self) -> None:
        for move in self.moves:
            unknown = set(move.sources + move.targets) - set(self.states)
            missing = set(move.needs) - set(self.conditions)
            if unknown or missing:
                raise ValueError(f"{self.name}.{move.action}: unknown {sorted(unknown | missing)}")

    def find(self, action: str) -> Move:
        """The move of that name. Raises LookupError when the table has none: a programming error."""
        for move in self.moves:
            if move.action == action:
                return move
        raise LookupError(f"{self.name} has no move {action}")

    def said(self, state: str) -> str:
        """The key of a state's label."""
        return f"{self.called or self.name}Status.{state}"

    def require(self, row: Row[Any], action: str) -> None:
        """Raise Conflict WRONG_STATE when `action` does not start from the row's present state."""
        if row.status not in self.find(action).sources:
            raise Conflict("wrong_state", code="WRONG_STATE", status=self.said(row.status))

    async def move(
        self, tx: Transaction, row: Row[Any], action: str, *, to: str | None = None, **changes: Any
    ) -> Row[Any]:
        """Make the move and write `changes` with it. Returns the row as it now is.

        Raises Conflict WRONG_STATE when the row is in another state, also when another transaction was faster.
        """
        move = self.find(action)
        target = to if to is not None else move.targets[0]
        if target not in move.targets or (to is None and len(move.targets) > 1):
            raise LookupError(f"{self.name}.{action} does not lead to {to}")
        values = {"status": target, **changes}
        statement = _moving(metadata.tables[self.table], move.sources, tuple(values))
        given = {f"new_{name}": value for name, value in values.items()}
        moved = (await tx.execute(statement, {"row_id": row.id, **given})).one_or_none()
        if moved is None:
            raise Conflict("wrong_state", code="WRONG_STATE", status=self.said(row.status))
        return moved
