"""Answers of others, in our words."""

from __future__ import annotations

import pytest

from hub.bench.normal import our_instant, with_our_instants
from hub.bench.slots import difference


@pytest.mark.parametrize(
    "theirs",
    [
        "2026-05-08T02:02:00+00:00",
        "2026-05-08T10:02:00.000+08:00",
        "2026-05-08T02:02:00Z",
        "2026-05-08 02:02:00.000000+00:00",
    ],
)
def test_instants_become_ours(theirs: str) -> None:
    assert our_instant(theirs) == "2026-05-08T10:02:00.000+08:00"


def test_only_instants_are_touched() -> None:
    theirs = {
        "nodes": [{"happenedAt": "2026-05-08T02:02:00Z", "name": "2026-05-08T02:02:00Z", "closedAt": None}]
    }
    assert with_our_instants(theirs) == {
        "nodes": [
            {"happenedAt": "2026-05-08T10:02:00.000+08:00", "name": "2026-05-08T02:02:00Z", "closedAt": None}
        ]
    }


@pytest.mark.parametrize(
    ("theirs", "where"),
    [
        ({"a": [{"b": 1}, {"b": 3}]}, "$.a[1].b: 2 ≠ 3"),
        ({"a": [{"b": 1}]}, "$.a: "),
        ({"a": [{"b": 1}, {"b": 2, "c": 1}]}, "$.a[1].c: None ≠ 1"),
        ({}, "$.a: "),
    ],
)
def test_a_difference_is_named_by_its_place(theirs: object, where: str) -> None:
    assert difference({"a": [{"b": 1}, {"b": 2}]}, theirs).startswith(where)
