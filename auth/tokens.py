"""The hub's own access tokens: signed, short-lived, checked completely before anything in them is believed.

Format: JWT profile for access tokens (RFC 9068, `typ` is `at+jwt`), ES256. Expiry keeps real time and never
follows the hub's clock, which demo mode can move. Whether the user, membership and client behind a token are
still live is not decided here but by `auth.middleware` and inside each statement.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from hub.base.bounded import Bounded
from hub.base.limits import MAX_CACHED_TOKENS, MAX_TOKEN_CHARS

ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type, not a secret
TOKEN_SHAPE = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class InvalidToken(Exception):
    """The token is not one of ours, or no longer. Which check failed is for the log at most, never for the
    client.
    """


class SigningKeyError(Exception):
    """The text of the signing key is unusable; the message is for the operator."""


@dataclasses.dataclass(frozen=True)
class Claims:
    """What a verified token says. `client_id` and `membership_id` are set for machine clients only.

    `scopes` None means unrestricted (a person); a machine client always carries its scopes, even none at all.
    """

    user_id: UUID
    token_id: str
    expires_at: float  # seconds since the epoch, real time
    client_id: UUID | None = None
    membership_id: UUID | None = None
    scopes: frozenset[str] | None = None


def fresh_signing_key() -> str:
    """The text of a new private signing key (a JWK), to be kept in a file that only the hub can read."""
    key = ECKey.generate_key(
        "P-256", private=True, parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True
    )
    return json.dumps(key.as_dict(private=True)) + "\n"


def parse_uuid(text: object) -> UUID | None:
    """A UUID in its canonical lower-case form only; None for anything else, also for what `UUID()` would
    tolerate.
    """
    return UUID(text) if isinstance(text, str) and CANONICAL_UUID.fullmatch(text) else None


class Tokens:
    """Issues and verifies the access tokens of one hub: one signing key, one issuer, one audience."""

    def __init__(self, key: str, issuer: str) -> None:
        """`key` is the text made by `fresh_signing_key`; `issuer` the public address of the hub."""
        self.issuer = issuer.rstrip("/")
        self.audience = f"{self.issuer}/graphql"
        self._key = _read_key(key)
        self._registry = JWSRegistry(algorithms=[ALGORITHM])
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(time.time()),
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            jti={"essential": True},
        )
        self._verified: Bounded[bytes, Claims] = Bounded(MAX_CACHED_TOKENS)

    def jwks(self) -> dict[str, Any]:
        """The public half of the signing key as a JWK set (RFC 7517)."""
        return {"keys": [self._key.as_dict(private=False)]}

    def issue(
        self,
        user_id: UUID,
        *,
        lifetime_seconds: int,
        client_id: UUID | None = None,
        membership_id: UUID | None = None,
        scopes: Iterable[str] | None = None,
    ) -> str:
        """A signed access token for the user, or for a machine client acting as that user's one membership."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(user_id),
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_seconds,
        }
        if client_id is not None:
            claims["client_id"] = str(client_id)
        if membership_id is not None:
            claims["membership"] = str(membership_id)
        if scopes is not None:
            claims["scope"] = " ".join(sorted(scopes))
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, registry=self._registry)

    def verify(self, token: bytes) -> Claims:
        """The claims of a valid token. Raises InvalidToken for everything else, without saying why to anyone."""
        if len(token) > MAX_TOKEN_CHARS:
            raise InvalidToken
        digest = hashlib.sha256(token).digest()
        known = self._verified.get(digest)
        if known is not None:
            if known.expires_at > time.time():
                return known
            self._verified.discard(digest)
            raise InvalidToken
        claims = self._verify(token)
        self._verified.put(digest, claims)
        return claims

    def _verify(self, token: bytes) -> Claims:
        # The shape is checked first, so that the library's lenient decoders never see anything else.
        if not TOKEN_SHAPE.fullmatch(token):
            raise InvalidToken
        try:
            found = jwt.decode(token, self._key, registry=self._registry)
            if found.header.get("typ") != TOKEN_TYPE or found.header.get("kid") != self._key.kid:
                raise InvalidToken
            self._claims.validate(found.claims)
            return _claims_of(found.claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            # The library's own errors, and what its decoders let through on bytes that are not a token at
            # all.
            raise InvalidToken from None


def _read_key(text: str) -> ECKey:
    try:
        key = ECKey.import_key(json.loads(text))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SigningKeyError(
            "The signing key is damaged. Restore its file, or remove it for a new one."
        ) from error
    if not key.is_private or key.curve_name != "P-256" or not key.kid:
        raise SigningKeyError("The signing key is not a private P-256 key with a key id.")
    return key


def _claims_of(claims: dict[str, Any]) -> Claims:
    """Our claims, typed. Raises InvalidToken when one that is there is not what we ever issue."""
    user_id = parse_uuid(claims["sub"])
    client_id = parse_uuid(claims.get("client_id"))
    membership_id = parse_uuid(claims.get("membership"))
    scope = claims.get("scope")
    malformed = (
        user_id is None
        or (client_id is None) is not ("client_id" not in claims)
        or (membership_id is None) is not ("membership" not in claims)
        or (client_id is None) is not (membership_id is None)
        or not isinstance(scope, str | None)
        or (client_id is not None and scope is None)
    )
    if malformed or user_id is None:
        raise InvalidToken
    return Claims(
        user_id=user_id,
        token_id=claims["jti"],
        expires_at=float(claims["exp"]),
        client_id=client_id,
        membership_id=membership_id,
        scopes=None if scope is None else frozenset(scope.split()),
    )
