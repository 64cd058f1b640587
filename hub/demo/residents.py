"""Made-up residents, household by household: pure, the same for the same seed and day.

Nobody bears these surnames: they are stems and branches of the old calendar. Id numbers have the form and check
character of GB 11643 with the real district code and serials 980 to 999; telephone numbers are 139 0000 0001 upwards.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta

from hub.people.new_person import EmergencyContact, NewEligibility
from hub.people.rules import id_check_character

SURNAMES = "甲乙丙己庚壬癸子丑寅卯辰巳午未酉戌亥"
GIVEN_NAMES = {
    ("OLD", "FEMALE"): ("桂秀玉淑凤素春月翠巧", "兰英珍芬芳梅云琴华莲"),
    ("OLD", "MALE"): ("建德福长永国志保振庆", "国胜山海福栋远田华林"),
    ("ADULT", "FEMALE"): ("丽红雪晓慧海静文爱小", "娟霞梅燕敏怡玲菊华云"),
    ("ADULT", "MALE"): ("志海立卫大俊春宏学光", "强涛新东鹏杰生伟文明"),
    ("CHILD", "FEMALE"): ("雨诗欣可语梓思星禾若", "桐涵怡馨嫣萱彤月苗溪"),
    ("CHILD", "MALE"): ("浩子宇小天一明沐知乐", "然轩航树佑诺远阳行天"),
}
"""First and second characters by generation and sex; any pair will do."""

ESTATES = {
    "七里沟": ("七里花园", "石榴苑", "云杉里"),
    "三官庙": ("三官新村", "梧桐里", "槐荫苑"),
    "新语": ("新语家园", "听雨苑", "丹桂里"),
}
SHARES = {"七里沟": 0.45, "三官庙": 0.33, "新语": 0.22}
"""Share of the households that each community gets."""

DOOR_NOTES = (
    "耳背，请多敲几下门",
    "家中有狗，请先打电话",
    "行动慢，请多等两分钟",
    "门铃坏了，请敲门",
    "白天常在楼下晒太阳",
)


@dataclasses.dataclass(frozen=True)
class Member:
    """Somebody of a household, before she is registered; `guarded` children have the head as guardian."""

    surname: str
    name: str
    birth_on: date
    sex: str
    relation: str
    id_number: str
    phone: str | None = None
    door_notes: str | None = None
    disability_grade: str = "NONE"
    risk_class: str = "C"
    contacts: tuple[EmergencyContact, ...] = ()
    eligibility: tuple[NewEligibility, ...] = ()
    guarded: bool = False


@dataclasses.dataclass(frozen=True)
class Household:
    """Who lives behind one door, the head first."""

    community: str
    estate: str
    address: str
    members: tuple[Member, ...]


Kin = tuple[str, int, int, str]
"""Relation to the head, youngest and oldest age, sex (F, M, or ? for either)."""

TEMPLATES: tuple[tuple[Kin, ...], ...] = (
    (("HEAD", 72, 91, "F"),),
    (("HEAD", 34, 44, "M"), ("SPOUSE", 31, 42, "F"), ("CHILD", 6, 14, "?")),
    (("HEAD", 66, 84, "M"), ("SPOUSE", 65, 82, "F")),
    (("HEAD", 62, 74, "F"), ("GRANDCHILD", 7, 14, "?")),
    (("HEAD", 66, 88, "M"),),
    (("HEAD", 38, 48, "M"), ("SPOUSE", 36, 46, "F"), ("PARENT", 66, 80, "F"), ("CHILD", 8, 16, "?")),
    (("HEAD", 29, 45, "F"), ("CHILD", 3, 12, "?")),
    (("HEAD", 60, 72, "F"), ("CHILD", 30, 44, "M")),
    (("HEAD", 68, 93, "F"),),
    (("HEAD", 36, 48, "F"), ("SPOUSE", 38, 50, "M"), ("CHILD", 10, 16, "?"), ("CHILD", 3, 9, "?")),
    (("HEAD", 70, 88, "F"), ("SPOUSE", 70, 90, "M")),
    (("HEAD", 25, 58, "?"),),
)
"""Kinds of household, in turn. One old, one young: more of those who need help than a census would find."""


class Register:
    """Makes households; keeps what must not repeat: names, serials, telephone numbers."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self._chance = chance
        self._today = today
        self._names: set[str] = set()
        self._serials: dict[tuple[date, str], Iterator[int]] = {}
        self._phones = itertools.count(1)

    def households(self, people: int) -> Iterator[Household]:
        """Households with about `people` members in all, community after community in turn."""
        left = {community: round(people * share) for community, share in SHARES.items()}
        for template in itertools.cycle(TEMPLATES):
            for community in [name for name, count in left.items() if count > 0]:
                household = self._household(community, template)
                left[community] -= len(household.members)
                yield household
            if all(count <= 0 for count in left.values()):
                return

    def _household(self, community: str, template: tuple[Kin, ...]) -> Household:
        chance = self._chance
        estate = chance.choice(ESTATES[community])
        door = f"{chance.randint(1, 30)}号楼{chance.randint(1, 4)}单元{chance.randint(1, 6)}0{chance.randint(1, 4)}室"
        surname = chance.choice(SURNAMES)
        category = self._category(template)
        members = tuple(self._member(surname, kin, template, category) for kin in template)
        return Household(community, estate, f"{estate}{door}", members)

    def _category(self, template: tuple[Kin, ...]) -> str | None:
        """A household is eligible or not as a whole."""
        alone = len(template) == 1
        draw = self._chance.random()
        if draw < (0.35 if alone else 0.18):
            return "DIBAO"
        if alone and draw < 0.45:
            return "TEKUN"
        if draw < 0.55:
            return self._chance.choice(("DIBAO_EDGE", "RIGID_EXPENDITURE", "OTHER"))
        return None

    def _member(self, surname: str, kin: Kin, template: tuple[Kin, ...], category: str | None) -> Member:
        relation, youngest, oldest, sex_code = kin
        chance = self._chance
        age = chance.randint(youngest, oldest)
        sex = {"F": "FEMALE", "M": "MALE"}.get(sex_code) or chance.choice(("FEMALE", "MALE"))
        birth_on = self._birth_date(age)
        surname = surname if relation in ("HEAD", "CHILD", "GRANDCHILD") else chance.choice(SURNAMES)
        # A grown child who still lives with a parent often does so for a reason.
        needy = chance.random() < (0.6 if relation == "CHILD" and age >= 18 else 0.08)
        grade = chance.choice(("GRADE_1", "GRADE_2", "GRADE_3", "GRADE_4")) if needy else "NONE"
        return Member(
            surname=surname,
            name=surname + self._given(surname, sex, age),
            birth_on=birth_on,
            sex=sex,
            relation=relation,
            id_number=self._id_number(birth_on, sex),
            phone=self._phone() if age >= 15 and chance.random() < 0.92 else None,
            door_notes=chance.choice(DOOR_NOTES) if age >= 65 and chance.random() < 0.25 else None,
            disability_grade=grade,
            risk_class=_risk(age, alone=len(template) == 1, grade=grade),
            contacts=tuple(self._contacts(surname, age, alone=len(template) == 1)),
            eligibility=self._spells(category, birth_on),
            guarded=age < 18,
        )

    def _birth_date(self, age: int) -> date:
        """A day that makes her `age` now and, since a year has more days than that, no younger when registered."""
        return self._today - timedelta(days=round(age * 365.2425) + self._chance.randint(130, 355))

    def _given(self, surname: str, sex: str, age: int) -> str:
        """A given name that nobody else of the surname has."""
        generation = "CHILD" if age < 18 else "OLD" if age >= 60 else "ADULT"
        first, second = GIVEN_NAMES[generation, sex]
        pairs = [one + other for one in first for other in second]
        start = self._chance.randrange(len(pairs))
        for given in pairs[start:] + pairs[:start]:
            if surname + given not in self._names:
                self._names.add(surname + given)
                return given
        raise LookupError("no given name is left")

    def _id_number(self, birth_on: date, sex: str) -> str:
        serials = self._serials.setdefault(
            (birth_on, sex), iter(range(981 if sex == "MALE" else 980, 1000, 2))
        )
        body = f"320311{birth_on:%Y%m%d}{next(serials):03d}"
        return body + id_check_character(body)

    def _phone(self) -> str:
        return f"1390000{next(self._phones):04d}"

    def _contacts(self, surname: str, age: int, *, alone: bool) -> Iterator[EmergencyContact]:
        if age < 65:
            return
        count = self._chance.randint(1, 3) if alone else self._chance.randint(0, 1)
        for relation in ("女儿", "儿子", "邻居")[:count]:
            yield EmergencyContact(surname + self._chance.choice("一二三四五六"), relation, self._phone())

    def _spells(self, category: str | None, birth_on: date) -> tuple[NewEligibility, ...]:
        """A small child is eligible from birth."""
        if category is None:
            return ()
        begin = max(birth_on, self._today - timedelta(days=self._chance.randint(150, 1500)))
        spells = [NewEligibility(category, begin, self._ending())]
        if category == "DIBAO" and self._chance.random() < 0.15:  # was on the edge of it before
            edge = begin - timedelta(days=365)
            if edge >= birth_on:
                spells.insert(0, NewEligibility("DIBAO_EDGE", edge, begin - timedelta(days=1)))
        return tuple(spells)

    def _ending(self) -> date | None:
        """Mostly until further notice; some are reviewed on a day, for a few of them that day has passed."""
        draw = self._chance.random()
        if draw < 0.7:
            return None
        days = self._chance.randint(30, 300) if draw < 0.92 else -self._chance.randint(1, 90)
        return self._today + timedelta(days=days)


def _risk(age: int, *, alone: bool, grade: str) -> str:
    if (alone and age >= 80) or grade in ("GRADE_1", "GRADE_2"):
        return "A"
    return "B" if alone or age >= 80 or grade != "NONE" else "C"
