"""The station's desk: a referral for a haircut that waits to be placed, and lines to place it on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, TypeVar

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.agreements.office import REASON, Office, funded, step
from tests.keeping import Keeping
from tests.schema.asking import Hub, gid, running
from tests.world import World

ERRORS = "userErrors { code message path }"
OFFER = (
    "mutation($id: ID!, $p: ID!, $line: ID, $q: Int) { referralOffer(id: $id, partner: $p, line: $line, quantity: $q)"
    " { referral { status offers(first: 1) { nodes { id status quantity line { id } agreement { id } } } }"
    f" {ERRORS} }} }}"
)
ACCEPT = (
    "mutation($id: ID!) { offerAccept(id: $id) { offer { status referral { case { id status quantity delivered"
    f" line {{ id }} agreement {{ id }} }} }} }} {ERRORS} }} }}"
)
DECLINE = (
    'mutation($id: ID!) { offerDecline(id: $id, reasonCode: NO_CAPACITY, reason: "排满") {'
    f" offer {{ status }} {ERRORS} }} }}"
)
TERMINATE = step("agreementTerminate", REASON)
UNKNOWN = "agreement_line_00000000-0000-7000-8000-000000000000"
HAIRCUT = "declined"
"""The referral of 七里沟 for a haircut that is TRIAGED in the test world; partner 2 has declined it."""


class Desk(Office):
    """Mei's, mostly. The small agreement's lines: `visits` (two haircuts), `elsewhere` (三官庙 only), `case`, `group`,
    `block` (no cap)."""

    def __init__(self, hub: Hub, world: World, server: Server, settings: Settings) -> None:
        super().__init__(hub, world)
        self.server, self.settings = server, settings
        self.agreement = self.reference = ""
        self.lines: dict[str, str] = {}

    async def buy(self) -> None:
        """The small agreement, in force."""
        here, there = self.communities
        unit = {"serviceType": "HOME_HAIRCUT", "kind": "UNIT", "unitPrice": "50.00", "communities": [here]}
        block = {"serviceType": "HOME_HAIRCUT", "kind": "BLOCK", "amountCap": "500.00", "communities": [here]}
        lines = [
            {**unit, "title": "visits", "quantityCap": 2},
            {**unit, "title": "elsewhere", "quantityCap": 2, "communities": [there]},
            {**unit, "title": "case", "quantityCap": 2, "unit": "CASE"},
            {**unit, "title": "group", "quantityCap": 2, "unit": "SESSION"},
            {**block, "title": "block"},
        ]
        self.agreement = await self.bring_to("agreementAccept", lines=lines)
        await self.tick()
        body = await self.look("mei", "status reference lines { nodes { id title } }", self.agreement)
        node = body["data"]["node"]
        assert node["status"] == "ACTIVE"
        self.reference = node["reference"]
        self.lines = {line["title"]: line["id"] for line in node["lines"]["nodes"]}

    async def tick(self, days: int = 0) -> None:
        """The worker, some days later."""
        self.hub.clock.instant += timedelta(days=days)
        await self.hub.worker().tick()

    def world_line(self, name: str) -> str:
        """The global id of a line of the test world."""
        return gid("agreement_line", self.world.lines[name])

    async def offer(self, line: str | None, quantity: int | None = 1, **changes: str) -> Any:
        """Offer the haircut to partner 1 on a line (by title, or its id); the payload."""
        given = {
            "id": gid("referral", self.world.referrals[changes.get("referral", HAIRCUT)]),
            "p": self.place(changes.get("partner", "nuanchao"), "partner"),
            "line": self.lines.get(line or "", line),
            "q": quantity,
        }
        return await self.payload(changes.get("who", "mei"), OFFER, given)

    async def offered(self, line: str, quantity: int = 1, **changes: str) -> str:
        """The id of an offer that must have been made."""
        payload = await self.offer(line, quantity, **changes)
        assert payload["userErrors"] == [], payload
        return payload["referral"]["offers"]["nodes"][0]["id"]

    async def refusal(
        self, line: str | None, quantity: int | None = 1, **changes: str
    ) -> tuple[str, list[str]]:
        """Code and path of the one reason why it is refused."""
        (error,) = (await self.offer(line, quantity, **changes))["userErrors"]
        return error["code"], error["path"]

    async def left(self, line: str) -> int | None:
        """How many the line has left."""
        row = "select remaining from line_usage($1)"
        found = await harness.run_sql(self.server, row, self.lines[line].rpartition("_")[2])
        return found[0]["remaining"]

    async def terminate(self, agreement: str | None = None) -> None:
        """The director ends the agreement."""
        payload = await self.payload("zhao", TERMINATE, {"id": agreement or self.agreement})
        assert payload["userErrors"] == [], payload


D = TypeVar("D", bound=Desk)
BOUGHT = ("fund", "agreement", "reference", "lines")
"""What a desk knows of its small agreement."""


@contextlib.asynccontextmanager
async def bought(
    kind: type[D], shared: harness.Shared, keeping: Keeping, world: World, settings: Settings
) -> AsyncIterator[D]:
    """A desk of that kind on a copy of the world in which its small agreement is in force; made once a run."""
    source, fund = await funded(shared, world)

    async def build(server: Server) -> dict[str, Any]:
        async with running(server, shared.settings, world.now - timedelta(minutes=1)) as hub:
            desk = kind(hub, world, server, shared.settings)
            desk.fund = fund
            await desk.buy()
            return {name: getattr(desk, name) for name in BOUGHT}

    source, found = await harness.prepared(shared, f"bought_{kind.__name__.lower()}", source, build)
    async with keeping.borrowed(source) as server, running(server, settings, world.now) as hub:
        desk = kind(hub, world, server, settings)
        vars(desk).update(found)
        yield desk
