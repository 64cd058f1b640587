"""Three answers to "who may see what" that must be one: the oracle's, the planner's, row-level security's.

For every role and type, over a world with something planted outside each scope. `Asker` searches every byte of every
reply for marks of rows and fields that the viewer may not see, and for what no list may show at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from hub.base.db import Server
from hub.settings import Settings
from schema.build import registry
from schema.walls import settings_of
from tests import harness
from tests.policy.asking import Asker, asking
from tests.policy.expected import TABLES, Oracle, still_due
from tests.policy.fields import FIELDS
from tests.policy.planted import TODAY, Planted
from tests.policy.rights import PUBLIC
from tests.policy.shapes import REPORTS

pytestmark = pytest.mark.anyio

VIEWERS = (
    *("wang", "li", "cui", "mei", "ban", "zhao", "qian", "bo", "kai", "an", "ou", "lin", "xia", "hua@p2"),
    *("shen", "shan", "root_a"),
)
"""At least one of every role; of those that lie side by side, both."""

ONE_OF_EACH = ("wang", "mei", "zhao", "qian", "bo", "an", "lin", "shen", "root_a")
"""For what costs a statement per row."""

ROOTS = {
    "streets": "Street",
    "communities": "Community",
    "partners": "Partner",
    "memberships": "Membership",
    "conflictDeclarations": "ConflictDeclaration",
    "clients": "Client",
    "people": "Person",
    "households": "Household",
    "serviceTypes": "ServiceType",
    "needs": "Need",
    "referrals": "Referral",
    "offers": "Offer",
    "cases": "Case",
    "visits": "Visit",
    "notices": "Notice",
    "auditEvents": "AuditEvent",
    "agreements": "Agreement",
    "milestones": "Milestone",
    "funds": "Fund",
    "donations": "Donation",
    "deliveries": "Delivery",
    "callbacks": "Callback",
    "activitySeries": "ActivitySeries",
    "sessions": "GroupSession",
    "capacities": "Capacity",
    "substitutions": "Substitution",
    "submissions": "Submission",
    "paymentRequests": "PaymentRequest",
    "invoices": "Invoice",
    "payments": "Payment",
    "bankAccounts": "BankAccount",
    "deductions": "Deduction",
    "appeals": "Appeal",
}
FIELD_DENIED = "FORBIDDEN"


@pytest.fixture(scope="module")
async def hub(
    planted_module: Server, settings: Settings, planted: Planted, truth: Oracle
) -> AsyncIterator[Asker]:
    async with asking(planted_module, settings, planted) as asker:
        asker.allowed = {name: truth.marks(name) for name in VIEWERS}
        yield asker


def granted(truth: Oracle, name: str, type_name: str) -> list[str]:
    """The fields of a type that a viewer may see, by the oracle; but for those that a function computes."""
    viewer = truth.planted.viewers[name]
    fields = [field for field in truth.fields_of(type_name) if not truth.computed(type_name, field)]
    return [field for field in fields if truth.how(viewer, type_name, field)]


def denied(truth: Oracle, name: str, type_name: str) -> list[str]:
    """The fields of a type that a viewer may not see."""
    viewer = truth.planted.viewers[name]
    return [field for field in truth.fields_of(type_name) if not truth.how(viewer, type_name, field)]


def selected(truth: Oracle, type_name: str, fields: list[str]) -> str:
    return " ".join(["id", *(truth.selection(type_name, field) for field in fields)])


def test_the_oracle_knows_every_type_and_root() -> None:
    tables = {name for name, info in registry().types.items() if info.table}
    assert {*TABLES, *REPORTS} == set(FIELDS) == tables
    query = registry().schema.query_type
    assert query is not None
    assert set(query.fields) - set(ROOTS) == {
        "viewer",
        "node",
        "nodes",
        "labels",
        "paymentTrace",
        "stationReport",
    }


async def test_every_scope_has_something_inside_and_something_outside(truth: Oracle) -> None:
    for type_name in set(TABLES) - set(PUBLIC):
        seen = [len(truth.visible(name, type_name)) for name in VIEWERS]
        assert max(seen) > 0, type_name
        assert all(count < len(truth.rows_of(type_name)) for count in seen), type_name


@pytest.mark.parametrize("name", VIEWERS)
async def test_planner_lists_what_the_oracle_sees(hub: Asker, truth: Oracle, name: str) -> None:
    for root, type_name in ROOTS.items():
        fields = granted(truth, name, type_name)
        if str(truth.planted.viewers[name].role) not in FIELDS[type_name]:
            reply = await hub.ask(name, f"{{ {root}(first: 100) {{ totalCount nodes {{ id }} }} }}")
            assert reply["data"] == {root: None}, root
            assert [(one["path"], one["extensions"]["code"]) for one in reply["errors"]] == [
                ([root], FIELD_DENIED)
            ]
            continue
        assert await _listed(hub, truth, name, root, fields) == truth.answers(name, type_name), root


async def _listed(hub: Asker, truth: Oracle, name: str, root: str, fields: list[str]) -> dict[str, Any]:
    type_name = ROOTS[root]
    where = ", where: {role: ANY}" if root == "cases" else ""
    query = (
        f"query($after: String) {{ {root}(first: 50, after: $after{where}) {{ totalCount"
        f" nodes {{ {selected(truth, type_name, fields)} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )
    found: list[dict[str, Any]] = []
    after = None
    while True:
        reply = await hub.ask(name, query, after=after)
        assert "errors" not in reply, reply["errors"]
        page = reply["data"][root]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert page["totalCount"] == len(found)
    assert max(Counter(row["id"] for row in found).values(), default=1) == 1
    return {row["id"]: row for row in found}


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_node_by_every_id_answers_as_the_oracle(hub: Asker, truth: Oracle, name: str) -> None:
    for type_name, (_, tag) in TABLES.items():
        expected = truth.answers(name, type_name)
        ids = [f"{tag}_{row['id']}" for row in truth.rows_of(type_name)]
        listed = type_name in ROOTS.values()
        wanted = "id" if listed else selected(truth, type_name, granted(truth, name, type_name))
        size = 100 if listed else 40
        for start in range(0, len(ids), size):
            chunk = ids[start : start + size]
            query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_name} {{ {wanted} }} }} }}"
            reply = await hub.ask(name, query, ids=chunk)
            assert "errors" not in reply, (type_name, reply["errors"])
            shown = [expected.get(one) for one in chunk]
            if listed:
                shown = [row and {"id": row["id"]} for row in shown]
            assert reply["data"]["nodes"] == shown, type_name


@pytest.mark.parametrize("name", VIEWERS)
async def test_every_other_field_is_refused_before_any_row(hub: Asker, truth: Oracle, name: str) -> None:
    for root, type_name in ROOTS.items():
        if str(truth.planted.viewers[name].role) not in FIELDS[type_name]:
            continue
        refused = denied(truth, name, type_name)
        if not refused:
            continue
        where = "(where: {role: ANY})" if root == "cases" else ""
        reply = await hub.ask(
            name, f"{{ {root}{where} {{ nodes {{ {selected(truth, type_name, refused)} }} }} }}"
        )
        nodes = reply["data"][root]["nodes"]
        told = {
            (type_name, key)
            for row in nodes
            for key, value in row.items()
            if key != "id" and value is not None
        }
        assert told == set(), f"{name} is told what she may not know"
        paths = {tuple(error["path"]) for error in reply["errors"]}
        assert {(root, "nodes", field) for field in refused} == {path[:3] for path in paths}
        assert {error["extensions"]["code"] for error in reply["errors"]} == {FIELD_DENIED}


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_so_is_it_of_rows_that_have_no_list(hub: Asker, truth: Oracle, name: str) -> None:
    """Versions, lines, attendances and the like, wherever a path may lead to them: here by their ids."""
    tried = 0
    for type_name in set(TABLES) - set(ROOTS.values()):
        seen, refused = truth.visible(name, type_name), denied(truth, name, type_name)
        if not seen or not refused:
            continue
        wanted = f"... on {type_name} {{ {selected(truth, type_name, refused)} }}"
        query = f"query($id: ID!) {{ node(id: $id) {{ {wanted} }} }}"
        reply = await hub.ask(name, query, id=f"{TABLES[type_name][1]}_{next(iter(seen))}")
        assert [key for key, value in reply["data"]["node"].items() if value is not None] == ["id"], type_name
        assert {error["path"][1] for error in reply["errors"]} == set(refused), type_name
        assert {error["extensions"]["code"] for error in reply["errors"]} == {FIELD_DENIED}
        tried += 1
    assert tried > 0 or name in ("mei", "root_a")


@pytest.mark.parametrize("name", VIEWERS)
async def test_the_queue_counts_only_what_the_viewer_sees(hub: Asker, truth: Oracle, name: str) -> None:
    reply = await hub.ask(name, "{ viewer { queue { kind count } } }")
    me, role = truth.planted.viewers[name].membership_id, str(truth.planted.viewers[name].role)
    for item in reply["data"]["viewer"]["queue"]:
        if item["kind"] in COUNTED:
            type_name, holds = COUNTED[item["kind"]]
            rows = truth.visible(name, type_name).values()
            assert item["count"] == sum(holds(row) and _own(row, item["kind"], me) for row in rows), item
        else:
            of_type = OTHERWISE.get(item["kind"].split("_")[0], "Visit")
            mine = [row for row in truth.visible(name, of_type).values() if _mine(row, me, role)]
            assert item["count"] <= len(mine), item


def _own(row: Any, kind: str, me: Any) -> bool:
    """Whether it counts for this viewer: a colleague's sessions are in her scope and none of her work."""
    return kind != "SESSIONS_PLANNED" or row["worker_id"] == me


