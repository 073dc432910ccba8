"""who is planned when is found by the agent: before, every check walked through everybody's hours"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
rules_reworded = ("planned_hours",)


def upgrade() -> None:
    # Ranges of ids have no distance, so that their tree cannot tell near from far; those of a hash of them have one.
    # The id itself stays in the constraint: of two agents with one hash nobody stands in the other's way.
    op.execute(
        "ALTER TABLE roster.planned_hours DROP CONSTRAINT planned_hours_apart, "
        "ADD CONSTRAINT planned_hours_apart EXCLUDE USING gist ("
        "int8range(uuid_hash_extended(agent_id, 0), uuid_hash_extended(agent_id, 0), '[]') WITH &&, "
        "roster.uuidrange(agent_id, agent_id, '[]') WITH &&, hours WITH &&) DEFERRABLE INITIALLY IMMEDIATE"
    )


def downgrade() -> None:
    raise RuntimeError("restore a backup instead: the constraint before was slow, not wrong")
