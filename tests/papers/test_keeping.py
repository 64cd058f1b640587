"""Papers on their way into the archive: a piece at a time, whatever their size; and a transaction that waits lives."""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from hub.acceptance.pack_content import Evidence
from hub.acceptance.pack_zip import zip_writer
from hub.base.clock import Clock
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.errors import Conflict
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.base.transaction import Transaction, transaction
from hub.documents import papers
from hub.documents.archive import Archive
from hub.documents.papers import Writing
from tests.world import World

SIZE = 4 * 1024**2
PIECE = b"\xff\xd8\xff" + bytes(range(256)) * 255
MOST_IN_MEMORY = 2 * 1024**2


def evidence(archive: Archive, number: int, *, told: str = "") -> Evidence:
    """A photo of `SIZE` bytes in the archive."""
    document, street, digest = uuid4(), uuid4(), hashlib.sha256()
    draft = archive.draft(document)
    for piece in pieces():
        draft.add(piece)
        digest.update(piece)
    draft.finish()
    sha256 = told or digest.hexdigest()
    archive.keep(draft, archive.place(street, sha256, document))
    draft.discard()
    facts: dict[str, Any] = {"reference": f"E-{number}", "kind": "PHOTO", "media_type": "image/jpeg"}
    rest = {"captured_at": None, "openable": True, "line_id": None, "proves": [f"V-{number}"]}
    return Evidence(
        number=number, id=document, street_id=street, size_bytes=SIZE, sha256=sha256, **facts, **rest
    )


def pieces() -> Iterator[bytes]:
    """`SIZE` bytes."""
    left = SIZE
    for piece in itertools.repeat(PIECE):
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = Archive(tmp_path / "archive", Vault(b"x" * 32))
    made.prepare()
    return made


def test_a_large_zip_never_lies_in_memory(archive: Archive) -> None:
    proofs = [evidence(archive, number) for number in range(1, 5)]
    pack: Any = SimpleNamespace(lines=())
    write = zip_writer(archive, pack, proofs, "验收包-S-1", b"%PDF-")
    paper = uuid4()
    draft = archive.draft(paper)
    tracemalloc.start()
    try:
        out = Writing(draft)
        write(out)
        draft.finish()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_IN_MEMORY
    place = archive.place(uuid4(), out.sha256, paper)
    archive.keep(draft, place)
    draft.discard()
    whole = b"".join(archive.read(place, paper))
    assert (len(whole), hashlib.sha256(whole).hexdigest()) == (out.size_bytes, out.sha256)
    packed = zipfile.ZipFile(io.BytesIO(whole))
    assert packed.testzip() is None
    assert packed.read("00-申请材料/E-4.jpg") == b"".join(pieces())


def test_evidence_is_compared_with_the_hash_under_which_it_was_stored(archive: Archive) -> None:
    other = evidence(archive, 7, told="0" * 64)
    pack: Any = SimpleNamespace(lines=())
    draft = archive.draft(uuid4())
    with pytest.raises(Conflict) as refused:
        zip_writer(archive, pack, [other], "验收包-S-1", b"%PDF-")(Writing(draft))
    draft.discard()
    assert refused.value.params == {"reference": "E-7"}


@pytest.mark.anyio
@pytest.mark.parametrize("alive", [True, False])
async def test_a_transaction_that_waits_for_a_paper_is_not_taken_for_a_forgotten_one(
    module_world: Server, world: World, monkeypatch: pytest.MonkeyPatch, alive: bool
) -> None:
    monkeypatch.setattr(papers, "ALIVE_SECONDS", 0.1)
    engine, clock = writer_engine(module_world), Clock()
    try:
        if alive:
            await _wait(engine, world, clock, alive)
        else:
            with pytest.raises(DBAPIError):
                await _wait(engine, world, clock, alive)
    finally:
        await engine.dispose()


async def _wait(engine: Any, world: World, clock: Clock, alive: bool) -> None:
    """Do nothing for longer than the database lets a transaction do nothing."""
    async with transaction(engine, world.viewers["mei"], clock, Ids(), Vault(b"x" * 32)) as tx:
        await tx.connection.execute(sql("set local idle_in_transaction_session_timeout = '400ms'"))
        if alive:
            async with papers._alive(tx):
                await asyncio.sleep(1)
        else:
            await asyncio.sleep(1)
        await tx.connection.execute(sql("select 1"))


def test_a_process_that_makes_no_papers_says_so() -> None:
    nothing: Any = None
    tx = Transaction(nothing, nothing, Clock(), Ids(), Vault(b"x" * 32))
    with pytest.raises(RuntimeError, match="no papers"):
        papers.papers_of(tx)


def test_sweeping_takes_what_is_old_and_nothing_else(archive: Archive) -> None:
    proof = evidence(archive, 1)
    place = archive.place(proof.street_id, proof.sha256, proof.id)
    archive.sweep(datetime(2020, 1, 1, tzinfo=UTC))
    assert place.exists()
    archive.sweep(datetime(2100, 1, 1, tzinfo=UTC))
    assert not place.exists()