def _sent_back(row: Any) -> bool:
    return row["status"] == "DRAFT" and row["status_reason_code"] is not None


def _calls(row: Any) -> bool:
    return row["status"] != "SCHEDULED" or (row["due_on"] - TODAY).days <= 30


def _mine(row: Any, me: Any, role: str) -> bool:
    return (
        role == "PARTNER_MANAGER"
        or me in (row.get("lead_worker_id"), row.get("worker_id"))
        or "person_id" in row
    )


OTHERWISE = {"CASES": "Case", "ACCOUNTS": "PaymentRequest", "SESSIONS": "GroupSession"}
"""Whose rows are counted by more than their own columns, by how the kind begins."""

COUNTED: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "REFERRALS_TO_TRIAGE": ("Referral", lambda row: row["status"] == "SUBMITTED"),
    "REFERRALS_TO_PLACE": ("Referral", lambda row: row["status"] == "TRIAGED"),
    "REFERRALS_RETURNED": ("Referral", lambda row: row["status"] == "RETURNED"),
    "REFERRALS_TO_ACKNOWLEDGE": ("Referral", lambda row: row["status"] == "COMPLETED"),
    "OFFERS_TO_DECIDE": ("Offer", lambda row: row["status"] == "OFFERED"),
    "CASES_TO_CLOSE": ("Case", lambda row: row["status"] == "CLOSING"),
    "AGREEMENTS_RETURNED": ("Agreement", lambda row: row["status"] == "RETURNED" or _sent_back(row)),
    "AGREEMENTS_TO_CERTIFY": ("Agreement", lambda row: row["status"] == "IN_REVIEW"),
    "AGREEMENTS_TO_APPROVE": ("Agreement", lambda row: row["status"] == "CERTIFIED"),
    "AGREEMENTS_TO_ACCEPT": ("Agreement", lambda row: row["status"] == "APPROVED"),
    "MILESTONES_DUE": ("Milestone", lambda row: still_due(row) and _calls(row)),
    "SUBMISSIONS_TO_REVIEW": (
        "Submission",
        lambda row: row["status"] == "SUBMITTED" and not row["second_wanted"],
    ),
    "SUBMISSIONS_TO_SECOND": (
        "Submission",
        lambda row: row["status"] == "SUBMITTED" and row["second_wanted"],
    ),
    "APPEALS_TO_DECIDE": ("Appeal", lambda row: row["status"] == "FILED"),
    "INVOICES_WANTED": (
        "PaymentRequest",
        lambda row: row["status"] in ("CREATED", "CONFIRMED", "RETURNED") and row["invoice_id"] is None,
    ),
    "PAYMENTS_TO_CONFIRM": ("PaymentRequest", lambda row: row["status"] == "CREATED"),
    "PAYMENTS_RETURNED": ("PaymentRequest", lambda row: row["status"] == "RETURNED"),
    "PAYMENTS_TO_CHECK": (
        "PaymentRequest",
        lambda row: row["status"] == "CONFIRMED" and row["invoice_id"] is not None,
    ),
    "PAYMENTS_TO_APPROVE": ("PaymentRequest", lambda row: row["status"] == "CHECKED"),
    "PAYMENTS_TO_SEND": ("PaymentRequest", lambda row: row["status"] == "APPROVED"),
    "PAYMENTS_TO_SETTLE": ("PaymentRequest", lambda row: row["status"] == "SENT"),
    "PAYMENTS_FAILED": ("PaymentRequest", lambda row: row["status"] == "FAILED"),
    "ACCOUNTS_TO_VERIFY": ("BankAccount", lambda row: row["status"] == "PROPOSED"),
    "DELIVERIES_TO_VERIFY": ("Delivery", lambda row: row["status"] in ("RECORDED", "FLAGGED")),
    "DELIVERIES_DISPUTED": ("Delivery", lambda row: row["status"] == "DISPUTED"),
    "DELIVERIES_WITHOUT_EVIDENCE": (
        "Delivery",
        lambda row: row["status"] in ("RECORDED", "FLAGGED") and not row["evidence_complete"],
    ),
    "CALLBACKS_DUE": ("Callback", lambda row: row["status"] in ("DUE", "NOT_REACHED")),
    "SESSIONS_PLANNED": ("GroupSession", lambda row: row["status"] == "PLANNED"),
    "NOTICES_UNREAD": ("Notice", lambda row: row["read_at"] is None),
}
"""Lines of the queue that the oracle can count: of which type, and which rows."""


