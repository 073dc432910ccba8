"""Whose matters a caller may see: their own, their teams', or all."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, cast, false, or_, select, true

from services.notify import tables
from shared.platform.actor import Actor


def in_sight(actor: Actor, staff_no: ColumnElement[str], team_id: ColumnElement[object]) -> ColumnElement[bool]:
    """The condition on rows that belong to a person and a team."""
    if actor.sees_all:
        return true()
    own = staff_no == actor.staff_no if actor.staff_no else false()
    led = in_team(team_id, *actor.teams)
    return or_(own, led) if {"lead", "supervisor"} & set(actor.roles) else own


def in_team(team_id: ColumnElement[object], *names: str) -> ColumnElement[bool]:
    """Rows of the teams with these ids or codes."""
    by_code = select(tables.teams.c.team_id).where(tables.teams.c.code.in_(names))
    return or_(cast(team_id, Text).in_(names), team_id.in_(by_code))
