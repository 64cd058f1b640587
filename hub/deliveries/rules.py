"""Pure checks of deliveries: when, how long, how much, and whether one is drawn for a call-back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, required
from hub.base.limits import (
    DELIVERY_AUTO_VERIFY_DAYS,
    MAX_CALLBACK_ATTEMPTS,
    MAX_LASTED_MINUTES,
    MAX_QUANTITY,
    MAX_TEXT_CHARS,
)
from hub.deliveries.tables import DISPUTE_REASONS

HAPPENED = ("input", "happenedAt")
QUANTITY = ("input", "quantity")

GROUP_UNITS = ("SESSION", "SERIES")
"""Units that are given to a group: their deliveries are sessions, never one person's case."""

SINGLE_UNITS = (*GROUP_UNITS, "CASE")
"""Units of which a delivery is one: a session, or a follow-up of one person's casework."""

SAID_REASONS = tuple(reason for reason in DISPUTE_REASONS if reason != "CALLBACK_FAILED")
"""Reasons that a person may give; CALLBACK_FAILED is what a failed call-back leaves behind."""


def moment_of(told: datetime | None, held_at: datetime | None, now: datetime, zone: ZoneInfo) -> datetime:
    """When it happened: what was told, or when the visit or session was held that had been recorded before.

    Raises Invalid when nothing was told nor recorded, when both differ by a minute or more, or when it lies ahead.
    """
    if held_at is not None:
        if told is not None and abs(told - held_at) >= timedelta(minutes=1):
            raise Invalid("delivery_other_time", path=HAPPENED, at=held_at.astimezone(zone))
        return held_at
    if told is None:
        raise Invalid("required", code="REQUIRED", path=HAPPENED)
    if told > now:
        raise Invalid("delivery_in_future", code="OUT_OF_RANGE", path=HAPPENED)
    return told


def require_lasted(minutes: int | None) -> None:
    """Raise Invalid OUT_OF_RANGE for a duration that is none, or longer than a day."""
    if minutes is not None and not 1 <= minutes <= MAX_LASTED_MINUTES:
        path = ("input", "lastedMinutes")
        raise Invalid("lasted_range", code="OUT_OF_RANGE", path=path, most=MAX_LASTED_MINUTES)


def require_purchase(line: Row[Any], day: date) -> None:
    """Raise unless the line's agreement is in force, not suspended, and bought what was done on that day."""
    label = f"AgreementStatus.{line.agreement_status}"
    if line.agreement_status not in ("ACTIVE", "CLOSING"):
        params = {"reference": line.agreement, "status": label}
        raise Conflict("delivery_agreement_status", code="WRONG_STATE", **params)
    if not line.effective_from_on <= day <= line.ends_on:
        term = {"reference": line.agreement, "since": line.effective_from_on, "until": line.ends_on}
        raise Invalid("delivery_outside_term", code="OUT_OF_RANGE", path=HAPPENED, **term)


def require_unit(line: Row[Any], quantity: int, *, in_session: bool) -> None:
    """Raise when the line's unit is not given in this way, or not so much of it at once."""
    unit = f"ServiceUnit.{line.unit}"
    if not in_session and line.unit in GROUP_UNITS:
        raise Conflict("delivery_in_session", path=("input",), unit=unit)
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Invalid("quantity_range", code="OUT_OF_RANGE", path=QUANTITY, most=MAX_QUANTITY)
    if quantity > 1 and line.unit in SINGLE_UNITS:
        raise Invalid("delivery_quantity_one", code="OUT_OF_RANGE", path=QUANTITY, unit=unit)


def require_left(case: Row[Any], line: Row[Any], quantity: int) -> None:
    """Raise Conflict QUANTITY_EXCEEDED when that is more than the offer still owes; follow-ups are not counted out."""
    left = max(case.quantity - case.delivered_count, 0)
    if line.unit != "CASE" and quantity > left:
        params = {"reference": case.reference, "offered": case.quantity, "left": left}
        raise Conflict("delivery_beyond_offer", code="QUANTITY_EXCEEDED", path=QUANTITY, **params)


def require_within_case(case: Row[Any], happened_at: datetime, zone: ZoneInfo) -> None:
    """Raise Invalid OUT_OF_RANGE for what was done before the day the case was opened, or after it had ended."""
    opened_on = case.opened_at.astimezone(zone).date()
    if happened_at.astimezone(zone).date() < opened_on:
        params = {"reference": case.reference, "since": opened_on}
        raise Invalid("delivery_before_case", code="OUT_OF_RANGE", path=HAPPENED, **params)
    if case.closed_at is not None and happened_at > case.closed_at:
        params = {"reference": case.reference, "until": case.closed_at.astimezone(zone)}
        raise Invalid("delivery_after_case", code="OUT_OF_RANGE", path=HAPPENED, **params)


def dispute_reasons(code: str, text: str | None) -> tuple[str, str]:
    """Code and words of a dispute: always both."""
    words = required(text, ("input", "reasonText"), MAX_TEXT_CHARS)
    return one_of(code, SAID_REASONS, ("input", "reasonCode")), words


def is_drawn(digest: bytes, share_bp: int) -> bool:
    """Whether this keyed hash of a delivery's id falls into the sample: nobody without the key can tell beforehand."""
    return int.from_bytes(digest[:8]) % 10_000 < share_bp


def auto_verify_from(recorded_at: datetime) -> datetime:
    """The instant from which complete evidence verifies a delivery that nobody disputed."""
    return recorded_at + timedelta(days=DELIVERY_AUTO_VERIFY_DAYS)


def holds_up(callback: Row[Any] | None) -> bool:
    """Whether somebody still has to call before evidence alone may count."""
    if callback is None:
        return False
    in_vain = callback.status == "NOT_REACHED" and callback.attempt_count < MAX_CALLBACK_ATTEMPTS
    return callback.status == "DUE" or in_vain
