"""The one place where an error of the hub becomes words for a client: its code, and a sentence they can read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hub.base.errors import HubError
from hub.base.words import message


def sentence(error: HubError, language: str) -> str:
    """What the client reads."""
    return message(f"error.{error.key}", language, **error.params)


def field_error(error: HubError, language: str, path: Sequence[str]) -> dict[str, object]:
    """A top-level GraphQL error at a field, or without a path about the whole request."""
    shown: dict[str, object] = {"message": sentence(error, language)}
    if path:
        shown["path"] = list(path)
    return shown | {"extensions": {"code": error.code}}


def user_error(error: HubError, language: str) -> dict[str, object]:
    """An expected business outcome, for `userErrors`."""
    return {"code": error.code, "message": sentence(error, language), "path": list(error.path)}


def request_failed(error: HubError, language: str) -> bytes:
    """The whole reply of a query that could not be answered: no data, one error."""
    body = {"data": None, "errors": [field_error(error, language, error.path)]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
