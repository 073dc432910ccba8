"""What is wrong with a draft before it may be published. How much each check weighs is the team's decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.code import Codebook
from services.roster.domain.deadline import first_start
from services.roster.domain.headcount import shortages
from services.roster.domain.leave import Leave, keeps_from
from services.roster.domain.line import Line, Texts
from services.roster.domain.shift import is_over
from services.roster.domain.team import Team
from services.roster.domain.working_time import days_in_a_row, long_weeks, overlaps, short_rests, timed_shifts
from shared.contracts.roster import DayChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One failed `check`. An `error` stops publication, unless it can be overridden and is, with a reason.

    `staff_no` is none where the whole team is concerned.
    """

    check: str
    code: str
    on: date
    staff_no: str | None = None
    level: str = "error"
    can_override: bool = True
    params: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is: the person (or the check, where the whole team is concerned) and the day."""
        return f"{self.staff_no or self.check} {self.on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything the checks look at.

    `elsewhere`: the agents' shifts in other rosters, around these days. `changes`: what publication would change.
    `above`: lead and supervisor, where the team names them and they are known. `reachable`: staff numbers of those who
    have a verified contact of their own.
    """

    team: Team
    texts: Mapping[UUID, Texts]
    lines: Mapping[UUID, Line]
    agents: Mapping[UUID, Agent]
    codebook: Codebook
    elsewhere: Mapping[UUID, Line]
    changes: Mapping[UUID, Sequence[DayChange]]
    leave: Mapping[UUID, Sequence[Leave]]
    above: Mapping[str, Agent]
    reachable: frozenset[str]


def problems(sheet: Sheet, now: datetime) -> list[Problem]:
    """Every problem in days not yet over, by agent and day; then those of the whole team."""
    checker = _Checker(sheet, now)
    return [*checker.of_agents(), *checker.of_team()]


