"""Claims, decisions and payments of the planted world: of each street and partner some, and of each kind every state
that commands lead to.

Three documents, one account, one claim a stage; every text carries a mark, every account number is a secret.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.acceptance.deducting import deduction_propose, deduction_withdraw
from hub.acceptance.submitting import milestone_submit, submission_withdraw
from hub.acceptance.tables import deductions
from hub.organizations.tables import organizations
from hub.payments import accounts, approving, invoicing, paying
from hub.payments.appealing import appeal_decide, appeal_file
from hub.payments.reviewing import submission_review
from hub.payments.tables import payment_requests, payments
from tests.policy.author import Author
from tests.policy.documents import announce
from tests.policy.planted import MANAGER_OF, NOW, OFFICES, TODAY

ACCOUNTS = (
    *(("a", "p1", "verified"), ("a", "p2", "verified"), ("b", "p1", ""), ("c", "p1", "verified")),
    *(("c", "p3", "verified"), ("b", "p3", "retired")),
)
"""Street, partner, and what became of the account."""

CASHIERS = {"a": "sun", "c": "cha"}
DEPUTY = "wei"
TAKEN_OFF, IN_PART, AWARDED = Decimal("77.31"), Decimal("3456.79"), Decimal("101.03")
FIRST = Decimal("4938.27")
"""What the first stage of each agreement comes to: 40 % of its ceiling."""


class Payer:
    """Takes the steps of claims and payments; each knows by its place who takes it."""

    def __init__(self, author: Author) -> None:
        self.author, self.world, self._accounts = author, author.world, 0

    def reasons(self) -> dict[str, str]:
        """A code and a text."""
        return {"reason_code": "OTHER", "reason_text": self.author.mark()}

    async def do(self, who: str, command: Any, *arguments: Any, **options: Any) -> Any:
        """As the author does."""
        return await self.author.do(who, command, *arguments, **options)

    async def account(self, street: str, partner: str, fate: str) -> None:
        """Where the street pays the partner; its plain number is nobody's to read in a list."""
        self._accounts += 1
        number, places, manager = (
            f"62220{self._accounts}0000{self._accounts:06}",
            self.world.places,
            MANAGER_OF[partner],
        )
        self.world.secrets.append(number)
        wanted = select(organizations.c.name).where(organizations.c.id == places[partner])
        (found,) = await self.author.find(manager, wanted)
        said = {"holder_name": found.name, "bank_name": self.author.mark(), "number": number}
        row = await self.do(
            manager, accounts.bank_account_propose, places[partner], street_id=places[street], **said
        )
        self.world.accounts[f"{street}@{partner}"] = row.id
        if fate == "verified":
            await self.do(OFFICES[street][1], accounts.bank_account_verify, row.id)
        if fate == "retired":
            await self.do(manager, accounts.bank_account_retire, row.id)

    async def paper(self, street: str, partner: str, kind: str = "REPORT") -> UUID:
        """A file of the partner's, for a street."""
        key = f"{kind} {len(self.world.documents)}"
        await announce(self.author, key, MANAGER_OF[partner], f"{street}1", kind=kind)
        return self.world.documents[key]

    async def submit(self, key: str, street: str, partner: str, stage: str = "M1") -> UUID:
        """The partner claims a stage."""
        paper = await self.paper(street, partner)
        row = await self.do(
            MANAGER_OF[partner],
            milestone_submit,
            self.world.milestones[f"{key}/{stage}"],
            document_ids=[paper],
            note=self.author.mark(),
        )
        self.world.submissions[f"{key}/{stage}"] = row.id
        return row.id

    async def review(self, name: str, street: str, decision: str, accepted: Decimal | None = None) -> None:
        """The station decides; what becomes payable is known by the claim's name."""
        said = {} if decision == "ACCEPT" else {"reason_code": "OTHER"}
        done = await self.do(
            OFFICES[street][0],
            submission_review,
            self.world.submissions[name],
            decision=decision,
            accepted=accepted,
            comment=self.author.mark(),
            **said,
        )
        if done["request"] is not None:
            self.world.requests[name] = done["request"].id

    async def deduct(self, name: str, street: str) -> UUID:
        """The station would take something off."""
        said = {"rule": self.author.mark(), "reason": self.author.mark()}
        claim = self.world.submissions[name]
        row = await self.do(
            OFFICES[street][0], deduction_propose, claim, kind="PENALTY", amount=TAKEN_OFF, **said
        )
        return row.id

    async def invoice(self, name: str, street: str, partner: str) -> UUID:
        """The partner hands it in."""
        request, manager = self.world.requests[name], MANAGER_OF[partner]
        wanted = select(payment_requests.c.payable_fen).where(payment_requests.c.id == request)
        (found,) = await self.author.find(manager, wanted)
        paper = await self.paper(street, partner, "INVOICE")
        terms = {"kind": "INVOICE", "amount": Decimal(found.payable_fen) / 100, "issued_on": TODAY}
        terms |= {"issued_on": self.author.clock.today(), "number": self.author.mark(), "document_id": paper}
        return (await self.do(manager, invoicing.invoice_hand_in, request, **terms)).id

    async def sign(self, name: str, street: str, *, steps: int = 3) -> None:
        """Confirmed, checked, approved, as far as told."""
        commands = (
            approving.payment_request_confirm,
            approving.payment_request_check,
            approving.payment_request_approve,
        )
        for who, command in list(zip(OFFICES[street], commands, strict=True))[:steps]:
            await self.do(who, command, self.world.requests[name], note=self.author.mark())

    async def send(self, name: str, street: str) -> UUID:
        """The cashier sends it."""
        request = self.world.requests[name]
        await self.do(CASHIERS[street], paying.payment_send, request)
        wanted = payments.c.request_id == request, payments.c.status == "SENT"
        (found,) = await self.author.find(CASHIERS[street], select(payments.c.id).where(*wanted))
        self.world.payments[name] = found.id
        return found.id

    async def settle(self, name: str, street: str) -> None:
        """The accountant books it."""
        said = {"bank_reference": self.author.mark(), "settled_on": self.author.clock.today()}
        await self.do(OFFICES[street][1], paying.payment_settle, self.world.payments[name], **said)


