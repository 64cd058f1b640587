"""Where a statement's parameters come from, and how a client's value becomes one. Read anew for every request."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from auth.roles import Viewer
from hub.base.errors import Invalid
from hub.base.limits import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from schema.planner.selection import Binding

NOBODY = UUID(int=0)
"""An id that no row has: what a malformed or foreign id becomes, so that it is answered like an absent one (I14)."""


@dataclasses.dataclass(frozen=True)
class Moment:
    """What a request adds to the viewer: the instant and the day it is answered on."""

    now: datetime
    today: date


@dataclasses.dataclass(frozen=True)
class Param:
    """One bind parameter: what to read (`source`), from where, and the SQL type it is sent as.

    `tag` is the type of a global id, or for cursors the name of the order that the cursor must belong to.
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
                return decode_cursor(value, self.tag, self.path)[1]
            case "cursor_key":
                return decode_cursor(value, self.tag, self.path)[0]
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


def cursor_id(binding: Binding, order: str, path: tuple[str, ...]) -> Param:
    """The id inside a cursor."""
    return Param("cursor_id", "uuid", binding, tag=order, path=path)


def cursor_key(binding: Binding, order: str, path: tuple[str, ...]) -> Param:
    """The sort value inside a cursor, as text."""
    return Param("cursor_key", "text", binding, tag=order, path=path)


def page_size(value: Any, path: tuple[str, ...]) -> int:
    """A page's size. Raises Invalid outside 1–100."""
    if value is None:
        return DEFAULT_PAGE_SIZE
    if not 1 <= value <= MAX_PAGE_SIZE:
        raise Invalid("page_size", code="OUT_OF_RANGE", path=path, most=MAX_PAGE_SIZE)
    return value


def parse_global_id(text: str) -> tuple[str, UUID]:
    """Tag and uuid of a global id; ('', NOBODY) for anything else."""
    tag, _, rest = text.rpartition("_")
    try:
        return (tag, UUID(rest)) if tag and len(rest) == 36 else ("", NOBODY)
    except ValueError:
        return "", NOBODY


def decode_cursor(text: str, order: str, path: tuple[str, ...]) -> tuple[str | None, UUID]:
    """Sort value and id of a cursor. Raises Invalid, in one constant sentence, for junk or another order's cursor."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        name, key, row_id = json.loads(raw)
        if name != order or not isinstance(key, str | None) or not isinstance(row_id, str):
            raise ValueError
        return key, UUID(row_id)
    except (binascii.Error, UnicodeError, ValueError, TypeError, RecursionError):
        raise Invalid("cursor", path=path) from None


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
        return [_ids(item, tag) for item in value]
    found, row_id = parse_global_id(value)
    return row_id if found == tag else NOBODY


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.name if isinstance(value, Enum) else value
