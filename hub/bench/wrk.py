"""The load of a slot by wrk, where there is one: written in C, it leaves more of the machine to what it measures.

It is told the same bytes as our own generator (`load`), checks the same of every answer, and tells every latency.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from hub.bench.load import STOP_SECONDS, Load, LoadError

# wrk asks a script for the request once and shows it every answer; each thread has globals of its own. A histogram is
# told as lines of microseconds and count.
_SCRIPT = """
local threads = {}
wrong, said = 0, ""

function setup(thread) table.insert(threads, thread) end

function init(args)
  local file = io.open(args[1], "rb")
  local sent = file:read("*a")
  file:close()
  request = function() return sent end
  length = tonumber(args[2])
end

function response(status, headers, body)
  if status ~= 200 or (length and #body ~= length) then
    wrong = wrong + 1
    said = status .. ", " .. #body .. " bytes"
  end
end

function done(summary, latency)
  local wrongs, last = 0, ""
  for _, thread in ipairs(threads) do
    wrongs, last = wrongs + thread:get("wrong"), thread:get("said")
  end
  local errors = summary.errors
  io.write("RESULT ", summary.requests, " ", summary.duration, " ",
           errors.connect + errors.read + errors.write + errors.timeout, " ", wrongs, " ", last, "\\n")
  for place = 1, #latency do
    local value, count = latency(place)
    io.write("LATENCY ", value, " ", count, "\\n")
  end
end
"""


def found() -> str | None:
    """Where wrk is, or None."""
    return shutil.which("wrk")


async def drive(
    wrk: str, port: int, sent: bytes, *, clients: int, seconds: float, length: int | None = None
) -> Load:
    """Ask for so many seconds, whole ones, over so many connections. Raises LoadError for a wrong answer."""
    whole = max(1, round(seconds))
    with tempfile.TemporaryDirectory(prefix="hub-wrk-") as folder:
        script, request = Path(folder) / "script.lua", Path(folder) / "request"
        script.write_text(_SCRIPT)
        request.write_bytes(sent)
        command = [wrk, "--threads", "1", "--connections", str(clients), "--duration", f"{whole}s"]
        command += [
            "--timeout",
            f"{STOP_SECONDS:.0f}s",
            "--script",
            str(script),
            f"http://127.0.0.1:{port}/graphql",
        ]
        command += ["--", str(request), *([str(length)] if length is not None else [])]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            told, _ = await asyncio.wait_for(process.communicate(), whole + STOP_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return parsed(told.decode(errors="replace"))


def parsed(told: str) -> Load:
    """What the script told. Raises LoadError when it told of a wrong answer, or nothing."""
    result = next(
        (line.split(maxsplit=5)[1:] for line in told.splitlines() if line.startswith("RESULT ")), None
    )
    if result is None or result[0] == "0":
        raise LoadError(f"wrk had no answer: {told[-400:]}")
    count, microseconds, lost, wrong = (int(value) for value in result[:4])
    if lost or wrong:
        raise LoadError(f"wrk: {lost} connections lost, {wrong} answers wrong, the last of them {result[4:]}")
    latencies: list[float] = []
    for line in told.splitlines():
        if line.startswith("LATENCY "):
            _, value, times = line.split()
            latencies += [int(value) / 1e6] * int(times)
    return Load(latencies, microseconds / 1e6, count)
