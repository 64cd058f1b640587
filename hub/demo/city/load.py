"""Making the city world: tell the template street, then copy it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hub.base.db import Server
from hub.base.seal import Vault
from hub.data_folder import OperatorError
from hub.demo.city import fresh, loading, stencils, taken_down
from hub.demo.city import template as templates
from hub.demo.city.copies import Common
from hub.demo.city.crowd import Crowd
from hub.demo.city.places import District, city
from hub.demo.stage import Stage
from hub.settings import Settings
from hub.verify import disagreements
from hub.world import as_owner


async def multiply(server: Server, settings: Settings, stage: Stage, crowd: Crowd, *, streets: int) -> None:
    """Copy the street on `stage` to other streets of the city, until there are `streets`, or no more.

    Raises OperatorError when `hub verify` then finds a figure that does not follow.
    """
    workers = templates.workers_of(stage)
    async with as_owner(server) as connection:
        await connection.execute(taken_down.QUICKLY)
        districts = await city(connection, workers, streets)
        template = await templates.read(connection, stage, crowd)
        cut, cut_workers = await stencils.cut(connection, template)
        common = await _common(connection, Vault(settings.secret), stage, workers[0])
        with _progress(_rows(districts, cut)) as (bar, told):
            async with connection.transaction():
                down = await taken_down.take_down(connection, templates.tables())
                await loading.write(connection, common, districts, cut, cut_workers, told)
            await connection.execute("select setval('reference_numbers', $1)", common.last_number)
            bar.update(bar.task_ids[0], description="indexes, foreign keys")
            await taken_down.put_up(server, down)
    await _verified(server)


async def _common(
    connection: asyncpg.Connection, vault: Vault, stage: Stage, worker: templates.Worker
) -> Common:
    keys = await connection.fetch("select organization_id, wrapped_key from organization_keys")
    people = await connection.fetch("select * from persons order by id")
    return Common(
        vault,
        stage.today,
        _originals(people),
        (worker.user_id.bytes, worker.membership_id.bytes),
        int(await connection.fetchval("select last_value from reference_numbers") or 0),
        {row["organization_id"].bytes: row["wrapped_key"] for row in keys},
    )


def _originals(people: Sequence[Mapping[str, Any]]) -> dict[bytes, fresh.Original]:
    """Those born on one day get different serials, odd ones for men (GB 11643)."""
    serials: dict[tuple[date, str], itertools.count[int]] = {}
    found: dict[bytes, fresh.Original] = {}
    for row in people:
        born = serials.setdefault((row["birth_on"], row["sex"]), itertools.count(row["sex"] == "MALE", 2))
        found[row["id"].bytes] = fresh.Original(
            row["birth_on"],
            row["sex"],
            row["estate"] or "",
            row["lives_alone"],
            row["id_number_masked"] is not None,
            980 + next(born),
        )
    return found


def _rows(districts: Sequence[District], cut: stencils.Stencils) -> int:
    """About how many rows will be written."""
    streets = [street for district in districts for street in district.streets]
    copies = {
        templates.Level.DISTRICT: len(districts),
        templates.Level.STREET: len(streets),
        templates.Level.COMMUNITY: sum(len(street.communities) for street in streets),
    }
    return sum(copies[level] * sum(one.rows for one in cut[level].values()) for level in copies)


@contextlib.contextmanager
def _progress(rows: int) -> Iterator[tuple[Progress, loading.Progress]]:
    """A bar, and what moves it on."""
    console = Console()
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("copying", total=rows)

        def told(table: str, written: int) -> None:
            bar.update(task, description=table, advance=written)

        yield bar, told


async def _verified(server: Server) -> None:
    wrong = await disagreements(server)
    if wrong:
        first = "; ".join(str(one) for one in wrong[:5])
        raise OperatorError(f"The city's books do not agree in {len(wrong)} rows: {first}")
