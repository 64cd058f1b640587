"""The documentation is tested: what README and decisions name exists, what they show is valid, and the journey runs.

The journey itself is run against a hub that `hub up` made from nothing, and so belongs to the full tests.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from graphql import GraphQLError, parse, validate

from auth.matrix import render
from hub.cli import app
from hub.settings import Settings
from schema.build import registry, sdl

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DECISIONS = (ROOT / "hub" / "DECISIONS.md").read_text()
OPERATIONS = "\n".join(path.read_text() for path in sorted((ROOT / "tests" / "journeys").glob("*.graphql")))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAX_DECISION_LINES = 8
START_SECONDS = 300
JOURNEY_SECONDS = 600


def blocks(language: str, text: str = README) -> list[str]:
    """The code blocks of a language, in order."""
    return [code for kind, code in BLOCK.findall(text) if kind == language]


def section(title: str, text: str = README) -> str:
    """The text under a heading of the README, up to the next one."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found.group(1)


# ------------------------------------------------------------------------------------------------------------- GraphQL
def shown() -> list[str]:
    """Every GraphQL document that is shown: in blocks of its own, and in quotes inside the shell's."""
    quoted = (re.findall(r"'((?:query|mutation|\{)[^']*)'", code) for code in blocks("bash"))
    return [*blocks("graphql"), *itertools.chain(*quoted)]


def test_shown_queries_are_valid() -> None:
    wrong = [(document, problems(document)) for document in shown() if problems(document)]
    assert wrong == []
    assert len(shown()) > 25


def test_operations_of_the_journeys_are_valid() -> None:
    """All together, so that each has a name of its own."""
    assert problems(OPERATIONS) == []


def problems(document: str) -> list[str]:
    """What the schema has against a document."""
    try:
        return [error.message for error in validate(registry().schema, parse(document))]
    except GraphQLError as error:
        return [error.message]


# ------------------------------------------------------------------------------------------------ commands and settings
def commands() -> dict[str, set[str]]:
    """Every command of the command line, as it is typed, with its long options."""
    found: dict[str, set[str]] = {}

    def collect(command: Any, name: str) -> None:
        for key, inner in getattr(command, "commands", {}).items():
            collect(inner, f"{name} {key}")
        if not hasattr(command, "commands"):
            options = itertools.chain(*(each.opts + each.secondary_opts for each in command.params))
            found[name] = {option for option in options if option.startswith("--")}

    collect(typer.main.get_command(app), "hub")
    return found


def test_the_table_of_commands_is_complete() -> None:
    rows = re.findall(r"^\| `(hub [a-z ]+)` \|", section("Commands"), re.MULTILINE)
    assert sorted(rows) == sorted(commands())


def test_named_commands_and_options_exist() -> None:
    """Wherever a command line of the hub is shown."""
    code = "\n".join([*blocks("bash"), *blocks("text"), *re.findall(r"`([^`\n]+)`", README + DECISIONS)])
    known = commands()
    for line in re.findall(r"(?:python3 -m |^)hub ([a-z].*)", code, re.MULTILINE):
        words = line.split()
        name = next(
            (f"hub {' '.join(words[:n])}" for n in (2, 1) if f"hub {' '.join(words[:n])}" in known), None
        )
        assert name, f"there is no command: hub {line}"
        options = re.findall(r"(?<=\s)(--[a-z-]+)", line)
        assert set(options) <= known[name] | {"--help"}, line


def test_every_command_explains_itself() -> None:
    """A sentence at least."""

    def silent(command: Any, name: str) -> Iterator[str]:
        for key, inner in getattr(command, "commands", {}).items():
            yield from silent(inner, f"{name} {key}")
        if not command.help:
            yield name

    assert list(silent(typer.main.get_command(app), "hub")) == []


def test_the_table_of_settings_is_complete() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", section("Settings"), re.MULTILINE)
    fields = {f"HUB_{name.upper()}" for name in Settings.model_fields if name != "database_url"}
    assert sorted(rows) == sorted(fields | {"HUB_SECRET", "DATABASE_URL"})


def test_the_shown_explanation_is_one() -> None:
    """`hub policy explain` runs as it is written."""
    (line,) = [code.strip() for code in blocks("bash") if "policy explain" in code]
    words = line.replace("python3", sys.executable).split()
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "phone" in done.stdout


# -------------------------------------------------------------------------------------------------- names of files
@pytest.mark.parametrize("text", [README, DECISIONS], ids=["README", "DECISIONS"])
def test_named_files_exist(text: str) -> None:
    """Links, and whatever in backticks begins like a folder of ours; `<capability>` stands for any."""
    prose = BLOCK.sub("", text)
    linked = re.findall(r"\]\(([^)#:]+)\)", prose)
    tops = r"(?:hub|auth|schema|migrations|tests|\.ci)/"
    named = re.findall(rf"`({tops}[\w./<>*-]*)`", prose)
    missing = [name for name in {*linked, *named} if not any(ROOT.glob(re.sub(r"<\w+>", "*", name)))]
    assert sorted(missing) == []


