"""A fact: one thing that happened, what it counts for, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from shared.contracts.refusal import Refusal

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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: the dimensions it can be grouped by, and what it measures.

    Measures are whole numbers (counts, or durations in milliseconds), because only whole numbers that were added can be
    subtracted again without a trace. Distributions are single values, kept as positions that can be cut anywhere.
    """

    name: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    distributions: tuple[str, ...] = ()


CONTACT = Kind(
    "contact",
    dimensions=("agent", "team", "topic", "channel", "queue"),
    measures=(
        "contacts",
        "offered",
        "answered",
        "abandoned",
        "answered_wait_ms",
        "handled",
        "timed",
        "talk_ms",
        "handle_ms",
        "rated",
        "rating_points",
        "rated_good",
        "rated_bad",
        "resolution_told",
        "resolved",
    ),
    distributions=("answered_wait", "abandoned_wait", "other_wait"),
)
SHIFT_CHANGE = Kind("shift_change", dimensions=("agent", "team"), measures=("asked", "confirmed_before_start"))
ATTENDANCE = Kind(
    "attendance",
    dimensions=("agent", "team", "cause", "deviation"),
    measures=("settled", "deviations", "deviations_by_agent", "deviations_by_management"),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in (CONTACT, SHIFT_CHANGE, ATTENDANCE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One version of a fact. The same `kind` and `key` with a higher `version` replaces it whole.

    `measures` leaves out zeros; `positions` has the distributions it has a value of. `shift_on` is the day of the shift
    it belongs to, if it does.
    """

    kind: str
    key: UUID
    version: int
    happened_at: datetime
    dimensions: Dimensions
    measures: Mapping[str, int]
    positions: Mapping[str, int]
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
    """A duration in whole ms, unknown as 0. Refuses with `duration-impossible` what is negative or over a year."""
    if seconds is None:
        return 0
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise Refusal("duration-impossible", seconds=seconds)
    return round(seconds * 1000)


def position(duration_ms: int) -> int:
    """Where a duration stands among whole seconds: 2n is exactly n seconds, 2n+1 lies between n and n+1.

    Coarser bins (logarithmic ones) could not answer "within X seconds" exactly for every X that a centre may ask for;
    these can, for `≤ X` and for `< X`, and waits repeat so much that there are few of them.
    """
    seconds, rest = divmod(duration_ms, 1000)
    return 2 * seconds + (rest > 0)


def within(seconds: int) -> int:
    """The last position that is at most `seconds`."""
    return 2 * seconds


def below(seconds: int) -> int:
    """The last position that is less than `seconds`."""
    return 2 * seconds - 1