@pytest.mark.parametrize("name", VIEWERS)
async def test_row_level_security_shows_what_the_oracle_sees(
    planted_module: Server, truth: Oracle, name: str
) -> None:
    viewer = truth.planted.viewers[name]
    async with harness.connect_as(planted_module, f"read_{viewer.role.lower()}") as connection:
        await connection.execute("select set_config('hub.today', $1, false)", TODAY.isoformat())
        for setting in settings_of(viewer.role):
            if setting != "today":
                await connection.execute(
                    f"select set_config('hub.{setting}', $1, false)", viewer.setting(setting)
                )
        for table in sorted({table for table, _ in TABLES.values()}):
            types = [one for one, (of_table, _) in TABLES.items() if of_table == table]
            if not any(str(viewer.role) in FIELDS[type_name] for type_name in types):
                assert await _columns(connection, table) == set(), table
                continue
            seen = {row["id"] for row in await connection.fetch(f"select id from {table}")}
            assert seen == set().union(*(truth.visible(name, one) for one in types)), table


async def _columns(connection: Any, table: str) -> set[str]:
    """The columns of a table that the session may select."""
    query = """select a.attname from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0
                  and not a.attisdropped and has_column_privilege(a.attrelid, a.attnum, 'select')"""
    return {row[0] for row in await connection.fetch(query, table)}


