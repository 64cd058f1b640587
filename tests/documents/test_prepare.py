"""Announcing a file: who may, for which places, what is refused, and the same again under the same key."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.base.db import Server
from hub.base.limits import MAX_DOCUMENT_BYTES, MAX_TRANSFER_SECONDS, UPLOAD_LINK_SECONDS
from hub.settings import Settings
from tests import harness
from tests.agreements.office import Office
from tests.documents.desk import NAME, PREPARE, Desk, bare, sample, told
from tests.policy.unchanged import fingerprint

pytestmark = pytest.mark.anyio
DATA = sample()
NOT_FOUND = [("NOT_FOUND", ["input", "community"])]


async def test_an_announced_file_waits_for_its_bytes(desk: Desk) -> None:
    found = await desk.prepare("an", DATA)
    document, upload = found["document"], found["upload"]
    assert document == {
        "id": document["id"],
        "reference": document["reference"],
        "kind": "SIGN_IN_SHEET",
        "mediaType": "image/jpeg",
        "sizeBytes": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
        "status": "PENDING",
        "capturedAt": "2026-05-06T08:30:00.000+08:00",
        "storedAt": None,
    }
    assert document["reference"].startswith("E-2026-")
    assert upload["url"].startswith(f"/documents/{bare(document['id'])}?expires=")
    assert (upload["method"], upload["headers"]) == (
        "PUT",
        [{"name": "Content-Type", "value": "image/jpeg"}],
    )
    end = desk.world.now + timedelta(seconds=UPLOAD_LINK_SECONDS)
    assert datetime.fromisoformat(upload["expiresAt"]) == end
    assert desk.files() == []
    assert await desk.events(document["id"]) == [
        ("document_prepare", "PARTNER_WORKER", desk.world.viewers["an"].name)
    ]


MAY = (
    *(("an", "七里沟"), ("bo", "七里沟"), ("wang", "七里沟"), ("mei", "三官庙")),
    *(("mei", "street"), ("qian", "street"), ("sun", "street"), ("an", "street")),
)


async def test_who_has_to_do_with_a_place_may(desk: Desk) -> None:
    query = """select d.partner_id, d.community_id, d.street_id, d.uploaded_by_id, d.name
                 from documents d where d.id = $1"""
    for name, at in MAY:
        street = {"community": None, "street": desk.place(at, "street")}
        where = street if at == "street" else {"community": desk.place(at)}
        document = (await desk.prepare(name, DATA, **where))["document"]
        (row,) = await harness.run_sql(desk.hub.app.server, query, bare(document["id"]))
        viewer, places = desk.world.viewers[name], desk.world.organizations
        community = None if at == "street" else places[at]
        assert tuple(row) == (viewer.partner_id, community, places["street"], viewer.membership_id, NAME)


async def test_other_roles_may_not(desk: Desk, world_database: Server) -> None:
    before = await fingerprint(world_database)
    for name in ("zhao", "shen", "root"):
        assert await desk.payload(name, PREPARE, i=desk.announced(DATA)) is None
    assert await fingerprint(world_database) == before


async def test_a_place_one_has_nothing_to_do_with_is_not_there(desk: Desk, world_database: Server) -> None:
    """The same answer as for an id that nobody has, and for one of another kind."""
    before = await fingerprint(world_database)
    unknown = "community_01900000-0000-7000-8000-000000000000"
    for name, at in (("ren", "七里沟"), ("ren", "新语"), ("wang", "三官庙"), ("li", "七里沟")):
        answers = [
            (await desk.ask(name, PREPARE, i=desk.announced(DATA, community=place))).text
            for place in (unknown, desk.place(at), desk.place("nuanchao"), desk.place("street"), "junk")
        ]
        assert len(set(answers)) == 1, name
        assert await desk.refused(name, DATA, community=desk.place(at)) == NOT_FOUND
    assert await desk.refused("ren", DATA, community=None, street=desk.place("street", "street")) == [
        ("NOT_FOUND", ["input", "street"])
    ]
    assert await desk.refused("wang", DATA, community=None, street=desk.place("street", "street")) == [
        ("NOT_FOUND", ["input", "street"])
    ]
    for tag in ("street", "community"):  # a right id of the wrong kind
        wrong = {"community": None, "street": f"street_{desk.world.organizations['七里沟']}"}
        if tag == "community":
            wrong = {"community": f"community_{desk.world.organizations['street']}"}
        assert await desk.refused("mei", DATA, **wrong) == [("NOT_FOUND", ["input", tag])]
    assert await fingerprint(world_database) == before


QUALIFY = "mutation($i: QualificationRecordInput!) { qualificationRecord(input: $i) { userErrors { code } } }"
DUPLICATE = [{"code": "DUPLICATE"}]


async def test_a_partner_has_to_do_with_what_its_agreement_serves(desk: Desk) -> None:
    """From approval on; and no longer once it was declined."""
    office = Office(desk.hub, desk.world)
    await office.open_fund()
    at = desk.place("三官庙")
    for kind in ("REGISTRATION", "SOCIAL_WORK"):
        paper = {
            "partner": desk.place("tongxing", "partner"),
            "type": kind,
            "number": "Z-1",
            "validFrom": "2025-01-01",
        }
        assert (await desk.payload("mei", QUALIFY, i=paper))["userErrors"] in ([], DUPLICATE)
    agreement = await office.bring_to("agreementCertify", partner="tongxing")
    assert await desk.refused("ren", DATA, community=at) == NOT_FOUND
    payload = await office.take("agreementApprove", agreement)
    assert payload["userErrors"] == []
    await desk.prepare("ren", DATA, community=at)
    await desk.prepare("ren", DATA, community=None, street=desk.place("street", "street"))
    assert await desk.refused("ren", DATA, community=desk.place("新语")) == NOT_FOUND
    decline = """mutation($id: ID!) { agreementDecline(id: $id, reasonCode: NO_CAPACITY, reason: "无") {
        userErrors { code } } }"""
    assert (await office.payload("ren", decline, {"id": agreement}))["userErrors"] == []
    assert await desk.refused("ren", DATA, community=at) == NOT_FOUND


NEVER: list[tuple[dict[str, Any], tuple[str, list[str]]]] = [
    ({"sizeBytes": MAX_DOCUMENT_BYTES + 1}, ("OUT_OF_RANGE", ["input", "sizeBytes"])),
    ({"sizeBytes": 0}, ("OUT_OF_RANGE", ["input", "sizeBytes"])),
    ({"sha256": "x"}, ("INVALID", ["input", "sha256"])),
    ({"mediaType": "image/svg+xml"}, ("INVALID", ["input", "mediaType"])),
    ({"name": f"../{NAME}"}, ("INVALID", ["input", "name"])),
    ({"name": " "}, ("REQUIRED", ["input", "name"])),
    ({"name": NAME * 50}, ("TOO_LONG", ["input", "name"])),
    ({"capturedAt": "2026-05-06T09:00:01+08:00"}, ("OUT_OF_RANGE", ["input", "capturedAt"])),
    ({"community": None}, ("REQUIRED", ["input", "community"])),
    ({"street": "street_x"}, ("REQUIRED", ["input", "community"])),
]


async def test_what_is_never_taken_is_said_at_once(desk: Desk, world_database: Server) -> None:
    before = await fingerprint(world_database)
    for changes, error in NEVER:
        assert await desk.refused("an", DATA, **changes) == [error]
    assert await fingerprint(world_database) == before


async def test_an_equal_file_of_a_stranger_tells_nothing(desk: Desk) -> None:
    """Who announces what another has stored is answered as if nobody had it, and has to bring it all the same."""
    await desk.store("wang", DATA)
    found = await desk.prepare("an", DATA)
    assert found["document"]["status"] == "PENDING"
    reply = await desk.put(found["upload"]["url"], DATA)
    assert reply.status_code == 200
    assert len(desk.files()) == 2


async def test_the_same_key_gets_the_same_link_as_long_as_it_is_of_use(desk: Desk) -> None:
    asked = {"i": desk.announced(DATA), "k": "k"}
    first = await desk.payload("an", PREPARE, **asked)
    desk.hub.clock.instant += timedelta(minutes=1)
    again = await desk.payload("an", PREPARE, **asked)
    assert again == first
    assert (await desk.put(again["upload"]["url"], DATA)).status_code == 200
    after = await desk.payload("an", PREPARE, **asked)
    assert (after["document"]["status"], after["upload"], after["userErrors"]) == ("STORED", None, [])
    count = "select count(*) from documents"
    assert (await harness.run_sql(desk.hub.app.server, count))[0][0] == 1


async def test_what_never_came_expires_and_stays_so(
    desk: Desk, world_database: Server, own_settings: Settings
) -> None:
    found = await desk.prepare("an", DATA)
    stored = await desk.store("an", sample(fill=b"y"))
    document, url = found["document"]["id"], found["upload"]["url"]

    async def tick(seconds: int) -> str:
        desk.hub.clock.instant = desk.world.now + timedelta(seconds=seconds)
        await desk.hub.worker().tick()
        return await desk.status(document)

    # What was begun in the last second may be on its way for a while.
    last = UPLOAD_LINK_SECONDS + MAX_TRANSFER_SECONDS
    assert await tick(last - 1) == "PENDING"
    assert await tick(last) == "EXPIRED"
    assert await desk.status(stored) == "STORED"
    assert [action for action, _, _ in await desk.events(document)] == ["document_prepare", "document_expire"]
    assert told(await desk.put(url, DATA)) == (404, "NOT_FOUND")
    desk.hub.clock.instant = desk.world.now  # even a link that still held would not bring it back
    assert told(await desk.put(url, DATA)) == (404, "NOT_FOUND")
    assert len(desk.files()) == 1
