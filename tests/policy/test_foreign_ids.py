"""T12: an id outside the scope and an id that does not exist are answered by the same bytes, everywhere an id goes in.

Every argument of type ID of every mutation is tried, for every role that may call it; the other arguments are such that
the one tried decides. Nothing may have changed afterwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)

from auth.grants import right_for
from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from schema.mutation import MUTATIONS
from tests.policy.asking import Asker, asking
from tests.policy.expected import TABLES, Oracle, oracle
from tests.policy.planted import Planted
from tests.policy.unchanged import fingerprint

pytestmark = pytest.mark.anyio

VIEWERS = ("li", "mei", "bo", "an", "shen", "root_a")

TARGETS = {
    "referral": "Referral",
    "offer": "Offer",
    "case": "Case",
    "goal": "Goal",
    "visit": "Visit",
    "consent": "Consent",
    "need": "Need",
    "person": "Person",
    "membership": "Membership",
    "client": "Client",
    "notice": "Notice",
    "agreement": "Agreement",
}
"""First word of a mutation → the type of its argument `id`."""

ARGUMENTS = {
    "person": "Person",
    "needs": "Need",
    "household": "Household",
    "guardian": "Guardian",
    "guardianPerson": "Person",
    "case": "Case",
    "worker": "Membership",
    "membership": "Membership",
    "fund": "Fund",
}
"""Other arguments of type ID → their type."""

PUBLIC = {
    *("partner", "community", "street", "organization", "parent", "grantee"),
    *("registrationCommunity", "guardianOrganization", "communities", "holder", "payer"),
}
"""Arguments that name an organization: those are everybody's to read, and a wrong one may be named."""


@pytest.fixture(scope="module")
async def truth(planted_module: Server, planted: Planted) -> Oracle:
    return await oracle(planted_module, planted, registry().schema)


@pytest.fixture(scope="module")
async def hub(planted_module: Server, settings: Settings, planted: Planted) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        yield asker


