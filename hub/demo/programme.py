"""Which stories are told, about whom, since when: 60 referrals of the demo, and the dozen of the small world."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from hub.demo import stories as s
from hub.demo import stories_casework as c
from hub.demo import words as w
from hub.demo.registering import Residents
from hub.demo.stage import Stage, Story
from hub.demo.steps import HANDLERS, Matter
from hub.demo.words import Request

OLD = (60, 120)
CHILD = (6, 16)
ADULT = (20, 58)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One story. `start`: day of the request, from today. `small`: also told in the small world."""

    name: str
    plot: s.Plot
    request: Request
    start: int
    community: str = "七里沟"
    partner: str = "nuanchao"
    ages: tuple[int, int] = OLD
    alone: bool | None = None
    consent: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    small: bool = False


PAPER = {"basis": "VITAL_INTEREST", "basis_note": "疑似燃气泄漏，本人无法联系家属，先行入户。"}

# fmt: off
ENTRIES = (
    # ---- with the community and the station
    Entry("submitted",            s.submitted,            w.HAIRCUT,       -1, alone=True, small=True),
    Entry("submitted_urgent",     s.submitted,            w.SAFETY_URGENT, -1, "三官庙", alone=True),
    Entry("submitted_li",         s.submitted,            w.ESCORT,        -2, "三官庙", small=True),
    Entry("submitted_ning",       s.submitted,            w.COMPANY,       -3, "新语"),
    Entry("submitted_child",      s.submitted,            w.CHILD,         -2, ages=CHILD),
    Entry("returned",             s.returned,             w.VISITING,      -3, small=True),
    Entry("returned_li",          s.returned,             w.CARE,          -5, "三官庙"),
    Entry("rejected",             s.rejected,             w.ESCORT,       -30),
    Entry("rejected_ning",        s.rejected,             w.RESOURCES,    -66, "新语"),
    Entry("triaged",              s.triaged,              w.SAFETY,        -3, small=True),
    Entry("triaged_li",           s.triaged,              w.COMPANY,       -2, "三官庙"),
    Entry("taken",                s.taken,                w.VISITING,      -4, alone=True),
    Entry("taken_by_community",   s.taken_by_community,   w.VISITING,      -9, "三官庙", alone=True),
    Entry("cancelled",            s.cancelled,            w.HAIRCUT,      -20, "新语"),
    # ---- before a partner
    Entry("offered",              s.offered,              w.HAIRCUT,       -2, small=True),
    Entry("offered_kangle",       s.offered,              w.CARE,          -2, partner="kangle", small=True),
    Entry("offered_li",           s.offered,              w.REHABILITATION, -3, "三官庙", "kangle"),
    Entry("offered_child",        s.offered,              w.CHILD_COUNSELLING, -2, "新语", "xinquan", CHILD),
    Entry("offered_shiliu",       s.offered,              w.COMPANY,       -3, "新语", "shiliu"),
    Entry("declined",             s.declined,             w.HAIRCUT,       -3, partner="kangle", small=True),
    Entry("declined_again",       s.declined,             w.SKILLS,        -4, "三官庙", "qingmiao", ADULT),
    Entry("expired",              s.expired,              w.ESCORT,        -8, "三官庙", "kangle"),
    Entry("offer_withdrawn",      s.offer_withdrawn,      w.COMPANY,       -3, partner="kangle"),
    Entry("cancelled_with_offer", s.cancelled_with_offer, w.ESCORT,       -17, "三官庙", "kangle"),
    # ---- with a partner
    Entry("accepted",             s.accepted,             w.HAIRCUT,       -3, alone=True, small=True),
    Entry("accepted_li",          s.accepted,             w.SAFETY,        -3, "三官庙", "kangle"),
    Entry("assigned",             s.assigned,             w.RESOURCES,     -4),
    Entry("assigned_lin",         s.assigned,             w.CARE,          -4, "三官庙", "kangle"),
    Entry("today",                s.promised(0, 9, 0),    w.HAIRCUT,       -5, alone=True, small=True),
    Entry("today_2",              s.promised(0, 10, 30),  w.COMPANY,       -6, "三官庙"),
    Entry("today_3",              s.promised(0, 14, 0),   w.HAIRCUT_SELDOM, -5, alone=True),
    Entry("today_4",              s.promised(0, 19, 0),   w.SAFETY,        -5, "新语"),
    Entry("today_lin",            s.promised(0, 15, 0),   w.CARE,          -6, "三官庙", "kangle"),
    Entry("tomorrow",             s.promised(1, 9, 30),   w.HAIRCUT,       -5, "三官庙", alone=True),
    Entry("tomorrow_2",           s.promised(1, 14, 30),  w.COMPANY,       -5, alone=True),
    Entry("tomorrow_lin",         s.promised(1, 10, 0),   w.ESCORT,        -5, partner="kangle"),
    Entry("missed",               s.missed,               w.SAFETY,        -7, small=True),
    Entry("helped",               s.helped,               w.CARE,          -6, small=True),
    Entry("nobody_home",          s.nobody_home,          w.HAIRCUT,       -8, alone=True),
    Entry("refused",              s.refused,              w.COMPANY,      -25, "三官庙"),
    Entry("away",                 s.away,                 w.CARE,         -35, "新语", "kangle"),
    Entry("handed_back",          s.handed_back,          w.COMPANY,      -12, "三官庙", "kangle"),
    Entry("cancelled_with_case",  s.cancelled_with_case,  w.HAIRCUT,      -22),
    Entry("consent_withdrawn",    s.consent_withdrawn,    w.COMPANY,      -30, alone=True, small=True),
    Entry("consent_expired",      s.consent_expired,      w.COMPANY,      -28, "三官庙", consent={"to_on": -20}),
    # ---- done
    Entry("kept",                 s.kept,                 w.HAIRCUT_SELDOM, -10, alone=True, small=True),
    Entry("kept_li",              s.kept,                 w.SAFETY_URGENT, -9, "三官庙", consent=PAPER),
    Entry("acknowledged",         s.acknowledged,         w.HAIRCUT,      -41, alone=True),
    Entry("acknowledged_2",       s.acknowledged,         w.SAFETY,       -93),
    Entry("late",                 s.late,                 w.HAIRCUT,      -50, "三官庙"),
    Entry("auto_closed",          s.auto_closed,          w.ESCORT,       -40, "新语", "kangle"),
    Entry("returned_then_served", s.returned_then_served, w.HAIRCUT,      -60, alone=True),
    Entry("not_home",             s.not_home,             w.HAIRCUT,      -45, alone=True),
    Entry("station_called_back",  s.station_called_back,  w.SAFETY,       -38, "新语"),
    # ---- CASEWORK
    Entry("assessing",            c.assessing,            w.COUNSELLING,   -8, "三官庙", "xinquan", ADULT),
    Entry("planned",              c.planned,              w.REHABILITATION, -10, partner="kangle"),
    Entry("working",              c.working,              w.SKILLS,       -18, ages=ADULT),
    Entry("closing",              c.closing,              w.RESOURCES,    -22, small=True),
    Entry("closed",               c.closed,               w.CHILD,        -80, "新语", "qingmiao", CHILD),
    Entry("closed_in_part",       c.closed_in_part,       w.RESOURCES,    -31, "三官庙"),
)
# fmt: on


def told(stage: Stage, residents: Residents, *, small: bool) -> list[Story]:
    """The stories, each with a resident of its own, picked in the order of the programme."""
    entries = [entry for entry in ENTRIES if entry.small or not small]
    return [_story(entry, residents, HANDLERS[place % len(HANDLERS)]) for place, entry in enumerate(entries)]


def _story(entry: Entry, residents: Residents, handler: str) -> Story:
    async def story(stage: Stage) -> None:
        await stage.until(stage.office(entry.start, 9, 0))
        resident = residents.pick(entry.community, *entry.ages, alone=entry.alone)
        matter = Matter(
            stage,
            entry.name,
            resident,
            entry.request,
            entry.start,
            entry.partner,
            handler,
            consent=entry.consent,
        )
        await entry.plot(matter)

    return story
