"""What wrk tells is what our own generator would: the same count, the same check of every answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from hub.bench import wrk
from hub.bench.load import Load, LoadError
from hub.bench.slots import wrk_is_fair
from hub.bench.wrk import parsed

TOLD = "Running 1s test\nRESULT 4 2000000 0 0 \nLATENCY 1000 3\nLATENCY 250000 1\n"
SENT = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_a_histogram_becomes_latencies_in_seconds() -> None:
    found = parsed(TOLD)
    assert (found.latencies, found.seconds, found.count) == ([0.001, 0.001, 0.001, 0.25], 2.0, 4)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("RESULT 4 2000000 0 2 200, 7 bytes", "2 answers wrong"),
        ("RESULT 4 2000000 1 0 ", "1 connections lost"),
        ("RESULT 0 2000000 0 0 ", "no answer"),
        ("unable to connect to 127.0.0.1:1 Connection refused", "Connection refused"),
    ],
)
def test_a_wrong_answer_is_not_a_measurement(told: str, says: str) -> None:
    with pytest.raises(LoadError, match=says):
        parsed(told)


@pytest.mark.parametrize(("count", "fair"), [(320, True), (319, False), (64, False)])
def test_who_answers_seldom_is_not_asked_by_wrk_which_forgets_what_is_under_way(
    count: int, fair: bool
) -> None:
    warm = Load([0.2] * count, 1.0, count)

    assert wrk_is_fair(warm, clients=64, seconds=2.0) is fair


@pytest.fixture
async def port(anyio_backend: str) -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):  # wrk hangs up as it likes
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(ANSWER)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.full
@pytest.mark.anyio
async def test_wrk_counts_and_checks(port: int) -> None:
    found = wrk.found()
    assert found is not None, "there is no wrk: .ci/run installs it on Debian"
    done = await wrk.drive(found, port, SENT, clients=2, seconds=1, length=5)
    assert done.count > 0
    assert done.latencies
    with pytest.raises(LoadError, match="wrong"):
        await wrk.drive(found, port, SENT, clients=2, seconds=1, length=6)
