"""Teams by their codes, and how far kpi has heard."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.tables import progress, teams
from shared.contracts.roster import TeamChanged
from shared.platform.db import Hot


async def mark_progress(conn: AsyncConnection, as_of: datetime) -> None:
    """Remember the time of the newest event applied. Last of all, as every worker waits for this row."""
    await _mark().run(conn, as_of=as_of)


async def save_team(conn: AsyncConnection, team: TeamChanged, *, sequence: int) -> None:
    """Keep a team's code, unless a newer one is known."""
    await _keep_team().run(conn, team_id=team.team_id, code=team.code, sequence=sequence)


@cache
def _mark() -> Hot:
    new = insert(progress).values(progress_id=1, as_of=bindparam("as_of"))
    newest = func.greatest(progress.c.as_of, new.excluded.as_of)
    return Hot(new.on_conflict_do_update(index_elements=["progress_id"], set_={"as_of": newest}))


@cache
def _keep_team() -> Hot:
    names = ("team_id", "code", "sequence")
    new = insert(teams).values({name: bindparam(name) for name in names})
    told = {"code": new.excluded.code, "sequence": new.excluded.sequence}
    newer = teams.c.sequence < new.excluded.sequence
    return Hot(new.on_conflict_do_update(index_elements=["team_id"], set_=told, where=newer))
