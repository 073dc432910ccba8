"""What waits for somebody's word: until when, who hears while nobody says it, and when again.

Reminders come halfway, at the deadline, and then every day until it is decided: no open loop is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.roster.domain.team import Team

LEAST = timedelta(hours=1)
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The nth reminder, and (in words that notify knows) who hears it."""

    step: int
    told: tuple[str, ...]


def decide_by(now: datetime, within: timedelta, before: datetime | None = None) -> datetime:
    """Until when to decide: within the team's time and before it is too late, but no sooner than an hour from now."""
    due = now + within
    return due if before is None else min(due, max(before, now + LEAST))


def deciders(team: Team, *barred: str) -> tuple[str, ...]:
    """Who may decide, the nearest first. Nobody decides what they asked for or what is about themselves."""
    above = (("lead", team.lead or team.supervisor), ("supervisor", team.supervisor), ("manager", None))
    return tuple(word for word, staff_no in above if staff_no not in barred)


def next_reminder(since: datetime, by: datetime, now: datetime) -> datetime:
    """When those who decide hear of it again."""
    halfway = since + (by - since) / 2
    if now < halfway:
        return halfway
    return by if now < by else by + ((now - by) // AGAIN + 1) * AGAIN


def reminder(chain: Sequence[str], by: datetime, due_at: datetime) -> Reminder:
    """The reminder that falls due at an instant: the first of the chain hears it, after the deadline one more each."""
    step = 1 if due_at < by else 2 + (due_at - by) // AGAIN
    return Reminder(step=step, told=tuple(chain[:step]))
