"""Every metric of the catalogue by hand: what is told, and what its value, numerator and denominator then are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from shared.contracts.cases import CaseTransferred, Completeness, ContactFact, PromiseCancelled, SlaBreached
from shared.contracts.event import Event
from shared.platform.transport import Delivery
from tests.integration.kpi.conftest import delivery_of, recorded
from tests.integration.kpi.test_kpi_formulas import HOURS, shift_kept, survey
from tests.unit.kpi import test_case_facts as case_facts
from tests.unit.kpi.samples import HOUR, NOON, announced, confirmed, contact, settled, superseded, withdrawn
from tests.unit.kpi.test_case_facts import CLOSED, OPENED, REOPENED, RESOLVED, kept, over, stopped_clock

MS = 1000


class Row(NamedTuple):
    """What a metric must be: its unit with an arrow to the better, value, numerator, denominator."""

    unit: str
    value: float
    numerator: float
    denominator: int


def answered(number: int) -> ContactFact:
    """One of 24 that were answered, 17 of them within 20 s."""
    return contact(
        number,
        wait=20 if number < 17 else 21,
        talk_seconds=50 if number < 12 else None,
        rating=(5 if number < 10 else 3) if number < 18 else None,
        resolved=number < 11 if number < 16 else None,
        converted=number < 3 if number < 6 else None,
        topic=("bill" if number < 9 else "move") if number < 14 else None,
        transferred=5 <= number < 14,
    )


def dialled(number: int, **more: Any) -> ContactFact:
    """One that the centre called itself."""
    return contact(number, wait=1, direction="outbound", **more)


def abandoned(number: int, wait: float) -> ContactFact:
    """One that nobody answered: whatever an agent may be said to have done with it counts for nothing."""
    told = {"talk_seconds": 500, "transferred": True, "resolved": True, "converted": True, "topic": "move"}
    return contact(number, answered=False, wait=wait, **told)


def for_a_callback(number: int, wait: float) -> ContactFact:
    """One that left the queue because it was to be called back."""
    return contact(number, answered=False, abandoned=False, wait=wait)


CALLS = [
    *(answered(number) for number in range(24)),
    *(abandoned(number, wait) for number, wait in enumerate([4, 5, 5, 5, 5, 21, 21], start=30)),
    *(for_a_callback(number, wait) for number, wait in enumerate([3, 3, 60, 60], start=40)),
    *(dialled(50, talk_seconds=100, hold_seconds=20, wrap_seconds=30), dialled(51), dialled(52)),
]
"""35 offered: 24 answered (17 within 20 s), 7 abandoned (5 within 20 s, one before 5 s), 4 called back (2 within 20 s).
And 3 that the centre dialled. What is counted differs in number, so that no count can stand for another."""

CONTACTS = {
    "answer_rate": Row("%↑", 2400 / 35, 24, 35),
    "abandon_rate": Row("%↓", 20, 7, 35),
    "asa": Row("s↓", 487 / 24, 17 * 20 + 7 * 21, 24),
    "aht": Row("s", 750 / 13, 12 * 50 + 150, 13),
    "talk_mean": Row("s", 700 / 13, 12 * 50 + 100, 13),
    "contacts_handled": Row("#", 27, 27, 38),
    "contacts_offered": Row("#", 35, 35, 38),
    "transfer_out": Row("%↓", 100 / 3, 9, 27),
    "transfer_when_bad": Row("%↓", 50, 4, 8),
    "topic_share?topic=move": Row("%", 1200 / 21, 5 + 7, 14 + 7),
    "fcr": Row("%↑", 68.75, 11, 16),
    "conversion": Row("%↑", 50, 3, 6),
    "rating_mean": Row("pt↑", 74 / 18, 10 * 5 + 8 * 3, 18),
    "csat": Row("%↑", 1000 / 18, 10, 18),
    "service_level_1": Row("%↑", 2200 / 35, 17 + 5, 35),
    "service_level_2": Row("%↑", 1700 / 24, 17, 24),
    "service_level_3": Row("%↑", 1700 / 35, 17, 35),
    "service_level_4": Row("%↑", 1700 / 26, 17, 24 + 2),
    "service_level_5": Row("%↑", 1800 / 35, 17 + 1, 35),
    "service_level_6": Row("%↑", 50, 17, 35 - 1),
    "service_level_7": Row("%↑", 2400 / 35, 17 + 5 + 2, 35),
    "service_level": Row("%↑", 1700 / 26, 17, 24 + 2),
    "service_level_1?threshold=21": Row("%↑", 3100 / 35, 24 + 7, 35),
    "service_level_7?threshold=59": Row("%↑", 3300 / 35, 24 + 7 + 2, 35),
    "service_level_5?short=6": Row("%↑", 2200 / 35, 17 + 5, 35),
    "service_level_6?short=6": Row("%↑", 1700 / 30, 17, 35 - 5),
}

WAITED = [contact(n, wait=n) for n in range(1, 21)]
WAITS = {
    "asa_p50": Row("s↓", 10, 10, 20),
    "asa_p90": Row("s↓", 18, 18, 20),
    "asa_p95": Row("s↓", 19, 19, 20),
}

OF_TWO_CUSTOMERS = [
    contact(number, customer_id=UUID(int=customer), topic=topic, queued_at=NOON + timedelta(days=day))
    for number, (customer, topic, day) in enumerate(
        [(100, "bill", 0), (100, "bill", 3), (100, "move", 5), (100, "bill", 20), (101, "bill", 0), (101, None, 40)]
    )
]
"""One came three times within a week, of which twice about the bill, and again weeks later. The other came twice, with
weeks between, once nobody knows what about. And a third is known to nobody."""
RETURNS = {
    "repeat_rate": Row("%↓", 100 / 3, 2, 6),
    "fcr_windowed": Row("%↑", 80, 4, 5),
}

ASKED = [
    survey(1),
    survey(2, rating=5, recommend=10),
    survey(3, rating=2, recommend=6),
    survey(4, declined=True),
    survey(5, rating=4, recommend=8),
    survey(6, rating=4, recommend=9),
    survey(7, rating=4),
    survey(8, rating=5),
    survey(9, invited=False),
]
SURVEYS = {
    "invite_rate": Row("%↑", 800 / 9, 8, 9),
    "evaluation_rate": Row("%↑", 75, 6, 8),
    "survey_csat": Row("%↑", 500 / 6, 5, 6),
    "survey_rating_mean": Row("pt↑", 4, 24, 6),
    "nps": Row("%↑", 25, 1, 4),
}


def told(events: Sequence[Event], at: datetime = NOON) -> list[Delivery]:
    """Events of one thing, one after the other."""
    return [delivery_of(event, sequence=number, at=at) for number, event in enumerate(events, start=1)]


def each(events: Sequence[Event], key: str) -> list[Delivery]:
    """The same of one thing after another."""
    return [
        delivery for number, event in enumerate(events) for delivery in told([replace(event, **{key: id_(number)})])
    ]


def id_(number: int) -> UUID:
    return UUID(int=1000 + number)


def case(number: int, *events: Event, **more: Any) -> list[Delivery]:
    """What became of one case, heard four hours after noon."""
    return told([replace(event, case_id=id_(number), **more) for event in events], at=NOON + 4 * HOUR)


CLOCKS = each(
    [
        stopped_clock(True, 1800),
        stopped_clock(False, 5400),
        *(replace(stopped_clock(True, 60), target=target) for target in ("resolution", "next_update", "resolution")),
        *[SlaBreached(**case_facts._CLOCK, breached_at=NOON + HOUR, level=1)] * 2,
    ],
    "clock_id",
)
OF_CLOCKS = {
    "sla_attainment": Row("%↑", 400 / 7, 4, 7),
    "sla_attainment?target=first_response": Row("%↑", 25, 1, 4),
    "first_response": Row("s↓", 3600, 7200, 2),
    "first_response_p50": Row("s↓", 1800, 1, 2),
    "first_response_p90": Row("s↓", 5400, 2, 2),
    "first_response_calendar": Row("s↓", 7200, 14400, 2),
    "first_response_calendar_p50": Row("s↓", 3600, 1, 2),
    "first_response_calendar_p90": Row("s↓", 10800, 2, 2),
}

GIVEN_AWAY = CaseTransferred(
    **case_facts._CASE, transferred_at=NOON, reason_code="skill", from_staff_no="A009", from_name="赵敏"
)
FIVE_CASES = [
    *case(1, OPENED, RESOLVED, CLOSED),
    *case(2, OPENED, replace(RESOLVED, working_seconds=7200, resolution_seconds=86_400)),
    *case(3, OPENED, RESOLVED, REOPENED, opened_at=NOON - 2 * HOUR),
    *case(4, OPENED, GIVEN_AWAY, GIVEN_AWAY),
    *case(5, OPENED, replace(RESOLVED, working_seconds=None, resolution_seconds=9600)),
]
"""One closed, two resolved, one resolved and reopened, one never resolved and given away twice."""
OF_CASES = {
    "cases_opened": Row("#", 5, 5, 5),
    "cases_closed": Row("#", 1, 1, 5),
    "backlog": Row("#↓", 2, 2, 5),
    "backlog_age": Row("s↓", 5 * HOURS, 10 * HOURS, 2),
    "reopen_rate": Row("%↓", 25, 1, 4),
    "resolution_time": Row("s↓", 5400, 10_800, 2),
    "resolution_time_p50": Row("s↓", 3600, 1, 2),
    "resolution_time_p90": Row("s↓", 7200, 2, 2),
    "resolution_time_calendar": Row("s↓", 34_400, 103_200, 3),
    "resolution_time_calendar_p50": Row("s↓", 9600, 2, 3),
    "resolution_time_calendar_p90": Row("s↓", 86_400, 3, 3),
    "case_transfers?agent=A009": Row("#↓", 2, 2, 2),
}

ACCEPTED = case_facts.ACCEPTED
LOOPS: list[Sequence[Event]] = [
    [case_facts.REQUESTED, case_facts.IN_TIME, over("answered", True)],
    [case_facts.REQUESTED, case_facts.IN_TIME, over("answered", False)],
    [case_facts.REQUESTED, case_facts.OVERDUE],
    [case_facts.REQUESTED, over("withdrawn", None)],
    [case_facts.REQUESTED, case_facts.IN_TIME],
]
"""Answered in time and the customer told; not told; overdue; withdrawn; answered, and the customer not told yet."""
HANDOFFS = [
    *(
        delivery
        for number, loop in enumerate(LOOPS)
        for delivery in told([replace(event, handoff_id=id_(number)) for event in loop])
    ),
    *each(
        [ACCEPTED, replace(ACCEPTED, ack_seconds=1200, in_time=False), replace(ACCEPTED, ack_seconds=1800)],
        "handoff_id",
    ),
]
OF_HANDOFFS = {
    "closed_loop": Row("%↑", 100 / 3, 1, 3),
    "handoff_ack_time": Row("s↓", 1200, 3600, 3),
    "handoff_ack_time_p50": Row("s↓", 1200, 2, 3),
    "handoff_ack_time_p90": Row("s↓", 1800, 3, 3),
    "handoff_accepted_in_time": Row("%↑", 200 / 3, 2, 3),
}

TAKEN_BACK = PromiseCancelled(**case_facts._PROMISE, cancelled_at=NOON, cancelled_by="A002", why="x")
PROMISES = each(
    [kept(in_time=True), kept(in_time=True), kept(in_time=False), case_facts.BROKEN, case_facts.MADE, TAKEN_BACK],
    "promise_id",
)
OF_PROMISES = {"promise_kept": Row("%↑", 50, 2, 4)}

INTAKES = each(
    [
        replace(OPENED, completeness=Completeness(required=10, given=6, refused=1, unknown=1, not_asked=2)),
        replace(OPENED, completeness=Completeness(required=10, given=8, refused=0, unknown=2, not_asked=0)),
    ],
    "case_id",
)
OF_INTAKES = {
    "completeness": Row("%↑", 75, 15, 20),
    "not_asked": Row("%↓", 10, 2, 20),
}

COMPLAINTS = [
    *recorded([contact(n, wait=20 + n % 2) for n in range(7)] + [dialled(8), dialled(9), abandoned(10, 10)]),
    *each([case_facts.complaint_raised(), replace(case_facts.complaint_closed("process"), step="repair")], "case_id"),
]
OF_COMPLAINTS = {
    "complaint_rate": Row("‰↓", 2000 / 9, 2, 9),
    "complaint_rate?step=callback": Row("‰↓", 1000 / 9, 1, 9),
    "complaint_rate?root_cause=process": Row("‰↓", 1000 / 9, 1, 9),
    "complaint_rate?step=callback&root_cause=process": Row("‰↓", 0, 0, 9),
}

CHANGES = each(
    [
        confirmed(NOON + HOUR),
        confirmed(NOON + 2 * HOUR),
        confirmed(NOON + 30 * HOUR),
        announced(),
        superseded(),
        withdrawn(),
    ],
    "change_id",
)
"""Two confirmed before the shift starts, one afterwards, one not at all; two that nobody has to answer any more."""
OF_CHANGES = {
    "change_ack_rate": Row("%↑", 50, 2, 4),
    "ack_time": Row("s↓", 39_600, 118_800, 3),
    "ack_time_p50": Row("s↓", 7200, 2, 3),
    "ack_time_p90": Row("s↓", 108_000, 3, 3),
}

KEPT = [
    shift_kept(
        1,
        scheduled=8 * HOURS,
        exception=2 * HOURS,
        worked=7 * HOURS,
        break_seconds=HOURS,
        break_exception_seconds=HOURS // 2,
        busy_seconds=3 * HOURS,
        ready_seconds=HOURS,
    ),
    shift_kept(
        2,
        scheduled=2 * HOURS,
        exception=5 * HOURS,
        worked=0,
        break_seconds=HOURS,
        break_exception_seconds=2 * HOURS,
    ),
    shift_kept(3, scheduled=16 * HOURS, exception=4 * HOURS, worked=HOURS, basis="edited", planned_number=2),
]
SHIFTS = {
    "adherence": Row("%↑", 60, 6 * HOURS * MS, 10 * HOURS * MS),
    "adherence_as_edited": Row("%↑", 75, 12 * HOURS * MS, 16 * HOURS * MS),
    "conformance": Row("%↑", 70, 7 * HOURS * MS, 10 * HOURS * MS),
    "break_adherence": Row("%↑", 25, HOURS // 2 * MS, 2 * HOURS * MS),
    "occupancy": Row("%", 75, 3 * HOURS * MS, 4 * HOURS * MS),
}

CAUSES = ["agent"] * 4 + ["management"] * 2 + ["system"] + ["excused"] * 3
SETTLED = [
    settled(0),
    *(settled(n, deviation="absent" if n < 4 else "late", cause=cause) for n, cause in enumerate(CAUSES, start=1)),
    settled(20, scheduled_seconds=0),
]
"""Twelve shifts, one of which nobody had planned: ten that deviated, to three of which nobody came."""
ATTENDANCE = {
    "attendance": Row("%↑", 800 / 11, 8, 11),
    "deviations": Row("#↓", 10, 10, 12),
    "deviations_by_agent": Row("#↓", 4, 4, 12),
    "deviations_without_management": Row("#↓", 8, 8, 12),
    "deviations_without_system": Row("#↓", 9, 9, 12),
    "deviations_without_excused": Row("#↓", 7, 7, 12),
    "deviations?cause=excused": Row("#↓", 3, 3, 3),
}

BOOK: dict[str, tuple[list[Delivery], dict[str, Row]]] = {
    "contacts": (recorded(CALLS), CONTACTS),
    "waits": (recorded(WAITED), WAITS),
    "returns": (recorded([*OF_TWO_CUSTOMERS, contact(99, topic="bill")]), RETURNS),
    "surveys": ([delivery_of(event) for event in ASKED], SURVEYS),
    "clocks": (CLOCKS, OF_CLOCKS),
    "cases": (FIVE_CASES, OF_CASES),
    "handoffs": (HANDOFFS, OF_HANDOFFS),
    "promises": (PROMISES, OF_PROMISES),
    "intakes": (INTAKES, OF_INTAKES),
    "complaints": (COMPLAINTS, OF_COMPLAINTS),
    "changes": (CHANGES, OF_CHANGES),
    "shifts": ([delivery_of(event) for event in KEPT], SHIFTS),
    "attendance": ([delivery_of(event) for event in SETTLED], ATTENDANCE),
}
