"""What a shift change says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from services.notify.domain.local_time import day, hours, moment, zone_of
from shared.contracts.roster import Cell, DayChange, ShiftChangeAnnounced, ShiftChangeFact, ShiftChangeResolved

SUBJECT_TYPE = "roster.shift_change"
DAYS_IN_A_MESSAGE = 5

_OFF = {"休", "off"}

_RESOLUTIONS = {
    "withdraw": {"zh-CN": "撤回变动，按上次确认的班次上班", "en": "it is withdrawn; work as you last confirmed"},
    "reassign": {"zh-CN": "改由他人上班", "en": "somebody else takes the shift"},
    "insist": {"zh-CN": "按新班次执行", "en": "the new shifts stand"},
}


@dataclass(frozen=True, slots=True)
class Shift:
    """A cell of the sheet as its reader sees it: `早` with `08:00–17:00`, or `休息` alone."""

    name: str
    hours: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.hours}".rstrip()


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day, before and after, as its reader sees it; `before` is none where nothing was planned."""

    on: str
    before: Shift | None
    after: Shift


def day_lines(event: ShiftChangeAnnounced, language: str) -> tuple[DayLine, ...]:
    """Every day of the change, in local time."""
    zone = zone_of(event.zone)
    return tuple(_line(change, zone, language) for change in event.days)


def facts(event: ShiftChangeFact, zone: str, language: str) -> dict[str, str]:
    """What the templates about a shift change may name; `days` is there when the event says which."""
    local = zone_of(zone)
    named = {
        "name": event.agent_name,
        "staff_no": event.staff_no,
        "team": event.team_name,
        "number": str(event.number),
        "deadline": moment(event.confirm_by, local, language),
        "first_start": moment(event.first_start_at, local, language),
        "reason": getattr(event, "reason", ""),
    }
    if isinstance(event, ShiftChangeAnnounced):
        named["days"] = _days_text(day_lines(event, language), language)
        named["note"] = _note(event.note, language)
    if isinstance(event, ShiftChangeResolved):
        named["resolution"] = _RESOLUTIONS.get(event.resolution, {}).get(language, event.resolution)
    return named


def _line(change: DayChange, zone: tzinfo, language: str) -> DayLine:
    before = shown(change.before, zone, language) if change.before else None
    return DayLine(day(change.on, language), before, shown(change.after, zone, language))


def shown(cell: Cell | None, zone: tzinfo, language: str) -> Shift:
    """A cell of the sheet as its reader sees it."""
    if cell is None:
        return Shift("no shift" if language == "en" else "无排班")
    if cell.starts_at and cell.ends_at:
        return Shift(cell.code, hours(cell.starts_at, cell.ends_at, zone, language))
    if cell.code.lower() in _OFF:
        return Shift("day off" if language == "en" else "休息")
    return Shift(cell.code)


def _days_text(lines: Sequence[DayLine], language: str) -> str:
    colon = ": " if language == "en" else "："
    shown = [f"{line.on}{colon}{f'{line.before} → ' if line.before else ''}{line.after}" for line in lines]
    more = len(shown) - DAYS_IN_A_MESSAGE
    if more > 0:
        rest = f"… and {more} more days" if language == "en" else f"…… 另有 {more} 天"
        shown = [*shown[:DAYS_IN_A_MESSAGE], rest]
    return "\n".join(shown)


def _note(note: str | None, language: str) -> str:
    if not note:
        return ""
    return f"\nNote: {note}" if language == "en" else f"\n说明：{note}"
