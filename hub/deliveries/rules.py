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

SESSION_UNITS = ("SESSION", "SERIES", "PERSON")
"""Units that a session can be delivered of: one session, a part of a series, or the persons who were there."""

SINGLE_UNITS = ("VISIT", "SESSION", "SERIES", "CASE")
"""Units of which a delivery is one: a visit, a session, or a follow-up of one person's casework."""

UNRESERVED_UNITS = ("SESSION", "REPORT")
"""Units that no offer reserves: they are taken off the line when they are given."""

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
    """Raise when the line's unit is not given in this way, or not so much of it at once.

    A series is a group's; a session may be given to one person alone, and is one of the line all the same.
    """
    unit = f"ServiceUnit.{line.unit}"
    if not in_session and line.unit == "SERIES":
        raise Conflict("delivery_in_session", path=("input",), unit=unit)
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Invalid("quantity_range", code="OUT_OF_RANGE", path=QUANTITY, most=MAX_QUANTITY)
    if quantity > 1 and line.unit in SINGLE_UNITS:
        raise Invalid("delivery_quantity_one", code="OUT_OF_RANGE", path=QUANTITY, unit=unit)


def heads_of(line: Row[Any], participants: int | None, told: int | None) -> int:
    """How much of its line a delivery is: what was told, else one; of persons in a session, else all who were there.

    Raises Invalid OUT_OF_RANGE for more persons than were there.
    """
    if participants is None or line.unit != "PERSON":
        return 1 if told is None else told
    if told is not None and told > participants:
        raise Invalid("heads_beyond", code="OUT_OF_RANGE", path=QUANTITY, participants=participants)
    return participants if told is None else told


def require_left(case: Row[Any], line: Row[Any], quantity: int) -> None:
    """Raise Conflict QUANTITY_EXCEEDED when that is more than the offer still owes.

    Casework is not counted out: neither its follow-ups, nor its sessions, of which it gets what the line has.
    """
    left = max(case.quantity - case.delivered_count, 0)
    casework = line.unit == "CASE" or (line.unit == "SESSION" and case.kind == "CASEWORK")
    if not casework and quantity > left:
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


def auto_verify_from(proven_at: datetime) -> datetime:
    """The instant from which evidence, complete since then, verifies a delivery that nobody disputed."""
    return proven_at + timedelta(days=DELIVERY_AUTO_VERIFY_DAYS)


def holds_up(callback: Row[Any] | None) -> bool:
    """Whether somebody still has to call before evidence alone may count."""
    if callback is None:
        return False
    in_vain = callback.status == "NOT_REACHED" and callback.attempt_count < MAX_CALLBACK_ATTEMPTS
    return callback.status == "DUE" or in_vain
