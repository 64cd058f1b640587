"""From the parameter that a command complains about to the argument that a client sent: `userErrors { path }`.

Commands know no GraphQL: they call a person's id `personId` and put everything into an `input`. A mutation calls it
`person`, and may have it beside its input. The names differ by their endings only, and where not, by `ALIASES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import GraphQLField, get_named_type

ENDINGS = (("", ""), ("Id", ""), ("Ids", "s"), ("Code", ""), ("Text", ""), ("On", ""))
"""Endings of a parameter, and what stands in their place in the argument."""

ALIASES: Mapping[str, str] = {
    "day": "date",
    "text": "findings",
    "referralId": "id",
    "agreementId": "id",
    "keptAt": "happenedAt",
    "caseIds": "attended",
}
"""Parameters whose argument is called something else."""


def argument_path(field: GraphQLField, path: Sequence[str]) -> tuple[str, ...]:
    """The path as the client knows it, as far as it can be followed: a prefix is still true."""
    level: Mapping[str, Any] = field.args
    if path and path[0] == "input" and not _within(level, path[1:2]) and _beside(level, path[1:2]):
        path = path[1:]
    elif path and "input" in level and _argument(path[0], level) is None:
        path = ("input", *path)
    shown: list[str] = []
    for step in path:
        if step.isdigit():  # an item of the list just named
            shown.append(step)
            continue
        name = _argument(step, level)
        if name is None:
            break
        shown.append(name)
        level = getattr(get_named_type(level[name].type), "fields", {})
    return tuple(shown)


def _within(level: Mapping[str, Any], step: Sequence[str]) -> bool:
    """Whether the input has that argument (or is itself what is meant)."""
    if "input" not in level:
        return False
    return not step or _argument(step[0], get_named_type(level["input"].type).fields) is not None


def _beside(level: Mapping[str, Any], step: Sequence[str]) -> bool:
    """Whether the mutation has it beside its input, or has no input."""
    return "input" not in level or (bool(step) and _argument(step[0], level) is not None)


def _argument(parameter: str, level: Mapping[str, Any]) -> str | None:
    return next((name for name in _candidates(parameter) if name in level), None)


def _candidates(parameter: str) -> Iterator[str]:
    for ending, instead in ENDINGS:
        if parameter.endswith(ending):
            yield parameter.removesuffix(ending) + instead
    if parameter in ALIASES:
        yield ALIASES[parameter]
