"""Another desk's log, one row for each update of a ticket, as the case it tells of.

What follows from the rows: the opening, reassignments, waits, hand-offs to those outside the desk, resolutions,
reopenings, the closing; each at its original time. What cannot be placed is said row by row and left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from shared.contracts.refusal import Fault

STATES = ("open", "in_progress", "waiting_customer", "waiting_team", "handoff", "resolved", "closed")
"""What a state of the log can mean; `handoff`: asked of somebody outside the desk."""

_WAITS = ("waiting_customer", "waiting_team", "handoff")
_WORKED = ("open", "in_progress", *_WAITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One row of a log. `state` is one of STATES, `state_name` the log's own word.

    Counts are the log's own; where it keeps none, they follow from the rows.
    """

    row: int
    number: str
    state: str
    state_name: str
    at: datetime
    opened_at: datetime | None = None
    sequence: int = 0
    group: str | None = None
    assignee: str | None = None
    reassignments: int | None = None
    reopenings: int | None = None
    sla_met: bool | None = None
    subject: str | None = None
    topic: str | None = None
    channel: str = "phone"
    urgency: str = "normal"
    importance: str = "normal"
    opened_by: str | None = None
    updated_by: str | None = None
    resolved_by: str | None = None
    closed_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened: opened, transferred, assigned, waiting, resumed, handoff, resolved, reopened, closed."""

    at: datetime
    what: str
    by: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A stretch in which somebody outside the desk was asked; open when the log ends before they answered."""

    to: str
    asked_at: datetime
    back_at: datetime | None
    asked_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A case as a log tells it. `last` is the last row that could be placed."""

    number: str
    opened_at: datetime
    first: Update
    last: Update
    moments: tuple[Moment, ...]
    hops: tuple[Hop, ...]
    transfer_count: int
    reopen_count: int
    resolved_at: datetime | None
    closed_at: datetime | None
    waiting_since: datetime | None


@dataclass(slots=True)
class Misfits:
    """Rows that could not be placed, each with why."""

    found: list[tuple[int, Fault]] = field(default_factory=list)

    def add(self, row: int, column: str, code: str) -> None:
        """A row cannot be placed."""
        self.found.append((row, Fault(column, code, {})))


def history_of(updates: Sequence[Update], misfits: Misfits) -> History | None:
    """The case that one ticket's rows tell of; none when not even its opening is known.

    A row from before the opening, or after the closing, is not placed.
    """
    rows = sorted(updates, key=lambda one: (one.at, one.sequence, one.row))
    opened_at = next((one.opened_at for one in rows if one.opened_at), None)
    if opened_at is None:
        for one in rows:
            misfits.add(one.row, "opened_at", "history-opening-unknown")
        return None
    placed = list(_placed(rows, opened_at, misfits))
    if not placed:
        return None
    moments = tuple(_moments(placed, opened_at))
    return History(
        number=rows[0].number,
        opened_at=opened_at,
        first=placed[0],
        last=placed[-1],
        moments=moments,
        hops=tuple(_hops(placed)),
        transfer_count=_own_count(placed, "reassignments", moments, "transferred"),
        reopen_count=_own_count(placed, "reopenings", moments, "reopened"),
        resolved_at=_last(moments, "resolved") if placed[-1].state in ("resolved", "closed") else None,
        closed_at=_last(moments, "closed") if placed[-1].state == "closed" else None,
        waiting_since=_last(moments, "waiting") if placed[-1].state in _WAITS else None,
    )


def _placed(rows: Sequence[Update], opened_at: datetime, misfits: Misfits) -> Iterator[Update]:
    closed = False
    for one in rows:
        if one.at < opened_at:
            misfits.add(one.row, "updated_at", "history-before-opening")
        elif closed and one.state != "closed" and not one.reopenings:
            misfits.add(one.row, "updated_at", "history-after-closing")
        else:
            closed = one.state == "closed"
            yield one


def _moments(rows: Sequence[Update], opened_at: datetime) -> Iterator[Moment]:
    first = rows[0]
    opening = {"channel": first.channel, "group": first.group, "assignee": first.assignee}
    yield Moment(at=opened_at, what="opened", by=first.opened_by, data=_known(opening))
    if first.reassignments:
        yield _moment(
            first, "transferred", {"to": first.assignee, "to_group": first.group, "count": first.reassignments}
        )
    yield from _between(None, first)
    for before, after in pairwise(rows):
        yield from _between(before, after)


def _between(before: Update | None, after: Update) -> Iterator[Moment]:
    """What an update tells against the one before; the first against a case just opened."""
    if before is not None:
        yield from _moved(before, after)
    was, now = before.state if before else "open", after.state
    if was == now and not (before and before.state_name != after.state_name and now in _WAITS):
        return
    if before and was in ("resolved", "closed") and now in _WORKED:
        again = _more(before.reopenings, after.reopenings, 1)
        yield _moment(after, "reopened" if again else "resumed", {"reason": after.state_name})
    elif was in _WAITS and now == "in_progress":
        yield _moment(after, "resumed", {})
    if now in _WAITS:
        whom = {"waiting_customer": "customer"}.get(now, "team")
        yield _moment(after, "waiting", {"for": whom, "reason": after.state_name})
    elif now == "in_progress" and was == "open":
        yield _moment(after, "resumed", {})
    elif now == "resolved":
        yield _moment(after, "resolved", {"by": after.resolved_by, "code": after.closed_code})
    elif now == "closed":
        if was != "resolved":
            yield _moment(after, "resolved", {"by": after.resolved_by, "code": after.closed_code})
        yield _moment(after, "closed", {"how": "imported", "code": after.closed_code})


def _moved(before: Update, after: Update) -> Iterator[Moment]:
    times = _more(before.reassignments, after.reassignments, int(before.group != after.group))
    people = {"from": before.assignee, "to": after.assignee, "from_group": before.group, "to_group": after.group}
    if times > 0:
        yield _moment(after, "transferred", people | {"count": times})
    elif (before.assignee, before.group) != (after.assignee, after.group):
        yield _moment(after, "assigned", people)


def _hops(rows: Sequence[Update]) -> Iterator[Hop]:
    """Stretches in a `handoff` state; another name is another hop."""
    current: Hop | None = None
    for one in rows:
        name = one.state_name if one.state == "handoff" else None
        if current and name != current.to:
            yield Hop(to=current.to, asked_at=current.asked_at, back_at=one.at, asked_by=current.asked_by)
            current = None
        if name and current is None:
            current = Hop(to=name, asked_at=one.at, back_at=None, asked_by=one.assignee or one.updated_by)
    if current:
        yield current


def _moment(update: Update, what: str, data: dict[str, Any]) -> Moment:
    return Moment(at=update.at, what=what, by=update.updated_by, data=_known(data))


def _more(before: int | None, after: int | None, seen: int) -> int:
    """By how much the log's own count grew; what the rows show where it keeps none."""
    return seen if after is None else after - (before or 0)


def _own_count(rows: Sequence[Update], name: str, moments: Sequence[Moment], what: str) -> int:
    own = [count for one in rows if (count := getattr(one, name)) is not None]
    return max(own) if own else sum(moment.what == what for moment in moments)


def _last(moments: Sequence[Moment], what: str) -> datetime | None:
    return next((one.at for one in reversed(moments) if one.what == what), None)


def _known(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}
