"""Drawn worlds, first part: places, partners, everybody who works somewhere, funds and agreements in any state."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

from auth.roles import Viewer
from tests.policy.making import Maker, Row, scope, viewer_of
from tests.policy.planted import NOW, TODAY

SERVICES = {
    "DRAWN_VISIT": ("VISIT", "SERVICE"),
    "DRAWN_CASE": ("CASE", "CASEWORK"),
    "DRAWN_SERIES": ("SERIES", "CASEWORK"),
}
"""Code → unit and kind of case."""

AT_STREET = (
    *("STATION_WORKER", "STATION_WORKER", "STREET_DIRECTOR"),
    *("FINANCE_OFFICER/ACCOUNTANT", "FINANCE_OFFICER/CASHIER", "ADMIN"),
)
AT_PARTNER = ("PARTNER_MANAGER", "PARTNER_WORKER", "PARTNER_WORKER", "PARTNER_WORKER")
STEPS = ("IN_REVIEW", "CERTIFIED", "APPROVED", "PARTNER_ACCEPTED", "ACTIVE")
TERMS = ((-20, -8), (-7, -1), (0, 6), (7, 90), (7, 90))
"""When a term may end, in days from today: within and after the handover window, soon, later."""

PENDING = """select * from transfers t where agreement_id = $1 and stage = 'PENDING'
               and not exists (select from transfers l where l.pending_id = t.id) order by id"""
"""What is still reserved for an agreement, stage by stage."""

STAGES = (("FIRST_STAGE", 1_000_00), ("DELIVERY", 1_500_00), ("FINAL", 2_500_00))
"""Kind and amount in fen: together the ceiling."""

ENDINGS: tuple[tuple[str, ...], ...] = ((), (), ("CLOSING",), ("CLOSING", "CLOSED"), ("TERMINATED",))
"""How an agreement ends, if it does."""

HANDS = {
    "IN_REVIEW": "proposed",
    "CERTIFIED": "certified",
    "APPROVED": "approved",
    "PARTNER_ACCEPTED": "signed",
}


@dataclasses.dataclass
class World:
    """What was drawn so far, by kind."""

    maker: Maker
    services: dict[str, Row] = dataclasses.field(default_factory=dict)
    streets: list[Row] = dataclasses.field(default_factory=list)
    communities: list[Row] = dataclasses.field(default_factory=list)
    partners: list[Row] = dataclasses.field(default_factory=list)
    members: list[Row] = dataclasses.field(default_factory=list)
    lines: list[Row] = dataclasses.field(default_factory=list)
    """Of agreements that are active while the world is drawn."""

    agreements: list[Row] = dataclasses.field(default_factory=list)
    persons: list[Row] = dataclasses.field(default_factory=list)
    cases: list[Row] = dataclasses.field(default_factory=list)
    visits: list[Row] = dataclasses.field(default_factory=list)

    def staff(self, organization: Row, *roles: str) -> list[Row]:
        """Who works there, in one of these roles if any is named."""
        at = [member for member in self.members if member["organization_id"] == organization["id"]]
        return [member for member in at if not roles or member["role"] in roles]

    def street_of(self, row: Row) -> Row:
        """The street that a row belongs to."""
        return next(street for street in self.streets if street["id"] == row["street_id"])

    def communities_of(self, row: Row) -> list[Row]:
        """The communities of a row's street."""
        return [one for one in self.communities if one["street_id"] == row["street_id"]]

    def viewers(self) -> dict[str, Viewer]:
        """Everybody, by name and role; some have left meanwhile."""
        return {f"{one['role']} {one['display_name']}": viewer_of(one) for one in self.members}


async def places(world: World) -> None:
    """One or two districts with their streets and communities; two or three partners."""
    make = world.maker
    for code, (unit, kind) in SERVICES.items():
        own = make.new()  # drawn also when it is not needed: a world is the same whichever came before it
        found = await make.connection.fetchrow("select * from service_types where code = $1", code)
        world.services[code] = dict(found) if found else await _service(make, own, code, unit, kind)
    for _ in range(make.random.randint(1, 2)):
        district = await _organization(make, "DISTRICT")
        for _ in range(make.random.randint(1, 2)):
            street = await _organization(make, "STREET", district_id=district["id"], parent_id=district["id"])
            world.streets.append(street)
            for _ in range(make.random.randint(1, 3)):
                above = {"parent_id": street["id"], "street_id": street["id"], "district_id": district["id"]}
                world.communities.append(await _organization(make, "COMMUNITY", **above))
    for _ in range(make.random.randint(2, 3)):
        partner = await _organization(make, "PARTNER")
        paper = {"type": "REGISTRATION", "number": make.name("Q"), "valid_from_on": make.day(-900, -800)}
        await make.insert("qualifications", partner_id=partner["id"], created_at=NOW, **paper)
        world.partners.append(partner)


async def _service(make: Maker, own: UUID, code: str, unit: str, kind: str) -> Row:
    names = {"code": code, "name_zh": code, "name_en": code, "unit": unit, "case_kind": kind}
    asked = {"strand": "PURCHASED", "evidence_policy": "NONE", "qualification_type": "REGISTRATION"}
    return await make.insert("service_types", id=own, **names, **asked)


