"""What comes out: tables for the eye, the same as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.bench.district import District
from hub.bench.reach import Verdict
from hub.bench.slots import Result
from hub.bench.statistics import Slot, Spread, spread
from hub.bench.writes import Write

HEADINGS = (
    "contestant",
    "req/s (min–max)",
    "p50 ms",
    "p99 ms",
    "server CPU ms",
    "database CPU ms",
    "CPU ms in all",
    "× ours",
)


@dataclasses.dataclass
class Report:
    """Everything that was measured, and under which circumstances."""

    command: str
    day: str
    machine: str
    world: str
    results: list[Result] = dataclasses.field(default_factory=list[Result])
    writes: list[Write] = dataclasses.field(default_factory=list[Write])
    memory: dict[str, float] = dataclasses.field(default_factory=dict[str, float])
    """Contestant → megabytes after its reads."""
    left_out: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    figures: list[tuple[str, str]] = dataclasses.field(default_factory=list[tuple[str, str]])
    """Further figures: what, and how much."""
    district: District | None = None
    verdicts: list[Verdict] = dataclasses.field(default_factory=list[Verdict])


def rows_of(result: Result | Write) -> list[tuple[str, ...]]:
    """The lines of a result's table."""
    ours = result.slots.get("ours", [])
    return [_row(name, slots, ours) for name, slots in result.slots.items() if slots]


def _row(name: str, slots: Sequence[Slot], ours: Sequence[Slot]) -> tuple[str, ...]:
    server = _median(slots, "server_cpu_ms")
    database = _median(slots, "database_cpu_ms")
    rate = spread([each.per_second for each in slots])
    times = rate.median / spread([each.per_second for each in ours]).median if ours else 0.0
    return (
        name,
        _rate(rate),
        f"{_median(slots, 'p50_ms'):.2f}",
        f"{_median(slots, 'p99_ms'):.2f}",
        f"{server:.2f}",
        f"{database:.2f}",
        f"{server + database:.2f}",
        f"{times:.2f}" if ours else "",
    )


def _median(slots: Sequence[Slot], name: str) -> float:
    return spread([getattr(each, name) for each in slots]).median


def _rate(rate: Spread) -> str:
    return f"{rate.median:,.0f} ({rate.least:,.0f}–{rate.most:,.0f})"


def title_of(result: Result) -> str:
    """The heading of a result's table."""
    busy = max((each.others_busy for slots in result.slots.values() for each in slots), default=0.0)
    noise = f"; up to {busy:.0%} of the machine was busy with something else" if busy >= 0.1 else ""
    few = f"; only {result.rows} rows in this world" if 0 < result.rows < result.read.least else ""
    return f"{result.read.title}, {result.clients} at a time{few}{noise}"


def shown(console: Console, report: Report) -> None:
    """Print everything."""
    for result in report.results:
        _table(console, title_of(result), HEADINGS, rows_of(result))
    for write in report.writes:
        _table(console, write.title, HEADINGS, rows_of(write))
    _table(console, "memory", ("contestant", "MB"), _memory(report.memory))
    _table(console, "further figures", ("what", "how much"), report.figures)
    _table(console, "reach", ("", "what", "asked for", "measured"), _verdicts(report.verdicts))
    for name, why in report.left_out.items():
        console.print(f"left out: {name}: {why}")


def _table(console: Console, title: str, headings: Iterable[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        table = Table(*headings, title=title)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def markdown(report: Report) -> str:
    """The report as Markdown, with date, machine and command."""
    lines = ["# What the hub costs", "", f"{report.day}, `{report.command}`", ""]
    lines += [f"- machine: {report.machine}", f"- world: {report.world}"]
    lines += [f"- left out: {name}: {why}" for name, why in report.left_out.items()]
    for result in report.results:
        lines += ["", f"## {title_of(result)}", "", *_grid(HEADINGS, rows_of(result))]
    for write in report.writes:
        lines += ["", f"## {write.title}", "", *_grid(HEADINGS, rows_of(write))]
    for title, headings, rows in (
        ("Memory", ("contestant", "MB"), _memory(report.memory)),
        ("Further figures", ("what", "how much"), report.figures),
        ("Reach", ("", "what", "asked for", "measured"), _verdicts(report.verdicts)),
    ):
        if rows:
            lines += ["", f"## {title}", "", *_grid(headings, rows)]
    return "\n".join(lines) + "\n"


def _grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]


def _memory(memory: Mapping[str, float]) -> list[tuple[str, str]]:
    return [(name, f"{megabytes:.0f}") for name, megabytes in memory.items()]


def _verdicts(verdicts: Iterable[Verdict]) -> list[tuple[str, str, str, str]]:
    return [
        ("reached" if each.reached else "missed", each.what, each.asked, each.measured) for each in verdicts
    ]


def as_json(report: Report) -> str:
    """The report as JSON: every slot, for whoever wants to compute something else."""

    def plain(value: Any) -> Any:
        if isinstance(value, Result):
            slots = {name: [dataclasses.asdict(each) for each in runs] for name, runs in value.slots.items()}
            return {"read": value.read.key, "clients": value.clients, "slots": slots}
        return dataclasses.asdict(value)

    whole = {field.name: getattr(report, field.name) for field in dataclasses.fields(report)}
    return json.dumps(whole, default=plain, ensure_ascii=False, indent=1) + "\n"


def written(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write `bench.md` and `bench.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "bench.md", folder / "bench.json"
    paths[0].write_text(markdown(report))
    paths[1].write_text(as_json(report))
    return paths
