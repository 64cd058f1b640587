"""Runs the SQL text that lies beside a revision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

VERSIONS = Path(__file__).parent / "versions"


def run_script(name: str) -> None:
    """Execute `versions/<name>` in the revision's transaction, `{prefix}` replaced by the role prefix.

    The text goes to asyncpg as it is, many statements at once: no splitting at semicolons (function bodies
    have some) and no interpolation of percent signs. Raises asyncpg.PostgresError; the transaction is then
    rolled back. A script of comments alone is not a query and fails.
    """
    connection: Any = op.get_bind()
    context: Any = op.get_context()
    prefix = context.config.attributes["prefix"]
    text = (VERSIONS / name).read_text(encoding="utf-8").replace("{prefix}", prefix)
    connection.exec_driver_sql(
        "select 1"
    )  # the dialect opens its transaction with the first statement of its own
    connection.connection.dbapi_connection.run_async(lambda driver: driver.execute(text))
