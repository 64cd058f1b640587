"""The third journey: nobody has a hand in both sides of a pair, whatever posts she holds (I4), nor a stake in it (I5).

One payment, from the draft of the agreement to the bank's slip. At each step somebody who took another one tries it
under a second post, and is told why not; then whoever should takes it, so that all of it completes.
"""

from __future__ import annotations

import pytest

from hub.base.db import Server
from hub.base.limits import ACCOUNT_COOLING_DAYS
from hub.settings import Settings
from hub.verify import disagreements
from tests.journeys.beginnings import consented, organization_of, registered
from tests.journeys.hats import Hats
from tests.journeys.money import DECISION, Money
from tests.journeys.payees import Story, served
from tests.journeys.running import running

pytestmark = pytest.mark.anyio

ACCEPT = {"decision": "ACCEPT"}
DECLARE = """
mutation($input: ConflictDeclareInput!) {
  conflictDeclare(input: $input) { conflictDeclaration { id } userErrors { code message path } }
}
"""


async def test_nobody_takes_both_sides(world_database: Server, settings: Settings) -> None:
    async with running(settings, world_database) as hub:
        money = Money(hub, world_database)
        story, hats = Story(money, await organization_of(hub, "bo", "partner")), Hats(money)
        await the_drafter_does_not_approve(story, hats)
        await the_partners_people_verify_nothing(story, hats)
        await the_approver_of_the_agreement_does_not_review(story, hats)
        await who_has_a_stake_does_not_confirm(story)
        await the_reviewer_does_not_check(story, hats)
        await the_checker_does_not_approve(story, hats)
        await neither_the_approver_nor_the_verifier_sends(story, hats)
        await the_sender_does_not_settle(story, hats)
        assert await disagreements(world_database) == []


def both_sides(taken: str, side: str) -> tuple[str, str]:
    """Code and sentence for who has taken one side and tries the other."""
    words = f"You had a hand in “{taken}”, so somebody else has to do “{side}”. Hand it to a colleague."
    return "FOUR_EYES", words


async def the_drafter_does_not_approve(story: Story, hats: Hats) -> None:
    money = story.money
    await money.open_fund()
    await money.draft(story.partner)
    await money.agreement_steps(("AgreementPropose", "mei"), ("AgreementCertify", "qian"))
    await hats.give("mei", "STREET_DIRECTOR")
    with hats.on("mei"):
        code, words = await money.refused("mei", "AgreementApprove", id=money.agreement, decision=DECISION)
    assert code == "FOUR_EYES", words
    await money.agreement_steps(("AgreementApprove", "zhao"), ("AgreementAccept", "bo"))
    await story.hub.day_goes_by()


async def the_partners_people_verify_nothing(story: Story, hats: Hats) -> None:
    """Neither its manager the account she named, nor its worker the haircut she gave."""
    hub, money = story.hub, story.money
    account = await money.account(story.partner, "6222020200112233445")
    account = story.keep("account", await hub.do("bo", "BankAccountPropose", input=account))
    await hats.give("bo", "FINANCE_OFFICER", "ACCOUNTANT")
    with hats.on("bo"):
        code, words = await money.refused("bo", "BankAccountVerify", id=account["id"])
    assert code == "CONFLICT_OF_INTEREST", words
    await hats.give("tao", "FINANCE_OFFICER", "ACCOUNTANT")
    with hats.on("tao"):
        await hub.do("tao", "BankAccountVerify", id=account["id"])
    person = await registered(hub, "秦玉兰", "19410308", 962)
    await consented(hub, person)
    wish = ("HOME_HAIRCUT", "上门理发", 1)
    haircut = story.keep("haircut", await served(money, person, "DAILY_LIVING", *wish))
    await hats.give("an", "STATION_WORKER")
    with hats.on("an"):
        code, words = await money.refused("an", "DeliveryVerify", id=haircut["id"])
    assert code == "FOUR_EYES", words
    assert (await hub.do("wang", "DeliveryVerify", id=haircut["id"]))["status"] == "VERIFIED"


