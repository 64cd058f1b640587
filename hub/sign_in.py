"""The token of a member of the demo cast, asked of the running hub. Stdlib only: `hub token` must be quick."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from pathlib import Path

from hub.data_folder import OperatorError

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
PASSWORD_FILE = "demo-password"  # noqa: S105 - a file name
TIMEOUT_SECONDS = 10


def demo_token(data: Path, name: str, url: str | None = None) -> str:
    """A fresh access token of `name`; from the hub of the data folder, or the one at `url`. Raises OperatorError."""
    url = url or _read(
        data / "address", f"No hub serves on {data}. Start one: python3 -m hub up --data {data}"
    )
    password = _read(
        data / PASSWORD_FILE, f"The hub on {data} is not in demo mode, so there is no cast to sign in as."
    )
    status, answer = _post(url, {"grant_type": "password", "username": name, "password": password})
    if status == http.client.OK:
        return str(answer["access_token"])
    if answer.get("error") == "invalid_grant":
        raise OperatorError(
            f"There is nobody called {name!r} in the demo world. The cast: python3 -m hub up shows it."
        )
    if answer.get("error") == "unsupported_grant_type":
        raise OperatorError(f"The hub at {url} is not in demo mode, so there is no cast to sign in as.")
    raise OperatorError(
        f"The hub at {url} gave no token: {status} {answer.get('error_description', '')}".rstrip()
    )


def _read(path: Path, missing: str) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        raise OperatorError(missing) from None
    except PermissionError:
        raise OperatorError(f"{path} belongs to another user. Run as the user who started the hub.") from None


def _post(url: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
    """One request, past any proxy of the environment: the hub is on this machine."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT_SECONDS)
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    try:
        connection.request("POST", parts.path.rstrip("/") + TOKEN_PATH, urllib.parse.urlencode(form), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OperatorError(f"The hub at {url} does not answer. Start it: python3 -m hub up") from error
    finally:
        connection.close()
    return response.status, answer if isinstance(answer, dict) else {}
