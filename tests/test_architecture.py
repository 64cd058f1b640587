"""The rules of the house that can be read off the source: order of imports, names, sizes, who may do what where.

Standard library only, and under a second: `hub check` runs this page before anything else. A rule stands beside its
reason; an exception to it is a row of a table here, with a reason of its own.
"""

from __future__ import annotations

import ast
import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("hub", "auth", "schema", "migrations")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70

CAPABILITIES = (
    "organizations",
    "documents",
    "notices",
    "people",
    "catalogue",
    "fund",
    "agreements",
    "referrals",
    "cases",
    "visits",
    "deliveries",
    "aid",
    "acceptance",
    "payments",
    "voice",
    "reports",
    "exchange",
)
"""In the one order of imports: each may import what stands before it. What is not built yet has its place already."""

ORDER = (
    "hub.base",
    "auth",
    *(f"hub.{name}" for name in CAPABILITIES),
    "hub registers",  # what is gathered from every capability: all tables, all enums, all machines, all scopes
    "schema",
    "migrations",
    "hub composition",  # app, worker, cli, demo … : puts everything together, and nothing imports it
)
REGISTERS = ("enums", "machines", "scopes", "tables")


class Source(NamedTuple):
    """A Python file of the product."""

    path: str  # from the root, with slashes
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]  # all of them, collected once

    @property
    def layer(self) -> str:
        """Its place in ORDER."""
        return _layer(self.path.removesuffix(".py").split("/"))

    def lines_of(self, found: Callable[[ast.AST], bool]) -> list[str]:
        """`path:line` of every node for which `found` holds."""
        return [f"{self.path}:{node.lineno}" for node in self.nodes if found(node)]  # type: ignore[attr-defined]


@functools.cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the product (tests apart), parsed once."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Source:
    text = path.read_text()
    tree = ast.parse(text)
    return Source(path.relative_to(ROOT).as_posix(), text, tree, tuple(ast.walk(tree)))


def _layer(parts: list[str]) -> str:
    if parts[0] != "hub":
        return parts[0]
    if len(parts) == 1:
        return "hub"
    if parts[1] == "base" or parts[1] in CAPABILITIES:
        return f"hub.{parts[1]}"
    return "hub registers" if parts[1] in REGISTERS else "hub composition"


def _imports(source: Source) -> Iterator[tuple[str, int]]:
    """Modules of ours that the file names, with the line; `from hub import worker` names `hub.worker`."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = (
                [f"hub.{alias.name}" for alias in node.names] if node.module == "hub" else [node.module or ""]
            )
        else:
            continue
        yield from ((name, node.lineno) for name in names if name.split(".")[0] in (*PACKAGES, "tests"))


def _found(rule: Callable[[ast.AST], bool], *, except_in: Mapping[str, str] | None = None) -> list[str]:
    allowed = except_in or {}
    return [line for source in sources() if source.path not in allowed for line in source.lines_of(rule)]


def _calls(node: ast.AST, *names: str) -> bool:
    """Whether the node calls a function or method of one of these names."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return getattr(called, "attr", getattr(called, "id", None)) in names


# ------------------------------------------------------------------------------------------------------------- imports
def test_imports_go_leftwards() -> None:
    """One total order: whoever reads a capability needs to know only what stands before it."""
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in sources()
        for name, line in _imports(source)
        if name.startswith("tests") or ORDER.index(_layer(name.split("."))) > ORDER.index(source.layer)
    ]
    assert wrong == []


def test_auth_knows_only_the_base() -> None:
    """Who is asking and what she may do is decided by names; a domain import would let the domain decide."""
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in sources()
        if source.layer in ("auth", "hub.base")
        for name, line in _imports(source)
        if _layer(name.split(".")) not in ("hub.base", source.layer)
    ]
    assert wrong == []


WRITERS = ("schema/mutations/", "schema/commanding.py")


