"""The command line: `python3 -m hub <command>`, or `uv run hub <command>`. It only reads options and hands over.

What a command needs is imported inside it, as nowhere else in the hub: `hub token` stands inside other commands
(`curl … $(python3 -m hub token --as wang)`) and must not wait for the web framework to be read.
"""

from __future__ import annotations

import asyncio
import datetime
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hub import data_folder

if TYPE_CHECKING:
    from hub.settings import Settings

ROOT = Path(__file__).parent.parent

app = typer.Typer(
    name="hub",
    help="The service hub between a street office, its communities and the organizations it contracts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
demo_app = typer.Typer(help="The demo world: make it, move its clock.", no_args_is_help=True)
policy_app = typer.Typer(
    help="Who may see and do what, and by which row of the policy.", no_args_is_help=True
)
admin_app = typer.Typer(help="Set up a hub for real use.", no_args_is_help=True)
app.add_typer(demo_app, name="demo")
app.add_typer(policy_app, name="policy")
app.add_typer(admin_app, name="admin")

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="The data folder (or HUB_DATA; default: ~/.local/share or, for root, /var/lib)."
    ),
]
PortOption = Annotated[int | None, typer.Option("--port", help="TCP port to serve on (or HUB_PORT; 8000).")]


def main() -> None:
    """Run the command of `sys.argv`. What an operator can mend is told in words, without a traceback."""
    gc.disable()  # importing makes many objects and no garbage: a fifth of the start; servers turn it on again
    try:
        app()
    except data_folder.OperatorError as error:
        print(f"hub: {error}", file=sys.stderr)
        sys.exit(1)


def _settings(**overrides: Any) -> Settings:
    from hub.settings import load

    return load(**overrides)


# ---- run ----


@app.command()
def up(
    data: DataOption = None,
    port: PortOption = None,
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo",
            help="Make the demo world and let its cast sign in. Default: yes on the embedded database unless it "
            "holds other data, no on DATABASE_URL.",
        ),
    ] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Without the worker beside it.")] = False,
) -> None:
    """Start everything: database, migration, demo world, web server and worker. Ctrl-C stops it.

    Uses an embedded PostgreSQL below the data folder, or the one of DATABASE_URL.
    """
    from hub import up as composition

    composition.up(_settings(data=data, port=port), demo=demo, with_worker=not no_worker)


@app.command()
def serve(
    data: DataOption = None,
    port: PortOption = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Serving processes; about one per core.")
    ] = 1,
) -> None:
    """Serve the API alone, on a database that is migrated already. HUB_DEMO=1 lets the demo cast sign in."""
    from hub import up as composition

    composition.serve(_settings(data=data, port=port), workers)


@app.command()
def worker(data: DataOption = None) -> None:
    """Run the worker alone: notices, deadlines, the audit chain. It finds the database as `hub serve` does."""
    from hub import up as composition

    composition.work(_settings(data=data))


@app.command()
def doctor(data: DataOption = None) -> None:
    """Look at settings, data folder and database, and say what is wrong and how to mend it. Changes nothing."""
    from hub.doctor import Level, examine

    async def told() -> bool:
        well = True
        async for finding in examine(_settings(data=data)):
            print(f"{finding.level.value:>5}  {finding.what}")
            if finding.way_out:
                print(f"       → {finding.way_out}")
            well = well and finding.level is not Level.WRONG
        return well

    if not asyncio.run(told()):
        sys.exit(1)


@app.command()
def migrate(
    data: DataOption = None,
    print_roles: Annotated[
        bool,
        typer.Option(
            "--print-roles", help="Only print the SQL that makes the roles, for an administrator to run."
        ),
    ] = False,
) -> None:
    """Bring the database to this version of the hub: roles, then every revision that is missing."""
    from hub import running
    from hub import up as composition
    from migrations.roles import roles_sql

    settings = _settings(data=data)
    with running.opened(settings) as server:
        if print_roles:
            print(roles_sql(server, settings.time_zone))
        elif not asyncio.run(composition.migrate(settings, server)):
            composition.say("the database is up to date")


