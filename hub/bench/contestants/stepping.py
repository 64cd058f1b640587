"""A clock for measuring writes: each look at it is a minute later.

What one worker records within one minute is flagged, since nobody does that; a bench does, and is no fraud.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.base.clock import Clock

STEP = timedelta(seconds=61)


class SteppingClock(Clock):
    """Real time, and a minute more with each look."""

    def now(self) -> datetime:
        """See `Clock`."""
        self.offset += STEP
        return super().now()
