"""Texts from outside: what is empty, too long, or holds what nobody sees."""

from __future__ import annotations

import pytest

from hub.base.errors import Invalid
from hub.base.inputs import optional, required

PATH = ("input", "title")


@pytest.mark.parametrize("text", [None, "", "  \n", "\u3000", "\u200b", "\ufeff \u200d"])
def test_what_shows_nothing_is_nothing(text: str | None) -> None:
    assert optional(text, PATH, 10) is None
    with pytest.raises(Invalid) as caught:
        required(text, PATH, 10)
    assert (caught.value.code, caught.value.path) == ("REQUIRED", PATH)


@pytest.mark.parametrize(
    ("text", "kept"), [(" 老友\r\n茶话会\t", "老友\n茶话会"), ("👩\u200d👧", "👩\u200d👧"), ("e\u0301", "é")]
)
def test_a_text_is_trimmed_and_kept(text: str, kept: str) -> None:
    assert required(text, PATH, 10) == kept


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800", "付\u202e12", "\u2066a", "\u200ea"])
def test_what_nobody_sees_and_everybody_is_fooled_by_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        required(text, PATH, 10)
    assert (caught.value.key, caught.value.path) == ("control_character", PATH)


def test_what_is_too_long_is_told_how_long_it_is() -> None:
    with pytest.raises(Invalid) as caught:
        required("字" * 11, PATH, 10)
    assert (caught.value.code, caught.value.params) == ("TOO_LONG", {"limit": 10, "length": 11})
