"""From an event to notices in inboxes: finds what it is about and who is told, by `RULES`, and writes the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.base.ids import Ids
from hub.base.outbox import Connection, Event, Handler
from hub.base.words import label, message
from hub.notices.matters import Matter, Member, fact_id, matter_of, people_of
from hub.notices.rules import RULES, Rule
from hub.notices.times import said, said_beside, said_window


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


def _cashier(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    return [member for member in people if member.duty == "CASHIER"]


def _served(event: Event, matter: Matter, people: list[Member]) -> list[Member]:
    return [
        member
        for member in people
        if member.role == "COMMUNITY_WORKER" and member.community_id in matter.served_ids
    ]


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
    "cashier": _cashier,
    "served": _served,
    "managers_agreeing": lambda event, matter, people: _managers(matter.agreement_partner_id, people=people),
    "managers_offered": lambda event, matter, people: _managers(matter.offered_partner_id, people=people),
    "managers_leading": lambda event, matter, people: _managers(matter.lead_partner_id, people=people),
    "managers_helping": lambda event, matter, people: _managers(fact_id(event, "partnerId"), people=people),
    "managers_without": lambda event, matter, people: _managers(*matter.partner_ids, people=people),
    "workers_without": lambda event, matter, people: [one for one in people if one.id in matter.worker_ids],
    "lead_worker": lambda event, matter, people: _one(matter.lead_worker_id, people),
    "named_worker": lambda event, matter, people: _one(fact_id(event, "workerId"), people),
    "visitor": lambda event, matter, people: _one(matter.visitor_id, people),
    "managers_delivering": lambda event, matter, people: _managers(matter.delivery_partner_id, people=people),
    "deliverer": lambda event, matter, people: _one(matter.deliverer_id, people),
    "predecessor": lambda event, matter, people: _one(fact_id(event, "predecessorId"), people),
    "arranger": lambda event, matter, people: _one(matter.arranger_id, people),
    "substitute": lambda event, matter, people: _one(matter.substitute_id, people),
    "absent_worker": lambda event, matter, people: _one(matter.absent_worker_id, people),
}

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
        message(f"notice.{rule.kind}", language, **_words(event, matter, zone, language))
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
        **dict.fromkeys(("Submission", "Deduction"), matter.claim),
        **dict.fromkeys(("PaymentRequest", "Payment", "Invoice", "BankAccount"), matter.payment),
        "Appeal": matter.appeal,
        "Agreement": matter.agreement,
        "Case": matter.case_reference,
        "Visit": matter.visit,
        "Consent": None,
        "Delivery": matter.delivery,
        "GroupSession": matter.session,
    }
    return references.get(event.subject_type, matter.referral)


def _words(event: Event, matter: Matter, zone: ZoneInfo, language: str) -> dict[str, object]:
    """What the sentences may name."""
    return {
        "referral": matter.referral or matter.visit or "",
        "case": matter.case_reference or matter.visit or "",
        "cases": matter.cases or "",
        "agreement": matter.agreement or "",
        "claim": matter.claim or "",
        "payment": matter.payment or matter.claim or "",
        "appeal": matter.appeal or "",
        "person": matter.person or "",
        "service": (matter.service_en if language == "en" else matter.service_zh) or "",
        "organization": matter.organization or "",
        "community": matter.community or "",
        "since": matter.from_on or "",
        "last": matter.until_on or "",
        "delivery": matter.delivery or "",
        "session": matter.session or "",
        "count": event.facts.get("returned", ""),
        "flags": ", ".join(label(f"DeliveryFlag.{flag}", language) for flag in matter.flags),
        "reason": f"DisputeReason.{matter.dispute_reason_code}" if matter.dispute_reason_code else "",
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
