"""The partner does not learn which deliveries the station will ask about: by no path, filter, count or event.

Shown by difference: what a viewer can read is the same bytes whether the call-backs are there or not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from hub.worker import ready
from schema.build import registry
from tests import harness
from tests.policy.asking import Asker, asking
from tests.policy.expected import TABLES, Oracle, oracle
from tests.policy.fields import FIELDS
from tests.policy.planted import Planted
from tests.policy.test_agreement import ROOTS, granted, selected

pytestmark = pytest.mark.anyio

ACTIONS = "availableActions { action allowed blockedBy }"
PROGRESS = "progress { metric value met missing { reason reference lacking } }"
SENSED = ("allback", "回访", "call back", "called")
"""Words that would tell of a call-back."""


@pytest.fixture
async def hub(planted_database: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_database, settings, planted) as asker:
        yield asker


async def everything(hub: Asker, truth: Oracle, name: str) -> list[str]:
    """All that somebody can list: every field of every row, what can be done with it, how far it is, what waits."""
    found = [(await hub.post(name, "{ viewer { queue { kind count dueAt } } }")).text]
    for root, type_name in ROOTS.items():
        if str(truth.planted.viewers[name].role) not in FIELDS[type_name]:
            continue
        fields = registry().types[type_name].fields
        wanted = [selected(truth, type_name, granted(truth, name, type_name))]
        wanted += [ACTIONS] if "availableActions" in fields else []
        wanted += [PROGRESS] if type_name == "Milestone" else []
        anything = ", where: {role: ANY}" if root == "cases" else ""
        query = f"{{ {root}(first: 60{anything}) {{ totalCount nodes {{ {' '.join(wanted)} }} }} }}"
        found.append((await hub.post(name, query)).text)
    return found


async def test_nothing_a_partner_or_community_reads_depends_on_the_call_backs(
    hub: Asker, truth: Oracle, planted_database: Server
) -> None:
    names = ("bo", "an", "kai", "wang")
    before = {name: await everything(hub, truth, name) for name in (*names, "mei")}
    async with harness.connect_as(planted_database, "admin") as connection:
        await connection.execute("set session_replication_role = replica")
        await connection.execute("alter table callbacks disable trigger user")
        assert await connection.execute("delete from callbacks") != "DELETE 0"
    for name in names:
        assert await everything(hub, truth, name) == before[name], name
    assert await everything(hub, truth, "mei") != before["mei"]  # control: the station sees them


RECORD = """mutation($i: DeliveryRecordInput!) {
    deliveryRecord(input: $i) { delivery { id status flags version } userErrors { code message path } } }"""
OUTCOME = """mutation($id: ID!, $o: CallbackOutcome!) {
    callbackRecord(id: $id, outcome: $o, note: "said") { callback { status } userErrors { code message } } }"""


async def _record(hub: Asker, planted: Planted, minute: int) -> dict[str, Any]:
    moment = f"2026-05-06T08:{minute:02}:00+08:00"
    given = {"case": f"case_{planted.cases['helped']}", "happenedAt": moment}
    payload = (await hub.ask("an", RECORD, i=given))["data"]["deliveryRecord"]
    assert payload["userErrors"] == []
    return payload["delivery"]


@pytest.mark.parametrize("outcome", ["CONFIRMED", "NOT_REACHED"])
async def test_neither_drawing_nor_calling_leaves_a_trace_that_the_partner_reads(
    hub: Asker, planted: Planted, planted_database: Server, settings: Settings, outcome: str
) -> None:
    odd = [await _record(hub, planted, minute) for minute in (1, 2)][-1]
    assert odd["status"] == "FLAGGED"
    drawn = "select id from callbacks where delivery_id = $1"
    ((callback,),) = await harness.run_sql(planted_database, drawn, odd["id"].partition("_")[2])
    reply = await hub.ask("mei", OUTCOME, id=f"callback_{callback}", o=outcome)
    assert reply["data"]["callbackRecord"]["userErrors"] == []
    async with ready(settings, planted_database, hub.clock) as worker:
        await worker.tick()
    truth = await oracle(planted_database, planted, registry().schema)
    for name in ("an", "bo"):
        told = "".join(await everything(hub, truth, name)).lower()
        assert [word for word in SENSED if word in told] == [], name
        node = f'{{ node(id: "{odd["id"]}") {{ ... on Delivery {{ version status }} }} }}'
        now = (await hub.ask(name, node))["data"]["node"]
        assert now == {"version": odd["version"], "status": "FLAGGED"}, name
        assert (await hub.ask(name, f'{{ node(id: "callback_{callback}") {{ id }} }}'))["data"] == {
            "node": None
        }
    assert TABLES["Callback"][1] == "callback"
