"""The lines of the work queue: what waits for whom, and by when (DOMAIN §7: "a work queue that is complete")."""

from __future__ import annotations

import dataclasses

from auth.roles import Duty, Role
from hub.base.limits import DUE_SOON_DAYS, MAX_CALLBACK_ATTEMPTS
from hub.organizations.scopes import has_left


@dataclasses.dataclass(frozen=True)
class Line:
    """One kind of waiting work: rows of a type within the role's scope for which `sql` holds; `due` per row.

    `duty` where only one of the finance officers does it.
    """

    kind: str
    type_name: str
    roles: tuple[Role, ...]
    sql: str
    due: str
    duty: Duty | None = None


_EVERYBODY = tuple(role for role in Role if role is not Role.SYSTEM)
_WORKERS = (Role.COMMUNITY_WORKER, Role.STATION_WORKER, Role.PARTNER_WORKER)
NOBODY_WORKS = f"({{t}}.lead_worker_id is null or {has_left('{t}.lead_worker_id')})"
"""Nobody was assigned to an open case, or who was has left: her promises stand, and somebody has to keep them."""

# As `waitingFor` has it: for another invoice, or for an account to pay to.
_AT_PARTNER = "(select w.role from payment_waiting({t}.id) w) = 'PARTNER_MANAGER'"
_SENT_BACK = "({t}.status = 'RETURNED' or {t}.status = 'DRAFT' and {t}.status_reason_code is not null)"
_STANDING = "{t}.status_changed_at + interval '5 days'"
_PAYMENT_DUE = "({t}.due_on + 1)::timestamptz"
_SUBMITTED = "{t}.submitted_at + interval '2 days'"

