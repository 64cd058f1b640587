"""Papers as they leave the press: what was said stands in them, whatever it was, and the font travels with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from hub.base import paper_order
from hub.base.errors import Unavailable
from hub.base.paper import (
    Column,
    Facts,
    Grid,
    Heading,
    Paper,
    Sheet,
    SheetColumn,
    Text,
    Workbook,
    decoded,
    encoded,
)
from hub.base.paper_order import Press
from hub.base.paper_text import both, figures, numeral, person, size
from tests.papers.desk import fonts_of, text_of

pytestmark = pytest.mark.anyio

AT = datetime(2026, 5, 6, 4, tzinfo=UTC)
MARKUP = "<b>&amp;</b> =1+1 <img src='file:///etc/passwd'/>"
RARE = "\U00020bb7"  # 𠮷: outside the font
LONG = Grid(
    [Column("编号", 2), Column("意见", 1)],
    [[f"V-{n:05}", "很长的意见" * 20] for n in range(80)],
    ["合计", "80"],
)
PAPER = Paper(
    "验收包",
    "七里沟街道",
    "S-2026-00012",
    "2026-05-06 12:00 由梅生成",
    [
        Heading("一、概况"),
        Facts([[("金额", both(105_000_000))], [("甲", MARKUP), ("乙", RARE + "氏")]]),
        Text("说明"),
        LONG,
        Grid([Column("一格", 1), Column("空", 9)], [["长" * 2_000, ""]]),
        Grid([Column("无行", 1)], []),
    ],
)


def test_a_paper_reads_back_as_it_was_sent_to_the_press() -> None:
    assert encoded(decoded(encoded(PAPER))) == encoded(PAPER)


async def test_a_pdf_holds_every_word_and_its_font() -> None:
    reader = PdfReader(io.BytesIO(await Press().draw(PAPER, AT)))
    said = text_of(reader)
    for wanted in ("人民币壹佰零伍万元整", "1,050,000.00元", "V-00000", "V-00079", "无行", "〓氏"):
        assert wanted in said, wanted
    assert "".join(MARKUP.split()) in said, "markup is text"
    assert said.count("长的意见") == 80 * 20
    assert said.count("长") == 80 * 20 + 2_000, "a cell taller than a page goes on in another row"
    pages = len(reader.pages)
    assert [f"第{n}页共{pages}页" in text_of_page(reader, n - 1) for n in range(1, pages + 1)] == [
        True
    ] * pages
    assert all("S-2026-00012" in text_of_page(reader, n) for n in range(pages))
    assert said.count("编号意见") > 3, "the head is repeated"
    fonts = fonts_of(reader)
    assert len(fonts) == 1
    for name, size_bytes in fonts.items():
        assert "+" in name, "a subset"
        assert 10_000 < size_bytes < 400_000
    assert reader.metadata is not None
    assert (reader.metadata.title, str(reader.metadata.creation_date)[:10]) == ("验收包", "2026-05-06")


def text_of_page(reader: PdfReader, place: int) -> str:
    return "".join(reader.pages[place].extract_text().split())


async def test_a_workbook_keeps_text_as_text() -> None:
    columns = [
        SheetColumn("编号", 20),
        SheetColumn("金额", 12, "amount"),
        SheetColumn("日期", 12, "date"),
        SheetColumn("天数", 9, "number"),
    ]
    rows = [["=HYPERLINK(1)", 105_000_001, "2026-05-06", 3], ["6222020200112233445", 1, None, None]]
    book = Workbook(
        "清单", "七里沟街道", "made", [Sheet("甲", "清单", columns, rows), Sheet("乙", "空", columns, [])]
    )
    made = CalamineWorkbook.from_filelike(io.BytesIO(await Press().draw(book, AT)))
    assert made.sheet_names == ["甲", "乙"]
    cells = made.get_sheet_by_name("甲").to_python()
    assert cells[0][0] == "七里沟街道清单"
    assert cells[2] == ["编号", "金额", "日期", "天数"]
    assert cells[3] == ["=HYPERLINK(1)", 1_050_000.01, AT.date(), 3.0]
    assert cells[4][:2] == ["6222020200112233445", 0.01]
    assert cells[5][:2] == ["合计 2 笔", 1_050_000.02]
    assert made.get_sheet_by_name("乙").to_python()[3][:2] == ["合计 0 笔", 0.0]


async def test_a_press_that_fails_says_nothing_of_the_paper(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = Paper("秘密", "", "", "", [Grid([Column("秘密", 1)], [["秘密", "多一格"]])])
    with pytest.raises(Unavailable):
        await Press().draw(broken, AT)
    monkeypatch.setattr(paper_order, "PRESS_SECONDS", 0.01)
    with pytest.raises(Unavailable):
        await Press().draw(PAPER, AT)
    told = "".join(capfd.readouterr())
    assert "ValueError" in told
    assert "秘密" not in told


def test_how_papers_say_things() -> None:
    assert [figures(fen) for fen in (None, 0, -5, 123456789)] == ["—", "0.00", "-0.05", "1,234,567.89"]
    assert [numeral(n) for n in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]
    assert person("孙出纳", "FINANCE_OFFICER", "CASHIER") == "孙出纳（财务·出纳）"
    assert [size(n) for n in (1024, 3 * 1024**2)] == ["1.0 KB", "3.0 MB"]
