"""The 61 server audits of npm `graphql-http`, against the whole hub as uvicorn serves it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from hub.app import Application
from hub.base.db import Server
from hub.settings import Settings
from tests.full.serving import served
from tests.world import World

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


class Signed(Application):
    """The whole hub, with a token of one of its members."""

    def token(self, user_id: UUID) -> str:
        """A token of that user."""
        return self._tokens.issue(user_id, lifetime_seconds=TIMEOUT_SECONDS)


@pytest.fixture(scope="module")
def hub(module_world: Server, settings: Settings) -> Iterator[tuple[Signed, str]]:
    """The hub on a port, and its address."""
    app = Signed(settings, module_world)
    with served(app) as base:
        yield app, f"{base}/graphql"


def test_the_hub_passes_all_audits(hub: tuple[Signed, str], world: World) -> None:
    app, url = hub
    results = audited(url, app.token(world.viewers["mei"].user_id or UUID(int=0)))
    assert (failures(results), len(results)) == ([], AUDITS)


def test_the_audits_would_notice(hub: tuple[Signed, str]) -> None:
    """The control: without a valid token nothing but refusals comes back, and most audits fail."""
    results = audited(hub[1], "bad")
    assert len(failures(results)) > AUDITS // 2


@pytest.mark.parametrize("media", ["application/graphql-response+json", "application/json"])
@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("{ __typename }", {"__typename": "Query"}),
        ("{ __schema { queryType { name } } }", {"__schema": {"queryType": {"name": "Query"}}}),
        ("{ cases(first: 1) { totalCount } }", {"cases": {"totalCount": 7}}),
        ("mutation { __typename }", {"__typename": "Mutation"}),
        (
            'mutation { referralTriage(id: "x") { userErrors { code } } }',
            {"referralTriage": {"userErrors": [{"code": "NOT_FOUND"}]}},
        ),
    ],
)
def test_every_kind_of_operation_comes_over_the_wire(
    hub: tuple[Signed, str], world: World, media: str, query: str, shows: object
) -> None:
    """The audits ask for `__typename` only: this is what the planner, the library and a command answer."""
    app, url = hub
    token = app.token(world.viewers["mei"].user_id or UUID(int=0))
    answer = httpx2.post(
        url, json={"query": query}, headers={"authorization": f"Bearer {token}", "accept": media}
    )
    assert (answer.status_code, answer.json()) == (200, {"data": shows})
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
