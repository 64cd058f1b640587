"""The payload of a mutation field as JSON, in the shape of the client's selection.

Objects are read back by the planner with the viewer's own rights; their statements are made before the command runs, so
that a selection which cannot be answered leaves nothing done.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from graphql import SelectionSetNode

from auth.roles import Viewer
from hub.base.errors import HubError
from schema.engine import Engine
from schema.errors import user_error
from schema.http import SessionEnded
from schema.planner.compile import Compiler, dump
from schema.planner.fetch import Statement
from schema.planner.registry import named
from schema.planner.selection import Document, Selected

Path = tuple[str, ...]
Sets = list[SelectionSetNode]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one command: what its payload shows, or why it was refused."""

    values: Mapping[str, Any]
    error: HubError | None = None


@dataclasses.dataclass(frozen=True)
class Envelope:
    """Writes the payload of one mutation field; `errors` collects those of the whole reply."""

    engine: Engine
    document: Document
    viewer: Viewer
    errors: list[dict[str, object]]
    statements: dict[Path, Statement] = dataclasses.field(default_factory=dict[Path, Statement])

    def prepare(self, payload: str, sets: Sets, path: Path, times: int) -> None:
        """Make the statements of the objects selected. Raises Invalid and LimitExceeded as a query would."""
        for each in self._selected(payload, sets):
            target = self._target(payload, each)
            if target is not None:
                here = (*path, each.key)
                self.statements[here] = self.engine.payload(
                    self.document, self.viewer, target, each.sets, here, times
                )

    def prepare_many(self, payload: str, selected: Selected, times: int) -> None:
        """The same for `{ results: […] }` of so many items."""
        for each in self._selected(payload, selected.sets):
            if each.name == "results":
                self.prepare(self._type_of(payload, each), each.sets, (selected.key, each.key), times)

    async def write(self, payload: str, sets: Sets, outcome: Outcome, path: Path) -> bytes:
        """The payload object."""
        parts: list[bytes] = []
        for each in self._selected(payload, sets):
            text = await self._part(payload, each, outcome, (*path, each.key))
            parts.append(f'"{each.key}":'.encode() + text)
        return b"{" + b",".join(parts) + b"}"

    async def write_many(self, payload: str, selected: Selected, outcomes: list[Outcome]) -> bytes:
        """`{ results: […] }`."""
        parts: list[bytes] = []
        for each in self._selected(payload, selected.sets):
            text = dump(payload).encode()
            if each.name == "results":
                inner, path = self._type_of(payload, each), (selected.key, each.key)
                results = [await self.write(inner, each.sets, one, path) for one in outcomes]
                text = b"[" + b",".join(results) + b"]"
            parts.append(f'"{each.key}":'.encode() + text)
        return b"{" + b",".join(parts) + b"}"

    def _selected(self, payload: str, sets: Sets) -> list[Selected]:
        return self.document.select(self.engine.registry.object_type(payload), sets)

    def _type_of(self, payload: str, each: Selected) -> str:
        return named(self.engine.registry.object_type(payload).fields[each.name].type)

    def _target(self, payload: str, each: Selected) -> str | None:
        """The compiled type that the field shows; None for `__typename`, `userErrors` and plain values."""
        target = "" if each.name == "__typename" else self._type_of(payload, each)
        info = self.engine.registry.types.get(target)
        return target if info and info.table else None

    async def _part(self, payload: str, each: Selected, outcome: Outcome, path: Path) -> bytes:
        if each.name == "__typename":
            return dump(payload).encode()
        shaper = Compiler(self.engine.registry, self.document, self.viewer)
        if each.name == "userErrors":
            errors = [user_error(outcome.error, self.viewer.language)] if outcome.error else []
            return dump(shaper.shape("UserError", errors, each.sets)).encode()
        value, target = outcome.values.get(each.name), self._target(payload, each)
        if value is None:
            return b"null"
        if target is None:
            return dump(shaper.shape(self._type_of(payload, each), value, each.sets)).encode()
        return await self._object(self.statements[path], f"{self.engine.registry.types[target].tag}_{value}")

    async def _object(self, found: Statement, global_id: str) -> bytes:
        """The object as the viewer may read it now, with the errors of its selection; null when it has left."""
        try:
            text = await self.engine.fetch_object(found, global_id, self.document, self.viewer)
        except SessionEnded:  # the command ended the viewer's own membership: it is done all the same
            return b"null"
        if text != b"null":
            self.errors.extend(error for error in found.errors if error not in self.errors)
        return text
