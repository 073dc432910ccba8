"""What has to be settled before a case closes: each kind of loop says how many of a case are still open.

Another kind of loop joins by one line in LOOPS.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.queries.complaints import open_complaints
from services.cases.queries.open_loops import open_handoffs, open_progress_requests, open_promises

OpenCount = Callable[[AsyncConnection, UUID], Awaitable[int]]

LOOPS: dict[str, OpenCount] = {
    "promises": open_promises,
    "handoffs": open_handoffs,
    "progress_requests": open_progress_requests,
    "complaints": open_complaints,
}
"""Kind of loop → how many of a case's are open: `"promises": promises.count_open`."""


async def open_loops(conn: AsyncConnection, case_id: UUID) -> dict[str, int]:
    """Every kind of loop and how many of the case's are open."""
    return {kind: await count(conn, case_id) for kind, count in LOOPS.items()}
