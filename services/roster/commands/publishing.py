"""Publishing a roster: an immutable numbered version, and one question to each agent it changes something for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.commands.adherence import measure_edits
from services.roster.commands.drafts import opened
from services.roster.commands.shifts import keep_shifts
from services.roster.commands.unresolved import watch_publication
from services.roster.domain import change as changes
from services.roster.domain.change import ShiftChange
from services.roster.domain.checks import Problem
from services.roster.domain.publication import Publication, agreement, days_over, planned_shifts, question
from services.roster.domain.roster import Roster, Version, published
from services.roster.domain.shift import Shift, confirmed
from services.roster.queries.checks import draft_problems
from services.roster.queries.sheets import RosterSheet, load_sheet
from services.roster.queries.sight import name_of
from services.roster.store import changes as change_store
from services.roster.store import rosters as roster_store
from services.roster.store.shifts import load_shifts
from shared.contracts.codec import to_json
from shared.contracts.event import Event
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import DayChange
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

EXPIRY = "expire_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedChange:
    """One agent who is asked about a publication."""

    change_id: UUID
    agent_id: UUID
    staff_no: str
    agent_name: str
    state: str
    day_count: int
    late_notice: bool
    confirm_by: datetime
    first_start_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRoster:
    """A publication's number, and who is asked."""

    roster_id: UUID
    number: int
    version: int
    changes: list[AnnouncedChange]


@dataclass(slots=True)
class _Effects:
    """What a publication does to shifts and changes. `new`: nobody had a shift.

    The days are made while PostgreSQL stores those before them; what is asked, settled and closed is complete when they
    have all been taken.
    """

    new: bool = False
    shifts: Iterable[Shift] = ()
    asked: list[ShiftChange] = field(default_factory=list)
    settled: list[ShiftChange] = field(default_factory=list)
    closed: list[tuple[ShiftChange, Event]] = field(default_factory=list)


async def publish_roster(
    work: Work,
    *,
    roster_id: UUID,
    seen: int | None,
    note: str | None,
    confirm_within_minutes: int | None,
    override_reason: str | None,
) -> PublishedRoster:
    """Publish the draft as the next version. Of two at once the second finds nothing left to publish."""
    roster, team = await opened(work, roster_id)
    if seen is not None and seen != roster.version:
        raise Refusal("stale-version", current=roster.version)
    sheet = await load_sheet(work.conn, replace(roster, edited_by=None), team)
    days = sheet.changes
    if not days:
        raise Refusal("nothing-to-publish", number=roster.number)
    found = await draft_problems(work.conn, sheet, work.now)
    _require_passed(found, override_reason)
    within = timedelta(minutes=confirm_within_minutes or team.settings.confirm_within_minutes)
    publication = Publication(
        roster_id=roster.roster_id,
        number=roster.number + 1,
        team=team,
        by=name_of(work.actor),
        at=work.now,
        within=within,
        note=note,
    )
    return await put_in_force(
        work, publication, sheet, days, lines=sheet.stored, found=found, override_reason=override_reason
    )


async def put_in_force(
    work: Work,
    publication: Publication,
    sheet: RosterSheet,
    days: Mapping[UUID, tuple[DayChange, ...]],
    *,
    lines: Mapping[UUID, str],
    found: Sequence[Problem] = (),
    override_reason: str | None = None,
    agreed: bool = False,
) -> PublishedRoster:
    """Make `lines` the roster's next version, plan the `days` that it changes and ask whom they concern.

    `agreed`: everybody concerned has said yes already (a swap), so nobody is asked.
    """
    effects = await (_agreed_effects if agreed else _effects)(work, publication, sheet, days)
    await keep_shifts(work, effects.shifts, timedelta(minutes=publication.team.settings.grace_minutes), new=effects.new)
    roster = replace(sheet.roster, number=publication.number, version=sheet.roster.version + 1, updated_at=work.now)
    await roster_store.save_roster(work.conn, roster)
    version = _version(publication, found, override_reason, len(effects.asked))
    await roster_store.add_version(work.conn, version, lines)
    work.record(published(roster, version, publication.team.name), sequence=roster.version)
    await _carry_out(work, effects)
    await watch_publication(work, effects.asked, publication.team)
    if sheet.roster.number:
        await measure_edits(work, number=publication.number, team=publication.team, edits=days_over(publication, days))
    return PublishedRoster(
        roster_id=roster.roster_id,
        number=roster.number,
        version=roster.version,
        changes=[*map(_announced, effects.asked)],
    )


