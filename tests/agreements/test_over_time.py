"""What time does with an agreement in force: its term ends, it can still be billed, and closes when nothing is left."""

from __future__ import annotations

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.agreements.office import Office
from tests.agreements.test_hostile import bare, plant
from tests.agreements.test_journey import FULL, HELD, status, tick

pytestmark = pytest.mark.anyio

SETTLE = "update milestones set status = $2 where agreement_id = $1 and code = $3"


async def told(server: Server, kind: str, agreement: str) -> set[str]:
    """Who has a notice of this kind about it."""
    query = (
        "select u.sign_in_name from notices n join memberships m on m.id = n.recipient_id"
        " join users u on u.id = m.user_id where n.kind = $1 and n.subject_id = $2"
    )
    return {row[0] for row in await harness.run_sql(server, query, kind, bare(agreement))}


async def in_force(office: Office, server: Server, settings: Settings) -> str:
    agreement = await office.bring_to("agreementAccept")
    await tick(office, server, settings)
    assert await status(office, agreement) == "ACTIVE"
    return agreement


@pytest.mark.parametrize("state", ["ACTIVE", "SUSPENDED"])
async def test_agreement_close_term_the_day_after_its_last_one(
    office: Office, world_database: Server, settings: Settings, state: str
) -> None:
    agreement = await in_force(office, world_database, settings)
    await plant(world_database, "update agreements set status = $2 where id = $1", bare(agreement), state)
    await tick(office, world_database, settings, 364)
    assert await status(office, agreement) == state
    await tick(office, world_database, settings, 1)
    assert await status(office, agreement) == "CLOSING"
    # It can still be billed: nothing is released, and what is due stays due.
    assert await office.balance() == HELD
    node = (await office.look("bo", "milestones { nodes { status overdue } }", agreement))["data"]["node"]
    assert {one["status"] for one in node["milestones"]["nodes"]} == {"SCHEDULED"}
    assert [one["overdue"] for one in node["milestones"]["nodes"]] == [False, True, True]
    assert await told(world_database, "agreement_term_over", agreement) == {"mei", "tao", "hua", "qian", "bo"}


async def test_agreement_auto_close_when_every_milestone_is_final_and_nothing_is_payable(
    office: Office, world_database: Server, settings: Settings
) -> None:
    agreement = await in_force(office, world_database, settings)
    await tick(office, world_database, settings, 365)
    for code, state in (("M1", "SETTLED"), ("M2", "WAIVED")):
        await plant(world_database, SETTLE, bare(agreement), state, code)
        await tick(office, world_database, settings, 30)
        assert await status(office, agreement) == "CLOSING", code
    owed = "update agreements set payable_fen = $2 where id = $1"
    await plant(world_database, owed, bare(agreement), 1)
    await plant(world_database, SETTLE, bare(agreement), "SETTLED", "M3")
    await tick(office, world_database, settings, 1)
    assert await status(office, agreement) == "CLOSING"
    assert await office.balance() == HELD
    await plant(world_database, owed, bare(agreement), 0)
    await tick(office, world_database, settings, 1)
    assert await status(office, agreement) == "CLOSED"
    # What nobody was paid is free again, and who did it was nobody.
    assert await office.balance() == FULL
    query = (
        "select actor_role, facts from audit_events where action = 'agreement_auto_close' and subject_id = $1"
    )
    (event,) = await harness.run_sql(world_database, query, bare(agreement))
    assert (event["actor_role"], "105000000" in str(event["facts"])) == ("SYSTEM", True)
    assert await told(world_database, "agreement_closed", agreement) == {"mei", "tao", "hua", "qian", "bo"}


async def test_an_agreement_is_closed_by_time_alone(office: Office) -> None:
    names = {"agreementActivate", "agreementCloseTerm", "agreementAutoClose"}
    query = "{ __schema { mutationType { fields { name } } } }"
    fields = (await office.hub.ask(office.world.viewers["zhao"], query)).data["__schema"]["mutationType"][
        "fields"
    ]
    assert not names & {one["name"] for one in fields}
