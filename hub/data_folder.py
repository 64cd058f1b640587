"""The folder in which a hub keeps what is its own: cluster, secrets, signing key, logs. Stdlib only.

Files here are 0600 and made whole or not at all, because two commands may look for the same one at the same
time. Owned by root, the folder itself is 0711: PostgreSQL runs as another user there and has to reach `pg/`,
not to read.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

SECRET_BYTES = 32


class OperatorError(Exception):
    """A command cannot go on. The message tells the operator why and the way out; it is printed as it stands."""


class DataFolderError(OperatorError):
    """The data folder, or a secret that belongs into it, cannot be used."""


def default() -> Path:
    """`/var/lib/xingfuli-hub` for root, the XDG data folder for anyone else."""
    if os.geteuid() == 0:
        return Path("/var/lib/xingfuli-hub")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "xingfuli-hub"


def chosen(option: Path | None = None) -> Path:
    """The data folder in force, absolute: the `--data` option, else HUB_DATA, else the default."""
    return Path(os.path.abspath(option or os.environ.get("HUB_DATA") or default()))  # noqa: PTH100 - keep symlinks


def prepare(data: Path) -> Path:
    """Make the folder when missing, with the right mode. Raises DataFolderError when we may not write."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        wanted = 0o711 if os.geteuid() == 0 else 0o700
        if data.stat().st_uid == os.geteuid() and data.stat().st_mode & 0o777 != wanted:
            data.chmod(wanted)
    except OSError as error:
        raise _unusable(data, error.strerror or "not usable") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise _unusable(data, "no write permission")
    return data


def _unusable(data: Path, why: str) -> DataFolderError:
    return DataFolderError(
        f"The data folder {data} cannot be used: {why}. Choose another with --data or HUB_DATA."
    )


def private_file(path: Path, make: Callable[[], str]) -> str:
    """The text of a 0600 file; when there is none, `make()` says what goes into it. The first maker wins."""
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise DataFolderError(
            f"{path} belongs to another user. Run as the user who started the hub."
        ) from error
    prepare(path.parent)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as draft:
        draft.write(make())
        draft.flush()
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)  # whole or not at all, and never over another's
    return path.read_text()


def secret(data: Path) -> bytes:
    """The 32 bytes that passwords and keys are derived from: HUB_SECRET (base64), else `<data>/secret`."""
    given = os.environ.get("HUB_SECRET")
    if given:
        return decode_secret(given, "HUB_SECRET")
    text = private_file(
        data / "secret", lambda: base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode() + "\n"
    )
    return decode_secret(text.strip(), str(data / "secret"))


def decode_secret(text: str, where: str) -> bytes:
    """The bytes of a base64 secret, refused unless exactly 32; `where` names its place in the message."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        value = b""
    if len(value) != SECRET_BYTES:
        raise DataFolderError(
            f"{where} must be {SECRET_BYTES} random bytes in base64: openssl rand -base64 32"
        )
    return value
