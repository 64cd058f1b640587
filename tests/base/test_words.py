"""Both languages say the same things; every enum value and every refusal in the code has words."""

from __future__ import annotations

import ast
import importlib
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auth.roles import Duty, Role
from hub.base.words import FALLBACK, LANGUAGES, NOT_LABELS, label, labels, message, words
from hub.enums import ENUMS
from hub.notices.handlers import RULES

ROOT = Path(__file__).parent.parent.parent
CODE = sorted(
    path
    for top in ("auth", "hub", "schema")
    for path in (ROOT / top).rglob("*.py")
    if ROOT / "hub/bench" not in path.parents  # its ORM refuses with the hub's words, for nobody to read
)
KINDS = {"Invalid", "Denied", "NotFound", "Conflict", "LimitExceeded", "Unavailable"}
NOT_PARAMETERS = {"code", "path"}

SUBSETS = {
    "ACCEPTED",
    "UNFINISHED",
    "NEED_FINAL",
    "GOAL_FINAL",
    "MILESTONE_FINAL",
    "QUALIFICATION_REQUIRED",
    "PERSONAL_UNITS",
    "STANDING",
    "UNDER_WAY",
}
"""Tuples of values that are part of an enum, not one of their own."""


def places(template: str) -> set[str]:
    """The names between braces."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def refusals() -> Iterator[tuple[str, str, set[str] | None]]:
    """(where, key, parameters) of every error raised with a literal key; parameters None when they are passed on."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not isinstance(node.func, ast.Name)
                or node.func.id not in KINDS
            ):
                continue
            named = {keyword.arg for keyword in node.keywords}
            parameters = None if None in named else {str(name) for name in named} - NOT_PARAMETERS
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            if not node.args:
                yield where, "not_found", parameters
            for key in _texts(node.args[0]) if node.args else ():
                yield where, key, parameters


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal keys an argument may take: a string, or one of the two of a conditional."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def declared_enums() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every module-level tuple of codes in a tables.py or states.py, and every machine's states."""
    for path in sorted([*ROOT.glob("hub/*/tables.py"), *ROOT.glob("hub/*/states.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for attribute, value in vars(importlib.import_module(name)).items():
            if hasattr(value, "states"):
                yield name, attribute, value.states
            elif attribute.isupper() and isinstance(value, tuple) and attribute not in SUBSETS:
                yield name, attribute, value


def test_both_languages_have_the_same_keys_and_places() -> None:
    chinese, english = words("zh-CN"), words("en")
    assert sorted(set(chinese) ^ set(english)) == [], "keys of one language alone"
    assert list(chinese) == list(english), "same keys, same order"
    assert [key for key in chinese if places(chinese[key]) != places(english[key])] == []
    assert [key for key, text in [*chinese.items(), *english.items()] if not text.strip()] == []


def test_chinese_is_chinese_and_english_is_english() -> None:
    def has_han(text: str) -> bool:
        return any("\u4e00" <= char <= "\u9fff" for char in text)

    assert [key for key, text in words("en").items() if has_han(text)] == []
    sentences = {key: text for key, text in words("zh-CN").items() if key.partition(".")[0] in NOT_LABELS}
    assert [key for key, text in sentences.items() if not has_han(text)] == []


def test_every_enum_of_the_tables_is_listed() -> None:
    listed = {frozenset(values) for values in ENUMS.values()}
    missing = [(module, name) for module, name, values in declared_enums() if frozenset(values) not in listed]
    assert missing == [], "each is an enum of hub/enums.py, or in SUBSETS above"
    assert set(ENUMS["Role"]) == set(Role)
    assert set(ENUMS["Duty"]) == set(Duty)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_enum_value_has_a_label_and_no_label_is_left_over(language: str) -> None:
    written = {(name, value) for name, values in labels(language).items() for value in values}
    wanted = {(name, value) for name, values in ENUMS.items() for value in values}
    lacking, left_over = sorted(wanted - written), sorted(written - wanted)
    assert (lacking, left_over) == ([], []), (
        f"(table, value) that hub/base/locale/{language}.toml lacks, has left over"
    )


def test_labels_of_one_enum_differ_from_each_other() -> None:
    for language in LANGUAGES:
        for name, values in labels(language).items():
            assert len(set(values.values())) == len(values), name


def test_every_refusal_in_the_code_has_its_sentence() -> None:
    chinese = words("zh-CN")
    lacking = [(where, key) for where, key, _ in refusals() if f"error.{key}" not in chinese]
    assert lacking == [], "keys that [error] in hub/base/locale lacks"


def test_every_sentence_gets_its_parameters() -> None:
    chinese = words("zh-CN")
    lacking = [
        (where, key, places(chinese[f"error.{key}"]) - parameters)
        for where, key, parameters in refusals()
        if parameters is not None
        and f"error.{key}" in chinese
        and places(chinese[f"error.{key}"]) - parameters
    ]
    assert lacking == []


def test_every_notice_has_its_words_and_no_words_are_left_over() -> None:
    written = {key.removeprefix("notice.") for key in words("zh-CN") if key.startswith("notice.")}
    told = {rule.kind for rules in RULES.values() for rule in rules}
    lacking, left_over = sorted(told - written), sorted(written - told)
    assert (lacking, left_over) == ([], []), "kinds that [notice] in hub/base/locale lacks, has left over"


def test_every_sentence_ends_like_one() -> None:
    for language, ends in (("zh-CN", "。？！"), ("en", ".?!”")):
        wrong = [
            key for key, text in words(language).items() if key.startswith("error.") and text[-1] not in ends
        ]
        assert wrong == []


def test_parameters_are_said_in_the_language() -> None:
    assert "已立案" in message("error.wrong_state", "zh-CN", status="CaseStatus.OPEN")
    assert "Opened" in message("error.wrong_state", "en", status="CaseStatus.OPEN")
    since = date(2026, 1, 5)
    category = "EligibilityCategory.DIBAO"
    assert "2026年1月5日" in message("error.eligibility_overlap", "zh-CN", category=category, since=since)
    assert "2026-01-05" in message("error.eligibility_overlap", "en", category=category, since=since)


def test_a_parameter_is_text_and_never_a_template() -> None:
    told = message("error.organization_code_taken", "en", name="{0.__class__} {name}")
    assert "{0.__class__} {name}" in told
    assert "not.a.Label" in message("error.organization_code_taken", "en", name="not.a.Label")


def test_an_instant_is_said_to_the_minute() -> None:
    at = datetime(2026, 11, 20, 10, 2, 33, tzinfo=UTC)
    assert "2026-11-20 10:02" in message("error.organization_code_taken", "en", name=at)


def test_an_unknown_language_hears_chinese_and_an_unknown_key_is_a_mistake() -> None:
    assert words("fr") == words(FALLBACK)
    assert label("Role.AUDITOR", "fr") == "审计"
    with pytest.raises(KeyError):
        message("error.no_such_key", "en")
    with pytest.raises(KeyError):
        message("error.wrong_state", "en")
