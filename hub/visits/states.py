"""State table of visits (DOMAIN §4): `kept`, `late` and `missed` are derived, never stored."""

from __future__ import annotations

from hub.base.machine import Machine, Move

VISIT_OUTCOMES = ("COMPLETED", "NOT_HOME", "REFUSED", "AWAY", "HOSPITALISED")

VISIT = Machine(
    name="Visit",
    table="visits",
    states=("PLANNED", *VISIT_OUTCOMES, "CANCELLED"),
    moves=(
        Move("visit_record", ("PLANNED",), VISIT_OUTCOMES),
        Move("visit_cancel", ("PLANNED",), ("CANCELLED",)),
        Move("case_hand_back", ("PLANNED",), ("CANCELLED",), carried=True),
        Move("referral_cancel", ("PLANNED",), ("CANCELLED",), carried=True),
    ),
)

SUBSTITUTION = Machine(
    name="Substitution",
    table="substitutions",
    states=("PLANNED", "ACTIVE", "ENDED", "CANCELLED"),
    moves=(
        # Begins with the call when its first day has come, else SYSTEM begins it on that day.
        Move("worker_substitute", ("PLANNED",), ("ACTIVE",), carried=True),
        Move("substitution_start", ("PLANNED",), ("ACTIVE",), system=True),
        # Also one that never began: its substitute had left, say.
        Move("substitution_end", ("PLANNED", "ACTIVE"), ("ENDED",), system=True),
        Move("substitution_cancel", ("PLANNED", "ACTIVE"), ("CANCELLED",)),
    ),
)
