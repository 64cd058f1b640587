"""What the endpoint lets in before it executes anything: who is asking, how much is sent and how slowly; and what
comes out when something unexpected happens within.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from auth.middleware import Choice, MembershipRefused, MembershipRequired
from hub.base.asgi import Message
from hub.base.errors import Unavailable
from hub.base.limits import MAX_BODY_BYTES
from hub.base.words import message
from schema.http import SessionEnded
from tests.schema.endpoint import DATA, TOKEN, VIEWER, Front, codes

pytestmark = pytest.mark.anyio

GRAPHQL = "application/graphql-response+json"
QUERY = '{"query":"{ thing { id } }"}'


@pytest.fixture
async def front(anyio_backend: str) -> AsyncIterator[Front]:
    front = Front()
    async with front.client:
        yield front


# ---- Who is asking ----


async def never() -> Message:
    """A body that must not be asked for."""
    raise AssertionError("the body was read")


async def raw_post(front: Front, headers: dict[str, str], receive: Any) -> list[Message]:
    """One request spoken in ASGI itself; what the endpoint sent."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": encoded}
    await front.endpoint(scope, receive, send)
    return sent


@pytest.mark.parametrize("token", [None, "Bearer bad", "Basic good", "good", "Bearer"])
async def test_unauthenticated_is_refused_before_the_body_is_read(front: Front, token: str | None) -> None:
    headers = {"content-type": "text/plain", "content-length": "99999999", "accept": "text/event-stream"}
    sent = await raw_post(front, headers | ({} if token is None else {"authorization": token}), never)
    assert sent[0]["status"] == 401
    assert (b"www-authenticate", b"Bearer") in sent[0]["headers"]
    assert json.loads(sent[1]["body"]) == {
        "errors": [
            {"message": message("error.signed_out", "zh-CN"), "extensions": {"code": "UNAUTHENTICATED"}},
        ]
    }


async def test_ended_session_gets_the_same_answer_and_is_forgotten(front: Front) -> None:
    refused = await front.send(QUERY, authorization="Bearer bad")
    front.engine.error = SessionEnded()
    ended = await front.send(QUERY)
    assert (ended.status_code, ended.content, ended.headers) == (401, refused.content, refused.headers)
    assert front.authenticate.forgotten == [VIEWER]


async def test_several_memberships_need_a_choice(front: Front) -> None:
    choices = (
        Choice("membership_1", "STATION_WORKER", "七里沟"),
        Choice("membership_2", "PARTNER_WORKER", "Two"),
    )
    front.authenticate.error = MembershipRequired(choices)
    reply = await front.send(QUERY)
    assert (reply.status_code, codes(reply)) == (400, ["MEMBERSHIP_REQUIRED"])
    assert reply.json()["errors"][0]["extensions"]["memberships"] == [
        {"id": "membership_1", "role": "STATION_WORKER", "organization": "七里沟"},
        {"id": "membership_2", "role": "PARTNER_WORKER", "organization": "Two"},
    ]


async def test_refused_membership(front: Front) -> None:
    front.authenticate.error = MembershipRefused()
    reply = await front.send(QUERY)
    assert (reply.status_code, codes(reply)) == (403, ["FORBIDDEN"])


@pytest.mark.parametrize(
    ("asked", "stored", "used"),
    [
        (None, "zh-CN", "zh-CN"),
        (None, "en", "en"),
        (None, "fr", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-TW,zh;q=0.9", "en", "zh-CN"),
        ("fr, de;q=0.9", "en", "en"),
        ("*", "en", "en"),
        ("en;q=0.2, zh;q=0.4", "en", "zh-CN"),
        ("en;q=0", "zh-CN", "zh-CN"),
    ],
)
async def test_language(
    front: Front, monkeypatch: pytest.MonkeyPatch, asked: str | None, stored: str, used: str
) -> None:
    monkeypatch.setattr("tests.schema.endpoint.VIEWER", dataclasses.replace(VIEWER, language=stored))
    await front.send(QUERY, **({} if asked is None else {"accept_language": asked}))
    assert front.engine.calls[0][2].language == used


MUTATION = '{"query":"mutation { thingRename(name: \\"x\\") { id } }"}'


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://hub.example.evil.example",
        "http://hub.example:81",
        "file://",
        "x",
    ],
)
async def test_mutation_with_cookies_from_elsewhere_is_refused(front: Front, origin: str) -> None:
    reply = await front.send(MUTATION, origin=origin, cookie="session=1")
    assert (reply.status_code, codes(reply)) == (403, ["FORBIDDEN"])
    assert front.engine.calls == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"cookie": "a=b"},
        {"origin": "https://hub.example", "cookie": "a=b"},
        {"origin": "http://HUB.example", "cookie": "a=b"},
    ],
)
async def test_other_mutations_run(front: Front, headers: dict[str, str]) -> None:
    assert (await front.send(MUTATION, **headers)).status_code == 200


