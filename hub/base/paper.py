"""What stands on a paper, without how it is drawn: blocks of a PDF, sheets of a workbook, as plain data.

A paper is put together in the hub's process and drawn in a child process (`paper_order`, `paper_press`), so that
neither the drawing libraries nor the work hold up requests. What goes between the two is JSON.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Align = Literal["left", "centre", "right"]
CellKind = Literal["text", "amount", "number", "date"]


@dataclasses.dataclass(frozen=True)
class Heading:
    """A section begins; kept on one page with what follows it."""

    text: str
    level: int = 1


@dataclasses.dataclass(frozen=True)
class Text:
    """A paragraph; one that `leads` stays on the page of what it introduces."""

    text: str
    leads: bool = False


@dataclasses.dataclass(frozen=True)
class Facts:
    """A ruled table of labels and values. A row holds one pair, or two side by side."""

    rows: Sequence[Sequence[tuple[str, str]]]


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a grid; `share` of the width relative to the others."""

    title: str
    share: float
    align: Align = "left"


@dataclasses.dataclass(frozen=True)
class Grid:
    """A ruled table whose head is repeated on each page; `total` is its last row, set apart."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()
    empty: str = "无"


Block = Heading | Text | Facts | Grid
BLOCKS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in (Heading, Text, Facts, Grid)}


@dataclasses.dataclass(frozen=True)
class Paper:
    """A PDF on A4. On each page `office` and `reference` stand above, `made` and the page's number below."""

    title: str
    office: str
    reference: str
    made: str
    blocks: Sequence[Block]


@dataclasses.dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet. Amounts are fen, dates ISO; ids are text, so that no digit is lost."""

    title: str
    width: float  # in characters of the body type
    kind: CellKind = "text"


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A sheet with a heading, its columns' titles, rows, and sums below the amounts."""

    name: str
    heading: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[str | int | None]]


@dataclasses.dataclass(frozen=True)
class Workbook:
    """An XLSX file."""

    title: str
    office: str
    made: str
    sheets: Sequence[Sheet]


def encoded(paper: Paper | Workbook) -> bytes:
    """As it goes to the press."""
    content = dataclasses.asdict(paper)
    if isinstance(paper, Paper):
        blocks = zip(content["blocks"], paper.blocks, strict=True)
        content["blocks"] = [{"block": type(block).__name__, **said} for said, block in blocks]
    return json.dumps({"paper": type(paper).__name__, **content}, ensure_ascii=False).encode()


def decoded(data: bytes) -> Paper | Workbook:
    """What `encoded` was given; sequences come back as lists."""
    content: dict[str, Any] = json.loads(data)
    if content.pop("paper") == Paper.__name__:
        blocks = [_block(said) for said in content.pop("blocks")]
        return Paper(**content, blocks=blocks)
    sheets = [_sheet(said) for said in content.pop("sheets")]
    return Workbook(**content, sheets=sheets)


def _block(said: dict[str, Any]) -> Block:
    kind = BLOCKS[said.pop("block")]
    if kind is Grid:
        said["columns"] = [Column(**column) for column in said["columns"]]
    return kind(**said)


def _sheet(said: dict[str, Any]) -> Sheet:
    columns = [SheetColumn(**column) for column in said.pop("columns")]
    return Sheet(**said, columns=columns)
