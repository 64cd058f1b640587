"""Where a statement's parameters come from, and how a client's value becomes one. Read anew for every request."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

from auth.roles import Viewer
from hub.base.errors import Invalid
from hub.base.limits import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from schema.planner.selection import Binding

NOBODY = UUID(int=0)
"""An id that no row has: what a malformed or foreign id becomes, so that it is answered like an absent one (I14)."""

UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_INT = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class Moment:
    """What a request adds to the viewer: the instant and the day it is answered on."""

    now: datetime
    today: date


@dataclasses.dataclass(frozen=True)
class Param:
    """One bind parameter: what to read (`source`), from where, and the SQL type it is sent as.

    `name` is the fact's or setting's name, for cursors the SQL type of the sort value ('' when the id alone sorts);
    `tag` the type of a global id, for cursors the name of the order that the cursor must belong to.
    """

    source: str
    cast: str
    binding: Binding | None = None
    name: str = ""
    tag: str = ""
    index: int | None = None
    path: tuple[str, ...] = ()

    def read(self, variables: Mapping[str, Any], viewer: Viewer, moment: Moment) -> Any:
        """The value to send."""
        if self.source == "fact":
            return _fact(self.name, viewer, moment)
        if self.source == "setting":
            return moment.today.isoformat() if self.name == "today" else viewer.setting(self.name)
        if self.binding is None:
            return DEFAULT_PAGE_SIZE
        value = self.binding.read(variables)
        match self.source:
            case "id":
                return _ids(value if self.index is None else value[self.index], self.tag)
            case "size":
                return page_size(value, self.path)
            case "cursor_id":
                return decode_cursor(value, self.tag, self.name, self.path)[1]
            case "cursor_key":
                return decode_cursor(value, self.tag, self.name, self.path)[0]
            case _:
                return _plain(value)


def fact(name: str, cast: str) -> Param:
    """A fact of the viewer or of the moment."""
    return Param("fact", cast, name=name)


def setting(name: str) -> Param:
    """A fact of the viewer as the text of a transaction-local setting; '' stands for none."""
    return Param("setting", "text", name=name)


def plain(binding: Binding, cast: str) -> Param:
    """A value as the client gave it, checked already by its GraphQL type."""
    return Param("plain", cast, binding)


def global_id(binding: Binding, index: int | None, tag: str, cast: str = "uuid") -> Param:
    """The uuid (or uuids) inside global ids of one type."""
    return Param("id", cast, binding, tag=tag, index=index)


def size(binding: Binding | None, path: tuple[str, ...]) -> Param:
    """How many rows a page shows."""
    return Param("size", "int", binding, path=path)


def cursor_id(binding: Binding, order: str, cast: str, path: tuple[str, ...]) -> Param:
    """The id inside a cursor of an order whose sort value has the SQL type `cast`."""
    return Param("cursor_id", "uuid", binding, name=cast, tag=order, path=path)


def cursor_key(binding: Binding, order: str, cast: str, path: tuple[str, ...]) -> Param:
    """The sort value inside a cursor."""
    return Param("cursor_key", cast, binding, name=cast, tag=order, path=path)


def page_size(value: Any, path: tuple[str, ...]) -> int:
    """A page's size. Raises Invalid outside 1–100."""
    if value is None:
        return DEFAULT_PAGE_SIZE
    if not 1 <= value <= MAX_PAGE_SIZE:
        raise Invalid("page_size", code="OUT_OF_RANGE", path=path, most=MAX_PAGE_SIZE)
    return value


def parse_global_id(text: str) -> tuple[str, UUID]:
    """Tag and uuid of a global id; ('', NOBODY) for anything else, other spellings of the uuid included."""
    tag, _, rest = text.rpartition("_")
    found = _uuid(rest)
    return (tag, found) if tag and found else ("", NOBODY)


def decode_cursor(text: str, order: str, cast: str, path: tuple[str, ...]) -> tuple[Any, UUID]:
    """Sort value and id of a cursor. Raises Invalid, in one constant sentence, for junk or another order's cursor."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, key, row_id = json.loads(raw.decode())
        found = _uuid(row_id)
        if name != order or found is None:
            raise ValueError
        return _sort_value(key, cast), found
    except (binascii.Error, UnicodeError, ValueError, TypeError, RecursionError):
        raise Invalid("cursor", path=path) from None


def _uuid(text: Any) -> UUID | None:
    """The uuid that is spelled just so; None for anything else, also for what `UUID` is lenient about."""
    if not isinstance(text, str) or not UUID_TEXT.fullmatch(text):
        return None
    return UUID(text)


def _sort_value(key: Any, cast: str) -> Any:
    """The sort value of a cursor as the parameter it becomes; null in an order by the id alone, and of a null column.

    Raises ValueError, TypeError or UnicodeError for what no cursor of ours holds.
    """
    if key is None:
        return None
    if not isinstance(key, str) or not cast:
        raise TypeError
    match cast:
        case "date":
            return date.fromisoformat(key)
        case "timestamptz":
            return instant(key)
        case "int":
            number = int(key)
            if abs(number) > MAX_INT:
                raise ValueError
            return number
        case _:
            if "\0" in key:
                raise ValueError
            key.encode()  # raises for lone surrogates, which no text column holds either
            return key


def instant(text: str) -> datetime:
    """An instant with an offset, in UTC. Raises ValueError without an offset, and outside the years 1 to 9999."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs an offset, for example 2026-05-08T10:00:00+08:00")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("this instant lies outside the calendar") from None


def _fact(name: str, viewer: Viewer, moment: Moment) -> Any:
    match name:
        case "today":
            return moment.today
        case "now":
            return moment.now
        case "lang":
            return viewer.language
        case "name":
            return viewer.name
        case "client":
            return viewer.client_id
        case "user":
            return viewer.user_id
        case _:
            return getattr(viewer, f"{name}_id")


def _ids(value: Any, tag: str) -> Any:
    if isinstance(value, list):
        return [_ids(item, tag) for item in cast("list[Any]", value)]
    found, row_id = parse_global_id(value)
    return row_id if found == tag else NOBODY


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value.name if isinstance(value, Enum) else value
