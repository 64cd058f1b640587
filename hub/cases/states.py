"""State tables of cases and goals (DOMAIN §4). The list of states is complete; nothing leads to SUSPENDED yet."""

from __future__ import annotations

from hub.base.machine import Machine, Move

UNFINISHED = ("OPEN", "ASSESSING", "PLANNED", "ACTIVE", "SUSPENDED", "CLOSING")

CASE = Machine(
    name="Case",
    table="cases",
    states=(*UNFINISHED, "CLOSED"),
    conditions={
        "CASEWORK": "{t}.kind = 'CASEWORK'",
        "NEEDS_AND_GOALS_FINAL": "{t}.open_need_count + {t}.open_goal_count = 0",
        "NO_OPEN_VISITS": "{t}.open_visit_count = 0",
        "NOT_THE_PROPOSER": "{t}.closure_proposed_user_id is distinct from {user}",
    },
    moves=(
        # Changes who works the case, not its state: always made with `to` = the present state.
        Move("case_assign_worker", UNFINISHED, UNFINISHED),
        Move("case_assess", ("OPEN",), ("ASSESSING",), needs=("CASEWORK",)),
        Move("case_plan", ("ASSESSING",), ("PLANNED",), needs=("CASEWORK",)),
        Move("case_start", ("PLANNED",), ("ACTIVE",), needs=("CASEWORK",)),
        Move("visit_promise", ("OPEN",), ("ACTIVE",), carried=True),
        Move("visit_record", ("ACTIVE",), ("CLOSED",), carried=True),
        Move("visit_cancel", ("ACTIVE",), ("CLOSED",), carried=True),
        Move("delivery_record", ("ACTIVE",), ("CLOSED",), carried=True),
        # The series in which she had a place is over.
        Move("series_close", ("ACTIVE",), ("CLOSED",), carried=True),
        Move("case_propose_closure", ("ACTIVE",), ("CLOSING",), needs=("CASEWORK", "NEEDS_AND_GOALS_FINAL")),
        Move(
            "case_close",
            ("CLOSING",),
            ("CLOSED",),
            needs=("NEEDS_AND_GOALS_FINAL", "NO_OPEN_VISITS", "NOT_THE_PROPOSER"),
        ),
        # Not approved, or taken back: what is still to be done is done first.
        Move("case_reopen", ("CLOSING",), ("ACTIVE",)),
        Move("case_hand_back", ("OPEN", "ASSESSING", "PLANNED", "ACTIVE", "CLOSING"), ("CLOSED",)),
        Move("referral_cancel", UNFINISHED, ("CLOSED",), carried=True),
    ),
)

GOAL_FINAL = ("ACHIEVED", "PARTLY_ACHIEVED", "NOT_ACHIEVED", "DROPPED")

GOAL = Machine(
    name="Goal",
    table="goals",
    states=("OPEN", *GOAL_FINAL),
    moves=(Move("goal_settle", ("OPEN",), GOAL_FINAL),),
)
