"""Human references: whoever reads `SR-2026-00042` on a sheet of paper knows what kind of thing it is."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def _said() -> dict[str, set[str]]:
    """Prefix → capabilities that number their rows with it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "hub").rglob("*.py")):
        if ROOT / "hub/bench" in path.parents:  # its ORM numbers the same rows by the same prefixes
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "insert_numbered":
                _, letters = node.args
                assert isinstance(letters, ast.Constant), f"{path}:{node.lineno}"
                found[str(letters.value)].add(path.parent.name)
    return found


def test_a_prefix_belongs_to_one_capability() -> None:
    said = _said()
    assert {prefix: names for prefix, names in said.items() if len(names) > 1} == {}
    assert {"SR", "GS", "G"} <= {prefix for prefix, names in said.items() if names == {"deliveries"}}
