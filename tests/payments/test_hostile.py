"""What the database refuses to its own writer when no command stands before it: amounts, order, hands, history.

The statements go out as `hub_writer` under row-level security. Where other rows decide they lie outside the writer's
street, planted past every trigger.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.base.limits import SECOND_REVIEW_ABOVE_FEN
from hub.payments.rules import INCOMPATIBLE
from tests import harness
from tests.payments.desk import APPEAL, Desk, bare, step
from tests.payments.test_payments import as_user_of

pytestmark = pytest.mark.anyio

ACTORS = {"REVIEW": "mei", "CHECK": "qian", "APPROVE": "zhao", "SEND": "sun", "SETTLE": "qian"}
APPROVAL = """
insert into approvals (id, request_id, district_id, street_id, partner_id, step, round, made_by_id, made_at)
select gen_random_uuid(), q.id, q.district_id, q.street_id, q.partner_id, $2, 1, $3, '2026-05-07'
  from payment_requests q where q.id = $1
"""
TURN = {
    "CONFIRM": "CREATED",
    "CHECK": "CONFIRMED",
    "APPROVE": "CHECKED",
    "SEND": "APPROVED",
    "SETTLE": "SENT",
    "FAIL": "SENT",
}
"""Where a request stands when it is a step's turn."""
REVIEW_ROW = """
insert into reviews (id, submission_id, district_id, street_id, partner_id, community_ids, milestone_id,
  number, decision,
                     accepted_fen, reviewed_by_id, reviewed_at, reason_code, comment)
select gen_random_uuid(), s.id, s.district_id, s.street_id, s.partner_id, s.community_ids, s.milestone_id, 7,
  $2, $3, $4,
       '2026-05-07', 'OTHER', 'x'
  from submissions s where s.id = $1
"""


@contextlib.asynccontextmanager
async def writing(desk: Desk, name: str = "mei") -> AsyncIterator[asyncpg.Connection]:
    """The writer's login with the settings of somebody's transaction, in a transaction of its own."""
    viewer = desk.office.world.viewers[name]
    async with harness.connect_as(desk.server, "writer") as connection, connection.transaction():
        for fact in ("district", "street", "community", "partner", "user", "membership"):
            await connection.execute("select set_config($1, $2, true)", f"hub.{fact}", viewer.setting(fact))
        street = str(desk.office.world.organizations["street"])
        await connection.execute("select set_config('hub.street', $1, true)", street)
        today = desk.office.hub.clock.today().isoformat()
        await connection.execute("select set_config('hub.today', $1, true)", today)
        yield connection


async def written(desk: Desk, *statements: tuple[Any, ...]) -> None:
    """As the writer, in one transaction."""
    async with writing(desk) as connection:
        for statement, *values in statements:
            await connection.execute(statement, *values)


