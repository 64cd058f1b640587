"""The way of one stage's money in the demo world, step by step, each by who does it in life.

Days are counted from today. Reviewing and confirming are the station's, checking and settling the accountant's,
approving the director's, sending the cashier's, an appeal the deputy's: four eyes on everything (I4).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.acceptance.submitting import milestone_submit
from hub.base.money import yuan
from hub.demo.cast import PARTNERS
from hub.demo.papers import stored
from hub.demo.stage import Stage
from hub.demo.steps import MANAGERS
from hub.payments.accounts import bank_account_propose, bank_account_verify
from hub.payments.approving import (
    payment_request_approve,
    payment_request_check,
    payment_request_confirm,
)
from hub.payments.invoicing import invoice_hand_in
from hub.payments.paying import payment_fail, payment_send, payment_settle
from hub.payments.reviewing import submission_review, submission_second

ACCOUNTANT, CASHIER, DIRECTOR, DEPUTY = "qian", "sun", "zhao", "guo"

WAY = ("submit", "review", "invoice", "confirm", "check", "approve", "send", "settle")
DAYS_OF_WAY = (0, 3, 5, 6, 8, 10, 11, 13)
"""The usual way of a claim, and how many days after the claim each step is taken."""

INVOICE, ACCOUNT, SLIP = range(3)
NUMBERS = {INVOICE: "2432{:016d}", ACCOUNT: "3203{:012d}", SLIP: "CMB{:010d}"}
"""What the numbers look like that tax office and banks give."""


@dataclasses.dataclass
class Claim:
    """A stage's claim on its way to the bank. `start` is the day on which it is handed in."""

    stage: Stage
    agreement: str
    code: str
    start: int
    partner: str = ""
    reviewer: str = "mei"
    papers: Sequence[tuple[str, str]] = (("REPORT", "阶段服务报告"),)
    submission_id: Any = None
    claimed: Decimal = Decimal(0)
    request: Any = None
    payment_id: Any = None

    @property
    def name(self) -> str:
        """Agreement and stage: `county.M2`."""
        return f"{self.agreement}.{self.code}"

    @property
    def manager(self) -> str:
        """Who claims for the partner."""
        return MANAGERS[self.partner or self.agreement]

    async def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Wait for a time of a working day, counted from the claim."""
        await self.stage.until(self.stage.office(self.start + day, hour, minute))

    async def do(self, who: str, command: Any, *arguments: Any, **options: Any) -> Any:
        """One command."""
        return await self.stage.do(who, command, *arguments, **options)

    def made(self, request: Any) -> None:
        """An acceptance, an appeal or a reversal made something payable."""
        self.request = request
        self.stage.name("requests", self.name, request.id)

    # ---- the claim ----

    async def submit(self, day: int = 0, note: str | None = None) -> None:
        """The partner claims the stage, with its papers."""
        await self.at(day, 9, 15)
        files = [await stored(self.stage, self.manager, kind, title) for kind, title in self.papers]
        milestone_id = self.stage.named["milestones"][self.name]
        row = await self.do(self.manager, milestone_submit, milestone_id, document_ids=files, note=note)
        self.submission_id = row.id
        self.claimed = Decimal(yuan(row.claimed_fen))
        self.stage.name("submissions", self.name, row.id)

    async def review(
        self,
        day: int = 3,
        decision: str = "ACCEPT",
        *,
        less: str | None = None,
        reason: tuple[str, str] | None = None,
    ) -> None:
        """The station decides: in part, the claim `less` so many yuan. Other than whole, with a code and words."""
        await self.at(day, 14, 30)
        code, comment = reason or (None, None)
        amount = None if less is None else self.claimed - Decimal(less)
        said = {"decision": decision, "accepted": amount, "reason_code": code, "comment": comment}
        done = await self.do(self.reviewer, submission_review, self.submission_id, **said)
        if done["request"] is not None:
            self.made(done["request"])

    async def second(self, who: str, day: int) -> None:
        """Above the limit a community that is served confirms the acceptance."""
        await self.at(day, 10, 30)
        done = await self.do(who, submission_second, self.submission_id, confirmed=True, comment="情况属实。")
        self.made(done["request"])

    # ---- the payment ----

    async def invoice(self, day: int = 5, *, amount: Decimal | None = None) -> Any:
        """The partner hands in its invoice, for what is payable unless told otherwise."""
        await self.at(day, 9, 40)
        paper = await stored(self.stage, self.manager, "INVOICE", "增值税发票")
        row = await self.do(
            self.manager,
            invoice_hand_in,
            self.request.id,
            number=next_number(self.stage, INVOICE),
            kind="INVOICE",
            amount=amount or Decimal(yuan(self.request.payable_fen)),
            issued_on=self.stage.clock.today(),
            document_id=paper,
        )
        self.stage.name("invoices", self.name, row.id)
        return row

    async def confirm(self, day: int = 6) -> None:
        """The station confirms that it is to be paid."""
        await self.at(day, 10, 5)
        await self.do(self.reviewer, payment_request_confirm, self.request.id)

    async def check(self, day: int = 8) -> None:
        """The accountant finds all five marks green."""
        await self.at(day, 15, 10)
        await self.do(ACCOUNTANT, payment_request_check, self.request.id)

    async def approve(self, day: int = 10) -> None:
        """The director approves the payment."""
        await self.at(day, 16, 20)
        await self.do(DIRECTOR, payment_request_approve, self.request.id)

    async def send(self, day: int = 11) -> None:
        """The cashier sends it."""
        await self.at(day, 11, 25)
        done = await self.do(CASHIER, payment_send, self.request.id)
        self.payment_id = done["payment"].id
        self.stage.name("payments", self.name, self.payment_id)

    async def settle(self, day: int = 13) -> None:
        """The accountant books the bank's slip."""
        await self.at(day, 15, 40)
        slip = next_number(self.stage, SLIP)
        today = self.stage.clock.today()
        await self.do(ACCOUNTANT, payment_settle, self.payment_id, bank_reference=slip, settled_on=today)

    async def fail(self, day: int, code: str, words: str) -> None:
        """The bank sends the money back."""
        await self.at(day, 15, 50)
        await self.do(ACCOUNTANT, payment_fail, self.payment_id, reason_code=code, reason_text=words)

    async def up_to(self, last: str, first: str = "submit", *, later: int = 0) -> None:
        """The usual way from the step `first` to the step `last`, `later` days after its usual days."""
        begin, end = WAY.index(first), WAY.index(last) + 1
        for step, day in itertools.islice(zip(WAY, DAYS_OF_WAY, strict=True), begin, end):
            await getattr(self, step)(day + later)


def next_number(stage: Stage, kind: int) -> str:
    """The next made-up number of that kind: each is given once."""
    stage.counters[kind] = stage.counters.get(kind, 0) + 1
    return NUMBERS[kind].format(stage.counters[kind])


async def account_of(stage: Stage, partner: str, day: int, bank: str = "徐州农村商业银行泉山支行") -> None:
    """The partner names the account it is paid to; the accountant verifies it the day after."""
    account_id = await named_account(stage, partner, day, bank)
    await stage.until(stage.office(day, 9, 50) + timedelta(days=1))
    await stage.do(ACCOUNTANT, bank_account_verify, account_id)


async def named_account(stage: Stage, partner: str, day: int, bank: str) -> UUID:
    """The partner names an account."""
    await stage.until(stage.office(day, 9, 50))
    row = await stage.do(
        MANAGERS[partner],
        bank_account_propose,
        stage.organizations[partner],
        street_id=stage.organizations["street"],
        holder_name=next(one.name for one in PARTNERS if one.key == partner),
        bank_name=bank,
        number=next_number(stage, ACCOUNT),
    )
    stage.name("accounts", partner, row.id)
    return row.id
