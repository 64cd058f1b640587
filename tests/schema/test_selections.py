"""What a selection may say: fragments, aliases, directives, variables, ids; and that nothing of it is a 500."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.schema.asking import AWKWARD, Hub, gid
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_fragments_aliases_and_directives_come_together(reading: Hub, world: World) -> None:
    query = """
    query($id: ID!, $yes: Boolean!, $no: Boolean! = false) {
      first: node(id: $id) { __typename id ...OnNode ... on Case { kind } ... on Visit { status } }
      second: node(id: $id) { ... on Node { ... on Case { status } } ...InCase @include(if: $yes) }
      nodes(ids: [$id, "case_x", $id]) { ... @skip(if: $no) { id } ... on Case @skip(if: $yes) { kind } }
      never: node(id: $id) @include(if: $no) { id }
    }
    fragment OnNode on Node { __typename same: id }
    fragment InCase on Case {
      person { estate } visits(first: 1) { nodes { status } }
      person { livesAlone @skip(if: $no) age: ageGroup @include(if: $no) }
      visits(first: 1) { nodes { kind } again: nodes { outcome } }
    }
    """
    case = gid("case", world.cases["today"])
    data = (await reading.ask(world.viewers["mei"], query, {"id": case, "yes": True})).data
    assert data == {
        "first": {"__typename": "Case", "id": case, "same": case, "kind": "SERVICE"},
        "second": {
            "status": "ACTIVE",
            "person": {"estate": AWKWARD, "livesAlone": True},
            "visits": {"nodes": [{"status": "PLANNED", "kind": "SERVICE"}], "again": [{"outcome": None}]},
        },
        "nodes": [{"id": case}, None, {"id": case}],
    }


async def test_typename_stands_everywhere(reading: Hub, world: World) -> None:
    query = """{
      __typename
      viewer {
        __typename user { __typename } membership { __typename organization { __typename } }
        queue { __typename kind }
      }
      labels(lang: "en") { __typename values { __typename } }
      cases(first: 1) {
        __typename totalCount pageInfo { __typename hasNextPage }
        edges { __typename node { __typename availableActions { __typename t: __typename action } } }
        nodes { members { __typename organization { __typename } } }
      }
      needs(where: { bradshawType: COMPARATIVE }) { nodes { comparator { __typename } } }
    }"""
    data = (await reading.ask(world.viewers["mei"], query)).data
    viewer = data["viewer"]
    assert (data["__typename"], viewer["__typename"], viewer["user"]["__typename"]) == (
        "Query",
        "Viewer",
        "User",
    )
    organization = {"__typename": "Organization"}
    assert viewer["membership"] == {"__typename": "Membership", "organization": organization}
    assert {each["__typename"] for each in viewer["queue"]} == {"QueueItem"}
    assert data["labels"][0]["__typename"] == "EnumLabels"
    assert data["labels"][0]["values"][0] == {"__typename": "ValueLabel"}
    cases = data["cases"]
    assert (cases["__typename"], cases["pageInfo"]["__typename"]) == ("CaseConnection", "PageInfo")
    assert cases["edges"][0]["__typename"] == "CaseEdge"
    action = cases["edges"][0]["node"]["availableActions"][0]
    assert (action["__typename"], action["t"]) == ("AvailableAction", "AvailableAction")
    assert cases["nodes"][0]["members"][0] == {"__typename": "CaseMember", "organization": organization}
    assert data["needs"]["nodes"][0] == {"comparator": {"__typename": "Comparator"}}


async def test_aliases_of_one_connection_edges_nodes_and_node(reading: Hub, world: World) -> None:
    query = """{
      a: cases(first: 1, orderBy: REFERENCE_ASC) {
        a: edges { c: cursor d: cursor n: node { id } m: node { person { id } } }
        b: edges { node { community { name } } }
        c: nodes { visits(first: 1) { totalCount } }
        d: nodes { visits(last: 1) { nodes { id } } more: visits { t: totalCount } }
        p: pageInfo { hasNextPage } q: pageInfo { more: hasNextPage hasPreviousPage } t: totalCount u: totalCount
      }
      b: cases(last: 1, orderBy: REFERENCE_ASC) { nodes { id } }
    }"""
    data = (await reading.ask(world.viewers["mei"], query)).data
    edge = data["a"]["a"][0]
    assert edge["c"] == edge["d"]
    plain = """{ cases(orderBy: REFERENCE_ASC) {
      nodes { id person { id } community { name } visits(first: 100) { nodes { id } } }
    } }"""
    nodes = (await reading.ask(world.viewers["mei"], plain)).data["cases"]["nodes"]
    first, visits = nodes[0], nodes[0]["visits"]["nodes"]
    assert (edge["n"], edge["m"]) == ({"id": first["id"]}, {"person": first["person"]})
    assert data["a"]["b"] == [{"node": {"community": first["community"]}}]
    assert data["a"]["c"] == [{"visits": {"totalCount": len(visits)}}]
    assert data["a"]["d"] == [{"visits": {"nodes": visits[-1:]}, "more": {"t": len(visits)}}]
    assert data["a"]["p"] == {"hasNextPage": True}
    assert data["a"]["q"] == {"more": True, "hasPreviousPage": False}
    assert (data["a"]["t"], data["a"]["u"]) == (len(nodes), len(nodes))
    assert data["b"] == {"nodes": [{"id": nodes[-1]["id"]}]}


async def test_texts_are_escaped(reading: Hub, world: World) -> None:
    query = """query($case: ID!) {
      node(id: $case) { ... on Case { summary person { estate needs { nodes { statement } } } } }
      offers { nodes { note } } notices(first: 1) { nodes { text } }
    }"""
    answer = await reading.ask(world.viewers["mei"], query, {"case": gid("case", world.cases["today"])})
    data = answer.data
    person = {"estate": AWKWARD, "needs": {"nodes": [{"statement": AWKWARD}]}}
    assert data["node"] == {"summary": AWKWARD, "person": person}
    assert {node["note"] for node in data["offers"]["nodes"]} == {AWKWARD}
    assert data["notices"]["nodes"] == [{"text": AWKWARD}]
    assert "\x07" not in answer.text


async def test_dates_and_instants_have_one_form(reading: Hub, world: World) -> None:
    query = """query($visit: ID!, $person: ID!) {
      visit: node(id: $visit) { ... on Visit { keptAt promisedFrom kept late missed } }
      person: node(id: $person) { ... on Person { birthDate eligibility { fromOn toOn } } }
    }"""
    ids = {"visit": gid("visit", world.visits["missed"]), "person": gid("person", world.persons["kept"])}
    data = (await reading.ask(world.viewers["wang"], query, ids)).data
    promised = {"promisedFrom": "2026-05-04T10:00:00.000+08:00"}
    assert data["visit"] == {"keptAt": None, **promised, "kept": False, "late": False, "missed": True}
    assert re.fullmatch(r"19\d\d-\d\d-\d\d", data["person"]["birthDate"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", each["fromOn"]) for each in data["person"]["eligibility"])


ALL = None
RETURNED, OFFERED, SUBMITTED = ["returned"], ["offered", "offered_kangle"], ["submitted", "submitted_li"]


@pytest.mark.parametrize(
    ("where", "variables", "found"),
    [
        ("{ status: [RETURNED, OFFERED] }", {}, RETURNED + OFFERED),
        ("{ status: RETURNED }", {}, RETURNED),
        ("{ status: [] }", {}, []),
        ("{ status: null }", {}, ALL),
        ("{ status: [$one, SUBMITTED] }", {"one": "RETURNED"}, RETURNED + SUBMITTED),
        ("{ status: $many }", {"many": ["RETURNED", "OFFERED"]}, RETURNED + OFFERED),
        ("{ status: $many }", {"many": "RETURNED"}, RETURNED),
        ("{ status: $many }", {"many": []}, []),
        ("{ status: $many }", {"many": None}, ALL),
        ("{ status: $many }", {}, ALL),
        ("{ status: $given }", {}, RETURNED),
        ("{ status: $given }", {"given": None}, ALL),
        ("$where", {"where": {"status": ["RETURNED"], "urgency": None}}, RETURNED),
        ("$where", {"where": {"status": "RETURNED"}}, RETURNED),
        ("$where", {"where": {"status": []}}, []),
        ("$where", {"where": {}}, ALL),
        ("$where", {"where": None}, ALL),
        ("{ status: [RETURNED], submittedFrom: $at }", {"at": "2026-01-01T00:00:00+08:00"}, RETURNED),
        ('{ status: [RETURNED], submittedFrom: "2026-05-06T02:00:00Z" }', {}, []),
        ('{ status: [RETURNED], submittedTo: "2026-05-06T10:00:00.000+08:00" }', {}, RETURNED),
        ('{ reference: "R-2026-00007\\u0027; --" }', {}, []),
    ],
)
async def test_filters_and_variables(
    reading: Hub, world: World, where: str, variables: dict[str, Any], found: list[str] | None
) -> None:
    declared = {
        "one": "$one: ReferralStatus!",
        "many": "$many: [ReferralStatus!]",
        "given": "$given: [ReferralStatus!] = [RETURNED]",
        "where": "$where: ReferralWhere",
        "at": "$at: DateTime",
    }
    used = [text for name, text in declared.items() if f"${name}" in where]
    head = f"query({', '.join(used)})" if used else ""
    query = f"{head} {{ referrals(where: {where}) {{ nodes {{ id }} }} }}"
    nodes = (await reading.ask(world.viewers["mei"], query, variables)).data["referrals"]["nodes"]
    names = world.referrals if found is None else found
    assert {node["id"] for node in nodes} == {gid("referral", world.referrals[name]) for name in names}


@pytest.mark.parametrize("value", ["person_x", "", "case_", "{case}", "{street}", "{case} ", "CASE", "_"])
async def test_an_id_that_is_none_or_anothers_finds_nothing(reading: Hub, world: World, value: str) -> None:
    street = gid("street", world.organizations["street"])
    value = value.format(case=gid("case", world.cases["today"]), street=street)
    query = """query($id: ID!, $community: ID) {
      cases(where: { community: $community }) { totalCount }
      nodes(ids: [$id]) { id }
    }"""
    wrong = {"id": value.replace("case_", "visit_"), "community": value}
    data = (await reading.ask(world.viewers["mei"], query, wrong)).data
    assert data["cases"] == {"totalCount": 0}
    assert data["nodes"] == [{"id": value}] if value == street else [None]


async def test_node_is_null_for_the_unknown_the_foreign_and_the_ungranted_alike(
    reading: Hub, world: World
) -> None:
    query = "query($id: ID!) { node(id: $id) { id } }"
    case, person = gid("case", world.cases["today"]), gid("person", world.persons["today"])
    for who, given in [("lin", case), ("li", person), ("root", case), ("mei", "case_x"), ("mei", "Case")]:
        answer = await reading.ask(world.viewers[who], query, {"id": given})
        assert answer.text == '{"data":{"node":null}}'


async def test_more_than_100_ids_are_refused(reading: Hub, world: World) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    answer = await reading.ask(world.viewers["mei"], query, {"ids": ["x"] * 101})
    assert answer.codes == [("LIMIT_EXCEEDED", ["nodes"])]
    assert (await reading.ask(world.viewers["mei"], query, {"ids": ["x"] * 100})).data["nodes"] == [
        None
    ] * 100
    assert (await reading.ask(world.viewers["mei"], query, {"ids": []})).data["nodes"] == []
    assert (await reading.ask(world.viewers["mei"], query, {"ids": "x"})).data["nodes"] == [None]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('query($id: ID = "x") { node(id: $id) { id } }', {"id": None}),
        (
            "query($on: Boolean = true) { viewer { user @include(if: $on) { id } queue { kind } } }",
            {"on": None},
        ),
        ("query($s: CaseStatus = OPEN) { cases(where: { status: [$s] }) { totalCount } }", {"s": None}),
    ],
)
async def test_null_where_null_is_not_allowed(
    reading: Hub, world: World, query: str, variables: dict[str, Any]
) -> None:
    assert (await reading.ask(world.viewers["mei"], query, variables)).codes == [("REQUIRED", None)]
    assert (await reading.ask(world.viewers["mei"], query)).codes == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query($id: ID!) { node(id: $id) { id } }", {}),
        ("query($id: ID!) { node(id: $id) { id } }", {"id": None}),
        ("query($id: ID!) { node(id: $id) { id } }", {"id": {"a": 1}}),
        ("query($w: CaseWhere) { cases(where: $w) { totalCount } }", {"w": {"statsu": []}}),
        ("query($w: CaseWhere) { cases(where: $w) { totalCount } }", {"w": {"status": [None]}}),
        ("query($w: CaseWhere) { cases(where: $w) { totalCount } }", {"w": {"openedFrom": "2026-05-06"}}),
        (
            "query($t: DateTime) { cases(where: { openedFrom: $t }) { totalCount } }",
            {"t": "0001-01-01T00:00:00+08:00"},
        ),
        ("query($t: DateTime) { cases(where: { openedFrom: $t }) { totalCount } }", {"t": 5}),
        ("query($d: Date) { people(where: { bornFrom: $d }) { totalCount } }", {"d": "2026-W19-5"}),
        ("query($d: Date) { people(where: { bornFrom: $d }) { totalCount } }", {"d": ["2026-05-06"]}),
        ("query($n: Int) { needs(where: { severityFrom: $n }) { totalCount } }", {"n": 2**31}),
    ],
)
async def test_variables_of_the_wrong_type_are_the_clients_mistake(
    reading: Hub, world: World, query: str, variables: dict[str, Any]
) -> None:
    answer = await reading.ask(world.viewers["mei"], query, variables)
    assert {code for code, _ in answer.codes} == {"BAD_USER_INPUT"}
    assert "data" not in answer.body


async def test_extra_variables_are_ignored_and_extremes_are_answered(reading: Hub, world: World) -> None:
    query = """query($n: Int, $t: DateTime, $d: Date) {
      needs(where: { severityFrom: $n }) { totalCount }
      cases(where: { openedFrom: $t }) { totalCount }
      people(where: { bornFrom: $d, nameContains: "" }) { totalCount }
    }"""
    low = {"n": -(2**31), "t": "0001-01-01T00:00:00Z", "d": "0001-01-01", "unknown": {"a": [1]}}
    assert (await reading.ask(world.viewers["mei"], query, low)).data["cases"] == {"totalCount": 7}
    high = {"n": 2**31 - 1, "t": "9999-12-31T23:59:59Z", "d": "9999-12-31"}
    assert (await reading.ask(world.viewers["mei"], query, high)).data["cases"] == {"totalCount": 0}


async def test_introspection_mixes_with_data_and_takes_variables(reading: Hub, world: World) -> None:
    query = """query($name: String!, $all: Boolean!, $status: [CaseStatus!], $at: DateTime) {
      cases(where: { status: $status, openedFrom: $at }) { totalCount }
      __type(name: $name) { name ...F }
      kind: __type(name: "CaseKind") { enumValues(includeDeprecated: $all) { name } }
      ... on Query { __schema { queryType { name } } }
    }
    fragment F on __Type { kind fields(includeDeprecated: $all) { name } }"""
    variables = {"name": "PageInfo", "all": True, "status": ["CLOSED"], "at": "2026-01-01T00:00:00Z"}
    data = (await reading.ask(world.viewers["mei"], query, variables)).data
    assert list(data) == ["cases", "__type", "kind", "__schema"]
    assert data["cases"] == {"totalCount": 1}
    assert data["__type"]["fields"][0] == {"name": "hasNextPage"}
    assert data["kind"]["enumValues"] == [{"name": "SERVICE"}, {"name": "CASEWORK"}]
    again = (await reading.ask(world.viewers["mei"], query, {**variables, "name": "Nothing"})).data
    assert again["__type"] is None


async def test_refused_fields_are_null_with_one_error_each(reading: Hub, world: World) -> None:
    query = """query($case: ID!) {
      node(id: $case) { ... on Case {
        kind summary goals { title } person { livesAlone birthDate needs { nodes { statement } } }
      } }
      people(orderBy: NAME_ASC) { nodes { birthDate } }
      filtered: people(where: { nameContains: "张" }) { totalCount }
      clients { totalCount }
    }"""
    answer = await reading.ask(world.viewers["shen"], query, {"case": gid("case", world.cases["today"])})
    person = {"livesAlone": True, "birthDate": None, "needs": {"nodes": [{"statement": None}]}}
    case = {"kind": "SERVICE", "summary": None, "goals": None, "person": person}
    assert answer.body["data"]["node"] == case
    assert answer.body["data"]["people"] is answer.body["data"]["filtered"] is None
    assert answer.codes == [
        ("FORBIDDEN", ["node", "summary"]),
        ("FORBIDDEN", ["node", "goals"]),
        ("FORBIDDEN", ["node", "person", "birthDate"]),
        ("FORBIDDEN", ["node", "person", "needs", "nodes", "statement"]),
        ("FORBIDDEN", ["people"]),
        ("FORBIDDEN", ["filtered"]),
        ("FORBIDDEN", ["clients"]),
    ]
    assert AWKWARD not in answer.text


async def test_a_lattice_of_fragments_is_not_walked_along_every_way(reading: Hub, world: World) -> None:
    """29 levels of two fragments that both spread both of the next: 2^29 ways to the same two fields."""
    fragments = [
        f"fragment {side}{level} on Case {{ ...A{level + 1} ...B{level + 1} }}"
        for level in range(29)
        for side in "AB"
    ]
    last = "fragment A29 on Case { kind } fragment B29 on Case { status }"
    query = f"{{ cases(first: 1) {{ nodes {{ ...A0 ...B0 }} }} }} {' '.join(fragments)} {last}"
    data = (await reading.ask(world.viewers["mei"], query)).data
    assert data["cases"]["nodes"] == [{"kind": "SERVICE", "status": "OPEN"}]


async def test_a_tree_of_fragments_that_grows_too_large_is_refused(reading: Hub, world: World) -> None:
    """Two ways down at each level: the document is short, its answer would have a thousand fields."""
    fields = "id reference name sex birthDate estate phone address livesAlone"
    for depth, codes in [(3, []), (6, [("LIMIT_EXCEEDED", None)])]:
        levels = [
            f"fragment F{level} on Person {{ {fields} consents {{ person {{ ...F{level + 1} }} }}"
            f" guardians {{ guardianPerson {{ ...F{level + 1} }} }} }}"
            for level in range(depth)
        ]
        last = f"fragment F{depth} on Person {{ {fields} }}"
        query = f"{{ people {{ nodes {{ ...F0 }} }} }} {' '.join(levels)} {last}"
        assert (await reading.ask(world.viewers["mei"], query)).codes == codes


async def test_the_largest_selection_allowed_is_answered(reading: Hub, world: World) -> None:
    """PostgreSQL has a bound of its own, the stack; the hub's comes first."""
    fields = "reference status kind openedAt closedAt outcome summary statusReason version"
    person = (
        "person { reference name sex estate livesAlone phone address birthDate ageGroup status riskClass }"
    )
    case = f"... on Case {{ {fields} {person} referral {{ reference status reason {person} }} }}"
    aliases = [f"n{number}: node(id: $id) {{ {case} }}" for number in range(18)]
    query = f"query($id: ID!) {{ {' '.join(aliases)} }}"
    data = (await reading.ask(world.viewers["mei"], query, {"id": gid("case", world.cases["today"])})).data
    assert len(data) == 18
    nodes = " ".join(f"n{number}: nodes {{ {fields} {person} }}" for number in range(28))
    data = (await reading.ask(world.viewers["mei"], f"{{ cases {{ {nodes} }} }}")).data
    assert data["cases"]["n0"] == data["cases"]["n27"]
