"""Appeals and deductions over time: of a later payment, after the final stage, at the end of an agreement."""

from __future__ import annotations

from typing import Any

import pytest

from hub.verify import disagreements
from tests.agreements.office import ERRORS
from tests.payments.desk import APPEAL, DECIDE, DEDUCT, REASON, SUBMIT, WITHDRAW, Desk, bare, on_payment, step
from tests.payments.test_payments import as_user_of

pytestmark = pytest.mark.anyio

WHY = {"reasonCode": "QUANTITY_SHORT", "comment": "少一场"}
GIVE_UP = f"mutation($id: ID!) {{ deductionWithdraw(id: $id) {{ deduction {{ status }} {ERRORS} }} }}"
TERMINATE = (
    'mutation($id: ID!) { agreementTerminate(id: $id, reasonCode: NO_LONGER_NEEDED, reason: "不再需要")'
    f" {{ agreement {{ status }} {ERRORS} }} }}"
)


async def part_paid(desk: Desk, code: str = "M1", accepted: str = "20000.00") -> tuple[str, str]:
    """Claim and payment of a stage accepted in part and settled."""
    if not await desk.run("select from bank_accounts where status = 'VERIFIED'"):
        await desk.account()
    claim = await desk.submit(code)
    payload = await desk.review(claim["id"], decision="ACCEPT_IN_PART", accepted=accepted, **WHY)
    request = payload["paymentRequest"]["id"]
    assert (await desk.invoice(request))["userErrors"] == []
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    assert (await desk.settle(payment))["userErrors"] == []
    return claim["id"], payment


async def no_disagreement(desk: Desk) -> None:
    """Every figure follows from the entries."""
    assert [str(each) for each in await disagreements(desk.server)] == []


async def lessened(desk: Desk) -> tuple[str, str, str]:
    """M2 paid, a delivery of it deducted from M3: M2's claim, the deduction, and M3's request."""
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    await desk.paid("M2")
    claim = (await desk.look("mei", desk.stages["M2"], "submissions { id }"))["submissions"][0]["id"]
    said = {"submission": claim, "kind": "SHORTFALL", "amount": "4000.00", "delivery": f"delivery_{delivery}"}
    taken = await desk.done("mei", DEDUCT, i={**said, "rule": "第三条", "reason": "人数不足"})
    await desk.tick(40)  # longer than an appeal against M2's own decision is open
    return claim, taken["deduction"]["id"], await desk.accepted("M3")


async def test_a_deduction_from_a_later_payment_is_appealed_when_it_takes_effect_and_lifted_there(
    desk: Desk,
) -> None:
    claim, deduction, request = await lessened(desk)
    said = {"submission": claim, "deduction": deduction, "grounds": "签到表齐全"}
    appeal = (await desk.done("bo", APPEAL, i=said))["appeal"]["id"]
    payload = await desk.done("guo", DECIDE, id=appeal, i={"upheld": True, "decision": "支持"})
    extra = payload["paymentRequest"]
    assert (extra["kind"], extra["payable"]["amount"]) == ("SUPPLEMENTARY", "4000.00")
    stage = (await desk.look("mei", extra["id"], "milestone { code }"))["milestone"]["code"]
    assert stage == "M3", "the payment that was lessened is made whole"
    await no_disagreement(desk)
    # I4 holds there too: who decided the appeal approves neither payment of that stage.
    for one in (request, extra["id"]):
        await desk.invoice(one)
        for name, who in (("paymentRequestConfirm", "mei"), ("paymentRequestCheck", "qian")):
            await desk.done(who, step(name), id=one)
        assert await desk.refused("guo", step("paymentRequestApprove"), id=one) == ["FOUR_EYES"]


async def test_what_the_final_stage_was_accepted_for_is_not_awarded_again(desk: Desk) -> None:
    claim, _ = await part_paid(desk)
    for _ in range(7):
        await desk.work("大型活动")
    await desk.work("陪伴", 120)
    await desk.paid("M2")
    last = await desk.submit("M3", documents=0)
    assert last["claimed"]["amount"] == "50000.00", "40,000 and the 10,000 that M1 left over"
    await desk.review(last["id"])
    appeal = (await desk.done("bo", APPEAL, i={"submission": claim, "grounds": "已完成"}))["appeal"]["id"]
    award = {"upheld": True, "decision": "支持", "awarded": "10000.00"}
    payload = await desk.payload("guo", DECIDE, id=appeal, i=award)
    assert [one["code"] for one in payload["userErrors"]] == ["OUT_OF_RANGE"]
    assert "0.00" in payload["userErrors"][0]["message"]
    await desk.done("guo", DECIDE, id=appeal, i={"upheld": False, "decision": "已随尾款结算"})
    await no_disagreement(desk)


