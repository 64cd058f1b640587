"""Commands by the oracle: the policy has a row where the specification lets somebody act, and nowhere else.

And what the API says can be done with an object is what may be done with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auth.grants import all_rights
from auth.roles import Role
from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from schema.mutation import MUTATIONS
from schema.planner.describe import Actions
from tests.policy.asking import Asker, asking
from tests.policy.deeds import DEEDS, ROWS, rows_for
from tests.policy.expected import TABLES, Oracle, snake
from tests.policy.fields import FIELDS, shown
from tests.policy.planted import Planted

pytestmark = pytest.mark.anyio

VIEWERS = ("wang", "mei", "tao", "zhao", "qian", "sun", "bo", "kai", "an", "lin", "shen", "root_a")
"""Every role and both duties; where rows lie side by side, both."""

ASKED_AT_ONCE = 60


@pytest.fixture(scope="module")
async def hub(planted_module: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        yield asker


def test_the_oracle_knows_every_command() -> None:
    commands = {done.command.__name__ for done in MUTATIONS.values() if not done.each}
    assert commands == set(DEEDS), "tests/policy/deeds.py has a line for each command, from DOMAIN §3"


@pytest.mark.parametrize("name", VIEWERS)
def test_the_policy_lets_act_whom_the_specification_does(planted: Planted, name: str) -> None:
    viewer = planted.viewers[name]
    rights = [right for right in all_rights() if right.role is not Role.SYSTEM and not right.by_link]
    may = {one.command for one in rights if one.role is viewer.role and one.duty in (None, viewer.duty)}
    lets = {command for command in DEEDS if rows_for(command, viewer)}
    only = sorted(may - lets), sorted(lets - may)
    assert only == ([], []), f"what only auth/policy.py, only tests/policy/deeds.py lets {viewer.role} do"


def with_actions() -> list[str]:
    """Types that say what can be done."""
    known = registry().types
    return [name for name in TABLES if any(isinstance(one, Actions) for one in known[name].fields.values())]


@pytest.mark.parametrize("name", VIEWERS)
async def test_what_can_be_done_is_what_may_be_done(hub: Asker, truth: Oracle, name: str) -> None:
    """Of every row that is seen, each action of its state: not the role's, not hers, or hers."""
    viewer, compared = truth.planted.viewers[name], 0
    for type_name in with_actions():
        if str(viewer.role) not in FIELDS[type_name] or not shown(
            type_name, str(viewer.role), "availableActions"
        ):
            continue
        rows = {f"{TABLES[type_name][1]}_{one}": row for one, row in truth.visible(name, type_name).items()}
        ids = list(rows)
        for start in range(0, len(ids), ASKED_AT_ONCE):
            wanted = f"... on {type_name} {{ id availableActions {{ action blockedBy }} }}"
            query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {wanted} }} }}"
            reply = await hub.ask(name, query, ids=ids[start : start + ASKED_AT_ONCE])
            for node in reply["data"]["nodes"]:
                for action in node["availableActions"]:
                    word = rows_for(snake(action["action"]), viewer)
                    hers = word is not None and ROWS[word](viewer, rows[node["id"]], truth.access)
                    expected = "ROLE" if word is None else None if hers else "NOT_YOURS"
                    blocked = action["blockedBy"]
                    told = blocked if blocked in ("ROLE", "NOT_YOURS") else None
                    assert told == expected, (type_name, action, word, dict(rows[node["id"]]))
                    compared += 1
    assert compared > 10 or name in ("zhao", "qian", "sun", "root_a")
