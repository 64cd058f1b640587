"""Medians, spreads, quantiles and ratios of slots."""

from __future__ import annotations

import pytest

from hub.bench.statistics import Spread, quantile, ratios, slot, spread


def test_spread_is_median_and_ends() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert spread([2.0, 4.0]) == Spread(3.0, 2.0, 4.0)


@pytest.mark.parametrize(("part", "value"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)])
def test_quantile_is_the_nearest_rank(part: float, value: float) -> None:
    assert quantile([float(number) for number in range(1, 101)], part) == value


def test_quantile_of_one_value_is_that_value() -> None:
    assert quantile([7.0], 0.99) == 7.0


def test_ratios_compare_run_by_run() -> None:
    """A run in which everybody was slow says nothing about either."""
    assert ratios([100.0, 10.0, 90.0], [50.0, 5.0, 30.0]) == Spread(2.0, 2.0, 3.0)


def test_ratios_need_as_many_runs_of_both() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0, 2.0], [1.0])


def test_a_slot_divides_by_its_answers() -> None:
    latencies = [0.004, 0.001, 0.002, 0.003]
    found = slot(latencies, 2.0, 4, server_seconds=0.004, database_seconds=0.002, others_busy=0.25)
    assert found.per_second == 2.0
    assert (found.p50_ms, found.p99_ms) == (2.0, 4.0)
    assert (found.server_cpu_ms, found.database_cpu_ms) == (1.0, 0.5)
    assert found.others_busy == 0.25
