"""Patterns over HTTP: transfers when a conversation turns bad, of contacts and of cases; and the cases they open to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from alembic import command
from sqlalchemy import Connection

from shared.contracts.cases import CaseTransferred, ComplaintRaised, SlaBreached, SurveyAnswered
from shared.platform.migrations import config_of
from tests.conftest import ManualClock
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.integration.kpi.floor import ask, calls, three_agents
from tests.unit.kpi.samples import HOUR, NOON
from tests.unit.kpi.test_case_facts import (
    _CASE,
    _CLOCK,
    _COMPLAINT,
    _SURVEY,
    BROKEN,
    CASE_ID,
    OPENED,
    OVERDUE,
    complaint_raised,
)

TENTH = datetime(2026, 3, 10, tzinfo=UTC)
CENTRE = {"from": "2026-03-01", "to": "2026-03-31"}


async def found(desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]) -> set[tuple[str, str, str, int]]:
    """What was proposed by the next day: kind, whom about, by which metric, how many facts."""
    clock.move_to(TENTH)
    async with desk.database.work() as work:
        await work.conn.execute(work.kernel.timers.update().values(due_at=work.now))
    await pass_time(TENTH + timedelta(days=1), timedelta(days=1))
    items = (await ask(desk, "GET", "patterns"))["items"]
    return {(one["kind"], one["staff_no"], one["metric"], one["fact_count"]) for one in items}


async def test_transfers_count_as_a_pattern_only_when_the_conversation_turned_bad(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    await desk.hears(recorded(calls("A001", 20, 0, first=3000, transferred=True, rating=5)))
    await desk.hears(recorded(calls("A001", 20, 0, first=3100, transferred=True)))
    await desk.hears(recorded(calls("A002", 30, 0, first=3200, rating=1)))
    await desk.hears(recorded(calls("A003", 6, 0, first=3300, transferred=True, rating=2)))
    assert await found(desk, clock, pass_time) == {("repeated_transfers", "A003", "transfer_when_bad", 6)}
    [behind, *_] = shown = await desk.facts("transfer_when_bad", agent="A003", side="numerator", **CENTRE)
    assert (len(shown), behind["dimensions"]["agent"], behind["measures"]["transferred_bad"]) == (6, "A003", 1)


async def test_cases_passed_on_when_their_customers_complain_or_rate_badly_are_a_pattern(
    desk: Desk, clock: ManualClock, pass_time: Callable[..., Any]
) -> None:
    await three_agents(desk)
    for number in range(24):
        await desk.hears([delivery_of(given(number, "A002" if number < 16 else "A003"))])
    await desk.hears([delivery_of(complained(number)) for number in (16, 17, 18)])
    await desk.hears([delivery_of(answered(number, rating=1)) for number in (18, 19, 20)])
    await desk.hears([delivery_of(answered(number, rating=5)) for number in range(16)])
    await desk.hears([delivery_of(answered(21, rating=4))])
    assert await found(desk, clock, pass_time) == {("repeated_transfers", "A003", "case_transfers", 5)}
    shown = await desk.facts("case_transfers", agent="A003", **CENTRE)
    assert {one["case_id"] for one in shown} == {str(case_of(number)) for number in range(16, 24)}


async def test_every_fact_about_a_case_names_the_case(desk: Desk) -> None:
    breached = SlaBreached(**_CLOCK, breached_at=NOON + HOUR, level=1)
    about = (OPENED, breached, given(0, "A001"), OVERDUE, BROKEN, complaint_raised())
    await desk.hears([delivery_of(replace(event, case_id=CASE_ID)) for event in about])
    for metric, key in (
        ("backlog", CASE_ID),
        ("sla_attainment", breached.clock_id),
        ("case_transfers", None),
        ("closed_loop", OVERDUE.handoff_id),
        ("promise_kept", BROKEN.promise_id),
        ("complaint_rate", CASE_ID),
    ):
        [fact] = await desk.facts(metric, **CENTRE)
        assert fact["case_id"] == str(CASE_ID), metric
        assert key is None or fact["fact_key"] == str(key), metric
    await desk.hears(recorded(calls("A001", 1, 0, first=1)))
    [fact] = await desk.facts("answer_rate", **CENTRE)
    assert (fact["fact_key"], fact["case_id"]) == (str(UUID(int=1)), None)


def case_of(number: int) -> UUID:
    return UUID(int=900 + number)


def given(number: int, staff_no: str) -> CaseTransferred:
    """A case that an agent gave to another."""
    told = _CASE | {"case_id": case_of(number), "from_staff_no": staff_no, "reason_code": "skill"}
    return CaseTransferred(**told, transferred_at=NOON + number * HOUR / 4)


def complained(number: int) -> ComplaintRaised:
    return ComplaintRaised(**_COMPLAINT | {"case_id": case_of(number)}, raised_by="L001")


def answered(number: int, rating: int) -> SurveyAnswered:
    told = _SURVEY | {"case_id": case_of(number), "survey_id": UUID(int=800 + number), "requested_at": NOON + HOUR}
    return SurveyAnswered(**told, answered_at=NOON + 2 * HOUR, declined=False, rating=rating)


async def test_contacts_and_cases_heard_by_an_older_release_count_and_open_alike(desk: Desk) -> None:
    await desk.hears([delivery_of(OPENED)])
    await desk.hears(recorded(calls("A003", 6, 0, first=1, transferred=True, rating=2)))
    await desk.hears(recorded(calls("A003", 3, 0, first=11, rating=1)))
    right = await desk.point("transfer_when_bad", agent="A003", **CENTRE), await desk.facts("backlog")

    def there_and_back(conn: Connection) -> None:
        config = config_of("kpi")
        config.attributes["connection"] = conn
        command.downgrade(config, "0008")
        command.upgrade(config, "head")

    async with desk.database.engine.connect() as conn:
        await conn.execution_options(isolation_level="READ COMMITTED")
        await conn.run_sync(there_and_back)
        await conn.commit()
    assert (right[0]["numerator"], right[0]["denominator"]) == (6, 9)
    assert (await desk.point("transfer_when_bad", agent="A003", **CENTRE), await desk.facts("backlog")) == right
    assert await desk.is_consistent()
