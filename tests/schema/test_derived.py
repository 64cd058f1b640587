"""Fields that a function of the database computes from the row: their SQL, their rights, and what does not build."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from auth import grants
from auth.roles import READ_ROLES, Role
from hub.base.db import Server
from schema.planner.describe import (
    Actions,
    Amount,
    Column,
    Derived,
    Edge,
    Expression,
    Field,
    GlobalId,
    Kind,
    Literal,
    Many,
    Struct,
    TypeInfo,
)
from schema.planner.faults import part_faults
from tests import harness
from tests.golden.lines import in_lines
from tests.schema.asking import AWKWARD, Hub, gid
from tests.schema.drawing import Drawing
from tests.schema.gaps import (
    GAPS,
    Added,
    ToBare,
    ToNothing,
    grants_of_the_wall,
    hidden_from,
    make,
    use,
    with_fields,
)
from tests.schema.interpreter import Interpreter, plain_schema
from tests.world import World

pytestmark = pytest.mark.anyio

SCHEMA = plain_schema(GAPS)
WHO = ("wang", "li", "mei", "zhao", "bo", "an", "kai", "lin", "shen")
"""Every role that reads cases."""

SEES = {role for role in READ_ROLES if grants.grant_for("Case", role)} - {Role.AUDITOR}
"""The roles that read `Case.gaps`: the auditor's row of the policy hides it, the others have no row of Case."""


@pytest.fixture(scope="module")
async def hub(reading: Hub, module_world: Server) -> AsyncIterator[Hub]:
    """A hub with `Case.gaps`."""
    with hidden_from(Role.AUDITOR):
        await make(module_world)
        use(reading)
        yield reading


async def of_case(hub: Hub, world: World, who: str, fields: str, case: str = "today") -> Any:
    """A case as somebody sees it."""
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on Case {{ {fields} }} }} }}"
    return (await hub.ask(world.viewers[who], query, {"id": gid("case", world.cases[case])})).data["node"]


# ---------------------------------------------------------------------------------------------------------- what comes


async def test_the_rows_keep_the_functions_order_and_show_what_the_viewer_could_not_read(
    hub: Hub, world: World, module_world: Server
) -> None:
    """`an` reads three cases of her own; the function counts those of everybody. Edges end at her scope."""
    cases = await harness.run_sql(
        module_world, "select id, person_id, status, open_visit_count from cases order by reference desc"
    )
    seen = (await hub.ask(world.viewers["an"], "{ cases(first: 100) { nodes { id } } }")).data["cases"]
    own = {each["id"] for each in seen["nodes"]}
    found = await of_case(hub, world, "an", "gaps { place status case { id } person { id } itself }")
    assert [each["place"] for each in found["gaps"]] == list(range(1, len(cases) + 1))
    assert [each["status"] for each in found["gaps"]] == [row["status"] for row in cases]
    ids = [gid("case", row["id"]) for row in cases]
    shown = [each["case"] and each["case"]["id"] for each in found["gaps"]]
    assert shown == [one if one in own else None for one in ids]
    assert 0 < len(own) < len(ids)
    people = {gid("person", row["person_id"]) for row in cases if gid("case", row["id"]) in own}
    assert {each["person"]["id"] for each in found["gaps"] if each["person"]} == people
    today = gid("case", world.cases["today"])
    assert [each["itself"] for each in found["gaps"]] == [one == today for one in ids]


async def test_every_kind_of_field_is_written(hub: Hub, world: World) -> None:
    fields = """gaps {
      __typename place price { amount currency } since openedAt reasons note detail { note since mine }
    }"""
    gaps = (await of_case(hub, world, "an", fields))["gaps"]
    (mine,) = [each for each in gaps if each["note"] == AWKWARD]
    assert mine == {
        "__typename": "Gap",
        "place": mine["place"],
        "price": None,
        "since": "2026-05-06",
        "openedAt": mine["openedAt"],
        "reasons": ["SERVICE", None],
        "note": AWKWARD,
        "detail": {"note": AWKWARD, "since": "2026-05-06", "mine": True},
    }
    assert re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00", mine["openedAt"])
    amounts = {each["price"]["amount"] for each in gaps if each["price"]}
    assert amounts == {"0.00", "12.34"}
    assert {each["detail"] is None for each in gaps} == {True, False}


