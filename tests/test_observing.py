"""Request ids, log lines and metrics of a whole hub over ASGI."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from hub.app import create_app
from hub.base.db import Server
from hub.base.logs import set_up_logs
from hub.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(module_world: Server, settings: Settings) -> Any:
    told = settings.model_copy(update={"demo": False, "metrics_token": None})
    app = create_app(told, module_world)
    async with (
        app.running(),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://hub.test") as found,
    ):
        yield found


async def measured(
    module_world: Server, settings: Settings, token: str | None, given: str
) -> httpx2.Response:
    environment = Settings(data=settings.data, role_prefix=settings.role_prefix, metrics_token=token)  # pyright: ignore[reportArgumentType]
    app = create_app(environment, module_world)
    transport = httpx2.ASGITransport(app=app)
    async with app.running(), httpx2.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        await client.post("/graphql", json={"query": "{ __typename }"})
        return await client.get("/metrics", headers={"authorization": given})


async def test_a_request_gets_an_id_and_one_line_without_its_words(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("json")
    answer = await client.get("/graphql?query={persons(phone:13812345678)}")
    assert answer.status_code == 401
    written = capsys.readouterr().err
    (line,) = map(json.loads, written.splitlines())
    assert line["event"] == "request"
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["route"], line["method"], line["status"]) == ("/graphql", "GET", 401)
    assert "13812345678" not in written


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("proxy-7f3a91bc", True),
        ("short", False),
        ("with space 123", False),
        ("x" * 65, False),
        ("张三张三张三", False),
    ],
)
async def test_the_proxys_id_is_kept_when_it_is_a_plain_one(
    client: httpx2.AsyncClient, given: str, kept: bool
) -> None:
    answer = await client.get("/health", headers=[(b"x-request-id", given.encode())])
    assert (answer.headers["x-request-id"] == given) is kept


async def test_machines_that_ask_every_few_seconds_are_not_logged(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await client.get("/ready")).status_code == 200
    assert capsys.readouterr().err == ""


async def test_unknown_paths_share_one_route(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("json")
    assert (await client.get("/张三/13812345678")).status_code == 404
    assert [json.loads(line)["route"] for line in capsys.readouterr().err.splitlines()] == ["other"]


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        (None, "Bearer ", 404),
        ("scrape", "", 404),
        ("scrape", "Bearer other", 404),
        ("scrape", "Bearer scrape", 200),
    ],
)
async def test_metrics_are_for_whoever_holds_the_token(
    module_world: Server, settings: Settings, token: str | None, given: str, status: int
) -> None:
    assert (await measured(module_world, settings, token, given)).status_code == status


async def test_metrics_count_requests_and_what_waits(module_world: Server, settings: Settings) -> None:
    answer = await measured(module_world, settings, "scrape", "Bearer scrape")
    lines = answer.text.splitlines()
    assert any(one.startswith('hub_http_requests_total{route="/graphql",status="401"}') for one in lines)
    assert {one.split()[0] for one in lines if one.startswith(("hub_outbox", "hub_audit"))} == {
        *("hub_outbox_waiting", "hub_outbox_oldest_seconds", "hub_outbox_failing", "hub_audit_unlinked")
    }
