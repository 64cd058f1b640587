"""I2 with the rows that decide outside the writer's street: another street's fund, agreement and encumbrance.

What the database must see it sees as its owner; the writer sees none of it, which each test asserts.
"""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.agreements.office import Office
from tests.agreements.test_hostile import bare, plant, refused, transfer, writing, written

pytestmark = pytest.mark.anyio

HALF = 100_000_000
"""Fen: half of what the fund holds."""

LOOSENED = (
    ("agreements", "stand"),
    ("transfers", "keep_scope"),
    ("transfers", "keep_agreement"),
    ("entries", "keep_scope"),
)
"""What keeps a fund's rows in one street and an agreement at what its state allows; the ledger's own triggers stay."""


async def other_street(server: Server) -> UUID:
    query = (
        "select o.id from organizations o where o.kind = 'STREET'"
        " and not exists (select from funds f where f.street_id = o.id) order by o.id limit 1"
    )
    return (await harness.run_sql(server, query))[0]["id"]


async def move_away(server: Server, agreement: UUID, street: UUID) -> None:
    """The agreement and all it says become another street's."""
    for table, key in (("agreements", "id"), ("agreement_versions", "agreement_id")):
        await plant(server, f"update {table} set street_id = $2 where {key} = $1", agreement, street)


async def unseen(server: Server, office: Office, query: str, *values: object) -> None:
    async with writing(server, office) as connection:
        assert await connection.fetchval(query, *values) == 0


async def test_i2_what_another_streets_agreement_took_counts_too(
    office: Office, world_database: Server
) -> None:
    mine, theirs, fund = bare(await office.draft()), bare(await office.draft()), bare(office.fund)
    street = await other_street(world_database)
    await move_away(world_database, theirs, street)
    taken = transfer(fund, {"AVAILABLE": -HALF, "ENCUMBERED": HALF}, street, agreement_id=theirs)
    async with harness.connect_as(world_database, "admin") as admin:
        for table, name in LOOSENED:
            await admin.execute(f"alter table {table} disable trigger {table}_{name}")
        async with admin.transaction():
            for statement, *values in taken:
                await admin.execute(statement, *values)
        for table, name in LOOSENED:
            await admin.execute(f"alter table {table} enable trigger {table}_{name}")
    await unseen(world_database, office, "select count(*) from transfers where agreement_id = $1", theirs)
    await unseen(world_database, office, "select count(*) from agreements where id = $1", theirs)
    more = {"AVAILABLE": -HALF - 1, "ENCUMBERED": HALF + 1}
    await refused(world_database, office, "ck_funds_available", *transfer(fund, more, agreement_id=mine))


async def test_i2_another_streets_fund_is_not_drawn_on(office: Office, world_database: Server) -> None:
    mine, fund = bare(await office.draft()), bare(office.fund)
    street = await other_street(world_database)
    await plant(world_database, "update funds set street_id = $2 where id = $1", fund, street)
    await unseen(world_database, office, "select count(*) from funds where id = $1", fund)
    values = (fund, mine, office.world.viewers["mei"].district_id)
    row = (
        "insert into transfers (id, fund_id, agreement_id, district_id, street_id, stage, reason, amount_fen,"
        " entry_count, made_at)"
        " values (gen_random_uuid(), $1, $2, $3, $4, 'PENDING', 'ENCUMBRANCE', 5, 2, '2026-05-06')"
    )
    ours = office.world.organizations["street"]
    await refused(world_database, office, "scope_mismatch", (row, *values, ours))
    await move_away(world_database, mine, street)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await written(world_database, office, (row, *values, street))


async def test_i2_a_line_lies_within_its_fund_whosever_the_fund_is(
    office: Office, world_database: Server
) -> None:
    agreement, fund = bare(await office.draft()), bare(office.fund)
    line = (
        "insert into agreement_lines (id, agreement_id, version_id, district_id, street_id, partner_id, number, title,"
        " service_type_id, kind, unit, amount_cap_fen, community_ids) select gen_random_uuid(), g.id,"
        " g.current_version_id, g.district_id, g.street_id, g.partner_id, $2, 'x', s.id, 'BLOCK', 'PERSON', 1, $3"
        " from agreements g, service_types s where g.id = $1 and s.code = 'SKILLS'"
    )
    places = [office.world.organizations["七里沟"]]
    await written(world_database, office, (line, agreement, 98, places))  # ours may buy it
    street = await other_street(world_database)
    narrower = "update funds set street_id = $2, purposes = '{VISIT}' where id = $1"
    await plant(world_database, narrower, fund, street)
    await unseen(world_database, office, "select count(*) from funds where id = $1", fund)
    await refused(world_database, office, "outside_fund", (line, agreement, 99, places))
