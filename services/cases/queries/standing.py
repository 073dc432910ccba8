"""Whether cases move: what there is about each that has a timer, and what was promised and not kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.tables import cases, handoffs, kernel, progress_requests, promises, sla_clocks
from shared.platform.db import Hot


class Movement(NamedTuple):
    """What is known of one unfinished case. `settled`: it is resolved, so that its own state has to be looked at."""

    moves: bool
    broken_promises: int
    settled: bool


async def standings(conn: AsyncConnection, case_ids: Sequence[UUID]) -> dict[UUID, Movement]:
    """How each of these cases stands; none for closed and historic ones."""
    rows = await _STANDING.run(conn, case_ids=list(case_ids))
    return {row["case_id"]: Movement(row["moves"], row["broken"], row["settled"]) for row in rows}


def _timed(table: Table, key: str, kind: str) -> Any:
    """Whether one of a case's rows in this table has a timer of this kind."""
    timers = kernel.timers.alias()
    joined = table.join(timers, timers.c.subject_id == table.c[key])
    same_kind = timers.c.kind == literal_column(f"'{kind}'")
    return select(table.c[key]).select_from(joined).where(table.c.case_id == cases.c.case_id, same_kind).exists()


def _own(kind: str) -> Any:
    timers = kernel.timers.alias()
    mine = (timers.c.subject_id == cases.c.case_id, timers.c.kind == literal_column(f"'{kind}'"))
    return select(timers.c.subject_id).where(*mine).exists()


_MOVES = or_(
    _timed(sla_clocks, "clock_id", "sla"),
    _own("case_wait"),
    _timed(handoffs, "handoff_id", "handoff"),
    _timed(progress_requests, "progress_id", "progress"),
    _timed(promises, "promise_id", "promise"),
    _own("complaint-stage"),
)
_broken = (
    select(func.count())
    .where(promises.c.case_id == cases.c.case_id, promises.c.state == literal_column("'broken'"))
    .scalar_subquery()
)
_STANDING = Hot(
    select(
        cases.c.case_id,
        _MOVES.label("moves"),
        _broken.label("broken"),
        (cases.c.state == literal_column("'resolved'")).label("settled"),
    )
    .where(cases.c.case_id == bindparam("case_ids", type_=ARRAY(Uuid)).any_())
    .where(cases.c.state != literal_column("'closed'"), ~cases.c.historic)
)
