"""Agent states as a switch reports them, and what they say together.

A set of reports has one meaning, whatever the order and repetition in which they came: where reports overlap, the one
that began last holds; of those that began together, the longest; of those that are equal in this, the first by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import groupby, pairwise

BUSY = ("busy", "talk", "hold", "wrap")
READY = ("ready",)
WORKING = (*BUSY, *READY, "meeting", "training", "other")
BREAK = ("break",)
STATES = (*WORKING, *BREAK, "away", "offline")

LONGEST_STATE = timedelta(hours=24)

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class AgentState:
    """What an agent was doing from one instant until another (excluded)."""

    starts_at: datetime
    ends_at: datetime
    state: str


def timeline(reports: Iterable[AgentState]) -> list[AgentState]:
    """The reports as one line of states that do not overlap, in order."""
    ordered = sorted({one for one in reports if one.starts_at < one.ends_at})
    apart = all(one.ends_at <= other.starts_at for one, other in pairwise(ordered))
    pieces = ordered if apart else list(_pieces(ordered))
    return [_joined(list(same)) for _, same in groupby(pieces, key=_Run())]


def _pieces(ordered: Sequence[AgentState]) -> Iterator[AgentState]:
    """Between any two instants at which a report begins or ends, the report that holds."""
    instants = sorted({one.starts_at for one in ordered} | {one.ends_at for one in ordered})
    active: list[tuple[float, float, str, datetime]] = []
    waiting = iter(ordered)
    coming = next(waiting, None)
    for here, after in pairwise(instants):
        while coming and coming.starts_at <= here:
            heappush(active, (-coming.starts_at.timestamp(), -coming.ends_at.timestamp(), coming.state, coming.ends_at))
            coming = next(waiting, None)
        while active and active[0][3] <= here:
            heappop(active)
        if active:
            yield AgentState(here, after, active[0][2])


class _Run:
    """A key that stays the same as long as one piece continues the one before."""

    def __init__(self) -> None:
        self._last: AgentState | None = None
        self._number = 0

    def __call__(self, piece: AgentState) -> int:
        if self._last is None or self._last.ends_at != piece.starts_at or self._last.state != piece.state:
            self._number += 1
        self._last = piece
        return self._number


def _joined(pieces: Sequence[AgentState]) -> AgentState:
    return AgentState(pieces[0].starts_at, pieces[-1].ends_at, pieces[0].state)


def within(reports: Iterable[AgentState], span: Interval) -> list[AgentState]:
    """The parts of reports that lie within a span."""
    clipped = (AgentState(max(one.starts_at, span[0]), min(one.ends_at, span[1]), one.state) for one in reports)
    return [one for one in clipped if one.starts_at < one.ends_at]


def times_in(line: Iterable[AgentState], states: Sequence[str]) -> list[Interval]:
    """When a timeline is in one of these states, adjoining times joined."""
    found: list[Interval] = []
    for one in line:
        if one.state not in states:
            continue
        if found and found[-1][1] == one.starts_at:
            found[-1] = (found[-1][0], one.ends_at)
        else:
            found.append((one.starts_at, one.ends_at))
    return found
