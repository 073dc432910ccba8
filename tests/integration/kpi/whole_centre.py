"""A centre in which something of everything happened: no metric of the catalogue is without a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.cases import CaseTransferred, Completeness, ContactFact
from shared.contracts.event import Event
from shared.platform.transport import Delivery
from tests.integration.kpi.conftest import delivery_of, recorded
from tests.integration.kpi.test_kpi_formulas import HOURS, shift_kept, survey
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, contact, settled, superseded
from tests.unit.kpi.test_case_facts import (
    ACCEPTED,
    BROKEN,
    CLOSED,
    MADE,
    OPENED,
    REOPENED,
    REQUESTED,
    RESOLVED,
    complaint_raised,
    kept,
    over,
    stopped_clock,
    told_of_the_case,
)

OTHER: dict[str, Any] = {"agent": "B001", "agent_name": "陈立", "team_id": UUID(int=2), "team_name": "计费组"}


def contacts() -> list[ContactFact]:
    """Sixty of three days: answered, abandoned and called back, of two teams, by phone and chat, in two queues."""
    told = []
    for n in range(60):
        left: dict[str, Any] = {"answered": n % 5 > 0, "abandoned": n % 10 == 0}
        whose = OTHER if n % 3 == 0 else {}
        about = {"topic": "bill", "topic_name": "账单"} if n % 4 else {}
        where = {"channel": "chat", "queue": "vip"} if n % 7 == 0 else {"queue": "hotline"}
        spent = {"talk_seconds": 61.5 + n, "hold_seconds": n % 3, "wrap_seconds": 20, "rating": n % 5 + 1}
        ended = {"resolved": n % 2 == 0, "transferred": n % 6 == 1, "converted": n % 9 > 2}
        who = {"customer_id": UUID(int=900 + n % 11), "queued_at": NOON + n * HOUR, "wait": 0.25 + n * 1.5}
        told.append(contact(n + 1, **left | whose | about | where | spent | ended | who))
    return told


def others() -> Sequence[tuple[Event, int]]:
    """Shifts and their changes, cases and all that belongs to them; each with its sequence."""
    case: dict[str, Any] = {"case_id": UUID(int=700), "number": "C20260302-0002", "opened_at": NOON + HOUR}
    seconds: dict[str, Any] = {"busy_seconds": 5 * HOURS, "ready_seconds": 2 * HOURS}
    pauses: dict[str, Any] = {"break_seconds": 1800, "break_exception_seconds": 300}
    long = {"scheduled": 8 * HOURS, "exception": HOURS, "worked": 7 * HOURS}
    return (
        (announced(), 1),
        (announced(change_id=UUID(int=17), staff_no="A002", agent_name="王强"), 1),
        (confirmed(), 2),
        (settled(1), 1),
        *(
            (settled(n, deviation="late", cause=cause, staff_no=f"A00{n}"), 1)
            for n, cause in enumerate(("agent", "management", "system", "excused"), start=2)
        ),
        (shift_kept(1, **long | seconds | pauses), 1),
        (
            shift_kept(
                2, **long | {"exception": 3 * HOURS} | seconds | pauses, staff_no="A002", shift_on=date(2026, 3, 3)
            ),
            1,
        ),
        (shift_kept(3, **long, basis="edited", planned_number=2), 1),
        (OPENED, 1),
        (RESOLVED, 2),
        (REOPENED, 3),
        (RESOLVED, 4),
        (CLOSED, 5),
        (replace(OPENED, **case), 1),
        (_given(**case), 2),
        (stopped_clock(True), 1),
        (REQUESTED, 1),
        (ACCEPTED, 2),
        (over("answered", True), 3),
        (MADE, 1),
        (kept(in_time=True), 2),
        (complaint_raised(), 1),
        (survey(1), 1),
        (survey(2, rating=5, recommend=10), 1),
        (survey(3, rating=2, recommend=7), 1),
    )


def corrections() -> list[Delivery]:
    """Something else of everything: facts told anew, moved to other agents, days and months, reopened, come again."""
    anew = []
    for n, told in enumerate(contacts()):
        if n % 2:
            other = {"wait_seconds": 100 + n, "talk_seconds": 400.0, "rating": 5 - n % 5, "resolved": n % 3 == 0}
            flipped = {"answered": not told.answered, "abandoned": told.answered, "transferred": n % 3 == 0}
            moved = {"agent": "A002", "agent_name": "王强"} if n % 4 == 1 else {"topic": "card", "topic_name": "卡"}
            later = {"queued_at": NOON + timedelta(days=40)} if n % 10 == 3 else {}
            anew.append(replace(told, version=2, converted=n % 3 == 0, **other | flipped | moved | later))
    again = [contact(100 + n, customer_id=UUID(int=900 + n), queued_at=NOON + n * HOUR, topic="bill") for n in range(5)]
    long: dict[str, Any] = {"scheduled": 8 * HOURS, "exception": 4 * HOURS, "worked": 2 * HOURS, "busy_seconds": HOURS}
    pauses: dict[str, Any] = {"break_seconds": 1800, "break_exception_seconds": 1200}
    story: Sequence[tuple[Event, int]] = (
        (confirmed(NOON + 2 * HOUR), 5),
        (superseded(change_id=UUID(int=17), staff_no="A002", agent_name="王强"), 5),
        *((settled(n, deviation="absent", cause="agent"), 5) for n in (1, 3, 4, 5)),
        (shift_kept(1, **long | pauses), 5),
        (shift_kept(3, **long, basis="edited", planned_number=2), 5),
        (replace(REOPENED, case_id=UUID(int=700), opened_at=NOON + HOUR), 5),
        (replace(OPENED, case_id=UUID(int=701)), 1),
        (_given(case_id=UUID(int=701)), 2),
        (replace(RESOLVED, resolution_seconds=9000, working_seconds=8000), 6),
        (REOPENED, 7),
        (replace(CLOSED, completeness=Completeness(required=10, given=2, refused=0, unknown=1, not_asked=7)), 8),
        (stopped_clock(False, seconds=7000), 5),
        (replace(ACCEPTED, in_time=False, ack_seconds=900), 5),
        (over("answered", False), 6),
        (BROKEN, 5),
        (replace(complaint_raised(), opened_at=NOON, raised_at=NOON + timedelta(days=40)), 5),
        (survey(1, rating=1, recommend=1), 5),
        (survey(4), 5),
    )
    told = [delivery_of(event, sequence=sequence, at=NOON + timedelta(days=41)) for event, sequence in story]
    return [*recorded([*anew, *again]), *told]


def deliveries() -> list[Delivery]:
    """All of it as the transport hands it over, the last of it told after three days."""
    story = enumerate(others())
    told = [delivery_of(event, sequence=sequence, at=NOON + n * HOUR) for n, (event, sequence) in story]
    return [*recorded(contacts()), *told, delivery_of(announced(), at=NOON + timedelta(days=3))]


def _given(**case: Any) -> CaseTransferred:
    """A case went from one agent to another."""
    giver: dict[str, Any] = {"reason_code": "skill", "from_staff_no": "A009", "from_name": "赵敏"}
    return CaseTransferred(**told_of_the_case() | case, transferred_at=NOON, **giver)
