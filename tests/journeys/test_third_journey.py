"""The third journey, over real HTTP: what the partner did is accepted and paid, and the money is followed to the need.

One agreement of three stages. Each function is a step of the story, with what must not be possible just then; the test
tells them in order. Who may not do both is told in `test_third_journey_hands.py`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.base.db import Server
from hub.base.limits import ACCOUNT_COOLING_DAYS
from hub.settings import Settings
from tests.journeys.beginnings import consented, organization_of, registered
from tests.journeys.following_money import (
    every_step_was_told,
    finance_asks_for_a_name_in_vain,
    the_books_are_right,
    the_money_leads_to_the_ladys_haircut,
)
from tests.journeys.money import DECISION, PAYMENT_DAYS, Money, figures
from tests.journeys.payees import Story, coached, served
from tests.journeys.running import running, said, text_of

pytestmark = pytest.mark.anyio

WRONG_ACCOUNT = "6222020200112233445"
RIGHT_ACCOUNT = "6222020200112233999"
GREEN = dict.fromkeys(("agreement", "acceptance", "invoice", "account", "fund"), "OK")
SHORT = {"reasonCode": "EVIDENCE_MISSING", "comment": "有一小时没有签字"}


async def test_the_third_journey(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        story = Story(Money(hub, world_database), await organization_of(hub, "bo", "partner"))
        await a_gift_becomes_an_agreement(story)
        await bo_names_an_account_and_qian_verifies_it(story)
        await a_later_stage_waits_for_the_first(story)
        await the_first_stage_is_accepted_on_documents(story)
        await nothing_is_checked_without_an_invoice_nor_sent_to_a_fresh_account(story)
        await the_first_stage_is_paid(story)
        await a_payment_is_made_once(story)
        await an_cuts_hair_keeps_company_and_teaches(story)
        await the_mid_term_claim_is_computed(story)
        await mei_accepts_a_part_with_a_deduction(story)
        await an_invoice_counts_once_and_only_for_what_was_accepted(story)
        await bo_sees_who_has_it(story)
        await the_bank_returns_the_money(story)
        await the_corrected_account_cools_first(story)
        await zhao_approves_anew_and_it_arrives(story)
        await the_money_leads_to_the_ladys_haircut(story)
        await finance_asks_for_a_name_in_vain(story)
        await bo_appeals_and_the_deputy_decides(story)
        await every_step_was_told(story)
        await the_books_are_right(story, world_database)


async def a_gift_becomes_an_agreement(story: Story) -> None:
    """Certified before it is approved, encumbered with the approval, in force once the partner has signed."""
    money = story.money
    await money.open_fund()
    twice = await story.hub.refused("qian", "DonationRecord", input=money.gift("YHHD-2026-0507"))
    assert twice == ["DUPLICATE"], "a voucher counts once"
    await money.draft(story.partner)
    assert await money.agreement_steps(("AgreementPropose", "mei")) == ["IN_REVIEW"]
    early = {"id": money.agreement, "decision": DECISION}
    code, _ = await money.refused("zhao", "AgreementApprove", **early)
    assert code == "WRONG_STATE", "the accountant has not certified that the money is there"
    assert await money.agreement_steps(("AgreementCertify", "qian")) == ["CERTIFIED"]
    code, _ = await money.refused("zhao", "AgreementApprove", id=money.agreement, decision=" ")
    assert code == "REQUIRED", "without the reference of the leadership's decision"
    steps = await money.agreement_steps(("AgreementApprove", "zhao"), ("AgreementAccept", "bo"))
    assert steps == ["APPROVED", "PARTNER_ACCEPTED"]
    assert await money.figures() == figures("170000.00", "30000.00", "0.00", "0.00")
    await story.hub.day_goes_by()
    assert (await money.books())["agreement"]["status"] == "ACTIVE"


async def bo_names_an_account_and_qian_verifies_it(story: Story) -> None:
    """In the partner's own name. Lists show four digits; the plain number is asked for, with a purpose."""
    hub, money = story.hub, story.money
    account = await money.account(story.partner, WRONG_ACCOUNT)
    assert await money.denied("an", "BankAccountPropose", input=account)
    other = {**account, "holderName": "柏松"}
    code, words = await money.refused("bo", "BankAccountPropose", input=other)
    assert code == "CONFLICT"
    assert account["holderName"] in words
    proposed = story.keep("account", await hub.do("bo", "BankAccountPropose", input=account))
    assert (proposed["status"], proposed["last4"], proposed["usableFrom"]) == ("PROPOSED", "3445", None)
    assert await money.denied("sun", "BankAccountVerify", id=proposed["id"]), "that is the accountant's"
    verified = await hub.do("qian", "BankAccountVerify", id=proposed["id"])
    free = hub.clock.today() + timedelta(days=ACCOUNT_COOLING_DAYS)
    assert verified == {"status": "VERIFIED", "last4": "3445", "usableFrom": free.isoformat()}
    assert await money.denied("mei", "BankAccountReveal", id=proposed["id"])
    shown = await hub.do("sun", "BankAccountReveal", id=proposed["id"])
    assert shown["number"] == WRONG_ACCOUNT
    assert WRONG_ACCOUNT not in text_of(await money.books())


