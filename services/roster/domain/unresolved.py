"""What a publication left undecided: changes that were refused, or that nobody answered; who hears of it, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.roster.domain.change import OPEN
from services.roster.domain.decision import Reminder, decide_by, next_reminder, reminder
from services.roster.domain.roster import Roster
from services.roster.domain.team import Team
from shared.contracts.roster import RosterUnresolved

CHAIN = ("supervisor", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A change that waits: for its agent (open), or for a supervisor (refused, expired)."""

    state: str
    confirm_by: datetime
    first_start_at: datetime


def unresolved(waiting: Sequence[Undecided]) -> list[Undecided]:
    """Those that wait for a supervisor."""
    return [one for one in waiting if one.state not in OPEN]


def next_look(waiting: Sequence[Undecided], within: timedelta, now: datetime) -> datetime | None:
    """When to look again: as for any decision, and when an affected shift starts; none when nothing waits."""
    if not waiting:
        return None
    late = unresolved(waiting) or waiting
    since, by = _span(late, within)
    starts = [one.first_start_at for one in late if one.first_start_at > now]
    return min([next_reminder(since, by, now), *starts])


def told_at(late: Sequence[Undecided], within: timedelta, due_at: datetime) -> Reminder:
    """The supervisor hears first; when it is overdue, or a shift has started, the manager too."""
    _, by = _span(late, within)
    started = min(one.first_start_at for one in late)
    return reminder(CHAIN, min(by, started), due_at)


def _span(waiting: Sequence[Undecided], within: timedelta) -> tuple[datetime, datetime]:
    since = min(one.confirm_by for one in waiting)
    return since, decide_by(since, within, min(one.first_start_at for one in waiting))


def left_undecided(
    roster: Roster, team: Team, number: int, late: Sequence[Undecided], told: tuple[str, ...]
) -> RosterUnresolved:
    """The news that a publication still waits for decisions."""
    return RosterUnresolved(
        roster_id=roster.roster_id,
        team_id=team.team_id,
        team_name=team.name,
        zone=team.zone,
        number=number,
        refused_count=sum(one.state == "refused" for one in late),
        expired_count=sum(one.state == "expired" for one in late),
        oldest_at=min(one.confirm_by for one in late),
        first_start_at=min(one.first_start_at for one in late),
        told=told,
    )