def test_only_mutations_import_commands() -> None:
    """The reading half of the schema cannot change anything because it cannot name a command."""
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in sources()
        if source.layer == "schema" and not source.path.startswith(WRITERS)
        for name, line in _imports(source)
        if "commands" in name
    ]
    assert wrong == []


def test_every_capability_has_a_place_in_the_order() -> None:
    """Whatever is none stands above all of them, where nothing imports it."""
    above = {"base", "bench", "demo"}
    folders = {path.parent.name for path in (ROOT / "hub").glob("*/__init__.py")}
    assert sorted(folders - above - set(CAPABILITIES)) == [], "CAPABILITIES above says what each may import"


REGISTERED = {"tables": "hub/tables.py", "states": "hub/machines.py", "scopes": "hub/scopes.py"}
"""Module of a capability → the register that imports it."""


def test_the_registers_are_complete() -> None:
    """A table that is not registered has no wall, a machine no legal moves, a scope no rows."""
    imported = {source.path: {name for name, _ in _imports(source)} for source in sources()}
    wanting = [
        f"{register} does not import hub.{capability}.{module}"
        for module, register in REGISTERED.items()
        for capability in CAPABILITIES
        if f"hub/{capability}/{module}.py" in imported
        and f"hub.{capability}.{module}" not in imported[register]
    ]
    assert wanting == []


FUNCTION_LEVEL_IMPORTS = {
    "hub/cli.py": "`hub token` stands inside other commands and must not wait for the web framework to be read",
    "hub/__main__.py": "the command line exists only once .venv does",
}


def test_imports_stand_at_the_top() -> None:
    """A function-level import hides an arrow that points the wrong way."""

    def hides(node: ast.AST) -> bool:
        return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            isinstance(inner, ast.Import | ast.ImportFrom) for inner in ast.walk(node)
        )

    assert _found(hides, except_in=FUNCTION_LEVEL_IMPORTS) == []


def test_private_names_stay_where_they_are() -> None:
    """`_name` belongs to its module."""

    def takes(node: ast.AST) -> bool:
        ours = isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES
        return ours and any(re.match(r"_(?!_)", alias.name) for alias in node.names)  # type: ignore[attr-defined]

    assert _found(takes) == []


# ---------------------------------------------------------------------------------------------------- who may do what
ORM = "hub/bench/contestants/orm/"
"""What `hub bench` compares with."""


def test_no_orm() -> None:
    """Without an ORM there is no lazy loading to forbid, and no second way to write a row."""

    def orm(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom):
            return (node.module or "").startswith("sqlalchemy.orm")
        return _calls(node, "relationship")

    assert [line for line in _found(orm) if not line.startswith(ORM)] == []


EXCEPT_EXCEPTION = {
    "schema/http.py": "the one masking place: whatever nobody expected becomes INTERNAL and an errorId",
}


