"""Pure checks of referrals: age, needs, reasons, until when an offer stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.base.errors import Conflict, Invalid
from hub.base.inputs import one_of, required
from hub.base.limits import (
    AUTO_CLOSE_DAYS,
    MAX_AGE_YEARS,
    MAX_OFFER_DAYS,
    MAX_REFERRAL_NEEDS,
    MAX_TEXT_CHARS,
    OFFER_HOURS,
)
from hub.referrals.tables import REASON_CODES


def require_age(age: int, min_age: int | None, max_age: int | None) -> None:
    """Raise Invalid OUT_OF_RANGE when the service is not meant for this age (both bounds inclusive)."""
    lowest = 0 if min_age is None else min_age
    if age < lowest or (max_age is not None and age > max_age):
        highest = MAX_AGE_YEARS if max_age is None else max_age
        path = ("input", "serviceTypeCode")
        raise Invalid("service_age", code="OUT_OF_RANGE", path=path, age=age, lowest=lowest, highest=highest)


def reasons(code: str, text: str | None) -> tuple[str, str]:
    """Code and words of a return, rejection, decline, hand-back or cancellation: always both (DOMAIN §4)."""
    words = required(text, ("input", "reasonText"), MAX_TEXT_CHARS)
    return one_of(code, REASON_CODES, ("input", "reasonCode")), words


def require_need_count(count: int) -> None:
    """Raise Invalid when a referral names no need, or more than one referral answers."""
    if count == 0:
        raise Invalid("referral_without_need", code="REQUIRED", path=("input", "needIds"))
    if count > MAX_REFERRAL_NEEDS:
        raise Invalid(
            "too_many_needs", code="OUT_OF_RANGE", path=("input", "needIds"), limit=MAX_REFERRAL_NEEDS
        )


def offer_end(now: datetime, wanted: datetime | None) -> datetime:
    """Until when an offer stands. Raises Invalid OUT_OF_RANGE when the wanted end is past or too far off."""
    if wanted is None:
        return now + timedelta(hours=OFFER_HOURS)
    if not now < wanted <= now + timedelta(days=MAX_OFFER_DAYS):
        raise Invalid("offer_end", code="OUT_OF_RANGE", path=("input", "expiresAt"), days=MAX_OFFER_DAYS)
    return wanted


def require_standing(expires_at: datetime, now: datetime) -> None:
    """Raise Conflict EXPIRED when the offer's time is over, also before SYSTEM has said so."""
    if expires_at <= now:
        raise Conflict("offer_expired", code="EXPIRED")


def auto_close_from(completed_at: datetime) -> datetime:
    """The instant from which SYSTEM may close a completed referral that nobody has acknowledged."""
    return completed_at + timedelta(days=AUTO_CLOSE_DAYS)
