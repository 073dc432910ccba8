"""Surges: one topic's share of what comes in passes its threshold and its own baseline.

raised → acknowledged → acted. The responsible department has the task; what became of the share is measured after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.cases import SurgeFact, TopicAcknowledged, TopicActed, TopicOverdue, TopicSurged
from shared.contracts.refusal import Refusal

EVERYTHING = "*"
"""The topic code under which the centre's own rule stands."""

BUCKET = timedelta(minutes=15)
ACTIONS = ("guidance", "training", "fix", "problem")
MEASURED_FOR = timedelta(days=7)
"""How long after the action the topic's share is measured."""

QUIET = timedelta(days=1)
"""How long an action is given before the same topic may be raised again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeRule:
    """When a topic surges. `threshold` is percent of all contacts in the window, to be passed.

    `min_contacts` and `min_customers` are the topic's own in the window. `lift`: times its own baseline that the share
    has to pass, the baseline being the median share in the same window of the last `baseline_weeks` weeks by the clock
    of `zone`. `enabled` false: never.
    """

    topic: str = EVERYTHING
    enabled: bool = True
    threshold: float = 30.0
    min_contacts: int = 20
    min_customers: int = 5
    window_minutes: int = 240
    lift: float = 1.2
    baseline_weeks: int = 8
    ack_minutes: int = 120
    act_minutes: int = 2880
    zone: str = "Asia/Shanghai"
    version: int = 0

    @property
    def window(self) -> timedelta:
        """How far the window reaches back."""
        return timedelta(minutes=self.window_minutes)


class Seen(NamedTuple):
    """What came in about one topic (empty where none was told) in one quarter of an hour."""

    bucket_at: datetime
    topic: str
    contacts: int


@dataclass(frozen=True, slots=True)
class Tally:
    """A topic's contacts among all contacts of a window."""

    contacts: int
    all_contacts: int

    @property
    def share(self) -> float:
        """Percent; 0 where nothing came in."""
        return 100 * self.contacts / self.all_contacts if self.all_contacts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What was seen: a topic's window with its numbers."""

    topic: str
    topic_name: str
    window_from: datetime
    window_to: datetime
    tally: Tally
    customers: int
    baseline_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A surge and its task. Shares are percent.

    `historic`: its window was long over when it was seen (an import); nobody is chased for it. `later_share` is the
    topic's share since the action, or over the seven days after it.
    """

    surge_id: UUID
    version: int = 1
    state: str = "raised"
    topic: str
    topic_name: str
    window_from: datetime
    window_to: datetime
    contacts: int
    all_contacts: int
    customers: int
    share: float
    baseline_share: float | None
    threshold: float
    detected_at: datetime
    ack_by: datetime
    act_by: datetime
    owner_team_id: UUID | None = None
    owner_team_name: str | None = None
    historic: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acted_at: datetime | None = None
    acted_by: str | None = None
    action: str | None = None
    note: str | None = None
    problem_id: UUID | None = None
    later_share: float | None = None
    later_contacts: int | None = None
    measured_at: datetime | None = None
    overdue_count: int = 0
    updated_at: datetime


def bucket_of(at: datetime) -> datetime:
    """The beginning of the quarter of an hour (UTC) that an instant lies in."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def stands_out(tally: Tally, rule: SurgeRule) -> bool:
    """Whether a topic passes the threshold with enough contacts."""
    return rule.enabled and tally.contacts >= rule.min_contacts and tally.share > rule.threshold


def standing_out(
    topic: str, rule: SurgeRule, ends: Collection[datetime], counts: Sequence[Seen]
) -> Iterator[tuple[datetime, Tally]]:
    """The ends of windows in which the topic stands out, in order of time, and its numbers.

    What came in late also counts in the windows that end after it.
    """
    reach = (min(ends), max(ends) + rule.window)
    mine = {one.bucket_at + BUCKET for one in counts if one.topic == topic}
    own = everything = first = last = 0
    for end in sorted(end for end in mine if reach[0] <= end < reach[1]):
        while last < len(counts) and counts[last].bucket_at < end:
            own += counts[last].contacts if counts[last].topic == topic else 0
            everything += counts[last].contacts
            last += 1
        while first < last and counts[first].bucket_at < end - rule.window:
            own -= counts[first].contacts if counts[first].topic == topic else 0
            everything -= counts[first].contacts
            first += 1
        if stands_out(tally := Tally(own, everything), rule):
            yield end, tally


def baseline_of(weeks: Sequence[Tally], rule: SurgeRule) -> float | None:
    """The median share of the same window in past weeks; weeks with hardly any contact say nothing. Percent."""
    shares = [week.share for week in weeks if week.all_contacts >= rule.min_contacts]
    return median(shares) if shares else None


def is_surge(tally: Tally, customers: int, baseline: float | None, rule: SurgeRule) -> bool:
    """Whether that is a surge: it stands out, among enough people, above what is usual at this time of the week."""
    unusual = baseline is None or tally.share > min(baseline * rule.lift, (baseline + 100) / 2)
    return stands_out(tally, rule) and customers >= rule.min_customers and unusual


