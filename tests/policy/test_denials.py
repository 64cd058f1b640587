"""Every mutation, for everybody whose role (and duty) has no row for its command: FORBIDDEN, and nothing has changed.

Made from schema and policy, so a mutation that is added later is tried as well. The arguments are such that somebody
who may would get further.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auth.grants import all_rights
from auth.roles import Role
from hub.base.db import Server
from hub.settings import Settings
from schema.mutation import MUTATIONS
from tests.policy.asking import Asker, asking
from tests.policy.expected import Oracle
from tests.policy.filling import Filler, document
from tests.policy.planted import Planted
from tests.policy.unchanged import fingerprint

pytestmark = pytest.mark.anyio

VIEWERS = ("wang", "mei", "zhao", "qian", "sun", "bo", "an", "shen", "root_a")
"""One of every role, and both duties."""

ALLOWED = {
    "wang": "wang",
    "mei": "mei",
    "zhao": "zhao",
    "qian": "qian",
    "bo": "bo",
    "an": "an",
    "root_a": "root_a",
}
"""Whose ids are given: of somebody who may, in this order."""


@pytest.fixture(scope="module")
async def hub(planted_module: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        yield asker


def may(truth: Oracle, name: str, mutation: str) -> bool:
    """Whether the policy page has a row for the command, the viewer's role and her duty."""
    done, viewer = MUTATIONS[mutation], truth.planted.viewers[name]
    command = MUTATIONS[done.each or mutation].command.__name__
    return any(
        right.command == command and right.role is viewer.role and right.duty in (None, viewer.duty)
        for right in all_rights()
    )


@pytest.mark.parametrize("name", VIEWERS)
async def test_without_a_row_a_mutation_is_forbidden_and_changes_nothing(
    hub: Asker, truth: Oracle, planted_module: Server, name: str
) -> None:
    before = await fingerprint(planted_module)
    denied = [mutation for mutation in MUTATIONS if not may(truth, name, mutation)]
    for mutation in denied:
        somebody = next((one for one in ALLOWED if may(truth, one, mutation)), "mei")
        arguments = Filler(truth, somebody).arguments(mutation)
        reply = (await hub.post(name, *document(mutation, arguments))).json()
        assert reply["data"] == {mutation: None}, (mutation, reply)
        assert [(one["path"], one["extensions"]["code"]) for one in reply["errors"]] == [
            ([mutation], "FORBIDDEN")
        ]
    assert len(denied) > len(MUTATIONS) // 3
    assert await fingerprint(planted_module) == before


async def test_somebody_may_run_every_mutation(truth: Oracle) -> None:
    """Otherwise a denial would say nothing. What only SYSTEM or a link runs is no mutation."""
    assert [mutation for mutation in MUTATIONS if not any(may(truth, one, mutation) for one in VIEWERS)] == []
    runs = {right.command for right in all_rights() if right.role is not Role.SYSTEM and not right.by_link}
    assert {done.command.__name__ for done in MUTATIONS.values() if not done.each} == runs
