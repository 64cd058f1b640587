"""`hub bench`: makes the world, starts the contestants, measures, and says what came of it."""

from __future__ import annotations

import contextlib
import datetime
import gc
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from hub.bench import district, first_answer, machine, pgbench, report, world, writes, writes_world
from hub.bench.contestant import Contestant
from hub.bench.options import Options, chosen
from hub.bench.process import Running, started
from hub.bench.queries import READS
from hub.bench.reach import verdicts
from hub.bench.roster import CONTESTANTS
from hub.bench.slots import measured, questions
from hub.bench.unbound import drop_unbound, make_unbound


def run(options: Options) -> report.Report:
    """Measure, print, and write what came of it. Raises OperatorError for options that name nothing."""
    names = chosen(options.only, [each.name for each in CONTESTANTS], "contestant")
    keys = chosen(options.reads, [read.key for read in READS], "read")
    gc.enable()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no contestant is left behind
    return uvloop.run(_run(options, [each for each in CONTESTANTS if each.name in names], keys))


async def _run(options: Options, contestants: Sequence[Contestant], keys: Sequence[str]) -> report.Report:
    console = Console()
    console.print(
        f"making the world of scale {options.scale!r} …" if options.world is None else "opening the world …"
    )
    async with world.opened(options.scale, options.world) as made:
        await make_unbound(made.server)
        try:
            done = await _measured(options, contestants, keys, made, console)
        finally:
            await drop_unbound(made.server)
    seconds = None
    if not options.reads_only:
        with tempfile.TemporaryDirectory(prefix="hub-bench-logs-") as logs:
            done.writes = await _writes(console, Path(logs))
        seconds = first_answer.measured()
    done.verdicts = verdicts(done.results, done.writes, done.memory, seconds, done.district)
    report.shown(console, done)
    if options.out is not None:
        for path in report.written(done, options.out):
            console.print(f"written: {path}")
    return done


async def _measured(
    options: Options,
    contestants: Sequence[Contestant],
    keys: Sequence[str],
    made: world.World,
    console: Console,
) -> report.Report:
    done = report.Report(
        command="hub " + " ".join(sys.argv[1:]),
        day=f"{datetime.datetime.now().astimezone():%Y-%m-%d %H:%M}",
        machine=machine.described(),
        world=await world.described(
            made, f"scale {options.scale}" if options.world is None else "a world that was there"
        ),
    )
    with contextlib.ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-bench-logs-")))
        runnings: list[Running] = []
        for contestant in contestants:
            if why := contestant.missing():
                done.left_out[contestant.name] = why
            else:
                console.print(f"starting {contestant.name}: {contestant.title}")
                runnings.append(stack.enter_context(started(contestant, made, logs)))
        asked = {key: await questions(key, runnings, made) for key in keys}
        with console.status("measuring") as status:
            for key in keys:
                for clients in options.clients:
                    tell = status.update
                    done.results.append(await measured(key, clients, asked[key], made, options.pace, tell))
        if "cases_page" in keys:
            for clients in options.clients:
                rate = pgbench.measured(made, clients, max(1, round(options.pace.seconds)))
                said = f"{rate:,.0f}/s" if rate else "there is no pgbench that works"
                done.figures.append((f"the statement of cases_page by pgbench, {clients} at a time", said))
        if "station_report" in keys:
            await _district(done, runnings, made, options.pace.runs)
        done.memory = {each.contestant.name: machine.megabytes_of(each.pid) for each in runnings}
    return done


async def _district(done: report.Report, runnings: Sequence[Running], made: world.World, runs: int) -> None:
    ours = next((each for each in runnings if each.contestant.name == "ours"), None)
    if ours is not None:
        done.district = await district.measured(ours, made, runs)


async def _writes(console: Console, logs: Path) -> list[writes.Write]:
    console.print("making the world that is written to …")
    async with writes_world.made() as (made, sides):
        with console.status("measuring writes") as status:
            return await writes.measured(made, sides, logs, status.update)
