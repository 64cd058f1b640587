"""The rights table of DOMAIN §3 once more, in plain Python over all rows: the oracle of the agreement tests.

Written from the specification and from nothing in `auth/`: which rows of which type a viewer may see, and who is let in
to a case. Which fields of them stands in `fields.py`, what may be done in `deeds.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from auth.roles import Viewer
from tests.policy.fields import FIELDS, PARTNERS, STAFF

Row = Mapping[str, Any]
Rows = Mapping[str, list[Row]]


@dataclasses.dataclass
class Access:
    """Which partners, and which of their workers, are let in to a case today: by membership in it and by consent."""

    rows: Rows
    today: date

    def __post_init__(self) -> None:
        self.kinds = {row["id"]: row["kind"] for row in self.rows["organizations"]}
        self.ended = {row["id"] for row in self.rows["memberships"] if row["ended_at"] is not None}
        self.agreements = {row["id"]: row for row in self.rows["agreements"]}
        self.versions = {row["id"]: row for row in self.rows["agreement_versions"]}
        self.cases = {row["id"]: self._of_case(row) for row in self.rows["cases"]}

    def _of_case(self, case: Row) -> set[UUID]:
        found: set[UUID] = set()
        if not self._in_force(case):
            return found
        for member in self.rows["case_members"]:
            partner = member["organization_id"]
            on_it = member["case_id"] == case["id"] and (member["until_on"] or date.max) >= self.today
            if on_it and self.kinds[partner] == "PARTNER" and self._consented(case, partner):
                found |= {partner, member["membership_id"]} - {None} - self.ended
        return found

    def _in_force(self, case: Row) -> bool:
        """Whether the agreement that pays for it is in force, and its term over for no more than the handover window.

        Cases older than agreements name none.
        """
        agreement = self.agreements.get(case["agreement_id"])
        if agreement is None:
            return True
        ends_on = self.versions[agreement["current_version_id"]]["ends_on"]
        return agreement["status"] in IN_FORCE and ends_on + HANDOVER >= self.today

    def _consented(self, case: Row, partner: UUID) -> bool:
        """To the partner itself or to her street, for service, today.

        A vital interest bridges the days until its paper: once she was asked, her answer counts, also when taken back.
        What she took back from a partner is not opened to it by what she had agreed to with the street before.
        """
        asked = [
            row
            for row in self.rows["consents"]
            if row["person_id"] == case["person_id"]
            and row["grantee_id"] in (partner, case["street_id"])
            and row["purpose"] == "SERVICE"
            and row["from_on"] <= self.today
        ]
        return any(
            row["status"] == "ACTIVE"
            and min(row["to_on"] or date.max, row["paper_due_on"] or date.max) >= self.today
            and not (row["basis"] == "VITAL_INTEREST" and any(_answered(row, other) for other in asked))
            and (row["grantee_id"] == partner or row["created_at"] > _taken_back(self.rows, case, partner))
            for row in asked
        )

    def of_case(self, case_id: UUID | None) -> set[UUID]:
        """Partners and workers let in to a case."""
        return self.cases.get(case_id, set()) if case_id else set()

    def of_cases(self, **wanted: UUID) -> set[UUID]:
        """The same for all cases of a person or a referral together."""
        (name, value), *_ = wanted.items()
        return {one for row in self.rows["cases"] if row[name] == value for one in self.cases[row["id"]]}

    def of_need(self, need: Row) -> set[UUID]:
        """Through the cases that answer it; and whoever's worker stated it, while the partner is on a case."""
        found = {
            one
            for link in self.rows["case_needs"]
            if link["need_id"] == need["id"]
            for one in self.of_case(link["case_id"])
        }
        let_in = self.of_cases(person_id=need["person_id"])
        if need["partner_id"] in let_in:
            workers = {
                row["id"] for row in self.rows["memberships"] if row["partner_id"] == need["partner_id"]
            }
            found |= {need["partner_id"]} | (workers & let_in)
        return found


NEVER = datetime.min.replace(tzinfo=UTC)


def _taken_back(rows: Rows, case: Row, partner: UUID) -> datetime:
    """When the person last took back a consent to the partner itself."""
    taken = [
        row["withdrawn_at"]
        for row in rows["consents"]
        if (row["person_id"], row["grantee_id"]) == (case["person_id"], partner)
        and (row["purpose"], row["basis"], row["status"]) == ("SERVICE", "CONSENT", "WITHDRAWN")
    ]
    return max(taken, default=NEVER)


def _answered(vital: Row, later: Row) -> bool:
    """Whether the second is what the person said to the same grantee after the first was recorded."""
    return (
        later["basis"] == "CONSENT"
        and later["grantee_id"] == vital["grantee_id"]
        and (later["created_at"], later["id"]) > (vital["created_at"], vital["id"])
    )


IN_FORCE = ("ACTIVE", "SUSPENDED", "CLOSING")
"""States of an agreement in which it pays for work, or still settles what was done."""

HANDOVER = timedelta(days=7)
"""How long after the end of its term a partner still reads, so that the work can be handed over."""

BY_CASE: Mapping[str, Callable[[Row, Access], set[UUID]]] = {
    "Person": lambda row, access: access.of_cases(person_id=row["id"]),
    "EligibilitySpell": lambda row, access: access.of_cases(person_id=row["person_id"]),
    "Consent": lambda row, access: access.of_cases(person_id=row["person_id"]),
    "Need": lambda row, access: access.of_need(row),
    "Referral": lambda row, access: access.of_cases(referral_id=row["id"]),
    "Case": lambda row, access: access.of_case(row["id"]),
    "CaseMember": lambda row, access: access.of_case(row["case_id"]),
    "Goal": lambda row, access: access.of_case(row["case_id"]),
    "VisitFindings": lambda row, access: access.of_case(row["case_id"]),
}
"""What consent gates (I11, I15): a partner sees it through its cases only."""

