"""The whole answer to "who may see or do what" (DOMAIN §3). Literals only. No grant = no access.

`read(type, role, rows, fields)`: under this role a viewer reads these fields of the rows in this scope.
    rows    name of a scope: `auth/gate.py` has the common ones, `hub/<capability>/scopes.py` those of one table
    fields  GraphQL field names, or "*" for all of the type
    mask    fields that show their masked form (a name as `张*丰`, a phone as `138****8000`)
    hide    fields taken out of "*"
`do(command, role, rows)`: under this role a viewer may run the command on a target in this scope.
    by_link a signed link runs it for whoever was given one, and no mutation does

One row per type and role, one per command and role (and duty): a second one does not load.
"""

from __future__ import annotations

from auth.grants import do, read
from auth.roles import Duty, Role

COMMUNITY_WORKER = Role.COMMUNITY_WORKER
STATION_WORKER = Role.STATION_WORKER
STREET_DIRECTOR = Role.STREET_DIRECTOR
FINANCE_OFFICER = Role.FINANCE_OFFICER
PARTNER_MANAGER = Role.PARTNER_MANAGER
PARTNER_WORKER = Role.PARTNER_WORKER
AUDITOR = Role.AUDITOR
ADMIN = Role.ADMIN

# fmt: off
# ---------------------------------------------------------------------------------- organizations and who works there
read("Street",         COMMUNITY_WORKER, "all", "*")
read("Street",         STATION_WORKER,   "all", "*")
read("Street",         STREET_DIRECTOR,  "all", "*")
read("Street",         FINANCE_OFFICER,  "all", "*")
read("Street",         PARTNER_MANAGER,  "all", "*", hide="staffingGaps")
read("Street",         PARTNER_WORKER,   "all", "*", hide="staffingGaps")
read("Street",         AUDITOR,          "all", "*")
read("Street",         ADMIN,            "all", "*")

read("Community",      COMMUNITY_WORKER, "all", "*")
read("Community",      STATION_WORKER,   "all", "*")
read("Community",      STREET_DIRECTOR,  "all", "*")
read("Community",      FINANCE_OFFICER,  "all", "*")
read("Community",      PARTNER_MANAGER,  "all", "*")
read("Community",      PARTNER_WORKER,   "all", "*")
read("Community",      AUDITOR,          "all", "*")
read("Community",      ADMIN,            "all", "*")

read("Partner",        COMMUNITY_WORKER, "all", "*")
read("Partner",        STATION_WORKER,   "all", "*")
read("Partner",        STREET_DIRECTOR,  "all", "*")
read("Partner",        FINANCE_OFFICER,  "all", "*")
read("Partner",        PARTNER_MANAGER,  "all", "*")
read("Partner",        PARTNER_WORKER,   "all", "*")
read("Partner",        AUDITOR,          "all", "*")
read("Partner",        ADMIN,            "all", "*")

read("Organization",   COMMUNITY_WORKER, "all", "*")
read("Organization",   STATION_WORKER,   "all", "*")
read("Organization",   STREET_DIRECTOR,  "all", "*")
read("Organization",   FINANCE_OFFICER,  "all", "*")
read("Organization",   PARTNER_MANAGER,  "all", "*")
read("Organization",   PARTNER_WORKER,   "all", "*")
read("Organization",   AUDITOR,          "all", "*")
read("Organization",   ADMIN,            "all", "*")

read("Qualification",  COMMUNITY_WORKER, "all", "*")
read("Qualification",  STATION_WORKER,   "all", "*")
read("Qualification",  STREET_DIRECTOR,  "all", "*")
read("Qualification",  FINANCE_OFFICER,  "all", "*")
read("Qualification",  PARTNER_MANAGER,  "all", "*")
read("Qualification",  PARTNER_WORKER,   "all", "*")
read("Qualification",  AUDITOR,          "all", "*")
read("Qualification",  ADMIN,            "all", "*")

read("Membership",     COMMUNITY_WORKER, "known_staff", "id role displayName organization")
read("Membership",     STATION_WORKER,   "known_staff", "id role duty displayName organization")
read("Membership",     STREET_DIRECTOR,  "known_staff", "id role duty displayName organization")
read("Membership",     FINANCE_OFFICER,  "known_staff", "id role duty displayName organization")
read("Membership",     PARTNER_MANAGER,  "known_staff", "*")
read("Membership",     PARTNER_WORKER,   "known_staff", "id role displayName organization")
read("Membership",     AUDITOR,          "own_district", "*")
read("Membership",     ADMIN,            "administered", "*")

read("ConflictDeclaration", COMMUNITY_WORKER, "own",          "*")
read("ConflictDeclaration", STATION_WORKER,   "own_street",   "*")
read("ConflictDeclaration", STREET_DIRECTOR,  "own_street",   "*")
read("ConflictDeclaration", FINANCE_OFFICER,  "own",          "*")
read("ConflictDeclaration", PARTNER_MANAGER,  "own",          "*")
read("ConflictDeclaration", PARTNER_WORKER,   "own",          "*")
read("ConflictDeclaration", AUDITOR,          "own_district", "*")

read("Client",         PARTNER_MANAGER,  "own_partner", "*")
read("Client",         ADMIN,            "own_street", "*")

