"""The cast of the demo world, as data: who signs in by which name, where they work, as what.

Names, organizations and numbers are made up; only the street, its communities and the district are real places.
"""

from __future__ import annotations

import dataclasses
import json
import shlex

import asyncpg

from auth.roles import Duty, Role
from hub import data_folder
from hub.base.db import Server
from hub.settings import Settings

DISTRICT_CODE = "320311"
STREET_CODE = "320311002"

COMMUNITY_CODES = {"七里沟": "320311002001", "三官庙": "320311002002", "新语": "320311002003"}
"""Short names of the demo street's communities → their division codes."""

DISTRICT, STREET = "district", "street"
"""Places of `Post` that are no community and no partner."""


@dataclasses.dataclass(frozen=True)
class Post:
    """One membership of somebody. `at`: DISTRICT, STREET, a community's short name or a partner's key."""

    sign_in_name: str
    name: str
    role: Role
    at: str
    duty: Duty | None = None
    title: str = ""
    second: bool = False

    @property
    def key(self) -> str:
        """How the stories call the membership: the sign-in name; `hua@kangle` for her second one."""
        return f"{self.sign_in_name}@{self.at}" if self.second else self.sign_in_name


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A qualification; days count from `today` of the world, negative ones are past."""

    type: str
    from_day: int = -900
    to_day: int | None = 900


@dataclasses.dataclass(frozen=True)
class PartnerOrganization:
    """A partner. `serial` are characters 3 to 17 of its credit code; the check character is computed."""

    key: str
    name: str
    partner_type: str
    rating: str
    serial: str
    certificates: tuple[Certificate, ...]


PARTNERS = (
    PartnerOrganization(
        "nuanchao",
        "徐州暖巢社会工作服务中心",
        "SERVICE_INSTITUTION",
        "R4A",
        "320300MJD000001",
        (Certificate("REGISTRATION"), Certificate("SOCIAL_WORK"), Certificate("ELDERLY_CARE")),
    ),
    PartnerOrganization(
        "kangle",
        "徐州康乐为老服务中心",
        "SERVICE_INSTITUTION",
        "R3A",
        "320300MJD000002",
        (Certificate("REGISTRATION"), Certificate("ELDERLY_CARE"), Certificate("REHABILITATION")),
    ),
    PartnerOrganization(
        "xinquan",
        "徐州心泉心理关爱协会",
        "SOCIAL_GROUP",
        "R3A",
        "320300MJD000003",
        (Certificate("REGISTRATION"), Certificate("COUNSELLING")),
    ),
    PartnerOrganization(
        "qingmiao",
        "徐州青苗儿童社会工作中心",
        "SERVICE_INSTITUTION",
        "R2A",
        "320300MJD000004",
        (Certificate("REGISTRATION"), Certificate("SOCIAL_WORK", -600, None)),
    ),
    PartnerOrganization(
        "tongxing",
        "徐州同行康复训练中心",
        "SERVICE_INSTITUTION",
        "R1A",
        "320300MJD000005",
        (Certificate("REGISTRATION"), Certificate("REHABILITATION", -750, -20)),
    ),
    PartnerOrganization(
        "shiliu",
        "徐州石榴公益基金会",
        "FOUNDATION",
        "UNRATED",
        "320300MJD000006",
        (Certificate("REGISTRATION"), Certificate("CHARITY_STATUS")),
    ),
)
"""Partners 1 to 6, in this order. The fifth one's certificate of rehabilitation has run out."""

PARTNER_KEYS = tuple(partner.key for partner in PARTNERS)
FIRST, SECOND = PARTNER_KEYS[:2]

CAST = (
    Post("wang", "王敏", Role.COMMUNITY_WORKER, "七里沟", title="community worker of Qiligou community"),
    Post("li", "李娟", Role.COMMUNITY_WORKER, "三官庙", title="community worker of Sanguanmiao community"),
    Post("mei", "梅晓", Role.STATION_WORKER, STREET, title="social worker at the station"),
    Post("tao", "陶然", Role.STATION_WORKER, STREET, title="social worker at the station"),
    Post("hua", "华宁", Role.STATION_WORKER, STREET, title="at the station, and employed by partner 2"),
    Post("hua", "华宁", Role.PARTNER_WORKER, SECOND, title="worker of partner 2", second=True),
    Post("zhao", "赵刚", Role.STREET_DIRECTOR, STREET, title="director in charge at the street"),
    Post("guo", "郭颖", Role.STREET_DIRECTOR, STREET, title="deputy director at the street"),
    Post("qian", "钱莉", Role.FINANCE_OFFICER, STREET, Duty.ACCOUNTANT, title="accountant of the street"),
    Post("sun", "孙浩", Role.FINANCE_OFFICER, STREET, Duty.CASHIER, title="cashier of the street"),
    Post("bo", "柏松", Role.PARTNER_MANAGER, FIRST, title="manager of partner 1"),
    Post("an", "安琪", Role.PARTNER_WORKER, FIRST, title="worker of partner 1"),
    Post("kai", "凯文", Role.PARTNER_MANAGER, SECOND, title="manager of partner 2"),
    Post("lin", "林悦", Role.PARTNER_WORKER, SECOND, title="worker of partner 2"),
    Post("shen", "沈清", Role.AUDITOR, DISTRICT, title="auditor of the district"),
    Post("root", "管理员", Role.ADMIN, STREET, title="administrator of the street"),
)
"""The named cast; the sign-in names are stable. Hua holds two memberships."""

