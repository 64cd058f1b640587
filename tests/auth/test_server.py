"""The token endpoint over HTTP, on a real database: who gets a token, and that every refusal is RFC 6749's."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette

from auth.server import JWKS_PATH, METADATA_PATH, routes
from auth.tokens import Tokens, fresh_signing_key
from hub.base.db import Server
from hub.base.limits import CLIENT_TOKEN_SECONDS, MAX_FORM_BYTES, MAX_SIGN_IN_FAILURES, SIGN_IN_WINDOW_SECONDS
from tests.auth import people
from tests.auth.people import MACHINE, SECRET, Signing

pytestmark = pytest.mark.anyio
TOKENS = Tokens(fresh_signing_key(), "http://hub.example")
PASSWORD = "one for all"
FORM = {"content-type": "application/x-www-form-urlencoded"}
Form = dict[str, str]
CLIENT: Form = {"grant_type": "client_credentials", "client_id": str(MACHINE), "client_secret": SECRET}
DEMO: Form = {"grant_type": "password", "username": "wang", "password": PASSWORD}


@pytest.fixture(scope="module")
async def signing(module_database: Server) -> AsyncIterator[Signing]:
    async with people.signing(module_database) as signing:
        yield signing


async def served(signing: Signing, demo_password: str | None) -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=routes(signing.pool, TOKENS, signing.clock, demo_password=demo_password))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://hub.example"
    ) as client:
        yield client


@pytest.fixture
async def demo(signing: Signing) -> AsyncIterator[httpx2.AsyncClient]:
    async for client in served(signing, PASSWORD + "\n"):
        yield client


@pytest.fixture
async def real(signing: Signing) -> AsyncIterator[httpx2.AsyncClient]:
    async for client in served(signing, None):
        yield client


def basic(name: str, secret: str) -> Form:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def refused(reply: httpx2.Response, status: int, code: str) -> None:
    assert (reply.status_code, reply.json()["error"]) == (status, code)
    assert set(reply.json()) == {"error", "error_description"}
    assert reply.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in reply.headers) is (status == 401)


# ---- Machine clients ----


@pytest.mark.parametrize("name", [str(MACHINE), f"client_{MACHINE}"])
@pytest.mark.parametrize("way", ["basic", "post"])
async def test_client_credentials(real: httpx2.AsyncClient, name: str, way: str) -> None:
    form = {"grant_type": "client_credentials"}
    if way == "basic":
        reply = await real.post("/oauth/token", data=form, headers=basic(name, SECRET))
    else:
        reply = await real.post("/oauth/token", data=form | {"client_id": name, "client_secret": SECRET})
    body = reply.json()
    assert (reply.status_code, reply.headers["cache-control"], reply.headers["pragma"]) == (
        200,
        "no-store",
        "no-cache",
    )
    assert body == {
        "access_token": body["access_token"],
        "token_type": "Bearer",
        "expires_in": CLIENT_TOKEN_SECONDS,
        "scope": "read write",
    }
    claims = TOKENS.verify(body["access_token"].encode())
    assert (claims.user_id, claims.client_id, claims.membership_id) == (
        people.HUA,
        MACHINE,
        people.HUA_STREET,
    )
    assert claims.scopes == {"read", "write"}
    assert claims.expires_at - time.time() <= 15 * 60


async def test_a_narrower_scope(real: httpx2.AsyncClient) -> None:
    body = (await real.post("/oauth/token", data=CLIENT | {"scope": "read"})).json()
    assert (body["scope"], TOKENS.verify(body["access_token"].encode()).scopes) == ("read", {"read"})


async def test_a_wider_scope_is_refused(real: httpx2.AsyncClient) -> None:
    refused(await real.post("/oauth/token", data=CLIENT | {"scope": "read admin"}), 400, "invalid_scope")


@pytest.mark.parametrize(
    ("client", "secret"),
    [
        (str(MACHINE), "wrong"),
        (str(people.REVOKED), SECRET),
        (str(people.OF_ENDED), SECRET),
        (str(people.WANG), SECRET),
        ("unknown", SECRET),
        ("", ""),
    ],
)
async def test_clients_that_get_nothing_all_get_the_same(
    real: httpx2.AsyncClient, client: str, secret: str
) -> None:
    form = {"grant_type": "client_credentials"}
    replies = [
        await real.post("/oauth/token", data=form, headers=basic(client, secret)),
        await real.post("/oauth/token", data=form | {"client_id": client, "client_secret": secret}),
    ]
    for reply in replies:
        refused(reply, 401, "invalid_client")
    known = await real.post("/oauth/token", data=CLIENT | {"client_secret": "wrong"})
    assert {reply.content for reply in replies} == {known.content}


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Basic " + base64.b64encode(b"%00:%00").decode(),
        "Basic  x",
        "Basic\tx",
        "Bearer x",
        "x",
    ],
)
async def test_malformed_authorization(real: httpx2.AsyncClient, authorization: str) -> None:
    reply = await real.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"authorization": authorization}
    )
    refused(reply, 401, "invalid_client")


async def test_two_ways_of_authenticating_at_once(real: httpx2.AsyncClient) -> None:
    refused(
        await real.post("/oauth/token", data=CLIENT, headers=basic(str(MACHINE), SECRET)),
        400,
        "invalid_request",
    )


# ---- Demo users ----


async def test_a_demo_user(demo: httpx2.AsyncClient) -> None:
    body = (await demo.post("/oauth/token", data=DEMO)).json()
    claims = TOKENS.verify(body["access_token"].encode())
    assert (body["token_type"], claims.user_id, claims.client_id, claims.scopes) == (
        "Bearer",
        people.WANG,
        None,
        None,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"username": "nobody"},
        {"username": "gone"},
        {"password": "密码"},
        {"password": PASSWORD + " "},
    ],
)
async def test_wrong_name_or_password_is_one_answer(demo: httpx2.AsyncClient, change: Form) -> None:
    reply = await demo.post("/oauth/token", data=DEMO | change)
    refused(reply, 400, "invalid_grant")
    assert reply.json()["error_description"] == "The name or the password is wrong."


async def test_a_password_is_not_a_clients_secret(demo: httpx2.AsyncClient) -> None:
    refused(await demo.post("/oauth/token", data=CLIENT | {"client_secret": PASSWORD}), 401, "invalid_client")


async def test_outside_demo_mode_the_password_grant_does_not_exist(real: httpx2.AsyncClient) -> None:
    refused(await real.post("/oauth/token", data=DEMO), 400, "unsupported_grant_type")


# ---- Malformed requests ----

BAD: dict[str, tuple[bytes, Form, int, str]] = {
    "empty": (b"", FORM, 400, "unsupported_grant_type"),
    "no content type": (b"grant_type=password", {}, 400, "invalid_request"),
    "json": (b'{"grant_type":"password"}', {"content-type": "application/json"}, 400, "invalid_request"),
    "multipart": (b"x", {"content-type": "multipart/form-data; boundary=x"}, 400, "invalid_request"),
    "no grant": (b"username=wang", FORM, 400, "unsupported_grant_type"),
    "unknown grant": (b"grant_type=magic", FORM, 400, "unsupported_grant_type"),
    "odd grant": (b"grant_type=%22%0a%E4%B8%80", FORM, 400, "unsupported_grant_type"),
    "refresh": (b"grant_type=refresh_token&refresh_token=x", FORM, 400, "unsupported_grant_type"),
    "twice": (b"grant_type=password&grant_type=password", FORM, 400, "invalid_request"),
    "username missing": (b"grant_type=password&password=x", FORM, 400, "invalid_request"),
    "password missing": (b"grant_type=password&username=wang", FORM, 400, "invalid_request"),
    "invalid UTF-8": (b"grant_type=password&username=%ff", FORM, 400, "invalid_request"),
    "raw invalid UTF-8": (b"grant_type=\xff", FORM, 400, "invalid_request"),
    "U+0000": (b"grant_type=password&username=%00&password=x", FORM, 400, "invalid_request"),
    "no equals": (b"grant_type", FORM, 400, "invalid_request"),
    "many fields": (b"&".join(b"a%d=1" % number for number in range(30)), FORM, 400, "invalid_request"),
    "large": (b"a=" + b"x" * MAX_FORM_BYTES, FORM, 413, "invalid_request"),
    "long name": (b"grant_type=password&password=x&username=" + b"x" * 7_000, FORM, 400, "invalid_grant"),
    "scope with quotes": (
        b"grant_type=password&username=wang&password=one+for+all&scope=%22",
        FORM,
        400,
        "invalid_scope",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_malformed_requests(demo: httpx2.AsyncClient, name: str) -> None:
    body, headers, status, code = BAD[name]
    refused(await demo.post("/oauth/token", content=body, headers=headers), status, code)


async def test_get_is_405(demo: httpx2.AsyncClient) -> None:
    assert (await demo.get("/oauth/token", params=DEMO)).status_code == 405


# ---- Failing again and again ----


async def test_failures_are_slowed_down_per_name_and_forgiven(
    demo: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = DEMO | {"password": "wrong"}
    for _ in range(MAX_SIGN_IN_FAILURES):
        refused(await demo.post("/oauth/token", data=wrong), 400, "invalid_grant")
    for form in (wrong, DEMO):
        reply = await demo.post("/oauth/token", data=form)
        refused(reply, 429, "temporarily_unavailable")
        assert reply.headers["retry-after"] == "60"
    assert (await demo.post("/oauth/token", data=DEMO | {"username": "hua"})).status_code == 200
    later = time.monotonic() + SIGN_IN_WINDOW_SECONDS + 1
    monkeypatch.setattr("auth.sign_in_limit.time.monotonic", lambda: later)
    assert (await demo.post("/oauth/token", data=DEMO)).status_code == 200


async def test_success_never_counts(demo: httpx2.AsyncClient) -> None:
    for _ in range(MAX_SIGN_IN_FAILURES + 2):
        assert (await demo.post("/oauth/token", data=DEMO)).status_code == 200


# ---- What is published ----


async def test_published_keys_verify_a_token(real: httpx2.AsyncClient) -> None:
    keys = KeySet.import_key_set((await real.get(JWKS_PATH)).json())
    token = (await real.post("/oauth/token", data=CLIENT)).json()["access_token"]
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert (decoded.header["typ"], decoded.claims["iss"]) == ("at+jwt", "http://hub.example")


async def test_metadata(real: httpx2.AsyncClient, demo: httpx2.AsyncClient) -> None:
    described: dict[str, Any] = {
        "issuer": "http://hub.example",
        "token_endpoint": "http://hub.example/oauth/token",
        "jwks_uri": "http://hub.example/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
    }
    assert (await real.get(METADATA_PATH)).json() == described
    described["grant_types_supported"].append("password")
    described["token_endpoint_auth_methods_supported"].append("none")
    assert (await demo.get(METADATA_PATH)).json() == described
