"""Somebody stands in for An, who is ill: what goes over, what the substitute sees and until when, what comes back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests import harness
from tests.schema.asking import gid
from tests.visits.rota import ASSIGN, CANCEL, DELIVER, RECORD, WORKER, Rota, colleague


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
    third = gid("membership", await colleague(rota, "third"))
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
    third = gid("membership", await colleague(rota, "third"))
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
