"""The real call log as contacts, for whoever has it: it lies beside the project, never in it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from shared.contracts.cases import ContactFact
from shared.platform.ids import stable_id

CALL_LOG = Path(__file__).parents[3].parent / "shared" / "data" / "call-log.xlsx"
SHANGHAI = ZoneInfo("Asia/Shanghai")

needs_call_log = pytest.mark.skipif(not CALL_LOG.exists(), reason=f"the real call log is not here: {CALL_LOG}")


@cache
def real_contacts() -> tuple[ContactFact, ...]:
    """The log's 5,000 calls; its times are local without a zone, read as Shanghai's."""
    sheet = CalamineWorkbook.from_path(CALL_LOG).get_sheet_by_index(0)
    return tuple(_contact(row[:10]) for row in sheet.to_python(skip_empty_area=True)[1:])


def _contact(row: Any) -> ContactFact:
    call, agent, day, at, topic, answered, resolved, wait, talk, rating = row
    local = datetime.combine(datetime.fromisoformat(day).date(), at, SHANGHAI)
    return ContactFact(
        contact_id=stable_id("call-log", call),
        version=1,
        channel="phone",
        direction="inbound",
        queued_at=local.astimezone(UTC),
        answered=answered == "Y",
        abandoned=answered != "Y",
        wait_seconds=wait or 0,
        talk_seconds=_seconds(talk),
        resolved=resolved == "Y",
        rating=int(rating) if rating else None,
        agent=agent,
        agent_name=agent,
        topic=topic,
        topic_name=topic,
        zone=SHANGHAI.key,
    )


def _seconds(length: time | str) -> float | None:
    return None if isinstance(length, str) else length.hour * 3600 + length.minute * 60 + length.second
