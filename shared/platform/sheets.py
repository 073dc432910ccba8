"""People's own sheets (.xlsx, .xls, .csv) as rows of Python values; whatever cannot be read is refused.

The first visible sheet counts. Blank rows stay, so that row 5 here is row 5 there.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta

from shared.contracts.refusal import Refusal

Value = str | float | bool | datetime | date | time | timedelta | None
"""One cell; none when blank. Numbers of .xlsx and .xls are floats; everything of a .csv is text."""

UNPACKED_LIMIT = 200 << 20
CELLS_LIMIT = 5_000_000

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_BROKEN_ZIP = (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, RuntimeError)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_sheet(data: bytes) -> list[list[Value]]:
    """The rows of the first visible sheet; the kind of file is told from its bytes, not from its name.

    Refuses with `sheet-unreadable` what is no sheet, with `sheet-too-large` what would unpack to more than
    5 million cells, with `sheet-empty` what holds nothing.
    """
    if data.startswith((_OLE, _ZIP)):
        if data.startswith(_ZIP):
            _require_modest(data)
        rows = _workbook_rows(data)
    else:
        rows = _csv_rows(data)
    if not any(value is not None for row in rows for value in row):
        raise Refusal("sheet-empty")
    return rows


def text_of(value: Value) -> str:
    """A cell as its reader sees it: 1001.0 is `1001`, a date is ISO, blank is empty."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def column_letter(index: int) -> str:
    """The letters of a column, counted from 0: A, B, … Z, AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _workbook_rows(data: bytes) -> list[list[Value]]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 - large, and seldom needed

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [one.name for one in workbook.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
        rows = workbook.get_sheet_by_name(visible[0]).to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader's panics on broken files are no Exception
        raise Refusal("sheet-unreadable") from error
    return [[_value(cell) for cell in row] for row in rows]


def _value(cell: object) -> Value:
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, int | float | datetime | date | time | timedelta):
        return cell
    return None


def _require_modest(data: bytes) -> None:
    """A few bytes can unpack to gigabytes, and two far cells span a sheet of billions: measure before reading."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > UNPACKED_LIMIT:
                raise Refusal("sheet-too-large")
            for one in archive.infolist():
                xml = archive.read(one)  # fails when it is longer than its header says
                if one.filename.startswith("xl/worksheets/"):
                    _require_modest_span(xml)
            archive.getinfo("xl/workbook.xml")
    except (*_BROKEN_ZIP, zlib.error) as error:
        raise Refusal("sheet-unreadable") from error


def _require_modest_span(xml: bytes) -> None:
    columns, rows = 1, 1
    for letters, row in _CELL.findall(xml):
        columns = max(columns, _column_number(letters))
        rows = max(rows, int(row))
    if columns * rows > CELLS_LIMIT:
        raise Refusal("sheet-too-large")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _csv_rows(data: bytes) -> list[list[Value]]:
    text = _decoded(data)
    if _CONTROL.search(text):
        raise Refusal("sheet-unreadable")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [[cell.strip() or None for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise Refusal("sheet-unreadable") from error


def _decoded(data: bytes) -> str:
    """Text as Excel and its Chinese editions save it."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("sheet-unreadable")
