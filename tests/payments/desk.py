"""Everybody who has a hand in a payment, over GraphQL: an agreement in force, work done under it, claims and requests.

Work is planted past every trigger, since it is not what these tests are about: sessions held and deliveries verified.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.agreements.county import least
from tests.agreements.office import ERRORS, Office
from tests.keeping import Keeping
from tests.schema.asking import running
from tests.world import World

CEILING = "100000.00"
REASON = 'reasonCode: OTHER, reason: "需要补正"'
CLAIM = "id reference status version round rule claimed { amount } accepted { amount } secondWanted"
ASKED = (
    "id reference status version kind round accepted { amount } deducted { amount } payable { amount } dueOn"
    " match { agreement acceptance invoice account fund }"
)

SUBMIT = (
    "mutation($id: ID!, $i: MilestoneSubmitInput!) { milestoneSubmit(id: $id, input: $i)"
    f" {{ submission {{ {CLAIM} }} {ERRORS} }} }}"
)
REVIEW = (
    "mutation($id: ID!, $i: SubmissionReviewInput!) { submissionReview(id: $id, input: $i)"
    f" {{ submission {{ {CLAIM} }} paymentRequest {{ {ASKED} }} {ERRORS} }} }}"
)
SECOND = (
    "mutation($id: ID!, $i: SubmissionSecondInput!) { submissionSecond(id: $id, input: $i)"
    f" {{ submission {{ id status version secondWanted }} {ERRORS} }} }}"
)
WITHDRAW = f"mutation($id: ID!) {{ submissionWithdraw(id: $id) {{ submission {{ {CLAIM} }} {ERRORS} }} }}"
DEDUCT = (
    "mutation($i: DeductionProposeInput!) { deductionPropose(input: $i)"
    f" {{ deduction {{ id reference status }} {ERRORS} }} }}"
)
APPEAL = f"mutation($i: AppealFileInput!) {{ appealFile(input: $i) {{ appeal {{ id status }} {ERRORS} }} }}"
DECIDE = (
    "mutation($id: ID!, $i: AppealDecideInput!) { appealDecide(id: $id, input: $i)"
    f" {{ appeal {{ id status awarded {{ amount }} }} paymentRequest {{ {ASKED} }} {ERRORS} }} }}"
)
INVOICE = (
    "mutation($i: InvoiceHandInInput!) { invoiceHandIn(input: $i)"
    f" {{ invoice {{ id status number }} {ERRORS} }} }}"
)
PROPOSE = (
    "mutation($i: BankAccountProposeInput!) { bankAccountPropose(input: $i)"
    f" {{ bankAccount {{ id status last4 usableFrom }} {ERRORS} }} }}"
)
VERIFY = (
    "mutation($id: ID!) { bankAccountVerify(id: $id)"
    f" {{ bankAccount {{ id status last4 usableFrom }} {ERRORS} }} }}"
)
SEND = (
    "mutation($id: ID!) { paymentSend(id: $id)"
    f" {{ paymentRequest {{ {ASKED} }} payment {{ id status amount {{ amount }} }} {ERRORS} }} }}"
)
SETTLE = (
    "mutation($id: ID!, $slip: String!, $on: Date!) { paymentSettle(id: $id, bankReference: $slip, settledOn: $on)"
    f" {{ payment {{ id status reference bankReference }} {ERRORS} }} }}"
)


def step(name: str, extra: str = "") -> str:
    """A mutation that takes a payment request's id, and maybe more."""
    more = f", {extra}" if extra else ""
    return f"mutation($id: ID!) {{ {name}(id: $id{more}) {{ paymentRequest {{ {ASKED} }} {ERRORS} }} }}"


def on_payment(name: str, extra: str = REASON) -> str:
    """A mutation that takes a payment's id."""
    return f"mutation($id: ID!) {{ {name}(id: $id, {extra}) {{ payment {{ id status }} {ERRORS} }} }}"


CHAIN = {
    "paymentRequestConfirm": "mei",
    "paymentRequestCheck": "qian",
    "paymentRequestApprove": "zhao",
    "paymentSend": "sun",
}
"""Who takes which step of a request, in order."""


