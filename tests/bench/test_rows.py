"""The answers of the node contestants become ours, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from hub.bench.contestants.rows import amount, shown

CASE: dict[str, Any] = {
    "id": "c1",
    "reference": "C-2026-00001",
    "openedAt": "2026-05-01T10:00:00+08:00",
    "person": {"id": "p1", "name": "秦玉兰", "ageGroup": "AGE_80_PLUS"},
    "community": {"name": "七里沟"},
}
DELIVERY: dict[str, Any] = {
    "id": "d1",
    "status": "VERIFIED",
    "happenedAt": "2026-05-03T02:00:00.123456+00:00",
}


@pytest.mark.parametrize(("fen", "yuan"), [(0, "0.00"), (5, "0.05"), ("1250000", "12500.00"), (99, "0.99")])
def test_fen_become_yuan(fen: int | str, yuan: str) -> None:
    """From a number or, as PostGraphile sends them, from text."""
    assert amount(fen) == {"amount": yuan}


@pytest.mark.parametrize("key", ["cases_page", "cases_wide"])
def test_a_page_of_cases(key: str) -> None:
    """Lists become connections, ids name their type."""
    assert shown(key, {"cases": [{**CASE, "deliveries": [DELIVERY]}]}) == {
        "cases": {
            "nodes": [
                {
                    **CASE,
                    "id": "case_c1",
                    "openedAt": "2026-05-01T10:00:00.000+08:00",
                    "person": {**CASE["person"], "id": "person_p1"},
                    "deliveries": {
                        "nodes": [
                            {**DELIVERY, "id": "delivery_d1", "happenedAt": "2026-05-03T10:00:00.123+08:00"}
                        ]
                    },
                }
            ]
        }
    }


def test_one_case() -> None:
    """Without deliveries, which are not asked; a case that is not there stays null, and so does a person."""
    assert shown("case_one", {"node": {**CASE, "person": None}}) == {
        "node": {**CASE, "id": "case_c1", "openedAt": "2026-05-01T10:00:00.000+08:00", "person": None}
    }
    assert shown("case_one", {"node": None}) == {"node": None}


def test_a_page_of_milestones() -> None:
    """Amounts in yuan all the way down."""
    milestone = {
        "id": "m1",
        "dueOn": "2026-06-30",
        "amount": 1000000,
        "agreement": {"id": "a1", "title": "居家服务"},
        "partner": {"id": "o1", "name": "暖巢"},
        "paymentRequests": [
            {
                "id": "r1",
                "payable": "995000",
                "payments": [{"id": "x1", "amount": "995000", "settledOn": None}],
            }
        ],
    }
    assert shown("milestones_page", {"milestones": [milestone]}) == {
        "milestones": {
            "nodes": [
                {
                    "id": "milestone_m1",
                    "dueOn": "2026-06-30",
                    "amount": {"amount": "10000.00"},
                    "agreement": {"id": "agreement_a1", "title": "居家服务"},
                    "partner": {"id": "partner_o1", "name": "暖巢"},
                    "paymentRequests": [
                        {
                            "id": "payment_request_r1",
                            "payable": {"amount": "9950.00"},
                            "payments": [
                                {"id": "payment_x1", "amount": {"amount": "9950.00"}, "settledOn": None}
                            ],
                        }
                    ],
                }
            ]
        }
    }
