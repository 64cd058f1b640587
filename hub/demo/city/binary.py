"""Rows in PostgreSQL's binary COPY format, with slots where one copy differs from the next.

A table's rows are read once. Whatever differs between copies (ids, references, sealed values) becomes a slot, the rest
stays the bytes it is; a copy is the literals and the values of its slots, joined.
"""

from __future__ import annotations

import dataclasses
import functools
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
UUID_OID = 2950
_FIELD = struct.Struct("!i")
_ROW = struct.Struct("!h")


@dataclasses.dataclass(frozen=True, eq=False)
class Slot:
    """A place whose value depends on the copy: what kind of value, and made from what. See `slot`."""

    kind: str
    of: Any


@functools.cache
def slot(kind: str, of: Any) -> Slot:
    """The one slot of this kind made from that: looking up its value, millions of times, then compares no contents."""
    return Slot(kind, of)


SlotsOf = Callable[[str, bytes, Sequence[bytes | None]], "Slot | list[Slot | bytes] | None"]
"""(column, value, the whole row) → the slot that stands for the field, its parts, or None for the bytes themselves."""


@dataclasses.dataclass
class Stencil:
    """Rows of one table: `literals[0] slots[0] literals[1] slots[1] … literals[-1]`."""

    rows: int = 0
    literals: list[bytes] = dataclasses.field(default_factory=lambda: [b""])
    slots: list[Slot] = dataclasses.field(default_factory=list)

    def write(self, literal: bytes) -> None:
        """Bytes that are the same in every copy."""
        self.literals[-1] += literal

    def leave(self, slot: Slot) -> None:
        """A place that each copy fills."""
        self.slots.append(slot)
        self.literals.append(b"")

    def filled(self, values: Mapping[Slot, bytes]) -> bytes:
        """The rows of one copy."""
        parts: list[bytes] = [b""] * (len(self.literals) + len(self.slots))
        parts[0::2] = self.literals
        parts[1::2] = map(values.__getitem__, self.slots)
        return b"".join(parts)


def rows_of(copied: bytes) -> Iterator[list[bytes | None]]:
    """The fields of each row of a whole binary COPY."""
    place = len(HEADER)
    while (count := _ROW.unpack_from(copied, place)[0]) >= 0:
        place += _ROW.size
        row: list[bytes | None] = []
        for _ in range(count):
            (length,) = _FIELD.unpack_from(copied, place)
            place += _FIELD.size
            row.append(None if length < 0 else copied[place : place + length])
            place += max(0, length)
        yield row


def add_row(stencil: Stencil, columns: Sequence[str], row: Sequence[bytes | None], slots_of: SlotsOf) -> None:
    """Write a row into the stencil, with the slots that `slots_of` finds in it."""
    stencil.rows += 1
    stencil.write(_ROW.pack(len(row)))
    for column, value in zip(columns, row, strict=True):
        found = None if value is None else slots_of(column, value, row)
        if found is None:
            stencil.write(field(value))
        elif isinstance(found, Slot):
            stencil.leave(found)
        else:
            for part in found:
                stencil.leave(part) if isinstance(part, Slot) else stencil.write(part)


def field(value: bytes | None) -> bytes:
    """A value with its length before it; null is the length -1."""
    return _FIELD.pack(-1) if value is None else _FIELD.pack(len(value)) + value


def uuid_array(ids: Sequence[bytes]) -> bytes:
    """A `uuid[]` of one dimension, as a value without its length."""
    if not ids:
        return struct.pack("!iii", 0, 0, UUID_OID)
    head = struct.pack("!iiiii", 1, 0, UUID_OID, len(ids), 1)
    return head + b"".join(_FIELD.pack(16) + one for one in ids)


def ids_in(array: bytes) -> list[bytes]:
    """The elements of a `uuid[]` without nulls."""
    dimensions = _FIELD.unpack_from(array)[0]
    return [array[place + 4 : place + 20] for place in range(20, len(array), 20)] if dimensions else []
