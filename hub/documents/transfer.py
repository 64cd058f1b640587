"""`PUT` and `GET /documents/<id>`: the two requests that move a document's bytes. The link is the right; no token.

A link that is unknown, forged, over, for another act, or whose membership has ended is one answer in the same words
(I14). What is refused says `{code, message}`, and never a file's name. Nothing beyond the announced size is read, a
piece at a time is in memory, and what is not stored in the end leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import structlog
from anyio.to_thread import run_sync
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.roles import Duty, Role, Viewer
from hub.base.asgi import ClientGone, Headers, Receive, Scope, Send, headers_of, reply
from hub.base.clock import Clock
from hub.base.engine import LOST
from hub.base.errors import HubError
from hub.base.ids import Ids
from hub.base.limits import MAX_TRANSFER_SECONDS
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.base.words import FALLBACK, message
from hub.documents.archive import Archive, Draft
from hub.documents.commands import document_store
from hub.documents.links import DOWNLOAD, UPLOAD, holds, presented
from hub.documents.media import MEDIA_TYPES, PAPER_TYPES
from hub.documents.rules import Announced, Arrival, Mismatch

log = structlog.get_logger(__name__)

BUSY = ("40001", "40P01", "55P03", "57014")
"""SQLSTATEs of a transaction that had to give way to another: trying again helps."""

_FOUND = """
select d.id, d.reference, d.status, d.media_type, d.size_bytes, d.sha256, d.street_id as place_id, d.client_id,
       m.id as membership_id, m.role, m.duty, m.user_id, m.organization_id, m.district_id, m.street_id,
       m.community_id, m.partner_id, m.display_name,
       hub_live(coalesce($2::uuid, m.id), case when $2::uuid is null then d.client_id else $3::uuid end, $4) as live
  from documents d
  join memberships m on m.id = d.uploaded_by_id
 where d.id = $1
"""
"""A document with whoever announced it, and whether the one the link was made for may still act."""

_PAPER = """
select p.id, p.name, p.media_type, p.size_bytes, p.sha256, p.street_id as place_id,
       hub_live(p.made_by_id, p.client_id, $4) as live
  from papers p
 where p.id = $1 and p.made_by_id = $2 and p.client_id is not distinct from $3::uuid