do("organization_register", STATION_WORKER,   "all")
do("organization_register", ADMIN,            "all")
do("qualification_record",  STATION_WORKER,   "all")
do("qualification_record",  PARTNER_MANAGER,  "own_partner")
do("conflict_declare",      COMMUNITY_WORKER, "all")
do("conflict_declare",      STATION_WORKER,   "all")
do("conflict_declare",      STREET_DIRECTOR,  "all")
do("conflict_declare",      FINANCE_OFFICER,  "all")
do("conflict_declare",      PARTNER_MANAGER,  "all")
do("conflict_declare",      PARTNER_WORKER,   "all")
do("membership_grant",      ADMIN,            "without_manager_or_own_street")
do("membership_grant",      PARTNER_MANAGER,  "own_partner")
do("membership_end",        ADMIN,            "own_street")
do("membership_end",        PARTNER_MANAGER,  "own_partner")
do("client_register",       ADMIN,            "own_street")
do("client_register",       PARTNER_MANAGER,  "own_partner")
do("client_revoke",         ADMIN,            "own_street")
do("client_revoke",         PARTNER_MANAGER,  "own_partner")

# ------------------------------------------------------------------------------------------------ people and consents
read("Person",         COMMUNITY_WORKER, "own_community", "*", mask="phone address idNumber")
read("Person",         STATION_WORKER,   "own_street",    "*", mask="phone address idNumber")
read("Person",         STREET_DIRECTOR,  "own_street",
     "id pseudonym name ageGroup sex estate livesAlone riskClass status community eligibility needs", mask="name")
read("Person",         PARTNER_MANAGER,  "on_our_case",
     "id reference pseudonym name birthDate ageGroup sex phone address estate livesAlone status community eligibility needs",
     mask="phone address")
read("Person",         PARTNER_WORKER,   "on_my_case",
     "id reference pseudonym name birthDate ageGroup sex phone address estate livesAlone status community eligibility needs",
     mask="phone address")
read("Person",         AUDITOR,          "own_district",
     "id pseudonym name ageGroup sex livesAlone riskClass status community eligibility needs", mask="name")

read("Household",      COMMUNITY_WORKER, "own_community", "*")
read("Household",      STATION_WORKER,   "own_street",    "*")
read("Household",      STREET_DIRECTOR,  "own_street",    "id community")
read("Household",      AUDITOR,          "own_district",  "id community")

read("EligibilitySpell", COMMUNITY_WORKER, "own_community", "*")
read("EligibilitySpell", STATION_WORKER,   "own_street",    "*")
read("EligibilitySpell", STREET_DIRECTOR,  "own_street",    "id category fromOn toOn")
read("EligibilitySpell", PARTNER_MANAGER,  "on_our_case",   "id category fromOn toOn")
read("EligibilitySpell", PARTNER_WORKER,   "on_my_case",    "id category fromOn toOn")
read("EligibilitySpell", AUDITOR,          "own_district",  "id category fromOn toOn")

read("Guardian",       COMMUNITY_WORKER, "own_community", "*", mask="phone")
read("Guardian",       STATION_WORKER,   "own_street",    "*", mask="phone")

read("Consent",        COMMUNITY_WORKER, "own_community", "*")
read("Consent",        STATION_WORKER,   "own_street",    "*")
read("Consent",        PARTNER_MANAGER,  "on_our_case",   "id purpose dataCategories basis fromOn toOn status")
read("Consent",        PARTNER_WORKER,   "on_my_case",    "id purpose dataCategories basis fromOn toOn status")
read("Consent",        AUDITOR,          "own_district",  "*", hide="basisNote withdrawnReason person")

read("Need",           COMMUNITY_WORKER, "own_community", "*")
read("Need",           STATION_WORKER,   "own_street",    "*")
read("Need",           STREET_DIRECTOR,  "own_street",    "id domain bradshawType severity status createdAt settledAt")
read("Need",           PARTNER_MANAGER,  "on_our_case",   "*", hide="recordedBy")
read("Need",           PARTNER_WORKER,   "on_my_case",    "*", hide="recordedBy")
read("Need",           AUDITOR,          "own_district",  "id domain bradshawType severity status createdAt settledAt comparator")

do("person_register",    COMMUNITY_WORKER, "own_community")
do("person_register",    STATION_WORKER,   "own_street")
do("eligibility_record", COMMUNITY_WORKER, "own_community")
do("eligibility_record", STATION_WORKER,   "own_street")
do("guardian_record",    COMMUNITY_WORKER, "own_community")
do("guardian_record",    STATION_WORKER,   "own_street")
do("consent_give",       COMMUNITY_WORKER, "own_community")
do("consent_give",       STATION_WORKER,   "own_street")
do("consent_give",       PARTNER_WORKER,   "on_my_case")
do("consent_withdraw",   COMMUNITY_WORKER, "own_community")
do("consent_withdraw",   STATION_WORKER,   "own_street")
do("need_state",         COMMUNITY_WORKER, "own_community")
do("need_state",         STATION_WORKER,   "own_street")
do("need_state",         PARTNER_WORKER,   "on_my_case")
do("need_settle",        COMMUNITY_WORKER, "own_community")
do("need_settle",        STATION_WORKER,   "own_street")
do("need_settle",        PARTNER_WORKER,   "on_my_case")
do("person_reveal",      COMMUNITY_WORKER, "own_community")
do("person_reveal",      STATION_WORKER,   "own_street")
do("person_reveal",      PARTNER_WORKER,   "on_my_open_case")

