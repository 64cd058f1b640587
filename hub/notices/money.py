"""What claims and payments are about, for notices, and which of their events are told to whom."""

from __future__ import annotations

from collections.abc import Mapping

_NAMED = """
       p.name as organization, g.name as community
  from {table} t
  join organizations p on p.id = t.partner_id
  join organizations g on g.id = t.street_id
"""
_COMMON = "select t.street_id, t.partner_id as agreement_partner_id,"

MONEY_QUERIES: Mapping[str, str] = {
    "Submission": f"{_COMMON} t.reference as claim, t.community_ids as served_ids, {_NAMED}",
    "Deduction": f"{_COMMON} t.reference as claim, {_NAMED}",
    "Appeal": f"{_COMMON} t.reference as appeal, {_NAMED}",
    "PaymentRequest": f"{_COMMON} t.reference as payment, {_NAMED}",
    "Payment": f"{_COMMON} t.reference as payment, {_NAMED}",
    "Invoice": f"{_COMMON} t.number as payment, {_NAMED}",
    "BankAccount": f"{_COMMON} t.reference as payment, {_NAMED}",
}
"""Type of subject → the facts of its matter; `{table}` is its table, `$1` its id."""

MONEY_TABLES: Mapping[str, str] = {
    "Submission": "submissions",
    "Deduction": "deductions",
    "Appeal": "appeals",
    "PaymentRequest": "payment_requests",
    "Payment": "payments",
    "Invoice": "invoices",
    "BankAccount": "bank_accounts",
}


def money_query(subject_type: str) -> str:
    """The query for the matter of a claim or payment."""
    return MONEY_QUERIES[subject_type].format(table=MONEY_TABLES[subject_type]) + " where t.id = $1"