async def a_later_stage_waits_for_the_first(story: Story) -> None:
    money = story.money
    code, words = await money.refused("bo", "MilestoneSubmit", id=money.stages["M2"], input={})
    assert (code, "Stage M1 comes first" in words) == ("WRONG_STATE", True)


async def the_first_stage_is_accepted_on_documents(story: Story) -> None:
    """What it pays is agreed, not typed: the claim has no field for it. The partner's worker does not ask for money."""
    hub, money = story.hub, story.money
    assert await money.denied("an", "MilestoneSubmit", id=money.stages["M1"], input={})
    code, _ = await money.refused("bo", "MilestoneSubmit", id=money.stages["M1"], input={})
    assert code == "REQUIRED", "without a document"
    claim = story.keep("claim1", await money.claimed("M1", "服务协议", "实施方案"))
    assert (claim["rule"], claim["claimed"]) == ("DOCUMENTS", {"amount": "9000.00"})
    reviewed = await hub.do("mei", "SubmissionReview", id=claim["id"], input={"decision": "ACCEPT"})
    (request,) = reviewed["paymentRequests"]
    story.keep("request1", request)
    due = hub.clock.today() + timedelta(days=PAYMENT_DAYS)
    assert (request["status"], request["payable"], request["dueOn"]) == (
        "CREATED",
        {"amount": "9000.00"},
        due.isoformat(),
    )
    assert await money.figures() == figures("170000.00", "21000.00", "9000.00", "0.00")
    await hub.day_goes_by()


async def nothing_is_checked_without_an_invoice_nor_sent_to_a_fresh_account(story: Story) -> None:
    hub, money, request = story.hub, story.money, story.ids["request1"]
    await money.steps(request, "PaymentRequestConfirm")
    assert (await money.request("bo", request))["waitingFor"]["role"] == "PARTNER_MANAGER", "for the invoice"
    code, words = await money.refused("qian", "PaymentRequestCheck", id=request)
    assert (code, "The invoice is missing" in words) == ("CONFLICT", True)
    await hub.do("bo", "InvoiceHandIn", input=await money.invoice(request, "24320000001", "9000.00"))
    code, words = await money.refused("qian", "PaymentRequestCheck", id=request)
    assert (code, "still cooling" in words) == ("CONFLICT", True)
    code, _ = await money.refused("sun", "PaymentSend", id=request)
    assert code == "WRONG_STATE", "nobody has approved it"
    await money.days_later(ACCOUNT_COOLING_DAYS)
    assert (await money.request("qian", request))["match"] == GREEN