# ----------------------------------------------------------------------------------------------------------- documents
# What a file is called may tell whom it is about, and sign-in sheets hold names: whoever needs none of them sees what a
# file is and that it is there, not what it is called, and opens none.
read("Document",       PARTNER_WORKER,   "own_partner",   "*")
read("Document",       PARTNER_MANAGER,  "own_partner",   "*")
read("Document",       COMMUNITY_WORKER, "own_community", "*")
read("Document",       STATION_WORKER,   "own_street",    "*")
read("Document",       STREET_DIRECTOR,  "own_street",    "id reference kind mediaType sizeBytes sha256 status capturedAt storedAt")
read("Document",       FINANCE_OFFICER,  "own_street",    "id reference kind mediaType sizeBytes sha256 status capturedAt storedAt")
read("Document",       AUDITOR,          "own_district",  "id reference kind mediaType sizeBytes sha256 status capturedAt storedAt")

do("document_prepare", PARTNER_WORKER,   "served_by_partner")
do("document_prepare", PARTNER_MANAGER,  "served_by_partner")
do("document_prepare", COMMUNITY_WORKER, "own_community")
do("document_prepare", STATION_WORKER,   "own_street")
do("document_prepare", FINANCE_OFFICER,  "own_street")
do("document_store",   PARTNER_WORKER,   "uploaded_by_me", by_link=True)
do("document_store",   PARTNER_MANAGER,  "uploaded_by_me", by_link=True)
do("document_store",   COMMUNITY_WORKER, "uploaded_by_me", by_link=True)
do("document_store",   STATION_WORKER,   "uploaded_by_me", by_link=True)
do("document_store",   FINANCE_OFFICER,  "uploaded_by_me", by_link=True)
do("document_open",    PARTNER_WORKER,   "own_partner")
do("document_open",    PARTNER_MANAGER,  "own_partner")
do("document_open",    COMMUNITY_WORKER, "own_community")
do("document_open",    STATION_WORKER,   "own_street")

# ----------------------------------------------------------------------------------------------------------- catalogue
read("ServiceType",    COMMUNITY_WORKER, "all", "*")
read("ServiceType",    STATION_WORKER,   "all", "*")
read("ServiceType",    STREET_DIRECTOR,  "all", "*")
read("ServiceType",    FINANCE_OFFICER,  "all", "*")
read("ServiceType",    PARTNER_MANAGER,  "all", "*")
read("ServiceType",    PARTNER_WORKER,   "all", "*")
read("ServiceType",    AUDITOR,          "all", "*")
read("ServiceType",    ADMIN,            "all", "*")

read("Capacity",       COMMUNITY_WORKER, "all", "*")
read("Capacity",       STATION_WORKER,   "all", "*")
read("Capacity",       STREET_DIRECTOR,  "all", "*")
read("Capacity",       FINANCE_OFFICER,  "all", "*")
read("Capacity",       PARTNER_MANAGER,  "all", "*")
read("Capacity",       PARTNER_WORKER,   "all", "*")
read("Capacity",       AUDITOR,          "all", "*")

do("capacity_set",     PARTNER_MANAGER,  "own_partner")

# ------------------------------------------------------------------------------------------------- funds and agreements
read("Fund",           STATION_WORKER,   "own_street",
     "id reference name kind holder street purposes communities available encumbered payable paid")
read("Fund",           STREET_DIRECTOR,  "own_street",    "*")
read("Fund",           FINANCE_OFFICER,  "own_street",    "*")
read("Fund",           AUDITOR,          "own_district",  "*")

read("Donation",       STREET_DIRECTOR,  "own_street",    "*")
read("Donation",       FINANCE_OFFICER,  "own_street",    "*")
read("Donation",       AUDITOR,          "own_district",  "*", mask="donorName")

# Prices are no matter of partner workers and communities: neither of a unit nor of a stage nor of the whole. Nor is what
# the street has not decided anybody else's: see the scopes.
read("Agreement",      COMMUNITY_WORKER, "served_here",
     "id reference title status partner street communities currentVersion lines milestones createdAt activatedAt endedAt")
read("Agreement",      STATION_WORKER,   "own_street",    "*")
read("Agreement",      STREET_DIRECTOR,  "own_street",    "*")
read("Agreement",      FINANCE_OFFICER,  "own_street",    "*")
read("Agreement",      PARTNER_MANAGER,  "offered_to_us", "*", hide="fund decision")
read("Agreement",      PARTNER_WORKER,   "in_force_with_us",
     "id reference title status partner street communities currentVersion lines milestones createdAt activatedAt endedAt")
read("Agreement",      AUDITOR,          "own_district",  "*")

read("AgreementVersion", COMMUNITY_WORKER, "served_here",  "id number effectiveFrom endsOn")
read("AgreementVersion", STATION_WORKER,   "own_street",   "*")
read("AgreementVersion", STREET_DIRECTOR,  "own_street",   "*")
read("AgreementVersion", FINANCE_OFFICER,  "own_street",   "*")
read("AgreementVersion", PARTNER_MANAGER,  "offered_to_us", "*", hide="preparedBy proposedBy certifiedBy approvedBy")
read("AgreementVersion", PARTNER_WORKER,   "in_force_with_us", "id number effectiveFrom endsOn")
read("AgreementVersion", AUDITOR,          "own_district", "*")