def lines(communities: list[str]) -> list[dict[str, Any]]:
    """Large events of at least 200 people, hours of companionship, and a block."""
    common = {"communities": communities, "serviceType": "INTEGRATION"}
    return [
        {
            **common,
            "title": "大型活动",
            "kind": "UNIT",
            "unit": "SESSION",
            "unitPrice": "4000.00",
            "quantityCap": 7,
            "criteria": [least("PARTICIPANTS", 200)],
        },
        {
            **common,
            "title": "陪伴",
            "kind": "UNIT",
            "unit": "HOUR",
            "unitPrice": "100.00",
            "quantityCap": 120,
        },
        {**common, "title": "项目管理", "kind": "BLOCK", "amountCap": "60000.00"},
    ]


def milestones() -> list[dict[str, Any]]:
    """30 % on documents, up to 30,000 yuan by units, the rest by actual quantity."""
    return [
        {"code": "M1", "title": "首款", "kind": "FIRST_STAGE", "dueOn": "2026-06-01", "sharePercent": "30"},
        {
            "code": "M2",
            "title": "中期款",
            "kind": "DELIVERY",
            "dueOn": "2026-11-30",
            "amount": "30000.00",
            "dependsOn": ["M1"],
        },
        {
            "code": "M3",
            "title": "尾款",
            "kind": "FINAL",
            "dueOn": "2027-05-31",
            "sharePercent": "40",
            "dependsOn": ["M1", "M2"],
        },
    ]


@dataclasses.dataclass(frozen=True)
class Begun:
    """Ids of an agreement in force, in a database that tests get copies of."""

    fund: str
    agreement: str
    stages: dict[str, str]
    lines: dict[str, UUID]


@contextlib.asynccontextmanager
async def begun(
    shared: harness.Shared, keeping: Keeping, world: World
) -> AsyncIterator[tuple[Server, Begun]]:
    """A copy of the world in which an agreement of 100,000 yuan is in force; made once a run."""

    async def build(server: Server) -> Begun:
        async with running(server, shared.settings, world.now) as hub:
            desk = Desk(Office(hub, world), server, shared.settings)
            await desk.office.open_fund()
            await desk.open()
        return Begun(desk.office.fund, desk.agreement, desk.stages, desk.lines)

    source, found = await harness.prepared(shared, "desk", await harness.world_template(shared), build)
    async with keeping.borrowed(source) as server:
        yield server, found