async def test_without_rows_a_list_is_empty_and_a_single_one_null(hub: Hub, world: World) -> None:
    fields = "gaps { place } firstGap { place }"
    assert await of_case(hub, world, "mei", fields, "kept") == {"gaps": [], "firstGap": None}
    assert (await of_case(hub, world, "mei", fields))["firstGap"] == {"place": 1}


async def test_a_function_of_a_functions_row(hub: Hub, world: World, module_world: Server) -> None:
    """Its arguments are the columns of the function above, and an edge inside is governed as anywhere."""
    visits = await harness.run_sql(
        module_world,
        "select c.reference, v.id from cases c left join visits v on v.case_id = c.id"
        " order by c.reference desc, v.kind desc, v.id desc",
    )
    seen = (await hub.ask(world.viewers["an"], "{ visits(first: 100) { nodes { id } } }")).data["visits"]
    own = {each["id"] for each in seen["nodes"]}
    expected: dict[str, list[Any]] = {}
    for row in visits:
        units = expected.setdefault(row["reference"], [])
        if row["id"] and len(units) < 5:
            units.append({"id": gid("visit", row["id"])} if gid("visit", row["id"]) in own else None)
    fields = "gaps { place units { place visit { id } } firstUnit { place visit { id } } }"
    gaps = (await of_case(hub, world, "an", fields))["gaps"]
    assert [[unit["visit"] for unit in each["units"]] for each in gaps] == list(expected.values())
    assert all(unit["place"] == each["place"] for each in gaps for unit in each["units"])
    for each, units in zip(gaps, expected.values(), strict=True):
        first = {"place": each["place"] + 100, "visit": units[0]} if units else None
        assert each["firstUnit"] == first
    flat = [unit for units in expected.values() for unit in units]
    assert None in flat
    assert any(flat)
    assert [] in expected.values()


async def test_it_stands_wherever_its_row_can_stand(hub: Hub, world: World) -> None:
    query = """query($id: ID!) {
      cases(first: 1, orderBy: REFERENCE_ASC) {
        totalCount pageInfo { hasNextPage }
        edges { node { a: firstGap { place } b: gaps { ...G } } } nodes { gaps { ...G place } }
      }
      node(id: $id) { ... on Referral { case { firstGap { ...G } } } }
      nodes(ids: [$id]) { ... on Referral { case { firstGap { place } } } }
    }
    fragment G on Gap { note __typename }"""
    ids = {"id": gid("referral", world.referrals["today"])}
    data = (await hub.ask(world.viewers["mei"], query, ids)).data
    (edge,), (node,) = data["cases"]["edges"], data["cases"]["nodes"]
    assert edge["node"]["a"] == {"place": 1}
    assert edge["node"]["b"] == [{key: gap[key] for key in ("note", "__typename")} for gap in node["gaps"]]
    assert len(node["gaps"]) > 1
    assert data["node"]["case"]["firstGap"]["__typename"] == "Gap"
    assert data["nodes"] == [{"case": {"firstGap": {"place": 1}}}]


# ----------------------------------------------------------------------------------------------------------------- SQL

DOCUMENT = "{ cases(first: 1) { nodes { gaps { place case { kind } units { place } } firstGap { since } } } }"
GAPS_SQL = """
      SELECT '['
        || coalesce(string_agg('{"place":'
        || coalesce((t2.place)::text, 'null')
        || ',"case":'
        || CASE
        WHEN t3.id IS NULL THEN 'null'
        ELSE '{"kind":'
        || coalesce('"'
        || (t3.kind)
        || '"', 'null')
        || '}' END
        || ',"units":'
        || (
        SELECT '['
          || coalesce(string_agg('{"place":'
          || coalesce((t4.place)::text, 'null')
          || '}', ',' ORDER BY t4.ordinality), '')
          || ']'
        FROM case_gap_units(t2.other_id, t2.place) WITH ORDINALITY t4
      )
        || '}', ',' ORDER BY t2.ordinality), '')
        || ']'
      FROM case_gaps(t1.id, t1.offer_id, $2::date) WITH ORDINALITY t2
      LEFT JOIN cases t3 ON t3.id = t2.other_id
        AND (t3.street_id = $1::uuid)
    )
"""
FIRST_GAP_SQL = """
      || coalesce((
      SELECT '{"since":'
        || coalesce('"'
        || (t5.since_on)
        || '"', 'null')
        || '}'
      FROM case_gaps(t1.id, t1.offer_id, $2::date) WITH ORDINALITY t5
      WHERE t5.ordinality = 1
    ), 'null')
"""
DOCUMENT = """{ cases(first: 1) { nodes {
  gaps { place case { kind } units { place } } firstGap { since }
} } }"""


