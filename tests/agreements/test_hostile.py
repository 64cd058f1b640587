"""What the database refuses to its own writer when no command stands before it: money, ceilings, hands, history.

The statements go out as `hub_writer` under row-level security, on a copy of the world with an agreement that commands
have made. Where a sum decides, the other rows lie outside the writer's street: they are planted past every trigger.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.db import Server
from tests import harness
from tests.agreements.office import Office

pytestmark = pytest.mark.anyio

MILESTONE = """
insert into milestones (id, agreement_id, version_id, district_id, street_id, partner_id, sequence, code, title, kind,
                        due_on, amount_fen, share_bp)
select gen_random_uuid(), g.id, g.current_version_id, g.district_id, {street}, g.partner_id,
       $2::int, $2::int::text, 'x', 'DELIVERY',
       '2026-12-01', $3, $4
  from agreements g where g.id = $1
"""
OUTSIDE = "(select id from organizations where kind = 'STREET' and id <> g.street_id limit 1)"


@contextlib.asynccontextmanager
async def writing(server: Server, office: Office, name: str = "mei") -> AsyncIterator[asyncpg.Connection]:
    """The writer's login with the settings of somebody's transaction, in a transaction of its own."""
    viewer = office.world.viewers[name]
    async with harness.connect_as(server, "writer") as connection, connection.transaction():
        facts = ("district", "street", "community", "partner", "user", "membership")
        for fact in facts:
            await connection.execute("select set_config($1, $2, true)", f"hub.{fact}", viewer.setting(fact))
        await connection.execute("select set_config('hub.today', '2026-05-06', true)")
        yield connection


async def written(server: Server, office: Office, *statements: tuple[Any, ...]) -> None:
    """As the writer, in one transaction."""
    async with writing(server, office) as connection:
        for statement, *values in statements:
            await connection.execute(statement, *values)


async def refused(server: Server, office: Office, constraint: str, *statements: tuple[Any, ...]) -> None:
    """At the latest at commit, under that name."""
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await written(server, office, *statements)
    assert vars(caught.value)["constraint_name"] == constraint


async def plant(server: Server, statement: str, *values: Any) -> None:
    """Past every trigger, as the administrator."""
    async with harness.connect_as(server, "admin") as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(statement, *values)


def bare(global_id: str) -> UUID:
    return UUID(global_id.rpartition("_")[2])


def transfer(
    fund: UUID, sides: dict[str, int], street: UUID | None = None, **facts: Any
) -> list[tuple[Any, ...]]:
    """The statements of one transfer with its entries, written by hand; in the fund's street unless told otherwise."""
    row = uuid4()
    columns = {"stage": "PENDING", "reason": "ENCUMBRANCE", "entry_count": len(sides), **facts}
    columns.setdefault("amount_fen", sum(one for one in sides.values() if one > 0))
    names = ", ".join(columns)
    places = ", ".join(f"${number}" for number in range(3, len(columns) + 3))
    of = "{}.street_id" if street is None else f"'{street}'::uuid"
    head = (
        f"insert into transfers (id, fund_id, district_id, street_id, made_at, {names})"
        f" select $1, f.id, f.district_id, {of.format('f')}, '2026-05-06', {places} from funds f where f.id = $2"
    )
    entry = (
        "insert into entries (id, transfer_id, account_id, fund_id, district_id, street_id, amount_fen)"
        f" select gen_random_uuid(), $1, a.id, a.fund_id, a.district_id, {of.format('a')}, $4 from accounts a"
        " where a.fund_id = $2 and a.kind = $3"
    )
    return [
        (head, row, fund, *columns.values()),
        *((entry, row, fund, kind, fen) for kind, fen in sides.items()),
    ]


async def test_i2_no_more_is_encumbered_than_came_in(office: Office, world_database: Server) -> None:
    agreement, fund = bare(await office.draft()), bare(office.fund)
    most = 200_000_000
    too_much = transfer(fund, {"AVAILABLE": -most - 1, "ENCUMBERED": most + 1}, agreement_id=agreement)
    await refused(world_database, office, "ck_funds_available", *too_much)


async def test_i2_two_that_would_overdraw_a_fund_together(office: Office, world_database: Server) -> None:
    first = await office.bring_to("agreementCertify")
    second = await office.bring_to("agreementCertify")
    answers = await asyncio.gather(
        office.take("agreementApprove", first), office.take("agreementApprove", second)
    )
    assert sorted(len(one["userErrors"]) for one in answers) == [0, 1]
    assert await office.balance() == {
        "available": "950000.00",
        "encumbered": "1050000.00",
        "payable": "0.00",
        "paid": "0.00",
    }