async def refused(desk: Desk, constraint: str, *statements: tuple[Any, ...]) -> None:
    """At the latest at commit, under that name."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
        await written(desk, *statements)
    assert vars(caught.value)["constraint_name"] == constraint


def member(desk: Desk, who: str) -> UUID:
    return desk.office.world.memberships[who]


async def step_written(desk: Desk, request: UUID, step_: str, who: str) -> tuple[Any, ...]:
    """The statement of a step, whose turn it is from now on."""
    await desk.plant("update payment_requests set status = $2 where id = $1", request, TURN[step_])
    return APPROVAL, request, step_, member(desk, who)


async def outside(desk: Desk) -> UUID:
    """Another street."""
    street = await desk.plant(
        """insert into organizations (id, kind, name, code, parent_id, district_id, status, created_at)
           select gen_random_uuid(), 'STREET', '别的街道', '320311019', parent_id, district_id, 'ACTIVE', '2026-01-01'
             from organizations where id = $1 returning id""",
        desk.office.world.organizations["street"],
    )
    await desk.plant("update organizations set street_id = id where id = $1", street)
    return street


# ------------------------------------------------------------------------------------------------------------- I4
async def test_i4_the_database_knows_the_pairs_of_the_code(desk: Desk) -> None:
    rows = await desk.run("select one, other from incompatible_sides")
    assert {(row["one"], row["other"]) for row in rows} == INCOMPATIBLE
    limit = await desk.run("select second_review_above_fen() as fen")
    assert limit[0]["fen"] == SECOND_REVIEW_ABOVE_FEN


@pytest.mark.parametrize(
    ("one", "other"),
    sorted(pair for pair in INCOMPATIBLE if set(pair) <= {"CHECK", "APPROVE", "SEND", "SETTLE", "REVIEW"}),
)
async def test_i4_nobody_is_written_on_both_sides(desk: Desk, one: str, other: str) -> None:
    request = bare(await desk.accepted("M1"))  # mei has reviewed
    if one != "REVIEW":
        await written(desk, await step_written(desk, request, one, ACTORS[one]))
    await as_user_of(desk, ACTORS[other], ACTORS[one])
    await refused(desk, "four_eyes", await step_written(desk, request, other, ACTORS[other]))


@pytest.mark.parametrize("other", ["CHECK", "APPROVE", "SEND"])
async def test_i4_nor_when_the_confirmation_comes_last(desk: Desk, other: str) -> None:
    request = bare(await desk.accepted("M1"))
    await written(desk, await step_written(desk, request, other, ACTORS[other]))
    await as_user_of(desk, "tao", ACTORS[other])
    await refused(desk, "four_eyes", await step_written(desk, request, "CONFIRM", "tao"))


@pytest.mark.parametrize(
    ("step_", "who"),
    [("CONFIRM", "tao"), ("CHECK", "qian"), ("APPROVE", "zhao"), ("SEND", "sun"), ("SETTLE", "qian")],
)
async def test_i4_the_partners_side_takes_no_step(desk: Desk, step_: str, who: str) -> None:
    request = bare(await desk.accepted("M1"))
    await as_user_of(desk, who, "bo")
    taken = await step_written(desk, request, step_, who)
    await refused(desk, "conflict_of_interest", taken)
    await desk.run("update memberships set ended_at = now() where id = $1", member(desk, "bo"))
    await refused(desk, "four_eyes", taken)


async def test_i4_the_approver_of_the_agreement_does_not_review(desk: Desk) -> None:
    claim = bare((await desk.submit("M1"))["id"])
    await as_user_of(desk, "tao", "zhao")
    row = (REVIEW_ROW, claim, "ACCEPT", 3_000_000, member(desk, "tao"))
    await refused(desk, "four_eyes", row)


async def test_i4_the_verifier_of_the_account_does_not_send(desk: Desk) -> None:
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestApprove", request)
    await desk.run("update bank_accounts set verified_user_id = verified_user_id")
    checked = await desk.run("select checker_user_ids from payment_requests")
    assert checked[0]["checker_user_ids"] == [desk.office.world.viewers["qian"].user_id]
    await as_user_of(desk, "sun", "qian")
    await refused(desk, "four_eyes", (APPROVAL, bare(request), "SEND", member(desk, "sun")))


async def test_i4_compatible_steps_by_one_person_pass(desk: Desk) -> None:
    """Review and confirmation; check, settling and the account; the same step twice."""
    request = bare(await desk.accepted("M1"))
    steps = [("CONFIRM", "mei"), ("CHECK", "qian"), ("APPROVE", "zhao"), ("SETTLE", "qian")]
    for name, who in [*steps, *steps]:
        await written(desk, await step_written(desk, request, name, who))


async def test_i4_the_decider_of_an_appeal_neither_reviewed_nor_approved(desk: Desk) -> None:
    claim = await desk.submit("M1")
    why = {"decision": "REJECT", "reasonCode": "OTHER", "comment": "x"}
    await desk.review(claim["id"], **why)
    appeal = await desk.done("bo", APPEAL, i={"submission": claim["id"], "grounds": "x"})
    decide = (
        "update appeals set decided_by_id = $2, decided_at = now(), decision = 'x', status = 'DENIED'"
        " where id = $1"
    )
    row = bare(appeal["appeal"]["id"])
    await refused(desk, "four_eyes", (decide, row, member(desk, "zhao")))
    await as_user_of(desk, "guo", "mei")
    await refused(desk, "four_eyes", (decide, row, member(desk, "guo")))


# ------------------------------------------------------------------------------------------------------------- I5
@pytest.mark.parametrize(("step_", "who"), [("CONFIRM", "tao"), ("CHECK", "qian"), ("SEND", "sun")])
async def test_i5_a_tie_that_the_writer_cannot_see_counts(desk: Desk, step_: str, who: str) -> None:
    request = bare(await desk.accepted("M1"))
    await desk.plant(
        "insert into conflict_declarations (id, user_id, partner_id, membership_id, street_id, reason, declared_at)"
        " values (gen_random_uuid(), $1, $2, $3, $4, 'x', '2026-01-01')",
        desk.office.world.viewers[who].user_id,
        desk.partner,
        member(desk, who),
        await outside(desk),
    )
    await refused(desk, "conflict_of_interest", (APPROVAL, request, step_, member(desk, who)))


@pytest.mark.parametrize(
    ("step_", "who"), [("CHECK", "sun"), ("SEND", "qian"), ("APPROVE", "mei"), ("CONFIRM", "wang")]
)
async def test_i6_each_step_has_its_post(desk: Desk, step_: str, who: str) -> None:
    request = bare(await desk.accepted("M1"))
    await refused(desk, "wrong_hands", (APPROVAL, request, step_, member(desk, who)))


# ------------------------------------------------------------------------------------------------------------- I6
async def test_i6_no_state_without_what_it_stands_on(desk: Desk) -> None:
    request = bare(await desk.payable("M1"))
    move = "update payment_requests set status = $2, round = round where id = $1"
    await refused(desk, "step_missing", (move, request, "CONFIRMED"))
    await refused(desk, "illegal_move", (move, request, "APPROVED"))
    await refused(desk, "illegal_move", (move, request, "PAID"))
    accepted = "update milestones set status = 'SETTLED' where id = $1"
    await refused(desk, "stage_standing", (accepted, bare(desk.stages["M1"])))
    submitted = "update milestones set status = 'SUBMITTED' where id = $1"
    await refused(desk, "stage_standing", (submitted, bare(desk.stages["M2"])))
    pay = (
        "insert into payments (id, reference, district_id, street_id, partner_id, agreement_id, milestone_id,"
        " request_id,"
        " account_id, amount_fen, sent_by_id, sent_at)"
        " select gen_random_uuid(), 'X', q.district_id, q.street_id, q.partner_id, q.agreement_id,"
        " q.milestone_id, q.id, $2,"
        " q.payable_fen, $3, now() from payment_requests q where q.id = $1"
    )
    account = bare(await desk.account())
    await refused(desk, "child_before_parent", (pay, request, account, member(desk, "sun")))


async def test_i6_a_submission_is_what_its_reviews_say(desk: Desk) -> None:
    claim = bare((await desk.submit("M1"))["id"])
    move = "update submissions set status = $2 where id = $1"
    for status in ("ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "RETURNED"):
        await refused(desk, "accepted_as_reviewed", (move, claim, status))
    part = (REVIEW_ROW, claim, "ACCEPT_IN_PART", 100, member(desk, "mei"))
    await refused(desk, "accepted_as_reviewed", part, (move, claim, "ACCEPTED"))


async def test_i6_a_milestone_is_not_claimed_before_its_parent_nor_out_of_force(desk: Desk) -> None:
    move = "update milestones set status = 'SUBMITTED' where id = $1"
    await refused(desk, "child_before_parent", (move, bare(desk.stages["M2"])))
    await desk.plant("update agreements set status = 'SUSPENDED' where id = $1", bare(desk.agreement))
    await refused(desk, "child_before_parent", (move, bare(desk.stages["M1"])))


# ------------------------------------------------------------------------------------------------------------- I1
async def test_i1_no_more_is_accepted_than_claimed_nor_claimed_than_the_milestone(desk: Desk) -> None:
    claim = bare((await desk.submit("M1"))["id"])
    above = (REVIEW_ROW, claim, "ACCEPT_IN_PART", 3_000_001, member(desk, "mei"))
    await refused(desk, "accepted_within_milestone", above)
    for column, value in (("claimed_fen", "1"), ("accepted_fen", "1"), ("second_wanted", "false")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await written(desk, (f"update submissions set {column} = {value}",))
    draft = """
        insert into submissions (id, reference, district_id, street_id, partner_id, community_ids,
          agreement_id, version_id,
                                 milestone_id, milestone_kind, round, rule, claimed_fen, submitted_by_id, submitted_at,
                                 status_changed_at)
        select gen_random_uuid(), 'S-X', m.district_id, m.street_id, m.partner_id, m.community_ids, m.agreement_id,
               m.version_id, m.id, m.kind, 9, 'UNITS', $2, $3, now(), now() from milestones m where m.id = $1"""
    row = (draft, bare(desk.stages["M2"]), 3_000_001, member(desk, "bo"))
    await refused(desk, "claim_within_milestone", row)


REQUEST_ROW = """
insert into payment_requests (id, reference, district_id, street_id, partner_id, fund_id, agreement_id, version_id,
                              milestone_id, submission_id, accepted_fen, deducted_fen, payable_fen, due_on, created_at,
                              status_changed_at)
