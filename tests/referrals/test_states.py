"""Every (state × action) pair of every object with a state table, against DOMAIN §4.

The expectation is written out by hand from the specification, not derived from the code: a pair that is not listed must
not be possible. `system` marks what only time may do.
"""

from __future__ import annotations

import itertools

import pytest

from hub.agreements.states import AGREEMENT, MILESTONE
from hub.base.machine import Machine
from hub.cases.states import CASE, GOAL
from hub.documents.states import DOCUMENT
from hub.people.states import CONSENT, NEED
from hub.referrals.states import OFFER, REFERRAL
from hub.visits.states import VISIT

Expected = dict[tuple[str, str], set[str]]

CANCELLABLE = (
    *("DRAFT", "SUBMITTED", "RETURNED", "TRIAGED", "TAKEN", "OFFERED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD"),
)

REFERRAL_MOVES: Expected = {
    ("DRAFT", "referral_submit"): {"SUBMITTED"},
    ("RETURNED", "referral_submit"): {"SUBMITTED"},
    ("SUBMITTED", "referral_return"): {"RETURNED"},
    ("SUBMITTED", "referral_reject"): {"REJECTED"},
    ("SUBMITTED", "referral_triage"): {"TRIAGED"},
    ("TRIAGED", "referral_take"): {"TAKEN"},
    ("TRIAGED", "referral_offer"): {"OFFERED"},
    ("OFFERED", "offer_accept"): {"ACCEPTED"},
    ("OFFERED", "offer_decline"): {"TRIAGED"},
    ("OFFERED", "offer_withdraw"): {"TRIAGED"},
    ("OFFERED", "offer_expire"): {"TRIAGED"},
    ("OFFERED", "agreement_terminate"): {"TRIAGED"},
    ("OFFERED", "agreement_close_term"): {"TRIAGED"},
    ("TAKEN", "visit_promise"): {"IN_PROGRESS"},
    ("ACCEPTED", "visit_promise"): {"IN_PROGRESS"},
    ("TAKEN", "case_assess"): {"IN_PROGRESS"},
    ("ACCEPTED", "case_assess"): {"IN_PROGRESS"},
    ("IN_PROGRESS", "visit_record"): {"COMPLETED"},
    ("IN_PROGRESS", "delivery_record"): {"COMPLETED"},
    ("IN_PROGRESS", "series_close"): {"COMPLETED"},
    ("IN_PROGRESS", "visit_cancel"): {"COMPLETED"},
    ("IN_PROGRESS", "case_close"): {"COMPLETED"},
    ("TAKEN", "case_hand_back"): {"TRIAGED"},
    ("ACCEPTED", "case_hand_back"): {"TRIAGED"},
    ("IN_PROGRESS", "case_hand_back"): {"TRIAGED"},
    ("COMPLETED", "referral_acknowledge"): {"CLOSED"},
    ("COMPLETED", "referral_auto_close"): {"CLOSED"},
    **{(state, "referral_cancel"): {"CANCELLED"} for state in CANCELLABLE},
}

OFFER_MOVES: Expected = {
    ("OFFERED", "offer_accept"): {"ACCEPTED"},
    ("OFFERED", "offer_decline"): {"DECLINED"},
    ("OFFERED", "offer_withdraw"): {"WITHDRAWN"},
    ("OFFERED", "offer_expire"): {"EXPIRED"},
    ("OFFERED", "referral_cancel"): {"WITHDRAWN"},
    ("OFFERED", "agreement_terminate"): {"WITHDRAWN"},
    ("OFFERED", "agreement_close_term"): {"WITHDRAWN"},
}

CASE_OPEN = ("OPEN", "ASSESSING", "PLANNED", "ACTIVE", "SUSPENDED", "CLOSING")

CASE_MOVES: Expected = {
    # It changes the worker and keeps the state; the command names the present one.
    **{(state, "case_assign_worker"): set(CASE_OPEN) for state in CASE_OPEN},
    ("OPEN", "case_assess"): {"ASSESSING"},
    ("ASSESSING", "case_plan"): {"PLANNED"},
    ("PLANNED", "case_start"): {"ACTIVE"},
    ("OPEN", "visit_promise"): {"ACTIVE"},
    ("ACTIVE", "visit_record"): {"CLOSED"},
    ("ACTIVE", "delivery_record"): {"CLOSED"},
    ("ACTIVE", "series_close"): {"CLOSED"},
    ("ACTIVE", "visit_cancel"): {"CLOSED"},
    ("ACTIVE", "case_propose_closure"): {"CLOSING"},
    ("CLOSING", "case_close"): {"CLOSED"},
    ("CLOSING", "case_reopen"): {"ACTIVE"},
    # Nothing suspends a case yet, so nothing suspended is handed back.
    **{(state, "case_hand_back"): {"CLOSED"} for state in CASE_OPEN if state != "SUSPENDED"},
    **{(state, "referral_cancel"): {"CLOSED"} for state in CASE_OPEN},
}

