"""Who is told what on the way of a payment, and what waits in whose queue."""

from __future__ import annotations

import pytest

from tests.payments.desk import CHAIN, SEND, Desk, step

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
