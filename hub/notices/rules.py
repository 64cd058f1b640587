"""Which event is told to whom, in which words, and until when something is to be done: `RULES` is the whole answer.

The words stand in `hub/base/locale`, as `notice.<kind>`; whom a name in `to` stands for, in `hub/notices/handlers.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from hub.base.limits import AUTO_CLOSE_DAYS, CALLBACK_DAYS, DELIVERY_AUTO_VERIFY_DAYS
from hub.base.outbox import Event
from hub.notices.matters import Matter

Known = tuple[Event, Matter]
"""All that a rule may look at."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One notice: its kind (the key of its words), who gets it, by when she has to act, and in which case."""

    kind: str
    to: tuple[str, ...]
    due: Callable[[Known], datetime | None] | None = None
    when: Callable[[Known], bool] | None = None
    about: tuple[str, str] | None = None
    """Another object than the event's: its type and the fact with its id, for whoever may not read the event's."""


# ------------------------------------------------------------------------------------------------------------ by when
ANSWER_HOURS: Mapping[str | None, int] = {"URGENT": 4, "SOON": 24, "ROUTINE": 72}
"""Urgency of a referral → hours within which the station is to place it, again when it comes back."""

CORRECT_DAYS = 3
"""Days for a community to correct what was returned, for the station to answer a proposed closure."""

PROMISE_HOURS = 24
"""Hours within which a worker who gets a case is to promise a visit."""

DECIDE_DAYS = 5
"""Days for accountant, director and partner to decide about an agreement, for the station to write it anew; for a
partner to answer a dispute."""

LOOK_AFTER_HOURS = 4
"""Hours within which somebody who did not open is to be reached (DOMAIN §4, as for a welfare alert)."""


def _by_urgency(known: Known) -> datetime:
    event, matter = known
    return event.occurred_at + timedelta(hours=ANSWER_HOURS.get(matter.urgency, ANSWER_HOURS["ROUTINE"]))


def _within(**period: float) -> Callable[[Known], datetime | None]:
    return lambda known: known[0].occurred_at + timedelta(**period)


def _offer_end(known: Known) -> datetime | None:
    return known[1].expires_at


def _promise(known: Known) -> datetime | None:
    return known[1].promised_from_at


# ------------------------------------------------------------------------------------------------------- in which case
def _carried(name: str, state: str | None = None) -> Callable[[Known], bool]:
    """The event carried a move of that object along (to that state)."""

    def carried(known: Known) -> bool:
        moved = (known[0].facts.get("carried") or {}).get(name)
        return moved is not None and state in (None, moved)

    return carried


def _on_case(known: Known) -> bool:
    return known[1].referral_id is not None


def _kept(known: Known) -> bool:
    return _outcome(known) == "COMPLETED" and not known[0].facts.get("late")


def _late(known: Known) -> bool:
    return _outcome(known) == "COMPLETED" and bool(known[0].facts.get("late"))


def _nobody_home(known: Known) -> bool:
    return _outcome(known) == "NOT_HOME" and bool(known[0].facts.get("firstNotHome"))


def _not_made(known: Known) -> bool:
    return _outcome(known) != "COMPLETED" and not _nobody_home(known)


def _outcome(known: Known) -> str | None:
    return known[0].facts.get("outcome")


def _by_partner(known: Known) -> bool:
    return bool(known[0].facts.get("byPartner"))


def _was_approved(known: Known) -> bool:
    return known[0].facts.get("was") in ("APPROVED", "PARTNER_ACCEPTED")


def _awaits_second(known: Known) -> bool:
    return bool(known[0].facts.get("awaitsSecond"))


def _payable(known: Known) -> bool:
    return known[0].facts.get("requestId") is not None


def _nothing_payable(known: Known) -> bool:
    return _accepted(known) and not _payable(known)


def _accepted(known: Known) -> bool:
    return (known[0].facts.get("carried") or {}).get("Milestone") in ("ACCEPTED", "PARTIALLY_ACCEPTED")


def _not_accepted(known: Known) -> bool:
    return (known[0].facts.get("carried") or {}).get("Milestone") in ("RETURNED", "REJECTED")


