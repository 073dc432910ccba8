"""Who stands above somebody: the leads and supervisors of their team, who is on duty, and the managers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from services.notify.domain.ladder import Chain
from services.notify.store.crowd import Member, Team, load_managers, load_on_duty, load_teams_up
from shared.platform.work import Work

ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Above:
    """Some teams with those above them, everybody on duty now, and the managers."""

    teams: dict[UUID, Team]
    on_duty: dict[UUID | None, str]
    managers: list[Member]

    def line(self, team_id: UUID | None) -> tuple[Team, ...]:
        """A team and those above it, nearest first."""
        return tuple(self._line(team_id))

    def _line(self, team_id: UUID | None) -> Iterator[Team]:
        seen: set[UUID] = set()
        while team_id and team_id not in seen and (team := self.teams.get(team_id)):
            seen.add(team_id)
            yield team
            team_id = team.parent_id

    def zone(self, team_id: UUID | None) -> str:
        """The zone that a team's times are read in."""
        team = self.teams.get(team_id) if team_id else None
        return team.zone if team else ZONE

    def duty_manager(self, team_id: UUID | None) -> str | None:
        """Who is on duty now for a team: on its own post, the nearest above it, or the centre's."""
        posts = [team.team_id for team in self.line(team_id)]
        return next((self.on_duty[post] for post in (*posts, None) if post in self.on_duty), None)

    def manager(self, team_id: UUID | None) -> str | None:
        """The manager of a team or the nearest above it that has one, else the first of the centre."""
        places = [team.team_id for team in self.line(team_id)]
        near = [one.staff_no for place in places for one in self.managers if one.team_id == place]
        return next(iter([*near, *(one.staff_no for one in self.managers)]), None)

    def chain(self, staff_no: str, team_id: UUID | None) -> Chain:
        """The people above somebody, as of now."""
        team = self.teams.get(team_id) if team_id else None
        return Chain(
            recipient=staff_no,
            lead=team.lead if team else None,
            supervisor=team.supervisor if team else None,
            manager=self.manager(team_id),
            duty_manager=self.duty_manager(team_id),
        )

    def completed(self, chain: Chain, team_id: UUID | None) -> Chain:
        """A chain as it was when its question began; what was not known then (roster's team came later) as it is now.

        Who took over since then is not told: the ladder climbs the people it started with. Only the duty manager is
        whoever is on duty now.
        """
        now = self.chain(chain.recipient, team_id)
        return replace(
            chain,
            lead=chain.lead or now.lead,
            supervisor=chain.supervisor or now.supervisor,
            manager=chain.manager or now.manager,
            duty_manager=now.duty_manager,
        )


async def above(work: Work, team_ids: Collection[UUID]) -> Above:
    """Who stands above these teams' people now."""
    return Above(await load_teams_up(work, team_ids), await load_on_duty(work), await load_managers(work))