class _Checker:
    def __init__(self, sheet: Sheet, now: datetime) -> None:
        self._sheet = sheet
        self._now = now
        self._today = now.astimezone(sheet.team.tz).date()
        self._settings = sheet.team.settings
        self._concerned = sheet.texts.keys() | sheet.changes.keys()

    def of_agents(self) -> Iterator[Problem]:
        for agent_id in sorted(self._concerned, key=lambda one: self._sheet.agents[one].staff_no):
            yield from self._of_agent(self._sheet.agents[agent_id])

    def of_team(self) -> Iterator[Problem]:
        yield from self._headcount()
        yield from self._escalation()

    def _of_agent(self, agent: Agent) -> Iterator[Problem]:
        texts = self._sheet.texts.get(agent.agent_id, {})
        line = self._sheet.lines.get(agent.agent_id, {})
        ahead = [on for on in sorted(texts) if not self._is_over(on, line)]
        if ahead:
            yield from self._membership(agent, ahead)
            yield from self._unknown_codes(agent, texts, line, ahead)
            yield from self._leave(agent, line, ahead)
            yield from self._working_time(agent, line, frozenset(ahead))
        yield from self._notice(agent)

    def _is_over(self, on: date, line: Line) -> bool:
        return on <= self._today and is_over(on, (line.get(on),), self._now, self._sheet.team.tz)

    def _membership(self, agent: Agent, ahead: Sequence[date]) -> Iterator[Problem]:
        if agent.team_id != self._sheet.team.team_id:
            yield from self._problem("team", "agent-not-in-team", ahead[0], agent, {"team": agent.team_name})
        if not (agent.employed_on(ahead[0]) and agent.employed_on(ahead[-1])):
            for on in ahead:
                if not agent.employed_on(on):
                    yield from self._problem("employment", "agent-not-employed", on, agent, {})

    def _unknown_codes(self, agent: Agent, texts: Texts, line: Line, ahead: Sequence[date]) -> Iterator[Problem]:
        if len(line) < len(texts):
            for on in ahead:
                if on not in line:
                    told = {"shift_code": texts[on]}
                    yield from self._problem("code", "shift-code-unknown", on, agent, told, can_override=False)

    def _leave(self, agent: Agent, line: Line, ahead: Sequence[date]) -> Iterator[Problem]:
        for leave in self._sheet.leave.get(agent.agent_id, ()):
            for on in ahead:
                if keeps_from(leave, on, line.get(on)):
                    days = {"from_on": str(leave.from_on), "to_on": str(leave.to_on)}
                    yield from self._problem("leave", "agent-on-leave", on, agent, days)

    def _working_time(self, agent: Agent, line: Line, ahead: frozenset[date]) -> Iterator[Problem]:
        elsewhere = self._sheet.elsewhere.get(agent.agent_id, {})
        settings, breaks = self._settings, self._sheet.codebook.break_minutes
        for on in sorted(ahead & elsewhere.keys()):
            yield from self._problem("overlap", "agent-planned-elsewhere", on, agent, {})
        shifts = timed_shifts({**elsewhere, **line})
        for on, other in overlaps(shifts, ahead):
            told = {"with_on": str(other)}
            yield from self._problem("overlap", "shifts-overlap", on, agent, told, can_override=False)
        for on, minutes in short_rests(shifts, ahead, settings.min_rest_minutes):
            told = {"hours": _hours(minutes), "minimum": _hours(settings.min_rest_minutes)}
            yield from self._problem("rest", "rest-too-short", on, agent, told)
        for on, minutes in long_weeks(shifts, ahead, settings.max_weekly_minutes, breaks):
            told = {"hours": _hours(minutes), "most": _hours(settings.max_weekly_minutes)}
            yield from self._problem("weekly_hours", "weekly-hours-exceeded", on, agent, told)
        for on, days in days_in_a_row(shifts, ahead, settings.max_consecutive_days):
            told = {"days": str(days), "most": str(settings.max_consecutive_days)}
            yield from self._problem("consecutive_days", "too-many-days-in-a-row", on, agent, told)

    def _notice(self, agent: Agent) -> Iterator[Problem]:
        """Whom publication would ask: can they be told, and in good time?"""
        days = [day for day in self._sheet.changes.get(agent.agent_id, ()) if not self._is_past(day)]
        if not days:
            return
        if agent.staff_no not in self._sheet.reachable:
            yield from self._problem("contact", "contact-missing", days[0].on, agent, {})
        short = timedelta(minutes=self._settings.short_notice_minutes)
        if days[0].on <= self._today + short + timedelta(days=1):
            left = first_start(days, self._now, self._sheet.team.tz) - self._now
            if left < short:
                told = {"hours": _hours(int(left.total_seconds()) // 60), "minimum": _hours(short.total_seconds() / 60)}
                yield from self._problem("short_notice", "short-notice", days[0].on, agent, told)

    def _is_past(self, day: DayChange) -> bool:
        cells = (day.before, day.after)
        return day.on <= self._today and is_over(day.on, cells, self._now, self._sheet.team.tz)

    def _headcount(self) -> Iterator[Problem]:
        lines = self._sheet.lines.values()
        for short in shortages(self._settings.headcount, lines, self._now, self._sheet.team.tz):
            told = {
                "starts": f"{short.starts:%H:%M}",
                "ends": f"{short.ends:%H:%M}",
                "found": str(short.found),
                "minimum": str(short.minimum),
            }
            yield from self._problem("headcount", "headcount-below-minimum", short.on, None, told)

    def _escalation(self) -> Iterator[Problem]:
        """A lead may be missing (the ladder goes on to the supervisor), but somebody has to be at its end."""
        if not self._sheet.changes:
            return
        team = self._sheet.team
        for role, staff_no in (("lead", team.lead), ("supervisor", team.supervisor)):
            if staff_no is None and role == "supervisor":
                yield from self._problem("escalation", "escalation-target-missing", self._today, None, {"role": role})
            elif staff_no is not None and (code := self._unreachable(staff_no)):
                yield from self._problem("escalation", code, self._today, None, {"role": role, "who": staff_no})

    def _unreachable(self, staff_no: str) -> str | None:
        person = self._sheet.above.get(staff_no)
        if person is None or not person.employed_on(self._today):
            return "escalation-target-gone"
        return None if staff_no in self._sheet.reachable else "escalation-target-unreachable"

    def _problem(
        self,
        check: str,
        code: str,
        on: date,
        agent: Agent | None,
        params: Mapping[str, str],
        *,
        can_override: bool = True,
    ) -> Iterator[Problem]:
        """None when the team has switched the check off."""
        level = getattr(self._settings.checks, check)
        if level != "off":
            who = {"staff_no": agent.staff_no, "name": agent.name} if agent else {}
            yield Problem(
                check=check,
                code=code,
                on=on,
                staff_no=agent.staff_no if agent else None,
                level=level,
                can_override=can_override,
                params={**who, "on": on.isoformat(), **params},
            )


def _hours(minutes: float) -> str:
    return f"{minutes / 60:.4g}"
