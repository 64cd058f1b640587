"""Texts that come from outside: trimmed, bounded, free of control characters, before anything else looks at them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from hub.base.errors import Invalid

KEPT_CONTROLS = frozenset("\n\t")
"""Control characters that a text of several lines may hold; NUL among the others cannot even be stored."""

TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: with them `gpj.exe` reads as a picture, and 21 as 12."""

UNSEEN = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
"""Categories of what shows nothing: a title of zero-width characters is none."""


def required(value: str | None, path: Sequence[str], limit_chars: int) -> str:
    """The text without blanks around it. Raises Invalid: REQUIRED when nothing is left, TOO_LONG, or INVALID."""
    text = optional(value, path, limit_chars)
    if text is None:
        raise Invalid("required", code="REQUIRED", path=path)
    return text


def optional(value: str | None, path: Sequence[str], limit_chars: int) -> str | None:
    """The text without blanks around it, None when nothing is left. Raises Invalid: TOO_LONG, or INVALID."""
    text = unicodedata.normalize("NFC", value or "").replace("\r\n", "\n").strip()
    if not text:
        return None
    if len(text) > limit_chars:
        raise Invalid("too_long", code="TOO_LONG", path=path, limit=limit_chars, length=len(text))
    if TURNING & set(text) or any(
        unicodedata.category(char) in ("Cc", "Cs") and char not in KEPT_CONTROLS for char in text
    ):
        raise Invalid("control_character", path=path)
    return None if all(unicodedata.category(char) in UNSEEN for char in text) else text


def one_spelling(value: str | None, path: Sequence[str], limit_chars: int) -> str:
    """A number from somebody else's paper in narrow capitals, without blanks or characters that nobody sees: a reused
    one is found, however it is typed. Raises Invalid as `required` does."""
    text = unicodedata.normalize("NFKC", required(value, path, limit_chars)).upper()
    seen = "".join(char for char in text if not char.isspace() and unicodedata.category(char) != "Cf")
    return required(seen, path, limit_chars)


def one_of(value: str, allowed: Sequence[str], path: Sequence[str]) -> str:
    """The value, when it is among `allowed`. Raises Invalid otherwise: for values that no GraphQL enum has checked."""
    if value not in allowed:
        raise Invalid("not_in_list", path=path)
    return value
