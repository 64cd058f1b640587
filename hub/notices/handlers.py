"""Which event is told to whom, in which words, and until when something is to be done: `RULES` is the whole answer.

The words stand in `hub/base/locale`, as `notice.<kind>`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.base.ids import Ids
from hub.base.limits import AUTO_CLOSE_DAYS
from hub.base.outbox import Connection, Event, Handler
from hub.base.words import message
from hub.notices.matters import Matter, Member, fact_id, matter_of, people_of
from hub.notices.times import said, said_beside, said_window

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
"""Days for accountant, director and partner to decide about an agreement, for the station to write it anew."""

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


def _was_open(known: Known) -> bool:
    return bool(known[1].partner_ids)


# -------------------------------------------------------------------------------------------------------------- to whom
def _referrer(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    """Who submitted the referral; when she is no longer there, everybody who works in her community."""
    found = [member for member in people if member.id == matter.submitted_by_id]
    return found or (_community(event, matter, people) if matter.referral_id else [])


def _community(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    return [
        member
        for member in people
        if member.role == "COMMUNITY_WORKER" and member.community_id == matter.community_id
    ]


def _station(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    return [member for member in people if member.role == "STATION_WORKER"]


def _director(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    return [member for member in people if member.role == "STREET_DIRECTOR"]


def _accountant(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    return [member for member in people if member.duty == "ACCOUNTANT"]


def _managers(*partner_ids: UUID | None, people: list[Member]) -> list[Member]:
    wanted = {one for one in partner_ids if one is not None}
    return [one for one in people if one.role == "PARTNER_MANAGER" and one.partner_id in wanted]


def _one(membership_id: UUID | None, people: list[Member]) -> list[Member]:
    return [member for member in people if member.id == membership_id]


Whom = Callable[[Event, Matter, list[Member]], list[Member]]

RECIPIENTS: Mapping[str, Whom] = {
    "referrer": _referrer,
    "community": _community,
    "station": _station,
    "director": _director,
    "accountant": _accountant,
    "managers_agreeing": lambda event, matter, people: _managers(matter.agreement_partner_id, people=people),
    "managers_offered": lambda event, matter, people: _managers(matter.offered_partner_id, people=people),
    "managers_leading": lambda event, matter, people: _managers(matter.lead_partner_id, people=people),
    "managers_helping": lambda event, matter, people: _managers(fact_id(event, "partnerId"), people=people),
    "managers_without": lambda event, matter, people: _managers(*matter.partner_ids, people=people),
    "workers_without": lambda event, matter, people: [one for one in people if one.id in matter.worker_ids],
    "lead_worker": lambda event, matter, people: _one(matter.lead_worker_id, people),
    "named_worker": lambda event, matter, people: _one(fact_id(event, "workerId"), people),
    "visitor": lambda event, matter, people: _one(matter.visitor_id, people),
}

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
    "visit_cancel": (Rule("visit_cancelled", ("referrer", "visitor")),),
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
    "case_propose_closure": (Rule("closure_proposed", ("station",), due=_within(days=CORRECT_DAYS)),),
    "case_close": (
        Rule("referral_completed", ("referrer",), due=_within(days=AUTO_CLOSE_DAYS)),
        Rule("case_closed", ("lead_worker", "managers_leading")),
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
        Rule("agreement_terminated", ("managers_agreeing", "station", "accountant", "director")),
    ),
    "agreement_activate": (Rule("agreement_in_force", ("managers_agreeing", "station", "accountant")),),
    "agreement_close_term": (Rule("agreement_term_over", ("managers_agreeing", "station", "accountant")),),
    "agreement_auto_close": (Rule("agreement_closed", ("managers_agreeing", "station", "accountant")),),
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

_INSERT = """
insert into notices (id, recipient_id, street_id, kind, subject_type, subject_id, subject_reference, text_zh, text_en,
                     event_id, created_at, due_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (recipient_id, event_id, kind) do nothing
"""


def notice_handlers(zone: ZoneInfo, ids: Ids) -> Mapping[str, Handler]:
    """The handlers of all topics that somebody's inbox hears of; calendar days and times are those of `zone`."""

    async def handle(connection: Connection, event: Event) -> None:
        await _tell(connection, event, zone, ids)

    return dict.fromkeys(RULES, handle)


async def _tell(connection: Connection, event: Event, zone: ZoneInfo, ids: Ids) -> None:
    matter = await matter_of(connection, event)
    if matter is None or matter.street_id is None:
        return
    people = await people_of(connection, event, matter, event.occurred_at.astimezone(zone).date())
    for rule in RULES[event.topic]:
        if rule.when is None or rule.when((event, matter)):
            await _tell_rule(connection, rule, event, matter, people, zone, ids)


async def _tell_rule(
    connection: Connection,
    rule: Rule,
    event: Event,
    matter: Matter,
    people: list[Member],
    zone: ZoneInfo,
    ids: Ids,
) -> None:
    told = {member.id for name in rule.to for member in RECIPIENTS[name](event, matter, people)}
    texts = [
        message(f"notice.{rule.kind}", language, **_words(matter, zone, language))
        for language in ("zh-CN", "en")
    ]
    for recipient_id in sorted(told - {event.actor_membership_id}):
        await connection.execute(
            _INSERT,
            ids.new(event.occurred_at),
            recipient_id,
            matter.street_id,
            rule.kind,
            *_subject(rule, event),
            _reference(event, matter),
            *texts,
            event.id,
            event.occurred_at,
            rule.due((event, matter)) if rule.due else None,
        )


def _subject(rule: Rule, event: Event) -> tuple[str, UUID]:
    """Type and id of the object that the notice leads to."""
    if rule.about is not None:
        type_name, fact = rule.about
        found = fact_id(event, fact)
        if found is not None:
            return type_name, found
    return event.subject_type, event.subject_id


def _reference(event: Event, matter: Matter) -> str | None:
    """The subject's own reference; an offer is known by its referral's."""
    references = {
        "Agreement": matter.agreement,
        "Case": matter.case_reference,
        "Visit": matter.visit,
        "Consent": None,
    }
    return references.get(event.subject_type, matter.referral)


def _words(matter: Matter, zone: ZoneInfo, language: str) -> dict[str, object]:
    """What the sentences may name."""
    return {
        "referral": matter.referral or matter.visit or "",
        "case": matter.case_reference or matter.visit or "",
        "cases": matter.cases or "",
        "agreement": matter.agreement or "",
        "person": matter.person or "",
        "service": (matter.service_en if language == "en" else matter.service_zh) or "",
        "organization": matter.organization or "",
        "community": matter.community or "",
        "outcome": f"VisitStatus.{matter.visit_status}" if matter.visit_status else "",
        **_times(matter, zone, language),
    }


def _times(matter: Matter, zone: ZoneInfo, language: str) -> dict[str, str]:
    begin, end, kept = matter.promised_from_at, matter.promised_to_at, matter.kept_at
    promised = said_window(begin, end, zone, language) if begin and end else ""
    came = (
        ""
        if kept is None
        else said_beside(kept, begin, zone, language)
        if begin
        else said(kept, zone, language)
    )
    until = said(matter.expires_at, zone, language) if matter.expires_at else ""
    return {"promised": promised, "came": came, "until": until}