read("AgreementLine",  COMMUNITY_WORKER, "served_here",   "*", hide="unitPrice amountCap")
read("AgreementLine",  STATION_WORKER,   "own_street",    "*")
read("AgreementLine",  STREET_DIRECTOR,  "own_street",    "*")
read("AgreementLine",  FINANCE_OFFICER,  "own_street",    "*")
read("AgreementLine",  PARTNER_MANAGER,  "offered_to_us", "*")
read("AgreementLine",  PARTNER_WORKER,   "in_force_with_us", "*", hide="unitPrice amountCap")
read("AgreementLine",  AUDITOR,          "own_district",  "*")

read("Criterion",      COMMUNITY_WORKER, "served_here",   "*")
read("Criterion",      STATION_WORKER,   "own_street",    "*")
read("Criterion",      STREET_DIRECTOR,  "own_street",    "*")
read("Criterion",      FINANCE_OFFICER,  "own_street",    "*")
read("Criterion",      PARTNER_MANAGER,  "offered_to_us", "*")
read("Criterion",      PARTNER_WORKER,   "in_force_with_us", "*")
read("Criterion",      AUDITOR,          "own_district",  "*")

read("Milestone",      COMMUNITY_WORKER, "served_here",   "*", hide="amount sharePercent money paymentRequests")
read("Milestone",      STATION_WORKER,   "own_street",    "*")
read("Milestone",      STREET_DIRECTOR,  "own_street",    "*")
read("Milestone",      FINANCE_OFFICER,  "own_street",    "*")
read("Milestone",      PARTNER_MANAGER,  "offered_to_us", "*")
read("Milestone",      PARTNER_WORKER,   "in_force_with_us", "*", hide="amount sharePercent money paymentRequests")
read("Milestone",      AUDITOR,          "own_district",  "*")

do("fund_register",       FINANCE_OFFICER, "own_street",  duty=Duty.ACCOUNTANT)
do("donation_record",     FINANCE_OFFICER, "own_street",  duty=Duty.ACCOUNTANT)
do("agreement_draft",     STATION_WORKER,  "own_street")
do("agreement_propose",   STATION_WORKER,  "own_street")
do("agreement_certify",   FINANCE_OFFICER, "own_street",  duty=Duty.ACCOUNTANT)
do("agreement_approve",   STREET_DIRECTOR, "own_street")
do("agreement_accept",    PARTNER_MANAGER, "offered_to_us")
do("agreement_send_back", FINANCE_OFFICER, "own_street",  duty=Duty.ACCOUNTANT)
do("agreement_send_back", STREET_DIRECTOR, "own_street")
do("agreement_send_back", PARTNER_MANAGER, "offered_to_us")
do("agreement_decline",   PARTNER_MANAGER, "offered_to_us")
do("agreement_cancel",    STATION_WORKER,  "own_street_undecided")
do("agreement_cancel",    STREET_DIRECTOR, "own_street")
do("agreement_terminate", STREET_DIRECTOR, "own_street")

# ------------------------------------------------------------------------------------------------ referrals and offers
read("Referral",       COMMUNITY_WORKER, "own_community", "*", hide="partnerSuggestions")
read("Referral",       STATION_WORKER,   "own_street",    "*")
read("Referral",       STREET_DIRECTOR,  "own_street",
     "id reference status urgency person serviceType community offers case submittedAt completedAt closedAt statusReasonCode version")
read("Referral",       PARTNER_MANAGER,  "on_our_case",   "*", hide="offers partnerSuggestions submittedBy acknowledgedBy statusReason statusReasonCode")
read("Referral",       PARTNER_WORKER,   "on_my_case",    "*", hide="offers partnerSuggestions submittedBy acknowledgedBy statusReason statusReasonCode")
read("Referral",       AUDITOR,          "own_district",
     "id reference status urgency person serviceType community offers case submittedAt completedAt closedAt statusReasonCode")

read("Offer",          COMMUNITY_WORKER, "own_community", "*")
read("Offer",          STATION_WORKER,   "own_street",    "*")
read("Offer",          STREET_DIRECTOR,  "own_street",    "*")
read("Offer",          PARTNER_MANAGER,  "own_partner",   "*", hide="offeredBy")
read("Offer",          PARTNER_WORKER,   "own_partner",   "*", hide="offeredBy")
read("Offer",          AUDITOR,          "own_district",  "*", hide="estate note declineReason")

read("OfferNeed",      COMMUNITY_WORKER, "own_community", "*")
read("OfferNeed",      STATION_WORKER,   "own_street",    "*")
read("OfferNeed",      STREET_DIRECTOR,  "own_street",    "*")
read("OfferNeed",      PARTNER_MANAGER,  "own_partner",   "*")
read("OfferNeed",      PARTNER_WORKER,   "own_partner",   "*")
read("OfferNeed",      AUDITOR,          "own_district",  "*")

do("referral_submit",      COMMUNITY_WORKER, "own_community")
do("referral_triage",      STATION_WORKER,   "own_street")
do("referral_take",        STATION_WORKER,   "own_street")
do("referral_take",        COMMUNITY_WORKER, "own_community")
do("referral_offer",       STATION_WORKER,   "own_street")
do("referral_return",      STATION_WORKER,   "own_street")
do("referral_reject",      STATION_WORKER,   "own_street")
do("referral_cancel",      COMMUNITY_WORKER, "own_community")
do("referral_acknowledge", COMMUNITY_WORKER, "own_community")
do("offer_accept",         PARTNER_MANAGER,  "own_partner")
do("offer_decline",        PARTNER_MANAGER,  "own_partner")
do("offer_withdraw",       STATION_WORKER,   "own_street")

