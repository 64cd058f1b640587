"""The acceptance pack: everything a claim stands on, in one call, and for each reader what she may read."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from hub.acceptance import pack as pack_commands
from hub.acceptance import pack_content
from hub.acceptance.pack_paper import quantity_of, total_of
from hub.documents import papers as papers_module
from tests.documents.desk import NAME
from tests.papers.desk import PACK, Desk, bare, fonts_of, text_of

pytestmark = pytest.mark.anyio

PERSON = "王秀兰"
WORKER, VERIFIER = "安琪", "梅晓"


async def made(desk: Desk, who: str, claim: str, **more: Any) -> dict[str, Any]:
    """A payload without errors."""
    return await desk.done(who, PACK, id=claim, **more)


async def test_the_partner_gets_records_amount_and_evidence_in_one_call(desk: Desk) -> None:
    claim = await desk.claimed()
    payload = await made(desk, "bo", claim)
    reference = (await desk.look("bo", claim, "reference"))["reference"]
    assert [payload[one]["name"] for one in ("pdf", "zip")] == [
        f"验收包-{reference}.{one}" for one in ("pdf", "zip")
    ]
    reader = await desk.pdf(payload["pdf"])
    said = text_of(reader)
    for wanted in (
        *("验收包", reference, "七里沟街道", "徐州暖巢社会工作服务中心", "M2中期款（服务交付）", "按量计价"),
        *("4,200.00元", "人民币肆仟贰佰元整", "1×4,000.00", "2×100.00", "参加人数（每单位）", "不少于200"),
        *("V-00003", "V-HOME", "2026-05-06", "250人", "2小时", WORKER, "社工站核实", "本条目没有佐证文件。"),
    ):
        assert wanted in said, wanted
    pseudonym = (await desk.run("select pseudonym from persons where name like $1", f"{PERSON}%"))[0][0]
    assert pseudonym in said
    assert not {PERSON, NAME, VERIFIER} & {one for one in (PERSON, NAME, VERIFIER) if one in said}
    assert min(fonts_of(reader).values()) > 1_000, "every font is embedded"


@pytest.mark.parametrize(
    ("unit", "total", "each"),
    [
        ("CASE", "2 个案", "1 次"),
        ("SERIES", "2 组", "1 场"),
        ("SESSION", "3 场", "1 场"),
        ("HOUR", "3 小时", "1 小时"),
    ],
)
def test_a_follow_up_is_not_a_case_nor_a_session_a_group(unit: str, total: str, each: str) -> None:
    """Three records: two of one unit, one of another."""
    one, other = uuid4(), uuid4()
    records = [SimpleNamespace(unit=unit, quantity=1, unit_id=of) for of in (one, one, other)]
    assert (total_of(unit, records), quantity_of(records[0])) == (total, each)


async def test_the_zip_holds_the_evidence_and_the_hash_of_each(desk: Desk) -> None:
    claim = await desk.claimed()
    payload = await made(desk, "mei", claim)
    packed = await desk.zip(payload["zip"])
    files = {name: packed.read(name) for name in packed.namelist()}
    assert packed.testzip() is None
    pdf = next(name for name in files if name.endswith(".pdf") and "/" not in name)
    assert files[pdf] == (await desk.fetch(payload["pdf"])).content
    rows = list(csv.DictReader(io.StringIO(files["索引.csv"].decode("utf-8-sig"))))
    assert [(row["类别"], row["服务记录"], row["文件"].split("/")[:-1]) for row in rows] == [
        ("签到表", "V-00003", ["01-大型活动", "签到表"]),
        ("报告", "V-00003", ["01-大型活动", "报告"]),
    ]
    said = text_of(await desk.pdf(payload["pdf"]))
    for row in rows:
        assert hashlib.sha256(files[row["文件"]]).hexdigest() == row["SHA-256"]
        assert len(files[row["文件"]]) == int(row["大小（字节）"])
        assert row["SHA-256"] in said
    lines = [line.split("  ") for line in files["SHA256SUMS"].decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {
        name: hashlib.sha256(files[name]).hexdigest() for name in (pdf, *(row["文件"] for row in rows))
    }
    assert not [name for name in files if "王" in name], "what an uploader called it stays with her"


async def test_everybody_finds_what_she_may_read_and_nobody_else_anything(desk: Desk) -> None:
    claim = await desk.claimed()
    known = (await desk.run("select pseudonym from persons where name like $1", f"{PERSON}%"))[0][0]
    for who, worker, verifier, pseudonym in (
        ("bo", True, False, True),
        ("mei", True, True, True),
        ("qian", False, False, True),
        ("zhao", False, False, False),
    ):
        payload = await made(desk, who, claim)
        # Below each page stands for whom it was made.
        said = text_of(await desk.pdf(payload["pdf"])).replace(f"由{VERIFIER}（社工站社工）从系统生成", "")
        assert (WORKER in said, VERIFIER in said, known in said) == (worker, verifier, pseudonym), who
        assert PERSON not in said
        assert (payload["zip"] is None) is (who in ("qian", "zhao")), "only who may open documents gets any"
    rows = await desk.run("select made_by_id, name from papers order by id")
    assert [row["made_by_id"] for row in rows] == [
        desk.office.world.memberships[who] for who in ("bo", "bo", "mei", "mei", "qian", "zhao")
    ]
    events = await desk.events("acceptance_pack_make")
    assert [(one["subject_type"], one["subject_id"]) for one in events] == [("Submission", bare(claim))] * 4
    assert PERSON not in str(events)
    for who in ("wang", "an", "shen", "root"):
        assert await desk.payload(who, PACK, id=claim) is None
    assert len(await desk.run("select from papers")) == len(rows)


async def test_t12_a_foreign_claim_is_answered_like_a_missing_one(desk: Desk) -> None:
    claim = await desk.claimed()
    hub, viewer = desk.office.hub, desk.office.world.viewers["kai"]
    answers = [
        (await hub.ask(viewer, PACK, {"id": one})).text
        for one in (claim, f"submission_{uuid4()}", "nothing", f"case_{uuid4()}")
    ]
    assert len(set(answers)) == 1
    assert "NOT_FOUND" in answers[0]
    assert await desk.run("select from papers") == []


async def test_a_claim_on_documents_is_packed_too(desk: Desk) -> None:
    claim = (await desk.submit("M1"))["id"]
    payload = await made(desk, "bo", claim, evidence=False)
    assert payload["zip"] is None
    said = text_of(await desk.pdf(payload["pdf"]))
    assert "凭材料全额" in said
    assert "申请材料" in said
    assert "a" * 64 in said


async def test_evidence_that_cannot_be_read_is_named(desk: Desk) -> None:
    claim = await desk.claimed()
    reference = (
        await desk.run("select id, reference, sha256, street_id from documents where kind = 'REPORT'")
    )[0]
    archive = desk.office.hub.app.documents._archive
    place = archive.place(reference["street_id"], reference["sha256"], reference["id"])
    place.write_bytes(place.read_bytes()[:-100])
    payload = await desk.payload("bo", PACK, id=claim)
    assert (payload["pdf"], payload["zip"]) == (None, None)
    assert [one["code"] for one in payload["userErrors"]] == ["CONFLICT"]
    assert reference["reference"] in payload["userErrors"][0]["message"]
    assert await desk.run("select from papers") == []
    assert (await made(desk, "bo", claim, evidence=False))["pdf"] is not None


async def test_bounds_are_told_before_anything_is_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = await desk.claimed()
    with monkeypatch.context() as patch:
        patch.setattr(pack_commands, "MAX_PACK_BYTES", 70_000)
        assert await desk.refused("bo", PACK, id=claim) == ["LIMIT_EXCEEDED"]
        assert (await made(desk, "bo", claim, evidence=False))["zip"] is None
    with monkeypatch.context() as patch:
        patch.setattr(pack_content, "MAX_PAPER_ROWS", 1)
        assert await desk.refused("bo", PACK, id=claim) == ["LIMIT_EXCEEDED"]
    monkeypatch.setattr(papers_module, "MAX_PAPERS_A_DAY", 1)
    assert await desk.refused("bo", PACK, id=claim) == ["LIMIT_EXCEEDED"]
    assert (await made(desk, "mei", claim))["pdf"] is not None, "counted for each membership"


async def test_what_was_attached_later_is_no_part_of_the_claim(desk: Desk) -> None:
    await desk.paid("M1")
    event = await desk.work("大型活动")
    await desk.proof(event, days=9)
    claim = (await desk.submit("M2", documents=0))["id"]
    payload = await made(desk, "mei", claim)
    assert payload["zip"] is None
    assert "没有佐证文件" in text_of(await desk.pdf(payload["pdf"]))


async def test_a_paper_is_hers_alone_sealed_and_soon_gone(desk: Desk) -> None:
    claim = await desk.claimed()
    paper = (await made(desk, "bo", claim))["pdf"]
    kept = [path for path in Path(desk.settings.papers).rglob("*") if path.is_file()]  # noqa: ASYNC240
    assert len(kept) == 2
    assert not [path for path in kept if b"%PDF" in path.read_bytes()]
    reply = await desk.fetch(paper)
    assert reply.headers["content-disposition"].endswith(
        "filename*=UTF-8''%E9%AA%8C%E6%94%B6%E5%8C%85-" + paper["name"].removeprefix("验收包-")
    )
    assert hashlib.sha256(reply.content).hexdigest() == paper["sha256"]
    document = "document_" + paper["url"].removeprefix("/documents/").partition("?")[0]
    for who in ("bo", "mei"):
        assert (await desk.documents.payload(who, OPEN, id=document))["userErrors"][0]["code"] == "NOT_FOUND"
    assert (await desk.documents.put(paper["url"], b"x")).status_code == 404
    other = paper["url"].replace(
        str(desk.office.world.memberships["bo"]), str(desk.office.world.memberships["mei"])
    )
    assert (await desk.documents.get(other)).status_code == 404
    await desk.tick(2)
    assert (await desk.fetch(paper)).status_code == 404
    await made(desk, "bo", claim, evidence=False)
    left = [path for path in Path(desk.settings.papers).rglob("*") if path.is_file()]  # noqa: ASYNC240
    assert len(left) == 1
    assert not set(left) & set(kept)


async def test_a_link_dies_with_the_membership(desk: Desk) -> None:
    paper = (await made(desk, "mei", await desk.claimed()))["pdf"]
    await desk.plant(
        "update memberships set ended_at = '2026-05-01' where id = $1 returning id",
        desk.office.world.memberships["mei"],
    )
    assert (await desk.fetch(paper)).status_code == 404


OPEN = "mutation($id: ID!) { documentOpen(id: $id) { link { url } userErrors { code } } }"