async def sent(hub: Hub, world: World, who: str, query: str) -> str:
    """The one statement that a query becomes."""
    hub.statements.sent.clear()
    await hub.ask(world.viewers[who], query)
    ((_, sql, _),) = hub.statements.sent
    return sql


async def test_the_sql_of_a_list_and_of_a_single_one(hub: Hub, world: World) -> None:
    sql = re.sub(r"^ *", "", in_lines(await sent(hub, world, "mei", DOCUMENT)), flags=re.MULTILINE)
    for part in (GAPS_SQL, FIRST_GAP_SQL):
        assert re.sub(r"^ *", "", part.strip("\n"), flags=re.MULTILINE) in sql
    assert "SELECT t1i.id, t1i.offer_id\n" in sql  # the page reads of its rows what the call needs


# -------------------------------------------------------------------------------------------------------------- rights


async def test_outside_the_grant_it_is_null_and_its_function_is_not_called(hub: Hub, world: World) -> None:
    query = (
        "{ cases(first: 2) { nodes { kind gaps { place person { name } } firstGap { units { place } } } } }"
    )
    for who in WHO:
        answer = await hub.ask(world.viewers[who], query)
        called = "case_gap" in await sent(hub, world, who, query)
        assert called is (who != "shen")
        if called:
            assert answer.codes == []
        else:
            nodes = answer.body["data"]["cases"]["nodes"]
            assert nodes == [{"kind": node["kind"], "gaps": None, "firstGap": None} for node in nodes]
            assert answer.codes == [
                ("FORBIDDEN", ["cases", "nodes", "gaps"]),
                ("FORBIDDEN", ["cases", "nodes", "firstGap"]),
            ]


async def test_an_edge_inside_to_a_type_without_a_grant_is_refused_where_it_stands(
    hub: Hub, world: World
) -> None:
    query = "{ cases(first: 1) { nodes { gaps { client { name } person { households: name } place } } } }"
    answer = await hub.ask(world.viewers["mei"], query)
    assert answer.codes == [("FORBIDDEN", ["cases", "nodes", "gaps", "client"])]
    gaps = answer.body["data"]["cases"]["nodes"][0]["gaps"]
    assert len(gaps) > 1
    assert {gap["client"] for gap in gaps} == {None}


async def test_what_the_field_shows_is_the_functions_to_decide(hub: Hub, world: World) -> None:
    """`zhao` may not read the summary of a case, neither here nor at the end of an edge; this function tells it."""
    answer = await hub.ask(
        world.viewers["zhao"], "{ cases { nodes { summary gaps { note case { summary } } } } }"
    )
    assert {tuple(path or ()) for _, path in answer.codes} == {
        ("cases", "nodes", "summary"),
        ("cases", "nodes", "gaps", "case", "summary"),
    }
    nodes = answer.body["data"]["cases"]["nodes"]
    gaps = [gap for node in nodes for gap in node["gaps"]]
    assert {each["summary"] for each in [*nodes, *(gap["case"] for gap in gaps)]} == {None}
    assert AWKWARD in {gap["note"] for gap in gaps}


async def test_only_the_roles_that_are_shown_the_field_may_call_its_functions(
    hub: Hub, module_world: Server
) -> None:
    lines = [line for line in grants_of_the_wall() if "case_gap" in line]
    names = {role: f"{{prefix}}_read_{role.lower()}" for role in SEES}
    assert set(lines) == {
        f"grant execute on function {function} to {name};"
        for function in ("case_gaps", "case_gap_units")
        for name in names.values()
    }
    held = await harness.run_sql(
        module_world,
        "select p.proname, a.grantee::regrole::text as role from pg_proc p, aclexplode(p.proacl) a"
        " where p.proname like 'case_gap%' and a.grantee <> p.proowner",
    )
    assert {(row["proname"], row["role"]) for row in held} == {
        (function, name.format(prefix=module_world.prefix))
        for function in ("case_gaps", "case_gap_units")
        for name in names.values()
    }


