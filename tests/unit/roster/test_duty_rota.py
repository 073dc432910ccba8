"""The duty rota: exactly one at every instant, against an oracle that walks the clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster.domain.duty import Override, Post, stands
from services.roster.domain.rota import Rota, RotaSlot, flaws, instant, slots_between, turns
from shared.platform.ids import new_id, stable_id

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)

# around the changes of the clocks in 2026 (Berlin and New York), and an ordinary week
WEEKS = (
    date(2026, 3, 27),
    date(2026, 10, 23),
    date(2026, 3, 6),
    date(2026, 10, 30),
    date(2026, 4, 3),
    date(2026, 6, 1),
)


def everybody(staff_no: str, on: date) -> bool:
    return True


def rota(zone: str = "Asia/Shanghai", first: date = date(2026, 3, 2), **more: object) -> Rota:
    made = {"slots": slots_between([time(8), time(20)]), "rotation": ("L1", "L2", "L3"), "rotate": "handover", **more}
    valid_from = instant(first, time(), ZoneInfo(zone))
    return Rota(from_on=first, zone=zone, valid_from=valid_from, **made)  # type: ignore[arg-type]


def oracle(plan: Rota, minutes: int) -> list[str]:
    """Walk the UTC clock. The local clock counts as having reached a time for good: set back, it hands over no more."""
    zone, here = ZoneInfo(plan.zone), plan.valid_from
    reached = datetime.combine(plan.from_on - timedelta(days=1), time())
    order = sorted(slot.starts for slot in plan.slots)
    found = []
    for _ in range(minutes):
        reached = max(reached, here.astimezone(zone).replace(tzinfo=None))
        day, index = reached.date(), 0
        past = [at for at in order if at <= reached.time()]
        if past:
            index = len(past) - 1
        else:
            day, index = day - timedelta(days=1), len(order) - 1
        steps = {
            "handover": (day - plan.from_on).days * len(order) + index,
            "day": (day - plan.from_on).days,
            "week": (day - timedelta(days=day.weekday()) - (plan.from_on - timedelta(days=plan.from_on.weekday()))).days
            // 7,
        }[plan.rotate]
        found.append(plan.rotation[steps % len(plan.rotation)])
        here += MINUTE
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(WEEKS),
    st.sets(st.integers(0, 47), min_size=1, max_size=5),
    st.sampled_from(["handover", "day", "week"]),
    st.integers(1, 4),
)
def test_at_every_minute_exactly_one_has_the_duty_as_the_clock_on_the_wall_says(
    zone: str, first: date, halves: set[int], rotate: str, size: int
) -> None:
    handovers = [time(half // 2, half % 2 * 30) for half in halves]
    rotation = tuple(f"L{number}" for number in range(size))
    plan = rota(zone, first, slots=slots_between(handovers), rotation=rotation, rotate=rotate)
    minutes = 4 * 24 * 60
    end = plan.valid_from + minutes * MINUTE
    found = list(turns(plan, plan.valid_from, end, everybody))
    assert flaws(plan, everybody) == []
    expected = oracle(plan, minutes)
    here, told = plan.valid_from, []
    for turn in found:
        assert turn.starts_at <= here
        while here < min(turn.ends_at, end):
            told.append(turn.staff_no)
            here += MINUTE
    assert told == expected


@pytest.mark.parametrize(
    ("zone", "on", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 29), time(3), "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(3), "2026-10-25T02:00:00+00:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 15), "2026-03-08T07:00:00+00:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 15), "2026-11-01T05:15:00+00:00"),
    ],
)
def test_a_time_that_is_skipped_counts_at_the_jump_and_one_that_comes_twice_at_first(
    zone: str, on: date, at: time, expected: str
) -> None:
    assert instant(on, at, ZoneInfo(zone)).isoformat() == expected


def test_slots_that_leave_hours_open_are_gaps_and_those_that_overlap_are_named_too() -> None:
    open_nights = rota(slots=(RotaSlot(starts=time(8), ends=time(20)),))
    gap = flaws(open_nights, everybody)[1]
    assert (gap.kind, gap.starts_at, gap.ends_at) == (
        "gap",
        datetime(2026, 3, 2, 12, tzinfo=UTC),
        datetime(2026, 3, 3, 0, tzinfo=UTC),
    )
    twice = rota(slots=(RotaSlot(starts=time(8), ends=time(20)), RotaSlot(starts=time(19), ends=time(8))))
    assert {one.kind for one in flaws(twice, everybody)} == {"overlap"}
    weekdays = rota(slots=(RotaSlot(starts=time(0), ends=time(0), weekdays=(1, 2, 3, 4, 5)),))
    weekend = flaws(weekdays, everybody)[0]
    assert weekend.ends_at - weekend.starts_at == timedelta(days=2)


def test_weekend_slots_may_have_their_own_rotation() -> None:
    week = RotaSlot(starts=time(0), ends=time(0), weekdays=(1, 2, 3, 4, 5))
    weekend = RotaSlot(starts=time(0), ends=time(0), weekdays=(6, 7), rotation=("W1", "W2"))
    plan = rota(slots=(week, weekend), rotate="handover")
    found = [turn.staff_no for turn in turns(plan, plan.valid_from, plan.valid_from + timedelta(days=9), everybody)]
    assert found == ["L1", "L2", "L3", "L1", "L2", "W1", "W2", "L3", "L1"]


def test_who_cannot_is_stood_in_for_by_the_next_who_can_and_nobody_is_a_gap() -> None:
    def without_l1(staff_no: str, on: date) -> bool:
        return staff_no != "L1" or on != date(2026, 3, 2)

    plan = rota()
    first, second, *_ = turns(
        plan, plan.valid_from + timedelta(hours=9), plan.valid_from + timedelta(days=1), without_l1
    )
    assert (first.staff_no, second.staff_no) == ("L2", "L2")
    assert flaws(plan, without_l1) == []
    alone = rota(rotation=("L1",))
    [gap] = flaws(alone, without_l1)
    assert (gap.kind, gap.starts_at, gap.ends_at - gap.starts_at) == (
        "gap",
        datetime(2026, 3, 2, 0, tzinfo=UTC),
        timedelta(days=1),
    )


def post(plan: Rota, *more: Rota) -> Post:
    return Post(
        duty_id=new_id(), team_id=None, zone=plan.zone, rotas=(plan, *more), set_by="M", updated_at=plan.valid_from
    )


def override(plan: Rota, number: int, starts: int, length: int) -> Override:
    return Override(
        override_id=stable_id(number),
        duty_id=stable_id("d"),
        kind="override",
        agent_id=stable_id("a", number),
        staff_no=f"O{number}",
        name="",
        starts_at=plan.valid_from + starts * MINUTE,
        ends_at=plan.valid_from + (starts + length) * MINUTE,
        made_by="M",
        made_at=plan.valid_from + number * MINUTE,
    )


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(WEEKS),
    st.lists(st.tuples(st.integers(-600, 4000), st.integers(1, 2000)), max_size=4),
)
def test_with_overrides_too_exactly_one_has_the_duty_at_every_minute(
    zone: str, first: date, spans: list[tuple[int, int]]
) -> None:
    plan = rota(zone, first)
    overrides = [override(plan, number, *span) for number, span in enumerate(spans)]
    minutes = 3 * 24 * 60
    found = stands(post(plan), overrides, plan.valid_from, plan.valid_from + minutes * MINUTE, everybody)
    expected = oracle(plan, minutes)
    here = plan.valid_from
    for minute in range(minutes):
        holding = [one.staff_no for one in found if one.starts_at <= here < one.ends_at]
        laid = [one.staff_no for one in overrides if one.starts_at <= here < one.ends_at]
        assert holding == [laid[-1] if laid else expected[minute]]
        here += MINUTE


def test_a_new_rota_holds_from_its_beginning_and_the_old_one_stays_history() -> None:
    old = rota()
    new = rota(first=date(2026, 3, 4), rotation=("N1",))
    both = post(old, new)
    days = [old.valid_from + timedelta(days=number, hours=12) for number in range(4)]
    found = [stands(both, [], at, at + MINUTE, everybody)[0].staff_no for at in days]
    assert found == ["L1", "L3", "N1", "N1"]
