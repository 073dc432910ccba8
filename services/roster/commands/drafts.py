"""Rosters and their drafts: made, written, imported."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.roster.commands.people import require_version
from services.roster.domain.code import Codebook
from services.roster.domain.diff import AgentDiff, Wording, diffs
from services.roster.domain.line import Line, Texts, line_from, resolved
from services.roster.domain.roster import Roster, require_sensible_period, roster_view
from services.roster.domain.sheet import SheetContext, SheetFault, SheetReading, read_roster_sheet
from services.roster.domain.team import Team
from services.roster.queries.rosters import Draft, draft_of
from services.roster.queries.sheets import agents_named, codebook_of, draft_texts, load_sheet, version_texts
from services.roster.queries.sight import name_of, require_lead
from services.roster.store import people
from services.roster.store import rosters as store
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import DayChange
from shared.platform.ids import new_id
from shared.platform.sheets import Value, column_letter, text_of
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an imported sheet changes in the draft (`dry_run`: would change), in the team's local time.

    `ignored_rows` (counted from 1) and `ignored_columns` (by header) are notes and sums.
    """

    roster_id: UUID
    dry_run: bool
    zone: str
    version: int
    row_count: int
    agent_count: int
    day_count: int
    ignored_columns: tuple[str, ...]
    ignored_rows: tuple[int, ...]
    agents: list[AgentDiff]


async def create_roster(work: Work, *, team_id: UUID, from_on: date, to_on: date) -> dict[str, Any]:
    """Open a team's roster for a period that no other roster of the team touches."""
    try:
        team = await people.load_team(work.conn, team_id)
    except Refusal as refusal:
        raise Refusal("team-unknown", faults=(Fault("team_id", "team-unknown", {}),)) from refusal
    require_lead(work.actor, team)
    require_sensible_period(from_on, to_on)
    roster = Roster(
        roster_id=new_id(),
        team_id=team_id,
        from_on=from_on,
        to_on=to_on,
        created_at=work.now,
        updated_at=work.now,
    )
    await store.add_roster(work.conn, roster)
    return roster_view(roster)


async def change_roster(work: Work, *, roster_id: UUID, version: int, changes: dict[str, Any]) -> dict[str, Any]:
    """Move the first or last day of a roster's period; days with cells, drafted or published, stay in it."""
    roster, _ = await opened(work, roster_id)
    require_version(version, roster.version)
    changed = replace(roster, **changes, version=roster.version + 1, updated_at=work.now)
    require_sensible_period(changed.from_on, changed.to_on)
    drafted = await draft_texts(work.conn, roster_id)
    published = await version_texts(work.conn, roster_id, roster.number)
    lines: list[Iterable[date]] = [*drafted.values(), *map(line_from, published.values())]
    outside = sorted({on for line in lines for on in line if not changed.covers(on)})
    if outside:
        raise Refusal("roster-days-in-use", on=str(outside[0]), count=len(outside))
    await store.save_roster(work.conn, changed)
    return roster_view(changed)


async def write_draft(
    work: Work, *, roster_id: UUID, seen: int | None, assignments: Sequence[dict[str, Any]], replace_all: bool
) -> Draft:
    """Write assignments into the draft: instead of what is there, or (`replace_all` false) on top of it.

    An assignment without a code empties its day. Nothing is written when one of them is wrong.
    """
    roster, team = await opened(work, roster_id)
    if seen is not None:
        require_version(seen, roster.version)
    elif replace_all and roster.edited_by not in (None, name_of(work.actor)):
        raise Refusal("if-match-required")  # or it would replace what somebody else has just written, unseen
    before = await draft_texts(work.conn, roster_id)
    after = {agent_id: {} if replace_all else dict(texts) for agent_id, texts in before.items()}
    await _assign(work, roster, team, assignments, after)
    roster = await _keep_draft(work, roster, before, after)
    return draft_of(await load_sheet(work.conn, roster, team))


async def opened(work: Work, roster_id: UUID) -> tuple[Roster, Team]:
    """A roster, locked for a change by who leads its team."""
    roster = await store.load_roster(work.conn, roster_id)
    team = await people.load_team(work.conn, roster.team_id)
    require_lead(work.actor, team)
    return roster, team


