"""The report of a place reads its work once, however many of its figures are asked for.

Functions of reports are made anew, and with a function go the grants on it: in the same transaction the wall is taken
down and the one of 0008 put up again, which is today's. Every grant names a function and not its arguments.
"""

from migrations.script import run_script

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The functions, and the wall around them."""
    run_script("0002_down.sql")
    run_script("0009_reports.sql")
    run_script("0008_policy.sql")


def downgrade() -> None:
    """The functions as they were."""
    run_script("0002_down.sql")
    run_script("0009_down.sql")
    run_script("0008_policy.sql")