@pytest.mark.parametrize("name", ["wang", "mei", "zhao", "qian", "bo", "an", "shen", "root_a"])
async def test_columns_behind_hidden_fields_cannot_be_selected(
    planted_module: Server, truth: Oracle, name: str
) -> None:
    viewer = truth.planted.viewers[name]
    async with harness.connect_as(planted_module, f"read_{viewer.role.lower()}") as connection:
        for type_name, (table, _) in TABLES.items():
            may = await _columns(connection, table)
            assert not [column for column in may if column.endswith(("_sealed", "_index", "_hash"))]
            row = truth.rows_of(type_name)[0]
            for column, fields in _behind(truth, type_name, row).items():
                hows = {truth.how(viewer, type_name, field) for field in fields}
                if hows == {None} and column not in PLUMBING and not _shared(truth, viewer, table, column):
                    assert column not in may, (type_name, column)
                if "masked" in hows and "plain" not in hows:
                    assert column.removesuffix("_masked") not in may, (type_name, column)


PLUMBING = {
    *(
        "id",
        "status",
        "kind",
        "role",
        "district_id",
        "street_id",
        "community_id",
        "partner_id",
        "lead_worker_id",
    ),
    *("community_ids", "current_version_id", "in_force", "due_on", "status_changed_at", "status_reason_code"),
    *("birth_on", "person_id", "case_id", "referral_id", "offer_id", "visit_id"),
}
"""Read by row filters, by links, by the work queue and (the birth date) by `ageGroup`, for roles that are not shown
them as fields."""


def _behind(truth: Oracle, type_name: str, row: Any) -> dict[str, set[str]]:
    """Column → the fields of a type that show it."""
    found: dict[str, set[str]] = {}
    for field in truth.fields_of(type_name):
        for masked in (False, True):
            try:
                column = truth.column(type_name, field, row, masked=masked)
            except StopIteration:
                continue
            found.setdefault(column, set()).add(field)
    return found


def _shared(truth: Oracle, viewer: Any, table: str, column: str) -> bool:
    """Whether another type of the same table, or the way back from another type, needs the column."""
    others = [one for one, (of_table, _) in TABLES.items() if of_table == table]
    shown = [
        field
        for one in others
        for field in truth.fields_of(one)
        if truth.how(viewer, one, field)
        and column in _behind(truth, one, truth.rows_of(one)[0])
        and field in _behind(truth, one, truth.rows_of(one)[0])[column]
    ]
    return bool(shown)
