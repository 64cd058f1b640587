"""The policy as row-level security and column privileges: the database as second wall.

`0002_policy.sql` is the text generated from the policy table of that day (`schema.walls`), never a call into
today's. Row-level security is enabled, not forced: invariant triggers run as the owner and must see all rows.
"""

from migrations.script import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Privileges and policies, after the tables they are about."""
    run_script("0002_policy.sql")


def downgrade() -> None:
    """Take back all of it: without the policy no hub role may do anything."""
    run_script("0002_down.sql")
