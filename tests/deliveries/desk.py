"""A hub in which things are delivered: cases made on the world's agreements, and everybody's steps over GraphQL."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.base.db import Server
from hub.settings import Settings
from tests import harness
from tests.schema.asking import Hub, gid
from tests.world import World

ERRORS = "userErrors { code message path }"
SHOWN = (
    "id reference status quantity flags evidenceComplete verification version case { id status delivered }"
)
CALLBACK = "callback { id status attempts dueAt version }"


def of_delivery(name: str, arguments: str = "", passed: str = "") -> str:
    """A mutation on a delivery by id."""
    more, given = (f", {arguments}", f", {passed}") if arguments else ("", "")
    return f"mutation($id: ID!{more}) {{ {name}(id: $id{given}) {{ delivery {{ {SHOWN} }} {ERRORS} }} }}"


def payload_of(field: str, shown: str) -> str:
    """What a payload is asked for."""
    return f"{{ {field} {{ {shown} }} {ERRORS} }}"


MUTATIONS = {
    "deliveryRecord": "mutation($i: DeliveryRecordInput!, $k: String) { deliveryRecord(input: $i, idempotencyKey: $k)"
    f" {payload_of('delivery', SHOWN)} }}",
    "deliveryAttach": of_delivery("deliveryAttach", "$documents: [ID!]!", "documents: $documents"),
    "deliveryVerify": of_delivery("deliveryVerify", "$v: Int", "expectedVersion: $v"),
    "deliveryVerifyMany": "mutation($ids: [ID!]!, $k: String) { deliveryVerifyMany(ids: $ids, idempotencyKey: $k)"
    f" {{ results {payload_of('delivery', SHOWN)} }} }}",
    "deliveryDispute": of_delivery(
        "deliveryDispute", "$code: DisputeReason!, $reason: String!", "reasonCode: $code, reason: $reason"
    ),
    "deliveryVoid": of_delivery(
        "deliveryVoid", "$reason: String!", "reasonCode: ENTERED_IN_ERROR, reason: $reason"
    ),
    "callbackRecord": "mutation($id: ID!, $outcome: CallbackOutcome!, $note: String)"
    " { callbackRecord(id: $id, outcome: $outcome, note: $note)"
    f" {payload_of('callback', 'id status attempts dueAt note')} }}",
    "visitPromise": f"mutation($i: VisitPromiseInput!) {{ visitPromise(input: $i) {payload_of('visit', 'id')} }}",
    "visitRecord": "mutation($id: ID!, $i: VisitRecordInput!) { visitRecord(id: $id, input: $i)"
    f" {payload_of('visit', 'id status case { status }')} }}",
    "needState": f"mutation($i: NeedStateInput!) {{ needState(input: $i) {payload_of('need', 'id')} }}",
    "consentGive": f"mutation($i: ConsentGiveInput!) {{ consentGive(input: $i) {payload_of('consent', 'id')} }}",
    "referralSubmit": "mutation($i: ReferralSubmitInput!) { referralSubmit(input: $i)"
    f" {payload_of('referral', 'id')} }}",
    "referralTriage": f"mutation($id: ID!) {{ referralTriage(id: $id) {payload_of('referral', 'id')} }}",
    "referralOffer": "mutation($id: ID!, $partner: ID!, $line: ID, $quantity: Int)"
    " { referralOffer(id: $id, partner: $partner, line: $line, quantity: $quantity)"
    f" {payload_of('referral', 'offers { nodes { id } }')} }}",
    "offerAccept": f"mutation($id: ID!) {{ offerAccept(id: $id) {payload_of('offer', 'referral { case { id } }')} }}",
    "caseAssignWorker": "mutation($id: ID!, $worker: ID!) { caseAssignWorker(id: $id, worker: $worker)"
    f" {payload_of('case', 'id')} }}",
    "caseHandBack": 'mutation($id: ID!) { caseHandBack(id: $id, reasonCode: STAFF_SHORTAGE, reason: "人手不足")'
    f" {payload_of('case', 'status')} }}",
}
MANAGERS = {"nuanchao": "bo", "kangle": "kai"}
WORKERS = {"nuanchao": "an", "kangle": "lin"}


class Desk:
    """Everybody who has to do with a delivery."""

    def __init__(self, hub: Hub, world: World, server: Server, settings: Settings) -> None:
        self.hub, self.world, self.server, self.settings = hub, world, server, settings
        self._asked = False

    # ---- asking ----

    @property
    def now(self) -> datetime:
        """The instant at which the hub's clock stands."""
        return self.hub.clock.instant

    def go_on(self, **time: float) -> datetime:
        """Let time go by; the instant it then is."""
        self.hub.clock.instant += timedelta(**time)
        return self.now

    async def payload(self, who: str, name: str, **variables: Any) -> Any:
        """The payload of a mutation, whatever became of it; None when the role may not do it at all."""
        body = (await self.hub.ask(self.world.viewers[who], MUTATIONS[name], variables)).body
        return body["data"][name]

    async def do(self, who: str, name: str, **variables: Any) -> Any:
        """The object of a mutation that must succeed."""
        payload = await self.payload(who, name, **variables)
        assert payload is not None, name
        assert payload["userErrors"] == [], (name, payload)
        return next(value for key, value in payload.items() if key != "userErrors")

    async def refused(self, who: str, name: str, **variables: Any) -> tuple[str, list[str]]:
        """Code and path of the one reason."""
        (error,) = (await self.payload(who, name, **variables))["userErrors"]
        assert error["message"]
        return error["code"], error["path"]

    async def see(self, who: str, type_name: str, row_id: str, fields: str = SHOWN) -> Any:
        """An object as somebody sees it."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ {fields} }} }} }}"
        return (await self.hub.ask(self.world.viewers[who], query, {"id": row_id})).data["node"]

    async def status(self, delivery: str) -> str:
        """The state of a delivery."""
        return (await self.see("mei", "Delivery", delivery))["status"]

    async def callback(self, delivery: str) -> Any:
        """The call-back about a delivery; None when none was drawn."""
        return (await self.see("mei", "Delivery", delivery, CALLBACK))["callback"]

    async def rows(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """A question to the database itself."""
        return await harness.run_sql(self.server, query, *values)

    async def events(self, row_id: str) -> list[str]:
        """What happened to an object, in order."""
        query = "select action from audit_events where subject_id = $1 order by id"
        return [row["action"] for row in await self.rows(query, bare(row_id))]

    async def told(self, kind: str) -> set[str]:
        """Who has a notice of this kind."""
        query = (
            "select u.sign_in_name as who from notices n join memberships m on m.id = n.recipient_id"
            " join users u on u.id = m.user_id where n.kind = $1"
        )
        return {row["who"] for row in await self.rows(query, kind)}

    async def tick(self, **time: float) -> None:
        """The worker, some time later."""
        self.go_on(**time)
        await self.hub.worker().tick()

    # ---- past the commands ----

    async def plant(self, statement: str, *values: Any) -> None:
        """Past every trigger, as the administrator."""
        async with harness.connect_as(self.server, "admin") as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(statement, *values)

    @contextlib.asynccontextmanager
    async def writing(self, who: str) -> AsyncIterator[asyncpg.Connection]:
        """The writer's login in the street, with the settings of somebody's transaction; `nobody` stands for SYSTEM."""
        viewer = self.world.viewers.get(who)
        async with harness.connect_as(self.server, "writer") as connection, connection.transaction():
            for fact in ("district", "community", "partner", "user", "membership"):
                value = "" if viewer is None else viewer.setting(fact)
                await connection.execute("select set_config($1, $2, true)", f"hub.{fact}", value)
            street = str(self.world.organizations["street"])
            await connection.execute("select set_config('hub.street', $1, true)", street)
            await connection.execute(
                "select set_config('hub.today', $1, true)", self.hub.clock.today().isoformat()
            )
            yield connection

    async def hostile(self, who: str, constraint: str, statement: str, *values: Any) -> None:
        """Refused to the writer under that name, with nothing changed."""
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
            async with self.writing(who) as connection:
                await connection.execute(statement, *values)
        assert vars(caught.value)["constraint_name"] == constraint

    async def document(
        self, kind: str = "PHOTO", content: str = "", *, who: str = "an", status: str = "STORED"
    ) -> str:
        """A file that somebody has brought; equal `content` is an equal file."""
        viewer, row = self.world.viewers[who], uuid4()
        place = [self.world.organizations[name] for name in ("district", "street", "七里沟")]
        await self.plant(
            "insert into documents (id, reference, kind, name, status, district_id, street_id, community_id,"
            " partner_id, media_type, size_bytes, sha256, uploaded_by_id, created_at, upload_until_at, stored_at)"
            " values ($1, $2, $3, 'x.png', $4, $5, $6, $7, $8, 'image/png', 10, $9, $10, $11, $12, $13)",
            row,
            f"E-{row}",
            kind,
            status,
            *place,
            viewer.partner_id,
            hashlib.sha256((content or str(row)).encode()).hexdigest(),
            viewer.membership_id,
            self.now,
            self.now + timedelta(minutes=15),
            self.now if status == "STORED" else None,
        )
        return gid("document", row)

    # ---- on the way to a delivery ----

    async def case(
        self,
        service: str = "HOME_HAIRCUT",
        quantity: int = 1,
        *,
        partner: str = "nuanchao",
        person: str = "bystander",
        by: str = "wang",
        worker: str | None = None,
    ) -> str:
        """A case on the partner's line for the service, with a worker; its id. Nothing is promised yet."""
        who = gid("person", self.world.persons[person])
        if not self._asked:
            street = gid("street", self.world.organizations["street"])
            await self.do(by, "consentGive", i={"person": who, "grantee": street})
            self._asked = True
        said = {"domain": "DAILY_LIVING", "bradshawType": "FELT", "statement": "头发长了", "statedBy": "本人"}
        need = await self.do(by, "needState", i={"person": who, **said})
        asked = {"person": who, "serviceType": service, "reason": "请安排", "needs": [need["id"]]}
        referral = (await self.do(by, "referralSubmit", i=asked))["id"]
        await self.do("mei", "referralTriage", id=referral)
        line = gid("agreement_line", self.world.lines[f"{partner}.{service}"])
        place = gid("partner", self.world.organizations[partner])
        offered = await self.do(
            "mei", "referralOffer", id=referral, partner=place, line=line, quantity=quantity
        )
        (offer,) = offered["offers"]["nodes"]
        case = (await self.do(MANAGERS[partner], "offerAccept", id=offer["id"]))["referral"]["case"]["id"]
        chosen = gid("membership", self.world.memberships[worker or WORKERS[partner]])
        await self.do(MANAGERS[partner], "caseAssignWorker", id=case, worker=chosen)
        return case

    async def visit(self, case: str, who: str = "an", **ahead: float) -> str:
        """A visit promised on a case; its id."""
        begin = self.now + timedelta(**ahead)
        window = {"promisedFrom": begin.isoformat(), "promisedTo": (begin + timedelta(hours=1)).isoformat()}
        return (await self.do(who, "visitPromise", i={"case": case, "kind": "SERVICE", **window}))["id"]

    async def given(self, case: str, who: str = "an", at: datetime | None = None, **more: Any) -> str:
        """A delivery on a case, now unless told; its id."""
        happened_at = (at or self.now).isoformat()
        return (await self.do(who, "deliveryRecord", i={"case": case, "happenedAt": happened_at, **more}))[
            "id"
        ]


def bare(global_id: str) -> UUID:
    """The uuid inside a global id."""
    return UUID(global_id.rpartition("_")[2])
