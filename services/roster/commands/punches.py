"""Punches: who came, who went. A late one settles its shift again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.commands.settlement import settle_shifts
from services.roster.commands.shifts import keep_until
from services.roster.domain.agent import Agent
from services.roster.domain.punch_window import NEIGHBOURS, day_of_punch
from services.roster.domain.shift import Shift, day_ends_at, settles_at
from services.roster.domain.team import Team
from services.roster.queries.sheets import agents_named
from services.roster.queries.sight import leads, name_of
from services.roster.store import people
from services.roster.store.attendance import add_punches
from services.roster.store.shifts import load_shifts
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work

CLOCKS_MAY_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPunch:
    """A punch as it is reported."""

    staff_no: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PunchAnswer:
    """What became of a reported punch: `recorded`, `duplicate`, or `refused` with the reason."""

    staff_no: str
    kind: str
    at: datetime
    status: str
    code: str | None = None


async def record_punch(work: Work, *, punch: NewPunch) -> PunchAnswer:
    """Record one punch; refuses what cannot be."""
    [answer] = await record_punches(work, punches=[punch])
    if answer.code == "agent-unknown":
        params: dict[str, object] = {"staff_no": punch.staff_no, "name": ""}
        raise Refusal("invalid-value", faults=(Fault("staff_no", answer.code, params),))
    if answer.code == "punch-in-future":
        raise Refusal("invalid-value", faults=(Fault("at", answer.code, {}),))
    if answer.code:
        raise Refusal(answer.code)
    return answer


async def record_punches(work: Work, *, punches: Sequence[NewPunch]) -> list[PunchAnswer]:
    """Record punches, each with its own answer; order and repetition make no difference."""
    agents = {one.staff_no: one for one in await agents_named(work.conn, staff_nos={one.staff_no for one in punches})}
    teams = {one: await people.load_team(work.conn, one) for one in {agent.team_id for agent in agents.values()}}
    codes = [_refusal(work, punch, agents, teams) for punch in punches]
    good = {
        (agents[punch.staff_no].agent_id, punch.at, punch.kind): None
        for punch, code in zip(punches, codes, strict=True)
        if code is None
    }
    recorded = {"recorded_at": work.now, "recorded_by": name_of(work.actor)}
    new = await add_punches(
        work.conn, [{"agent_id": one, "at": at, "kind": kind, **recorded} for one, at, kind in good]
    )
    by_id = {agent.agent_id: agent for agent in agents.values()}
    for team in teams.values():
        await _judge(work, team, [(one, at) for one, at, _ in new if by_id[one].team_id == team.team_id])
    return [_answer(punch, code, agents, new) for punch, code in zip(punches, codes, strict=True)]


def _refusal(work: Work, punch: NewPunch, agents: dict[str, Agent], teams: dict[UUID, Team]) -> str | None:
    agent = agents.get(punch.staff_no)
    if agent is None:
        return "agent-unknown"
    if not leads(work.actor, teams[agent.team_id]):
        return "not-yours"
    return "punch-in-future" if punch.at > work.now + CLOCKS_MAY_DIFFER else None


def _answer(
    punch: NewPunch, code: str | None, agents: dict[str, Agent], new: set[tuple[UUID, datetime, str]]
) -> PunchAnswer:
    status = "refused"
    if code is None:
        key = (agents[punch.staff_no].agent_id, punch.at, punch.kind)
        status = "recorded" if key in new else "duplicate"
        new.discard(key)
    return PunchAnswer(staff_no=punch.staff_no, kind=punch.kind, at=punch.at, status=status, code=code)


async def _judge(work: Work, team: Team, new: Sequence[tuple[UUID, datetime]]) -> None:
    """Settle again the shifts that new punches belong to and whose time has come; wait with the others.

    Work on a day without a shift is judged when the local day is over.
    """
    if not new:
        return
    grace = timedelta(minutes=team.settings.grace_minutes)
    waiting, due = [], defaultdict(list)
    for shift in await _shifts_of(work, team, new):
        hours_end = settles_at(shift, grace)
        at = hours_end or day_ends_at(shift.on, team.tz) + grace
        if at <= work.now:
            due[shift.team_id].append(shift)
        elif hours_end is None:
            waiting.append((shift, at))
    await keep_until(work, waiting)
    for shifts in due.values():
        await settle_shifts(work, shifts, reason="late punch")


async def _shifts_of(work: Work, team: Team, new: Iterable[tuple[UUID, datetime]]) -> list[Shift]:
    locals_ = [at.astimezone(team.tz).date() for _, at in new]
    first, last = min(locals_) - NEIGHBOURS - timedelta(days=1), max(locals_) + NEIGHBOURS + timedelta(days=1)
    days: dict[UUID, dict[date, Shift]] = defaultdict(dict)
    for shift in await load_shifts(work.conn, {agent_id for agent_id, _ in new}, first, last):
        days[shift.agent_id][shift.on] = shift
    found: dict[tuple[UUID, date], Shift] = {}
    for agent_id, at in new:
        on = day_of_punch(at, days[agent_id], team.tz)
        if on is not None:
            nothing = Shift(agent_id=agent_id, on=on, team_id=team.team_id)
            found[agent_id, on] = days[agent_id].get(on, nothing)
    return [found[key] for key in sorted(found)]
