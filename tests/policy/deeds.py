"""Who may do what, once more from DOMAIN §3: its C, U and T, as commands. The second half of the oracle.

Written from the specification and from nothing in `auth/`. One line a command, for each role the rows it may do it to:
    all        wherever it is asked for        district, street, community, partner   the viewer's own
    own        what she herself is to do       led        cases that her organization leads, while it is let in
    served     what was done for her community, among others
    mine       cases that she herself leads    offered    agreements put to her partner, and their stages
    undecided  agreements of the street that the director has not approved yet
    organization   of the organization itself, the street's communities apart
    case       of people on her cases          received, uploaded   addressed to her, announced by her
Finance has a line for each duty. What only SYSTEM or the holder of a link does is no mutation and stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from auth.roles import Viewer
from tests.policy.rights import Access, Row

_LINES = """
organization_register  STATION_WORKER all, ADMIN all
qualification_record   STATION_WORKER all, PARTNER_MANAGER partner
conflict_declare       COMMUNITY_WORKER all, STATION_WORKER all, STREET_DIRECTOR all, ACCOUNTANT all, CASHIER all
conflict_declare       PARTNER_MANAGER all, PARTNER_WORKER all
membership_grant       ADMIN street, PARTNER_MANAGER partner
membership_end         ADMIN street, PARTNER_MANAGER partner
client_register        ADMIN street, PARTNER_MANAGER partner
client_revoke          ADMIN street, PARTNER_MANAGER partner
person_register        COMMUNITY_WORKER community, STATION_WORKER street
eligibility_record     COMMUNITY_WORKER community, STATION_WORKER street
guardian_record        COMMUNITY_WORKER community, STATION_WORKER street
consent_give           COMMUNITY_WORKER community, STATION_WORKER street, PARTNER_WORKER case
consent_withdraw       COMMUNITY_WORKER community, STATION_WORKER street
need_state             COMMUNITY_WORKER community, STATION_WORKER street, PARTNER_WORKER case
need_settle            COMMUNITY_WORKER community, STATION_WORKER street, PARTNER_WORKER case
person_reveal          COMMUNITY_WORKER community, STATION_WORKER street, PARTNER_WORKER case
document_prepare       COMMUNITY_WORKER community, STATION_WORKER street, ACCOUNTANT street, CASHIER street
document_prepare       PARTNER_MANAGER all, PARTNER_WORKER all
document_open          COMMUNITY_WORKER community, STATION_WORKER street, PARTNER_MANAGER partner
document_open          PARTNER_WORKER partner
capacity_set           PARTNER_MANAGER partner
fund_register          ACCOUNTANT street
donation_record        ACCOUNTANT street
agreement_draft        STATION_WORKER street
agreement_propose      STATION_WORKER street
agreement_certify      ACCOUNTANT street
agreement_approve      STREET_DIRECTOR street
agreement_accept       PARTNER_MANAGER offered
agreement_send_back    ACCOUNTANT street, STREET_DIRECTOR street, PARTNER_MANAGER offered
agreement_decline      PARTNER_MANAGER offered
agreement_cancel       STATION_WORKER undecided, STREET_DIRECTOR street
agreement_terminate    STREET_DIRECTOR street
referral_submit        COMMUNITY_WORKER community
referral_triage        STATION_WORKER street
referral_take          STATION_WORKER street, COMMUNITY_WORKER community
referral_offer         STATION_WORKER street
referral_return        STATION_WORKER street
referral_reject        STATION_WORKER street
referral_cancel        COMMUNITY_WORKER community
referral_acknowledge   COMMUNITY_WORKER community
offer_accept           PARTNER_MANAGER partner
offer_decline          PARTNER_MANAGER partner
offer_withdraw         STATION_WORKER street
case_assign_worker     PARTNER_MANAGER led, STATION_WORKER led, COMMUNITY_WORKER led
case_add_helper        STATION_WORKER street
case_assess            PARTNER_WORKER mine, STATION_WORKER led, COMMUNITY_WORKER led
case_plan              PARTNER_WORKER mine, STATION_WORKER led, COMMUNITY_WORKER led
case_start             PARTNER_WORKER mine, STATION_WORKER led, COMMUNITY_WORKER led
goal_settle            PARTNER_WORKER case, STATION_WORKER street, COMMUNITY_WORKER community
case_propose_closure   PARTNER_WORKER mine, STATION_WORKER mine, COMMUNITY_WORKER mine
case_close             STATION_WORKER street
case_reopen            PARTNER_WORKER mine, STATION_WORKER street, COMMUNITY_WORKER mine
case_hand_back         PARTNER_MANAGER led, STATION_WORKER street, COMMUNITY_WORKER led
visit_promise          PARTNER_WORKER case, STATION_WORKER street, COMMUNITY_WORKER community
visit_record           PARTNER_WORKER own, STATION_WORKER own, COMMUNITY_WORKER own
visit_cancel           PARTNER_WORKER own, STATION_WORKER own, COMMUNITY_WORKER own
day_sheet_open         PARTNER_WORKER own, STATION_WORKER own, COMMUNITY_WORKER own
worker_substitute      PARTNER_MANAGER partner, STATION_WORKER organization
substitution_cancel    PARTNER_MANAGER partner, STATION_WORKER organization
series_open            PARTNER_WORKER partner, PARTNER_MANAGER partner
series_enrol           PARTNER_WORKER partner, PARTNER_MANAGER partner
series_close           PARTNER_WORKER partner, PARTNER_MANAGER partner
series_cancel          PARTNER_WORKER partner, PARTNER_MANAGER partner
session_plan           PARTNER_WORKER partner, PARTNER_MANAGER partner
session_cancel         PARTNER_WORKER own, PARTNER_MANAGER partner
session_assign_worker  PARTNER_MANAGER partner
delivery_record        PARTNER_WORKER own
delivery_attach        PARTNER_WORKER own, PARTNER_MANAGER partner
delivery_verify        COMMUNITY_WORKER community, STATION_WORKER street
delivery_dispute       COMMUNITY_WORKER community, STATION_WORKER street
delivery_void          STATION_WORKER street
callback_record        STATION_WORKER street
milestone_submit       PARTNER_MANAGER offered
submission_withdraw    PARTNER_MANAGER partner
submission_review      STATION_WORKER street
submission_second      COMMUNITY_WORKER served
deduction_propose      STATION_WORKER street
deduction_withdraw     STATION_WORKER street
appeal_file            PARTNER_MANAGER partner
appeal_decide          STREET_DIRECTOR street
invoice_hand_in        PARTNER_MANAGER partner
invoice_void           PARTNER_MANAGER partner
invoice_refuse         ACCOUNTANT street
bank_account_propose   PARTNER_MANAGER partner
bank_account_verify    ACCOUNTANT street
bank_account_retire    PARTNER_MANAGER partner, ACCOUNTANT street
bank_account_reveal    ACCOUNTANT street, CASHIER street
payment_request_confirm  STATION_WORKER street
payment_request_check    ACCOUNTANT street
payment_request_approve  STREET_DIRECTOR street
payment_request_return   STATION_WORKER street, ACCOUNTANT street, STREET_DIRECTOR street
payment_request_reject   STATION_WORKER street, ACCOUNTANT street, STREET_DIRECTOR street
payment_request_reopen   STATION_WORKER street
payment_send           CASHIER street
payment_fail           ACCOUNTANT street
payment_settle         ACCOUNTANT street
payment_reverse        ACCOUNTANT street
acceptance_pack_make   PARTNER_MANAGER partner, STATION_WORKER street, STREET_DIRECTOR street
acceptance_pack_make   ACCOUNTANT street, CASHIER street
payment_file_make      STATION_WORKER street, STREET_DIRECTOR street, ACCOUNTANT street, CASHIER street
payment_file_make      AUDITOR district
payment_list_make      STREET_DIRECTOR street, ACCOUNTANT street, CASHIER street
audit_chain_verify     AUDITOR district
notice_read            COMMUNITY_WORKER received, STATION_WORKER received, STREET_DIRECTOR received
notice_read            ACCOUNTANT received, CASHIER received, PARTNER_MANAGER received, PARTNER_WORKER received
notice_read            AUDITOR received, ADMIN received
"""


def _read(lines: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in filter(None, lines.splitlines()):
        command, rest = line.split(maxsplit=1)
        found.setdefault(command, {}).update(dict(part.split() for part in rest.split(", ")))  # type: ignore[arg-type]
    return found


DEEDS: Mapping[str, Mapping[str, str]] = _read(_LINES)
"""Command → who (role, or the duty of finance) → rows."""


def rows_for(command: str, viewer: Viewer) -> str | None:
    """The word for the rows to which somebody may do it; None for not at all."""
    return DEEDS.get(command, {}).get(str(viewer.duty or viewer.role))


def _let_in(viewer: Viewer, row: Row, access: Access) -> bool:
    """Street and community lead for good; a partner while consent and agreement let it in."""
    return viewer.partner_id is None or viewer.partner_id in access.of_case(row["id"])


def _mine(viewer: Viewer, row: Row, access: Access) -> bool:
    leads = row["lead_worker_id"] == viewer.membership_id
    return leads and (row["partner_id"] is None or viewer.membership_id in access.of_case(row["id"]))


ROWS: Mapping[str, Callable[[Viewer, Row, Access], bool]] = {
    "all": lambda *_: True,
    "district": lambda viewer, row, _: row["district_id"] == viewer.district_id,
    "street": lambda viewer, row, _: row["street_id"] == viewer.street_id,
    "community": lambda viewer, row, _: row["community_id"] == viewer.community_id,
    "partner": lambda viewer, row, _: row["partner_id"] == viewer.partner_id,
    "own": lambda viewer, row, _: row["worker_id"] == viewer.membership_id,
    "organization": lambda viewer, row, _: row["organization_id"] == viewer.organization_id,
    "led": lambda viewer, row, access: (
        row["lead_organization_id"] == viewer.organization_id and _let_in(viewer, row, access)
    ),
    "mine": _mine,
    "offered": lambda viewer, row, access: (
        row["partner_id"] == viewer.partner_id
        and access.versions[row.get("current_version_id") or row["version_id"]]["approved_at"] is not None
    ),
    "served": lambda viewer, row, _: viewer.community_id in row["community_ids"],
    "undecided": lambda viewer, row, _: (
        row["street_id"] == viewer.street_id and row["status"] not in ("APPROVED", "PARTNER_ACCEPTED")
    ),
}
"""What the words mean for a row of the type that the command is done to."""
