"""Drawn worlds, last part: what was done for whom, and what stands beside the work; and the whole of a world."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.policy.drawn_money import money
from tests.policy.drawn_offices import World, agreements, endings, members, places
from tests.policy.drawn_people import at, consents, person
from tests.policy.making import Maker, Row, scope
from tests.policy.planted import NOW


async def draw(maker: Maker) -> World:
    """A whole world."""
    world = World(maker)
    await places(world)
    await members(world)
    await agreements(world)
    for community in world.communities:
        for _ in range(maker.random.randint(2, 3)):
            await person(world, community)
    await _by_partners(world)
    for case in world.cases:
        await _work(world, case)
    for line in world.lines:
        await _group(world, line)
    await money(world)
    await _beside(world)
    await endings(world)
    for one in maker.some(world.persons, 5):
        await consents(world, one)
    return world


async def _by_partners(world: World) -> None:
    """Needs that a partner's worker has stated, on a case of hers or not."""
    make = world.maker
    for needy in make.some(world.persons, 4):
        worker = make.one([one for one in world.members if one["role"] == "PARTNER_WORKER"])
        who = {"recorded_by_id": worker["id"], "partner_id": worker["partner_id"], "person_id": needy["id"]}
        said = {
            "domain": "SKILLS",
            "bradshaw_type": "NORMATIVE",
            "statement": make.name("need"),
            "created_at": NOW,
        }
        await make.insert("needs", **who, **said, **at(needy))


def workers_for(world: World, case: Row) -> list[Row]:
    """Who might be sent: of the organization that leads."""
    return [
        one for one in world.staff({"id": case["lead_organization_id"]}) if one["role"].endswith("_WORKER")
    ]


async def _work(world: World, case: Row) -> None:
    """Visits of a case, kept or promised, and what was delivered on it."""
    make = world.maker
    for _ in range(make.random.randint(1, 3)):
        worker = make.one(workers_for(world, case))
        visit = await _visit(world, case, worker)
        if case["line_id"] and visit["kept_at"]:
            async with make.attempt():
                await _delivered(world, case, worker, visit["kept_at"], visit_id=visit["id"])
    if case["line_id"] and make.chance(50):
        async with make.attempt():
            await _delivered(world, case, make.one(workers_for(world, case)), make.when(-4, -1))


async def _visit(world: World, case: Row, worker: Row) -> Row:
    make, begin = world.maker, world.maker.when(-3, 3)
    own = {
        "person_id": case["person_id"],
        "person_pseudonym": make.name("R"),
        "case_id": case["id"],
        **at(case),
    }
    who = {
        "organization_id": worker["organization_id"],
        "partner_id": worker["partner_id"],
        "worker_id": worker["id"],
    }
    promise = {"promised_from_at": begin, "promised_to_at": begin + timedelta(minutes=30), "created_at": NOW}
    visit = await make.insert("visits", reference=make.name("V"), kind="SERVICE", **own, **who, **promise)
    if begin > NOW or make.chance(20):
        return visit
    await make.move(
        "visits", visit, "COMPLETED", kept_at=begin, recorded_at=begin, recorded_by_id=worker["id"]
    )
    found = {"visit_id": visit["id"], "text": make.name("found"), "created_at": NOW}
    del own["person_pseudonym"]
    await make.insert("visit_findings", **found, **own)
    return {**visit, "kept_at": begin}


async def _delivered(world: World, hung: Row, worker: Row, happened: datetime, **ids: Any) -> None:
    """A delivery on a case or in a session, and what became of it."""
    make = world.maker
    of = {name: hung[name] for name in ("partner_id", "agreement_id", "line_id")} | at(hung)
    if "session_id" not in ids:
        ids |= {"case_id": hung["id"], "person_id": hung["person_id"], "person_pseudonym": make.name("R")}
    line = next(one for one in world.lines if one["id"] == hung["line_id"])
    what = {"service_type_id": line["service_type_id"], "unit": line["unit"], "happened_on": happened.date()}
    who = {"worker_id": worker["id"], "recorded_by_id": worker["id"], "recorded_at": happened}
    row = await make.insert(
        "deliveries", reference=make.name("S"), happened_at=happened, **of, **ids, **what, **who
    )
    if make.chance(40):
        drawn = {"cause": "SAMPLE", "drawn_at": NOW, "due_at": NOW + timedelta(days=5)}
        called = await make.insert("callbacks", delivery_id=row["id"], **drawn, **at(row))
        if make.chance(50):
            station = make.one(world.staff({"id": row["street_id"]}, "STATION_WORKER"))
            asked = {"called_by_id": station["id"], "called_at": NOW, "note": make.name("called")}
            async with make.attempt():
                await make.move(
                    "callbacks", called, make.one(("CONFIRMED", "NOT_REACHED")), attempt_count=1, **asked
                )
    async with make.attempt():
        await _verified(world, row)


