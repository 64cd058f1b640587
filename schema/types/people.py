"""People, households, eligibility, guardians, consents and needs."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import (
    Connection,
    Node,
    computed,
    day,
    edge,
    instant,
    many,
    number,
    prose,
    short,
    struct,
    word,
    words,
    yes_no,
)
from schema.types.filters import NeedOrder, NeedWhere, PersonOrder, PersonWhere
from schema.types.refs import CommunityRef, HouseholdRef, MembershipRef, NeedRef, OrganizationRef, PersonRef

AGE_GROUP = """CASE WHEN {t}.birth_on > {today} - interval '7 years' THEN 'AGE_0_6'
    WHEN {t}.birth_on > {today} - interval '18 years' THEN 'AGE_7_17'
    WHEN {t}.birth_on > {today} - interval '60 years' THEN 'AGE_18_59'
    WHEN {t}.birth_on > {today} - interval '70 years' THEN 'AGE_60_69'
    WHEN {t}.birth_on > {today} - interval '80 years' THEN 'AGE_70_79'
    ELSE 'AGE_80_PLUS' END"""


@describe("persons")
@strawberry.type(description="A recipient of help. 居民")
class Person(Node):
    """A person; personal values show masked, plain ones leave by the day sheet and by reveal only."""

    reference: str | None = word("reference", "Reference. 编号")
    pseudonym: str | None = word("pseudonym", "Stable name that tells nothing. 化名")
    name: str | None = prose(
        "name", "Name, plain where granted, otherwise masked. 姓名", masked="name_masked"
    )
    birth_date: date | None = day("birth_on", "Date of birth. 出生日期")
    age_group: enums.AgeGroup | None = computed(AGE_GROUP, Kind.WORD, "Age group today. 年龄段")
    sex: enums.Sex | None = word("sex", "Sex. 性别")
    id_number: str | None = prose("id_number_masked", "Id number, masked always. 身份证号", sealed=True)
    phone: str | None = prose("phone_masked", "Phone, masked always. 电话", sealed=True)
    address: str | None = prose("address_masked", "Address without house number. 住址", sealed=True)
    estate: str | None = prose("estate", "Housing estate. 小区")
    lives_alone: bool | None = yes_no("lives_alone", "Whether living alone. 独居")
    disability_grade: enums.DisabilityGrade | None = word("disability_grade", "Disability grade. 残疾等级")
    risk_class: enums.RiskClass | None = word("risk_class", "Risk class. 风险等级")
    status: enums.PersonStatus | None = word("status", "State. 状态")
    household_relation: enums.HouseholdRelation | None = word(
        "household_relation", "Relation to the head. 与户主关系"
    )
    community: CommunityRef | None = edge("Community", "Community of residence. 居住社区", via="community_id")
    registration_community: CommunityRef | None = edge(
        "Community", "Community of registration. 户籍社区", via="registration_community_id"
    )
    household: HouseholdRef | None = edge("Household", "With whom the person lives. 家庭", via="household_id")
    eligibility: list[EligibilitySpell] | None = short(
        "EligibilitySpell", "Categories of assistance. 救助资格", back="person_id"
    )
    guardians: list[Guardian] | None = short("Guardian", "Guardians. 监护人", back="person_id")
    consents: list[Consent] | None = short("Consent", "Consents. 同意记录", back="person_id")
    needs: Connection[NeedRef] | None = many(
        Connection[NeedRef], "Need", "Stated needs. 需求", where=NeedWhere, order=NeedOrder, back="person_id"
    )
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe("households")
@strawberry.type(description="People who live together. 家庭")
class Household(Node):
    """A household."""

    reference: str | None = word("reference", "Reference. 编号")
    community: CommunityRef | None = edge("Community", "Where it lives. 所在社区", via="community_id")
    members: Connection[PersonRef] | None = many(
        Connection[PersonRef],
        "Person",
        "Who lives in it. 家庭成员",
        where=PersonWhere,
        order=PersonOrder,
        back="household_id",
    )


@describe("eligibility_spells", tag="eligibility")
@strawberry.type(description="A time in which a category of assistance holds. 救助资格")
class EligibilitySpell(Node):
    """No two spells of one category overlap."""

    category: enums.EligibilityCategory | None = word("category", "Category. 救助类别")
    from_on: date | None = day("from_on", "First day. 起始日")
    to_on: date | None = day("to_on", "Last day. 截止日")


@describe("guardians")
@strawberry.type(description="Who decides for a minor or a person without capacity. 监护人")
class Guardian(Node):
    """A guardian: a registered person, an organization, or somebody named."""

    name: str | None = prose("name", "Name where not registered here. 姓名")
    relation: str | None = prose("relation", "Relation to the ward. 关系")
    phone: str | None = prose("phone_masked", "Phone, masked always. 电话", sealed=True)
    guardian_person: PersonRef | None = edge(
        "Person", "The guardian, where registered here. 监护人", via="guardian_person_id"
    )
    guardian_organization: OrganizationRef | None = edge(
        "Organization", "The guardian, where an organization. 监护机构", via="guardian_organization_id"
    )
    from_on: date | None = day("from_on", "First day. 起始日")
    to_on: date | None = day("to_on", "Last day. 截止日")


@describe("consents")
@strawberry.type(description="A person's consent to passing on data, or a recorded vital interest. 同意")
class Consent(Node):
    """Without one in force nobody outside the street sees the person."""

    person: PersonRef | None = edge("Person", "Whose data. 居民", via="person_id")
    grantee: OrganizationRef | None = edge(
        "Organization", "Who may use it; the street means all its partners. 被授权方", via="grantee_id"
    )
    purpose: enums.ConsentPurpose | None = word("purpose", "What for. 目的")
    data_categories: list[str] | None = words("data_categories", "Which categories of data. 数据类别")
    given_by: enums.ConsentGiver | None = word("given_by", "Who gave it. 同意人")
    basis: enums.ConsentBasis | None = word("basis", "On which basis. 依据")
    basis_note: str | None = prose("basis_note", "Why a vital interest is seen. 依据说明")
    paper_due_on: date | None = day("paper_due_on", "Until when the paper must follow. 补签截止日")
    from_on: date | None = day("from_on", "First day. 起始日")
    to_on: date | None = day("to_on", "Last day. 截止日")
    status: enums.ConsentStatus | None = word("status", "State. 状态")
    withdrawn_at: datetime | None = instant("withdrawn_at", "When it was withdrawn. 撤回时间")
    withdrawn_reason: str | None = prose("withdrawn_reason", "Why it was withdrawn. 撤回原因")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")


@describe()
@strawberry.type(description="What a comparative need is compared with. 比较依据")
class Comparator:
    """A person's figure against the cohort's."""

    cohort: str | None = prose("comparator_cohort", "With whom. 比较人群")
    metric: enums.ComparatorMetric | None = word("comparator_metric", "By which figure. 指标")
    value: str | None = prose("comparator_value", "The person's figure. 本人数值")
    cohort_value: str | None = prose("comparator_cohort_value", "The cohort's figure. 人群数值")


@describe("needs")
@strawberry.type(description="A stated need, typed after Bradshaw. 需求")
class Need(Node):
    """A need and what became of it."""

    person: PersonRef | None = edge("Person", "Whose need. 居民", via="person_id")
    domain: enums.NeedDomain | None = word("domain", "Domain. 领域")
    bradshaw_type: enums.BradshawType | None = word("bradshaw_type", "Type after Bradshaw. 需求类型")
    severity: int | None = number("severity", "Severity, 1 to 5. 严重程度")
    statement: str | None = prose("statement", "The need in words. 需求描述")
    stated_by: str | None = prose("stated_by", "Who stated it. 陈述人")
    comparator: Comparator | None = struct(
        "Comparator", "What it is compared with. 比较依据", absent_when="{t}.comparator_metric is null"
    )
    status: enums.NeedStatus | None = word("status", "State. 状态")
    outcome: str | None = prose("outcome", "What became of it. 结果")
    recorded_by: MembershipRef | None = edge("Membership", "Who recorded it. 记录人", via="recorded_by_id")
    created_at: datetime | None = instant("created_at", "When it was stated. 提出时间")
    settled_at: datetime | None = instant("settled_at", "When it was settled. 了结时间")
    version: int | None = number("version", "Grows with every change; send it as expectedVersion. 版本")
