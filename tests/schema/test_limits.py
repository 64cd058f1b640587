"""The bounds of GraphQL documents: what is counted, that fragments do not hide it, and that bombs cost
nothing.
"""

from __future__ import annotations

import dataclasses
import time

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_introspection_query,
    parse,
)
from hypothesis import given
from hypothesis import strategies as st

from auth.roles import Role
from hub.base.limits import DOCUMENT_LIMITS, MAX_CACHED_DOCUMENTS, MAX_DOCUMENT_CHARS
from schema.documents import Documents, RequestErrors
from schema.limits import Size, exceeded, limits_of, measure, widest
from tests.schema.endpoint import SCHEMA


def refused(query: str) -> list[str]:
    """The messages with which the query is refused; none when it is accepted."""
    try:
        Documents(SCHEMA).prepare(query, None)
    except RequestErrors as failed:
        return [
            error["message"] for error in failed.errors if error["extensions"]["code"] == "LIMIT_EXCEEDED"
        ]
    return []


def nested(depth: int) -> str:
    """A query of exactly `depth` fields inside each other."""
    return "{ thing { " + "parent { " * (depth - 2) + "id" + " }" * depth


DEPTH = "Fields are nested too deeply: at most 15 levels."
ALIASES = "Too many aliases: at most 30 in one operation."
DIRECTIVES = "Too many directives: at most 50 in one operation."
ROOT_FIELDS = "Too many root fields: at most 20 in one operation."
FRAGMENTS = "Too many fragments: at most 60 in one document."
REPEATS = "Too many fields select the same response key again: at most 40 in one document."


def test_standard_introspection_has_15_levels_and_passes() -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert measure(parse(query)) == Size(depth=15, root_fields=1, fragments=3)
    assert refused(query) == []


def test_deeper_introspection_has_no_exemption() -> None:
    of_type = "ofType { " * 12 + "name" + " }" * 12
    assert refused("{ __schema { types { fields { type { " + of_type + " } } } } }") == [DEPTH]
    assert refused("{ __schema: thing { " + "parent { " * 14 + "id" + " }" * 16) == [DEPTH]


BETWEEN = [
    (nested(15), []),
    (nested(16), [DEPTH]),
    (nested(199), [DEPTH]),
    ("{ thing { ...A } } fragment A on Thing { " + "parent { " * 13 + "id" + " }" * 14, []),
    ("{ thing { ...A } } fragment A on Thing { " + "parent { " * 14 + "id" + " }" * 15, [DEPTH]),
    ("{ thing { " + "... { " * 100 + "id" + " }" * 102, []),
    ("{ thing { " + " ".join(f"a{number}: id" for number in range(30)) + " } }", []),
    ("{ thing { " + " ".join(f"a{number}: id" for number in range(31)) + " } }", [ALIASES]),
    (
        "{ thing { ...A parent { ...A } } } fragment A on Thing { "
        + " ".join(f"a{n}: id" for n in range(15))
        + " }",
        [],
    ),
    (
        "{ thing { ...A parent { ...A } } } fragment A on Thing { "
        + " ".join(f"a{n}: id" for n in range(16))
        + " }",
        [ALIASES],
    ),
    ("{ thing { things { " + "... @skip(if: true) { id } " * 40 + "} } }", []),
    ("{ thing { " + "... @skip(if: true) @include(if: true) { id } " * 26 + "} }", [DIRECTIVES]),
    ("{ " + " ".join(f"a{number}: thing {{ id }}" for number in range(20)) + " }", []),
    ("{ " + " ".join(f"a{number}: thing {{ id }}" for number in range(21)) + " }", [ROOT_FIELDS]),
    (
        "{ ...A ...B } "
        + "".join(
            f"fragment {f} on Query {{ " + " ".join(f"{f}{n}: thing {{ id }}" for n in range(11)) + " } "
            for f in "AB"
        ),
        [ROOT_FIELDS],
    ),
    (
        "{ thing { "
        + " ".join(f"...F{n}" for n in range(60))
        + " } } "
        + " ".join(f"fragment F{n} on Thing {{ id }}" for n in range(60)),
        [],
    ),
    (
        "{ thing { "
        + " ".join(f"...F{n}" for n in range(61))
        + " } } "
        + " ".join(f"fragment F{n} on Thing {{ id }}" for n in range(61)),
        [FRAGMENTS],
    ),
    ("{ thing { " + "id " * 41 + "} }", []),
    ("{ thing { " + "id " * 42 + "} }", [REPEATS]),
    ("{ thing { " + "... { id } " * 42 + "} }", [REPEATS]),
]