@app.command()
def verify(
    data: DataOption = None,
    heads: Annotated[bool, typer.Option(help="Print each audit chain's newest link, to be kept.")] = False,
) -> None:
    """Recompute the money's balances, caps and states and the audit chains; name whatever disagrees."""
    from hub import running
    from hub.verify import verified

    with running.opened(_settings(data=data)) as server:
        lines, whole = asyncio.run(verified(server, with_heads=heads))
    print("\n".join(lines))
    if not whole:
        raise typer.Exit(1)


# ---- the demo world ----


@app.command()
def token(
    name: Annotated[str, typer.Option("--as", help="Sign-in name of a member of the cast, such as wang.")],
    data: DataOption = None,
    url: Annotated[
        str | None, typer.Option(help="The hub to ask (default: the one of the data folder).")
    ] = None,
) -> None:
    """Print an access token of a member of the demo cast, and nothing else. Demo mode only."""
    from hub.sign_in import demo_token

    print(demo_token(data_folder.chosen(data), name, url))


@demo_app.command("load")
def demo_load(
    data: DataOption = None,
    today: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which the world stands (default: today)."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Another seed makes another world of the same kind.")
    ] = None,
    scale: Annotated[str, typer.Option(help="How much: demo; to measure: bench, town, city.")] = "demo",
) -> None:
    """Make the demo world in an empty database. `hub up` does it by itself the first time."""
    from hub import running, world
    from hub import up as composition
    from hub.demo.load import load_demo

    settings = _settings(data=data)

    async def load() -> None:
        await composition.migrate(settings, server)
        await world.make_demo(
            server,
            settings,
            load_demo,
            today=today.date() if today else None,
            seed=world.DEMO_SEED if seed is None else seed,
            scale=scale,
        )

    with running.opened(settings) as server:
        asyncio.run(load())


@demo_app.command("clock")
def demo_clock(
    instant: Annotated[str, typer.Argument(help="Where to move it: 2026-05-08T10:00, or with an offset.")],
    data: DataOption = None,
) -> None:
    """Move the clock of the running hub and its worker forward. Tokens keep expiring by real time. Demo mode only."""
    from hub import running
    from hub.demo.clock import set_clock

    settings = _settings(data=data)
    with running.opened(settings) as server:
        shown = asyncio.run(set_clock(server, _instant(instant, settings.time_zone)))
    print(f"The demo's clock shows {shown.astimezone(ZoneInfo(settings.time_zone)):%Y-%m-%d %H:%M}.")


def _instant(text: str, time_zone: str) -> datetime.datetime:
    """An instant of the command line; without an offset it is a wall-clock time in the hub's time zone."""
    try:
        instant = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write an instant as 2026-05-08T10:00 or 2026-05-08T10:00+08:00") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(time_zone))


# ---- policy and schema ----


@policy_app.command("explain")
def policy_explain(
    role: Annotated[str, typer.Argument(help="A role, such as partner_worker.")],
    type_field: Annotated[str, typer.Argument(metavar="TYPE.FIELD", help="Such as Person.phone.")],
) -> None:
    """Say whether a role may read a field, of which rows, plain or masked, and by which row of the policy."""
    import auth.policy  # noqa: F401 - makes the rows that are explained
    from auth.grants import explain
    from schema.build import registry

    known = {name: info.fields for name, info in registry().types.items() if info.table}
    try:
        print(explain(role, type_field, known))
    except ValueError as error:
        raise data_folder.OperatorError(str(error)) from error


@policy_app.command("matrix")
def policy_matrix(
    write: Annotated[bool, typer.Option("--write", help="Write auth/MATRIX.md instead of printing.")] = False,
) -> None:
    """Print the whole policy as one table per type: who reads which field of which rows."""
    from auth.matrix import render

    _print_or_write(render(), ROOT / "auth" / "MATRIX.md", write=write)


