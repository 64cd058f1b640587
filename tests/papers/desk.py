"""Whoever has papers made: the mutations, the links, and what is read back from the files."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID

import httpx2
from pypdf import PdfReader

from tests.agreements.office import ERRORS
from tests.documents.desk import Desk as Documents
from tests.documents.desk import sample
from tests.payments import desk as payments
from tests.payments.desk import bare

PAPER = "kind name mediaType sizeBytes sha256 url expiresAt"
PACK = (
    "mutation($id: ID!, $evidence: Boolean! = true) { acceptancePackMake(id: $id, evidence: $evidence)"
    f" {{ pdf {{ {PAPER} }} zip {{ {PAPER} }} {ERRORS} }} }}"
)
FILE = f"mutation($id: ID!) {{ paymentFileMake(id: $id) {{ pdf {{ {PAPER} }} {ERRORS} }} }}"
LIST = (
    "mutation($from: Date!, $to: Date!) { paymentListMake(from: $from, to: $to)"
    f" {{ xlsx {{ {PAPER} }} {ERRORS} }} }}"
)


class Desk(payments.Desk):
    """The payments desk, where evidence has bytes and papers are fetched."""

    @property
    def documents(self) -> Documents:
        """Where files are brought."""
        return Documents(self.office.hub, self.office.world, self.settings.data)

    @property
    def street(self) -> UUID:
        """The street of the cast."""
        return self.office.world.organizations["street"]

    async def proof(self, delivery: UUID, data: bytes = b"", days: int = 0, **said: Any) -> str:
        """A document that came the whole way, attached to a delivery of the partner so many days after it."""
        data = data or sample()
        document = await self.documents.store("bo", data, **said)
        await self.plant(
            """insert into delivery_documents (id, delivery_id, document_id, district_id, street_id, community_id,
                                               partner_id, attached_at)
               select gen_random_uuid(), d.id, $2, d.district_id, d.street_id, d.community_id, d.partner_id,
                      d.recorded_at + make_interval(days => $3)
                 from deliveries d where d.id = $1 returning id""",
            delivery,
            bare(document),
            days,
        )
        return document

    async def home_visit(self, line: str = "陪伴") -> str:
        """A verified delivery of two hours at somebody's home; her name, which no paper tells."""
        name = "王秀兰奶奶"
        person = (await self.run("select id, pseudonym from persons order by id limit 1"))[0]
        await self.plant("update persons set name = $2 where id = $1 returning id", person["id"], name)
        await self.plant(
            """insert into deliveries (id, reference, status, district_id, street_id, community_id, partner_id,
                   agreement_id, line_id, service_type_id, case_id, person_id, person_pseudonym, unit, quantity,
                   worker_id, worker_user_id, happened_at, happened_on, recorded_by_id, recorded_user_id, recorded_at,
                   verification, verified_by_id, verified_at)
               select gen_random_uuid(), 'V-HOME', 'VERIFIED', l.district_id, l.street_id, $5, l.partner_id,
                      l.agreement_id, l.id, l.service_type_id, (select id from cases order by id limit 1), $2, $3,
                      l.unit, 2, $4, m.user_id, '2026-05-06', '2026-05-06', $4, m.user_id, '2026-05-06', 'STATION', $6,
                      '2026-05-06'
                 from agreement_lines l, memberships m where l.id = $1 and m.id = $4 returning id""",
            self.lines[line],
            person["id"],
            person["pseudonym"],
            self.office.world.memberships["an"],
            self.office.world.organizations["七里沟"],
            self.office.world.memberships["mei"],
        )
        return name

    async def claimed(self) -> str:
        """A claim of the unit stage: an event with two proofs, and a visit at home."""
        await self.paid("M1")
        event = await self.work("大型活动")
        await self.proof(event)
        await self.proof(event, sample("application/pdf", 70_000), mediaType="application/pdf", kind="REPORT")
        await self.home_visit()
        return (await self.submit("M2", documents=0))["id"]

    async def fetch(self, paper: dict[str, Any]) -> httpx2.Response:
        """What the link of a paper leads to."""
        return await self.documents.get(paper["url"])

    async def pdf(self, paper: dict[str, Any]) -> PdfReader:
        """A PDF that was fetched."""
        reply = await self.fetch(paper)
        assert reply.status_code == 200, reply.text
        return PdfReader(io.BytesIO(reply.content))

    async def zip(self, paper: dict[str, Any]) -> zipfile.ZipFile:
        """A ZIP that was fetched."""
        reply = await self.fetch(paper)
        assert reply.status_code == 200, reply.text
        return zipfile.ZipFile(io.BytesIO(reply.content))

    async def events(self, *actions: str) -> list[dict[str, Any]]:
        """Audit events of these actions, oldest first."""
        query = (
            "select action, actor_name, subject_type, subject_id, purpose, facts from audit_events"
            " where action = any($1) order by id"
        )
        return [dict(row) for row in await self.run(query, list(actions))]


def text_of(reader: PdfReader) -> str:
    """All text of a PDF on one line: a cell may wrap anywhere."""
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def fonts_of(reader: PdfReader) -> dict[str, int]:
    """Name of each font in use and the bytes of it that lie in the file; 0 when it is not embedded."""
    found: dict[str, int] = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            described = font.get_object()
            inner = described.get("/DescendantFonts")
            holder = inner[0].get_object() if inner else described
            program = holder.get("/FontDescriptor", {}).get("/FontFile2")
            found[str(described["/BaseFont"])] = len(program.get_data()) if program else 0
    return found
