"""The world of the tests: the small demo world as it stands on Wednesday 6 May 2026, and its ids by name.

It is made once per run by the demo's own loader, through the commands, and copied for whoever needs it
(`world_database`, `module_world`). Ids are the same in every run.

Names of persons, needs, consents, referrals, offers, cases, visits and deliveries are those of the stories in
`hub/demo/programme.py` that are marked `small`; a kind of object has a story's name when the story made one:

`submitted` (七里沟) `submitted_li` (三官庙)   referral SUBMITTED
`returned`                                RETURNED for missing data
`triaged`                                 TRIAGED, waits to be placed
`declined`                                TRIAGED again: partner 2 DECLINED the offer
`offered`, `offered_kangle`               OFFERED to partner 1, to partner 2
`accepted`                                ACCEPTED by partner 1, case OPEN without a worker
`helped`                                  case of partner 1 led by `ou` after `an`, `lin` of partner 2 helps
`today`                                   case ACTIVE of partner 1, `an` promised today 9:00–9:30
`missed`                                  case ACTIVE of partner 1, the promise of `an` two days ago was not kept
`consent_withdrawn`                       case ACTIVE of partner 1, consent WITHDRAWN after one of two deliveries
`closing`                                 CASEWORK CLOSING, proposed by `an`; the referral IN_PROGRESS
`kept`                                    SERVICE case CLOSED with its delivery, referral COMPLETED and not acknowledged

Whatever is offered stands on an agreement in force since 27 March, one with each partner but `tongxing`, and for all
three communities: `agreements["nuanchao"]`, and its line for a service `lines["nuanchao.HOME_HAIRCUT"]` (which
services, and how much of each: `hub/demo/agreements.py`; much more than the stories use). `funds["charity"]` pays.

`visits["kept"]` is the last visit of a story, `visits["kept.1"]` its first. Nobody's story: `persons["bystander"]`
(七里沟), `bystander_li` (三官庙), `bystander_ning` (新语), `bystander_child` (七里沟, with a guardian).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from auth.roles import Viewer
from hub.base.clock import FixedClock
from hub.base.db import Server
from hub.demo.load import SCALES, make_world
from hub.settings import Settings

TODAY = date(2026, 5, 6)
SEED = 7


@dataclasses.dataclass(frozen=True)
class World:
    """Ids by name. Every copy of the database holds the same."""

    today: date
    now: datetime
    """Nine o'clock of that day: nothing in the world is later."""

    viewers: Mapping[str, Viewer]
    """By sign-in name; `hua@kangle` is hua's membership at partner 2."""

    memberships: Mapping[str, UUID]
    """By the same names."""

    organizations: Mapping[str, UUID]
    """`district`, `street`, `七里沟`, `三官庙`, `新语`; partners 1 to 6 by their keys: `nuanchao`, `kangle`, `xinquan`,
    `qingmiao`, `tongxing` (its certificate has run out), `shiliu`."""

    persons: Mapping[str, UUID]
    needs: Mapping[str, UUID]
    consents: Mapping[str, UUID]
    referrals: Mapping[str, UUID]
    offers: Mapping[str, UUID]
    cases: Mapping[str, UUID]
    visits: Mapping[str, UUID]
    deliveries: Mapping[str, UUID]
    goals: Mapping[str, UUID]
    funds: Mapping[str, UUID]
    agreements: Mapping[str, UUID]
    lines: Mapping[str, UUID]
    """`partner.SERVICE`, of that partner's agreement."""

    def clock(self) -> FixedClock:
        """A clock of one's own that shows `now`."""
        return FixedClock(self.now)


KINDS = (
    "memberships",
    "organizations",
    "persons",
    "needs",
    "consents",
    "referrals",
    "offers",
    "cases",
    "visits",
    "deliveries",
    "goals",
    "funds",
    "agreements",
    "lines",
)


async def build(server: Server, settings: Settings) -> World:
    """Make the world in a migrated, empty database."""
    stage = await make_world(server, settings, TODAY, SEED, SCALES["small"])
    named = {kind: dict(stage.named.get(kind, {})) for kind in KINDS}
    return World(today=TODAY, now=stage.at(0, 9), viewers=dict(stage.viewers), **named)