async def the_approver_of_the_agreement_does_not_review(story: Story, hats: Hats) -> None:
    hub, money = story.hub, story.money
    claim = story.keep("claim", await money.claimed("M1", "服务协议"))
    await hats.give("zhao", "STATION_WORKER")
    with hats.on("zhao"):
        told = await money.refused("zhao", "SubmissionReview", id=claim["id"], input=ACCEPT)
    assert told == both_sides("Approving the agreement", "Review or confirmation")
    await hats.change("bo", "STATION_WORKER")
    with hats.on("bo"):
        code, words = await money.refused("bo", "SubmissionReview", id=claim["id"], input=ACCEPT)
    assert code == "CONFLICT_OF_INTEREST", words
    reviewed = await hub.do("mei", "SubmissionReview", id=claim["id"], input=ACCEPT)
    request = story.keep("request", reviewed["paymentRequests"][0])
    invoice = await money.invoice(request["id"], "24320000001", "9000.00")
    await hub.do("bo", "InvoiceHandIn", input=invoice)


async def who_has_a_stake_does_not_confirm(story: Story) -> None:
    """Hua's sister works there, and she has said so."""
    hub, money, request = story.hub, story.money, story.ids["request"]
    posts = (await hub.post("hua", "WhoAmI", {})).json()["errors"][0]["extensions"]["memberships"]
    hub.act_as("hua", next(one["id"] for one in posts if one["role"] == "STATION_WORKER"))
    await hub.do("hua", DECLARE, input={"partner": story.partner, "reason": "妹妹在该机构任职"})
    code, words = await money.refused("hua", "PaymentRequestConfirm", id=request)
    assert code == "CONFLICT_OF_INTEREST", words
    await money.steps(request, "PaymentRequestConfirm")
    await money.days_later(ACCOUNT_COOLING_DAYS)


async def the_reviewer_does_not_check(story: Story, hats: Hats) -> None:
    money, request = story.money, story.ids["request"]
    await hats.change("mei", "FINANCE_OFFICER", "ACCOUNTANT")
    with hats.on("mei"):
        told = await money.refused("mei", "PaymentRequestCheck", id=request)
    assert told == both_sides("Review or confirmation", "Check")
    await money.steps(request, "PaymentRequestCheck")


async def the_checker_does_not_approve(story: Story, hats: Hats) -> None:
    money, request = story.money, story.ids["request"]
    await hats.give("qian", "STREET_DIRECTOR")
    with hats.on("qian"):
        told = await money.refused("qian", "PaymentRequestApprove", id=request)
    assert told == both_sides("Check", "Approval")
    await hats.change("mei", "STREET_DIRECTOR")
    with hats.on("mei"):
        told = await money.refused("mei", "PaymentRequestApprove", id=request)
    assert told == both_sides("Review or confirmation", "Approval")
    await money.steps(request, "PaymentRequestApprove")


async def neither_the_approver_nor_the_verifier_sends(story: Story, hats: Hats) -> None:
    """Nobody is accountant and cashier at once; and who was the one before she became the other is remembered."""
    money, request = story.money, story.ids["request"]
    code, words = await hats.refused("qian", "FINANCE_OFFICER", "CASHIER")
    assert (code, "accountant and cashier" in words) == ("FOUR_EYES", True)
    for name, taken in (
        ("zhao", "Approval"),
        ("mei", "Review or confirmation"),
        ("tao", "Verifying the account"),
    ):
        await hats.change(name, "FINANCE_OFFICER", "CASHIER")
        with hats.on(name):
            told = await money.refused(name, "PaymentSend", id=request)
        assert told == both_sides(taken, "Sending")
    story.keep("payment", await money.steps(request, "PaymentSend"))


async def the_sender_does_not_settle(story: Story, hats: Hats) -> None:
    """Sun became the accountant overnight."""
    hub, money = story.hub, story.money
    slip = {"id": story.ids["payment"], "slip": "JS-0510-1", "on": money.today()}
    await hats.change("sun", "FINANCE_OFFICER", "ACCOUNTANT")
    with hats.on("sun"):
        told = await money.refused("sun", "PaymentSettle", **slip)
    assert told == both_sides("Sending", "Booking the payment")
    assert (await hub.do("qian", "PaymentSettle", **slip))["status"] == "SETTLED"
