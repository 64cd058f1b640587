"""State tables of agreements and milestones (DOMAIN §4). Complete in their states; nothing suspends or amends yet."""

from __future__ import annotations

from hub.base.machine import Machine, Move

AGREEMENT = Machine(
    name="Agreement",
    table="agreements",
    states=(
        "DRAFT",
        "IN_REVIEW",
        "RETURNED",
        "CERTIFIED",
        "APPROVED",
        "PARTNER_ACCEPTED",
        "ACTIVE",
        "SUSPENDED",
        "CLOSING",
        "CLOSED",
        "DECLINED",
        "CANCELLED",
        "TERMINATED",
    ),
    conditions={
        "NOT_THE_DRAFTER": "{user} <> all({t}.drafter_user_ids)",
        # What was put to the partner waits for the partner.
        "NOT_PUT_TO_PARTNER": "{partner} is not null or {t}.status <> 'APPROVED'",
    },
    moves=(
        Move("agreement_draft", ("DRAFT", "RETURNED"), ("DRAFT",)),
        Move("agreement_propose", ("DRAFT",), ("IN_REVIEW",)),
        Move("agreement_certify", ("IN_REVIEW",), ("CERTIFIED",)),
        Move("agreement_approve", ("CERTIFIED",), ("APPROVED",), needs=("NOT_THE_DRAFTER",)),
        # The street's own people return it; sent back by the partner it is a draft again.
        Move(
            "agreement_send_back",
            ("IN_REVIEW", "CERTIFIED", "APPROVED"),
            ("RETURNED", "DRAFT"),
            needs=("NOT_PUT_TO_PARTNER",),
        ),
        Move("agreement_accept", ("APPROVED",), ("PARTNER_ACCEPTED",)),
        Move("agreement_decline", ("APPROVED",), ("DECLINED",)),
        Move(
            "agreement_cancel",
            ("DRAFT", "RETURNED", "IN_REVIEW", "CERTIFIED", "APPROVED", "PARTNER_ACCEPTED"),
            ("CANCELLED",),
        ),
        Move("agreement_activate", ("PARTNER_ACCEPTED",), ("ACTIVE",), system=True),
        Move("agreement_close_term", ("ACTIVE", "SUSPENDED"), ("CLOSING",), system=True),
        Move("agreement_auto_close", ("CLOSING",), ("CLOSED",), system=True),
        Move("agreement_terminate", ("ACTIVE", "SUSPENDED", "CLOSING"), ("TERMINATED",)),
    ),
)

MILESTONE_FINAL = ("SETTLED", "WAIVED", "CANCELLED")
ACCEPTED = ("ACCEPTED", "PARTIALLY_ACCEPTED")

MILESTONE = Machine(
    name="Milestone",
    table="milestones",
    states=(
        "SCHEDULED",
        "SUBMITTED",
        "RETURNED",
        "REJECTED",
        "ACCEPTED",
        "PARTIALLY_ACCEPTED",
        "SETTLED",
        "WAIVED",
        "CANCELLED",
    ),
    conditions={
        "IN_FORCE": "{t}.in_force",
        "EARLIER_STAGES_ACCEPTED": "not exists (select from milestones e where e.id = any({t}.depends_on_ids)"
        f" and e.status not in {(*ACCEPTED, 'SETTLED', 'WAIVED')})",
        # What they leave over is only known then.
        "OTHER_STAGES_SETTLED": "({t}.kind <> 'FINAL' or not exists (select from milestones e"
        " where e.version_id = {t}.version_id and e.id <> {t}.id"
        f" and e.status in {('SUBMITTED', *ACCEPTED)}))",
    },
    moves=(
        # With the agreement ends what it would have paid for; a new version has milestones of its own.
        Move("agreement_draft", ("SCHEDULED",), ("CANCELLED",), carried=True),
        Move("agreement_decline", ("SCHEDULED",), ("CANCELLED",), carried=True),
        Move("agreement_cancel", ("SCHEDULED",), ("CANCELLED",), carried=True),
        Move(
            # What was handed in is decided first.
            "agreement_terminate",
            ("SCHEDULED", "RETURNED", "REJECTED"),
            ("CANCELLED",),
            carried=True,
        ),
        # The claim's moves carry the stage along, and so do those of its payment.
        Move(
            "milestone_submit",
            ("SCHEDULED", "RETURNED", "REJECTED"),
            ("SUBMITTED",),
            needs=("IN_FORCE", "EARLIER_STAGES_ACCEPTED", "OTHER_STAGES_SETTLED"),
        ),
        Move("submission_withdraw", ("SUBMITTED",), ("SCHEDULED",), carried=True),
        Move("submission_review", ("SUBMITTED",), (*ACCEPTED, "RETURNED", "REJECTED"), carried=True),
        Move("submission_second", ("SUBMITTED",), ACCEPTED, carried=True),
        Move("appeal_decide", ("REJECTED",), ACCEPTED, carried=True),
        # Paid; or nothing is payable.
        Move("payment_settle", ACCEPTED, ("SETTLED",), carried=True),
        Move("payment_reverse", ("SETTLED",), ACCEPTED, carried=True),
        # Back to the partner; or out, when the agreement has ended meanwhile.
        Move("payment_request_reject", ACCEPTED, ("RETURNED", "CANCELLED"), carried=True),
    ),
)
