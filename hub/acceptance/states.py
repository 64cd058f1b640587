"""State tables of submissions, deductions and appeals (DOMAIN §4)."""

from __future__ import annotations

from hub.agreements.states import ACCEPTED
from hub.base.machine import Machine, Move

SUBMISSION = Machine(
    name="Submission",
    table="submissions",
    states=("DRAFT", "SUBMITTED", *ACCEPTED, "RETURNED", "REJECTED", "WITHDRAWN"),
    conditions={
        "SECOND_REVIEW_WANTED": "{t}.second_wanted",
    },
    moves=(
        # A draft gathers its evidence within one command; whatever others see is frozen.
        Move("milestone_submit", ("DRAFT",), ("SUBMITTED",), carried=True),
        Move("submission_withdraw", ("SUBMITTED",), ("WITHDRAWN",)),
        Move("submission_review", ("SUBMITTED",), (*ACCEPTED, "RETURNED", "REJECTED")),
        Move("submission_second", ("SUBMITTED",), ACCEPTED, needs=("SECOND_REVIEW_WANTED",)),
        # Rejecting the payment takes the acceptance back.
        Move("payment_request_reject", ACCEPTED, ("RETURNED",), carried=True),
        Move("appeal_decide", ("REJECTED",), ACCEPTED, carried=True),
    ),
)

DEDUCTION = Machine(
    name="Deduction",
    table="deductions",
    states=("PROPOSED", "APPLIED", "LIFTED", "WITHDRAWN"),
    moves=(
        Move("deduction_withdraw", ("PROPOSED",), ("WITHDRAWN",)),
        # It takes effect with the review whose payment it lessens; when its claim goes back, it goes too.
        Move("submission_review", ("PROPOSED",), ("APPLIED", "WITHDRAWN"), carried=True),
        Move("submission_second", ("PROPOSED",), ("APPLIED",), carried=True),
        Move("submission_withdraw", ("PROPOSED",), ("WITHDRAWN",), carried=True),
        # About work billed by another claim it waits for the next payment.
        Move("payment_request_reject", ("APPLIED", "PROPOSED"), ("PROPOSED", "WITHDRAWN"), carried=True),
        Move("appeal_decide", ("APPLIED",), ("LIFTED",), carried=True),
    ),
)

APPEAL = Machine(
    name="Appeal",
    table="appeals",
    states=("FILED", "UPHELD", "DENIED"),
    moves=(Move("appeal_decide", ("FILED",), ("UPHELD", "DENIED")),),
)