async def test_subscriptions_are_not_answered(front: Front) -> None:
    reply = await front.send('{"query":"subscription { thingRenamed { id } }"}')
    assert (reply.status_code, codes(reply)) == (400, ["BAD_REQUEST"])


# ---- Bodies on the wire ----

HEADERS = {"authorization": TOKEN, "content-type": "application/json"}


async def test_declared_length_beyond_the_bound_is_413_without_reading(front: Front) -> None:
    for declared in (str(MAX_BODY_BYTES + 1), "9" * 5_000):
        sent = await raw_post(front, HEADERS | {"content-length": declared}, never)
        assert sent[0]["status"] == 413


async def test_undeclared_length_beyond_the_bound_is_413(front: Front) -> None:
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 65_536
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    sent = await raw_post(front, HEADERS, receive)
    assert (sent[0]["status"], read) == (413, MAX_BODY_BYTES + 65_536)


async def test_body_in_pieces(front: Front) -> None:
    pieces = [QUERY[:5], QUERY[5:6], "", QUERY[6:]]

    async def receive() -> Message:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece.encode(), "more_body": bool(pieces)}

    sent = await raw_post(front, HEADERS, receive)
    assert (sent[0]["status"], sent[1]["body"]) == (200, DATA)


async def test_slow_body_is_408(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.base.asgi.MAX_BODY_SECONDS", 0.01)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert (await raw_post(front, HEADERS, receive))[0]["status"] == 408


async def test_client_gone_before_its_body_is_complete(front: Front) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    assert await raw_post(front, HEADERS, receive) == []
    assert front.engine.calls == []


@pytest.mark.parametrize("declared", ["-1", "x", "1, 1", "+1"])
async def test_malformed_length_is_400(front: Front, declared: str) -> None:
    assert (await raw_post(front, HEADERS | {"content-length": declared}, never))[0]["status"] == 400


# ---- The unexpected ----


@pytest.mark.parametrize("accept", ["*/*", GRAPHQL])
async def test_unexpected_error_is_masked_and_logged_under_its_id(front: Front, accept: str) -> None:
    front.engine.error = RuntimeError("password=hunter2")
    with structlog.testing.capture_logs() as logged:
        reply = await front.send(QUERY, accept=accept)
    assert (reply.status_code, codes(reply)) == (500, ["INTERNAL"])
    assert "hunter2" not in reply.text
    assert [entry["error_id"] for entry in logged] == [reply.json()["errors"][0]["extensions"]["errorId"]]


@pytest.mark.parametrize(
    ("asked", "spoken"), [(None, "zh-CN"), ("en-GB,en;q=0.9", "en"), ("zh", "zh-CN"), ("fr", "zh-CN")]
)
async def test_what_a_person_has_to_know_is_said_in_her_language(
    front: Front, asked: str | None, spoken: str
) -> None:
    """Also before anybody knows who she is."""
    headers = {} if asked is None else {"accept-language": asked}

    async def said(**more: str) -> str:
        (error,) = (await front.send(QUERY, **headers, **more)).json()["errors"]
        return error["message"]

    assert await said(authorization="Bearer bad") == message("error.signed_out", spoken)
    assert await said(content_length=str(MAX_BODY_BYTES + 1)) == message(
        "error.body_too_large", spoken, limit=MAX_BODY_BYTES
    )
    for refusal, key in (
        (MembershipRequired(()), "membership_choice"),
        (MembershipRefused(), "membership_refused"),
    ):
        front.authenticate.error = refusal
        assert await said() == message(f"error.{key}", spoken)
    front.authenticate.error = None
    for failure, key in (
        (SessionEnded(), "signed_out"),
        (Unavailable("database_unavailable"), "hub_busy"),
        (RuntimeError("x"), "hub_failed"),
    ):
        front.engine.error = failure
        assert await said() == message(f"error.{key}", spoken)


async def test_database_away_is_503(front: Front) -> None:
    front.engine.error = Unavailable("database_unavailable")
    reply = await front.send(QUERY)
    assert (reply.status_code, codes(reply), reply.headers["retry-after"]) == (503, ["UNAVAILABLE"], "1")
