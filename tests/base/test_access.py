"""Access columns: which partners and workers may read a person follows from case members and consents alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from hub.base.db import Server
from tests import harness
from tests.base.rows import NOW, TODAY, TOMORROW, Rows, rows_of

pytestmark = pytest.mark.anyio
FOREVER = date.max
NOBODY = (set(), set(), FOREVER)
CHILDREN = (
    "cases",
    "case_members",
    "case_needs",
    "goals",
    "visit_findings",
    "needs",
    "referrals",
    "referral_needs",
)
OF_PERSON = ("persons", "eligibility_spells", "consents")


@pytest.fixture
async def rows(database: Server) -> AsyncIterator[Rows]:
    async with rows_of(database) as rows:
        yield rows


async def everything(rows: Rows) -> tuple[dict[str, tuple], dict[str, Any]]:
    """A person with a case of a partner, and one row in every table that has access columns; then their access."""
    person, partner = await rows.person(), await rows.partner()
    worker = await rows.member(partner, "PARTNER_WORKER")
    need = await rows.need(person)
    referral = await rows.referral(person)
    ids = {"person": person, "partner": partner, "worker": worker}
    ids["persons"], ids["needs"], ids["referrals"] = person, need, referral
    ids["referral_needs"] = await rows.add(
        "referral_needs", referral_id=referral, need_id=need, person_id=person, **rows.scope
    )
    ids["eligibility_spells"] = await rows.add(
        "eligibility_spells", person_id=person, category="DIBAO", from_on=TODAY, created_at=NOW, **rows.scope
    )
    case = await rows.case(person, partner, referral=referral)
    ids["cases"] = case
    ids["case_members"] = await rows.join(case, person, partner, membership_id=worker)
    ids["case_needs"] = await rows.add(
        "case_needs", case_id=case, need_id=need, person_id=person, **rows.scope
    )
    ids["goals"] = await rows.add(
        "goals", case_id=case, person_id=person, title="t", target="t", created_at=NOW, **rows.scope
    )
    visit = await rows.visit(person, worker, partner, case_id=case, partner_id=partner)
    ids["visit_findings"] = await rows.add(
        "visit_findings", visit_id=visit, case_id=case, person_id=person, created_at=NOW, **rows.scope
    )
    ids["consents"] = await rows.consent(person, partner)
    return await of_all(rows, ids), ids


async def of_all(rows: Rows, ids: dict) -> dict[str, tuple]:
    """Table → access of its row."""
    return {table: await rows.access(table, ids[table]) for table in (*CHILDREN, *OF_PERSON)}


async def test_a_case_and_a_consent_open_the_person_to_the_partner_everywhere(rows: Rows) -> None:
    access, ids = await everything(rows)
    opened = ({ids["partner"]}, {ids["worker"]}, FOREVER)
    assert access == dict.fromkeys((*CHILDREN, *OF_PERSON), opened)


async def test_withdrawn_consent_shuts_everything_at_once(rows: Rows) -> None:
    _, ids = await everything(rows)
    await rows.connection.execute(
        "update consents set status = 'WITHDRAWN', withdrawn_at = $2 where id = $1", ids["consents"], NOW
    )
    assert await of_all(rows, ids) == dict.fromkeys((*CHILDREN, *OF_PERSON), NOBODY)


async def test_without_consent_a_case_opens_nothing(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    case = await rows.case(person, partner)
    assert await rows.access("cases", case) == NOBODY


async def test_consent_to_the_street_opens_to_every_partner_on_a_case_and_to_no_other(rows: Rows) -> None:
    person, one, two = await rows.person(), await rows.partner(), await rows.partner()
    await rows.consent(person, rows.street)
    case = await rows.case(person, one)
    assert await rows.access("persons", person) == ({one}, set(), FOREVER)
    await rows.join(case, person, two, role="HELPER")
    assert await rows.access("cases", case) == ({one, two}, set(), FOREVER)


async def test_consent_for_another_purpose_opens_nothing(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, partner, purpose="SURVEY")
    assert await rows.access("cases", await rows.case(person, partner)) == NOBODY


async def test_street_and_community_on_a_case_do_not_count_as_partners(rows: Rows) -> None:
    person = await rows.person()
    await rows.consent(person, rows.street)
    case = await rows.case(person, rows.street)
    await rows.join(case, person, rows.street, membership_id=rows.station)
    assert await rows.access("cases", case) == NOBODY


async def test_t13_a_helper_reads_the_case_and_the_lead_stays(rows: Rows) -> None:
    person, lead, helper = await rows.person(), await rows.partner(), await rows.partner()
    await rows.consent(person, rows.street)
    case = await rows.case(person, lead, partner_id=lead)
    worker = await rows.member(helper, "PARTNER_WORKER")
    await rows.join(case, person, helper, role="HELPER")
    await rows.join(case, person, helper, role="HELPER", membership_id=worker)
    assert await rows.access("cases", case) == ({lead, helper}, {worker}, FOREVER)
    assert await rows.value("select lead_organization_id from cases where id = $1", case) == lead


async def test_t14_the_handover_window_opens_and_shuts(rows: Rows) -> None:
    _, ids = await everything(rows)
    last_day = TODAY + timedelta(days=7)
    await rows.connection.execute("update case_members set until_on = $1", last_day)
    window = ({ids["partner"]}, {ids["worker"]}, last_day)
    assert await of_all(rows, ids) == dict.fromkeys((*CHILDREN, *OF_PERSON), window)
    await rows.on(last_day)
    await rows.connection.execute("select refresh_person_access($1)", ids["person"])
    assert await rows.access("cases", ids["cases"]) == window
    # The day after, the column itself is past: shut for everybody even before the worker recomputes it.
    await rows.on(last_day + timedelta(days=1))
    await rows.connection.execute("select refresh_person_access($1)", ids["person"])
    assert await of_all(rows, ids) == dict.fromkeys((*CHILDREN, *OF_PERSON), NOBODY)


async def test_t14_the_successor_reads_on_when_the_predecessors_window_has_shut(rows: Rows) -> None:
    _, ids = await everything(rows)
    last_day, case, person, partner = TODAY + timedelta(days=7), ids["cases"], ids["person"], ids["partner"]
    successor = await rows.member(partner, "PARTNER_WORKER")
    await rows.connection.execute(
        "update case_members set until_on = $1 where membership_id = $2", last_day, ids["worker"]
    )
    await rows.join(case, person, partner, membership_id=successor)
    assert await rows.access("cases", case) == ({partner}, {ids["worker"], successor}, last_day)
    await rows.on(last_day + timedelta(days=1))
    await rows.connection.execute("select refresh_person_access($1)", person)
    assert await rows.access("cases", case) == ({partner}, {successor}, FOREVER)


async def test_the_longest_consent_counts(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, partner, to_on=TOMORROW)
    case = await rows.case(person, partner)
    assert (await rows.access("cases", case))[2] == TOMORROW
    await rows.consent(person, rows.street, to_on=TODAY + timedelta(days=30))
    assert (await rows.access("cases", case))[2] == TODAY + timedelta(days=30)


async def test_what_was_taken_back_from_a_partner_the_streets_consent_does_not_open_again(rows: Rows) -> None:
    """Only a consent that she gives afterwards does, to whomever; the street's goes on opening her to the others."""
    person, one, two = await rows.person(), await rows.partner(), await rows.partner()
    await rows.consent(person, rows.street, created_at=NOW)
    own = await rows.consent(person, one, created_at=NOW)
    case = await rows.case(person, one)
    await rows.join(case, person, two, role="HELPER")
    assert (await rows.access("cases", case))[0] == {one, two}
    later = NOW + timedelta(minutes=5)
    withdraw = "update consents set status = 'WITHDRAWN', withdrawn_at = $2 where id = $1"
    await rows.connection.execute(withdraw, own, later)
    assert (await rows.access("cases", case))[0] == {two}
    await rows.consent(person, rows.street, created_at=later + timedelta(minutes=5))
    assert (await rows.access("cases", case))[0] == {one, two}


