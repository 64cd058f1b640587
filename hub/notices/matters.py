"""What an event is about, read as SYSTEM: its referral, offer, case, visit or consent, and who has to do with it.

The tables lie to the right in the order of imports; they are known here by name only, as in a database view.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from hub.base.outbox import Connection, Event
from hub.notices.money import MONEY_TABLES, money_query

_COLUMNS = """
select coalesce(r.street_id, v.street_id) as street_id,
       coalesce(r.community_id, v.community_id) as community_id,
       r.id as referral_id, r.reference as referral, r.urgency, r.submitted_by_id,
       c.reference as case_reference, c.lead_worker_id, c.partner_id as lead_partner_id,
       o.partner_id as offered_partner_id, o.expires_at,
       v.reference as visit, v.status as visit_status, v.worker_id as visitor_id, v.promised_from_at,
       v.promised_to_at, v.kept_at,
       s.name_zh as service_zh, s.name_en as service_en,
       coalesce(lead.name, offered.name, visiting.name) as organization, place.name as community
"""

_NAMES = """
  left join service_types s on s.id = coalesce(r.service_type_id, v.service_type_id)
  left join organizations lead on lead.id = c.lead_organization_id
  left join organizations offered on offered.id = o.partner_id
  left join organizations visiting on visiting.id = v.organization_id
  left join organizations place on place.id = coalesce(r.community_id, v.community_id)
"""

_OFFER_OF_REFERRAL = """
  left join offers o on o.id = coalesce($2::uuid, (
         select l.id from offers l where l.referral_id = r.id order by l.offered_at desc, l.id desc limit 1))
"""

# Where the event is about one offer, an earlier case of the referral (it was handed back) has no part in it.
_CASE_OF_REFERRAL = """
  left join cases c on $2::uuid is null and c.id = (
         select l.id from cases l where l.referral_id = r.id order by l.opened_at desc, l.id desc limit 1)
"""

_FROM: Mapping[str, str] = {
    "Referral": f"from referrals r {_OFFER_OF_REFERRAL} {_CASE_OF_REFERRAL} left join visits v on false",
    "Offer": "from offers o join referrals r on r.id = o.referral_id left join cases c on c.offer_id = o.id"
    " left join visits v on false",
    "Case": "from cases c join referrals r on r.id = c.referral_id left join offers o on o.id = c.offer_id"
    " left join visits v on false",
    "Visit": "from visits v left join cases c on c.id = v.case_id left join referrals r on r.id = c.referral_id"
    " left join offers o on o.id = c.offer_id",
}

_ROOT: Mapping[str, str] = {"Referral": "r", "Offer": "o", "Case": "c", "Visit": "v"}

# Partners on a case of the person that the consent no longer opens. Who keeps access through another consent has lost
# nothing and is told nothing.
_CONSENT = """
select n.street_id, n.community_id, g.name as organization, p.reference as person,
       coalesce(array_agg(distinct m.organization_id) filter (where m.id is not null), '{}') as partner_ids,
       coalesce(array_agg(distinct c.lead_worker_id)
                filter (where c.partner_id = m.organization_id and c.lead_worker_id is not null), '{}') as worker_ids,
       string_agg(distinct c.reference, ', ') as cases
  from consents n
  join persons p on p.id = n.person_id
  join organizations g on g.id = n.grantee_id
  left join (cases c
             join case_members m on m.case_id = c.id and m.membership_id is null and m.until_on is null
             join organizations o on o.id = m.organization_id and o.kind = 'PARTNER')
         on c.person_id = n.person_id and c.status <> 'CLOSED' and m.organization_id <> all (c.partner_ids)
        and n.grantee_id in (m.organization_id, n.street_id)
 where n.id = $1
 group by n.id, g.name, p.reference
"""

_AGREEMENT = """
select a.street_id, a.reference as agreement, a.partner_id as agreement_partner_id,
       p.name as organization, s.name as community
  from agreements a join organizations p on p.id = a.partner_id join organizations s on s.id = a.street_id
 where a.id = $1
"""

# Standing in is a matter of the two, by dates alone: whom they visit stays in the visits.
_SUBSTITUTION = """
select t.street_id, t.substitute_id, t.worker_id as absent_worker_id, t.arranged_by_id as arranger_id,
       t.partner_id as delivery_partner_id, t.from_on, t.until_on,
       o.name as organization, s.name as community
  from substitutions t join organizations o on o.id = t.organization_id join organizations s on s.id = t.street_id
 where t.id = $1
"""

# A session is nobody's referral; what was given to one person is told like her visit.
_DELIVERY = """
select d.street_id, d.community_id, d.reference as delivery, d.worker_id as deliverer_id,
       d.partner_id as delivery_partner_id, d.flags, d.dispute_reason_code,
       r.id as referral_id, r.reference as referral, r.submitted_by_id, c.reference as case_reference,
       s.name_zh as service_zh, s.name_en as service_en, p.name as organization, place.name as community
  from deliveries d
  join service_types s on s.id = d.service_type_id
  join organizations p on p.id = d.partner_id
  join organizations place on place.id = d.community_id
  left join cases c on c.id = d.case_id
  left join referrals r on r.id = c.referral_id
 where d.id = $1
