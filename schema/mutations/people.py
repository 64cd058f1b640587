"""Mutations on people: registering, standing, consents, needs, revealing."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from hub.base.transaction import Transaction
from hub.people import consents, needs, registering, revealing, standing
from hub.people.new_person import EmergencyContact, NewEligibility, NewGuardian, NewPerson
from schema.mutation import Target, Version, mutation, name_of, uuid_of
from schema.types import enums
from schema.types.people import Consent, EligibilitySpell, Guardian, Need, Person


def _said(description: str) -> Any:
    return strawberry.field(description=description)


def _maybe(description: str, default: Any = None) -> Any:
    return strawberry.field(default=default, description=description)


@strawberry.input(description="Whom to call when nobody opens. 紧急联系人")
class EmergencyContactInput:
    """Kept sealed."""

    name: str = _said("Name. 姓名")
    relation: str = _said("Relation. 关系")
    phone: str = _said("Phone. 电话")


@strawberry.input(description="A category of assistance and its time. 救助资格")
class EligibilityInput:
    """No two spells of one category overlap."""

    category: enums.EligibilityCategory = _said("Category. 救助类别")
    from_on: date = _said("First day. 起始日")
    to_on: date | None = _maybe("Last day. 截止日")


@strawberry.input(description="A guardian: exactly one of person, organization or name. 监护人")
class GuardianInput:
    """Who decides for the person."""

    relation: str = _said("Relation to the ward. 关系")
    name: str | None = _maybe("Name, where not registered here. 姓名")
    guardian_person: strawberry.ID | None = _maybe("A registered person (id of a Person). 监护人")
    guardian_organization: strawberry.ID | None = _maybe("An organization (id of an Organization). 监护机构")
    phone: str | None = _maybe("Phone. 电话")
    from_on: date | None = _maybe("First day; today when nothing is said. 起始日")
    to_on: date | None = _maybe("Last day. 截止日")


@strawberry.input(description="A person to register. 居民登记")
class PersonRegisterInput:
    """Personal values are sealed on the way in."""

    community: strawberry.ID = _said("Community of residence (id of a Community). 居住社区")
    name: str = _said("Name. 姓名")
    id_number: str | None = _maybe("Id number; it says birth date and sex. 身份证号")
    birth_date: date | None = _maybe("Date of birth, when there is no id number. 出生日期")
    sex: enums.Sex | None = _maybe("Sex, when there is no id number. 性别")
    phone: str | None = _maybe("Phone. 电话")
    address: str | None = _maybe("Address with house number. 住址")
    estate: str | None = _maybe("Housing estate, without house number. 小区")
    door_notes: str | None = _maybe("What helps at the door. 上门提示")
    lives_alone: bool = _maybe("Whether living alone. 独居", False)
    disability_grade: enums.DisabilityGrade | None = _maybe("Disability grade. 残疾等级")
    risk_class: enums.RiskClass | None = _maybe("Risk class. 风险等级")
    emergency_contacts: list[EmergencyContactInput] | None = _maybe("In order of calling. 紧急联系人")
    household: strawberry.ID | None = _maybe(
        "An existing household (id of a Household); a new one when absent. 家庭"
    )
    household_relation: enums.HouseholdRelation | None = _maybe("Relation to the head. 与户主关系")
    registration_community: strawberry.ID | None = _maybe(
        "Community of registration (id of a Community). 户籍社区"
    )
    eligibility: list[EligibilityInput] | None = _maybe("Categories of assistance. 救助资格")
    guardian: GuardianInput | None = _maybe("Guardian. 监护人")


@strawberry.input(description="A category of assistance for a person. 救助资格登记")
class EligibilityRecordInput:
    """Adds one spell."""

    person: strawberry.ID = _said("Whose (id of a Person). 居民")
    eligibility: EligibilityInput = _said("The spell. 救助资格")


@strawberry.input(description="A guardian for a person. 监护人登记")
class GuardianRecordInput:
    """Adds one guardian."""

    person: strawberry.ID = _said("Whose (id of a Person). 居民")
    guardian: GuardianInput = _said("The guardian. 监护人")


@strawberry.input(description="A consent, or a recorded vital interest. 同意登记")
class ConsentGiveInput:
    """The street as grantee means all its contracted partners."""

    person: strawberry.ID = _said("Whose data (id of a Person). 居民")
    grantee: strawberry.ID = _said("Who may use it (id of the Street or of a Partner). 被授权方")
    purpose: enums.ConsentPurpose | None = _maybe("What for; SERVICE when nothing is said. 目的")
    data_categories: list[enums.DataCategory] | None = _maybe(
        "Which data; CONTACT and NEEDS when nothing is said. 数据类别"
    )
    given_by: enums.ConsentGiver | None = _maybe("Who gives it; SELF when nothing is said. 同意人")
    guardian: strawberry.ID | None = _maybe("The guardian who gives it (id of a Guardian). 监护人")
    basis: enums.ConsentBasis | None = _maybe("Basis; CONSENT when nothing is said. 依据")
    basis_note: str | None = _maybe("Why a vital interest is seen. 依据说明")
    from_on: date | None = _maybe("First day; today when nothing is said. 起始日")
    to_on: date | None = _maybe("Last day. 截止日")


@strawberry.input(description="A comparison; without values the hub computes them. 比较依据")
class ComparatorInput:
    """A person's figure against the cohort's."""

    metric: enums.ComparatorMetric = _said("By which figure. 指标")
    cohort: str | None = _maybe("With whom. 比较人群")
    value: str | None = _maybe("The person's figure. 本人数值")
    cohort_value: str | None = _maybe("The cohort's figure. 人群数值")


@strawberry.input(description="A need. 需求")
class NeedStateInput:
    """FELT and EXPRESSED need who stated it, COMPARATIVE needs a comparator."""

    person: strawberry.ID = _said("Whose (id of a Person). 居民")
    domain: enums.NeedDomain = _said("Domain. 领域")
    bradshaw_type: enums.BradshawType = _said("Type after Bradshaw. 需求类型")
    statement: str = _said("The need in words. 需求描述")
    severity: int = _maybe("Severity, 1 to 5. 严重程度", 3)
    stated_by: str | None = _maybe("Who stated it. 陈述人")
    comparator: ComparatorInput | None = _maybe("What it is compared with. 比较依据")


@strawberry.type(description="Plain personal values, shown once and audited. 已查看的个人信息")
class RevealedPerson:
    """The one answer in which an id number occurs."""

    person: strawberry.ID | None = strawberry.field(description="Id of the Person. 居民标识")
    reference: str | None = strawberry.field(description="Reference. 编号")
    phone: str | None = strawberry.field(description="Phone, when asked for. 电话")
    address: str | None = strawberry.field(description="Address, when asked for. 住址")
    id_number: str | None = strawberry.field(description="Id number, when asked for. 身份证号")


def _guardian(given: GuardianInput) -> NewGuardian:
    return NewGuardian(
        relation=given.relation,
        name=given.name,
        guardian_person_id=uuid_of("person", given.guardian_person),
        guardian_organization_id=uuid_of("organization", given.guardian_organization),
        phone=given.phone,
        from_on=given.from_on,
        to_on=given.to_on,
    )


def _eligibility(given: EligibilityInput) -> NewEligibility:
    return NewEligibility(name_of(given.category), given.from_on, given.to_on)


def _person(given: PersonRegisterInput) -> NewPerson:
    return NewPerson(
        name=given.name,
        id_number=given.id_number,
        birth_on=given.birth_date,
        sex=name_of(given.sex),
        phone=given.phone,
        address=given.address,
        estate=given.estate,
        door_notes=given.door_notes,
        lives_alone=given.lives_alone,
        disability_grade=name_of(given.disability_grade) or "NONE",
        risk_class=name_of(given.risk_class) or "C",
        emergency_contacts=[
            EmergencyContact(each.name, each.relation, each.phone) for each in given.emergency_contacts or ()
        ],
        household_id=uuid_of("household", given.household),
        household_relation=name_of(given.household_relation),
        registration_community_id=uuid_of("community", given.registration_community),
        eligibility=[_eligibility(each) for each in given.eligibility or ()],
        guardian=_guardian(given.guardian) if given.guardian else None,
    )


@mutation("Register a person. 登记居民", target=("input", "community"), person=(Person, "The person. 居民"))
async def person_register(tx: Transaction, input: PersonRegisterInput) -> Any:
    community = uuid_of("community", input.community)
    return await registering.person_register(tx, community, _person(input))


@mutation(
    "Record a category of assistance. 登记救助资格",
    target=("input", "person"),
    eligibility=(EligibilitySpell, "The spell. 救助资格"),
)
async def eligibility_record(tx: Transaction, input: EligibilityRecordInput) -> Any:
    spell = input.eligibility
    return await standing.eligibility_record(
        tx,
        uuid_of("person", input.person),
        category=name_of(spell.category),
        from_on=spell.from_on,
        to_on=spell.to_on,
    )


@mutation(
    "Record a guardian. 登记监护人", target=("input", "person"), guardian=(Guardian, "The guardian. 监护人")
)
async def guardian_record(tx: Transaction, input: GuardianRecordInput) -> Any:
    given = _guardian(input.guardian)
    return await standing.guardian_record(
        tx,
        uuid_of("person", input.person),
        relation=given.relation,
        name=given.name,
        guardian_person_id=given.guardian_person_id,
        guardian_organization_id=given.guardian_organization_id,
        phone=given.phone,
        from_on=given.from_on,
        to_on=given.to_on,
    )


@mutation(
    "Record a consent or a vital interest. 登记同意",
    target=("input", "person"),
    consent=(Consent, "The consent. 同意"),
)
async def consent_give(tx: Transaction, input: ConsentGiveInput) -> Any:
    tag = input.grantee.partition("_")[0]
    return await consents.consent_give(
        tx,
        uuid_of("person", input.person),
        grantee_id=uuid_of(tag if tag in ("street", "partner") else "organization", input.grantee),
        purpose=name_of(input.purpose) or "SERVICE",
        data_categories=[name_of(each) for each in input.data_categories or ()] or ("CONTACT", "NEEDS"),
        given_by=name_of(input.given_by) or "SELF",
        guardian_id=uuid_of("guardian", input.guardian),
        basis=name_of(input.basis) or "CONSENT",
        basis_note=input.basis_note,
        from_on=input.from_on,
        to_on=input.to_on,
    )


@mutation(
    "Withdraw a consent; partners' access ends with their next request. 撤回同意",
    consent=(Consent, "The consent. 同意"),
)
async def consent_withdraw(
    tx: Transaction,
    id: Target,
    reason: Annotated[str | None, strawberry.argument(description="Why. 原因")] = None,
    expected_version: Version = None,
) -> Any:
    return await consents.consent_withdraw(
        tx, uuid_of("consent", id), reason=reason, version=expected_version
    )


@mutation("State a need. 提出需求", target=("input", "person"), need=(Need, "The need. 需求"))
async def need_state(tx: Transaction, input: NeedStateInput) -> Any:
    compared = input.comparator
    return await needs.need_state(
        tx,
        uuid_of("person", input.person),
        domain=name_of(input.domain),
        bradshaw_type=name_of(input.bradshaw_type),
        statement=input.statement,
        severity=input.severity,
        stated_by=input.stated_by,
        comparator=needs.Comparator(
            name_of(compared.metric), compared.cohort, compared.value, compared.cohort_value
        )
        if compared
        else None,
    )


@mutation("Settle a need: say what became of it. 了结需求", need=(Need, "The need. 需求"))
async def need_settle(
    tx: Transaction,
    id: Target,
    status: Annotated[enums.NeedStatus, strawberry.argument(description="A final state. 结果状态")],
    outcome: Annotated[str | None, strawberry.argument(description="What became of it. 结果")] = None,
    expected_version: Version = None,
) -> Any:
    return await needs.need_settle(
        tx, uuid_of("need", id), status=name_of(status), outcome=outcome, version=expected_version
    )


@mutation(
    "Reveal plain personal values for a stated purpose; one audit row. 查看个人信息",
    idempotent=False,
    person=(RevealedPerson, "The plain values. 个人信息"),
)
async def person_reveal(
    tx: Transaction,
    id: Target,
    fields: Annotated[list[enums.RevealField], strawberry.argument(description="Which values. 字段")],
    purpose: Annotated[enums.RevealPurpose, strawberry.argument(description="What for. 目的")],
) -> Any:
    plain = await revealing.person_reveal(
        tx, uuid_of("person", id), [name_of(each) for each in fields], name_of(purpose)
    )
    return {
        "person": {
            "person": f"person_{plain['id']}",
            "reference": plain["reference"],
            "phone": plain.get("phone"),
            "address": plain.get("address"),
            "idNumber": plain.get("id_number"),
        }
    }
