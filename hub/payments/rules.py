"""Who may not do both (I4), and what a number from outside must look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.base.errors import Invalid
from hub.base.inputs import one_of, one_spelling, required
from hub.base.limits import MAX_LINE_CHARS, MAX_TEXT_CHARS
from hub.payments.tables import PAYMENT_REASONS

INCOMPATIBLE = frozenset(
    (
        ("REVIEW", "CHECK"),
        ("REVIEW", "APPROVE"),
        ("REVIEW", "SEND"),
        ("CHECK", "APPROVE"),
        ("CHECK", "SEND"),
        ("APPROVE", "SEND"),
        ("SEND", "SETTLE"),
        ("VERIFY_ACCOUNT", "SEND"),
        ("AGREEMENT", "REVIEW"),
        ("APPEAL", "REVIEW"),
        ("APPEAL", "APPROVE"),
        ("APPEAL", "AGREEMENT"),
        *(
            ("PARTNER", side)
            for side in ("REVIEW", "CHECK", "APPROVE", "SEND", "SETTLE", "VERIFY_ACCOUNT", "APPEAL")
        ),
    )
)
"""Sides that one person never takes together in one claim and its payments (DOMAIN §6, I4). Confirming is on the
side of the review. The database holds the same pairs (`incompatible_sides`)."""

_INVOICE_NUMBER = re.compile(r"[0-9A-Z-]{4,40}")
_ACCOUNT_NUMBER = re.compile(r"[0-9]{8,30}")


def invoice_number(given: str, path: Sequence[str]) -> str:
    """The number in its one spelling."""
    number = one_spelling(given, path, MAX_LINE_CHARS)
    if not _INVOICE_NUMBER.fullmatch(number):
        raise Invalid("invoice_number", path=path)
    return number


def bank_slip(given: str, path: Sequence[str]) -> str:
    """The bank's reference in its one spelling."""
    return one_spelling(given, path, MAX_LINE_CHARS)


def account_number(given: str, path: Sequence[str]) -> str:
    """The digits of an account number."""
    number = one_spelling(given, path, MAX_LINE_CHARS).replace("-", "")
    if not _ACCOUNT_NUMBER.fullmatch(number):
        raise Invalid("account_number", path=path)
    return number


def reasons(code: str, text: str | None) -> tuple[str, str]:
    """Code and words of whatever goes back or fails: always both."""
    words = required(text, ("reason",), MAX_TEXT_CHARS)
    return one_of(code, PAYMENT_REASONS, ("reasonCode",)), words
