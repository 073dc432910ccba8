"""Where a case spent its time: with its owner's team, waiting for the customer, asked of a team, worked on by one.

The stretches follow each other without gap or overlap from the opening to the closing (or now), so they sum exactly to
the case's age.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from services.cases.domain.handoff import Handoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`what`: own, waiting_customer, waiting_team, asked (not yet accepted), or worked on (by the team that accepted).

    `resolved` and `closed` is the time from there on until it closed or was reopened.
    """

    what: str
    from_at: datetime
    to_at: datetime
    seconds: float
    team_id: UUID | None = None
    team_name: str | None = None
    handoff_id: UUID | None = None
    hop: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A change of the case's own state: from `at` on it is in `state`, with that team."""

    at: datetime
    state: str
    team_id: UUID | None = None
    team_name: str | None = None


_OWN = {
    "waiting_customer": "waiting_customer",
    "waiting_team": "waiting_team",
    "resolved": "resolved",
    "closed": "closed",
}


def stretches(phases: Sequence[Phase], handoffs: Sequence[Handoff], *, until: datetime) -> Iterator[Stretch]:
    """The case's life in order. While a hand-off is open the time is its hop's, else the case's own state's."""
    if not phases:
        return
    cuts = sorted({at for at in (*_phase_cuts(phases), *_hop_cuts(handoffs), until) if phases[0].at <= at <= until})
    current: Stretch | None = None
    for start, end in pairwise(cuts):
        here = _at(phases, handoffs, start, end)
        if current and _same(current, here):
            current = _longer(current, here)
            continue
        if current:
            yield current
        current = here
    if current:
        yield current


def _phase_cuts(phases: Iterable[Phase]) -> Iterator[datetime]:
    return (phase.at for phase in phases)


def _hop_cuts(handoffs: Iterable[Handoff]) -> Iterator[datetime]:
    for handoff in handoffs:
        yield handoff.requested_at
        for at in (handoff.accepted_at, handoff.answered_at, handoff.ended_at):
            if at:
                yield at


def _at(phases: Sequence[Phase], handoffs: Sequence[Handoff], start: datetime, end: datetime) -> Stretch:
    seconds = (end - start).total_seconds()
    for handoff in handoffs:
        left_at = handoff.answered_at or handoff.ended_at
        if handoff.requested_at <= start and (left_at is None or start < left_at):
            worked = handoff.accepted_at is not None and handoff.accepted_at <= start
            return Stretch(
                what="worked" if worked else "asked",
                from_at=start,
                to_at=end,
                seconds=seconds,
                team_id=handoff.to_team_id,
                team_name=handoff.to_team_name,
                handoff_id=handoff.handoff_id,
                hop=handoff.hop,
            )
    phase = next(phase for phase in reversed(phases) if phase.at <= start)
    return Stretch(
        what=_OWN.get(phase.state, "own"),
        from_at=start,
        to_at=end,
        seconds=seconds,
        team_id=phase.team_id,
        team_name=phase.team_name,
    )


def _same(one: Stretch, other: Stretch) -> bool:
    return (one.what, one.handoff_id, one.team_id) == (other.what, other.handoff_id, other.team_id)


def _longer(one: Stretch, other: Stretch) -> Stretch:
    return Stretch(
        what=one.what,
        from_at=one.from_at,
        to_at=other.to_at,
        seconds=(other.to_at - one.from_at).total_seconds(),
        team_id=one.team_id,
        team_name=one.team_name,
        handoff_id=one.handoff_id,
        hop=one.hop,
    )
