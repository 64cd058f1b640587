"""More that the database refuses to its own writer: steps out of turn, hands not of the approvals, reviews without
what they set off, hands of earlier rounds, and what would edit work that was billed.
"""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.limits import ACCOUNT_COOLING_DAYS
from tests import harness
from tests.agreements.test_hostile import transfer
from tests.payments.desk import PROPOSE, SEND, Desk, bare, step
from tests.payments.test_appeals import WHY, part_paid
from tests.payments.test_hostile import (
    APPROVAL,
    REQUEST_ROW,
    REVIEW_ROW,
    member,
    outside,
    refused,
    step_written,
    written,
)
from tests.payments.test_payments import as_user_of

pytestmark = pytest.mark.anyio

OF_ROUND = APPROVAL.replace("$2, 1, $3", "$2, $4, $3")
PAYMENT = """
insert into payments (id, reference, district_id, street_id, partner_id, agreement_id, milestone_id, request_id,
                      account_id, amount_fen, sent_by_id, sent_at)
select gen_random_uuid(), 'PAY-X', q.district_id, q.street_id, q.partner_id, q.agreement_id, q.milestone_id, q.id,
       q.account_id, q.payable_fen, $2, '2026-05-07' from payment_requests q where q.id = $1
"""
DEDUCTION = """
insert into deductions (id, reference, district_id, street_id, partner_id, community_ids, agreement_id, version_id,
                        milestone_id, submission_id, kind, amount_fen, rule, reason, proposed_by_id, proposed_at)
select $3, 'DE-X', s.district_id, s.street_id, s.partner_id, s.community_ids, s.agreement_id, s.version_id,
       s.milestone_id, s.id, 'PENALTY', $4, 'x', 'x', $2, '2026-05-07' from submissions s where s.id = $1
"""


# ------------------------------------------------------------------------------------------------------- I6: their turn
@pytest.mark.parametrize(
    ("step_", "who"),
    [
        ("CHECK", "qian"),
        ("APPROVE", "zhao"),
        ("SEND", "sun"),
        ("SETTLE", "qian"),
        ("FAIL", "qian"),
        ("REVERSE", "qian"),
    ],
)
async def test_i6_no_step_is_taken_before_its_turn(desk: Desk, step_: str, who: str) -> None:
    request = bare(await desk.accepted("M1"))
    await refused(desk, "step_missing", (APPROVAL, request, step_, member(desk, who)))


async def test_i6_nor_for_a_round_to_come(desk: Desk) -> None:
    request = bare(await desk.accepted("M1"))
    for round_ in (0, 2):
        row = (OF_ROUND, request, "CONFIRM", member(desk, "mei"), round_)
        await refused(desk, "step_missing", row)


async def test_i4_whoever_stands_on_a_payment_took_the_step(desk: Desk) -> None:
    """Or the cashier's hand would settle what she had sent, while the approvals name somebody else."""
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestApprove", request)
    row = bare(request)
    sent = "update payment_requests set status = 'SENT' where id = $1"
    await desk.run(
        "update memberships set role = 'FINANCE_OFFICER', duty = 'CASHIER' where id = $1", member(desk, "guo")
    )
    other_hand = (PAYMENT, row, member(desk, "guo"))
    await refused(desk, "step_missing", (APPROVAL, row, "SEND", member(desk, "sun")), other_hand, (sent, row))
    payment = (await desk.done("sun", SEND, id=request))["payment"]["id"]
    await desk.run("update memberships set duty = 'ACCOUNTANT' where id = $1", member(desk, "guo"))
    settled = (
        "update payments set status = 'SETTLED', settled_by_id = $2, settled_at = now(), settled_on = '2026-05-10',"
        " bank_reference = 'X' where id = $1"
    )
    taken = (APPROVAL, row, "SETTLE", member(desk, "qian"))
    await refused(desk, "step_missing", taken, (settled, bare(payment), member(desk, "guo")))


