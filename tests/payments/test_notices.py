"""Who is told what on the way of a payment, and what waits in whose queue."""

from __future__ import annotations

import pytest

from tests.payments.desk import CHAIN, PROPOSE, SEND, Desk, milestones, on_payment, step
from tests.payments.test_races import account_of
from tests.payments.test_waiting import RETURN

pytestmark = pytest.mark.anyio

KINDS = ("SUBMISSIONS", "PAYMENTS", "INVOICES", "APPEALS", "ACCOUNTS")


async def waits(desk: Desk, who: str) -> dict[str, int]:
    query = "{ viewer { queue { kind count dueAt } } }"
    lines = (await desk.office.hub.ask(desk.office.world.viewers[who], query)).data["viewer"]["queue"]
    return {one["kind"]: one["count"] for one in lines if one["count"] and one["kind"].startswith(KINDS)}


async def test_queues_hand_a_payment_on(desk: Desk) -> None:
    claim = await desk.submit("M1")
    assert await waits(desk, "mei") == {"SUBMISSIONS_TO_REVIEW": 1}
    request = (await desk.review(claim["id"]))["paymentRequest"]["id"]
    assert (await waits(desk, "mei"), await waits(desk, "bo")) == (
        {"PAYMENTS_TO_CONFIRM": 1},
        {"INVOICES_WANTED": 1},
    )
    await desk.invoice(request)
    await desk.account()
    expected = [
        ("mei", "PAYMENTS_TO_CONFIRM"),
        ("qian", "PAYMENTS_TO_CHECK"),
        ("zhao", "PAYMENTS_TO_APPROVE"),
        ("sun", "PAYMENTS_TO_SEND"),
    ]
    payment = ""
    for (name, actor), (who, kind) in zip(CHAIN.items(), expected, strict=True):
        assert await waits(desk, who) == {kind: 1}
        assert actor == who
        done = await desk.done(actor, SEND if name == "paymentSend" else step(name), id=request)
        payment = (done.get("payment") or {}).get("id", "")
    assert (await waits(desk, "qian"), await waits(desk, "sun")) == ({"PAYMENTS_TO_SETTLE": 1}, {})
    await desk.settle(payment)
    assert await waits(desk, "qian") == {}
    await desk.tick()
    told = await desk.run(
        "select u.sign_in_name as who, n.kind from notices n join memberships m on m.id = n.recipient_id"
        " join users u on u.id = m.user_id"
        " where n.kind like 'claim%' or n.kind like 'payment%' or n.kind like 'account%' or n.kind like 'invoice%'"
    )
    kinds: dict[str, set[str]] = {}
    for row in told:
        kinds.setdefault(row["kind"], set()).add(row["who"])
    assert kinds == {
        "claim_to_review": {"mei", "tao", "hua"},
        "claim_accepted": {"bo"},
        "payment_to_confirm": {"tao", "hua"},
        "invoice_to_check": {"qian", "mei", "tao", "hua"},
        "account_to_verify": {"qian"},
        "account_verified": {"bo"},
        "payment_to_check": {"qian"},
        "payment_to_approve": {"zhao", "guo"},
        "payment_to_send": {"sun"},
        "payment_to_settle": {"qian"},
        "payment_settled": {"bo", "mei", "tao", "hua", "zhao", "guo"},
    }


async def test_what_waits_for_the_partner_stands_in_her_queue(desk: Desk) -> None:
    """`waitingFor` named her, and her queue was empty: an account to be paid to, another invoice, another account."""
    request = await desk.payable("M1")
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    assert await waits(desk, "bo") == {"ACCOUNTS_WANTED": 1}
    await desk.tick(1)
    await desk.done("qian", RETURN, id=request)
    assert await waits(desk, "bo") == {"INVOICES_WANTED": 1}
    await desk.done("mei", step("paymentRequestReopen"), id=request)
    await desk.account()
    assert await waits(desk, "bo") == {}
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    await desk.done("qian", on_payment("paymentFail", 'reasonCode: ACCOUNT_WRONG, reason: "x"'), id=payment)
    assert await waits(desk, "bo") == {"ACCOUNTS_WANTED": 1}
    await desk.done("bo", PROPOSE, i=await account_of(desk, "6222020200112233999"))
    assert await waits(desk, "bo") == {}


async def test_a_returned_claim_waits_for_the_partner_however_early_it_was(desk: Desk) -> None:
    """The last stage is due in half a year; what was sent back is to be done now."""
    query = "{ viewer { queue { kind count } } }"

    async def due() -> int:
        lines = (await desk.office.hub.ask(desk.office.world.viewers["bo"], query)).data["viewer"]["queue"]
        return next(one["count"] for one in lines if one["kind"] == "MILESTONES_DUE")

    first, *later = milestones()
    await desk.open(milestones=[{**first, "dueOn": "2026-11-01"}, *later])
    before = await due()
    claim = await desk.submit("M1")
    assert (await desk.review(claim["id"], decision="RETURN", reasonCode="OTHER", comment="x"))[
        "userErrors"
    ] == []
    assert await due() == before + 1
