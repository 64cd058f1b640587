"""The limit that no server in front can pass: the statement of the partner's page by hand, sent by pgbench."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from hub.bench.contestants.by_hand_sql import SETTINGS, STATEMENTS
from hub.bench.world import World

RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
MORE_SECONDS = 60


def literal(statement: str, *values: str) -> str:
    """The statement with its parameters written out, on one line as pgbench wants it; `:MI` would be a variable."""
    statement = statement.replace("HH24:MI:SS.MSTZH:TZM", 'HH24":"MI":"SS.MSTZH":"TZM')
    for number, value in enumerate(values, 1):
        statement = statement.replace(f"${number}::", f"'{value}'::").replace(f"${number}", f"'{value}'")
    return " ".join(statement.split()) + ";\n"


def measured(world: World, clients: int, seconds: int) -> float | None:
    """Statements a second; None where there is no pgbench, or it cannot say."""
    program = shutil.which("pgbench")
    if program is None:
        return None
    partner = str(world.facts.asking["manager"].row["partner_id"])
    statement = literal(STATEMENTS["CasesPage"], partner, world.facts.today.isoformat())
    server = world.server
    given = {
        **os.environ,
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.admin_user,
        "PGPASSWORD": server.admin_password,
        "PGDATABASE": server.database,
        "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in SETTINGS.items()),
    }
    with tempfile.TemporaryDirectory(prefix="hub-pgbench-") as folder:
        script = Path(folder) / "page.sql"
        script.write_text(statement)
        arguments = ["-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds), "-f", str(script)]
        done = subprocess.run(
            [program, *arguments],
            env=given,
            capture_output=True,
            text=True,
            timeout=seconds + MORE_SECONDS,
            check=False,
        )
    found = RATE.search(done.stdout)
    return float(found.group(1)) if done.returncode == 0 and found else None
