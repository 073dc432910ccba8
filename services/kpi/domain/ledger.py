"""How facts add up: by quarter hour and dimensions; when a new version of a fact comes, the old one is taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from services.kpi.domain.fact import Dimensions, Fact

BUCKET_MINUTES = 15
"""Every zone's days begin on a quarter hour UTC, so quarter hours add up to any zone's days."""


class Place(NamedTuple):
    """Where a fact counts: its quarter hour (UTC), its shift's day, and its dimensions."""

    kind: str
    bucket_at: datetime
    dimensions: Dimensions
    shift_on: date | None


class Bin(NamedTuple):
    """One position of one distribution, at one place."""

    place: Place
    distribution: str
    position: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A fact that the ledger took, and the version it replaces."""

    old: Fact | None
    new: Fact


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums by place, and counts by bin."""

    sums: dict[Place, dict[str, int]] = field(default_factory=dict)
    counts: dict[Bin, int] = field(default_factory=dict)

    def add(self, fact: Fact, sign: int = 1) -> None:
        """Put a fact in, or with −1 take it out."""
        place = place_of(fact)
        sums = self.sums.setdefault(place, {})
        for name, value in fact.measures.items():
            sums[name] = sums.get(name, 0) + sign * value
        for name, position in fact.positions.items():
            at = Bin(place, name, position)
            self.counts[at] = self.counts.get(at, 0) + sign

    def without_zeros(self) -> Totals:
        """The same totals; what cancelled out is left out."""
        kept = {place: {name: value for name, value in sums.items() if value} for place, sums in self.sums.items()}
        return Totals(
            {place: sums for place, sums in kept.items() if sums},
            {at: count for at, count in self.counts.items() if count},
        )


def movements(accepted: Iterable[Accepted]) -> Totals:
    """What changes in the rollups: old versions out, new versions in."""
    totals = Totals()
    for change in accepted:
        if change.old is not None:
            totals.add(change.old, -1)
        totals.add(change.new)
    return totals.without_zeros()


def place_of(fact: Fact) -> Place:
    """Where a fact counts."""
    return Place(fact.kind, bucket_of(fact.happened_at), fact.dimensions, fact.shift_on)


def bucket_of(instant: datetime) -> datetime:
    """The start of an instant's quarter hour (instants are UTC)."""
    return instant.replace(minute=instant.minute - instant.minute % BUCKET_MINUTES, second=0, microsecond=0)
