"""Rows written straight into a migrated database: what the database itself guards is tested below any command."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hub.base.db import Server
from tests import harness

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
TOMORROW = TODAY + timedelta(days=1)


class Rows:
    """One street with two communities, and what a test adds to it. `connection` is the administrator's."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.district, self.street, self.community, self.other_community = (uuid4() for _ in range(4))
        self.station = uuid4()
        self._number = 0

    async def begin(self) -> None:
        """The organizations, a station worker and a service type."""
        await self.on(TODAY)
        await self.organization(self.district, "DISTRICT", district_id=self.district)
        branch = {"district_id": self.district, "street_id": self.street}
        await self.organization(self.street, "STREET", parent_id=self.district, **branch)
        await self.organization(self.community, "COMMUNITY", parent_id=self.street, **branch)
        await self.organization(self.other_community, "COMMUNITY", parent_id=self.street, **branch)
        self.station = await self.member(self.street, "STATION_WORKER", street_id=self.street)
        self.service = await self.add(
            "service_types",
            code="HAIRCUT_HOME",
            name_zh="上门理发",
            name_en="Home haircut",
            strand="PURCHASED",
            unit="VISIT",
            evidence_policy="NONE",
            case_kind="SERVICE",
            qualification_type="SOCIAL_WORK",
        )

    async def on(self, today: date) -> None:
        """Set the day of this session's statements."""
        await self.connection.execute("select set_config('hub.today', $1, false)", today.isoformat())

    @property
    def scope(self) -> dict[str, UUID]:
        """Scope columns of a row of the first community."""
        return {"district_id": self.district, "street_id": self.street, "community_id": self.community}

    async def add(self, table: str, **values: Any) -> UUID:
        """Insert a row and return its id."""
        values.setdefault("id", uuid4())
        names = ", ".join(values)
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await self.connection.execute(f"insert into {table} ({names}) values ({places})", *values.values())
        return values["id"]

    async def organization(self, id: UUID, kind: str, **values: Any) -> UUID:
        """An organization, its id for a name."""
        return await self.add(
            "organizations", id=id, kind=kind, name=str(id)[:8], code=str(id), created_at=NOW, **values
        )

    async def partner(self, *, qualified: bool = True) -> UUID:
        """A partner organization, with what it needs to be offered the service."""
        partner = await self.organization(uuid4(), "PARTNER")
        for kind in ("REGISTRATION", "SOCIAL_WORK") if qualified else ():
            valid = {"number": f"0-{kind}", "valid_from_on": date(2025, 1, 1), "created_at": NOW}
            await self.add("qualifications", partner_id=partner, type=kind, **valid)
        return partner

    async def fund(self) -> UUID:
        """A fund of the street for purchased services, empty."""
        facts = {"reference": self._reference("F"), "name": "f", "kind": "CHARITY", "channel": "BANK"}
        facts |= {"purposes": ["PURCHASED"], "community_ids": [self.community, self.other_community]}
        who = {"holder_id": self.street, "payer_id": self.street, "registered_by_id": self.station}
        scope = {"district_id": self.district, "street_id": self.street}
        return await self.add("funds", created_at=NOW, **facts, **who, **scope)

    async def line(self, partner: UUID, *, cap: int | None = 100, **values: Any) -> UUID:
        """A line of an active agreement with the partner, whose term is this year; planted past every trigger.

        `values`: `status`, `ends_on` of the agreement; the rest of the line.
        """
        agreement, version, line = uuid4(), uuid4(), values.get("id", uuid4())
        status, ends_on = values.pop("status", "ACTIVE"), values.pop("ends_on", date(2026, 12, 31))
        of = {"district_id": self.district, "street_id": self.street, "partner_id": partner}
        money = {"ceiling_fen": 500_000, "created_at": NOW}
        facts = {"reference": self._reference("A"), "title": "t", "status_changed_at": NOW}
        facts["fund_id"] = await self.fund()
        steps = ("prepared", "proposed", "certified", "approved", "signed")
        term = {
            "number": 1,
            "effective_from_on": date(2026, 1, 1),
            "ends_on": ends_on,
            "decision_reference": "x",
        }
        term |= {f"{step}_by_id": self.station for step in steps}
        told = {
            "number": 1,
            "title": "haircuts",
            "service_type_id": self.service,
            "kind": "UNIT",
            "unit": "VISIT",
        }
        price = {"kind": "BLOCK", "amount_cap_fen": 500_000}
        if cap is not None:
            price = {"unit_price_fen": 5000, "quantity_cap": cap, "amount_cap_fen": 5000 * cap}
        served = {"community_ids": [self.community, self.other_community]}
        ids = {"agreement_id": agreement, "version_id": version}
        async with self.connection.transaction():
            await self.connection.execute("set local session_replication_role = replica")
            await self.add(
                "agreements", id=agreement, current_version_id=version, status=status, **of, **money, **facts
            )
            # The version comes last: to an approved one nothing is added, whatever is switched off.
            await self.add(
                "agreement_lines", **{"id": line, **ids, **of, **told, **price, **served, **values}
            )
            await self.add("agreement_versions", id=version, agreement_id=agreement, **of, **money, **term)
        return line

    async def paid_by(self, line: UUID, quantity: int = 1) -> dict[str, Any]:
        """The columns in which an offer, and its case, name a line."""
        agreement = await self.value("select agreement_id from agreement_lines where id = $1", line)
        return {"agreement_id": agreement, "line_id": line, "quantity": quantity}

    async def user(self) -> UUID:
        """A user."""
        name = uuid4().hex
        return await self.add("users", sign_in_name=name, name=name, created_at=NOW)

    async def member(self, organization: UUID, role: str, user: UUID | None = None, **values: Any) -> UUID:
        """A live membership, of a new user unless told."""
        if role.startswith("PARTNER"):
            values["partner_id"] = organization
        if role == "COMMUNITY_WORKER":
            values = {**self.scope, "community_id": organization, **values}
        return await self.add(
            "memberships",
            user_id=user or await self.user(),
            organization_id=organization,
            role=role,
            display_name="Name",
            valid_from_on=TODAY,
            created_at=NOW,
            **values,
        )

    async def person(self, **values: Any) -> UUID:
        """A person of the first community."""
        facts = {"name": "张三丰", "name_masked": "张*丰", "birth_on": date(1943, 1, 1), "sex": "FEMALE"}
        ids = {"reference": self._reference("P"), "pseudonym": uuid4().hex}
        return await self.add("persons", **{**self.scope, **facts, **ids, "created_at": NOW, **values})

    async def consent(self, person: UUID, grantee: UUID, **values: Any) -> UUID:
        """A consent for SERVICE, from today on, without end."""
        terms: dict[str, Any] = {
            "purpose": "SERVICE",
            "data_categories": ["CONTACT"],
            "given_by": "SELF",
            "basis": "CONSENT",
            "from_on": TODAY,
            "recorded_by_id": self.station,
            "created_at": NOW,
        }
        return await self.add(
            "consents", person_id=person, grantee_id=grantee, **{**self.scope, **terms, **values}
        )

    async def need(self, person: UUID, **values: Any) -> UUID:
        """A normative need."""
        said = {"domain": "CARE", "bradshaw_type": "NORMATIVE", "statement": "needs care"}
        by = {"recorded_by_id": self.station, "created_at": NOW}
        return await self.add("needs", person_id=person, **{**self.scope, **said, **by, **values})

    async def referral(self, person: UUID, **values: Any) -> UUID:
        """A draft."""
        asked = {"service_type_id": self.service, "reason": "words", "submitted_by_id": self.station}
        ids = {"reference": self._reference("R"), "created_at": NOW}
        return await self.add("referrals", person_id=person, **{**self.scope, **asked, **ids, **values})

    async def offer(self, referral: UUID, partner: UUID, **values: Any) -> UUID:
        """An offer by the station worker, of one unit; on a line of its own unless told."""
        if "line_id" not in values:
            values |= await self.paid_by(await self.line(partner))
        copied = {"service_type_id": self.service, "urgency": "ROUTINE", "age_group": "AGE_80_PLUS"}
        made = {"offered_by_id": self.station, "offered_at": NOW, "expires_at": NOW + timedelta(days=3)}
        facts = {**self.scope, **copied, **made, **values}
        return await self.add("offers", referral_id=referral, partner_id=partner, **facts)

    async def case(self, person: UUID, lead: UUID, *, referral: UUID | None = None, **values: Any) -> UUID:
        """A case with its lead organization as member."""
        referral = referral or await self.referral(person)
        facts = {"kind": "SERVICE", "service_type_id": self.service, "opened_at": NOW}
        ids = {"reference": self._reference("C"), "referral_id": referral, "person_id": person}
        case = await self.add("cases", lead_organization_id=lead, **{**self.scope, **facts, **ids, **values})
        await self.join(case, person, lead)
        return case

    async def join(self, case: UUID, person: UUID, organization: UUID, **values: Any) -> UUID:
        """A member of a case, as LEAD unless told."""
        facts = {"role": "LEAD", "from_at": NOW}
        ids = {"case_id": case, "person_id": person, "organization_id": organization}
        return await self.add("case_members", **{**self.scope, **facts, **ids, **values})

    async def visit(self, person: UUID, worker: UUID, organization: UUID, **values: Any) -> UUID:
        """A promised visit."""
        ids = {"reference": self._reference("V"), "person_id": person, "person_pseudonym": "R-1"}
        who = {"worker_id": worker, "organization_id": organization}
        facts = {"kind": "SERVICE", "created_at": NOW}
        return await self.add("visits", **{**self.scope, **ids, **who, **facts, **values})

    async def event(self, **values: Any) -> UUID:
        """An audit event of the street."""
        facts = {"action": "test", "subject_type": "Test", "subject_id": uuid4(), "facts": "{}"}
        actor = {"actor_role": "SYSTEM", "actor_name": "SYSTEM", "occurred_at": NOW}
        return await self.add("audit_events", **{"street_id": self.street, **facts, **actor, **values})

    async def access(self, table: str, id: UUID) -> tuple[set[UUID], set[UUID], date]:
        """The access columns of a row: partners, workers, last day."""
        row = await self.connection.fetchrow(
            f"select partner_ids, worker_ids, access_until from {table} where id = $1", id
        )
        return set(row["partner_ids"]), set(row["worker_ids"]), row["access_until"]

    async def value(self, query: str, *args: Any) -> Any:
        """The one value of a query."""
        return await self.connection.fetchval(query, *args)

    def _reference(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}-{self._number}"


@contextlib.asynccontextmanager
async def rows_of(server: Server) -> AsyncIterator[Rows]:
    """Rows on a connection of their own."""
    async with harness.connect_as(server, "admin") as connection:
        rows = Rows(connection)
        await rows.begin()
        yield rows
