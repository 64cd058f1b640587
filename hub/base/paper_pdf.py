"""Draws a `Paper` as a PDF: A4, ruled tables, heads repeated, pages numbered, the font embedded as far as it is used.

Only the press imports this module (`paper_press`): reading the drawing library and the font takes longer than most
papers take to draw.
"""

# The drawing library has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportMissingParameterType=false
# pyright: reportUntypedBaseClass=false, reportMissingTypeArgument=false
from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Sequence
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import textsplit
from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)

from hub.base.paper import Align, Block, Facts, Grid, Heading, Paper, Text

FONT = "body"
FONT_PACKAGE, FONT_FILE = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"
"""WenQuanYi Micro Hei (Apache-2.0): TrueType outlines, which is what can be embedded; every character of GBK, in the
shapes of the mainland; 5 MB."""

MISSING = "〓"
"""What stands for a character that the font has not: the printers' sign for a missing type, never an empty box."""

WIDTH, HEIGHT = A4
SIDE, ABOVE, BELOW = 20 * mm, 25 * mm, 20 * mm
INNER = WIDTH - 2 * SIDE
LABEL = 27 * mm
PAD = 4.0
SIZE, LEADING = 9.0, 12.5
TALLEST = 24 * LEADING
"""Of a cell; what is taller goes on in another row."""

textsplit.ALL_CANNOT_START += "，；：！？》”’％"
"""The library knows what may not begin a line in Japanese; these are the Chinese ones. They hang into the margin."""

LINE = Color(0.35, 0.35, 0.35)
SHADE = Color(0.93, 0.94, 0.95)

ALIGNED: dict[Align, tuple[str, int]] = {
    "left": ("LEFT", TA_LEFT),
    "centre": ("CENTER", TA_CENTER),
    "right": ("RIGHT", TA_RIGHT),
}


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=FONT, fontSize=size, leading=leading, wordWrap="CJK", **more)


TITLE = _style("title", 17, 24, alignment=TA_CENTER, spaceAfter=8)
HEADINGS = (
    _style("first", 11.5, 16, spaceBefore=11, spaceAfter=4, keepWithNext=1),
    _style("second", 10, 14, spaceBefore=7, spaceAfter=3, keepWithNext=1),
)
BODY = _style("body", SIZE, LEADING)
LEADING_TEXT = _style("leading", SIZE, LEADING, spaceAfter=4, keepWithNext=1)
CELLS = {align: _style(align, SIZE, LEADING, alignment=code) for align, (_, code) in ALIGNED.items()}


