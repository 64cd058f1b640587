"""Funds and agreements: the ledger that keeps the money, the contracts that encumber it, and what guards both.

Only adds to what was there, so the code of the foundation goes on running. `0003_agreements.sql` was drafted from the
tables as they were then (`migrations.draft`), with the legal moves in `0003_functions.sql`; its triggers are written by
hand.
"""

from migrations.script import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and indexes first: the triggers need them."""
    run_script("0003_agreements.sql")
    run_script("0003_functions.sql")


def downgrade() -> None:
    """Drop what came with it; the money in it goes too."""
    run_script("0003_down.sql")
