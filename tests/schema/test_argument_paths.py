"""`userErrors { path }` names arguments that the mutation has, whatever the command calls its parameters."""

from __future__ import annotations

import pytest
from graphql import GraphQLField

from schema.argument_paths import argument_path
from schema.build import registry


def field(name: str) -> GraphQLField:
    mutation = registry().schema.mutation_type
    assert mutation is not None
    return mutation.fields[name]


@pytest.mark.parametrize(
    ("mutation", "parameter", "argument"),
    [
        ("referralOffer", ("input", "partnerId"), ("partner",)),
        ("referralOffer", ("id",), ("id",)),
        ("referralOffer", ("partner",), ("partner",)),
        ("referralSubmit", ("input", "needIds"), ("input", "needs")),
        ("referralSubmit", ("input", "serviceTypeCode"), ("input", "serviceType")),
        ("referralSubmit", ("input", "referralId"), ("id",)),
        ("referralReturn", ("input", "reasonText"), ("reason",)),
        ("referralReturn", ("input", "reasonCode"), ("reasonCode",)),
        ("personRegister", ("input", "communityId"), ("input", "community")),
        (
            "personRegister",
            ("input", "guardian", "guardianPersonId"),
            ("input", "guardian", "guardianPerson"),
        ),
        ("casePlan", ("input", "goals", "0", "dueOn"), ("goals", "0", "dueOn")),
        ("caseAssignWorker", ("input", "workerId"), ("worker",)),
        ("visitPromise", ("input", "workerId"), ("input", "worker")),
        ("visitRecord", ("input", "text"), ("input", "findings")),
        ("membershipGrant", ("input", "validToOn"), ("input", "validTo")),
        ("daySheetOpen", ("day",), ("date",)),
        ("needState", ("input", "comparator", "metric"), ("input", "comparator", "metric")),
        ("needState", ("input", "nothingOfTheKind"), ("input",)),
        ("referralTriage", (), ()),
    ],
)
def test_the_parameter_of_a_command_is_the_argument_of_its_mutation(
    mutation: str, parameter: tuple[str, ...], argument: tuple[str, ...]
) -> None:
    assert argument_path(field(mutation), parameter) == argument
