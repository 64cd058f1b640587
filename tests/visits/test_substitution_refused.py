"""Who may not stand in, for whom and when; and that nothing passes the commands by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.base.errors import Invalid
from hub.base.limits import MAX_PROMISE_DAYS, MAX_SUBSTITUTION_DAYS
from hub.visits.rules import require_substitution
from tests import harness
from tests.schema.asking import gid
from tests.visits.rota import ARRANGE, CANCEL, SUBSTITUTE, WORKER, Rota, colleague


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


@pytest.mark.anyio
async def test_no_chains(rota: Rota) -> None:
    third = gid("membership", await colleague(rota, "third"))
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
