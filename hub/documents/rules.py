"""Pure checks of what is said about a file before it comes, and of its bytes when they do."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from datetime import datetime

from hub.base.errors import Invalid
from hub.base.inputs import required
from hub.base.limits import MAX_DOCUMENT_BYTES, MAX_FILE_NAME_CHARS
from hub.documents.media import MEDIA_TYPES, SNIFFED_BYTES, media_type_of

SHA256 = re.compile(r"[0-9a-f]{64}")
SEPARATORS = frozenset("/\\")


@dataclasses.dataclass(frozen=True)
class Announced:
    """What was said of a file before it came."""

    size_bytes: int
    sha256: str
    media_type: str


def file_name(value: str, path: tuple[str, ...]) -> str:
    """A bare file name. Raises Invalid for an empty or long one, and for whatever is more than a name."""
    name = required(value, path, MAX_FILE_NAME_CHARS)
    if "\n" in name or "\t" in name:
        raise Invalid("control_character", path=path)
    if SEPARATORS & set(name) or name in (".", ".."):
        raise Invalid("file_name_separator", path=path)
    return name


def announced(size_bytes: int, sha256: str, media_type: str) -> Announced:
    """The announcement, checked. Raises Invalid for a file that is never taken, or for a hash that is none."""
    if media_type not in MEDIA_TYPES:
        raise Invalid("media_type_unknown", path=("input", "mediaType"))
    if not 1 <= size_bytes <= MAX_DOCUMENT_BYTES:
        most = MAX_DOCUMENT_BYTES // 1024**2
        raise Invalid("document_size", code="OUT_OF_RANGE", path=("input", "sizeBytes"), most=most)
    if not SHA256.fullmatch(sha256.lower()):
        raise Invalid("sha256_form", path=("input", "sha256"))
    return Announced(size_bytes, sha256.lower(), media_type)


def require_captured(captured_at: datetime | None, now: datetime) -> None:
    """Raise Invalid when a file is said to have been made in the future."""
    if captured_at is not None and captured_at > now:
        raise Invalid("captured_in_future", code="OUT_OF_RANGE", path=("input", "capturedAt"))


class Mismatch(Exception):
    """The bytes are not those announced. `what` is the first thing that differs: size, media_type or sha256."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Arrival:
    """Compares bytes with what was announced, while they come. Raises Mismatch as soon as it is known."""

    def __init__(self, wanted: Announced) -> None:
        self._wanted = wanted
        self._hash = hashlib.sha256()
        self._size = 0
        self._head = b""

    def add(self, data: bytes) -> None:
        """The next bytes. Nothing beyond the announced size is looked at."""
        self._size += len(data)
        if self._size > self._wanted.size_bytes:
            raise Mismatch("size")
        if len(self._head) < SNIFFED_BYTES:
            self._head += data[: SNIFFED_BYTES - len(self._head)]
            if len(self._head) == SNIFFED_BYTES:
                self._sniff()
        self._hash.update(data)

    def finish(self) -> None:
        """There are no more."""
        if self._size != self._wanted.size_bytes:
            raise Mismatch("size")
        self._sniff()
        if self._hash.hexdigest() != self._wanted.sha256:
            raise Mismatch("sha256")

    def _sniff(self) -> None:
        if media_type_of(self._head) != self._wanted.media_type:
            raise Mismatch("media_type")