async def _verified(world: World, row: Row) -> None:
    make = world.maker
    by = make.one(world.staff({"id": make.one((row["community_id"], row["street_id"]))}))
    match make.random.randrange(4):
        case 0 if by["role"].endswith("_WORKER"):
            how = "COMMUNITY" if by["role"] == "COMMUNITY_WORKER" else "STATION"
            said = {"verification": how, "verified_by_id": by["id"], "verified_at": NOW}
            await make.move("deliveries", row, "VERIFIED", **said)
        case 1:
            said = {"disputed_by_id": by["id"], "disputed_at": NOW, "dispute_reason_code": "NOT_DONE"}
            await make.move("deliveries", row, "DISPUTED", dispute_reason=make.name("dispute"), **said)
        case 2:
            said = {"voided_by_id": by["id"], "voided_at": NOW, "void_reason_code": "OTHER"}
            await make.move("deliveries", row, "VOIDED", void_reason=make.name("void"), **said)
        case _:
            pass


async def _group(world: World, line: Row) -> None:
    """A series on a line that buys group work, with enrolled people of its partner's cases, and its sessions."""
    make = world.maker
    if line["unit"] != "SERIES":
        return
    community = make.one([one for one in world.communities if one["id"] in line["community_ids"]])
    of = {**scope(community), "community_id": community["id"], "partner_id": line["partner_id"]}
    bought = {"agreement_id": line["agreement_id"], "line_id": line["id"]}
    by = make.one(world.staff({"id": line["partner_id"]}, "PARTNER_WORKER"))
    named = {"reference": make.name("G"), "title": make.name("series")}
    named |= {"kind": make.one(("ENROLLED", "ENROLLED", "HEAD_COUNT"))}
    opened = {"opened_by_id": by["id"], "opened_at": NOW, "service_type_id": line["service_type_id"]}
    async with make.attempt():
        series = await make.insert("activity_series", **named, **opened, **of, **bought)
        enrolled = []
        for case in [one for one in world.cases if one["agreement_id"] == line["agreement_id"]]:
            who = {"case_id": case["id"], "person_id": case["person_id"], "person_pseudonym": make.name("R")}
            signed = {"enrolled_by_id": by["id"], "enrolled_at": NOW}
            async with make.attempt():
                await make.insert("enrolments", series_id=series["id"], **who, **signed, **of)
                enrolled.append(who)
        for number in range(1, make.random.randint(2, 4)):
            async with make.attempt():
                await _session(world, series, number, enrolled)


async def _session(world: World, series: Row, number: int, enrolled: list[dict[str, Any]]) -> None:
    make, begin = world.maker, world.maker.when(-4, -1)
    worker = make.one(world.staff({"id": series["partner_id"]}, "PARTNER_WORKER"))
    of = {name: series[name] for name in ("partner_id", "agreement_id", "line_id")} | at(series)
    planned = {"planned_from_at": begin, "planned_to_at": begin + timedelta(hours=1), "created_at": NOW}
    session = await make.insert(
        "group_sessions",
        reference=make.name("M"),
        series_id=series["id"],
        number=number,
        worker_id=worker["id"],
        **planned,
        **of,
    )
    if make.chance(20):
        await make.move("group_sessions", session, "CANCELLED", cancel_reason=make.name("cancel"))
        return
    own = {"session_id": session["id"], "partner_id": series["partner_id"], **at(series)}
    there = make.some(enrolled, 4) or enrolled
    if not there and series["kind"] == "ENROLLED":
        return
    for who in there:
        await make.insert("attendances", **who, **own)
    async with make.attempt():
        heads = len(there) if series["kind"] == "ENROLLED" else 9
        await make.move("group_sessions", session, "HELD", held_at=begin, participant_count=heads)
        await _delivered(world, session, worker, begin, session_id=session["id"])


