"""Papers: files that the hub makes of what it knows, for whoever asks, sealed like documents and fetched by a link.

A paper shows what its maker may read, the plain number of an account perhaps; so it is hers alone: no role reads the
rows, nobody else gets a link, and its file is gone after PAPER_HOURS. What was made, and for whom, stays in the audit
trail. Sealed files are written piece by piece, whatever their size.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import os
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Row, func, select
from sqlalchemy import text as sql

from hub.base.errors import LimitExceeded, Unavailable
from hub.base.limits import ALIVE_SECONDS, MAX_PAPERS_A_DAY, PAPER_HOURS
from hub.base.paper import Paper, Workbook
from hub.base.paper_order import Press
from hub.base.paper_text import moment, person
from hub.base.transaction import Transaction
from hub.documents.archive import Archive, Draft
from hub.documents.media import PAPER_TYPES
from hub.documents.tables import papers

_log = structlog.get_logger(__name__)


class Writing:
    """A file on its way into the archive: what `zipfile` needs of one, with size and hash of what was written."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        """The next bytes. Raises OSError when the disk is full."""
        self._draft.add(data)
        self._hash.update(data)
        self.size_bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here; the draft reaches the disk as a whole."""

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._hash.hexdigest()


@dataclasses.dataclass(frozen=True)
class Papers:
    """Where papers are made: `evidence` is the documents' archive, `kept` that of papers."""

    evidence: Archive
    kept: Archive
    press: Press = dataclasses.field(default_factory=Press)


def papers_of(tx: Transaction) -> Papers:
    """Where this process makes papers. Raises RuntimeError in one that makes none: a mistake in the code."""
    if tx.papers is None:
        raise RuntimeError("this process makes no papers")
    return tx.papers


async def require_papers_left(tx: Transaction) -> None:
    """Raise LimitExceeded when the acting membership has had MAX_PAPERS_A_DAY papers made today of the street that the
    transaction has entered: call it after `claim`."""
    today = select(func.count()).where(
        papers.c.made_by_id == tx.actor.membership_id, papers.c.made_at >= tx.clock.at(tx.today, 0)
    )
    if (await tx.execute(today)).scalar_one() >= MAX_PAPERS_A_DAY:
        raise LimitExceeded("paper_limit", limit=MAX_PAPERS_A_DAY)


async def print_paper(tx: Transaction, paper: Paper | Workbook) -> bytes:
    """The file of a paper, drawn in a process of its own."""
    async with _alive(tx):
        return await papers_of(tx).press.draw(paper, tx.now)


async def keep_paper(
    tx: Transaction, place: Row[Any], kind: str, name: str, media_type: str, write: Callable[[Writing], None]
) -> Row[Any]:
    """Store a paper of the street of `place`: `write` puts its bytes into the archive, in a thread, a piece at a time.

    The file appears before the row does; should the transaction fail, it is swept away with the old ones.
    Raises Unavailable when the disk, or the evidence that `write` reads, fails.
    """
    paper_id, archive = tx.new_id(), papers_of(tx).kept
    try:
        async with _alive(tx):
            written = await run_sync(_store, archive, paper_id, place.street_id, write, tx.now)
            await run_sync(archive.sweep, tx.now - timedelta(hours=PAPER_HOURS))
    except (OSError, ValueError) as error:
        _log.error("paper_not_kept", kind=kind, error=type(error).__name__)
        raise Unavailable("paper_not_kept") from None
    return await tx.insert(
        papers,
        id=paper_id,
        kind=kind,
        name=f"{name}.{PAPER_TYPES[media_type]}",
        media_type=media_type,
        size_bytes=written.size_bytes,
        sha256=written.sha256,
        district_id=place.district_id,
        street_id=place.street_id,
        made_by_id=tx.actor.membership_id,
        client_id=tx.actor.client_id,
        made_at=tx.now,
    )


def _store(
    archive: Archive, paper_id: UUID, street_id: UUID, write: Callable[[Writing], None], now: datetime
) -> Writing:
    draft = archive.draft(paper_id)
    try:
        written = Writing(draft)
        write(written)
        draft.finish()
        os.utime(draft.path, (now.timestamp(), now.timestamp()))  # by the hub's clock, as it is swept away
        archive.keep(draft, archive.place(street_id, written.sha256, paper_id))
    finally:
        draft.discard()
    return written


@contextlib.asynccontextmanager
async def _alive(tx: Transaction) -> AsyncGenerator[None, None]:
    """Keep the transaction from being taken for one that somebody forgot, while nothing else is asked of it."""

    over = asyncio.Event()

    async def knock() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), ALIVE_SECONDS)
                return
            await tx.connection.execute(sql("select 1"))

    knocking = asyncio.create_task(knock())
    try:
        yield
    finally:
        over.set()
        await knocking


def made_by(tx: Transaction) -> str:
    """The line below each page: when, and for whom."""
    viewer: Any = tx.actor
    return f"{moment(tx.now, tx.clock.zone)}　由{person(viewer.name, viewer.role, viewer.duty)}从系统生成"
