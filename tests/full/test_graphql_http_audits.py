"""The 61 server audits of npm `graphql-http`, against the endpoint as uvicorn serves it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import execute
from graphql.execution.values import get_variable_values

from auth.roles import Viewer
from hub.base.asgi import Receive, Scope, Send
from schema.documents import Documents, Prepared, RequestErrors, formatted
from schema.http import GraphQLEndpoint, Reply
from tests.full.serving import served
from tests.schema.endpoint import SCHEMA, OneToken

pytestmark = pytest.mark.full

SCRIPT = Path(__file__).with_suffix("").with_name("graphql_http_audits.mjs")
PACKAGES = Path(__file__).parents[2] / ".ci" / "node"
AUDITS = 61
TIMEOUT_SECONDS = 120


def audited(url: str, token: str) -> list[dict[str, Any]]:
    """The results of all audits of the endpoint at `url`, each with its id, name, status and reason."""
    node = shutil.which("node")
    assert node, "the full tests need node"
    assert (PACKAGES / "node_modules").is_dir(), f"run `npm ci` in {PACKAGES} first"
    run = subprocess.run(
        [node, str(SCRIPT), str(PACKAGES), url, token],
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=True,
    )
    return json.loads(run.stdout)


def failures(results: list[dict[str, Any]]) -> list[str]:
    """What did not pass, in one line each."""
    return [
        f"{result['id']} {result['name']}: {result['reason']}"
        for result in results
        if result["status"] != "ok"
    ]


class LibraryEngine:
    """Executes with graphql-core itself, against no data: enough for the audits, which ask for nothing of
    ours.
    """

    async def execute(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Reply:
        definitions = prepared.operation.variable_definitions or ()
        values = get_variable_values(SCHEMA, definitions, dict(variables), hide_suggestions=True)
        if isinstance(values, list):
            raise RequestErrors([formatted(error, "BAD_USER_INPUT") for error in values])
        result = execute(SCHEMA, prepared.document, variable_values=dict(variables))
        assert not hasattr(result, "__await__")
        return Reply(json.dumps(result.formatted).encode())  # type: ignore[union-attr]


async def stand_in(scope: Scope, receive: Receive, send: Send) -> None:
    """The endpoint as an application, without the rest of the hub."""
    if scope["type"] == "http":
        await ENDPOINT(scope, receive, send)


ENDPOINT = GraphQLEndpoint(Documents(SCHEMA), LibraryEngine(), OneToken())


def test_the_endpoint_passes_all_audits() -> None:
    with served(stand_in) as base:
        results = audited(f"{base}/graphql", "good")
    assert (failures(results), len(results)) == ([], AUDITS)


def test_the_audits_would_notice() -> None:
    """The control: without a valid token nothing but refusals comes back, and most audits fail."""
    with served(stand_in) as base:
        results = audited(f"{base}/graphql", "bad")
    assert len(failures(results)) > AUDITS // 2
