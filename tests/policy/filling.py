"""Calls of mutations made from the schema: where ids go in, of which types they are, and values for everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)

from auth.roles import Viewer
from schema.build import registry
from schema.planner.actions import camel
from tests.policy.expected import TABLES, Oracle
from tests.policy.rights import Row

TYPES = {tag: type_name for type_name, (_, tag) in TABLES.items()}
"""Tag of an id → its type: what an argument called like a tag, or like several of them, is of."""

ARGUMENTS = {
    "worker": "Membership",
    "substitute": "Membership",
    "guardianPerson": "Person",
    "line": "AgreementLine",
    "attended": "Case",
    "request": "PaymentRequest",
}
"""Arguments of type ID that are called otherwise."""

PUBLIC = {
    *("partner", "community", "street", "organization", "parent", "grantee"),
    *("registrationCommunity", "guardianOrganization", "communities", "holder", "payer", "seller", "buyer"),
}
"""Arguments that name an organization: those are everybody's to read, and a wrong one may be named."""

VALUES = {
    "Int": 1,
    "Boolean": False,
    "Date": "2026-05-06",
    "DateTime": "2026-05-06T12:00:00+08:00",
    "Decimal": "1.00",
}

NAMED = {"number": "INV-20260506"}
"""Texts of a form of their own, by the name of the argument."""

REST: Mapping[str, Mapping[str, Any]] = {
    "PersonRegisterInput": {"birthDate": "1950-01-01", "sex": "FEMALE", "householdRelation": "OTHER"},
    "DeliveryRecordInput": {"happenedAt": "2026-05-06T09:30:00+08:00"},
}
"""What a command asks for beside its required inputs."""

ALSO: Mapping[str, Mapping[str, Any]] = {"referralOffer": {"quantity": 1}}
"""The same of a mutation that has no input."""

TARGETS = {
    "sessionPlan": "ActivitySeries",
    "acceptancePackMake": "Submission",
    **dict.fromkeys(("paymentSend", "paymentFileMake"), "PaymentRequest"),
}
"""Mutations whose `id` is not of the type that their name begins with."""

BESIDE = {
    ("VisitPromiseInput", "worker"): ("case",),
    ("ConsentGiveInput", "guardian"): (),
    ("DeliveryRecordInput", "attended"): ("session",),
    ("DeliveryRecordInput", "documents"): ("visit",),
}
"""Other ids that an input needs, so that the one tried decides."""

BEST: Mapping[str, Callable[[Row, Viewer], bool]] = {
    "Referral": lambda row, viewer: row["status"] == "TRIAGED",
    "GroupSession": lambda row, viewer: _planned(row, viewer),
    "ActivitySeries": lambda row, viewer: row["status"] == "OPEN" and row["kind"] == "ENROLLED",
    "Delivery": lambda row, viewer: row["status"] == "RECORDED",
    "Visit": lambda row, viewer: _planned(row, viewer),
    "AgreementLine": lambda row, viewer: row["unit"] == "VISIT",
    "PaymentRequest": lambda row, viewer: row["status"] == "CREATED" and row["invoice_id"] is None,
    "Submission": lambda row, viewer: row["status"] == "SUBMITTED",
}
"""Of the rows that a viewer sees, those that most commands can do something with."""


def _planned(row: Row, viewer: Viewer) -> bool:
    hers = row["worker_id"] == viewer.membership_id or viewer.role == "PARTNER_MANAGER"
    return row["status"] == "PLANNED" and hers


def type_of(mutation: str, argument: str) -> str:
    """The type that an argument's ids are of. Of `id` and `ids` the mutation's own, whose tag its name begins with.

    An argument of a new name fails here: say in ARGUMENTS (or PUBLIC) what it is.
    """
    if argument in ("id", "ids"):
        tags = sorted(TYPES, key=len, reverse=True)
        return TARGETS.get(mutation) or next(TYPES[tag] for tag in tags if mutation.startswith(camel(tag)))
    return ARGUMENTS.get(argument) or TYPES[argument if argument in TYPES else argument.removesuffix("s")]