PUBLIC = ("Street", "Community", "Partner", "Organization", "Qualification", "ServiceType", "Capacity")
"""Reference data: who there is, what can be asked for, and who has room."""

AGREED = {
    "Agreement": "current_version_id",
    "AgreementVersion": "id",
    **dict.fromkeys(("AgreementLine", "Criterion", "Milestone"), "version_id"),
}
"""What an agreement says → the column with its version."""

SERVED = ("Submission", "ClaimStep", "Review")
"""What a community seconds: of stages whose lines serve it."""

MONEY = (
    *("Fund", "Donation", "Agreement", "Submission", "Deduction", "Appeal"),
    *("PaymentRequest", "Invoice", "BankAccount", "Payment"),
)
"""What finance reads the trail of: where money comes from, what makes it payable, where it went."""

HAS_BEEN_IN_FORCE = ("ACTIVE", "SUSPENDED", "CLOSING", "CLOSED", "TERMINATED")
KIND = {"Street": "STREET", "Community": "COMMUNITY", "Partner": "PARTNER"}


def in_scope(type_name: str, viewer: Viewer, row: Row, access: Access) -> bool:
    """Whether a row of a type is in the viewer's scope."""
    role = str(viewer.role)
    if role not in FIELDS[type_name] or row.get("kind") not in (None, KIND.get(type_name, row.get("kind"))):
        return False
    if type_name in PUBLIC:
        return True
    if type_name in OWN:
        return OWN[type_name](viewer, row)
    if type_name in AGREED and role in (*PARTNERS, "COMMUNITY_WORKER"):
        return _agreed(AGREED[type_name], viewer, row, access)
    if viewer.partner_id is not None:
        return _for_partner(type_name, viewer, row, access)
    if type_name in SERVED and role == "COMMUNITY_WORKER":
        return viewer.community_id in row["community_ids"]
    wanted = {"COMMUNITY_WORKER": "community_id", "AUDITOR": "district_id"}.get(role, "street_id")
    return row[wanted] is not None and row[wanted] == getattr(viewer, wanted)


def _for_partner(type_name: str, viewer: Viewer, row: Row, access: Access) -> bool:
    manages = viewer.role == "PARTNER_MANAGER"
    if type_name in BY_CASE:
        return (viewer.partner_id if manages else viewer.membership_id) in BY_CASE[type_name](row, access)
    if type_name in ("Visit", "Delivery") and not manages:
        return row["worker_id"] == viewer.membership_id
    return row["partner_id"] == viewer.partner_id


def _agreed(version_column: str, viewer: Viewer, row: Row, access: Access) -> bool:
    """The partner knows a version once it was approved; her workers and whom it serves, once it has been in force."""
    version = access.versions[row[version_column]]
    if viewer.role == "PARTNER_MANAGER":
        return row["partner_id"] == viewer.partner_id and version["approved_at"] is not None
    agreement = access.agreements[version["agreement_id"]]
    if agreement["status"] not in HAS_BEEN_IN_FORCE or agreement["current_version_id"] != version["id"]:
        return False
    if viewer.partner_id is not None:
        return row["partner_id"] == viewer.partner_id
    return viewer.community_id in row["community_ids"]


def _membership(viewer: Viewer, row: Row) -> bool:
    """Colleagues, and the people at the other end of a case: who works with whom knows whom by name."""
    role = str(viewer.role)
    if role == "AUDITOR":
        return row["district_id"] == viewer.district_id
    if viewer.partner_id is not None:
        return row["partner_id"] == viewer.partner_id or (
            row["street_id"] is not None and row["role"] in STAFF
        )
    return row["street_id"] == viewer.street_id or row["partner_id"] is not None


def _declaration(viewer: Viewer, row: Row) -> bool:
    role = str(viewer.role)
    if role in ("STATION_WORKER", "STREET_DIRECTOR"):
        return row["street_id"] == viewer.street_id
    if role == "AUDITOR":
        return row["district_id"] == viewer.district_id
    return row["user_id"] == viewer.user_id


def _event(viewer: Viewer, row: Row) -> bool:
    match str(viewer.role):
        case "COMMUNITY_WORKER":
            return row["community_id"] == viewer.community_id
        case "STATION_WORKER" | "STREET_DIRECTOR":
            return row["street_id"] == viewer.street_id
        case "FINANCE_OFFICER":
            return row["street_id"] == viewer.street_id and row["subject_type"] in MONEY
        case "PARTNER_MANAGER":
            return row["actor_organization_id"] == viewer.partner_id
        case "AUDITOR":
            return row["district_id"] == viewer.district_id
        case _:
            return row["actor_membership_id"] == viewer.membership_id


OWN: Mapping[str, Callable[[Viewer, Row], bool]] = {
    "Membership": _membership,
    "ConflictDeclaration": _declaration,
    "AuditEvent": _event,
    "Notice": lambda viewer, row: row["recipient_id"] == viewer.membership_id,
    "Client": lambda viewer, row: (
        row["partner_id"] == viewer.partner_id
        if viewer.role == "PARTNER_MANAGER"
        else row["street_id"] == viewer.street_id
    ),
}
"""What goes by the person rather than by the place."""