def test_generated_pages_are_current() -> None:
    """A stale one is written anew, and the diff looked at."""
    pages = {
        "python3 -m hub policy matrix --write": (ROOT / "auth" / "MATRIX.md", render()),
        "python3 -m hub schema --write": (ROOT / "schema" / "schema.graphql", sdl()),
    }
    stale = [write for write, (page, text) in pages.items() if page.read_text() != text.rstrip("\n") + "\n"]
    assert stale == [], "run these and read the diff"


def test_the_layer_picture_names_files_that_exist() -> None:
    (picture,) = [code for code in blocks("text") if "PostgreSQL ═" in code]
    named = re.findall(r"(?:hub/base|auth/|(?:hub|schema)/[\w/]+(?:\.py)?)", picture)
    assert len(named) == 5
    assert [name for name in named if not (ROOT / name).exists()] == []


# ----------------------------------------------------------------------------------------------------------- decisions
PRODUCT = ("hub", "auth", "schema", "migrations", "tests")


def test_what_enforces_a_decision_exists() -> None:
    """Functions, triggers, constraints, tests and files that stand there by name alone."""
    files = [
        path for top in PRODUCT for ending in ("py", "sql") for path in (ROOT / top).rglob(f"*.{ending}")
    ]
    known = {path.name for path in files if "node_modules" not in path.parts}
    for path in files:
        known.update(re.findall(r"\w+", path.read_text()))
    enforcing = "\n".join(re.findall(r"^Enforced by: (.*)$", DECISIONS, re.MULTILINE))
    named = re.findall(r"`(\w+(?:\.(?:py|sql))?)`", enforcing)
    assert len(named) > 60
    assert sorted(set(named) - known) == []


