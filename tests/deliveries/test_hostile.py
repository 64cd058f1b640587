"""What the database refuses to its own writer when no command stands before it: hands, proof, quantity, history.

The statements go out as `hub_writer` under row-level security, about deliveries that commands have made. Where other
rows decide, they lie outside the writer's street: planted there past every trigger.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from hub.deliveries import evidence
from tests import harness
from tests.deliveries.desk import Desk, bare

pytestmark = pytest.mark.anyio

VERIFY = (
    "update deliveries set status = 'VERIFIED', verification = $2, verified_by_id = $3, verified_at = $4"
    " where id = $1"
)
DISPUTE = (
    "update deliveries set status = 'DISPUTED', dispute_reason_code = 'OTHER', disputed_by_id = $2, disputed_at = $3"
    " where id = $1"
)
VOID = (
    "update deliveries set status = 'VOIDED', void_reason_code = 'OTHER', voided_by_id = $2, voided_at = $3"
    " where id = $1"
)
CALL = "update callbacks set status = $2, called_by_id = $3, called_at = $4 where delivery_id = $1"
OUTSIDE = "(select id from organizations where kind = 'STREET' and id <> $2::uuid limit 1)"
COPIED = (
    *("district_id", "street_id", "community_id", "partner_id", "agreement_id", "line_id", "service_type_id"),
    *("case_id", "person_id", "person_pseudonym", "visit_id", "session_id", "unit", "quantity", "worker_id"),
    *("happened_at", "happened_on", "recorded_by_id", "recorded_at"),
)


def copy(**changed: str) -> str:
    """Record another delivery like $1, with some columns said in SQL; $2 may be used in them."""
    values = {
        "id": "gen_random_uuid()",
        "reference": "gen_random_uuid()::text",
        **{name: f"d.{name}" for name in COPIED},
    }
    values |= changed
    return (
        f"insert into deliveries ({', '.join(values)}) select {', '.join(values.values())}"
        " from deliveries d where d.id = $1"
    )


async def given(desk: Desk, service: str = "COMPANIONSHIP", quantity: int = 3, **more: Any) -> Any:
    """The uuid of a delivery on a new case."""
    case = await desk.case(service, quantity)
    desk.go_on(days=1)
    return bare(await desk.given(case, **more))


async def test_i5_a_stake_in_the_partner_outside_the_writers_street(desk: Desk) -> None:
    delivery, ids = await given(desk), desk.world.memberships
    declared = (
        "insert into conflict_declarations (id, user_id, partner_id, membership_id, reason, declared_at)"
        " select gen_random_uuid(), m.user_id, $2, m.id, 'x', $3 from memberships m where m.id = $1"
    )
    await desk.plant(declared, ids["tao"], desk.world.organizations["nuanchao"], desk.now)
    # A membership at the partner belongs to no street at all; the writer's own rows do not show it.
    await desk.plant(
        "update memberships set user_id = $1 where id = $2", desk.world.viewers["mei"].user_id, ids["ou"]
    )
    for who in ("tao", "mei"):
        at = desk.now
        for statement, values in (
            (VERIFY, ("STATION", ids[who], at)),
            (DISPUTE, (ids[who], at)),
            (VOID, (ids[who], at)),
        ):
            await desk.hostile(who, "conflict_of_interest", statement, delivery, *values)
    await desk.plant("update memberships set ended_at = $1 where id = $2", desk.now, ids["ou"])
    async with desk.writing("mei") as connection:
        await connection.execute(VERIFY, delivery, "STATION", ids["mei"], desk.now)


async def test_i4_who_gave_or_recorded_it_under_any_membership(desk: Desk) -> None:
    delivery, ids = await given(desk), desk.world.memberships
    an = desk.world.viewers["an"]
    await desk.plant("update memberships set user_id = $1 where id = $2", an.user_id, ids["tao"])
    await desk.plant("update memberships set ended_at = $1 where id = $2", desk.now, ids["an"])
    for statement, values in (
        (VERIFY, ("STATION", ids["tao"], desk.now)),
        (DISPUTE, (ids["tao"], desk.now)),
        (VOID, (ids["tao"], desk.now)),
    ):
        await desk.hostile("tao", "four_eyes", statement, delivery, *values)
    # Neither does a membership help that has been given to somebody else since.
    await desk.plant(
        "update memberships set user_id = $1 where id = $2", desk.world.viewers["guo"].user_id, ids["an"]
    )
    await desk.hostile("tao", "four_eyes", VERIFY, delivery, "STATION", ids["tao"], desk.now)


async def test_i4_users_are_read_from_the_membership_and_never_told(desk: Desk) -> None:
    delivery = await given(desk)
    told = copy(
        worker_user_id="$2::uuid",
        recorded_user_id="$2::uuid",
        happened_at="d.happened_at - interval '1 hour'",
    )
    async with desk.writing("an") as connection:
        await connection.execute(told, delivery, desk.world.viewers["zhao"].user_id)
    of_case = "case_id = (select case_id from deliveries where id = $1)"
    rows = await desk.rows(
        f"select distinct worker_user_id, recorded_user_id from deliveries where {of_case}", delivery
    )
    an = desk.world.viewers["an"].user_id
    assert [tuple(row) for row in rows] == [(an, an)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with desk.writing("an") as connection:
            await connection.execute("update deliveries set worker_user_id = null where id = $1", delivery)


async def test_a_step_is_one_roles_alone(desk: Desk) -> None:
    delivery, ids, at = await given(desk), desk.world.memberships, desk.now
    for who, verification in (
        ("li", "COMMUNITY"),
        ("wang", "STATION"),
        ("mei", "COMMUNITY"),
        ("mei", "RECIPIENT"),
        ("zhao", "STATION"),
        ("bo", "STATION"),
        ("mei", "EVIDENCE"),
    ):
        await desk.hostile("mei", "wrong_hands", VERIFY, delivery, verification, ids[who], at)
    await desk.hostile("mei", "wrong_hands", VERIFY, delivery, "STATION", None, at)
    for who in ("li", "zhao", "bo"):
        await desk.hostile("mei", "wrong_hands", DISPUTE, delivery, ids[who], at)
    await desk.hostile("mei", "wrong_hands", VOID, delivery, ids["wang"], at)
    for who in ("mei", "bo"):
        mine = f"'{ids[who]}'::uuid"
        moved = copy(worker_id=mine, recorded_by_id=mine, happened_at="d.happened_at - interval '1 hour'")
        await desk.hostile("an", "wrong_hands", moved, delivery)


async def test_evidence_verifies_by_system_and_only_what_it_proves(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await given(desk, "HOME_HAIRCUT", documents=[await desk.document()])
    await desk.hostile("mei", "wrong_hands", VERIFY, whole, "EVIDENCE", None, desk.now)
    early = desk.go_on(days=7) - timedelta(seconds=1)
    await desk.hostile("nobody", "delivery_unproven", VERIFY, whole, "EVIDENCE", None, early)
    async with desk.writing("nobody") as connection:
        await connection.execute(VERIFY, whole, "EVIDENCE", None, desk.now)
    lacking = await given(desk, "VISITING")
    at = desk.go_on(days=7)
    await desk.hostile("nobody", "delivery_unproven", VERIFY, lacking, "EVIDENCE", None, at)
    await desk.do("an", "deliveryAttach", id=f"delivery_{lacking}", documents=[await desk.document()])
    # The week counts from the evidence, whatever the worker says about when it came.
    late = desk.go_on(days=7) - timedelta(seconds=1)
    await desk.hostile("nobody", "delivery_unproven", VERIFY, lacking, "EVIDENCE", None, late)
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)
    drawn = await given(desk, "SAFETY_CHECK", documents=[await desk.document()])
    desk.go_on(days=7)
    await desk.hostile("nobody", "delivery_unproven", VERIFY, drawn, "EVIDENCE", None, desk.now)
    await desk.plant("update callbacks set status = 'CONFIRMED' where delivery_id = $1", drawn)
    await desk.plant("update deliveries set flags = '{OVERLAP}' where id = $1", drawn)
    await desk.hostile("nobody", "delivery_unproven", VERIFY, drawn, "EVIDENCE", None, desk.now)


async def test_a_call_back_names_who_called_and_is_none_of_hers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "CALLBACK_SAMPLE_BP", 10_000)
    delivery, ids = await given(desk), desk.world.memberships
    await desk.hostile("mei", "wrong_hands", CALL, delivery, "CONFIRMED", None, desk.now)
    await desk.hostile("mei", "wrong_hands", CALL, delivery, "CONFIRMED", ids["wang"], desk.now)
    an = desk.world.viewers["an"].user_id
    await desk.plant("update memberships set user_id = $1 where id = $2", an, ids["tao"])
    await desk.hostile("tao", "four_eyes", CALL, delivery, "CONFIRMED", ids["tao"], desk.now)
    await desk.plant("update memberships set ended_at = $1 where id = $2", desk.now, ids["an"])
    await desk.hostile("tao", "four_eyes", CALL, delivery, "FAILED", ids["tao"], desk.now)
    await desk.hostile(
        "mei", "immutable", "update callbacks set attempt_count = -1 where delivery_id = $1", delivery
    )


@pytest.mark.parametrize("name", ["admin", "owner"])
async def test_a_delivery_is_history(desk: Desk, name: str) -> None:
    delivery = await given(desk, documents=[await desk.document()])
    for statement in (
        "update deliveries set quantity = 2 where id = $1",
        "update deliveries set happened_at = happened_at - interval '1 day' where id = $1",
        "update deliveries set worker_id = (select id from memberships limit 1) where id = $1",
        "update deliveries set person_id = null where id = $1",
        "delete from deliveries where id = $1",
        "delete from delivery_documents where delivery_id = $1",
        "update delivery_documents set attached_at = now() where delivery_id = $1",
    ):
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            await harness.run_sql(desk.server, statement, delivery, name=name)
        assert vars(caught.value)["constraint_name"] == "immutable", statement
    # Switching ordinary triggers off does not help.
    async with harness.connect_as(desk.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("update deliveries set quantity = 2 where id = $1", delivery)


async def test_the_writer_changes_the_state_alone(desk: Desk) -> None:
    delivery = await given(desk)
    for column in ("quantity", "happened_at", "worker_id", "evidence_complete", "recorded_at", "line_id"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with desk.writing("mei") as connection:
                await connection.execute(f"update deliveries set {column} = {column} where id = $1", delivery)
    await desk.plant("update deliveries set flags = '{OVERLAP}' where id = $1", delivery)
    cleared = "update deliveries set flags = '{}' where id = $1"
    await desk.hostile("mei", "immutable", cleared, delivery)
    async with desk.writing("mei") as connection:
        await connection.execute(VERIFY, delivery, "STATION", desk.world.memberships["mei"], desk.now)
    again = "update deliveries set verified_by_id = $2 where id = $1"
    await desk.hostile("tao", "immutable", again, delivery, desk.world.memberships["tao"])
    back = "update deliveries set status = 'RECORDED' where id = $1"
    await desk.hostile("mei", "illegal_move", back, delivery)


async def test_only_within_an_agreement_in_force(desk: Desk) -> None:
    delivery = await given(desk)
    earlier = {"happened_at": "d.happened_at - interval '1 hour'"}
    for changed in (
        {"happened_at": "d.happened_at - interval '300 days'", "happened_on": "d.happened_on - 300"},
        {"happened_at": "d.happened_at - interval '300 days'"},
        {"happened_on": "d.happened_on - 1"},
    ):
        await desk.hostile("an", "delivery_outside_agreement", copy(**changed), delivery)
    agreement = desk.world.agreements["nuanchao"]
    for status in ("SUSPENDED", "TERMINATED", "CLOSED"):
        await desk.plant("update agreements set status = $2 where id = $1", agreement, status)
        await desk.hostile("an", "delivery_outside_agreement", copy(**earlier), delivery)
    await desk.plant("update agreements set status = 'CLOSING' where id = $1", agreement)
    async with desk.writing("an") as connection:
        await connection.execute(copy(**earlier), delivery)


async def test_no_more_than_was_offered_with_what_others_recorded(desk: Desk) -> None:
    delivery = await given(desk)
    earlier = {"happened_at": "d.happened_at - interval '1 hour'"}
    await desk.hostile("an", "delivery_beyond_offer", copy(**earlier, quantity="3"), delivery)
    outside = copy(happened_at="d.happened_at - interval '2 hours'", street_id=OUTSIDE)
    await desk.plant(outside, delivery, desk.world.organizations["street"])
    await desk.hostile("an", "delivery_beyond_offer", copy(**earlier, quantity="2"), delivery)

    async def record(hours: int) -> None:
        async with desk.writing("an") as connection:
            await connection.execute(copy(happened_at=f"d.happened_at - interval '{hours} hours'"), delivery)
            await asyncio.sleep(0.2)

    done = await asyncio.gather(record(3), record(4), return_exceptions=True)
    failed = [one for one in done if one is not None]
    assert [vars(one)["constraint_name"] for one in failed] == ["delivery_beyond_offer"]
    (row,) = await desk.rows(
        "select c.delivered_count from cases c join deliveries d on d.case_id = c.id where d.id = $1",
        delivery,
    )
    assert row["delivered_count"] == 3


async def test_a_count_is_nobodys_to_write(desk: Desk) -> None:
    delivery = await given(desk)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with desk.writing("an") as connection:
            await connection.execute("update cases set delivered_count = 0")
    await desk.plant(
        "update deliveries set status = 'DISPUTED', dispute_reason_code = 'OTHER' where id = $1", delivery
    )
    async with desk.writing("mei") as connection:
        await connection.execute(VOID, delivery, desk.world.memberships["mei"], desk.now)
    (row,) = await desk.rows(
        "select c.delivered_count from cases c join deliveries d on d.case_id = c.id where d.id = $1",
        delivery,
    )
    assert row["delivered_count"] == 0


async def test_follow_ups_are_one_each_and_moments_are_once(desk: Desk) -> None:
    casework = await given(desk, "RESOURCES", 1)
    earlier = {"happened_at": "d.happened_at - interval '1 hour'"}
    await desk.hostile("an", "delivery_beyond_offer", copy(**earlier, quantity="2"), casework)
    await desk.hostile("an", "uq_deliveries_moment", copy(), casework)


async def test_one_visit_is_one_unit(desk: Desk) -> None:
    haircut = await given(desk, "HOME_HAIRCUT", 3)
    earlier = {"happened_at": "d.happened_at - interval '1 hour'"}
    await desk.hostile("an", "delivery_beyond_offer", copy(**earlier, quantity="2"), haircut)
    async with desk.writing("an") as connection:
        await connection.execute(copy(**earlier), haircut)


async def test_a_visit_that_was_not_made_is_not_delivered(desk: Desk) -> None:
    delivery = await given(desk)
    (row,) = await desk.rows("select case_id from deliveries where id = $1", delivery)
    visit = await desk.visit(f"case_{row['case_id']}", hours=1)
    on_visit = copy(visit_id=f"'{bare(visit)}'::uuid", happened_at="d.happened_at - interval '1 hour'")
    await desk.hostile("an", "delivery_not_held", on_visit, delivery)
    await desk.plant(
        "update visits set status = 'COMPLETED', kept_at = $2 where id = $1",
        bare(visit),
        desk.now - timedelta(hours=2),
    )
    await desk.hostile("an", "delivery_not_held", on_visit, delivery)


async def test_evidence_is_a_stored_file_of_the_partner_itself(desk: Desk) -> None:
    delivery = await given(desk, "HOME_HAIRCUT")
    attach = (
        "insert into delivery_documents (id, delivery_id, document_id, district_id, street_id, community_id,"
        " partner_id, attached_at) select gen_random_uuid(), d.id, $2, d.district_id, d.street_id, d.community_id,"
        " d.partner_id, d.recorded_at from deliveries d where d.id = $1"
    )
    pending, foreign = await desk.document(status="PENDING"), await desk.document(who="lin")
    await desk.hostile("an", "evidence_not_stored", attach, delivery, bare(pending))
    await desk.hostile("an", "scope_mismatch", attach, delivery, bare(foreign))
    await desk.plant(
        "update deliveries set status = 'VOIDED', void_reason_code = 'OTHER' where id = $1", delivery
    )
    await desk.hostile("an", "evidence_not_stored", attach, delivery, bare(await desk.document()))


async def test_another_streets_deliveries_are_out_of_reach(desk: Desk) -> None:
    delivery = await given(desk)
    other = "select id from organizations where kind = 'STREET' and id <> $1 limit 1"
    (row,) = await desk.rows(other, desk.world.organizations["street"])
    async with harness.connect_as(desk.server, "writer") as connection, connection.transaction():
        await connection.execute("select set_config('hub.street', $1, true)", str(row["id"]))
        done = await connection.execute(VOID, delivery, desk.world.memberships["mei"], desk.now)
    assert done == "UPDATE 0"
