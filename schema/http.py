"""`/graphql` over HTTP: the endpoint in front of everything, written directly against ASGI.

It does what GraphQL over HTTP asks for (negotiation, status codes, GET for queries only) and what the network
needs (bounds, strictness, masking), in this order: method, authentication, reply type, body type, body,
parameters, document, cross-origin check, engine. Nothing of a request is parsed before its sender is known.

Words. What a person can mend or has to wait for (sign in, choose a membership, too large, busy, failed) is said in the
language of Accept-Language, else in Chinese; what only the client's programmer can mend, in English (decision 91).

Statuses. A request that is not a GraphQL request, or from which no operation can be chosen: 400 (or 405, 406, 408,
413, 414, 415). One that fails before execution (syntax, validation, bounds, variables): 400 without `data` in
`application/graphql-response+json`, 200 in `application/json`. Not live: 401. An unexpected error: 500, masked.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from graphql import OperationType

from auth.middleware import Authenticate, MembershipRefused, MembershipRequired
from auth.roles import Viewer
from hub.base.asgi import BodyRefused, ClientGone, Headers, Receive, Scope, Send, headers_of, read_body, reply
from hub.base.errors import Unavailable
from hub.base.limits import MAX_BODY_BYTES, MAX_QUERY_STRING_BYTES
from hub.base.words import message
from schema.documents import Documents, Prepared, RequestErrors, request_error
from schema.negotiation import (
    DEFAULT_LANGUAGE,
    GRAPHQL_JSON,
    LANGUAGES,
    PLAIN_JSON,
    is_cross_origin_with_cookies,
    is_json_utf8,
    preferred_language,
    reply_type,
)
from schema.payload import Malformed, Parameters, from_body, from_query_string

log = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True)
class Reply:
    """An executed operation: `body` is the complete JSON text, `{"data":…}` with any field errors."""

    body: bytes
    status: int = 200


class SessionEnded(Exception):
    """The membership, client or user behind the viewer is no longer live."""


class Engine(Protocol):
    """What executes prepared operations."""

    async def execute(self, prepared: Prepared, variables: Mapping[str, object], viewer: Viewer) -> Reply:
        """Run the operation. Raises RequestErrors (variables), SessionEnded, or Unavailable (database)."""
        ...


@dataclasses.dataclass(frozen=True)
class Answer:
    """What goes back over the wire, in the media type that was negotiated, with the common headers."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


Spoken = Mapping[str, Answer]
"""One answer in each language."""


class Refused(Exception):
    """Ends a request with an answer that is already complete."""

    def __init__(self, answer: Answer | Spoken) -> None:
        self.answer = answer

    def said(self, language: str) -> Answer:
        """The answer in this language, if it has several."""
        return self.answer if isinstance(self.answer, Answer) else self.answer[language]


def errors_body(*errors: Mapping[str, Any]) -> bytes:
    """The JSON text of a result that has only errors (and therefore no `data`)."""
    return json.dumps({"errors": errors}, separators=(",", ":")).encode()


def _constant(status: int, message: str, code: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, errors_body(request_error(message, code)), headers)


def _spoken(status: int, key: str, code: str, *headers: tuple[bytes, bytes], **params: object) -> Spoken:
    """The sentence `error.<key>` in each language."""
    return {
        language: _constant(status, message(f"error.{key}", language, **params), code, *headers)
        for language in LANGUAGES
    }


COMMON_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Accept-Language, Authorization, Hub-Membership"),
    (b"x-content-type-options", b"nosniff"),
)
HEADERS = {
    media: [(b"content-type", f"{media}; charset=utf-8".encode()), *COMMON_HEADERS]
    for media in (GRAPHQL_JSON, PLAIN_JSON)
}
CLOSE = (b"connection", b"close")

