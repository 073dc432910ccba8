"""A version of the roster that changes a few cells of the one in force, and nothing of what is still being drafted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.roster.commands.publishing import PublishedRoster, put_in_force
from services.roster.domain.diff import applied
from services.roster.domain.line import line_from, line_json
from services.roster.domain.publication import Publication
from services.roster.domain.roster import Roster
from services.roster.domain.team import Team
from services.roster.queries.attendance import days_between
from services.roster.queries.sheets import RosterSheet, agents_named, load_sheet
from services.roster.queries.sight import name_of
from services.roster.store import rosters
from shared.contracts.roster import Cell, DayChange
from shared.platform.work import Work

Cells = Mapping[UUID, Mapping[date, Cell | None]]


async def publish_cells(
    work: Work, *, roster: Roster, team: Team, cells: Cells, note: str | None, agreed: bool
) -> PublishedRoster:
    """Publish the version in force with other `cells` (locked roster; days not yet over).

    `agreed`: who is concerned has said yes already; otherwise each is asked. The draft follows, except where it has
    been edited since: what a supervisor is working on is neither published nor lost.
    """
    sheet = await load_sheet(work.conn, roster, team)
    joining = await agents_named(work.conn, agent_ids=cells.keys() - sheet.agents.keys())
    sheet = replace(sheet, agents={**sheet.agents, **{agent.agent_id: agent for agent in joining}})
    days = await _changes(work, roster, cells)
    lines = {agent_id: _line(sheet.published.get(agent_id, "{}"), cells[agent_id]) for agent_id in cells}
    publication = Publication(
        roster_id=roster.roster_id,
        number=roster.number + 1,
        team=team,
        by=name_of(work.actor),
        at=work.now,
        within=timedelta(minutes=team.settings.confirm_within_minutes),
        note=note,
    )
    made = await put_in_force(work, publication, sheet, days, lines={**sheet.published, **lines}, agreed=agreed)
    await _let_draft_follow(work, sheet, days)
    return made


async def _changes(work: Work, roster: Roster, cells: Cells) -> dict[UUID, tuple[DayChange, ...]]:
    """What is different from what is planned; a change that was withdrawn left the version, but not the plan."""
    all_days = [on for line in cells.values() for on in line]
    known = await days_between(work.conn, cells.keys(), min(all_days), max(all_days))
    found = {}
    for agent_id, line in cells.items():
        own = {on: one.planned for on, one in known.get(agent_id, {}).items() if one.roster_id == roster.roster_id}
        changes = [DayChange(on=on, before=own.get(on), after=cell) for on, cell in sorted(line.items())]
        found[agent_id] = tuple(day for day in changes if day.before != day.after)
    return found


def _line(stored: str, cells: Mapping[date, Cell | None]) -> str:
    published = line_from(stored)
    wanted = [DayChange(on=on, before=published.get(on), after=cell) for on, cell in cells.items()]
    return line_json(applied(published, wanted))


async def _let_draft_follow(work: Work, sheet: RosterSheet, days: Mapping[UUID, tuple[DayChange, ...]]) -> None:
    codebook, followed = sheet.codebook, {}
    for agent_id, changes in days.items():
        texts = dict(sheet.texts.get(agent_id, {}))
        for day in changes:
            if (codebook.cell(texts[day.on], day.on) if day.on in texts else None) != day.before:
                continue
            if day.after:
                texts[day.on] = codebook.text_for(day.after, day.on)
            else:
                texts.pop(day.on, None)
        followed[agent_id] = texts
    await rosters.save_draft(work.conn, sheet.roster.roster_id, followed)
