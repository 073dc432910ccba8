"""The columns of a supervisor's sheet: which of them are days, and which days they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

Value = date | str
"""A cell as read: a date, or its text (empty when blank)."""

EXCEL_EPOCH = date(1899, 12, 30)

_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH_DAY = re.compile(r"(\d{1,2})[-/.月](\d{1,2})[日号]?")
_DAY = re.compile(r"(\d{1,2})[日号]?")
_NAMED = re.compile(r"(\d{1,2})?[-\s]?([A-Za-z]{3})[a-z]*\.?[-\s]?(\d{1,2})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LIKE_A_DAY = re.compile(r"\d[\d\s/.年月日号-]*")
_WEEKDAY = r"(?:(?:周|星期|礼拜)[一二三四五六日天]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?)"
_AT_THE_END = re.compile(rf"[\s(\[]*{_WEEKDAY}[\s)\]]*$|\s*[(\[][一二三四五六日天][)\]]\s*$", re.I)
_AT_THE_START = re.compile(rf"^[\s(\[]*{_WEEKDAY}[\s)\],]*", re.I)
_ONLY_A_WEEKDAY = re.compile(rf"[(\[]?(?:{_WEEKDAY}|[一二三四五六日天])[)\]]?", re.I)


def is_weekday(text: str) -> bool:
    """Whether a cell only names a day of the week: `周二`, `二`, `Tue`."""
    return _ONLY_A_WEEKDAY.fullmatch(_plain(text)) is not None


def looks_like_a_day(text: str) -> bool:
    """Whether a header is meant as a day, right or wrong; a column of notes is not."""
    return _LIKE_A_DAY.fullmatch(_without_weekday(text)) is not None


def is_bare_day(text: str) -> bool:
    """Whether a header is nothing but a day of the month: forms often have 31 of them."""
    found = _DAY.fullmatch(_without_weekday(text))
    return found is not None and 1 <= int(found[1]) <= 31


def day_of(value: Value, from_on: date, to_on: date) -> date | None:
    """The day a header means: a date, ISO, `12/1`, `12月1日`, `1 Dec`, `1日`, `1`; with or without its weekday.

    Without a year or month it is the only such day of the period; none when there is no such day or more than one.
    """
    days = _days_meant(value, from_on, to_on)
    return days[0] if len(days) == 1 else None


def days_of(values: Sequence[Value], from_on: date, to_on: date) -> dict[int, date]:
    """The days of a row of headers, by column.

    A bare `28日` that the period has twice is the one next to its neighbour: after 27, before 29.
    """
    meant = {column: _days_meant(value, from_on, to_on) for column, value in enumerate(values)}
    found = {column: days[0] for column, days in meant.items() if len(days) == 1}
    _settle(range(len(values)), -1, meant, found)
    _settle(range(len(values) - 1, -1, -1), 1, meant, found)
    return found


def _settle(columns: range, neighbour: int, meant: dict[int, list[date]], found: dict[int, date]) -> None:
    for column in columns:
        beside = found.get(column + neighbour)
        fitting = [on for on in meant[column] if beside and (beside - on).days == neighbour]
        if column not in found and fitting:
            found[column] = fitting[0]


def _days_meant(value: Value, from_on: date, to_on: date) -> list[date]:
    if isinstance(value, date):
        return [value]
    text = _without_weekday(value)
    if full := _FULL.fullmatch(text):
        return _existing(*map(int, full.groups()))
    if found := _MONTH_DAY.fullmatch(text):
        return _of_month(int(found[1]), int(found[2]), from_on, to_on)
    if (found := _NAMED.fullmatch(text)) and found[2].lower() in _MONTHS and bool(found[1]) != bool(found[3]):
        return _of_month(_MONTHS.index(found[2].lower()) + 1, int(found[1] or found[3]), from_on, to_on)
    if found := _DAY.fullmatch(text):
        return [on for on in _period(from_on, to_on) if on.day == int(found[1])]
    if text.isdecimal() and len(text) == 5:
        return [EXCEL_EPOCH + timedelta(days=int(text))]
    return []


def _of_month(month: int, day: int, from_on: date, to_on: date) -> list[date]:
    within = [on for on in _period(from_on, to_on) if (on.month, on.day) == (month, day)]
    return within or _existing(from_on.year, month, day)


def _period(from_on: date, to_on: date) -> list[date]:
    return [from_on + timedelta(days=count) for count in range((to_on - from_on).days + 1)]


def _existing(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []


def _without_weekday(text: str) -> str:
    return _AT_THE_START.sub("", _AT_THE_END.sub("", _plain(text))).strip()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
