"""What the database refuses whoever asks: illegal moves, changed history, conflicts of interest, mixed scopes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from hub.base.db import Server
from migrations.draft_moves import MACHINES, legal_pairs
from tests import harness
from tests.base.rows import NOW, TODAY, TOMORROW, Rows, rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rows(database: Server) -> AsyncIterator[Rows]:
    async with rows_of(database) as rows:
        yield rows


def broken(caught: pytest.ExceptionInfo[asyncpg.CheckViolationError]) -> Any:
    """The name of the constraint that was violated."""
    return vars(caught.value)["constraint_name"]


async def refused(rows: Rows, constraint: str, statement: str, *args: object) -> None:
    """The statement is refused under that constraint's name."""
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.connection.execute(statement, *args)
    assert broken(caught) == constraint


# ------------------------------------------------------------------------------------------------------------ machines
async def test_the_moves_in_the_database_are_those_of_the_state_tables(rows: Rows) -> None:
    found = await rows.connection.fetch("select table_name, source, target from state_moves")
    assert {tuple(row) for row in found} == legal_pairs()


async def test_every_table_of_a_machine_is_guarded(rows: Rows) -> None:
    guarded = await rows.value(
        "select array_agg(tgrelid::regclass::text || ' ' || tgname order by 1) from pg_trigger"
        " where tgfoid = 'refuse_illegal_move'::regproc"
    )
    expected = [f"{m.table} {m.table}_{step}" for m in MACHINES for step in ("begin", "move")]
    assert sorted(guarded) == sorted(expected)


async def test_an_illegal_move_is_refused(rows: Rows) -> None:
    referral = await rows.referral(await rows.person())
    await refused(rows, "illegal_move", "update referrals set status = 'CLOSED' where id = $1", referral)
    assert await rows.value("select status from referrals where id = $1", referral) == "DRAFT"
    for status in ("SUBMITTED", "TRIAGED", "TRIAGED"):  # the same state again is no move
        await rows.connection.execute("update referrals set status = $2 where id = $1", referral, status)


async def test_a_row_begins_in_its_first_state(rows: Rows) -> None:
    person = await rows.person()
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.referral(person, status="TRIAGED")
    assert broken(caught) == "illegal_move"


# ------------------------------------------------------------------------------------------------------------- history
@pytest.mark.parametrize("name", ["admin", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set action = 'other'",
        "delete from audit_events",
        "truncate audit_events cascade",
        "update audit_chain set position = 2",
        "delete from audit_chain",
        "truncate audit_chain",
        "update offer_needs set severity = 1",
        "delete from offer_needs",
        "truncate offer_needs",
        "update visit_findings set text = 'other'",
        "delete from visit_findings",
        "truncate visit_findings",
        "update person_keys set wrapped_key = ''",
        "truncate person_keys",
    ],
)
async def test_history_is_not_changed_by_anybody(kept: Server, name: str, statement: str) -> None:
    async with harness.connect_as(kept, name) as connection:
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            await connection.execute(statement)
    assert broken(caught) == "immutable"


@pytest.fixture(scope="module")
async def kept(anyio_backend: str, shared: harness.Shared) -> AsyncIterator[Server]:
    """One database for the tests above, which change nothing; with a row to find for the row-level trigger."""
    async with harness.clone(shared, await harness.template(shared)) as server:
        async with rows_of(server) as rows:
            person = await rows.person()
            visit = await rows.visit(person, rows.station, rows.street)
            finding = {"visit_id": visit, "person_id": person, "text": "said", "created_at": NOW}
            await rows.add("visit_findings", **finding, **rows.scope)
        yield server