# --------------------------------------------------------------------------------------------------------------- cases
read("Case",           COMMUNITY_WORKER, "own_community", "*")
read("Case",           STATION_WORKER,   "own_street",    "*")
read("Case",           STREET_DIRECTOR,  "own_street",    "*", hide="summary statusReason goals")
read("Case",           PARTNER_MANAGER,  "on_our_case",   "*")
read("Case",           PARTNER_WORKER,   "on_my_case",    "*")
read("Case",           AUDITOR,          "own_district",  "*", hide="summary statusReason goals")

read("CaseMember",     COMMUNITY_WORKER, "own_community", "*")
read("CaseMember",     STATION_WORKER,   "own_street",    "*")
read("CaseMember",     STREET_DIRECTOR,  "own_street",    "*")
read("CaseMember",     PARTNER_MANAGER,  "on_our_case",   "*")
read("CaseMember",     PARTNER_WORKER,   "on_my_case",    "*")
read("CaseMember",     AUDITOR,          "own_district",  "*")

read("Goal",           COMMUNITY_WORKER, "own_community", "*")
read("Goal",           STATION_WORKER,   "own_street",    "*")
read("Goal",           PARTNER_MANAGER,  "on_our_case",   "*")
read("Goal",           PARTNER_WORKER,   "on_my_case",    "*")

do("case_assign_worker",   PARTNER_MANAGER,  "led_by_partner")
do("case_assign_worker",   STATION_WORKER,   "led_by_street")
do("case_assign_worker",   COMMUNITY_WORKER, "led_by_community")
do("case_add_helper",      STATION_WORKER,   "own_street")
do("case_assess",          PARTNER_WORKER,   "led_by_me")
do("case_assess",          STATION_WORKER,   "led_by_street")
do("case_assess",          COMMUNITY_WORKER, "led_by_community")
do("case_plan",            PARTNER_WORKER,   "led_by_me")
do("case_plan",            STATION_WORKER,   "led_by_street")
do("case_plan",            COMMUNITY_WORKER, "led_by_community")
do("case_start",           PARTNER_WORKER,   "led_by_me")
do("case_start",           STATION_WORKER,   "led_by_street")
do("case_start",           COMMUNITY_WORKER, "led_by_community")
do("goal_settle",          PARTNER_WORKER,   "on_my_case")
do("goal_settle",          STATION_WORKER,   "own_street")
do("goal_settle",          COMMUNITY_WORKER, "own_community")
do("case_propose_closure", PARTNER_WORKER,   "led_by_me")
do("case_propose_closure", STATION_WORKER,   "led_by_me")
do("case_propose_closure", COMMUNITY_WORKER, "led_by_me")
do("case_close",           STATION_WORKER,   "own_street")
do("case_reopen",          PARTNER_WORKER,   "led_by_me")
do("case_reopen",          STATION_WORKER,   "own_street")
do("case_reopen",          COMMUNITY_WORKER, "led_by_me")
do("case_hand_back",       PARTNER_MANAGER,  "led_by_partner")
do("case_hand_back",       STATION_WORKER,   "own_street")
do("case_hand_back",       COMMUNITY_WORKER, "led_by_community")

# -------------------------------------------------------------------------------------------------------------- visits
read("Visit",          COMMUNITY_WORKER, "own_community", "*")
read("Visit",          STATION_WORKER,   "own_street",    "*")
read("Visit",          PARTNER_MANAGER,  "own_partner",   "*")
read("Visit",          PARTNER_WORKER,   "assigned",      "*")
read("Visit",          AUDITOR,          "own_district",  "*", hide="findings cancelReason")

read("VisitFindings",  COMMUNITY_WORKER, "own_community", "*")
read("VisitFindings",  STATION_WORKER,   "own_street",    "*")
read("VisitFindings",  PARTNER_MANAGER,  "on_our_case",   "*")
read("VisitFindings",  PARTNER_WORKER,   "on_my_case",    "*")

do("visit_promise",    PARTNER_WORKER,   "on_my_case")
do("visit_promise",    STATION_WORKER,   "own_street")
do("visit_promise",    COMMUNITY_WORKER, "own_community")
do("visit_record",     PARTNER_WORKER,   "assigned")
do("visit_record",     STATION_WORKER,   "assigned")
do("visit_record",     COMMUNITY_WORKER, "assigned")
do("visit_cancel",     PARTNER_WORKER,   "assigned")
do("visit_cancel",     STATION_WORKER,   "assigned")
do("visit_cancel",     COMMUNITY_WORKER, "assigned")
do("day_sheet_open",   PARTNER_WORKER,   "assigned")
do("day_sheet_open",   STATION_WORKER,   "assigned")
do("day_sheet_open",   COMMUNITY_WORKER, "assigned")

# ------------------------------------------------------------------------------------- standing in for an ill worker
read("Substitution",   STATION_WORKER,   "own_street",    "*")
read("Substitution",   PARTNER_MANAGER,  "own_partner",   "*")
read("Substitution",   PARTNER_WORKER,   "own_partner",   "*", hide="reason")

do("worker_substitute",   PARTNER_MANAGER, "colleagues")
do("worker_substitute",   STATION_WORKER,  "colleagues")
do("substitution_cancel", PARTNER_MANAGER, "own_partner")
do("substitution_cancel", STATION_WORKER,  "own_organization")

