"""Failing sign-ins are slowed down: counted per name and address, and per address alone, in this process."""

from __future__ import annotations

import time

from hub.base.bounded import Bounded
from hub.base.limits import (
    MAX_COUNTED_SIGN_INS,
    MAX_SIGN_IN_FAILURES,
    MAX_SIGN_IN_FAILURES_OF_ADDRESS,
    SIGN_IN_WINDOW_SECONDS,
)

COUNTED_CHARS = 64
"""A longer name is counted by its beginning, so that a counter stays small."""

Window = tuple[float, int]
"""When the window began (monotonic seconds) and how many attempts in it have not succeeded."""


class SignInLimit:
    """Counts attempts that have not succeeded, in fixed windows. In memory: modest, a restart forgives.

    An attempt counts from its start, so that many at once do not all pass before the first has failed.
    """

    def __init__(self) -> None:
        self._windows: Bounded[tuple[str, str], Window] = Bounded(MAX_COUNTED_SIGN_INS)

    def take(self, name: str, address: str) -> bool:
        """Whether this attempt may be made; if so, it is counted."""
        counted = (self._count((name[:COUNTED_CHARS], address)), self._count(("", address)))
        if counted[0] >= MAX_SIGN_IN_FAILURES or counted[1] >= MAX_SIGN_IN_FAILURES_OF_ADDRESS:
            return False
        self._change(name, address, +1)
        return True

    def give_back(self, name: str, address: str) -> None:
        """The attempt succeeded: it does not count."""
        self._change(name, address, -1)

    def _count(self, key: tuple[str, str]) -> int:
        known = self._windows.get(key)
        return 0 if known is None or time.monotonic() - known[0] > SIGN_IN_WINDOW_SECONDS else known[1]

    def _change(self, name: str, address: str, by: int) -> None:
        # An attempt without a name counts for its address only.
        for key in {(name[:COUNTED_CHARS], address), ("", address)}:
            count = self._count(key)
            known = self._windows.get(key)
            began = known[0] if known is not None and count else time.monotonic()
            self._windows.put(key, (began, max(0, count + by)))
