"""Documents of the planted world: of two partners, of a community and of streets, in two districts, brought or not."""

from __future__ import annotations

import hashlib
from typing import Any

from hub.documents.commands import document_open, document_prepare, document_store
from tests.policy.author import Author


async def evidence(author: Author) -> None:
    """One that has come and one that has not, of each kind of place and of everybody who may announce one."""
    author.day(-1)
    await announce(author, "active", "an", "a1")
    await announce(author, "manager", "bo", "a1", kind="REPORT")
    await announce(author, "helped", "kai", "a2")
    await announce(author, "community", "wang", "a1", kind="PHOTO")
    await announce(author, "neighbour", "li", "a2", kind="PHOTO")
    await announce(author, "station", "mei", "a2", kind="SIGNATURE")
    await announce(author, "street", "mei", "a", kind="CONTRACT")
    await announce(author, "invoice", "qian", "a", kind="INVOICE")
    await announce(author, "other_street", "ban", "b1")
    await announce(author, "far", "cui", "c1")
    await announce(author, "far_street", "cen", "c", kind="BANK_SLIP")
    await announce(author, "waiting", "ou", "a1", stored=False)
    await author.do("wang", document_open, author.world.documents["active"])


async def announce(
    author: Author, key: str, who: str, at: str, *, kind: str = "SIGN_IN_SHEET", stored: bool = True
) -> None:
    """Its bytes need not exist for anybody to read the row; their hash is made of its name."""
    place, name = author.world.places[at], f"{author.mark()}.jpg"
    said: dict[str, Any] = {"kind": kind, "name": name, "media_type": "image/jpeg", "size_bytes": 100}
    where = (place, None) if len(at) > 1 else (None, place)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    row = await author.do(
        who, document_prepare, *where, sha256=sha256, captured_at=author.clock.now(), **said
    )
    if stored:
        await author.do(who, document_store, row.id)
    author.world.documents[key] = row.id
