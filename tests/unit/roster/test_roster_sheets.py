"""Reading supervisors' own sheets."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from services.roster.domain.agent import Agent
from services.roster.domain.code import Codebook, ShiftCode
from services.roster.domain.roster import Roster
from services.roster.domain.sheet import SheetContext, SheetReading, read_roster_sheet
from services.roster.domain.sheet_days import Value, day_of
from services.roster.domain.team import Team
from services.roster.queries.export import workbook as exported
from services.roster.queries.sheets import RosterSheet
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.sheets import column_letter, read_sheet, text_of

TEAM = new_id()
FROM, TO = date(2026, 11, 28), date(2026, 12, 27)


def agent(staff_no: str, name: str, team_id: UUID = TEAM) -> Agent:
    return Agent(
        agent_id=new_id(),
        staff_no=staff_no,
        name=name,
        team_id=team_id,
        team_name="一组",
        roles=("agent",),
        skills=(),
        hired_on=date(2025, 1, 1),
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


WANG, LI, LI_TOO = agent("1001", "王芳"), agent("1002", "李娜"), agent("1003", "李娜")
ELSEWHERE = agent("2001", "赵磊", new_id())
CODES = [
    ShiftCode(code_id=new_id(), code=code, name=code, updated_at=datetime(2026, 1, 1, tzinfo=UTC)) for code in "早晚休"
]
CONTEXT = SheetContext(
    from_on=FROM,
    to_on=TO,
    team_id=TEAM,
    agents=[WANG, LI, LI_TOO, ELSEWHERE],
    codebook=Codebook(CODES, ZoneInfo("Asia/Shanghai")),
)


NOW = datetime(2026, 1, 1, tzinfo=UTC)
IN_SHANGHAI = Team(team_id=TEAM, code="T", name="一组", updated_at=NOW)
ROSTER = Roster(roster_id=new_id(), team_id=TEAM, from_on=FROM, to_on=TO, created_at=NOW, updated_at=NOW)


def read(*rows: list[Value]) -> SheetReading:
    return read_roster_sheet(rows, CONTEXT)


def faults(*rows: list[Value]) -> list[tuple[str, int | None, int | None]]:
    return [(fault.code, fault.row, fault.column) for fault in read(*rows).faults]


@pytest.mark.parametrize("header", ["12/1", "12-1", "12月1日", "2026/12/1", "2026-12-01", "2026年12月1日", "12/1(二)"])
@pytest.mark.parametrize("weekday", ["", " 周二", " Tue"])
def test_a_day_is_written_in_many_ways(header: str, weekday: str) -> None:
    if "(" in header and weekday:
        return
    assert day_of(header + weekday, FROM, TO) == date(2026, 12, 1)


@pytest.mark.parametrize("header", ["1日", "1号", "1", date(2026, 12, 1), "46357"])
def test_a_day_alone_is_the_only_such_day_of_the_period(header: Value) -> None:
    assert day_of(header, FROM, TO) == date(2026, 12, 1)


def test_a_day_alone_is_refused_when_the_period_has_two_of_it() -> None:
    assert day_of("28日", FROM, date(2026, 12, 31)) is None


@given(st.dates(FROM, TO))
def test_every_iso_day_is_read(on: date) -> None:
    assert day_of(on.isoformat(), FROM, TO) == on


def test_rows_are_found_by_staff_number_or_by_name() -> None:
    reading = read(["工号", "姓名", "12/1", "12/2"], ["1001", "", "早", "休"], ["2001", "", "晚", ""])
    assert reading.faults == ()
    assert reading.texts == {
        WANG.agent_id: {date(2026, 12, 1): "早", date(2026, 12, 2): "休"},
        ELSEWHERE.agent_id: {date(2026, 12, 1): "晚", date(2026, 12, 2): ""},
    }
    assert list(read(["Name", "12/1"], ["王芳", "早"]).texts) == [WANG.agent_id]


def test_titles_above_and_weekdays_below_the_header_are_passed_over() -> None:
    reading = read(["十二月班表"], [], ["组别", "工号", "12/1"], ["", "", "二"], ["一组", "1001", "早"], ["", "", ""])
    assert reading.faults == ()
    assert reading.ignored_columns == ("组别",)
    assert reading.texts == {WANG.agent_id: {date(2026, 12, 1): "早"}}


def test_full_width_letters_and_spaces_make_no_difference() -> None:
    reading = read(
        ["工　号", "姓 名", "１２月１日", "12/2（三）"], ["１００１", "王　芳", " 早", "９：３０～１８：００"]
    )
    assert reading.faults == ()
    assert reading.texts == {WANG.agent_id: {date(2026, 12, 1): "早", date(2026, 12, 2): "09:30-18:00"}}


def test_days_and_people_may_stand_in_two_rows_one_merged_over_the_other() -> None:
    above = read(
        ["十二月班表"], ["", "", "1", "2日", ""], ["工号", "姓名", "二", "三", "备注"], ["1001", "", "早", "休", "新人"]
    )
    below = read(["工号", "姓名", "星期二", "星期三", "备注"], ["", "", "1", "2", ""], ["1001", "", "早", "休", "新人"])
    for reading in (above, below):
        assert reading.faults == ()
        assert reading.texts == {WANG.agent_id: {date(2026, 12, 1): "早", date(2026, 12, 2): "休"}}
        assert reading.ignored_columns == ("备注",)


def test_columns_of_notes_and_sums_are_passed_over_whatever_is_in_them() -> None:
    reading = read(["工号", "12/1", "备注1", "12月工时(h)", "合计"], ["1001", "早", "带教", "176", "22"])
    assert (reading.faults, reading.texts) == ((), {WANG.agent_id: {date(2026, 12, 1): "早"}})


def test_rows_of_notes_and_sums_are_passed_over() -> None:
    reading = read(
        ["工号", "姓名", "12/1", "12/2"],
        ["1001", "王芳", "早", "休"],
        ["合计", "", "1", "0"],
        ["", "", "12", "13"],
        ["早班 09:00-18:00", "", "", ""],
        ["备注：节假日另行通知", "", "", ""],
    )
    assert reading.faults == ()
    assert reading.ignored_rows == (2, 3, 4, 5)
    assert list(reading.texts) == [WANG.agent_id]


def test_shifts_of_nobody_are_a_fault() -> None:
    assert faults(["工号", "12/1"], ["", "早"]) == [("row-without-agent", 1, None)]


def test_the_31st_of_a_form_is_passed_over_when_it_is_blank() -> None:
    form = ["工号", *(f"{day}日" for day in range(1, 32))]
    context = replace(CONTEXT, from_on=date(2026, 11, 1), to_on=date(2026, 11, 30))
    blank = read_roster_sheet([form, ["1001", *["早"] * 30, ""]], context)
    assert (blank.faults, len(blank.texts[WANG.agent_id])) == ((), 30)
    written = read_roster_sheet([form, ["1001", *["早"] * 31]], context)
    assert [(fault.code, fault.column) for fault in written.faults] == [("column-not-a-day", 31)]


def test_a_day_that_the_period_has_twice_is_known_by_its_neighbours() -> None:
    context = replace(CONTEXT, to_on=date(2026, 12, 31))
    days = [FROM + timedelta(days=count) for count in range(34)]
    reading = read_roster_sheet([["工号", *(str(on.day) for on in days)], ["1001", *["早"] * 34]], context)
    assert reading.faults == ()
    assert list(reading.texts[WANG.agent_id]) == days
    alone = read_roster_sheet([["工号", "28日"], ["1001", "早"]], context)
    assert [fault.code for fault in alone.faults] == ["column-not-a-day"]


def test_leading_zeros_that_excel_took_away_are_found_again() -> None:
    zhang = agent("0042", "张伟")
    context = replace(CONTEXT, agents=[zhang, WANG])
    reading = read_roster_sheet([["工号", "12/1"], ["42", "早"]], context)
    assert list(reading.texts) == [zhang.agent_id]


@pytest.mark.parametrize("text", ["22:00-06:00", "22：00～次日6:00", "2200-0600", "22:00 至 翌日 06:00"])
def test_explicit_times_have_many_spellings(text: str) -> None:
    reading = read(["工号", "12/1"], ["1001", text])
    assert reading.texts == {WANG.agent_id: {date(2026, 12, 1): "22:00-06:00"}}


@pytest.mark.parametrize("header", ["1 Dec", "Dec 1", "01-Dec", "Tue 12/1", "周二 12/1"])
def test_english_and_leading_weekdays_are_days_too(header: str) -> None:
    assert day_of(header, FROM, TO) == date(2026, 12, 1)


def test_an_old_excel_file_is_read_like_a_new_one() -> None:
    rows = read_sheet((Path(__file__).parent / "sheet.xls").read_bytes())
    assert [text_of(value) for value in rows[1][:2]] == ["工号", "姓名"]
    told = [[value.date() if isinstance(value, datetime) else text_of(value) for value in row] for row in rows]
    reading = read_roster_sheet(told, CONTEXT)
    assert reading.faults == ()
    assert reading.texts == {WANG.agent_id: {date(2026, 12, 1): "早", date(2026, 12, 2): "休"}}


TEXTS = st.sampled_from(["早", "晚", "休", "09:30-18:00", "22:00-06:00"])
LINES = st.dictionaries(st.dates(FROM, TO), TEXTS, max_size=12)


@given(wang=LINES, li=LINES, language=st.sampled_from(["zh-CN", "en"]))
def test_what_is_exported_is_read_back_to_no_change(wang: dict[date, str], li: dict[date, str], language: str) -> None:
    people = {WANG.agent_id: WANG, LI.agent_id: LI}
    texts = {agent_id: line for agent_id, line in ((WANG.agent_id, wang), (LI.agent_id, li)) if line}
    sheet = RosterSheet(
        roster=ROSTER, team=IN_SHANGHAI, codebook=CONTEXT.codebook, agents=people, texts=texts, published={}
    )
    rows = read_sheet(exported(sheet, language))
    told = [
        [
            value.date() if isinstance(value, datetime) else value if isinstance(value, date) else text_of(value)
            for value in row
        ]
        for row in rows
    ]
    reading = read_roster_sheet(told, CONTEXT)
    assert reading.faults == ()
    assert {one: {on: text for on, text in line.items() if text} for one, line in reading.texts.items()} == texts


def test_every_fault_is_listed_with_its_row_and_column() -> None:
    assert faults(
        ["工号", "姓名", "12/1", "1/5", "12/32", "12/1", "备注"],
        ["1001", "王芳", "早早", "", "", ""],
        ["9999", "", "早", "", "", ""],
        ["", "李娜", "早", "", "", ""],
        ["1002", "王芳", "?", "", "", ""],
        ["1001", "", "早", "", "", ""],
    ) == [
        ("day-outside-roster", 0, 3),
        ("column-not-a-day", 0, 4),
        ("day-twice", 0, 5),
        ("shift-code-unknown", 1, 2),
        ("agent-unknown", 2, 0),
        ("agent-name-ambiguous", 3, 1),
        ("shift-code-unknown", 4, 2),
        ("agent-name-differs", 4, 0),
        ("agent-twice", 5, 0),
    ]


def test_a_sheet_without_people_or_without_days_is_no_roster() -> None:
    assert faults(["a", "b"], ["1", "2"]) == [("sheet-without-staff-column", None, None)]
    assert faults(["工号", "备注"], ["1001", "x"]) == [("sheet-without-days", 0, None)]


@given(st.lists(st.lists(st.one_of(st.text(max_size=6), st.dates()), max_size=6), max_size=8))
def test_no_sheet_is_too_strange_to_be_answered(rows: list[list[Value]]) -> None:
    read(*rows)
    read(["工号", "姓名", "12/1"], *rows)


def workbook(*rows: list[object]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def test_a_workbook_is_read_with_numbers_dates_and_blanks() -> None:
    rows = read_sheet(workbook([], ["工号", datetime(2026, 12, 1)], [1001, "早 "]))
    assert rows == [[None, None], ["工号", date(2026, 12, 1)], [1001.0, "早"]]
    assert text_of(rows[2][0]) == "1001"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_as_excel_saves_it(encoding: str, delimiter: str) -> None:
    text = f"工号{delimiter}姓名\r\n1001{delimiter}王芳\r\n"
    assert read_sheet(text.encode(encoding)) == [["工号", "姓名"], ["1001", "王芳"]]


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0" + bytes(600), b"\x00\x01\x02", b"\xff\xff\xff", workbook(["a"])[:400]],
)
def test_what_is_no_sheet_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_sheet(data)
    assert refused.value.code == "sheet-unreadable"


def test_an_empty_sheet_says_so() -> None:
    for data in (b"", b"\n\n", workbook()):
        with pytest.raises(Refusal) as refused:
            read_sheet(data)
        assert refused.value.code == "sheet-empty"


def test_two_cells_a_billion_cells_apart_do_not_fill_the_memory() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet()
    page.write(0, 0, 1)
    page.write(1_048_575, 16_383, 1)
    book.close()
    with pytest.raises(Refusal) as refused:
        read_sheet(file.getvalue())
    assert refused.value.code == "sheet-too-large"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_sheet_or_refused(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        assert outcome(start + data) in ("read", "sheet-unreadable", "sheet-empty", "sheet-too-large")


def outcome(data: bytes) -> str:
    try:
        read_sheet(data)
    except Refusal as refusal:
        return refusal.code
    return "read"


def test_columns_are_named_as_the_spreadsheet_names_them() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