def test_exceptions_are_caught_by_name() -> None:
    """What nobody expected must reach the one place that masks and logs it."""
    broad = {"Exception", "BaseException"}

    def catches(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
            return False  # it only puts things away and lets the exception go on
        named = ast.walk(node.type) if node.type else ()
        return node.type is None or bool(broad & {name.id for name in named if isinstance(name, ast.Name)})

    assert _found(catches, except_in=EXCEPT_EXCEPTION) == []


def test_no_exception_text_reaches_a_client() -> None:
    """An exception's text may hold a value or a constraint's name; clients read our own sentences."""

    def shows(handler: ast.AST) -> bool:
        return isinstance(handler, ast.ExceptHandler) and any(
            _calls(node, "str", "repr")
            and any(isinstance(given, ast.Name) and given.id == handler.name for given in node.args)  # type: ignore[attr-defined]
            for node in ast.walk(handler)
        )

    wrong = [
        line for source in sources() if source.layer in ("schema", "auth") for line in source.lines_of(shows)
    ]
    assert wrong == []


REAL_TIME = {
    "hub/base/clock.py": "the one clock",
    "hub/demo/stage.py": "unless told otherwise, the demo's history ends on the real day",
    "hub/demo/clock.py": "how far the demo's clock is ahead is measured against real time",
    "auth/tokens.py": "a token expires in real time, also in a demo world whose clock was moved",
    "auth/middleware.py": "the same: what is kept of a token ends with it",
    "hub/doctor.py": "whether the clocks of hub and database agree is what it asks",
    "hub/base/logs.py": "a line says when it was written",
    "hub/bench/run.py": "a report says when it was made",
}


def test_time_comes_from_the_clock() -> None:
    """ "Overdue" can be tested, and a demo day lived, because nothing else asks what time it is."""

    def asks(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return False
        owner = node.func.value
        of = getattr(owner, "attr", getattr(owner, "id", ""))
        return (of, node.func.attr) in {
            ("datetime", "now"),
            ("datetime", "utcnow"),
            ("datetime", "today"),
            ("date", "today"),
            ("time", "time"),
            ("func", "now"),
            ("func", "current_date"),
        }

    assert _found(asks, except_in=REAL_TIME) == []


def test_sql_does_not_ask_for_the_time() -> None:
    """`now` and `today` are bind parameters."""
    asking = re.compile(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp\(\))", re.IGNORECASE)
    assert _texts(asking, except_in=("migrations/", "hub/doctor.py")) == []


def test_a_status_moves_only_through_its_machine() -> None:
    """The one UPDATE that checks where a row stands is `Machine.move`; any other could skip a step."""

    def writes(node: ast.AST) -> bool:
        return _calls(node, "values") and any(keyword.arg == "status" for keyword in node.keywords)  # type: ignore[attr-defined]

    assert _found(writes, except_in={"hub/base/machine.py": "the machine"}) == []
    assert _texts(re.compile(r"\bset\s+(\w+\.)?status\b", re.IGNORECASE), except_in=("migrations/",)) == []


BEGINS = {
    "hub/base/transaction.py": "one command, one transaction",
    "hub/base/outbox.py": "the worker's bookkeeping: a batch of the outbox, and a savepoint for each event",
    "hub/base/audit.py": "the worker's bookkeeping: links of the audit chain",
    "hub/worker.py": "the worker's bookkeeping: access that ran out by date alone",
    "hub/base/pooled.py": "a pooler keeps a statement's two halves together only inside a transaction",
    "hub/world.py": "the operator marks a database as the demo's",
    "hub/demo/clock.py": "the operator moves the demo's clock",
    "hub/demo/city/load.py": "the rows of the city are copied whole or not at all; no command could make them in a day",
    "hub/bench/contestants/orm/work.py": "what `hub bench` compares with",
}


def test_only_the_transaction_begins_and_commits() -> None:
    """One mutation, one transaction: a command that could commit halfway could be half done."""

    def begins(node: ast.AST) -> bool:
        return _calls(node, "begin", "begin_nested", "commit", "rollback", "transaction") and (
            isinstance(node.func, ast.Attribute)  # type: ignore[attr-defined]
        )

    wrong = [line for line in _found(begins, except_in=BEGINS) if not line.startswith("migrations/")]
    assert wrong == []


PRINTING = ("hub/__main__.py", "hub/cli.py", "hub/up.py", "hub/check.py", "hub/bench/", "schema/walls.py")


def test_only_the_command_line_prints() -> None:
    """Servers log; printed lines are the command line's answer."""
    wrong = _found(lambda node: _calls(node, "print"))
    assert [line for line in wrong if not line.startswith((*PRINTING, "migrations/"))] == []


def test_the_policy_is_literals_only() -> None:
    """Who may see what is read, not computed: calls of `read` and `do` with constants, and the names of roles."""
    tree = next(source.tree for source in sources() if source.path == "auth/policy.py")
    named: set[str] = set()
    for node in tree.body[1:]:
        if isinstance(node, ast.ImportFrom):
            continue
        if isinstance(node, ast.Assign):
            assert ast.unparse(node.value).startswith("Role."), f"line {node.lineno}"
            named |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            continue
        assert isinstance(node, ast.Expr), f"line {node.lineno}"
        assert _calls(node.value, "read", "do"), f"line {node.lineno}"
        for given in [*node.value.args, *(keyword.value for keyword in node.value.keywords)]:  # type: ignore[attr-defined]
            literal = isinstance(given, ast.Constant) or ast.unparse(given) in named
            assert literal or ast.unparse(given).startswith(("Role.", "Duty.")), f"line {given.lineno}"


# ------------------------------------------------------------------------------------------------------ names and sizes
VAGUE = ("Manager", "Helper", "Service", "Util", "Utils", "Base")


def test_classes_are_named_for_what_they_are() -> None:
    """A name that fits everything says nothing."""

    def vague(node: ast.AST) -> bool:
        return isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE)

    assert _found(vague) == []


LONG_FILES = {"auth/policy.py": "one page, one row a right: the whole answer in one place is its point"}


def test_files_are_short() -> None:
    """A file is read in one go."""
    long = {
        source.path: source.text.count("\n")
        for source in sources()
        if source.text.count("\n") > MAX_FILE_LINES and source.path not in LONG_FILES
    }
    assert long == {}


def test_functions_are_short() -> None:
    """About 25 lines is the aim; this is the end of what can be held in the head."""

    def long(node: ast.AST) -> bool:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        return (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES

    assert _found(long) == []


HEADED = ("hub/base", "auth", "schema", *(f"hub/{name}" for name in CAPABILITIES))


@pytest.mark.parametrize("package", [name for name in HEADED if (ROOT / name / "__init__.py").exists()])
def test_a_package_says_what_it_owns(package: str) -> None:
    """Its head is where a reader begins: what it owns, what always holds, what stands elsewhere."""
    head = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text())) or ""
    assert [part for part in ("Owns:", "Invariants:", "Not here:") if part not in head] == []


