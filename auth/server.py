"""The hub's OAuth 2 token endpoint, its public keys and its metadata, over HTTP.

Grants: `client_credentials` for machine clients, bound to one membership each; in demo mode only, `password`
for the users of the demo world. This page reads the request and looks up who it names; `auth.exchange`
decides.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import anyio
import anyio.to_thread
import structlog
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.accounts import Accounts, Pool
from auth.exchange import (
    NOBODY,
    TOKEN_PATH,
    ClientCredentials,
    DemoUser,
    MachineClient,
    TokenExchange,
    TokenRequest,
    refusal,
)
from auth.sign_in_limit import SignInLimit
from auth.tokens import Tokens, parse_uuid
from hub.base.asgi import BodyRefused, ClientGone, headers_of, read_body
from hub.base.clock import Clock
from hub.base.errors import Unavailable
from hub.base.limits import MAX_FORM_BYTES, MAX_FORM_FIELDS, MAX_PARALLEL_SIGN_INS

JWKS_PATH = "/.well-known/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"
FORM_TYPE = "application/x-www-form-urlencoded"

log = structlog.get_logger(__name__)


class TokenEndpoint:
    """`POST /oauth/token`."""

    def __init__(self, pool: Pool, tokens: Tokens, clock: Clock, demo_password: str | None) -> None:
        self._accounts = Accounts(pool, clock)
        self._tokens = tokens
        self._demo_password = demo_password and demo_password.strip()
        self._limit = SignInLimit()
        self._threads = anyio.CapacityLimiter(MAX_PARALLEL_SIGN_INS)

    async def answer(self, request: Request) -> Response:
        """The token, or the RFC 6749 §5.2 refusal."""
        try:
            form = await _form(request)
            client_id = _client_id(request, form)
        except ClientGone:
            return Response(status_code=400)
        except BodyRefused as refused:
            return refusal(InvalidRequestError(), refused.status, connection="close")
        except OAuth2Error as error:
            return refusal(error)
        name, address = form.get("username") or client_id, request.client.host if request.client else ""
        if not self._limit.take(name, address):
            return refusal(OAuth2Error(error="temporarily_unavailable"), 429, **{"retry-after": "60"})
        response = await self._exchange(request, form, client_id)
        if response.status_code == 200:
            self._limit.give_back(name, address)
        return response

    async def _exchange(self, request: Request, form: dict[str, str], client_id: str) -> Response:
        try:
            client = await self._client(client_id)
            user = await self._user(form.get("username", ""))
        except Unavailable:
            log.warning("token_endpoint_without_database")
            return refusal(OAuth2Error(error="temporarily_unavailable"), 503, **{"retry-after": "5"})
        exchange = TokenExchange(self._tokens, client, user)
        asked = TokenRequest(form, request.headers.get("authorization", ""))
        return await anyio.to_thread.run_sync(exchange.answer, asked, limiter=self._threads)

    async def _client(self, client_id: str) -> MachineClient:
        known = parse_uuid(client_id.removeprefix("client_"))
        row = None if known is None else await self._accounts.client(known)
        if row is None:
            return NOBODY
        return MachineClient(
            id=row["id"],
            secret_hash=row["secret_hash"],
            scopes=frozenset(row["scopes"]),
            user_id=row["user_id"],
            membership_id=row["membership_id"],
        )

    async def _user(self, name: str) -> DemoUser | None:
        """The demo user of that name; None outside demo mode, where the grant itself does not exist."""
        if self._demo_password is None:
            return None
        return DemoUser(await self._accounts.user_id(name) if name else None, self._demo_password)


async def _form(request: Request) -> dict[str, str]:
    """The parameters of the request, each at most once. Raises OAuth2Error, BodyRefused or ClientGone."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise InvalidRequestError
    body = await read_body(request.receive, headers_of(request.headers.raw), MAX_FORM_BYTES)
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except ValueError:
        raise InvalidRequestError from None
    form = dict(pairs)
    if len(form) != len(pairs) or any("\x00" in value for value in form.values()):
        raise InvalidRequestError
    # A parameter without a value counts as omitted (RFC 6749 §3.2).
    return {name: value for name, value in form.items() if value}


def _client_id(request: Request, form: Mapping[str, str]) -> str:
    """The id the client claims, from the one place where it put its credentials; '' when it has none."""
    given = request.headers.getlist("authorization")
    if not given:
        return form.get("client_id", "")
    if len(given) > 1 or "client_secret" in form:
        raise InvalidRequestError  # two ways of authenticating at once (RFC 6749 §2.3)
    scheme, _, encoded = given[0].partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClientError
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidClientError from None
    if ":" not in decoded:
        raise InvalidClientError
    return unquote(decoded.partition(":")[0])


def metadata(issuer: str, *, demo: bool) -> dict[str, Any]:
    """RFC 8414 metadata. `response_types_supported` is required there, and empty: there is no authorize
    endpoint.
    """
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "grant_types_supported": ["client_credentials", *(["password"] if demo else [])],
        "token_endpoint_auth_methods_supported": [
            *ClientCredentials.TOKEN_ENDPOINT_AUTH_METHODS,
            *(["none"] if demo else []),
        ],
        "response_types_supported": [],
    }


def routes(pool: Pool, tokens: Tokens, clock: Clock, *, demo_password: str | None) -> list[Route]:
    """The routes of this page. `demo_password` None: no password grant exists (everything but demo mode).

    `pool` is logged in as the hub's SYSTEM role, which may read users, memberships and clients.
    """
    public = {"cache-control": "public, max-age=300"}
    keys = tokens.jwks()
    described = metadata(tokens.issuer, demo=demo_password is not None)

    async def jwks(_: Request) -> Response:
        return JSONResponse(keys, headers=public)

    async def server_metadata(_: Request) -> Response:
        return JSONResponse(described, headers=public)

    return [
        Route(TOKEN_PATH, TokenEndpoint(pool, tokens, clock, demo_password).answer, methods=["POST"]),
        Route(JWKS_PATH, jwks, methods=["GET"]),
        Route(METADATA_PATH, server_metadata, methods=["GET"]),
    ]
