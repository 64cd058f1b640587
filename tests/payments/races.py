"""Two commands at the same moment, for certain: a third session holds a row that both need until both wait for it."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from hub.verify import disagreements
from tests import harness
from tests.payments.desk import Desk

WAITING = """
select count(*) from pg_stat_activity
 where datname = current_database() and usename = $1 and wait_event_type = 'Lock'
"""
PATIENCE_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Attempt:
    """Who does what."""

    who: str
    mutation: str
    variables: dict[str, Any]


def attempt(who: str, mutation: str, **variables: Any) -> Attempt:
    """The same, shorter."""
    return Attempt(who, mutation, variables)


async def race(desk: Desk, *attempts: Attempt, on: str = "funds") -> list[list[str]]:
    """The codes of each one's refusal, none for who got through, in the order of `attempts`.

    All wait in the middle of their transactions for the rows of the table `on`, and are let go at once. Fails when one
    of them did not wait, or was answered by anything but a payload.
    """
    login = desk.server.role("writer")
    await harness.be_patient(desk.server, desk.office.hub.app.writer)
    async with (
        harness.connect_as(desk.server, "admin") as holder,
        harness.connect_as(desk.server, "admin") as watch,
    ):
        held = holder.transaction()
        await held.start()
        await holder.execute(f"select from {on} for update")
        tasks = [asyncio.create_task(_tried(desk, one)) for one in attempts]
        waiting: int = 0
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while waiting < len(tasks) and asyncio.get_running_loop().time() < deadline:
            waiting = await watch.fetchval(WAITING, login) or 0
            await asyncio.sleep(0.01)
        await held.rollback()
        answers = await asyncio.gather(*tasks)
    assert waiting == len(tasks), f"{waiting} of {len(tasks)} waited: {answers}"
    assert [str(each) for each in await disagreements(desk.server)] == []
    return answers


async def _tried(desk: Desk, one: Attempt) -> list[str]:
    answer = await desk.office.hub.ask(desk.office.world.viewers[one.who], one.mutation, one.variables)
    body = answer.body
    assert "errors" not in body, body["errors"]
    (payload,) = body["data"].values()
    for error in payload["userErrors"]:
        assert error.get("message", "x"), error
    return [error["code"] for error in payload["userErrors"]]


async def one_wins(desk: Desk, *attempts: Attempt, on: str = "funds") -> set[str]:
    """Exactly one gets through; the codes of the others."""
    answers = await race(desk, *attempts, on=on)
    assert answers.count([]) == 1, answers
    return {code for answer in answers for code in answer}
