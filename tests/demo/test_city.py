"""The city world: a street told by commands and its copies."""

from __future__ import annotations

import dataclasses
from uuid import UUID, uuid4

import pytest

from hub.base.db import Server
from hub.base.seal import Vault
from hub.demo.city.binary import HEADER, TRAILER, Stencil, add_row, field, ids_in, rows_of, slot, uuid_array
from hub.demo.city.places import with_number
from hub.demo.load import SCALES, make_world
from hub.settings import Settings
from tests import harness
from tests.world import SEED, TODAY

CATALOGUE = """
select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) as told
  from pg_constraint where connamespace = 'public'::regnamespace
union all
select pg_get_indexdef(indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
 where c.relnamespace = 'public'::regnamespace
union all
select tgrelid::regclass::text || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal
order by 1"""


def test_a_copy_is_the_row_with_its_slots_filled() -> None:
    kept, replaced = b"kept", b"replaced"
    stencil = Stencil()
    add_row(
        stencil,
        ("a", "b", "c"),
        (kept, replaced, None),
        lambda column, value, row: slot("other", value) if column == "b" else None,
    )

    copied = HEADER + stencil.filled({slot("other", replaced): field(b"in its place")}) + TRAILER

    assert list(rows_of(copied)) == [[kept, b"in its place", None]]
    assert stencil.rows == 1


def test_the_number_of_a_copy_changes_nothing_else_of_an_id() -> None:
    original = UUID("019d2c62-1a40-7000-8024-336b8e6326ba")

    copies = {UUID(bytes=with_number(original.bytes, number)) for number in range(4096)}

    assert len(copies) == 4096
    assert UUID(bytes=with_number(original.bytes, 0)) == original
    assert {(copy.version, str(copy)[:13], str(copy)[18:]) for copy in copies} == {
        (7, "019d2c62-1a40", "-8024-336b8e6326ba")
    }


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_array_of_ids_can_be_taken_apart_and_put_together(count: int) -> None:
    ids = [uuid4().bytes for _ in range(count)]

    assert ids_in(uuid_array(ids)) == ids


@pytest.mark.full
async def test_copied_streets_are_like_told_ones(database: Server, settings: Settings) -> None:
    """Two streets: constraints, indexes and triggers as before, books that agree, people of their own."""
    before = [row["told"] for row in await harness.run_sql(database, CATALOGUE)]

    await make_world(database, settings, TODAY, SEED, dataclasses.replace(SCALES["town"], streets=2))

    assert [row["told"] for row in await harness.run_sql(database, CATALOGUE)] == before
    streets = await harness.run_sql(
        database,
        "select street_id, count(*) as cases, count(distinct community_id) as communities, count(distinct person_id)"
        " as persons from cases group by street_id",
    )
    assert len(streets) == 2
    assert all(row["cases"] > 65 * row["communities"] for row in streets)
    people = await harness.run_sql(
        database,
        "select p.id, p.phone_sealed, p.phone_masked, p.pseudonym, k.wrapped_key from persons p"
        " join person_keys k on k.person_id = p.id where p.phone_sealed is not null",
    )
    vault = Vault(settings.secret)
    opened = {
        row["id"]: vault.open(row["wrapped_key"], row["id"], "phone", row["phone_sealed"]) for row in people
    }
    assert all(row["phone_masked"][-4:] == opened[row["id"]][-4:] for row in people)
    assert all(row["pseudonym"] == vault.pseudonym(row["id"]) for row in people)
    # A community's worker looks after her own community and nobody else's.
    strays = await harness.run_sql(
        database,
        "select 1 from referrals r join memberships m on m.id = r.submitted_by_id"
        " where m.community_id is distinct from r.community_id",
    )
    assert strays == []
