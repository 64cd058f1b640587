"""Somebody stands in for An, who is ill: what goes over, what the substitute sees and until when, what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.db import Server
from hub.base.errors import Invalid
from hub.base.limits import MAX_PROMISE_DAYS, MAX_SUBSTITUTION_DAYS
from hub.settings import Settings
from hub.visits.rules import require_substitution
from tests import harness
from tests.schema.asking import Hub, gid, running
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


@pytest.fixture
async def rota(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Rota]:
    async with running(world_database, settings, world.now) as hub:
        yield Rota(hub, world, world_database, settings)


@pytest.mark.anyio
async def test_from_today_on_the_promises_go_over_at_once(rota: Rota) -> None:
    world = rota.world
    today = gid("visit", world.visits["today"])
    led = {gid("case", world.cases[name]) for name in ("today", "missed", "closing")}
    cases, own = await rota.sees("ou")
    assert not led & cases
    assert today not in own
    sheet = await rota.sheet("ou")
    later = await rota.promise(5)
    made = await rota.arrange(0, 3, reason="病假")
    assert (made["status"], made["version"]) == ("ACTIVE", 2)
    assert await rota.worker_of(today) == (rota.who("ou"), rota.who("an"))
    assert await rota.worker_of(later) == (rota.who("an"), None)
    assert await rota.worker_of(world.visits["missed"]) == (rota.who("an"), None)
    cases, visits = await rota.sees("ou")
    assert led < cases
    assert visits - own == {today}
    assert (await rota.sheet("ou")).keys() - sheet.keys() == {today}
    assert await rota.sheet("an") == {}
    # An stays in charge, and the consent of one of her people stays withdrawn.
    fields = "leadWorker { id } members { role worker { id } untilOn }"
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on Case {{ {fields} }} }} }}"
    case = gid("case", world.cases["today"])
    node = (await rota.hub.ask(world.viewers["ou"], query, {"id": case})).data["node"]
    assert node["leadWorker"]["id"] == rota.who("an")
    joined = [one for one in node["members"] if one["worker"] and one["worker"]["id"] == rota.who("ou")]
    assert joined == [{"role": "HELPER", "worker": {"id": rota.who("ou")}, "untilOn": rota.day(3)}]
    assert gid("case", world.cases["consent_withdrawn"]) not in cases


@pytest.mark.anyio
async def test_every_visit_that_moves_and_every_case_that_opens_is_in_the_audit(rota: Rota) -> None:
    made = await rota.arrange(0, 3)
    query = "select subject_type, subject_id, facts from audit_events where action = 'worker_substitute' order by id"
    rows = await harness.run_sql(rota.server, query)
    moved = [row["subject_id"] for row in rows if row["subject_type"] == "Visit"]
    assert moved == [rota.world.visits["today"]]
    opened = {row["subject_id"] for row in rows if row["subject_type"] == "Case"}
    assert {rota.world.cases[name] for name in ("today", "missed", "closing")} <= opened
    assert [row["subject_type"] for row in rows][-1] == "Substitution"
    assert rows[-1]["subject_id"] == UUID(made["id"].rpartition("_")[2])
    await rota.tick()
    assert (await rota.told("ou"), await rota.told("an"), await rota.told("bo")) == (
        ["standing_in"],
        ["stood_in_for"],
        [],
    )
    texts = "select text_zh, text_en from notices where kind = 'standing_in'"
    (row,) = await harness.run_sql(rota.server, texts)
    assert "2026年5月6日到2026年5月9日" in row["text_zh"]
    assert "from 2026-05-06 until 2026-05-09" in row["text_en"]
    notices = '{ notices(where: { kind: "standing_in" }) { nodes { subject } } }'
    data = (await rota.hub.ask(rota.world.viewers["ou"], notices)).data
    assert data["notices"]["nodes"] == [{"subject": made["id"]}]


@pytest.mark.anyio
async def test_access_opens_and_shuts_with_the_dates_and_what_was_not_done_comes_back(rota: Rota) -> None:
    kept, left, later = await rota.promise(1), await rota.promise(2), await rota.promise(9)
    made = await rota.arrange(1, 3)
    assert made["status"] == "PLANNED"
    assert await rota.worker_of(kept) == (rota.who("an"), None)
    missed = gid("case", rota.world.cases["missed"])
    assert missed not in (await rota.sees("ou"))[0]
    assert kept not in await rota.sheet("ou", 0)
    await rota.tick(days=1)
    assert await rota.status(made) == "ACTIVE"
    assert [await rota.worker_of(one) for one in (kept, left)] == [(rota.who("ou"), rota.who("an"))] * 2
    assert missed in (await rota.sees("ou"))[0]
    assert set(await rota.sheet("ou", 1)) >= {kept, left}
    assert (await rota.visit(kept, "ou"))["person"]["name"]
    # What she promises herself for later, she cannot keep: it goes to An as well.
    own = await rota.promise(8, "ou")
    rota.hub.clock.instant += timedelta(hours=2)
    at = rota.hub.clock.instant.isoformat()
    assert (await rota.payload("ou", RECORD, id=kept, at=at))["userErrors"] == []
    await rota.tick(days=2)
    assert await rota.status(made) == "ACTIVE"
    assert missed in (await rota.sees("ou"))[0]
    await rota.tick(days=1)
    assert await rota.status(made) == "ENDED"
    assert [await rota.worker_of(one) for one in (left, later, own)] == [(rota.who("an"), None)] * 3
    assert await rota.worker_of(kept) == (rota.who("ou"), rota.who("an"))
    cases, visits = await rota.sees("ou")
    assert missed not in cases
    assert not visits & {left, later, own}
    assert (await rota.visit(kept, "ou"))["person"] is None
    assert missed in (await rota.sees("an"))[0]
    assert await rota.told("ou") == ["standing_in", "standing_in_begins", "substitution_over"]
    assert await rota.told("an") == ["stood_in_for", "substitution_over"]


@pytest.mark.anyio
async def test_cancelled_it_is_all_ans_again_at_once(rota: Rota) -> None:
    before = await rota.sees("an")
    made = await rota.arrange(0, 3)
    stale = await rota.payload("bo", CANCEL, id=made["id"], v=1)
    assert [one["code"] for one in stale["userErrors"]] == ["STALE"]
    for name, answer in (("kai", ["NOT_FOUND"]), ("mei", ["NOT_FOUND"])):
        payload = await rota.payload(name, CANCEL, id=made["id"])
        assert [one["code"] for one in payload["userErrors"]] == answer
    assert await rota.payload("ou", CANCEL, id=made["id"]) is None
    payload = await rota.payload("bo", CANCEL, id=made["id"])
    assert (payload["userErrors"], payload["substitution"]["status"]) == ([], "CANCELLED")
    assert await rota.worker_of(rota.world.visits["today"]) == (rota.who("an"), None)
    cases, visits = await rota.sees("ou")
    assert gid("case", rota.world.cases["today"]) not in cases
    assert gid("visit", rota.world.visits["today"]) not in visits
    assert await rota.sees("an") == before
    again = await rota.payload("bo", CANCEL, id=made["id"])
    assert [one["code"] for one in again["userErrors"]] == ["WRONG_STATE"]
    # And these days are free again.
    assert (await rota.arrange(0, 3))["status"] == "ACTIVE"
    assert await rota.worker_of(rota.world.visits["today"]) == (rota.who("ou"), rota.who("an"))


@pytest.mark.anyio
async def test_a_planned_one_that_is_cancelled_or_whose_substitute_left_moves_nothing(rota: Rota) -> None:
    promised = await rota.promise(2)
    first = await rota.arrange(1, 3)
    assert (await rota.payload("bo", CANCEL, id=first["id"]))["userErrors"] == []
    second = await rota.arrange(1, 3)
    left = "update memberships set ended_at = $2 where id = $1"
    await harness.run_sql(rota.server, left, rota.world.memberships["ou"], rota.world.now)
    await rota.tick(days=1)
    assert (await rota.status(first), await rota.status(second)) == ("CANCELLED", "ENDED")
    assert await rota.worker_of(promised) == (rota.who("an"), None)
    # It is not tried again and again: whoever arranged it has been told, and what to do.
    assert (await rota.told("bo"), (await rota.told("an"))[-1]) == (
        ["substitution_failed"],
        "substitution_failed",
    )


@pytest.mark.anyio
async def test_when_the_substitute_leaves_meanwhile_all_is_ans_again(rota: Rota) -> None:
    session = await rota.session(1)
    made = await rota.arrange(0, 3)
    today = rota.world.visits["today"]
    assert await rota.worker_of(today) == (rota.who("ou"), rota.who("an"))
    assert await rota.leads(session) == (rota.who("ou"), rota.who("an"))
    left = "update memberships set ended_at = $2 where id = $1"
    await harness.run_sql(rota.server, left, rota.world.memberships["ou"], rota.world.now)
    await rota.tick()
    assert await rota.status(made) == "ENDED"
    assert await rota.worker_of(today) == (rota.who("an"), None)
    assert await rota.leads(session) == (rota.who("an"), None)
    assert "substitution_failed" in await rota.told("bo")
    days = "select until_on from case_members where membership_id = $1 and case_id = $2"
    case = rota.world.cases["today"]
    (row,) = await harness.run_sql(rota.server, days, rota.world.memberships["ou"], case)
    assert row["until_on"] < rota.world.today


@pytest.mark.anyio
async def test_sessions_go_over_and_come_back_like_visits(rota: Rota) -> None:
    due, held, given_away, later = [await rota.session(days) for days in (2, 1, 2, 9)]
    made = await rota.arrange(1, 3)
    assert await rota.leads(due) == (rota.who("an"), None)
    await rota.tick(days=1)
    for one in (due, held, given_away):
        assert await rota.leads(one) == (rota.who("ou"), rota.who("an"))
    assert await rota.leads(later) == (rota.who("an"), None)
    query = "select subject_id from audit_events where action = 'substitution_start' and subject_type = 'GroupSession'"
    moved = {row["subject_id"] for row in await harness.run_sql(rota.server, query)}
    assert moved == {UUID(one.rpartition("_")[2]) for one in (due, held, given_away)}
    # Led by the substitute, held by her; and given to a third for good, it does not come back.
    rota.hub.clock.instant += timedelta(hours=12)
    at = rota.hub.clock.instant.isoformat()
    assert (await rota.payload("ou", DELIVER, i={"session": held, "happenedAt": at, "headCount": 9}))[
        "userErrors"
    ] == []
    third = gid("membership", await _colleague(rota, "third"))
    assert (await rota.payload("bo", ASSIGN, id=given_away, worker=third))["userErrors"] == []
    await rota.tick(days=3)
    assert await rota.status(made) == "ENDED"
    assert await rota.leads(due) == (rota.who("an"), None)
    assert await rota.leads(held) == (rota.who("ou"), rota.who("an"))
    assert await rota.leads(given_away) == (third, None)


@pytest.mark.anyio
async def test_cancelled_the_sessions_are_ans_again(rota: Rota) -> None:
    session = await rota.session(1)
    made = await rota.arrange(0, 3)
    assert await rota.leads(session) == (rota.who("ou"), rota.who("an"))
    assert (await rota.payload("bo", CANCEL, id=made["id"]))["userErrors"] == []
    assert await rota.leads(session) == (rota.who("an"), None)


@pytest.mark.anyio
async def test_planned_sessions_alone_are_work_to_stand_in_for(rota: Rota) -> None:
    third = gid("membership", await _colleague(rota, "third"))
    assert await rota.refused(worker=third) == ("CONFLICT", WORKER)
    session = await rota.session(1, worker=third)
    await rota.arrange(0, 3, worker=third)
    assert await rota.leads(session) == (rota.who("ou"), third)


@pytest.mark.anyio
async def test_one_after_another_each_has_its_own_days(rota: Rota) -> None:
    early, late = await rota.promise(1), await rota.promise(3)
    first, second = await rota.arrange(0, 1), await rota.arrange(2, 4)
    assert await rota.worker_of(early) == (rota.who("ou"), rota.who("an"))
    assert await rota.worker_of(late) == (rota.who("an"), None)
    await rota.tick(days=2)
    assert (await rota.status(first), await rota.status(second)) == ("ENDED", "ACTIVE")
    assert await rota.worker_of(early) == (rota.who("an"), None)
    assert await rota.worker_of(late) == (rota.who("ou"), rota.who("an"))
    assert gid("case", rota.world.cases["missed"]) in (await rota.sees("ou"))[0]


WORKER, SUBSTITUTE = ["input", "worker"], ["input", "substitute"]


@pytest.mark.anyio
async def test_refusals(rota: Rota) -> None:
    who = rota.who
    # A stranger's worker, and one who does not exist, are absent for a manager and for the station alike.
    for name in ("bo", "mei"):
        for worker in (who("lin"), gid("membership", UUID(int=1)), "x_1", who("wang")):
            assert await rota.refused(name, worker=worker) == ("NOT_FOUND", WORKER), (name, worker)
    assert await rota.refused("mei") == ("NOT_FOUND", WORKER)
    for name in ("an", "wang", "zhao", "root", "qian"):
        assert await rota.payload(name, ARRANGE, i=rota.terms()) is None, name
    # Nor is everybody a substitute: a stranger, a manager, the worker herself, nobody.
    for substitute in (who("lin"), who("bo"), who("an"), who("mei"), gid("membership", UUID(int=1))):
        assert await rota.refused(substitute=substitute) == ("INVALID", SUBSTITUTE), substitute
    assert await rota.refused(begins=-1) == ("OUT_OF_RANGE", ["input", "fromOn"])
    assert await rota.refused(begins=3, ends=2) == ("INVALID", ["input", "untilOn"])
    assert await rota.refused(ends=MAX_SUBSTITUTION_DAYS) == ("OUT_OF_RANGE", ["input", "untilOn"])
    assert await rota.refused(fromOn="9999-12-31", untilOn="9999-12-31") == (
        "OUT_OF_RANGE",
        ["input", "fromOn"],
    )
    assert await rota.refused(street=gid("street", UUID(int=1))) == ("CONFLICT", ["input", "street"])
    assert await rota.refused(reason="x" * 2001) == ("TOO_LONG", ["input", "reason"])
    # Whoever has no open work needs no substitute.
    assert await rota.refused(worker=who("bo")) == ("WRONG_STATE", WORKER)
    assert await rota.refused("kai", worker=who("hua@kangle"), substitute=who("lin")) == ("CONFLICT", WORKER)
    await rota.arrange(2, 5)
    assert await rota.refused(begins=5, ends=8) == ("DUPLICATE", ["input", "fromOn"])
    # Ou stands in on these days: she cannot be away then, nor can An stand in for her.
    assert await rota.refused(begins=4, ends=4, worker=who("ou"), substitute=who("an")) == (
        "CONFLICT",
        SUBSTITUTE,
    )


async def _colleague(rota: Rota, name: str) -> UUID:
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


@pytest.mark.anyio
async def test_no_chains(rota: Rota) -> None:
    third = gid("membership", await _colleague(rota, "third"))
    await rota.arrange(2, 5)
    # Ou stands in until the 5th day, so a third may stand in for her from the 6th only.
    assert await rota.refused(begins=5, ends=6, worker=rota.who("ou"), substitute=third) == (
        "CONFLICT",
        WORKER,
    )
    await rota.arrange(6, 7, worker=rota.who("ou"), substitute=third)
    assert await rota.refused(begins=6, ends=6, substitute=rota.who("ou")) == ("CONFLICT", SUBSTITUTE)


@pytest.mark.anyio
async def test_whoever_works_in_several_streets_names_one(rota: Rota) -> None:
    other = await _work_elsewhere(rota)
    streets = [gid("street", rota.world.organizations["street"]), gid("street", other)]
    assert await rota.refused() == ("REQUIRED", ["input", "street"])
    first, second = [await rota.arrange(0, 3, street=street) for street in streets]
    assert [one["street"]["id"] for one in (first, second)] == streets
    assert await rota.worker_of(rota.world.visits["today"]) == (rota.who("ou"), rota.who("an"))
    moved = "select worker_id from visits where street_id = $1"
    assert [row["worker_id"] for row in await harness.run_sql(rota.server, moved, other)] == [
        rota.world.memberships["ou"]
    ]
    assert await rota.refused(street=streets[1]) == ("DUPLICATE", ["input", "fromOn"])
    # The station of the first street sees its own only.
    listed = "{ substitutions { nodes { id } } }"
    data = (await rota.hub.ask(rota.world.viewers["mei"], listed)).data
    assert [one["id"] for one in data["substitutions"]["nodes"]] == [first["id"]]


async def _work_elsewhere(rota: Rota) -> UUID:
    """A planned visit of An in another street, planted past every trigger; the street."""
    async with harness.connect_as(rota.server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        other: Any = await connection.fetchval(
            "select id from organizations where kind = 'STREET' and id <> $1 order by id limit 1",
            rota.world.organizations["street"],
        )
        columns = await connection.fetch(
            "select column_name from information_schema.columns where table_name = 'visits' and table_schema = 'public'"
        )
        given = {"id": "gen_random_uuid()", "reference": "'V-x'", "street_id": "$2", "case_id": "null"}
        names: list[str] = [row["column_name"] for row in columns]
        listed = ", ".join(given.get(name, name) for name in names)
        statement = f"insert into visits ({', '.join(names)}) select {listed} from visits where id = $1"
        await connection.execute(statement, rota.world.visits["today"], other)
    return other


@pytest.mark.anyio
async def test_the_station_arranges_for_its_own(rota: Rota) -> None:
    person = gid("person", rota.world.persons["bystander"])
    promised = await rota.promise(0, "mei", "", person=person, kind="PATROL")
    terms: dict[str, Any] = {"worker": rota.who("mei"), "substitute": rota.who("tao")}
    assert await rota.refused("bo", **terms) == ("NOT_FOUND", WORKER)
    made = await rota.arrange(0, 0, "tao", **terms)
    assert made["status"] == "ACTIVE"
    query = "query($id: ID!) { node(id: $id) { ... on Visit { worker { id } standsInFor { id } } } }"
    node = (await rota.hub.ask(rota.world.viewers["mei"], query, {"id": promised})).data["node"]
    assert (node["worker"]["id"], node["standsInFor"]["id"]) == (rota.who("tao"), rota.who("mei"))
    assert promised in await rota.sheet("tao")
    assert promised not in await rota.sheet("mei")
    payload = await rota.payload("bo", CANCEL, id=made["id"])
    assert [one["code"] for one in payload["userErrors"]] == ["NOT_FOUND"]
    assert (await rota.payload("mei", CANCEL, id=made["id"]))["userErrors"] == []
    assert promised in await rota.sheet("mei")


AGAIN = """
insert into substitutions (id, district_id, street_id, organization_id, partner_id, worker_id, substitute_id, from_on,
                           until_on, arranged_by_id, created_at)