# -------------------------------------------------------------------------------------------------------- beside work


async def _beside(world: World) -> None:
    """What partners can take on, who stands in for whom, files, notices, and the trail of who did what."""
    make = world.maker
    for partner in world.partners:
        manager, *workers = world.staff(partner)
        for community in make.some(world.communities, 2):
            of = {"partner_id": partner["id"], "community_id": community["id"], **scope(community)}
            said = {
                "capacity_count": 9,
                "vacancy_count": make.random.randint(0, 9),
                "note": make.name("room"),
            }
            service = make.one(list(world.services.values()))["id"]
            await make.insert(
                "capacities", service_type_id=service, set_by_id=manager["id"], set_at=NOW, **of, **said
            )
        for street in world.streets:
            await _substitution(world, street, partner, *make.random.sample(workers, 2))
            await _document(world, street, make.one(workers))
    for street in world.streets:
        await _substitution(world, street, street, *world.staff(street, "STATION_WORKER"))
        await _document(world, street, make.one(world.staff(street)))
    for community in world.communities:
        (worker,) = world.staff(community)
        await _document(world, world.street_of(community), worker)
    for member in world.members:
        await _told(world, member)
        await _declared(world, member)


async def _substitution(world: World, street: Row, organization: Row, worker: Row, substitute: Row) -> None:
    make, from_on = world.maker, world.maker.day(-3, 3)
    of = {"organization_id": organization["id"], "partner_id": worker["partner_id"], **scope(street)}
    who = {"worker_id": worker["id"], "substitute_id": substitute["id"], "arranged_by_id": worker["id"]}
    said = {
        "from_on": from_on,
        "until_on": from_on + timedelta(days=3),
        "reason": make.name("ill"),
        "created_at": NOW,
    }
    async with make.attempt():
        await make.insert("substitutions", **of, **who, **said)


DELIVERIES = "select * from deliveries where partner_id = $1 and street_id = $2 order by id limit 2"


async def _document(world: World, street: Row, by: Row) -> None:
    make = world.maker
    near = make.one(world.communities_of(street))["id"] if make.chance(50) else None
    of = {"partner_id": by["partner_id"], "community_id": by["community_id"] or near, **scope(street)}
    file = {
        "kind": "PHOTO",
        "name": make.name("file"),
        "media_type": "image/png",
        "size_bytes": 9,
        "sha256": "a" * 64,
    }
    dated = {"created_at": NOW, "upload_until_at": NOW + timedelta(minutes=9), "uploaded_by_id": by["id"]}
    async with make.attempt():
        row = await make.insert("documents", reference=make.name("E"), **file, **dated, **of)
        if make.chance(80):
            await make.move("documents", row, "STORED", stored_at=NOW)
    for delivery in await make.connection.fetch(DELIVERIES, by["partner_id"], street["id"]):
        own = {"delivery_id": delivery["id"], "document_id": row["id"], "attached_at": NOW}
        async with make.attempt():
            await make.insert("delivery_documents", **own, **at(delivery), partner_id=by["partner_id"])


async def _declared(world: World, member: Row) -> None:
    """A stake in a partner; told so late that it stopped nothing that is there."""
    make = world.maker
    said = {"user_id": member["user_id"], "membership_id": member["id"], "reason": "x", "declared_at": NOW}
    of = {name: member[name] for name in ("district_id", "street_id")}
    async with make.attempt():
        await make.insert("conflict_declarations", partner_id=make.one(world.partners)["id"], **said, **of)


async def _told(world: World, member: Row) -> None:
    make, community = world.maker, world.maker.one(world.communities)
    about = {"subject_type": make.one(("Referral", "Visit", "Payment", "Invoice")), "subject_id": make.new()}
    who = {
        "actor_membership_id": member["id"],
        "actor_user_id": member["user_id"],
        "actor_role": member["role"],
    }
    acted = {"occurred_at": NOW, "action": "referral_submit", "actor_name": "x", "facts": "{}"}
    of = {
        "actor_organization_id": member["organization_id"],
        "community_id": community["id"],
        **scope(community),
    }
    event = await make.insert("audit_events", **about, **who, **acted, **of)
    text = {"kind": "x", "text_zh": "x", "text_en": "x", "created_at": NOW, "event_id": event["id"]}
    await make.insert("notices", recipient_id=member["id"], street_id=community["street_id"], **about, **text)
