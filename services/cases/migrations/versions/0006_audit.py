"""the audit log"""

from shared.platform.kernel_migrations import kernel_2

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_2("cases")


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: the audit log only grows")
