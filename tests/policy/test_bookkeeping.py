"""What is written beside the objects repeats nothing personal: notices, audit events, outbox, idempotency keys."""

from __future__ import annotations

import pytest

from hub.base.db import Server
from tests import harness
from tests.policy.expected import Oracle
from tests.policy.planted import MARK, Planted
from tests.policy.rights import MONEY

pytestmark = pytest.mark.anyio


def _marks(texts: list[str]) -> set[str]:
    return {mark for text in texts for mark in MARK.findall(text)}


async def test_bookkeeping_repeats_no_name_and_no_words(
    planted_module: Server, truth: Oracle, planted: Planted
) -> None:
    """Only organizations, and in the audit whoever acted, are named; ids and references stand for everybody else, and
    the number of an invoice is its reference."""
    organizations = _marks([row["name"] for row in truth.rows["organizations"]])
    staff = _marks([row["display_name"] for row in truth.rows["memberships"]])
    numbers = _marks([row["number"] for row in truth.rows["invoices"]])
    for table, named in {
        "notices": organizations | numbers,
        "audit_events": organizations | staff | numbers,
        "outbox": numbers,
        "idempotency_keys": set[str](),
    }.items():
        rows = await harness.run_sql(planted_module, f"select t::text as all from {table} t")
        texts = [row["all"] for row in rows]
        assert _marks(texts) <= named, table
        assert not [secret for secret in planted.secrets if any(secret in text for text in texts)], table
        if table not in ("idempotency_keys",):
            assert len(texts) > 50, table


async def test_notices_to_partners_are_about_what_the_partner_may_know(truth: Oracle) -> None:
    """Never about a referral that it has no case of: before acceptance a partner knows the offer only."""
    checked = 0
    for name in ("bo", "an", "ou", "kai", "lin", "gao", "xia"):
        viewer = truth.planted.viewers[name]
        for notice in truth.visible(name, "Notice").values():
            checked += 1
            if notice["subject_type"] == "Referral":
                cases = [row for row in truth.rows["cases"] if row["referral_id"] == notice["subject_id"]]
                partners = {
                    row["organization_id"]
                    for row in truth.rows["case_members"]
                    if row["case_id"] in {case["id"] for case in cases}
                }
                assert viewer.partner_id in partners, dict(notice)
            if notice["subject_type"] == "Offer":
                (offer,) = [row for row in truth.rows["offers"] if row["id"] == notice["subject_id"]]
                assert offer["partner_id"] == viewer.partner_id
            if notice["subject_type"] in MONEY and notice["subject_type"] != "Agreement":
                of_type = truth.rows_of(notice["subject_type"])
                (row,) = [row for row in of_type if row["id"] == notice["subject_id"]]
                assert (viewer.role, row["partner_id"]) == ("PARTNER_MANAGER", viewer.partner_id)
    assert checked > 30


async def test_audit_events_of_a_partner_are_its_own_people(truth: Oracle) -> None:
    for name in ("bo", "an", "kai", "lin"):
        viewer = truth.planted.viewers[name]
        for event in truth.visible(name, "AuditEvent").values():
            assert event["actor_organization_id"] == viewer.partner_id
            assert name in ("bo", "kai") or event["actor_membership_id"] == viewer.membership_id