UNAUTHENTICATED = _spoken(401, "signed_out", "UNAUTHENTICATED", (b"www-authenticate", b"Bearer"))
MEMBERSHIP_REFUSED = _spoken(403, "membership_refused", "FORBIDDEN")
FOREIGN_ORIGIN = _constant(
    403, "Mutations with cookies are taken from the hub's own pages only.", "FORBIDDEN"
)
METHOD = _constant(405, "Use POST, or GET for queries.", "BAD_REQUEST", (b"allow", b"GET, POST"))
GET_MUTATION = _constant(405, "GET is for queries only. Use POST.", "BAD_REQUEST", (b"allow", b"POST"))
NOT_ACCEPTABLE = _constant(406, f"Accept {GRAPHQL_JSON} or {PLAIN_JSON}.", "BAD_REQUEST")
URI_TOO_LONG = _constant(414, "The query string is too long. Use POST.", "BAD_REQUEST")
BODY_TYPE = _constant(
    415, f"Send the request as {PLAIN_JSON} in UTF-8, not compressed.", "BAD_REQUEST", CLOSE
)
SUBSCRIPTION = _constant(400, "Subscriptions are not answered here.", "BAD_REQUEST")
UNAVAILABLE = _spoken(503, "hub_busy", "UNAVAILABLE", (b"retry-after", b"1"))
BODY_REFUSED: Mapping[int, Answer | Spoken] = {
    400: _constant(400, "The request is malformed.", "BAD_REQUEST", CLOSE),
    408: _constant(408, "The request body took too long.", "BAD_REQUEST", CLOSE),
    413: _spoken(413, "body_too_large", "BAD_REQUEST", CLOSE, limit=MAX_BODY_BYTES),
}


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, documents: Documents, engine: Engine, authenticate: Authenticate) -> None:
        self._documents = documents
        self._engine = engine
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, unless its client hangs up before it is complete."""
        headers = headers_of(scope["headers"])
        media = reply_type(headers.get(b"accept"))
        language = preferred_language(headers.get(b"accept-language")) or DEFAULT_LANGUAGE
        try:
            answer = await self._answer(scope, headers, receive, media)
        except ClientGone:
            return
        except Refused as refused:
            answer = refused.said(language)
        except RequestErrors as failed:
            status = 400 if failed.malformed or media == GRAPHQL_JSON else 200
            answer = Answer(status, errors_body(*failed.errors))
        except Unavailable:
            answer = UNAVAILABLE[language]
        except Exception:  # noqa: BLE001 - the one place where the unexpected becomes a masked answer
            answer = _masked(language)
        await reply(send, answer.status, [*HEADERS[media or PLAIN_JSON], *answer.headers], answer.body)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, media: str | None) -> Answer:
        method: str = scope["method"]
        if method not in ("POST", "GET"):
            raise Refused(METHOD)
        viewer = await self._viewer(headers)
        if media is None:
            raise Refused(NOT_ACCEPTABLE)
        parameters = await _read(scope, headers, receive)
        prepared = self._documents.prepare(parameters.query, parameters.operation_name)
        scope.setdefault("state", {}).update(
            role=str(viewer.role), operation=prepared.type.value, document=prepared.hash[:12]
        )
        self._documents.check_role(prepared, viewer.role)
        if prepared.type is not OperationType.QUERY:
            _refuse_unsafe(prepared.type, method, headers)
        try:
            done = await self._engine.execute(prepared, parameters.variables, viewer)
            return Answer(done.status, done.body)
        except SessionEnded:
            self._authenticate.forget(viewer)
            raise Refused(UNAUTHENTICATED) from None

    async def _viewer(self, headers: Headers) -> Viewer:
        try:
            viewer = await self._authenticate(headers)
        except MembershipRequired as required:
            raise Refused(_choose(required)) from None
        except MembershipRefused:
            raise Refused(MEMBERSHIP_REFUSED) from None
        if viewer is None:
            raise Refused(UNAUTHENTICATED)
        language = preferred_language(headers.get(b"accept-language")) or viewer.language
        if language not in LANGUAGES:
            language = DEFAULT_LANGUAGE
        return viewer if language == viewer.language else dataclasses.replace(viewer, language=language)


async def _read(scope: Scope, headers: Headers, receive: Receive) -> Parameters:
    """The parameters of the request. Raises Refused or ClientGone."""
    try:
        if scope["method"] == "GET":
            query_string: bytes = scope["query_string"]
            if len(query_string) > MAX_QUERY_STRING_BYTES:
                raise Refused(URI_TOO_LONG)
            return from_query_string(query_string)
        if not is_json_utf8(headers.get(b"content-type")) or b"content-encoding" in headers:
            raise Refused(BODY_TYPE)
        return from_body(await read_body(receive, headers, MAX_BODY_BYTES))
    except BodyRefused as refused:
        raise Refused(BODY_REFUSED[refused.status]) from None
    except Malformed as malformed:
        raise Refused(_constant(400, malformed.reason, "BAD_REQUEST")) from None


def _refuse_unsafe(operation: OperationType, method: str, headers: Headers) -> None:
    """Mutations come by POST and from our own pages; subscriptions do not come here at all."""
    if method == "GET":
        raise Refused(GET_MUTATION)
    if operation is OperationType.SUBSCRIPTION:
        raise Refused(SUBSCRIPTION)
    if is_cross_origin_with_cookies(headers):
        raise Refused(FOREIGN_ORIGIN)


def _choose(required: MembershipRequired) -> Spoken:
    """Several memberships and no header: say how to choose, and list the user's own, since no query can yet."""
    extensions = {
        "code": "MEMBERSHIP_REQUIRED",
        "memberships": [dataclasses.asdict(choice) for choice in required.choices],
    }
    return {
        language: Answer(
            400,
            errors_body({"message": message("error.membership_choice", language), "extensions": extensions}),
        )
        for language in LANGUAGES
    }


def _masked(language: str) -> Answer:
    """The answer to an unexpected error: an id that finds the log line, and nothing else of it."""
    error_id = secrets.token_hex(8)
    log.exception("graphql_request_failed", error_id=error_id)
    error = {
        "message": message("error.hub_failed", language),
        "extensions": {"code": "INTERNAL", "errorId": error_id},
    }
    return Answer(500, errors_body(error))
