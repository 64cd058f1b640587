"""The writer's login without Python before it: history, other streets, statuses and conflicts hold all the same.

Most tests have a control: the same statement goes through once the one thing that stopped it is taken away.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.policy.planted import NOW, SERVICE, Planted
from tests.policy.sessions import refused, session
from tests.policy.unchanged import fingerprint

pytestmark = pytest.mark.anyio


@pytest.fixture
async def street_a(planted_database: Server, planted: Planted) -> AsyncIterator[asyncpg.Connection]:
    """The writer, in street a."""
    async with session(planted_database, "writer", street=planted.places["a"]) as connection:
        yield connection


async def test_i8_the_writer_changes_no_history(
    street_a: asyncpg.Connection, planted_database: Server
) -> None:
    before = await fingerprint(planted_database)
    for table in (
        "audit_events",
        "offer_needs",
        "visit_findings",
        "person_keys",
        "case_needs",
        "conflict_declarations",
    ):
        await refused(
            street_a,
            f"update {table} set id = id"
            if table != "person_keys"
            else "update person_keys set street_id = street_id",
        )
        await refused(street_a, f"delete from {table}")
        await refused(street_a, f"truncate {table}")
    await refused(street_a, "select * from audit_chain")
    await refused(street_a, "update visits set promised_from_at = now()")
    await refused(street_a, "update users set password_hash = 'x'")
    await refused(street_a, "update persons set name = 'x'")
    assert await fingerprint(planted_database) == before


async def test_i8_history_is_refused_to_the_owner_too_and_only_by_its_trigger(
    planted_database: Server,
) -> None:
    async with harness.connect_as(planted_database, "owner") as connection:
        for statement in (
            "update audit_events set action = 'x'",
            "delete from audit_events",
            "truncate audit_events cascade",
        ):
            assert await refused(connection, statement, how=asyncpg.CheckViolationError) == "immutable"
        await connection.execute("alter table audit_events disable trigger audit_events_immutable")
        assert await connection.execute("update audit_events set purpose = 'x'") != "UPDATE 0"


def _person(planted: Planted, street: str, community: str) -> tuple[str, list[object]]:
    district = planted.viewers["zhao" if street == "a" else "zhou"].district_id
    statement = """insert into persons (id, reference, pseudonym, district_id, street_id, community_id, name,
                   name_masked, birth_on, sex, created_at)
                   values ($1, $2, $3, $4, $5, $6, '甲乙', '甲*', '1950-01-01', 'MALE', $7)"""
    one = uuid4()
    return statement, [
        one,
        one.hex,
        one.hex,
        district,
        planted.places[street],
        planted.places[community],
        NOW,
    ]


async def test_the_writer_writes_no_row_of_another_street(
    street_a: asyncpg.Connection, planted: Planted, planted_database: Server
) -> None:
    before = await fingerprint(planted_database)
    statement, values = _person(planted, "b", "b1")
    await refused(street_a, statement, *values)
    for table, change in (
        ("referrals", "triage_note = 'x'"),
        ("cases", "summary = 'x'"),
        ("persons", "version = 9"),
        ("consents", "withdrawn_reason = 'x'"),
        ("visits", "cancel_reason = 'x'"),
        ("clients", "revoked_at = now()"),
    ):
        assert (
            await street_a.execute(f"update {table} set {change} where street_id = $1", planted.places["b"])
            == "UPDATE 0"
        )
    assert (
        await street_a.execute("delete from referral_needs where street_id = $1", planted.places["b"])
        == "DELETE 0"
    )
    member = planted.viewers["ban"].membership_id
    await refused(street_a, "update memberships set ended_at = now() where id = $1", member)
    grant = """insert into memberships (id, user_id, organization_id, role, display_name, street_id,
               valid_from_on, created_at)
               values (gen_random_uuid(), $1, $2, 'ADMIN', 'x', $2, current_date, now())"""
    await refused(street_a, grant, planted.viewers["mei"].user_id, planted.places["b"])
    # Control: rows of its own street it writes.
    assert await fingerprint(planted_database) == before
    statement, values = _person(planted, "a", "a1")
    assert await street_a.execute(statement, *values) == "INSERT 0 1"
    assert await street_a.execute("update cases set summary = 'x'") != "UPDATE 0"
    await street_a.execute(grant, planted.viewers["mei"].user_id, planted.places["a"])


async def test_the_writer_control_without_the_policy_the_other_street_is_open(
    street_a: asyncpg.Connection, planted: Planted, planted_database: Server
) -> None:
    async with harness.connect_as(planted_database, "owner") as connection:
        await connection.execute("alter table persons disable row level security")
    statement, values = _person(planted, "b", "b1")
    assert await street_a.execute(statement, *values) == "INSERT 0 1"


async def test_a_row_cannot_be_put_under_a_parent_of_another_scope(
    street_a: asyncpg.Connection, planted: Planted
) -> None:
    """In the writer's own street, but hanging on a person of another community or street: her scope is not hers."""
    values = [uuid4(), planted.viewers["mei"].district_id, planted.places["a"], planted.places["a2"]]
    statement = """insert into needs (id, person_id, district_id, street_id, community_id, domain, bradshaw_type,
                   statement, recorded_by_id, created_at)
                   values ($1, $2, $3, $4, $5, 'CARE', 'NORMATIVE', 'x', $6, $7)"""
    for person in ("active", "bei@p1"):
        given = [values[0], planted.persons[person], *values[1:], planted.viewers["mei"].membership_id, NOW]
        how = asyncpg.CheckViolationError
        assert await refused(street_a, statement, *given, how=how) == "scope_mismatch"


