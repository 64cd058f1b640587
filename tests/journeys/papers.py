"""Files that a journey needs: announced over GraphQL, brought to the signed link over HTTP."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.journeys.running import STREET_CODE, Hub

PDF = "application/pdf"


def scan(title: str) -> bytes:
    """Bytes that begin like a PDF, different for every title."""
    return b"%PDF-1.7\n" + title.encode()


async def stored(hub: Hub, name: str, kind: str, title: str, **changes: Any) -> str:
    """The id of a PDF that somebody has brought, about the street unless `changes` name a community."""
    data = scan(title)
    if "community" not in changes:
        street = (await hub.ask(name, "Street", code=STREET_CODE))["streets"]["nodes"][0]["id"]
        changes = {"street": street, **changes}
    announced = {
        "kind": kind,
        "name": f"{title}.pdf",
        "mediaType": PDF,
        "sizeBytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        **changes,
    }
    answer = (await hub.post(name, "DocumentPrepare", {"input": announced})).json()
    payload = answer["data"]["documentPrepare"]
    assert payload["userErrors"] == [], payload["userErrors"]
    brought = await hub.put(payload["upload"]["url"], data, PDF)
    assert brought.status_code == 200, brought.text
    return payload["document"]["id"]
