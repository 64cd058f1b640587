"""What a log line may hold: the keys that are allowed, and of an exception no value."""

from __future__ import annotations

import json
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

from hub.base import logs
from hub.base.errors import Conflict

PHONE = "13812345678"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["text", "json"])
def test_only_allowed_keys_are_written(form: logs.Format, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up_logs(form)
    structlog.get_logger("t").info("request", route="/graphql", phone=PHONE, name="张三")
    line = capsys.readouterr().err
    assert "/graphql" in line
    assert "withheld: name, phone" in line
    assert PHONE not in line
    assert "张三" not in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_quick_line_is_what_structlog_writes(
    form: logs.Format, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"route": "/graphql", "status": 200, "ms": 1.5}
    logs.set_up_logs(form)
    structlog.get_logger("t").info("request", **facts)
    logs.write_line("request", facts)
    theirs, ours = capsys.readouterr().err.splitlines()
    if form == "json":
        theirs, ours = ({**json.loads(line), "timestamp": ""} for line in (theirs, ours))
        assert ours == theirs
    else:
        assert ours.split()[1:] == theirs.split()[1:]


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up_logs("json")
    structlog.get_logger("t").warning("database_away", error="OSError", seconds=1.0)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert {name: found[name] for name in ("event", "level", "error", "seconds")} == {
        "event": "database_away",
        "level": "warning",
        "error": "OSError",
        "seconds": 1.0,
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_is_told_without_its_message(
    form: logs.Format, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up_logs(form)
    phone = PHONE  # a local variable of the frame, too
    try:
        try:
            raise ValueError(f"no such phone: {phone}")
        except ValueError as error:
            raise asyncpg.UniqueViolationError(f"Key (phone)=({phone}) already exists.") from error
    except asyncpg.UniqueViolationError:
        structlog.get_logger("t").exception("graphql_request_failed", error_id="e1")
    text = capsys.readouterr().err
    assert "UniqueViolationError (sqlstate=23505)" in text
    assert "builtins.ValueError" in text
    assert "test_logs.py:" in text
    assert PHONE not in text


def test_a_long_chain_ends() -> None:
    first, second = Conflict("a", code="STALE"), Conflict("b")
    first.__cause__, second.__cause__ = second, first
    assert logs.told(first).splitlines() == [
        "hub.base.errors.Conflict (code=STALE)",
        "hub.base.errors.Conflict (code=CONFLICT)",
    ]
