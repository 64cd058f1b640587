"""Drawn worlds, second part: people, what they consent to, and who helps them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.policy.drawn_offices import World
from tests.policy.making import Maker, Row, scope
from tests.policy.planted import NOW, TODAY

TRIGGER = "offers_within_line"
"""Made since offers name a line: an offer from before has none, and was let in without."""


def at(row: Row) -> dict[str, Any]:
    """District, street and community of a row."""
    return scope(row, "community_id")


# ------------------------------------------------------------------------------------------------------------- people


async def person(world: World, community: Row) -> None:
    make = world.maker
    places_of = {**scope(community), "community_id": community["id"]}
    home = await make.insert("households", reference=make.name("H"), created_at=NOW, **places_of)
    named = {
        "reference": make.name("P"),
        "pseudonym": make.name("R"),
        "name": make.name("张"),
        "name_masked": "张*",
    }
    facts = {
        "birth_on": make.day(-30000, -2000),
        "sex": make.one(("FEMALE", "MALE")),
        "household_id": home["id"],
    }
    person = await make.insert("persons", created_at=NOW, **named, **facts, **places_of)
    world.persons.append(person)
    own = {"person_id": person["id"], "created_at": NOW, **places_of}
    if make.chance(60):
        await make.insert("eligibility_spells", category="DIBAO", from_on=make.day(-300, -100), **own)
    if make.chance(50):
        await make.insert("guardians", name=make.name("guardian"), relation="x", from_on=TODAY, **own)
    await consents(world, person)
    for _ in range(make.random.randint(1, 2)):
        await _referred(world, person)


WAYS = (
    *(
        "plain",
        "plain",
        "plain",
        "plain",
        "partner",
        "withdrawn",
        "expired",
        "to come",
        "over",
        "ends",
        "survey",
    ),
    *("vital", "unproven", "answered", "none"),
)
"""How somebody stands to being helped. What is left out: two at once, which chance adds."""


async def consents(world: World, person: Row) -> None:
    """One of the ways, and now and then another one on top."""
    make = world.maker
    for way in (make.turn(WAYS), *([make.one(WAYS)] if make.chance(25) else [])):
        street, partner = person["street_id"], make.one(world.partners)["id"]
        begun = make.day(-90, -1)
        match way:
            case "plain":
                await _consent(world, person, street, begun)
            case "partner":
                await _consent(world, person, partner, begun)
            case "withdrawn" | "expired":
                await _consent(world, person, street, begun, end=way.upper())
            case "to come":
                await _consent(world, person, street, make.day(1, 30))
            case "over" | "ends":
                last = make.day(-20, -1) if way == "over" else make.day(0, 9)
                await _consent(world, person, street, min(begun, last), to_on=last)
            case "survey":
                await _consent(world, person, street, begun, purpose="SURVEY")
            case "vital" | "unproven":
                due = make.day(0, 7) if way == "vital" else make.day(-3, -1)
                await _consent(world, person, make.one((street, partner)), begun, paper_due_on=due)
            case "answered":
                await _consent(world, person, street, begun, paper_due_on=make.day(0, 7))
                await _consent(world, person, street, begun, end=make.one(("WITHDRAWN", "ACTIVE")))
            case _:
                pass


async def _consent(
    world: World, person: Row, grantee: UUID, from_on: date, *, end: str = "ACTIVE", **terms: Any
) -> None:
    """A consent; with a day for its paper one that a vital interest stands in for."""
    make = world.maker
    (worker,) = world.staff({"id": person["community_id"]})
    who = {"person_id": person["id"], "grantee_id": grantee, "recorded_by_id": worker["id"], **at(person)}
    given = {"data_categories": ["CONTACT"], "given_by": "SELF", "created_at": make.later()}
    basis = "VITAL_INTEREST" if "paper_due_on" in terms else "CONSENT"
    said = {"purpose": "SERVICE", "basis": basis, "from_on": from_on, **terms}
    consent = await make.insert("consents", **said, **who, **given)
    if end != "ACTIVE":
        withdrawn = {"withdrawn_at": NOW} if end == "WITHDRAWN" else {}
        await make.move("consents", consent, end, **withdrawn)


async def _referred(world: World, person: Row) -> None:
    """A referral on its way: still waiting, taken by street or community, on offer, or accepted by a partner."""
    make = world.maker
    (worker,) = world.staff({"id": person["community_id"]})
    service = world.services[make.one(("DRAWN_VISIT", "DRAWN_CASE", "DRAWN_SERIES", "DRAWN_SERIES"))]
    own = {"person_id": person["id"], **at(person)}
    facts = {"service_type_id": service["id"], "reason": make.name("reason"), "submitted_by_id": worker["id"]}
    referral = await make.insert("referrals", reference=make.name("R"), created_at=NOW, **facts, **own)
    said = {"domain": "CARE", "bradshaw_type": "NORMATIVE", "statement": "x", "recorded_by_id": worker["id"]}
    needs = [
        await make.insert("needs", created_at=NOW, **said, **own) for _ in range(make.random.randint(1, 2))
    ]
    need = {"referral_id": referral["id"], "need_id": needs[0]["id"]}
    await make.insert("referral_needs", **need, **own)
    await make.move("referrals", referral, "SUBMITTED", submitted_at=NOW)
    if make.chance(8):
        return
    await make.move("referrals", referral, "TRIAGED")
    if make.chance(12):
        leader = make.one((person["street_id"], person["community_id"]))
        await make.move("referrals", referral, "TAKEN")
        await _case(world, referral, service, needs[0], leader)
        return
    for _ in range(make.random.randint(1, 3)):
        async with make.attempt():
            await _offered(world, referral, service, needs[0])


async def _offered(world: World, referral: Row, service: Row, need: Row) -> None:
    """Put to a partner that can be paid for it, or as it was before there were agreements."""
    make = world.maker
    old = make.chance(25)
    fit = [line for line in world.lines if _fits(line, referral)]
    if not fit and not old:
        return
    line = None if old else make.one(fit)
    partner_id = make.one(world.partners)["id"] if line is None else line["partner_id"]
    paid = {} if line is None else _reserved(make, line)
    by = make.one(world.staff({"id": referral["street_id"]}, "STATION_WORKER"))
    facts = {
        "service_type_id": service["id"],
        "urgency": "ROUTINE",
        "age_group": "AGE_60_69",
        "offered_by_id": by["id"],
    }
    dated = {"offered_at": NOW, "expires_at": NOW + timedelta(days=3)}
    who = {"referral_id": referral["id"], "partner_id": partner_id, **at(referral)}
    if old:
        await make.connection.execute(f"alter table offers disable trigger {TRIGGER}")
    offer = await make.insert("offers", **facts, **dated, **who, **paid)
    if old:
        await make.connection.execute(f"alter table offers enable trigger {TRIGGER}")
    asked = {"domain": "CARE", "bradshaw_type": "NORMATIVE", "partner_id": partner_id, **at(referral)}
    await make.insert("offer_needs", offer_id=offer["id"], **asked)
    await make.move("referrals", referral, "OFFERED")
    if make.chance(12):
        await make.move("offers", offer, "DECLINED", decline_reason_code="OTHER")
        await make.move("referrals", referral, "TRIAGED")
    elif make.chance(90):
        await make.move("offers", offer, "ACCEPTED")
        await make.move("referrals", referral, "ACCEPTED")
        await _case(world, referral, service, need, partner_id, offer)


def _reserved(make: Maker, line: Row) -> dict[str, Any]:
    quantity = make.random.randint(1, 3) if line["unit"] == "VISIT" else 1
    return {"agreement_id": line["agreement_id"], "line_id": line["id"], "quantity": quantity}


def _fits(line: Row, row: Row) -> bool:
    same = line["service_type_id"] == row["service_type_id"]
    return same and row["community_id"] in line["community_ids"]


async def _case(
    world: World, referral: Row, service: Row, need: Row, leader: Any, offer: Row | None = None
) -> None:
    """A case with its needs and goals, and whoever takes part in it or has done so."""
    make, own = world.maker, {"person_id": referral["person_id"], **at(referral)}
    paid = (
        {}
        if offer is None
        else {name: offer[name] for name in ("agreement_id", "line_id", "quantity", "partner_id")}
    )
    leads = make.one([one for one in world.staff({"id": leader}) if one["role"].endswith("_WORKER")])
    facts = {"kind": service["case_kind"], "referral_id": referral["id"], "offer_id": offer and offer["id"]}
    hands = {"lead_organization_id": leader, "lead_worker_id": leads["id"] if make.chance(75) else None}
    case = await make.insert(
        "cases",
        reference=make.name("C"),
        service_type_id=service["id"],
        opened_at=NOW,
        **facts,
        **hands,
        **paid,
        **own,
    )
    own["case_id"] = case["id"]
    await make.insert("case_needs", need_id=need["id"], **own)
    await make.insert("goals", title="x", target="x", created_at=NOW, **own)
    until_on = make.day(-5, 12) if make.chance(15) else None
    await _join(world, own, leader, "LEAD", hands["lead_worker_id"], until_on)
    former = [one["id"] for one in world.staff({"id": leader}, "PARTNER_WORKER") if one is not leads]
    for worker in make.some(former, 1):
        await _member(world, own, leader, "LEAD", worker, min(make.day(-5, 7), until_on or date.max))
    for partner in make.some([one for one in world.partners if one["id"] != leader], 2):
        helper = make.one(world.staff(partner, "PARTNER_WORKER"))["id"] if make.chance(80) else None
        await _join(
            world, own, partner["id"], "HELPER", helper, make.day(-5, 12) if make.chance(60) else None
        )
    world.cases.append(case)


async def _join(
    world: World,
    own: dict[str, Any],
    organization: UUID,
    role: str,
    worker: UUID | None,
    until_on: date | None,
) -> None:
    """An organization, and its worker no longer than itself."""
    make = world.maker
    await _member(world, own, organization, role, None, until_on)
    if worker:
        sooner = make.day(-5, 3) if make.chance(10) else None
        days = [day for day in (until_on, sooner) if day]
        await _member(world, own, organization, role, worker, min(days, default=None))


async def _member(
    world: World,
    own: dict[str, Any],
    organization: UUID,
    role: str,
    worker: UUID | None,
    until_on: date | None,
) -> None:
    who = {"organization_id": organization, "membership_id": worker, "role": role}
    began = {"from_at": NOW - timedelta(days=30), "until_on": until_on}
    await world.maker.insert("case_members", **began, **who, **own)
