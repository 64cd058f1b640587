"""UUIDv7 made in Python: time-ordered, so that an id is also the natural order of creation."""

from __future__ import annotations

import random
import secrets
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Randomness(Protocol):
    """Where random bits come from: `secrets` in production, a seeded generator for the demo world."""

    def getrandbits(self, k: int, /) -> int: ...


class Ids:
    """Makes ids for one instant source. `seed` makes them reproducible, which only demo data may be.

    Ids made in one millisecond keep their order of creation: a 26-bit counter stands before the random part.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random: Randomness = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
        self._last = (0, 0)

    def new(self, now: datetime) -> UUID:
        """A new id for the instant `now` (RFC 9562, version 7)."""
        millis = int(now.timestamp() * 1000)
        last_millis, last_counter = self._last
        counter = last_counter + 1 if millis <= last_millis else self._random.getrandbits(11)
        millis = max(millis, last_millis)
        self._last = (millis, counter)
        value = (millis & (2**48 - 1)) << 80 | 0x7 << 76 | (counter >> 14 & 0xFFF) << 64 | 0b10 << 62
        return UUID(int=value | (counter & 0x3FFF) << 48 | self._random.getrandbits(48))
