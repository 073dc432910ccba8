"""What swaps and claims have in common: can those concerned work it, and the version in which they do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.fitness import Obstacle, faults, obstacles
from services.roster.domain.team import Team
from services.roster.queries.exchange import candidates
from services.roster.queries.sheets import codebook_of
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.work import Work


async def in_the_way(
    work: Work,
    team: Team,
    people: Sequence[Agent],
    cells: Mapping[UUID, Mapping[date, Cell | None]],
    *,
    skills: Collection[str] = (),
) -> list[Obstacle]:
    """What keeps these people from working these cells instead of what is planned for them."""
    days = {on for line in cells.values() for on in line}
    found = await candidates(work.conn, people, days)
    breaks = (await codebook_of(work.conn, team)).break_minutes
    return [
        one
        for agent_id, line in cells.items()
        for one in obstacles(found[agent_id], line, team.settings, breaks=breaks, skills=skills)
    ]


def require_possible(found: Sequence[Obstacle], *, warnings_too: bool = False) -> None:
    """Refuse with every obstacle listed; a warning stops only what nobody is to weigh."""
    stopping = [one for one in found if warnings_too or one.level == "error"]
    if stopping:
        raise Refusal("exchange-impossible", faults=faults(stopping), count=len(stopping))


def require_free(agent: Agent, on: date, cell: Cell | None) -> None:
    """Refuse a second shift on a day: the sheet has one cell for it."""
    if cell is not None and cell.starts_at is not None:
        raise Refusal("works-that-day", staff_no=agent.staff_no, name=agent.name, on=str(on))
