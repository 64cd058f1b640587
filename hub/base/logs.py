"""How the hub logs: one readable line an event on standard error, tracebacks without the values of variables.

structlog's own default prints the local variables of every frame. In a hub those are the plain personal values that a
command was given, and rendering them takes two seconds.
"""

from __future__ import annotations

import sys

import structlog


def set_up_logs() -> None:
    """Once per process, before anything is logged; again does no harm."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # today's, which tests replace
    )
