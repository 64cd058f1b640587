"""What is said of a file, what its bytes say, and what a link allows: pure."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.base.errors import Invalid
from hub.base.limits import DOWNLOAD_LINK_SECONDS, MAX_DOCUMENT_BYTES, MAX_FILE_NAME_CHARS
from hub.base.seal import Vault
from hub.base.words import LANGUAGES, words
from hub.documents import transfer
from hub.documents.links import download_link, holds, presented, upload_link
from hub.documents.media import MEDIA_TYPES, media_type_of
from hub.documents.rules import Announced, Arrival, Mismatch, announced, file_name, require_captured
from hub.documents.tables import documents
from tests.documents.desk import HEADS, sample

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
PATH = ("input", "name")


# -------------------------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("given", "kept"),
    [("签到表.jpg", "签到表.jpg"), ("  a b.pdf ", "a b.pdf"), ("..hidden", "..hidden"), ("é.png", "é.png")],
)
def test_a_name_is_kept_as_it_is(given: str, kept: str) -> None:
    assert file_name(given, PATH) == kept


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "REQUIRED"),
        ("   ", "REQUIRED"),
        ("x" * (MAX_FILE_NAME_CHARS + 1), "TOO_LONG"),
        ("a/b.jpg", "INVALID"),
        ("..\\b.jpg", "INVALID"),
        ("/etc/passwd", "INVALID"),
        (".", "INVALID"),
        ("..", "INVALID"),
        ("a\nb", "INVALID"),
        ("a\tb", "INVALID"),
        ("a\x00b", "INVALID"),
        ("a\ud800b", "INVALID"),
        ("photo\u202egpj.exe", "INVALID"),
    ],
)
def test_a_name_is_only_a_name(given: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        file_name(given, PATH)
    assert (caught.value.code, caught.value.path) == (code, PATH)
    assert given.strip() == "" or given not in str(caught.value.params)


# -------------------------------------------------------------------------------------------------------- announcement
SHA = "ab" * 32


def test_a_hash_may_be_written_in_capitals() -> None:
    assert announced(1, SHA.upper(), "image/png") == Announced(1, SHA, "image/png")
    assert announced(MAX_DOCUMENT_BYTES, SHA, "application/pdf").size_bytes == MAX_DOCUMENT_BYTES


@pytest.mark.parametrize(
    ("size", "sha256", "media_type", "field"),
    [
        (0, SHA, "image/png", "sizeBytes"),
        (-1, SHA, "image/png", "sizeBytes"),
        (MAX_DOCUMENT_BYTES + 1, SHA, "image/png", "sizeBytes"),
        (1, SHA[1:], "image/png", "sha256"),
        (1, SHA + "a", "image/png", "sha256"),
        (1, "g" * 64, "image/png", "sha256"),
        (1, SHA[:-1] + "\n", "image/png", "sha256"),
        (1, SHA, "image/svg+xml", "mediaType"),
        (1, SHA, "text/html", "mediaType"),
        (1, SHA, "image/PNG", "mediaType"),
    ],
)
def test_what_is_never_taken(size: int, sha256: str, media_type: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        announced(size, sha256, media_type)
    assert caught.value.path == ("input", field)


def test_nothing_is_made_in_the_future() -> None:
    require_captured(None, NOW)
    require_captured(NOW, NOW)
    with pytest.raises(Invalid) as caught:
        require_captured(NOW + timedelta(seconds=1), NOW)
    assert (caught.value.code, caught.value.path) == ("OUT_OF_RANGE", ("input", "capturedAt"))


# --------------------------------------------------------------------------------------------------------------- bytes
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_bytes_tell_their_type(media_type: str) -> None:
    assert media_type_of(sample(media_type)[:12]) == media_type
    assert set(HEADS) == set(MEDIA_TYPES)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"GIF89a",
        b"<svg xmlns=",
        b"<!DOCTYPE html>",
        b"PK\x03\x04",
        b"RIFF\0\0\0\0WAVE",
        b" %PDF-1.7",
    ],
)
def test_other_bytes_have_no_type(head: bytes) -> None:
    assert media_type_of(head) is None


def arrive(data: bytes, wanted: Announced, step: int) -> str | None:
    """What differs, when the bytes come in steps."""
    arrival = Arrival(wanted)
    try:
        for start in range(0, len(data), step):
            arrival.add(data[start : start + step])
        arrival.finish()
    except Mismatch as mismatch:
        return mismatch.what
    return None


@pytest.mark.parametrize("step", [1, 5, 12, 13, 4_096])
def test_bytes_are_compared_however_they_come(step: int) -> None:
    data = sample(size=50)
    right = Announced(50, hashlib.sha256(data).hexdigest(), "image/jpeg")
    assert arrive(data, right, step) is None
    assert arrive(data + b"x", right, step) == "size"
    assert arrive(data[:-1], right, step) == "size"
    assert arrive(b"", right, step) == "size"
    assert arrive(data[:-1] + b"y", right, step) == "sha256"
    assert arrive(sample("image/png", 50), right, step) == "media_type"
    short = b"\xff\xd8\xff"
    assert arrive(short, Announced(3, hashlib.sha256(short).hexdigest(), "image/jpeg"), step) is None
    assert (
        arrive(b"abc", Announced(3, hashlib.sha256(b"abc").hexdigest(), "image/jpeg"), step) == "media_type"
    )


def test_what_is_too_much_is_not_read_on() -> None:
    arrival = Arrival(Announced(3, SHA, "image/jpeg"))
    with pytest.raises(Mismatch):
        arrival.add(b"\xff\xd8\xff" + bytes(1_000_000))


# --------------------------------------------------------------------------------------------------------------- links
ID = UUID("01900000-0000-7000-8000-000000000001")


@dataclasses.dataclass(frozen=True)
class Row:
    """What a link is made of."""

    id: UUID = ID
    sha256: str = SHA
    size_bytes: int = 100
    upload_until_at: datetime = NOW + timedelta(minutes=15)


VAULT = Vault(b"s" * 32)
MEMBER, CLIENT = UUID(int=7), UUID(int=8)


ROW = Row()


def allowed(method: str, url: str, row: Any = ROW, now: datetime = NOW, vault: Vault = VAULT) -> bool:
    """Whether the link is good for a request."""
    path, _, query = url.partition("?")
    claimed = presented(method, path, query.encode())
    return (
        claimed is not None
        and claimed.right.document_id == row.id
        and holds(vault, claimed, row.sha256, row.size_bytes, now)
    )


def test_a_link_holds_for_its_act_until_its_end() -> None:
    up = upload_link(VAULT, ROW)
    assert (up.method, up.expires_at) == ("PUT", NOW + timedelta(minutes=15))
    assert up == upload_link(VAULT, ROW), "made of the row alone, so that it can be said again"
    assert allowed("PUT", up.url)
    assert not allowed("GET", up.url)
    assert allowed("PUT", up.url, now=up.expires_at - timedelta(seconds=1))
    assert not allowed("PUT", up.url, now=up.expires_at)
    down = download_link(VAULT, ROW, NOW, MEMBER, CLIENT)
    assert down.expires_at == NOW + timedelta(seconds=DOWNLOAD_LINK_SECONDS)
    assert allowed("GET", down.url)
    assert not allowed("PUT", down.url)
    assert not allowed("GET", down.url, now=down.expires_at)


@pytest.mark.parametrize("change", [{"id": UUID(int=9)}, {"sha256": "cd" * 32}, {"size_bytes": 101}])
def test_a_link_is_bound_to_its_document(change: dict[str, Any]) -> None:
    assert not allowed("PUT", upload_link(VAULT, ROW).url, dataclasses.replace(ROW, **change))


def test_no_part_of_a_link_can_be_changed() -> None:
    url = download_link(VAULT, ROW, NOW, MEMBER, CLIENT).url
    path, _, query = url.partition("?")
    parts = dict(part.split("=") for part in query.split("&"))
    other = {
        "expires": str(int(parts["expires"]) + 1),
        "member": str(UUID(int=70)),
        "client": str(UUID(int=80)),
        "signature": ("A" if parts["signature"][0] != "A" else "B") + parts["signature"][1:],
    }
    for name, value in other.items():
        for changed in ({**parts, name: value}, {key: one for key, one in parts.items() if key != name}):
            told = "&".join(f"{key}={one}" for key, one in changed.items())
            assert not allowed("GET", f"{path}?{told}"), (name, changed)
    assert not allowed("GET", url, vault=Vault(b"t" * 32))
    assert not allowed("GET", url.replace(str(ID), str(UUID(int=9))))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/documents/", "expires=1&signature=x"),
        ("/documents/junk", "expires=1&signature=x"),
        (f"/documents/{ID}/more", "expires=1&signature=x"),
        (f"/documents/{str(ID).upper()}x", "expires=1&signature=x"),
        (f"/documents/document_{ID}", "expires=1&signature=x"),
        (f"/documents/{ID}", ""),
        (f"/documents/{ID}", "expires"),
        (f"/documents/{ID}", "expires=-1&signature=x"),
        (f"/documents/{ID}", "expires=1e9&signature=x"),
        (f"/documents/{ID}", "expires=٣&signature=x"),
        (f"/documents/{ID}", "expires=%D9%A3&signature=x"),
        (f"/documents/{ID}", "expires=" + "9" * 5_000),
        (f"/documents/{ID}", "expires=1&expires=1&signature=x"),
        (f"/documents/{ID}", "expires=1&signature=x&more=1"),
        (f"/documents/{ID}", "expires=1&signature=x&member=nobody"),
        (f"/documents/{ID}", "&" * 900),
    ],
)
def test_what_is_no_link_is_none(path: str, query: str) -> None:
    assert presented("GET", path, query.encode()) is None


def test_a_signature_of_any_letters_is_only_wrong() -> None:
    claimed = presented("GET", f"/documents/{ID}", b"expires=1&signature=%E7%8E%8B%00")
    assert claimed is not None
    assert not holds(VAULT, claimed, SHA, 100, datetime(1970, 1, 1, tzinfo=UTC))


# ----------------------------------------------------------------------------------------------------- words, and rows
def test_every_refusal_of_a_transfer_has_its_sentence_in_both_languages() -> None:
    refusals = [transfer.LINK, transfer.METHOD, transfer.SLOW, transfer.DIFFERS, transfer.UNAVAILABLE]
    for _, _, key, *_ in [*refusals, *transfer.MISMATCHES.values()]:
        assert all(f"error.{key}" in words(language) for language in LANGUAGES), key


def test_what_a_row_may_change_is_its_state_alone() -> None:
    assert documents.info == {"update": "status stored_at version"}
