"""The kinds of facts: what each can be grouped by, and what it measures.

Measures are whole numbers (counts, or milliseconds where the name ends in `_ms`): only whole numbers that were added
can be taken out again without a trace. Distributions are single durations in milliseconds, to be cut anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class ContactMeasures(NamedTuple):
    """What a contact counts for. `timed`: handled, and its talk time is known. `resolution_told`: either way.

    The last four are the usual cuts of the waits (`cuts.USUAL`); any other cut is counted from the facts.
    """

    contacts: int = 0
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    answered_wait_ms: int = 0
    handled: int = 0
    timed: int = 0
    talk_ms: int = 0
    handle_ms: int = 0
    rated: int = 0
    rating_points: int = 0
    rated_good: int = 0
    rated_bad: int = 0
    resolution_told: int = 0
    resolved: int = 0
    answered_quickly: int = 0
    abandoned_quickly: int = 0
    left_otherwise_quickly: int = 0
    abandoned_shortly: int = 0


class Waits(NamedTuple):
    """How long a contact was in the queue, by the way it left: answered, abandoned, or otherwise (say, a callback)."""

    answered_wait: int | None = None
    abandoned_wait: int | None = None
    other_wait: int | None = None


class ShiftChangeMeasures(NamedTuple):
    """What a shift change counts for."""

    asked: int = 0
    confirmed_before_start: int = 0


class AttendanceMeasures(NamedTuple):
    """What a settled shift counts for."""

    settled: int = 0
    deviations: int = 0
    deviations_by_agent: int = 0
    deviations_by_management: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact, by the names of its dimensions, measures and distributions."""

    name: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    distributions: tuple[str, ...] = ()


CONTACT = Kind("contact", ("agent", "team", "topic", "channel", "queue"), ContactMeasures._fields, Waits._fields)
SHIFT_CHANGE = Kind("shift_change", ("agent", "team"), ShiftChangeMeasures._fields)
ATTENDANCE = Kind("attendance", ("agent", "team", "cause", "deviation"), AttendanceMeasures._fields)

KINDS: dict[str, Kind] = {kind.name: kind for kind in (CONTACT, SHIFT_CHANGE, ATTENDANCE)}
