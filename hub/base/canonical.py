"""One spelling for a value, so that equal values have equal bytes: what hashes are made of."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID


def canonical(value: object) -> bytes:
    """The value as JSON: keys sorted, no blanks, instants in UTC with microseconds. Raises TypeError for others."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_spelled)
    return text.encode()


def _spelled(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no canonical spelling for {type(value).__name__}")
