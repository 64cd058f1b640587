"""How long the second start takes: from the command to the first answer, on a data folder that has been used before."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hub.bench.process import ROOT, ContestantError

LONGEST_SECONDS = 300.0
NOT_GIVEN = ("HUB_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
"""What of the environment would start another hub, or one that compiles all of itself again."""

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


def measured() -> float:
    """Seconds from `hub up` to the first answer, the second time. Raises ContestantError when none comes."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o711)
        _started(Path(folder) / "data")
        return _started(Path(folder) / "data")


def _started(data: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "hub", "up", "--no-demo", "--port", "0", "--data", str(data)]
    given = {name: value for name, value in os.environ.items() if not name.startswith(NOT_GIVEN)}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - began < LONGEST_SECONDS and process.poll() is None:
            if _answers(data):
                return time.perf_counter() - began
            time.sleep(0.01)
        raise ContestantError("hub up gave no answer")
    finally:
        process.terminate()
        process.wait()


def _answers(data: Path) -> bool:
    try:
        found = ADDRESS.search((data / "address").read_text())
    except FileNotFoundError:
        return False
    if found is None:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", int(found.group(1)), timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
