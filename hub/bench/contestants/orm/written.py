"""The rows of the measured writes as mapped classes: whole tables, since a command may look at any of their columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import DeclarativeBase

from hub.tables import metadata


class Written(DeclarativeBase):
    """Base of the mapped classes."""

    metadata = metadata


def _mapped(name: str, table: str) -> Any:
    return type(name, (Written,), {"__table__": metadata.tables[table], "__doc__": f"A row of {table}."})


Case = _mapped("Case", "cases")
CaseMember = _mapped("CaseMember", "case_members")
Referral = _mapped("Referral", "referrals")
Person = _mapped("Person", "persons")
Line = _mapped("Line", "agreement_lines")
Agreement = _mapped("Agreement", "agreements")
Version = _mapped("Version", "agreement_versions")
Delivery = _mapped("Delivery", "deliveries")
Callback = _mapped("Callback", "callbacks")
Membership = _mapped("Membership", "memberships")
ConflictDeclaration = _mapped("ConflictDeclaration", "conflict_declarations")
Milestone = _mapped("Milestone", "milestones")
Submission = _mapped("Submission", "submissions")
Review = _mapped("Review", "reviews")
Deduction = _mapped("Deduction", "deductions")
PaymentRequest = _mapped("PaymentRequest", "payment_requests")
Fund = _mapped("Fund", "funds")
Account = _mapped("Account", "accounts")
Transfer = _mapped("Transfer", "transfers")
Entry = _mapped("Entry", "entries")
AuditEvent = _mapped("AuditEvent", "audit_events")
Outbox = _mapped("Outbox", "outbox")
