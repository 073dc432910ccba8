"""What is different between two lines, and how to say it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from services.roster.domain.line import Line, days_json
from shared.contracts.roster import Cell, DayChange

_NOTHING: Line = {}


@dataclass(frozen=True, slots=True)
class LocalCell:
    """A cell as the team reads it: its times carry the team's offset."""

    code: str
    starts: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class LocalChange:
    """One day before and after."""

    on: date
    before: LocalCell | None
    after: LocalCell | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDiff:
    """What is different for one agent."""

    agent_id: UUID
    staff_no: str
    name: str
    added: tuple[LocalChange, ...] = ()
    removed: tuple[LocalChange, ...] = ()
    moved: tuple[LocalChange, ...] = ()
    recoded: tuple[LocalChange, ...] = ()


def diff(before: Line, after: Line) -> tuple[DayChange, ...]:
    """The days that differ, in order."""
    if not before:
        return tuple([DayChange(on=on, before=None, after=after[on]) for on in sorted(after)])
    if before == after:
        return ()
    sides = [(on, before.get(on), after.get(on)) for on in sorted(before.keys() | after.keys())]
    return tuple([DayChange(on=on, before=was, after=now) for on, was, now in sides if was != now])


def diffs(before: Mapping[UUID, Line], after: Mapping[UUID, Line]) -> Iterator[tuple[UUID, tuple[DayChange, ...]]]:
    """The agents whose lines differ, with their days."""
    for agent_id in sorted(before.keys() | after.keys()):
        if days := diff(before.get(agent_id, _NOTHING), after.get(agent_id, _NOTHING)):
            yield agent_id, days


def applied(line: Line, days: Iterable[DayChange]) -> dict[date, Cell]:
    """The line after a diff."""
    result = dict(line)
    for day in days:
        if day.after is None:
            result.pop(day.on, None)
        else:
            result[day.on] = day.after
    return result


def kind_of(day: DayChange) -> str:
    """`added` or `removed` (a shift with hours), `moved` (other hours), `recoded` (the same hours, another code)."""
    before, after = works(day.before), works(day.after)
    if before != after:
        return "added" if after else "removed"
    if (
        day.before
        and day.after
        and (day.before.starts_at, day.before.ends_at)
        != (
            day.after.starts_at,
            day.after.ends_at,
        )
    ):
        return "moved"
    return "recoded"


def works(cell: Cell | None) -> bool:
    """Whether a cell means work: a day off and an empty cell do not."""
    return cell is not None and cell.starts_at is not None


def diff_hash(days: Iterable[DayChange]) -> str:
    """A fingerprint of what was asked, to be kept with the answer."""
    return hashlib.sha256(days_json(days).encode()).hexdigest()


class Wording:
    """Says diffs in a team's local time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._local = cache(self._converted)

    def agent_diff(self, agent_id: UUID, staff_no: str, name: str, days: Iterable[DayChange]) -> AgentDiff:
        """One agent's days by kind."""
        kinds: dict[str, list[LocalChange]] = {"added": [], "removed": [], "moved": [], "recoded": []}
        for day in days:
            kinds[kind_of(day)].append(LocalChange(day.on, self.local(day.before), self.local(day.after)))
        return AgentDiff(
            agent_id=agent_id, staff_no=staff_no, name=name, **{kind: tuple(found) for kind, found in kinds.items()}
        )

    def local(self, cell: Cell | None) -> LocalCell | None:
        """A cell in local time."""
        return self._local(cell) if cell else None

    def _converted(self, cell: Cell) -> LocalCell:
        starts = cell.starts_at.astimezone(self._zone) if cell.starts_at else None
        ends = cell.ends_at.astimezone(self._zone) if cell.ends_at else None
        return LocalCell(cell.code, starts, ends)
