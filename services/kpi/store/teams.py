"""Teams by their codes, who works when, and how far kpi has heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ARRAY, bindparam, column, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.shift import Shift
from services.kpi.tables import progress, shifts, teams
from shared.contracts.roster import TeamChanged
from shared.platform.db import Hot


async def mark_progress(conn: AsyncConnection, as_of: datetime) -> None:
    """Remember the time of the newest event applied. Last of all, as every worker waits for this row."""
    await _mark().run(conn, as_of=as_of)


async def save_team(conn: AsyncConnection, team: TeamChanged, *, sequence: int) -> None:
    """Keep a team's code, unless a newer one is known."""
    await _keep_team().run(conn, team_id=team.team_id, code=team.code, sequence=sequence)


async def save_shifts(conn: AsyncConnection, told: Sequence[Shift]) -> None:
    """Keep shifts (each once), unless a newer or a settled one is known."""
    await _keep_shifts().run(conn, **dict(zip(Shift._fields, map(list, zip(*told, strict=True)), strict=True)))


@cache
def _mark() -> Hot:
    new = insert(progress).values(progress_id=1, as_of=bindparam("as_of"))
    newest = func.greatest(progress.c.as_of, new.excluded.as_of)
    return Hot(new.on_conflict_do_update(index_elements=["progress_id"], set_={"as_of": newest}))


@cache
def _keep_shifts() -> Hot:
    columns = [shifts.c[name] for name in Shift._fields]
    rows = func.unnest(*(bindparam(given.name, type_=ARRAY(given.type)) for given in columns))
    given = rows.table_valued(*(column(given.name, given.type) for given in columns)).render_derived()
    new = insert(shifts).from_select(Shift._fields, select(given))
    newer = tuple_(shifts.c.settled, shifts.c.told_at) <= tuple_(new.excluded.settled, new.excluded.told_at)
    told = {name: new.excluded[name] for name in Shift._fields if name not in ("staff_no", "shift_on")}
    return Hot(new.on_conflict_do_update(index_elements=["staff_no", "shift_on"], set_=told, where=newer))


@cache
def _keep_team() -> Hot:
    names = ("team_id", "code", "sequence")
    new = insert(teams).values({name: bindparam(name) for name in names})
    told = {"code": new.excluded.code, "sequence": new.excluded.sequence}
    newer = teams.c.sequence < new.excluded.sequence
    return Hot(new.on_conflict_do_update(index_elements=["team_id"], set_=told, where=newer))
