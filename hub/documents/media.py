"""Which kinds of files are taken, and how their bytes begin. A browser that is handed one of these runs nothing."""

from __future__ import annotations

from collections.abc import Mapping

MEDIA_TYPES: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
"""Media type → the extension under which a file is handed out."""

PAPER_TYPES: Mapping[str, str] = {
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""The same of files that the hub makes."""

SNIFFED_BYTES = 12
"""As many bytes of a file as `media_type_of` looks at."""


def media_type_of(head: bytes) -> str | None:
    """The media type that the first bytes of a file tell; None for anything that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return None
