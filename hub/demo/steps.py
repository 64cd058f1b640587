"""What the stories are made of: the path of one referral, step by step, each by who does it in life."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from hub.cases.commands import offer_accept, referral_take
from hub.cases.tables import cases
from hub.catalogue.tables import PERSONAL_UNITS
from hub.deliveries.commands import delivery_record
from hub.demo.registering import Resident, guardian_of
from hub.demo.stage import Stage
from hub.demo.words import Request
from hub.people.consents import consent_give
from hub.people.needs import Comparator, need_state
from hub.referrals.commands import referral_acknowledge, referral_submit, referral_triage
from hub.referrals.commands_offers import referral_offer
from hub.referrals.tables import offers
from hub.visits.assigning import case_assign_worker
from hub.visits.commands import visit_promise, visit_record

MANAGERS = {
    "nuanchao": "bo",
    "kangle": "kai",
    "xinquan": "gao",
    "qingmiao": "fang",
    "tongxing": "ren",
    "shiliu": "yu",
}
WORKERS = {"nuanchao": "an", "kangle": "lin", "xinquan": "xia", "qingmiao": "miao"}
"""Partner → who answers its offers, who works its cases."""

HANDLERS = ("mei", "tao")
"""The station workers who triage, in turn."""

PATH = ("ask", "triage", "offer", "accept", "assign", "promise", "record", "acknowledge")


@dataclasses.dataclass
class Matter:
    """One referral on its way. `start` is the day of the request, in days from today."""

    stage: Stage
    name: str
    resident: Resident
    request: Request
    start: int
    partner: str = "nuanchao"
    handler: str = "mei"
    worker: str = ""  # who works the case; by default the partner's
    quantity: int = 1  # how much of the agreement line is hers
    line: str = ""  # the name of that line; by default the partner's for the service
    consent: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    needs: list[Row[Any]] = dataclasses.field(default_factory=list)
    # Each is set by the step that makes it, the visit is the last one.
    referral: Any = None
    offer_id: Any = None
    case_id: Any = None
    visit: Any = None
    visits: int = 0

    def __post_init__(self) -> None:
        self.worker = self.worker or WORKERS.get(self.partner, "")
        self.name_it("persons", self.resident.id)

    @property
    def line_name(self) -> str:
        """Which agreement line pays, by its name."""
        return self.line or f"{self.partner}.{self.request.service}"

    @property
    def referral_id(self) -> UUID:
        """The referral's id, once it was asked for."""
        return self.referral.id

    def name_it(self, kind: str, row_id: UUID) -> None:
        """Remember an id under the story's name."""
        self.stage.name(kind, self.name, row_id)

    async def do(self, who: str, command: Any, *arguments: Any, **options: Any) -> Any:
        """One command."""
        return await self.stage.do(who, command, *arguments, **options)

    async def office(self, day: int, hour: int, minute: int = 0) -> None:
        """Wait for a time of a working day, counted from the day of the request."""
        await self.stage.until(self.stage.office(self.start + day, hour, minute))

    # ---- the request ----

    async def ask(self) -> None:
        """Consent, needs, referral: the community worker writes down what the person wants and asks for it."""
        await self.office(0, 9, 10)
        await self.give_consent(**self.consent)
        for need in self.request.needs:
            comparator = Comparator() if need.bradshaw_type == "COMPARATIVE" else None
            row = await self.do(
                self.resident.worker,
                need_state,
                self.resident.id,
                domain=need.domain,
                bradshaw_type=need.bradshaw_type,
                statement=need.statement,
                severity=need.severity,
                stated_by=need.stated_by,
                comparator=comparator,
            )
            self.needs.append(row)
            self.name_it("needs", row.id)
        await self.submit()

    async def give_consent(self, **terms: Any) -> None:
        """To the street for its partners, unless the story says otherwise; a minor's by her guardian."""
        guardian_id = await guardian_of(self.stage, self.resident)
        if guardian_id is not None and terms.get("basis") != "VITAL_INTEREST":
            terms = {"given_by": "GUARDIAN", "guardian_id": guardian_id, **terms}
        grantee = self.stage.organizations[terms.pop("to", "street")]
        for name in ("from_on", "to_on"):
            if name in terms:
                terms[name] = self.stage.today + timedelta(days=terms[name])
        row = await self.do(self.resident.worker, consent_give, self.resident.id, grantee_id=grantee, **terms)
        self.name_it("consents", row.id)

    async def submit(self, reason: str | None = None) -> None:
        """Hand the referral in, for the first time or again."""
        again = {} if self.referral is None else {"referral_id": self.referral.id}
        self.referral = await self.do(
            self.resident.worker,
            referral_submit,
            self.resident.id,
            service_type_code=self.request.service,
            urgency=self.request.urgency,
            reason=reason or self.request.reason,
            need_ids=[need.id for need in self.needs],
            **again,
        )
        self.name_it("referrals", self.referral_id)

    # ---- the station ----

    async def triage(self) -> None:
        """The station will see to it."""
        await self.office(0 if self.request.urgency == "URGENT" else 1, 14, 20)
        await self.do(self.handler, referral_triage, self.referral_id, note=self.request.note)

    async def take(self, who: str) -> None:
        """Station or community serves the person itself."""
        await self.office(2, 9, 30)
        await self.do(who, referral_take, self.referral_id)
        await self._find_case()

    async def offer(self, days: int | None = None, day: int = 1) -> None:
        """Put it to the partner; `days`: how long the offer stands, by default the usual time."""
        await self.office(day, 15, 5)
        until = None if days is None else self.stage.clock.now() + timedelta(days=days)
        await self.do(
            self.handler,
            referral_offer,
            self.referral_id,
            partner_id=self.stage.organizations[self.partner],
            line_id=self.stage.named["lines"][self.line_name],
            quantity=self.quantity,
            expires_at=until,
        )
        found = select(offers.c.id).where(
            offers.c.referral_id == self.referral_id, offers.c.status == "OFFERED"
        )
        self.offer_id = (await self.stage.find(self.handler, found)).id
        self.name_it("offers", self.offer_id)

    # ---- the partner ----

    async def accept(self, day: int = 2) -> None:
        """The manager takes the person on."""
        await self.office(day, 9, 20)
        await self.do(MANAGERS[self.partner], offer_accept, self.offer_id)
        await self._find_case()

    async def _find_case(self) -> None:
        """The open case of the referral: commands that open one answer with referral or offer."""
        found = select(cases.c.id).where(cases.c.referral_id == self.referral_id, cases.c.status != "CLOSED")
        self.case_id = (await self.stage.find("mei", found)).id
        self.name_it("cases", self.case_id)

    async def assign(self, who: str | None = None, day: int = 2) -> None:
        """The manager names the worker in charge."""
        await self.office(day, 10, 10)
        self.worker = who or self.worker
        await self.do(
            MANAGERS[self.partner],
            case_assign_worker,
            self.case_id,
            worker_id=self.stage.worker_id(self.worker),
        )

    async def promise(
        self,
        day: int,
        hour: int = 10,
        minute: int = 0,
        *,
        said: int = 3,
        kind: str = "SERVICE",
        width: int = 30,
    ) -> None:
        """The worker promises to come: `day` and `said`, when she says so, in days from the request."""
        await self.office(said, 11, 0)
        begin = self.stage.at(self.start + day, hour, minute)
        self.visit = await self.do(
            self.worker,
            visit_promise,
            case_id=self.case_id,
            kind=kind,
            promised_from=begin,
            promised_to=begin + timedelta(minutes=width),
        )
        self.visits += 1
        self.name_it("visits", self.visit.id)
        self.stage.name("visits", f"{self.name}.{self.visits}", self.visit.id)

    async def record(
        self,
        outcome: str = "COMPLETED",
        *,
        late: int = 2,
        text: str | None = None,
        words: str | None = None,
        by: str | None = None,
        **given: Any,
    ) -> None:
        """The worker (or `by`) stands at the door `late` minutes after the promised beginning and enters what happened.

        With what she did there, when an agreement line buys it by the piece: `given` says how much and how long.
        """
        kept_at: datetime = self.visit.promised_from_at + timedelta(minutes=late)
        await self.stage.until(kept_at + timedelta(minutes=45))
        said: dict[str, Any] = {"text": text, "own_words": words}
        who = by or self.worker
        if outcome == "COMPLETED" and self.delivers:
            visit_id = self.visit.id
            said |= given
            done = await self.do(who, delivery_record, visit_id=visit_id, happened_at=kept_at, **said)
            self.name_it("deliveries", done.id)
            self.stage.name("deliveries", f"{self.name}.{self.visits}", done.id)
        else:
            await self.do(who, visit_record, self.visit.id, outcome=outcome, kept_at=kept_at, **said)

    async def follow_up(self, day: int, hour: int, minute: int = 0, *, lasted: int = 40) -> None:
        """What the worker gave without a promised visit: a talk at the station, or by telephone."""
        await self.stage.until(self.stage.office(self.start + day, hour, minute))
        happened_at = self.stage.clock.now()
        await self.stage.until(happened_at + timedelta(minutes=lasted + 15))
        given = {"happened_at": happened_at, "lasted_minutes": lasted}
        done = await self.do(self.worker, delivery_record, case_id=self.case_id, **given)
        self.name_it("deliveries", done.id)

    @property
    def delivers(self) -> bool:
        """Whether a partner works on it, and a visit can be one of what its line counts."""
        return self.offer_id is not None and self.stage.units[self.line_name] in (*PERSONAL_UNITS, "SESSION")

    async def acknowledge(self, day: int, words: str | None = None) -> None:
        """The community has seen what came of it."""
        await self.office(day, 16, 0)
        await self.do(self.resident.worker, referral_acknowledge, self.referral_id, words=words)

    # ---- the usual path ----

    async def up_to(self, last: str, *, visit_day: int = 5, late: int = 2, words: str | None = None) -> None:
        """The usual path of a SERVICE referral, as far as the step `last` of PATH."""
        for step in PATH[: PATH.index(last) + 1]:
            match step:
                case "promise":
                    await self.promise(visit_day)
                case "record":
                    await self.record(late=late, text="服务已完成，家中情况正常。", words=words)
                case "acknowledge":
                    await self.acknowledge(visit_day + 2, "已电话回访，本人满意。")
                case _:
                    await getattr(self, step)()
