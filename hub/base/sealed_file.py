"""Files sealed piece by piece, so that neither sealing nor opening holds more than a piece in memory.

AES-256-GCM in frames: a head with the file's own key, wrapped by the hub's master key, then ciphertexts of FRAME_BYTES
each and a last one. A frame's nonce is its number and whether it is the last, so that none can be moved, repeated or
left out, and a file cut short does not open; what is handed out has been authenticated first. The key is fresh for each
sealing, which is what makes counting nonces safe, and it lies in the file: who destroys the file destroys the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag

from hub.base.seal import Vault

MAGIC = b"HUBFILE1"
WRAPPED_KEY_BYTES = 60
"""Nonce, 32 bytes of key, tag: see `Vault.new_file_key`."""

FRAME_BYTES = 64 * 1024
TAG_BYTES = 16


class Sealer:
    """Seals the bytes of one file as they come. Write `head` first, then what `add` and `finish` give."""

    def __init__(self, vault: Vault, file_id: UUID) -> None:
        wrapped, self._cipher = vault.new_file_key(file_id)
        self.head = MAGIC + wrapped
        self._binding = file_id.bytes
        self._waiting = bytearray()
        self._number = 0

    def add(self, data: bytes) -> bytes:
        """Ciphertext of the frames that are full; the newest bytes wait, since they may be the last."""
        self._waiting += data
        sealed = bytearray()
        while len(self._waiting) > FRAME_BYTES:
            sealed += self._frame(bytes(self._waiting[:FRAME_BYTES]), last=False)
            del self._waiting[:FRAME_BYTES]
        return bytes(sealed)

    def finish(self) -> bytes:
        """Ciphertext of the last frame. Nothing can be added afterwards."""
        return self._frame(bytes(self._waiting), last=True)

    def _frame(self, plain: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._number, last=last)
        self._number += 1
        return self._cipher.encrypt(nonce, plain, self._binding)


def open_frames(vault: Vault, file_id: UUID, file: BinaryIO) -> Iterator[bytes]:
    """The plain bytes of a sealed file, frame by frame, each authenticated before it is given.

    Raises ValueError when the file is another's, was changed, or ends too early.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("not a sealed file")
    cipher = vault.file_key(file.read(WRAPPED_KEY_BYTES), file_id)
    number, sealed = 0, file.read(FRAME_BYTES + TAG_BYTES)
    while sealed:
        following = file.read(FRAME_BYTES + TAG_BYTES)
        try:
            plain = cipher.decrypt(_nonce(number, last=not following), sealed, file_id.bytes)
        except InvalidTag as broken:
            raise ValueError("a sealed file was changed, or is not whole") from broken
        yield plain
        number, sealed = number + 1, following
    if number == 0:
        raise ValueError("a sealed file is not whole")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
