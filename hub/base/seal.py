"""Sealing of personal values: encrypted per person on the way in, masked for reads, indexed by a keyed hash.

AES-256-GCM under a per-person key that is itself wrapped by the hub's master key: destroying the person's key makes
every sealed value of that person unreadable while ledger and audit stay (PIPL art. 47). The associated data binds a
ciphertext to its column and person, so that one value cannot be moved into the place of another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Vault:
    """Seals and opens values. Holds the master key, so one exists per process and is never logged."""

    def __init__(self, secret: bytes) -> None:
        self._wrapping = AESGCM(self._derive(secret, b"wrap"))
        self._file_wrapping = AESGCM(self._derive(secret, b"file"))
        self._index_key = self._derive(secret, b"index")
        self._link_key = self._derive(secret, b"link")
        self._pseudonym_key = self._derive(secret, b"pseudonym")

    @staticmethod
    def _derive(secret: bytes, purpose: bytes) -> bytes:
        return hmac.new(secret, b"vault:" + purpose, hashlib.sha256).digest()

    def new_key(self, person_id: UUID) -> bytes:
        """A fresh data key for a person, wrapped; store it in `person_keys`."""
        return self._encrypt(self._wrapping, secrets.token_bytes(32), person_id.bytes)

    def seal(self, wrapped_key: bytes, person_id: UUID, column: str, value: str) -> bytes:
        """The ciphertext of `value` for the column `column` of that person."""
        return self._encrypt(
            self._open_key(wrapped_key, person_id), value.encode(), self._binding(person_id, column)
        )

    def open(self, wrapped_key: bytes, person_id: UUID, column: str, sealed: bytes) -> str:
        """The plain value. Raises ValueError when the ciphertext belongs elsewhere or was changed."""
        cipher = self._open_key(wrapped_key, person_id)
        return self._decrypt(cipher, sealed, self._binding(person_id, column)).decode()

    def new_file_key(self, file_id: UUID) -> tuple[bytes, AESGCM]:
        """A fresh key for one sealing of one file: wrapped, as it lies in the file's head, and ready for use."""
        key = secrets.token_bytes(32)
        return self._encrypt(self._file_wrapping, key, file_id.bytes), AESGCM(key)

    def file_key(self, wrapped_key: bytes, file_id: UUID) -> AESGCM:
        """The key of a sealed file. Raises ValueError when the head is another file's or was changed."""
        return AESGCM(self._decrypt(self._file_wrapping, wrapped_key, file_id.bytes))

    def signature(self, message: str) -> str:
        """A keyed signature of `message`, in letters that may stand in an address."""
        digest = hmac.new(self._link_key, message.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def index(self, kind: str, value: str) -> bytes:
        """The blind index of a value: equal values give equal bytes, and nothing else can be learnt without the key."""
        return hmac.new(self._index_key, f"{kind}:{value}".encode(), hashlib.sha256).digest()

    def pseudonym(self, person_id: UUID) -> str:
        """A stable name for a person that tells nothing: `R-` and ten letters or digits (60 bits would name a city)."""
        digest = hmac.new(self._pseudonym_key, person_id.bytes, hashlib.sha256).digest()
        alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
        return "R-" + "".join(alphabet[byte % 32] for byte in digest[:10])

    def _open_key(self, wrapped_key: bytes, person_id: UUID) -> AESGCM:
        return AESGCM(self._decrypt(self._wrapping, wrapped_key, person_id.bytes))

    @staticmethod
    def _binding(person_id: UUID, column: str) -> bytes:
        return person_id.bytes + column.encode()

    @staticmethod
    def _encrypt(cipher: AESGCM, plain: bytes, binding: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, binding)

    @staticmethod
    def _decrypt(cipher: AESGCM, sealed: bytes, binding: bytes) -> bytes:
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], binding)
        except InvalidTag as broken:
            raise ValueError("a sealed value does not belong to this person and column") from broken


def mask_name(name: str) -> str:
    """`张三丰` → `张*丰`, `李四` → `李*`: what is shown where a name is not granted."""
    if len(name) <= 1:
        return "*"
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def mask_phone(phone: str) -> str:
    """`13812348000` → `138****8000`; shorter numbers keep only their last two digits."""
    if len(phone) < 11:
        return "*" * max(0, len(phone) - 2) + phone[-2:]
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def mask_id_number(number: str) -> str:
    """`320311194301011234` → `3203**********1234`."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:]
