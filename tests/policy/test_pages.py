"""The policy and the oracle side by side, without a database: the first place to look after a change of rights.

Whether planner and row-level security keep to them is asked in `test_agreement.py` and `test_deeds.py`.
"""

from __future__ import annotations

from auth.grants import grant_for
from auth.roles import READ_ROLES, Role
from schema.build import registry
from tests.policy.fields import FIELDS, shown


def test_the_policy_shows_what_the_specification_does() -> None:
    types = {name: info for name, info in registry().types.items() if info.table}
    assert set(types) == set(FIELDS), "tests/policy/fields.py has each type, from DOMAIN §3"
    differ = [
        f"{name}.{field} for {role}: {told} in auth/policy.py, {wanted} in tests/policy/fields.py"
        for name, info in types.items()
        for role in READ_ROLES
        for field in info.fields
        for told, wanted in [(policy(name, role, field), shown(name, role, field))]
        if told != wanted
    ]
    assert differ == []


def policy(type_name: str, role: Role, field: str) -> str | None:
    """How the policy shows a field: "plain", "masked", or None for not at all."""
    grant = grant_for(type_name, role)
    if grant is None or not grant.shows(field):
        return None
    return "masked" if field in grant.masked else "plain"
