"""Every money command twice at the same moment, and those that get in each other's way: one wins or both are right, the
loser reads why, and the books agree afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.verify import disagreements
from tests.agreements.office import DONATE, ERRORS
from tests.agreements.office import step as agreed
from tests.payments.desk import (
    APPEAL,
    DECIDE,
    DEDUCT,
    INVOICE,
    PROPOSE,
    REASON,
    REVIEW,
    SECOND,
    SEND,
    SETTLE,
    SUBMIT,
    VERIFY,
    WITHDRAW,
    Desk,
    on_payment,
    step,
)
from tests.payments.races import attempt, one_wins, race
from tests.payments.test_appeals import GIVE_UP, TERMINATE, part_paid
from tests.payments.test_claims import _large

pytestmark = pytest.mark.anyio

LATE = {"WRONG_STATE"}
WHY = {"reasonCode": "QUANTITY_SHORT", "comment": "少一场"}
PART = {"decision": "ACCEPT_IN_PART", "accepted": "20000.00", **WHY}
REVERSE = (
    "mutation($id: ID!, $slip: String) {"
    ' paymentReverse(id: $id, reasonCode: PAID_IN_ERROR, reason: "误付", refundReference: $slip)'
    f" {{ paymentRequest {{ id }} {ERRORS} }} }}"
)
REFUSE = (
    'mutation($id: ID!) { invoiceRefuse(id: $id, reasonCode: INVOICE_WRONG, reason: "抬头有误")'
    f" {{ invoice {{ id }} {ERRORS} }} }}"
)
VOID = f"mutation($id: ID!) {{ invoiceVoid(id: $id) {{ invoice {{ id }} {ERRORS} }} }}"
RETIRE = f"mutation($id: ID!) {{ bankAccountRetire(id: $id) {{ bankAccount {{ id }} {ERRORS} }} }}"
DISPUTE = (
    'mutation($id: ID!) { deliveryDispute(id: $id, reasonCode: OTHER, reason: "未到场")'
    f" {{ delivery {{ id }} {ERRORS} }} }}"
)


async def invoice_of(desk: Desk, request: str, number: str) -> dict[str, Any]:
    """The input of an invoice that matches."""
    amount = (await desk.look("bo", request, "payable { amount }"))["payable"]["amount"]
    return {
        "request": request,
        "number": number,
        "kind": "INVOICE",
        "amount": amount,
        "issuedOn": "2026-05-06",
        "document": await desk.document("INVOICE"),
    }


async def account_of(desk: Desk, number: str) -> dict[str, Any]:
    """The input of an account that the partner proposes."""
    name = (await desk.run("select name from organizations where id = $1", desk.partner))[0]["name"]
    return {
        "partner": desk.office.place("nuanchao", "partner"),
        "street": desk.office.place("street", "street"),
        "holderName": name,
        "bankName": "徐州农商银行",
        "number": number,
    }


async def only(desk: Desk, table: str, where: str = "true") -> str:
    """The global id of the one row."""
    (row,) = await desk.run(f"select id from {table} where {where}")
    return f"{table.removesuffix('s')}_{row['id']}"


async def test_from_claim_to_reversal_each_step_is_taken_once(desk: Desk) -> None:
    papers = {"documents": [await desk.document()]}
    stage = desk.stages["M1"]
    twice = [attempt("bo", SUBMIT, id=stage, i=papers)] * 2
    assert await one_wins(desk, *twice) == LATE
    claim = await only(desk, "submissions")
    both = [attempt(who, REVIEW, id=claim, i={"decision": "ACCEPT"}) for who in ("mei", "tao")]
    assert await one_wins(desk, *both) == LATE
    request = await only(desk, "payment_requests")
    papers_of = [await invoice_of(desk, request, number) for number in ("INV-A001", "INV-A002")]
    assert await one_wins(desk, *(attempt("bo", INVOICE, i=one) for one in papers_of)) == LATE
    said = await account_of(desk, "6222020200112233445")
    assert await one_wins(desk, *[attempt("bo", PROPOSE, i=said)] * 2, on="organizations") == {"DUPLICATE"}
    account = await only(desk, "bank_accounts")
    assert await one_wins(desk, *[attempt("qian", VERIFY, id=account)] * 2, on="bank_accounts") == LATE
    await desk.tick(3)
    for name, hands in (
        ("paymentRequestConfirm", ("mei", "mei")),
        ("paymentRequestCheck", ("qian", "qian")),
        ("paymentRequestApprove", ("zhao", "guo")),
    ):
        assert await one_wins(desk, *(attempt(who, step(name), id=request) for who in hands)) == LATE, name
    assert await one_wins(desk, *[attempt("sun", SEND, id=request)] * 2) == LATE
    payment = await only(desk, "payments")
    today = desk.office.hub.clock.today().isoformat()
    slips = [attempt("qian", SETTLE, id=payment, slip=slip, on=today) for slip in ("S-1", "S-2")]
    assert await one_wins(desk, *slips) == LATE
    assert await one_wins(desk, *[attempt("qian", REVERSE, id=payment)] * 2) == LATE
    assert await desk.run("select count(*)::int as n from payment_requests") == [(2,)]


async def test_back_and_forth_each_step_is_taken_once(desk: Desk) -> None:
    await desk.account()
    request = await desk.payable("M1")
    back = step("paymentRequestReturn", REASON)
    await desk.bring_to("paymentRequestCheck", request)
    assert await one_wins(desk, *(attempt(who, back, id=request) for who in ("zhao", "guo"))) == LATE
    again = step("paymentRequestReopen")
    assert await one_wins(desk, *[attempt("mei", again, id=request)] * 2) == LATE
    await desk.bring_to("paymentSend", request)
    payment = await only(desk, "payments")
    today = desk.office.hub.clock.today().isoformat()
    arrived = attempt("qian", SETTLE, id=payment, slip="S-1", on=today)
    assert await one_wins(desk, attempt("qian", on_payment("paymentFail"), id=payment), arrived) == LATE
    await desk.work("大型活动")
    if await desk.stage("M1") != "SETTLED":
        await desk.done("sun", SEND, id=request)
        assert (await desk.settle(await only(desk, "payments", "status = 'SENT'")))["userErrors"] == []
    request = await desk.payable("M2")
    reject = step("paymentRequestReject", REASON)
    assert await one_wins(desk, *(attempt(who, reject, id=request) for who in ("zhao", "guo"))) == LATE


async def test_a_rejection_and_an_approval_do_not_both_stand(desk: Desk) -> None:
    await desk.account()
    request = await desk.payable("M1")
    await desk.bring_to("paymentRequestApprove", request)
    reject = attempt("zhao", step("paymentRequestReject", REASON), id=request)
    assert await one_wins(desk, reject, attempt("sun", SEND, id=request)) == LATE


async def test_a_claim_is_decided_or_withdrawn(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    accept = attempt("mei", REVIEW, id=claim, i={"decision": "ACCEPT"})
    assert await one_wins(desk, attempt("bo", WITHDRAW, id=claim), accept) == LATE
    if await desk.stage("M1") == "SCHEDULED":
        claim = (await desk.submit("M1"))["id"]
        await desk.review(claim)
    await desk.plant("update milestones set status = 'SCHEDULED' where code = 'M2'")
    await desk.work("大型活动")
    other = (await desk.submit("M2", documents=0))["id"]
    assert await one_wins(desk, *[attempt("bo", WITHDRAW, id=other)] * 2) == LATE


async def test_a_deduction_counts_with_the_review_or_is_refused(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    said = {"submission": claim, "kind": "PENALTY", "amount": "500.00", "rule": "第九条", "reason": "迟交"}
    accept = attempt("mei", REVIEW, id=claim, i={"decision": "ACCEPT"})
    answers = await race(desk, attempt("mei", DEDUCT, i=said), accept)
    assert answers in ([[], []], [["WRONG_STATE"], []])
    deducted = (await desk.run("select deducted_fen from payment_requests"))[0]["deducted_fen"]
    assert deducted == (50_000 if answers[0] == [] else 0)


async def test_a_deduction_is_given_up_once_or_too_late(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    said = {"submission": claim, "kind": "PENALTY", "amount": "500.00", "rule": "第九条", "reason": "迟交"}
    first = (await desk.done("mei", DEDUCT, i=said))["deduction"]["id"]
    assert await one_wins(desk, *[attempt("mei", GIVE_UP, id=first)] * 2, on="deductions") == LATE
    second = (await desk.done("mei", DEDUCT, i=said))["deduction"]["id"]
    accept = attempt("tao", REVIEW, id=claim, i={"decision": "ACCEPT"})
    answers = await race(desk, attempt("mei", GIVE_UP, id=second), accept, on="deductions")
    assert answers in ([[], []], [["WRONG_STATE"], []])
    deducted = (await desk.run("select deducted_fen from payment_requests"))[0]["deducted_fen"]
    assert deducted == (0 if answers[0] == [] else 50_000)


async def test_one_delivery_is_deducted_once(desk: Desk) -> None:
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    claim = (await desk.submit("M2", documents=0))["id"]
    said = {"submission": claim, "kind": "SHORTFALL", "amount": "5.00", "rule": "第三条", "reason": "迟到"}
    twice = [attempt("mei", DEDUCT, i={**said, "delivery": f"delivery_{delivery}"})] * 2
    assert await one_wins(desk, *twice) == {"DUPLICATE"}


async def test_an_invoice_is_refused_or_taken_back_or_checked(desk: Desk) -> None:
    await desk.account()
    request = await desk.payable("M1")
    invoice = await only(desk, "invoices")
    assert await one_wins(desk, attempt("qian", REFUSE, id=invoice), attempt("bo", VOID, id=invoice)) == LATE
    assert (await desk.invoice(request))["userErrors"] == []
    invoice = await only(desk, "invoices", "status = 'HANDED_IN'")
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    check = attempt("qian", step("paymentRequestCheck"), id=request)
    answers = await race(desk, attempt("bo", VOID, id=invoice), check)
    assert answers in ([[], ["CONFLICT"]], [["WRONG_STATE"], []])


async def test_i3_one_invoice_number_for_two_requests_at_the_same_moment(desk: Desk) -> None:
    _, payment = await desk.paid("M1")
    await desk.work("大型活动")
    first = await desk.accepted("M2")
    second = (await desk.done("qian", REVERSE, id=payment))["paymentRequest"]["id"]
    papers = [await invoice_of(desk, one, "INV-SAME-1") for one in (first, second)]
    assert await one_wins(desk, *(attempt("bo", INVOICE, i=one) for one in papers)) == {"DUPLICATE"}


async def test_i3_one_slip_for_money_out_and_money_back_at_the_same_moment(desk: Desk) -> None:
    """They stand in different columns of different rows, which no unique index keeps apart."""
    _, paid = await desk.paid("M1")
    await desk.work("大型活动")
    request = await desk.accepted("M2")
    await desk.invoice(request)
    sent = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    today = desk.office.hub.clock.today().isoformat()
    settle = attempt("qian", SETTLE, id=sent, slip="SAME1", on=today)
    assert await one_wins(desk, attempt("qian", REVERSE, id=paid, slip="SAME1"), settle) == {"DUPLICATE"}


async def test_an_account_that_is_retired_is_not_sent_to(desk: Desk) -> None:
    account = await desk.account()
    request = await desk.payable("M1")
    await desk.bring_to("paymentRequestApprove", request)
    send = attempt("sun", SEND, id=request)
    answers = await race(desk, attempt("bo", RETIRE, id=account), send, on="bank_accounts")
    # Sent while it could be, or not at all; never to a retired one.
    assert answers in ([[], []], [[], ["WRONG_STATE"]], [[], ["CONFLICT"]])
    order = await desk.run(
        "select p.sent_at, b.retired_at from bank_accounts b left join payments p on p.account_id = b.id"
    )
    assert order[0]["retired_at"] is not None
    assert (order[0]["sent_at"] is None) == (answers[1] != [])


async def test_of_two_accounts_verified_at_once_one_stays(desk: Desk) -> None:
    accounts = [
        (await desk.done("bo", PROPOSE, i=await account_of(desk, number)))["bankAccount"]["id"]
        for number in ("6222020200112233445", "6222020200112233446")
    ]
    answers = await race(desk, *(attempt("qian", VERIFY, id=one) for one in accounts), on="bank_accounts")
    assert answers in ([[], []], [["WRONG_STATE"], []], [[], ["WRONG_STATE"]])
    verified = await desk.run("select id from bank_accounts where status = 'VERIFIED'")
    assert len(verified) == 1
    row = f"bank_account_{verified[0]['id']}"
    assert await one_wins(desk, *[attempt("bo", RETIRE, id=row)] * 2, on="bank_accounts") == LATE


async def test_above_the_limit_one_second_word_counts(desk: Desk) -> None:
    stages = [
        {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": "2026-06-01", "sharePercent": "40"}
    ]
    await desk.open(**_large(desk, stages))
    claim = (await desk.submit("M1"))["id"]
    await desk.review(claim)
    words = ({"confirmed": True}, {"confirmed": False, **WHY})
    assert await one_wins(desk, *(attempt("wang", SECOND, id=claim, i=one) for one in words)) == LATE
    if (await desk.look("mei", claim, "status"))["status"] == "SUBMITTED":
        await desk.review(claim)
        anew = attempt("mei", REVIEW, id=claim, i={"decision": "REJECT", **WHY})
        second = attempt("wang", SECOND, id=claim, i={"confirmed": True})
        assert await one_wins(desk, anew, second) == LATE


async def test_an_appeal_is_filed_and_decided_once(desk: Desk) -> None:
    claim, _ = await part_paid(desk)
    filed = [attempt("bo", APPEAL, i={"submission": claim, "grounds": grounds}) for grounds in "ab"]
    assert await one_wins(desk, *filed) == {"DUPLICATE"}
    appeal = await only(desk, "appeals")
    yes = {"upheld": True, "decision": "支持", "awarded": "10000.00"}
    no = {"upheld": False, "decision": "驳回"}
    assert await one_wins(desk, *(attempt("guo", DECIDE, id=appeal, i=one) for one in (yes, no))) == LATE


async def test_an_award_and_a_rejection_of_the_request_do_not_both_stand(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    request = (await desk.review(claim, **PART))["paymentRequest"]["id"]
    appeal = (await desk.done("bo", APPEAL, i={"submission": claim, "grounds": "x"}))["appeal"]["id"]
    yes = {"upheld": True, "decision": "支持", "awarded": "10000.00"}
    reject = attempt("zhao", step("paymentRequestReject", REASON), id=request)
    answers = await race(desk, attempt("guo", DECIDE, id=appeal, i=yes), reject)
    assert answers == [[], ["WRONG_STATE"]], "an open appeal is decided first, an award is not taken back"


async def test_an_appeal_and_a_new_claim_do_not_pass_each_other(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    await desk.review(claim, decision="REJECT", **WHY)
    appeal = (await desk.done("bo", APPEAL, i={"submission": claim, "grounds": "x"}))["appeal"]["id"]
    yes = {"upheld": True, "decision": "支持", "awarded": "30000.00"}
    anew = attempt("bo", SUBMIT, id=desk.stages["M1"], i={"documents": [await desk.document()]})
    assert await one_wins(desk, attempt("guo", DECIDE, id=appeal, i=yes), anew) == LATE


async def test_work_is_billed_or_disputed(desk: Desk) -> None:
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    claim = attempt("bo", SUBMIT, id=desk.stages["M2"], i={})
    dispute = attempt("mei", DISPUTE, id=f"delivery_{delivery}")
    assert await one_wins(desk, claim, dispute, on="deliveries") == LATE


async def test_a_claim_and_the_end_of_its_agreement(desk: Desk) -> None:
    papers = {"documents": [await desk.document()]}
    claim = attempt("bo", SUBMIT, id=desk.stages["M1"], i=papers)
    assert await one_wins(desk, claim, attempt("zhao", TERMINATE, id=desk.agreement)) == LATE


async def test_an_agreement_is_certified_approved_and_ended_once(desk: Desk) -> None:
    office = desk.office
    agreement = await office.bring_to("agreementPropose")
    assert await one_wins(desk, *[attempt("qian", agreed("agreementCertify"), id=agreement)] * 2) == LATE
    approve = agreed("agreementApprove", 'decisionReference: "街党工委〔2026〕7号"')
    assert await one_wins(desk, *(attempt(who, approve, id=agreement) for who in ("zhao", "guo"))) == LATE
    assert (
        await one_wins(desk, *(attempt(who, TERMINATE, id=desk.agreement) for who in ("zhao", "guo"))) == LATE
    )
    assert (await office.balance())["available"] == "950000.00"


async def test_a_donation_is_recorded_once(desk: Desk) -> None:
    gift = {"fund": desk.office.fund, "amount": "1.00", "voucherNumber": "V-9", "receivedOn": "2026-05-05"}
    twice = [attempt("qian", DONATE, i={**gift, "donorName": "徐州市慈善总会"})] * 2
    assert await one_wins(desk, *twice) == {"DUPLICATE"}


async def test_t5_fifty_directors_and_cashiers_at_once_pay_once(desk: Desk) -> None:
    """Approvals and payments of one request all mixed up: it is approved once, then sent once, in whatever order."""
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestCheck", request)
    approve = step("paymentRequestApprove")
    tries = [("zhao", approve), ("guo", approve), *[("sun", SEND)] * 3] * 10

    async def one(who: str, mutation: str) -> tuple[str, tuple[str, ...]]:
        body = (await desk.office.hub.ask(desk.office.world.viewers[who], mutation, {"id": request})).body
        if "errors" in body:
            return mutation, tuple(error["extensions"]["code"] for error in body["errors"])
        (payload,) = body["data"].values()
        return mutation, tuple(error["code"] for error in payload["userErrors"])

    answers = await asyncio.gather(*(one(who, mutation) for who, mutation in tries))
    assert answers.count((approve, ())) == 1
    assert answers.count((SEND, ())) <= 1
    assert {code for _, codes in answers for code in codes} <= {"WRONG_STATE", "FOUR_EYES", "UNAVAILABLE"}
    sent = (await desk.run("select count(*)::int as n from payments"))[0]["n"]
    assert sent == answers.count((SEND, ()))
    assert [str(each) for each in await disagreements(desk.server)] == []
