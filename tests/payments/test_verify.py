"""`hub verify` finds nothing after a long day, and names the row that somebody has tampered with."""

from __future__ import annotations

import asyncpg
import pytest

from hub.verify import CHECKS, disagreements
from tests import harness
from tests.agreements.office import REGISTER
from tests.payments.desk import APPEAL, DEDUCT, REASON, Desk, bare, step

pytestmark = pytest.mark.anyio

TAMPERED = {
    "a fund's balances": "update funds set paid_fen = paid_fen + 1",
    "an agreement's balances": "update agreements set paid_fen = paid_fen + 1 where id = $1",
    "a transfer sums to zero": "update entries set amount_fen = amount_fen + 1"
    " where id = (select id from entries limit 1)",
    "what is accepted was reviewed": "update submissions set accepted_fen = 1",
    "a claim is what its steps come to": "update submissions set claimed_fen = 2900000, accepted_fen = 2900000",
    "a milestone stands where its claim does": "update milestones set status = 'SUBMITTED' where sequence = 1",
    "a request stands where its payments do": "update payment_requests set status = 'SENT', paid_on = null",
    "a payment is of its whole request": "update payments set amount_fen = amount_fen - 1",
    "what is encumbered is pending": "update agreements set encumbered_fen = encumbered_fen + 1 where id = $1",
    "what is payable is requested": "update payment_requests set payable_fen = payable_fen + 1,"
    " accepted_fen = accepted_fen + 1 where status = 'CREATED'",
    "what is paid was settled": "update payments set status = 'SENT', settled_by_id = null, settled_on = null,"
    " bank_reference = null",
    "an agreement stays within its ceiling": "update agreement_versions set ceiling_fen = 1",
    "milestones stay within the ceiling": "update milestones set amount_fen = 99999999 where sequence = 3",
    "a milestone bears what was accepted": "update milestones set amount_fen = 1",
    "no more is requested than was accepted": "update submissions set accepted_fen = 0",
    "a request is lessened by its deductions": "update payment_requests set deducted_fen = 7,"
    " payable_fen = accepted_fen - 7",
    "a delivery is billed by live claims only, once": "update submission_deliveries set live = false",
    "a donation is in the ledger": "update donations set amount_fen = amount_fen + 1",
    "an agreement stands on its steps": "update agreements set status = 'TERMINATED' where id = $1",
    "a line stays within its cap": "update agreement_lines set quantity_cap = 1,"
    " amount_cap_fen = 100 where title = '大型活动'",
    "a claim stands where its last decision put it": "update submissions set second_wanted = true",
    "a request has taken its steps": "update payment_requests set round = 9",
    "a checked request has the invoice that matches": "update invoices set amount_fen = amount_fen - 1",
    "a request moved what it asks for": "update payment_requests set accepted_fen = accepted_fen + 1,"
    " payable_fen = payable_fen + 1 where status = 'PAID'",
    "an invoice stands where its request does": "update payment_requests set invoice_id = null",
    "an appeal stands on what it set off": "update appeals set status = 'UPHELD', awarded_fen = 1, decision = 'x',"
    " decided_by_id = filed_by_id",
    "a payment went to an account that was verified": "update bank_accounts set verified_at = '2036-01-01'",
    "nobody is on both sides": "update approvals set made_user_id ="
    " (select made_user_id from approvals where step = 'SEND')",
}


async def test_after_a_long_day_no_row_disagrees(desk: Desk) -> None:
    await desk.paid("M1")
    await desk.work("大型活动")
    request = await desk.accepted("M2")
    await desk.done("zhao", step("paymentRequestReject", REASON), id=request)
    claim = await desk.submit("M2", documents=0)
    why = {"reasonCode": "OTHER", "comment": "x"}
    await desk.review(claim["id"], decision="ACCEPT_IN_PART", accepted="1000.00", **why)
    assert [str(each) for each in await disagreements(desk.server)] == []


async def test_a_fund_without_money_agrees(desk: Desk) -> None:
    """A fund is registered before the first donation; it was said to disagree until then."""
    terms = {
        "street": desk.office.place("street", "street"),
        "name": "新设资金",
        "kind": "CHARITY",
        "channel": "BANK",
        "purposes": ["PURCHASED"],
        "communities": desk.office.communities,
    }
    await desk.done("qian", REGISTER, i=terms)
    assert [str(each) for each in await disagreements(desk.server)] == []


async def test_each_tampering_is_named(desk: Desk) -> None:
    """Each alone, on books that were right before and are again afterwards."""
    await desk.paid("M1")
    for _ in range(2):
        await desk.work("大型活动")
    claim = (await desk.submit("M2"))["id"]
    said = {"submission": claim, "kind": "PENALTY", "amount": "10.00", "rule": "第九条", "reason": "迟交"}
    deduction = (await desk.done("mei", DEDUCT, i=said))["deduction"]["id"]
    await desk.review(claim)
    await desk.done("bo", APPEAL, i={"submission": claim, "deduction": deduction, "grounds": "x"})
    assert set(TAMPERED) == set(CHECKS)
    async with harness.connect_as(desk.server, "admin") as admin:
        await admin.execute("set session_replication_role = replica")
        for table in HISTORY:  # which not even an administrator rewrites otherwise
            await admin.execute(f"alter table {table} disable trigger user")
        for check, statement in TAMPERED.items():
            undo = await kept(admin)
            values = (bare(desk.agreement),) if "$1" in statement else ()
            await admin.execute(statement, *values)
            found = await disagreements(desk.server)
            named = [each for each in found if each.check == check]
            assert named, check
            assert all(each.row and each.says != each.follows for each in named), named
            await restored(admin, undo)
            assert await disagreements(desk.server) == [], check


HISTORY = ("entries", "approvals", "donations", "agreement_lines", "agreement_versions", "milestones")
TABLES = (
    *("funds", "agreements", "agreement_versions", "agreement_lines", "milestones", "entries", "donations"),
    *("submissions", "submission_deliveries", "payment_requests", "approvals", "invoices", "payments"),
    *("appeals", "bank_accounts"),
)


async def kept(admin: asyncpg.Connection) -> dict[str, list[asyncpg.Record]]:
    """Every row of the tables that are tampered with."""
    return {table: await admin.fetch(f"select * from {table} order by id") for table in TABLES}


async def restored(admin: asyncpg.Connection, undo: dict[str, list[asyncpg.Record]]) -> None:
    """The rows as they were."""
    for table, rows in undo.items():
        now = await admin.fetch(f"select * from {table} order by id")
        for was, row in zip(rows, now, strict=True):
            changed = [name for name, value in was.items() if row[name] != value]
            if changed:
                said = ", ".join(f"{name} = ${place}" for place, name in enumerate(changed, 2))
                values = (was[name] for name in changed)
                await admin.execute(f"update {table} set {said} where id = $1", was["id"], *values)
