"""What the hub has to reach, each with what was measured of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hub.bench.district import District
from hub.bench.slots import Result
from hub.bench.statistics import Slot, ratios, spread
from hub.bench.writes import Write

PAGES = ("cases_page", "milestones_page")


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One figure that was asked for."""

    what: str
    asked: str
    measured: str
    reached: bool


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Ours must do at least so many times what another contestant does, for these reads."""

    keys: tuple[str, ...]
    ours: str
    theirs: str
    least: float


RATIOS = (
    Ratio(PAGES, "ours", "by_hand", 0.85),
    Ratio(PAGES, "ours_no_rls", "by_hand", 0.95),
    Ratio((*PAGES, "cases_wide"), "ours", "postgraphile", 3.5),
    Ratio(PAGES, "ours", "mercurius", 2.2),
    Ratio(PAGES, "ours", "strawberry_orm", 30.0),
    Ratio(("case_one",), "ours", "bare", 0.7),
)
CPU_OF_PAGE_MS = 0.9
P99_OF_ONE_MS = 5.0
CLIENTS_OF_P99 = 16
WIDE_MEGABYTES = 120.0
REPORT_MS = 300.0
DISTRICT_MS = 2000.0
WRITES = 2.0
FIRST_ANSWER_SECONDS = 3.0


def verdicts(
    results: Sequence[Result],
    writes: Sequence[Write],
    memory: Mapping[str, float],
    first_answer: float | None,
    district: District | None = None,
) -> list[Verdict]:
    """What was reached and what was not, of everything that was measured."""
    found = [*_ratios(results), *_writes(writes), *_figures(results, memory)]
    if district is not None:
        found.append(
            Verdict(
                f"the report of a district of {district.streets} streets",
                f"≤ {DISTRICT_MS:,.0f} ms",
                f"{district.milliseconds:,.0f} ms",
                district.milliseconds <= DISTRICT_MS,
            )
        )
    if first_answer is not None:
        asked, reached = f"< {FIRST_ANSWER_SECONDS:g} s", first_answer < FIRST_ANSWER_SECONDS
        found.append(Verdict("second start to first answer", asked, f"{first_answer:.2f} s", reached))
    return found


def _writes(writes: Iterable[Write]) -> Iterator[Verdict]:
    for write in writes:
        ours, theirs = write.slots["ours"], write.slots["strawberry_orm"]
        found = ratios([each.per_second for each in ours], [each.per_second for each in theirs])
        measured = f"{found.median:.2f} ({found.least:.2f}–{found.most:.2f})"
        yield Verdict(
            f"{write.title}: ours / strawberry_orm", f"≥ {WRITES}", measured, found.median >= WRITES
        )


def _ratios(results: Iterable[Result]) -> Iterator[Verdict]:
    for result in results:
        for ratio in RATIOS:
            ours, theirs = result.slots.get(ratio.ours), result.slots.get(ratio.theirs)
            if result.read.key not in ratio.keys or not ours or not theirs:
                continue
            found = ratios([each.per_second for each in ours], [each.per_second for each in theirs])
            yield Verdict(
                f"{result.read.key} × {result.clients}: {ratio.ours} / {ratio.theirs}",
                f"≥ {ratio.least}",
                f"{found.median:.2f} ({found.least:.2f}–{found.most:.2f})",
                found.median >= ratio.least,
            )


def _figures(results: Iterable[Result], memory: Mapping[str, float]) -> Iterator[Verdict]:
    for result in results:
        ours = result.slots.get("ours")
        if not ours:
            continue
        what = f"{result.read.key} × {result.clients}"
        if result.read.key == "cases_page":
            cpu = spread([each.server_cpu_ms + each.database_cpu_ms for each in ours]).median
            yield Verdict(
                f"{what}: CPU of server and database",
                f"≤ {CPU_OF_PAGE_MS} ms",
                f"{cpu:.2f} ms",
                cpu <= CPU_OF_PAGE_MS,
            )
        if result.read.key == "case_one" and result.clients == CLIENTS_OF_P99:
            yield _at_most(f"{what}: p99", ours, "p99_ms", P99_OF_ONE_MS)
        if result.read.key == "station_report" and result.clients == 1:
            yield _at_most(f"{what}: p50", ours, "p50_ms", REPORT_MS)
    if "ours" in memory:
        measured = memory["ours"]
        asked = f"< {WIDE_MEGABYTES:.0f} MB"
        yield Verdict(
            "memory of the server after all reads", asked, f"{measured:.0f} MB", measured < WIDE_MEGABYTES
        )


def _at_most(what: str, slots: Sequence[Slot], name: str, most: float) -> Verdict:
    measured = spread([getattr(each, name) for each in slots]).median
    return Verdict(what, f"≤ {most:g} ms", f"{measured:.2f} ms", measured <= most)
