"""What keeps a case from closing: promises to keep, hand-offs to end, progress requests that nobody has answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.handoff import OPEN
from services.cases.tables import handoffs, progress_requests, promises
from shared.platform.db import Hot


async def open_handoffs(conn: AsyncConnection, case_id: UUID) -> int:
    """How many hand-offs of a case are not over: not answered, or the customer not told."""
    return await _number(_HANDOFFS, conn, case_id)


async def open_progress_requests(conn: AsyncConnection, case_id: UUID) -> int:
    """How many progress requests of a case wait for an answer."""
    return await _number(_PROGRESS, conn, case_id)


async def open_promises(conn: AsyncConnection, case_id: UUID) -> int:
    """How many promises of a case are still to be kept in time."""
    return await _number(_PROMISES, conn, case_id)


async def _number(counted: Hot, conn: AsyncConnection, case_id: UUID) -> int:
    [row] = await counted.run(conn, case_id=case_id)
    return int(row["number"])


def _counted(table: Table, states: Sequence[str]) -> Hot:
    mine = table.c.case_id == bindparam("case_id", type_=Uuid)
    literals: list[Any] = [literal_column(f"'{state}'") for state in states]
    return Hot(select(func.count().label("number")).where(mine, table.c.state.in_(literals)))


_HANDOFFS = _counted(handoffs, OPEN)
_PROGRESS = _counted(progress_requests, ("open",))
_PROMISES = _counted(promises, ("open",))