def _require_passed(found: Sequence[Problem], override_reason: str | None) -> None:
    """Refuse with every problem listed, unless all of them may be overridden and are."""
    errors = [one for one in found if one.level == "error"]
    if override_reason:
        errors = [one for one in errors if not one.can_override]
    if errors:
        faults = tuple(Fault(one.place, one.code, {**one.params}) for one in errors)
        raise Refusal("preflight-failed", faults=faults, count=len(faults))


def _version(
    publication: Publication, found: Sequence[Problem], override_reason: str | None, change_count: int
) -> Version:
    return Version(
        roster_id=publication.roster_id,
        number=publication.number,
        note=publication.note,
        published_by=publication.by,
        published_at=publication.at,
        override_reason=override_reason if found else None,
        problems=[to_json(one) for one in found],
        change_count=change_count,
    )


async def _effects(
    work: Work, publication: Publication, sheet: RosterSheet, days: Mapping[UUID, tuple[DayChange, ...]]
) -> _Effects:
    unsettled = await change_store.load_unsettled_changes(work.conn, sheet.roster.roster_id, days.keys())
    known = await _known_shifts(work, sheet.roster, days)
    effects = _Effects(new=not known)

    def planned() -> Iterator[Shift]:
        for agent in sheet.by_staff_no(days):
            before = known.get(agent.agent_id, {})
            change_id = new_id()
            anew = planned_shifts(publication, agent.agent_id, days[agent.agent_id], before, change_id)
            if not anew:
                continue
            change, marked = question(publication, agent, {**before, **anew}, change_id)
            effects.asked.extend([change] if change else [])
            effects.closed.extend(_closed(one, publication, change) for one in unsettled.get(agent.agent_id, []))
            yield from {**anew, **marked}.values()

    effects.shifts = planned()
    return effects


async def _agreed_effects(
    work: Work, publication: Publication, sheet: RosterSheet, days: Mapping[UUID, tuple[DayChange, ...]]
) -> _Effects:
    known = await _known_shifts(work, sheet.roster, days)
    shifts: list[Shift] = []
    settled = []
    for agent in sheet.by_staff_no(days):
        change_id, own = new_id(), days[agent.agent_id]
        anew = planned_shifts(publication, agent.agent_id, own, known.get(agent.agent_id, {}), change_id)
        shifts.extend(replace(confirmed(shift), change_id=change_id) for shift in anew.values())
        settled.append(agreement(publication, agent, own, change_id))
    return _Effects(shifts=shifts, settled=settled)


async def _known_shifts(work: Work, roster: Roster, agent_ids: Collection[UUID]) -> dict[UUID, dict[date, Shift]]:
    known: dict[UUID, dict[date, Shift]] = {}
    for shift in await load_shifts(work.conn, agent_ids, roster.from_on, roster.to_on):
        known.setdefault(shift.agent_id, {})[shift.on] = shift
    return known


def _closed(earlier: ShiftChange, publication: Publication, change: ShiftChange | None) -> tuple[ShiftChange, Event]:
    """An unanswered change is superseded; a refused or expired one is resolved by asking anew."""
    if earlier.is_open:
        by = change.change_id if change else None
        return changes.superseded(earlier, by_number=publication.number, by_change_id=by, now=publication.at)
    reason = publication.note or f"#{publication.number}"
    return changes.resolved(earlier, action="republished", reason=reason, by=publication.by, now=publication.at)


async def _carry_out(work: Work, effects: _Effects) -> None:
    closed = [change for change, _ in effects.closed]
    await change_store.save_changes(work.conn, [*closed, *effects.asked, *effects.settled])
    await cancel_timers(work, EXPIRY, [change.change_id for change, _ in effects.closed])
    await set_timers(
        work, [Timer(kind=EXPIRY, subject_id=one.change_id, due_at=one.confirm_by) for one in effects.asked]
    )
    for change, event in effects.closed:
        work.record(event, sequence=change.version)
    for change in effects.asked:
        work.record(changes.announced(change), sequence=change.version)


def _announced(change: ShiftChange) -> AnnouncedChange:
    return AnnouncedChange(
        change_id=change.change_id,
        agent_id=change.agent_id,
        staff_no=change.staff_no,
        agent_name=change.agent_name,
        state=change.state,
        day_count=len(change.days),
        late_notice=change.late_notice,
        confirm_by=change.confirm_by,
        first_start_at=change.first_start_at,
    )