def test_every_module_says_what_it_is_for() -> None:
    """A docstring at the head of each file; empty package markers apart."""
    wanting = [
        source.path for source in sources() if source.text.strip() and not ast.get_docstring(source.tree)
    ]
    assert wanting == []


# ------------------------------------------------------------------------------------------------- nothing of a machine
FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(work|workspace|Users|home/[a-z]+)/[\w.]"),
    "a package registry": re.compile(
        r"\b(pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|proxy\.golang\.org)\b"
    ),
}
LOCK_FILES = ("uv.lock", "package-lock.json")
"""Written by tools, and naming where each package comes from is what they are for."""

SKIPPED_FOLDERS = {
    ".git",
    ".venv",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
}
TEXT_ENDINGS = (
    ".py",
    ".md",
    ".toml",
    ".sql",
    ".graphql",
    ".yml",
    ".yaml",
    ".json",
    ".sh",
    ".mjs",
    ".lock",
    ".cfg",
)


def _project_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        yield from (Path(folder) / name for name in files if name.endswith(TEXT_ENDINGS) or "." not in name)


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_names_the_machine_it_was_written_on(what: str) -> None:
    """A clone runs anywhere, and asks whatever registry the operator has set."""
    pattern = FOREIGN[what]
    wrong = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in _project_files()
        if path.name not in LOCK_FILES and path != Path(__file__)
        for found in [pattern.search(path.read_text(errors="replace"))]
        if found
    ]
    assert wrong == []


def _texts(pattern: re.Pattern[str], *, except_in: tuple[str, ...]) -> list[str]:
    """Where a string of the product matches; docstrings are prose and do not count."""
    found: list[str] = []
    for source in sources():
        if source.path.startswith(except_in):
            continue
        prose = {
            id(node.body[0].value)
            for node in source.nodes
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        found += source.lines_of(
            lambda node, prose=prose: (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in prose
                and bool(pattern.search(node.value))
            )
        )
    return found