@pytest.mark.parametrize(("query", "messages"), BETWEEN)
def test_bounds(query: str, messages: list[str]) -> None:
    assert refused(query) == messages


def test_fragment_bomb_is_counted_without_being_expanded() -> None:
    """Each fragment doubles the next: 2^29 fields from one page of text."""
    fragments = " ".join(f"fragment F{n} on Thing {{ ...G{n} parent {{ ...F{n + 1} }} }}" for n in range(10))
    fragments += " ".join(
        f" fragment G{n} on Thing {{ x: id ...F{n + 1} a: parent {{ ...F{n + 1} }} }}" for n in range(10)
    )
    began = time.perf_counter()
    size = measure(parse("{ thing { ...F0 } } fragment F10 on Thing { x: id } " + fragments))
    assert size.aliases > 3**10
    assert time.perf_counter() - began < 0.5
    fragments = " ".join(f"fragment F{n} on Thing {{ y{n}: id ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    assert refused("{ thing { ...F0 } } fragment F40 on Thing { id } " + fragments) == [ALIASES]


def test_cycles_are_left_to_validation() -> None:
    query = "{ thing { ...A } } fragment A on Thing { id ...B } fragment B on Thing { name ...A ...B }"
    with pytest.raises(RequestErrors) as failed:
        Documents(SCHEMA).prepare(query, None)
    assert {error["extensions"]["code"] for error in failed.value.errors} == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    "query",
    [
        "{ thing { " + "id " * 2_000 + "} }",
        "{ thing(id: [" + "1 " * 2_000 + "]) { id } }",
        "{ thing { id } } " + "#\n" * 600,
        "{" * 100_000,
    ],
)
def test_tokens_are_bounded_while_parsing(query: str) -> None:
    with pytest.raises(RequestErrors) as failed:
        Documents(SCHEMA).prepare(query, None)
    assert [error["extensions"]["code"] for error in failed.value.errors] in (
        [["GRAPHQL_PARSE_FAILED"]] if len(query) <= MAX_DOCUMENT_CHARS else [["LIMIT_EXCEEDED"]]
    )


def test_long_documents_are_refused_unparsed() -> None:
    assert refused('{ thing(text: "' + "x" * MAX_DOCUMENT_CHARS + '") { id } }') == [
        f"The document is too long: at most {MAX_DOCUMENT_CHARS} characters."
    ]


def test_a_role_may_have_narrower_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = dataclasses.replace(DOCUMENT_LIMITS, depth=3)
    monkeypatch.setattr("schema.limits.DOCUMENT_LIMITS_BY_ROLE", {Role.PARTNER_WORKER.value: narrow})
    documents = Documents(SCHEMA)
    prepared = documents.prepare(nested(4), None)
    documents.check_role(prepared, Role.STATION_WORKER)
    with pytest.raises(RequestErrors):
        documents.check_role(prepared, Role.PARTNER_WORKER)


