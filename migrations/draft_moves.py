"""Legal moves of today's state tables as a view: `python -m migrations.draft_moves`, to be pasted into a revision.

A developer's tool, like `migrations.draft`. The view holds literals, so a revision does tomorrow what it does today,
and nobody can change a row of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from hub.base.machine import Machine
from hub.base.tables import metadata
from hub.machines import MACHINES
from hub.tables import metadata as complete

Pair = tuple[str, str | None, str]
"""Table, source (None: the row is new), target."""


def legal_pairs(machines: Iterable[Machine] = MACHINES) -> set[Pair]:
    """Every change of state that some move makes, and the state each new row begins in."""
    pairs: set[Pair] = set()
    for machine in machines:
        pairs.add((machine.table, None, _first_state(machine)))
        for move in machine.moves:
            if move.sources == move.targets:  # the move changes something else and keeps the state
                continue
            pairs |= {(machine.table, source, target) for source in move.sources for target in move.targets}
    return {pair for pair in pairs if pair[1] != pair[2]}


def _first_state(machine: Machine) -> str:
    """The column's default: a new row has no other status."""
    default = metadata.tables[machine.table].c.status.server_default
    state = getattr(default, "arg", None)
    if state not in machine.states:
        raise ValueError(f"{machine.table}.status has no default among the states of {machine.name}")
    return str(state)


def draft_view() -> str:
    """The view `state_moves` as SQL, the same text every time."""
    rows = sorted(legal_pairs(), key=lambda pair: (pair[0], pair[1] or "", pair[2]))
    values = ",\n".join(f"    ('{table}', {_text(source)}, '{target}')" for table, source, target in rows)
    return f"create or replace view state_moves (table_name, source, target) as values\n{values};\n"


def _text(source: str | None) -> str:
    return "null" if source is None else f"'{source}'"


if __name__ == "__main__":
    assert complete is metadata  # noqa: S101 - importing it is what makes `metadata` complete
    sys.stdout.write(draft_view())
