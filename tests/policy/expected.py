"""What a viewer's answer must be, field by field, computed in Python from all rows and the rights of `rights.py`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from auth.roles import Viewer
from hub.base.db import Server
from hub.people.rules import age_group
from schema.build import registry
from schema.planner.describe import Derived
from tests import harness
from tests.policy.fields import FIELDS, shown
from tests.policy.planted import MARK, NOW, TODAY, Planted
from tests.policy.rights import Access, Row, Rows, in_scope
from tests.policy.shapes import BACK, COLUMNS, LINKS, LISTED, NEAR, NEWEST, TABLES, THROUGH

ZONE = ZoneInfo("Asia/Shanghai")
COMPARATOR = ("cohort", "metric", "value", "cohortValue")
PARTS = {"comparator": COMPARATOR}
"""Fields that are objects made of columns of the row itself, and what they consist of."""

SKIPPED = ("id", "availableActions")
"""Answered elsewhere: the id with every row, the actions by the state machines' own tests."""


def snake(name: str) -> str:
    """`birthDate` → `birth_date`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


@dataclasses.dataclass
class Oracle:
    """All rows of a copy of the planted world, read as its administrator, and what each viewer may see of them."""

    rows: Rows
    planted: Planted
    schema: GraphQLSchema

    def __post_init__(self) -> None:
        self.access = Access(self.rows, TODAY)
        self._fields: dict[str, dict[str, GraphQLField]] = {}
        self._targets: dict[tuple[str, str], str] = {}
        self._marks: dict[str, frozenset[str]] = {}
        self._visible: dict[tuple[str, str], dict[UUID, Row]] = {}

    def fields_of(self, type_name: str) -> dict[str, GraphQLField]:
        """The fields of a type, but for those answered elsewhere."""
        if type_name not in self._fields:
            found = self.schema.type_map[type_name]
            assert isinstance(found, GraphQLObjectType)
            self._fields[type_name] = {name: one for name, one in found.fields.items() if name not in SKIPPED}
        return self._fields[type_name]

    def rows_of(self, type_name: str) -> list[Row]:
        """Every row of its table."""
        return self.rows[TABLES[type_name][0]]

    def visible(self, name: str, type_name: str) -> dict[UUID, Row]:
        """The rows of a type that a viewer may see, by id."""
        key = (name, type_name)
        if key not in self._visible:
            viewer = self.planted.viewers[name]
            rows = (row for row in self.rows_of(type_name) if in_scope(type_name, viewer, row, self.access))
            self._visible[key] = {row["id"]: row for row in rows}
        return self._visible[key]

    def how(self, viewer: Viewer, type_name: str, field: str) -> str | None:
        """Plain, masked or None; a field that leads to a type the role may not see at all is none."""
        target = self.target(type_name, field)
        if target in FIELDS and str(viewer.role) not in FIELDS[target]:
            return None
        return shown(type_name, str(viewer.role), field)

    def target(self, type_name: str, field: str) -> str:
        """The named type of a field; of a connection, that of its rows."""
        key = (type_name, field)
        if key not in self._targets:
            named = get_named_type(self.fields_of(type_name)[field].type)
            if isinstance(named, GraphQLObjectType) and named.name.endswith("Connection"):
                named = get_named_type(named.fields["nodes"].type)
            self._targets[key] = named.name
        return self._targets[key]

    def computed(self, type_name: str, field: str) -> bool:
        """Whether the field is what a function computes, over rows that this oracle does not know the rules of: its
        rights are tried here, what it says is tried where the function is."""
        return isinstance(registry().types[type_name].fields[field], Derived)

    def arguments(self, type_name: str, field: str) -> str:
        """Those that the field cannot be asked for without: of days, today."""
        arguments = self.fields_of(type_name)[field].args.items()
        days = [f'{name}: "{TODAY}"' for name, one in arguments if isinstance(one.type, GraphQLNonNull)]
        return f"({', '.join(days)})" if days else ""

    def selection(self, type_name: str, field: str) -> str:
        """The field as it is asked for: its value, or the ids of what it leads to."""
        named = get_named_type(self.fields_of(type_name)[field].type)
        field += self.arguments(type_name, field)
        if is_leaf_type(named):
            return field
        if named.name == "Money":
            return f"{field} {{ amount currency }}"
        if self.computed(type_name, field.partition("(")[0]):
            return f"{field} {{ __typename }}"
        if field in PARTS:
            return f"{field} {{ {' '.join(PARTS[field])} }}"
        if named.name.endswith("Connection"):
            anything = "(first: 30, where: {role: ANY})" if named.name == "CaseConnection" else "(first: 30)"
            return f"{field}{anything} {{ totalCount nodes {{ id }} }}"
        return f"{field} {{ id }}"

    # ---- values ----

    def parts(self) -> set[str]:
        """The types of what functions compute: they have no rows of their own, and edges lead on from them."""
        known = (source for info in registry().types.values() for source in info.fields.values())
        return {source.target for source in known if isinstance(source, Derived)}

    def answer(self, name: str, type_name: str, row: Row) -> dict[str, Any]:
        """The row as this viewer must get it: every field she may see."""
        viewer = self.planted.viewers[name]
        found: dict[str, Any] = {"id": f"{TABLES[type_name][1]}_{row['id']}"}
        for field, definition in self.fields_of(type_name).items():
            how = self.how(viewer, type_name, field)
            if how is None or self.computed(type_name, field):
                continue
            named = get_named_type(definition.type)
            if named.name == "Money":
                found[field] = money(row[self.column(type_name, field, row, masked=False)])
            elif is_leaf_type(named) or field in PARTS:
                found[field] = self._value(type_name, field, row, masked=how == "masked")
            else:
                found[field] = self._edge(name, type_name, field, row)
        return found

    def _value(self, type_name: str, field: str, row: Row, *, masked: bool) -> Any:
        if (type_name, field) in COMPUTED:
            return COMPUTED[type_name, field](row)
        return written(row[self.column(type_name, field, row, masked=masked)])

    def column(self, type_name: str, field: str, row: Row, *, masked: bool) -> str:
        """The column behind a field that is one."""
        name = COLUMNS.get((type_name, field), snake(field))
        endings = ("_masked",) if masked else ("", "_on", "_at", "_id", "_fen", "_count")
        return next(name + ending for ending in endings if name + ending in row)

    def _edge(self, name: str, type_name: str, field: str, row: Row) -> Any:
        target = self.target(type_name, field)
        tag, seen = TABLES[target][1], self.visible(name, target)
        many = (type_name, field) in {*THROUGH, *BACK, *LISTED}
        if not many:
            found = row[self.column(type_name, field, row, masked=False)]
            return {"id": f"{tag}_{found}"} if found in seen else None
        ids = [{"id": f"{tag}_{one}"} for one in sorted(self._behind(name, type_name, field, row, seen))]
        if (type_name, field) in NEWEST:
            return ids[-1] if ids else None
        plain = not get_named_type(self.fields_of(type_name)[field].type).name.endswith("Connection")
        return ids if plain else {"totalCount": len(ids), "nodes": ids[::-1]}

    def _behind(
        self, name: str, type_name: str, field: str, row: Row, seen: dict[UUID, Row]
    ) -> Iterable[UUID]:
        if (type_name, field) in BACK:
            back = BACK[type_name, field]
            near = row[NEAR.get((type_name, field), "id")]
            return (one for one, other in seen.items() if other[back] == near)
        if (type_name, field) in LISTED:
            return (one for one in row[self.column(type_name, field, row, masked=False)] if one in seen)
        table, near, far = THROUGH[type_name, field]
        return (link[far] for link in self.rows[table] if link[near] == row["id"] and link[far] in seen)

    def answers(self, name: str, type_name: str) -> dict[str, dict[str, Any]]:
        """Every row of a type that a viewer may see, by global id."""
        rows = self.visible(name, type_name).values()
        return {found["id"]: found for found in (self.answer(name, type_name, row) for row in rows)}

    def marks(self, name: str) -> frozenset[str]:
        """The marks that may stand in a reply to this viewer; and her own name."""
        if name not in self._marks:
            texts = [json.dumps(list(self.answers(name, type_name).values())) for type_name in TABLES]
            texts.append(self.planted.viewers[name].name)
            self._marks[name] = frozenset(mark for text in texts for mark in MARK.findall(text))
        return self._marks[name]


def gap_references(truth: Oracle, name: str) -> set[str]:
    """The marks of what a milestone's progress names by reference alone: work of the whole partner, also to one of its
    workers, who sees of a colleague's no more than that it is missing."""
    partner = truth.planted.viewers[name].partner_id
    rows = [*truth.rows_of("Delivery"), *truth.rows_of("ActivitySeries")]
    texts = [row["reference"] for row in rows if partner and row["partner_id"] == partner]
    return {mark for text in texts for mark in MARK.findall(text)}