# ------------------------------------------------------------------------------------------- deliveries and group work
# Finance, director and auditor see what was done, for whom only under a pseudonym; the record stays with the partner.
read("Delivery",       COMMUNITY_WORKER, "own_community", "*", hide="callback")
read("Delivery",       STATION_WORKER,   "own_street",    "*")
read("Delivery",       STREET_DIRECTOR,  "own_street",
     "id reference status line agreement partner community serviceType session quantity unit happenedAt verification verifiedAt flags evidenceComplete")
read("Delivery",       FINANCE_OFFICER,  "own_street",
     "id reference status personPseudonym line agreement partner community serviceType session quantity unit happenedAt verification verifiedAt flags evidenceComplete")
read("Delivery",       PARTNER_MANAGER,  "own_partner",   "*", hide="callback verifiedBy")
read("Delivery",       PARTNER_WORKER,   "assigned",      "*", hide="callback verifiedBy")
read("Delivery",       AUDITOR,          "own_district",  "*", hide="disputeReason voidReason")

read("Callback",       STATION_WORKER,   "own_street",    "*")
read("Callback",       STREET_DIRECTOR,  "own_street",    "*", hide="note")
read("Callback",       AUDITOR,          "own_district",  "*", hide="note")

read("ActivitySeries", COMMUNITY_WORKER, "own_community", "*")
read("ActivitySeries", STATION_WORKER,   "own_street",    "*")
read("ActivitySeries", STREET_DIRECTOR,  "own_street",    "*", hide="enrolments cancelReason")
read("ActivitySeries", FINANCE_OFFICER,  "own_street",    "*", hide="enrolments cancelReason")
read("ActivitySeries", PARTNER_MANAGER,  "own_partner",   "*")
read("ActivitySeries", PARTNER_WORKER,   "own_partner",   "*")
read("ActivitySeries", AUDITOR,          "own_district",  "*", hide="cancelReason")

read("GroupSession",   COMMUNITY_WORKER, "own_community", "*")
read("GroupSession",   STATION_WORKER,   "own_street",    "*")
read("GroupSession",   STREET_DIRECTOR,  "own_street",    "*", hide="attendances cancelReason")
read("GroupSession",   FINANCE_OFFICER,  "own_street",    "*", hide="attendances cancelReason")
read("GroupSession",   PARTNER_MANAGER,  "own_partner",   "*")
read("GroupSession",   PARTNER_WORKER,   "own_partner",   "*")
read("GroupSession",   AUDITOR,          "own_district",  "*", hide="cancelReason")

read("Enrolment",      COMMUNITY_WORKER, "own_community", "*")
read("Enrolment",      STATION_WORKER,   "own_street",    "*")
read("Enrolment",      PARTNER_MANAGER,  "own_partner",   "*")
read("Enrolment",      PARTNER_WORKER,   "own_partner",   "*")
read("Enrolment",      AUDITOR,          "own_district",  "*")

read("Attendance",     COMMUNITY_WORKER, "own_community", "*")
read("Attendance",     STATION_WORKER,   "own_street",    "*")
read("Attendance",     PARTNER_MANAGER,  "own_partner",   "*")
read("Attendance",     PARTNER_WORKER,   "own_partner",   "*")
read("Attendance",     AUDITOR,          "own_district",  "*")

do("series_open",      PARTNER_WORKER,   "in_force_with_us")
do("series_open",      PARTNER_MANAGER,  "offered_to_us")
do("series_enrol",     PARTNER_WORKER,   "own_partner")
do("series_enrol",     PARTNER_MANAGER,  "own_partner")
do("series_close",     PARTNER_WORKER,   "own_partner")
do("series_close",     PARTNER_MANAGER,  "own_partner")
do("series_cancel",    PARTNER_WORKER,   "own_partner")
do("series_cancel",    PARTNER_MANAGER,  "own_partner")
do("session_plan",     PARTNER_WORKER,   "own_partner")
do("session_plan",     PARTNER_MANAGER,  "own_partner")
do("session_cancel",   PARTNER_WORKER,   "assigned")
do("session_cancel",   PARTNER_MANAGER,  "own_partner")
do("session_assign_worker", PARTNER_MANAGER, "own_partner")
do("delivery_record",  PARTNER_WORKER,   "assigned")
do("delivery_attach",  PARTNER_WORKER,   "assigned")
do("delivery_attach",  PARTNER_MANAGER,  "own_partner")
do("delivery_verify",  COMMUNITY_WORKER, "own_community")
do("delivery_verify",  STATION_WORKER,   "own_street")
do("delivery_dispute", COMMUNITY_WORKER, "own_community")
do("delivery_dispute", STATION_WORKER,   "own_street")
do("delivery_void",    STATION_WORKER,   "own_street")
do("callback_record",  STATION_WORKER,   "own_street")

# ---------------------------------------------------------------------------------- claims, reviews, deductions, appeals
# Amounts are hidden as prices are: from communities, who second what was done, and from partner workers.
read("Submission",     COMMUNITY_WORKER, "served_here",
     "id reference status round agreement milestone partner rule secondWanted note submittedAt statusSince steps deliveries reviews availableActions version")
read("Submission",     STATION_WORKER,   "own_street",    "*")
read("Submission",     STREET_DIRECTOR,  "own_street",    "*")
read("Submission",     FINANCE_OFFICER,  "own_street",    "*")
read("Submission",     PARTNER_MANAGER,  "own_partner",   "*")
read("Submission",     PARTNER_WORKER,   "own_partner",
     "id reference status round agreement milestone partner rule note submittedBy submittedAt statusSince steps reviews")
