"""The folder in which the bytes of documents lie, sealed: `<data>/documents/<street>/<xx>/<document>`.

`<xx>` are the first two digits of the file's SHA-256, so that no folder holds too many. Folders are 0700, files 0600. A
file appears whole or not at all: it is sealed into the folder of drafts, brought to the disk, then linked to its place.
Everything here waits for the disk; whoever calls it from the event loop does so in a thread.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from hub.base.seal import Vault
from hub.base.sealed_file import Sealer, open_frames

DRAFTS = ".drafts"


class Archive:
    """The documents of one hub. Several processes may share the folder."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def prepare(self) -> None:
        """Make the folder where it is missing, and remove what uploads left behind whose process was killed."""
        for folder in (self._folder, self._folder / DRAFTS):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        for path in (self._folder / DRAFTS).iterdir():
            with contextlib.suppress(OSError), path.open("rb") as draft:
                fcntl.flock(draft, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held by whoever still writes it
                path.unlink()

    def draft(self, document_id: UUID) -> Draft:
        """A file on its way in; `discard` it in any case."""
        return Draft(self._folder / DRAFTS, Sealer(self._vault, document_id))

    def place(self, street_id: UUID, sha256: str, document_id: UUID) -> Path:
        """Where a document's file lies, or will."""
        return self._folder / str(street_id) / sha256[:2] / str(document_id)

    def keep(self, draft: Draft, place: Path) -> None:
        """Let a finished draft appear at its place. When a file is there already, it holds the same bytes and stays."""
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.link(draft.path, place)
        for folder in (place.parent, place.parent.parent, self._folder):
            _sync(folder)

    def sweep(self, before: datetime) -> None:
        """Remove the files that were made before: only of an archive that keeps nothing for good."""
        for path in self._folder.glob("*/*/*"):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def read(self, place: Path, document_id: UUID) -> Iterator[bytes]:
        """The plain bytes, piece by piece. Raises OSError, and ValueError for a file that was changed."""
        with place.open("rb") as file:
            yield from open_frames(self._vault, document_id, file)


class Draft:
    """A file that is being sealed. It holds a lock for as long as it is open, so that nobody sweeps it away."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        descriptor, name = tempfile.mkstemp(dir=folder)  # 0600
        self.path = Path(name)
        self._sealer = sealer
        self._file = os.fdopen(descriptor, "wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.write(sealer.head)

    def add(self, data: bytes) -> None:
        """The next plain bytes. Raises OSError when the disk is full."""
        self._file.write(self._sealer.add(data))

    def finish(self) -> None:
        """There are no more; returns when they have reached the disk."""
        self._file.write(self._sealer.finish())
        self._file.flush()
        os.fsync(self._file.fileno())

    def discard(self) -> None:
        """Remove the draft. What was kept stays under its own name."""
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what could not be written is not wanted any more
            self._file.close()


def _sync(folder: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
