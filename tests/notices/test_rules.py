"""The rules of the inbox against the commands that set them off: a rule that never tells anybody would go unnoticed."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from hub.notices.handlers import RECIPIENTS
from hub.notices.matters import SUBJECTS
from hub.notices.rules import RULES

CARRIED = {"series_close": "Case"}
"""Whose events are written by a step that commands share (`hub/visits/closing.py`), under the name it is told."""

HUB = Path(__file__).parents[2] / "hub"


def emitted() -> dict[str, set[str]]:
    """Action → the types of its events' subjects, of every `tx.emit` that names both."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in HUB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "emit" and len(node.args) > 2:
                action, _, subject = node.args[:3]
                if isinstance(action, ast.Constant) and isinstance(subject, ast.Constant):
                    found[str(action.value)].add(str(subject.value))
    return found


def test_every_rule_is_about_something_an_inbox_knows() -> None:
    events = emitted()
    assert len(set(RULES) & set(events)) > len(RULES) // 2
    deaf = {
        topic: events[topic]
        for topic in RULES.keys() & events.keys() - CARRIED.keys()
        if not events[topic] & SUBJECTS.keys()
    }
    assert deaf == {}, "hub/notices/matters.py has a query in SUBJECTS for one of them"


def test_every_rule_tells_somebody_who_is_known() -> None:
    told = {name for rules in RULES.values() for rule in rules for name in rule.to}
    assert sorted(told - set(RECIPIENTS)) == [], (
        "hub/notices/handlers.py says in RECIPIENTS whom a name stands for"
    )
    assert sorted(set(RECIPIENTS) - told) == []
