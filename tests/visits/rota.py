"""Who arranges a substitution, and what it is looked at by; the world behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.schema.asking import Hub, gid
from tests.world import World

ERRORS = "userErrors { code path message }"
SHOWN = "id status fromOn untilOn version substitute { id } street { id }"
ARRANGE = (
    "mutation($i: WorkerSubstituteInput!) { workerSubstitute(input: $i)"
    f" {{ substitution {{ {SHOWN} }} {ERRORS} }} }}"
)
CANCEL = (
    "mutation($id: ID!, $v: Int) { substitutionCancel(id: $id, expectedVersion: $v)"
    f" {{ substitution {{ {SHOWN} }} {ERRORS} }} }}"
)
SHEET = "mutation($day: Date!) { daySheetOpen(date: $day) { entries { visit name address } userErrors { code } } }"
PROMISE = f"mutation($i: VisitPromiseInput!) {{ visitPromise(input: $i) {{ visit {{ id }} {ERRORS} }} }}"
RECORD = (
    "mutation($id: ID!, $at: DateTime!) { visitRecord(id: $id, input: { outcome: NOT_HOME, keptAt: $at })"
    f" {{ visit {{ id status }} {ERRORS} }} }}"
)
OPEN = f"mutation($i: SeriesOpenInput!) {{ seriesOpen(input: $i) {{ series {{ id }} {ERRORS} }} }}"
PLAN = (
    "mutation($id: ID!, $i: SessionPlanInput!) { sessionPlan(id: $id, input: $i)"
    f" {{ session {{ id }} {ERRORS} }} }}"
)
ASSIGN = (
    "mutation($id: ID!, $worker: ID!) { sessionAssignWorker(id: $id, worker: $worker)"
    f" {{ session {{ id }} {ERRORS} }} }}"
)
DELIVER = (
    f"mutation($i: DeliveryRecordInput!) {{ deliveryRecord(input: $i) {{ delivery {{ id }} {ERRORS} }} }}"
)
VISIT = "{ worker { id } standsInFor { id } status person { name } }"
MINE = (
    "{ cases(where: { role: ANY }) { nodes { id } } visits(where: { status: [PLANNED] }) { nodes { id } } }"
)


WORKER, SUBSTITUTE = ["input", "worker"], ["input", "substitute"]
"""What a refusal is about."""


class Rota:
    """The world, and who arranges what in it."""

    def __init__(self, hub: Hub, world: World, server: Server, settings: Settings) -> None:
        self.hub, self.world, self.server, self.settings = hub, world, server, settings

    def day(self, days: int) -> str:
        """A day so many days from the world's today."""
        return (self.world.today + timedelta(days=days)).isoformat()

    def who(self, name: str) -> str:
        """The id of a membership."""
        return gid("membership", self.world.memberships[name])

    def terms(self, begins: int = 0, ends: int = 3, **changes: Any) -> dict[str, Any]:
        """Ou stands in for An."""
        days = {"fromOn": self.day(begins), "untilOn": self.day(ends)}
        return {"worker": self.who("an"), "substitute": self.who("ou"), **days, **changes}

    async def payload(self, who: str, mutation: str, **variables: Any) -> Any:
        """The payload of a mutation, whatever became of it; None where the role may not do it."""
        body = (await self.hub.ask(self.world.viewers[who], mutation, variables)).body
        (payload,) = body["data"].values()
        return payload

    async def arrange(
        self, begins: int = 0, ends: int = 3, who: str = "bo", **changes: Any
    ) -> dict[str, Any]:
        """A substitution that is made."""
        payload = await self.payload(who, ARRANGE, i=self.terms(begins, ends, **changes))
        assert payload["userErrors"] == []
        return payload["substitution"]

    async def refused(
        self, who: str = "bo", begins: int = 0, ends: int = 3, **changes: Any
    ) -> tuple[str, list[str]]:
        """Code and path of the one reason."""
        payload = await self.payload(who, ARRANGE, i=self.terms(begins, ends, **changes))
        (error,) = payload["userErrors"]
        return error["code"], error["path"]

    async def sees(self, name: str) -> tuple[set[str], set[str]]:
        """The cases and planned visits that somebody sees."""
        data = (await self.hub.ask(self.world.viewers[name], MINE)).data
        return tuple({one["id"] for one in data[key]["nodes"]} for key in ("cases", "visits"))  # type: ignore[return-value]

    async def sheet(self, name: str, days: int = 0) -> dict[str, str]:
        """Somebody's day sheet: visits and names."""
        payload = await self.payload(name, SHEET, day=self.day(days))
        assert payload["userErrors"] == []
        return {entry["visit"]: entry["name"] for entry in payload["entries"]}

    async def visit(self, visit: UUID | str, who: str = "bo") -> Any:
        """A visit as somebody sees it."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on Visit {VISIT} }} }}"
        shown = visit if isinstance(visit, str) else gid("visit", visit)
        return (await self.hub.ask(self.world.viewers[who], query, {"id": shown})).data["node"]

    async def worker_of(self, visit: UUID | str) -> tuple[str, str | None]:
        """Who goes, and for whom."""
        node = await self.visit(visit)
        return node["worker"]["id"], (node["standsInFor"] or {}).get("id")

    async def promise(self, days: int, who: str = "an", case: str = "missed", **changes: Any) -> str:
        """A promise for ten o'clock of a day; its id."""
        at = self.world.clock().at(self.world.today + timedelta(days=days), 10)
        told = {"case": gid("case", self.world.cases[case]) if case else None, "kind": "SERVICE"}
        window = {"promisedFrom": at.isoformat(), "promisedTo": (at + timedelta(minutes=30)).isoformat()}
        payload = await self.payload(who, PROMISE, i={**told, **window, **changes})
        assert payload["userErrors"] == []
        return payload["visit"]["id"]

    async def session(self, days: int, who: str = "an", **changes: Any) -> str:
        """A session planned for noon of a day, of a series of its own; its id."""
        opened = {
            "line": gid("agreement_line", self.world.lines["nuanchao.SKILLS"]),
            "community": gid("community", self.world.organizations["七里沟"]),
            "title": "手机课",
            "kind": "HEAD_COUNT",
        }
        series = (await self.payload(who, OPEN, i=opened))["series"]["id"]
        at = self.world.clock().at(self.world.today + timedelta(days=days), 12)
        times = {"plannedFrom": at.isoformat(), "plannedTo": (at + timedelta(hours=1)).isoformat()}
        payload = await self.payload("bo" if changes else who, PLAN, id=series, i={**times, **changes})
        assert payload["userErrors"] == []
        return payload["session"]["id"]

    async def leads(self, session: str) -> tuple[str, str | None]:
        """Who leads a session, and for whom."""
        shown = "worker { id } standsInFor { id }"
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on GroupSession {{ {shown} }} }} }}"
        node = (await self.hub.ask(self.world.viewers["bo"], query, {"id": session})).data["node"]
        return node["worker"]["id"], (node["standsInFor"] or {}).get("id")

    async def tick(self, days: int = 0) -> None:
        """The worker, some days later."""
        self.hub.clock.instant += timedelta(days=days)
        await self.hub.worker().tick()

    async def status(self, substitution: dict[str, Any]) -> str:
        """Where a substitution stands."""
        query = "query($id: ID!) { node(id: $id) { ... on Substitution { status } } }"
        return (await self.hub.ask(self.world.viewers["bo"], query, {"id": substitution["id"]})).data["node"][
            "status"
        ]

    async def told(self, name: str) -> list[str]:
        """The kinds of somebody's notices about substitutions, oldest first."""
        query = (
            "select kind from notices where recipient_id = $1 and subject_type = 'Substitution'"
            " order by created_at, id"
        )
        rows = await harness.run_sql(self.server, query, self.world.memberships[name])
        return [row["kind"] for row in rows]


async def colleague(rota: Rota, name: str) -> UUID:
    """One more worker of partner 1; the id of her membership."""
    user, member = uuid4(), uuid4()
    async with harness.connect_as(rota.server, "admin") as connection:
        await connection.execute(
            "insert into users (id, sign_in_name, name, created_at) values ($1, $2, $2, $3)",
            user,
            name,
            rota.world.now,
        )
        await connection.execute(
            "insert into memberships (id, user_id, organization_id, role, display_name, partner_id, valid_from_on,"
            " created_at) select $1, $2, m.organization_id, m.role, $3, m.partner_id, m.valid_from_on, m.created_at"
            " from memberships m where m.id = $4",
            *(member, user, name, rota.world.memberships["an"]),
        )
    return member
