"""`hub admin init`: a street on real data, its administrator, and a client that is the way in."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from hub.admin import InitRefused, init
from hub.base.db import Server
from hub.settings import Settings
from tests import harness

pytestmark = pytest.mark.anyio
QILIGOU = "320311002"


async def test_init_makes_street_administrator_and_client_and_refuses_a_second_time(
    database: Server, settings: Settings
) -> None:
    made = await init(database, settings, QILIGOU, "root", "管理员")
    assert "七里沟" in made.street_name
    assert made.client_secret not in repr(made)
    (member,) = await harness.run_sql(
        database, "select organization_id, role, ended_at from memberships where id = $1", made.membership_id
    )
    assert tuple(member) == (made.street_id, "ADMIN", None)
    (client,) = await harness.run_sql(database, "select * from clients")
    assert (client["id"], client["membership_id"]) == (made.client_id, made.membership_id)
    assert "membership_grant" in client["scopes"]
    assert PasswordHasher().verify(client["secret_hash"], made.client_secret)
    with pytest.raises(InitRefused, match="sign-in name"):
        await init(database, settings, QILIGOU, "root", "管理员")
    assert await count(database, "clients") == 1
    assert await count(database, "service_types") > 10


async def test_an_unknown_street_changes_nothing(database: Server, settings: Settings) -> None:
    with pytest.raises(InitRefused, match="999999999"):
        await init(database, settings, "999999999", "root", "管理员")
    assert await count(database, "organizations") == 0


async def count(server: Server, table: str) -> int:
    rows = await harness.run_sql(server, f"select count(*) from {table}")
    return rows[0][0]
