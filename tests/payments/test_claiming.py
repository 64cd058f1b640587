"""How amounts arise, pure: exact fractions, rounded down to the fen once, capped, carried."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from hub.acceptance.claiming import LineMeasure, Measured, Stage, Unit, derive, rule_of, units_claimed


def measured(
    value: int | None, target: int, operator: str = "AT_LEAST", metric: str = "QUANTITY"
) -> Measured:
    return Measured(uuid4(), metric, operator, target, value)


def stage(kind: str = "DELIVERY", amount: int = 100, **said: Any) -> Stage:
    facts = {"limit_fen": amount, "by_share": True, "shortfall_rule": "PROPORTIONAL", "ceiling_fen": 1000}
    return Stage(kind=kind, amount_fen=amount, **(facts | said))


def line(done: int, price: int = 10, *, billed: int = 0, cap: int = 1000, **said: Any) -> LineMeasure:
    facts = {"kind": "UNIT", "unit_price_fen": price, "amount_cap_fen": cap, "done": done, "billed": billed}
    return LineMeasure(id=uuid4(), **(facts | said))


def test_each_kind_has_its_rule() -> None:
    rules = {
        (kind, by_share): rule_of(stage(kind, by_share=by_share))
        for kind in ("FIRST_STAGE", "DELIVERY", "REPORTING", "ASSESSMENT", "FINAL")
        for by_share in (True, False)
    }
    assert {key: rule for key, rule in rules.items() if key[0] != "DELIVERY"} == {
        **{("FIRST_STAGE", share): "DOCUMENTS" for share in (True, False)},
        **{("FINAL", share): "ACTUAL" for share in (True, False)},
        **{(kind, share): "SHARE" for kind in ("REPORTING", "ASSESSMENT") for share in (True, False)},
    }
    assert (rules["DELIVERY", True], rules["DELIVERY", False]) == ("SHARE", "UNITS")


def test_a_share_loses_as_much_as_is_missing_on_the_mean_of_its_criteria() -> None:
    half_and_whole = (measured(7, 14), measured(5, 5))
    assert derive(stage(amount=10_001, criteria=half_and_whole), []).claimed_fen == 7_500
    assert (
        derive(stage(amount=10_001, criteria=half_and_whole, shortfall_rule="NONE"), []).claimed_fen == 10_001
    )
    unknown = (measured(None, 90, metric="SATISFACTION_PERCENT"), measured(1, 3))
    assert derive(stage(amount=100, criteria=unknown), []).claimed_fen == 33
    missed = (measured(4, 3, "AT_MOST"),)
    assert derive(stage(amount=100, criteria=missed), []).claimed_fen == 0


def test_units_pay_what_is_new_within_what_the_caps_leave() -> None:
    units = stage(by_share=False, amount=1000)
    assert derive(units, [line(5, billed=2)]).claimed_fen == 30
    assert derive(units, [line(9, billed=2, cap=70)]).claimed_fen == 50
    assert derive(stage(by_share=False, amount=25), [line(9)]).claimed_fen == 25
    average = (measured(20, 25, metric="AVERAGE_PARTICIPANTS"),)
    assert derive(units, [line(5, criteria=average)]).claimed_fen == 40


def test_the_final_stage_settles_by_actual_quantity() -> None:
    block = line(0, kind="BLOCK", unit_price_fen=None, cap=60, criteria=(measured(1, 2),))
    final = stage("FINAL", 40, limit_fen=55, accepted_before_fen=30)
    derived = derive(final, [line(5), block])
    assert derived.claimed_fen == 50 + 30 - 30
    assert [step["kind"] for step in derived.steps] == [
        "LINE_UNITS",
        "LINE_BLOCK",
        "CRITERION",
        "SHORTFALL",
        "ACTUAL_TOTAL",
        "ACCEPTED_BEFORE",
        "CARRIED",
        "CLAIM",
    ]
    assert derive(stage("FINAL", 40, accepted_before_fen=500), [line(5)]).claimed_fen == 0
    capped = derive(stage("FINAL", 40, ceiling_fen=45, accepted_before_fen=10), [line(50)])
    assert capped.claimed_fen == 35


@given(st.integers(0, 10**10), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), max_size=5))
def test_a_share_is_never_more_than_its_amount_nor_less_than_nothing(
    amount: int, figures: list[tuple[int, int]]
) -> None:
    criteria = tuple(measured(value, target) for value, target in figures)
    claimed = derive(stage(amount=amount, criteria=criteria), []).claimed_fen
    assert 0 <= claimed <= amount
    if all(value >= target for value, target in figures):
        assert claimed == amount


def units(*quantities: int) -> list[Unit]:
    return [Unit(uuid4(), quantity) for quantity in quantities]


def test_a_unit_stage_bills_what_it_pays_and_leaves_the_rest_for_the_next() -> None:
    events, hours = line(9, price=4000, cap=28_000), line(6, price=100)
    nine, six = units(*[1] * 9), units(3, 3)
    whole = derive(stage(by_share=False, amount=40_000), [events, hours])
    assert units_claimed(whole, [(events, nine), (hours, six)]) == [*nine[:7], *six]
    capped = derive(stage(by_share=False, amount=9_000), [events, hours])
    assert units_claimed(capped, [(events, nine), (hours, six)]) == nine[:3], "the third is paid in part"
    half = line(4, price=10, criteria=(measured(1, 2),))
    short = derive(stage(by_share=False, amount=10), [half])
    assert units_claimed(short, [(half, units(1, 1, 1, 1))]) != []
    four = units(1, 1, 1, 1)
    assert units_claimed(short, [(half, four)]) == four[:2], "10 fen at half price are two units of 10"
    assert units_claimed(derive(stage(by_share=False), [line(0)]), []) == []