async def the_first_stage_is_paid(story: Story) -> None:
    """Five marks green, four people, and the bank's slip."""
    hub, money, request = story.hub, story.money, story.ids["request1"]
    payment = await money.steps(request, "PaymentRequestCheck", "PaymentRequestApprove", "PaymentSend")
    story.keep("payment1", payment)
    assert (payment["status"], payment["amount"], payment["account"]) == (
        "SENT",
        {"amount": "9000.00"},
        {"last4": "3445"},
    )
    slip = {"id": payment["id"], "slip": "JS-0510-1", "on": money.today()}
    assert await money.denied("sun", "PaymentSettle", **slip), "who sends does not settle"
    settled = await hub.do("qian", "PaymentSettle", **slip)
    assert settled == {
        "status": "SETTLED",
        "paymentRequest": {"status": "PAID"},
        "milestone": {"status": "SETTLED"},
    }
    assert await money.figures() == figures("170000.00", "21000.00", "0.00", "9000.00")
    assert (await money.request("bo", request))["waitingFor"] is None


async def a_payment_is_made_once(story: Story) -> None:
    money, request = story.money, story.ids["request1"]
    code, _ = await money.refused("sun", "PaymentSend", id=request)
    assert code == "WRONG_STATE"
    again = {"id": story.ids["payment1"], "slip": "JS-0510-2", "on": money.today()}
    code, _ = await money.refused("qian", "PaymentSettle", **again)
    assert code == "WRONG_STATE"
    code, _ = await money.refused("bo", "MilestoneSubmit", id=money.stages["M1"], input={})
    assert code == "WRONG_STATE", "a settled stage is not claimed anew"


async def an_cuts_hair_keeps_company_and_teaches(story: Story) -> None:
    """The same lady: a haircut, which the community confirms, four hours, which the station does, and casework."""
    person = story.ids["person"] = await registered(story.hub, story.name, "19410308", 962)
    await consented(story.hub, person)
    for what, domain, wish, verifier in (
        ("haircut", "DAILY_LIVING", ("HOME_HAIRCUT", "上门理发", 1), "wang"),
        ("company", "VISITING", ("COMPANIONSHIP", "陪伴", 4), "mei"),
    ):
        delivery = story.keep(what, await served(story.money, person, domain, *wish))
        assert (delivery["status"], delivery["case"]["status"]) == ("RECORDED", "CLOSED")
        verified = await story.hub.do(verifier, "DeliveryVerify", id=delivery["id"])
        assert verified["status"] == "VERIFIED"
    lesson = story.keep("lesson", await coached(story.money, person))
    await story.hub.do("wang", "DeliveryVerify", id=lesson["id"])
    await story.hub.day_goes_by()


async def the_mid_term_claim_is_computed(story: Story) -> None:
    """Verified units at their price, each step shown, the work frozen with it."""
    money = story.money
    claim = story.keep("claim2", await money.claimed("M2"))
    assert (claim["rule"], claim["claimed"], claim["milestone"]) == (
        "UNITS",
        {"amount": "540.00"},
        {"status": "SUBMITTED"},
    )
    told = [
        (step["kind"], step["line"] and step["line"]["title"], step["quantity"], step["amount"]["amount"])
        for step in claim["steps"]
    ]
    assert told == [
        ("LINE_UNITS", "上门理发", 1, "60.00"),
        ("LINE_UNITS", "陪伴", 4, "180.00"),
        ("LINE_UNITS", "个案", 1, "300.00"),
        ("CLAIM", None, None, "540.00"),
    ]
    frozen = {one["reference"] for one in claim["deliveries"]["nodes"]}
    assert frozen == {story.references[what] for what in ("haircut", "company", "lesson")}
    void = {"id": story.ids["haircut"], "reason": "重复"}
    assert await story.hub.refused("mei", "DeliveryVoid", **void) != [], "what is billed is not voided"