async def _organization(make: Maker, kind: str, **above: Any) -> Row:
    own = make.new()
    above |= {"DISTRICT": {"district_id": own}, "STREET": {"street_id": own}}.get(kind, {})
    names = {"name": make.name(kind), "code": make.name("code"), "created_at": NOW}
    return await make.insert("organizations", id=own, kind=kind, **names, **above)


async def members(world: World) -> None:
    """Everybody; now and then one person sits in two chairs."""
    make = world.maker
    for community in world.communities:
        await _member(world, community, "COMMUNITY_WORKER", community_id=community["id"], **scope(community))
    for street in world.streets:
        for role in AT_STREET:
            await _member(world, street, role, **scope(street))
    for district in {street["district_id"] for street in world.streets}:
        await _member(world, {"id": district}, "AUDITOR", district_id=district)
    for partner in world.partners:
        for role in AT_PARTNER:
            await _member(world, partner, role, partner_id=partner["id"])
    for street in world.streets:
        for member in (world.staff(street)[0], make.one(world.members)):
            ids = {
                "membership_id": member["id"],
                **{name: member[name] for name in ("street_id", "partner_id")},
            }
            await make.insert(
                "clients", name=make.name("K"), secret_hash="x", scopes=[], created_at=NOW, **ids
            )


async def _member(world: World, organization: Row, role: str, **ids: Any) -> None:
    make = world.maker
    role, _, duty = role.partition("/")
    name = make.name(role.lower())
    twice = role == "PARTNER_WORKER" and make.chance(15)
    user_id = make.one(world.members)["user_id"] if twice else make.new()
    if not twice:
        await make.insert("users", id=user_id, sign_in_name=name, name=name, created_at=NOW)
    job = {"organization_id": organization["id"], "role": role, "duty": duty or None, "display_name": name}
    dates = {"valid_from_on": make.day(-400, -300), "created_at": NOW}
    world.members.append(await make.insert("memberships", user_id=user_id, **job, **dates, **ids))


# --------------------------------------------------------------------------------------------------- money, agreements


async def agreements(world: World) -> None:
    """One fund a street, and agreements that have come as far as they came."""
    for street in world.streets:
        fund = await _fund(world, street)
        for number in range(4):
            async with world.maker.attempt():
                await _agreement(world, street, fund, in_force=number < 2)


async def _fund(world: World, street: Row) -> Row:
    make, places_of = world.maker, scope(street)
    accountant, _ = world.staff(street, "FINANCE_OFFICER")
    who = {"holder_id": street["id"], "payer_id": street["id"], "registered_by_id": accountant["id"]}
    buys = {"purposes": ["PURCHASED"], "community_ids": [one["id"] for one in world.communities_of(street)]}
    named = {"reference": make.name("F"), "name": make.name("fund"), "kind": "CHARITY", "channel": "BANK"}
    async with make.connection.transaction():
        fund = await make.insert("funds", created_at=NOW, **named, **who, **buys, **places_of)
        for kind in ("SOURCE", "AVAILABLE", "ENCUMBERED", "PAYABLE", "PAID"):
            await make.insert("accounts", fund_id=fund["id"], kind=kind, **places_of)
        amount = 100_000_00
        given = {
            "donor_kind": "ANONYMOUS",
            "amount_fen": amount,
            "received_on": TODAY,
            "voucher_number": make.name("V"),
        }
        by = {"recorded_by_id": accountant["id"], "reference": make.name("D"), "created_at": NOW}
        gift = await make.insert("donations", fund_id=fund["id"], **given, **by, **places_of)
        facts = {"stage": "POSTED", "reason": "DONATION", "donation_id": gift["id"]}
        await transfer(make, fund, {"SOURCE": -amount, "AVAILABLE": amount}, **facts)
    return fund


async def transfer(make: Maker, fund: Row, moved: dict[str, int], **facts: Any) -> Row:
    """One movement of the ledger, with its entries."""
    amount = sum(fen for fen in moved.values() if fen > 0)
    ids = {"fund_id": fund["id"], **scope(fund)}
    done = await make.insert(
        "transfers", amount_fen=amount, entry_count=len(moved), made_at=NOW, **ids, **facts
    )
    for kind, fen in moved.items():
        account = await make.connection.fetchval(
            "select id from accounts where fund_id = $1 and kind = $2", fund["id"], kind
        )
        await make.insert("entries", transfer_id=done["id"], account_id=account, amount_fen=fen, **ids)
    return done


