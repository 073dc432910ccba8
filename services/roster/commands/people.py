"""Teams, agents and shift codes: made and changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from services.roster.domain import agent as agents
from services.roster.domain import code as codes
from services.roster.domain import team as teams
from services.roster.domain.agent import Agent
from services.roster.domain.code import Break, ShiftCode
from services.roster.domain.team import Team, TeamSettings
from services.roster.queries.sight import require_lead
from services.roster.store import people
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.work import Work


async def create_team(
    work: Work,
    *,
    name: str,
    code: str | None,
    zone: str,
    lead: str | None,
    supervisor: str | None,
    parent_id: UUID | None,
    settings: dict[str, Any],
) -> Team:
    """Make a team."""
    teams.require_zone(zone)
    team = Team(
        team_id=new_id(),
        code=code or name[:64],
        name=name,
        zone=zone,
        lead=lead,
        supervisor=supervisor,
        parent_id=parent_id,
        settings=teams.changed_settings(TeamSettings(), settings),
        updated_at=work.now,
    )
    return await _keep_team(work, team)


async def change_team(work: Work, *, team_id: UUID, version: int, changes: dict[str, Any]) -> Team:
    """Change what is given of a team; settings one by one."""
    team = await people.load_team(work.conn, team_id, for_change=True)
    require_version(version, team.version)
    teams.require_zone(changes.get("zone", team.zone))
    settings = teams.changed_settings(team.settings, changes.get("settings", {}))
    changed = replace(team, **{**changes, "settings": settings}, version=team.version + 1, updated_at=work.now)
    return await _keep_team(work, changed)


async def _keep_team(work: Work, team: Team) -> Team:
    if team.parent_id:
        above = await people.load_team_ancestry(work.conn, team.parent_id)
        if not above:
            raise Refusal("team-unknown", faults=(Fault("parent_id", "team-unknown", {}),))
        if team.team_id in above:
            raise Refusal("team-above-itself", faults=(Fault("parent_id", "team-above-itself", {}),))
    await people.save_team(work.conn, team)
    work.record(teams.team_changed(team), sequence=team.version)
    return team


async def hire_agent(
    work: Work,
    *,
    staff_no: str,
    name: str,
    team_id: UUID,
    roles: tuple[str, ...],
    skills: tuple[str, ...],
    hired_on: date,
    left_on: date | None,
    language: str,
    mentor: str | None = None,
    standing: str = "active",
) -> Agent:
    """Take somebody on."""
    team = await _team_named(work, team_id)
    agent = Agent(
        agent_id=new_id(),
        staff_no=staff_no,
        name=name,
        team_id=team_id,
        team_name=team.name,
        roles=roles,
        skills=skills,
        hired_on=hired_on,
        left_on=left_on,
        language=language,
        mentor=mentor,
        status=standing,
        updated_at=work.now,
    )
    agents.require_order_of_days(agent)
    agents.require_another_mentor(agent)
    await people.save_agent(work.conn, agent)
    work.record(agents.joined(agent), sequence=agent.version)
    return agent


async def change_agent(work: Work, *, agent_id: UUID, version: int, changes: dict[str, Any]) -> Agent:
    """Change what is given of an agent; into another team only by who leads both."""
    agent = await people.load_agent(work.conn, agent_id)
    team = await people.load_team(work.conn, agent.team_id)
    require_lead(work.actor, team)
    require_version(version, agent.version)
    if changes.get("team_id", agent.team_id) != agent.team_id:
        team = await _team_named(work, changes["team_id"])
    changed = replace(agent, **changes, team_name=team.name, version=agent.version + 1, updated_at=work.now)
    agents.require_order_of_days(changed)
    agents.require_another_mentor(changed)
    await people.save_agent(work.conn, changed)
    work.record(agents.changed(agent, changed), sequence=changed.version)
    return changed


async def _team_named(work: Work, team_id: UUID) -> Team:
    """The team that a body names: 422 when there is none, 403 when it is not the caller's."""
    try:
        team = await people.load_team(work.conn, team_id)
    except Refusal as refusal:
        raise Refusal("team-unknown", faults=(Fault("team_id", "team-unknown", {}),)) from refusal
    require_lead(work.actor, team)
    return team


async def create_shift_code(
    work: Work,
    *,
    code: str,
    name: str,
    team_id: UUID | None,
    starts: time | None,
    ends: time | None,
    breaks: tuple[dict[str, time], ...],
) -> ShiftCode:
    """Make a shift code, for one team or (only by who sees all) for the house."""
    made = ShiftCode(
        code_id=new_id(),
        code=code,
        name=name,
        team_id=team_id,
        starts=starts,
        ends=ends,
        breaks=tuple(Break(**one) for one in breaks),
        updated_at=work.now,
    )
    await _require_code_owner(work, team_id)
    codes.require_sound(made)
    await people.save_code(work.conn, made)
    return made


async def change_shift_code(work: Work, *, code_id: UUID, version: int, changes: dict[str, Any]) -> ShiftCode:
    """Change what is given of a shift code. What was published with it stays as it was."""
    code = await people.load_code(work.conn, code_id)
    await _require_code_owner(work, code.team_id)
    require_version(version, code.version)
    if "breaks" in changes:
        changes = changes | {"breaks": tuple(Break(**one) for one in changes["breaks"])}
    changed = replace(code, **changes, version=code.version + 1, updated_at=work.now)
    codes.require_sound(changed)
    await people.save_code(work.conn, changed)
    return changed


async def _require_code_owner(work: Work, team_id: UUID | None) -> None:
    if team_id:
        await _team_named(work, team_id)
    elif not work.actor.sees_all:
        raise Refusal("not-yours")


def require_version(seen: int, current: int) -> None:
    """Refuse with 412 a change to something that changed since the caller saw it."""
    if seen != current:
        raise Refusal("stale-version", current=current)
