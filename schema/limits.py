"""The size of a GraphQL document, measured in one pass before validation, and its bounds.

Everything is counted with fragments expanded, by arithmetic: each definition is walked once and a spread adds what its
fragment measures, so a document whose fragments double forty times costs no more than its text. Names play no role:
`__schema` is a field like any other. Cycles of fragments count once here; validation refuses them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from hub.base.limits import DOCUMENT_LIMITS, DOCUMENT_LIMITS_BY_ROLE, DocumentLimits


@dataclasses.dataclass(frozen=True)
class Size:
    """What one operation measures, fragments expanded; `fragments` and `repeats` are those of its whole
    document.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    fragments: int = 0
    repeats: int = 0

    def largest(self, other: Size) -> Size:
        """The larger of the two, bound by bound."""
        return Size(
            *(max(pair) for pair in zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True))
        )


@dataclasses.dataclass(frozen=True)
class _Spread:
    """A fragment spread: where it stands, so that its fragment can be added there."""

    name: str
    depth: int
    at_root: bool


@dataclasses.dataclass(frozen=True)
class _Own:
    """What a definition measures by itself, and the fragments to add."""

    size: Size
    spreads: tuple[_Spread, ...]


def measure(document: DocumentNode) -> Size:
    """The size of the largest operation of the document (bound by bound).

    Raises GraphQLError for a selection set without selections.
    """
    fragments = {
        node.name.value: _own(node)
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operations = [_own(node) for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    sizes = _expanded(fragments)
    largest = Size()
    for operation in operations:
        largest = largest.largest(_sum(operation, sizes))
    repeats = sum(own.size.repeats for own in (*fragments.values(), *operations))
    return dataclasses.replace(largest, fragments=len(fragments), repeats=repeats)


MESSAGES = {
    "depth": "Fields are nested too deeply: at most {} levels.",
    "aliases": "Too many aliases: at most {} in one operation.",
    "directives": "Too many directives: at most {} in one operation.",
    "root_fields": "Too many root fields: at most {} in one operation.",
    "fragments": "Too many fragments: at most {} in one document.",
    "repeats": "Too many fields select the same response key again: at most {} in one document.",
}


def exceeded(size: Size, limits: DocumentLimits) -> str | None:
    """The message about the first bound that is passed, None when the document is within all of them."""
    for name, message in MESSAGES.items():
        limit: int = getattr(limits, name)
        if getattr(size, name) > limit:
            return message.format(limit)
    return None


def limits_of(role: str) -> DocumentLimits:
    """The bounds in force for a role (its code)."""
    return DOCUMENT_LIMITS_BY_ROLE.get(role, DOCUMENT_LIMITS)


def widest() -> DocumentLimits:
    """Per bound the widest of all roles: beyond it nobody may send the document, so it is not even validated."""
    every = [DOCUMENT_LIMITS, *DOCUMENT_LIMITS_BY_ROLE.values()]
    return DocumentLimits(*(max(values) for values in zip(*map(dataclasses.astuple, every), strict=True)))


def _own(definition: ExecutableDefinitionNode) -> _Own:
    """Walk one definition, without recursion: its text may nest deeper than Python likes."""
    depth = aliases = root_fields = repeats = 0
    directives = len(definition.directives or ())
    directives += sum(len(variable.directives or ()) for variable in definition.variable_definitions or ())
    spreads: list[_Spread] = []
    # Each entry is one level of fields: its selection sets (inline fragments add theirs), and how deep it
    # lies.
    levels: list[tuple[SelectionSetNode, int]] = [(definition.selection_set, 1)]
    while levels:
        top, level = levels.pop()
        keys: list[str] = []
        same_level = [top]
        while same_level:
            selections = same_level.pop().selections
            if not selections:
                # The parser lets it pass, the specification of 2025 does not, and it could be compiled to
                # nothing.
                raise GraphQLError("A selection set must name at least one field.", definition)
            for node in selections:
                directives += len(node.directives or ())
                if isinstance(node, FieldNode):
                    depth = max(depth, level)
                    aliases += node.alias is not None
                    root_fields += level == 1
                    keys.append((node.alias or node.name).value)
                    if node.selection_set is not None:
                        levels.append((node.selection_set, level + 1))
                elif isinstance(node, FragmentSpreadNode):
                    spreads.append(_Spread(node.name.value, level - 1, level == 1))
                    keys.append(f"...{node.name.value}")
                elif isinstance(node, InlineFragmentNode):
                    same_level.append(node.selection_set)
        repeats += len(keys) - len(set(keys))
    return _Own(Size(depth, aliases, directives, root_fields, repeats=repeats), tuple(spreads))


def _expanded(fragments: Mapping[str, _Own]) -> dict[str, Size]:
    """The size of every fragment with the fragments it spreads; a spread that closes a cycle adds nothing."""
    sizes: dict[str, Size] = {}
    for name in fragments:
        path = [name]
        on_path = {name}
        while path:
            current = path[-1]
            missing = _first_missing(fragments[current].spreads, fragments, sizes, on_path)
            if missing is None:
                sizes[path.pop()] = _sum(fragments[current], sizes)
                on_path.discard(current)
            else:
                path.append(missing)
                on_path.add(missing)
    return sizes


def _first_missing(
    spreads: Iterable[_Spread], fragments: Mapping[str, _Own], sizes: Mapping[str, Size], on_path: set[str]
) -> str | None:
    for spread in spreads:
        if spread.name in fragments and spread.name not in sizes and spread.name not in on_path:
            return spread.name
    return None


def _sum(own: _Own, sizes: Mapping[str, Size]) -> Size:
    depth, aliases = own.size.depth, own.size.aliases
    directives, root_fields = own.size.directives, own.size.root_fields
    for spread in own.spreads:
        added = sizes.get(spread.name)
        if added is None:
            continue  # unknown, or the end of a cycle: validation's business
        depth = max(depth, spread.depth + added.depth)
        aliases += added.aliases
        directives += added.directives
        root_fields += added.root_fields if spread.at_root else 0
    return Size(depth, aliases, directives, root_fields)