async def test_a_consent_given_in_advance_opens_on_its_day(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, partner, from_on=TOMORROW)
    case = await rows.case(person, partner)
    assert await rows.access("cases", case) == NOBODY
    await rows.on(TOMORROW)
    await rows.connection.execute("select refresh_person_access($1)", person)
    assert await rows.access("cases", case) == ({partner}, set(), FOREVER)


async def test_a_vital_interest_lasts_until_its_paper_is_due(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    due = TODAY + timedelta(days=7)
    await rows.consent(person, partner, basis="VITAL_INTEREST", paper_due_on=due)
    case = await rows.case(person, partner)
    assert await rows.access("cases", case) == ({partner}, set(), due)
    await rows.on(due + timedelta(days=1))
    await rows.connection.execute("select refresh_person_access($1)", person)
    assert await rows.access("cases", case) == NOBODY


async def test_a_consent_after_a_vital_interest_decides_also_when_withdrawn(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    await rows.consent(person, partner, basis="VITAL_INTEREST", paper_due_on=TODAY + timedelta(days=7))
    case = await rows.case(person, partner)
    paper = await rows.consent(person, partner, created_at=NOW + timedelta(hours=1))
    assert await rows.access("cases", case) == ({partner}, set(), FOREVER)
    await rows.connection.execute(
        "update consents set status = 'WITHDRAWN', withdrawn_at = $2 where id = $1", paper, NOW
    )
    assert await rows.access("cases", case) == NOBODY


async def test_an_ended_membership_leaves_the_arrays(rows: Rows) -> None:
    _, ids = await everything(rows)
    await rows.connection.execute("update memberships set ended_at = $2 where id = $1", ids["worker"], NOW)
    assert await of_all(rows, ids) == dict.fromkeys(
        (*CHILDREN, *OF_PERSON), ({ids["partner"]}, set(), FOREVER)
    )


async def test_a_need_that_a_partner_states_is_its_own_only(rows: Rows) -> None:
    person, one, two = await rows.person(), await rows.partner(), await rows.partner()
    await rows.consent(person, rows.street)
    worker, other = await rows.member(one, "PARTNER_WORKER"), await rows.member(two, "PARTNER_WORKER")
    for partner, membership in ((one, worker), (two, other)):
        case = await rows.case(person, partner)
        await rows.join(case, person, partner, membership_id=membership)
    stated = await rows.need(person, partner_id=one)
    assert await rows.access("needs", stated) == ({one}, {worker}, FOREVER)
    assert await rows.access("needs", await rows.need(person)) == NOBODY


async def test_a_referral_handed_back_keeps_both_partners_until_the_window_shuts(rows: Rows) -> None:
    person, one, two = await rows.person(), await rows.partner(), await rows.partner()
    await rows.consent(person, rows.street)
    referral = await rows.referral(person)
    first = await rows.case(person, one, referral=referral)
    await rows.connection.execute("update case_members set until_on = $1 where case_id = $2", TOMORROW, first)
    await rows.connection.execute(
        "update cases set status = 'CLOSED', closed_at = $2, outcome = 'HANDED_BACK' where id = $1",
        first,
        NOW,
    )
    await rows.case(person, two, referral=referral)
    assert await rows.access("referrals", referral) == ({one, two}, set(), TOMORROW)


async def test_what_an_insert_says_about_access_is_overwritten(rows: Rows) -> None:
    person, partner = await rows.person(), await rows.partner()
    await rows.case(person, partner)
    forged = {"partner_ids": [partner], "worker_ids": [rows.station]}
    assert await rows.access("persons", await rows.person(**forged)) == NOBODY
    assert await rows.access("needs", await rows.need(person, **forged)) == NOBODY
    assert await rows.access("consents", await rows.consent(person, rows.district, **forged)) == NOBODY


async def test_refreshing_again_writes_nothing(rows: Rows) -> None:
    _, ids = await everything(rows)
    tables = (*CHILDREN, *OF_PERSON)
    before = [await rows.value(f"select array_agg(xmin::text order by id) from {table}") for table in tables]
    await rows.connection.execute("select refresh_person_access($1)", ids["person"])
    after = [await rows.value(f"select array_agg(xmin::text order by id) from {table}") for table in tables]
    assert before == after


async def test_a_member_who_joins_while_consent_is_withdrawn_gets_no_access(
    rows: Rows, database: Server
) -> None:
    person, one, two = await rows.person(), await rows.partner(), await rows.partner()
    consent = await rows.consent(person, rows.street)
    case = await rows.case(person, one)
    async with harness.connect_as(database, "admin") as other:
        await other.execute("select set_config('hub.today', $1, false)", TODAY.isoformat())
        withdrawal = other.transaction()
        await withdrawal.start()
        await other.execute(
            "update consents set status = 'WITHDRAWN', withdrawn_at = $2 where id = $1", consent, NOW
        )
        joining = asyncio.create_task(rows.join(case, person, two, role="HELPER"))
        await asyncio.sleep(0.2)
        assert not joining.done()
        await withdrawal.commit()
        await joining
    assert await rows.access("cases", case) == NOBODY
    assert await rows.access("persons", person) == NOBODY


async def test_a_goal_added_while_consent_is_withdrawn_gets_no_access(rows: Rows, database: Server) -> None:
    person, partner = await rows.person(), await rows.partner()
    consent = await rows.consent(person, partner)
    case = await rows.case(person, partner)
    goal = {
        "case_id": case,
        "person_id": person,
        "title": "t",
        "target": "t",
        "created_at": NOW,
        **rows.scope,
    }
    async with harness.connect_as(database, "admin") as other:
        await other.execute("select set_config('hub.today', $1, false)", TODAY.isoformat())
        async with rows.connection.transaction():
            added = await rows.add("goals", **goal)
            assert await rows.access("goals", added) == ({partner}, set(), FOREVER)
            withdraw = "update consents set status = 'WITHDRAWN', withdrawn_at = $2 where id = $1"
            withdrawing = asyncio.create_task(other.execute(withdraw, consent, NOW))
            await asyncio.sleep(0.2)
            assert not withdrawing.done()
        await withdrawing  # it waited for the case and then found the goal
    assert await rows.access("goals", added) == NOBODY
