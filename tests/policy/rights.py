"""The rights table of DOMAIN §3 once more, in plain Python over all rows: the oracle of the agreement tests.

Written from the specification and from nothing in `auth/`: which rows of which type a viewer may see, which fields of
them, and which of these masked. Where the specification says "M", names are masked and what says where or who
(reference, birth date, telephone, address, free text) is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from auth.roles import Viewer

Row = Mapping[str, Any]
Rows = Mapping[str, list[Row]]

ALL = "*"
STAFF = ("COMMUNITY_WORKER", "STATION_WORKER")
PARTNERS = ("PARTNER_MANAGER", "PARTNER_WORKER")
STREET_SIDE = (*STAFF, "STREET_DIRECTOR", "FINANCE_OFFICER")
EVERYBODY = (*STREET_SIDE, *PARTNERS, "AUDITOR", "ADMIN")

PRICED = ("STATION_WORKER", "STREET_DIRECTOR", "FINANCE_OFFICER", "AUDITOR")
UNPRICED = ("COMMUNITY_WORKER", "PARTNER_WORKER")
OF_FUND = "id reference name kind holder street purposes communities available encumbered payable paid"
OF_AGREEMENT = (
    "id reference title status partner street communities currentVersion lines milestones"
    " createdAt activatedAt endedAt"
)

M_PERSON = "id pseudonym name ageGroup sex livesAlone riskClass status community eligibility needs"
OF_PARTNER = (
    "id reference pseudonym name birthDate ageGroup sex phone address estate livesAlone status community"
    " eligibility needs"
)
OF_DELIVERY = (
    "id reference status line agreement partner community serviceType session quantity unit happenedAt"
    " verification verifiedAt flags evidenceComplete"
)
"""What was done, where and for what, without a word about whom."""

M_NEED = "id domain bradshawType severity status createdAt settledAt"
M_REFERRAL = (
    "id reference status urgency person serviceType community offers case submittedAt completedAt closedAt"
    " statusReasonCode"
)

Fields = tuple[str, str, str]
"""What is shown ("*": everything), what of it is masked, and what is left out of everything."""


def _for(roles: tuple[str, ...], shown: str, *, masked: str = "", without: str = "") -> dict[str, Fields]:
    return dict.fromkeys(roles, (shown, masked, without))


FIELDS: Mapping[str, Mapping[str, Fields]] = {
    **dict.fromkeys(
        ("Street", "Community", "Partner", "Organization", "Qualification", "ServiceType"),
        _for(EVERYBODY, ALL),
    ),
    "Membership": {
        **_for(("COMMUNITY_WORKER", "PARTNER_WORKER"), "id role displayName organization"),
        **_for(STREET_SIDE[1:], "id role duty displayName organization"),
        **_for(("PARTNER_MANAGER", "AUDITOR", "ADMIN"), ALL),
    },
    "ConflictDeclaration": _for((*STREET_SIDE, *PARTNERS, "AUDITOR"), ALL),
    "Client": _for(("ADMIN",), ALL),
    "Person": {
        **_for(STAFF, ALL, masked="phone address idNumber"),
        **_for(PARTNERS, OF_PARTNER, masked="phone address"),
        **_for(("STREET_DIRECTOR",), f"{M_PERSON} estate", masked="name"),
        **_for(("AUDITOR",), M_PERSON, masked="name"),
    },
    "Household": {**_for(STAFF, ALL), **_for(("STREET_DIRECTOR", "AUDITOR"), "id community")},
    "EligibilitySpell": _for((*STAFF, *PARTNERS, "STREET_DIRECTOR", "AUDITOR"), "id category fromOn toOn"),
    "Guardian": _for(STAFF, ALL, masked="phone"),
    "Consent": {
        **_for(STAFF, ALL),
        **_for(PARTNERS, "id purpose dataCategories basis fromOn toOn status"),
        **_for(("AUDITOR",), ALL, without="basisNote withdrawnReason person"),
    },
    "Need": {
        **_for(STAFF, ALL),
        **_for(PARTNERS, ALL, without="recordedBy"),
        **_for(("STREET_DIRECTOR",), M_NEED),
        **_for(("AUDITOR",), f"{M_NEED} comparator"),
    },
    "Referral": {
        # Whom to offer it to is the station's question.
        **_for(("COMMUNITY_WORKER",), ALL, without="partnerSuggestions"),
        **_for(("STATION_WORKER",), ALL),
        # Another partner's offer and the words with which it declined are that partner's business.
        **_for(
            PARTNERS,
            ALL,
            without="offers partnerSuggestions submittedBy acknowledgedBy statusReason statusReasonCode",
        ),
        **_for(("STREET_DIRECTOR",), f"{M_REFERRAL} version"),
        **_for(("AUDITOR",), M_REFERRAL),
    },
    "Offer": {
        **_for((*STAFF, "STREET_DIRECTOR"), ALL),
        **_for(PARTNERS, ALL, without="offeredBy"),
        **_for(("AUDITOR",), ALL, without="estate note declineReason"),
    },
    "OfferNeed": _for((*STAFF, *PARTNERS, "STREET_DIRECTOR", "AUDITOR"), ALL),
    "Case": {
        **_for((*STAFF, *PARTNERS), ALL),
        **_for(("STREET_DIRECTOR", "AUDITOR"), ALL, without="summary statusReason goals"),
    },
    "CaseMember": _for((*STAFF, *PARTNERS, "STREET_DIRECTOR", "AUDITOR"), ALL),
    "Goal": _for((*STAFF, *PARTNERS), ALL),
    "Visit": {**_for((*STAFF, *PARTNERS), ALL), **_for(("AUDITOR",), ALL, without="findings cancelReason")},
    "VisitFindings": _for((*STAFF, *PARTNERS), ALL),
    # Prices are no matter of communities and partner workers: neither of a unit nor of a stage nor of the whole.
    "Fund": {
        **_for(("STATION_WORKER",), OF_FUND),
        **_for(("STREET_DIRECTOR", "FINANCE_OFFICER", "AUDITOR"), ALL),
    },
    "Donation": {
        **_for(("STREET_DIRECTOR", "FINANCE_OFFICER"), ALL),
        **_for(("AUDITOR",), ALL, masked="donorName"),
    },
    "Agreement": {
        **_for(PRICED, ALL),
        **_for(("PARTNER_MANAGER",), ALL, without="fund"),
        **_for(UNPRICED, OF_AGREEMENT),
    },
    "AgreementVersion": {
        **_for(PRICED, ALL),
        **_for(("PARTNER_MANAGER",), ALL, without="preparedBy proposedBy certifiedBy approvedBy"),
        **_for(UNPRICED, "id number effectiveFrom endsOn"),
    },
    "AgreementLine": {
        **_for((*PRICED, "PARTNER_MANAGER"), ALL),
        **_for(UNPRICED, ALL, without="unitPrice amountCap"),
    },
    "Milestone": {
        **_for((*PRICED, "PARTNER_MANAGER"), ALL),
        **_for(UNPRICED, ALL, without="amount sharePercent"),
    },
    "Criterion": _for((*PRICED, "PARTNER_MANAGER", *UNPRICED), ALL),
    "Capacity": _for(EVERYBODY[:-1], ALL),
    # Why somebody stays away from work is between her and whoever finds the substitute.
    "Substitution": {
        **_for(("STATION_WORKER", "PARTNER_MANAGER"), ALL),
        **_for(("PARTNER_WORKER",), ALL, without="reason"),
    },
    # Director and finance count: no person, no case, nobody's words; a claim tells people apart by pseudonym. Which
    # deliveries the station will ask the person about is the station's secret, and whoever may look over its shoulder.
    "Delivery": {
        **_for(("COMMUNITY_WORKER",), ALL, without="callback"),
        **_for(("STATION_WORKER",), ALL),
        **_for(("STREET_DIRECTOR",), OF_DELIVERY),
        **_for(("FINANCE_OFFICER",), f"{OF_DELIVERY} personPseudonym"),
        **_for(PARTNERS, ALL, without="callback verifiedBy"),
        **_for(("AUDITOR",), ALL, without="disputeReason voidReason"),
    },
    "Callback": {
        **_for(("STATION_WORKER",), ALL),
        **_for(("STREET_DIRECTOR", "AUDITOR"), ALL, without="note"),
    },
    "ActivitySeries": {
        **_for((*STAFF, *PARTNERS), ALL),
        **_for(("STREET_DIRECTOR", "FINANCE_OFFICER"), ALL, without="enrolments cancelReason"),
        **_for(("AUDITOR",), ALL, without="cancelReason"),
    },
    "GroupSession": {
        **_for((*STAFF, *PARTNERS), ALL),
        **_for(("STREET_DIRECTOR", "FINANCE_OFFICER"), ALL, without="attendances cancelReason"),
        **_for(("AUDITOR",), ALL, without="cancelReason"),
    },
    **dict.fromkeys(("Enrolment", "Attendance"), _for((*STAFF, *PARTNERS, "AUDITOR"), ALL)),
    # A file's name may tell whom it is about. Who needs no name sees what a file is, and that it is there.
    "Document": {
        **_for((*STAFF, *PARTNERS), ALL),
        **_for(
            ("STREET_DIRECTOR", "FINANCE_OFFICER", "AUDITOR"),
            "id reference kind mediaType sizeBytes sha256 status capturedAt storedAt",
        ),
    },
    "Notice": _for(EVERYBODY, ALL),
    "AuditEvent": _for(tuple(role for role in EVERYBODY if role != "FINANCE_OFFICER"), ALL),
}


def shown(type_name: str, role: str, field: str) -> str | None:
    """How a role sees a field of the rows in its scope: "plain", "masked", or None for not at all."""
    if role not in FIELDS[type_name]:
        return None
    listed, masked, without = FIELDS[type_name][role]
    if field in without.split() or (listed != ALL and field not in listed.split()):
        return None
    return "masked" if field in masked.split() else "plain"


# -------------------------------------------------------------------------------------------- who is let in, and why


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
    "Client": lambda viewer, row: row["street_id"] == viewer.street_id,
}
"""What goes by the person rather than by the place."""
