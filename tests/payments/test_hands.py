"""The edges of four eyes (I4): who says what became of sent money, who takes something off; every pair that does go
together; and fifty writers at once without a command before them (T5)."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.payments.rules import INCOMPATIBLE
from hub.payments.tables import SIDES
from hub.verify import disagreements
from tests.payments.desk import APPEAL, DEDUCT, Desk, bare, on_payment, step
from tests.payments.test_hostile import APPROVAL, member, refused, step_written, writing, written
from tests.payments.test_hostile_order import PAYMENT
from tests.payments.test_payments import as_user_of

pytestmark = pytest.mark.anyio

REVERSE = on_payment("paymentReverse")
FAIL = on_payment("paymentFail")


async def codes(desk: Desk, who: str, mutation: str, **variables: Any) -> list[str]:
    """Of what is refused to a viewer that `as_user_of` has made."""
    payload = await desk.payload(who, mutation, **variables)
    return [one["code"] for one in payload["userErrors"]]


# ------------------------------------------------------------------------------------------- what became of the money
async def test_i4_the_sender_does_not_say_that_it_failed_nor_reverse_it(desk: Desk) -> None:
    """A payment called failed is sent again: whoever sent it, and is the accountant by now, does not call it so."""
    request = await desk.payable("M1")
    await desk.account()
    payment = (await desk.bring_to("paymentSend", request))["payment"]["id"]
    accountant = desk.office.world.viewers["qian"].user_id
    await as_user_of(desk, "qian", "sun")
    assert await codes(desk, "qian=sun", FAIL, id=payment) == ["FOUR_EYES"]
    await refused(desk, "four_eyes", (APPROVAL_WITH_REASON, bare(request), "FAIL", member(desk, "qian")))
    await becomes(desk, "qian", accountant)
    desk.office.hub._kept.clear()
    assert (await desk.settle(payment))["userErrors"] == []
    await as_user_of(desk, "qian", "sun")
    assert await codes(desk, "qian=sun", REVERSE, id=payment) == ["FOUR_EYES"]
    await refused(desk, "four_eyes", (APPROVAL_WITH_REASON, bare(request), "REVERSE", member(desk, "qian")))


APPROVAL_WITH_REASON = APPROVAL.replace("made_at)", "made_at, reason_code, note)").replace(
    "'2026-05-07'", "'2026-05-07', 'OTHER', 'x'"
)


# ------------------------------------------------------------------------------------------------------- deductions
async def test_i4_who_takes_something_off_has_reviewed(desk: Desk) -> None:
    """Proposing a deduction is on the side of the review: she neither checks the payment nor decides the appeal."""
    claim = (await desk.submit("M1"))["id"]
    said = {"submission": claim, "kind": "PENALTY", "amount": "10.00", "rule": "第九条", "reason": "迟交"}
    taken = (await desk.done("tao", DEDUCT, i=said))["deduction"]["id"]
    request = (await desk.review(claim))["paymentRequest"]["id"]
    assert (await desk.invoice(request))["userErrors"] == []
    await desk.account()
    await desk.bring_to("paymentRequestConfirm", request)
    await as_user_of(desk, "qian", "tao")
    assert await codes(desk, "qian=tao", step("paymentRequestCheck"), id=request) == ["FOUR_EYES"]
    await refused(desk, "four_eyes", (APPROVAL, bare(request), "CHECK", member(desk, "qian")))
    filed = {"submission": claim, "deduction": taken, "grounds": "已按期提交"}
    appeal = (await desk.done("bo", APPEAL, i=filed))["appeal"]["id"]
    await as_user_of(desk, "guo", "tao")
    denied = (
        "update appeals set decided_by_id = $2, decided_at = now(), decision = 'x', status = 'DENIED'"
        " where id = $1"
    )
    await refused(desk, "four_eyes", (denied, bare(appeal), member(desk, "guo")))


async def test_i4_who_approved_the_agreement_takes_nothing_off(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    await as_user_of(desk, "tao", "zhao")
    said = {"submission": claim, "kind": "PENALTY", "amount": "10.00", "rule": "第九条", "reason": "迟交"}
    assert await codes(desk, "tao=zhao", DEDUCT, i=said) == ["FOUR_EYES"]


# --------------------------------------------------------------------------------------------- what does go together
COMPATIBLE = sorted(
    pair
    for pair in itertools.combinations(SIDES, 2)
    if pair not in INCOMPATIBLE and pair[::-1] not in INCOMPATIBLE
)
STEPS = {"REVIEW": ("CONFIRM", "tao"), "CHECK": ("CHECK", "qian"), "APPROVE": ("APPROVE", "guo")}
STEPS |= {"SEND": ("SEND", "sun"), "SETTLE": ("SETTLE", "qian")}
SAID_BEFORE = {
    "VERIFY_ACCOUNT": "update bank_accounts set verified_user_id = $1",
    "APPEAL": "update appeals set decided_user_id = $1",
    "PARTNER": "update invoices set handed_in_user_id = $1",
}
DECIDED = "update appeals set decided_by_id = $1, decided_at = now(), decision = 'x', status = 'DENIED'"
UNDECIDED = (
    "update appeals set status = 'FILED', decided_by_id = null, decided_user_id = null, decided_at = null,"
    " decision = null"
)


class Undone(Exception):
    """A step that was let through, and is taken back."""


async def stage_with_everything(desk: Desk) -> UUID:
    """A request with invoice, account and an appeal about its claim."""
    request = bare(await desk.payable("M1"))
    await desk.plant("update payment_requests set account_id = $1", bare(await desk.account()))
    await desk.plant(
        """insert into appeals (id, reference, district_id, street_id, partner_id, agreement_id, version_id,
                                milestone_id, submission_id, subject, grounds, filed_by_id, filed_at)
           select gen_random_uuid(), 'AP-X', s.district_id, s.street_id, s.partner_id, s.agreement_id, s.version_id,
                  s.milestone_id, s.id, 'REVIEW', 'x', s.submitted_by_id, now() from submissions s""",
    )
    return request


async def test_i4_every_pair_that_is_not_refused_goes_together(desk: Desk) -> None:
    """One person on one side, then on the other: the database lets her, for each pair of sides that is not named."""
    request = await stage_with_everything(desk)
    tried = set[tuple[str, str]]()
    for pair in COMPATIBLE:
        for first, then in (pair, pair[::-1]):
            if then in STEPS:
                assert await outcome(desk, request, first, then) is None, (first, then)
                tried.add(pair)
    # Of the others neither is a step of the payment, and nothing asks about them together.
    assert {side for pair in set(COMPATIBLE) - tried for side in pair}.isdisjoint(STEPS)
    assert len(tried) == 14


async def test_i4_every_pair_that_is_named_is_refused_in_either_order(desk: Desk) -> None:
    request = await stage_with_everything(desk)
    tried = set[tuple[str, str]]()
    for pair in sorted(INCOMPATIBLE):
        for first, then in (pair, pair[::-1]):
            if then in STEPS or (then == "APPEAL" and first in ("AGREEMENT", "PARTNER", *STEPS)):
                assert await outcome(desk, request, first, then) == "four_eyes", (first, then)
                tried.add(pair)
    # Of an account the one who proposed it is asked when it is verified.
    assert INCOMPATIBLE - tried == {("PARTNER", "VERIFY_ACCOUNT")}


async def outcome(desk: Desk, request: UUID, first: str, then: str) -> str | None:
    """Somebody new takes the first side, or whoever approved the agreement, and then the other: the name under which
    that is refused, None when it is not. What was taken in the second place is undone."""
    director = desk.office.world.viewers["zhao"].user_id
    user = director if first == "AGREEMENT" else await desk.plant(NEW_USER)
    await desk.plant(UNDECIDED)
    if first in SAID_BEFORE:
        await desk.plant(SAID_BEFORE[first], user)
    elif first in STEPS:
        earlier, hand = STEPS[first]
        query = "select user_id from memberships where id = $1"
        was = (await desk.run(query, member(desk, hand)))[0]["user_id"]
        await becomes(desk, hand, user)
        await written(desk, await step_written(desk, request, earlier, hand))
        await becomes(desk, hand, was)
    name, who = STEPS.get(then, ("", "guo"))
    await becomes(desk, who, user)
    taken: tuple[Any, ...] = (DECIDED, member(desk, who))
    if then in STEPS:
        taken = await step_written(desk, request, name, who)
    try:
        async with writing(desk) as connection:
            await connection.execute(*taken)
            raise Undone
    except Undone:
        return None
    except asyncpg.IntegrityConstraintViolationError as refusal:
        return vars(refusal)["constraint_name"]
    finally:
        for query in SAID_BEFORE.values():
            await desk.plant(query, None)


async def becomes(desk: Desk, who: str, user: UUID | None) -> None:
    """The membership is that user's."""
    await desk.run("update memberships set user_id = $1 where id = $2", user, member(desk, who))


