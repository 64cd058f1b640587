"""Money for work: submissions, reviews, deductions, appeals, invoices, bank accounts, payment requests and payments.

Only adds to what was there, but for one state move: an agreement is not terminated while a claim waits to be decided.
Tables and legal moves were drafted as they were then (`migrations.draft`, `migrations.draft_moves`); functions and
triggers are written by hand.
"""

from migrations.script import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCRIPTS = (
    "0007_tables.sql",
    "0007_moves.sql",
    "0007_ledger.sql",
    "0007_measures.sql",
    "0007_acceptance.sql",
    "0007_payments.sql",
    "0007_guards.sql",
    "0007_trace.sql",
    "0007_papers.sql",
    "0007_services.sql",
    "0007_reports.sql",
    "0007_statements.sql",
)


def upgrade() -> None:
    """Tables first, then the moves that the guards look up."""
    for script in SCRIPTS:
        run_script(script)


def downgrade() -> None:
    """Drop what came with it; what was recorded in it goes too."""
    run_script("0007_reports_down.sql")
    run_script("0007_services_down.sql")
    run_script("0007_papers_down.sql")
    run_script("0007_down.sql")
