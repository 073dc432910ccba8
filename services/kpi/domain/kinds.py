"""The kinds of facts: what each can be grouped by, and what it measures.

A fact says what it counts for in bits: bit n of `tallies` is 1 when it counts for the kind's n-th count, so the names
of counts are only ever added at the end. Amounts are whole numbers (milliseconds where the name ends in `_ms`): only
whole numbers that were added can be taken out again without a trace. Spreads are the amounts whose percentiles are
kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class View(StrEnum):
    """Which dimensions a rollup keeps: the team alone, the agent in a team, or what else is known of it in a team."""

    TEAM = "team"
    AGENT = "agent"
    SUBJECT = "subject"


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of fact, by the names of its dimensions, counts and amounts.

    `on_shift`: its facts belong to the day of a shift. `links`: ids it keeps of what it is about.
    """

    name: str
    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    spreads: tuple[str, ...] = ()
    on_shift: bool = False
    links: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[str, ...]:
        """Whatever can be summed."""
        return self.counts + self.amounts

    @cached_property
    def views(self) -> dict[View, tuple[str, ...]]:
        """The rollups kept of it, by their dimensions: those with the fewest first."""
        subject = tuple(name for name in self.dimensions if name != "agent")
        views = {View.TEAM: ("team",), View.AGENT: ("agent", "team")}
        return views if subject == ("team",) else {**views, View.SUBJECT: subject}

    def bit(self, count: str) -> int:
        """The place of a count in `tallies`."""
        return self.counts.index(count)

    def tally(self, **counted: object) -> int:
        """What a fact counts for, as bits."""
        return sum(1 << self.bit(name) for name, counts in counted.items() if counts)


CONTACT = Kind(
    "contact",
    dimensions=("agent", "team", "topic", "channel", "queue"),
    counts=(
        "contacts",
        "offered",
        "answered",
        "abandoned",
        "handled",
        "timed",
        "rated",
        "rated_good",
        "rated_bad",
        "resolution_told",
        "resolved",
        "answered_quickly",
        "abandoned_quickly",
        "left_otherwise_quickly",
        "abandoned_shortly",
        "transferred",
        "with_topic",
        "rated_promoter",
        "rated_detractor",
        "invited",
    ),
    amounts=("answered_wait_ms", "abandoned_wait_ms", "other_wait_ms", "talk_ms", "handle_ms", "rating_points"),
    spreads=("answered_wait_ms", "abandoned_wait_ms", "other_wait_ms"),
    links=("customer_id",),
)
"""A contact. `timed`: handled, and its talk time is known. `resolution_told`: either way. What is `…_quickly` and
`…_shortly` are the usual cuts of the waits (`cuts.USUAL`)."""

SHIFT_CHANGE = Kind(
    "shift_change",
    dimensions=("agent", "team"),
    counts=("asked", "confirmed_before_start", "answered"),
    amounts=("ack_ms",),
    spreads=("ack_ms",),
)
"""A shift change that an agent was asked about; `answered`: confirmed, whenever."""

ATTENDANCE = Kind(
    "attendance",
    dimensions=("agent", "team", "cause", "deviation"),
    counts=(
        "settled",
        "deviations",
        "deviations_by_agent",
        "deviations_by_management",
        "deviations_by_system",
        "deviations_excused",
        "scheduled",
        "attended",
    ),
    amounts=("scheduled_ms", "worked_ms"),
    on_shift=True,
)
"""A settled shift. `scheduled`: something was planned; `attended`: and somebody came."""

KINDS: dict[str, Kind] = {kind.name: kind for kind in (CONTACT, SHIFT_CHANGE, ATTENDANCE)}