def past_windows(rule: SurgeRule, window_to: datetime) -> list[tuple[datetime, datetime]]:
    """The same window in each of the past weeks, by the local clock, the latest first."""
    zone = ZoneInfo(rule.zone)
    ends = [window_to.astimezone(zone) - timedelta(weeks=week) for week in range(1, rule.baseline_weeks + 1)]
    return [(end.astimezone(UTC) - rule.window, end.astimezone(UTC)) for end in ends]


def blocks(earlier: Surge, *, window_from: datetime, historic: bool) -> bool:
    """Whether a topic's earlier surge covers this window: one at a time, and after an action some quiet."""
    if earlier.historic and not historic:
        return False
    return earlier.acted_at is None or window_from < earlier.acted_at + QUIET


def raised(
    seen: Sighting, rule: SurgeRule, owner: tuple[UUID, str] | None, *, surge_id: UUID, now: datetime
) -> tuple[Surge, TopicSurged]:
    """A surge, and the news of it. `owner` is the id and name of the team that answers for the topic."""
    surge = Surge(
        surge_id=surge_id,
        topic=seen.topic,
        topic_name=seen.topic_name,
        window_from=seen.window_from,
        window_to=seen.window_to,
        contacts=seen.tally.contacts,
        all_contacts=seen.tally.all_contacts,
        customers=seen.customers,
        share=round(seen.tally.share, 4),
        baseline_share=None if seen.baseline_share is None else round(seen.baseline_share, 4),
        threshold=rule.threshold,
        detected_at=now,
        ack_by=now + timedelta(minutes=rule.ack_minutes),
        act_by=now + timedelta(minutes=rule.act_minutes),
        owner_team_id=owner[0] if owner else None,
        owner_team_name=owner[1] if owner else None,
        historic=is_history(seen.window_to, rule, now),
        updated_at=now,
    )
    return surge, TopicSurged(**_fact(surge), act_by=surge.act_by)


def is_history(window_to: datetime, rule: SurgeRule, now: datetime) -> bool:
    """Whether a window is so long over that nothing of it lies in the window of now."""
    return window_to <= bucket_of(now) + BUCKET - rule.window


def acknowledged(surge: Surge, *, by: str, now: datetime) -> tuple[Surge, TopicAcknowledged | None]:
    """The department has seen it; said again it stays as it was."""
    if surge.state != "raised":
        return surge, None
    after = _next(surge, now, state="acknowledged", acknowledged_at=now, acknowledged_by=by)
    return after, TopicAcknowledged(**_fact(after), act_by=after.act_by, acknowledged_at=now, acknowledged_by=by)


def acted(
    surge: Surge, *, action: str, note: str, by: str, now: datetime, problem_id: UUID | None = None
) -> tuple[Surge, TopicActed]:
    """The department did something about it, which acknowledges as well. Refused when it already did."""
    if surge.acted_at is not None:
        raise Refusal("surge-already-acted", action=surge.action)
    after = _next(
        surge,
        now,
        state="acted",
        acknowledged_at=surge.acknowledged_at or now,
        acknowledged_by=surge.acknowledged_by or by,
        acted_at=now,
        acted_by=by,
        action=action,
        note=note,
        problem_id=problem_id,
    )
    return after, _acted(after)


def measured(surge: Surge, later: Tally, *, now: datetime) -> tuple[Surge, TopicActed]:
    """What became of the topic's share after the action; the share stays none where nothing came in."""
    share = round(later.share, 4) if later.all_contacts else None
    after = _next(surge, now, later_share=share, later_contacts=later.all_contacts, measured_at=now)
    return after, _acted(after)


def overdue(surge: Surge, *, now: datetime) -> tuple[Surge, TopicOverdue]:
    """Nobody acknowledged, or nobody acted, in time."""
    after = _next(surge, now, overdue_count=surge.overdue_count + 1)
    missing = "acknowledgement" if surge.state == "raised" else "action"
    return after, TopicOverdue(
        **_fact(after), act_by=surge.act_by, overdue_at=now, missing=missing, step=after.overdue_count
    )


def next_deadline(surge: Surge, rule: SurgeRule, now: datetime) -> datetime | None:
    """When somebody has to be reminded next; none when nothing is open."""
    if surge.acted_at is not None or surge.historic:
        return None
    first = surge.ack_by if surge.state == "raised" else surge.act_by
    return first if first > now else now + timedelta(minutes=rule.ack_minutes)


def _acted(surge: Surge) -> TopicActed:
    assert surge.acted_at
    assert surge.acted_by
    assert surge.action
    assert surge.note
    return TopicActed(
        **_fact(surge),
        acted_at=surge.acted_at,
        acted_by=surge.acted_by,
        action=surge.action,
        note=surge.note,
        later_share=surge.later_share,
    )


_FACT = [field.name for field in fields(SurgeFact)]


def _fact(surge: Surge) -> dict[str, Any]:
    return {name: getattr(surge, name) for name in _FACT}


def _next(surge: Surge, now: datetime, **changes: Any) -> Surge:
    return replace(surge, **changes, version=surge.version + 1, updated_at=now)