async def test_a_reversal_before_the_final_stage_leaves_its_limit(desk: Desk) -> None:
    """M1 has left as much over as before, and FINAL was accepted with it."""
    _, payment = await part_paid(desk)
    for _ in range(7):
        await desk.work("大型活动")
    await desk.work("陪伴", 120)
    await desk.paid("M2")
    await desk.accepted("M3")
    reverse = on_payment("paymentReverse")
    await desk.done("qian", reverse, id=payment)
    assert await desk.stage("M1") == "PARTIALLY_ACCEPTED"
    await no_disagreement(desk)


async def test_beside_the_final_stage_no_other_is_claimed(desk: Desk) -> None:
    """It settles by actual quantity; a share claimed afterwards would pay for work that was never done."""
    stages = [
        {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": "2026-06-01", "sharePercent": "30"},
        {"code": "M2", "title": "中期款", "kind": "DELIVERY", "dueOn": "2026-11-30", "sharePercent": "30"},
        {"code": "M3", "title": "尾款", "kind": "FINAL", "dueOn": "2027-05-31", "sharePercent": "40"},
    ]
    await desk.open(milestones=stages)
    await desk.paid("M1")
    await desk.work("大型活动")
    last = await desk.submit("M3", documents=0)
    assert last["claimed"]["amount"] == "34000.00", "4,000 + 60,000 done, less 30,000"
    assert await desk.refused("bo", SUBMIT, id=desk.stages["M2"], i={}) == ["WRONG_STATE"]
    await desk.review(last["id"], decision="RETURN", **WHY)
    await desk.submit("M2", documents=0)


async def test_the_final_stage_comes_last(desk: Desk) -> None:
    first = {"code": "M1", "title": "尾款", "kind": "FINAL", "dueOn": "2026-06-01", "sharePercent": "30"}
    second = {
        "code": "M2",
        "title": "中期款",
        "kind": "DELIVERY",
        "dueOn": "2026-11-30",
        "sharePercent": "30",
    }
    draft = "mutation($i: AgreementDraftInput!) { agreementDraft(input: $i) { userErrors { code message path } } }"
    terms = desk.office.terms(milestones=[first, second])
    assert await desk.refused("mei", draft, i=terms) == ["INVALID"]


async def test_an_open_appeal_is_decided_before_its_request_is_rejected(desk: Desk) -> None:
    claim = await desk.submit("M1")
    payload = await desk.review(claim["id"], decision="ACCEPT_IN_PART", accepted="20000.00", **WHY)
    appeal = (await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "x"}))["appeal"]["id"]
    reject = step("paymentRequestReject", REASON)
    assert await desk.refused("zhao", reject, id=payload["paymentRequest"]["id"]) == ["WRONG_STATE"]
    await desk.done("guo", DECIDE, id=appeal, i={"upheld": False, "decision": "驳回"})
    await desk.done("zhao", reject, id=payload["paymentRequest"]["id"])


async def test_an_agreement_does_not_end_over_an_open_appeal(desk: Desk) -> None:
    claim = await desk.submit("M1")
    await desk.review(claim["id"], decision="REJECT", **WHY)
    appeal = (await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "x"}))["appeal"]["id"]
    assert await desk.refused("zhao", TERMINATE, id=desk.agreement) == ["WRONG_STATE"]
    await desk.done("guo", DECIDE, id=appeal, i={"upheld": False, "decision": "驳回"})
    await desk.done("zhao", TERMINATE, id=desk.agreement)


async def test_after_its_end_a_rejection_is_not_appealed_against(desk: Desk) -> None:
    claim = await desk.submit("M1")
    await desk.review(claim["id"], decision="REJECT", **WHY)
    await desk.done("zhao", TERMINATE, id=desk.agreement)
    assert await desk.refused("bo", APPEAL, i={"submission": claim["id"], "grounds": "x"}) == ["WRONG_STATE"]


async def test_the_term_over_an_agreement_waits_for_an_open_appeal(desk: Desk) -> None:
    await part_paid(desk)
    claim = (await desk.run("select id from submissions"))[0]["id"]
    await desk.plant("update milestones set status = 'WAIVED' where sequence > 1")
    await desk.done("bo", APPEAL, i={"submission": f"submission_{claim}", "grounds": "x"})
    await desk.tick(400)
    assert (await desk.run("select status from agreements where id = $1", bare(desk.agreement)))[0][
        0
    ] == "CLOSING"
    appeal = (await desk.run("select id from appeals"))[0]["id"]
    await desk.done("guo", DECIDE, id=f"appeal_{appeal}", i={"upheld": False, "decision": "驳回"})
    await desk.tick(1)
    assert (await desk.run("select status from agreements where id = $1", bare(desk.agreement)))[0][
        0
    ] == "CLOSED"