async def mei_accepts_a_part_with_a_deduction(story: Story) -> None:
    hub, money, claim = story.hub, story.money, story.ids["claim2"]
    above = {"decision": "ACCEPT_IN_PART", "accepted": "540.01", **SHORT}
    code, words = await money.refused("mei", "SubmissionReview", id=claim, input=above)
    assert (code, "540.00" in words) == ("OUT_OF_RANGE", True)
    late = {
        "submission": claim,
        "kind": "PENALTY",
        "amount": "20.00",
        "rule": "协议第九条",
        "reason": "月报迟交",
    }
    story.keep("deduction", await hub.do("mei", "DeductionPropose", input=late))
    part = {"decision": "ACCEPT_IN_PART", "accepted": "495.00", **SHORT}
    reviewed = await hub.do("mei", "SubmissionReview", id=claim, input=part)
    (request,) = reviewed["paymentRequests"]
    story.keep("request2", request)
    amounts = [request[one]["amount"] for one in ("accepted", "deducted", "payable")]
    assert (reviewed["status"], amounts) == ("PARTIALLY_ACCEPTED", ["495.00", "20.00", "475.00"])
    await hub.day_goes_by()


async def an_invoice_counts_once_and_only_for_what_was_accepted(story: Story) -> None:
    """A number used before names the request it was used for. One above what was accepted turns a mark red."""
    hub, money, request = story.hub, story.money, story.ids["request2"]
    used = await money.invoice(request, "24320000001", "475.00")
    code, words = await money.refused("bo", "InvoiceHandIn", input=used)
    assert (code, story.references["request1"] in words) == ("DUPLICATE", True)
    too_much = {**used, "number": "24320000002", "amount": "540.00"}
    invoice = await hub.do("bo", "InvoiceHandIn", input=too_much)
    await money.steps(request, "PaymentRequestConfirm")
    assert (await money.request("qian", request))["match"] == {**GREEN, "invoice": "INVOICE_AMOUNT"}
    code, words = await money.refused("qian", "PaymentRequestCheck", id=request)
    assert (code, story.references["request2"] in words) == ("CONFLICT", True)
    refused = await hub.do("qian", "InvoiceRefuse", id=invoice["id"], reason="发票金额与验收金额不符")
    assert refused["status"] == "REFUSED"
    right = {**used, "number": "24320000003"}
    await hub.do("bo", "InvoiceHandIn", input=right)


async def bo_sees_who_has_it(story: Story) -> None:
    """With the accountant, since when, and by when the street owes it; five marks green."""
    hub, money = story.hub, story.money
    seen = await money.request("bo", story.ids["request2"])
    now = said(hub.clock.instant.astimezone(hub.clock.zone))
    due = (hub.clock.today() + timedelta(days=PAYMENT_DAYS)).isoformat()
    assert seen["waitingFor"] == {"role": "FINANCE_OFFICER", "duty": "ACCOUNTANT", "since": now}
    assert (seen["dueOn"], seen["overdueDays"], seen["match"]) == (due, 0, GREEN)
    payments = "{ paymentRequests(first: 1) { nodes { id } } }"
    assert await money.denied("an", payments), "the partner's worker sees no money"


async def the_bank_returns_the_money(story: Story) -> None:
    hub, money, request = story.hub, story.money, story.ids["request2"]
    steps = ("PaymentRequestCheck", "PaymentRequestApprove", "PaymentSend")
    payment = story.keep("payment2", await money.steps(request, *steps))
    before = await money.figures()
    slip = {"id": payment["id"], "reason": "账号户名不符，银行退回"}
    assert await money.denied("sun", "PaymentFail", **slip), "who sent it does not say what became of it"
    failed = await hub.do("qian", "PaymentFail", **slip)
    assert failed == {
        "status": "FAILED",
        "reason": "账号户名不符，银行退回",
        "paymentRequest": {"status": "FAILED"},
    }
    assert await money.figures() == before, "it is owed as before"
    waits = (await money.request("bo", request))["waitingFor"]
    assert waits["role"] == "PARTNER_MANAGER", "for an account that is right"
    code, _ = await money.refused("qian", "PaymentRequestCheck", id=request)
    assert code == "WRONG_STATE", "with the same account there is nothing to check anew"


