"""I10 and I12: no way round the rules exists. One mutation is one command of the policy, and what has no policy or no
source does not build.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLString

from auth import grants
from auth.grants import all_rights
from auth.roles import Role
from hub.base.db import Server
from hub.machines import MACHINES
from hub.settings import Settings
from schema.build import registry
from schema.mutation import MUTATIONS
from schema.planner.actions import camel
from schema.planner.registry import build_registry
from tests import harness
from tests.policy.asking import Asker, asking
from tests.policy.planted import Planted

ROOT = Path(__file__).parents[2]
OPERATOR = {"divisions_import", "catalogue_load"}
"""What the operator does from the command line; no viewer and no mutation does it."""


def functions(folder: str) -> dict[str, ast.AsyncFunctionDef]:
    """The async functions of a folder's modules, by name."""
    found: dict[str, ast.AsyncFunctionDef] = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        module = Spelled(module).visit(module)
        found |= {node.name: node for node in module.body if isinstance(node, ast.AsyncFunctionDef)}
    return found


class Spelled(ast.NodeTransformer):
    """Writes texts that a module has named in place of their names."""

    def __init__(self, module: ast.Module) -> None:
        named = (node for node in module.body if isinstance(node, ast.Assign) and len(node.targets) == 1)
        self.texts = {
            ast.unparse(node.targets[0]): node.value for node in named if isinstance(node.value, ast.Constant)
        }

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The text, where it is one."""
        return self.texts.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def called(function: ast.AsyncFunctionDef) -> list[str]:
    """Names of what a function awaits."""
    awaited = (node.value for node in ast.walk(function) if isinstance(node, ast.Await))
    calls = (node.func for node in awaited if isinstance(node, ast.Call))
    return [node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in calls]


def texts(function: ast.AsyncFunctionDef) -> set[str]:
    """String literals of a function."""
    return {
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def commands() -> set[str]:
    """The commands that a viewer may run by the policy; a signed link runs those that no mutation does."""
    return {right.command for right in all_rights() if right.role is not Role.SYSTEM and not right.by_link}


def test_i10_the_mutations_are_the_commands_of_the_policy() -> None:
    fields = set(registry().object_type("Mutation").fields)
    batches = {name for name, done in MUTATIONS.items() if done.each}
    assert fields == set(MUTATIONS), "schema/mutations/__init__.py lists them all"
    assert fields - batches == {camel(command) for command in commands()}, (
        "each has its `do` rows, and these theirs"
    )
    assert batches == {"referralSubmitMany", "deliveryVerifyMany"}
    assert {MUTATIONS[name].each for name in batches} <= fields


def test_i10_what_a_link_runs_is_no_mutation_and_no_permission() -> None:
    by_link = {right.command for right in all_rights() if right.by_link}
    assert by_link == {"document_store"}
    assert not {camel(command) for command in by_link} & set(MUTATIONS)


def test_i10_a_mutation_runs_the_one_command_of_its_name() -> None:
    mutations = functions("schema/mutations")
    assert set(mutations) == commands()
    wrong = {name: called(function) for name, function in mutations.items() if called(function) != [name]}
    assert wrong == {}


CLAIMING = {
    *("claim", "_refuse", "_claimed", "_claimed_for", "_community", "_claim", "_end"),
    *("take_up", "_send_back", "_give_up", "end_agreement", "close_term"),
}
"""`claim`, and the functions in which commands share it."""


def test_i10_a_command_asks_the_policy_under_its_own_name() -> None:
    """`claim` and `emit` are told the command's name, there or in the function that shares its steps."""
    known = functions("hub")
    for name in {right.command for right in all_rights()}:
        assert name in known, name
        steps = {*called(known[name])}
        asks = steps & CLAIMING or "command_rows" in ast.unparse(known[name])
        shared = [known[step] for step in steps if step in known]
        assert name in texts(known[name]) | {text for one in shared for text in texts(one)}, name
        assert asks, (name, steps)


@pytest.fixture
async def hub(planted_database: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_database, settings, planted) as asker:
        yield asker


