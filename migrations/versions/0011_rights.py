"""A consent taken back from a partner holds against the street's, a closure can be refused, old keys are thrown away.

Beside these the wall of today, as in 0008: a partner's manager reads and revokes her partner's clients, and is told of
a tie to her partner when she admits somebody.
"""

from migrations.script import run_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Function, moves and index; who was let in by the old function is asked again; the wall."""
    run_script("0002_down.sql")
    run_script("0011_rights.sql")
    run_script("0011_policy.sql")


def downgrade() -> None:
    """As it was."""
    run_script("0002_down.sql")
    run_script("0011_down.sql")
    run_script("0007_moves.sql")
    run_script("0008_policy.sql")
