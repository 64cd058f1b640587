"""The rights table of DOMAIN §3 once more: which fields of a type a role sees, and which of them masked.

Written from the specification and from nothing in `auth/`. Where the specification says "M", names are masked and what
says where or who (reference, birth date, telephone, address, free text) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

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
OF_CLAIM = (
    "id reference status round agreement milestone partner rule note submittedAt statusSince steps reviews"
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
        ("Community", "Partner", "Organization", "Qualification", "ServiceType"),
        _for(EVERYBODY, ALL),
    ),
    # Where a street's four eyes are short is not for those whom it pays.
    "Street": {**_for(EVERYBODY, ALL), **_for(PARTNERS, ALL, without="staffingGaps")},
    "Membership": {
        **_for(("COMMUNITY_WORKER", "PARTNER_WORKER"), "id role displayName organization"),
        **_for(STREET_SIDE[1:], "id role duty displayName organization"),
        **_for(("PARTNER_MANAGER", "AUDITOR", "ADMIN"), ALL),
    },
    "ConflictDeclaration": _for((*STREET_SIDE, *PARTNERS, "AUDITOR"), ALL),
    "Client": _for(("ADMIN", "PARTNER_MANAGER"), ALL),
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
        **_for(("PARTNER_MANAGER",), ALL, without="fund decision"),
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
        **_for(UNPRICED, ALL, without="amount sharePercent money paymentRequests"),
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
    "AuditEvent": _for(EVERYBODY, ALL),
    # A community seconds what was done, a partner's worker brings the evidence: neither is told any amount. Who of the
    # street decided is the street's business, as in agreements.
    "Submission": {
        **_for((*PRICED, "PARTNER_MANAGER"), ALL),
        **_for(("COMMUNITY_WORKER",), f"{OF_CLAIM} secondWanted deliveries availableActions version"),
        **_for(("PARTNER_WORKER",), f"{OF_CLAIM} submittedBy"),
    },
    "ClaimStep": {
        **_for((*PRICED, "PARTNER_MANAGER"), ALL),
        **_for(UNPRICED, ALL, without="unitPrice amount"),
    },
    "Review": {
        **_for(PRICED, ALL),
        **_for(("PARTNER_MANAGER",), ALL, without="reviewedBy"),
        **_for(("COMMUNITY_WORKER",), ALL, without="accepted"),
        **_for(("PARTNER_WORKER",), ALL, without="accepted reviewedBy"),
    },
    "Deduction": {**_for(PRICED, ALL), **_for(("PARTNER_MANAGER",), ALL, without="proposedBy")},
    "Appeal": {**_for(PRICED, ALL), **_for(("PARTNER_MANAGER",), ALL, without="decidedBy")},
    # Figures, no person. What it cost is no matter of a community, of which age and where none of finance.
    "StationReport": {
        **_for(("STATION_WORKER", "STREET_DIRECTOR", "AUDITOR"), ALL),
        **_for(("COMMUNITY_WORKER",), ALL, without="money moneyByStage"),
        **_for(("FINANCE_OFFICER",), ALL, without="byCommunity byAgeGroup"),
    },
    # The partner sees its money and whose turn it is (`waitingFor`), not who took which step, nor the fund behind it.
    "PaymentRequest": {
        **_for(PRICED, ALL),
        **_for(("PARTNER_MANAGER",), ALL, without="fund approvals decision"),
    },
    "Approval": _for(PRICED, ALL),
    "Invoice": _for((*PRICED, "PARTNER_MANAGER"), ALL),
    "BankAccount": {**_for(PRICED, ALL), **_for(("PARTNER_MANAGER",), ALL, without="verifiedBy")},
    "Payment": {**_for(PRICED, ALL), **_for(("PARTNER_MANAGER",), ALL, without="sentBy settledBy")},
    "PaymentTrace": _for((*PRICED, "PARTNER_MANAGER"), ALL),
}


def shown(type_name: str, role: str, field: str) -> str | None:
    """How a role sees a field of the rows in its scope: "plain", "masked", or None for not at all."""
    if role not in FIELDS[type_name]:
        return None
    listed, masked, without = FIELDS[type_name][role]
    if field in without.split() or (listed != ALL and field not in listed.split()):
        return None
    return "masked" if field in masked.split() else "plain"