def places(mutation: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where an id goes into a mutation (the path of argument names), and the type it is of."""
    root = registry().object_type("Mutation")
    for name, argument in root.fields[mutation].args.items():
        yield from _places(mutation, (name,), get_named_type(argument.type))


def _places(
    mutation: str, path: tuple[str, ...], named: GraphQLNamedType
) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from _places(mutation, (*path, name), get_named_type(field.type))
    elif named.name == "ID" and path[-1] not in PUBLIC:
        first_word = next(word for word in TARGETS if mutation.startswith(word)) if path == ("id",) else ""
        yield path, ARGUMENTS[path[-1]] if path != ("id",) else TARGETS[first_word]


def calls() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every mutation with every place for an id. The batch of referrals is tried as its single command."""
    for mutation in registry().object_type("Mutation").fields:
        if mutation in ("organizationRegister", "dayLogOpen"):
            continue
        for path, type_name in places(mutation):
            yield mutation, path, type_name


class Filler:
    """Makes the arguments of a call: the one tried as told, every other such that it does not decide."""

    def __init__(self, truth: Oracle, planted: Planted, name: str) -> None:
        self.truth, self.planted, self.name = truth, planted, name

    def arguments(self, mutation: str, tried: tuple[str, ...], value: str) -> dict[str, Any]:
        fields = registry().object_type("Mutation").fields[mutation].args
        return {
            name: self._value((name,), argument.type, tried, value)
            for name, argument in fields.items()
            if isinstance(argument.type, GraphQLNonNull) or tried[0] == name
        }

    def _value(self, path: tuple[str, ...], type_: Any, tried: tuple[str, ...], value: str) -> Any:
        inner = get_nullable_type(type_)
        if isinstance(inner, GraphQLList):
            return [self._value(path, inner.of_type, tried, value)]
        if path == tried:
            return value
        if isinstance(inner, GraphQLInputObjectType):
            wanted = {
                name: field
                for name, field in inner.fields.items()
                if isinstance(field.type, GraphQLNonNull) or tried[: len(path) + 1] == (*path, name)
            }
            found = {
                name: self._value((*path, name), field.type, tried, value) for name, field in wanted.items()
            }
            return found | self._rest(inner.name, tried)
        if isinstance(inner, GraphQLEnumType):
            return next(iter(inner.values))
        return self._leaf(path, inner.name)

    def _leaf(self, path: tuple[str, ...], type_name: str) -> Any:
        if type_name == "ID":
            return self.own(path[-1])
        return {
            "Int": 1,
            "Boolean": False,
            "Date": "2026-05-06",
            "DateTime": "2026-05-06T12:00:00+08:00",
            "Decimal": "1.00",
        }.get(type_name, "HOME_HAIRCUT")

    def _rest(self, input_name: str, tried: tuple[str, ...]) -> dict[str, Any]:
        """What a command asks for beside its required inputs."""
        if input_name == "VisitPromiseInput" and tried[-1] == "worker":
            return {"case": self.own("case")}
        if input_name == "PersonRegisterInput":
            return {"birthDate": "1950-01-01", "sex": "FEMALE", "householdRelation": "OTHER"}
        if input_name == "ConsentGiveInput" and tried[-1] == "guardian":
            return {"givenBy": "GUARDIAN"}
        return {}

    def own(self, argument: str) -> str:
        """An id of the viewer's own scope: of the person `active` where she may see her."""
        world = self.planted
        organizations = {
            "partner": f"partner_{world.places['p1']}",
            "community": f"community_{world.places['a2' if self.name == 'li' else 'a1']}",
            "grantee": f"partner_{world.places['p1']}",
            "organization": f"partner_{world.places['p1']}",
        }
        if argument in organizations:
            return organizations[argument]
        if argument in ("street", "communities", "fund"):
            return f"fund_{world.funds['a']}" if argument == "fund" else f"street_{world.places['a']}"
        if argument == "id":
            leads = {"mei": "station", "li": "community"}.get(self.name, "active")
            return f"case_{world.cases[leads]}"
        person = "community" if self.name == "li" else "active"
        named = {"person": world.persons, "case": world.cases, "needs": world.needs}
        if argument in named:
            return f"{argument.rstrip('s')}_{named[argument][person]}"
        return f"membership_{world.viewers['an'].membership_id}"


def outside(truth: Oracle, name: str, type_name: str) -> list[str]:
    """Ids of that type that the viewer may not see: of another street or district where there are any."""
    seen, tag = truth.visible(name, type_name), TABLES[type_name][1]
    mine = truth.planted.viewers[name].street_id
    rows = [row for row in truth.rows_of(type_name) if row["id"] not in seen]
    rows.sort(key=lambda row: (row.get("street_id") == mine, row["id"]))
    return [f"{tag}_{rows[0]['id']}", f"{tag}_{rows[-1]['id']}"] if rows else []


def document(mutation: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    fields = registry().object_type("Mutation").fields[mutation].args
    declared = ", ".join(f"${name}: {fields[name].type}" for name in arguments)
    given = ", ".join(f"{name}: ${name}" for name in arguments)
    wanted = "userErrors { code message path }"
    if mutation.endswith("Many"):
        wanted = f"results {{ {wanted} }}"
    return f"mutation({declared}) {{ {mutation}({given}) {{ {wanted} }} }}", arguments


@pytest.mark.parametrize("name", VIEWERS)
async def test_t12_mutations_answer_a_foreign_id_as_a_missing_one(
    hub: Asker, truth: Oracle, planted: Planted, planted_module: Server, name: str
) -> None:
    before = await fingerprint(planted_module)
    viewer, filler, tried = planted.viewers[name], Filler(truth, planted, name), 0
    for mutation, path, type_name in calls():
        tag = TABLES[type_name][1]
        missing = await hub.post(
            name, *document(mutation, filler.arguments(mutation, path, f"{tag}_{uuid4()}"))
        )
        assert missing.status_code == 200, missing.text
        if not _may(viewer, mutation):
            _refused(missing.json(), mutation, may=False, path=path)
            continue  # said before any id is looked at: a second answer would be the same without trying
        junk = await hub.post(name, *document(mutation, filler.arguments(mutation, path, "nothing")))
        assert junk.content == missing.content, (mutation, path)
        for foreign in outside(truth, name, type_name):
            reply = await hub.post(name, *document(mutation, filler.arguments(mutation, path, foreign)))
            assert reply.content == missing.content, (mutation, path, foreign)
            tried += 1
        _refused(missing.json(), mutation, may=True, path=path)
    assert tried >= {"shen": 1, "root_a": 4}.get(name, 10)
    assert await fingerprint(planted_module) == before


def _may(viewer: Any, mutation: str) -> bool:
    return right_for(MUTATIONS[mutation].command.__name__, viewer.role, viewer.duty) is not None


def _refused(body: dict[str, Any], mutation: str, *, may: bool, path: tuple[str, ...]) -> None:
    """A role without the command is told so before any id is looked at; everybody else learns nothing but that."""
    if not may:
        assert body["data"] == {mutation: None}
        assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]
        return
    payload = body["data"][mutation]
    (error,) = payload["results"][0]["userErrors"] if "results" in payload else payload["userErrors"]
    assert error["code"] in ("NOT_FOUND", "INVALID"), (mutation, path, error)
    if (mutation, path[-1], error["path"]) == ("visitPromise", "person", ["input", "case"]):
        return  # a partner promises on a case only, whoever the person is
    shown = [part for part in error["path"] if not part.isdigit()]
    assert tuple(shown) == path or path[0] == "inputs", (mutation, path, error)


@pytest.mark.parametrize("name", [*VIEWERS, "zhao", "qian", "ban"])
async def test_t12_node_and_nodes_answer_a_foreign_id_as_a_missing_one(
    hub: Asker, truth: Oracle, name: str
) -> None:
    one = "query($id: ID!) { node(id: $id) { __typename id } }"
    several = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    missing = [f"{tag}_{uuid4()}" for _, tag in TABLES.values()]
    foreign = [found for type_name in TABLES for found in outside(truth, name, type_name)]
    empty = await hub.post(name, one, {"id": missing[0]})
    assert empty.text == '{"data":{"node":null}}'
    for found in foreign:
        assert (await hub.post(name, one, {"id": found})).content == empty.content, found
    reply = await hub.post(name, several, {"ids": [*missing, *foreign]})
    assert reply.json() == {"data": {"nodes": [None] * (len(missing) + len(foreign))}}


async def test_t12_the_wrong_tag_on_a_right_id_is_nothing(hub: Asker, planted: Planted) -> None:
    person = planted.persons["active"]
    for tag in ("person", "case", "referral", "junk", ""):
        reply = await hub.ask("wang", "query($id: ID!) { node(id: $id) { id } }", id=f"{tag}_{person}")
        assert reply == {"data": {"node": {"id": f"person_{person}"} if tag == "person" else None}}