select gen_random_uuid(), 'PR-X', s.district_id, s.street_id, s.partner_id, g.fund_id, s.agreement_id, s.version_id,
       s.milestone_id, s.id, $2, 0, $2, '2026-06-01', now(), now()
  from submissions s join agreements g on g.id = s.agreement_id where s.id = $1
"""


async def test_i3_one_live_request_and_i1_no_more_than_accepted(desk: Desk) -> None:
    request = bare(await desk.payable("M1"))
    claim = (await desk.run("select id from submissions"))[0]["id"]
    await refused(desk, "uq_payment_requests_live", (REQUEST_ROW, claim, 100))
    # One that is rejected while the claim stays accepted, and another over more: at commit it is refused.
    await desk.plant("update payment_requests set status = 'REJECTED' where id = $1", request)
    await refused(desk, "paid_within_accepted", (REQUEST_ROW, claim, 3_000_001))
    # What another street's row asks for counts as well.
    await desk.plant(
        "update payment_requests set status = 'CREATED', kind = 'SUPPLEMENTARY', appeal_id = id, street_id = $2"
        " where id = $1",
        request,
        await outside(desk),
    )
    await refused(desk, "paid_within_accepted", (REQUEST_ROW, claim, 3_000_000))


async def test_i1_the_ledger_pays_nothing_without_a_payment(desk: Desk) -> None:
    request = bare(await desk.payable("M1"))
    row = UUID(int=7)
    head = """
        insert into transfers (id, fund_id, district_id, street_id, agreement_id, milestone_id, request_id,
          stage, reason,
                               amount_fen, entry_count, made_at)
        select $2, q.fund_id, q.district_id, q.street_id, q.agreement_id, q.milestone_id, q.id, 'POSTED', $3,
          $4, 2, now()
          from payment_requests q where q.id = $1"""
    side = """
        insert into entries (id, transfer_id, account_id, fund_id, district_id, street_id, amount_fen)
        select gen_random_uuid(), $2, a.id, a.fund_id, a.district_id, a.street_id, $4
          from payment_requests q join accounts a on a.fund_id = q.fund_id and a.kind = $3 where q.id = $1"""

    def moved(reason: str, giving: str, gaining: str) -> list[tuple[Any, ...]]:
        return [
            (head, request, row, reason, 100),
            (side, request, row, giving, -100),
            (side, request, row, gaining, 100),
        ]

    await refused(desk, "money_agrees", *moved("PAYMENT", "PAYABLE", "PAID"))
    await refused(desk, "money_agrees", *moved("RETURN", "PAYABLE", "AVAILABLE"))
    await refused(desk, "entries_balance", *moved("PAYMENT", "AVAILABLE", "PAID"))
    await refused(desk, "ck_funds_paid", *moved("REVERSAL", "PAID", "PAYABLE"))


# ------------------------------------------------------------------------------------------------------------- I3
async def test_i3_numbers_of_invoices_and_of_the_bank_count_once_in_the_hub(desk: Desk) -> None:
    request, payment = await desk.paid("M1")
    there = await outside(desk)
    await desk.plant("update invoices set street_id = $1", there)
    await desk.plant("update payments set street_id = $1 where id = $2", there, bare(payment))
    await desk.work("大型活动")
    other = await desk.accepted("M2")
    used = (await desk.run("select number, document_id from invoices"))[0]
    again = """
        insert into invoices (id, district_id, street_id, partner_id, request_id, number, kind, seller_id, buyer_id,
                              amount_fen, issued_on, document_id, handed_in_by_id, handed_in_at)
        select gen_random_uuid(), q.district_id, q.street_id, q.partner_id, q.id, $2, 'INVOICE', q.partner_id,
          q.street_id,
               q.payable_fen, '2026-05-06', $3, $4, now() from payment_requests q where q.id = $1"""
    row = (again, bare(other), used["number"], used["document_id"], member(desk, "bo"))
    await refused(desk, "uq_invoices_number", row)
    assert request != other


# ------------------------------------------------------------------------------------------------------------- I7
async def test_i7_a_billed_delivery_is_neither_edited_nor_billed_again(desk: Desk) -> None:
    await desk.paid("M1")
    delivery = await desk.work("大型活动")
    await desk.accepted("M2")
    dispute = "update deliveries set status = 'DISPUTED', dispute_reason_code = 'OTHER' where id = $1"
    await refused(desk, "billed", (dispute, delivery))
    # The billing row lies outside the writer's scope: it counts all the same.
    await desk.plant("update submission_deliveries set street_id = $1", await outside(desk))
    draft = """
        insert into submissions (id, reference, district_id, street_id, partner_id, community_ids,
          agreement_id, version_id,
                                 milestone_id, milestone_kind, round, rule, claimed_fen, submitted_by_id, submitted_at,
                                 status_changed_at)
        select $2, 'S-X', m.district_id, m.street_id, m.partner_id, m.community_ids, m.agreement_id,
               m.version_id, m.id, m.kind, 9, 'ACTUAL', 1, $3, now(), now() from milestones m where m.id = $1"""
    claim = UUID(int=9)
    bill = """
        insert into submission_deliveries (id, submission_id, delivery_id, district_id, street_id,
          community_id, partner_id,
                                           line_id, unit_id)
        select gen_random_uuid(), $1, d.id, d.district_id, d.street_id, d.community_id, d.partner_id,
          d.line_id, d.id
          from deliveries d where d.id = $2"""
    opened = (draft, bare(desk.stages["M3"]), claim, member(desk, "bo"))
    await refused(desk, "billed_twice", opened, (bill, claim, delivery))
    await desk.plant("update submission_deliveries set unit_id = gen_random_uuid()")
    await refused(desk, "uq_submission_deliveries_live", opened, (bill, claim, delivery))
    unverified = await desk.work("大型活动", status="RECORDED")
    await refused(desk, "not_billable", opened, (bill, claim, unverified))


# ------------------------------------------------------------------------------------------------------------- I8
HISTORY = ("claim_steps", "submission_deliveries", "submission_documents", "reviews", "approvals")


@pytest.mark.parametrize("table", HISTORY)
async def test_i8_what_was_said_is_not_changed(desk: Desk, table: str) -> None:
    await desk.payable("M1")
    await written(
        desk,
        (
            APPROVAL,
            (await desk.run("select id from payment_requests"))[0]["id"],
            "CONFIRM",
            member(desk, "mei"),
        ),
    )
    for statement in (f"update {table} set partner_id = partner_id", f"delete from {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await written(desk, (statement,))
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await harness.run_sql(desk.server, f"delete from {table}", name="owner")
    assert vars(caught.value)["constraint_name"] == "immutable"


async def test_i8_a_handed_in_claim_takes_no_more_evidence(desk: Desk) -> None:
    claim = bare((await desk.submit("M1"))["id"])
    attach = """
        insert into submission_documents (id, submission_id, document_id, district_id, street_id, partner_id)
        select gen_random_uuid(), s.id, $2, s.district_id, s.street_id, s.partner_id
          from submissions s where s.id = $1"""
    await refused(desk, "immutable", (attach, claim, bare(await desk.document())))


# ------------------------------------------------------------------------------------------------------------ I22
async def test_i22_no_check_without_the_matching_invoice(desk: Desk) -> None:
    request = await desk.accepted("M1")
    account = bare(await desk.account())
    await desk.done("mei", step("paymentRequestConfirm"), id=request)
    check = "update payment_requests set status = 'CHECKED', account_id = $2 where id = $1"
    steps = [(APPROVAL, bare(request), "CHECK", member(desk, "qian")), (check, bare(request), account)]
    await refused(desk, "match_incomplete", *steps)
    assert (await desk.invoice(request, amount="29999.99"))["userErrors"] == []
    await refused(desk, "match_incomplete", *steps)