QUEUE: tuple[Line, ...] = (
    Line("REFERRALS_TO_TRIAGE", "Referral", (Role.STATION_WORKER,), "{t}.status = 'SUBMITTED'", _SUBMITTED),
    Line("REFERRALS_TO_PLACE", "Referral", (Role.STATION_WORKER,), "{t}.status = 'TRIAGED'", _SUBMITTED),
    Line("REFERRALS_RETURNED", "Referral", (Role.COMMUNITY_WORKER,), "{t}.status = 'RETURNED'", _SUBMITTED),
    Line(
        "REFERRALS_TO_ACKNOWLEDGE",
        "Referral",
        (Role.COMMUNITY_WORKER,),
        "{t}.status = 'COMPLETED'",
        "{t}.completed_at + interval '14 days'",
    ),
    Line("OFFERS_TO_DECIDE", "Offer", (Role.PARTNER_MANAGER,), "{t}.status = 'OFFERED'", "{t}.expires_at"),
    *(
        Line(
            "CASES_WITHOUT_WORKER",
            "Case",
            (role,),
            f"{leads} and {{t}}.status <> 'CLOSED' and {NOBODY_WORKS}",
            "{t}.opened_at + interval '2 days'",
        )
        for role, leads in (
            (Role.PARTNER_MANAGER, "{t}.partner_id = {partner}"),
            (Role.STATION_WORKER, "{t}.lead_organization_id = {street}"),
            (Role.COMMUNITY_WORKER, "{t}.lead_organization_id = {community}"),
        )
    ),
    Line(
        "CASES_WITHOUT_PROMISE",
        "Case",
        _WORKERS,
        "{t}.lead_worker_id = {membership} and {t}.status in ('OPEN', 'ASSESSING', 'PLANNED', 'ACTIVE')"
        " and {t}.open_visit_count = 0",
        "{t}.opened_at + interval '3 days'",
    ),
    Line(
        "CASES_TO_CLOSE",
        "Case",
        (Role.STATION_WORKER,),
        "{t}.status = 'CLOSING'",
        "{t}.closure_proposed_at + interval '3 days'",
    ),
    Line(
        "VISITS_PROMISED",
        "Visit",
        _WORKERS,
        "{t}.worker_id = {membership} and {t}.status = 'PLANNED' and {t}.promised_to_at >= {now}",
        "{t}.promised_from_at",
    ),
    Line(
        "VISITS_MISSED",
        "Visit",
        (*_WORKERS, Role.PARTNER_MANAGER),
        "{t}.status = 'PLANNED' and {t}.promised_to_at < {now}",
        "{t}.promised_to_at",
    ),
    Line("AGREEMENTS_RETURNED", "Agreement", (Role.STATION_WORKER,), _SENT_BACK, _STANDING),
    Line(
        "AGREEMENTS_TO_CERTIFY",
        "Agreement",
        (Role.FINANCE_OFFICER,),
        "{t}.status = 'IN_REVIEW'",
        _STANDING,
        duty=Duty.ACCOUNTANT,
    ),
    Line(
        "AGREEMENTS_TO_APPROVE",
        "Agreement",
        (Role.STREET_DIRECTOR,),
        "{t}.status = 'CERTIFIED'",
        _STANDING,
    ),
    Line("AGREEMENTS_TO_ACCEPT", "Agreement", (Role.PARTNER_MANAGER,), "{t}.status = 'APPROVED'", _STANDING),
    Line(
        "MILESTONES_DUE",
        "Milestone",
        (Role.PARTNER_MANAGER,),
        "{t}.in_force and {t}.status in ('SCHEDULED', 'RETURNED', 'REJECTED')"
        f" and ({{t}}.due_on <= {{today}} + {DUE_SOON_DAYS} or {{t}}.status <> 'SCHEDULED')",
        "({t}.due_on + 1)::timestamptz",
    ),
    Line(
        "SUBMISSIONS_TO_REVIEW",
        "Submission",
        (Role.STATION_WORKER,),
        "{t}.status = 'SUBMITTED' and not {t}.second_wanted",
        _STANDING,
    ),
    Line(
        "SUBMISSIONS_TO_SECOND",
        "Submission",
        (Role.COMMUNITY_WORKER,),
        "{t}.status = 'SUBMITTED' and {t}.second_wanted",
        _STANDING,
    ),
    Line(
        "APPEALS_TO_DECIDE",
        "Appeal",
        (Role.STREET_DIRECTOR,),
        "{t}.status = 'FILED'",
        "{t}.filed_at + interval '10 days'",
    ),
    Line(
        "INVOICES_WANTED",
        "PaymentRequest",
        (Role.PARTNER_MANAGER,),
        "({t}.status in ('CREATED', 'CONFIRMED', 'RETURNED') and {t}.invoice_id is null"
        f" or {{t}}.status = 'RETURNED' and {_AT_PARTNER})",
        _PAYMENT_DUE,
    ),
    Line(
        "ACCOUNTS_WANTED",
        "PaymentRequest",
        (Role.PARTNER_MANAGER,),
        f"{{t}}.status in ('CONFIRMED', 'FAILED') and {{t}}.invoice_id is not null and {_AT_PARTNER}",
        _PAYMENT_DUE,
    ),
    Line(
        "PAYMENTS_TO_CONFIRM",
        "PaymentRequest",
        (Role.STATION_WORKER,),
        "{t}.status = 'CREATED'",
        _PAYMENT_DUE,
    ),
    Line(
        "PAYMENTS_RETURNED", "PaymentRequest", (Role.STATION_WORKER,), "{t}.status = 'RETURNED'", _PAYMENT_DUE
    ),
    Line(
        "PAYMENTS_TO_CHECK",
        "PaymentRequest",
        (Role.FINANCE_OFFICER,),
        "{t}.status = 'CONFIRMED' and {t}.invoice_id is not null",
        _PAYMENT_DUE,
        duty=Duty.ACCOUNTANT,
    ),
    Line(
        "PAYMENTS_TO_APPROVE",
        "PaymentRequest",
        (Role.STREET_DIRECTOR,),
        "{t}.status = 'CHECKED'",
        _PAYMENT_DUE,
    ),
    Line(
        "PAYMENTS_TO_SEND",
        "PaymentRequest",
        (Role.FINANCE_OFFICER,),
        "{t}.status = 'APPROVED'",
        _PAYMENT_DUE,
        duty=Duty.CASHIER,
    ),
    Line(
        "PAYMENTS_TO_SETTLE",
        "PaymentRequest",
        (Role.FINANCE_OFFICER,),
        "{t}.status = 'SENT'",
        _PAYMENT_DUE,
        duty=Duty.ACCOUNTANT,
    ),
    Line("PAYMENTS_FAILED", "PaymentRequest", (Role.FINANCE_OFFICER,), "{t}.status = 'FAILED'", _PAYMENT_DUE),
    Line(
        "ACCOUNTS_TO_VERIFY",
        "BankAccount",
        (Role.FINANCE_OFFICER,),
        "{t}.status = 'PROPOSED'",
        "{t}.proposed_at + interval '5 days'",
        duty=Duty.ACCOUNTANT,
    ),
    Line(
        "DELIVERIES_TO_VERIFY",
        "Delivery",
        (Role.COMMUNITY_WORKER, Role.STATION_WORKER),
        "{t}.status in ('RECORDED', 'FLAGGED')",
        "{t}.recorded_at + interval '7 days'",
    ),
    Line(
        "DELIVERIES_DISPUTED",
        "Delivery",
        (Role.STATION_WORKER, Role.PARTNER_MANAGER),
        "{t}.status = 'DISPUTED'",
        "{t}.disputed_at + interval '5 days'",
    ),
    Line(
        "DELIVERIES_WITHOUT_EVIDENCE",
        "Delivery",
        (Role.PARTNER_WORKER,),
        "{t}.worker_id = {membership} and {t}.status in ('RECORDED', 'FLAGGED') and not {t}.evidence_complete",
        "{t}.recorded_at + interval '7 days'",
    ),
    Line(
        "CALLBACKS_DUE",
        "Callback",
        (Role.STATION_WORKER,),
        f"({{t}}.status = 'DUE' or ({{t}}.status = 'NOT_REACHED' and {{t}}.attempt_count < {MAX_CALLBACK_ATTEMPTS}))",
        "{t}.due_at",
    ),
    Line(
        "SESSIONS_WITHOUT_WORKER",
        "GroupSession",
        (Role.PARTNER_MANAGER,),
        f"{{t}}.partner_id = {{partner}} and {{t}}.status = 'PLANNED' and {has_left('{t}.worker_id')}",
        "{t}.planned_from_at",
    ),
    Line(
        "SESSIONS_PLANNED",
        "GroupSession",
        (Role.PARTNER_WORKER,),
        "{t}.worker_id = {membership} and {t}.status = 'PLANNED'",
        "{t}.planned_from_at",
    ),
    Line("NOTICES_UNREAD", "Notice", _EVERYBODY, "{t}.read_at is null", "{t}.due_at"),
)