# ------------------------------------------------------------------------------------------------- conflict of interest
async def test_i5_an_offer_to_a_partner_one_works_for_is_refused(rows: Rows) -> None:
    partner, user = await rows.partner(), await rows.user()
    hua = await rows.member(rows.street, "STATION_WORKER", user, street_id=rows.street)
    await rows.member(partner, "PARTNER_WORKER", user)
    referral = await rows.referral(await rows.person())
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.offer(referral, partner, offered_by_id=hua)
    assert broken(caught) == "conflict_of_interest"
    assert await rows.value("select count(*) from offers") == 0
    await rows.offer(referral, await rows.partner(), offered_by_id=hua)


async def test_i5_a_membership_that_is_over_does_not_count(rows: Rows) -> None:
    user = await rows.user()
    hua = await rows.member(rows.street, "STATION_WORKER", user, street_id=rows.street)
    ended, over = await rows.partner(), await rows.partner()
    await rows.member(ended, "PARTNER_WORKER", user, ended_at=NOW)
    await rows.member(over, "PARTNER_WORKER", user, valid_to_on=TODAY)
    person = await rows.person()
    await rows.offer(await rows.referral(person), ended, offered_by_id=hua)
    with pytest.raises(asyncpg.CheckViolationError):
        await rows.offer(await rows.referral(person), over, offered_by_id=hua)
    await rows.on(TOMORROW)
    await rows.offer(await rows.referral(person), over, offered_by_id=hua)


async def test_i5_a_declared_conflict_refuses_the_offer_and_later_its_acceptance(rows: Rows) -> None:
    partner = await rows.partner()
    referral = await rows.referral(await rows.person())
    offer = await rows.offer(referral, partner)
    user = await rows.value("select user_id from memberships where id = $1", rows.station)
    await rows.add(
        "conflict_declarations",
        user_id=user,
        partner_id=partner,
        membership_id=rows.station,
        reason="a cousin",
        declared_at=NOW,
    )
    await refused(rows, "conflict_of_interest", "update offers set status = 'ACCEPTED' where id = $1", offer)
    await rows.connection.execute("update offers set status = 'WITHDRAWN' where id = $1", offer)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.offer(referral, partner)
    assert broken(caught) == "conflict_of_interest"


# --------------------------------------------------------------------------------------------------------------- scopes
async def test_a_row_in_another_community_than_its_person_is_refused(rows: Rows) -> None:
    person = await rows.person()
    for add in (rows.need, rows.referral):
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            await add(person, community_id=rows.other_community)
        assert broken(caught) == "scope_mismatch"
    with pytest.raises(asyncpg.CheckViolationError):
        await rows.consent(person, rows.street, community_id=rows.other_community)


async def test_a_case_of_another_person_than_its_referral_is_refused(rows: Rows) -> None:
    one, two = await rows.person(), await rows.person()
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.case(two, rows.street, referral=await rows.referral(one))
    assert broken(caught) == "scope_mismatch"


async def test_a_case_does_not_take_up_somebody_elses_need(rows: Rows) -> None:
    one, two = await rows.person(), await rows.person()
    case, need = await rows.case(one, rows.street), await rows.need(two)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.add("case_needs", case_id=case, need_id=need, person_id=one, **rows.scope)
    assert broken(caught) == "scope_mismatch"