def _objected(known: Known) -> bool:
    return known[0].facts.get("confirmed") is False


def _was_open(known: Known) -> bool:
    return bool(known[1].partner_ids)


def _is_odd(known: Known) -> bool:
    return bool(known[0].facts.get("flags"))


def _is_session(known: Known) -> bool:
    return known[0].facts.get("sessionId") is not None and not _is_odd(known)


def _of_agreement(known: Known) -> bool:
    return known[0].subject_type == "Agreement"


def _of_offer(known: Known) -> bool:
    return known[0].subject_type == "Offer"


def _substitute_left(known: Known) -> bool:
    return bool(known[0].facts.get("substituteLeft"))


def _all_kept(known: Known) -> bool:
    return not _substitute_left(known)


_DECIDED = (
    Rule("claim_accepted", ("managers_agreeing",), due=_within(days=DECIDE_DAYS), when=_payable),
    Rule(
        "payment_to_confirm",
        ("station",),
        due=_within(days=DECIDE_DAYS),
        when=_payable,
        about=("PaymentRequest", "requestId"),
    ),
    Rule("claim_settled", ("managers_agreeing",), when=_nothing_payable),
    Rule("claim_decided", ("managers_agreeing",), due=_within(days=DECIDE_DAYS), when=_not_accepted),
)
"""What a decision on a claim sets off."""

_OFFER_UNDER_ENDED = (
    Rule("offer_withdrawn", ("referrer",), when=_of_offer),
    Rule("offer_gone", ("managers_offered",), when=_of_offer),
    Rule("referral_to_place", ("station",), due=_by_urgency, when=_of_offer),
)
"""What the end of an agreement means for an offer that nobody had answered."""