FINAL_GOALS = {"ACHIEVED", "PARTLY_ACHIEVED", "NOT_ACHIEVED", "DROPPED"}
GOAL_MOVES: Expected = {("OPEN", "goal_settle"): FINAL_GOALS}

OUTCOMES = {"COMPLETED", "NOT_HOME", "REFUSED", "AWAY", "HOSPITALISED"}
VISIT_MOVES: Expected = {
    ("PLANNED", "visit_record"): OUTCOMES,
    ("PLANNED", "visit_cancel"): {"CANCELLED"},
    ("PLANNED", "case_hand_back"): {"CANCELLED"},
    ("PLANNED", "referral_cancel"): {"CANCELLED"},
}

CONSENT_MOVES: Expected = {
    ("ACTIVE", "consent_withdraw"): {"WITHDRAWN"},
    ("ACTIVE", "consent_expire"): {"EXPIRED"},
}

NEED_MOVES: Expected = {
    ("OPEN", "need_settle"): {"MET", "PARTLY_MET", "NOT_MET", "WITHDRAWN"},
    ("OPEN", "visit_record"): {"MET"},
    ("OPEN", "delivery_record"): {"MET"},
    ("OPEN", "series_close"): {"MET"},
    ("OPEN", "visit_cancel"): {"MET"},
}

AGREEMENT_MOVES: Expected = {
    ("DRAFT", "agreement_draft"): {"DRAFT"},
    ("RETURNED", "agreement_draft"): {"DRAFT"},
    ("DRAFT", "agreement_propose"): {"IN_REVIEW"},
    ("IN_REVIEW", "agreement_certify"): {"CERTIFIED"},
    ("CERTIFIED", "agreement_approve"): {"APPROVED"},
    # By the street's own people RETURNED, by the partner DRAFT; which of them is the command's to say.
    **{
        (state, "agreement_send_back"): {"RETURNED", "DRAFT"}
        for state in ("IN_REVIEW", "CERTIFIED", "APPROVED")
    },
    ("APPROVED", "agreement_accept"): {"PARTNER_ACCEPTED"},
    ("APPROVED", "agreement_decline"): {"DECLINED"},
    **{
        (state, "agreement_cancel"): {"CANCELLED"}
        for state in ("DRAFT", "RETURNED", "IN_REVIEW", "CERTIFIED", "APPROVED", "PARTNER_ACCEPTED")
    },
    ("PARTNER_ACCEPTED", "agreement_activate"): {"ACTIVE"},
    ("ACTIVE", "agreement_close_term"): {"CLOSING"},
    ("SUSPENDED", "agreement_close_term"): {"CLOSING"},
    ("CLOSING", "agreement_auto_close"): {"CLOSED"},
    **{(state, "agreement_terminate"): {"TERMINATED"} for state in ("ACTIVE", "SUSPENDED", "CLOSING")},
}

MILESTONE_MOVES: Expected = {
    **{
        ("SCHEDULED", action): {"CANCELLED"}
        for action in ("agreement_draft", "agreement_decline", "agreement_cancel", "agreement_terminate")
    },
    **{(state, "agreement_terminate"): {"CANCELLED"} for state in ("RETURNED", "REJECTED")},
    **{(state, "milestone_submit"): {"SUBMITTED"} for state in ("SCHEDULED", "RETURNED", "REJECTED")},
    ("SUBMITTED", "submission_withdraw"): {"SCHEDULED"},
    ("SUBMITTED", "submission_review"): {"ACCEPTED", "PARTIALLY_ACCEPTED", "RETURNED", "REJECTED"},
    ("SUBMITTED", "submission_second"): {"ACCEPTED", "PARTIALLY_ACCEPTED"},
    ("REJECTED", "appeal_decide"): {"ACCEPTED", "PARTIALLY_ACCEPTED"},
    ("SETTLED", "payment_reverse"): {"ACCEPTED", "PARTIALLY_ACCEPTED"},
    **{(state, "payment_settle"): {"SETTLED"} for state in ("ACCEPTED", "PARTIALLY_ACCEPTED")},
    **{
        (state, "payment_request_reject"): {"RETURNED", "CANCELLED"}
        for state in ("ACCEPTED", "PARTIALLY_ACCEPTED")
    },
}

DOCUMENT_MOVES: Expected = {
    ("PENDING", "document_store"): {"STORED"},
    ("PENDING", "document_expire"): {"EXPIRED"},
}

