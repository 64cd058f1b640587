"""A small world with something planted outside everybody's scope: other streets, communities, partners, workers.

Made by the commands (only districts and streets are inserted, as the import of divisions does). Every text that
somebody writes carries a mark of its own, `ZQ0001Q`, so that any byte that leaks can be traced to its row and field.
What must never be read at all (id numbers, telephones, doors, notes at the door) stands in `secrets`.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime
from uuid import UUID

from auth.roles import Duty, Viewer

NOW = datetime(2026, 5, 6, 2, tzinfo=UTC)
TODAY = date(2026, 5, 6)
MARK = re.compile(r"ZQ\d{4}Q")
QUALIFICATIONS = ("REGISTRATION", "SOCIAL_WORK", "ELDERLY_CARE", "REHABILITATION", "COUNSELLING")
SERVICE, CASEWORK = "HOME_HAIRCUT", "COUNSELLING"

DIVISIONS = {
    ("d1", "320311"): {"a": "320311002", "b": "320311003"},
    ("d2", "320312"): {"c": "320312001"},
}
COMMUNITIES = {"a1": "320311002001", "a2": "320311002002", "b1": "320311003001", "c1": "320312001001"}
"""Districts, their streets, and communities, whose keys begin with their street's."""

MEMBERS = {
    "wang": ("community_worker", "a1"),
    "li": ("community_worker", "a2"),
    "bei": ("community_worker", "b1"),
    "cui": ("community_worker", "c1"),
    "mei": ("station_worker", "a"),
    "tao": ("station_worker", "a"),
    "hua": ("station_worker", "a"),
    "ban": ("station_worker", "b"),
    "chu": ("station_worker", "c"),
    "zhao": ("street_director", "a"),
    "wei": ("street_director", "a"),
    "zhou": ("street_director", "b"),
    "qian": ("finance_officer", "a"),
    "sun": ("finance_officer", "a"),
    "bai": ("finance_officer", "b"),
    "cen": ("finance_officer", "c"),
    "cha": ("finance_officer", "c"),
    "cao": ("street_director", "c"),
    "bo": ("partner_manager", "p1"),
    "an": ("partner_worker", "p1"),
    "ou": ("partner_worker", "p1"),
    "kai": ("partner_manager", "p2"),
    "lin": ("partner_worker", "p2"),
    "gao": ("partner_manager", "p3"),
    "xia": ("partner_worker", "p3"),
    "yan": ("partner_worker", "p3"),
}
"""Sign-in name → role, and where. The administrators `root_a` … and the auditors `shen`, `shan` are appointed."""

DUTIES = {
    **dict.fromkeys(("qian", "bai", "cen"), Duty.ACCOUNTANT),
    **dict.fromkeys(("sun", "cha"), Duty.CASHIER),
}
ADMINS = {"root_a": "a", "root_b": "b", "root_c": "c"}
AUDITORS = {"shen": "d1", "shan": "d2"}
STATION_OF = {"wang": "mei", "li": "mei", "bei": "ban", "cui": "chu"}
MANAGER_OF = {"p1": "bo", "p2": "kai", "p3": "gao"}
OFFICES = {"a": ("mei", "qian", "zhao"), "b": ("ban", "bai", "zhou"), "c": ("chu", "cen", "cao")}
"""Who drafts, certifies and approves the agreements of a street."""


@dataclasses.dataclass
class Planted:
    """What tests know of the world: who there is, ids by name, and what nobody may ever read in a list."""

    viewers: dict[str, Viewer] = dataclasses.field(default_factory=dict)
    places: dict[str, UUID] = dataclasses.field(default_factory=dict)
    persons: dict[str, UUID] = dataclasses.field(default_factory=dict)
    referrals: dict[str, UUID] = dataclasses.field(default_factory=dict)
    offers: dict[str, UUID] = dataclasses.field(default_factory=dict)
    cases: dict[str, UUID] = dataclasses.field(default_factory=dict)
    consents: dict[str, UUID] = dataclasses.field(default_factory=dict)
    needs: dict[str, UUID] = dataclasses.field(default_factory=dict)
    visits: dict[str, UUID] = dataclasses.field(default_factory=dict)
    funds: dict[str, UUID] = dataclasses.field(default_factory=dict)
    agreements: dict[str, UUID] = dataclasses.field(default_factory=dict)
    lines: dict[str, UUID] = dataclasses.field(default_factory=dict)
    deliveries: dict[str, UUID] = dataclasses.field(default_factory=dict)
    sessions: dict[str, UUID] = dataclasses.field(default_factory=dict)
    series: dict[str, UUID] = dataclasses.field(default_factory=dict)
    callbacks: dict[str, UUID] = dataclasses.field(default_factory=dict)
    enrolments: dict[str, UUID] = dataclasses.field(default_factory=dict)
    substitutions: dict[str, UUID] = dataclasses.field(default_factory=dict)
    capacities: dict[str, UUID] = dataclasses.field(default_factory=dict)
    documents: dict[str, UUID] = dataclasses.field(default_factory=dict)
    milestones: dict[str, UUID] = dataclasses.field(default_factory=dict)
    submissions: dict[str, UUID] = dataclasses.field(default_factory=dict)
    requests: dict[str, UUID] = dataclasses.field(default_factory=dict)
    accounts: dict[str, UUID] = dataclasses.field(default_factory=dict)
    payments: dict[str, UUID] = dataclasses.field(default_factory=dict)
    clients: dict[str, tuple[UUID, str]] = dataclasses.field(default_factory=dict)
    id_numbers: dict[str, str] = dataclasses.field(default_factory=dict)
    phones: dict[str, str] = dataclasses.field(default_factory=dict)
    secrets: list[str] = dataclasses.field(default_factory=list)
    prices: list[str] = dataclasses.field(default_factory=list)
    """Amounts of agreements and of what is paid under them, no matter of partner workers and communities."""