async def test_a_rejected_claim_that_was_awarded_is_open_again_when_its_payment_is_reversed(
    desk: Desk,
) -> None:
    await desk.account()
    claim = await desk.submit("M1")
    await desk.review(claim["id"], decision="REJECT", **WHY)
    appeal = (await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "x"}))["appeal"]["id"]
    said = {"upheld": True, "decision": "支持", "awarded": "30000.00"}
    request = (await desk.done("guo", DECIDE, id=appeal, i=said))["paymentRequest"]["id"]
    await desk.invoice(request)
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    assert (await desk.settle(payment))["userErrors"] == []
    assert await desk.stage("M1") == "SETTLED"
    await desk.done("qian", on_payment("paymentReverse"), id=payment)
    assert await desk.stage("M1") == "ACCEPTED"
    await no_disagreement(desk)


async def test_a_deduction_goes_with_its_claim_and_is_proposed_anew(desk: Desk) -> None:
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    claim = await desk.submit("M2", documents=0)
    said: dict[str, Any] = {"kind": "SHORTFALL", "amount": "100.00", "rule": "第三条", "reason": "迟到"}
    said["delivery"] = f"delivery_{delivery}"
    first = await desk.done("mei", DEDUCT, i={**said, "submission": claim["id"]})
    await desk.review(claim["id"], decision="RETURN", **WHY)
    assert (await desk.look("mei", first["deduction"]["id"], "status"))["status"] == "WITHDRAWN"
    again = await desk.submit("M2", documents=0)
    second = await desk.done("mei", DEDUCT, i={**said, "submission": again["id"]})
    # One that was given up, too.
    await desk.done("mei", GIVE_UP, id=second["deduction"]["id"])
    await desk.done("mei", DEDUCT, i={**said, "submission": again["id"], "amount": "200.00"})
    await desk.done("bo", WITHDRAW, id=again["id"])
    third = await desk.submit("M2", documents=0)
    await desk.done("mei", DEDUCT, i={**said, "submission": third["id"]})
    request = (await desk.review(third["id"]))["paymentRequest"]
    assert request["deducted"]["amount"] == "100.00"
    await desk.done("zhao", step("paymentRequestReject", REASON), id=request["id"])
    states = await desk.run("select status, count(*)::int as n from deductions group by status")
    assert {row["status"]: row["n"] for row in states} == {"WITHDRAWN": 4}
    await no_disagreement(desk)


async def test_i5_whoever_has_a_stake_gives_no_deduction_up(desk: Desk) -> None:
    claim = await desk.submit("M1")
    said = {"submission": claim["id"], "kind": "PENALTY", "amount": "1.00", "rule": "x", "reason": "x"}
    deduction = (await desk.done("mei", DEDUCT, i=said))["deduction"]["id"]
    await as_user_of(desk, "tao", "bo")
    assert await desk.refused("tao=bo", GIVE_UP, id=deduction) == ["CONFLICT_OF_INTEREST"]


async def test_units_beyond_a_stages_cap_are_billed_by_the_next(desk: Desk) -> None:
    stages = [
        {"code": "M1", "title": "一期", "kind": "DELIVERY", "dueOn": "2026-06-01", "amount": "8000.00"},
        {"code": "M2", "title": "二期", "kind": "DELIVERY", "dueOn": "2026-11-30", "amount": "30000.00"},
    ]
    await desk.open(milestones=stages)
    for _ in range(4):
        await desk.work("大型活动")
    first = await desk.submit("M1", documents=0)
    count = "deliveries { totalCount }"
    assert first["claimed"]["amount"] == "8000.00"
    assert (await desk.look("mei", first["id"], count))["deliveries"]["totalCount"] == 2
    second = await desk.submit("M2", documents=0)
    assert second["claimed"]["amount"] == "8000.00"
    assert (await desk.look("mei", second["id"], count))["deliveries"]["totalCount"] == 2


async def test_papers_are_found_again_on_claim_and_invoice(desk: Desk) -> None:
    request = await desk.payable("M1")
    claim = f"submission_{(await desk.run('select id from submissions'))[0]['id']}"
    for who in ("mei", "qian", "zhao", "shen", "bo"):
        found = await desk.look(who, claim, "documents { kind sha256 }")
        assert [one["kind"] for one in found["documents"]] == ["CONTRACT"], who
        found = await desk.look(who, request, "invoice { document { kind } }")
        assert found["invoice"]["document"] == {"kind": "INVOICE"}, who