async def _assign(
    work: Work, roster: Roster, team: Team, assignments: Sequence[dict[str, Any]], into: dict[UUID, dict[date, str]]
) -> None:
    found = await agents_named(work.conn, staff_nos={one["staff_no"] for one in assignments})
    agents = {agent.staff_no: agent for agent in found}
    codebook = await codebook_of(work.conn, team)
    cells = Counter((one["staff_no"], one["on"]) for one in assignments)
    faults: list[Fault] = []
    for number, one in enumerate(assignments):
        text, field = (one["code"] or "").strip(), f"assignments.{number}"
        spelled = codebook.spelled(text) if text else ""
        if one["staff_no"] not in agents:
            params: dict[str, object] = {"staff_no": one["staff_no"], "name": ""}
            faults.append(Fault(f"{field}.staff_no", "agent-unknown", params))
        if not roster.covers(one["on"]):
            faults.append(Fault(f"{field}.on", "day-outside-roster", {"on": str(one["on"])}))
        if cells[one["staff_no"], one["on"]] > 1:
            faults.append(Fault(f"{field}.on", "day-twice", {"on": str(one["on"])}))
        if spelled is None:
            faults.append(Fault(f"{field}.code", "shift-code-unknown", {"shift_code": text}))
        if not faults:
            _write(into.setdefault(agents[one["staff_no"]].agent_id, {}), one["on"], spelled or "")
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


def _write(texts: dict[date, str], on: date, text: str) -> None:
    if text:
        texts[on] = text
    else:
        texts.pop(on, None)


async def _keep_draft(work: Work, roster: Roster, before: Mapping[UUID, Texts], after: Mapping[UUID, Texts]) -> Roster:
    changed = {agent_id: texts for agent_id, texts in after.items() if texts != before.get(agent_id, {})}
    if not changed:
        return roster
    roster = replace(roster, version=roster.version + 1, edited_by=name_of(work.actor), updated_at=work.now)
    await store.save_draft(work.conn, roster.roster_id, changed)
    await store.save_roster(work.conn, roster)
    return roster


async def import_draft(work: Work, *, roster_id: UUID, rows: Sequence[Sequence[Value]], dry_run: bool) -> ImportReport:
    """Write a supervisor's sheet into the draft: the agents and days that it has; all of it, or nothing."""
    roster, team = await opened(work, roster_id)
    codebook = await codebook_of(work.conn, team)
    reading = await _read(work, roster, rows, codebook)
    before = await draft_texts(work.conn, roster_id)
    after = {**before, **{one: _merged(before.get(one, {}), texts) for one, texts in reading.texts.items()}}
    changes = diffs(_meant(before, codebook), _meant(after, codebook))
    report = await _report(work, roster, team, dict(changes))
    if not dry_run:
        roster = await _keep_draft(work, roster, before, after)
    return replace(
        report,
        dry_run=dry_run,
        version=roster.version,
        row_count=len(reading.texts),
        ignored_columns=reading.ignored_columns,
        ignored_rows=tuple(row + 1 for row in reading.ignored_rows),
    )


def _meant(lines: Mapping[UUID, Texts], codebook: Codebook) -> dict[UUID, Line]:
    return {agent_id: resolved(texts, codebook) for agent_id, texts in lines.items()}


async def _read(work: Work, roster: Roster, rows: Sequence[Sequence[Value]], codebook: Codebook) -> SheetReading:
    told = [[_told(value) for value in row] for row in rows]
    named = {text for row in told for text in row if isinstance(text, str)}
    named |= {unicodedata.normalize("NFKC", text) for text in named}
    context = SheetContext(
        from_on=roster.from_on,
        to_on=roster.to_on,
        team_id=roster.team_id,
        agents=await agents_named(work.conn, staff_nos=named, team_id=roster.team_id),
        codebook=codebook,
    )
    reading = read_roster_sheet(told, context)
    if reading.faults:
        faults = tuple(Fault(_place(fault), fault.code, {**fault.params}) for fault in reading.faults)
        raise Refusal("sheet-invalid", faults=faults, count=len(faults))
    return reading


def _told(value: Value) -> date | str:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else text_of(value)


def _place(fault: SheetFault) -> str:
    row = f"row {fault.row + 1}" if fault.row is not None else ""
    column = f"column {column_letter(fault.column)}" if fault.column is not None else ""
    return ", ".join(part for part in (row, column) if part) or "sheet"


def _merged(texts: Texts, sheet: Texts) -> dict[date, str]:
    return {on: text for on, text in {**texts, **sheet}.items() if text}


async def _report(
    work: Work, roster: Roster, team: Team, changes: Mapping[UUID, tuple[DayChange, ...]]
) -> ImportReport:
    agents = await agents_named(work.conn, agent_ids=changes.keys())
    wording = Wording(team.tz)
    return ImportReport(
        roster_id=roster.roster_id,
        dry_run=True,
        zone=team.zone,
        version=roster.version,
        row_count=0,
        agent_count=len(changes),
        day_count=sum(map(len, changes.values())),
        ignored_columns=(),
        ignored_rows=(),
        agents=[
            wording.agent_diff(agent.agent_id, agent.staff_no, agent.name, changes[agent.agent_id])
            for agent in sorted(agents, key=lambda one: one.staff_no)
        ],
    )
