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
    """Which dimensions a rollup keeps: none, the team, the agent in a team, or what else is known of it in a team."""

    CENTRE = "centre"
    TEAM = "team"
    AGENT = "agent"
    SUBJECT = "subject"


ABOVE: dict[View, tuple[View, ...]] = {View.TEAM: (View.CENTRE,), View.AGENT: (View.CENTRE, View.TEAM)}
"""Which views are summed up from another: subjects lie beside the agents, whose facts are counted already."""


BEHIND_MIDNIGHT = 1 << 30
"""Stands in `tallies` above all counts: the fact happened in a shift of its agent that began the day before, and counts
on that shift's day where days of shifts are asked for."""


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of fact, by the names of its dimensions, counts and amounts.

    `on_shift`: its facts belong to the day of a shift; `by_roster`: of which one, only the roster says. `links`: ids it
    keeps of what it is about. `like`: the kind whose sets of dimensions it shares, made of the same facts.
    """

    name: str
    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    spreads: tuple[str, ...] = ()
    on_shift: bool = False
    by_roster: bool = False
    links: tuple[str, ...] = ()
    like: str = ""

    @property
    def sets(self) -> str:
        """The name under which its sets of dimensions are stored."""
        return self.like or self.name

    @property
    def measures(self) -> tuple[str, ...]:
        """Whatever can be summed."""
        return self.counts + self.amounts

    @cached_property
    def views(self) -> dict[View, tuple[str, ...]]:
        """The rollups kept of it, by their dimensions: those with the fewest first."""
        subject = tuple(name for name in self.dimensions if name != "agent")
        views: dict[View, tuple[str, ...]] = {View.CENTRE: (), View.TEAM: ("team",), View.AGENT: ("agent", "team")}
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
        "conversion_told",
        "converted",
        "transferred_bad",
    ),
    amounts=("answered_wait_ms", "abandoned_wait_ms", "other_wait_ms", "talk_ms", "handle_ms", "rating_points"),
    spreads=("answered_wait_ms", "abandoned_wait_ms", "other_wait_ms"),
    on_shift=True,
    by_roster=True,
    links=("customer_id",),
)
"""A contact. `timed`: handled, and its talk time is known. `resolution_told`, `conversion_told`: either way.
`transferred_bad`: given to another agent, and rated badly. What is `…_quickly` and `…_shortly` are the usual cuts of
the waits (`cuts.USUAL`)."""

RETURN = Kind(
    "return",
    dimensions=CONTACT.dimensions,
    counts=("known_customer", "repeat", "first_on_topic", "settled_first"),
    on_shift=True,
    by_roster=True,
    links=("customer_id",),
    like="contact",
)
"""What a contact is among its customer's others, judged again whenever one of those is told late or corrected.
`repeat`: the customer had come within the window before. `first_on_topic`: handled, and its topic is known;
`settled_first`: and the customer did not come again about it within the window after."""

SHIFT_CHANGE = Kind(
    "shift_change",
    dimensions=("agent", "team"),
    counts=("asked", "confirmed_before_start", "confirmed"),
    amounts=("ack_ms",),
    spreads=("ack_ms",),
)
"""A shift change that an agent was asked about."""

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
    on_shift=True,
)
"""A settled shift. `scheduled`: something was planned; `attended`: and somebody came."""

ADHERENCE = Kind(
    "adherence",
    dimensions=("agent", "team"),
    counts=("measured", "measured_as_edited"),
    amounts=(
        "scheduled_ms",
        "adhered_ms",
        "worked_ms",
        "break_ms",
        "break_kept_ms",
        "busy_ms",
        "ready_ms",
        "edited_scheduled_ms",
        "edited_adhered_ms",
    ),
    on_shift=True,
)
"""How far a shift was kept to. `edited_…`: against a version that was published afterwards."""

ON_CASES = ("agent", "team", "topic", "channel", "case_type")
OF_CASE = ("case_id",)
"""The case that a fact belongs to."""

CASE = Kind(
    "case",
    dimensions=ON_CASES,
    counts=("opened", "open", "closed"),
    amounts=("opened_ms",),
    links=OF_CASE,
)
"""A case and whether it is open still; `opened_ms` is when an open one was opened, in ms since 1970."""

RESOLUTION = Kind(
    "resolution",
    dimensions=ON_CASES,
    counts=("ever_resolved", "resolved", "worked"),
    amounts=("resolution_ms", "working_ms"),
    spreads=("resolution_ms", "working_ms"),
    links=OF_CASE,
)
"""The last resolution of a case; reopened, it is not `resolved` any more. `worked`: its business time is known."""

REOPENING = Kind("reopening", dimensions=ON_CASES, counts=("reopened",), links=OF_CASE)
"""A case that was reopened, however often."""

TRANSFER = Kind("transfer", dimensions=ON_CASES, counts=("transfers",), links=OF_CASE)
"""A case given to another agent; it belongs to the one who gave it."""

SLA = Kind(
    "sla",
    dimensions=(*ON_CASES, "target"),
    counts=("met", "breached", "responded"),
    amounts=("response_ms", "response_calendar_ms"),
    spreads=("response_ms", "response_calendar_ms"),
    links=OF_CASE,
)
"""What became of one SLA clock. `responded`: it was that of the first response, which took so long."""

HANDOFF = Kind("handoff", dimensions=(*ON_CASES, "to_team"), counts=("due", "closed_loop"), links=OF_CASE)
"""A hand-off as its sender's loop. `due`: over or overdue, and not withdrawn."""

HANDOFF_ACK = Kind(
    "handoff_ack",
    dimensions=ON_CASES,
    counts=("accepted", "accepted_in_time"),
    amounts=("handoff_ack_ms",),
    spreads=("handoff_ack_ms",),
    links=OF_CASE,
)
"""A hand-off that somebody accepted; it belongs to who did, in the team that was asked."""

PROMISE = Kind("promise", dimensions=ON_CASES, counts=("promise_due", "promise_kept"), links=OF_CASE)
"""A promise to a customer, due once it was kept or broken; it belongs to who made it."""

INTAKE = Kind(
    "intake",
    dimensions=ON_CASES,
    counts=("judged",),
    amounts=("required", "given", "refused", "unknown", "not_asked"),
    links=OF_CASE,
)
"""How the required fields of a case stand."""

COMPLAINT = Kind("complaint", dimensions=(*ON_CASES, "step", "root_cause"), counts=("complaints",), links=OF_CASE)
"""A complaint; `step` is where in the service it went wrong, `root_cause` is known once it is closed."""

SURVEY = Kind(
    "survey",
    dimensions=ON_CASES,
    counts=(
        "requested",
        "invited",
        "declined",
        "survey_rated",
        "survey_good",
        "survey_bad",
        "recommend_told",
        "promoters",
        "detractors",
    ),
    amounts=("survey_points",),
    links=OF_CASE,
)
"""A survey of a resolved case, with its last answer."""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        CONTACT,
        RETURN,
        SHIFT_CHANGE,
        ATTENDANCE,
        ADHERENCE,
        CASE,
        RESOLUTION,
        REOPENING,
        TRANSFER,
        SLA,
        HANDOFF,
        HANDOFF_ACK,
        PROMISE,
        INTAKE,
        COMPLAINT,
        SURVEY,
    )
}
