"""A fact: one thing that happened, what it counts for, and where it belongs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.kpi.domain.kinds import Kind, View

BUCKET_MINUTES = 15
"""Facts add up by quarter hours UTC: every zone's days begin on one, so they add up to any zone's days."""

LONGEST_SECONDS = 366 * 86_400

SETS = UUID("2f0d1c6e-8d3a-5b57-9f60-55b2c35b3c11")
"""The namespace of the ids of dimension sets."""


_as_json = json.JSONEncoder(ensure_ascii=False).encode


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
    case_type: str | None = None
    target: str | None = None
    to_team: str | None = None
    to_team_name: str | None = None
    step: str | None = None
    root_cause: str | None = None
    zone: str | None = None

    def only(self, kept: tuple[str, ...]) -> Dimensions:
        """The same without the others; a name stays with what it names, and the zone always."""
        return Dimensions(*[value if stays else None for value, stays in zip(self, _staying(kept), strict=True)])


@cache
def _staying(kept: tuple[str, ...]) -> tuple[bool, ...]:
    names = {"zone", *kept, *(f"{name}_name" for name in kept)}
    return tuple(name in names for name in Dimensions._fields)


@dataclass(frozen=True, eq=False)
class DimensionSet:
    """A combination of dimensions: that of facts (`view` none), or what a view keeps of it. Its id follows from it."""

    kind: Kind
    view: View | None
    dimensions: Dimensions
    set_id: UUID

    @cached_property
    def views(self) -> dict[View, DimensionSet]:
        """What each view keeps of it."""
        kept = self.kind.views.items()
        return {view: dimension_set(self.kind, self.dimensions.only(names), view) for view, names in kept}


@lru_cache(maxsize=100_000)
def dimension_set(kind: Kind, dimensions: Dimensions, view: View | None = None) -> DimensionSet:
    """The set of these dimensions: the same id in every worker, without asking."""
    return DimensionSet(kind, view, dimensions, uuid5(SETS, _as_json([kind.name, view, *dimensions])))


class Fact(NamedTuple):
    """One version of a fact. The same kind and `key` with a higher `version` replaces it whole.

    `day_on` is the day of its shift, or the local day of `happened_at`. `tallies`, `amounts` and `links` are in the
    order of its kind. `judged_by` names the rules by which it was judged, with their versions, as JSON.
    """

    belongs: DimensionSet
    key: UUID
    version: int
    happened_at: datetime
    day_on: date
    tallies: int
    amounts: tuple[int | None, ...] = ()
    links: tuple[UUID | None, ...] = ()
    judged_by: str | None = None


@lru_cache(maxsize=1_000)
def by_rules(**rules: str | int | None) -> str | None:
    """Rules and their versions as a fact keeps them; none where nothing of them is known."""
    known = {name: value for name, value in rules.items() if value is not None}
    return _as_json(known) if known else None


def latest(facts: Sequence[Fact]) -> list[Fact]:
    """Of each fact of one kind its newest version; of equal versions the first."""
    newest = {fact.key: fact for fact in facts}
    if len(newest) == len(facts):  # as nearly always
        return list(facts)
    newest.clear()
    for fact in facts:
        if newest.setdefault(fact.key, fact).version < fact.version:
            newest[fact.key] = fact
    return list(newest.values())


def milliseconds(seconds: float | None) -> int:
    """A duration in whole ms, unknown as 0. An impossible one counts as the nearest possible: from 0 to a year."""
    if seconds is None:
        return 0
    if 0 <= seconds <= LONGEST_SECONDS:
        return round(seconds * 1000)
    return LONGEST_SECONDS * 1000 if seconds > LONGEST_SECONDS else 0  # 0 also for what is no number


def local_day(at: datetime, zone: str | None) -> date:
    """The day of an instant in a zone; in UTC where the zone is unknown."""
    return _day_of_quarter(int(at.timestamp()) // (BUCKET_MINUTES * 60), zone)


@lru_cache(maxsize=50_000)
def _day_of_quarter(quarter: int, zone: str | None) -> date:
    at = datetime.fromtimestamp(quarter * BUCKET_MINUTES * 60, UTC)
    try:
        return at.astimezone(ZoneInfo(zone)).date() if zone else at.date()
    except (ValueError, OSError):  # no such zone
        return at.date()
