"""Somebody gets a second post: the administrator grants it, and from then on each request says as whom she acts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.journeys.money import Money
from tests.journeys.running import Hub

END = """
mutation($id: ID!) {
  membershipEnd(id: $id, reason: "调岗") { membership { id } userErrors { code message path } }
}
"""


class Hats:
    """Second memberships at the street, by sign-in name."""

    def __init__(self, money: Money) -> None:
        self._money = money
        self._first: dict[str, str] = {}
        self._second: dict[str, str] = {}

    @property
    def _hub(self) -> Hub:
        return self._money.hub

    def _post(self, name: str, role: str, duty: str | None) -> dict[str, Any]:
        return {"organization": self._money.street, "signInName": name, "role": role, "duty": duty}

    async def give(self, name: str, role: str, duty: str | None = None) -> None:
        """Grant a second post. Without saying so, she still acts as before."""
        self._first[name] = (await self._hub.ask(name, "WhoAmI"))["viewer"]["membership"]["id"]
        granted = await self._hub.do("root", "MembershipGrant", input=self._post(name, role, duty))
        self._second[name] = granted["id"]
        self._hub.act_as(name, self._first[name])

    async def change(self, name: str, role: str, duty: str | None = None) -> None:
        """End the post that she acts under by itself, or the second one, and give her another as the second."""
        if name not in self._second:
            self._first[name] = (await self._hub.ask(name, "WhoAmI"))["viewer"]["membership"]["id"]
        ended = self._second.get(name, self._first[name])
        await self._hub.do("root", END, id=ended)
        granted = await self._hub.do("root", "MembershipGrant", input=self._post(name, role, duty))
        self._second[name] = granted["id"]

    async def refused(self, name: str, role: str, duty: str | None = None) -> tuple[str, str]:
        """Why a second post is not granted."""
        return await self._money.refused("root", "MembershipGrant", input=self._post(name, role, duty))

    @contextlib.contextmanager
    def on(self, name: str) -> Iterator[None]:
        """For so long she acts under her second post."""
        self._hub.act_as(name, self._second[name])
        try:
            yield
        finally:
            self._hub.act_as(name, self._first[name])
