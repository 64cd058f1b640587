"""How claims arise, are decided, and what each decision does to stages, deliveries and money."""

from __future__ import annotations

from typing import Any

import pytest

from tests import harness
from tests.agreements.county import least
from tests.payments.desk import (
    APPEAL,
    DECIDE,
    DEDUCT,
    REASON,
    REVIEW,
    SECOND,
    SUBMIT,
    WITHDRAW,
    Desk,
    bare,
    milestones,
    step,
)

pytestmark = pytest.mark.anyio

WHY = {"reasonCode": "QUANTITY_SHORT", "comment": "少一场"}
STEPS = "steps { kind value target quantity unitPrice { amount } amount { amount } }"


def told(steps: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Kind and amount of each step."""
    return [(one["kind"], one["amount"] and one["amount"]["amount"]) for one in steps]


async def test_a_unit_stage_pays_qualifying_units_and_freezes_them(desk: Desk) -> None:
    await desk.paid("M1")
    await desk.work("大型活动")
    await desk.work("大型活动", people=199)  # too few people: no unit
    await desk.work("大型活动", status="RECORDED")  # not verified: no unit
    await desk.work("陪伴", 3)
    claim = await desk.submit("M2", documents=0)
    assert (claim["rule"], claim["claimed"]["amount"]) == ("UNITS", "4300.00")
    node = await desk.look("bo", claim["id"], f"{STEPS} deliveries {{ totalCount }}")
    assert told(node["steps"]) == [("LINE_UNITS", "4000.00"), ("LINE_UNITS", "300.00"), ("CLAIM", "4300.00")]
    assert node["deliveries"]["totalCount"] == 2


async def test_a_claim_is_accepted_in_few_statements(desk: Desk) -> None:
    claim = await desk.submit("M1")
    with harness.statements() as sent:
        await desk.review(claim["id"])
    assert len(sent) <= 17, "\n".join(sent)


async def test_t4_a_delivery_is_billed_once_and_a_late_duplicate_too(desk: Desk) -> None:
    await desk.paid("M1")
    await desk.work("大型活动")
    first = await desk.submit("M2", documents=0)
    await desk.review(first["id"], decision="RETURN", **WHY)
    again = await desk.submit("M2", documents=0)
    assert (again["round"], again["claimed"]) == (2, {"amount": "4000.00"})
    await desk.review(again["id"])
    # The final stage counts it as accepted before, and freezes nothing twice.
    request = (await desk.look("mei", again["id"], "paymentRequests { id }"))["paymentRequests"][0]["id"]
    await desk.invoice(request)
    sent = await desk.bring_to("paymentSend", request)
    await desk.settle(sent["payment"]["id"])
    await desk.work("陪伴", 10)
    final = await desk.submit("M3", documents=0)
    node = await desk.look("mei", final["id"], f"{STEPS} deliveries {{ totalCount }}")
    assert told(node["steps"]) == [
        ("LINE_UNITS", "4000.00"),
        ("LINE_UNITS", "1000.00"),
        ("LINE_BLOCK", "60000.00"),
        ("ACTUAL_TOTAL", "65000.00"),
        ("ACCEPTED_BEFORE", "-34000.00"),
        ("CARRIED", "26000.00"),
        ("CLAIM", "31000.00"),
    ]
    assert node["deliveries"]["totalCount"] == 1


async def test_part_with_a_deduction_is_requested_and_the_rest_carries_to_the_final_stage(desk: Desk) -> None:
    await desk.account()
    claim = await desk.submit("M1")
    said = {"submission": claim["id"], "kind": "PENALTY", "amount": "500.00"}
    await desk.done("mei", DEDUCT, i={**said, "rule": "第九条", "reason": "迟交计划"})
    payload = await desk.review(claim["id"], decision="ACCEPT_IN_PART", accepted="20000.00", **WHY)
    request = payload["paymentRequest"]
    assert (payload["submission"]["status"], await desk.stage("M1")) == ("PARTIALLY_ACCEPTED",) * 2
    assert [request[one]["amount"] for one in ("accepted", "deducted", "payable")] == [
        "20000.00",
        "500.00",
        "19500.00",
    ]
    held = {"available": "1900000.00", "encumbered": "80500.00", "payable": "19500.00", "paid": "0.00"}
    assert await desk.office.balance() == held
    assert (await desk.invoice(request["id"]))["userErrors"] == []
    payment = (await desk.bring_to("paymentSend", request["id"]))["payment"]["id"]
    assert (await desk.settle(payment))["userErrors"] == []
    # 10,000 unaccepted carry to M3; the deduction goes back to the fund.
    assert await desk.office.balance() == {
        "available": "1900500.00",
        "encumbered": "80000.00",
        "payable": "0.00",
        "paid": "19500.00",
    }
    money = "money { limit { amount } accepted { amount } deducted { amount } requested { amount } paid { amount } }"
    figures = {
        code: [one["amount"] for one in (await desk.look("qian", desk.stages[code], money))["money"].values()]
        for code in ("M1", "M3")
    }
    assert figures == {
        "M1": ["30000.00", "20000.00", "500.00", "19500.00", "19500.00"],
        "M3": ["50000.00", "0.00", "0.00", "0.00", "0.00"],
    }


async def test_t3_a_claim_above_what_remains_cannot_arise_nor_be_accepted(desk: Desk) -> None:
    await desk.paid("M1")
    for _ in range(9):
        await desk.work("大型活动")
    await desk.work("陪伴", 100)
    claim = await desk.submit("M2", documents=0)
    # Nine events: the line's cap is seven; 28,000 + 10,000 go beyond the stage's 30,000.
    assert claim["claimed"]["amount"] == "30000.00"
    above = {"decision": "ACCEPT_IN_PART", "accepted": "30000.01", **WHY}
    assert await desk.refused("mei", REVIEW, id=claim["id"], i=above) == ["OUT_OF_RANGE"]
    assert (await desk.review(claim["id"]))["paymentRequest"]["payable"]["amount"] == "30000.00"


async def test_t17_a_cancelled_draft_frees_the_milestone(desk: Desk) -> None:
    await desk.paid("M1")
    await desk.work("大型活动")
    claim = await desk.submit("M2", documents=0)
    assert await desk.refused("bo", SUBMIT, id=desk.stages["M2"], i={}) == ["WRONG_STATE"]
    await desk.done("bo", WITHDRAW, id=claim["id"])
    assert await desk.stage("M2") == "SCHEDULED"
    live = await desk.run("select count(*) as n from submission_deliveries where live")
    assert live[0]["n"] == 0
    assert (await desk.submit("M2", documents=0))["claimed"]["amount"] == "4000.00"


async def test_t7_a_child_is_not_approved_before_its_parent(desk: Desk) -> None:
    await desk.work("大型活动")
    assert await desk.refused("bo", SUBMIT, id=desk.stages["M2"], i={}) == ["WRONG_STATE"]
    request = await desk.accepted("M1")
    for name, who in list({"paymentRequestCheck": "qian", "paymentRequestApprove": "zhao"}.items()):
        assert await desk.refused(who, step(name), id=request) == ["WRONG_STATE"]
    paper = {"documents": []}
    assert await desk.refused("bo", SUBMIT, id=desk.stages["M3"], i=paper) == ["WRONG_STATE"]


async def test_a_stage_says_what_it_waits_for(desk: Desk) -> None:
    """A button that is offered and then refused teaches the partner to ask by telephone."""

    async def blocked() -> dict[str, str | None]:
        fields = "availableActions { action blockedBy }"
        found = {code: await desk.look("bo", stage, fields) for code, stage in desk.stages.items()}
        return {
            code: one["availableActions"][0]["blockedBy"]
            for code, one in found.items()
            if one["availableActions"]
        }

    later = {"M2": "EARLIER_STAGES_ACCEPTED", "M3": "EARLIER_STAGES_ACCEPTED"}
    assert await blocked() == {"M1": None, **later}
    await desk.paid("M1")
    assert await blocked() == {"M2": None, "M3": "EARLIER_STAGES_ACCEPTED"}
    await desk.work("陪伴", 3)
    await desk.accepted("M2")
    assert await blocked() == {"M3": "OTHER_STAGES_SETTLED"}


async def test_a_first_stage_needs_documents(desk: Desk) -> None:
    assert await desk.refused("bo", SUBMIT, id=desk.stages["M1"], i={}) == ["REQUIRED"]
    foreign = await desk.document(partner="kangle")
    assert await desk.refused("bo", SUBMIT, id=desk.stages["M1"], i={"documents": [foreign]}) == ["NOT_FOUND"]


async def test_a_rejected_request_gives_claim_stage_deliveries_and_money_back(desk: Desk) -> None:
    await desk.paid("M1")
    before = await desk.office.balance()
    await desk.work("大型活动")
    request = await desk.accepted("M2")
    assert (await desk.invoice(request, "SAME-1"))["userErrors"] == []
    await desk.done("zhao", step("paymentRequestReject", REASON), id=request)
    assert await desk.stage("M2") == "RETURNED"
    assert await desk.office.balance() == before
    claim = await desk.submit("M2", documents=0)
    assert claim["claimed"]["amount"] == "4000.00"
    again = (await desk.review(claim["id"]))["paymentRequest"]["id"]
    assert (await desk.invoice(again, "SAME-1"))["userErrors"] == [], "the voided invoice's number is free"


async def test_above_the_limit_a_second_reviewer_of_a_served_community(desk: Desk) -> None:
    stages = [
        {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": "2026-06-01", "sharePercent": "40"}
    ]
    await desk.open(**_large(desk, stages))
    claim = await desk.submit("M1")
    payload = await desk.review(claim["id"])
    assert (payload["submission"]["status"], payload["submission"]["secondWanted"]) == ("SUBMITTED", True)
    assert payload["paymentRequest"] is None
    yes = {"confirmed": True}
    assert await desk.refused("wang", SECOND, id=claim["id"], i={"confirmed": False}) == ["REQUIRED"]
    seconded = await desk.done("wang", SECOND, id=claim["id"], i=yes)
    assert (seconded["submission"]["status"], seconded["submission"]["secondWanted"]) == ("ACCEPTED", False)
    asked = "paymentRequests { payable { amount } match { acceptance } }"
    assert (await desk.look("mei", claim["id"], asked))["paymentRequests"] == [
        {"payable": {"amount": "400000.00"}, "match": {"acceptance": "OK"}}
    ]


def _large(desk: Desk, stages: list[dict[str, Any]]) -> dict[str, Any]:
    """One block of a million."""
    block = {
        "title": "整体服务",
        "kind": "BLOCK",
        "serviceType": "INTEGRATION",
        "amountCap": "1000000.00",
        "communities": desk.office.communities,
    }
    return {"ceiling": "1000000.00", "lines": [block], "milestones": stages}


async def test_an_objection_makes_the_station_decide_anew(desk: Desk) -> None:
    stages = [
        {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": "2026-06-01", "sharePercent": "40"}
    ]
    await desk.open(**_large(desk, stages))
    claim = await desk.submit("M1")
    await desk.review(claim["id"])
    no = {"confirmed": False, "reasonCode": "EVIDENCE_DOUBTFUL", "comment": "未见签到"}
    objected = await desk.done("wang", SECOND, id=claim["id"], i=no)
    assert objected["submission"]["secondWanted"] is False
    assert await desk.refused("wang", SECOND, id=claim["id"], i={"confirmed": True}) == ["WRONG_STATE"]
    part = {"decision": "ACCEPT_IN_PART", "accepted": "200000.00", **WHY}
    done = await desk.review(claim["id"], **part)
    assert done["submission"]["status"] == "PARTIALLY_ACCEPTED"


async def test_an_appeal_upheld_after_payment_makes_a_supplementary_request(desk: Desk) -> None:
    await desk.account()
    claim = await desk.submit("M1")
    part = {"decision": "ACCEPT_IN_PART", "accepted": "20000.00", **WHY}
    request = (await desk.review(claim["id"], **part))["paymentRequest"]["id"]
    await desk.invoice(request)
    sent = await desk.bring_to("paymentSend", request)
    await desk.settle(sent["payment"]["id"])
    appeal = await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "已完成"})
    decided = {"upheld": True, "decision": "支持", "awarded": "10000.00"}
    # Zhao approved the agreement and the payment: the deputy decides.
    assert await desk.refused("zhao", DECIDE, id=appeal["appeal"]["id"], i=decided) == ["FOUR_EYES"]
    payload = await desk.done("guo", DECIDE, id=appeal["appeal"]["id"], i=decided)
    extra = payload["paymentRequest"]
    assert (extra["kind"], extra["payable"]["amount"]) == ("SUPPLEMENTARY", "10000.00")
    assert (await desk.invoice(extra["id"]))["userErrors"] == []
    # Who decided it does not approve it.
    for name, who in (("paymentRequestConfirm", "mei"), ("paymentRequestCheck", "qian")):
        await desk.done(who, step(name), id=extra["id"])
    assert await desk.refused("guo", step("paymentRequestApprove"), id=extra["id"]) == ["FOUR_EYES"]
    await desk.done("zhao", step("paymentRequestApprove"), id=extra["id"])
    from_bank = await desk.done("sun", _SEND, id=extra["id"])
    assert (await desk.settle(from_bank["payment"]["id"]))["userErrors"] == []
    money = "money { accepted { amount } paid { amount } }"
    assert (await desk.look("qian", desk.stages["M1"], money))["money"] == {
        "accepted": {"amount": "30000.00"},
        "paid": {"amount": "30000.00"},
    }
    assert await desk.office.balance() == {
        "available": "1900000.00",
        "encumbered": "70000.00",
        "payable": "0.00",
        "paid": "30000.00",
    }
    assert await desk.stage("M1") == "SETTLED"


_SEND = "mutation($id: ID!) { paymentSend(id: $id) { payment { id } userErrors { code message path } } }"


async def test_a_deduction_lifted_and_a_rejection_overruled(desk: Desk) -> None:
    await desk.account()
    claim = await desk.submit("M1")
    await desk.review(claim["id"], decision="REJECT", **WHY)
    assert await desk.stage("M1") == "REJECTED"
    appeal = await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "材料齐全"})
    said = {"upheld": True, "decision": "支持", "awarded": "30000.00"}
    payload = await desk.done("guo", DECIDE, id=appeal["appeal"]["id"], i=said)
    assert payload["paymentRequest"]["payable"]["amount"] == "30000.00"
    assert await desk.stage("M1") == "ACCEPTED"
    assert await desk.refused("bo", APPEAL, i={"submission": claim["id"], "grounds": "再诉"}) == [
        "WRONG_STATE"
    ]


async def test_after_a_denied_appeal_nothing_changes(desk: Desk) -> None:
    claim = await desk.submit("M1")
    await desk.review(claim["id"], decision="REJECT", **WHY)
    appeal = await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "x"})
    said = {"upheld": False, "decision": "驳回"}
    await desk.done("guo", DECIDE, id=appeal["appeal"]["id"], i=said)
    assert await desk.stage("M1") == "REJECTED"
    assert await desk.refused("bo", APPEAL, i={"submission": claim["id"], "grounds": "y"}) == ["DUPLICATE"]


async def test_a_billed_delivery_is_not_voided_but_deducted_from_the_next_payment(desk: Desk) -> None:
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    request = await desk.accepted("M2")
    await desk.invoice(request)
    sent = await desk.bring_to("paymentSend", request)
    await desk.settle(sent["payment"]["id"])
    claim = (await desk.look("mei", desk.stages["M2"], "submissions { id }"))["submissions"][0]["id"]
    said = {"submission": claim, "kind": "SHORTFALL", "amount": "4000.00", "delivery": f"delivery_{delivery}"}
    await desk.done("mei", DEDUCT, i={**said, "rule": "第三条", "reason": "场次造假"})
    twice = {**said, "rule": "第三条", "reason": "再次"}
    assert await desk.refused("mei", DEDUCT, i=twice) == ["DUPLICATE"]
    last = await desk.accepted("M3")
    node = await desk.look("mei", last, "accepted { amount } deducted { amount } payable { amount }")
    assert [one["amount"] for one in node.values()] == ["30000.00", "4000.00", "26000.00"]
    assert bare(claim)


async def test_prices_of_a_claim_are_hidden_from_communities_and_partner_workers(desk: Desk) -> None:
    claim = await desk.submit("M1")
    for who in ("wang", "an"):
        for fields in ("claimed { amount }", "steps { amount { amount } }", "paymentRequests { id }"):
            query = f'{{ node(id: "{claim["id"]}") {{ ... on Submission {{ {fields} }} }} }}'
            answer = await desk.office.hub.ask(desk.office.world.viewers[who], query)
            assert [code for code, _ in answer.codes] == ["FORBIDDEN"]
            assert "30000" not in answer.text
    for who, seen in (("li", True), ("kai", False), ("shen", True), ("bo", True)):
        query = "{ submissions { totalCount } }"
        data = (await desk.office.hub.ask(desk.office.world.viewers[who], query)).data
        assert data["submissions"]["totalCount"] == seen, who


async def test_a_report_handed_in_three_times_is_one(desk: Desk) -> None:
    """What a stage pays by its reports is counted by their content, not by how often it was uploaded."""
    first, *later = milestones()
    reporting = {**first, "kind": "REPORTING", "criteria": [least("REPORTS", 3, per_unit=False)]}
    await desk.open(milestones=[reporting, *later])
    papers = [await desk.document("REPORT") for _ in range(3)]
    claim = (await desk.done("bo", SUBMIT, id=desk.stages["M1"], i={"documents": papers}))["submission"]
    assert claim["claimed"] == {"amount": "10000.00"}
    await desk.done("bo", WITHDRAW, id=claim["id"])
    papers = [await desk.document("REPORT", content=digit) for digit in "abc"]
    claim = (await desk.done("bo", SUBMIT, id=desk.stages["M1"], i={"documents": papers}))["submission"]
    assert claim["claimed"] == {"amount": "30000.00"}