def test_decisions_have_one_form() -> None:
    """Numbered without gaps; context, one sentence to quote, cost, what enforces it; short."""
    entries = re.split(r"^### ", DECISIONS, flags=re.MULTILINE)[1:]
    assert [int(entry.split(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        lines = [line for line in entry.split("\n## ")[0].splitlines()[1:] if line]
        parts = [line.split(":")[0] for line in lines if ":" in line]
        wanted = ["Context", "Decision", "Cost", "Enforced by"]
        assert [part for part in parts if part in wanted] == wanted, entry
        assert len(lines) <= MAX_DECISION_LINES, entry
        assert re.search(r"^Decision: \*\*[^*]+\.\*\*$", entry, re.MULTILINE), entry


# -------------------------------------------------------------------------------------------------------- the journey
@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL reaches also when, as root, it runs as another user; pytest's own are closed."""
    made = Path(tempfile.mkdtemp(prefix="hub-docs-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.mark.full
def test_the_journeys_run_as_they_are_written(folder: Path) -> None:
    """One after the other on a demo world made from nothing: every answer is what the text around it says."""
    with _up(folder) as environment:
        for title, check in JOURNEYS.items():
            check(list(_answers(_lived(title, environment))))


@contextlib.contextmanager
def _up(folder: Path) -> Iterator[dict[str, str]]:
    """A hub that `hub up` made; the environment in which a shell finds it."""
    environment = {**os.environ, "HUB_DATA": str(folder / "data"), "HUB_PORT": "0"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    with (folder / "log").open("w+") as log:
        hub = subprocess.Popen(
            [sys.executable, "-m", "hub", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield {**environment, "HUB": _address(hub, folder)}
        finally:
            hub.terminate()
            hub.wait(timeout=30)


def _lived(title: str, environment: dict[str, str]) -> str:
    """What the shell prints when the blocks under a heading are pasted into it, after the first journey's functions."""
    functions, *first = blocks("bash", section(FIRST))
    code = [functions, *(first if title == FIRST else blocks("bash", section(title)))]
    done = subprocess.run(
        ["bash", "-c", "set -e\n" + "\n".join(code)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=JOURNEY_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:]
    return done.stdout


def _address(hub: subprocess.Popen[bytes], folder: Path) -> str:
    """The URL that the hub has written down, once it serves."""
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "data" / "address").exists():
        assert hub.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, "the hub did not start"
        time.sleep(0.1)
    return (folder / "data" / "address").read_text().strip()


def _answers(text: str) -> Iterator[dict[str, Any]]:
    """The JSON documents in the output of the shell, between its other lines."""
    decoder = json.JSONDecoder()
    while (begin := text.find("{")) >= 0:
        answer, end = decoder.raw_decode(text[begin:])
        yield answer
        text = text[begin + end :]


def _check_first(answers: list[dict[str, Any]]) -> None:
    refused = [one for one in answers if "errors" in one]
    assert [one["errors"][0]["extensions"]["code"] for one in refused] == ["MEMBERSHIP_REQUIRED"]
    codes = re.findall(r'"code": "(\w+)", "message"', json.dumps(answers))
    assert codes == ["CONFLICT_OF_INTEREST"]
    said = [one["data"] for one in answers if "data" in one]
    (offer,) = [one for one in said if "offer" in one]
    assert (offer["person"], offer["offer"]["referral"]) == (None, None)
    served = [one["deliveryRecord"]["delivery"]["case"] for one in said if "deliveryRecord" in one]
    assert served == [{"status": "CLOSED", "delivered": 1, "visits": {"totalCount": 1}}] * 2
    (result,) = [one for one in said if "notices" in one]
    assert result["node"]["case"]["visits"]["nodes"][0]["findings"] == {"ownWords": "你们真是准时，太谢谢了"}
    assert any("came 10:02" in notice["text"] for notice in result["notices"]["nodes"])
    assert [one["nodes"] for one in said if "nodes" in one] == [[None, None, None]]
    (gone,) = [one for one in said if "visit" in one]
    assert (gone["person"], gone["visit"]["person"], gone["visit"]["findings"]) == (None, None, None)
    assert gone["visit"]["kept"] is True


def _check_second(answers: list[dict[str, Any]]) -> None:
    refused = [one["errors"][0] for one in answers if "errors" in one]
    assert [(one["extensions"]["code"], one["path"][-1]) for one in refused] == [
        ("FORBIDDEN", "unitPrice"),
        ("FORBIDDEN", "deliveryVerify"),
    ]
    codes = re.findall(r'"code": "(\w+)", "message"', json.dumps(answers))
    assert codes == ["QUANTITY_EXCEEDED", "DUPLICATE", "WRONG_STATE"]
    assert [one["status"] for one in answers if "reference" in one] == ["STORED"]
    said = [one["data"] for one in answers if "data" in one]
    (page,) = [one["cases"]["nodes"] for one in said if "cases" in one]
    assert [(one["person"]["name"], one["quantity"]) for one in page if one["quantity"] == 2] == [
        ("何桂枝", 2)
    ]
    (given,) = [one for one in said if "second" in one]
    assert (given["first"]["delivery"]["visit"], given["second"]["delivery"]["flags"]) == (
        {"kept": True},
        ["DUPLICATE"],
    )
    rows = [one["node"]["progress"][0] for one in said if (one.get("node") or {}).get("progress")]
    told = [(row["value"], row["target"], [gap["reason"] for gap in row["missing"]]) for row in rows]
    assert told == [(1, 2, ["TO_VERIFY"]), (0, 2, ["DISPUTED", "DISPUTED"])]
    (end,) = [one for one in said if "milestone" in one]
    usage = end["agreement"]["lines"]["nodes"][0]["usage"]
    assert (usage["done"], usage["owed"], usage["remaining"]) == (1, 1, 1)
    assert end["milestone"]["progress"][0]["value"] == 1


def _check_third(answers: list[dict[str, Any]]) -> None:
    assert not [one for one in answers if "errors" in one]
    codes = re.findall(r'"code": "(\w+)", "message"', json.dumps(answers))
    assert codes == ["WRONG_STATE", "CONFLICT", "WRONG_STATE", "OUT_OF_RANGE", "DUPLICATE", "FOUR_EYES"]
    assert [one["status"] for one in answers if "reference" in one] == ["STORED"] * 4
    said = [one["data"] for one in answers if "data" in one]
    claims = [one["milestoneSubmit"]["submission"] for one in said if "milestoneSubmit" in one]
    assert [one and one["claimed"]["amount"] for one in claims] == [None, "3000.00", "60.00"]
    (part,) = [one["part"]["paymentRequest"] for one in said if "part" in one]
    assert [part[key]["amount"] for key in ("accepted", "deducted", "payable")] == ["50.00", "5.00", "45.00"]
    (seen,) = [one["node"] for one in said if "waitingFor" in (one.get("node") or {})]
    assert (seen["waitingFor"]["duty"], set(seen["match"].values())) == ("ACCOUNTANT", {"OK"})
    paid = [one["paymentSettle"]["payment"] for one in said if "paymentSettle" in one]
    assert [(one["amount"]["amount"], one["milestone"]["status"]) for one in paid] == [
        ("3000.00", "SETTLED"),
        ("45.00", "SETTLED"),
    ]
    (end,) = [one for one in said if "paymentTrace" in one]
    (work,) = end["paymentTrace"]["deliveries"]
    assert (work["verification"], work["needs"][0]["status"], end["person"]) == ("COMMUNITY", "MET", None)
    assert "郑秀兰" not in json.dumps(end, ensure_ascii=False)


FIRST = "The first journey, to copy and paste"
JOURNEYS = {
    FIRST: _check_first,
    "The second journey: what was bought, and what was done": _check_second,
    "The third journey: from the gift to the haircut": _check_third,
}
"""Heading → what must have been answered under it. Each goes on from the hour at which the one before it ended."""
