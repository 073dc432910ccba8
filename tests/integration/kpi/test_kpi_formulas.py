"""The formulas of the catalogue over HTTP, on figures small enough to reckon by hand."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.cases import SurveyAnswered, SurveyRequested
from shared.contracts.event import Event
from shared.contracts.roster import AdherenceMeasured
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import HOUR, NOON, TEAM, contact, settled
from tests.unit.kpi.test_case_facts import ACCEPTED, REQUESTED, stopped_clock

HOURS = 3600


def shift_kept(number: int, *, scheduled: int, exception: int, worked: int, **more: Any) -> AdherenceMeasured:
    """How far one shift was kept to, in seconds."""
    told: dict[str, Any] = {
        "measure_id": UUID(int=number),
        "attendance_id": UUID(int=number),
        "revision": 1,
        "basis": "in_force",
        "agent_id": UUID(int=9),
        "staff_no": "A001",
        "agent_name": "林晓梅",
        "team_id": TEAM,
        "team_name": "热线一组",
        "zone": "Asia/Shanghai",
        "shift_on": date(2026, 3, 2),
        "shift_code": "早",
        "planned_number": 1,
        "source": "states",
        "outside_seconds": 0,
        "break_seconds": 0,
        "break_exception_seconds": 0,
        "busy_seconds": 0,
        "ready_seconds": 0,
        "intervals": (),
        "measured_at": NOON,
    }
    seconds = {"scheduled_seconds": scheduled, "exception_seconds": exception, "worked_seconds": worked}
    return AdherenceMeasured(**told | seconds | more)


def survey(number: int, **answer: Any) -> Event:
    """A customer was asked, and answered when there is an answer."""
    told = {name: getattr(REQUESTED, name) for name in ("case_id", "number", "case_type", "channel", "summary")}
    told |= {name: getattr(REQUESTED, name) for name in ("quadrant", "zone", "opened_at", "team_id", "team_name")}
    told |= {"survey_id": UUID(int=number), "requested_at": NOON, "expires_at": NOON + HOUR}
    if not answer or "invited" in answer:
        return SurveyRequested(**told | answer)
    return SurveyAnswered(**told, answered_at=NOON, **{"declined": False} | answer)


async def sides(desk: Desk, metric: str, **params: Any) -> tuple[Any, Any, Any]:
    point = await desk.point(metric, **params)
    return point["value"], point["numerator"], point["denominator"]


async def test_adherence_is_what_is_left_of_the_schedule_never_below_nothing(desk: Desk) -> None:
    await desk.hears(
        [
            delivery_of(shift_kept(1, scheduled=8 * HOURS, exception=2 * HOURS, worked=7 * HOURS)),
            delivery_of(shift_kept(2, scheduled=2 * HOURS, exception=5 * HOURS, worked=0)),
        ]
    )
    assert await sides(desk, "adherence") == (60, 6 * HOURS * 1000, 10 * HOURS * 1000)
    assert (await desk.point("conformance"))["value"] == 70


async def test_adherence_is_undefined_where_nothing_is_scheduled(desk: Desk) -> None:
    await desk.hears([delivery_of(shift_kept(1, scheduled=0, exception=0, worked=3 * HOURS))])
    assert (await desk.point("adherence"))["value"] is None
    assert (await desk.point("conformance"))["value"] is None


async def test_a_figure_against_an_edited_roster_stands_beside_the_one_in_force(desk: Desk) -> None:
    in_force = shift_kept(1, scheduled=8 * HOURS, exception=4 * HOURS, worked=4 * HOURS)
    edited = shift_kept(2, scheduled=4 * HOURS, exception=0, worked=4 * HOURS, basis="edited", planned_number=2)
    await desk.hears([delivery_of(in_force), delivery_of(edited)])
    assert (await desk.point("adherence"))["value"] == 50
    assert (await desk.point("adherence_as_edited"))["value"] == 100


async def test_occupancy_is_busy_of_busy_and_ready(desk: Desk) -> None:
    kept = shift_kept(
        1, scheduled=8 * HOURS, exception=0, worked=8 * HOURS, busy_seconds=6 * HOURS, ready_seconds=2 * HOURS
    )
    await desk.hears([delivery_of(kept)])
    assert (await desk.point("occupancy"))["value"] == 75


async def test_attendance_is_of_the_shifts_that_were_planned(desk: Desk) -> None:
    shifts = [
        settled(1),
        settled(2, deviation="late", cause="agent"),
        settled(3, deviation="absent", cause="excused"),
        settled(4, deviation="unscheduled", cause="management", scheduled_seconds=0),
    ]
    await desk.hears([delivery_of(shift) for shift in shifts])
    assert await sides(desk, "attendance") == (200 / 3, 2, 3)
    for caused_by, value in (("management", 2), ("system", 3), ("excused", 2)):
        assert (await desk.point(f"deviations_without_{caused_by}"))["value"] == value


async def test_handle_time_is_talk_hold_and_wrap_up_of_the_handled_whose_talk_is_known(desk: Desk) -> None:
    told = [
        contact(1, talk_seconds=100, hold_seconds=20, wrap_seconds=30),
        contact(2, talk_seconds=50),
        contact(3),
        contact(4, answered=False, talk_seconds=500),
    ]
    await desk.hears(recorded(told))
    assert await sides(desk, "aht") == (100, 200, 2)
    assert await sides(desk, "contacts_handled") == (3, 3, 4)
    assert await sides(desk, "abandon_rate") == (25, 1, 4)


async def test_a_transfer_counts_for_the_agent_who_gave_the_contact_away(desk: Desk) -> None:
    told = [contact(1, transferred=True), contact(2), contact(3, agent="A002"), contact(4, agent="A002")]
    await desk.hears(recorded(told))
    by_agent = {point["group"]["agent"]: point["value"] for point in await desk.points("transfer_out", by="agent")}
    assert by_agent == {"A001": 50, "A002": 0}


async def test_conversion_is_of_the_contacts_that_were_to_bring_something_about(desk: Desk) -> None:
    told = [
        contact(1, converted=True, direction="outbound"),
        contact(2, converted=True),
        contact(3, converted=False),
        contact(4, converted=False, agent="A002"),
        contact(5, converted=True, answered=False),
        contact(6, agent="A003"),
    ]
    await desk.hears(recorded(told))
    assert await sides(desk, "conversion") == (50, 2, 4)
    by_agent = {point["group"]["agent"]: point["value"] for point in await desk.points("conversion", by="agent")}
    assert by_agent == {"A001": 200 / 3, "A002": 0}
    assert (await desk.point("conversion", agent="A003"))["value"] is None
    won = await desk.facts("conversion", side="numerator")
    assert {fact["fact_key"] for fact in won} == {str(UUID(int=1)), str(UUID(int=2))}
    await desk.hears(recorded([contact(3, version=2, converted=True)]))
    assert await sides(desk, "conversion") == (75, 3, 4)


async def test_surveys_say_who_was_invited_who_rated_and_who_would_recommend(desk: Desk) -> None:
    answers = [survey(1), survey(2, rating=5, recommend=10), survey(3, rating=2, recommend=6), survey(4, declined=True)]
    answers += [survey(5, rating=4, recommend=8), survey(6, rating=4, recommend=9)]
    await desk.hears([delivery_of(answer, sequence=2) for answer in answers])
    assert await sides(desk, "invite_rate") == (100, 6, 6)
    assert await sides(desk, "evaluation_rate") == (400 / 6, 4, 6)
    assert await sides(desk, "survey_csat") == (75, 3, 4)
    assert await sides(desk, "survey_rating_mean") == (3.75, 15, 4)
    assert await sides(desk, "nps") == (25, 1, 4)


async def test_first_response_is_told_in_business_and_in_calendar_time(desk: Desk) -> None:
    await desk.hears([delivery_of(stopped_clock(True, seconds=1800))])
    assert await sides(desk, "first_response") == (1800, 1800, 1)
    assert await sides(desk, "first_response_calendar") == (3600, 3600, 1)
    for percent in (50, 90):
        assert (await desk.point(f"first_response_p{percent}"))["value"] == pytest.approx(1800, rel=0.01)
    assert await sides(desk, "sla_attainment", target="first_response") == (100, 1, 1)
    assert (await desk.point("sla_attainment", target="resolution"))["value"] is None


async def test_the_time_to_accept_a_hand_off_is_the_receivers(desk: Desk) -> None:
    await desk.hears([delivery_of(ACCEPTED, sequence=2)])
    [point] = await desk.points("handoff_ack_time", by="agent")
    assert (point["group"]["agent"], point["value"]) == ("B001", 600)
