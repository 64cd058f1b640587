"""A payment that is reversed names the bank's reference of the money that came back."""

from migrations.script import run_script

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The column, who may write it and when, and the wall."""
    run_script("0002_down.sql")
    run_script("0012_refunds.sql")
    run_script("0012_policy.sql")


def downgrade() -> None:
    """As it was."""
    run_script("0002_down.sql")
    run_script("0012_down.sql")
    run_script("0011_policy.sql")
