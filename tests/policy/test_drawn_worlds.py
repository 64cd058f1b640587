"""The three-way agreement once more, over worlds that nobody has thought out: drawn from a seed.

Ids only: which rows of which type exist for whom. Worlds of a batch stand side by side in one database, so each of them
is outside the scope of the others as well. When a batch fails, its seeds are in the name of the test; the same seeds
make the same worlds.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from auth.roles import READ_ROLES, Role, Viewer
from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from schema.walls import settings_of
from tests import harness
from tests.policy import rights
from tests.policy.drawn_work import draw
from tests.policy.expected import TABLES, Oracle, oracle
from tests.policy.fields import FIELDS
from tests.policy.making import Maker
from tests.policy.planted import NOW, TODAY
from tests.policy.rights import BY_CASE, PUBLIC, Access
from tests.policy.test_agreement import ROOTS
from tests.schema.asking import Hub, running

pytestmark = pytest.mark.anyio

FEW = ((23, 46),)
MANY = tuple((first, first + 1, first + 2) for first in range(100, 220, 3))
WATCHED = {"PARTNER_WORKER": 3, "PARTNER_MANAGER": 2}
"""Of each role so many people look, drawn anew for each batch, and OTHERWISE as many: most of them who see much."""

OTHERWISE = 2
PAGE = 100
ROOTS_AT_ONCE = 17
NODES_AT_ONCE = 40
Seen = dict[str, set[UUID]]
"""Type → ids of rows."""


@dataclasses.dataclass
class Cast:
    """As much of a planted world as the oracle asks for."""

    viewers: dict[str, Viewer]


@dataclasses.dataclass
class Batch:
    """Worlds in one database, the oracle over them, and who looks."""

    server: Server
    truth: Oracle
    watching: list[str]
    refused: dict[int, dict[str, int]]

    def on(self, today: date) -> None:
        """Let the oracle judge as of another day."""
        self.truth.access, self.truth._visible = Access(self.truth.rows, today), {}

    def expected(self, name: str) -> Seen:
        """What the oracle lets somebody see."""
        return {type_name: set(self.truth.visible(name, type_name)) for type_name in TABLES}


@dataclasses.dataclass
class Difference(Exception):
    """Two of the three disagree."""

    who: str
    type_name: str
    only_oracle: set[UUID]
    only_other: set[UUID]


async def batch_of(server: Server, seeds: Sequence[int]) -> Batch:
    """Draw the worlds into an empty database, and read all of it as its administrator."""
    viewers: dict[str, Viewer] = {}
    refused: dict[int, dict[str, int]] = {}
    async with harness.connect_as(server, "owner") as connection:
        await connection.execute("select set_config('hub.today', $1, false)", TODAY.isoformat())
        for seed in seeds:
            world = await draw(Maker(connection, seed))
            viewers |= world.viewers()
            refused[seed] = dict(world.maker.refused)
    truth = await oracle(server, Cast(viewers), registry().schema)  # type: ignore[arg-type]
    return Batch(server, truth, watching(truth, seeds[0]), refused)


def watching(truth: Oracle, seed: int) -> list[str]:
    """Some of every role: those who see rows of most types, since there is most to go wrong, and one who sees least."""

    def breadth(name: str) -> int:
        return sum(bool(truth.visible(name, type_name)) for type_name in TABLES)

    drawing, found = random.Random(seed), list[str]()  # noqa: S311 - to be drawn again
    here = {
        name: one
        for name, one in truth.planted.viewers.items()
        if one.membership_id not in truth.access.ended
    }
    for role in READ_ROLES:
        of_role = sorted(name for name, viewer in here.items() if viewer.role is role)
        drawing.shuffle(of_role)
        of_role.sort(key=breadth, reverse=True)
        count = WATCHED.get(str(role), OTHERWISE)
        found += [*of_role[: count - 1], of_role[-1]]
    return found


def compare(name: str, expected: Seen, found: Seen) -> None:
    """Raises Difference for the first type that differs."""
    for type_name, ids in found.items():
        if ids != expected[type_name]:
            raise Difference(name, type_name, expected[type_name] - ids, ids - expected[type_name])


# ------------------------------------------------------------------------------------------------------- the planner


def _documents() -> Iterator[tuple[list[str], str]]:
    """All roots, some in each document."""
    roots = list(ROOTS)
    for start in range(0, len(roots), ROOTS_AT_ONCE):
        some = roots[start : start + ROOTS_AT_ONCE]
        yield some, "{ " + " ".join(_root(root) for root in some) + " }"


def _root(root: str, after: str = "") -> str:
    anything = ", where: {role: ANY}" if root == "cases" else ""
    page = "totalCount nodes { id } pageInfo { hasNextPage endCursor }"
    return f"{root}(first: {PAGE}{anything}{after}) {{ {page} }}"


async def listed(hub: Hub, viewer: Viewer) -> Seen:
    """What every root connection lists, page after page; nothing where the role has no list."""
    seen: Seen = {}
    for roots, document in _documents():
        body = (await hub.ask(viewer, document)).body
        refused = {error["path"][0] for error in body.get("errors", [])}
        for root in roots:
            denied = str(viewer.role) not in FIELDS[ROOTS[root]]
            assert (root in refused) == (body["data"][root] is None) == denied, (root, body.get("errors"))
            seen[ROOTS[root]] = set() if denied else await _paged(hub, viewer, root, body["data"][root])
    return seen


async def _paged(hub: Hub, viewer: Viewer, root: str, page: dict[str, Any]) -> set[UUID]:
    ids = [row["id"] for row in page["nodes"]]
    while page["pageInfo"]["hasNextPage"]:
        query = f"query($after: String) {{ {_root(root, ', after: $after')} }}"
        page = (await hub.ask(viewer, query, {"after": page["pageInfo"]["endCursor"]})).data[root]
        ids += [row["id"] for row in page["nodes"]]
    assert page["totalCount"] == len(ids) == len(set(ids)), root
    return {UUID(one[-36:]) for one in ids}


async def looked_up(hub: Hub, viewer: Viewer, truth: Oracle) -> Seen:
    """What `nodes` finds among all ids there are, of types that have no list of their own."""
    seen: Seen = {}
    for type_name in set(TABLES) - set(ROOTS.values()):
        tag = TABLES[type_name][1]
        ids = [f"{tag}_{row['id']}" for row in truth.rows_of(type_name)]
        seen[type_name] = set()
        for start in range(0, len(ids), NODES_AT_ONCE):
            some = ids[start : start + NODES_AT_ONCE]
            some += some[:1] * (NODES_AT_ONCE - len(some))  # as many each time: one statement for all
            query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
            found = (await hub.ask(viewer, query, {"ids": some})).data["nodes"]
            seen[type_name] |= {UUID(one["id"][-36:]) for one in found if one}
    return seen


# -------------------------------------------------------------------------------------------------- row-level security


async def under_the_wall(connection: asyncpg.Connection, viewer: Viewer, today: date) -> Seen:
    """What the role's login selects with the viewer's settings, from every table, without a predicate."""
    facts = {name: viewer.setting(name) for name in settings_of(viewer.role) if name != "today"}
    for name, value in {**facts, "today": today.isoformat()}.items():
        await connection.execute("select set_config($1, $2, false)", f"hub.{name}", value)
    seen: Seen = {}
    for type_name, (table, _) in TABLES.items():
        if str(viewer.role) not in FIELDS[type_name]:
            continue
        rows = await connection.fetch(f"select id{', kind' if table == 'organizations' else ''} from {table}")
        kind = type_name.upper() if type_name in ("Street", "Community", "Partner") else None
        seen[type_name] = {row["id"] for row in rows if kind is None or row["kind"] == kind}
    return seen


async def walls(
    batch: Batch, today: date, roles: Collection[Role] = READ_ROLES
) -> AsyncIterator[tuple[str, Seen]]:
    """Everybody of the roles, and what the database shows her on that day."""
    for role in roles:
        async with harness.connect_as(batch.server, f"read_{role.lower()}") as connection:
            for name, viewer in batch.truth.planted.viewers.items():
                if viewer.role is role:
                    yield name, await under_the_wall(connection, viewer, today)


async def agree(server: Server, settings: Settings, seeds: Sequence[int]) -> Batch:
    """Draw a batch and compare the three: the database's for everybody, the planner's for those who look."""
    batch = await batch_of(server, seeds)
    async for name, found in walls(batch, TODAY):
        compare(f"database shows {name}", batch.expected(name), found)
    async with running(server, settings, NOW) as hub:
        for name in batch.watching:
            viewer, expected = batch.truth.planted.viewers[name], batch.expected(name)
            compare(f"planner lists to {name}", expected, await listed(hub, viewer))
            compare(f"planner finds for {name}", expected, await looked_up(hub, viewer, batch.truth))
    return batch


async def days_go_by(batch: Batch, days: int) -> None:
    """Before the night's work a grant that has run out shuts, if anything, too much; afterwards they agree anew."""
    later, partners = TODAY + timedelta(days=days), (Role.PARTNER_MANAGER, Role.PARTNER_WORKER)
    batch.on(later)
    async for name, found in walls(batch, later, partners):
        expected = batch.expected(name)
        for type_name in BY_CASE:
            if not found[type_name] <= expected[type_name]:
                beyond = found[type_name] - expected[type_name]
                raise Difference(f"{days} days later {name}", type_name, set(), beyond)
    async with harness.connect_as(batch.server, "owner") as connection:
        await connection.execute("select set_config('hub.today', $1, false)", later.isoformat())
        await connection.execute("select refresh_person_access(id) from persons")
    async for name, found in walls(batch, later, partners):
        compare(f"{days} days later, anew, {name}", batch.expected(name), found)


