"""Other people's sheets: which columns fit, and what their cells mean."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.cases.api.contact_mapping import (
    CALL_LOG,
    Unreadable,
    mapping_named,
    read_date,
    read_flag,
    read_moment,
    read_seconds,
    read_time,
    sheet_of,
)
from shared.contracts.refusal import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = list(CALL_LOG.columns)
CALL = ["ID1", "Becky", "2021-01-01", time(9, 12, 58), "Streaming", "Y", "N", 109.0, time(0, 2, 23), 3.0]


def rows_of(*calls: list[Any]) -> list[Any]:
    return list(sheet_of([HEADER, *calls], CALL_LOG, SHANGHAI).raw_rows())


def test_a_call_of_the_log_is_read_by_its_columns() -> None:
    assert rows_of(CALL) == [
        (
            2,
            {
                "zone": "Asia/Shanghai",
                "channel": "phone",
                "direction": "inbound",
                "external_id": "ID1",
                "agent": "Becky",
                "topic": "Streaming",
                "answered": True,
                "resolved": False,
                "wait_seconds": 109.0,
                "talk_seconds": 143.0,
                "rating": 3.0,
                "queued_at": datetime(2021, 1, 1, 9, 12, 58, tzinfo=SHANGHAI),
            },
            (),
        )
    ]


def test_blank_cells_are_left_out_and_blank_rows_skipped() -> None:
    rows = rows_of([None] * 10, [*CALL[:7], None, None, None])
    assert [number for number, _, _ in rows] == [3]
    assert "wait_seconds" not in rows[0][1]


def test_every_unreadable_cell_is_named() -> None:
    [(_, _, faults)] = rows_of(["ID1", "Becky", "31/12/2021", "noon", "x", "maybe", "N", "long", "1:2", "three"])
    assert [(fault.field, fault.code) for fault in faults] == [
        ("queued_on", "cell-not-a-date"),
        ("queued_time", "not-a-time"),
        ("answered", "cell-not-yes-or-no"),
        ("wait_seconds", "cell-not-a-duration"),
        ("talk_seconds", "cell-not-a-duration"),
        ("rating", "not-a-number"),
    ]


def test_columns_that_do_not_fit_refuse_the_sheet() -> None:
    with pytest.raises(Refusal, match="columns-unfit") as caught:
        sheet_of([["Call Id", "Call Id", "Mood", *HEADER[2:]]], CALL_LOG, SHANGHAI)
    assert [(fault.field, fault.code) for fault in caught.value.faults] == [
        ("Agent", "column-missing"),
        ("Mood", "column-unknown"),
        ("Call Id", "column-twice"),
    ]


def test_an_own_mapping_passes_over_what_it_ignores() -> None:
    mapping = mapping_named(json.dumps({"columns": {"开始": "queued_at", "坐席": "agent"}, "ignore": ["备注"]}))
    sheet = sheet_of([["坐席", "备注", "开始"], ["A001", "x", "2026-03-02 09:00:05"]], mapping, SHANGHAI)
    [(_, found, _)] = sheet.raw_rows()
    assert found["queued_at"] == datetime(2026, 3, 2, 9, 0, 5, tzinfo=SHANGHAI)
    assert sheet.column_of("queued_at") == "开始"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("call-logs", "mapping-unknown"),
        ("{", "invalid-value"),
        ('{"columns": {}}', "invalid-value"),
        ('{"columns": {"a": "mood"}}', "invalid-value"),
        ('{"columns": {"a": "agent"}, "extra": 1}', "invalid-value"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        mapping_named(text)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        (time(0, 2, 23), 143),
        (timedelta(hours=25), 90_000),
        (datetime(1899, 12, 31, 0, 2, 23), 143),
        ("0:02:23", 143),
        ("2:23", 143),
        ("143", 143),
        (143.5, 143.5),
    ],
)
def test_durations_are_read_however_they_are_kept(cell: Any, seconds: float) -> None:
    assert read_seconds(cell) == seconds


@pytest.mark.parametrize("cell", ["2021-01-02", "2021/1/2", "2021年1月2日", datetime(2021, 1, 2, 5), date(2021, 1, 2)])
def test_days_are_read_however_they_are_written(cell: Any) -> None:
    assert read_date(cell) == date(2021, 1, 2)


@pytest.mark.parametrize("cell", ["02/01/2021", "2021-02-30", "tomorrow", 44197.0, True])
def test_days_that_read_two_ways_or_none_are_refused(cell: Any) -> None:
    with pytest.raises(Unreadable):
        read_date(cell)


def test_times_of_day_and_moments_are_read_from_texts_too() -> None:
    assert read_time("9:12") == time(9, 12)
    assert read_moment("2021/1/2 9:12:58") == datetime(2021, 1, 2, 9, 12, 58)
    assert read_moment("2021-01-02T09:12:58+08:00") == datetime(2021, 1, 2, 9, 12, 58, tzinfo=SHANGHAI)
    assert read_flag("是") is True
    assert read_flag(0.0) is False
