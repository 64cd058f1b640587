"""Claims and payments of the golden documents: one paid to the end, one that waits for its invoice, one rejected and
appealed against, one to be reviewed. Made by the commands, at instants and under ids that never change.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.acceptance.deducting import deduction_propose
from hub.acceptance.submitting import milestone_submit
from hub.agreements.tables import milestones
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.engine import writer_engine
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.deliveries.commands_verifying import delivery_verify
from hub.documents.commands import document_prepare, document_store
from hub.organizations.tables import organizations
from hub.payments import accounts, approving, invoicing, paying
from hub.payments.appealing import appeal_file
from hub.payments.reviewing import submission_review
from hub.payments.tables import payment_requests, payments
from tests.world import World

SEED = 9
MANAGERS = {"nuanchao": "bo", "kangle": "kai", "xinquan": "gao", "qingmiao": "fang"}
Planted = dict[str, dict[str, UUID]]
"""Tag → name → id."""


class Counter:
    """Whoever has a hand in money, in order of time."""

    def __init__(self, engine: AsyncEngine, server: Server, world: World) -> None:
        self.engine, self.world, self.clock = engine, world, FixedClock(world.now - timedelta(days=9))
        self.ids, self.vault = Ids(SEED), Vault(server.secret)
        self.planted: Planted = {}

    async def do(self, who: str, command: Any, *arguments: Any, **options: Any) -> Any:
        """Run a command as somebody; a minute passes."""
        async with transaction(self.engine, self.world.viewers[who], self.clock, self.ids, self.vault) as tx:
            done = await command(tx, *arguments, **options)
        self.clock.instant += timedelta(minutes=1)
        return done

    async def find(self, who: str, statement: Any) -> Any:
        """The only row of a statement, read as a command of somebody would."""
        async with transaction(self.engine, self.world.viewers[who], self.clock, self.ids, self.vault) as tx:
            return (await tx.execute(statement)).one()

    def name(self, kind: str, name: str, row_id: UUID) -> UUID:
        """Remember an id for the variables of documents."""
        self.planted.setdefault(kind, {})[name] = row_id
        return row_id

    async def paper(self, partner: str, kind: str) -> UUID:
        """A file of the partner's; its bytes need not exist."""
        name = f"{partner}-{kind}-{self.clock.now():%H%M}.pdf"
        said = {"kind": kind, "name": name, "media_type": "application/pdf", "size_bytes": 1000}
        sha256, who = hashlib.sha256(name.encode()).hexdigest(), MANAGERS[partner]
        place = self.world.organizations["七里沟"]
        row = await self.do(who, document_prepare, place, None, sha256=sha256, **said)
        await self.do(who, document_store, row.id)
        return row.id

    async def account(self, partner: str, number: str) -> None:
        """Proposed and verified; slept on while the days go by."""
        who, partner_id = MANAGERS[partner], self.world.organizations[partner]
        wanted = select(organizations.c.name).where(organizations.c.id == partner_id)
        said = {"holder_name": (await self.find(who, wanted)).name, "bank_name": "徐州农商银行七里沟支行"}
        street_id = self.world.organizations["street"]
        row = await self.do(
            who, accounts.bank_account_propose, partner_id, street_id=street_id, number=number, **said
        )
        await self.do("qian", accounts.bank_account_verify, row.id)

    async def claim(self, partner: str) -> UUID:
        """The first stage of the partner's agreement."""
        of = milestones.c.agreement_id == self.world.agreements[partner], milestones.c.code == "M1"
        stage = (await self.find(MANAGERS[partner], select(milestones.c.id).where(*of))).id
        self.name("milestone", partner, stage)
        papers = [await self.paper(partner, "REPORT")]
        row = await self.do(
            MANAGERS[partner], milestone_submit, stage, document_ids=papers, note="上半年服务已完成"
        )
        return self.name("submission", partner, row.id)

    async def review(self, partner: str, decision: str, **said: Any) -> None:
        """By the station; what becomes payable is known by the partner's name."""
        claim = self.planted["submission"][partner]
        done = await self.do("mei", submission_review, claim, decision=decision, **said)
        if done["request"] is not None:
            self.name("payment_request", partner, done["request"].id)

    async def invoice(self, partner: str, number: str) -> None:
        """As it should be."""
        request = self.planted["payment_request"][partner]
        wanted = select(payment_requests.c.payable_fen).where(payment_requests.c.id == request)
        fen = (await self.find(MANAGERS[partner], wanted)).payable_fen
        paper = await self.paper(partner, "INVOICE")
        terms = {"number": number, "kind": "INVOICE", "amount": Decimal(fen) / 100, "document_id": paper}
        day = self.clock.today()
        await self.do(MANAGERS[partner], invoicing.invoice_hand_in, request, issued_on=day, **terms)

    async def pay(self, partner: str) -> None:
        """Confirmed, checked, approved, sent, settled."""
        request = self.planted["payment_request"][partner]
        await self.do("mei", approving.payment_request_confirm, request, note="服务属实")
        await self.do("qian", approving.payment_request_check, request)
        await self.do("zhao", approving.payment_request_approve, request, note="同意")
        await self.do("sun", paying.payment_send, request)
        sent = select(payments.c.id).where(payments.c.request_id == request)
        payment = self.name("payment", partner, (await self.find("sun", sent)).id)
        said = {"bank_reference": "NSH202605050001", "settled_on": self.clock.today()}
        await self.do("qian", paying.payment_settle, payment, **said)


async def plant_money(server: Server, world: World) -> Planted:
    """Add it all; returns the ids by tag and name."""
    engine = writer_engine(server)
    try:
        counter = Counter(engine, server, world)
        await _claims(counter)
        return counter.planted
    finally:
        await engine.dispose()


async def _claims(counter: Counter) -> None:
    await counter.do("wang", delivery_verify, counter.world.deliveries["kept"])
    await counter.account("nuanchao", "6222020200112233445")
    counter.clock.instant += timedelta(days=4)
    claim = await counter.claim("nuanchao")
    taken = {"rule": "协议第八条", "reason": "一次服务未按时到达"}
    await counter.do("mei", deduction_propose, claim, kind="PENALTY", amount=Decimal(500), **taken)
    said = {"reason_code": "QUANTITY_SHORT", "comment": "按已核实数量验收"}
    await counter.review("nuanchao", "ACCEPT_IN_PART", accepted=Decimal(90000), **said)
    await counter.invoice("nuanchao", "INV-2026-0017")
    await counter.pay("nuanchao")
    await counter.claim("kangle")
    await counter.review("kangle", "ACCEPT", comment="同意")
    request = counter.planted["payment_request"]["kangle"]
    await counter.do("mei", approving.payment_request_confirm, request)
    claim = await counter.claim("xinquan")
    await counter.review("xinquan", "REJECT", reason_code="EVIDENCE_MISSING", comment="没有签到表")
    await counter.do("gao", appeal_file, claim, grounds="签到表已于四月提交")
    await counter.claim("qingmiao")
