"""A real call centre's log goes in through the API, and its events carry exactly what is counted from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from sqlalchemy import select

from shared.contracts.cases import ContactFact, ContactRecorded
from shared.platform.codec import decode
from shared.platform.work import Database

CALL_LOG = Path(__file__).resolve().parents[4] / "shared" / "data" / "call-log.xlsx"

pytestmark = pytest.mark.skipif(not CALL_LOG.exists(), reason="the real call log is not beside this checkout")


async def recorded(database: Database) -> list[ContactRecorded]:
    outbox = database.kernel.outbox
    async with database.reading() as conn:
        rows = await conn.execute(select(outbox.c.body).order_by(outbox.c.position))
        return [decode(body).data for (body,) in rows]  # type: ignore[misc]


async def import_log(client: Any, **query: Any) -> dict[str, Any]:
    answer = await client.post(
        "/cases/v1/contacts:import",
        files={"file": ("call-log.xlsx", CALL_LOG.read_bytes())},
        data={"mapping": "call-log", "timezone": "Asia/Shanghai"},
        params=query,
    )
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


@pytest.fixture
async def facts(open_api: Callable[..., Any], open_database: Callable[[str], Database]) -> list[ContactFact]:
    """The facts of the imported log."""
    database = open_database("cases")
    report = await import_log(open_api("cases", database).as_("supervisor"))
    assert report == {
        "dry_run": False,
        "timezone": "Asia/Shanghai",
        "created": 5000,
        "updated": 0,
        "unchanged": 0,
        "failed": 0,
        "errors": [],
    }
    events = await recorded(database)
    assert all(len(event.contacts) <= 500 for event in events)
    return [fact for event in events for fact in event.contacts]


async def test_the_events_of_an_imported_call_log_carry_its_figures(facts: list[ContactFact]) -> None:
    answered = [fact for fact in facts if fact.answered]
    assert len({fact.contact_id for fact in facts}) == 5000
    assert len(answered) == 4054
    assert len([fact for fact in facts if fact.abandoned]) == 946
    assert mean(fact.wait_seconds for fact in answered) == pytest.approx(67.5207, abs=5e-5)
    assert mean(fact.talk_seconds for fact in answered if fact.talk_seconds is not None) == pytest.approx(
        224.9228, abs=5e-5
    )
    assert mean(fact.rating for fact in facts if fact.rating) == pytest.approx(3.40355, abs=5e-6)
    assert sum(fact.resolved is True for fact in facts) == 3646
    assert sum(fact.wait_seconds <= 20 for fact in answered) == 374
    assert sum(fact.wait_seconds <= 60 for fact in answered) == 1796


async def test_one_agents_calls_are_told_apart(facts: list[ContactFact]) -> None:
    becky = [fact for fact in facts if fact.agent == "Becky"]
    answered = [fact for fact in becky if fact.answered]
    assert (len(becky), len(answered)) == (631, 517)
    assert mean(fact.wait_seconds for fact in answered) == pytest.approx(65.331, abs=5e-4)
    assert {fact.agent_name for fact in becky} == {"Becky"}


async def test_local_times_of_the_log_become_instants(facts: list[ContactFact]) -> None:
    first = min(facts, key=lambda fact: fact.queued_at)
    assert first.queued_at.isoformat() == "2021-01-01T01:12:58+00:00"
    assert first.zone == "Asia/Shanghai"


async def test_the_same_log_again_changes_nothing(
    open_api: Callable[..., Any], open_database: Callable[[str], Database]
) -> None:
    database = open_database("cases")
    client = open_api("cases", database).as_("manager")
    await import_log(client)
    events = len(await recorded(database))
    again = await import_log(client)
    assert (again["created"], again["updated"], again["unchanged"], again["failed"]) == (0, 0, 5000, 0)
    assert len(await recorded(database)) == events


async def test_a_dry_run_reports_and_changes_nothing(
    open_api: Callable[..., Any], open_database: Callable[[str], Database]
) -> None:
    database = open_database("cases")
    client = open_api("cases", database).as_("integration")
    report = await import_log(client, dry_run=True)
    assert report["dry_run"]
    assert report["created"] == 5000
    assert await recorded(database) == []
    assert (await client.get("/cases/v1/contacts")).json()["items"] == []
