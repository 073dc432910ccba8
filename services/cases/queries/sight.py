"""Whose cases a caller sees and works on.

Agents and partners see their own, their teams' and those their team was asked to act on; they work on their own and
their teams'. Leads and supervisors lead their teams'. Managers, quality and systems are bound to no team.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Case, Person
from services.cases.tables import agents, teams
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.db import Hot

_staff_no, _names = bindparam("staff_no", type_=Text), bindparam("names", type_=ARRAY(Text))
_leads = or_(teams.c.lead == _staff_no, teams.c.supervisor == _staff_no)
_TEAMS = Hot(
    select(teams.c.team_id, _leads.label("leads")).where(
        or_(
            teams.c.code == any_(_names),
            cast(teams.c.team_id, Text) == any_(_names),
            _leads,
            teams.c.team_id.in_(select(agents.c.team_id).where(agents.c.staff_no == _staff_no)),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller is bound to."""

    staff_no: str
    sees_all: bool
    teams: frozenset[UUID]
    led: frozenset[UUID]

    def sees(self, case: Case) -> bool:
        """Whether the case may be shown."""
        mine = self.staff_no in (case.owner, case.opened_by)
        return self.works_on(case) or mine or bool(self.teams & set(case.involved))

    def works_on(self, case: Case) -> bool:
        """Whether the caller may do something with the case."""
        return self.sees_all or case.team_id is None or case.team_id in self.teams or case.owner == self.staff_no

    def leads(self, case: Case) -> bool:
        """Whether the caller leads the case's team."""
        return self.sees_all or case.team_id in self.led


async def sight_of(conn: AsyncConnection, actor: Actor) -> Sight:
    """What the caller is bound to, by the token and by roster."""
    staff_no = actor.staff_no or actor.sub
    if actor.sees_all:
        return Sight(staff_no, True, frozenset(), frozenset())
    rows = await _TEAMS.run(conn, staff_no=staff_no, names=list(actor.teams))
    known = frozenset(row["team_id"] for row in rows)
    by_roster = frozenset(row["team_id"] for row in rows if row["leads"])
    return Sight(staff_no, False, known, known if {"lead", "supervisor"} & set(actor.roles) else by_roster)


def person_of(actor: Actor) -> Person:
    """Who asks, as it is kept with what they do."""
    staff_no = actor.staff_no or actor.sub
    return Person(staff_no, actor.name or staff_no)


async def require_sight(conn: AsyncConnection, actor: Actor, case: Case) -> Sight:
    """Refuse a case that is not the caller's to see as if it did not exist (404)."""
    sight = await sight_of(conn, actor)
    if not sight.sees(case):
        raise Refusal("not-found", noun="case", what=case.case_id)
    return sight


async def require_worker(conn: AsyncConnection, actor: Actor, case: Case) -> Sight:
    """Refuse whoever may not work on the case: 404 when they may not even see it, else 403."""
    sight = await require_sight(conn, actor, case)
    if not sight.works_on(case):
        raise Refusal("not-yours")
    return sight


async def require_lead(conn: AsyncConnection, actor: Actor, case: Case) -> Sight:
    """Refuse whoever does not lead the case's team: 404 when they may not even see it, else 403."""
    sight = await require_sight(conn, actor, case)
    if not sight.leads(case):
        raise Refusal("not-yours")
    return sight
