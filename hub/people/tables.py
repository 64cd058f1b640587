"""People and what is known of them: households, eligibility, guardians, consents, needs, and the sealing keys."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, UUID, ExcludeConstraint
from sqlalchemy.sql import literal_column

from hub.base.tables import (
    access_columns,
    at,
    count,
    flag,
    metadata,
    on,
    one_of,
    pk,
    ref,
    scope_columns,
    sealed,
    text,
    version,
)
from hub.people.states import CONSENT, NEED

SEXES = ("FEMALE", "MALE")
DISABILITY_GRADES = ("NONE", "GRADE_1", "GRADE_2", "GRADE_3", "GRADE_4")
RISK_CLASSES = ("A", "B", "C")
AGE_GROUPS = ("AGE_0_6", "AGE_7_17", "AGE_18_59", "AGE_60_69", "AGE_70_79", "AGE_80_PLUS")
PERSON_STATUSES = ("LIVING", "MOVED", "IN_CARE", "DECEASED")
HOUSEHOLD_RELATIONS = ("HEAD", "SPOUSE", "CHILD", "PARENT", "GRANDCHILD", "GRANDPARENT", "SIBLING", "OTHER")
ELIGIBILITY_CATEGORIES = ("DIBAO", "TEKUN", "DIBAO_EDGE", "RIGID_EXPENDITURE", "OTHER")
CONSENT_PURPOSES = ("SERVICE", "ASSESSMENT", "SURVEY")
CONSENT_GIVERS = ("SELF", "GUARDIAN")
CONSENT_BASES = ("CONSENT", "VITAL_INTEREST")
DATA_CATEGORIES = ("CONTACT", "NEEDS", "HEALTH", "FAMILY", "FINANCE")
NEED_DOMAINS = (
    "VISITING",
    "CARE",
    "REHABILITATION",
    "ESCORT",
    "COUNSELLING",
    "INTEGRATION",
    "SKILLS",
    "RESOURCES",
    "SAFETY",
    "DAILY_LIVING",
    "POLICY",
)
BRADSHAW_TYPES = ("NORMATIVE", "FELT", "EXPRESSED", "COMPARATIVE")
COMPARATOR_METRICS = ("VISITS_90D",)
COMPARATOR_COHORTS = (
    "ALONE_0_17",
    "ALONE_18_59",
    "ALONE_60_PLUS",
    "TOGETHER_0_17",
    "TOGETHER_18_59",
    "TOGETHER_60_PLUS",
)
"""Cohorts that the hub compares within one community; a comparator that somebody gives may name another one."""

REVEAL_FIELDS = ("PHONE", "ADDRESS", "ID_NUMBER")
REVEAL_PURPOSES = ("CONTACT", "HOME_VISIT", "BENEFIT_APPLICATION", "VERIFICATION", "EMERGENCY")

households = Table(
    "households",
    metadata,
    pk(),
    text("reference"),
    *scope_columns(),
    *access_columns(),
    at("created_at"),
    version(),
    UniqueConstraint("reference"),
    Index("ix_households_community", "community_id", "id"),
    Index("ix_households_street", "street_id", "id"),
    info={"update": "version"},
)

persons = Table(
    "persons",
    metadata,
    pk(),
    text("reference"),
    text("pseudonym"),
    *scope_columns(),
    ref("registration_community_id", "organizations", null=True),
    ref("household_id", "households", null=True, index=True),
    text("household_relation", null=True),
    text("name"),
    text("name_masked"),
    *sealed("id_number", index=True),
    *sealed("phone", index=True),
    *sealed("address"),
    Column("door_notes_sealed", LargeBinary, nullable=True),
    Column("emergency_contacts_sealed", LargeBinary, nullable=True),
    text("estate", null=True),
    on("birth_on"),
    text("sex"),
    flag("lives_alone"),
    text("disability_grade", default="NONE"),
    text("risk_class", default="C"),
    text("status", default="LIVING"),
    *access_columns(),
    at("created_at"),
    version(),
    one_of("sex", SEXES),
    one_of("household_relation", HOUSEHOLD_RELATIONS),
    one_of("disability_grade", DISABILITY_GRADES),
    one_of("risk_class", RISK_CLASSES),
    one_of("status", PERSON_STATUSES),
    UniqueConstraint("reference"),
    UniqueConstraint("pseudonym"),
    UniqueConstraint("street_id", "id_number_index"),
    Index("ix_persons_community", "community_id", "id"),
    Index("ix_persons_street", "street_id", "id"),
    Index("ix_persons_partner_ids", "partner_ids", postgresql_using="gin"),
    info={
        # No command changes a person yet; `claim` locks her, which needs the right to change some column.
        "update": "version"
    },
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", UUID(as_uuid=True), primary_key=True),
    ref("street_id", "organizations"),
    Column("wrapped_key", LargeBinary, nullable=False),
    at("created_at"),
)

eligibility_spells = Table(
    "eligibility_spells",
    metadata,
    pk(),
    ref("person_id", "persons", index=True),
    *scope_columns(),
    *access_columns(),
    text("category"),
    on("from_on"),
    on("to_on", null=True),
    at("created_at"),
    version(),
    one_of("category", ELIGIBILITY_CATEGORIES),
    CheckConstraint("to_on is null or to_on >= from_on", name="period"),
    ExcludeConstraint(
        ("person_id", "="),
        ("category", "="),
        (literal_column("daterange(from_on, to_on, '[]')"), "&&"),
        name="ex_eligibility_spells_overlap",
        using="gist",
    ),
)

guardians = Table(
    "guardians",
    metadata,
    pk(),
    ref("person_id", "persons", index=True),
    *scope_columns(),
    ref("guardian_person_id", "persons", null=True),
    ref("guardian_organization_id", "organizations", null=True),
    text("name", null=True),
    text("relation"),
    *sealed("phone"),
    on("from_on"),
    on("to_on", null=True),
    at("created_at"),
    version(),
    CheckConstraint("num_nonnulls(guardian_person_id, guardian_organization_id, name) = 1", name="who"),
)

consents = Table(
    "consents",
    metadata,
    pk(),
    ref("person_id", "persons", index=True),
    *scope_columns(),
    *access_columns(),
    ref("grantee_id", "organizations"),
    text("purpose"),
    Column("data_categories", ARRAY(Text), nullable=False),
    text("given_by"),
    ref("guardian_id", "guardians", null=True),
    text("basis"),
    text("basis_note", null=True),
    on("paper_due_on", null=True),
    on("from_on"),
    on("to_on", null=True),
    text("status", default="ACTIVE"),
    at("withdrawn_at", null=True),
    text("withdrawn_reason", null=True),
    ref("recorded_by_id", "memberships"),
    at("created_at"),
    version(),
    one_of("purpose", CONSENT_PURPOSES),
    one_of("given_by", CONSENT_GIVERS),
    one_of("basis", CONSENT_BASES),
    one_of("status", CONSENT.states),
    CheckConstraint("to_on is null or to_on >= from_on", name="period"),
    CheckConstraint("(basis = 'VITAL_INTEREST') = (paper_due_on is not null)", name="vital_interest"),
    CheckConstraint("(given_by = 'GUARDIAN') >= (guardian_id is not null)", name="guardian"),
    CheckConstraint("(status = 'WITHDRAWN') = (withdrawn_at is not null)", name="withdrawn"),
    info={"update": "status withdrawn_at withdrawn_reason version"},
)

needs = Table(
    "needs",
    metadata,
    pk(),
    ref("person_id", "persons", index=True),
    *scope_columns(),
    *access_columns(),
    text("domain"),
    text("bradshaw_type"),
    count("severity", 3),
    text("statement"),
    text("stated_by", null=True),
    text("comparator_cohort", null=True),
    text("comparator_metric", null=True),
    text("comparator_value", null=True),
    text("comparator_cohort_value", null=True),
    text("status", default="OPEN"),
    text("outcome", null=True),
    ref("recorded_by_id", "memberships"),
    ref("partner_id", "organizations", null=True),
    at("created_at"),
    at("settled_at", null=True),
    version(),
    one_of("domain", NEED_DOMAINS),
    one_of("bradshaw_type", BRADSHAW_TYPES),
    one_of("comparator_metric", COMPARATOR_METRICS),
    one_of("status", NEED.states),
    CheckConstraint("severity between 1 and 5", name="severity"),
    CheckConstraint(
        "bradshaw_type <> 'COMPARATIVE' or num_nulls(comparator_cohort, comparator_metric, comparator_value,"
        " comparator_cohort_value) = 0",
        name="comparator",
    ),
    CheckConstraint("bradshaw_type not in ('FELT', 'EXPRESSED') or stated_by is not null", name="stated_by"),
    Index("ix_needs_community", "community_id", "id"),
    Index("ix_needs_street", "street_id", "id"),
    info={"update": "status outcome settled_at version"},
)