MOVES = (
    ("referrals", "submitted", "CLOSED"),
    ("referrals", "submitted", "ACCEPTED"),
    ("offers", "pending@p1", "OFFERED' || 'X"),
    ("cases", "active", "OPEN"),
    ("cases", "ended", "ACTIVE"),
    ("consents", "withdrawn", "ACTIVE"),
    ("visits", "withdrawn", "PLANNED"),
    ("needs", "ended", "OPEN"),
)


async def test_i6_the_writer_moves_no_status_but_along_the_state_tables(
    street_a: asyncpg.Connection, planted: Planted, planted_database: Server
) -> None:
    before = await fingerprint(planted_database)
    for table, key, status in MOVES:
        row_id = getattr(planted, table)[key]
        extra = ", withdrawn_at = null" if table == "consents" else ""
        statement = f"update {table} set status = '{status}'{extra} where id = $1"
        name = await refused(street_a, statement, row_id, how=asyncpg.CheckViolationError)
        assert name in ("illegal_move", f"ck_{table}_status", f"ck_{table}_closed"), (table, status, name)
    assert await fingerprint(planted_database) == before
    async with harness.connect_as(planted_database, "owner") as connection:  # control
        await connection.execute("alter table referrals disable trigger referrals_move")
    done = await street_a.execute(
        "update referrals set status = 'CLOSED' where id = $1", planted.referrals["submitted"]
    )
    assert done == "UPDATE 1"


async def _offer(
    connection: asyncpg.Connection, planted: Planted, by: UUID | None, partner: str, key: str
) -> str:
    """Put the offer of a referral straight into the table; with a line where the partner has one there."""
    referral = planted.referrals[key]
    line = planted.lines.get(f"{'c' if key.startswith('cui') else 'a'}@{partner}/{SERVICE}")
    agreement = line and await connection.fetchval(
        "select agreement_id from agreement_lines where id = $1", line
    )
    scope = await connection.fetchrow(
        "select district_id, street_id, community_id, service_type_id from referrals where id = $1", referral
    )
    assert scope is not None
    return await connection.execute(
        """insert into offers (id, referral_id, partner_id, district_id, street_id, community_id, service_type_id,
           urgency, age_group, expires_at, offered_by_id, offered_at, agreement_id, line_id, quantity)
           values (gen_random_uuid(), $1, $2, $3, $4, $5, $6, 'ROUTINE', 'AGE_80_PLUS', $7, $8, $9, $10, $11, $12)""",
        *(referral, planted.places[partner], *scope.values(), NOW + timedelta(days=1), by, NOW),
        *(agreement, line, line and 1),
    )


@pytest.mark.parametrize(("name", "partner"), [("hua", "p2"), ("hua@p2", "p2"), ("tao", "p3"), ("chu", "p2")])
async def test_i5_the_writer_inserts_no_offer_by_somebody_with_a_stake(
    planted: Planted, planted_database: Server, name: str, partner: str
) -> None:
    key, street = ("cui@none", "c") if name == "chu" else ("submitted", "a")
    by = planted.viewers[name].membership_id
    async with session(planted_database, "writer", street=planted.places[street]) as connection:
        with pytest.raises(asyncpg.CheckViolationError) as raised:
            await _offer(connection, planted, by, partner, key)
        assert raised.value.constraint_name == "conflict_of_interest"  # pyright: ignore[reportAttributeAccessIssue]
        assert await _offer(connection, planted, by, "p1", key) == "INSERT 0 1"  # to another partner she may


async def test_i5_the_conflict_counts_where_the_writer_cannot_see_it(
    planted: Planted, planted_database: Server
) -> None:
    """Mei has declared it under a membership of another street, of which the writer in street a sees nothing."""
    mei = planted.viewers["mei"]
    async with harness.connect_as(planted_database, "admin") as admin:
        declared = """insert into conflict_declarations (id, user_id, partner_id, membership_id, street_id, reason,
                      declared_at) values (gen_random_uuid(), $1, $2, $3, $4, 'x', now())"""
        other = planted.viewers["chu"].membership_id
        await admin.execute(declared, mei.user_id, planted.places["p1"], other, planted.places["c"])
    async with session(planted_database, "writer", street=planted.places["a"]) as connection:
        hidden = "select count(*) from conflict_declarations where user_id = $1"
        assert await connection.fetchval(hidden, mei.user_id) == 0
        with pytest.raises(asyncpg.CheckViolationError) as raised:
            await _offer(connection, planted, mei.membership_id, "p1", "submitted")
        assert raised.value.constraint_name == "conflict_of_interest"  # pyright: ignore[reportAttributeAccessIssue]
        async with harness.connect_as(planted_database, "owner") as owner:  # control
            await owner.execute("alter table offers disable trigger offers_made_without_stake")
        assert await _offer(connection, planted, mei.membership_id, "p1", "submitted") == "INSERT 0 1"


async def test_the_writer_for_a_partner_reads_what_its_partner_may_and_writes_nothing_before_a_claim(
    planted_database: Server, planted: Planted
) -> None:
    """Before `claim` enters a street, a partner's transaction sees the partner's own rows and may write none."""
    bo = planted.viewers["bo"]
    async with session(
        planted_database, "writer", partner=bo.partner_id, membership=bo.membership_id
    ) as connection:
        outside = "select count(*) from persons where not $1 = any (partner_ids)"
        assert await connection.fetchval(outside, bo.partner_id) == 0
        assert (
            await connection.fetchval("select count(*) from offers where partner_id <> $1", bo.partner_id)
            == 0
        )
        assert await connection.fetchval("select count(*) from guardians") == 0
        assert await connection.fetchval("select count(*) from person_keys") == 0
        await refused(connection, "update cases set summary = 'x'")
        statement, values = _person(planted, "a", "a1")
        await refused(connection, statement, *values)
