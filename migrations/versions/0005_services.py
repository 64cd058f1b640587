"""Services bought and done: documents, offers on a line, group work, deliveries, call-backs, capacity, substitution.

Only adds to what was there, so the code before it goes on running. The tables were drafted as they were then
(`migrations.draft`), the legal moves as well (`migrations.draft_moves`); functions and triggers are written by hand.
"""

from migrations.script import run_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCRIPTS = (
    "0005_agreements.sql",
    "0005_documents.sql",
    "0005_tables.sql",
    "0005_moves.sql",
    "0005_documents_functions.sql",
    "0005_guards.sql",
    "0005_offers.sql",
    "0005_deliveries.sql",
    "0005_progress.sql",
    "0005_groups.sql",
    "0005_visits.sql",
)


def upgrade() -> None:
    """Tables first, then the moves that the guards look up."""
    for script in SCRIPTS:
        run_script(script)


def downgrade() -> None:
    """Drop what came with it; what was recorded in it goes too."""
    run_script("0005_down.sql")
    run_script("0005_agreements_down.sql")
