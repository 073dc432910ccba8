"""Whose data a caller sees: agents their own, leads and supervisors their teams', managers and systems all.

Somebody leads a team when the token names it, or when the team names them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, or_, select, true

from services.roster.domain.team import Team
from services.roster.tables import teams
from shared.platform.actor import Actor


def name_of(actor: Actor) -> str:
    """Who asks, as it is kept with what they do: the staff number, else the token's subject."""
    return actor.staff_no or actor.sub


def leads(actor: Actor, team: Team) -> bool:
    """Whether the caller leads the team, or sees all."""
    return team.is_led_by(actor.staff_no) or actor.leads(team.team_id, team.code)


def require_lead(actor: Actor, team: Team) -> None:
    """Refuse with 403 unless the caller leads the team, or sees all."""
    if not leads(actor, team):
        actor.require_team(team.team_id, team.code)


def require_self_or_lead(actor: Actor, staff_no: str, team: Team) -> None:
    """Refuse with 403 unless the caller is that person, leads the team, or sees all."""
    if actor.staff_no != staff_no:
        require_lead(actor, team)


def in_sight(
    actor: Actor, team_id: ColumnElement[Any], staff_no: ColumnElement[str] | None = None
) -> ColumnElement[bool]:
    """The condition under which a row of a team (and a person) may be shown to the caller."""
    if actor.sees_all:
        return true()
    own: ColumnElement[bool] = staff_no == actor.staff_no if staff_no is not None and actor.staff_no else false()
    return or_(own, team_id.in_(select(teams.c.team_id).where(_led_by(actor))))


def _led_by(actor: Actor) -> ColumnElement[bool]:
    named: ColumnElement[bool] = false()
    if actor.staff_no:
        named = or_(teams.c.lead == actor.staff_no, teams.c.supervisor == actor.staff_no)
    if {"lead", "supervisor"} & set(actor.roles):
        named = or_(named, teams.c.code.in_(actor.teams), cast(teams.c.team_id, Text).in_(actor.teams))
    return named


def of_team(team_id: ColumnElement[Any], named: str) -> ColumnElement[bool]:
    """The condition that a row belongs to the team of this id or code."""
    found = or_(teams.c.code == named, cast(teams.c.team_id, Text) == named.lower())
    return team_id.in_(select(teams.c.team_id).where(found))


def of_agent(agent_id: ColumnElement[Any], staff_no: ColumnElement[str], named: str) -> ColumnElement[bool]:
    """The condition that a row is about the agent of this id or staff number."""
    return or_(staff_no == named, cast(agent_id, Text) == named.lower())
