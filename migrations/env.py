"""What alembic runs for every command; the connection comes from `migrations.engine`, there is no other way."""

from __future__ import annotations

from alembic import context
from alembic.util import CommandError

connection = context.config.attributes.get("connection")
if connection is None:
    raise CommandError("Use `hub migrate`: it holds the lock and the owner role that a revision needs.")

context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
