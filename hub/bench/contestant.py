"""A contestant as the bench sees it: how its process is started, what it is asked, and how its answers compare."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from typing import Any

from hub.bench.queries import READS, Read
from hub.bench.world import Facts

Shown = Callable[[str, Any], Any]
"""From the key of a read and the `data` of a contestant's answer to the `data` of ours."""


def as_it_is(key: str, data: Any) -> Any:
    """For contestants that serve our own schema."""
    return data


@dataclasses.dataclass(frozen=True)
class Contestant:
    """`texts`: its GraphQL for the reads that it can answer, by key; `variables`: from our variables to its own."""

    name: str
    title: str
    command: tuple[str, ...]
    texts: Mapping[str, str]
    shown: Shown = as_it_is
    variables: Callable[[str, Mapping[str, Any], Facts], Mapping[str, Any]] = lambda key, ours, facts: ours
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    missing: Callable[[], str] = lambda: ""
    """Why it cannot be measured here, in words; empty when it can."""


def of_module(module: str, *arguments: str) -> tuple[str, ...]:
    """The command of a contestant written in Python."""
    return (sys.executable, "-m", f"hub.bench.contestants.{module}", *arguments)


def our_texts(keys: frozenset[str] | None = None) -> Mapping[str, str]:
    """Our own GraphQL for all reads, or for some."""
    return {read.key: read.text for read in READS if keys is None or read.key in keys}


def read_of(key: str) -> Read:
    """The read with this key."""
    return next(read for read in READS if read.key == key)