async def test_i6_a_review_brings_what_it_decides(desk: Desk) -> None:
    """Neither is an acceptance left lying without its state, nor one taken back while its request stays."""
    claim = bare((await desk.submit("M1"))["id"])
    await refused(desk, "accepted_as_reviewed", (REVIEW_ROW, claim, "ACCEPT", 3_000_000, member(desk, "mei")))
    await desk.review(f"submission_{claim}")
    taken_back = (REVIEW_ROW, claim, "PAYMENT_REJECTED", 0, member(desk, "mei"))
    await refused(desk, "accepted_as_reviewed", taken_back)
    touched = ("update submissions set version = version + 1 where id = $1", claim)
    with pytest.raises(asyncpg.CheckViolationError):
        await written(desk, taken_back, touched)


# --------------------------------------------------------------------------------------------------------- I1, I3, I22
async def test_i1_a_deduction_lessens_the_request_it_stands_on(desk: Desk) -> None:
    """Applied to a request that does not know of it, the stage would be paid more than accepted less deductions."""
    await desk.paid("M1")
    await desk.work("大型活动")
    claim = bare((await desk.submit("M2", documents=0))["id"])
    request = await desk.run("select id from payment_requests")
    row = uuid4()
    apply = ("update deductions set status = 'APPLIED', request_id = $2 where id = $1", row, request[0]["id"])
    proposed = (DEDUCTION, claim, member(desk, "mei"), row, 100)
    await refused(desk, "paid_within_accepted", proposed, apply)


async def test_i1_nor_is_a_request_less_than_its_deductions_say(desk: Desk) -> None:
    request = bare(await desk.payable("M1"))
    claim = (await desk.run("select id from submissions"))[0]["id"]
    await desk.plant("update payment_requests set status = 'REJECTED' where id = $1", request)
    await desk.plant("update agreements set payable_fen = 2999950")
    less = REQUEST_ROW.replace("s.id, $2, 0, $2,", "s.id, $2, 50, $2::bigint - 50,")
    assert less != REQUEST_ROW
    await refused(desk, "money_agrees", (less, claim, 3_000_000))


async def test_i1_an_award_does_not_take_what_the_final_stage_was_accepted_for(desk: Desk) -> None:
    """What is accepted is written by a trigger: no statement names the column, and the limit is asked all the same."""
    claim, _ = await part_paid(desk)
    for _ in range(7):
        await desk.work("大型活动")
    await desk.work("陪伴", 120)
    await desk.paid("M2")
    await desk.accepted("M3")
    await desk.plant(
        """insert into appeals (id, reference, status, district_id, street_id, partner_id, community_ids, agreement_id,
                                version_id, milestone_id, submission_id, subject, grounds, filed_by_id, filed_at,
                                decided_by_id, decided_user_id, decided_at, decision, awarded_fen)
           select gen_random_uuid(), 'AP-X', 'UPHELD', s.district_id, $2, s.partner_id, s.community_ids, s.agreement_id,
                  s.version_id, s.milestone_id, s.id, 'REVIEW', 'x', $3, now(), $4, $5, now(), 'x', 1000000
             from submissions s where s.id = $1""",
        bare(claim),
        await outside(desk),
        member(desk, "bo"),
        member(desk, "guo"),
        desk.office.world.viewers["guo"].user_id,
    )
    touched = ("update submissions set version = version + 1 where id = $1", bare(claim))
    await refused(desk, "accepted_within_milestone", touched)


async def test_i3_a_new_request_names_neither_invoice_nor_account(desk: Desk) -> None:
    request = bare(await desk.payable("M1"))
    account = bare(await desk.account())
    claim = (await desk.run("select id from submissions"))[0]["id"]
    await desk.plant("update payment_requests set status = 'REJECTED' where id = $1", request)
    named = REQUEST_ROW.replace("status_changed_at)", "status_changed_at, account_id)").replace(
        "now(), now()", "now(), now(), $3"
    )
    await written(desk, (named, claim, 3_000_000, account))
    rows = await desk.run("select account_id from payment_requests where reference = 'PR-X'")
    assert rows[0]["account_id"] is None


