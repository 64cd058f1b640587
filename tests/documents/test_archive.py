"""The folder of documents: modes, whole or not at all, and what a killed process leaves."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from hub.base.seal import Vault
from hub.documents.archive import DRAFTS, Archive

STREET, DOCUMENT = UUID(int=1), UUID(int=2)
VAULT = Vault(b"s" * 32)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "documents", VAULT)
    archive.prepare()
    return archive


def kept(archive: Archive, data: bytes) -> Path:
    """A document that was brought in."""
    draft = archive.draft(DOCUMENT)
    place = archive.place(STREET, "ab" * 32, DOCUMENT)
    draft.add(data)
    draft.finish()
    archive.keep(draft, place)
    draft.discard()
    return place


def test_what_is_kept_is_read(archive: Archive, tmp_path: Path) -> None:
    place = kept(archive, b"bytes")
    assert place == tmp_path / "documents" / str(STREET) / "ab" / str(DOCUMENT)
    assert b"".join(archive.read(place, DOCUMENT)) == b"bytes"
    assert list((tmp_path / "documents" / DRAFTS).iterdir()) == []
    assert place.stat().st_nlink == 1


def test_what_is_there_stays(archive: Archive) -> None:
    place = kept(archive, b"first")
    assert kept(archive, b"later") == place
    assert b"".join(archive.read(place, DOCUMENT)) == b"first"


def test_only_the_owner_reads(archive: Archive, tmp_path: Path) -> None:
    place = kept(archive, b"x")
    assert place.stat().st_mode & 0o777 == 0o600
    folders = (tmp_path / "documents", tmp_path / "documents" / DRAFTS, place.parent, place.parent.parent)
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_a_folder_that_was_open_is_shut(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir(mode=0o755)
    Archive(tmp_path / "documents", VAULT).prepare()
    assert (tmp_path / "documents").stat().st_mode & 0o777 == 0o700


def test_a_new_process_sweeps_what_a_killed_one_left_and_nothing_else(
    archive: Archive, tmp_path: Path
) -> None:
    drafts = tmp_path / "documents" / DRAFTS
    place = kept(archive, b"kept")
    (drafts / "left").write_bytes(b"half")
    running = archive.draft(UUID(int=3))
    running.add(b"x")
    Archive(tmp_path / "documents", VAULT).prepare()
    assert list(drafts.iterdir()) == [running.path]
    assert place.exists()
    running.discard()
    assert list(drafts.iterdir()) == []


def test_a_draft_is_discarded_twice_without_harm(archive: Archive) -> None:
    draft = archive.draft(DOCUMENT)
    draft.discard()
    draft.discard()