select gen_random_uuid(), district_id, street_id, organization_id, partner_id, worker_id, $1, until_on,
       until_on + $2::int, arranged_by_id, created_at
  from substitutions
"""
GIVE = "update visits set worker_id = $1, stands_in_for_id = null where partner_id is not null and status = any ($2)"


@pytest.mark.anyio
async def test_hostile_past_the_commands(rota: Rota) -> None:
    await rota.arrange(0, 3)
    ids = rota.world.memberships
    done = ["COMPLETED", "NOT_HOME", "CANCELLED"]
    hostile: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
        ("ex_substitutions_overlap", AGAIN, (ids["ou"], 1)),
        ("scope_mismatch", AGAIN, (ids["lin"], 1)),
        ("ck_substitutions_dates", AGAIN, (ids["ou"], -1)),
        ("scope_mismatch", GIVE, (ids["lin"], ["PLANNED"])),
        ("immutable", GIVE, (ids["ou"], done)),
    )
    for constraint, statement, values in hostile:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
            await _written(rota, statement, *values)
        assert vars(caught.value)["constraint_name"] == constraint, statement
    for statement in ("update substitutions set until_on = until_on + 1", "delete from substitutions"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _written(rota, statement)
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await harness.run_sql(rota.server, statement)
        assert vars(refused.value)["constraint_name"] == "immutable"


async def _written(rota: Rota, statement: str, *values: Any) -> None:
    """As the writer's login, with the settings of a transaction of Bo in the street."""
    viewer, street = rota.world.viewers["bo"], str(rota.world.organizations["street"])
    facts = {name: viewer.setting(name) for name in ("partner", "user", "membership")} | {"street": street}
    async with harness.connect_as(rota.server, "writer") as connection, connection.transaction():
        for name, value in facts.items():
            await connection.execute("select set_config($1, $2, true)", f"hub.{name}", value)
        await connection.execute(statement, *values)


def test_the_days_of_a_substitution() -> None:
    today = date(2026, 5, 6)
    require_substitution(today, today, today)
    require_substitution(today, today + timedelta(days=MAX_SUBSTITUTION_DAYS - 1), today)
    require_substitution(
        today + timedelta(days=MAX_PROMISE_DAYS), today + timedelta(days=MAX_PROMISE_DAYS), today
    )
    for begins, lasts in ((-1, 0), (0, -1), (0, MAX_SUBSTITUTION_DAYS), (MAX_PROMISE_DAYS + 1, 0)):
        first = today + timedelta(days=begins)
        with pytest.raises(Invalid):
            require_substitution(first, first + timedelta(days=lasts), today)
