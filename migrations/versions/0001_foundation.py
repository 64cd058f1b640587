"""The foundation: the tables of the first journey, with the triggers and functions that guard them.

One revision, since nothing was deployed before it. `0001_foundation.sql` was drafted from the tables as they
were then (`migrations.draft`); `0001_functions.sql` is written by hand.
"""

from migrations.script import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and indexes first: the triggers need them."""
    run_script("0001_foundation.sql")
    run_script("0001_functions.sql")


def downgrade() -> None:
    """Drop everything the owner has in the schema, whatever a draft may have called it."""
    run_script("0001_down.sql")