async def test_i22_the_invoice_stays_that_was_checked(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestCheck", request)
    gone = "update invoices set status = 'REFUSED', reason_code = 'OTHER'"
    await refused(desk, "invoice_taken", (gone,))
    for name, who in (("paymentRequestApprove", "zhao"), ("paymentSend", "sun")):
        await desk.done(who, SEND if name == "paymentSend" else step(name), id=request)
        await refused(desk, "invoice_taken", (gone,))


async def test_a_verified_account_is_slept_on_whatever_the_statement_says(desk: Desk) -> None:
    assert (await desk.run("select account_cooling_days() as days"))[0]["days"] == ACCOUNT_COOLING_DAYS
    name = (await desk.run("select name from organizations where id = $1", desk.partner))[0]["name"]
    said = {
        "partner": desk.office.place("nuanchao", "partner"),
        "street": desk.office.place("street", "street"),
        "holderName": name,
        "bankName": "徐州农商银行",
        "number": "6222020200112233445",
    }
    account = bare((await desk.done("bo", PROPOSE, i=said))["bankAccount"]["id"])
    verify = (
        "update bank_accounts set status = 'VERIFIED', verified_by_id = $2, verified_at = now(), usable_from_on = $3"
        " where id = $1"
    )
    today = desk.office.hub.clock.today()
    await refused(desk, "account_not_usable", (verify, account, member(desk, "qian"), today))


async def test_i2_no_donation_without_its_money(desk: Desk) -> None:
    gift = """
        insert into donations (id, reference, fund_id, district_id, street_id, donor_kind, amount_fen, received_on,
                               voucher_number, recorded_by_id, created_at)
        select $2, 'D-X', f.id, f.district_id, f.street_id, 'ANONYMOUS', 100, '2026-05-06', 'V-X', $3, now()
          from funds f where f.id = $1"""
    fund, donation = bare(desk.office.fund), uuid4()
    row = (gift, fund, donation, member(desk, "qian"))
    await refused(desk, "donation_entered", row)
    facts = {"stage": "POSTED", "reason": "DONATION", "donation_id": donation}
    entered = transfer(fund, {"SOURCE": -100, "AVAILABLE": 100}, **facts)
    await written(desk, row, *entered)


async def test_i1_an_ended_agreement_never_owes_beyond_its_ceiling(desk: Desk) -> None:
    await desk.plant(
        "update agreements set status = 'TERMINATED', encumbered_fen = 0 where id = $1", bare(desk.agreement)
    )
    over = "update agreements set payable_fen = ceiling_fen + 1, version = version + 1 where id = $1"
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await harness.run_sql(desk.server, over, bare(desk.agreement))
    assert vars(caught.value)["constraint_name"] in ("agreement_standing", "money_agrees")


# ------------------------------------------------------------------------------------------------------------------ I4
async def test_i4_a_hand_of_an_earlier_round_counts(desk: Desk) -> None:
    """Whoever reviewed the first claim does not check the payment of the second."""
    first = await desk.submit("M1")
    await desk.review(first["id"], "tao", decision="RETURN", **WHY)
    request = bare(await desk.accepted("M1"))
    await as_user_of(desk, "qian", "tao")
    await refused(desk, "four_eyes", await step_written(desk, request, "CHECK", "qian"))
    await as_user_of(desk, "zhao", "tao")
    await refused(desk, "four_eyes", await step_written(desk, request, "APPROVE", "zhao"))


async def test_i4_whoever_reviewed_an_earlier_round_does_not_hand_in_the_next(desk: Desk) -> None:
    first = await desk.submit("M1")
    await desk.review(first["id"], decision="RETURN", **WHY)
    await as_user_of(desk, "bo", "mei")
    await desk.run("update memberships set ended_at = now() where id = $1", member(desk, "mei"))
    assert await desk.refused(
        "bo=mei", _SUBMIT, id=desk.stages["M1"], i={"documents": [await desk.document()]}
    ) == ["FOUR_EYES"]


_SUBMIT = (
    "mutation($id: ID!, $i: MilestoneSubmitInput!) { milestoneSubmit(id: $id, input: $i)"
    " { submission { id } userErrors { code message path } } }"
)


async def test_i4_the_account_that_money_went_to_counts_after_it_was_corrected(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    await desk.done("qian", _FAIL, id=payment)
    sides = await desk.run(
        "select side from sides_of((select id from submissions)) where side = 'VERIFY_ACCOUNT'"
    )
    assert len(sides) == 1


_FAIL = (
    'mutation($id: ID!) { paymentFail(id: $id, reasonCode: ACCOUNT_WRONG, reason: "x")'
    " { payment { id } userErrors { code message path } } }"
)


async def test_i4_a_machine_client_is_its_responsible_user(desk: Desk) -> None:
    """Under every four-eyes rule: it acts under a membership, whose user is the one that counts."""
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestConfirm", request)
    await as_user_of(desk, "qian", "mei")
    viewer = desk.office.world.viewers["qian=mei"]
    client = type(viewer)(**{**vars(viewer), "client_id": UUID(int=1)})
    assert client.user_id == desk.office.world.viewers["mei"].user_id
    await refused(desk, "four_eyes", (APPROVAL, bare(request), "CHECK", client.membership_id))


# ------------------------------------------------------------------------------------------------------------------ I7
async def test_i7_no_evidence_is_added_to_billed_work(desk: Desk) -> None:
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    await desk.accepted("M2")
    attach = """
        insert into delivery_documents (id, delivery_id, document_id, district_id, street_id, community_id, partner_id,
                                        attached_at)
        select gen_random_uuid(), d.id, $2, d.district_id, d.street_id, d.community_id, d.partner_id, now()
          from deliveries d where d.id = $1"""
    await refused(desk, "billed", (attach, delivery, bare(await desk.document("PHOTO"))))


async def test_i6_beside_the_final_stage_no_other_is_claimed(desk: Desk) -> None:
    await desk.plant("update milestones set status = 'SETTLED' where code = 'M3'")
    move = "update milestones set status = 'SUBMITTED' where id = $1"
    await refused(desk, "final_claimed", (move, bare(desk.stages["M1"])))


async def test_a_membership_that_is_over_takes_no_step(desk: Desk) -> None:
    request = bare(await desk.accepted("M1"))
    await desk.run("update memberships set valid_to_on = '2026-05-05' where id = $1", member(desk, "mei"))
    await refused(desk, "wrong_hands", (APPROVAL, request, "CONFIRM", member(desk, "mei")))


# ----------------------------------------------------------------------------------------------------------------- I10
async def test_i10_nobody_but_the_writer_writes_money(desk: Desk) -> None:
    """And it runs single commands only: there is no batch of them (T1)."""
    tables = (
        *(
            "submissions",
            "claim_steps",
            "submission_deliveries",
            "submission_documents",
            "reviews",
            "deductions",
        ),
        *("appeals", "invoices", "bank_accounts", "payment_requests", "approvals", "payments"),
        *("funds", "donations", "accounts", "transfers", "entries"),
    )
    rows = await desk.run(
        """select distinct g.grantee from (
               select grantee, table_name from information_schema.role_table_grants
                where privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
               union select grantee, table_name from information_schema.role_column_grants
                where privilege_type in ('INSERT', 'UPDATE')) g
            where g.table_name = any ($1)""",
        list(tables),
    )
    assert {row["grantee"] for row in rows} - {desk.server.role("owner")} == {desk.server.role("writer")}
