"""The calls of a real centre: no topic stands out there; where one came twice as often, that one does, once."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from shared.contracts.cases import TopicOverdue, TopicSurged
from shared.platform.work import Database
from tests.conftest import Api, ManualClock
from tests.integration.cases.cause_desk import Desk
from tests.integration.cases.test_call_log import CALL_LOG

pytestmark = pytest.mark.skipif(not CALL_LOG.exists(), reason="the real call log is not beside this checkout")

TOPICS = ("Admin Support", "Contract related", "Payment related", "Streaming", "Technical Support")


@pytest.fixture
def desk(api: Api, database: Database, clock: ManualClock) -> Desk:
    return Desk(api, database, clock)


async def take_over(desk: Desk, sheet: bytes, created: int) -> list[dict[str, Any]]:
    """Import a log and let it settle; the surges seen in it."""
    report = await desk.ask(
        "POST",
        "/contacts:import",
        files={"file": ("log.xlsx", sheet)},
        data={"mapping": "call-log", "timezone": "Asia/Shanghai"},
    )
    assert report["created"] == created
    await desk.advance(minutes=1)
    return list((await desk.ask("GET", "/surges"))["items"])


def doubled(topic: str) -> bytes:
    """The log with every call about one topic twice."""
    head, *rows = CalamineWorkbook.from_path(str(CALL_LOG)).get_sheet_by_index(0).to_python()
    place, about = head.index("Call Id"), head.index("Topic")
    again = [[*row[:place], f"{row[place]}-2", *row[place + 1 :]] for row in rows if row[about] == topic]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([head, *rows, *again]):
        sheet.write_row(number, 0, [str(cell) if cell != "" else "" for cell in row])
    book.close()
    return out.getvalue()


async def test_no_topic_of_the_call_log_is_a_surge(desk: Desk) -> None:
    assert await take_over(desk, CALL_LOG.read_bytes(), 5000) == []
    assert await desk.published(TopicSurged) == []


@pytest.mark.parametrize("topic", TOPICS)
async def test_a_topic_that_comes_twice_as_often_is_the_one_surge(desk: Desk, topic: str) -> None:
    sheet = doubled(topic)
    created = 5000 + {"Streaming": 1022, "Technical Support": 1019, "Payment related": 1007}.get(topic, 976)
    [surge] = await take_over(desk, sheet, created)
    assert (surge["topic"], surge["historic"]) == (topic, True)
    assert surge["window_to"] < "2021-04-01"
    assert surge["share"] > 30
    await desk.advance(days=3)
    assert len(await desk.published(TopicSurged)) == 1
    assert await desk.published(TopicOverdue) == [], "nobody is chased today for what was long ago"
