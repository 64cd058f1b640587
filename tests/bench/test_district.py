"""How the report of a district is asked for: every street once, within the bounds of a request."""

from __future__ import annotations

from uuid import UUID

import pytest
from graphql import parse

from hub.base.limits import DOCUMENT_LIMITS
from hub.bench.district import AT_ONCE, parts, text


@pytest.mark.parametrize(
    ("count", "requests"), [(1, 1), (2, AT_ONCE), (28, AT_ONCE), (DOCUMENT_LIMITS.root_fields * 2 + 1, 3)]
)
def test_every_street_is_asked_for_once(count: int, requests: int) -> None:
    streets = [UUID(int=number) for number in range(count)]
    found = parts(streets)
    assert len(found) == requests
    assert sorted(street for part in found for street in part) == streets
    assert max(len(part) for part in found) <= DOCUMENT_LIMITS.root_fields


def test_a_request_names_each_of_its_streets() -> None:
    operation, fragment = parse(text([UUID(int=1), UUID(int=2)])).definitions
    assert len(operation.selection_set.selections) == 2  # pyright: ignore[reportAttributeAccessIssue]
    assert fragment.name.value == "Reported"  # pyright: ignore[reportAttributeAccessIssue]