SUPPORTING = (
    Post("ning", "宁静", Role.COMMUNITY_WORKER, "新语"),
    Post("ou", "欧阳", Role.PARTNER_WORKER, FIRST),
    Post("gao", "高远", Role.PARTNER_MANAGER, "xinquan"),
    Post("xia", "夏雨", Role.PARTNER_WORKER, "xinquan"),
    Post("fang", "方圆", Role.PARTNER_MANAGER, "qingmiao"),
    Post("miao", "苗青", Role.PARTNER_WORKER, "qingmiao"),
    Post("ren", "任重", Role.PARTNER_MANAGER, "tongxing"),
    Post("yu", "于洋", Role.PARTNER_MANAGER, "shiliu"),
)
"""Those whom the stories need besides: the third community's worker, and the people of the other partners."""

YEAR = (
    Post("shu", "舒展", Role.PARTNER_WORKER, FIRST),
    Post("tian", "田野", Role.PARTNER_WORKER, FIRST),
    Post("rong", "荣欣", Role.PARTNER_WORKER, SECOND),
)
"""Barber, electrician and carer, whom only the stories of a whole year need."""

_QUERIES = {
    "wang": "{ viewer { queue { displayName count dueAt } } referrals(first: 5) { nodes { reference status "
    "person { name } serviceType { displayName } case { status leadOrganization { name } } } } }",
    "li": "{ notices(first: 5) { nodes { text createdAt dueAt } } }",
    "mei": "{ viewer { queue { displayName count dueAt } } "
    "referrals(first: 5, where: { status: [SUBMITTED, TRIAGED] }) "
    "{ nodes { id reference status urgency reason availableActions { action allowed } } } }",
    "tao": "{ cases(first: 5, where: { status: [CLOSING] }) { nodes { id reference summary "
    "availableActions { action allowed blockedBy } } } }",
    "hua": "{ viewer { membership { id role organization { name } } queue { displayName count } } }",
    "zhao": "{ viewer { queue { displayName count dueAt } } paymentRequests(first: 5, "
    "where: { status: [CHECKED] }) { nodes { reference kind payable { amount } partner { name } "
    "match { agreement acceptance invoice account fund } } } }",
    "guo": "{ appeals(first: 5) { nodes { reference status grounds partner { name } milestone { title } } } }",
    "qian": "{ viewer { queue { displayName count dueAt } } milestones(first: 5, where: { status: [SUBMITTED, "
    "ACCEPTED] }) { nodes { title dueOn amount { amount } partner { name } paymentRequests { reference status "
    "payable { amount } match { agreement acceptance invoice account fund } } } } }",
    "sun": "{ paymentRequests(first: 5, where: { status: [APPROVED, FAILED] }) "
    "{ nodes { reference status payable { amount } dueOn partner { name } } } }",
    "bo": "{ viewer { queue { displayName count } } agreements(first: 5) { nodes { title status "
    "ceiling { amount } milestones(first: 5) { nodes { code status paymentRequests { status payable { amount } "
    "waitingFor { role since } } } } } } "
    "cases(first: 5, where: { withoutWorker: true }) { nodes { id reference person { name } } } }",
    "an": "{ visits(first: 10, where: { status: [PLANNED] }) { nodes { id promisedFrom promisedTo missed "
    "person { name phone address } } } }",
    "kai": "{ offers(first: 5) { nodes { status ageGroup estate serviceType { displayName } needs { domain } } } }",
    "lin": "{ cases(first: 5) { nodes { reference status person { name } goals { title status } } } }",
    "shen": "{ people(first: 5) { totalCount nodes { pseudonym name ageGroup } } }",
    "root": "{ memberships(first: 30) { nodes { displayName role organization { name } } } }",
}
"""One useful query for each of the cast. tests/demo run every one of them against the schema."""

_HUA = """
select m.id from memberships m join users u on u.id = m.user_id
 where u.sign_in_name = 'hua' and m.role = 'STATION_WORKER' and m.ended_at is null
"""


def query_of(sign_in_name: str) -> str:
    """The query of `curl_lines` for one of the cast."""
    return _QUERIES[sign_in_name]


async def curl_lines(server: Server, settings: Settings) -> list[tuple[str, str]]:
    """For each of the cast a label and one `curl` line that answers, to be pasted into a shell in this folder."""
    connection = await asyncpg.connect(**server.connect_kwargs("system"), timeout=10)
    try:
        hua_id = await connection.fetchval(_HUA)
    finally:
        await connection.close()
    posts = {post.sign_in_name: post for post in reversed(CAST)}
    lines: list[tuple[str, str]] = []
    for name in dict.fromkeys(post.sign_in_name for post in CAST):
        header = f"membership_{hua_id}" if name == "hua" else None
        post = posts[name]
        lines.append((f"{name}: {post.name}, {post.title}", _curl(settings, name, header)))
    return lines


def _curl(settings: Settings, name: str, membership: str | None) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    data = "" if settings.data == data_folder.default() else f" --data {shlex.quote(str(settings.data))}"
    headers = [f'-H "Authorization: Bearer $(python3 -m hub token --as {name}{data})"']
    if membership is not None:
        headers.append(f"-H 'Hub-Membership: {membership}'")
    headers.append("-H 'Content-Type: application/json'")
    body = shlex.quote(json.dumps({"query": query_of(name)}))
    return f"curl -s http://{host}:{settings.port}/graphql {' '.join(headers)} -d {body}"