"""
"""A paper, for whom it was made."""


class Refused(Exception):
    """Ends a request. `key` names the sentence, `error.<key>`."""

    def __init__(self, status: int, code: str, key: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(code)
        self.status, self.code, self.key, self.headers = status, code, key, headers


CLOSE = (b"connection", b"close")
RETRY = (b"retry-after", b"5")
LINK = (404, "NOT_FOUND", "link_refused")
METHOD = (405, "METHOD_NOT_ALLOWED", "link_method", (b"allow", b"GET, PUT"))
SLOW = (408, "TIMEOUT", "upload_slow", CLOSE)
DIFFERS = (409, "CONFLICT", "upload_differs")
MISMATCHES: Mapping[str, tuple[int, str, str]] = {
    "size": (422, "SIZE_MISMATCH", "upload_size"),
    "media_type": (422, "MEDIA_TYPE_MISMATCH", "upload_media_type"),
    "sha256": (422, "SHA256_MISMATCH", "upload_sha256"),
}
UNAVAILABLE = (503, "UNAVAILABLE", "unavailable", RETRY)
"""Status, code, sentence, headers. Only who is too slow is cut off: a connection that is closed while bytes still come
is reset, and the client never reads why; left open, the server passes over what still comes."""

COMMON_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
JSON_HEADERS = [(b"content-type", b"application/json; charset=utf-8"), *COMMON_HEADERS]
FILE_HEADERS = [
    (b"cache-control", b"private, no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"referrer-policy", b"no-referrer"),
]


@dataclasses.dataclass(frozen=True)
class Found:
    """A document that a valid link leads to, or a paper, which nobody uploads."""

    row: Any
    uploader: Viewer | None
    archive: Archive

    @property
    def stored(self) -> bool:
        """Whether its bytes are here."""
        return self.uploader is None or self.row["status"] == "STORED"

    @property
    def names(self) -> str:
        """What the file is called where it is saved: a document neutrally, a paper by what it is about."""
        row = self.row
        if self.uploader is not None:
            return f'filename="{row["reference"]}.{MEDIA_TYPES[row["media_type"]]}"'
        return f"filename=\"paper.{PAPER_TYPES[row['media_type']]}\"; filename*=UTF-8''{quote(row['name'])}"

    @property
    def announced(self) -> Announced:
        """What its bytes are to be."""
        return Announced(self.row["size_bytes"], self.row["sha256"], self.row["media_type"])


class DocumentEndpoint:
    """The ASGI application behind `/documents/`. `pool` is SYSTEM's, `writer` that of commands."""

    def __init__(
        self,
        pool: Any,
        writer: AsyncEngine,
        archive: Archive,
        papers: Archive,
        vault: Vault,
        clock: Clock,
        ids: Ids,
        language_of: Callable[[bytes | None], str | None],
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._archive = archive
        self._papers = papers
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._language_of = language_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, unless its client hangs up before it is complete."""
        headers = headers_of(scope["headers"])
        try:
            if scope["method"] == UPLOAD:
                answer = await self._take(scope, headers, receive)
            elif scope["method"] == DOWNLOAD:
                found, pieces = await self._open(scope)
                return await _give(found, pieces, send)
            else:
                raise Refused(*METHOD)
        except ClientGone:
            return None
        except Refused as refused:
            language = self._language_of(headers.get(b"accept-language")) or FALLBACK
            told = {"code": refused.code, "message": message(f"error.{refused.key}", language)}
            body = json.dumps(told, ensure_ascii=False).encode()
            return await reply(send, refused.status, [*JSON_HEADERS, *refused.headers], body)
        return await reply(send, 200, JSON_HEADERS, answer)

    # ---- what both begin with ----

    async def _found(self, scope: Scope) -> Found:
        """The document of the request's link. Raises Refused: LINK for whatever is wrong with it, or UNAVAILABLE."""
        claimed = presented(scope["method"], scope["path"], scope["query_string"])
        if claimed is None:
            raise Refused(*LINK)
        right = claimed.right
        asked = right.document_id, right.member_id, right.client_id, self._clock.today()
        paper = None
        try:
            row = await self._pool.fetchrow(_FOUND, *asked)
            if row is None and right.method == DOWNLOAD:
                row = paper = await self._pool.fetchrow(_PAPER, *asked)
        except LOST as error:
            log.warning("document_without_database", error=type(error).__name__)
            raise Refused(*UNAVAILABLE) from None
        if row is None or not row["live"]:
            raise Refused(*LINK)
        if not holds(self._vault, claimed, row["sha256"], row["size_bytes"], self._clock.now()):
            raise Refused(*LINK)
        return Found(row, None, self._papers) if paper else Found(row, _uploader(row), self._archive)

    # ---- in ----

    async def _take(self, scope: Scope, headers: Headers, receive: Receive) -> bytes:
        found = await self._found(scope)
        if found.row["status"] not in ("PENDING", "STORED"):
            raise Refused(*LINK)
        try:
            _check_headers(headers, found.announced)
            if found.stored:
                await self._compare(found, receive)
            else:
                await self._store(found, receive)
        except Mismatch as mismatch:
            raise Refused(*(DIFFERS if found.stored else MISMATCHES[mismatch.what])) from None
        told = {"id": f"document_{found.row['id']}", "reference": found.row["reference"], "status": "STORED"}
        return json.dumps(told).encode()

    async def _compare(self, found: Found, receive: Receive) -> None:
        """The same again: it is read to the end, and nothing is written."""
        arrival = Arrival(found.announced)

        async def take(data: bytes) -> None:
            arrival.add(data)

        await _hand_on(receive, take)
        arrival.finish()

    async def _store(self, found: Found, receive: Receive) -> None:
        arrival = Arrival(found.announced)
        try:
            # Not in a thread: a request that is cancelled meanwhile would leave a draft that nobody knows of.
            draft = self._archive.draft(found.row["id"])
            try:

                async def take(data: bytes) -> None:
                    arrival.add(data)
                    await run_sync(draft.add, data)

                await _hand_on(receive, take)
                arrival.finish()
                await run_sync(draft.finish)
                await self._keep(found, draft)
            finally:
                draft.discard()
        except OSError as error:  # the disk, or a database that cannot be reached
            log.error("document_not_stored", document=str(found.row["id"]), error=type(error).__name__)
            raise Refused(*UNAVAILABLE) from None

    async def _keep(self, found: Found, draft: Draft) -> None:
        """Row and file together. The file comes last, under the row's lock: whatever is refused before leaves none.

        Should the commit itself fail, a file without a STORED row stays: the next try finds it, with the same bytes.
        """
        row, uploader = found.row, found.uploader
        if uploader is None:  # nobody uploads a paper
            raise Refused(*LINK)
        place = self._archive.place(row["place_id"], row["sha256"], row["id"])
        try:
            async with transaction(self._writer, uploader, self._clock, self._ids, self._vault) as tx:
                await document_store(tx, row["id"])
                await run_sync(self._archive.keep, draft, place)
        except HubError:  # the membership ended meanwhile, or the document expired
            raise Refused(*LINK) from None
        except DBAPIError as error:
            cause: Any = getattr(error.orig, "__cause__", None)
            if not error.connection_invalidated and getattr(cause, "sqlstate", None) not in BUSY:
                raise
            log.warning("document_not_stored", document=str(row["id"]), error=type(error).__name__)
            raise Refused(*UNAVAILABLE) from None

    # ---- out ----

    async def _open(self, scope: Scope) -> tuple[Found, Generator[bytes]]:
        """The document and its plain bytes, the first piece read: so that a broken file is not half an answer."""
        found = await self._found(scope)
        if not found.stored:
            raise Refused(*LINK)
        row, archive = found.row, found.archive
        place = archive.place(row["place_id"], row["sha256"], row["id"])
        pieces = archive.read(place, row["id"])
        try:
            first = await run_sync(next, pieces, b"")
        except (OSError, ValueError) as error:
            log.error("document_unreadable", document=str(row["id"]), error=type(error).__name__)
            raise Refused(*UNAVAILABLE) from None
        return found, _before(first, pieces)


def _check_headers(headers: Headers, wanted: Announced) -> None:
    """Raise Mismatch for what is wrong before a byte of the body is read."""
    length = headers.get(b"content-length")
    if length is not None and length != str(wanted.size_bytes).encode():
        raise Mismatch("size")
    said = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if said not in (b"", wanted.media_type.encode()):
        raise Mismatch("media_type")


async def _hand_on(receive: Receive, take: Callable[[bytes], Awaitable[None]]) -> None:
    """The body, piece by piece, to whoever takes it. Raises ClientGone, and Refused when it takes too long."""
    try:
        async with asyncio.timeout(MAX_TRANSFER_SECONDS):
            more = True
            while more:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise ClientGone
                more = event.get("more_body", False)
                if data := event.get("body", b""):
                    await take(data)
    except TimeoutError:
        raise Refused(*SLOW) from None


def _before(first: bytes, rest: Iterator[bytes]) -> Generator[bytes]:
    yield first
    yield from rest


async def _give(found: Found, pieces: Generator[bytes], send: Send) -> None:
    """The file. A client that hangs up is no error; one that reads too slowly is left."""
    row = found.row
    headers = [
        (b"content-type", row["media_type"].encode()),
        (b"content-length", str(row["size_bytes"]).encode()),
        (b"content-disposition", f"attachment; {found.names}".encode()),
        *FILE_HEADERS,
    ]
    with contextlib.suppress(OSError), contextlib.closing(pieces):  # a timeout is an OSError too
        async with asyncio.timeout(MAX_TRANSFER_SECONDS):
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while piece := await run_sync(next, pieces, b""):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


def _uploader(row: Any) -> Viewer:
    """Whoever announced the document, as she acts now. What her client may do was asked when it was announced."""
    return Viewer(
        role=Role(row["role"]),
        user_id=row["user_id"],
        membership_id=row["membership_id"],
        organization_id=row["organization_id"],
        district_id=row["district_id"],
        street_id=row["street_id"],
        community_id=row["community_id"],
        partner_id=row["partner_id"],
        duty=None if row["duty"] is None else Duty(row["duty"]),
        client_id=row["client_id"],
        name=row["display_name"],
    )
