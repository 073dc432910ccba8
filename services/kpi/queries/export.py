"""A metric's points as a sheet: for whoever goes on calculating, with everything to judge a figure by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.question import Question
from services.kpi.queries.points import Point, Series, metric_series

COLUMNS = {
    "group": ("分组", "Group"),
    "name": ("名称", "Name"),
    "on": ("日期", "Day"),
    "at": ("时间（UTC）", "Time (UTC)"),
    "value": ("值", "Value"),
    "numerator": ("分子", "Numerator"),
    "denominator": ("分母", "Denominator"),
    "n": ("样本数", "n"),
    "definition_version": ("定义版本", "Definition version"),
    "as_of": ("截至（UTC）", "As of (UTC)"),
    "maturing_until": ("最终确定于（UTC）", "Final from (UTC)"),
}
UNITS = {
    "percent": ("%", "%"),
    "per_thousand": ("每千次", "per 1,000"),
    "seconds": ("秒", "s"),
    "points": ("分", "points"),
    "count": ("个", "count"),
}
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the start of a text."""


async def exported_xlsx(conn: AsyncConnection, *, question: Question, language: str) -> bytes:
    """The points as an Excel sheet."""
    rows = _sheet(question, await metric_series(conn, question=question), language)
    file = io.BytesIO()
    import xlsxwriter  # noqa: PLC0415 - large, and seldom needed

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet(question.metric.id[:31])
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, place, value)
            elif value is not None:
                sheet.write_string(number, place, value)
    book.close()
    return file.getvalue()


async def exported_csv(conn: AsyncConnection, *, question: Question, language: str) -> bytes:
    """The points as comma-separated values (UTF-8 with a mark, as Excel wants it)."""
    rows = _sheet(question, await metric_series(conn, question=question), language)
    file = io.StringIO()
    csv.writer(file).writerows([_harmless(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _sheet(question: Question, series: Series, language: str) -> Iterator[Sequence[Any]]:
    """What it is and how it is made, a blank row, then a row for each point."""
    metric, tongue = question.metric, 1 if language == "en" else 0
    name, formula = (metric.name.en, metric.formula.en) if tongue else (metric.name.zh, metric.formula.zh)
    yield (metric.id, name, UNITS[metric.unit][tongue], formula, series.tz)
    yield ()
    yield [titles[tongue] for titles in COLUMNS.values()]
    for point in series.points:
        yield [_cell(point, column, question.by) for column in COLUMNS]


def _cell(point: Point, column: str, by: str | None) -> Any:
    if column in ("group", "name"):
        group = point.group or {}
        return group.get(by or "") if column == "group" else group.get(f"{by}_name")
    value = getattr(point, column)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