async def the_corrected_account_cools_first(story: Story) -> None:
    hub, money, request = story.hub, story.money, story.ids["request2"]
    corrected = await money.account(story.partner, RIGHT_ACCOUNT)
    account = await hub.do("bo", "BankAccountPropose", input=corrected)
    waits = (await money.request("bo", request))["waitingFor"]
    assert (waits["role"], waits["duty"]) == ("FINANCE_OFFICER", "ACCOUNTANT"), "to verify it"
    assert (await hub.do("qian", "BankAccountVerify", id=account["id"]))["last4"] == "3999"
    code, words = await money.refused("qian", "PaymentRequestCheck", id=request)
    assert (code, "still cooling" in words) == ("CONFLICT", True)
    code, _ = await money.refused("sun", "PaymentSend", id=request)
    assert code == "WRONG_STATE", "the account that was approved is no more"
    await money.days_later(ACCOUNT_COOLING_DAYS)


async def zhao_approves_anew_and_it_arrives(story: Story) -> None:
    """What he approved was a payment to another account."""
    hub, money, request = story.hub, story.money, story.ids["request2"]
    await money.steps(request, "PaymentRequestCheck")
    code, _ = await money.refused("sun", "PaymentSend", id=request)
    assert code == "WRONG_STATE"
    payment = await money.steps(request, "PaymentRequestApprove", "PaymentSend")
    story.keep("payment3", payment)
    assert payment["account"] == {"last4": "3999"}
    used = {"id": payment["id"], "slip": "JS-0510-1", "on": money.today()}
    code, _ = await money.refused("qian", "PaymentSettle", **used)
    assert code == "DUPLICATE", "the bank's reference was that of the first payment"
    settled = await hub.do("qian", "PaymentSettle", **{**used, "slip": "JS-0516-7"})
    assert (settled["status"], settled["milestone"]) == ("SETTLED", {"status": "SETTLED"})
    await hub.day_goes_by()


async def bo_appeals_and_the_deputy_decides(story: Story) -> None:
    """The director approved the payment, so it is not his. What is awarded is paid on top."""
    hub, money = story.hub, story.money
    filed = {"submission": story.ids["claim2"], "grounds": "签字单已补齐"}
    assert await money.denied("an", "AppealFile", input=filed)
    appeal = story.keep("appeal", await hub.do("bo", "AppealFile", input=filed))
    upheld = {"upheld": True, "decision": "补正材料齐全，予以支持", "awarded": "45.00"}
    code, words = await money.refused("zhao", "AppealDecide", id=appeal["id"], input=upheld)
    assert (code, "Hand it to a colleague" in words) == ("FOUR_EYES", True)
    more = {**upheld, "awarded": "45.01"}
    code, _ = await money.refused("guo", "AppealDecide", id=appeal["id"], input=more)
    assert code == "OUT_OF_RANGE", "more than was claimed and not accepted"
    request = story.keep("request3", await hub.do("guo", "AppealDecide", id=appeal["id"], input=upheld))
    assert (request["kind"], request["payable"]) == ("SUPPLEMENTARY", {"amount": "45.00"})
    invoice = await money.invoice(request["id"], "24320000004", "45.00")
    await hub.do("bo", "InvoiceHandIn", input=invoice)
    await money.steps(request["id"], "PaymentRequestConfirm", "PaymentRequestCheck")
    code, _ = await money.refused("guo", "PaymentRequestApprove", id=request["id"])
    assert code == "FOUR_EYES", "who awarded it does not approve it"
    payment = await money.steps(request["id"], "PaymentRequestApprove", "PaymentSend")
    slip = {"id": payment["id"], "slip": "JS-0516-8", "on": money.today()}
    await hub.do("qian", "PaymentSettle", **slip)
    await hub.day_goes_by()