def test_a_role_may_have_wider_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = dataclasses.replace(DOCUMENT_LIMITS, depth=20)
    monkeypatch.setattr("schema.limits.DOCUMENT_LIMITS_BY_ROLE", {Role.AUDITOR.value: wide})
    assert (widest().depth, limits_of(Role.AUDITOR).depth, limits_of(Role.ADMIN).depth) == (20, 20, 15)
    documents = Documents(SCHEMA)
    prepared = documents.prepare(nested(18), None)
    documents.check_role(prepared, Role.AUDITOR)
    with pytest.raises(RequestErrors):
        documents.check_role(prepared, Role.ADMIN)


def test_documents_are_prepared_once_and_kept_within_the_bound() -> None:
    documents = Documents(SCHEMA)
    first = documents.prepare("{ thing { id } }", None)
    assert documents.prepare("{ thing { id } }", None) is first
    for number in range(MAX_CACHED_DOCUMENTS):
        documents.prepare(f"query Q{number} {{ thing {{ id }} }}", None)
    assert documents.prepare("{ thing { id } }", None) is not first


def test_size_is_that_of_the_largest_operation() -> None:
    document = parse("query A { thing { x: id } } query B { thing { parent { id } } things { id } }")
    assert measure(document) == Size(depth=3, aliases=1, root_fields=2)


def test_every_bound_has_a_message() -> None:
    for field in dataclasses.fields(DOCUMENT_LIMITS):
        message = exceeded(Size(**{field.name: 10_000}), DOCUMENT_LIMITS)
        assert message is not None
        assert str(getattr(DOCUMENT_LIMITS, field.name)) in message


# ---- Against an interpreter that really expands ----


def expanded(document: DocumentNode) -> Size:
    """Depth, aliases, directives and root fields by following every spread, one by one."""
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }

    def walk(selections: SelectionSetNode, level: int) -> list[Size]:
        found: list[Size] = []
        for node in selections.selections:
            found.append(Size(directives=len(node.directives or ())))
            if isinstance(node, FieldNode):
                found.append(
                    Size(depth=level, aliases=int(node.alias is not None), root_fields=int(level == 1))
                )
                if node.selection_set:
                    found += walk(node.selection_set, level + 1)
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments[node.name.value]
                found.append(Size(directives=len(fragment.directives or ())))
                found += walk(fragment.selection_set, level)
            elif isinstance(node, InlineFragmentNode):
                found += walk(node.selection_set, level)
        return found

    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    found = walk(operation.selection_set, 1)
    return Size(
        depth=max((size.depth for size in found), default=0),
        aliases=sum(size.aliases for size in found),
        directives=sum(size.directives for size in found) + len(operation.directives or ()),
        root_fields=sum(size.root_fields for size in found),
    )


def selections(spreads: list[str]) -> st.SearchStrategy[str]:
    """Random selection sets that may spread the named fragments."""
    leaf = st.sampled_from(["id", "a: id", "name @skip(if: true)", *(f"...{name}" for name in spreads)])
    tree = st.recursive(
        leaf,
        lambda inner: st.tuples(
            st.sampled_from(["parent", "b: parent", "... @include(if: true)", "..."]),
            st.lists(inner, min_size=1, max_size=3),
        ).map(lambda pair: f"{pair[0]} {{ {' '.join(pair[1])} }}"),
        max_leaves=8,
    )
    return st.lists(tree, min_size=1, max_size=4).map(lambda parts: "{ " + " ".join(parts) + " }")


@given(
    st.tuples(
        selections(["A", "B", "C"]),
        selections(["B", "C"]),
        selections(["C"]),
        selections([]),
        st.permutations(range(4)),
    )
)
def test_arithmetic_equals_expansion(drawn: tuple[str, str, str, str, list[int]]) -> None:
    operation, first, second, third, order = drawn
    parts = [
        f"query @x {operation}",
        f"fragment A on Thing {first}",
        f"fragment B on Thing @y {second}",
        f"fragment C on Thing {third}",
    ]
    document = parse(" ".join(parts[index] for index in order))
    measured = dataclasses.replace(measure(document), fragments=0, repeats=0)
    assert measured == expanded(document)
