"""The whole schema: Strawberry's definitions, checked against the policy, with "Visible to" in every description."""

from __future__ import annotations

import functools

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

import auth.policy  # noqa: F401 - loads the policy table
import hub.scopes  # noqa: F401 - binds every capability's scopes
from auth.grants import grant_for
from auth.roles import READ_ROLES
from hub.machines import MACHINES
from schema.mutation import MUTATIONS
from schema.mutations import Mutation
from schema.planner.registry import Registry, build_registry
from schema.queries import Query
from schema.scalars import SCALARS
from schema.types.acceptance import Appeal, ClaimStep, Deduction, Review, Submission
from schema.types.agreements import Agreement, AgreementLine, AgreementVersion, Criterion, Milestone
from schema.types.cases import Case, CaseMember, Goal
from schema.types.catalogue import Capacity, ServiceType
from schema.types.deliveries import Callback, Delivery
from schema.types.documents import Document
from schema.types.fund import Donation, Fund
from schema.types.groups import ActivitySeries, Attendance, Enrolment, GroupSession
from schema.types.notices import AuditEvent, Notice
from schema.types.organizations import (
    Client,
    Community,
    ConflictDeclaration,
    Membership,
    Organization,
    Partner,
    Qualification,
    Street,
)
from schema.types.payments import Approval, BankAccount, Invoice, Payment, PaymentRequest
from schema.types.people import Consent, EligibilitySpell, Guardian, Household, Need, Person
from schema.types.referrals import Offer, OfferNeed, Referral
from schema.types.trace import PaymentTrace
from schema.types.visits import Substitution, Visit, VisitFindings

NODES = (
    ActivitySeries,
    Agreement,
    AgreementLine,
    AgreementVersion,
    Appeal,
    Approval,
    Attendance,
    AuditEvent,
    BankAccount,
    Callback,
    Capacity,
    Case,
    CaseMember,
    ClaimStep,
    Client,
    Community,
    ConflictDeclaration,
    Consent,
    Criterion,
    Deduction,
    Delivery,
    Document,
    Donation,
    EligibilitySpell,
    Enrolment,
    Fund,
    Goal,
    GroupSession,
    Guardian,
    Household,
    Invoice,
    Membership,
    Milestone,
    Need,
    Notice,
    Offer,
    OfferNeed,
    Organization,
    Partner,
    Payment,
    PaymentRequest,
    PaymentTrace,
    Person,
    Qualification,
    Referral,
    Review,
    ServiceType,
    Street,
    Submission,
    Substitution,
    Visit,
    VisitFindings,
)


@functools.cache
def built() -> strawberry.Schema:
    """Strawberry's schema; mutations take their input classes from it."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=NODES,
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
    )


@functools.cache
def registry() -> Registry:
    """The schema and everything the planner knows of it. Raises ValueError when a type, field or role has no answer."""
    schema: GraphQLSchema = built()._schema
    forgotten = [
        name for name in MUTATIONS if schema.mutation_type and name not in schema.mutation_type.fields
    ]
    if forgotten:
        raise ValueError(f"the schema does not build: schema/mutations/__init__.py does not list {forgotten}")
    found = build_registry(schema, MACHINES)
    for name, info in found.types.items():
        if info.table:
            _say_who_sees(found.object_type(name))
    return found


def _say_who_sees(type_: GraphQLObjectType) -> None:
    """Append to each description who may read the field: derived from the policy, so it cannot be wrong."""
    for name, field in type_.fields.items():
        plain: list[str] = []
        masked: list[str] = []
        for role in READ_ROLES:
            grant = grant_for(type_.name, role)
            if grant is None or not (grant.shows(name) or name == "id"):
                continue
            (masked if name in grant.masked else plain).append(str(role))
        said = f"Visible to: {', '.join(plain) or 'nobody in plain'}"
        field.description = f"{field.description} {said}" + (
            f"; masked for {', '.join(masked)}." if masked else "."
        )


def sdl() -> str:
    """The schema as text, as committed in `schema/schema.graphql`."""
    return print_schema(registry().schema) + "\n"
