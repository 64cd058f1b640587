"""The policy with claims and payments in it: the whole wall anew, as in 0006.

In one transaction the earlier wall is taken down and today's is put up; nobody meets a moment without one. The text was
generated from the policy table of that day (`schema.walls`), never a call into today's.
"""

from migrations.script import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The text that takes down a wall takes down any: it reads the catalogue."""
    run_script("0002_down.sql")
    run_script("0008_policy.sql")


def downgrade() -> None:
    """The wall as it was before."""
    run_script("0002_down.sql")
    run_script("0006_policy.sql")
