"""What the database refuses to its own writer when no command stands before it: a stored document is history."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.documents.desk import Desk, bare, sample
from tests.policy.sessions import session

pytestmark = pytest.mark.anyio
DATA = sample()

INSERT = """
insert into documents (id, reference, district_id, street_id, community_id, partner_id, kind, name, media_type,
                       size_bytes, sha256, status, uploaded_by_id, created_at, upload_until_at, stored_at)
values ($1, gen_random_uuid()::text, $2, $3, $4, $5, 'PHOTO', $6, 'image/png',
        1, repeat('a', 64), $7, $8, '2026-05-06', '2026-05-07', $9)
"""
CHANGES = (
    "sha256 = repeat('b', 64)",
    "size_bytes = 1",
    "name = 'x'",
    "kind = 'PHOTO'",
    "media_type = 'image/png'",
    "community_id = null",
    "partner_id = null",
    "captured_at = null",
    "upload_until_at = upload_until_at + interval '1 day'",
)


async def refused(
    server: Server, name: str, how: Any, statement: str, *values: Any, **facts: Any
) -> str | None:
    """The statement fails that way; the name of the constraint, if any."""
    async with session(server, name, **facts) as connection:
        with pytest.raises(how) as caught:
            await connection.execute(statement, *values)
    return vars(caught.value).get("constraint_name")


@pytest.fixture
def street(desk: Desk) -> dict[str, Any]:
    """The writer's settings inside the street."""
    viewer = desk.world.viewers["mei"]
    return {"street": viewer.street_id, "district": viewer.district_id, "membership": viewer.membership_id}


async def test_i8_a_stored_document_does_not_change(desk: Desk, street: dict[str, Any]) -> None:
    server, document = desk.hub.app.server, bare(await desk.store("an", DATA))
    for change in ("status = 'PENDING'", "status = 'EXPIRED'", "stored_at = '2030-01-01'", "version = 9"):
        statement = f"update documents set {change} where id = $1"
        assert await refused(
            server, "writer", asyncpg.CheckViolationError, statement, document, **street
        ) in (
            "immutable",
            "illegal_move",
        )
    for change in CHANGES:
        statement = f"update documents set {change} where id = $1"
        denied = asyncpg.InsufficientPrivilegeError
        await refused(server, "writer", denied, statement, document, **street)
    await refused(
        server,
        "writer",
        asyncpg.InsufficientPrivilegeError,
        "delete from documents where id = $1",
        document,
        **street,
    )


@pytest.mark.parametrize("name", ["admin", "owner"])
async def test_i8_not_for_the_owner_either(desk: Desk, name: str) -> None:
    server, document = desk.hub.app.server, bare(await desk.store("an", DATA))
    waiting = bare((await desk.prepare("an", sample(fill=b"y")))["document"]["id"])
    for change in (*CHANGES, "version = 9"):
        statement = f"update documents set {change} where id = $1"
        for row in (document, waiting) if change != "version = 9" else (document,):
            with pytest.raises(asyncpg.CheckViolationError) as caught:
                await harness.run_sql(server, statement, row, name=name)
            assert vars(caught.value)["constraint_name"] == "immutable"
    for statement in ("delete from documents", "truncate documents cascade"):
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            await harness.run_sql(server, statement, name=name)
        assert vars(caught.value)["constraint_name"] == "immutable"


async def test_no_row_begins_stored_or_outside_what_it_says(desk: Desk, street: dict[str, Any]) -> None:
    server, places = desk.hub.app.server, desk.world.organizations
    mei, an = desk.world.memberships["mei"], desk.world.memberships["an"]
    district = street["district"]
    foreign = await harness.run_sql(
        server, "select id from organizations where kind = 'DISTRICT' and id <> $1", district
    )
    other_street = (
        await harness.run_sql(
            server,
            "select id, district_id from organizations where kind = 'STREET' and id <> $1 limit 1",
            places["street"],
        )
    )[0]

    async def tried(how: Any, **changes: Any) -> str | None:
        row = {
            "district": district,
            "street": places["street"],
            "community": places["七里沟"],
            "partner": None,
            "name": "x",
            "status": "PENDING",
            "by": mei,
            "stored": None,
            **changes,
        }
        return await refused(server, "writer", how, INSERT, uuid4(), *row.values(), **street)

    stored = {"status": "STORED", "stored": desk.world.now}
    assert await tried(asyncpg.CheckViolationError, **stored) == "illegal_move"
    assert await tried(asyncpg.CheckViolationError, stored=desk.world.now) == "ck_documents_stored"
    assert await tried(asyncpg.CheckViolationError, partner=places["nuanchao"]) == "scope_mismatch"
    assert await tried(asyncpg.CheckViolationError, by=an) == "scope_mismatch"
    if foreign:
        assert await tried(asyncpg.CheckViolationError, district=foreign[0]["id"]) == "scope_mismatch"
    for name in ("", "a/b", "a\\b", "a\nb"):
        assert await tried(asyncpg.CheckViolationError, name=name) == "ck_documents_name"
    elsewhere = {"street": other_street["id"], "district": other_street["district_id"]}
    # With the community it is caught by the trigger, without it by row-level security.
    assert await tried(asyncpg.CheckViolationError, **elsewhere) == "scope_mismatch"
    await tried(asyncpg.InsufficientPrivilegeError, community=None, **elsewhere)


async def test_a_partner_writes_its_own_and_no_other(desk: Desk) -> None:
    server, document = desk.hub.app.server, bare(await desk.store("an", DATA))
    kai, bo = desk.world.viewers["kai"], desk.world.viewers["bo"]
    seen = "select count(*) from documents where id = $1"
    async with session(server, "writer", partner=kai.partner_id) as connection:
        assert await connection.fetchval(seen, document) == 0
        assert await connection.fetchval("select partner_serves($1, $2)", kai.partner_id, uuid4()) is False
    async with session(server, "writer", partner=bo.partner_id) as connection:
        assert await connection.fetchval(seen, document) == 1


@pytest.mark.parametrize("name", ["system", "read_finance_officer", "read_street_director", "read_auditor"])
async def test_whoever_needs_no_name_cannot_select_it(desk: Desk, name: str) -> None:
    await desk.store("an", DATA)
    denied = asyncpg.InsufficientPrivilegeError
    for statement in (
        "select name from documents",
        "select * from documents",
        "update documents set version = 2",
    ):
        await refused(desk.hub.app.server, name, denied, statement)