async def _agreement(world: World, street: Row, fund: Row, *, in_force: bool) -> None:
    make, partner = world.maker, world.maker.one(world.partners)
    far = len(STEPS) if in_force else make.random.randint(0, len(STEPS))
    served = make.random.sample(
        world.communities_of(street), make.random.randint(1, len(world.communities_of(street)))
    )
    of = {"partner_id": partner["id"], "community_ids": sorted(one["id"] for one in served), **scope(street)}
    ceiling = {"ceiling_fen": 5_000_00}
    named = {"reference": make.name("A"), "title": make.name("agreement"), "fund_id": fund["id"]}
    changed = {"created_at": NOW, "status_changed_at": NOW}
    agreement = await make.insert("agreements", **named, **of, **ceiling, **changed)
    begins = make.day(-200, -60)
    term = {
        "effective_from_on": begins,
        "ends_on": max(begins, make.day(*(make.turn(TERMS) if in_force else make.one(TERMS)))),
        "created_at": NOW,
    }
    (drafter, *_) = world.staff(street, "STATION_WORKER")
    drafted = {"number": 1, "prepared_by_id": drafter["id"], "prepared_at": NOW}
    own = {"agreement_id": agreement["id"], **of}
    version = await make.insert("agreement_versions", **own, **ceiling, **term, **drafted)
    await make.change("agreements", agreement, current_version_id=version["id"])
    lines = await _lines(world, {**own, "version_id": version["id"]})
    hands = {"proposed": drafter, "certified": world.staff(street, "FINANCE_OFFICER")[0]}
    hands |= {
        "approved": world.staff(street, "STREET_DIRECTOR")[0],
        "signed": world.staff(partner, "PARTNER_MANAGER")[0],
    }
    for status in STEPS[:far]:
        await step(make, agreement, version, fund, status, hands)
    agreement = {**agreement, "fund": fund, "ends_on": term["ends_on"], "version_id": version["id"]}
    world.agreements.append(agreement)
    world.lines += lines if far == len(STEPS) else []


async def _lines(world: World, own: dict[str, Any]) -> list[Row]:
    """What is bought: one of each unit, for all the agreement's communities or one of them; and a stage."""
    make, lines = world.maker, list[Row]()
    for number, service in enumerate(world.services.values(), start=1):
        narrow = make.chance(40)
        where = [make.one(own["community_ids"])] if narrow else own["community_ids"]
        price = {"kind": "UNIT", "unit_price_fen": 100, "quantity_cap": 12, "amount_cap_fen": 1200}
        what = {
            "number": number,
            "title": make.name("line"),
            "service_type_id": service["id"],
            "unit": service["unit"],
        }
        line = await make.insert("agreement_lines", **{**own, "community_ids": where}, **price, **what)
        asked = {"metric": "QUANTITY", "target": 12, "line_id": line["id"], "community_ids": where}
        await make.insert("criteria", **{**own, **asked})
        lines.append(line)
    for number, (kind, fen) in enumerate(STAGES, start=1):
        named = {"sequence": number, "code": f"M{number}", "title": make.name("stage"), "kind": kind}
        stage = await make.insert("milestones", amount_fen=fen, due_on=make.day(-5, 40), **named, **own)
        await make.insert("criteria", metric="REPORTS", target=1, milestone_id=stage["id"], **own)
    return lines


async def step(
    make: Maker, agreement: Row, version: Row, fund: Row, status: str, hands: dict[str, Row]
) -> None:
    step = HANDS.get(status)
    if step:
        taken = {f"{step}_by_id": hands[step]["id"], f"{step}_at": NOW}
        decided = {"decision_reference": make.name("decision")} if status == "APPROVED" else {}
        await make.change("agreement_versions", version, **taken, **decided)
    if status == "APPROVED":
        facts = {"stage": "PENDING", "reason": "ENCUMBRANCE", "agreement_id": agreement["id"]}
        stages = "select id, amount_fen from milestones where version_id = $1 order by sequence"
        for stage, fen in await make.connection.fetch(stages, version["id"]):
            moved = {"AVAILABLE": -fen, "ENCUMBERED": fen}
            await transfer(make, fund, moved, milestone_id=stage, **facts)
    dated = {"activated_at": NOW} if status == "ACTIVE" else {}
    await make.move("agreements", agreement, status, **dated)


async def endings(world: World) -> None:
    """Some agreements come to their end, as do some memberships: whatever hung on them shuts at once."""
    make = world.maker
    active = {line["agreement_id"] for line in world.lines}
    for agreement in [one for one in world.agreements if one["id"] in active]:
        async with make.attempt():
            await _end(make, agreement, make.turn(ENDINGS))
    for member in make.some([one for one in world.members if one["role"] == "PARTNER_WORKER"], 2):
        async with make.attempt():
            await make.change("memberships", member, ended_at=NOW - timedelta(days=make.random.randint(0, 3)))


async def _end(make: Maker, agreement: Row, steps: tuple[str, ...]) -> None:
    if steps in ((), ("CLOSING",)):
        await make.move("agreements", agreement, *steps)
        return
    for pending in await make.connection.fetch(PENDING, agreement["id"]):
        fen, of = (
            pending["amount_fen"],
            {"agreement_id": agreement["id"], "milestone_id": pending["milestone_id"]},
        )
        moved = {"ENCUMBERED": -fen, "AVAILABLE": fen}
        void = {"stage": "VOIDED", "reason": "RELEASE", "pending_id": pending["id"]}
        await transfer(make, agreement["fund"], moved, **void, **of)
    await make.move("agreements", agreement, *steps, ended_at=NOW)
