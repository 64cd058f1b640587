"""Periods of eligibility: what dates they may have, and which of several is named when it is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

REGISTER = """mutation($i: PersonRegisterInput!) {
  personRegister(input: $i) { person { id } userErrors { code path } } }"""
RECORD = """mutation($i: EligibilityRecordInput!) {
  eligibilityRecord(input: $i) { eligibility { id } userErrors { code path } } }"""
GOOD = {"category": "TEKUN", "fromOn": "1950-01-01"}


@pytest.fixture
async def hub(world_database: Server, world: World, settings: Settings) -> AsyncIterator[Hub]:
    async with running(world_database, settings, world.now) as hub:
        yield hub


async def wrong(hub: Hub, world: World, mutation: str, said: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Why wang's command is refused."""
    body = (await hub.ask(world.viewers["wang"], mutation, {"i": said})).body
    (payload,) = body["data"].values()
    return [(one["code"], one["path"]) for one in payload["userErrors"]]


@pytest.mark.parametrize(
    ("spell", "code", "field"),
    [
        ({"category": "DIBAO", "fromOn": "1949-12-31"}, "OUT_OF_RANGE", "fromOn"),
        ({"category": "DIBAO", "fromOn": "2026-02-01", "toOn": "2026-01-01"}, "INVALID", "toOn"),
        ({"category": "TEKUN", "fromOn": "2026-02-01"}, "DUPLICATE", "fromOn"),
    ],
)
async def test_a_wrong_period_is_named_and_nobody_is_registered(
    hub: Hub, world: World, world_database: Server, spell: dict[str, str], code: str, field: str
) -> None:
    """Somebody born on the first day of 1950 was eligible since 1800, and the error pointed at the whole input."""
    people = "select count(*) as n from persons"
    before = (await harness.run_sql(world_database, people))[0]["n"]
    said = {
        "community": gid("community", world.organizations["七里沟"]),
        "name": "郑玉珍",
        "estate": "槐香苑",
        "birthDate": "1950-01-01",
        "sex": "FEMALE",
        "eligibility": [GOOD, spell],
    }
    refused = await wrong(hub, world, REGISTER, said)
    assert refused == [(code, ["input", "eligibility", "1", field])]
    assert (await harness.run_sql(world_database, people))[0]["n"] == before


async def test_so_it_is_when_a_period_is_added(hub: Hub, world: World) -> None:
    person = gid("person", world.persons["today"])
    said = {"person": person, "eligibility": {"category": "OTHER", "fromOn": "1800-01-01"}}
    refused = await wrong(hub, world, RECORD, said)
    assert refused == [("OUT_OF_RANGE", ["input", "eligibility", "fromOn"])]