async def claimed(author: Author) -> None:
    """First stages: accepted, in part or not at all; appealed against; on their way to be paid, or paid."""
    author.world.prices += [f"{one:f}" for one in (TAKEN_OFF, IN_PART, AWARDED, FIRST)]
    pay = Payer(author)
    author.day(-12)
    for one in ACCOUNTS:
        await pay.account(*one)
    author.day(-7)
    await _paid_in_part(pay)
    await _here(pay)
    await _elsewhere(pay)


async def _paid_in_part(pay: Payer) -> None:
    """Accepted in part, less a deduction, returned by the bank, sent again; appealed against, and upheld."""
    await pay.submit("a@p1", "a", "p1")
    await pay.deduct("a@p1/M1", "a")
    await pay.do("mei", deduction_withdraw, await pay.deduct("a@p1/M1", "a"))
    await pay.review("a@p1/M1", "a", "ACCEPT_IN_PART", IN_PART)
    await pay.invoice("a@p1/M1", "a", "p1")
    await pay.sign("a@p1/M1", "a")
    returned = await pay.send("a@p1/M1", "a")
    await pay.do("qian", paying.payment_fail, returned, **pay.reasons())
    await pay.send("a@p1/M1", "a")
    await pay.settle("a@p1/M1", "a")
    claim = pay.world.submissions["a@p1/M1"]
    appeal = await pay.do("bo", appeal_file, claim, grounds=pay.author.mark())
    said = {"upheld": True, "decision": pay.author.mark(), "awarded": AWARDED}
    await pay.do(DEPUTY, appeal_decide, appeal.id, **said)


async def _here(pay: Payer) -> None:
    """In the first street: rejected and appealed against; accepted, its invoice refused, returned."""
    await pay.submit("a@p2", "a", "p2")
    await pay.review("a@p2/M1", "a", "REJECT")
    await pay.do("kai", appeal_file, pay.world.submissions["a@p2/M1"], grounds=pay.author.mark())
    await pay.submit("late", "a", "p1")
    await pay.deduct("late/M1", "a")
    await pay.review("late/M1", "a", "ACCEPT")
    await pay.sign("late/M1", "a", steps=1)
    refused = await pay.invoice("late/M1", "a", "p1")
    await pay.do("qian", invoicing.invoice_refuse, refused, **pay.reasons())
    await pay.do("mei", approving.payment_request_return, pay.world.requests["late/M1"], **pay.reasons())
    wanted = select(deductions.c.id).where(deductions.c.submission_id == pay.world.submissions["late/M1"])
    (lessening,) = await pay.author.find("mei", wanted)
    against = {"grounds": pay.author.mark(), "deduction_id": lessening.id}
    appeal = await pay.do("bo", appeal_file, pay.world.submissions["late/M1"], **against)
    await pay.do(DEPUTY, appeal_decide, appeal.id, upheld=False, decision=pay.author.mark())


async def _elsewhere(pay: Payer) -> None:
    """In another street and in another district."""
    await pay.submit("b@p1", "b", "p1")
    await pay.submit("b@p3", "b", "p3")
    await pay.review("b@p3/M1", "b", "RETURN")
    claim = await pay.submit("b@p3", "b", "p3")
    await pay.do("gao", submission_withdraw, claim)
    await pay.submit("c@p1", "c", "p1")
    await pay.review("c@p1/M1", "c", "ACCEPT")
    await pay.invoice("c@p1/M1", "c", "p1")
    await pay.sign("c@p1/M1", "c")
    await pay.send("c@p1/M1", "c")
    await pay.settle("c@p1/M1", "c")
    await pay.submit("c@p3", "c", "p3")
    await pay.deduct("c@p3/M1", "c")
    await pay.review("c@p3/M1", "c", "ACCEPT_IN_PART", IN_PART)
    void = await pay.invoice("c@p3/M1", "c", "p3")
    await pay.do("gao", invoicing.invoice_void, void)
    await pay.invoice("c@p3/M1", "c", "p3")
    await pay.sign("c@p3/M1", "c")
    await pay.send("c@p3/M1", "c")
    await pay.do("gao", appeal_file, pay.world.submissions["c@p3/M1"], grounds=pay.author.mark())


async def settled(author: Author) -> None:
    """The second stage of the first agreement: it bills what was delivered, and is on its way to the bank."""
    pay = Payer(author)
    author.clock.instant = NOW
    await pay.submit("a@p1", "a", "p1", "M2")
    await pay.review("a@p1/M2", "a", "ACCEPT")
    await pay.invoice("a@p1/M2", "a", "p1")
    await pay.sign("a@p1/M2", "a")
    await pay.send("a@p1/M2", "a")
