"""Processor seconds of trees of processes, from what /proc says."""

from __future__ import annotations

import os

import pytest

from hub.bench import machine
from hub.bench.machine import TICK, Stat


def line(name: str, parent: int, *ticks: int) -> str:
    user, system, ended_user, ended_system = ticks
    return f"42 ({name}) S {parent} 42 42 0 -1 4194304 1 2 3 4 {user} {system} {ended_user} {ended_system} 20 0 1"


@pytest.mark.parametrize("name", ["postgres", "a b", "odd) name", "((("])
def test_a_line_is_read_whatever_the_process_is_called(name: str) -> None:
    assert machine.parsed(line(name, 7, 100, 50, 30, 20)) == Stat(7, 150 / TICK, 50 / TICK)


STATS = {
    1: Stat(0, 9.0, 9.0),
    10: Stat(1, 1.0, 0.5),
    11: Stat(10, 2.0, 0.0),
    12: Stat(11, 4.0, 0.25),
    20: Stat(1, 100.0, 0.0),
}


def test_a_tree_is_everything_below() -> None:
    assert machine.tree(STATS, 10) == {10, 11, 12}
    assert machine.tree(STATS, 20) == {20}


def test_the_seconds_of_a_tree_hold_those_of_ended_children() -> None:
    assert machine.seconds_of(STATS, 10) == 7.75


def test_a_tree_that_is_gone_has_used_nothing() -> None:
    assert machine.seconds_of(STATS, 99) == 0


def test_this_process_is_seen_with_its_memory() -> None:
    assert machine.snapshot()[os.getpid()].parent == os.getppid()
    assert 10 < machine.megabytes_of(os.getpid()) < 100_000
