"""The cluster folder of the embedded PostgreSQL and what a crash leaves beside it: made, checked, cleared.

All of it happens under the lock on the data folder (`hub.postgres`), so no other hub looks at the same files.
"""

from __future__ import annotations

import contextlib
import dataclasses
import locale
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from hub.postgres_engine import MAJOR, Engine, PostgresError

PORT = 5432  # only the name of the socket file
SOCKET_PREFIX = "hub-pg-"
SOCKET_PATH_MAX = 103  # bytes, with the file name; macOS ends at 103, Linux at 107
ORPHAN_SECONDS = 60


class InUse(PostgresError):
    """Another hub, or another PostgreSQL, is at work in the data folder."""


def initialise(programs: Engine, cluster: Path, admin: str, password: str, *, fast: bool) -> None:
    """Make a new cluster: scram only, UTF-8, ordered by code point on every machine.

    Built under another name and renamed when whole, so that an interrupted start leaves nothing half-made.
    """
    draft = cluster.with_name("pg.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    programs.give(draft)
    with tempfile.NamedTemporaryFile("w") as password_file:
        password_file.write(password)
        password_file.flush()
        programs.give(Path(password_file.name))
        command = [
            programs.program("initdb"),
            f"--pgdata={draft}",
            f"--username={admin}",
            "--auth=scram-sha-256",
        ]
        command += [
            f"--pwfile={password_file.name}",
            "--encoding=UTF8",
            "--no-instructions",
            "--lc-messages=C",
        ]
        command += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--lc-collate=C",
            f"--lc-ctype={_ctype()}",
        ]
        command += ["--no-sync", "--set=scram_iterations=1"] if fast else []
        done = subprocess.run(command, capture_output=True, text=True, check=False, **programs.identity())
    if done.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise PostgresError(f"The database in {cluster} could not be made:\n{done.stderr.strip()}")
    draft.rename(cluster)


def _ctype() -> str:
    """A UTF-8 character type of this machine: under plain `C`, pg_trgm would not take Chinese for letters."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"


def check_version(cluster: Path) -> None:
    """Refuse a cluster that another major version made: PostgreSQL does not read it."""
    try:
        found = (cluster / "PG_VERSION").read_text().strip()
    except PermissionError as error:
        raise PostgresError(f"{cluster} belongs to another user. Run as the user who made it.") from error
    except FileNotFoundError as error:
        raise PostgresError(
            f"{cluster} is not a PostgreSQL cluster. Choose another folder with --data."
        ) from error
    if found != MAJOR:
        raise PostgresError(
            f"The cluster in {cluster} was made by PostgreSQL {found}; this hub brings PostgreSQL {MAJOR}. "
            f"Dump it with version {found} (pg_dumpall) and load it into a new data folder (--data), "
            "or start the release of the hub that made it."
        )


def make_socket_folder(programs: Engine) -> Path:
    """A new 0700 folder for the socket: below /run for root, the user's own runtime folder, or /tmp."""
    places = ["/run"] if programs.account else [os.environ.get("XDG_RUNTIME_DIR", "")]
    for place in [*places, "/tmp"]:  # noqa: S108 - mkdtemp makes a fresh folder of ours in it
        if (
            not place
            or len(os.fsencode(place)) + len(f"/{SOCKET_PREFIX}12345678/.s.PGSQL.{PORT}") > SOCKET_PATH_MAX
        ):
            continue
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=place))
            programs.give(folder)
            return folder
    raise PostgresError("No folder for the database socket: neither /run nor /tmp can be written to.")


@dataclasses.dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says."""

    pid: int
    socket_folder: str

    def is_alive_in(self, cluster: Path) -> bool:
        """Whether the process is there and is a PostgreSQL of this cluster; process ids are used again."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return _working_folder(self.pid) in (None, cluster.resolve())


def read_postmaster(cluster: Path) -> Postmaster | None:
    """The recorded postmaster, dead or alive; None when there is no record, or not a whole one."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), lines[4] if len(lines) > 4 else "")
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _working_folder(pid: int) -> Path | None:
    """Where a process works (a postmaster always in its cluster); None when this system does not tell."""
    link = Path(f"/proc/{pid}/cwd")
    if not Path("/proc/self/cwd").exists():
        return None
    try:
        return link.readlink()
    except OSError:
        return Path("/nonexistent")  # another user's process, or gone by now: in either case not ours


def clear_left_behind(recorded_socket: Path, cluster: Path, uid: int) -> None:
    """Stop a server that a killed hub left running, and remove what a killed server left lying about.

    Raises InUse when a live server is there that no hub started.
    """
    recorded = recorded_socket.read_text().strip() if recorded_socket.exists() else ""
    found = read_postmaster(cluster)
    if found and found.is_alive_in(cluster):
        if found.socket_folder != recorded:
            raise InUse(
                f"Another PostgreSQL (process {found.pid}) is at work in {cluster}, and no hub started it. "
                "Stop it first, or choose another data folder with --data."
            )
        _stop_orphan(found, cluster)
    # A pid that now belongs to some other program would keep PostgreSQL from starting.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    if recorded:
        _remove_socket_folder(Path(recorded), uid)
        recorded_socket.unlink(missing_ok=True)


def _stop_orphan(orphan: Postmaster, cluster: Path) -> None:
    deadline = time.monotonic() + ORPHAN_SECONDS
    with contextlib.suppress(ProcessLookupError):
        os.kill(orphan.pid, signal.SIGINT)
    while orphan.is_alive_in(cluster):
        if time.monotonic() > deadline:
            raise InUse(
                f"The PostgreSQL of an earlier hub (process {orphan.pid}) does not stop. Stop it: kill it."
            )
        time.sleep(0.02)


def _remove_socket_folder(folder: Path, uid: int) -> None:
    """Remove a socket folder if it is still what we made: the record may be old, the name taken since."""
    try:
        found = folder.lstat()
    except OSError:
        return
    if folder.name.startswith(SOCKET_PREFIX) and stat.S_ISDIR(found.st_mode) and found.st_uid == uid:
        shutil.rmtree(folder, ignore_errors=True)