"""

# A session is a promise to a group: its leader keeps it like a visit.
_SESSION = """
select s.street_id, s.community_id, s.reference as session, s.worker_id as visitor_id,
       s.planned_from_at as promised_from_at, s.planned_to_at as promised_to_at,
       t.name_zh as service_zh, t.name_en as service_en, p.name as organization, place.name as community
  from group_sessions s
  join activity_series g on g.id = s.series_id
  join service_types t on t.id = g.service_type_id
  join organizations p on p.id = s.partner_id
  join organizations place on place.id = s.community_id
 where s.id = $1
"""

SUBJECTS: Mapping[str, str] = {
    **{name: f"{_COLUMNS} {joined} {_NAMES} where {_ROOT[name]}.id = $1" for name, joined in _FROM.items()},
    "Agreement": _AGREEMENT,
    "Consent": _CONSENT,
    "Substitution": _SUBSTITUTION,
    "Delivery": _DELIVERY,
    "GroupSession": _SESSION,
    **{name: money_query(name) for name in MONEY_TABLES},
}
"""Type of an event's subject → the query of its matter; of any other subject nobody's inbox hears."""

_PEOPLE = """
select m.id, m.role, m.duty, m.partner_id, m.community_id
  from memberships m join users u on u.id = m.user_id and u.active
 where m.ended_at is null and m.valid_from_on <= $1 and (m.valid_to_on is null or m.valid_to_on >= $1)
   and (m.id = any ($2::uuid[])
        or (m.street_id = $3 and m.role in ('STATION_WORKER', 'STREET_DIRECTOR', 'FINANCE_OFFICER'))
        or (m.community_id = any ($4::uuid[]) and m.role = 'COMMUNITY_WORKER')
        or (m.partner_id = any ($5::uuid[]) and m.role = 'PARTNER_MANAGER'))
 order by m.id
"""


@dataclasses.dataclass(frozen=True)
class Matter:
    """What an event is about. Absent facts are None: a visit need not be on a case, a referral need not have one."""

    street_id: UUID | None = None
    community_id: UUID | None = None
    referral_id: UUID | None = None
    referral: str | None = None
    urgency: str | None = None
    submitted_by_id: UUID | None = None
    case_reference: str | None = None
    lead_worker_id: UUID | None = None
    lead_partner_id: UUID | None = None
    offered_partner_id: UUID | None = None
    expires_at: datetime | None = None
    visit: str | None = None
    visit_status: str | None = None
    visitor_id: UUID | None = None
    promised_from_at: datetime | None = None
    promised_to_at: datetime | None = None
    kept_at: datetime | None = None
    service_zh: str | None = None
    service_en: str | None = None
    organization: str | None = None
    community: str | None = None
    agreement: str | None = None  # the reference
    agreement_partner_id: UUID | None = None
    claim: str | None = None  # the reference
    payment: str | None = None  # the reference
    appeal: str | None = None  # the reference
    served_ids: Sequence[UUID] = ()  # communities that a claim's work was for
    person: str | None = None  # the reference
    cases: str | None = None  # references
    partner_ids: Sequence[UUID] = ()  # that lost access by a consent's end
    worker_ids: Sequence[UUID] = ()
    session: str | None = None  # the reference
    delivery: str | None = None  # the reference
    delivery_partner_id: UUID | None = None
    deliverer_id: UUID | None = None
    flags: Sequence[str] = ()
    dispute_reason_code: str | None = None
    substitute_id: UUID | None = None
    absent_worker_id: UUID | None = None
    arranger_id: UUID | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclasses.dataclass(frozen=True)
class Member:
    """A live membership that may have to be told."""

    id: UUID
    role: str
    duty: str | None
    partner_id: UUID | None
    community_id: UUID | None


async def matter_of(connection: Connection, event: Event) -> Matter | None:
    """The matter of an event; None when its kind of subject concerns nobody's inbox."""
    if event.subject_type not in SUBJECTS:
        return None
    offer = (fact_id(event, "offerId"),) if event.subject_type == "Referral" else ()
    row = await connection.fetchrow(SUBJECTS[event.subject_type], event.subject_id, *offer)
    return None if row is None else Matter(**row)


async def people_of(connection: Connection, event: Event, matter: Matter, today: date) -> list[Member]:
    """Everybody live who may have to be told of it: street, community, the partners' managers, the workers."""
    named = (
        *(matter.submitted_by_id, matter.lead_worker_id, matter.visitor_id),
        *(matter.substitute_id, matter.absent_worker_id, matter.arranger_id, matter.deliverer_id),
        *(fact_id(event, "workerId"), fact_id(event, "predecessorId")),
    )
    partners = (
        matter.lead_partner_id,
        matter.offered_partner_id,
        matter.agreement_partner_id,
        matter.delivery_partner_id,
        fact_id(event, "partnerId"),
    )
    rows = await connection.fetch(
        _PEOPLE,
        today,
        [one for one in (*named, *matter.worker_ids) if one is not None],
        matter.street_id,
        [one for one in (matter.community_id, *matter.served_ids) if one is not None],
        [one for one in (*partners, *matter.partner_ids) if one is not None],
    )
    return [Member(**row) for row in rows]


def fact_id(event: Event, name: str) -> UUID | None:
    """An id among the event's facts."""
    return _uuid(event.facts.get(name))


def _uuid(value: Any) -> UUID | None:
    return None if value is None else UUID(str(value))
