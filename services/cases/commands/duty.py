"""Keeping who is duty manager when."""

from __future__ import annotations

from services.cases.store.duty import save_turn
from shared.contracts.roster import DutyAssigned
from shared.platform.work import Work


async def keep_turn(work: Work, event: DutyAssigned) -> None:
    """Remember a duty manager's turn as now heard."""
    assert work.cause
    await save_turn(work.conn, event, sequence=work.cause.sequence)
