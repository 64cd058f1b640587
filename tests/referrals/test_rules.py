"""Pure rules of referrals: what is refused, with which code, at which field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.base.errors import Conflict, HubError, Invalid
from hub.referrals.rules import (
    auto_close_from,
    offer_end,
    reasons,
    require_age,
    require_need_count,
    require_standing,
)

NOW = datetime(2023, 5, 4, 2, 0, tzinfo=UTC)


def refusal(error: HubError) -> tuple[str, str, tuple[str, ...]]:
    """What a client reads of it: code, sentence, field."""
    return error.code, error.key, error.path


@pytest.mark.parametrize(
    ("age", "lowest", "highest"),
    [(60, 60, None), (0, None, None), (17, 7, 17), (7, 7, 17), (130, None, None)],
)
def test_the_bounds_of_a_services_ages_are_inclusive(
    age: int, lowest: int | None, highest: int | None
) -> None:
    require_age(age, lowest, highest)


@pytest.mark.parametrize(("age", "lowest", "highest"), [(59, 60, None), (18, 7, 17), (6, 7, 17)])
def test_a_service_is_refused_for_another_age(age: int, lowest: int, highest: int | None) -> None:
    with pytest.raises(Invalid) as caught:
        require_age(age, lowest, highest)
    assert refusal(caught.value) == ("OUT_OF_RANGE", "service_age", ("input", "serviceTypeCode"))
    assert caught.value.params == {"age": age, "lowest": lowest, "highest": highest or 130}


def test_a_referral_names_one_to_twenty_needs() -> None:
    require_need_count(1)
    require_need_count(20)
    for count, code in ((0, "REQUIRED"), (21, "OUT_OF_RANGE")):
        with pytest.raises(Invalid) as caught:
            require_need_count(count)
        assert (caught.value.code, caught.value.path) == (code, ("input", "needIds"))


def test_a_reason_is_always_code_and_words() -> None:
    assert reasons("TOO_FAR", "  离得太远 ") == ("TOO_FAR", "离得太远")
    for code, text, expected in (
        ("TOO_FAR", "  ", ("REQUIRED", "required", ("input", "reasonText"))),
        ("TOO_FAR", None, ("REQUIRED", "required", ("input", "reasonText"))),
        ("TOO_FAR", "远" * 2001, ("TOO_LONG", "too_long", ("input", "reasonText"))),
        ("BAD_MOOD", "不想去", ("INVALID", "not_in_list", ("input", "reasonCode"))),
    ):
        with pytest.raises(Invalid) as caught:
            reasons(code, text)
        assert refusal(caught.value) == expected


def test_an_offer_stands_three_days_unless_the_station_says_otherwise() -> None:
    assert offer_end(NOW, None) == NOW + timedelta(hours=72)
    for wanted in (NOW + timedelta(seconds=1), NOW + timedelta(days=30)):
        assert offer_end(NOW, wanted) == wanted


@pytest.mark.parametrize("wanted", [NOW, NOW - timedelta(hours=1), NOW + timedelta(days=30, seconds=1)])
def test_an_offer_ends_neither_in_the_past_nor_after_a_month(wanted: datetime) -> None:
    with pytest.raises(Invalid) as caught:
        offer_end(NOW, wanted)
    assert refusal(caught.value) == ("OUT_OF_RANGE", "offer_end", ("input", "expiresAt"))


def test_an_offer_is_over_at_its_end_also_before_system_says_so() -> None:
    require_standing(NOW + timedelta(seconds=1), NOW)
    for end in (NOW, NOW - timedelta(days=1)):
        with pytest.raises(Conflict) as caught:
            require_standing(end, NOW)
        assert refusal(caught.value) == ("EXPIRED", "offer_expired", ())


def test_a_completed_referral_waits_a_fortnight_for_its_community() -> None:
    assert auto_close_from(NOW) == NOW + timedelta(days=14)