def places(mutation: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where an id goes into a mutation (the path of argument names), and the type it is of."""
    for name, argument in registry().object_type("Mutation").fields[mutation].args.items():
        yield from _places(mutation, (name,), get_named_type(argument.type))


def _places(
    mutation: str, path: tuple[str, ...], named: GraphQLNamedType
) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from _places(mutation, (*path, name), get_named_type(field.type))
    elif named.name == "ID" and path[-1] not in PUBLIC:
        yield path, type_of(mutation, path[-1])


class Filler:
    """Makes the arguments of a call: the one tried as told, every other such that it does not decide."""

    def __init__(self, truth: Oracle, name: str) -> None:
        self.truth, self.planted, self.name = truth, truth.planted, name
        self.mutation = ""

    def arguments(self, mutation: str, tried: tuple[str, ...] = ("",), value: str = "") -> dict[str, Any]:
        """What the mutation requires, and what is tried."""
        self.mutation = mutation
        fields = registry().object_type("Mutation").fields[mutation].args
        found = {
            name: self._value((name,), argument.type, tried, value)
            for name, argument in fields.items()
            if isinstance(argument.type, GraphQLNonNull) or tried[0] == name
        }
        return {**ALSO.get(mutation, {}), **found}

    def _value(self, path: tuple[str, ...], type_: Any, tried: tuple[str, ...], value: str) -> Any:
        inner = get_nullable_type(type_)
        if isinstance(inner, GraphQLList):
            return [self._value(path, inner.of_type, tried, value)]
        if path == tried:
            return value
        if isinstance(inner, GraphQLInputObjectType):
            return self._input(path, inner, tried, value)
        if isinstance(inner, GraphQLEnumType):
            return next(iter(inner.values))
        return self.own(path[-1]) if inner.name == "ID" else self._leaf(path[-1], inner.name)

    def _leaf(self, name: str, type_name: str) -> Any:
        return NAMED.get(name) or VALUES.get(type_name, "HOME_HAIRCUT")

    def _input(
        self, path: tuple[str, ...], type_: GraphQLInputObjectType, tried: tuple[str, ...], value: str
    ) -> dict[str, Any]:
        beside = BESIDE.get((type_.name, tried[-1]), ())
        found = {
            name: self._value((*path, name), field.type, tried, value)
            for name, field in type_.fields.items()
            if isinstance(field.type, GraphQLNonNull)
            or tried[: len(path) + 1] == (*path, name)
            or name in beside
        }
        if (type_.name, tried[-1]) == ("ConsentGiveInput", "guardian"):
            found["givenBy"] = "GUARDIAN"
        return {**REST.get(type_.name, {}), **found}

    def own(self, argument: str) -> str:
        """An id of the viewer's own scope: of the person `active` where she may see her."""
        places_of = self.planted.places
        organizations = {
            "partner": f"partner_{places_of['p1']}",
            "community": f"community_{places_of['a2' if self.name == 'li' else 'a1']}",
            "grantee": f"partner_{places_of['p1']}",
            "organization": f"partner_{places_of['p1']}",
            "street": f"street_{places_of['a']}",
            "communities": f"community_{places_of['a1']}",
        }
        if argument in organizations:
            return organizations[argument]
        type_name = type_of(self.mutation, argument)
        return f"{TABLES[type_name][1]}_{self._mine(type_name, argument)}"

    def _mine(self, type_name: str, argument: str) -> Any:
        world, person = self.planted, "community" if self.name == "li" else "active"
        if type_name == "Case" and argument == "id":
            return world.cases[{"mei": "station", "li": "community"}.get(self.name, "active")]
        named = {"Person": world.persons, "Case": world.cases, "Need": world.needs}
        if type_name in named:
            return named[type_name][person]
        if type_name == "Milestone":
            return world.milestones["force/M1"]
        if type_name == "Membership":
            return world.viewers[{"mei": "tao", "li": "li"}.get(self.name, "an")].membership_id
        rows = list(self.truth.visible(self.name, type_name).values())
        best = [row for row in rows if BEST.get(type_name, lambda *_: True)(row, world.viewers[self.name])]
        return next((row["id"] for row in (*best, *rows)), uuid4())


def document(mutation: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The call, and its variables."""
    fields = registry().object_type("Mutation").fields[mutation].args
    declared = ", ".join(f"${name}: {fields[name].type}" for name in arguments)
    given = ", ".join(f"{name}: ${name}" for name in arguments)
    wanted = "userErrors { code message path }"
    if mutation.endswith("Many"):
        wanted = f"results {{ {wanted} }}"
    head = f"mutation({declared})" if declared else "mutation"
    return f"{head} {{ {mutation}{f'({given})' if given else ''} {{ {wanted} }} }}", arguments
