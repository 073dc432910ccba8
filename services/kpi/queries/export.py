"""A metric's points as a sheet: for whoever goes on calculating, with everything to judge a figure by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.question import Question
from services.kpi.queries.points import Point, Series, metric_series

COLUMNS = {
    "group": ("分组", "Group"),
    "name": ("名称", "Name"),
    "on": ("日期", "Day"),
    "at": ("时间", "Time"),
    "value": ("值", "Value"),
    "numerator": ("分子", "Numerator"),
    "denominator": ("分母", "Denominator"),
    "n": ("样本数", "n"),
    "definition_version": ("定义版本", "Definition version"),
    "as_of": ("截至", "As of"),
    "maturing_until": ("最终确定于", "Final from"),
}
UNITS = {
    "percent": ("%", "%"),
    "per_thousand": ("每千次", "per 1,000"),
    "seconds": ("秒", "s"),
    "points": ("分", "points"),
    "count": ("个", "count"),
}
TITLES = 2
"""The row of titles, from 0."""
TITLE, DAY, MOMENT = {"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm"}
WIDTH = 17
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the start of a text."""


async def exported_xlsx(conn: AsyncConnection, *, question: Question, language: str) -> bytes:
    """The points as an Excel sheet, with days and times as Excel knows them."""
    rows = _sheet(question, await metric_series(conn, question=question), language)
    file = io.BytesIO()
    import xlsxwriter  # noqa: PLC0415 - large, and seldom needed

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet(question.metric.id[:31])
    title, day, moment = (book.add_format(look) for look in (TITLE, DAY, MOMENT))
    sheet.set_column(0, len(COLUMNS) - 1, WIDTH)
    sheet.freeze_panes(TITLES + 1, 0)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            match value:
                case datetime():
                    sheet.write_datetime(number, place, value.replace(tzinfo=None), moment)
                case date():
                    sheet.write_datetime(number, place, value, day)
                case int() | float():
                    sheet.write_number(number, place, value)
                case str():
                    sheet.write_string(number, place, value, title if number == TITLES else None)
    book.close()
    return file.getvalue()


async def exported_csv(conn: AsyncConnection, *, question: Question, language: str) -> bytes:
    """The points as comma-separated values (UTF-8 with a mark, as Excel wants it)."""
    rows = _sheet(question, await metric_series(conn, question=question), language)
    file = io.StringIO()
    csv.writer(file).writerows([_plain(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _sheet(question: Question, series: Series, language: str) -> Iterator[Sequence[Any]]:
    """What it is and how it is made, a blank row, then a row for each point; times are of the asked zone."""
    metric, tongue = question.metric, 1 if language == "en" else 0
    name, formula = (metric.name.en, metric.formula.en) if tongue else (metric.name.zh, metric.formula.zh)
    yield (metric.id, name, UNITS[metric.unit][tongue], formula, series.tz)
    yield ()
    yield [titles[tongue] for titles in COLUMNS.values()]
    zone = ZoneInfo(series.tz)
    for point in series.points:
        yield [_cell(point, column, question.by, zone) for column in COLUMNS]


def _cell(point: Point, column: str, by: str | None, zone: ZoneInfo) -> Any:
    if column in ("group", "name"):
        group = point.group or {}
        return group.get(by or "") if column == "group" else group.get(f"{by}_name")
    value = getattr(point, column)
    return value.astimezone(zone) if isinstance(value, datetime) else value


def _plain(value: Any) -> Any:
    """A value as text that says no less, and that no spreadsheet calculates with."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