read("Submission",     AUDITOR,          "own_district",  "*")

read("ClaimStep",      COMMUNITY_WORKER, "served_here",   "*", hide="unitPrice amount")
read("ClaimStep",      STATION_WORKER,   "own_street",    "*")
read("ClaimStep",      STREET_DIRECTOR,  "own_street",    "*")
read("ClaimStep",      FINANCE_OFFICER,  "own_street",    "*")
read("ClaimStep",      PARTNER_MANAGER,  "own_partner",   "*")
read("ClaimStep",      PARTNER_WORKER,   "own_partner",   "*", hide="unitPrice amount")
read("ClaimStep",      AUDITOR,          "own_district",  "*")

read("Review",         COMMUNITY_WORKER, "served_here",   "*", hide="accepted")
read("Review",         STATION_WORKER,   "own_street",    "*")
read("Review",         STREET_DIRECTOR,  "own_street",    "*")
read("Review",         FINANCE_OFFICER,  "own_street",    "*")
read("Review",         PARTNER_MANAGER,  "own_partner",   "*", hide="reviewedBy")
read("Review",         PARTNER_WORKER,   "own_partner",   "*", hide="reviewedBy accepted")
read("Review",         AUDITOR,          "own_district",  "*")

read("Deduction",      STATION_WORKER,   "own_street",    "*")
read("Deduction",      STREET_DIRECTOR,  "own_street",    "*")
read("Deduction",      FINANCE_OFFICER,  "own_street",    "*")
read("Deduction",      PARTNER_MANAGER,  "own_partner",   "*", hide="proposedBy")
read("Deduction",      AUDITOR,          "own_district",  "*")

read("Appeal",         STATION_WORKER,   "own_street",    "*")
read("Appeal",         STREET_DIRECTOR,  "own_street",    "*")
read("Appeal",         FINANCE_OFFICER,  "own_street",    "*")
read("Appeal",         PARTNER_MANAGER,  "own_partner",   "*", hide="decidedBy")
read("Appeal",         AUDITOR,          "own_district",  "*")

do("milestone_submit",    PARTNER_MANAGER,  "offered_to_us")
do("submission_withdraw", PARTNER_MANAGER,  "own_partner")
do("submission_review",   STATION_WORKER,   "own_street")
do("submission_second",   COMMUNITY_WORKER, "served_here")
do("deduction_propose",   STATION_WORKER,   "own_street")
do("deduction_withdraw",  STATION_WORKER,   "own_street")
do("appeal_file",         PARTNER_MANAGER,  "own_partner")
do("appeal_decide",       STREET_DIRECTOR,  "own_street")
# Everybody finds in it what she may read: finance and the director neither evidence nor who worked.
do("acceptance_pack_make", PARTNER_MANAGER, "own_partner")
do("acceptance_pack_make", STATION_WORKER,  "own_street")
do("acceptance_pack_make", STREET_DIRECTOR, "own_street")
do("acceptance_pack_make", FINANCE_OFFICER, "own_street")

# ------------------------------------------------------------------------------------------------------------ payments
read("PaymentRequest", STATION_WORKER,   "own_street",    "*")
read("PaymentRequest", STREET_DIRECTOR,  "own_street",    "*")
read("PaymentRequest", FINANCE_OFFICER,  "own_street",    "*")
read("PaymentRequest", PARTNER_MANAGER,  "own_partner",   "*", hide="fund approvals decision")
read("PaymentRequest", AUDITOR,          "own_district",  "*")

read("Approval",       STATION_WORKER,   "own_street",    "*")
read("Approval",       STREET_DIRECTOR,  "own_street",    "*")
read("Approval",       FINANCE_OFFICER,  "own_street",    "*")
read("Approval",       AUDITOR,          "own_district",  "*")

read("Invoice",        STATION_WORKER,   "own_street",    "*")
read("Invoice",        STREET_DIRECTOR,  "own_street",    "*")
read("Invoice",        FINANCE_OFFICER,  "own_street",    "*")
read("Invoice",        PARTNER_MANAGER,  "own_partner",   "*")
read("Invoice",        AUDITOR,          "own_district",  "*")

read("BankAccount",    STATION_WORKER,   "own_street",    "*")
read("BankAccount",    STREET_DIRECTOR,  "own_street",    "*")
read("BankAccount",    FINANCE_OFFICER,  "own_street",    "*")
read("BankAccount",    PARTNER_MANAGER,  "own_partner",   "*", hide="verifiedBy")
read("BankAccount",    AUDITOR,          "own_district",  "*")

read("Payment",        STATION_WORKER,   "own_street",    "*")
read("Payment",        STREET_DIRECTOR,  "own_street",    "*")
read("Payment",        FINANCE_OFFICER,  "own_street",    "*")
read("Payment",        PARTNER_MANAGER,  "own_partner",   "*", hide="sentBy settledBy")
read("Payment",        AUDITOR,          "own_district",  "*")

# People and needs in a trace have no names, whoever looks; the partner sees its own, the street and the auditor all.
read("PaymentTrace",   STATION_WORKER,   "own_street",    "*")
read("PaymentTrace",   STREET_DIRECTOR,  "own_street",    "*")
read("PaymentTrace",   FINANCE_OFFICER,  "own_street",    "*")
read("PaymentTrace",   PARTNER_MANAGER,  "own_partner",   "*")
read("PaymentTrace",   AUDITOR,          "own_district",  "*")

