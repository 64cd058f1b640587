"""State tables of referrals and offers (DOMAIN §4). The list of states is complete; nothing leads to ON_HOLD yet."""

from __future__ import annotations

from hub.base.machine import Machine, Move

UNDER_WAY = (
    "SUBMITTED",
    "RETURNED",
    "TRIAGED",
    "TAKEN",
    "OFFERED",
    "ACCEPTED",
    "IN_PROGRESS",
    "ON_HOLD",
)
"""Somebody may still do what the referral asks for."""

REFERRAL = Machine(
    name="Referral",
    table="referrals",
    states=(
        "DRAFT",
        "SUBMITTED",
        "RETURNED",
        "REJECTED",
        "TRIAGED",
        "TAKEN",
        "OFFERED",
        "ACCEPTED",
        "IN_PROGRESS",
        "ON_HOLD",
        "COMPLETED",
        "CLOSED",
        "CANCELLED",
    ),
    moves=(
        Move("referral_submit", ("DRAFT", "RETURNED"), ("SUBMITTED",)),
        Move("referral_return", ("SUBMITTED",), ("RETURNED",)),
        Move("referral_reject", ("SUBMITTED",), ("REJECTED",)),
        Move("referral_triage", ("SUBMITTED",), ("TRIAGED",)),
        Move("referral_take", ("TRIAGED",), ("TAKEN",)),
        Move("referral_offer", ("TRIAGED",), ("OFFERED",)),
        Move("offer_accept", ("OFFERED",), ("ACCEPTED",), carried=True),
        Move("offer_decline", ("OFFERED",), ("TRIAGED",), carried=True),
        Move("offer_withdraw", ("OFFERED",), ("TRIAGED",), carried=True),
        Move("offer_expire", ("OFFERED",), ("TRIAGED",), carried=True, system=True),
        # The agreement that would have paid takes nothing new any more.
        Move("agreement_terminate", ("OFFERED",), ("TRIAGED",), carried=True),
        Move("agreement_close_term", ("OFFERED",), ("TRIAGED",), carried=True, system=True),
        # Work begins with the first promise, or with the assessment of a CASEWORK case, whichever comes first.
        Move("visit_promise", ("TAKEN", "ACCEPTED"), ("IN_PROGRESS",), carried=True),
        Move("case_assess", ("TAKEN", "ACCEPTED"), ("IN_PROGRESS",), carried=True),
        Move("visit_record", ("IN_PROGRESS",), ("COMPLETED",), carried=True),
        # The promise taken back was one too many: everything had been delivered.
        Move("visit_cancel", ("IN_PROGRESS",), ("COMPLETED",), carried=True),
        Move("delivery_record", ("IN_PROGRESS",), ("COMPLETED",), carried=True),
        Move("series_close", ("IN_PROGRESS",), ("COMPLETED",), carried=True),
        Move("case_close", ("IN_PROGRESS",), ("COMPLETED",), carried=True),
        Move("case_hand_back", ("TAKEN", "ACCEPTED", "IN_PROGRESS"), ("TRIAGED",), carried=True),
        Move("referral_acknowledge", ("COMPLETED",), ("CLOSED",)),
        Move("referral_auto_close", ("COMPLETED",), ("CLOSED",), system=True),
        Move("referral_cancel", ("DRAFT", *UNDER_WAY), ("CANCELLED",)),
    ),
)

OFFER = Machine(
    name="Offer",
    table="offers",
    states=("OFFERED", "ACCEPTED", "DECLINED", "EXPIRED", "WITHDRAWN"),
    moves=(
        Move("offer_accept", ("OFFERED",), ("ACCEPTED",)),
        Move("offer_decline", ("OFFERED",), ("DECLINED",)),
        Move("offer_withdraw", ("OFFERED",), ("WITHDRAWN",)),
        Move("offer_expire", ("OFFERED",), ("EXPIRED",), system=True),
        Move("referral_cancel", ("OFFERED",), ("WITHDRAWN",), carried=True),
        Move("agreement_terminate", ("OFFERED",), ("WITHDRAWN",), carried=True),
        Move("agreement_close_term", ("OFFERED",), ("WITHDRAWN",), carried=True, system=True),
    ),
)