NEW_USER = """
insert into users select (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(),
                                                'sign_in_name', gen_random_uuid()::text))).*
  from users u limit 1 returning id
"""


# --------------------------------------------------------------------------------------------------- fifty writers
async def test_t5_fifty_writers_without_a_command_pay_once(desk: Desk) -> None:
    """Step, payment and state written straight into the tables, by fifty connections at the same moment."""
    request = await desk.payable("M1")
    await desk.account()
    await desk.bring_to("paymentRequestApprove", request)
    begun = asyncio.Barrier(50)

    async def pay() -> str:
        try:
            async with writing(desk, "sun") as connection:
                await begun.wait()
                for statement, *values in (
                    (APPROVAL, bare(request), "SEND", member(desk, "sun")),
                    (
                        PAYMENT.replace("'PAY-X'", "gen_random_uuid()::text"),
                        bare(request),
                        member(desk, "sun"),
                    ),
                    ("update payment_requests set status = 'SENT' where id = $1", bare(request)),
                ):
                    await connection.execute(statement, *values)
        except asyncpg.IntegrityConstraintViolationError as refusal:
            return vars(refusal)["constraint_name"]
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError) as refusal:
            return type(refusal).__name__
        return "PAID"

    for limit in ("lock_timeout", "statement_timeout"):  # on a busy machine the last one waits for long
        login = f"alter role {desk.server.role('writer')} in database {desk.server.database}"
        await desk.run(f"{login} set {limit} = '60s'")
    answers = await asyncio.gather(*(pay() for _ in range(50)))
    assert answers.count("PAID") == 1, answers
    assert set(answers) - {"PAID"} <= {
        "step_missing",
        "child_before_parent",
        "uq_payments_live",
        "illegal_move",
    }
    assert await desk.run("select status, amount_fen from payments") == [("SENT", 3_000_000)]
    assert [str(each) for each in await disagreements(desk.server)] == []
