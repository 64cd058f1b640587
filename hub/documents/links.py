"""Signed links: the right to bring or to fetch one document, for minutes, without a token.

The signature covers method, document, end, size, SHA-256 and, for fetching, who opened it; so a link for one act does
not serve for another, and it dies with the membership (and the client) that asked for it. It is not stored: whoever
announced a document gets the same link again from its row.
"""

from __future__ import annotations

import dataclasses
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from auth.tokens import parse_uuid
from hub.base.limits import DOWNLOAD_LINK_SECONDS, MAX_LINK_CHARS
from hub.base.seal import Vault

PREFIX = "/documents/"
UPLOAD, DOWNLOAD = "PUT", "GET"
PARAMETERS = frozenset(("expires", "signature", "member", "client"))


@dataclasses.dataclass(frozen=True)
class Right:
    """What a link allows. `member_id` and `client_id` are set for fetching: who asked for it."""

    method: str
    document_id: UUID
    expires: int  # seconds since the epoch
    member_id: UUID | None = None
    client_id: UUID | None = None


@dataclasses.dataclass(frozen=True)
class Link:
    """A right as it is handed out."""

    url: str  # a path under the hub
    method: str
    expires_at: datetime


@dataclasses.dataclass(frozen=True)
class Presented:
    """A right as somebody claims to have it."""

    right: Right
    signature: str


def upload_link(vault: Vault, document: Any) -> Link:
    """The link by which the announced document is brought, until the end that its row names."""
    right = Right(UPLOAD, document.id, int(document.upload_until_at.timestamp()))
    return _link(vault, right, document)


def download_link(
    vault: Vault, document: Any, now: datetime, member_id: UUID | None, client_id: UUID | None
) -> Link:
    """The link by which whoever has just opened the document fetches it."""
    end = int((now + timedelta(seconds=DOWNLOAD_LINK_SECONDS)).timestamp())
    return _link(vault, Right(DOWNLOAD, document.id, end, member_id, client_id), document)


def presented(method: str, path: str, query: bytes) -> Presented | None:
    """The right that a request claims; None when it is not even the shape of one."""
    document_id = parse_uuid(path.removeprefix(PREFIX))
    if document_id is None or len(query) > MAX_LINK_CHARS:
        return None
    try:
        pairs = parse_qsl(query.decode("ascii"), strict_parsing=True, max_num_fields=len(PARAMETERS))
    except ValueError:
        return None
    told = dict(pairs)
    member_id, client_id = parse_uuid(told.get("member")), parse_uuid(told.get("client"))
    malformed = (
        len(told) != len(pairs)
        or not set(told) <= PARAMETERS
        or (member_id is None) is ("member" in told)
        or (client_id is None) is ("client" in told)
    )
    expires = told.get("expires", "")
    if malformed or not (expires.isdecimal() and expires.isascii() and len(expires) <= 12):
        return None
    right = Right(method, document_id, int(expires), member_id, client_id)
    return Presented(right, told.get("signature", ""))


def holds(vault: Vault, claimed: Presented, sha256: str, size_bytes: int, now: datetime) -> bool:
    """Whether the hub gave this right for this document, and its time is not over."""
    genuine = vault.signature(_spelled(claimed.right, sha256, size_bytes)).encode()
    return (
        hmac.compare_digest(genuine, claimed.signature.encode()) and now.timestamp() < claimed.right.expires
    )


def _link(vault: Vault, right: Right, document: Any) -> Link:
    said = {"expires": right.expires, "member": right.member_id, "client": right.client_id}
    said["signature"] = vault.signature(_spelled(right, document.sha256, document.size_bytes))
    query = urlencode({name: value for name, value in said.items() if value is not None})
    end = datetime.fromtimestamp(right.expires, UTC)
    return Link(f"{PREFIX}{right.document_id}?{query}", right.method, end)


def _spelled(right: Right, sha256: str, size_bytes: int) -> str:
    """What is signed. No part can hold the separator, so no two rights are spelled alike."""
    parts = (right.method, right.document_id, right.expires, right.member_id, right.client_id)
    return "\n".join(str(part) for part in ("document", *parts, sha256, size_bytes))
