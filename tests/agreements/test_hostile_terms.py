"""What the database refuses to its own writer about the terms of an agreement: a term moved, a drafter unnamed.

Beside them what would keep others waiting: a milestone's move that locks its agreement, a fund written again and again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.agreements.office import REASON, Office, step
from tests.agreements.test_hostile import bare, refused, transfer, writing, written

pytestmark = pytest.mark.anyio

DECLINE = step("agreementDecline", REASON)
LINE = """
insert into agreement_lines (id, agreement_id, version_id, district_id, street_id, partner_id, number, title,
                             service_type_id, kind, unit, unit_price_fen, quantity_cap, amount_cap_fen, community_ids)
select gen_random_uuid(), g.id, g.current_version_id, g.district_id, g.street_id, g.partner_id, 99, 'x',
       s.id, 'UNIT', 'PERSON', $3, $4, $5, $2
  from agreements g, service_types s where g.id = $1 and s.code = 'SKILLS'
"""


@pytest.mark.parametrize("reason", ["RELEASE", "ENCUMBRANCE"])
@pytest.mark.parametrize("stage", ["POSTED", "VOIDED"])
@pytest.mark.parametrize(
    "sides", [{"SOURCE": -5, "AVAILABLE": 5}, {"SOURCE": -5, "PAID": 5}, {"AVAILABLE": -5, "PAID": 5}]
)
async def test_i2_money_comes_in_as_a_donation_or_not_at_all(
    office: Office, world_database: Server, reason: str, stage: str, sides: dict[str, int]
) -> None:
    made = transfer(bare(office.fund), sides, stage=stage, reason=reason)
    constraint = "entries_balance" if stage == "POSTED" else "ck_transfers_pending"
    await refused(world_database, office, constraint, *made)


async def test_i4_a_drafter_is_named_before_anything_else(office: Office, world_database: Server) -> None:
    agreement, mei = bare(await office.draft()), office.world.memberships["mei"]
    await refused(
        world_database,
        office,
        "agreement_standing",
        ("update agreement_versions set prepared_by_id = null where agreement_id = $1", agreement),
        (
            "update agreement_versions set proposed_by_id = $2, proposed_at = '2026-05-06' where agreement_id = $1",
            agreement,
            mei,
        ),
        ("update agreements set status = 'IN_REVIEW' where id = $1", agreement),
    )


async def test_i8_an_approved_agreement_keeps_its_title_and_its_fund(
    office: Office, world_database: Server
) -> None:
    agreement, fund = bare(await office.bring_to("agreementApprove")), bare(office.fund)
    another = (
        "insert into funds (id, reference, district_id, street_id, name, kind, holder_id, payer_id, channel, purposes,"
        " community_ids, registered_by_id, created_at) select gen_random_uuid(), 'F-X', f.district_id,"
        " f.street_id, 'x', f.kind, f.holder_id, f.payer_id, f.channel, f.purposes, f.community_ids,"
        " f.registered_by_id, f.created_at from funds f where f.id = $1"
    )
    change = "update agreements set fund_id = (select id from funds where reference = 'F-X') where id = $1"
    await refused(world_database, office, "immutable", (another, fund), (change, agreement))
    await refused(
        world_database, office, "immutable", ("update agreements set title = 'x' where id = $1", agreement)
    )


async def test_i8_a_partner_that_knows_of_it_is_not_exchanged(office: Office, world_database: Server) -> None:
    agreement = await office.bring_to("agreementApprove")
    await office.payload("bo", step("agreementSendBack", REASON), {"id": agreement})
    change = "update agreements set partner_id = $2 where id = $1"
    other = office.world.organizations["kangle"]
    await refused(world_database, office, "immutable", (change, bare(agreement), other))


async def test_i8_lines_change_in_nothing_but_who_sees_them(office: Office, world_database: Server) -> None:
    agreement = bare(await office.bring_to("agreementApprove"))
    for table in ("agreement_lines", "criteria"):
        for statement in (f"update {table} set community_ids = '{{}}'", f"truncate {table} cascade"):
            with pytest.raises(asyncpg.CheckViolationError) as caught:
                await harness.run_sql(world_database, statement, name="owner")
            assert vars(caught.value)["constraint_name"] == "immutable"
    for table in ("agreements", "agreement_versions", "agreement_lines", "criteria", "milestones"):
        flags = f"update {table} set offered = true, was_in_force = true"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await written(world_database, office, (flags,))
    assert await _flags(world_database, agreement) == {(True, False)}


@pytest.mark.parametrize("figures", [(None, 1, 1), (100, None, 100), (100, 2, 201), (0, 2, 1)])
async def test_a_unit_line_has_a_price_and_stays_within_it(
    office: Office, world_database: Server, figures: tuple[Any, ...]
) -> None:
    agreement, places = bare(await office.draft()), [office.world.organizations["七里沟"]]
    row = (LINE, agreement, places)
    await refused(world_database, office, "ck_agreement_lines_unit_terms", (*row, *figures))


async def test_a_row_begins_unseen_whatever_it_says(office: Office, world_database: Server) -> None:
    agreement = bare(await office.draft())
    seen = LINE.replace("community_ids)", "community_ids, offered, was_in_force)").replace(
        "$5, $2", "$5, $2, true, true"
    )
    places = [office.world.organizations["七里沟"]]
    await written(world_database, office, (seen, agreement, places, 100, 1, 100))
    assert await _flags(world_database, agreement) == {(False, False)}


async def test_a_milestones_move_does_not_wait_for_its_agreement(
    office: Office, world_database: Server
) -> None:
    """Locks are taken in the order agreement, milestone: a move that took the agreement afterwards could deadlock."""
    agreement = bare(await office.bring_to("agreementApprove"))
    move = "update milestones set status = 'CANCELLED', version = version + 1 where agreement_id = $1"
    async with writing(world_database, office) as other:
        await other.execute("select from agreements where id = $1 for no key update", agreement)
        await written(world_database, office, (move, agreement))


async def test_an_approval_writes_its_fund_once(office: Office, world_database: Server) -> None:
    """Not once for each milestone: everybody who needs the fund waits for that row."""
    agreement = await office.bring_to("agreementCertify")
    async with harness.connect_as(world_database, "admin") as admin:
        await admin.execute(
            """
            create table writes (to_fund uuid);
            create function note_write() returns trigger language plpgsql security definer as
                $$ begin insert into public.writes values (new.id); return null; end $$;
            create trigger funds_noted after update on funds for each row execute function note_write();
            """
        )
        for name, mutation in (("zhao", step("agreementApprove", 'decisionReference: "x"')), ("bo", DECLINE)):
            payload = await office.payload(name, mutation, {"id": agreement})
            assert payload["userErrors"] == []
            assert await admin.fetchval("select count(*) from writes") == 1, name
            await admin.execute("truncate writes")


async def _flags(server: Server, agreement: UUID) -> set[tuple[bool, bool]]:
    """Both flags of the agreement and of everything it says."""
    hanging = ("agreement_versions", "agreement_lines", "criteria", "milestones")
    rows = " union ".join(
        [
            "select offered, was_in_force from agreements where id = $1",
            *(f"select offered, was_in_force from {table} where agreement_id = $1" for table in hanging),
        ]
    )
    return {tuple(row) for row in await harness.run_sql(server, rows, agreement)}
