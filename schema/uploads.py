"""Links of documents as payloads show them; a link is made of the row each time, never kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.base.transaction import Transaction
from hub.documents.links import download_link, upload_link
from hub.documents.tables import documents


def upload_shown(tx: Transaction, document: Row[Any]) -> dict[str, Any]:
    """A `DocumentUpload`."""
    link = upload_link(tx.vault, document)
    return {
        "url": link.url,
        "method": link.method,
        "headers": [{"name": "Content-Type", "value": document.media_type}],
        "expiresAt": _local(tx, link.expires_at),
    }


async def upload_again(tx: Transaction, made: Mapping[str, UUID]) -> dict[str, Any]:
    """The same link for whoever announces again under the same key; none once the file has come or is given up."""
    waiting = documents.c.id == made["document"], documents.c.status == "PENDING"
    document = (await tx.execute(select(documents).where(*waiting))).one_or_none()
    return {} if document is None else {"upload": upload_shown(tx, document)}


def link_shown(tx: Transaction, document: Row[Any]) -> dict[str, Any]:
    """A `DocumentLink` for whoever acts."""
    link = download_link(tx.vault, document, tx.now, tx.actor.membership_id, tx.actor.client_id)
    return {"url": link.url, "expiresAt": _local(tx, link.expires_at)}


def paper_shown(tx: Transaction, paper: Row[Any]) -> dict[str, Any]:
    """A `Paper`."""
    return {
        "kind": paper.kind,
        "name": paper.name,
        "mediaType": paper.media_type,
        "sizeBytes": paper.size_bytes,
        "sha256": paper.sha256,
        **link_shown(tx, paper),
    }


def _local(tx: Transaction, instant: datetime) -> str:
    return instant.astimezone(tx.clock.zone).isoformat(timespec="milliseconds")