@app.command("schema")
def print_schema(
    write: Annotated[
        bool, typer.Option("--write", help="Write schema/schema.graphql instead of printing.")
    ] = False,
) -> None:
    """Print the GraphQL schema in its definition language."""
    from schema.build import sdl

    _print_or_write(sdl(), ROOT / "schema" / "schema.graphql", write=write)


def _print_or_write(text: str, path: Path, *, write: bool) -> None:
    text = text.rstrip("\n") + "\n"
    if write:
        path.write_text(text)
    else:
        sys.stdout.write(text)


# ---- operate ----


@app.command(context_settings=PASS_ON)
def psql(
    context: typer.Context,
    data: DataOption = None,
    dsn: Annotated[
        bool, typer.Option("--dsn", help="Only print the connection string of the running hub.")
    ] = False,
) -> None:
    """Open the database with psql, as its administrator: row-level security does not bind you there.

    Further arguments go to psql: hub psql -c 'select count(*) from cases'.
    """
    from hub import psql as terminal
    from hub import running

    settings = _settings(data=data)
    if dsn:
        print(terminal.dsn(running.found(settings)))
        return
    with running.opened(settings) as server:
        code = terminal.run(server, context.args)
    raise typer.Exit(code)


@admin_app.command("init")
def admin_init(
    street: Annotated[str, typer.Option(help="Division code of the street, such as 320311002.")],
    sign_in_name: Annotated[str, typer.Option(help="Sign-in name of the first administrator.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    data: DataOption = None,
) -> None:
    """Make the street, its first ADMIN membership and one machine client. The client's secret is shown once."""
    from hub import admin, running
    from hub import up as composition

    settings = _settings(data=data)

    async def init() -> Any:
        await composition.migrate(settings, server)
        return await admin.init(server, settings, street, sign_in_name, name)

    with running.opened(settings) as server:
        made = asyncio.run(init())
    print(f"client_id={made.client_id}\nclient_secret={made.client_secret}")
    print("The secret is not stored and is not shown again.", file=sys.stderr)


# ---- develop ----


@app.command()
def check() -> None:
    """Check the source: format, lint, types, architecture, documentation. Changes nothing."""
    from hub import check as checks

    raise typer.Exit(checks.run())


@app.command(context_settings=PASS_ON)
def test(
    context: typer.Context,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="The slow tests instead: those that need node, other servers or minutes."
        ),
    ] = False,
    dsn: Annotated[
        str | None, typer.Option("--dsn", help="Test on this PostgreSQL instead of a temporary embedded one.")
    ] = None,
) -> None:
    """Run the tests, in parallel, on a database of their own. Further arguments go to pytest: hub test -k offer -x."""
    arguments = ["-m", "full"] if full else []
    arguments += [f"--dsn={dsn}"] if dsn else []
    if not any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in context.args):
        arguments += ["-n", "auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder"]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments, *context.args])  # noqa: S606


@app.command()
def bench(
    scale: Annotated[str, typer.Option(help="The world to make: bench, town or city.")] = "bench",
    world: Annotated[Path | None, typer.Option(help="A data folder that holds it, or shall keep it.")] = None,
    only: Annotated[str, typer.Option(help="Contestants, by comma: ours,by_hand. Default: all.")] = "",
    reads: Annotated[str, typer.Option(help="Reads, by comma: cases_page,case_one. Default: all.")] = "",
    concurrency: Annotated[str, typer.Option(help="How many at a time, by comma.")] = "1,16,64",
    runs: Annotated[int, typer.Option(min=1, max=50, help="Interleaved runs; the median counts.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="Short slots, to see that it works.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for bench.md and bench.json.")] = None,
    reads_only: Annotated[bool, typer.Option("--reads-only", help="Without writes and start.")] = False,
) -> None:
    """Measure the everyday reads and writes against what one would build or take instead."""
    from hub.bench.run import Options, run

    run(Options(scale, world, only, reads, concurrency, runs, quick, out, reads_only))