@pytest.mark.parametrize("seeds", FEW, ids=str)
async def test_oracle_planner_and_row_level_security_agree_on_drawn_worlds(
    database: Server, settings: Settings, seeds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await agree(database, settings, seeds)
    told_apart(batch)
    every_clause_counts(batch, monkeypatch)
    await days_go_by(batch, 6)


@pytest.mark.full
@pytest.mark.parametrize("seeds", MANY, ids=str)
async def test_oracle_planner_and_row_level_security_agree_on_many_drawn_worlds(
    database: Server, settings: Settings, seeds: tuple[int, ...]
) -> None:
    batch = await agree(database, settings, seeds)
    for days in (1, 9):
        await days_go_by(batch, days)


RELAXED: dict[str, dict[str, Any]] = {
    "an agreement in force": {"IN_FORCE": (*rights.IN_FORCE, "CLOSED", "TERMINATED")},
    "its end, and the handover window": {"HANDOVER": timedelta(days=99)},
    "that there is a handover window": {"HANDOVER": timedelta(days=0)},
    "that an answer replaces a vital interest": {"_answered": lambda *_: False},
}
"""What the oracle says of partners → names in `rights` without it."""

BENT: dict[str, tuple[str, str, Any]] = {
    "that a consent has begun": ("consents", "from_on", date.min),
    "that it is not over": ("consents", "to_on", None),
    "that the paper came in time": ("consents", "paper_due_on", None),
    "that it was not taken back": ("consents", "status", "ACTIVE"),
    "that it is for service": ("consents", "purpose", "SERVICE"),
    "membership in the case": ("case_members", "until_on", None),
    "membership in the partner": ("memberships", "ended_at", None),
}
"""The same → a column of a table, and the value with which it would not count."""


def every_clause_counts(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one of its clauses the oracle would answer otherwise: so the worlds try them all."""

    def cases() -> list[frozenset[UUID]]:
        batch.on(TODAY)
        return [frozenset(batch.truth.visible(name, "Case")) for name in batch.truth.planted.viewers]

    as_it_is, idle = cases(), list[str]()
    for clause, names in RELAXED.items():
        with monkeypatch.context() as patch:
            for name, value in names.items():
                patch.setattr(rights, name, value)
            idle += [clause] if cases() == as_it_is else []
    rows: Any = batch.truth.rows
    for clause, (table, column, value) in BENT.items():
        with monkeypatch.context() as patch:
            patch.setitem(rows, table, [{**row, column: value} for row in rows[table]])
            idle += [clause] if cases() == as_it_is else []
    assert idle == []
    assert cases() == as_it_is


A_HANDFUL = 10
"""So few rows may all lie in the same street."""


def told_apart(batch: Batch) -> None:
    """For every role and type somebody sees some, and nobody all: otherwise agreement would say little."""
    for role in READ_ROLES:
        looking = [name for name, viewer in batch.truth.planted.viewers.items() if viewer.role is role]
        for type_name in set(TABLES) - set(PUBLIC):
            if str(role) in FIELDS[type_name]:
                counts = [len(batch.truth.visible(name, type_name)) for name in looking]
                assert max(counts) > 0, (role, type_name, batch.refused)
                total = len(batch.truth.rows_of(type_name))
                assert max(counts) < total or total < A_HANDFUL, (role, type_name)
