"""A draft as the sheet that can be imported again."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.queries.rosters import visible_sheet
from services.roster.queries.sheets import RosterSheet
from shared.platform.actor import Actor

HEADERS = {"zh-CN": ("工号", "姓名"), "en": ("staff_no", "name")}


async def exported_draft(conn: AsyncConnection, *, actor: Actor, roster_id: UUID, language: str) -> bytes:
    """The draft as .xlsx: one row per agent, one column per day."""
    return workbook(await visible_sheet(conn, actor, roster_id), language)


def workbook(sheet: RosterSheet, language: str) -> bytes:
    """The .xlsx of a draft. Codes are written as text, so that none is taken for a formula."""
    file = io.BytesIO()
    import xlsxwriter  # noqa: PLC0415 - large, and seldom needed

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True})
    page = book.add_worksheet()
    page.freeze_panes(1, 2)
    roster = sheet.roster
    days = [roster.from_on + timedelta(days=count) for count in range((roster.to_on - roster.from_on).days + 1)]
    header = book.add_format({"bold": True, "num_format": "yyyy-mm-dd"})
    page.set_column(2, 1 + len(days), 11)
    page.write_row(0, 0, HEADERS[language], header)
    for column, on in enumerate(days, 2):
        page.write_datetime(0, column, on, header)
    for row, agent in enumerate(sheet.by_staff_no(sheet.texts), 1):
        page.write_string(row, 0, agent.staff_no)
        page.write_string(row, 1, agent.name)
        texts = sheet.texts[agent.agent_id]
        for column, on in enumerate(days, 2):
            if on in texts:
                page.write_string(row, column, texts[on])
    book.close()
    return file.getvalue()
