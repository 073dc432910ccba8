"""Who decides now, as roster announces it."""

from __future__ import annotations

from services.notify.commands.subjects import hear
from services.notify.store.crowd import Turn, keep_turn
from shared.contracts.roster import DutyAssigned
from shared.platform.work import Work


async def keep_duty(work: Work, event: DutyAssigned) -> None:
    """Note who is duty manager of a post and for how long, and tell them."""
    assert work.cause is not None, "the rota comes as an event"
    turn = Turn(
        duty_id=event.duty_id,
        sequence=work.cause.sequence,
        team_id=event.team_id,
        staff_no=event.staff_no,
        name=event.name,
    )
    await keep_turn(work, turn, (event.starts_at, event.ends_at))
    await hear(work, event)