do("payment_request_confirm", STATION_WORKER,  "own_street")
do("payment_request_check",   FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("payment_request_approve", STREET_DIRECTOR, "own_street")
do("payment_request_return",  STATION_WORKER,  "own_street")
do("payment_request_return",  FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("payment_request_return",  STREET_DIRECTOR, "own_street")
do("payment_request_reopen",  STATION_WORKER,  "own_street")
do("payment_request_reject",  STATION_WORKER,  "own_street")
do("payment_request_reject",  FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("payment_request_reject",  STREET_DIRECTOR, "own_street")
do("payment_send",            FINANCE_OFFICER, "own_street", duty=Duty.CASHIER)
# The cashier sends and does nothing else: whoever might send again does not say that the first payment failed.
do("payment_fail",            FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("payment_settle",          FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("payment_reverse",         FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("invoice_hand_in",         PARTNER_MANAGER, "own_partner")
do("invoice_void",            PARTNER_MANAGER, "own_partner")
do("invoice_refuse",          FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("bank_account_propose",    PARTNER_MANAGER, "own_partner")
do("bank_account_verify",     FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("bank_account_retire",     PARTNER_MANAGER, "own_partner")
do("bank_account_retire",     FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("bank_account_reveal",     FINANCE_OFFICER, "own_street", duty=Duty.ACCOUNTANT)
do("bank_account_reveal",     FINANCE_OFFICER, "own_street", duty=Duty.CASHIER)
# The plain account number stands only in the file of whoever may also reveal it.
do("payment_file_make",       STATION_WORKER,  "own_street")
do("payment_file_make",       STREET_DIRECTOR, "own_street")
do("payment_file_make",       FINANCE_OFFICER, "own_street")
do("payment_file_make",       AUDITOR,         "own_district")
do("payment_list_make",       STREET_DIRECTOR, "own_street")
do("payment_list_make",       FINANCE_OFFICER, "own_street")

# ------------------------------------------------------------------------------------------------------------- reports
# Counts and money, no person. Inside the street whole; outside nothing about fewer than five people (hub/reports), hence
# the auditor has streets alone: what is hidden of one community could be computed from the others. Prices are no matter
# of communities, ages and places none of finance.
read("StationReport",  COMMUNITY_WORKER, "own_community", "*", hide="money moneyByStage")
read("StationReport",  STATION_WORKER,   "own_street",    "*")
read("StationReport",  STREET_DIRECTOR,  "own_street",    "*")
read("StationReport",  FINANCE_OFFICER,  "own_street",    "*", hide="byCommunity byAgeGroup")
read("StationReport",  AUDITOR,          "streets_of_district", "*")

# --------------------------------------------------------------------------------------------------- notices and audit
read("Notice",         COMMUNITY_WORKER, "received", "*")
read("Notice",         STATION_WORKER,   "received", "*")
read("Notice",         STREET_DIRECTOR,  "received", "*")
read("Notice",         FINANCE_OFFICER,  "received", "*")
read("Notice",         PARTNER_MANAGER,  "received", "*")
read("Notice",         PARTNER_WORKER,   "received", "*")
read("Notice",         AUDITOR,          "received", "*")
read("Notice",         ADMIN,            "received", "*")

read("AuditEvent",     COMMUNITY_WORKER, "own_community", "*")
read("AuditEvent",     STATION_WORKER,   "own_street",    "*")
read("AuditEvent",     STREET_DIRECTOR,  "own_street",    "*")
read("AuditEvent",     FINANCE_OFFICER,  "money_of_street", "*")
read("AuditEvent",     PARTNER_MANAGER,  "own_actions_of_partner", "*")
read("AuditEvent",     PARTNER_WORKER,   "own_actions",   "*")
read("AuditEvent",     AUDITOR,          "own_district",  "*")
read("AuditEvent",     ADMIN,            "own_actions",   "*")

do("audit_chain_verify", AUDITOR,        "streets_of_district")
do("notice_read",      COMMUNITY_WORKER, "received")
do("notice_read",      STATION_WORKER,   "received")
do("notice_read",      STREET_DIRECTOR,  "received")
do("notice_read",      FINANCE_OFFICER,  "received")
do("notice_read",      PARTNER_MANAGER,  "received")
do("notice_read",      PARTNER_WORKER,   "received")
do("notice_read",      AUDITOR,          "received")
do("notice_read",      ADMIN,            "received")

# ------------------------------------------------------------------------------------ time-driven moves, one street each
do("offer_expire",        Role.SYSTEM, "own_street")
do("referral_auto_close", Role.SYSTEM, "own_street")
do("consent_expire",      Role.SYSTEM, "own_street")
do("document_expire",     Role.SYSTEM, "own_street")
do("agreement_activate",   Role.SYSTEM, "own_street")
do("agreement_close_term", Role.SYSTEM, "own_street")
do("agreement_auto_close", Role.SYSTEM, "own_street")
do("substitution_start",   Role.SYSTEM, "own_street")
do("substitution_end",     Role.SYSTEM, "own_street")
do("delivery_auto_verify", Role.SYSTEM, "own_street")
# `hub admin init`, the operator's one bootstrap: a street's first client.
do("client_register",     Role.SYSTEM, "own_street")
# fmt: on
