"""Writes a `Workbook` as XLSX: text stays text, nothing is ever read as a formula or an address.

Only the press imports this module (`paper_press`).
"""

# The library has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter  # pyright: ignore[reportMissingImports]

from hub.base.paper import CellKind, Sheet, Workbook

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
FIRST_ROW = 3
"""Rows above the data: heading, who made it when, and the columns' titles."""

FORMATS: dict[str, dict[str, Any]] = {
    "heading": {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"},
    "made": {"font_size": 9, "align": "right"},
    "title": {"bold": True, "border": 1, "bg_color": "#EDEFF2", "align": "center", "text_wrap": True},
    "text": {"border": 1, "valign": "vcenter", "text_wrap": True, "num_format": "@"},
    "amount": {"border": 1, "valign": "vcenter", "num_format": "#,##0.00"},
    "number": {"border": 1, "valign": "vcenter", "num_format": "0"},
    "date": {"border": 1, "valign": "vcenter", "align": "center", "num_format": "yyyy-mm-dd"},
    "total": {"bold": True, "border": 1, "bg_color": "#EDEFF2", "num_format": "#,##0.00"},
}


def xlsx(book: Workbook) -> bytes:
    """The file."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as made:
        made.set_properties({"title": book.title, "author": book.office})
        formats = {name: made.add_format({"font_name": "宋体", **said}) for name, said in FORMATS.items()}
        for sheet in book.sheets:
            _write(made.add_worksheet(sheet.name), book, sheet, formats)
    return out.getvalue()


def _write(page: Any, book: Workbook, sheet: Sheet, formats: dict[str, Any]) -> None:
    last = len(sheet.columns) - 1
    page.merge_range(0, 0, 0, last, f"{book.office}{sheet.heading}", formats["heading"])
    page.set_row(0, 26)
    page.merge_range(1, 0, 1, last, book.made, formats["made"])
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(FIRST_ROW - 1, place, column.title, formats["title"])
    for line, row in enumerate(sheet.rows, FIRST_ROW):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, line, place, column.kind, value, formats[column.kind])
    _totals(page, sheet, formats["total"])
    page.freeze_panes(FIRST_ROW, 1)
    page.repeat_rows(FIRST_ROW - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R第 &P 页 共 &N 页")


def _cell(page: Any, line: int, place: int, kind: CellKind, value: str | int | None, style: Any) -> None:
    if value is None:
        page.write_blank(line, place, None, style)
    elif kind == "amount":
        page.write_number(line, place, Decimal(value) / 100, style)
    elif kind == "number":
        page.write_number(line, place, value, style)
    elif kind == "date":
        page.write_datetime(line, place, date.fromisoformat(str(value)), style)
    else:
        page.write_string(line, place, str(value), style)


def _totals(page: Any, sheet: Sheet, style: Any) -> None:
    """Sums as figures, not as formulas: a list is a record of a day."""
    line = FIRST_ROW + len(sheet.rows)
    page.write_string(line, 0, f"合计 {len(sheet.rows)} 笔", style)
    for place, column in enumerate(sheet.columns[1:], 1):
        if column.kind == "amount":
            page.write_number(line, place, Decimal(_sum(sheet, place)) / 100, style)
        else:
            page.write_blank(line, place, None, style)


def _sum(sheet: Sheet, place: int) -> int:
    return sum(value for row in sheet.rows if isinstance(value := row[place], int))