async def test_the_figures_of_a_fund_are_its_entries(office: Office, world_database: Server) -> None:
    await office.bring_to("agreementApprove")
    query = """
        select f.available_fen, f.encumbered_fen, f.payable_fen, f.paid_fen,
               array(select coalesce(sum(e.amount_fen), 0)::bigint
                       from unnest(array['AVAILABLE', 'ENCUMBERED', 'PAYABLE', 'PAID']) with ordinality k (kind, n)
                       join accounts a on a.fund_id = f.id and a.kind = k.kind
                     left join entries e on e.account_id = a.id group by k.n order by k.n) as entries
          from funds f"""
    for row in await harness.run_sql(world_database, query):
        assert list(row)[:4] == list(row["entries"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await written(world_database, office, ("update funds set available_fen = 0",))


@pytest.mark.parametrize(
    "sides",
    [
        {"AVAILABLE": -5, "ENCUMBERED": 4},
        {"AVAILABLE": -5},
        {"SOURCE": -5, "ENCUMBERED": 5},
        {"AVAILABLE": -5, "PAYABLE": 5},
    ],
)
async def test_entries_balance_the_way_their_stage_moves(
    office: Office, world_database: Server, sides: dict[str, int]
) -> None:
    agreement = bare(await office.draft())
    moved = transfer(bare(office.fund), sides, agreement_id=agreement, amount_fen=5)
    await refused(world_database, office, "entries_balance", *moved)


async def test_nothing_is_added_to_a_transfer_later_nor_resolved_twice(
    office: Office, world_database: Server
) -> None:
    agreement, fund = bare(await office.bring_to("agreementApprove")), bare(office.fund)
    query = "select id, milestone_id, amount_fen from transfers where agreement_id = $1 order by id"
    pending = (await harness.run_sql(world_database, query, agreement))[0]
    _, *entries = transfer(fund, {"AVAILABLE": -1, "ENCUMBERED": 1})
    later = [(statement, pending["id"], *rest[1:]) for statement, *rest in entries]
    await refused(world_database, office, "entries_balance", *later)
    facts = {"stage": "VOIDED", "reason": "RELEASE", "agreement_id": agreement}
    facts |= {"milestone_id": pending["milestone_id"], "pending_id": pending["id"]}
    whole = pending["amount_fen"]
    part = transfer(fund, {"ENCUMBERED": -whole + 1, "AVAILABLE": whole - 1}, **facts)
    await refused(world_database, office, "entries_balance", *part)
    void = transfer(fund, {"ENCUMBERED": -whole, "AVAILABLE": whole}, **facts)
    again = transfer(fund, {"ENCUMBERED": -whole, "AVAILABLE": whole}, **facts)
    with pytest.raises(asyncpg.UniqueViolationError):
        await written(world_database, office, *void, *again)


@pytest.mark.parametrize("table", ["transfers", "entries", "accounts", "donations"])
@pytest.mark.parametrize("name", ["admin", "owner"])
async def test_i8_the_ledger_is_history(
    office: Office, world_database: Server, table: str, name: str
) -> None:
    for statement in (f"delete from {table}", f"truncate {table} cascade", f"update {table} set id = id"):
        with pytest.raises(asyncpg.CheckViolationError) as caught:
            await harness.run_sql(world_database, statement, name=name)
        assert vars(caught.value)["constraint_name"] == "immutable"


async def test_i1_milestones_stay_within_the_ceiling(office: Office, world_database: Server) -> None:
    stage = {"code": "M1", "title": "x", "kind": "FINAL", "dueOn": "2026-06-01", "amount": "1049999.00"}
    agreement = bare(await office.draft(milestones=[stage]))
    mine = MILESTONE.format(street="g.street_id")
    await refused(world_database, office, "milestones_within_ceiling", (mine, agreement, 2, 101, None))
    await plant(world_database, MILESTONE.format(street=OUTSIDE), agreement, 3, 50, None)
    await refused(world_database, office, "milestones_within_ceiling", (mine, agreement, 2, 51, None))
    await written(world_database, office, (mine, agreement, 2, 50, None))
    lowered = "update agreement_versions set ceiling_fen = ceiling_fen - 1 where agreement_id = $1"
    await refused(world_database, office, "milestones_within_ceiling", (lowered, agreement))


async def test_t6_concurrent_percentages_sum_to_a_hundred_at_most(
    office: Office, world_database: Server
) -> None:
    stage = {"code": "M1", "title": "x", "kind": "FINAL", "dueOn": "2026-06-01", "sharePercent": "40"}
    agreement = bare(await office.draft(milestones=[stage]))
    mine = MILESTONE.format(street="g.street_id")

    async def add(sequence: int) -> None:
        async with writing(world_database, office) as connection:
            await connection.execute(mine, agreement, sequence, 0, 4000)
            await asyncio.sleep(0.2)

    done = await asyncio.gather(add(2), add(3), return_exceptions=True)
    failed = [one for one in done if one is not None]
    assert [vars(one)["constraint_name"] for one in failed] == ["shares_within_whole"]
    total = "select sum(share_bp) as total from milestones where agreement_id = $1"
    assert (await harness.run_sql(world_database, total, agreement))[0]["total"] == 8000


async def test_i4_and_i5_hands_are_read_from_the_membership(office: Office, world_database: Server) -> None:
    agreement, ids = bare(await office.bring_to("agreementCertify")), office.world.memberships
    approve = (
        "update agreement_versions set approved_by_id = $2, approved_at = '2026-05-06', decision_reference = 'x'"
        " where agreement_id = $1"
    )
    await refused(world_database, office, "wrong_hands", (approve, agreement, ids["mei"]))
    both = "update memberships set user_id = (select user_id from memberships where id = $1) where id = $2"
    await plant(world_database, both, ids["mei"], ids["zhao"])
    await refused(world_database, office, "four_eyes", (approve, agreement, ids["zhao"]))
    declared = (
        "insert into conflict_declarations (id, user_id, partner_id, membership_id, reason, declared_at)"
        " select gen_random_uuid(), m.user_id, $2, m.id, 'x', '2026-05-06' from memberships m where m.id = $1"
    )
    await plant(world_database, declared, ids["guo"], office.world.organizations["nuanchao"])
    await refused(world_database, office, "conflict_of_interest", (approve, agreement, ids["guo"]))


async def test_a_state_is_backed_by_its_steps_and_its_money(office: Office, world_database: Server) -> None:
    agreement = bare(await office.bring_to("agreementCertify"))
    moved = "update agreements set status = $2 where id = $1"
    await refused(world_database, office, "agreement_standing", (moved, agreement, "APPROVED"))
    held = bare(await office.bring_to("agreementApprove"))
    await refused(world_database, office, "agreement_standing", (moved, held, "CANCELLED"))
    await refused(world_database, office, "agreement_standing", (moved, held, "PARTNER_ACCEPTED"))


async def test_i8_an_approved_version_and_what_it_says_do_not_change(
    office: Office, world_database: Server
) -> None:
    agreement = bare(await office.bring_to("agreementApprove"))
    for statement in (
        "update agreement_versions set ends_on = '2030-01-01' where agreement_id = $1",
        "delete from criteria where agreement_id = $1",
        "delete from milestones where agreement_id = $1",
        "insert into criteria (id, agreement_id, version_id, district_id, street_id, partner_id, community_ids,"
        " line_id, metric, target) select gen_random_uuid(), l.agreement_id, l.version_id, l.district_id, l.street_id,"
        " l.partner_id, l.community_ids, l.id, 'QUANTITY', 1 from agreement_lines l where l.agreement_id = $1",
    ):
        await refused(world_database, office, "immutable", (statement, agreement))


async def test_i2_a_line_lies_within_the_funds_purposes_and_communities(
    office: Office, world_database: Server
) -> None:
    agreement = bare(await office.draft())
    line = (
        "insert into agreement_lines (id, agreement_id, version_id, district_id, street_id, partner_id, number, title,"
        " service_type_id, kind, unit, amount_cap_fen, community_ids) select gen_random_uuid(), g.id,"
        " g.current_version_id, g.district_id, g.street_id, g.partner_id, 99, 'x', s.id, 'BLOCK', 'PERSON', 1, $3"
        " from agreements g, service_types s where g.id = $1 and s.code = $2"
    )
    inside = [office.world.organizations["七里沟"]]
    outside = [office.world.organizations["新语"]]
    await refused(world_database, office, "outside_fund", (line, agreement, "SAFETY_CHECK", inside))
    await refused(world_database, office, "outside_fund", (line, agreement, "SKILLS", outside))
