"""Measuring adherence: with each settlement, and beside it against versions published when the day was over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from services.roster.commands.evidence import Known, attendance_id, gather
from services.roster.domain.code import ShiftCode
from services.roster.domain.measure import Measure, after, measure, says_anything
from services.roster.domain.schedule import IN_FORCE, Plan, Planned, breaks_of, edited, in_force
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from services.roster.queries.schedules import codes_of, planned_history, published_when
from services.roster.store.adherence import load_measures, save_measures
from services.roster.store.shifts import load_shifts
from shared.contracts.roster import Cell, DayChange
from shared.platform.ids import stable_id
from shared.platform.work import Work

_EVER = datetime.min.replace(tzinfo=UTC)


async def measure_shifts(work: Work, known: Known, shifts: Sequence[Shift]) -> None:
    """Measure settled shifts against what was in force, and anew against every plan they were measured against."""
    earlier = await load_measures(work.conn, [attendance_id(shift) for shift in shifts])
    unmeasured = [one for one in shifts if not _has_figure(earlier.get(attendance_id(one), ()))]
    plans = await _plans_in_force(work, known, unmeasured)
    pairs = [(shift, plans[attendance_id(shift)]) for shift in unmeasured]
    for shift in shifts:
        pairs += [(shift, one.plan) for one in earlier.get(attendance_id(shift), ())]
    by_id = {one.fact.measure_id: one for found in earlier.values() for one in found}
    await _keep(work, known, pairs, by_id)


async def measure_edits(work: Work, *, number: int, team: Team, edits: Mapping[UUID, Iterable[DayChange]]) -> None:
    """A version changes days that are over: a second, labelled figure beside the one that was in force."""
    found = {(agent_id, day.on): day.after for agent_id, days in edits.items() for day in days}
    if not found:
        return
    first, last = min(on for _, on in found), max(on for _, on in found)
    known_shifts = {(one.agent_id, one.on): one for one in await load_shifts(work.conn, edits, first, last)}
    shifts = [known_shifts.get(key, Shift(agent_id=key[0], on=key[1], team_id=team.team_id)) for key in sorted(found)]
    known = await gather(work.conn, shifts)
    codes = await codes_of(work.conn, known.team)
    pairs = []
    for shift in shifts:
        cell = found[shift.agent_id, shift.on]
        pairs.append((shift, edited(number, cell, _breaks(codes, cell, shift.on, known))))
    await _keep(work, known, pairs, {})


def _has_figure(measures: Iterable[Measure]) -> bool:
    return any(one.plan.basis == IN_FORCE for one in measures)


async def _plans_in_force(work: Work, known: Known, shifts: Sequence[Shift]) -> dict[UUID, Plan]:
    codes = await codes_of(work.conn, known.team)
    versions = {(one.roster_id, one.planned_number) for one in shifts if one.roster_id and one.planned_number}
    published = await published_when(work.conn, versions)
    moved = [shift for shift in shifts if _was_planned_late(shift, published)]
    history = await _history(work, moved)
    plans = {}
    for shift in shifts:
        cells = history.get(attendance_id(shift)) or [
            Planned(number=shift.planned_number, since=_EVER, cell=shift.planned)
        ]
        breaks = {pause for one in cells for pause in _breaks(codes, one.cell, shift.on, known)}
        plans[attendance_id(shift)] = in_force(cells, sorted(breaks))
    return plans


def _was_planned_late(shift: Shift, published: Mapping[tuple[UUID, int], datetime]) -> bool:
    """Whether the day was planned anew when it had already begun; then two versions were in force on it."""
    if shift.roster_id is None or shift.planned_number is None:
        return False
    at = published.get((shift.roster_id, shift.planned_number))
    starts = [cell.starts_at for cell in shift.cells if cell.starts_at]
    return at is not None and (not starts or at > min(starts))


async def _history(work: Work, shifts: Sequence[Shift]) -> dict[UUID, list[Planned]]:
    if not shifts:
        return {}
    found = await planned_history(
        work.conn,
        {shift.agent_id for shift in shifts},
        {shift.roster_id for shift in shifts if shift.roster_id},
        {shift.on for shift in shifts},
    )
    return {
        attendance_id(shift): [
            one
            for one in found.get((shift.agent_id, shift.roster_id, shift.on), [])
            if one.number is not None and one.number <= (shift.planned_number or 0)
        ]
        for shift in shifts
        if shift.roster_id
    }


def _breaks(
    codes: Mapping[str, ShiftCode], cell: Cell | None, on: date, known: Known
) -> tuple[tuple[datetime, datetime], ...]:
    return breaks_of(codes.get(cell.code), cell, on, known.team.tz) if cell else ()


async def _keep(work: Work, known: Known, pairs: Iterable[tuple[Shift, Plan]], earlier: Mapping[UUID, Measure]) -> None:
    kept = [one for shift, plan in pairs if (one := _measured(work, known, shift, plan, earlier))]
    await save_measures(work.conn, kept)
    for one in kept:
        work.record(one.fact, sequence=one.fact.revision)


def _measured(work: Work, known: Known, shift: Shift, plan: Plan, earlier: Mapping[UUID, Measure]) -> Measure | None:
    measure_id = _measure_id(shift, plan)
    anew = measure(
        plan,
        shift,
        known.evidence[attendance_id(shift)],
        known.states[attendance_id(shift)],
        agent=known.agents[shift.agent_id],
        team=known.team,
        measure_id=measure_id,
        attendance_id=attendance_id(shift),
        now=work.now,
    )
    if measure_id in earlier:
        return after(earlier[measure_id], anew)
    return anew if says_anything(anew) else None


def _measure_id(shift: Shift, plan: Plan) -> UUID:
    number = "" if plan.basis == IN_FORCE else plan.number
    return stable_id("adherence", shift.agent_id, shift.on, plan.basis, number)
