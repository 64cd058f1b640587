"""Access tokens: what the hub issues it accepts, and nothing that differs from it in any checked respect."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry

from auth.tokens import Claims, InvalidToken, SigningKeyError, Tokens, fresh_signing_key, parse_uuid

ISSUER = "http://hub.example"
USER, CLIENT, MEMBERSHIP = UUID(int=1), UUID(int=2), UUID(int=3)
KEY_TEXT = fresh_signing_key()
KEY = ECKey.import_key(json.loads(KEY_TEXT))


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(KEY_TEXT, ISSUER)


class AnyHeader(JWSRegistry):
    """Signs whatever header it is given."""

    def check_header(self, header: dict[str, Any]) -> None:
        pass


def made(
    header: dict[str, Any] | None = None,
    claims: dict[str, Any] | None = None,
    without: str = "",
    key: ECKey = KEY,
) -> bytes:
    """A token signed with our own key, differing from ours only as told; `without` names what is left out."""
    now = int(time.time())
    body = {
        "iss": ISSUER,
        "aud": f"{ISSUER}/graphql",
        "sub": str(USER),
        "jti": "x",
        "iat": now,
        "exp": now + 3_600,
    }
    head = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}
    head, body = {**head, **(header or {})}, {**body, **(claims or {})}
    head.pop(without, None)
    body.pop(without, None)
    return jwt.encode(head, body, key, registry=AnyHeader(algorithms=["ES256"]), default_type=None).encode()


def encoded(value: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def test_a_persons_token(tokens: Tokens) -> None:
    claims = tokens.verify(tokens.issue(USER, lifetime_seconds=60).encode())
    assert claims == Claims(user_id=USER, token_id=claims.token_id, expires_at=claims.expires_at)
    assert 58 <= claims.expires_at - time.time() <= 60


def test_a_machine_clients_token(tokens: Tokens) -> None:
    token = tokens.issue(
        USER, lifetime_seconds=60, client_id=CLIENT, membership_id=MEMBERSHIP, scopes=["b", "a"]
    )
    claims = tokens.verify(token.encode())
    assert (claims.user_id, claims.client_id, claims.membership_id) == (USER, CLIENT, MEMBERSHIP)
    assert claims.scopes == {"a", "b"}
    without = tokens.issue(USER, lifetime_seconds=60, client_id=CLIENT, membership_id=MEMBERSHIP, scopes=[])
    assert tokens.verify(without.encode()).scopes == frozenset()


def test_the_test_token_itself_is_accepted(tokens: Tokens) -> None:
    """The control of the refusals below: unchanged, the same construction passes."""
    assert tokens.verify(made()).user_id == USER


NOW = int(time.time())
OTHER = ECKey.generate_key("P-256", parameters={"kid": str(KEY.kid)})
WRONG: dict[str, bytes] = {
    "issuer": made(claims={"iss": "http://evil.example"}),
    "no issuer": made(without="iss"),
    "audience": made(claims={"aud": "http://hub.example/other"}),
    "no audience": made(without="aud"),
    "empty audience": made(claims={"aud": []}),
    "type": made({"typ": "JWT"}),
    "id token type": made({"typ": "id+jwt"}),
    "no type": made(without="typ"),
    "key id": made({"kid": "other"}),
    "no key id": made(without="kid"),
    "expired": made(claims={"exp": NOW - 1}),
    "expires now": made(claims={"exp": int(time.time())}),
    "no expiry": made(without="exp"),
    "expiry as text": made(claims={"exp": str(NOW + 60)}),
    "expiry true": made(claims={"exp": True}),
    "not yet valid": made(claims={"nbf": NOW + 600}),
    "issued later": made(claims={"iat": NOW + 600}),
    "no subject": made(without="sub"),
    "subject is no uuid": made(claims={"sub": "root"}),
    "subject is a number": made(claims={"sub": 1}),
    "no token id": made(without="jti"),
    "client without membership": made(claims={"client_id": str(CLIENT), "scope": ""}),
    "membership without client": made(claims={"membership": str(MEMBERSHIP)}),
    "client without scope": made(claims={"client_id": str(CLIENT), "membership": str(MEMBERSHIP)}),
    "client is no uuid": made(claims={"client_id": "demo", "membership": str(MEMBERSHIP), "scope": ""}),
    "client is null": made(claims={"client_id": None, "membership": None, "scope": ""}),
    "scope is a list": made(claims={"scope": ["a"]}),
    "another's signature": made(key=OTHER),
    "unknown critical header": made({"crit": ["x"], "x": 1}),
    "key in the header": made({"jwk": OTHER.as_dict(private=False)}, key=OTHER),
    "none": encoded({"alg": "none", "typ": "at+jwt", "kid": KEY.kid}) + b"." + made().split(b".")[1] + b".",
    "none with signature": encoded({"alg": "none", "typ": "at+jwt"})
    + b"."
    + b".".join(made().split(b".")[1:]),
    "empty": b"",
    "dots": b"..",
    "one part": b"abc",
    "four parts": made() + b".abc",
    "no signature": made().rsplit(b".", 1)[0] + b".",
    "padding": made() + b"=",
    "not ASCII": "é.é.é".encode(),
    "surrogates": b"\xed\xa0\x80.a.b",
    "huge": b"a." + b"b" * 100_000 + b".c",
    "nested header": base64.urlsafe_b64encode(b"[" * 300).rstrip(b"=")
    + b"."
    + b".".join(made().split(b".")[1:]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_tokens_are_invalid(tokens: Tokens, name: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(WRONG[name])


@pytest.mark.parametrize("algorithm", ["HS256", "hs256", "ES384", "RS256", "EdDSA", "", 1, None, ["ES256"]])
def test_other_algorithms_are_invalid(tokens: Tokens, algorithm: object) -> None:
    """Among them the classic: HMAC with the public key as its secret."""
    head = encoded({"alg": algorithm, "typ": "at+jwt", "kid": KEY.kid}) + b"." + made().split(b".")[1]
    secret = KEY.as_pem(private=False)
    mac = base64.urlsafe_b64encode(hmac.new(secret, head, hashlib.sha256).digest()).rstrip(b"=")
    with pytest.raises(InvalidToken):
        tokens.verify(head + b"." + mac)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_tampered_tokens_are_invalid(tokens: Tokens, part: int) -> None:
    token = made()
    tokens.verify(token)
    parts = token.split(b".")
    middle = len(parts[part]) // 2
    changed = b"A" if parts[part][middle : middle + 1] != b"A" else b"B"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
    with pytest.raises(InvalidToken):
        tokens.verify(b".".join(parts))


@given(
    st.binary(max_size=200) | st.from_regex(rb"[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,90}")
)
def test_junk_is_invalid_and_nothing_else(junk: bytes) -> None:
    with pytest.raises(InvalidToken):
        Tokens(KEY_TEXT, ISSUER).verify(junk)


def test_a_cached_token_expires_all_the_same(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.issue(USER, lifetime_seconds=60).encode()
    tokens.verify(token)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    for _ in range(2):
        with pytest.raises(InvalidToken):
            tokens.verify(token)


def test_a_new_key_ends_old_tokens(tokens: Tokens) -> None:
    old = tokens.issue(USER, lifetime_seconds=60).encode()
    with pytest.raises(InvalidToken):
        Tokens(fresh_signing_key(), ISSUER).verify(old)


def test_published_keys_verify_and_hold_nothing_private(tokens: Tokens) -> None:
    published: Any = tokens.jwks()
    assert [set(key) for key in published["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]
    decoded = jwt.decode(
        tokens.issue(USER, lifetime_seconds=60), KeySet.import_key_set(published), algorithms=["ES256"]
    )
    assert decoded.claims["sub"] == str(USER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "{}",
        "[]",
        json.dumps(KEY.as_dict(private=False)),
        json.dumps({**KEY.as_dict(private=True), "d": "x"}),
        json.dumps(ECKey.generate_key("P-384", auto_kid=True).as_dict(private=True)),
        json.dumps({name: value for name, value in KEY.as_dict(private=True).items() if name != "kid"}),
        KEY_TEXT[:-20],
    ],
)
def test_a_damaged_key_is_told_in_words(text: str) -> None:
    with pytest.raises(SigningKeyError):
        Tokens(text, ISSUER)


@pytest.mark.parametrize(
    "text", ["", "x", "{00000000-0000-0000-0000-000000000001}", "00000000000000000000000000000001", 1, None]
)
def test_only_canonical_uuids(text: object) -> None:
    assert parse_uuid(text) is None
    assert parse_uuid(str(USER)) == USER
