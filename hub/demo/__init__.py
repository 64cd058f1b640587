"""The demo world, and the clock that only it has."""
