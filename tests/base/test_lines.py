"""I17 and I11 in the database: offers within a line, to qualified partners, under active agreements; who reads then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.db import Server
from hub.base.limits import HANDOVER_DAYS
from tests import harness
from tests.base.rows import NOW, TODAY, Rows, rows_of

pytestmark = pytest.mark.anyio

FOREVER = date.max
NOBODY = (set(), set(), FOREVER)
ENDS_ON = date(2026, 12, 31)
LAST_DAY = ENDS_ON + timedelta(days=HANDOVER_DAYS)
IN_FORCE = ("ACTIVE", "SUSPENDED", "CLOSING")
OTHERS = ("DRAFT", "PARTNER_ACCEPTED", "CLOSED", "TERMINATED", "CANCELLED")


@pytest.fixture
async def rows(database: Server) -> AsyncIterator[Rows]:
    async with rows_of(database) as rows:
        yield rows


async def offer(rows: Rows, partner: UUID, line: UUID, quantity: int = 1, **values: Any) -> UUID:
    """An offer of a new referral on the line."""
    referral = await rows.referral(await rows.person())
    return await rows.offer(referral, partner, **await rows.paid_by(line, quantity), **values)


async def refused(rows: Rows, constraint: str, partner: UUID, line: UUID, quantity: int = 1) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await offer(rows, partner, line, quantity)
    assert vars(caught.value)["constraint_name"] == constraint


async def remaining(rows: Rows, line: UUID) -> int | None:
    return await rows.value("select remaining from line_usage($1)", line)


# ------------------------------------------------------------------------------------------------------------- quantity
async def test_i17_a_line_of_twelve_carries_no_thirteenth_unit(rows: Rows) -> None:
    partner = await rows.partner()
    line = await rows.line(partner, cap=12)
    for _ in range(2):
        await offer(rows, partner, line, 5)
    await refused(rows, "line_quantity", partner, line, 3)
    last = await offer(rows, partner, line, 2)
    await refused(rows, "line_quantity", partner, line)
    await rows.connection.execute("update offers set status = 'WITHDRAWN' where id = $1", last)
    assert await remaining(rows, line) == 2
    await offer(rows, partner, line, 2)


async def test_i17_several_offers_in_one_statement_are_summed(rows: Rows) -> None:
    partner = await rows.partner()
    line = await rows.line(partner, cap=2)
    for _ in range(3):
        await rows.referral(await rows.person())
    many = (
        "insert into offers (id, referral_id, partner_id, district_id, street_id, community_id, service_type_id,"
        " urgency, age_group, expires_at, offered_by_id, offered_at, agreement_id, line_id, quantity)"
        " select gen_random_uuid(), r.id, l.partner_id, r.district_id, r.street_id, r.community_id, r.service_type_id,"
        " 'ROUTINE', 'AGE_80_PLUS', $2, $3, $2, l.agreement_id, l.id, 1 from referrals r, agreement_lines l"
        " where l.id = $1"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="beyond what is left"):
        await rows.connection.execute(many, line, NOW, rows.station)
    await rows.connection.execute(f"{many} limit 2", line, NOW, rows.station)
    assert await remaining(rows, line) == 0


async def test_i17_of_two_that_offer_the_last_unit_at_the_same_moment_one_wins(
    rows: Rows, database: Server
) -> None:
    """Two real transactions: the second is at the line before the first has committed, and counts it all the same."""
    partner = await rows.partner()
    line = await rows.line(partner, cap=1)
    async with harness.connect_as(database, "admin") as connection:
        second = Rows(connection)
        vars(second).update({**vars(rows), "connection": connection, "_number": 1000})
        await second.on(TODAY)
        async with rows.connection.transaction():
            won = await offer(rows, partner, line)
            racing = asyncio.create_task(offer(second, partner, line))
            await asyncio.sleep(0.3)
            assert not racing.done()
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            await racing
    assert vars(caught.value)["constraint_name"] == "line_quantity"
    assert [row["id"] for row in await rows.connection.fetch("select id from offers")] == [won]


async def test_i17_when_the_first_one_gives_up_the_second_gets_the_last_unit(
    rows: Rows, database: Server
) -> None:
    partner = await rows.partner()
    line = await rows.line(partner, cap=1)
    async with harness.connect_as(database, "admin") as connection:
        second = Rows(connection)
        vars(second).update({**vars(rows), "connection": connection, "_number": 1000})
        await second.on(TODAY)
        giving_up = rows.connection.transaction()
        await giving_up.start()
        await offer(rows, partner, line)
        racing = asyncio.create_task(offer(second, partner, line))
        await asyncio.sleep(0.3)
        await giving_up.rollback()
        won = await racing
    assert [row["id"] for row in await rows.connection.fetch("select id from offers")] == [won]


async def test_what_a_case_did_not_use_is_released_at_its_end(rows: Rows) -> None:
    partner = await rows.partner()
    line = await rows.line(partner, cap=5)
    made = await offer(rows, partner, line, 5)
    person, referral = await rows.connection.fetchrow(
        "select r.person_id, r.id from offers o join referrals r on r.id = o.referral_id where o.id = $1",
        made,
    )
    await rows.connection.execute("update offers set status = 'ACCEPTED' where id = $1", made)
    paid = await rows.paid_by(line, 5)
    case = await rows.case(person, partner, referral=referral, partner_id=partner, offer_id=made, **paid)
    assert await remaining(rows, line) == 0
    ended = "update cases set status = 'CLOSED', closed_at = $2, outcome = 'HANDED_BACK' where id = $1"
    await rows.connection.execute(ended, case, NOW)
    assert await remaining(rows, line) == 5


@pytest.mark.parametrize(
    ("unit", "quantity", "fits"),
    [
        ("VISIT", 3, True),
        ("HOUR", 3, True),
        ("PERSON", 3, True),
        ("CASE", 1, True),
        ("CASE", 2, False),
        ("SESSION", 1, True),
        ("SESSION", 2, False),
        ("SERIES", 2, False),
        ("REPORT", 2, False),
    ],
)
async def test_a_case_and_a_place_in_a_group_are_one_each(
    rows: Rows, unit: str, quantity: int, fits: bool
) -> None:
    partner = await rows.partner()
    line = await rows.line(partner, unit=unit)
    if fits:
        await offer(rows, partner, line, quantity)
    else:
        await refused(rows, "line_quantity", partner, line, quantity)


async def test_a_place_in_a_group_and_a_line_without_a_cap_reserve_nothing(rows: Rows) -> None:
    partner = await rows.partner()
    group, block = await rows.line(partner, cap=1, unit="SESSION"), await rows.line(partner, cap=None)
    for _ in range(2):
        await offer(rows, partner, group)
        await offer(rows, partner, block, 1000)
    assert (await remaining(rows, group), await remaining(rows, block)) == (1, None)


# ----------------------------------------------------------------------------------------------------- line and partner
@pytest.mark.parametrize(
    "status", ["DRAFT", "PARTNER_ACCEPTED", "SUSPENDED", "CLOSING", "CLOSED", "TERMINATED"]
)
async def test_an_offer_needs_an_active_agreement(rows: Rows, status: str) -> None:
    partner = await rows.partner()
    await refused(rows, "agreement_active", partner, await rows.line(partner, status=status))


async def test_an_offer_names_a_line_of_the_present_wording(rows: Rows) -> None:
    partner = await rows.partner()
    await refused(rows, "agreement_active", partner, await rows.line(partner, version_id=uuid4()))


async def test_an_offer_names_a_line_that_serves_the_person_with_the_service(rows: Rows) -> None:
    partner = await rows.partner()
    await refused(
        rows, "line_serves", partner, await rows.line(partner, community_ids=[rows.other_community])
    )
    await refused(rows, "line_serves", partner, await rows.line(partner, service_type_id=uuid4()))


async def test_an_offer_names_a_line_of_its_own_partner(rows: Rows) -> None:
    line = await rows.line(await rows.partner())
    await refused(rows, "scope_mismatch", await rows.partner(), line)


async def test_an_offer_names_a_line(rows: Rows) -> None:
    nothing = {"agreement_id": None, "line_id": None, "quantity": None}
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.offer(await rows.referral(await rows.person()), await rows.partner(), **nothing)
    assert vars(caught.value)["constraint_name"] == "line_missing"


@pytest.mark.parametrize(
    "unfit",
    [
        "delete from qualifications where type = 'SOCIAL_WORK'",
        "delete from qualifications where type = 'REGISTRATION'",
        "update qualifications set valid_to_on = '2026-11-23'",
        "update qualifications set valid_from_on = '2026-11-25'",
        "update organizations set status = 'CLOSED' where kind = 'PARTNER'",
    ],
)
async def test_i17_no_offer_to_an_unqualified_partner(rows: Rows, unfit: str) -> None:
    partner = await rows.partner()
    line = await rows.line(partner)
    await rows.connection.execute(unfit)
    await refused(rows, "partner_qualified", partner, line)


# --------------------------------------------------------------------------------------------------------------- access
async def paid_case(rows: Rows, **agreed: Any) -> tuple[UUID, UUID, UUID]:
    """Partner, agreement and case of somebody who consents, under an agreement that stands as said."""
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, rows.street)
    status = agreed.pop("status", "ACTIVE")
    line = await rows.line(partner, **agreed)
    paid = await rows.paid_by(line)
    case = await rows.case(person, partner, partner_id=partner, **paid)
    await stand(rows, paid["agreement_id"], status)
    return partner, paid["agreement_id"], case


async def stand(rows: Rows, agreement: UUID, status: str) -> None:
    """Bring an agreement to a state: as a move does, but for whatever else is asked of moves."""
    async with rows.connection.transaction():
        await rows.connection.execute("alter table agreements disable trigger user")
        await rows.connection.execute("alter table agreements enable trigger agreements_change_access")
        await rows.connection.execute("update agreements set status = $2 where id = $1", agreement, status)
        await rows.connection.execute("alter table agreements enable trigger user")


@pytest.mark.parametrize("status", IN_FORCE)
async def test_i11_a_partner_reads_while_its_agreement_is_in_force_and_a_week_longer(
    rows: Rows, status: str
) -> None:
    partner, _, case = await paid_case(rows, status=status, ends_on=ENDS_ON)
    assert await rows.access("cases", case) == ({partner}, set(), LAST_DAY)


@pytest.mark.parametrize("status", OTHERS)
async def test_i11_with_the_agreement_ends_what_it_opened(rows: Rows, status: str) -> None:
    _, agreement, case = await paid_case(rows, status=status)
    assert await rows.access("cases", case) == NOBODY
    person = await rows.value("select person_id from cases where id = $1", case)
    assert await rows.access("persons", person) == NOBODY
    await stand(rows, agreement, "ACTIVE")
    assert await rows.access("cases", case) != NOBODY


async def test_i11_a_week_after_the_term_access_is_over(rows: Rows) -> None:
    partner, _, case = await paid_case(rows, status="CLOSING", ends_on=ENDS_ON)
    person = await rows.value("select person_id from cases where id = $1", case)
    for day, reading in ((LAST_DAY, ({partner}, set(), LAST_DAY)), (LAST_DAY + timedelta(days=1), NOBODY)):
        await rows.on(day)
        await rows.connection.execute("select refresh_person_access($1)", person)
        assert await rows.access("cases", case) == reading


async def test_i11_another_term_decides_anew(rows: Rows) -> None:
    partner, agreement, case = await paid_case(rows, ends_on=TODAY - timedelta(days=HANDOVER_DAYS + 1))
    assert await rows.access("cases", case) == NOBODY
    version = uuid4()
    async with rows.connection.transaction():
        await rows.connection.execute("set local session_replication_role = replica")
        longer = (
            "insert into agreement_versions select (jsonb_populate_record(v, jsonb_build_object("
            "'id', $2::uuid, 'number', 2, 'ends_on', $3::date))).* from agreement_versions v where agreement_id = $1"
        )
        await rows.connection.execute(longer, agreement, version, ENDS_ON)
    async with rows.connection.transaction():
        await rows.connection.execute("alter table agreements disable trigger user")
        await rows.connection.execute("alter table agreements enable trigger agreements_change_access")
        newer = "update agreements set current_version_id = $2 where id = $1"
        await rows.connection.execute(newer, agreement, version)
    assert await rows.access("cases", case) == ({partner}, set(), LAST_DAY)


async def test_i11_a_case_older_than_agreements_is_exempt(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, rows.street)
    case = await rows.case(person, partner, partner_id=partner)
    assert await rows.access("cases", case) == ({partner}, set(), FOREVER)


async def test_i11_another_agreement_goes_on_opening_the_person(rows: Rows) -> None:
    partner, _, case = await paid_case(rows, status="TERMINATED")
    person = await rows.value("select person_id from cases where id = $1", case)
    other = await rows.partner()
    paid = await rows.paid_by(await rows.line(other))
    await rows.case(person, other, partner_id=other, **paid)
    assert partner != other
    assert (await rows.access("persons", person))[0] == {other}
    assert await rows.access("cases", case) == NOBODY


async def test_no_case_begins_under_an_agreement_that_is_not_active(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    paid = await rows.paid_by(await rows.line(partner, status="SUSPENDED"))
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await rows.case(person, partner, partner_id=partner, **paid)
    assert vars(caught.value)["constraint_name"] == "agreement_active"


async def test_a_case_opened_while_its_agreement_ends_gets_no_access(rows: Rows, database: Server) -> None:
    """Opening holds the agreement where it stands: ending it waits, then finds the case."""
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, rows.street)
    paid = await rows.paid_by(await rows.line(partner))
    terminate = "update agreements set status = 'TERMINATED' where id = $1"
    async with harness.connect_as(database, "admin") as other:
        await other.execute("select set_config('hub.today', $1, false)", TODAY.isoformat())
        async with rows.connection.transaction():
            case = await rows.case(person, partner, partner_id=partner, **paid)
            assert (await rows.access("cases", case))[0] == {partner}
            ending = asyncio.create_task(other.execute(terminate, paid["agreement_id"]))
            await asyncio.sleep(0.3)
            assert not ending.done()
        await ending
    assert await rows.access("cases", case) == NOBODY
