"""The station's desk, with a small agreement in force."""

from tests.referrals.conftest import desk

__all__ = ["desk"]
