"""Whether a session may still act is asked inside every statement: it is answered in a quarter of the time."""

from migrations.script import run_script

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The same question, put so that PostgreSQL runs one look-up and no more."""
    run_script("0010_live.sql")


def downgrade() -> None:
    """The function as it was."""
    run_script("0010_down.sql")
