"""The duty managers' turns as last heard."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.tables import duty
from shared.contracts.roster import DutyAssigned


async def save_turn(conn: AsyncConnection, turn: DutyAssigned, *, sequence: int) -> None:
    """Keep a turn unless something newer was heard of one that begins then."""
    new = insert(duty).values(
        duty_id=turn.duty_id,
        starts_at=turn.starts_at,
        ends_at=turn.ends_at,
        team_id=turn.team_id,
        staff_no=turn.staff_no,
        name=turn.name,
        sequence=sequence,
    )
    changes = {name: new.excluded[name] for name in ("ends_at", "team_id", "staff_no", "name", "sequence")}
    newer = duty.c.sequence < new.excluded.sequence
    await conn.execute(
        new.on_conflict_do_update(index_elements=[duty.c.duty_id, duty.c.starts_at], set_=changes, where=newer)
    )