def pdf(paper: Paper) -> bytes:
    """The file. Text that does not fit its cell is wrapped; nothing is cut off."""
    known = _font()
    out = io.BytesIO()
    said = {"title": _printable(paper.title, known), "author": _printable(paper.office, known)}
    document = BaseDocTemplate(out, pagesize=A4, initialFontName=FONT, **said)
    frame = Frame(
        SIDE,
        BELOW,
        INNER,
        HEIGHT - ABOVE - BELOW,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    document.addPageTemplates([PageTemplate(frames=[frame])])
    story: list[Any] = [Paragraph(_marked(paper.title, known), TITLE)]
    for block in paper.blocks:
        story += _drawn(block, known)
    edges = [_printable(text, known) for text in (paper.office, paper.reference, paper.made)]
    document.build(story, canvasmaker=functools.partial(_Numbered, edges))
    return out.getvalue()


def _font() -> frozenset[int]:
    """Register the font; the characters it has."""
    path = resources.files(FONT_PACKAGE).joinpath(FONT_FILE)
    font = TTFont(FONT, str(path), subfontIndex=0)
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


class _Numbered(Canvas):
    """Draws what stands on each page once it is known how many there are."""

    def __init__(self, edges: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._edges = edges
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's name
        """Put the page aside."""
        self._pages.append(dict(self.__dict__))
        self._startPage()  # pyright: ignore[reportAttributeAccessIssue] - of the library

    def save(self) -> None:
        """Every page with its edges."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self._edge(number, len(self._pages))
            super().showPage()
        super().save()

    def _edge(self, number: int, count: int) -> None:
        office, reference, made = self._edges
        self.setFont(FONT, 8)
        self.setFillColor(black)
        self.drawString(SIDE, HEIGHT - 16 * mm, office)
        self.drawRightString(WIDTH - SIDE, HEIGHT - 16 * mm, reference)
        self.setStrokeColor(LINE)
        self.setLineWidth(0.6)
        self.line(SIDE, HEIGHT - 18 * mm, WIDTH - SIDE, HEIGHT - 18 * mm)
        self.line(SIDE, 15 * mm, WIDTH - SIDE, 15 * mm)
        self.drawString(SIDE, 11 * mm, made)
        self.drawRightString(WIDTH - SIDE, 11 * mm, f"第 {number} 页 共 {count} 页")


def _drawn(block: Block, known: frozenset[int]) -> list[Any]:
    match block:
        case Heading():
            return [Paragraph(_marked(block.text, known), HEADINGS[min(block.level, 2) - 1])]
        case Text():
            said = _marked(block.text, known)
            return [Paragraph(said, LEADING_TEXT)] if block.leads else [Paragraph(said, BODY), Spacer(0, 4)]
        case Facts():
            return [_facts(block, known), Spacer(0, 4)]
        case Grid():
            return [_grid(block, known), Spacer(0, 4)]


RULED = [
    ("GRID", (0, 0), (-1, -1), 0.5, LINE),
    ("FONT", (0, 0), (-1, -1), FONT, SIZE, LEADING),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), PAD),
    ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


def _facts(block: Facts, known: frozenset[int]) -> LongTable:
    """Four columns; a single pair takes the three behind its label."""
    wide, narrow = INNER - LABEL, INNER / 2 - LABEL
    rows: list[list[Any]] = []
    style: list[Any] = [*RULED, ("BACKGROUND", (0, 0), (0, -1), SHADE)]
    for pairs in block.rows:
        texts = [text for pair in pairs for text in pair]
        widths = [LABEL, wide] if len(pairs) == 1 else [LABEL, narrow, LABEL, narrow]
        for cells in _lines(texts, widths, _all("left", widths), known):
            place = len(rows)
            if len(pairs) == 1:
                style.append(("SPAN", (1, place), (3, place)))
            else:
                style.append(("BACKGROUND", (2, place), (2, place), SHADE))
            rows.append([*cells, *[""] * (4 - len(cells))])
    return LongTable(rows, colWidths=[LABEL, narrow, LABEL, narrow], style=TableStyle(style))


def _grid(block: Grid, known: frozenset[int]) -> LongTable:
    whole = sum(column.share for column in block.columns)
    widths = [INNER * column.share / whole for column in block.columns]
    aligns: list[Align] = [column.align for column in block.columns]
    rows = _lines([column.title for column in block.columns], widths, _all("centre", widths), known)
    style: list[Any] = [*RULED, ("BACKGROUND", (0, 0), (-1, 0), SHADE), ("ALIGN", (0, 0), (-1, 0), "CENTER")]
    style += [("ALIGN", (place, 1), (place, -1), ALIGNED[align][0]) for place, align in enumerate(aligns)]
    for row in [*block.rows, *([block.total] if block.total else [])]:
        rows += _lines(row, widths, aligns, known)
    if block.total:
        style += [("BACKGROUND", (0, -1), (-1, -1), SHADE), ("LINEABOVE", (0, -1), (-1, -1), 1, LINE)]
    if len(rows) == 1:
        rows.append([block.empty, *[""] * (len(widths) - 1)])
        style += [("SPAN", (0, 1), (-1, 1)), ("ALIGN", (0, 1), (-1, 1), "CENTER")]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))


def _lines(
    texts: Sequence[str], widths: Sequence[float], aligns: Sequence[Align], known: frozenset[int]
) -> list[list[Any]]:
    """The rows of one row of text: more than one when a cell is so tall that no page might take it."""
    cells = zip(texts, widths, aligns, strict=True)
    pieces = [_pieces(_cell(text, width, align, known), width) for text, width, align in cells]
    return [list(row) for row in itertools.zip_longest(*pieces, fillvalue="")]


def _pieces(cell: Any, width: float) -> list[Any]:
    if isinstance(cell, str):
        return [cell]
    found = cell.split(width - 2 * PAD, TALLEST)
    return found if len(found) < 2 else [found[0], *_pieces(found[1], width)]


def _all(align: Align, widths: Sequence[float]) -> list[Align]:
    return [align for _ in widths]


def _cell(text: str, width: float, align: Align, known: frozenset[int]) -> Any:
    """Plain text where it fits on one line, which draws much faster; else a paragraph that is wrapped."""
    printable = _printable(text, known)
    fits = "\n" not in printable and pdfmetrics.stringWidth(printable, FONT, SIZE) <= width - 2 * PAD
    return printable if fits else Paragraph(_marked(text, known), CELLS[align])


def _printable(text: str, known: frozenset[int]) -> str:
    """The text as the font can write it."""
    return "".join(sign if sign == "\n" or ord(sign) in known else MISSING for sign in text)


def _marked(text: str, known: frozenset[int]) -> str:
    """The same for a paragraph, whose text is markup: what people wrote is never read as such."""
    return escape(_printable(text, known)).replace("\n", "<br/>")
