"""A fact: one thing that happened, what it counts for, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

BUCKET_MINUTES = 15
"""Facts add up by quarter hours UTC: every zone's days begin on one, so they add up to any zone's days."""

LONGEST_SECONDS = 366 * 86_400


class Dimensions(NamedTuple):
    """Whom and what a fact belongs to, as they were then. `agent` is the staff number, `team` the team's id.

    Each may be unknown; `*_name` is how people called it, `zone` the IANA zone it happened in.
    """

    agent: str | None = None
    agent_name: str | None = None
    team: str | None = None
    team_name: str | None = None
    topic: str | None = None
    topic_name: str | None = None
    channel: str | None = None
    queue: str | None = None
    cause: str | None = None
    deviation: str | None = None
    zone: str | None = None


class Fact(NamedTuple):
    """One version of a fact. The same `kind` and `key` with a higher `version` replaces it whole.

    `measures` and `values` (of its distributions) are in the order of its kind. `shift_on` is the day of its shift.
    """

    kind: str
    key: UUID
    version: int
    happened_at: datetime
    dimensions: Dimensions
    measures: tuple[int, ...]
    values: tuple[int | None, ...] = ()
    shift_on: date | None = None


def latest(facts: Iterable[Fact]) -> list[Fact]:
    """Of each fact its newest version; of equal versions the first."""
    newest: dict[tuple[str, UUID], Fact] = {}
    for fact in facts:
        known = newest.setdefault((fact.kind, fact.key), fact)
        if fact.version > known.version:
            newest[fact.kind, fact.key] = fact
    return list(newest.values())


def milliseconds(seconds: float | None) -> int:
    """A duration in whole ms, unknown as 0. An impossible one counts as the nearest possible: from 0 to a year."""
    if seconds is None:
        return 0
    if not 0 <= seconds <= LONGEST_SECONDS:
        seconds = LONGEST_SECONDS if seconds > LONGEST_SECONDS else 0  # 0 also for what is no number
    return round(seconds * 1000)