async def test_the_wall_grants_the_columns_that_a_call_reads(hub: Hub) -> None:
    """And none of the function's own: PostgreSQL would not have let `make` grant a column that is not there."""
    cases = {line.rpartition(" ")[2]: line for line in grants_of_the_wall() if ") on cases to " in line}
    assert {who for who, line in cases.items() if "offer_id" in line} == {
        f"{{prefix}}_read_{role.lower()};" for role in SEES
    }
    assert len(cases) == len(SEES) + 1


async def test_without_the_wall_nobody_may_call_the_function(world_database: Server) -> None:
    await make(world_database, granted=False)
    call = "select count(*) from case_gaps(null, null, null)"
    for name in ("writer", "system", *(f"read_{role.lower()}" for role in READ_ROLES)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await harness.run_sql(world_database, call, name=name)


# -------------------------------------------------------------------------------------------------------------- bounds


async def test_the_node_budget_counts_the_pages_inside_as_in_any_plain_list(hub: Hub, world: World) -> None:
    """The function bounds its rows; a page inside them counts once for each row above."""
    for first, codes in [(99, []), (100, [("LIMIT_EXCEEDED", None)])]:
        visits = "case { visits(first: 100) { totalCount } }"
        query = f"{{ cases(first: {first}) {{ nodes {{ gaps {{ {visits} }} }} }} }}"
        assert (await hub.ask(world.viewers["mei"], query)).codes == codes


async def test_the_fields_inside_count_into_the_tree(hub: Hub, world: World) -> None:
    """The largest selection that is allowed is answered; PostgreSQL's own bound, the stack, comes later."""
    case = "reference status kind openedAt closedAt outcome summary statusReason version"
    person = "name reference sex estate livesAlone phone address birthDate ageGroup status riskClass"
    own = "place status note since openedAt itself reasons detail { note since mine } price { amount }"
    gap = f"{own} case {{ {case} }} person {{ {person} }} units {{ place visit {{ status kind }} }}"
    for copies, codes in [(4, []), (5, [("LIMIT_EXCEEDED", None)])]:
        gaps = " ".join(f"g{number}: gaps {{ {gap} }}" for number in range(5))
        nodes = " ".join(f"n{number}: nodes {{ {gaps} ...F }}" for number in range(copies))
        query = f"{{ cases(first: 1) {{ {nodes} }} }} fragment F on Case {{ gaps {{ {gap} }} }}"
        assert (await hub.ask(world.viewers["mei"], query)).codes == codes


# ------------------------------------------------------------------------------------------- against the interpreter


@pytest.fixture(scope="module")
async def interpreters(hub: Hub, module_world: Server, world: World) -> AsyncIterator[dict[str, Interpreter]]:
    """One for each of the cast, who know `Case.gaps`."""
    async with harness.connect_as(module_world, "admin") as connection:
        yield {who: Interpreter(connection, world.viewers[who], world.now, GAPS, SCHEMA) for who in WHO}


@st.composite
def selections(draw: Any) -> tuple[str, dict[str, Any]]:
    """A query for the gaps of some cases, with whatever can be selected of them."""
    drawing = Drawing(draw, SCHEMA)
    inside = drawing.selections(SCHEMA.type_map["Gap"], 2)
    field = draw(st.sampled_from(["gaps", "firstGap"]))
    return drawing.complete(f"{{ cases(first: 2) {{ nodes {{ id {field} {inside} }} }} }}"), drawing.variables


@settings(
    max_examples=150,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(who=st.sampled_from(WHO), document=selections())
async def test_the_planner_agrees_with_the_interpreter(
    hub: Hub, world: World, interpreters: Any, who: str, document: Any
) -> None:
    answer = await hub.ask(world.viewers[who], *document, language="zh-CN")
    assert answer.status == 200, answer.text
    if {"LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED"} & {code for code, _ in answer.codes}:
        return
    expected = await interpreters[who].answer(*document)
    assert json.dumps(answer.body["data"], ensure_ascii=False) == expected
    refused = {tuple(path or ()) for code, path in answer.codes if code == "FORBIDDEN"}
    assert interpreters[who].denied <= refused
    assert len(refused) == len(answer.codes)


# ------------------------------------------------------------------------------------------------- what does not build


def test_the_schema_does_not_build_with_a_target_that_is_not_described() -> None:
    with pytest.raises(ValueError, match=r"\n  Case\.wrong: _Plain is no compiled type\b"):
        with_fields(ToNothing)
    with pytest.raises(ValueError, match=r"\n  Bare\.note says neither column nor edge\b"):
        with_fields(ToBare)


def test_a_mask_has_nothing_to_put_in_the_place_of_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    key = ("Case", Role.STREET_DIRECTOR)
    monkeypatch.setitem(
        grants._reads, key, dataclasses.replace(grants._reads[key], masked=frozenset(["gaps"]))
    )
    with pytest.raises(ValueError, match="Case: gaps is no column, so it has no masked form"):
        with_fields(Added)


def faults(*added: tuple[str, dict[str, Field]], of: str = "case_gaps({t}.id)") -> list[str]:
    """The faults of a Case with `gaps`, computed by that call, and these types of parts."""
    types = {name: TypeInfo(name, fields=fields) for name, fields in added}
    case = TypeInfo("Case", "cases", "case", fields={"id": GlobalId(), "gaps": Derived("Gap", of)})
    return part_faults({"Case": case, **types})


PLACE: dict[str, Field] = {"place": Column("place", Kind.NUMBER)}
NOTHING_ELSE = "the rows of a function have columns, expressions and edges by a column, nothing else"


def test_what_can_be_said_of_a_functions_row_builds() -> None:
    fields: dict[str, Field] = {
        **PLACE,
        "late": Expression("{t}.due_on < {today}", Kind.YES_NO),
        "price": Amount("{t}.fen"),
        "case": Edge("Case", via="other_id"),
        "part": Struct("Part"),
        "units": Derived("Part", "case_gap_units({t}.other_id, {now})"),
    }
    assert faults(("Gap", fields), ("Part", PLACE)) == []


@pytest.mark.parametrize(
    "source",
    [
        GlobalId(),
        Edge("Case", back="person_id"),
        Many("Case", back="person_id", plain=True),
        Many("Case", listed="case_ids"),
        Literal(lambda viewer, arguments: None),
        Actions("Case"),
    ],
)
def test_a_functions_row_has_no_id_no_links_and_no_state(source: Field) -> None:
    assert faults(("Gap", {"wrong": source})) == [f"Gap.wrong: {NOTHING_ELSE}"]
    inside = faults(("Gap", {"part": Struct("Part")}), ("Part", {"wrong": source}))
    assert inside == [f"Part.wrong: {NOTHING_ELSE}"]


def test_the_target_must_be_a_compiled_type_without_a_table() -> None:
    assert faults() == ["Case.gaps: Gap is no compiled type"]
    assert faults(("Gap", {"more": Derived("Nothing", "f()")})) == ["Gap.more: Nothing is no compiled type"]
    assert faults(("Gap", {"case": Derived("Case", "f()")})) == [
        "Gap.case: Case has rows of its own, which are reached by an edge"
    ]


def test_an_object_that_contains_itself_has_no_end() -> None:
    assert faults(("Gap", {"more": Derived("Gap", "f()")})) == ["Gap.more: Gap contains itself"]
    below: dict[str, Field] = {"up": Struct("Gap")}
    assert faults(("Gap", {"down": Struct("Part")}), ("Part", below)) == ["Part.up: Gap contains itself"]


@pytest.mark.parametrize("call", ["case_gaps", "", "select 1", "cases", "Case_Gaps({t}.id)", "f(); g"])
def test_a_call_names_a_function(call: str) -> None:
    assert faults(("Gap", PLACE), of=call) == [f"Case.gaps: {call!r} is no call of a function"]


def test_a_call_reads_columns_of_the_row() -> None:
    wrong = faults(("Gap", PLACE), of="f({t}.id, {t}.gone_on)")
    assert wrong == ["Case.gaps: no column gone_on in cases"]


def test_a_computed_object_hangs_on_a_row() -> None:
    """Nobody is granted a field of Query, so nobody could be granted the function."""
    types = {
        "Query": TypeInfo("Query", fields={"viewer": Struct("Viewer")}),
        "Viewer": TypeInfo("Viewer", fields={"gaps": Derived("Gap", "f({membership})")}),
        "Gap": TypeInfo("Gap", fields=PLACE),
    }
    assert part_faults(types) == ["Viewer.gaps: hangs on no row, so nobody's grant would cover it"]
