"""Days and hours as people write them, in their own language and the team's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

_DAYS = {
    "zh-CN": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def zone_of(name: str) -> tzinfo:
    """The IANA zone of that name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def day(on: date, language: str) -> str:
    """`3月3日 周二`, `Tue 3 Mar`."""
    weekday = _DAYS[language][on.weekday()]
    return f"{weekday} {on.day} {_MONTHS[on.month - 1]}" if language == "en" else f"{on.month}月{on.day}日 {weekday}"


def moment(instant: datetime, zone: tzinfo, language: str) -> str:
    """`3月2日 周一 18:00`, `Mon 2 Mar, 18:00`."""
    local = instant.astimezone(zone)
    return f"{day(local.date(), language)}{', ' if language == 'en' else ' '}{local:%H:%M}"


def hours(starts_at: datetime, ends_at: datetime, zone: tzinfo, language: str) -> str:
    """`09:00–18:00`; an end on a later day says so: `22:00–06:00 次日`, `22:00–06:00 next day`."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    later = "" if end.date() == start.date() else " next day" if language == "en" else " 次日"
    return f"{start:%H:%M}–{end:%H:%M}{later}"
