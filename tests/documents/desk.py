"""The way of a file, step by step: announced over GraphQL, brought and fetched by signed links, each as somebody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from tests import harness
from tests.schema.asking import Answer, Hub, gid
from tests.world import World

ERRORS = "userErrors { code message path }"
UPLOAD = "upload { url method headers { name value } expiresAt }"
SHOWN = "id reference kind mediaType sizeBytes sha256 status capturedAt storedAt"
PREPARE = (
    "mutation($i: DocumentPrepareInput!, $k: String) { documentPrepare(input: $i, idempotencyKey: $k) {"
    f" document {{ {SHOWN} }} {UPLOAD} {ERRORS} }} }}"
)
OPEN = f"mutation($id: ID!) {{ documentOpen(id: $id) {{ link {{ url expiresAt }} {ERRORS} }} }}"
NODE = f"query($id: ID!) {{ node(id: $id) {{ ... on Document {{ {SHOWN} name uploadedBy {{ displayName }} }} }} }}"

NAME = "王奶奶 签到表.jpg"
HEADS = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\r",
    "image/webp": b"RIFF\x00\x01\x00\x00WEBP",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3",
}


def sample(media_type: str = "image/jpeg", size: int = 3_000, fill: bytes = b"x") -> bytes:
    """Bytes that begin like a file of the type."""
    return HEADS[media_type].ljust(size, fill)


class Desk:
    """A hub with a data folder of its own, and the cast at it."""

    def __init__(self, hub: Hub, world: World, folder: Path) -> None:
        self.hub, self.world, self.folder = hub, world, folder

    def announced(self, data: bytes, /, **changes: Any) -> dict[str, Any]:
        """What `documentPrepare` is told of these bytes: about 七里沟, unless `changes` say otherwise."""
        said = {
            "kind": "SIGN_IN_SHEET",
            "name": NAME,
            "mediaType": "image/jpeg",
            "sizeBytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "capturedAt": "2026-05-06T08:30:00+08:00",
            "community": self.place("七里沟"),
        }
        return {**said, **changes}

    def place(self, name: str, tag: str = "community") -> str:
        """The global id of an organization."""
        return gid(tag, self.world.organizations[name])

    async def ask(self, name: str, query: str, **variables: Any) -> Answer:
        """Any request, as somebody."""
        return await self.hub.ask(self.world.viewers[name], query, variables)

    async def payload(self, name: str, query: str, **variables: Any) -> Any:
        """The payload of a mutation; None when the role may not do it at all."""
        (found,) = (await self.ask(name, query, **variables)).body["data"].values()
        return found

    async def prepare(self, who: str, data: bytes, /, **changes: Any) -> Any:
        """A payload that must have no errors."""
        found = await self.payload(who, PREPARE, i=self.announced(data, **changes))
        assert found["userErrors"] == []
        return found

    async def refused(self, who: str, data: bytes, /, **changes: Any) -> list[tuple[str, list[str]]]:
        """Code and path of each reason why nothing was announced."""
        found = await self.payload(who, PREPARE, i=self.announced(data, **changes))
        assert (found["document"], found["upload"]) == (None, None)
        assert not [one for one in found["userErrors"] if NAME in one["message"]]
        return [(one["code"], one["path"]) for one in found["userErrors"]]

    async def put(self, url: str, data: bytes, **headers: str) -> httpx2.Response:
        """The bytes, to a link; without any token."""
        sent = {"content-type": "image/jpeg", "accept-language": "en"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.hub.client.put(url, content=data, headers=sent)

    async def get(self, url: str) -> httpx2.Response:
        """What a link leads to; without any token."""
        return await self.hub.client.get(url, headers={"accept-language": "en"})

    async def store(self, who: str, data: bytes, /, **changes: Any) -> str:
        """The id of a document that has come the whole way."""
        found = await self.prepare(who, data, **changes)
        reply = await self.put(found["upload"]["url"], data, content_type=found["document"]["mediaType"])
        assert reply.status_code == 200, reply.text
        return found["document"]["id"]

    async def open(self, name: str, document: str) -> str:
        """A link to fetch it."""
        found = await self.payload(name, OPEN, id=document)
        assert found["userErrors"] == []
        return found["link"]["url"]

    async def node(self, name: str, document: str) -> Any:
        """The document as somebody reads it; the whole body."""
        return (await self.ask(name, NODE, id=document)).body

    async def status(self, document: str) -> str:
        """Its state, whoever may see it."""
        query = "select status from documents where id = $1"
        return (await harness.run_sql(self.hub.app.server, query, bare(document)))[0]["status"]

    async def events(self, document: str) -> list[tuple[str, str, str]]:
        """Its audit trail: action, role, name."""
        query = "select action, actor_role, actor_name from audit_events where subject_id = $1 order by id"
        return [tuple(row) for row in await harness.run_sql(self.hub.app.server, query, bare(document))]  # type: ignore[misc]

    def files(self) -> list[Path]:
        """Everything that lies in the folder of documents, drafts too."""
        return sorted(self._walk(self.folder / "documents"))

    def _walk(self, folder: Path) -> Iterator[Path]:
        for path in folder.iterdir():
            if path.is_dir():
                yield from self._walk(path)
            else:
                yield path


def bare(global_id: str) -> UUID:
    """The uuid inside a global id."""
    return UUID(global_id.rpartition("_")[2])


def told(reply: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal; it names no file, in whatever words."""
    body = reply.json()
    assert set(body) == {"code", "message"}
    assert "王奶奶" not in reply.text
    return reply.status_code, body["code"]
