"""The chain of a payment: hands, match, returns, failures, reversals, invoices and accounts; and what may not be."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests import harness
from tests.payments.desk import (
    CHAIN,
    PROPOSE,
    REASON,
    REVIEW,
    SEND,
    SETTLE,
    SUBMIT,
    VERIFY,
    Desk,
    bare,
    on_payment,
    step,
)

pytestmark = pytest.mark.anyio

REVERSE = (
    "mutation($id: ID!, $slip: String) {"
    ' paymentReverse(id: $id, reasonCode: PAID_IN_ERROR, reason: "误付", refundReference: $slip) {'
    " payment { status bankReference refundReference } paymentRequest { id status }"
    " userErrors { code message path } } }"
)


async def as_user_of(desk: Desk, who: str, other: str) -> None:
    """From now on `who` is a membership of the user of `other`."""
    world = desk.office.world
    user = world.viewers[other].user_id
    await harness.run_sql(
        desk.server, "update memberships set user_id = $1 where id = $2", user, world.memberships[who]
    )
    desk.office.also(f"{who}={other}", who, user_id=user)


@pytest.mark.parametrize("other", ["qian", "zhao", "sun"])
async def test_i4_the_reviewer_takes_no_other_step(desk: Desk, other: str) -> None:
    """Under a second membership of the same person, each later step is refused with the reason."""
    await as_user_of(desk, other, "mei")
    who = f"{other}=mei"
    await desk.account() if other != "qian" else None
    request = await desk.accepted("M1")
    await desk.invoice(request)
    for name, actor in CHAIN.items():
        mutation = SEND if name == "paymentSend" else step(name)
        if actor == other:
            payload = await desk.payload(who, mutation, id=request)
            assert [one["code"] for one in payload["userErrors"]] == ["FOUR_EYES"], payload
            return
        await desk.done(actor, mutation, id=request)


@pytest.mark.parametrize(("first", "then"), [("qian", "zhao"), ("qian", "sun"), ("zhao", "sun")])
async def test_i4_of_check_approve_and_send_nobody_takes_two(desk: Desk, first: str, then: str) -> None:
    request = await desk.payable("M1")
    await desk.account()
    for name, actor in CHAIN.items():
        mutation = SEND if name == "paymentSend" else step(name)
        if actor == then:
            await as_user_of(desk, then, first)
            payload = await desk.payload(f"{then}={first}", mutation, id=request)
            assert [one["code"] for one in payload["userErrors"]] == ["FOUR_EYES"], payload
            return
        await desk.done(actor, mutation, id=request)


async def test_i4_the_sender_does_not_settle_nor_who_verified_the_account_send(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    await as_user_of(desk, "qian", "sun")
    today = desk.office.hub.clock.today().isoformat()
    payload = await desk.payload("qian=sun", SETTLE, id=payment, slip="X1", on=today)
    assert [one["code"] for one in payload["userErrors"]] == ["FOUR_EYES"]


async def test_i4_completes_with_one_person_in_each_post(desk: Desk) -> None:
    """One station worker, one accountant, one director, one cashier: everybody else has left."""
    stay = [desk.office.world.memberships[who] for who in ("mei", "qian", "zhao", "sun", "bo")]
    await desk.run(
        "update memberships set ended_at = now() where id <> all ($1) and (street_id is not null or partner_id = $2)",
        stay,
        desk.partner,
    )
    await desk.paid("M1")
    street = desk.office.place("street", "street")
    gaps = (await desk.look("zhao", street, "staffingGaps { step }"))["staffingGaps"]
    assert gaps == [{"step": "APPEAL"}], "an appeal needs another leader"
    await desk.run(
        "update memberships set ended_at = now() where id = $1", desk.office.world.memberships["sun"]
    )
    gaps = (await desk.look("zhao", street, "staffingGaps { step }"))["staffingGaps"]
    assert gaps == [{"step": "SEND"}, {"step": "APPEAL"}]


async def test_t2_the_submitter_does_not_approve_her_own_claim(desk: Desk) -> None:
    claim = await desk.submit("M1")
    await as_user_of(desk, "mei", "bo")
    payload = await desk.payload("mei=bo", REVIEW, id=claim["id"], i={"decision": "ACCEPT"})
    assert [one["code"] for one in payload["userErrors"]] == ["CONFLICT_OF_INTEREST"]
    # Having left the partner does not help: she submitted it.
    await desk.run(
        "update memberships set ended_at = now() where id = $1", desk.office.world.memberships["bo"]
    )
    payload = await desk.payload("mei=bo", REVIEW, id=claim["id"], i={"decision": "ACCEPT"})
    assert [one["code"] for one in payload["userErrors"]] == ["FOUR_EYES"]


async def test_i4_who_approved_the_agreement_does_not_review_under_it(desk: Desk) -> None:
    claim = await desk.submit("M1")
    await as_user_of(desk, "mei", "zhao")
    payload = await desk.payload("mei=zhao", REVIEW, id=claim["id"], i={"decision": "ACCEPT"})
    assert [one["code"] for one in payload["userErrors"]] == ["FOUR_EYES"]


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("tao", "paymentRequestConfirm"),
        ("qian", "paymentRequestCheck"),
        ("zhao", "paymentRequestApprove"),
        ("sun", "paymentSend"),
    ],
)
async def test_i5_a_declared_conflict_stops_every_step(desk: Desk, who: str, name: str) -> None:
    request = await desk.payable("M1")
    await desk.account()
    for other, actor in CHAIN.items():
        if other == name:
            break
        await desk.done(actor, step(other), id=request)
    declare = "mutation($i: ConflictDeclareInput!) { conflictDeclare(input: $i) { userErrors { code message path } } }"
    said = {"partner": desk.office.place("nuanchao", "partner"), "reason": "亲属在该机构任职"}
    await desk.done(who, declare, i=said)
    mutation = SEND if name == "paymentSend" else step(name)
    assert await desk.refused(who, mutation, id=request) == ["CONFLICT_OF_INTEREST"]


async def test_t1_a_batch_never_moves_a_declined_request_to_paid(desk: Desk) -> None:
    """There is no batch of money: one field, one command; in one document each stands for itself."""
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestCheck", request)
    await desk.done("zhao", step("paymentRequestReject", REASON), id=request)
    batch = (
        f'mutation {{ a: paymentSend(id: "{request}") {{ userErrors {{ code }} }}'
        f' b: paymentSend(id: "{request}") {{ userErrors {{ code }} }} }}'
    )
    data = (await desk.office.hub.ask(desk.office.world.viewers["sun"], batch)).data
    assert [data[key]["userErrors"] for key in "ab"] == [[{"code": "WRONG_STATE"}]] * 2
    names = "{ __schema { mutationType { fields { name } } } }"
    fields = (await desk.office.hub.ask(desk.office.world.viewers["sun"], names)).data["__schema"]
    many = [one["name"] for one in fields["mutationType"]["fields"] if one["name"].endswith("Many")]
    assert not [name for name in many if name.startswith(("payment", "submission", "milestone", "appeal"))]
    assert await desk.run("select from payments") == []


async def test_t5_fifty_concurrent_attempts_to_pay_one_request_exactly_one_pays(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestApprove", request)

    async def attempt() -> list[str]:
        answer = await desk.office.hub.ask(desk.office.world.viewers["sun"], SEND, {"id": request})
        body = answer.body
        if "errors" in body:
            return [one["extensions"]["code"] for one in body["errors"]]
        return [one["code"] for one in body["data"]["paymentSend"]["userErrors"]]

    answers = await asyncio.gather(*(attempt() for _ in range(50)))
    assert sorted(answers)[0] == []
    assert answers.count([]) == 1
    assert {code for codes in answers for code in codes} <= {"WRONG_STATE", "UNAVAILABLE"}
    assert (await desk.run("select count(*) as n from payments"))[0]["n"] == 1
    payment = f"payment_{(await desk.run('select id from payments'))[0]['id']}"

    async def book(number: int) -> list[str]:
        answer = (await desk.settle(payment, f"SLIP-{number}")) or {"userErrors": [{"code": "NONE"}]}
        return [one["code"] for one in answer["userErrors"]]

    booked = await asyncio.gather(*(book(number) for number in range(10)))
    assert booked.count([]) == 1
    assert (await desk.office.balance())["paid"] == "30000.00"


async def test_t8_an_approver_from_another_street_finds_nothing(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestCheck", request)
    world = desk.office.world
    street = await desk.plant(
        """insert into organizations (id, kind, name, code, parent_id, district_id, status, created_at)
           select gen_random_uuid(), 'STREET', '别的街道', '320311019', parent_id, district_id, 'ACTIVE', '2026-01-01'
             from organizations where id = $1 returning id""",
        world.organizations["street"],
    )
    await desk.plant("update organizations set street_id = id where id = $1", street)
    await desk.plant(
        "update memberships set street_id = $1, organization_id = $1 where id = $2",
        street,
        world.memberships["guo"],
    )
    desk.office.also("guo@other", "guo", street_id=street, organization_id=street)
    assert await desk.refused("guo@other", step("paymentRequestApprove"), id=request) == ["NOT_FOUND"]
    # Nor past every command: the database knows where the membership sits.
    with pytest.raises(Exception, match="somebody else") as caught:
        await desk.run(
            "insert into approvals (id, request_id, district_id, street_id, partner_id, step, round, made_by_id,"
            " made_at)"
            " select gen_random_uuid(), q.id, q.district_id, q.street_id, q.partner_id, 'APPROVE', 1, $2, now()"
            " from payment_requests q where q.id = $1",
            bare(request),
            world.memberships["guo"],
        )
    assert vars(caught.value)["constraint_name"] == "wrong_hands"


async def test_an_invoice_number_is_used_once_and_names_the_earlier_request(desk: Desk) -> None:
    await desk.paid("M1")
    first = await desk.run("select number from invoices")
    await desk.work("大型活动")
    request = await desk.accepted("M2")
    earlier = (await desk.run("select reference from payment_requests order by reference"))[0]["reference"]
    number = first[0]["number"]
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in number)
    for spelt in (number.lower(), wide, f"{number[:4]}\u200b{number[4:]}"):
        payload = await desk.invoice(request, spelt)
        assert [one["code"] for one in payload["userErrors"]] == ["DUPLICATE"], spelt
        assert earlier in payload["userErrors"][0]["message"]


async def test_an_invoice_is_not_older_than_the_agreement(desk: Desk) -> None:
    """A paper of 1800 was taken."""
    request = await desk.accepted("M1")
    (terms,) = await desk.run(
        "select g.reference, least(v.effective_from_on, (g.created_at at time zone 'Asia/Shanghai')::date) as since"
        " from agreements g join agreement_versions v on v.id = g.current_version_id where g.id = $1",
        bare(desk.agreement),
    )
    for day in ("1800-01-01", str(terms["since"] - timedelta(days=1))):
        (error,) = (await desk.invoice(request, issuedOn=day))["userErrors"]
        assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["input", "issuedOn"])
        assert terms["reference"] in error["message"]
    assert (await desk.invoice(request, issuedOn=str(terms["since"])))["userErrors"] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": "29999.99"}, "INVOICE_AMOUNT"),
        ({"buyer": "kangle"}, "INVOICE_BUYER"),
        ({"seller": "kangle"}, "INVOICE_SELLER"),
    ],
)
async def test_i22_an_invoice_that_does_not_match_stops_the_check(
    desk: Desk, changes: dict[str, str], reason: str
) -> None:
    request = await desk.accepted("M1")
    await desk.account()
    said = {
        key: desk.office.place(value, "organization") if key != "amount" else value
        for key, value in changes.items()
    }
    assert (await desk.invoice(request, **said))["userErrors"] == []
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    node = await desk.look("qian", request, "match { invoice }")
    assert node["match"] == {"invoice": reason}
    assert await desk.refused("qian", step("paymentRequestCheck"), id=request) == ["CONFLICT"]


async def test_a_cooling_account_and_none_at_all_stop_the_check(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    assert await desk.refused("qian", step("paymentRequestCheck"), id=request) == ["CONFLICT"]
    await desk.account(days=2)
    assert (await desk.look("qian", request, "match { account }"))["match"] == {"account": "ACCOUNT_COOLING"}
    assert await desk.refused("qian", step("paymentRequestCheck"), id=request) == ["CONFLICT"]
    await desk.tick(1)
    await desk.done("qian", step("paymentRequestCheck"), id=request)


async def test_the_bank_returns_it_and_the_account_is_corrected(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    failed = on_payment("paymentFail", 'reasonCode: ACCOUNT_WRONG, reason: "账号不符"')
    await desk.done("qian", failed, id=payment)
    waiting = "status waitingFor { role duty since } overdueDays"
    node = await desk.look("bo", request, waiting)
    assert (node["status"], node["waitingFor"]["role"], node["overdueDays"]) == (
        "FAILED",
        "PARTNER_MANAGER",
        0,
    )
    assert await desk.refused("qian", step("paymentRequestCheck"), id=request) == ["WRONG_STATE"]
    await desk.account("6222020200999988887")
    assert await desk.refused("sun", SEND, id=request) == ["WRONG_STATE"], "the approved account is retired"
    for name in ("paymentRequestCheck", "paymentRequestApprove"):
        await desk.done(CHAIN[name], step(name), id=request)
    again = (await desk.done("sun", SEND, id=request))["payment"]["id"]
    assert (await desk.settle(again))["userErrors"] == []
    steps = "approvals { step round } payments { status account { last4 } }"
    node = await desk.look("shen", request, steps)
    assert [(one["step"], one["round"]) for one in node["approvals"]] == [
        ("CONFIRM", 1),
        ("CHECK", 1),
        ("APPROVE", 1),
        ("SEND", 1),
        ("FAIL", 1),
        ("CHECK", 2),
        ("APPROVE", 2),
        ("SEND", 2),
        ("SETTLE", 2),
    ]
    assert node["payments"] == [
        {"status": "FAILED", "account": {"last4": "3445"}},
        {"status": "SETTLED", "account": {"last4": "8887"}},
    ]


async def test_a_failed_payment_is_sent_again_to_the_same_account(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    await desk.done("qian", on_payment("paymentFail"), id=payment)
    again = (await desk.done("sun", SEND, id=request))["payment"]["id"]
    assert again != payment
    assert (await desk.settle(again))["userErrors"] == []


async def test_a_returned_request_is_approved_anew(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestCheck", request)
    await desk.done("zhao", step("paymentRequestReturn", REASON), id=request)
    assert await desk.refused("zhao", step("paymentRequestApprove"), id=request) == ["WRONG_STATE"]
    await desk.done("mei", step("paymentRequestReopen"), id=request)
    node = await desk.look("mei", request, "status round account { id }")
    assert node == {"status": "CREATED", "round": 2, "account": None}
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    assert (await desk.settle(payment))["userErrors"] == []


async def test_a_reversal_books_back_and_begins_anew(desk: Desk) -> None:
    request, payment = await desk.paid("M1")
    done = await desk.done("qian", REVERSE, id=payment)
    assert (done["payment"]["status"], done["paymentRequest"]["status"]) == ("REVERSED", "CREATED")
    assert await desk.stage("M1") == "ACCEPTED"
    assert await desk.office.balance() == {
        "available": "1900000.00",
        "encumbered": "70000.00",
        "payable": "30000.00",
        "paid": "0.00",
    }
    again = done["paymentRequest"]["id"]
    assert again != request
    assert (await desk.invoice(again))["userErrors"] == []
    sent = await desk.bring_to("paymentSend", again)
    assert (await desk.settle(sent["payment"]["id"]))["userErrors"] == []
    assert await desk.stage("M1") == "SETTLED"
    rows = await desk.run(
        "select sum(e.amount_fen) as whole,"
        " (select sum(s.amount_fen) from entries s join accounts a on a.id = s.account_id"
        " where a.kind = 'PAID') as paid from entries e"
    )
    assert (rows[0]["whole"], rows[0]["paid"]) == (0, 3_000_000)


async def test_a_bank_reference_is_used_once(desk: Desk) -> None:
    await desk.paid("M1")
    slip = (await desk.run("select bank_reference from payments"))[0]["bank_reference"]
    await desk.work("大型活动")
    request = await desk.accepted("M2")
    await desk.invoice(request)
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in slip)
    for spelt in (slip, slip.lower(), f"{slip[:2]} {slip[2:]}", f"{slip[:2]}\u200b{slip[2:]}", wide):
        payload = await desk.settle(payment, spelt)
        assert [one["code"] for one in payload["userErrors"]] == ["DUPLICATE"], spelt
    assert [one["code"] for one in (await desk.settle(payment, "\u200b"))["userErrors"]] == ["REQUIRED"]


async def test_money_that_came_back_has_a_slip_of_its_own(desk: Desk) -> None:
    """A slip stands for one movement of money, out or back, whichever is told first; without one nothing is written."""
    _, payment = await desk.paid("M1")
    slip = (await desk.run("select bank_reference from payments"))[0]["bank_reference"]
    for given, code in ((slip, "DUPLICATE"), (f"{slip[:2]} {slip[2:]}", "DUPLICATE"), ("\u200b", "REQUIRED")):
        assert await desk.refused("qian", REVERSE, id=payment, slip=given) == [code], given

    done = await desk.done("qian", REVERSE, id=payment, slip="tk 2026-0001")

    assert done["payment"] == {"status": "REVERSED", "bankReference": slip, "refundReference": "TK2026-0001"}
    again = done["paymentRequest"]["id"]
    await desk.invoice(again)
    sent = (await desk.bring_to("paymentSend", again))["payment"]["id"]
    assert [one["code"] for one in (await desk.settle(sent, "TK2026-0001"))["userErrors"]] == ["DUPLICATE"]
    assert (await desk.settle(sent))["userErrors"] == []
    assert (await desk.done("qian", REVERSE, id=sent))["payment"]["refundReference"] is None


async def test_an_account_number_is_sealed_and_revealed_to_finance_with_an_audit_row(desk: Desk) -> None:
    number = "6222020200112233445"
    account = await desk.account(number)
    reveal = (
        "mutation($id: ID!) { bankAccountReveal(id: $id, purpose: PAYMENT)"
        " { bankAccount { number bankName } userErrors { code } } }"
    )
    for who in ("qian", "sun"):
        payload = await desk.payload(who, reveal, id=account)
        assert payload["bankAccount"]["number"] == number
    for who in ("bo", "mei", "zhao", "shen"):
        assert await desk.payload(who, reveal, id=account) is None
    rows = await desk.run(
        "select action, purpose, facts from audit_events where action = 'bank_account_reveal'"
    )
    assert [(row["purpose"], number in str(row["facts"])) for row in rows] == [("PAYMENT", False)] * 2
    sealed = (await desk.run("select number_sealed from bank_accounts"))[0]["number_sealed"]
    assert number.encode() not in sealed


async def test_an_account_is_the_partners_own_and_is_named_once(desk: Desk) -> None:
    await desk.account()
    said: dict[str, Any] = {
        "partner": desk.office.place("nuanchao", "partner"),
        "street": desk.office.place("street", "street"),
        "holderName": "别人",
        "bankName": "徐州农商银行",
        "number": "6222020200112233446",
    }
    assert await desk.refused("bo", PROPOSE, i=said) == ["CONFLICT"]
    name = (await desk.run("select name from organizations where id = $1", desk.partner))[0]["name"]
    again = {**said, "holderName": name, "number": "6222 0202 0011 2233 445"}
    assert await desk.refused("bo", PROPOSE, i=again) == ["DUPLICATE"]
    assert await desk.refused("bo", PROPOSE, i={**again, "number": "12ab"}) == ["INVALID"]
    other = {**again, "partner": desk.office.place("kangle", "partner")}
    assert await desk.refused("bo", PROPOSE, i=other) == ["NOT_FOUND"]
    assert VERIFY


async def test_overdue_days_count_against_the_street(desk: Desk) -> None:
    request = await desk.accepted("M1")
    await desk.tick(33)
    node = await desk.look("zhao", request, "dueOn overdueDays waitingFor { role since }")
    assert (node["dueOn"], node["overdueDays"]) == ("2026-06-05", 3)
    assert node["waitingFor"]["role"] == "STATION_WORKER"
    query = "{ paymentRequests(where: {overdue: true}) { totalCount } }"
    assert (await desk.office.hub.ask(desk.office.world.viewers["qian"], query)).data == {
        "paymentRequests": {"totalCount": 1}
    }


async def test_a_replayed_key_claims_once(desk: Desk) -> None:
    papers = {"documents": [await desk.document()]}
    keyed = SUBMIT.replace("$i: MilestoneSubmitInput!", "$i: MilestoneSubmitInput!, $k: String").replace(
        "input: $i)", "input: $i, idempotencyKey: $k)"
    )
    variables = {"id": desk.stages["M1"], "i": papers, "k": "once"}
    first = await desk.done("bo", keyed, **variables)
    assert await desk.done("bo", keyed, **variables) == first
