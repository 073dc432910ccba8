"""Contacts from files: any mapping, every bad cell named, whole-file faults refused."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import openpyxl
import pytest

from tests.conftest import Api
from tests.integration.cases.conftest import Recorded

URL = "/cases/v1/contacts:import"
MAPPING = json.dumps(
    {
        "columns": {
            "编号": "external_id",
            "坐席": "agent",
            "进线时间": "queued_at",
            "等待": "wait_seconds",
            "接通": "answered",
        },
        "constants": {"channel": "chat"},
        "ignore": ["备注"],
    }
)
HEADER = "编号,坐席,进线时间,等待,接通,备注"


async def upload(client: httpx.AsyncClient, data: bytes, name: str = "x.csv", **form: str) -> httpx.Response:
    form = {"mapping": MAPPING, "timezone": "Asia/Shanghai"} | form
    return await client.post(URL, files={"file": (name, data)}, data=form)


def sheet(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


async def test_a_sheet_is_read_under_an_own_mapping(integration: httpx.AsyncClient, recorded: Recorded) -> None:
    answer = await upload(integration, sheet("1,A001,2026-03-02 09:00:00,12,是,x", "2,A002,2026/3/2 9:05,30,否,"))
    assert answer.json() == {
        "dry_run": False,
        "timezone": "Asia/Shanghai",
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "failed": 0,
        "errors": [],
    }
    facts = {fact.agent: fact for fact in await recorded()}
    assert facts["A001"].queued_at.isoformat() == "2026-03-02T01:00:00+00:00"
    assert [(facts[no].channel, facts[no].answered, facts[no].wait_seconds) for no in ("A001", "A002")] == [
        ("chat", True, 12.0),
        ("chat", False, 30.0),
    ]


async def test_bad_cells_are_named_by_row_and_column_and_good_rows_recorded(api: Api, recorded: Recorded) -> None:
    data = sheet("1,A001,2026-03-02 09:00:00,12,是,", "2,A002,02/03/2026,-1,也许,", "", "4,A003,,5,是,")
    report = (await upload(api.as_("integration", language="en"), data)).json()
    assert (report["created"], report["failed"]) == (1, 2)
    assert [(one["row"], one["column"], one["code"]) for one in report["errors"]] == [
        (3, "进线时间", "cell-not-a-date"),
        (3, "接通", "cell-not-yes-or-no"),
        (3, "等待", "too-small"),
        (5, "进线时间", "field-required"),
    ]
    assert "yes or no" in report["errors"][1]["message"]
    assert len(await recorded()) == 1


async def test_messages_are_in_chinese_by_default(integration: httpx.AsyncClient) -> None:
    report = (await upload(integration, sheet("1,A001,2026-03-02 09:00:00,12,也许,"))).json()
    assert "是/否" in report["errors"][0]["message"]


async def test_a_dry_run_tells_what_a_run_would_do_and_changes_nothing(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    await upload(integration, sheet("1,A001,2026-03-02 09:00:00,12,是,"))
    data = sheet("1,A001,2026-03-02 09:00:00,13,是,", "2,A001,2026-03-02 09:00:00,12,是,", "3,,,,,")
    form = {"mapping": MAPPING, "timezone": "Asia/Shanghai"}
    dry = await integration.post(URL, params={"dry_run": True}, files={"file": ("x.csv", data)}, data=form)
    assert len(await recorded()) == 1
    wet = await upload(integration, data)
    assert dry.json() | {"dry_run": False} == wet.json()
    assert (wet.json()["created"], wet.json()["updated"], wet.json()["failed"]) == (1, 1, 1)


async def test_columns_that_do_not_fit_refuse_the_whole_file(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    answer = await upload(integration, "编号,坐席,心情\n1,A001,好".encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "columns-unfit")
    assert {(one["field"], one["code"]) for one in answer.json()["errors"]} == {
        ("进线时间", "column-missing"),
        ("等待", "column-missing"),
        ("接通", "column-missing"),
        ("心情", "column-unknown"),
    }
    assert await recorded() == []


def hollow_workbook() -> bytes:
    data = io.BytesIO()
    openpyxl.Workbook().save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet-empty"),
        (b"PK\x03\x04nonsense", "sheet-unreadable"),
        (b"\xd0\xcf\x11\xe0nonsense", "sheet-unreadable"),
        (b"\x00\x01\x02", "sheet-unreadable"),
        (hollow_workbook(), "sheet-empty"),
    ],
)
async def test_what_is_no_sheet_is_refused(integration: httpx.AsyncClient, data: bytes, code: str) -> None:
    answer = await upload(integration, data, "x.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"mapping": "nope"}, 422, "mapping-unknown"),
        ({"mapping": "{"}, 422, "invalid-value"),
        ({"timezone": "Mars/Olympus"}, 422, "invalid-value"),
    ],
)
async def test_a_form_that_cannot_be_used_is_refused(
    integration: httpx.AsyncClient, form: dict[str, str], status: int, code: str
) -> None:
    answer = await upload(integration, sheet("1,A001,2026-03-02 09:00:00,12,是,"), **form)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_request_without_a_file_is_refused(integration: httpx.AsyncClient) -> None:
    answer = await integration.post(URL, data={"mapping": "call-log"})
    assert answer.status_code == 422
    assert any(one["field"] == "file" for one in answer.json()["errors"])


async def test_the_same_key_again_imports_nothing_twice(integration: httpx.AsyncClient, recorded: Recorded) -> None:
    async def once() -> dict[str, Any]:
        answer = await integration.post(
            URL,
            files={"file": ("x.csv", sheet("1,A001,2026-03-02 09:00:00,12,是,"))},
            data={"mapping": MAPPING},
            headers={"Idempotency-Key": "k"},
        )
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    assert await once() == await once()
    assert len(await recorded()) == 1
