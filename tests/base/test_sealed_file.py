"""Sealed files: whatever the size, what opens is what was sealed, and nothing that was touched opens."""

from __future__ import annotations

import io
from uuid import UUID

import pytest

from hub.base.seal import Vault
from hub.base.sealed_file import FRAME_BYTES, MAGIC, TAG_BYTES, WRAPPED_KEY_BYTES, Sealer, open_frames

ONE = UUID("00000000-0000-7000-8000-000000000001")
OTHER = UUID("00000000-0000-7000-8000-000000000002")
VAULT = Vault(b"a secret of thirty-two bytes ...")
HEAD = len(MAGIC) + WRAPPED_KEY_BYTES
FRAME = FRAME_BYTES + TAG_BYTES


def seal(plain: bytes, step: int = 10_000, file_id: UUID = ONE) -> bytes:
    sealer = Sealer(VAULT, file_id)
    parts = [sealer.add(plain[start : start + step]) for start in range(0, len(plain), step)]
    return b"".join((sealer.head, *parts, sealer.finish()))


def opened(sealed: bytes, file_id: UUID = ONE, vault: Vault = VAULT) -> bytes:
    return b"".join(open_frames(vault, file_id, io.BytesIO(sealed)))


def plain_of(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


@pytest.mark.parametrize(
    "size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, 3 * FRAME_BYTES + 7]
)
@pytest.mark.parametrize("step", [9_999, FRAME_BYTES, 10 * FRAME_BYTES])
def test_what_is_sealed_opens(size: int, step: int) -> None:
    plain = plain_of(size)
    sealed = seal(plain, step)
    frames = max(1, -(-size // FRAME_BYTES))
    assert len(sealed) == HEAD + size + frames * TAG_BYTES
    assert opened(sealed) == plain
    assert plain[:40] not in sealed or size < 8


def test_no_more_than_a_frame_waits_in_memory() -> None:
    sealer, given = Sealer(VAULT, ONE), 0
    for _ in range(100):
        given += len(sealer.add(bytes(10_000)))
    assert 1_000_000 - given <= FRAME_BYTES + 10_000


def test_two_sealings_of_one_file_have_nothing_in_common() -> None:
    one, two = seal(bytes(1_000)), seal(bytes(1_000))
    assert one[HEAD:] != two[HEAD:]


def test_what_was_touched_does_not_open() -> None:
    sealed = seal(plain_of(3 * FRAME_BYTES))
    head, body = sealed[:HEAD], sealed[HEAD:]
    first, second, third = (body[start : start + FRAME] for start in range(0, len(body), FRAME))
    touched = {
        "cut": head + first + second,
        "cut in a frame": sealed[:-1],
        "longer": sealed + b"\0",
        "another frame": sealed + third,
        "moved": head + second + first + third,
        "repeated": head + first + first + third,
        "left out": head + second + third,
        "no frame": head,
        "another head": seal(b"x")[:HEAD] + body,
        "no head": body,
        "empty": b"",
        "short head": sealed[: HEAD - 1],
        "a bit": head + bytes([first[0] ^ 1]) + sealed[HEAD + 1 :],
        "a bit of the key": sealed[: HEAD - 1] + bytes([sealed[HEAD - 1] ^ 1]) + body,
    }
    for how, changed in touched.items():
        with pytest.raises(ValueError, match=r"sealed|Nonce"):
            opened(changed)
        assert how


def test_a_file_opens_under_its_own_name_and_the_hubs_own_secret_only() -> None:
    sealed = seal(b"x")
    with pytest.raises(ValueError, match="sealed"):
        opened(sealed, OTHER)
    with pytest.raises(ValueError, match="sealed"):
        opened(sealed, vault=Vault(b"another secret"))


def test_nothing_is_given_before_it_is_authenticated() -> None:
    sealed = bytearray(seal(plain_of(2 * FRAME_BYTES)))
    sealed[-1] ^= 1
    frames = open_frames(VAULT, ONE, io.BytesIO(bytes(sealed)))
    assert next(frames) == plain_of(FRAME_BYTES)
    with pytest.raises(ValueError, match="changed"):
        next(frames)
