"""What is wrong with a draft before it may be published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.code import Codebook
from services.roster.domain.line import Line, Texts
from services.roster.domain.shift import is_over
from services.roster.domain.team import Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One failed check. An `error` stops publication, unless it can be overridden and is, with a reason."""

    code: str
    staff_no: str
    on: date
    level: str = "error"
    can_override: bool = True
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything the checks look at. `elsewhere`: the agents' shifts in other rosters, around these days."""

    team: Team
    texts: Mapping[UUID, Texts]
    lines: Mapping[UUID, Line]
    agents: Mapping[UUID, Agent]
    codebook: Codebook
    elsewhere: Mapping[UUID, Line]


def problems(sheet: Sheet, now: datetime) -> list[Problem]:
    """Every problem in days not yet over, by agent and day."""
    return [
        problem
        for agent_id in sorted(sheet.texts, key=lambda one: sheet.agents[one].staff_no)
        for problem in _of_agent(sheet, sheet.agents[agent_id], now)
    ]


def _of_agent(sheet: Sheet, agent: Agent, now: datetime) -> Iterator[Problem]:
    line = sheet.lines.get(agent.agent_id, {})
    ahead = [on for on in sorted(sheet.texts[agent.agent_id]) if not is_over(on, (line.get(on),), now, sheet.team.tz)]
    if not ahead:
        return
    if agent.team_id != sheet.team.team_id:
        yield _problem("agent-not-in-team", agent, ahead[0], team=agent.team_name)
    yield from _unknown_codes(sheet, agent, ahead)
    yield from (_problem("agent-not-employed", agent, on) for on in ahead if not agent.employed_on(on))
    yield from _overlaps(agent, line, sheet.elsewhere.get(agent.agent_id, {}), ahead)


def _unknown_codes(sheet: Sheet, agent: Agent, ahead: Iterable[date]) -> Iterator[Problem]:
    for on in ahead:
        text = sheet.texts[agent.agent_id][on]
        if not sheet.codebook.knows(text):
            yield Problem(
                code="shift-code-unknown",
                staff_no=agent.staff_no,
                on=on,
                can_override=False,
                params={"staff_no": agent.staff_no, "on": on.isoformat(), "shift_code": text},
            )


def _overlaps(agent: Agent, line: Line, elsewhere: Line, ahead: Iterable[date]) -> Iterator[Problem]:
    days = set(ahead)
    timed = sorted([*_timed(line), *_timed(elsewhere)], key=lambda one: (one[1], one[2]))
    for (first_on, _, ends_at), (second_on, starts_at, _) in pairwise(timed):
        if starts_at < ends_at and days & {first_on, second_on}:
            yield _problem("shifts-overlap", agent, max(days & {first_on, second_on}), with_on=str(first_on))


def _timed(line: Line) -> Iterator[tuple[date, datetime, datetime]]:
    return ((on, cell.starts_at, cell.ends_at) for on, cell in line.items() if cell.starts_at and cell.ends_at)


def _problem(code: str, agent: Agent, on: date, **params: str) -> Problem:
    told = {"staff_no": agent.staff_no, "name": agent.name, "on": on.isoformat(), **params}
    return Problem(code=code, staff_no=agent.staff_no, on=on, params=told)