STATES = {
    "Agreement": {
        *(
            "DRAFT",
            "IN_REVIEW",
            "RETURNED",
            "CERTIFIED",
            "APPROVED",
            "PARTNER_ACCEPTED",
            "ACTIVE",
            "SUSPENDED",
        ),
        *("CLOSING", "CLOSED", "DECLINED", "CANCELLED", "TERMINATED"),
    },
    "Milestone": {
        *("SCHEDULED", "SUBMITTED", "RETURNED", "REJECTED", "ACCEPTED", "PARTIALLY_ACCEPTED", "SETTLED"),
        *("WAIVED", "CANCELLED"),
    },
    "Referral": {*CANCELLABLE, "REJECTED", "COMPLETED", "CLOSED", "CANCELLED"},
    "Offer": {"OFFERED", "ACCEPTED", "DECLINED", "EXPIRED", "WITHDRAWN"},
    "Case": {*CASE_OPEN, "CLOSED"},
    "Goal": {"OPEN"} | FINAL_GOALS,
    "Visit": {"PLANNED", "CANCELLED"} | OUTCOMES,
    "Consent": {"ACTIVE", "WITHDRAWN", "EXPIRED"},
    "Need": {"OPEN", "MET", "PARTLY_MET", "NOT_MET", "WITHDRAWN"},
    "Document": {"PENDING", "STORED", "EXPIRED"},
}

MACHINES = (
    (REFERRAL, REFERRAL_MOVES),
    (OFFER, OFFER_MOVES),
    (CASE, CASE_MOVES),
    (GOAL, GOAL_MOVES),
    (VISIT, VISIT_MOVES),
    (CONSENT, CONSENT_MOVES),
    (NEED, NEED_MOVES),
    (DOCUMENT, DOCUMENT_MOVES),
    (AGREEMENT, AGREEMENT_MOVES),
    (MILESTONE, MILESTONE_MOVES),
)

SYSTEM = {
    *("offer_expire", "referral_auto_close", "consent_expire", "document_expire"),
    *("agreement_activate", "agreement_close_term", "agreement_auto_close"),
}

COMMANDS_ON = {
    "Referral": "referral_",
    "Offer": "offer_",
    "Case": "case_",
    "Goal": "goal_",
    "Visit": "visit_",
    "Consent": "consent_",
    "Need": "need_",
    "Document": "document_",
    "Agreement": "agreement_",
    "Milestone": "milestone_",
}
"""A move is offered on an object when its command is named after the object; any other is carried."""


@pytest.mark.parametrize(("machine", "expected"), MACHINES, ids=lambda part: getattr(part, "name", ""))
def test_every_pair_of_state_and_action(machine: Machine, expected: Expected) -> None:
    actions = {move.action for move in machine.moves}
    found = {
        (state, action): set(machine.find(action).targets)
        for state, action in itertools.product(machine.states, actions)
        if state in machine.find(action).sources
    }
    assert found == expected


@pytest.mark.parametrize("machine", [machine for machine, _ in MACHINES], ids=lambda machine: machine.name)
def test_the_list_of_states_is_complete(machine: Machine) -> None:
    assert set(machine.states) == STATES[machine.name]
    assert len(machine.states) == len(set(machine.states))


@pytest.mark.parametrize("machine", [machine for machine, _ in MACHINES], ids=lambda machine: machine.name)
def test_each_action_has_one_row_and_is_marked_as_what_it_is(machine: Machine) -> None:
    actions = [move.action for move in machine.moves]
    assert len(actions) == len(set(actions))
    for move in machine.moves:
        assert move.system == (move.action in SYSTEM), move.action
        assert move.carried == (not move.action.startswith(COMMANDS_ON[machine.name])), move.action


def test_from_accepted_on_only_other_objects_carry_a_referral_along() -> None:
    for move in REFERRAL.moves:
        if {"ACCEPTED", "IN_PROGRESS", "ON_HOLD"} & set(move.sources):
            assert move.carried or move.action == "referral_cancel", move.action


def test_only_casework_knows_assessment_plan_and_proposed_closure() -> None:
    for action in ("case_assess", "case_plan", "case_start", "case_propose_closure"):
        assert "CASEWORK" in CASE.find(action).needs, action


def test_closure_waits_for_needs_goals_visits_and_other_eyes() -> None:
    assert set(CASE.find("case_close").needs) == {
        "NEEDS_AND_GOALS_FINAL",
        "NO_OPEN_VISITS",
        "NOT_THE_PROPOSER",
    }
    assert CASE.conditions["NOT_THE_PROPOSER"] == "{t}.closure_proposed_user_id is distinct from {user}"
