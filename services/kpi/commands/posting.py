"""Facts are posted to the ledger and judged, teams are kept by their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.kpi.domain.fact import DimensionSet, Fact, latest
from services.kpi.domain.kinds import CONTACT
from services.kpi.domain.shift import Shift, newest
from services.kpi.store.ledger import keep_sets, post, unknown_sets
from services.kpi.store.nights import judge_nights_noted, note_posted, note_shifts
from services.kpi.store.returns import judge_some, note_unjudged
from services.kpi.store.teams import mark_progress, save_shifts, save_team
from shared.contracts.roster import TeamChanged
from shared.platform.work import Database, Work


async def post_facts(work: Work, facts: Mapping[str, Sequence[Fact]], *, as_of: datetime) -> None:
    """Put facts (by kind) into the ledger: newer versions replace older ones, stale ones change nothing.

    `as_of` is the time of the newest event that they come from.
    """
    last = {kind: latest(found) for kind, found in facts.items()}
    await _keep_sets(work, {fact.belongs for found in last.values() for fact in found})
    await post(work.conn, last, now=work.now)
    if facts.get(CONTACT.name):
        await note_unjudged(work.conn)
        await note_posted(work.conn)
    await mark_progress(work.conn, as_of)


async def _keep_sets(work: Work, sets: set[DimensionSet]) -> None:
    """A set of dimensions is what it is: committed by itself, it holds up nobody who comes across the same one."""
    if new := unknown_sets(work.conn.engine, sets):
        async with work.beside() as conn:
            await keep_sets(conn, new)


async def judge_returns(database: Database) -> int:
    """Judge who came again among the contacts posted lately; how many contacts were looked at."""
    judged = 0
    while True:
        async with database.work() as work:
            some = await judge_some(work.conn, now=work.now)
        if not some:
            return judged
        judged += some


async def judge_nights(database: Database) -> int:
    """Judge which contacts lie behind midnight in a shift of the day before; how many notes of them were looked at."""
    judged = 0
    while True:
        async with database.work() as work:
            some = await judge_nights_noted(work.conn)
        if not some:
            return judged
        judged += some


async def judge(database: Database) -> int:
    """Judge whatever was posted lately among what was there; how much was looked at."""
    return await judge_returns(database) + await judge_nights(database)


async def keep_shifts(work: Work, told: Sequence[Shift]) -> None:
    """Remember who works when: what they do after midnight counts on the day of their shift."""
    last = newest(told)
    await save_shifts(work.conn, last)
    await note_shifts(work.conn, last)


async def keep_team(work: Work, team: TeamChanged, *, sequence: int) -> None:
    """Remember what a team is called; an older telling changes nothing."""
    await save_team(work.conn, team, sequence=sequence)