@pytest.mark.anyio
async def test_i10_a_batch_is_n_single_commands_with_n_results(
    hub: Asker, planted: Planted, planted_database: Server
) -> None:
    def one(key: str, need: str) -> dict[str, Any]:
        person = {"person": f"person_{planted.persons[key]}", "needs": [f"need_{planted.needs[need]}"]}
        return person | {"serviceType": "HOME_HAIRCUT", "reason": "x"}

    count = "select count(*) from audit_events where action = 'referral_submit'"
    before = (await harness.run_sql(planted_database, count))[0][0]
    batch = """mutation($i: [ReferralSubmitInput!]!) { referralSubmitMany(inputs: $i) {
        results { referral { status } userErrors { code } } } }"""
    inputs = [
        one("submitted", "submitted+"),
        one("submitted2", "submitted2"),
        one("submitted", "submitted2"),
        one("active", "active+"),
    ]
    reply = await hub.ask("wang", batch, i=inputs)
    done = {"referral": {"status": "SUBMITTED"}, "userErrors": []}
    foreign = {"referral": None, "userErrors": [{"code": "NOT_FOUND"}]}
    assert reply["data"]["referralSubmitMany"]["results"] == [done, foreign, foreign, done]
    assert (await harness.run_sql(planted_database, count))[0][0] == before + 2
    # A role without the single command has no batch either.
    reply = await hub.ask("mei", batch, i=inputs[:1])
    assert (reply["data"], reply["errors"][0]["extensions"]["code"]) == (
        {"referralSubmitMany": None},
        "FORBIDDEN",
    )


@pytest.mark.anyio
async def test_i10_everything_that_ever_happened_is_a_command(planted_database: Server) -> None:
    rows = await harness.run_sql(planted_database, "select distinct action from audit_events")
    known = {right.command for right in all_rights()} | OPERATOR
    assert {row["action"] for row in rows} <= known
    # Every change of state has left its event: no row of an audited kind is without one (I18).
    subjects = (
        "persons",
        "referrals",
        "cases",
        "visits",
        "consents",
        "needs",
        "clients",
        "conflict_declarations",
        "documents",
    )
    for table in subjects:
        told = "select from audit_events e where e.subject_id = t.id"
        silent = f"select count(*) from {table} t where not exists ({told})"
        assert (await harness.run_sql(planted_database, silent))[0][0] == 0, table


# ------------------------------------------------------------------------------------------------- what does not build


def refused(monkeypatch: pytest.MonkeyPatch, reads: dict[Any, Any] | None = None) -> str:
    """Building the registry again, with other read rows if told, fails; the faults it names."""
    if reads is not None:
        monkeypatch.setattr(grants, "_reads", reads)
    with pytest.raises(ValueError, match="does not build") as raised:
        build_registry(registry().schema, MACHINES)
    return str(raised.value)


def test_i12_a_type_without_a_policy_does_not_build(monkeypatch: pytest.MonkeyPatch) -> None:
    registry()
    reads = {key: grant for key, grant in grants._reads.items() if key[0] != "Goal"}
    assert "Goal has a table but no role may read it" in refused(monkeypatch, reads)


def test_i12_a_field_without_a_source_does_not_build(monkeypatch: pytest.MonkeyPatch) -> None:
    person = registry().object_type("Person")
    monkeypatch.setitem(person.fields, "shoeSize", GraphQLField(GraphQLString))
    assert "Person.shoeSize says neither column nor edge" in refused(monkeypatch)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"fields": frozenset({"id", "fone"})}, "AUDITOR on Person: no field fone"),
        ({"masked": frozenset({"sex"})}, "AUDITOR on Person: sex has no masked form"),
        (
            {"fields": frozenset({"id", "idNumber"}), "masked": frozenset()},
            "AUDITOR on Person: idNumber is sealed, so it can only be shown masked",
        ),
        ({"type_name": "Persn"}, "the policy names Persn, which is no compiled type"),
    ],
)
def test_i12_a_policy_row_that_fits_nothing_does_not_build(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], fault: str
) -> None:
    registry()
    key = ("Person", Role.AUDITOR)
    row = dataclasses.replace(grants._reads[key], **change)
    assert fault in refused(monkeypatch, {**grants._reads, key: row})


def test_i12_control_as_it_is_it_builds() -> None:
    assert set(build_registry(registry().schema, MACHINES).types) == set(registry().types)


def test_a_second_row_for_a_type_and_role_does_not_load() -> None:
    with pytest.raises(ValueError, match="two read rows"):
        grants.read("Person", Role.AUDITOR, "all", "*")
    with pytest.raises(ValueError, match="two command rows"):
        grants.do("referral_triage", Role.STATION_WORKER, "all")
