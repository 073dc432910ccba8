"""Rosters and their drafts over HTTP: written, imported, compared, exported."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.integration.roster.centre import MONDAY, ROOT, Centre, day


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return file.getvalue()


async def imported(
    centre: Centre, roster_id: str, data: bytes, *, status: int = 200, dry_run: bool = False, language: str = "zh-CN"
) -> dict[str, Any]:
    client = centre.api.as_("supervisor", staff_no="S001", language=language)
    return await centre.ask(
        "POST",
        f"/rosters/{roster_id}/draft:import",
        status=status,
        by=client,
        params={"dry_run": dry_run},
        files={"file": ("三月.xlsx", data)},
    )


MONTH = [
    ["工号", "姓名", *(MONDAY + timedelta(days=number) for number in range(3))],
    ["A001", "客服A001", "早", "晚", "休"],
    ["A002", "", "09:30~18:00", "", "夜"],
]


async def test_a_roster_is_opened_once_for_a_period(centre: Centre) -> None:
    body = {"team_id": centre.team["team_id"], "from": day(0), "to": day(6)}
    made = await centre.post("/rosters", body)
    assert (made["from"], made["to"], made["number"], made["version"]) == (day(0), day(6), 0, 1)
    assert await centre.get(f"/rosters/{made['roster_id']}") == made
    assert (await centre.get("/rosters", team="T1", on=day(3)))["items"] == [made]
    assert (await centre.get("/rosters", on=day(7)))["items"] == []
    overlapping = await centre.ask("POST", "/rosters", status=409, json=body | {"from": day(6), "to": day(9)})
    assert overlapping["code"] == "roster-overlaps"
    await centre.post("/rosters", body | {"from": day(7), "to": day(9)})
    backwards = await centre.ask("POST", "/rosters", status=422, json=body | {"from": day(20), "to": day(19)})
    assert backwards["errors"][0]["code"] == "period-backwards"
    endless = await centre.ask("POST", "/rosters", status=422, json=body | {"from": "2030-01-01", "to": "2190-01-01"})
    assert endless["errors"][0]["code"] == "period-too-long"


async def test_a_draft_is_replaced_or_changed_by_cells(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    await centre.draft(roster_id, {"A001": {day(0): "早", day(1): "晚"}, "A002": {day(0): "休"}})
    draft = await centre.draft(roster_id, {"A001": {day(0): "早", day(1): "9:30-18:00"}})
    assert [(line["staff_no"], line["cells"]) for line in draft["lines"]] == [
        ("A001", {day(0): "早", day(1): "09:30-18:00"})
    ]
    cells = [{"staff_no": "A001", "on": day(1)}, {"staff_no": "A003", "on": day(2), "code": "夜"}]
    path, version = f"/rosters/{roster_id}/draft", str(draft["version"])
    changed = await centre.ask("PATCH", path, json={"assignments": cells}, headers={"If-Match": version})
    assert [line["cells"] for line in changed["lines"]] == [{day(0): "早"}, {day(2): "夜"}]
    assert await centre.get(path) == changed
    stale = await centre.ask("PUT", path, status=412, json={"assignments": []}, headers={"If-Match": version})
    assert stale["code"] == "stale-version"


async def test_a_wrong_assignment_is_named_and_nothing_is_written(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    rows = [
        {"staff_no": "A001", "on": day(0), "code": "早"},
        {"staff_no": "A009", "on": day(0), "code": "早"},
        {"staff_no": "A001", "on": day(5), "code": "早"},
        {"staff_no": "A001", "on": day(1), "code": "??"},
        {"staff_no": "A001", "on": day(0), "code": "晚"},
    ]
    answer = await centre.ask("PUT", f"/rosters/{roster_id}/draft", status=422, json={"assignments": rows})
    assert [(error["field"], error["code"]) for error in answer["errors"]] == [
        ("assignments.0.on", "day-twice"),
        ("assignments.1.staff_no", "agent-unknown"),
        ("assignments.2.on", "day-outside-roster"),
        ("assignments.3.code", "shift-code-unknown"),
        ("assignments.4.on", "day-twice"),
    ]
    assert (await centre.get(f"/rosters/{roster_id}/draft"))["lines"] == []


async def test_a_sheet_is_imported_and_a_dry_run_only_tells(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    told = await imported(centre, roster_id, workbook(*MONTH), dry_run=True)
    assert (told["dry_run"], told["row_count"], told["day_count"], told["version"]) == (True, 2, 5, 1)
    assert (await centre.get(f"/rosters/{roster_id}/draft"))["lines"] == []
    done = await imported(centre, roster_id, workbook(*MONTH))
    assert done["agents"] == told["agents"]
    assert done["version"] == 2
    draft = await centre.get(f"/rosters/{roster_id}/draft")
    assert {line["staff_no"]: line["cells"] for line in draft["lines"]} == {
        "A001": {day(0): "早", day(1): "晚", day(2): "休"},
        "A002": {day(0): "09:30-18:00", day(2): "夜"},
    }


async def hire_wang(centre: Centre) -> None:
    agent = {"staff_no": "1001", "name": "王芳", "team_id": centre.team["team_id"], "hired_on": "2025-01-01"}
    await centre.post("/agents", agent)


DECEMBER = date(2026, 12, 1)
SAME_SHEET = {
    "xlsx": workbook(["工号", "姓名", DECEMBER, DECEMBER + timedelta(days=1)], ["1001", "王芳", "早", "休"]),
    "xls": (Path(__file__).parents[2] / "unit" / "roster" / "sheet.xls").read_bytes(),
    "csv": "工号,姓名,12/1,12/2\r\n1001,王芳,早,休\r\n".encode("gb18030"),
}


@pytest.mark.parametrize("kind", SAME_SHEET)
async def test_a_sheet_is_imported_as_xlsx_xls_or_csv(centre: Centre, kind: str) -> None:
    await hire_wang(centre)
    roster_id = await centre.roster(31, start=DECEMBER)
    await imported(centre, roster_id, SAME_SHEET[kind])
    [line] = (await centre.get(f"/rosters/{roster_id}/draft"))["lines"]
    assert (line["staff_no"], line["cells"]) == ("1001", {"2026-12-01": "早", "2026-12-02": "休"})


async def test_a_sheet_as_supervisors_really_have_it_is_imported(centre: Centre) -> None:
    """A merged title, days as numbers, weekdays beneath, notes and sums, a name for a number, full-width letters."""
    await hire_wang(centre)
    roster_id = await centre.roster(4)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet()
    page.merge_range(0, 0, 0, 7, "三月班表（一组）")
    rows = [
        [],
        ["工　号", "姓名", "2日", "3/3", "３月４日", "5日(四)", "备注", ""],
        ["", "", "一", "二", "三", "四", "", ""],
        ["Ａ００１", "客服A001", "早 ", "", "９：３０～１８：００", "休", "带教", ""],
        ["", "王芳", "晚", "夜", "", "", "", ""],
        ["合计", "", "2", "1", "1", "1", "", ""],
        ["", "", "", "", "", "", "", ""],
    ]
    for number, row in enumerate(rows):
        page.write_row(number + 1, 0, row)
    book.close()
    report = await imported(centre, roster_id, file.getvalue())
    assert (report["row_count"], report["day_count"], report["ignored_columns"]) == (2, 5, ["备注"])
    draft = await centre.get(f"/rosters/{roster_id}/draft")
    assert {line["staff_no"]: line["cells"] for line in draft["lines"]} == {
        "1001": {day(0): "晚", day(1): "夜"},
        "A001": {day(0): "早", day(2): "09:30-18:00", day(3): "休"},
    }


async def test_a_sheet_touches_the_agents_and_days_that_it_has(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    await imported(centre, roster_id, workbook(*MONTH))
    await imported(centre, roster_id, workbook(["工号", "3/3"], ["A001", ""]))
    draft = await centre.get(f"/rosters/{roster_id}/draft")
    assert [line["cells"] for line in draft["lines"]] == [
        {day(0): "早", day(2): "休"},
        {day(0): "09:30-18:00", day(2): "夜"},
    ]


async def test_a_broken_sheet_is_told_by_row_column_and_reason_and_changes_nothing(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    broken = workbook(["工号", "3/2", "3/99"], ["A001", "早"], ["A404", "早"], ["A002", "乱"])
    answer = await imported(centre, roster_id, broken, status=422)
    assert answer["code"] == "sheet-invalid"
    assert [(error["field"], error["message"]) for error in answer["errors"]] == [
        ("row 1, column C", "列标题“3/99”不是班表内的日期。"),
        ("row 3, column A", answer["errors"][1]["message"]),
        ("row 4, column B", "没有这个班次代码：乱。"),
    ]
    assert "A404" in answer["errors"][1]["message"]
    english = await imported(centre, roster_id, broken, status=422, language="en")
    assert english["errors"][2]["message"] == "There is no shift code 乱."
    assert (await centre.get(f"/rosters/{roster_id}/draft"))["lines"] == []


@pytest.mark.parametrize(
    ("data", "code"), [(b"PK\x03\x04no", "sheet-unreadable"), (b"", "sheet-empty"), (b"a,b\n1,2\n", "sheet-invalid")]
)
async def test_a_file_that_is_no_sheet_is_refused(centre: Centre, data: bytes, code: str) -> None:
    assert (await imported(centre, await centre.roster(3), data, status=422))["code"] == code


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_an_export_imports_back_to_no_change(centre: Centre, language: str) -> None:
    roster_id = await centre.roster(3)
    await imported(centre, roster_id, workbook(*MONTH))
    client = centre.api.as_("supervisor", staff_no="S001", language=language)
    answer = await client.get(f"{ROOT}/rosters/{roster_id}/export.xlsx")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert page["A1"].value == ("工号" if language == "zh-CN" else "staff_no")
    assert page["C1"].value.date() == date(2026, 3, 2)
    assert [cell.value for cell in page[2]] == ["A001", "客服A001", "早", "晚", "休"]
    again = await imported(centre, roster_id, answer.content)
    assert (again["day_count"], again["version"]) == (0, 2)


async def test_the_diff_says_what_publishing_would_change_in_local_time(centre: Centre) -> None:
    roster_id = await centre.roster(4)
    await centre.draft(roster_id, {"A001": {day(1): "早", day(2): "早", day(3): "早"}, "A002": {day(1): "早"}})
    await centre.publish(roster_id)
    await centre.draft(roster_id, {"A001": {day(1): "晚", day(2): "09:00-18:00", day(0): "早"}, "A002": {day(1): "早"}})
    diff = await centre.get(f"/rosters/{roster_id}/draft/diff")
    [one] = diff["agents"]
    assert (diff["number"], diff["zone"], diff["agent_count"], diff["day_count"]) == (1, "Asia/Shanghai", 1, 4)
    assert {kind: [change["on"] for change in one[kind]] for kind in ("added", "removed", "moved", "recoded")} == {
        "added": [day(0)],
        "removed": [day(3)],
        "moved": [day(1)],
        "recoded": [day(2)],
    }
    assert one["moved"][0]["after"] == {
        "code": "晚",
        "starts": "2026-03-03T14:00:00+08:00",
        "ends": "2026-03-03T22:00:00+08:00",
    }


async def test_a_draft_is_for_who_leads_the_team(centre: Centre) -> None:
    roster_id = await centre.roster(3)
    for path in ("", "/draft", "/draft/diff", "/draft/checks", "/export.xlsx", "/versions", "/versions/1"):
        await centre.ask("GET", f"/rosters/{roster_id}{path}", status=403, by=centre.agent("A001"))
    stranger = centre.api.as_("supervisor", staff_no="S999", teams=("T9",))
    await centre.ask("PUT", f"/rosters/{roster_id}/draft", status=403, by=stranger, json={"assignments": []})
    await centre.ask("GET", f"/rosters/{roster_id}/draft", by=centre.api.as_("lead", staff_no="L001"))
