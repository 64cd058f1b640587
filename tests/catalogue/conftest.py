"""The station's desk, whose partners say what they can do."""

from tests.referrals.conftest import desk

__all__ = ["desk"]
