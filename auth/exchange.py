"""What the token endpoint decides: Authlib's grants for one request whose look-ups are already made.

Synchronous throughout, since Authlib is, and hashing takes tens of milliseconds: run it in a thread.
"""

from __future__ import annotations

import dataclasses
import hmac
import secrets
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request, grants
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidGrantError,
    InvalidScopeError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from starlette.responses import JSONResponse, Response

from auth.tokens import Tokens
from hub.base.limits import CLIENT_TOKEN_SECONDS, DEMO_TOKEN_SECONDS

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}

# What the client reads. The library's own texts repeat parameters and values it was given; these are
# constant.
DESCRIPTIONS = {
    "invalid_request": "The request is malformed: send each parameter once, as an urlencoded form.",
    "invalid_client": "Client authentication failed.",
    "invalid_grant": "The name or the password is wrong.",
    "invalid_scope": "The scope goes beyond what the client was given.",
    "unauthorized_client": "The client may not use this grant type.",
    "unsupported_grant_type": "This grant type is not supported here.",
    "temporarily_unavailable": "Try again in a minute.",
}

HASHER = PasswordHasher()
# A hash nobody has the secret of: verified when there is no such client, so that an unknown id takes as long
# as a wrong secret. A literal, because making one costs a tenth of a second at every start.
NO_SECRET = (
    "$argon2id$v=19$m=65536,t=3,p=4$3i+9cNXxde3kCmt5pOEbVw$AXmhoUmRoYNX3c1vCC0sA/iV9zCWJrHCPV1ge0LP2wE"  # noqa: S105
)


def hash_secret(secret: str) -> str:
    """The argon2 hash under which a machine client's secret is stored. Takes a tenth of a second."""
    return HASHER.hash(secret)


def fresh_secret() -> str:
    """A new random secret: for a machine client (shown once), or the one password of the demo users."""
    return secrets.token_urlsafe(24)


@dataclasses.dataclass(frozen=True)
class MachineClient(ClientMixin):
    """A registered machine client, as the grants ask about it."""

    id: UUID | None
    secret_hash: str = dataclasses.field(repr=False)
    scopes: frozenset[str] = frozenset()
    user_id: UUID | None = None
    membership_id: UUID | None = None

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is this client's."""
        try:
            return HASHER.verify(self.secret_hash, client_secret) and self.id is not None
        except (VerificationError, InvalidHashError):
            return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Secrets only; a public client does not exist."""
        return endpoint == "token" and method in ClientCredentials.TOKEN_ENDPOINT_AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """A machine client has one grant."""
        return grant_type == ClientCredentials.GRANT_TYPE


NOBODY = MachineClient(id=None, secret_hash=NO_SECRET)
"""Stands for every unknown client: no secret opens it."""


@dataclasses.dataclass(frozen=True)
class DemoUser:
    """What was found under the sign-in name (`id` None: nobody), and the one password of the demo world."""

    id: UUID | None
    password: str = dataclasses.field(repr=False)


class TokenRequest(OAuth2Request):
    """One request at the token endpoint, in Authlib's terms."""

    def __init__(self, form: dict[str, str], authorization: str) -> None:
        # Whether the transport is encrypted is the deployment's business (a proxy ends TLS before the hub),
        # so the library's own check, which only looks at this address, is given one that passes.
        address = f"https://hub{TOKEN_PATH}"
        headers = {"Authorization": authorization}
        super().__init__("POST", address, headers=headers)  # pyright: ignore[reportUnknownMemberType]
        self.payload = BasicOAuth2Payload(form)
        self._parameters = form

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the form."""
        return self._parameters


class ClientCredentials(grants.ClientCredentialsGrant):
    """RFC 6749 §4.4 with a secret, in the header or in the form."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class DemoClient(ClientMixin):
    """Stands for whatever program a demo user signs in with."""

    def check_grant_type(self, grant_type: str) -> bool:
        """Demo users have one grant."""
        return grant_type == DemoPassword.GRANT_TYPE


class DemoPassword(grants.ResourceOwnerPasswordCredentialsGrant):
    """RFC 6749 §4.3 for the demo users, who all share one random password. There is no client to
    authenticate.
    """

    def authenticate_token_endpoint_client(self) -> ClientMixin:
        return DemoClient()

    def authenticate_user(self, username: str, password: str) -> UUID:
        found: DemoUser = self.server.user
        right = hmac.compare_digest(password.encode(), found.password.encode())
        if not right or found.id is None:
            raise InvalidGrantError
        return found.id


class TokenExchange(AuthorizationServer):
    """Authlib's authorization server for exactly one request. `user` None: the password grant does not exist."""

    def __init__(self, tokens: Tokens, client: MachineClient, user: DemoUser | None) -> None:
        super().__init__()
        self.client = client
        self.user = user
        self._tokens = tokens
        issue: Any = self._issue  # takes only those of the library's keywords that it needs
        self.register_token_generator("default", issue)
        self.register_grant(ClientCredentials)
        if user is not None:
            self.register_grant(DemoPassword)

    def answer(self, request: TokenRequest) -> Response:
        """The token, or the refusal."""
        answered: Any = self.create_token_response(request)  # pyright: ignore[reportUnknownMemberType]
        return answered

    def query_client(self, client_id: str) -> MachineClient:
        return self.client

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Access tokens are not stored: they are short-lived, and what they stand for is asked again each
        time.
        """

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nothing listens."""

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def validate_requested_scope(self, scope: str | None) -> None:
        if scope and not self.client.scopes.issuperset(scope.split()):
            raise InvalidScopeError

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return JSONResponse(body, status, NO_STORE)

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> Response:
        return refusal(error)

    def _issue(self, *, grant_type: str, user: UUID | None, scope: str | None, **_: Any) -> dict[str, Any]:
        if grant_type == DemoPassword.GRANT_TYPE and user is not None:
            token = self._tokens.issue(user, lifetime_seconds=DEMO_TOKEN_SECONDS)
            return _bearer(token, DEMO_TOKEN_SECONDS)
        client = self.client
        if client.user_id is None:
            raise InvalidClientError
        scopes = frozenset(scope.split()) if scope else client.scopes
        token = self._tokens.issue(
            client.user_id,
            lifetime_seconds=CLIENT_TOKEN_SECONDS,
            client_id=client.id,
            membership_id=client.membership_id,
            scopes=scopes,
        )
        return {**_bearer(token, CLIENT_TOKEN_SECONDS), "scope": " ".join(sorted(scopes))}


def _bearer(token: str, seconds: int) -> dict[str, Any]:
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


def refusal(error: OAuth2Error, status: int | None = None, **headers: str) -> Response:
    """The RFC 6749 §5.2 answer to an error: its code, a constant sentence, and `status` or the one it asks
    for.
    """
    code = str(error.error)
    body = {"error": code, "error_description": DESCRIPTIONS.get(code, DESCRIPTIONS["invalid_request"])}
    sent = {**NO_STORE, **headers}
    if code == "invalid_client":
        status = 401
        sent["www-authenticate"] = 'Basic realm="hub"'
    return JSONResponse(body, status or int(error.status_code or 400), sent)
