"""`hub check`: everything about the source that can be checked without running the product.

pyright brings its own node (60 MB), so it stays out of `.venv` and has a folder of its own inside it, made on first
use from the same lock file.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from hub import __main__ as bootstrap
from hub.data_folder import OperatorError

ROOT = bootstrap.ROOT
TYPES = bootstrap.VENV / "check"
SOURCE_TESTS = ("tests/test_architecture.py", "tests/test_docs.py")


def run() -> int:
    """Every check, also after one has failed; 0 when all passed. The output of the tools goes to the terminal."""
    os.chdir(ROOT)
    failed = []
    for name, command in _steps().items():
        began = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        print(
            f"hub check: {name} {'failed' if code else 'ok'} ({time.monotonic() - began:.1f} s)", flush=True
        )
        failed += [name] if code else []
    if failed:
        print(f"hub check: failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def _steps() -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    tests = [test for test in SOURCE_TESTS if Path(test).exists()]
    steps = {
        "format": [*python, "ruff", "format", "--check", "--quiet", "."],
        "lint": [*python, "ruff", "check", "--quiet", "."],
        "types": [str(_pyright()), "--pythonpath", sys.executable],
    }
    if tests:
        steps["architecture and documentation"] = [*python, "pytest", "-q", "-p", "no:cacheprovider", *tests]
    return steps


def _pyright() -> Path:
    """The program, at the version of the lock file. Raises OperatorError when it cannot be installed."""
    try:
        with bootstrap.locked():
            bootstrap.sync(bootstrap.install_uv(), TYPES, "--only-group", "check")
    except bootstrap.Stopped as stopped:
        raise OperatorError(str(stopped)) from stopped
    return TYPES / "bin" / "pyright"
