"""A duty rota: who of a rotation has which turn. Local times of a zone, read so that turns meet without gap or overlap.

A handover happens at the first instant at which the local clock reads its time or later: once when the clock is set
back, and at the jump when it skips that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
DAY = timedelta(days=1)
HORIZON = timedelta(days=400)
"""How far ahead a rota without an end is looked at for gaps: all weekdays, and every change of the clocks."""

Available = Callable[[str, date], bool]
"""Whether somebody can stand duty on a local day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaSlot:
    """One stretch of duty on these weekdays (1 is Monday); it ends on the next day when it ends no later than it
    starts. `rotation` goes before the rota's."""

    starts: time
    ends: time
    weekdays: tuple[int, ...] = EVERY_DAY
    rotation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """A rotation of staff numbers over slots, from `from_on` (the first of the rotation stands first) to `to_on`.

    `rotate`: the next one takes over at every `handover`, every `day`, or every `week` (on Monday). It holds from
    `valid_from` on; what came before stays as it was.
    """

    from_on: date
    to_on: date | None = None
    zone: str
    slots: tuple[RotaSlot, ...]
    rotation: tuple[str, ...]
    rotate: str = "handover"
    valid_from: datetime

    @property
    def tz(self) -> ZoneInfo:
        """The zone of its times."""
        return ZoneInfo(self.zone)

    @property
    def members(self) -> frozenset[str]:
        """Everybody who may have a turn."""
        return frozenset(self.rotation).union(*(slot.rotation for slot in self.slots))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From an instant until another (excluded) somebody has the duty; nobody when nobody of the rotation can."""

    starts_at: datetime
    ends_at: datetime
    staff_no: str | None


def slots_between(handovers: Sequence[time]) -> tuple[RotaSlot, ...]:
    """The slots from each handover to the next, around the clock."""
    ordered = sorted(set(handovers))
    return tuple(RotaSlot(starts=one, ends=other) for one, other in pairwise([*ordered, ordered[0]]))


def instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the local clock reads this time of this day or later."""
    wanted = datetime.combine(on, at)
    found = wanted.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wanted:
        return found
    before = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = sorted((before, found))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wanted:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def turns(rota: Rota, starts_at: datetime, ends_at: datetime, available: Available) -> Iterator[Turn]:
    """The turns that touch a span, in order; the first one may be under way since before `valid_from`."""
    first = starts_at.astimezone(rota.tz).date() - 2 * DAY
    last = ends_at.astimezone(rota.tz).date()
    first = max(first, rota.from_on - DAY)
    last = min(last, rota.to_on) if rota.to_on else last
    for number in range((last - first).days + 1):
        for turn in _turns_of(rota, first + number * DAY, available):
            if turn.starts_at < turn.ends_at and turn.starts_at < ends_at and starts_at < turn.ends_at:
                yield turn


def _turns_of(rota: Rota, on: date, available: Available) -> Iterator[Turn]:
    for slot in sorted(rota.slots, key=lambda one: one.starts):
        if on.isoweekday() in slot.weekdays:
            ends_on = on if slot.ends > slot.starts else on + DAY
            yield Turn(
                starts_at=instant(on, slot.starts, rota.tz),
                ends_at=instant(ends_on, slot.ends, rota.tz),
                staff_no=_holder(rota, slot, on, available),
            )


def _holder(rota: Rota, slot: RotaSlot, on: date, available: Available) -> str | None:
    """Whose turn it is; who cannot is stood in for by the next of the rotation who can."""
    rotation = slot.rotation or rota.rotation
    if not rotation:
        return None
    place = _place(rota, slot, on)
    line = (rotation[(place + number) % len(rotation)] for number in range(len(rotation)))
    return next((staff_no for staff_no in line if available(staff_no, on)), None)


def _place(rota: Rota, slot: RotaSlot, on: date) -> int:
    """How many steps of the rotation lie before a slot of a day; negative before the rota begins."""
    if rota.rotate == "day":
        return (on - rota.from_on).days
    if rota.rotate == "week":
        return (_monday(on) - _monday(rota.from_on)).days // 7
    shared = [slot] if slot.rotation else [one for one in rota.slots if not one.rotation]
    earlier = sum(1 for one in shared if on.isoweekday() in one.weekdays and one.starts < slot.starts)
    return _slots_before(shared, rota.from_on, on) + earlier


def _slots_before(slots: Sequence[RotaSlot], first: date, on: date) -> int:
    """How many slots begin from `first` until the day before `on`; counted backwards when `on` is earlier."""
    if on < first:
        return -_slots_before(slots, on, first)
    weeks, days = divmod((on - first).days, 7)
    counts = [sum(weekday in slot.weekdays for slot in slots) for weekday in EVERY_DAY]
    rest = sum(counts[(first.weekday() + number) % 7] for number in range(days))
    return weeks * sum(counts) + rest


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """From an instant until another nobody has the duty (`gap`), or more than one has (`overlap`)."""

    kind: str
    starts_at: datetime
    ends_at: datetime


def flaws(rota: Rota, available: Available) -> list[Flaw]:
    """What is wrong with a rota, from where it begins to hold until its end, or for the next 400 days."""
    here, found = rota.valid_from, []
    end = rota.valid_from + HORIZON
    for turn in turns(rota, rota.valid_from, end, available):
        if turn.starts_at > here:
            found.append(Flaw(kind="gap", starts_at=here, ends_at=turn.starts_at))
        if turn.starts_at < here and turn.starts_at >= rota.valid_from:
            found.append(Flaw(kind="overlap", starts_at=turn.starts_at, ends_at=min(here, turn.ends_at)))
        if turn.staff_no is None:
            found.append(Flaw(kind="gap", starts_at=max(turn.starts_at, rota.valid_from), ends_at=turn.ends_at))
        here = max(here, turn.ends_at)
    endless = rota.to_on is None
    if here == rota.valid_from or (endless and here < end - 2 * DAY):
        found.append(Flaw(kind="gap", starts_at=here, ends_at=end))
    return _joined(found)


def _joined(found: Sequence[Flaw]) -> list[Flaw]:
    """One gap for as long as nobody has the duty."""
    joined: list[Flaw] = []
    for flaw in found:
        last = joined[-1] if joined else None
        if last and (last.kind, last.ends_at) == (flaw.kind, flaw.starts_at):
            joined[-1] = replace(last, ends_at=flaw.ends_at)
        else:
            joined.append(flaw)
    return joined
