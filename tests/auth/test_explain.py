"""`hub policy explain`: why somebody may or may not read a field, and what is said to a slip of the keyboard."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from auth.grants import all_grants, explain
from auth.matrix import render
from auth.roles import READ_ROLES
from hub.cli import app
from hub.data_folder import OperatorError
from schema.build import registry

KNOWN = {"Person": ("id", "name", "phone", "idNumber"), "Offer": ("id", "estate"), "Case": ("id", "goals")}


@pytest.mark.parametrize(
    ("role", "field", "words"),
    [
        ("partner_worker", "Person.phone", ("PARTNER_WORKER reads Person.phone masked", "'on_my_case'")),
        (
            "COMMUNITY_WORKER",
            "Person.name",
            ("COMMUNITY_WORKER reads Person.name in plain", "'own_community'"),
        ),
        ("auditor", "Person.name", ("masked", "'own_district'")),
        ("auditor", "Person.idNumber", ("may not read", "does not list the field", "'own_district'")),
        ("auditor", "Offer.estate", ("may not read", "hides the field")),
        ("finance_officer", "Person.name", ("may not read", "no read row for Person", "default deny")),
        ("admin", "Case.id", ("may not read", "default deny")),
    ],
)
def test_it_says_what_and_why(role: str, field: str, words: tuple[str, ...]) -> None:
    registry()
    said = explain(role, field, KNOWN)
    assert [word for word in words if word not in said] == [], said


@pytest.mark.parametrize(
    ("role", "field", "words"),
    [
        ("boss", "Person.name", ("no role 'boss'", "community_worker", "auditor")),
        ("admin", "Persn.name", ("no type 'Persn'", "Case, Offer, Person")),
        ("admin", "Person.fone", ("Person has no field 'fone'", "idNumber, name, phone")),
        ("admin", "Person", ("Type.field", "Person.phone")),
        ("admin", "Person.", ("Type.field",)),
        ("admin", ".name", ("Type.field",)),
        ("", "Person.name", ("no role ''",)),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(role: str, field: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        explain(role, field, KNOWN)
    assert [word for word in words if word not in str(raised.value)] == [], str(raised.value)


def test_every_field_has_an_answer_for_every_role() -> None:
    known = {name: info.fields for name, info in registry().types.items() if info.table}
    answers = {
        explain(role, f"{name}.{field}", known)
        for name, fields in known.items()
        for field in fields
        for role in READ_ROLES
    }
    assert len(answers) == len(READ_ROLES) * sum(map(len, known.values()))


def test_the_command_line_asks_with_the_schema_at_hand() -> None:
    said = CliRunner().invoke(app, ["policy", "explain", "partner_worker", "Person.phone"])
    assert (said.exit_code, said.output.split(",")[0]) == (0, "PARTNER_WORKER reads Person.phone masked")
    slip = CliRunner().invoke(app, ["policy", "explain", "partner_worker", "Person.fone"])
    assert isinstance(slip.exception, OperatorError)
    assert "no field 'fone'" in str(slip.exception)


def test_the_matrix_shows_every_row() -> None:
    page = render()
    for grant in all_grants():
        part = page.split(f"### {grant.type_name}\n")[1].split("###")[0]
        row = next(
            line
            for line in part.splitlines()
            if line.startswith(f"| {grant.role.lower().replace('_', ' ')} |")
        )
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[1] == grant.rows
        assert set(cells[3].split()) == grant.masked
        assert set(cells[2].removeprefix("all").removeprefix(" but").split()) == (
            grant.hidden if "*" in grant.fields else grant.fields
        )