async def test_a_member_works_for_the_organization_she_joins_for(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    case = await rows.case(person, partner)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.join(case, person, partner, membership_id=rows.station)
    assert broken(caught) == "scope_mismatch"


# --------------------------------------------------------------------------------------------------------------- counts
async def counts(rows: Rows, case: object) -> tuple[int, ...]:
    query = "select open_visit_count, open_need_count, open_goal_count from cases where id = $1"
    return tuple(await rows.connection.fetchrow(query, case))


async def test_open_counts_follow_visits_needs_and_goals(rows: Rows) -> None:
    person = await rows.person()
    case, need = await rows.case(person, rows.street), await rows.need(person)
    assert await counts(rows, case) == (0, 0, 0)
    visits = [await rows.visit(person, rows.station, rows.street, case_id=case) for _ in range(2)]
    await rows.visit(person, rows.station, rows.street)
    await rows.add("case_needs", case_id=case, need_id=need, person_id=person, **rows.scope)
    goal = await rows.add(
        "goals", case_id=case, person_id=person, title="t", target="t", created_at=NOW, **rows.scope
    )
    assert await counts(rows, case) == (2, 1, 1)
    await rows.connection.execute(
        "update visits set status = 'COMPLETED', kept_at = $2 where id = $1", visits[0], NOW
    )
    await rows.connection.execute("update needs set status = 'MET' where id = $1", need)
    assert await counts(rows, case) == (1, 0, 1)
    await rows.connection.execute("update goals set status = 'ACHIEVED' where id = $1", goal)
    await rows.connection.execute("update visits set status = 'CANCELLED' where id = $1", visits[1])
    assert await counts(rows, case) == (0, 0, 0)


async def test_two_visits_promised_at_the_same_moment_are_both_counted(rows: Rows, database: Server) -> None:
    person = await rows.person()
    case = await rows.case(person, rows.street)
    async with harness.connect_as(database, "admin") as other:
        second = Rows(other)
        second.__dict__ |= rows.__dict__ | {"connection": other, "_number": 100}
        async with rows.connection.transaction():
            await rows.visit(person, rows.station, rows.street, case_id=case)
            waiting = asyncio.create_task(second.visit(person, rows.station, rows.street, case_id=case))
            await asyncio.sleep(0.2)
            assert not waiting.done()
        await waiting
    assert (await counts(rows, case))[0] == 2


# ------------------------------------------------------------------------------------------------------------ look-ups
async def test_live_means_member_user_and_client(rows: Rows) -> None:
    live = "select hub_live($1, $2, $3)"
    assert await rows.value(live, rows.station, None, TODAY) is True
    assert await rows.value(live, rows.station, None, TODAY - timedelta(days=1)) is False
    assert await rows.value(live, uuid4(), None, TODAY) is False
    client = await rows.add(
        "clients", membership_id=rows.station, name="c", secret_hash="h", scopes=[], created_at=NOW
    )
    other = await rows.member(rows.street, "STATION_WORKER", street_id=rows.street)
    assert await rows.value(live, rows.station, client, TODAY) is True
    assert await rows.value(live, other, client, TODAY) is False
    await rows.connection.execute("update clients set revoked_at = $2 where id = $1", client, NOW)
    assert await rows.value(live, rows.station, client, TODAY) is False
    await rows.connection.execute("update memberships set ended_at = $2 where id = $1", rows.station, NOW)
    assert await rows.value(live, rows.station, None, TODAY) is False
    await rows.connection.execute(
        "update users set active = false where id = (select user_id from memberships where id = $1)", other
    )
    assert await rows.value(live, other, None, TODAY) is False


async def test_the_comparator_sets_a_person_beside_her_cohort(rows: Rows) -> None:
    alone = {"lives_alone": True, "birth_on": date(1943, 1, 1)}
    people = [await rows.person(**alone) for _ in range(3)]
    for stranger in (
        {"lives_alone": False},
        {**alone, "birth_on": date(1990, 1, 1)},
        {**alone, "status": "DECEASED"},
    ):
        await rows.person(**stranger)
    await rows.person(**alone, community_id=rows.other_community)
    for person, days in ((people[1], 0), (people[1], 89), (people[1], 90), (people[2], 5)):
        visit = await rows.visit(person, rows.station, rows.street)
        kept_at = NOW - timedelta(days=days)
        await rows.connection.execute(
            "update visits set status = 'COMPLETED', kept_at = $2 where id = $1", visit, kept_at
        )
    found = "select cohort, value, cohort_value from comparator_visits_90d where person_id = $1"
    rounded = [tuple(map(str, await rows.connection.fetchrow(found, person))) for person in people]
    assert rounded == [("ALONE_60_PLUS", value, "1.00") for value in ("0", "2", "1")]
