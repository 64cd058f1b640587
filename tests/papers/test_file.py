"""The payment file: what a payment stands on, signed by everybody, and the plain account for two people only."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from hub.payments import accounts
from tests.papers.desk import FILE, Desk, bare, fonts_of, text_of
from tests.payments.desk import DEDUCT, PROPOSE, REASON, on_payment, step

pytestmark = pytest.mark.anyio

NUMBER = "6222020200112233445"
HANDS = ("梅晓社工站社工", "钱莉财务·会计", "赵刚街道分管负责人", "孙浩财务·出纳")


async def test_the_accountant_finds_everything_in_one_file(desk: Desk) -> None:
    request, payment = await desk.paid("M1")
    paper = (await desk.done("qian", FILE, id=request))["pdf"]
    facts = await desk.look("qian", request, "reference invoice { number } submission { reference }")
    slip = await desk.look("qian", payment, "reference bankReference")
    assert (paper["kind"], paper["name"]) == ("PAYMENT_FILE", f"付款卷宗-{facts['reference']}.pdf")
    reader = await desk.pdf(paper)
    said = text_of(reader)
    for wanted in (
        *(
            "付款卷宗",
            facts["reference"],
            "七里沟街道",
            "徐州暖巢社会工作服务中心",
            "社会工作服务项目",
            "第1版",
        ),
        *(
            "街党工委〔2026〕7号",
            "100,000.00元",
            "人民币壹拾万元整",
            "30,000.00元",
            "人民币叁万元整",
            "柏松（机构负责人）",
        ),
        *("M1首款（首款）", facts["submission"]["reference"], "验收通过", "本次付款没有扣减。"),
        *(facts["invoice"]["number"], "发票", "2026-05-06", NUMBER, "徐州农商银行七里沟支行"),
        *(slip["reference"], slip["bankReference"], "已到账", *HANDS),
    ):
        assert wanted in said, wanted
    assert said.count("√相符") == 5
    assert min(fonts_of(reader).values()) > 1_000, "every font is embedded"


async def test_the_plain_account_is_for_accountant_and_cashier_and_leaves_one_trace(desk: Desk) -> None:
    request, _ = await desk.paid("M1")
    may = {"qian": True, "sun": True, "mei": False, "zhao": False, "shen": False}
    for who, plain in may.items():
        before = await desk.events("bank_account_reveal")
        said = text_of(await desk.pdf((await desk.done(who, FILE, id=request))["pdf"]))
        assert (NUMBER in said, f"****{NUMBER[-4:]}" in said) == (plain, not plain), who
        revealed = (await desk.events("bank_account_reveal"))[len(before) :]
        assert [(one["subject_type"], one["purpose"]) for one in revealed] == [
            ("BankAccount", "PAYMENT")
        ] * plain
    events = await desk.events("payment_file_make")
    assert [one["subject_id"] for one in events] == [bare(request)] * len(may)
    assert [json.loads(one["facts"])["accountShown"] for one in events] == list(may.values())
    assert NUMBER not in str(events)


async def test_making_files_counts_as_revealing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    request, _ = await desk.paid("M1")
    monkeypatch.setattr(accounts, "MAX_ACCOUNT_REVEALS_A_DAY", 1)
    await desk.done("sun", FILE, id=request)
    assert await desk.refused("sun", FILE, id=request) == ["LIMIT_EXCEEDED"]
    assert len(await desk.run("select from papers")) == 1


async def test_nobody_else_has_one_made(desk: Desk) -> None:
    request = await desk.payable("M1")
    for who in ("wang", "bo", "an", "root"):
        assert await desk.payload(who, FILE, id=request) is None
    assert await desk.run("select from papers") == []


async def test_t12_a_foreign_request_is_answered_like_a_missing_one(desk: Desk) -> None:
    request = await desk.payable("M1")
    elsewhere = (
        await desk.run("select id from organizations where kind = 'STREET' and id <> $1 limit 1", desk.street)
    )[0]
    # Of another street; the district is not the auditor's either.
    await desk.plant(
        "update payment_requests set street_id = $2, district_id = $2 where id = $1 returning id",
        bare(request),
        elsewhere["id"],
    )
    for who in ("mei", "zhao", "qian", "shen"):
        viewer = desk.office.world.viewers[who]
        answers = [
            (await desk.office.hub.ask(viewer, FILE, {"id": one})).text
            for one in (request, f"payment_request_{uuid4()}", "nothing")
        ]
        assert len(set(answers)) == 1, who
        assert "NOT_FOUND" in answers[0]
    assert await desk.run("select from papers") == []


async def test_a_request_under_way_says_what_is_still_missing(desk: Desk) -> None:
    request = await desk.accepted("M1")
    said = text_of(await desk.pdf((await desk.done("qian", FILE, id=request))["pdf"]))
    for wanted in (
        "尚未提交票据。",
        "收款账户在会计审核时确定。",
        "×缺票据",
        "×没有已核验账户",
        "尚无人签批",
        "尚未付款",
    ):
        assert wanted in said, wanted
    assert await desk.events("bank_account_reveal") == [], "nothing was shown"


async def test_what_went_back_and_was_taken_off_is_told(desk: Desk) -> None:
    await desk.account()
    claim = await desk.submit("M1")
    said = {"submission": claim["id"], "kind": "PENALTY", "amount": "500.05", "rule": "第九条"}
    await desk.done("mei", DEDUCT, i={**said, "reason": "迟交计划"})
    why = {"reasonCode": "QUANTITY_SHORT", "comment": "少一场"}
    reviewed = await desk.review(claim["id"], decision="ACCEPT_IN_PART", accepted="20000.00", **why)
    request = reviewed["paymentRequest"]["id"]
    await desk.invoice(request)
    await desk.done("mei", step("paymentRequestReturn", REASON), id=request)
    await desk.done("mei", step("paymentRequestReopen"), id=request)
    sent = await desk.bring_to("paymentSend", request)
    await desk.done("qian", on_payment("paymentFail"), id=sent["payment"]["id"])
    told = text_of(await desk.pdf((await desk.done("zhao", FILE, id=request))["pdf"]))
    for wanted in (
        *("部分通过", "数量不足：少一场", "违约扣减", "500.05", "第九条", "迟交计划", "19,499.95元"),
        *("人民币壹万玖仟肆佰玖拾玖元玖角伍分", "其他：需要补正", "退回", "重新办理", "登记失败", "失败"),
    ):
        assert wanted in told, wanted


async def test_an_account_replaced_meanwhile_is_still_the_one_that_was_checked(desk: Desk) -> None:
    request, _ = await desk.paid("M1")
    said = {
        "partner": desk.office.place("nuanchao", "partner"),
        "street": desk.office.place("street", "street"),
        "holderName": "徐州暖巢社会工作服务中心",
        "bankName": "另一家银行",
        "number": "6228480402564890018",
    }
    await desk.done("bo", PROPOSE, i=said)
    told = text_of(await desk.pdf((await desk.done("sun", FILE, id=request))["pdf"]))
    assert NUMBER in told
    assert "6228480402564890018" not in told
