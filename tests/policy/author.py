"""Writes the planted world, one command after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

import auth.policy  # noqa: F401
import hub.scopes  # noqa: F401 - with the policy, who may do what: commands ask for it
from auth.roles import Duty, Role, Viewer, system_at
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.base.ids import Ids
from hub.base.seal import Vault
from hub.base.transaction import transaction
from hub.cases import commands as cases
from hub.cases.tables import cases as case_table
from hub.catalogue.commands import catalogue_load
from hub.organizations import commands as organizations
from hub.organizations import memberships
from hub.organizations.founding import OPERATOR, appoint
from hub.organizations.memberships import NewMember
from hub.organizations.rules import credit_check_character
from hub.organizations.tables import organizations as organization_table
from hub.people import consents, needs, registering
from hub.people.new_person import EmergencyContact, NewEligibility, NewGuardian, NewPerson
from hub.people.rules import id_check_character
from hub.people.tables import guardians
from hub.referrals import commands as referrals
from hub.referrals import commands_offers as offers
from hub.referrals.tables import offers as offer_table
from hub.settings import Settings
from hub.visits import commands as visits
from hub.visits.assigning import case_assign_worker
from tests import harness
from tests.policy.planted import (
    ADMINS,
    AUDITORS,
    CASEWORK,
    COMMUNITIES,
    DIVISIONS,
    DUTIES,
    MANAGER_OF,
    MEMBERS,
    NOW,
    QUALIFICATIONS,
    SERVICE,
    STATION_OF,
    TODAY,
    Planted,
)

OLDER = "agreement_id = null, line_id = null, quantity = null"
"""As an offer was before there were agreements."""


class Author:
    """Writes the world, one command after another, each a minute after the one before."""

    def __init__(self, server: Server, engine: AsyncEngine, settings: Settings) -> None:
        self.server, self.world = server, Planted()
        self.clock = FixedClock(NOW - timedelta(days=60), settings.time_zone)
        self.engine, self.ids, self.vault = engine, Ids(7), Vault(settings.secret)
        self.services: dict[str, str] = {}
        self._marks = 0
        self._people = 0

    def mark(self) -> str:
        """A text that occurs nowhere else."""
        self._marks += 1
        return f"ZQ{self._marks:04}Q"

    def secret(self) -> str:
        """The same, for what no list may show."""
        self.world.secrets.append(self.mark())
        return self.world.secrets[-1]

    async def do(self, who: str | Viewer, command: Any, *arguments: Any, **options: Any) -> Any:
        """Run a command as somebody; a minute passes."""
        viewer = self.world.viewers[who] if isinstance(who, str) else who
        async with transaction(self.engine, viewer, self.clock, self.ids, self.vault) as tx:
            done = await command(tx, *arguments, **options)
        self.clock.instant += timedelta(minutes=1)
        return done

    async def find(self, who: str, statement: Any) -> list[Row[Any]]:
        """Rows, read as a command of somebody would."""
        viewer = self.world.viewers[who]
        async with transaction(self.engine, viewer, self.clock, self.ids, self.vault) as tx:
            return list((await tx.execute(statement)).all())

    async def alter(self, statement: str, *values: Any) -> None:
        """What no command does: as the owner of the tables."""
        async with harness.connect_as(self.server, "owner") as connection:
            await connection.execute(statement, *values)

    def day(self, days: int) -> None:
        """Go to nine o'clock of a day counted from TODAY."""
        self.clock.instant = self.clock.at(TODAY + timedelta(days=days), 9)

    # ---- organizations and members ----

    async def divisions(self) -> None:
        """Districts and streets: the operator's import, in small."""
        for district, streets in DIVISIONS.items():
            await self.do(OPERATOR, self._import, district, streets)

    async def _import(self, tx: Any, district: tuple[str, str], streets: Mapping[str, str]) -> None:
        key, code = district
        named = {"name": f"区{self.mark()}", "created_at": tx.now}
        district_id = self.ids.new(tx.now)
        values = {"id": district_id, "kind": "DISTRICT", "code": code, "district_id": district_id}
        row = await tx.insert(organization_table, **named, **values)
        self.world.places[key] = district_id
        for key, code in streets.items():
            street_id = self.ids.new(tx.now)
            scope = {"district_id": district_id, "street_id": street_id, "parent_id": district_id}
            values = {"id": street_id, "kind": "STREET", "code": code, "name": f"街{self.mark()}"}
            await tx.insert(organization_table, created_at=tx.now, **values, **scope)
            self.world.places[key] = street_id
        await tx.emit("divisions_import", row, "Organization")

    async def begin(self) -> None:
        """Two districts, three streets, four communities, three partners, and everybody who works there."""
        await self.do(OPERATOR, catalogue_load)
        await self.divisions()
        for name, at in ADMINS.items():
            await self.appoint(name, at, Role.ADMIN)
        for name, at in AUDITORS.items():
            await self.appoint(name, "a" if at == "d1" else "c", Role.AUDITOR, at)
        for key, code in COMMUNITIES.items():
            await self.organization(key, "COMMUNITY", code, parent_id=self.world.places[key[0]])
        for number in (1, 2, 3):
            body = f"52320300MJD00000{number}"
            code = body + credit_check_character(body)
            await self.organization(f"p{number}", "PARTNER", code, partner_type="SERVICE_INSTITUTION")
        # Hua works for the partner before the street takes her on, and declares nothing: her membership alone bars her.
        await self.admit("kai", "PARTNER_MANAGER", "p2")
        await self.admit("hua", "PARTNER_WORKER", "p2", key="hua@p2")
        for name, (role, at) in MEMBERS.items():
            if name != "kai":
                await self.admit(name, role.upper(), at, known=name == "hua")
        await self.papers()

    async def appoint(self, name: str, street: str, role: Role, at: str | None = None) -> None:
        places = self.world.places
        district = places["d2"] if street == "c" else places["d1"]
        member = NewMember(name, role, name=f"任{self.mark()}")
        row = await self.do(system_at(places[street], district), appoint, places[at or street], member)
        self.enter(name, row)

    async def organization(self, key: str, kind: str, code: str, **values: Any) -> None:
        """By the administrator of its street; partners belong to none."""
        admin = f"root_{key[0]}" if kind == "COMMUNITY" else "root_a"
        name = f"组{self.mark()}"
        row = await self.do(
            admin, organizations.organization_register, kind=kind, name=name, code=code, **values
        )
        self.world.places[key] = row.id

    async def admit(
        self, name: str, role: str, at: str, *, key: str | None = None, known: bool = False
    ) -> None:
        """A membership, granted by an administrator; at a partner that has a manager, by the manager."""
        managers = {place: who for who, (job, place) in MEMBERS.items() if job == "partner_manager"}
        admin = f"root_{at[0]}" if at[0] in "abc" else "root_a" if name in managers.values() else managers[at]
        who = {} if known else {"name": f"员{self.mark()}"}
        row = await self.do(
            admin,
            memberships.membership_grant,
            self.world.places[at],
            sign_in_name=name,
            role=role,
            duty=DUTIES.get(name),
            **who,
        )
        self.enter(key or name, row)

    def enter(self, key: str, row: Row[Any]) -> None:
        """Somebody new who can act."""
        self.world.viewers[key] = Viewer(
            role=Role(row.role),
            user_id=row.user_id,
            membership_id=row.id,
            organization_id=row.organization_id,
            district_id=row.district_id,
            street_id=row.street_id,
            community_id=row.community_id,
            partner_id=row.partner_id,
            duty=None if row.duty is None else Duty(row.duty),
            name=row.display_name,
        )

    async def papers(self) -> None:
        """Qualifications, declared conflicts, machine clients."""
        for partner in ("p1", "p2", "p3"):
            for kind in QUALIFICATIONS:
                await self.do(
                    "mei",
                    organizations.qualification_record,
                    self.world.places[partner],
                    type=kind,
                    number=self.mark(),
                    valid_from_on=date(2025, 1, 1),
                )
        for name, partner in (
            ("tao", "p3"),
            ("bo", "p2"),
            ("wang", "p3"),
            ("ban", "p2"),
            ("chu", "p2"),
            ("an", "p2"),
        ):
            partner_id = self.world.places[partner]
            await self.do(name, organizations.conflict_declare, partner_id, reason=self.mark())
        for key, admin, member in (
            ("wang", "root_a", "wang"),
            ("an", "bo", "an"),
            ("cui", "root_c", "cui"),
        ):
            row, secret = await self.do(
                admin,
                memberships.client_register,
                self.world.viewers[member].membership_id,
                name=self.mark(),
                scopes=[],
            )
            self.world.clients[key] = (row.id, secret)

    # ---- one person and her referral ----

    async def person(self, key: str, who: str, *, born: str = "19410308", guardian: bool = False) -> UUID:
        """Somebody registered by a community worker, with every personal value there is."""
        self._people += 1
        body = f"320311{born}{self._people:03}"
        number, phone = body + id_check_character(body), f"139{self._people:08}"
        estate, door = f"苑{self.mark()}", f"{self._people}幢{self._people}01室"
        person = NewPerson(
            name=f"张{self.mark()}丰",
            id_number=number,
            phone=phone,
            address=f"{estate}{self.secret()}{door}",
            estate=estate,
            door_notes=self.secret(),
            lives_alone=True,
            disability_grade="GRADE_2",
            risk_class="A",
            emergency_contacts=(EmergencyContact(self.secret(), "女儿", f"138{self._people:08}"),),
            eligibility=(NewEligibility("DIBAO", date(2026, 1, 1)),),
            guardian=NewGuardian("母亲", self.mark(), phone=f"137{self._people:08}") if guardian else None,
        )
        row = await self.do(who, registering.person_register, self.world.viewers[who].community_id, person)
        self.world.persons[key], self.world.id_numbers[key], self.world.phones[key] = row.id, number, phone
        self.world.secrets += [number, phone, door, f"138{self._people:08}", f"137{self._people:08}"]
        return row.id

    async def consent(self, key: str, who: str, to: str | None = None, **terms: Any) -> None:
        """A consent to the street of the person, or to one partner."""
        viewer = self.world.viewers[who]
        grantee = viewer.street_id if to is None else self.world.places[to]
        minor = await self.find(
            who, select(guardians.c.id).where(guardians.c.person_id == self.world.persons[key])
        )
        if minor:
            terms = {"given_by": "GUARDIAN", "guardian_id": minor[0].id, **terms}
        row = await self.do(who, consents.consent_give, self.world.persons[key], grantee_id=grantee, **terms)
        self.world.consents[key] = row.id

    async def refer(
        self, key: str, who: str, *, service: str = SERVICE, consent: bool = True, minor: bool = False
    ) -> None:
        """A person, her consent, two needs (one is no part of it) and a referral."""
        person = await self.person(key, who, born="20150607" if minor else "19410308", guardian=minor)
        if consent:
            await self.consent(key, who)
        for suffix, kind in (("", "FELT"), ("+", "NORMATIVE")):
            row = await self.do(
                who,
                needs.need_state,
                person,
                domain="DAILY_LIVING",
                bradshaw_type=kind,
                statement=self.mark(),
                severity=4,
                stated_by=self.mark(),
            )
            self.world.needs[key + suffix] = row.id
        row = await self.do(
            who,
            referrals.referral_submit,
            person,
            service_type_code=service,
            urgency="ROUTINE",
            reason=self.mark(),
            need_ids=[self.world.needs[key]],
        )
        self.world.referrals[key], self.services[key] = row.id, service

    async def triaged(self, key: str, who: str, **options: Any) -> None:
        """Up to TRIAGED."""
        await self.refer(key, who, **options)
        await self.do(STATION_OF[who], referrals.referral_triage, self.world.referrals[key], note=self.mark())

    async def offer(self, key: str, who: str, partner: str, under: str = "") -> UUID:
        """An offer of a triaged referral, under `key@partner`; `under` names the agreement if not the standing one."""
        agreement = under or f"{MEMBERS[who][1][0]}@{partner}"
        await self.do(
            STATION_OF[who],
            offers.referral_offer,
            self.world.referrals[key],
            partner_id=self.world.places[partner],
            line_id=self.world.lines[f"{agreement}/{self.services[key]}"],
            quantity=1 if self.services[key] == CASEWORK else 4,
            note=self.mark(),
        )
        live = offer_table.c.referral_id == self.world.referrals[key], offer_table.c.status == "OFFERED"
        (row,) = await self.find(STATION_OF[who], select(offer_table.c.id).where(*live))
        self.world.offers[f"{key}@{partner}"] = row.id
        return row.id

    async def accept(
        self, key: str, who: str, partner: str, worker_name: str | None = None, **terms: Any
    ) -> UUID:
        """An offer made and accepted; with a worker, assigned to her. The case is under `key`."""
        older = terms.pop("older", False)
        offer = await self.offer(key, who, partner, **terms)
        if older:
            await self.alter(f"update offers set {OLDER} where id = $1", offer)
        await self.do(MANAGER_OF[partner], cases.offer_accept, offer)
        await self.find_case(key, who)
        if worker_name:
            worker_id = self.world.viewers[worker_name].membership_id
            await self.do(MANAGER_OF[partner], case_assign_worker, self.world.cases[key], worker_id=worker_id)
        return self.world.cases[key]

    async def find_case(self, key: str, who: str) -> None:
        """The open case of the referral."""
        wanted = case_table.c.referral_id == self.world.referrals[key], case_table.c.status != "CLOSED"
        (row,) = await self.find(STATION_OF[who], select(case_table.c.id).where(*wanted))
        self.world.cases[key] = row.id

    async def served(self, key: str, who: str, partner: str, worker_name: str) -> None:
        """The whole way to a kept promise of a case older than agreements, which closes with it."""
        await self.triaged(key, who)
        await self.accept(key, who, partner, worker_name, older=True)
        await self.promise(key, worker_name)
        await self.record(key, worker_name)

    async def promise(self, key: str, who: str, hours: int = 3, suffix: str = "") -> None:
        """A visit promised on the case."""
        begin = self.clock.now() + timedelta(hours=hours)
        row = await self.do(
            who,
            visits.visit_promise,
            case_id=self.world.cases[key],
            kind="SERVICE",
            promised_from=begin,
            promised_to=begin + timedelta(minutes=30),
        )
        self.world.visits[key + suffix] = row.id

    async def record(self, key: str, who: str, outcome: str = "COMPLETED") -> None:
        """The visit happened."""
        self.clock.instant += timedelta(hours=4)
        await self.do(
            who,
            visits.visit_record,
            self.world.visits[key],
            outcome=outcome,
            kept_at=self.clock.now() - timedelta(minutes=30),
            text=self.mark(),
            own_words=self.mark(),
        )
