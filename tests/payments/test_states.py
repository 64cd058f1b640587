"""Every (state × action) pair of claims and payments, against DOMAIN §4, written out by hand."""

from __future__ import annotations

import itertools

import pytest

from hub.acceptance.states import APPEAL, DEDUCTION, SUBMISSION
from hub.base.machine import Machine
from hub.payments.states import BANK_ACCOUNT, INVOICE, PAYMENT, PAYMENT_REQUEST

Expected = dict[tuple[str, str], set[str]]
ACCEPTED = {"ACCEPTED", "PARTIALLY_ACCEPTED"}
BEFORE_SENT = ("CREATED", "CONFIRMED", "CHECKED", "APPROVED")

MACHINES: tuple[tuple[Machine, str, Expected], ...] = (
    (
        SUBMISSION,
        "submission_",
        {
            ("DRAFT", "milestone_submit"): {"SUBMITTED"},
            ("SUBMITTED", "submission_withdraw"): {"WITHDRAWN"},
            ("SUBMITTED", "submission_review"): ACCEPTED | {"RETURNED", "REJECTED"},
            ("SUBMITTED", "submission_second"): ACCEPTED,
            ("REJECTED", "appeal_decide"): ACCEPTED,
            **{(state, "payment_request_reject"): {"RETURNED"} for state in ACCEPTED},
        },
    ),
    (
        DEDUCTION,
        "deduction_",
        {
            ("PROPOSED", "deduction_withdraw"): {"WITHDRAWN"},
            ("PROPOSED", "submission_review"): {"APPLIED", "WITHDRAWN"},
            ("PROPOSED", "submission_withdraw"): {"WITHDRAWN"},
            ("PROPOSED", "submission_second"): {"APPLIED"},
            **{
                (state, "payment_request_reject"): {"PROPOSED", "WITHDRAWN"}
                for state in ("PROPOSED", "APPLIED")
            },
            ("APPLIED", "appeal_decide"): {"LIFTED"},
        },
    ),
    (APPEAL, "appeal_", {("FILED", "appeal_decide"): {"UPHELD", "DENIED"}}),
    (
        INVOICE,
        "invoice_",
        {
            ("HANDED_IN", "payment_request_check"): {"MATCHED"},
            **{(state, "invoice_void"): {"VOIDED"} for state in ("HANDED_IN", "MATCHED")},
            **{(state, "invoice_refuse"): {"REFUSED"} for state in ("HANDED_IN", "MATCHED")},
            **{(state, "payment_request_reject"): {"VOIDED"} for state in ("HANDED_IN", "MATCHED")},
        },
    ),
    (
        BANK_ACCOUNT,
        "bank_account_",
        {
            ("PROPOSED", "bank_account_verify"): {"VERIFIED"},
            **{(state, "bank_account_retire"): {"RETIRED"} for state in ("PROPOSED", "VERIFIED")},
        },
    ),
    (
        PAYMENT_REQUEST,
        ("payment_request_", "payment_send"),  # type: ignore[arg-type] - str.startswith takes both
        {
            ("CREATED", "payment_request_confirm"): {"CONFIRMED"},
            ("CONFIRMED", "payment_request_check"): {"CHECKED"},
            ("FAILED", "payment_request_check"): {"CHECKED"},
            ("CHECKED", "payment_request_approve"): {"APPROVED"},
            ("APPROVED", "payment_send"): {"SENT"},
            ("FAILED", "payment_send"): {"SENT"},
            ("SENT", "payment_settle"): {"PAID"},
            ("SENT", "payment_fail"): {"FAILED"},
            ("PAID", "payment_reverse"): {"REVERSED"},
            ("RETURNED", "payment_request_reopen"): {"CREATED"},
            **{(state, "payment_request_return"): {"RETURNED"} for state in BEFORE_SENT},
            **{(state, "payment_request_reject"): {"REJECTED"} for state in (*BEFORE_SENT, "RETURNED")},
        },
    ),
    (
        PAYMENT,
        "payment_",
        {
            ("SENT", "payment_settle"): {"SETTLED"},
            ("SENT", "payment_fail"): {"FAILED"},
            ("SETTLED", "payment_reverse"): {"REVERSED"},
        },
    ),
)


@pytest.mark.parametrize(("machine", "prefix", "expected"), MACHINES, ids=[one[0].name for one in MACHINES])
def test_every_pair_of_state_and_action(machine: Machine, prefix: str, expected: Expected) -> None:
    found = {
        (state, move.action): set(move.targets)
        for state, move in itertools.product(machine.states, machine.moves)
        if state in move.sources
    }
    assert found == expected
    for move in machine.moves:
        assert move.carried == (not move.action.startswith(prefix)), move.action
        assert not move.system
