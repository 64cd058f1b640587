"""State tables of deliveries, call-backs and group work (DOMAIN §4)."""

from __future__ import annotations

from hub.base.machine import Machine, Move

CALLBACK_OUTCOMES = ("CONFIRMED", "FAILED", "NOT_REACHED")

STANDING = ("RECORDED", "FLAGGED", "VERIFIED", "DISPUTED")
"""Whatever counts; VOIDED alone does not."""

DELIVERY = Machine(
    name="Delivery",
    table="deliveries",
    states=(*STANDING, "VOIDED"),
    conditions={
        "NOT_THE_DELIVERER": "{t}.worker_user_id is distinct from {user}"
        " and {t}.recorded_user_id is distinct from {user}",
    },
    moves=(
        Move("delivery_record", ("RECORDED",), ("FLAGGED",), carried=True),
        # Keeps the state, unless the evidence itself is odd: always made with `to`.
        Move("delivery_attach", STANDING, STANDING),
        Move(
            "delivery_verify",
            ("RECORDED", "FLAGGED", "DISPUTED"),
            ("VERIFIED",),
            needs=("NOT_THE_DELIVERER",),
        ),
        # Complete evidence that nobody disputed for a week; flagged ones wait for a person.
        Move("delivery_auto_verify", ("RECORDED",), ("VERIFIED",), system=True),
        Move("delivery_dispute", ("RECORDED", "FLAGGED", "VERIFIED"), ("DISPUTED",)),
        Move("callback_record", ("RECORDED", "FLAGGED", "VERIFIED"), ("DISPUTED",), carried=True),
        Move("delivery_void", ("RECORDED", "FLAGGED", "DISPUTED"), ("VOIDED",)),
    ),
)

CALLBACK = Machine(
    name="Callback",
    table="callbacks",
    states=("DUE", *CALLBACK_OUTCOMES, "CANCELLED"),
    moves=(
        Move("callback_record", ("DUE", "NOT_REACHED"), CALLBACK_OUTCOMES),
        Move("delivery_void", ("DUE", "NOT_REACHED"), ("CANCELLED",), carried=True),
    ),
)

SERIES = Machine(
    name="ActivitySeries",
    table="activity_series",
    called="Series",
    states=("OPEN", "CLOSED", "CANCELLED"),
    conditions={
        "NOTHING_HELD": "{t}.held_count = 0",
        "NOTHING_PLANNED": "{t}.planned_count = 0",
    },
    moves=(
        Move("series_close", ("OPEN",), ("CLOSED",), needs=("NOTHING_PLANNED",)),
        Move("series_cancel", ("OPEN",), ("CANCELLED",), needs=("NOTHING_HELD",)),
    ),
)

SESSION = Machine(
    name="GroupSession",
    table="group_sessions",
    called="Session",
    states=("PLANNED", "HELD", "CANCELLED"),
    moves=(
        Move("delivery_record", ("PLANNED",), ("HELD",), carried=True),
        # Changes who leads it, not its state: always made with `to` = the present state.
        Move("session_assign_worker", ("PLANNED",), ("PLANNED",)),
        Move("session_cancel", ("PLANNED",), ("CANCELLED",)),
        Move("series_cancel", ("PLANNED",), ("CANCELLED",), carried=True),
    ),
)
