"""`hub up` as a person uses it: started, asked, stopped, killed and started again. The journeys are elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.full

READY_SECONDS = 180  # the first start makes the demo world


class Hub:
    """A hub of its own: data folder, port, and the process while it runs."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None
        self.log = data.with_name(f"{data.name}.out")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments, "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self, *options: str) -> None:
        """Start it, and wait until it answers and has said so."""
        began = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "hub",
            "up",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
            *options,
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, text=True)
        while time.monotonic() - began < READY_SECONDS and self.process.poll() is None:
            if self.answers() and "The hub answers" in self.log.read_text():
                return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def answers(self) -> bool:
        """Whether it answers at all: an unauthenticated request is refused, which is an answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            data=json.dumps({"query": "{ __typename }"}).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except urllib.error.HTTPError as refused:
            refused.close()
        except OSError:
            return False
        return True

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user and has to pass through
    hub = Hub(folder / "data")
    hub.start()
    hub.stop()
    yield hub
    if hub.process and hub.process.poll() is None:
        hub.stop()
    shutil.rmtree(folder)


def test_a_second_start_answers_and_ctrl_c_leaves_nothing(hub: Hub) -> None:
    hub.start()
    assert hub.stop() == 0
    said = hub.log.read_text()
    assert "Traceback" not in said
    assert f"The hub answers on http://127.0.0.1:{hub.port}/graphql" in said
    assert not (hub.data / "address").exists()
    assert not (hub.data / "pg-socket").exists()


def test_killed_hub_and_killed_database_recover(hub: Hub) -> None:
    hub.start()
    hub.stop(signal.SIGKILL)
    hub.start()
    os.kill(int((hub.data / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert hub.process is not None
    assert hub.process.wait(30) == 1
    assert "PostgreSQL ended on its own (signal 9)" in hub.log.read_text()
    hub.start()
    assert hub.stop(signal.SIGTERM) == 0


def test_commands_beside_a_running_hub(hub: Hub) -> None:
    without = hub.command("token", "--as", "wang")
    assert (without.returncode, without.stdout) == (1, "")
    assert (
        without.stderr
        == f"hub: No hub serves on {hub.data}. Start one: python3 -m hub up --data {hub.data}\n"
    )
    hub.start()
    token = hub.command("token", "--as", "wang")
    assert (token.returncode, token.stderr) == (0, "")
    assert len(token.stdout.splitlines()) == 1
    nobody = hub.command("token", "--as", "nobody")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "There is nobody called 'nobody'" in nobody.stderr
    assert hub.command("psql", "--dsn").stdout.startswith("postgresql://postgres:")
    assert hub.command("psql", "-Atc", "select current_database()").stdout == "hub\n"
    again = hub.command("up", "--port", str(hub.port))
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith(f"hub: Port {hub.port} of 127.0.0.1 is taken by another program")
    elsewhere = hub.command("up", "--port", "0")
    assert elsewhere.returncode == 1
    assert elsewhere.stderr.startswith(f"hub: The data folder {hub.data} is in use by another hub (process ")
    hub.stop()
