"""What the golden documents ask for and the small world has not: follow-ups, a series with its sessions, call-backs,
capacities, and an agreement with a stage overdue and one that is due soon.

Made row by row, as the owner of the tables, from one seed: the same in every run. Group work and deliveries are those
of partner 1 in 七里沟, where the cases `today` and `closing` are.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hub.base.db import Server
from tests import harness
from tests.policy.drawn_offices import HANDS, STEPS, step
from tests.policy.making import Maker, Row, scope
from tests.world import World

SEED = 5
STATES = ("VERIFIED", "VERIFIED", "DISPUTED", "FLAGGED", "RECORDED", "RECORDED", "RECORDED")


async def plant(server: Server, world: World) -> None:
    """Add it all to a copy of the small world."""
    async with harness.connect_as(server, "owner") as connection:
        await connection.execute("select set_config('hub.today', $1, false)", world.today.isoformat())
        planter = Planter(Maker(connection, SEED), world)
        await planter.deliveries()
        await planter.group_work()
        await planter.capacities()
        async with connection.transaction():
            await planter.agreement()


class Planter:
    """Writes rows under ids and references that never change."""

    def __init__(self, make: Maker, world: World) -> None:
        self.make, self.world, self.now = make, world, world.now
        self.an, self.mei = world.memberships["an"], world.memberships["mei"]

    async def row(self, table: str, row_id: Any) -> Row:
        """A row as it is."""
        return dict(await self.make.connection.fetchrow(f"select * from {table} where id = $1", row_id))  # type: ignore[arg-type]

    async def deliveries(self) -> None:
        """Seven follow-ups of one case, in each state, two of them to be asked about."""
        case = await self.row("cases", self.world.cases["closing"])
        person = await self.row("persons", case["person_id"])
        whom = {"case_id": case["id"], "person_id": person["id"], "person_pseudonym": person["pseudonym"]}
        for number, status in enumerate(STATES, start=1):
            when = self.now - timedelta(days=12 - number, minutes=number)
            delivery = await self.deliver(case, when, f"D-2026-9000{number}", **whom)
            if number > 5:
                await self.call(delivery, number)
            await self.judge(delivery, status)

    async def deliver(self, hung: Row, when: datetime, reference: str, **ids: Any) -> Row:
        """A delivery by `an` on a case or in a session."""
        line = await self.row("agreement_lines", hung["line_id"])
        of = {**scope(hung, "community_id", "partner_id", "agreement_id", "line_id"), **ids}
        what = {"service_type_id": line["service_type_id"], "unit": line["unit"], "happened_on": when.date()}
        who = {"worker_id": self.an, "recorded_by_id": self.an, "recorded_at": when}
        return await self.make.insert(
            "deliveries", reference=reference, happened_at=when, **of, **what, **who
        )

    async def call(self, delivery: Row, number: int) -> None:
        """It is to be asked about, or was and nobody answered."""
        drawn = {"cause": "SAMPLE", "drawn_at": self.now, "due_at": self.now + timedelta(days=number)}
        row = await self.make.insert(
            "callbacks", delivery_id=delivery["id"], **drawn, **scope(delivery, "community_id")
        )
        if number == len(STATES):
            tried = {"called_by_id": self.mei, "called_at": self.now, "attempt_count": 1, "note": "没有接通"}
            await self.make.move("callbacks", row, "NOT_REACHED", **tried)

    async def judge(self, delivery: Row, status: str) -> None:
        """By the station."""
        said: dict[str, dict[str, Any]] = {
            "VERIFIED": {"verification": "STATION", "verified_by_id": self.mei, "verified_at": self.now},
            "DISPUTED": {
                "disputed_by_id": self.mei,
                "disputed_at": self.now,
                "dispute_reason_code": "POOR_QUALITY",
                "dispute_reason": "没有讲清楚",
            },
            "FLAGGED": {"flags": ["DUPLICATE"]},
        }
        if status != "RECORDED":
            await self.make.move("deliveries", delivery, status, **said[status])

    async def group_work(self) -> None:
        """A series with one session held and one to come."""
        line = await self.row("agreement_lines", self.world.lines["nuanchao.SKILLS"])
        place = {"community_id": self.world.organizations["七里沟"], "line_id": line["id"]}
        of = {
            **scope(line, "partner_id", "agreement_id"),
            **place,
            "service_type_id": line["service_type_id"],
        }
        opened = {"opened_by_id": self.an, "opened_at": self.now - timedelta(days=9)}
        named = {"reference": "G-2026-90001", "title": "手工班", "kind": "ENROLLED"}
        series = await self.make.insert("activity_series", **named, **opened, **of)
        own = scope(series, "community_id", "partner_id")
        enrolled = []
        for key in ("today", "closing"):
            case = await self.row("cases", self.world.cases[key])
            person = await self.row("persons", case["person_id"])
            who = {"case_id": case["id"], "person_id": person["id"], "person_pseudonym": person["pseudonym"]}
            by = {"enrolled_by_id": self.an, "enrolled_at": self.now - timedelta(days=8)}
            await self.make.insert("enrolments", series_id=series["id"], **who, **by, **own)
            enrolled.append(who)
        held = await self.session(series, 1, self.now - timedelta(days=6))
        for who in enrolled:
            await self.make.insert("attendances", session_id=held["id"], **who, **own)
        begun = held["planned_from_at"]
        await self.make.move("group_sessions", held, "HELD", held_at=begun, participant_count=len(enrolled))
        await self.deliver(held, begun, "D-2026-90010", session_id=held["id"])
        await self.session(series, 2, self.now + timedelta(days=1))

    async def session(self, series: Row, number: int, begin: datetime) -> Row:
        """A session to be led by `an`."""
        of = scope(series, "community_id", "partner_id", "agreement_id", "line_id")
        when = {"planned_from_at": begin, "planned_to_at": begin + timedelta(hours=1), "created_at": begin}
        named = {"reference": f"M-2026-9000{number}", "number": number, "title": f"第{number}次"}
        ids = {"series_id": series["id"], "worker_id": self.an}
        return await self.make.insert("group_sessions", **named, **when, **ids, **of)

    async def capacities(self) -> None:
        """Of two partners; one has no room left."""
        places = self.world.organizations
        for partner, service, at, vacancy in (
            ("nuanchao", "HOME_HAIRCUT", "七里沟", 6),
            ("nuanchao", "HOME_HAIRCUT", "三官庙", 0),
            ("kangle", "CARE", "七里沟", 2),
        ):
            of = {**scope(await self.row("organizations", places[at])), "community_id": places[at]}
            line = await self.row("agreement_lines", self.world.lines[f"{partner}.{service}"])
            said = {"capacity_count": 10, "vacancy_count": vacancy, "set_at": self.now}
            who = {"partner_id": places[partner], "set_by_id": self.world.memberships[MANAGERS[partner]]}
            await self.make.insert("capacities", service_type_id=line["service_type_id"], **of, **said, **who)

    async def agreement(self) -> None:
        """In force since March, with four stages around today."""
        fund = await self.row("funds", self.world.funds["charity"])
        communities = [self.world.organizations["七里沟"]]
        of = {"partner_id": self.world.organizations["nuanchao"], "community_ids": communities, **scope(fund)}
        dated = {"created_at": self.now, "status_changed_at": self.now}
        ceiling = {"ceiling_fen": 800_00}
        named = {"reference": "A-2026-90001", "title": "家庭外展服务协议", "fund_id": fund["id"]}
        agreement = await self.make.insert("agreements", **named, **of, **ceiling, **dated)
        term = {"effective_from_on": date(2026, 3, 1), "ends_on": date(2026, 12, 31), "created_at": self.now}
        own = {"agreement_id": agreement["id"], **of}
        by = {"number": 1, "prepared_by_id": self.mei, "prepared_at": self.now}
        version = await self.make.insert("agreement_versions", **own, **ceiling, **term, **by)
        await self.make.change("agreements", agreement, current_version_id=version["id"])
        await self.terms({**own, "version_id": version["id"]})
        hands = dict(zip(HANDS.values(), ("mei", "qian", "zhao", "bo"), strict=True))
        taken: dict[str, Row] = {key: {"id": self.world.memberships[name]} for key, name in hands.items()}
        for status in STEPS:
            await step(self.make, agreement, version, fund, status, taken)

    async def terms(self, own: dict[str, Any]) -> None:
        """One line, and a stage each that is overdue, due soon, due later."""
        line = await self.row("agreement_lines", self.world.lines["nuanchao.HOME_HAIRCUT"])
        price = {"kind": "UNIT", "unit_price_fen": 40_00, "quantity_cap": 20, "amount_cap_fen": 800_00}
        what = {
            "service_type_id": line["service_type_id"],
            "unit": line["unit"],
            "number": 1,
            "title": "上门理发",
        }
        await self.make.insert("agreement_lines", **own, **price, **what)
        for number, (kind, due_on) in enumerate(STAGES, start=1):
            named = {"sequence": number, "code": f"M{number}", "title": f"第{number}期", "kind": kind}
            amount = {"amount_fen": 200_00, "share_bp": 25_00, "due_on": due_on}
            await self.make.insert("milestones", **own, **named, **amount)


MANAGERS = {"nuanchao": "bo", "kangle": "kai"}
STAGES = (
    ("FIRST_STAGE", date(2026, 4, 30)),
    ("DELIVERY", date(2026, 5, 6)),
    ("DELIVERY", date(2026, 6, 5)),
    ("FINAL", date(2026, 12, 31)),
)
"""What it is, and when it falls due: six days ago, today, in thirty days, at the end."""