class Desk:
    """The office, with an agreement in force and whatever money needs."""

    def __init__(self, office: Office, server: Server, settings: Settings) -> None:
        self.office, self.server, self.settings = office, server, settings
        self.agreement = ""
        self.stages: dict[str, str] = {}
        self.lines: dict[str, UUID] = {}
        self._numbers = 0

    # ------------------------------------------------------------------------------------------------- beginning

    async def open(self, **changes: Any) -> None:
        """An agreement of 100,000 yuan in force."""
        communities = self.office.communities
        said = {"ceiling": CEILING, "lines": lines(communities), "milestones": milestones()}
        self.agreement = await self.office.bring_to("agreementAccept", **(said | changes))
        await self.tick()
        fields = "milestones { nodes { id code } } lines { nodes { id title } }"
        node = (await self.office.look("mei", fields, self.agreement))["data"]["node"]
        self.stages = {one["code"]: one["id"] for one in node["milestones"]["nodes"]}
        self.lines = {one["title"]: bare(one["id"]) for one in node["lines"]["nodes"]}

    def find(self, begun: Begun) -> None:
        """The agreement that is there already."""
        self.office.fund, self.agreement = begun.fund, begun.agreement
        self.stages, self.lines = begun.stages, begun.lines

    async def tick(self, days: int = 0) -> None:
        """The worker, some days later."""
        self.office.hub.clock.instant += timedelta(days=days)
        done = await self.office.hub.worker().tick()
        assert done.put_off == 0

    async def run(self, query: str, *values: Any) -> list[Any]:
        """As the administrator."""
        return await harness.run_sql(self.server, query, *values)

    async def plant(self, query: str, *values: Any) -> Any:
        """Past every trigger; the first column of the first row."""
        async with harness.connect_as(self.server, "admin") as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            return await connection.fetchval(query, *values)

    async def document(self, kind: str = "CONTRACT", partner: str = "nuanchao", content: str = "a") -> str:
        """A stored document of the partner; `content` is a hexadecimal digit, of which its hash consists."""
        row = await self.plant(
            """insert into documents (id, reference, kind, name, status, district_id, street_id, partner_id, media_type,
                                      size_bytes, sha256, uploaded_by_id, created_at, upload_until_at, stored_at)
               select gen_random_uuid(), gen_random_uuid()::text, $1, 'paper.pdf', 'STORED', s.parent_id, s.id, $2,
                      'application/pdf', 10, repeat($5, 64), $3, '2026-05-06', '2026-05-07', '2026-05-06'
                 from organizations s where s.id = $4
               returning id""",
            kind,
            self.office.world.organizations[partner],
            self.office.world.memberships["bo"],
            self.office.world.organizations["street"],
            content,
        )
        return f"document_{row}"

    async def work(
        self, line: str, quantity: int = 1, *, people: int = 250, status: str = "VERIFIED"
    ) -> UUID:
        """A session held in 七里沟 and its delivery on a line; the delivery's id."""
        series, session, delivery = uuid4(), uuid4(), uuid4()
        self._numbers += 1
        await self.plant(
            """with l as (select * from agreement_lines where id = $1),
            a as (insert into activity_series (id, reference, title, kind, status, district_id, street_id, community_id,
                      partner_id, agreement_id, line_id, service_type_id, opened_by_id, opened_at)
                  select $2, 'G-' || $8, '系列', 'HEAD_COUNT', 'CLOSED', l.district_id, l.street_id, $7, l.partner_id,
                         l.agreement_id, l.id, l.service_type_id, $6, '2026-05-06' from l returning id),
            s as (insert into group_sessions (id, reference, series_id, number, status, district_id, street_id,
              community_id,
                      partner_id, agreement_id, line_id, worker_id, planned_from_at, planned_to_at, held_at,
                      participant_count, created_at)
                  select $3, 'S-' || $8, $2, 1, 'HELD', l.district_id, l.street_id, $7, l.partner_id,
                    l.agreement_id, l.id,
                         $6, '2026-05-06', '2026-05-06', '2026-05-06', $9, '2026-05-06' from l returning id)
            insert into deliveries (id, reference, status, district_id, street_id, community_id, partner_id,
                                    agreement_id, line_id, service_type_id, session_id, unit, quantity,
                                      worker_id, worker_user_id,
                                    happened_at, happened_on, recorded_by_id, recorded_user_id, recorded_at,
                                    verification, verified_by_id, verified_at)
            select $4, 'V-' || $8, $10, l.district_id, l.street_id, $7, l.partner_id, l.agreement_id, l.id,
                   l.service_type_id, $3, l.unit, $5, $6, m.user_id, '2026-05-06', '2026-05-06', $6, m.user_id,
                   '2026-05-06', 'STATION', $11, '2026-05-06'
              from l, memberships m where m.id = $6""",
            self.lines[line],
            series,
            session,
            delivery,
            quantity,
            self.office.world.memberships["an"],
            self.office.world.organizations["七里沟"],
            f"{self._numbers:05}",
            people,
            status,
            self.office.world.memberships["mei"],
        )
        return delivery

    # ------------------------------------------------------------------------------------------------------ steps

    async def payload(self, who: str, mutation: str, **variables: Any) -> Any:
        """The payload of a mutation, whatever became of it."""
        return await self.office.payload(who, mutation, variables)

    async def done(self, who: str, mutation: str, **variables: Any) -> Any:
        """The payload of a mutation that must have been done."""
        payload = await self.payload(who, mutation, **variables)
        assert payload is not None, "not allowed at all"
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload

    async def refused(self, who: str, mutation: str, **variables: Any) -> list[str]:
        """The codes of the reasons."""
        payload = await self.payload(who, mutation, **variables)
        assert payload is not None, "not allowed at all"
        assert payload["userErrors"], payload
        return [one["code"] for one in payload["userErrors"]]

    async def submit(self, code: str, who: str = "bo", *, documents: int = 1) -> dict[str, Any]:
        """A claim of a stage."""
        papers = [await self.document() for _ in range(documents)]
        payload = await self.done(who, SUBMIT, id=self.stages[code], i={"documents": papers})
        return payload["submission"]

    async def review(self, claim: str, who: str = "mei", **said: Any) -> dict[str, Any]:
        """A decision; the payload."""
        return await self.done(who, REVIEW, id=claim, i={"decision": "ACCEPT", **said})

    async def accepted(self, code: str = "M1") -> str:
        """The payment request of a stage claimed and accepted."""
        claim = await self.submit(code)
        return (await self.review(claim["id"]))["paymentRequest"]["id"]

    async def invoice(self, request: str, number: str = "", **changes: Any) -> dict[str, Any]:
        """An invoice of a request as it should be, with changes; the whole payload."""
        self._numbers += 1
        amount = (await self.look("bo", request, "payable { amount }"))["payable"]["amount"]
        paper = {
            "request": request,
            "number": number or f"INV-{self._numbers:06}",
            "kind": "INVOICE",
            "amount": amount,
            "issuedOn": "2026-05-06",
            "document": await self.document("INVOICE"),
        }
        return await self.payload("bo", INVOICE, i={**paper, **changes})

    async def account(self, number: str = "6222020200112233445", *, days: int = 3) -> str:
        """A verified account, slept on."""
        name = (await self.run("select name from organizations where id = $1", self.partner))[0]["name"]
        said = {
            "partner": self.office.place("nuanchao", "partner"),
            "street": self.office.place("street", "street"),
            "holderName": name,
            "bankName": "徐州农商银行七里沟支行",
            "number": number,
        }
        account = (await self.done("bo", PROPOSE, i=said))["bankAccount"]["id"]
        await self.done("qian", VERIFY, id=account)
        await self.tick(days)
        return account

    @property
    def partner(self) -> UUID:
        """The partner of the agreement."""
        return self.office.world.organizations["nuanchao"]

    async def payable(self, code: str = "M1") -> str:
        """A request that has everything but the steps."""
        request = await self.accepted(code)
        assert (await self.invoice(request))["userErrors"] == []
        return request

    async def bring_to(self, last: str, request: str) -> dict[str, Any]:
        """The request after every step up to `last`; the last payload."""
        payload: dict[str, Any] = {}
        for name, who in CHAIN.items():
            payload = await self.done(who, SEND if name == "paymentSend" else step(name), id=request)
            if name == last:
                break
        return payload

    async def settle(self, payment: str, slip: str = "", who: str = "qian") -> Any:
        """The payload of booking a payment."""
        self._numbers += 1
        today = self.office.hub.clock.today().isoformat()
        return await self.payload(who, SETTLE, id=payment, slip=slip or f"SLIP{self._numbers}", on=today)

    async def paid(self, code: str = "M1") -> tuple[str, str]:
        """Request and payment of a stage that is settled."""
        if not await self.run("select from bank_accounts where status = 'VERIFIED'"):
            await self.account()
        request = await self.payable(code)
        payment = (await self.bring_to("paymentSend", request))["payment"]["id"]
        assert (await self.settle(payment))["userErrors"] == []
        return request, payment

    async def look(self, who: str, row: str, fields: str) -> Any:
        """An object as somebody sees it, without any error."""
        kinds = {
            "payment_request": "PaymentRequest",
            "bank_account": "BankAccount",
            "payment": "Payment",
            "submission": "Submission",
            "milestone": "Milestone",
            "deduction": "Deduction",
            "appeal": "Appeal",
            "agreement": "Agreement",
            "invoice": "Invoice",
            "street": "Street",
        }
        kind = kinds[row.rpartition("_")[0]]
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {fields} }} }} }}"
        return (await self.office.hub.ask(self.office.world.viewers[who], query, {"id": row})).data["node"]

    async def stage(self, code: str) -> str:
        """The state of a milestone."""
        return (await self.look("mei", self.stages[code], "status"))["status"]


def bare(global_id: str) -> UUID:
    """The uuid of a global id."""
    return UUID(global_id.rpartition("_")[2])
