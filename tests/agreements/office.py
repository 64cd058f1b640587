"""An agreement's way over GraphQL, step by step, each as whoever takes it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from hub.base.db import Server
from tests import harness
from tests.agreements.county import contract
from tests.schema.asking import Hub, gid, running
from tests.world import World

ERRORS = "userErrors { code message path }"
SHOWN = "id reference status version ceiling { amount } encumbered { amount }"
REASON = 'reasonCode: TERMS_WRONG, reason: "条款要改"'

REGISTER = f"mutation($i: FundRegisterInput!) {{ fundRegister(input: $i) {{ fund {{ id }} {ERRORS} }} }}"
DONATE = (
    "mutation($i: DonationRecordInput!, $k: String) { donationRecord(input: $i, idempotencyKey: $k)"
    f" {{ donation {{ id reference }} {ERRORS} }} }}"
)
DRAFT = (
    "mutation($i: AgreementDraftInput!, $id: ID) { agreementDraft(input: $i, id: $id)"
    f" {{ agreement {{ {SHOWN} }} {ERRORS} }} }}"
)


def step(name: str, extra: str = "") -> str:
    """A mutation that takes an agreement's id, and maybe more."""
    more = f", {extra}" if extra else ""
    return f"mutation($id: ID!) {{ {name}(id: $id{more}) {{ agreement {{ {SHOWN} }} {ERRORS} }} }}"


STEPS = {
    "agreementPropose": ("mei", step("agreementPropose")),
    "agreementCertify": ("qian", step("agreementCertify")),
    "agreementApprove": ("zhao", step("agreementApprove", 'decisionReference: "街党工委〔2026〕7号"')),
    "agreementAccept": ("bo", step("agreementAccept")),
}
ORDER = tuple(STEPS)
COMMUNITIES = ("七里沟", "三官庙")


class Office:
    """Everybody who has to do with an agreement, and a fund.

    The viewers are the office's own copy: a test may give somebody a second post (`also`).
    """

    def __init__(self, hub: Hub, world: World) -> None:
        self.viewers = dict(world.viewers)
        self.hub, self.world = hub, dataclasses.replace(world, viewers=self.viewers)
        self.fund = ""

    def also(self, name: str, who: str, **changes: Any) -> None:
        """Under that name, somebody of the cast with other facts; whoever held a token signs in anew."""
        self.hub._kept.clear()
        self.viewers[name] = dataclasses.replace(self.viewers[who], **changes)

    def place(self, name: str, tag: str) -> str:
        """The global id of an organization."""
        return gid(tag, self.world.organizations[name])

    @property
    def communities(self) -> list[str]:
        """Those that the fund and the contract serve."""
        return [self.place(name, "community") for name in COMMUNITIES]

    async def open_fund(self, amount: str = "2000000.00", **changes: Any) -> str:
        """A fund for what is purchased, with money in it."""
        terms = {
            "street": self.place("street", "street"),
            "name": "慈善专项资金",
            "kind": "CHARITY",
            "channel": "BANK",
            "purposes": ["PURCHASED"],
            "communities": self.communities,
        }
        payload = await self.hub.do(self.world.viewers["qian"], REGISTER, {"i": {**terms, **changes}})
        self.fund = payload["fund"]["id"]
        await self.give(amount, "V-1")
        return self.fund

    async def give(self, amount: str, voucher: str) -> dict[str, Any]:
        """A donation; the whole payload."""
        gift = {"fund": self.fund, "amount": amount, "voucherNumber": voucher, "receivedOn": "2026-05-05"}
        return await self.payload("qian", DONATE, {"i": {**gift, "donorName": "徐州市慈善总会"}})

    async def payload(self, name: str, mutation: str, variables: dict[str, Any]) -> Any:
        """The payload of a mutation, whatever became of it; None when the role may not do it at all."""
        body = (await self.hub.ask(self.world.viewers[name], mutation, variables)).body
        (payload,) = body["data"].values()
        return payload

    def terms(self, partner: str = "nuanchao", **changes: Any) -> dict[str, Any]:
        """The county contract, with changes."""
        return {**contract(self.fund, self.place(partner, "partner"), self.communities), **changes}

    async def draft(self, **changes: Any) -> str:
        """The id of a new draft."""
        payload = await self.payload("mei", DRAFT, {"i": self.terms(**changes)})
        assert payload["userErrors"] == []
        return payload["agreement"]["id"]

    async def take(self, name: str, agreement: str, who: str | None = None) -> Any:
        """One step; its payload."""
        actor, mutation = STEPS[name]
        return await self.payload(who or actor, mutation, {"id": agreement})

    async def bring_to(self, last: str, **changes: Any) -> str:
        """A new agreement that has taken every step up to `last`."""
        agreement = await self.draft(**changes)
        for name in ORDER[: ORDER.index(last) + 1]:
            payload = await self.take(name, agreement)
            assert payload["userErrors"] == [], (name, payload)
        return agreement

    async def refused(
        self, name: str, mutation: str, variables: dict[str, Any]
    ) -> list[tuple[str, list[str]]]:
        """Code and path of each reason."""
        payload = await self.payload(name, mutation, variables)
        return [(one["code"], one["path"]) for one in payload["userErrors"]]

    async def look(self, name: str, fields: str, agreement: str) -> Any:
        """An agreement as somebody sees it; the whole body."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on Agreement {{ {fields} }} }} }}"
        return (await self.hub.ask(self.world.viewers[name], query, {"id": agreement})).body

    async def balance(self) -> dict[str, str]:
        """The fund's four figures."""
        names = ("available", "encumbered", "payable", "paid")
        query = f"{{ funds {{ nodes {{ id {' '.join(f'{name} {{ amount }}' for name in names)} }} }} }}"
        nodes = (await self.hub.ask(self.world.viewers["qian"], query)).data["funds"]["nodes"]
        (fund,) = [node for node in nodes if node["id"] == self.fund]
        return {name: fund[name]["amount"] for name in names}


async def funded(shared: harness.Shared, world: World) -> tuple[Server, str]:
    """The world with a fund of two million yuan, for copies; and the fund's id. Made once a run.

    Opened a little before what a test does there: ids of one moment and two hubs are in no order.
    """

    async def build(server: Server) -> str:
        async with running(server, shared.settings, world.now - timedelta(minutes=2)) as hub:
            return await Office(hub, world).open_fund()

    return await harness.prepared(shared, "funded", await harness.world_template(shared), build)
