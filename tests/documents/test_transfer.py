"""Bytes in and out by signed links: the whole way, every refusal, and that nothing is left of what was refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.base.limits import DOWNLOAD_LINK_SECONDS, MAX_DOCUMENT_BYTES, UPLOAD_LINK_SECONDS
from hub.base.sealed_file import FRAME_BYTES
from hub.documents import transfer
from hub.documents.media import MEDIA_TYPES
from tests import harness
from tests.documents.desk import NAME, OPEN, PREPARE, Desk, bare, sample, told

pytestmark = pytest.mark.anyio

OF_EACH_REQUEST = ("date", "x-request-id")


def same_for_all(reply: httpx2.Response) -> dict[str, str]:
    """The headers of a reply, without those that name the request."""
    return {name: value for name, value in reply.headers.items() if name not in OF_EACH_REQUEST}


DATA = sample()
LINK = (404, "NOT_FOUND")


# ------------------------------------------------------------------------------------------------------- the whole way
async def test_announced_brought_opened_fetched(desk: Desk) -> None:
    for media_type in MEDIA_TYPES:
        await whole_way(desk, media_type)


async def whole_way(desk: Desk, media_type: str) -> None:
    """One file of a type, and everything that is said and kept of it."""
    data = sample(media_type, 2 * FRAME_BYTES + 5)
    found = await desk.prepare("an", data, mediaType=media_type)
    document = found["document"]["id"]
    reply = await desk.put(found["upload"]["url"], data, content_type=media_type)
    assert reply.status_code == 200
    assert reply.json() == {"id": document, "reference": found["document"]["reference"], "status": "STORED"}
    shown = (await desk.node("an", document))["data"]["node"]
    assert (shown["status"], shown["storedAt"], shown["name"]) == (
        "STORED",
        "2026-05-06T09:00:00.000+08:00",
        NAME,
    )
    assert shown["uploadedBy"]["displayName"] == desk.world.viewers["an"].name
    reply = await desk.get(await desk.open("wang", document))
    assert (reply.status_code, reply.content) == (200, data)
    name = f"{found['document']['reference']}.{MEDIA_TYPES[media_type]}"
    assert same_for_all(reply) == {
        "content-type": media_type,
        "content-length": str(len(data)),
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "referrer-policy": "no-referrer",
    }
    assert await desk.events(document) == [
        ("document_prepare", "PARTNER_WORKER", desk.world.viewers["an"].name),
        ("document_store", "PARTNER_WORKER", desk.world.viewers["an"].name),
        ("document_open", "COMMUNITY_WORKER", desk.world.viewers["wang"].name),
    ]


async def test_it_lies_sealed_under_a_name_that_tells_nothing(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    (file,) = desk.files()
    sha256 = (await desk.node("an", document))["data"]["node"]["sha256"]
    street = desk.world.organizations["street"]
    assert file.relative_to(desk.folder) == Path("documents", str(street), sha256[:2], str(bare(document)))
    assert DATA[:20] not in file.read_bytes()
    assert b"xxxxxxxx" not in file.read_bytes()
    assert {path.stat().st_mode & 0o777 for path in desk.files()} == {0o600}
    folders = [path for path in (desk.folder / "documents").rglob("*") if path.is_dir()]
    assert {path.stat().st_mode & 0o777 for path in [desk.folder / "documents", *folders]} == {0o700}
    rows = await harness.run_sql(
        desk.hub.app.server, "select facts::text || coalesce(purpose, '') as told from audit_events"
    )
    assert not [row for row in rows if "签到表" in row["told"]]


async def test_the_largest_file_comes_in_pieces(desk: Desk) -> None:
    data = sample("application/pdf", MAX_DOCUMENT_BYTES)
    found = await desk.prepare("mei", data, mediaType="application/pdf", kind="REPORT")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 700_001):
            yield data[start : start + 700_001]

    headers = {"content-type": "application/pdf"}
    reply = await desk.hub.client.put(found["upload"]["url"], content=pieces(), headers=headers)
    assert reply.status_code == 200, reply.text
    reply = await desk.get(await desk.open("mei", found["document"]["id"]))
    assert reply.content == data


# ------------------------------------------------------------------------------------------------------------ the same
async def test_the_same_bytes_again_are_no_harm_and_others_change_nothing(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    document, url = found["document"]["id"], found["upload"]["url"]
    first = await desk.put(url, DATA)
    (file,) = desk.files()
    kept = file.read_bytes(), file.stat().st_ino
    again = await desk.put(url, DATA)
    assert (again.status_code, again.content) == (200, first.content)
    for other in (sample(fill=b"y"), DATA + b"x", DATA[:-1], sample("image/png"), b""):
        assert told(await desk.put(url, other)) == (409, "CONFLICT")
    assert told(await desk.put(url, DATA, content_type="image/png")) == (409, "CONFLICT")
    assert desk.files() == [file]
    assert (file.read_bytes(), file.stat().st_ino) == kept
    assert [action for action, _, _ in await desk.events(document)] == ["document_prepare", "document_store"]


async def test_twins_are_stored_once(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    replies = await asyncio.gather(*(desk.put(found["upload"]["url"], DATA) for _ in range(4)))
    assert {(reply.status_code, reply.text) for reply in replies} == {(200, replies[0].text)}
    assert len(desk.files()) == 1
    events = await desk.events(found["document"]["id"])
    assert [action for action, _, _ in events] == ["document_prepare", "document_store"]
    reply = await desk.get(await desk.open("an", found["document"]["id"]))
    assert reply.content == DATA


# ------------------------------------------------------------------------------------------------------------- refusals
OTHER_BYTES: list[tuple[bytes, dict[str, str], tuple[int, str]]] = [
    (DATA + b"x", {}, (422, "SIZE_MISMATCH")),
    (DATA[:-1], {}, (422, "SIZE_MISMATCH")),
    (b"", {}, (422, "SIZE_MISMATCH")),
    (sample(fill=b"y"), {}, (422, "SHA256_MISMATCH")),
    (sample("image/png"), {}, (422, "MEDIA_TYPE_MISMATCH")),
    (b"<html>".ljust(len(DATA), b" "), {}, (422, "MEDIA_TYPE_MISMATCH")),
    (DATA, {"content_type": "image/png"}, (422, "MEDIA_TYPE_MISMATCH")),
    (DATA, {"content_type": "text/html; charset=utf-8"}, (422, "MEDIA_TYPE_MISMATCH")),
    (DATA, {"content_length": "1"}, (422, "SIZE_MISMATCH")),
    (DATA, {"content_length": "9" * 5_000}, (422, "SIZE_MISMATCH")),
    (DATA, {"content_length": "-1"}, (422, "SIZE_MISMATCH")),
]


async def test_bytes_that_were_not_announced(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    document, url = found["document"]["id"], found["upload"]["url"]
    for data, headers, refusal in OTHER_BYTES:
        assert told(await desk.put(url, data, **headers)) == refusal
        assert desk.files() == []
        assert await desk.status(document) == "PENDING"
    assert [action for action, _, _ in await desk.events(document)] == ["document_prepare"]
    # They cost nothing but the try.
    assert (await desk.put(url, DATA)).status_code == 200


async def test_too_much_without_a_length_is_not_read_to_the_end(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield DATA
        for _ in range(10_000):
            sent += 1
            yield bytes(1_000)

    reply = await desk.hub.client.put(found["upload"]["url"], content=endless())
    assert told(reply) == (422, "SIZE_MISMATCH")
    assert sent == 1
    assert desk.files() == []


async def test_every_link_that_does_not_hold_is_answered_alike(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    document, url = found["document"]["id"], found["upload"]["url"]
    stored = await desk.store("an", sample(fill=b"y"))
    down = await desk.open("an", stored)
    other = (await desk.prepare("an", sample(fill=b"z")))["upload"]["url"]
    unknown = "01900000-0000-7000-8000-000000000000"
    id_, query = re.fullmatch(r"/documents/(.+)\?(.+)", url).groups()  # type: ignore[union-attr]
    wrong = [
        f"/documents/{unknown}?{query}",
        f"/documents/{id_}?{other.partition('?')[2]}",
        f"/documents/{id_}",
        f"/documents/{id_}?expires=99999999999&signature=forged",
        re.sub(r"expires=\d+", "expires=99999999999", url),
        url.replace("signature=", "signature=x"),
        url + "x",
        url + "&more=1",
        down,
        "/documents/",
        "/documents/junk?" + query,
        f"/documents/document_{id_}?{query}",
    ]
    answers = [await desk.put(each, DATA) for each in wrong]
    answers += [await desk.get(each) for each in [url, *wrong] if each != down]
    desk.hub.clock.instant += timedelta(seconds=UPLOAD_LINK_SECONDS)
    answers.append(await desk.put(url, DATA))
    answers.append(await desk.get(down))
    assert {told(reply) for reply in answers} == {LINK}
    assert len({(reply.content, tuple(sorted(same_for_all(reply).items()))) for reply in answers}) == 1
    assert await desk.status(document) == "PENDING"
    assert len(desk.files()) == 1


async def test_a_refusal_speaks_the_clients_language(desk: Desk) -> None:
    replies = [
        await desk.hub.client.put("/documents/junk", headers={"accept-language": language})
        for language in ("en", "zh-CN", "fr", "")
    ]
    english, chinese, *others = [reply.json()["message"] for reply in replies]
    assert english == "This link is not valid, or no longer. Please ask the hub for a new one."
    assert chinese == "该链接无效或已过期。请在系统中重新获取。"
    assert set(others) == {chinese}


async def test_there_are_two_methods(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    url = await desk.open("an", document)
    for method in ("HEAD", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        for each in (url, "/documents/junk"):
            reply = await desk.hub.client.request(method, each)
            assert (reply.status_code, reply.headers["allow"]) == (405, "GET, PUT")
    assert len(desk.files()) == 1


# ------------------------------------------------------------------------------------- whose membership ends meanwhile
END = (
    """mutation($id: ID!) { membershipEnd(id: $id, reason: "x") { membership { id } userErrors { code } } }"""
)


async def end(desk: Desk, name: str) -> None:
    """Her manager ends her membership."""
    member = f"membership_{desk.world.memberships[name]}"
    assert (await desk.payload("bo", END, id=member))["userErrors"] == []


async def test_i15_a_link_dies_with_the_membership_it_was_made_for(desk: Desk) -> None:
    waiting = await desk.prepare("an", DATA)
    stored = await desk.store("an", sample(fill=b"y"))
    down, other = await desk.open("an", stored), await desk.open("ou", stored)
    await end(desk, "an")
    assert told(await desk.put(waiting["upload"]["url"], DATA)) == LINK
    assert told(await desk.get(down)) == LINK
    assert (await desk.get(other)).status_code == 200, "what she brought stays, for her colleagues"
    assert await desk.status(waiting["document"]["id"]) == "PENDING"
    assert len(desk.files()) == 1


async def test_i15_also_when_it_ends_while_the_bytes_come(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)

    async def pieces() -> AsyncIterator[bytes]:
        yield DATA[:1_000]
        await end(desk, "an")
        yield DATA[1_000:]

    headers = {"content-type": "image/jpeg", "accept-language": "en"}
    reply = await desk.hub.client.put(found["upload"]["url"], content=pieces(), headers=headers)
    assert told(reply) == LINK
    assert desk.files() == []
    assert await desk.status(found["document"]["id"]) == "PENDING"


REGISTER = """mutation($i: ClientRegisterInput!) { clientRegister(input: $i) {
    client { id } secret userErrors { code } } }"""


async def test_i15_a_revoked_client_brings_nothing(desk: Desk) -> None:
    """What a machine announced dies with its registration, though the membership lives on."""
    given = {
        "membership": f"membership_{desk.world.memberships['an']}",
        "name": "签到机",
        "scopes": ["document_prepare", "document_open"],
    }
    registered = await desk.payload("bo", REGISTER, i=given)
    assert registered["userErrors"] == []
    (row,) = await harness.run_sql(desk.hub.app.server, "select id from clients where name = '签到机'")
    form = {
        "grant_type": "client_credentials",
        "client_id": str(row["id"]),
        "client_secret": registered["secret"],
    }
    token = (await desk.hub.client.post("/oauth/token", data=form)).json()["access_token"]

    async def ask(query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        headers = {"authorization": f"Bearer {token}"}
        reply = await desk.hub.client.post("/graphql", json=body, headers=headers)
        return next(iter(reply.json()["data"].values()))

    other = sample(fill=b"y")
    first, second = [await ask(PREPARE, i=desk.announced(data)) for data in (DATA, other)]
    assert (await desk.put(first["upload"]["url"], DATA)).status_code == 200
    query = "select distinct client_id from audit_events where subject_id = $1"
    events = await harness.run_sql(desk.hub.app.server, query, bare(first["document"]["id"]))
    assert [each["client_id"] for each in events] == [row["id"]]
    link = (await ask(OPEN, id=first["document"]["id"]))["link"]["url"]
    assert (await desk.get(link)).status_code == 200
    await harness.run_sql(desk.hub.app.server, "update clients set revoked_at = '2026-05-06'")
    assert told(await desk.put(second["upload"]["url"], other)) == LINK
    assert told(await desk.get(link)) == LINK


# -------------------------------------------------------------------------------------------------------- who may open
async def test_whose_it_is_may_open(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    end = desk.world.now + timedelta(seconds=DOWNLOAD_LINK_SECONDS)
    for name in ("an", "ou", "bo", "wang", "mei"):
        desk.hub.clock.instant = desk.world.now
        found = await desk.payload(name, OPEN, id=document)
        assert found["link"]["expiresAt"] == end.astimezone(desk.hub.clock.zone).isoformat(
            timespec="milliseconds"
        )
        url = found["link"]["url"]
        assert (await desk.get(url)).content == DATA
        desk.hub.clock.instant = end - timedelta(seconds=1)
        assert (await desk.get(url)).content == DATA, "more than once"
        desk.hub.clock.instant = end
        assert told(await desk.get(url)) == LINK
    assert [action for action, _, _ in await desk.events(document)].count("document_open") == 5


async def test_strangers_find_nothing_to_open(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    unknown = "document_01900000-0000-7000-8000-000000000000"
    for name in ("kai", "lin", "xia", "li"):
        answers = [(await desk.ask(name, OPEN, id=each)).text for each in (document, unknown, "junk")]
        assert len(set(answers)) == 1
        found = await desk.payload(name, OPEN, id=document)
        assert (found["link"], [one["code"] for one in found["userErrors"]]) == (None, ["NOT_FOUND"])
        assert (await desk.node(name, document))["data"]["node"] is None
    assert "document_open" not in [action for action, _, _ in await desk.events(document)]


async def test_some_roles_open_nothing(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    for name in ("zhao", "qian", "sun", "shen", "root"):
        reply = await desk.ask(name, OPEN, id=document)
        assert (reply.body["data"], [code for code, _ in reply.codes]) == (
            {"documentOpen": None},
            ["FORBIDDEN"],
        )
    assert "document_open" not in [action for action, _, _ in await desk.events(document)]


async def test_what_has_not_come_cannot_be_opened(desk: Desk) -> None:
    document = (await desk.prepare("an", DATA))["document"]["id"]
    found = await desk.payload("an", OPEN, id=document)
    assert [(one["code"], one["path"]) for one in found["userErrors"]] == [("WRONG_STATE", ["id"])]
    assert "Not yet uploaded" in found["userErrors"][0]["message"]


# --------------------------------------------------------------------------------------------------------------- masks
async def test_whoever_needs_no_name_sees_what_a_file_is_and_not_what_it_is_called(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    for name in ("zhao", "qian", "shen"):
        body = await desk.node(name, document)
        assert NAME not in str(body)
        shown = body["data"]["node"]
        assert (shown["status"], shown["sizeBytes"], shown["kind"]) == ("STORED", len(DATA), "SIGN_IN_SHEET")
        assert (shown["name"], shown["uploadedBy"]) == (None, None)
        assert {tuple(error["path"]) for error in body["errors"]} == {
            ("node", "name"),
            ("node", "uploadedBy"),
        }
    assert await desk.node("root", document) == {"data": {"node": None}}


async def test_finance_brings_what_it_does_not_read_by_name(desk: Desk) -> None:
    data = sample("application/pdf")
    place = {"community": None, "street": desk.place("street", "street")}
    document = await desk.store("qian", data, mediaType="application/pdf", kind="INVOICE", **place)
    assert (await desk.node("qian", document))["data"]["node"]["name"] is None
    assert (await desk.get(await desk.open("mei", document))).content == data


# ------------------------------------------------------------------------------------------------ what goes wrong below
async def request(desk: Desk, url: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A PUT in raw ASGI, of these events; what is sent back."""
    path, _, query = url.partition("?")
    scope = {
        "type": "http",
        "method": "PUT",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"content-type", b"image/jpeg")],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not events:
            await asyncio.sleep(60)
        return events.pop(0)

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await desk.hub.app(scope, receive, send)
    return sent


