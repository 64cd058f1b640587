"""Every (state × action) pair of a delivery and a call-back, against DOMAIN §4; written out, not derived from code."""

from __future__ import annotations

import itertools

import pytest

from hub.base.machine import Machine
from hub.deliveries.states import CALLBACK, DELIVERY

Expected = dict[tuple[str, str], set[str]]

STANDING = ("RECORDED", "FLAGGED", "VERIFIED", "DISPUTED")
OUTCOMES = {"CONFIRMED", "FAILED", "NOT_REACHED"}

DELIVERY_MOVES: Expected = {
    ("RECORDED", "delivery_record"): {"FLAGGED"},
    # It keeps the state, or flags what was only recorded; the command names which.
    **{(state, "delivery_attach"): set(STANDING) for state in STANDING},
    **{(state, "delivery_verify"): {"VERIFIED"} for state in ("RECORDED", "FLAGGED", "DISPUTED")},
    ("RECORDED", "delivery_auto_verify"): {"VERIFIED"},
    **{(state, "delivery_dispute"): {"DISPUTED"} for state in ("RECORDED", "FLAGGED", "VERIFIED")},
    **{(state, "callback_record"): {"DISPUTED"} for state in ("RECORDED", "FLAGGED", "VERIFIED")},
    **{(state, "delivery_void"): {"VOIDED"} for state in ("RECORDED", "FLAGGED", "DISPUTED")},
}
CALLBACK_MOVES: Expected = {
    **{(state, "callback_record"): OUTCOMES for state in ("DUE", "NOT_REACHED")},
    **{(state, "delivery_void"): {"CANCELLED"} for state in ("DUE", "NOT_REACHED")},
}
MACHINES = ((DELIVERY, DELIVERY_MOVES), (CALLBACK, CALLBACK_MOVES))


@pytest.mark.parametrize(("machine", "expected"), MACHINES, ids=lambda part: getattr(part, "name", ""))
def test_every_pair_of_state_and_action(machine: Machine, expected: Expected) -> None:
    actions = {move.action for move in machine.moves}
    found = {
        (state, action): set(machine.find(action).targets)
        for state, action in itertools.product(machine.states, actions)
        if state in machine.find(action).sources
    }
    assert found == expected
    assert len(actions) == len(machine.moves)


def test_the_lists_of_states_are_complete() -> None:
    assert set(DELIVERY.states) == {*STANDING, "VOIDED"}
    assert set(CALLBACK.states) == {"DUE", *OUTCOMES, "CANCELLED"}


def test_what_time_does_and_what_hangs_on_another_object() -> None:
    assert [move.action for move in DELIVERY.moves if move.system] == ["delivery_auto_verify"]
    assert {move.action for move in DELIVERY.moves if move.carried} == {"delivery_record", "callback_record"}
    assert {move.action for move in CALLBACK.moves if move.carried} == {"delivery_void"}
    assert DELIVERY.find("delivery_verify").needs == ("NOT_THE_DELIVERER",)
