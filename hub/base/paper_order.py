"""Orders a paper from the press: a child process that draws it while the hub goes on answering."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import structlog
from anyio.to_thread import run_sync

from hub.base.errors import Unavailable
from hub.base.limits import MAX_PARALLEL_PRESSES, PRESS_SECONDS
from hub.base.paper import Paper, Workbook, encoded

_ROOT = Path(__file__).resolve().parents[2]
MOST_TOLD = 500
"""Characters of what a failing press says that are logged."""

_log = structlog.get_logger(__name__)


class Press:
    """Draws papers, a few at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MAX_PARALLEL_PRESSES)

    async def draw(self, paper: Paper | Workbook, at: datetime) -> bytes:
        """The file, dated `at`. Raises Unavailable when the press fails or takes longer than PRESS_SECONDS."""
        async with self._free:
            try:
                done = await run_sync(_run, encoded(paper), at)
            except (OSError, subprocess.TimeoutExpired) as error:
                _log.error("paper_not_printed", error=type(error).__name__)
                raise Unavailable("paper_not_printed") from None
        if done.returncode or not done.stdout:
            told = done.stderr.decode("ascii", "replace")[-MOST_TOLD:]
            _log.error("paper_not_printed", code=done.returncode, error=told)
            raise Unavailable("paper_not_printed")
        return done.stdout


def _run(content: bytes, at: datetime) -> subprocess.CompletedProcess[bytes]:
    # An environment of its own: the hub's holds its secret and the address of its database.
    environment = {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": str(int(at.timestamp()))}
    return subprocess.run(
        [sys.executable, "-m", "hub.base.paper_press"],
        input=content,
        capture_output=True,
        check=False,
        cwd=_ROOT,
        env=environment,
        timeout=PRESS_SECONDS,
    )
