"""Drawn worlds, money: claims of stages with what they bill, decisions, requests that have come as far as they came.

Every step is tried by itself: what the database refuses (somebody with a stake in the partner, a match that is not
complete) ends the way of that request there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from hub.base.limits import ACCOUNT_COOLING_DAYS
from tests.policy.drawn_offices import PENDING, World, transfer
from tests.policy.making import Maker, Row, scope
from tests.policy.planted import NOW, TODAY

OUTCOMES = (
    *("WAITS", "WITHDRAWN", "RETURN", "REJECT", "ACCEPT", "ACCEPT", "ACCEPT"),
    *("ACCEPT_IN_PART", "ACCEPT_IN_PART"),
)
ENDS = {
    "RETURN": "RETURNED",
    "REJECT": "REJECTED",
    "ACCEPT": "ACCEPTED",
    "ACCEPT_IN_PART": "PARTIALLY_ACCEPTED",
}
OF_STAGE = ("partner_id", "community_ids", "agreement_id", "version_id")
STAGES = "select * from milestones where version_id = $1 order by sequence"
VERIFIED = "select * from deliveries where agreement_id = $1 and status = 'VERIFIED' order by id"
SLEPT = timedelta(days=ACCOUNT_COOLING_DAYS)
REASON = {"reason_code": "OTHER"}


class Hands:
    """Who takes which step at a street, for a partner."""

    def __init__(self, world: World, street: Row, partner: Row) -> None:
        self.station = world.maker.one(world.staff(street, "STATION_WORKER"))
        self.director = world.staff(street, "STREET_DIRECTOR")[0]
        finance = {one["duty"]: one for one in world.staff(street, "FINANCE_OFFICER")}
        self.accountant, self.cashier = finance["ACCOUNTANT"], finance["CASHIER"]
        self.manager = world.staff(partner, "PARTNER_MANAGER")[0]


async def money(world: World) -> None:
    """Accounts of partners, and the stages of whatever agreement is in force."""
    make, active = world.maker, {line["agreement_id"] for line in world.lines}
    for agreement in [one for one in world.agreements if one["id"] in active]:
        partner = next(one for one in world.partners if one["id"] == agreement["partner_id"])
        hands = Hands(world, world.street_of(agreement), partner)
        async with make.attempt():
            await _account(world, agreement, hands)
        for stage in await make.connection.fetch(STAGES, agreement["version_id"]):
            if stage["sequence"] == 1 or make.chance(70):
                async with make.attempt():
                    await Claim(world, agreement, dict(stage), hands).run()


async def _account(world: World, agreement: Row, hands: Hands) -> None:
    """Where the partner is paid: proposed, verified, or retired again."""
    make = world.maker
    number = {"number_sealed": b"x", "number_last4": "1234", "number_index": make.name("index").encode()}
    named = {"reference": make.name("B"), "holder_name": "x", "bank_name": make.name("bank")}
    of = scope(agreement, "partner_id")
    by = {"proposed_by_id": hands.manager["id"], "proposed_at": NOW - SLEPT}
    row = await make.insert("bank_accounts", **named, **number, **of, **by)
    if make.chance(80):
        known = {
            "verified_by_id": hands.accountant["id"],
            "verified_at": NOW - SLEPT,
            "usable_from_on": TODAY,
        }
        await make.set_today(TODAY - SLEPT)
        async with make.attempt():
            await make.move("bank_accounts", row, "VERIFIED", **known)
        await make.set_today(TODAY)
    elif make.chance(50):
        await make.move("bank_accounts", row, "RETIRED", retired_at=NOW)


class Claim:
    """One stage's way."""

    def __init__(self, world: World, agreement: Row, stage: Row, hands: Hands) -> None:
        self.make: Maker = world.maker
        self.agreement, self.stage, self.hands = agreement, stage, hands
        self.request: Row = {}

    async def run(self) -> None:
        """Handed in, and whatever became of it."""
        claim = await self._submit()
        far = self.stage["sequence"] == 1 and self.make.chance(80)
        outcome = self.make.one(OUTCOMES[-2:]) if far else self.make.turn(OUTCOMES)
        if outcome == "WITHDRAWN":
            await self.make.move("submissions", claim, "WITHDRAWN")
            await self.make.move("milestones", self.stage, "SCHEDULED")
        elif outcome != "WAITS":
            deduction = await self._deduct(claim)
            await self._review(claim, outcome, deduction)

    async def _submit(self) -> Row:
        make, stage = self.make, self.stage
        own = {**scope(stage, *OF_STAGE), "milestone_id": stage["id"], "milestone_kind": stage["kind"]}
        said = {"reference": make.name("S"), "round": 1, "rule": "SHARE", "claimed_fen": stage["amount_fen"]}
        by = {"submitted_by_id": self.hands.manager["id"], "submitted_at": NOW, "status_changed_at": NOW}
        claim = await make.insert("submissions", **own, **said, **by)
        steps = {"submission_id": claim["id"], **scope(claim, "partner_id", "community_ids")}
        for number, kind in enumerate(("STAGE_AMOUNT", "CLAIM"), 1):
            await make.insert(
                "claim_steps", number=number, kind=kind, amount_fen=stage["amount_fen"], **steps
            )
        for delivery in await make.connection.fetch(VERIFIED, stage["agreement_id"]):
            of = scope(delivery, "community_id", "partner_id", "line_id")
            unit = delivery["id"] if delivery["unit"] == "VISIT" else delivery["case_id"]
            ids = {"submission_id": claim["id"], "delivery_id": delivery["id"], "unit_id": unit}
            async with make.attempt():
                await make.insert("submission_deliveries", **ids, **of)
        await make.move("submissions", claim, "SUBMITTED")
        await make.move("milestones", stage, "SUBMITTED")
        return claim

    async def _deduct(self, claim: Row) -> Row | None:
        """Something is to be taken off."""
        make = self.make
        if not make.chance(40):
            return None
        own = {**scope(claim, *OF_STAGE, "milestone_id"), "submission_id": claim["id"]}
        said = {"reference": make.name("T"), "kind": "PENALTY", "amount_fen": 100, "rule": "x"}
        by = {"proposed_by_id": self.hands.station["id"], "proposed_at": NOW, "reason": make.name("reason")}
        return await make.insert("deductions", **own, **said, **by)

    async def _review(self, claim: Row, decision: str, deduction: Row | None) -> None:
        make, accepts = self.make, decision.startswith("ACCEPT")
        fen = claim["claimed_fen"] // (2 if decision == "ACCEPT_IN_PART" else 1) if accepts else 0
        own = {**scope(claim, "partner_id", "community_ids", "milestone_id"), "submission_id": claim["id"]}
        why = {} if decision == "ACCEPT" else REASON
        said = {"number": 1, "decision": decision, "accepted_fen": fen, "comment": make.name("comment")}
        by = {"reviewed_by_id": self.hands.station["id"], "reviewed_at": NOW, "awaits_second": False}
        await make.insert("reviews", **own, **said, **by, **why)
        await make.move("submissions", claim, ENDS[decision])
        await make.move("milestones", self.stage, ENDS[decision])
        if accepts:
            await self._request(claim, fen, deduction)
        if decision in ("REJECT", "ACCEPT_IN_PART") and make.chance(60):
            own = {**scope(claim, *OF_STAGE, "milestone_id"), "submission_id": claim["id"]}
            filed = {"filed_by_id": self.hands.manager["id"], "filed_at": NOW, "subject": "REVIEW"}
            await make.insert("appeals", reference=make.name("L"), grounds="x", **own, **filed)

    async def _request(self, claim: Row, fen: int, deduction: Row | None) -> None:
        """What it makes payable; then step after step until one is not taken."""
        make, taken = self.make, deduction["amount_fen"] if deduction else 0
        own = {**scope(claim, "partner_id", "agreement_id", "version_id", "milestone_id")}
        ids = {"submission_id": claim["id"], "fund_id": self.agreement["fund"]["id"]}
        owed = {"accepted_fen": fen, "deducted_fen": taken, "payable_fen": fen - taken}
        dated = {"due_on": make.day(-5, 30), "created_at": NOW, "status_changed_at": NOW}
        self.request = await make.insert(
            "payment_requests", reference=make.name("Z"), **own, **ids, **owed, **dated
        )
        if deduction:
            await make.move("deductions", deduction, "APPLIED", request_id=self.request["id"])
        await self._owe()
        ways: tuple[Callable[[], Awaitable[None]], ...] = (
            *(self._invoiced, self._confirmed, self._checked, self._approved, self._sent, self._settled),
        )
        first = self.stage["sequence"] == 1
        for way in ways[: make.random.randint(4 if first else 0, len(ways) + 1)]:
            before = make.refused.total()
            async with make.attempt():
                await way()
            if make.refused.total() > before:
                break

    async def _owe(self) -> None:
        """From what was reserved; the rest is reserved anew."""
        make, owed, fund = self.make, self.request["payable_fen"], self.agreement["fund"]
        reserved = await make.connection.fetch(PENDING, self.agreement["id"])
        (pending,) = [one for one in reserved if one["milestone_id"] == self.stage["id"]]
        rest = pending["amount_fen"] - owed
        moved = {"ENCUMBERED": -pending["amount_fen"], "PAYABLE": owed} | (
            {"AVAILABLE": rest} if rest else {}
        )
        await transfer(make, fund, moved, reason="ACCEPTANCE", pending_id=pending["id"], **self._posted())
        if rest:
            again = {**self._posted(), "stage": "PENDING", "reason": "ENCUMBRANCE", "request_id": None}
            await transfer(make, fund, {"AVAILABLE": -rest, "ENCUMBERED": rest}, **again)

    def _posted(self) -> dict[str, Any]:
        ids = {name: self.request[name] for name in ("agreement_id", "milestone_id")}
        return {"stage": "POSTED", "request_id": self.request["id"], **ids}

    # ---- the steps of a request ----

    async def _invoiced(self) -> None:
        make, of = self.make, scope(self.request, "partner_id")
        file = {"kind": "INVOICE", "name": make.name("file"), "media_type": "image/png", "size_bytes": 9}
        file |= {"sha256": "b" * 64, "uploaded_by_id": self.hands.manager["id"], "created_at": NOW}
        until = NOW + timedelta(minutes=9)
        paper = await make.insert("documents", reference=make.name("E"), upload_until_at=until, **file, **of)
        await make.move("documents", paper, "STORED", stored_at=NOW)
        sides = {"seller_id": self.request["partner_id"], "buyer_id": self.agreement["fund"]["payer_id"]}
        said = {"number": make.name("INV").upper(), "kind": "INVOICE", "issued_on": TODAY, **sides}
        ids = {"request_id": self.request["id"], "document_id": paper["id"]}
        by = {"handed_in_by_id": self.hands.manager["id"], "handed_in_at": NOW}
        fen = self.request["payable_fen"]
        invoice = await make.insert("invoices", amount_fen=fen, **said, **ids, **by, **of)
        if make.chance(15):
            await make.move("invoices", invoice, "REFUSED", reason="x", given_up_at=NOW, **REASON)
            return
        await make.change("payment_requests", self.request, invoice_id=invoice["id"])

    async def _step(self, step: str, by: Row, status: str, **changes: Any) -> None:
        made = {"made_by_id": by["id"], "made_at": NOW, "note": self.make.name("note")}
        of = {"request_id": self.request["id"], **scope(self.request, "partner_id")}
        await self.make.insert("approvals", step=step, round=1, **made, **of)
        if step == "SEND":
            await self._payment()
        await self.make.move("payment_requests", self.request, status, **changes)

    async def _confirmed(self) -> None:
        await self._step("CONFIRM", self.hands.station, "CONFIRMED")

    async def _checked(self) -> None:
        query = (
            "select id from bank_accounts where street_id = $1 and partner_id = $2 and status = 'VERIFIED'"
        )
        found = await self.make.connection.fetchval(
            query, self.request["street_id"], self.request["partner_id"]
        )
        await self._step("CHECK", self.hands.accountant, "CHECKED", account_id=found)

    async def _approved(self) -> None:
        await self._step("APPROVE", self.hands.director, "APPROVED")

    async def _sent(self) -> None:
        await self._step("SEND", self.hands.cashier, "SENT")

    async def _payment(self) -> None:
        own = scope(self.request, "partner_id", "agreement_id", "milestone_id")
        query = "select account_id from payment_requests where id = $1"
        account = await self.make.connection.fetchval(query, self.request["id"])
        ids = {"request_id": self.request["id"], "account_id": account}
        by = {"sent_by_id": self.hands.cashier["id"], "sent_at": NOW}
        fen = self.request["payable_fen"]
        await self.make.insert("payments", reference=self.make.name("Y"), amount_fen=fen, **own, **ids, **by)

    async def _settled(self) -> None:
        make, fen = self.make, self.request["payable_fen"]
        query = "select * from payments where request_id = $1 and status = 'SENT'"
        payment: Any = await make.connection.fetchrow(query, self.request["id"])
        booked = {"settled_by_id": self.hands.accountant["id"], "settled_at": NOW, "settled_on": TODAY}
        await make.move("payments", payment, "SETTLED", bank_reference=make.name("slip"), **booked)
        await self._step("SETTLE", self.hands.accountant, "PAID", paid_on=TODAY)
        moved = {"PAYABLE": -fen, "PAID": fen}
        await transfer(make, self.agreement["fund"], moved, reason="PAYMENT", **self._posted())
        await make.move("milestones", self.stage, "SETTLED")
