"""The kernel tables."""

from shared.platform.kernel_migrations import kernel_1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_1("notify")


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: the kernel tables hold what was accepted")
