"""Changes that were refused or that nobody answered: until somebody decides, those above hear of it.

Once for each publication, however many changes it left: its timer stands under the first change that it asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.roster.domain import unresolved as waits
from services.roster.domain.change import ShiftChange
from services.roster.domain.team import Team
from services.roster.domain.unresolved import Undecided
from services.roster.queries.changes import peek_change, undecided_changes
from services.roster.queries.sheets import find_roster
from services.roster.store import people
from shared.platform.timers import Timer, set_timers
from shared.platform.work import Work

CHASE = "chase_unresolved"


async def watch_publication(work: Work, asked: Sequence[ShiftChange], team: Team) -> None:
    """Wait for the decisions that a publication may need."""
    waiting = [
        Undecided(state=one.state, confirm_by=one.confirm_by, first_start_at=one.first_start_at) for one in asked
    ]
    if due := waits.next_look(waiting, _within(team), work.now):
        await set_timers(work, [Timer(kind=CHASE, subject_id=asked[0].change_id, due_at=due)])


async def chase_unresolved(work: Work, timer: Timer) -> None:
    """Tell those above what nobody has decided, and look again until nothing waits."""
    change = await peek_change(work.conn, timer.subject_id)
    team = await people.load_team(work.conn, change.team_id)
    waiting = await undecided_changes(work.conn, change.roster_id, change.number)
    if late := waits.unresolved(waiting):
        roster = await find_roster(work.conn, change.roster_id)
        told = waits.told_at(late, _within(team), timer.due_at).told
        work.record(waits.left_undecided(roster, team, change.number, late, told), sequence=roster.version)
    if due := waits.next_look(waiting, _within(team), work.now):
        await set_timers(work, [Timer(kind=CHASE, subject_id=timer.subject_id, due_at=due)])


def _within(team: Team) -> timedelta:
    return timedelta(minutes=team.settings.decide_within_minutes)