def written(value: Any) -> Any:
    """A value of a column as the API writes it."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="milliseconds")
    return value.isoformat() if isinstance(value, date) else value


def money(fen: int | None) -> dict[str, str] | None:
    """An amount as the API writes it."""
    return None if fen is None else {"amount": f"{Decimal(fen) / 100:.2f}", "currency": "CNY"}


def _percent(column: str) -> Callable[[Row], str | None]:
    return lambda row: None if row[column] is None else f"{Decimal(row[column]) / 100:.2f}"


def still_due(row: Row) -> bool:
    """Whether a stage waits to be claimed, or claimed anew."""
    return row["in_force"] and row["status"] in ("SCHEDULED", "RETURNED", "REJECTED")


def _comparator(row: Row) -> Any:
    if row["comparator_metric"] is None:
        return None
    return {part: row[f"comparator_{snake(part)}"] for part in COMPARATOR}


def _outcome(row: Row) -> str | None:
    return None if row["status"] in ("PLANNED", "CANCELLED") else row["status"]


def _subject(row: Row) -> str | None:
    kind = row["subject_type"]
    return f"{TABLES[kind][1]}_{row['subject_id']}" if kind in SUBJECTS else None


UNPAID = ("CREATED", "CONFIRMED", "CHECKED", "APPROVED", "SENT", "FAILED", "RETURNED")


def _overdue_days(row: Row) -> int:
    """Counted against the street: until the money has arrived, or as long as it has not."""
    until = TODAY if row["status"] in UNPAID else row["paid_on"]
    return max(0, (until - row["due_on"]).days) if until else 0


SUBJECTS = (
    *("Referral", "Offer", "Case", "Visit", "Consent", "Agreement", "Delivery", "Substitution"),
    *(
        "Submission",
        "Deduction",
        "Appeal",
        "PaymentRequest",
        "Invoice",
        "BankAccount",
        "Payment",
        "GroupSession",
    ),
)
"""What a notice leads to."""

COMPUTED = {
    ("AgreementVersion", "retentionPercent"): _percent("retention_bp"),
    ("Milestone", "sharePercent"): _percent("share_bp"),
    ("Milestone", "overdue"): lambda row: still_due(row) and row["due_on"] < TODAY,
    ("Milestone", "dueSoon"): lambda row: still_due(row) and 0 <= (row["due_on"] - TODAY).days <= 30,
    ("Person", "ageGroup"): lambda row: age_group(row["birth_on"], TODAY),
    ("ServiceType", "displayName"): lambda row: row["name_en"],
    ("Need", "comparator"): _comparator,
    ("Visit", "kept"): lambda row: row["kept_at"] is not None and row["kept_at"] <= row["promised_to_at"],
    ("Visit", "late"): lambda row: row["kept_at"] is not None and row["kept_at"] > row["promised_to_at"],
    ("Visit", "missed"): lambda row: row["status"] == "PLANNED" and row["promised_to_at"] < NOW,
    ("Visit", "outcome"): _outcome,
    ("PaymentRequest", "overdueDays"): _overdue_days,
    ("Notice", "text"): lambda row: row["text_en"],
    ("Notice", "subject"): _subject,
}


async def oracle(server: Server, planted: Planted, schema: GraphQLSchema) -> Oracle:
    """Read everything as the administrator, whom no wall holds."""
    names = {table for table, _ in TABLES.values()} | set(LINKS)
    async with harness.connect_as(server, "admin") as connection:
        rows = {
            name: [dict(row) for row in await connection.fetch(f"select * from {name}")] for name in names
        }
    return Oracle(rows, planted, schema)  # pyright: ignore[reportArgumentType]