_SERVED = Rule(
    "referral_completed",
    ("referrer",),
    due=_within(days=AUTO_CLOSE_DAYS),
    when=_carried("Referral", "COMPLETED"),
)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "referral_submit": (Rule("referral_submitted", ("station",), due=_by_urgency),),
    "referral_return": (Rule("referral_returned", ("referrer",), due=_within(days=CORRECT_DAYS)),),
    "referral_reject": (Rule("referral_rejected", ("referrer",)),),
    "referral_triage": (Rule("referral_triaged", ("referrer",)),),
    "referral_take": (Rule("referral_taken", ("referrer",)),),
    "referral_offer": (
        Rule("referral_offered", ("referrer",)),
        Rule("offer_received", ("managers_offered",), due=_offer_end, about=("Offer", "offerId")),
    ),
    "offer_accept": (
        Rule("offer_accepted", ("referrer", "station")),
        Rule("case_to_assign", ("managers_leading",), due=_within(hours=PROMISE_HOURS)),
    ),
    "offer_decline": (
        Rule("offer_declined", ("referrer",)),
        Rule("referral_to_place", ("station",), due=_by_urgency),
    ),
    "offer_withdraw": (
        Rule("offer_withdrawn", ("referrer",)),
        Rule("offer_gone", ("managers_offered",)),
    ),
    "offer_expire": (
        Rule("offer_expired", ("referrer",)),
        Rule("referral_to_place", ("station",), due=_by_urgency),
        Rule("offer_gone", ("managers_offered",)),
    ),
    "case_assign_worker": (
        Rule("worker_assigned", ("referrer",)),
        Rule("case_assigned", ("named_worker",), due=_within(hours=PROMISE_HOURS)),
    ),
    "case_add_helper": (
        Rule("helper_joined", ("referrer",)),
        Rule("helper_asked", ("managers_helping", "named_worker")),
    ),
    "case_assess": (Rule("case_assessing", ("referrer",)),),
    "case_start": (Rule("case_started", ("referrer",)),),
    "visit_promise": (
        Rule("visit_promised", ("referrer",), when=_on_case),
        Rule("visit_to_keep", ("visitor",), due=_promise),
    ),
    "visit_cancel": (
        Rule("visit_cancelled", ("referrer", "visitor")),
        Rule(
            "referral_completed",
            ("referrer",),
            due=_within(days=AUTO_CLOSE_DAYS),
            when=_carried("Referral", "COMPLETED"),
        ),
    ),
    "visit_record": (
        Rule("visit_kept", ("referrer",), when=_kept),
        Rule("visit_late", ("referrer",), when=_late),
        Rule("nobody_home", ("station", "referrer"), due=_within(hours=LOOK_AFTER_HOURS), when=_nobody_home),
        Rule("visit_not_made", ("referrer",), when=_not_made),
        Rule(
            "referral_completed",
            ("referrer",),
            due=_within(days=AUTO_CLOSE_DAYS),
            when=_carried("Referral", "COMPLETED"),
        ),
    ),
    "delivery_record": (
        Rule("delivery_flagged", ("station",), due=_within(days=CALLBACK_DAYS), when=_is_odd),
        Rule(
            "session_to_verify",
            ("station",),
            due=_within(days=DELIVERY_AUTO_VERIFY_DAYS),
            when=_is_session,
        ),
        _SERVED,
    ),
    "series_close": (_SERVED,),
    "session_plan": (Rule("session_to_lead", ("visitor",), due=_promise),),
    "session_assign_worker": (
        Rule("session_to_lead", ("visitor",), due=_promise),
        Rule("session_given_over", ("predecessor",)),
    ),
    "session_cancel": (Rule("session_cancelled", ("visitor",)),),
    "series_cancel": (Rule("session_cancelled", ("visitor",)),),
    "delivery_dispute": (
        Rule("delivery_disputed", ("managers_delivering", "deliverer"), due=_within(days=DECIDE_DAYS)),
    ),
    # One for the whole batch: its first delivery stands for the others.
    "callback_record": (
        Rule("deliveries_returned", ("managers_delivering",), due=_within(days=DECIDE_DAYS)),
    ),
    "worker_substitute": (
        Rule("standing_in", ("substitute",)),
        Rule("stood_in_for", ("absent_worker",)),
    ),
    "substitution_start": (Rule("standing_in_begins", ("substitute",)),),
    "substitution_end": (
        Rule("substitution_over", ("substitute", "absent_worker"), when=_all_kept),
        Rule(
            "substitution_failed",
            ("absent_worker", "managers_delivering", "arranger"),
            due=_within(hours=PROMISE_HOURS),
            when=_substitute_left,
        ),
    ),
    "substitution_cancel": (Rule("substitution_cancelled", ("substitute", "absent_worker")),),
    "case_propose_closure": (Rule("closure_proposed", ("station",), due=_within(days=CORRECT_DAYS)),),
    "case_close": (
        Rule("referral_completed", ("referrer",), due=_within(days=AUTO_CLOSE_DAYS)),
        Rule("case_closed", ("lead_worker", "managers_leading")),
    ),
    "case_reopen": (
        Rule("case_reopened", ("lead_worker", "managers_leading"), due=_within(days=CORRECT_DAYS)),
    ),
    "case_hand_back": (
        Rule("case_handed_back", ("referrer", "managers_leading", "lead_worker")),
        Rule("referral_to_place", ("station",), due=_by_urgency),
    ),
    "referral_cancel": (
        Rule("referral_cancelled", ("station",)),
        Rule("offer_gone", ("managers_offered",), when=_carried("Offer")),
        Rule("case_cancelled", ("managers_leading", "lead_worker"), when=_carried("Case")),
    ),
    "referral_acknowledge": (
        Rule("referral_acknowledged", ("lead_worker", "managers_leading", "station")),
        Rule("referral_closed", ("referrer",)),
    ),
    "referral_auto_close": (Rule("referral_closed", ("referrer",)),),
    "agreement_propose": (Rule("agreement_to_certify", ("accountant",), due=_within(days=DECIDE_DAYS)),),
    "agreement_certify": (Rule("agreement_to_approve", ("director",), due=_within(days=DECIDE_DAYS)),),
    "agreement_approve": (
        Rule("agreement_to_accept", ("managers_agreeing",), due=_within(days=DECIDE_DAYS)),
        Rule("agreement_approved", ("station", "accountant")),
    ),
    "agreement_accept": (Rule("agreement_signed", ("station", "director", "accountant")),),
    "agreement_send_back": (
        Rule("agreement_sent_back", ("station",), due=_within(days=DECIDE_DAYS)),
        Rule("agreement_sent_back", ("director", "accountant"), when=_by_partner),
    ),
    "agreement_decline": (Rule("agreement_declined", ("station", "director", "accountant")),),
    "agreement_cancel": (
        Rule("agreement_cancelled", ("station", "director", "accountant")),
        Rule("agreement_cancelled", ("managers_agreeing",), when=_was_approved),
    ),
    "agreement_terminate": (
        Rule(
            "agreement_terminated",
            ("managers_agreeing", "station", "accountant", "director"),
            when=_of_agreement,
        ),
        *_OFFER_UNDER_ENDED,
    ),
    "agreement_activate": (Rule("agreement_in_force", ("managers_agreeing", "station", "accountant")),),
    "agreement_close_term": (
        Rule("agreement_term_over", ("managers_agreeing", "station", "accountant"), when=_of_agreement),
        *_OFFER_UNDER_ENDED,
    ),
    "agreement_auto_close": (Rule("agreement_closed", ("managers_agreeing", "station", "accountant")),),
    "milestone_submit": (Rule("claim_to_review", ("station",), due=_within(days=DECIDE_DAYS)),),
    "submission_withdraw": (Rule("claim_withdrawn", ("station",)),),
    "submission_review": (
        Rule("claim_to_second", ("served",), due=_within(days=DECIDE_DAYS), when=_awaits_second),
        *_DECIDED,
    ),
    "submission_second": (
        Rule("claim_objected", ("station",), due=_within(days=DECIDE_DAYS), when=_objected),
        *_DECIDED,
    ),
    "deduction_propose": (Rule("deduction_proposed", ("managers_agreeing",)),),
    "appeal_file": (Rule("appeal_to_decide", ("director",), due=_within(days=DECIDE_DAYS)),),
    "appeal_decide": (Rule("appeal_decided", ("managers_agreeing", "station", "accountant")),),
    "invoice_hand_in": (Rule("invoice_to_check", ("accountant", "station")),),
    "invoice_refuse": (Rule("invoice_refused", ("managers_agreeing",), due=_within(days=CORRECT_DAYS)),),
    "bank_account_propose": (Rule("account_to_verify", ("accountant",), due=_within(days=DECIDE_DAYS)),),
    "bank_account_verify": (Rule("account_verified", ("managers_agreeing",)),),
    "payment_request_confirm": (Rule("payment_to_check", ("accountant",), due=_within(days=DECIDE_DAYS)),),
    "payment_request_check": (Rule("payment_to_approve", ("director",), due=_within(days=DECIDE_DAYS)),),
    "payment_request_approve": (Rule("payment_to_send", ("cashier",), due=_within(days=DECIDE_DAYS)),),
    "payment_request_return": (
        Rule("payment_returned", ("station", "managers_agreeing"), due=_within(days=CORRECT_DAYS)),
    ),
    "payment_request_reopen": (Rule("payment_to_confirm", ("station",), due=_within(days=DECIDE_DAYS)),),
    "payment_request_reject": (Rule("payment_rejected", ("managers_agreeing", "station", "accountant")),),
    "payment_send": (Rule("payment_to_settle", ("accountant",), due=_within(days=DECIDE_DAYS)),),
    "payment_settle": (Rule("payment_settled", ("managers_agreeing", "station", "director")),),
    "payment_fail": (
        Rule(
            "payment_failed", ("managers_agreeing", "accountant", "cashier"), due=_within(days=CORRECT_DAYS)
        ),
    ),
    "payment_reverse": (Rule("payment_reversed", ("managers_agreeing", "station", "director")),),
    "consent_withdraw": (
        Rule("consent_withdrawn", ("station",)),
        Rule("access_ended", ("managers_without", "workers_without"), when=_was_open),
    ),
    "consent_expire": (
        Rule("consent_expired", ("station", "community")),
        Rule("access_ended", ("managers_without", "workers_without"), when=_was_open),
    ),
}
"""Topic of an event → the notices it makes."""