async def test_who_hangs_up_leaves_nothing_behind(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    begun = {"type": "http.request", "body": DATA[:2_000], "more_body": True}
    for events in ([{"type": "http.disconnect"}], [begun, {"type": "http.disconnect"}]):
        assert await request(desk, found["upload"]["url"], list(events)) == []
        assert desk.files() == []
    assert await desk.status(found["document"]["id"]) == "PENDING"


async def test_who_is_cancelled_leaves_nothing_behind(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    begun = {"type": "http.request", "body": DATA[:2_000], "more_body": True}
    upload = asyncio.create_task(request(desk, found["upload"]["url"], [begun]))
    while not desk.files():
        await asyncio.sleep(0.01)
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert desk.files() == []


async def test_who_is_too_slow_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MAX_TRANSFER_SECONDS", 0.2)
    found = await desk.prepare("an", DATA)
    begun = {"type": "http.request", "body": DATA[:2_000], "more_body": True}
    start, body = await request(desk, found["upload"]["url"], [begun])
    assert start["status"] == 408
    assert b'"TIMEOUT"' in body["body"]
    assert desk.files() == []


async def test_a_disk_that_takes_nothing_is_said_and_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await desk.prepare("an", DATA)
    url = found["upload"]["url"]
    for name in ("draft", "keep"):
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr(transfer.Archive, name, full)
            assert told(await desk.put(url, DATA)) == (503, "UNAVAILABLE")
        assert desk.files() == []
        assert await desk.status(found["document"]["id"]) == "PENDING"
    assert (await desk.put(url, DATA)).status_code == 200


async def test_a_file_that_is_gone_or_changed_is_not_half_an_answer(desk: Desk) -> None:
    document = await desk.store("an", DATA)
    url = await desk.open("an", document)
    (file,) = desk.files()
    sealed = file.read_bytes()
    for broken in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b""):
        file.write_bytes(broken)
        assert told(await desk.get(url)) == (503, "UNAVAILABLE")
    file.unlink()
    assert told(await desk.get(url)) == (503, "UNAVAILABLE")


async def test_a_file_that_was_left_by_a_lost_commit_serves_the_next_try(desk: Desk) -> None:
    """The link to its place comes before the commit; a commit that is lost leaves the file, sealed and whole."""
    found = await desk.prepare("an", DATA)
    document, url = found["document"]["id"], found["upload"]["url"]
    assert (await desk.put(url, DATA)).status_code == 200
    (file,) = desk.files()
    inode = file.stat().st_ino
    async with harness.connect_as(desk.hub.app.server, "admin") as connection:
        await connection.execute("set session_replication_role = replica")
        undone = "update documents set status = 'PENDING', stored_at = null where id = $1"
        await connection.execute("alter table documents disable trigger documents_immutable")
        await connection.execute(undone, bare(document))
        await connection.execute("alter table documents enable always trigger documents_immutable")
    assert (await desk.put(url, DATA)).status_code == 200
    assert desk.files() == [file]
    assert file.stat().st_ino == inode
    assert (await desk.get(await desk.open("an", document))).content == DATA
