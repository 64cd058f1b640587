"""Rows made directly in the database, as its owner: at random, but never past a constraint or a trigger.

What the database refuses is left out and counted, so a generator need not know every rule: the world is what was let
in.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from auth.roles import Duty, Role, Viewer
from tests.policy.planted import NOW, TODAY

T = TypeVar("T")
Row = Mapping[str, Any]

REFUSED = (
    asyncpg.CheckViolationError,
    asyncpg.UniqueViolationError,
    asyncpg.ExclusionViolationError,
    asyncpg.NotNullViolationError,
)


class Maker:
    """Draws and inserts. Everything it draws comes from one seed, so that a world can be made again."""

    def __init__(self, connection: asyncpg.Connection, seed: int) -> None:
        self.connection, self.seed = connection, seed
        self.random = random.Random(seed)  # noqa: S311 - a drawing that can be repeated, not a secret
        self.refused: Counter[str] = Counter()
        self._count = 0
        self._decks: dict[int, list[Any]] = {}

    # ---- drawing ----

    def chance(self, percent: int) -> bool:
        """True as often as that."""
        return self.random.randrange(100) < percent

    def one(self, choices: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(choices)

    def turn(self, choices: Sequence[T]) -> T:
        """One of them, none twice before each had its turn: so that a small world has something of everything."""
        deck = self._decks.setdefault(id(choices), [])
        if not deck:
            deck += self.random.sample(choices, len(choices))
        return deck.pop()

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """None up to `most` of them."""
        return self.random.sample(choices, min(len(choices), self.random.randint(0, most)))

    def day(self, earliest: int, latest: int) -> date:
        """A day counted from TODAY."""
        return TODAY + timedelta(days=self.random.randint(earliest, latest))

    def when(self, earliest: int, latest: int) -> datetime:
        """A moment of such a day, never twice the same."""
        self._count += 1
        hours = self.random.randint(0, 9)
        return NOW + timedelta(
            days=self.random.randint(earliest, latest), hours=hours, milliseconds=self._count
        )

    def later(self) -> datetime:
        """A moment after every one that this gave before, all of them past."""
        self._count += 1
        return NOW - timedelta(days=90) + timedelta(minutes=self._count)

    def new(self) -> UUID:
        """An id."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def name(self, kind: str) -> str:
        """A text that occurs once."""
        self._count += 1
        return f"{kind}-{self.seed}-{self._count}"

    # ---- writing ----

    async def set_today(self, today: date) -> None:
        """On which day the database takes what follows to happen."""
        await self.connection.execute("select set_config('hub.today', $1, false)", today.isoformat())

    async def insert(self, table: str, **values: Any) -> Row:
        """A new row, as it is afterwards."""
        values = values if "id" in values else {"id": self.new(), **values}
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        query = f"insert into {table} ({', '.join(values)}) values ({places}) returning *"
        return dict(await self.connection.fetchrow(query, *values.values()))  # type: ignore[call-overload]

    async def change(self, table: str, row: Row, **values: Any) -> None:
        """Other values in some columns of a row."""
        said = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, start=2))
        await self.connection.execute(f"update {table} set {said} where id = $1", row["id"], *values.values())

    async def move(self, table: str, row: Row, *statuses: str, **values: Any) -> None:
        """Along the state table; `values` come with the last step."""
        for status in statuses:
            await self.change(table, row, status=status, **(values if status == statuses[-1] else {}))

    @contextlib.asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A transaction; when the database refuses what is in it, nothing of it has happened."""
        try:
            async with self.connection.transaction():
                yield
        except REFUSED as refused:
            told: Any = refused  # what the server names is set at run time
            self.refused[told.constraint_name or told.column_name or str(refused)] += 1


def scope(row: Row, *names: str) -> dict[str, Any]:
    """The scope columns of a row, and others by name, for what hangs on it."""
    return {name: row[name] for name in ("district_id", "street_id", *names)}


def viewer_of(membership: Row) -> Viewer:
    """Whoever acts under a membership."""
    ids = ("district_id", "street_id", "community_id", "partner_id", "organization_id", "user_id")
    return Viewer(
        role=Role(membership["role"]),
        membership_id=membership["id"],
        duty=None if membership["duty"] is None else Duty(membership["duty"]),
        name=membership["display_name"],
        **{name: membership[name] for name in ids},
    )
