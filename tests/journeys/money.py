"""A fund, an agreement out of it and whoever has a hand in the money, over HTTP: how a journey about payments is told.

`refused` and `denied` look at every table of the database before and after: nothing may have changed.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from hub.base.db import Server
from tests.journeys.beginnings import organization_of
from tests.journeys.papers import stored
from tests.journeys.purchasing import changed, everything
from tests.journeys.running import STREET_CODE, Hub

PARTNER = "徐州暖巢社会工作服务中心"
GIFT = "200000.00"
CEILING = "30000.00"
PAYMENT_DAYS = 21
DECISION = "街党工委〔2026〕7号"
CHAIN = (
    ("PaymentRequestConfirm", "mei"),
    ("PaymentRequestCheck", "qian"),
    ("PaymentRequestApprove", "zhao"),
    ("PaymentSend", "sun"),
)
"""Who takes which step of a payment request, in order."""


@dataclasses.dataclass
class Money:
    """The hub, and the ids of what the money is about."""

    hub: Hub
    database: Server
    street: str = ""
    community: str = ""
    fund: str = ""
    agreement: str = ""
    stages: dict[str, str] = dataclasses.field(default_factory=dict)
    lines: dict[str, str] = dataclasses.field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------- what is agreed

    def fund_terms(self) -> dict[str, Any]:
        """A fund for whatever is bought, for Wang's community."""
        return {
            "street": self.street,
            "name": "慈善居家服务专项资金",
            "kind": "CHARITY",
            "channel": "BANK",
            "purposes": ["PURCHASED"],
            "communities": [self.community],
        }

    def gift(self, voucher: str) -> dict[str, Any]:
        """The charity federation's donation to the fund."""
        return {
            "fund": self.fund,
            "amount": GIFT,
            "voucherNumber": voucher,
            "receivedOn": self.today(),
            "donorName": "徐州市慈善总会",
        }

    def terms(self, partner: str) -> dict[str, Any]:
        """Haircuts, company by the hour, casework, and a block; paid in three stages."""
        today = self.hub.clock.today()
        return {
            "fund": self.fund,
            "partner": partner,
            "title": "七里沟街道居家服务协议",
            "ceiling": CEILING,
            "effectiveFrom": today.isoformat(),
            "endsOn": (today + timedelta(days=365)).isoformat(),
            "paymentDays": PAYMENT_DAYS,
            "lines": self._lines(),
            "milestones": [
                stage("M1", "首款", "FIRST_STAGE", today + timedelta(days=30), sharePercent="30"),
                stage(
                    "M2",
                    "中期款",
                    "DELIVERY",
                    today + timedelta(days=180),
                    amount="12000.00",
                    dependsOn=["M1"],
                ),
                stage(
                    "M3",
                    "尾款",
                    "FINAL",
                    today + timedelta(days=365),
                    sharePercent="30",
                    dependsOn=["M1", "M2"],
                ),
            ],
        }

    def _lines(self) -> list[dict[str, Any]]:
        common = {"kind": "UNIT", "communities": [self.community]}
        haircut = {
            "title": "上门理发",
            "serviceType": "HOME_HAIRCUT",
            "unitPrice": "60.00",
            "quantityCap": 50,
        }
        company = {"title": "陪伴", "serviceType": "COMPANIONSHIP", "unitPrice": "45.00", "quantityCap": 200}
        cases = {
            "title": "个案",
            "serviceType": "INTEGRATION",
            "unit": "CASE",
            "unitPrice": "300.00",
            "quantityCap": 10,
        }
        block = {
            "title": "项目管理",
            "kind": "BLOCK",
            "serviceType": "COMPANIONSHIP",
            "amountCap": "15000.00",
        }
        return [{**common, **one} for one in (haircut, company, cases, block)]

    async def open_fund(self, voucher: str = "YHHD-2026-0507") -> None:
        """A fund with money in it."""
        self.street = (await self.hub.ask("mei", "Street", code=STREET_CODE))["streets"]["nodes"][0]["id"]
        self.community = await organization_of(self.hub, "wang", "community")
        self.fund = (await self.hub.do("qian", "FundRegister", input=self.fund_terms()))["id"]
        await self.hub.do("qian", "DonationRecord", input=self.gift(voucher))

    async def draft(self, partner: str) -> None:
        """The agreement as the station writes it down."""
        found = await self.hub.do("mei", "AgreementDraft", input=self.terms(partner))
        self.agreement = found["id"]
        self.stages = {one["code"]: one["id"] for one in found["milestones"]["nodes"]}
        self.lines = {one["title"]: one["id"] for one in found["lines"]["nodes"]}

    async def agreement_steps(self, *steps: tuple[str, str]) -> list[str]:
        """Take steps of the agreement, each as somebody; its states."""
        more = {"AgreementApprove": {"decision": DECISION}}
        return [
            (await self.hub.do(name, step, id=self.agreement, **more.get(step, {})))["status"]
            for step, name in steps
        ]

    # ------------------------------------------------------------------------------------------------- what is paid

    async def account(self, partner: str, number: str) -> dict[str, Any]:
        """What the partner says about an account of its own."""
        return {
            "partner": partner,
            "street": self.street,
            "holderName": PARTNER,
            "bankName": "徐州农商银行七里沟支行",
            "number": number,
        }

    async def claimed(self, code: str, *titles: str) -> dict[str, Any]:
        """A stage that the partner claims, with documents of these titles."""
        papers = [await stored(self.hub, "bo", "CONTRACT", title) for title in titles]
        return await self.hub.do("bo", "MilestoneSubmit", id=self.stages[code], input={"documents": papers})

    async def invoice(self, request: str, number: str, amount: str) -> dict[str, Any]:
        """An invoice of a request, with the paper itself."""
        return {
            "request": request,
            "number": number,
            "kind": "INVOICE",
            "amount": amount,
            "issuedOn": self.today(),
            "document": await stored(self.hub, "bo", "INVOICE", f"发票{number}"),
        }

    async def steps(self, request: str, *names: str) -> Any:
        """Take these steps of CHAIN with a payment request, all of them unless named; what the last one showed."""
        shown: Any = None
        for step, who in CHAIN:
            if not names or step in names:
                shown = await self.hub.do(who, step, id=request)
        return shown

    async def request(self, name: str, request: str) -> Any:
        """A payment request as somebody sees it: whom it waits for, and the match."""
        return (await self.hub.ask(name, "WhoIsWaitedFor", id=request))["node"]

    async def figures(self) -> dict[str, str]:
        """The fund's four figures, in yuan."""
        found = (await self.hub.ask("qian", "FundFigures", id=self.fund))["node"]
        return {name: one["amount"] for name, one in found.items()}

    # ------------------------------------------------------------------------------------------- what is not possible

    async def books(self) -> Any:
        """Everything about the agreement's money, as the auditor reads it."""
        return await self.hub.ask("shen", "Books", agreement=self.agreement)

    async def refused(self, name: str, mutation: str, **variables: Any) -> tuple[str, str]:
        """Code and sentence of the one reason why something was not done. No row has changed, appeared or gone."""
        answer = await self._unchanged_by(name, mutation, variables)
        assert "errors" not in answer, answer["errors"]
        (payload,) = answer["data"].values()
        (error,) = payload.pop("userErrors")
        assert set(payload.values()) == {None}
        return error["code"], error["message"]

    async def denied(self, name: str, query: str, **variables: Any) -> bool:
        """Whether somebody may not ask or do it at all: a top-level error, and nothing else in any answer."""
        answer = await self._unchanged_by(name, query, variables)
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        return codes == {"FORBIDDEN"} and empty(answer["data"])

    async def _unchanged_by(self, name: str, query: str, variables: dict[str, Any]) -> Any:
        before = await everything(self.database)
        answer = (await self.hub.post(name, query, variables)).json()
        assert changed(before, await everything(self.database)) == []
        return answer

    # -------------------------------------------------------------------------------------------------------- time

    def today(self) -> str:
        """The hub's day, as the API writes it."""
        return self.hub.clock.today().isoformat()

    async def days_later(self, days: int, hour: int = 9) -> None:
        """Some days pass, and the worker has done what was due."""
        clock = self.hub.clock
        day = clock.at(clock.today() + timedelta(days=days), 0).astimezone(clock.zone)
        self.hub.move_to(day, hour)
        await self.hub.day_goes_by()


def empty(data: Any) -> bool:
    """Whether an answer says nothing, however deep it is nested."""
    if isinstance(data, dict):
        return all(empty(one) for one in data.values())
    return data is None or data == []


def stage(code: str, title: str, kind: str, due_on: Any, **terms: Any) -> dict[str, Any]:
    """A stage of payment."""
    return {"code": code, "title": title, "kind": kind, "dueOn": due_on.isoformat(), **terms}


def figures(available: str, encumbered: str, payable: str, paid: str) -> dict[str, str]:
    """The four figures of the fund, which always add up to the gift."""
    return {"available": available, "encumbered": encumbered, "payable": payable, "paid": paid}
