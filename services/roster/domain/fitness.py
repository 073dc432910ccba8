"""Whether somebody can work a shift: employed, not on leave, skilled, not elsewhere, rested, within their hours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.roster.domain.agent import Agent
from services.roster.domain.leave import Leave, keeps_from
from services.roster.domain.team import TeamSettings
from services.roster.domain.working_time import days_in_a_row, long_weeks, overlaps, short_rests, timed_shifts
from shared.contracts.refusal import Fault
from shared.contracts.roster import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One thing that stands in the way. An `error` always does; a `warning` is for who decides to weigh."""

    code: str
    on: date
    level: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody with what is planned for them around the days in question (`planned`), and their approved leave."""

    agent: Agent
    planned: Mapping[date, Cell]
    leave: Sequence[Leave] = ()


def obstacles(
    candidate: Candidate,
    cells: Mapping[date, Cell | None],
    settings: TeamSettings,
    *,
    breaks: Mapping[str, int],
    skills: Collection[str] = (),
) -> list[Obstacle]:
    """What keeps somebody from working these `cells` instead of what is planned for those days.

    `breaks` are minutes of break by shift code. Rest, weekly hours and days in a row weigh as the team's checks say;
    what a team has switched off is not looked at.
    """
    found = [*_personal(candidate, cells, skills), *_working_time(candidate, cells, settings, breaks)]
    return [one for one in found if one.level != "off"]


def _personal(candidate: Candidate, cells: Mapping[date, Cell | None], skills: Collection[str]) -> Iterator[Obstacle]:
    agent = candidate.agent
    for on, cell in cells.items():
        if cell is None or cell.starts_at is None:
            continue
        if not agent.employed_on(on):
            yield _obstacle("agent-not-employed", agent, on)
        for leave in candidate.leave:
            if keeps_from(leave, on, cell):
                yield _obstacle("agent-on-leave", agent, on, from_on=str(leave.from_on), to_on=str(leave.to_on))
        missing = sorted(set(skills) - set(agent.skills))
        if missing:
            yield _obstacle("skills-missing", agent, on, skills=", ".join(missing))


def _working_time(
    candidate: Candidate, cells: Mapping[date, Cell | None], settings: TeamSettings, breaks: Mapping[str, int]
) -> Iterator[Obstacle]:
    line = {on: cell for on, cell in {**candidate.planned, **cells}.items() if cell}
    shifts, agent, levels = timed_shifts(line), candidate.agent, settings.checks
    ahead = frozenset(on for on, cell in cells.items() if cell and cell.starts_at)
    for on, other in overlaps(shifts, ahead):
        yield _obstacle("shifts-overlap", agent, on, with_on=str(other))
    for on, minutes in short_rests(shifts, ahead, settings.min_rest_minutes):
        told = {"hours": _hours(minutes), "minimum": _hours(settings.min_rest_minutes)}
        yield _obstacle("rest-too-short", agent, on, levels.rest, **told)
    for on, minutes in long_weeks(shifts, ahead, settings.max_weekly_minutes, breaks):
        told = {"hours": _hours(minutes), "most": _hours(settings.max_weekly_minutes)}
        yield _obstacle("weekly-hours-exceeded", agent, on, levels.weekly_hours, **told)
    for on, days in days_in_a_row(shifts, ahead, settings.max_consecutive_days):
        told = {"days": str(days), "most": str(settings.max_consecutive_days)}
        yield _obstacle("too-many-days-in-a-row", agent, on, levels.consecutive_days, **told)


def _obstacle(code: str, agent: Agent, on: date, level: str = "error", **params: str) -> Obstacle:
    told = {"staff_no": agent.staff_no, "name": agent.name, "on": str(on), **params}
    return Obstacle(code=code, on=on, level=level, params=told)


def faults(found: Sequence[Obstacle]) -> tuple[Fault, ...]:
    """Obstacles as faults of a refusal."""
    return tuple(Fault(f"{one.params['staff_no']} {one.on}", one.code, {**one.params}) for one in found)


def _hours(minutes: float) -> str:
    return f"{minutes / 60:.4g}"
