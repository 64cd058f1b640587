"""The six kinds of error that rules, commands, machines and the planner raise.

An error names a `code` (stable, part of the API), a `key` into `hub/base/locale` (the sentence the client reads),
parameters of that sentence and, for input errors, the `path` of the offending input field. Only `schema/errors.py`
turns one into an answer; nothing here is ever shown as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class HubError(Exception):
    """Raised for a business outcome the caller can act on. `code` is one of the API's UserErrorCode values."""

    default_code = "INVALID"

    def __init__(
        self, key: str, *, code: str | None = None, path: Sequence[str] = (), **params: object
    ) -> None:
        self.key = key
        self.code = code or self.default_code
        self.path = tuple(path)
        self.params = params
        super().__init__(f"{self.code}: {key}")


class Invalid(HubError):
    """The input itself is wrong: a field is missing, malformed or contradicts another."""

    default_code = "INVALID"


class Denied(HubError):
    """The acting role may not do this at all, whatever the object (so nothing about an object is told)."""

    default_code = "FORBIDDEN"


class NotFound(HubError):
    """Absent, or outside the viewer's rows: the two are one answer in the same words (I14)."""

    default_code = "NOT_FOUND"

    def __init__(self, key: str = "not_found", *, path: Sequence[str] = (), **params: Any) -> None:
        super().__init__(key, path=path, **params)


class Conflict(HubError):
    """The input is fine but the world says no: wrong state, stale version, duplicate, four-eyes, quantity used up."""

    default_code = "CONFLICT"


class LimitExceeded(HubError):
    """A bound of `hub.base.limits` was passed."""

    default_code = "LIMIT_EXCEEDED"


class Unavailable(HubError):
    """The database or another peer does not answer now; trying again later may help."""

    default_code = "UNAVAILABLE"
